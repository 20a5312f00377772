"""Work orders and units by what people call them.

A unit is written by its serial number, as `ORDER#17` (its place in the order) or as `PANEL/3`. A serial number that stands
exactly so wins over the two forms, because codes may hold `#` and `/` themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage import reading

SERIAL = 0

# names `n` of a unit as they were given: that of units.csv first, the one that is its own now last
AS_GIVEN = "n.from_at IS NOT NULL, n.from_at, n.entry, n.value"


@dataclass(frozen=True)
class OrderRow:
    """A work order as intake and questions need it; `blocks` are its spans in order of place, `quantity` all their units."""

    number: int
    code: str
    quantity: int
    product: int
    revision: int
    bom: int
    blocks: tuple[tuple[int, int], ...]

    def unit_at(self, place: int) -> int | None:
        """The unit at this place (1 is the first), or None."""
        for first, until in self.blocks:
            if place <= until - first:
                return first + place - 1 if place > 0 else None
            place -= until - first
        return None

    def place_of(self, unit: int) -> int | None:
        """The place of a unit in this order, or None."""
        before = 0
        for first, until in self.blocks:
            if first <= unit < until:
                return before + unit - first + 1
            before += until - first
        return None

    def spans_between(self, first: int, last: int) -> list[tuple[int, int]]:
        """The units from place `first` to place `last`, both included, a span a block."""
        found, before = [], 0
        for low, until in self.blocks:
            span = (max(low + first - before - 1, low), min(low + last - before, until))
            if span[0] < span[1]:
                found.append(span)
            before += until - low
        return found

    def holds(self, first: int, until: int) -> bool:
        """Whether the span lies inside one block of the order."""
        return any(low <= first and until <= high for low, high in self.blocks)


def _stands(as_of: int | None, *names: str) -> str:
    """` AND …` for rows under these names that stand, or stood at an entry."""
    if as_of is None:
        return "".join(f" AND {name}.until_entry IS NULL" for name in names)
    at = int(as_of)
    return "".join(f" AND {n}.entry <= {at} AND ({n}.until_entry IS NULL OR {n}.until_entry > {at})" for n in names)


def _of_unit(as_of: int | None) -> str:
    return (
        "(SELECT b.work_order FROM production_block b WHERE b.tenant = %s AND b.first_unit <= %s AND b.until_unit > %s"
        f"{_stands(as_of, 'b')} ORDER BY b.first_unit DESC LIMIT 1)"
    )


OF_UNIT = _of_unit(None)
"""The number of the order of a unit, as a subquery: its parameters are the tenant and twice the unit."""


class Orders:
    """Work orders by code, number and unit, read once each; as of entry `as_of` where given."""

    def __init__(self, tenant: int, as_of: int | None = None):
        self.tenant = tenant
        self.as_of = as_of
        self._by_code: dict[str, OrderRow | None] = {}

    def by_code(self, code: str) -> OrderRow | None:
        """The order with this code, or None. One statement the first time."""
        if code not in self._by_code:
            self._by_code[code] = self._read("o.code = %s", code)
        return self._by_code[code]

    def forget(self, code: str) -> None:
        """Read the order anew next time: it was opened meanwhile."""
        self._by_code.pop(code, None)

    def of_unit(self, unit: int) -> OrderRow | None:
        """The order whose block holds the unit, or None. One statement, none where the order was read before."""
        for order in self._by_code.values():
            if order and any(first <= unit < until for first, until in order.blocks):
                return order
        order = self._read(f"o.number = {_of_unit(self.as_of)}", self.tenant, unit, unit)
        if order:
            self._by_code[order.code] = order
        return order

    def _read(self, condition: str, *values) -> OrderRow | None:
        sql = (
            "SELECT o.number, o.code, b.product, b.revision, b.bom, b.first_unit, b.until_unit "
            "FROM production_order o JOIN production_block b ON b.tenant = o.tenant AND b.work_order = o.number "
            f"WHERE o.tenant = %s AND {condition}{_stands(self.as_of, 'o', 'b')} ORDER BY b.first_unit"
        )
        rows = reading.fetch(sql, (self.tenant, *values))
        if not rows:
            return None
        number, code, product, revision, bom = rows[0][:5]
        blocks = tuple(row[5:7] for row in rows)
        quantity = sum(until - first for first, until in blocks)
        return OrderRow(number, code, quantity, product, revision, bom, blocks)


def serials_named(name: str) -> str:
    """A table expression: the standing serial numbers (rows of unit names) in a list; parameters are list and tenant.

    One look into the index a text. `value = ANY(list)` lets PostgreSQL read the whole table for each chunk of a large file.
    """
    listed = (
        "(SELECT value FROM json_each(%s)) AS s" if reading.vendor() == "sqlite" else "unnest(%s::text[]) AS s(value)"
    )
    condition = f"{name}.tenant = %s AND {name}.value = s.value AND {name}.kind = 0 AND {name}.until_entry IS NULL"
    return f"{listed} {reading.each(name, 'production_unit_name', condition)}"


class UnitFinder:
    """Units by what a serial column says, many at a time."""

    def __init__(self, tenant: int, orders: Orders | None = None):
        self.tenant = tenant
        self.orders = orders or Orders(tenant)

    def find(self, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Each text -> the units it names (none, one, or several: of several products). A statement per 5,000 texts."""
        wanted = list(dict.fromkeys(texts))
        found: dict[str, tuple[int, ...]] = {}
        sql = f"SELECT n.value, n.unit FROM {serials_named('n')}"
        for start in range(0, len(wanted), 5000):
            part = wanted[start : start + 5000]
            for value, unit in reading.fetch(sql, (reading.list_param(part), self.tenant)):
                # units.csv and names.csv may both say the same of a unit
                if unit not in found.setdefault(value, ()):
                    found[value] = (*found[value], unit)
        for text in wanted:
            if text not in found:
                found[text] = self.by_form(text)
        return found

    def by_form(self, text: str) -> tuple[int, ...]:
        """The units that a text names which is no serial number: ORDER#17, PANEL/3; as of the entry of its orders. One statement."""
        head, mark, tail = text.rpartition("#")
        if mark and tail.isascii() and tail.isdigit():
            order = self.orders.by_code(head)
            unit = order.unit_at(int(tail)) if order and len(tail) < 10 else None
            if unit is not None:
                return (unit,)
        head, mark, tail = text.rpartition("/")
        return self._on_panel(head, tail) if mark else ()

    def _on_panel(self, code: str, position: str) -> tuple[int, ...]:
        sql = (
            "SELECT t.first_unit, t.until_unit, t.positions FROM production_panel t WHERE t.tenant = %s AND t.code = %s"
            f"{_stands(self.orders.as_of, 't')} ORDER BY t.first_unit"
        )
        units: list[int] = []
        for first, until, positions in reading.fetch(sql, (self.tenant, code)):
            names = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
            units.extend(first + place for place, name in enumerate(names) if name == position)
        return tuple(units)


