"""units.csv -> names, panels and states of planned units.

The n-th row of an order is the order's n-th unit. A file that begins an order anew (its first row for the order says what
was recorded for the order's first unit) restates it: rows recorded before are passed over, rows behind them are new, and a
unit whose row was withdrawn takes another one. Otherwise its rows go on behind the last one recorded. A serial number is
unique per product.
"""

from hashlib import sha256
from itertools import groupby

from pyroaring import BitMap

from asbuilt.built.production.events import UNIT
from asbuilt.built.production.holes import recompute_holes
from asbuilt.built.production.orders import SERIAL, Orders, products_of, serials_named
from asbuilt.built.production.states import BUILT, PLANNED, SCRAPPED, SKIPPED
from asbuilt.built.production.stating import StateWriter
from asbuilt.formats.nearest import did_you_mean
from asbuilt.ledger.facts import facts_of_units, standing
from asbuilt.ledger.intake import KnownTexts, TableIntake, _encode
from asbuilt.storage import bulk, reading

STATES = {"": BUILT, "built": BUILT, "planned": PLANNED, "skipped": SKIPPED, "scrapped": SCRAPPED}
UNNAMED = "-"


class _Place:
    """Where the rows of one order go on."""

    def __init__(self, order, stated: int):
        self.order = order
        self.stated = stated  # rows recorded before this file
        self.next = stated + 1
        self.restating = False


