"""Spans of units as tables write them: an order, a first and a last serial number along its axis, both included."""

from collections.abc import Iterable, Sequence

from asbuilt.built.production.orders import OrderRow, Orders, UnitFinder, products_of
from asbuilt.designed.catalog.queries import product_number
from asbuilt.formats.nearest import did_you_mean
from asbuilt.storage import reading


class SpanReader:
    """Resolves `order, first_serial, last_serial, product` of many rows at once and names what is wrong with them."""

    nearest = staticmethod(did_you_mean)

    def __init__(self, intake, orders: Orders | None = None):
        self.intake = intake
        self.tenant = intake.tenant
        self.orders = orders or Orders(self.tenant)
        self.finder = UnitFinder(self.tenant, self.orders)
        self.order_codes: list[str] | None = None

    def resolve(self, rows: Sequence[tuple[str, str, str, str]]) -> list[tuple]:
        """For each (order, first, last, product): the units that first and last may name."""
        found = self.finder.find({text for row in rows for text in row[1:3]})
        return [(found[first], found[last], product) for _, first, last, product in rows]

    def order(self, line: int, code: str) -> OrderRow | None:
        """The order, or a named mistake."""
        order = self.orders.by_code(code)
        if order is None:
            if self.order_codes is None:
                sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
                self.order_codes = [row[0] for row in reading.fetch(sql, (self.tenant,))]
            remedy = did_you_mean(code, self.order_codes) or "Add the order to orders.csv first."
            self.intake.wrong(line, "order", code, "production.order_unknown", f"There is no order {code}.", remedy)
        return order

    def check(self, line: int, order: OrderRow, first: str, last: str, found: tuple) -> tuple[int, int] | None:
        """The half-open span of a row inside its order, or None after naming what is wrong."""
        ends = []
        for column, text, units in (("first_serial", first, found[0]), ("last_serial", last, found[1])):
            inside = [unit for unit in units if order.place_of(unit)]
            if len(inside) != 1:
                return self._name_end(line, order, column, text, units)
            ends.append(inside[0])
        if ends[1] < ends[0]:
            reason = f"The span runs backwards: {first} is {order.code}#{order.place_of(ends[0])}, "
            reason += f"{last} is {order.code}#{order.place_of(ends[1])}."
            remedy = "Give the first unit along the order first."
            return self.intake.wrong(line, "last_serial", last, "production.span_backwards", reason, remedy)
        if not order.holds(ends[0], ends[1] + 1):
            reason = f"The span from {first} to {last} leaves the units of {order.code}."
            remedy = "Give one row for each block of the order."
            return self.intake.wrong(line, "last_serial", last, "production.span_outside_order", reason, remedy)
        return ends[0], ends[1] + 1

    def _name_end(self, line: int, order: OrderRow, column: str, text: str, units: Iterable[int]) -> None:
        units = list(units)
        if not text:
            code, reason, remedy = "production.serial_missing", "A serial number is missing.", "Write it, or ORDER#17."
        elif units:
            code = "production.serial_outside_order"
            reason = f"{text} is not in {order.code}, which has {order.quantity} units."
            remedy = "Give a serial number of this order, or move the row to its own order."
        else:
            code, reason = "production.serial_unknown", f"There is no unit {text}."
            remedy = self.near_serial(text, order)
        self.intake.wrong(line, column, text, code, reason, remedy)

    def near_serial(self, text: str, order: OrderRow | None = None) -> str:
        """The nearest known serial numbers, as a remedy."""
        sql = (
            "SELECT value FROM production_unit_name WHERE tenant = %s AND value >= %s AND kind = 0 "
            "AND until_entry IS NULL ORDER BY value LIMIT 20"
        )
        known = [row[0] for row in reading.fetch(sql, (self.tenant, text[: max(1, len(text) - 2)]))]
        hint = f" Units without one are written {order.code}#1 to {order.code}#{order.quantity}." if order else ""
        return (did_you_mean(text, known) or "Name the unit in units.csv first.") + hint


class UnitReader:
    """Resolves one serial column (and its optional product column) of many rows at once."""

    def __init__(self, intake, orders: Orders | None = None):
        self.intake = intake
        self.tenant = intake.tenant
        self.spans = SpanReader(intake, orders)

    def resolve(
        self, lines: Sequence[int], column: str, texts: Sequence[str], products: Sequence[str]
    ) -> list[int | None]:
        """A unit for each row, None where a mistake was named."""
        found = self.spans.finder.find(texts)
        several = {unit for units in found.values() if len(units) > 1 for unit in units}
        of = products_of(self.tenant, several)
        out: list[int | None] = []
        for line, text, product in zip(lines, texts, products, strict=True):
            units = found[text]
            if len(units) > 1 and product:
                number = product_number(self.tenant, product)
                units = tuple(unit for unit in units if of.get(unit) == number)
            out.append(units[0] if len(units) == 1 else self._name(line, column, text, units))
        return out

    def _name(self, line: int, column: str, text: str, units: tuple[int, ...]) -> None:
        if not text:
            reason, remedy = "A serial number is missing.", "Write the unit's serial number, or ORDER#17."
            return self.intake.wrong(line, column, text, "production.serial_missing", reason, remedy)
        if not units:
            remedy = self.spans.near_serial(text)
            return self.intake.wrong(
                line, column, text, "production.serial_unknown", f"There is no unit {text}.", remedy
            )
        orders = self.spans.orders
        said = ", ".join(
            f"{order.code}#{order.place_of(unit)}" for unit in units[:5] if (order := orders.of_unit(unit))
        )
        reason = f"{text} names {len(units)} units: {said}."
        remedy = "Add a column product that says which, or write ORDER#17."
        return self.intake.wrong(line, column, text, "production.serial_ambiguous", reason, remedy)