def one_unit(tenant: int, text: str) -> int:
    """The unit that a scanned or typed code names: a serial number or another name, ORDER#17, PANEL/3.

    NotFound where nothing has it, Invalid where it names several units.
    """
    finder = UnitFinder(tenant)
    found = finder.find([text])[text] or tuple(_by_any_name(tenant, text))
    if len(found) == 1:
        return found[0]
    orders = finder.orders
    places = [f"{order.code}#{order.place_of(unit)}" for unit in found[:5] if (order := orders.of_unit(unit))]
    if not found:
        facts = {"field": "unit", "value": text[:80]}
        raise NotFound("production.serial_unknown", f"There is no unit {text[:80]}.", facts, "Scan it again.")
    facts = {"field": "unit", "units": places}
    raise Invalid(
        "production.serial_ambiguous",
        f"{text[:80]} names {len(found)} units.",
        facts,
        f"Say which: {' or '.join(places)}.",
    )


def _by_any_name(tenant: int, text: str) -> list[int]:
    sql = "SELECT DISTINCT unit FROM production_unit_name WHERE tenant = %s AND value = %s AND until_entry IS NULL ORDER BY unit"
    return [unit for (unit,) in reading.fetch(sql, (tenant, text))]


def serial_of(tenant: int, unit: int) -> str | None:
    """The serial number that a unit has now, the last one given; None where it has none. One statement."""
    sql = (
        "SELECT n.value FROM production_unit_name n WHERE n.tenant = %s AND n.unit = %s AND n.kind = 0 "
        f"AND n.until_entry IS NULL ORDER BY {AS_GIVEN}"
    )
    rows = reading.fetch(sql, (tenant, unit))
    return rows[-1][0] if rows else None


def products_of(tenant: int, units: Iterable[int]) -> dict[int, int]:
    """Unit -> product. One statement."""
    listed = sorted(set(units))
    if not listed:
        return {}
    sql = (
        "SELECT first_unit, until_unit, product FROM production_block WHERE tenant = %s AND first_unit <= %s "
        "AND until_unit > %s AND until_entry IS NULL ORDER BY first_unit"
    )
    blocks = reading.fetch(sql, (tenant, listed[-1], listed[0]))
    found, place = {}, 0
    for unit in listed:
        while place < len(blocks) and blocks[place][1] <= unit:
            place += 1
        if place < len(blocks) and blocks[place][0] <= unit:
            found[unit] = blocks[place][2]
    return found


def cut_at_blocks(tenant: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, none of which leaves its block: readers rely on it to find rows by where they begin. One statement."""
    spans = sorted(spans)
    if not spans:
        return []
    sql = (
        "SELECT first_unit, until_unit FROM production_block WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL ORDER BY first_unit"
    )
    blocks = reading.fetch(sql, (tenant, max(until for _, until in spans), spans[0][0]))
    cut, place = [], 0
    for first, until in spans:
        while place < len(blocks) and blocks[place][1] <= first:
            place += 1
        for low, high in blocks[place:]:
            if low >= until:
                break
            cut.append((max(first, low), min(until, high)))
    return cut


def named_spans(tenant: int, spans: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """The first and last unit of these spans as ORDER#n, cut where an order's block ends."""
    orders, named = Orders(tenant), []
    for first, until in cut_at_blocks(tenant, spans):
        order = orders.of_unit(first)
        named.append(tuple(f"{order.code}#{order.place_of(unit)}" for unit in (first, until - 1)))
    return named