class UnitsIntake(TableIntake):
    """Names units, puts them on panels, states whether they were built."""

    table = "units"
    shape = UNIT

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.places: dict[str, _Place] = {}
        self.before = KnownTexts(self.tenant, UNIT, self.entry.number)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.panel: list = []  # the open panel: code, first, until, positions
        self.closed: list[tuple] = []

    def take(self, lines, rows):
        """Rows of one order in a row are taken together."""
        start = 0
        for code, run in groupby(rows, key=lambda row: row[0]):
            count = sum(1 for _ in run)
            place = self._place(lines[start], code, rows[start : start + count])
            if place:
                self._take_order(place, lines[start : start + count], rows[start : start + count])
            start += count
        self._write_panels()

    def _place(self, line: int, code: str, rows) -> _Place | None:
        if code in self.places:
            return self.places[code]
        order = self.orders.by_code(code)
        if order is None:
            known = [
                text for (text,) in reading.fetch("SELECT code FROM production_order WHERE tenant = %s", (self.tenant,))
            ]
            remedy = did_you_mean(code, known) or "Add the order to orders.csv first."
            return self.wrong(line, "order", code, "production.order_unknown", f"There is no order {code}.", remedy)
        place = self.places[code] = _Place(order, self.stated(order))
        if place.stated:
            place.restating = self._restates(place, rows)
            place.next = 1 if place.restating else place.stated + 1
        return place

    def _restates(self, place: _Place, rows) -> bool:
        """Whether these rows begin the order anew. Where the first unit's row was withdrawn, the others tell."""
        first = place.order.unit_at(1)
        if self._said_before(first, rows[0]):
            return True
        if self._standing([first]):
            return False
        behind = (place.order.unit_at(number) for number in range(2, len(rows) + 1))
        full = place.stated == place.order.quantity
        return full or any(self._said_before(unit, row) for unit, row in zip(behind, rows[1:], strict=True) if unit)

    def _said_before(self, unit: int, row: tuple) -> bool:
        text = _encode([unit, *row]).encode()
        return any(text in texts for texts in self.before.over(unit, unit + 1))

    def _standing(self, units) -> BitMap:
        """Those of the units of which a row stands."""
        if not units:
            return BitMap()
        facts = facts_of_units(self.tenant, units[0], units[-1] + 1, [UNIT.name])
        return BitMap(fact.values[0] for fact, _ in standing(self.tenant, facts))

    def stated(self, order) -> int:
        """How many units of the order have a row recorded before. Rows are stated in order, so the last one tells."""
        place = self._bound(order, order.blocks[-1][1])
        while place:
            unit = order.unit_at(place)
            head = f"[{unit},".encode()
            sets = self.before.over(unit, unit + 1)
            if any(text.startswith(head) for texts in sets for text in texts):
                return place
            # a segment may speak of several orders; its bound is exact for the order it ends in, so look at its texts,
            # and at the segments that end before
            numbers = [int(text[1 : text.index(b",")]) for texts in sets for text in texts]
            below = [found for found in map(order.place_of, numbers) if found and found < place]
            place = max([self._bound(order, unit), *below])
        return 0

    def _bound(self, order, end: int) -> int:
        """The last place of the order that a segment which ends by unit `end`, or after all of the order, may speak of."""
        after = order.blocks[-1][1]
        sql = (
            "SELECT max(high_unit) FROM ledger_segment WHERE tenant = %s AND shape = %s AND low_unit < %s AND high_unit > %s"
            " AND entry < %s" + (" AND high_unit <= %s" if end < after else "")
        )
        last = 0
        for first, until in order.blocks:
            more = (end,) if end < after else ()
            high = reading.fetch_one(sql, (self.tenant, UNIT.name, until, first, self.entry.number, *more))[0]
            if high:
                last = order.place_of(min(high, until) - 1)
        return last

    def _take_order(self, place: _Place, lines, rows):
        order = place.order
        room = order.quantity - place.next + 1
        for line, row in list(zip(lines, rows, strict=True))[max(room, 0) :]:
            reason = f"Order {order.code} has {order.quantity} units; this row would be one more."
            remedy = "Correct the quantity in orders.csv, or move the row to its own order."
            self.wrong(line, "order", row[1], "production.order_full", reason, remedy)
        lines, rows = lines[: max(room, 0)], rows[: max(room, 0)]
        units = [order.unit_at(place.next + n) for n in range(len(rows))]
        place.next += len(rows)
        if place.restating and rows:
            lines, rows, units = self._skip_known(place, lines, rows, units)
        if rows:
            self._write(order, lines, rows, units)

    def _skip_known(self, place: _Place, lines, rows, units):
        known = self.before.over(units[0], units[-1] + 1)
        stated = place.order.unit_at(place.stated)
        left = []
        said = [
            any(_encode([unit, *row]).encode() in texts for texts in known)
            for row, unit in zip(rows, units, strict=True)
        ]
        other = [unit for unit, before in zip(units, said, strict=True) if not before and unit <= stated]
        stands = self._standing(other)
        for line, row, unit, before in zip(lines, rows, units, said, strict=True):
            if before and unit <= stated:
                self.known += 1
            elif unit not in stands:
                left.append((line, row, unit))
            else:
                number = place.order.place_of(unit)
                self.contradicts(
                    line, "serial", row[1], f"{place.order.code}#{number} was recorded before with other content."
                )
        return ([x[n] for x in left] for n in range(3))

    def _write(self, order, lines, rows, units):
        taken = self._refuse_doubled(order, lines, rows, units)
        entry, tenant = self.entry.number, self.tenant
        names, texts, ids = [], [], []
        for unit, row in taken:
            cells = _encode(row)
            texts.append(f"[{unit},{cells[1:]}".encode())
            ids.append(sha256(f'["units",{cells[1:]}'.encode()).digest()[:8])
            if row[1] != UNNAMED:
                names.append((tenant, unit, SERIAL, row[1], entry))
            if row[2] or self.panel:
                self._on_panel(unit, row[2], row[3])
            self.states.state(unit, STATES[row[4]])
        bulk.insert_rows("production_unit_name", ("tenant", "unit", "kind", "value", "entry"), names)
        if taken:
            self.commit(texts, ids, taken[0][0], taken[-1][0] + 1)

    def _refuse_doubled(self, order, lines, rows, units):
        serials = [row[1] for row in rows if row[1] != UNNAMED]
        held = self._held_by_product(order.product, serials)
        # a unit that was numbered before it was stated keeps its number: the row says the same again
        own = {row[1]: unit for row, unit in zip(rows, units, strict=True) if held.get(row[1]) == unit}
        held = {serial: unit for serial, unit in held.items() if serial not in own}
        if not held and len(set(serials)) == len(serials) and "" not in serials:
            return list(zip(units, rows, strict=True))
        return self._name_doubled(lines, rows, units, held)

    def _held_by_product(self, product: int, serials) -> dict[str, int]:
        """Those of the serial numbers that units of the product have already, with the unit."""
        sql = f"SELECT n.value, n.unit FROM {serials_named('n')}"
        found = reading.fetch(sql, (reading.list_param(serials), self.tenant)) if serials else []
        of = products_of(self.tenant, [unit for _, unit in found]) if found else {}
        return {value: unit for value, unit in found if of.get(unit) == product}

    def _name_doubled(self, lines, rows, units, held):
        seen: dict[str, int] = {}
        taken = []
        for line, row, unit in zip(lines, rows, units, strict=True):
            serial = row[1]
            if serial in seen:
                reason = f"Serial number {serial} stands on line {seen[serial]} too."
                self.wrong(
                    line, "serial", serial, "production.serial_doubled", reason, "Give each unit its own number."
                )
            elif serial in held and serial != UNNAMED:
                self._held(line, serial, held[serial])
            else:
                if serial != UNNAMED:
                    seen[serial] = line
                taken.append((unit, row))
        return taken

    def _held(self, line: int, serial: str, unit: int) -> None:
        holder = self.orders.of_unit(unit)
        said = f"{holder.code}#{holder.place_of(unit)}" if holder else f"unit {unit}"
        sql = "SELECT entry FROM production_unit_name WHERE tenant = %s AND unit = %s AND value = %s AND until_entry IS NULL"
        if reading.fetch_one(sql, (self.tenant, unit, serial))[0] == self.entry.number:
            reason = f"Serial number {serial} stands in this file for {said} too."
            self.wrong(line, "serial", serial, "production.serial_doubled", reason, "Give each unit its own number.")
        else:
            self.contradicts(line, "serial", serial, f"Serial number {serial} belongs to {said}.")

    def _on_panel(self, unit: int, code: str, position: str) -> None:
        if self.panel and (self.panel[0] != code or self.panel[2] != unit):
            self._close_panel()
        if not code:
            return
        if not self.panel:
            self.panel = [code, unit, unit, []]
        self.panel[2] = unit + 1
        self.panel[3].append(position)

    def _close_panel(self) -> None:
        code, first, until, positions = self.panel
        plain = positions == [str(n + 1) for n in range(until - first)]
        row = (self.tenant, first, until, code, None if plain else "\n".join(positions), self.entry.number)
        self.closed.append(row)
        self.panel = []

    def finish(self):
        if self.panel:
            self._close_panel()
        self._write_panels()
        self.states.finish()
        for place in self.places.values():
            recompute_holes(self.tenant, place.order)

    def _write_panels(self) -> None:
        columns = ("tenant", "first_unit", "until_unit", "code", "positions", "entry")
        bulk.insert_rows("production_panel", columns, self.closed)
        self.closed = []
