"""The material on a few units: runs over them, what was replaced, where the record has holes, what the packages and lots are.

It is of one record and moment, so of all readers and all questions that are asked of the same units: the holds' questions, vulnerabilities of parts,
what was not approved. Each kind is read when one of them first asks for it, and once.
"""

from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.meetings import meetings_of_orders
from asbuilt.built.supply.queries import with_lot
from asbuilt.kernel.spans import packed_holds, unpack
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading
from asbuilt.storage.once import once

ONE_BY_ONE_MAX = 50  # so many units are looked for in a stored set one by one sooner than it is opened


class PackageOn(NamedTuple):
    """A package on one of the units: its part, lot and what the lot says; `status` is that of lots.csv, `of_part` the part of its lot."""

    part: int
    lot: int
    lot_code: str
    date_code: str
    supplier: int | None
    code: str
    status: str
    of_part: int
    mpn: str
    maker: str


class FewMaterial:
    """What lies on these units as the record of this view has it."""

    def __init__(self, view: View, units: BitMap):
        self.view, self.units = view, units
        self._packages_by: dict[str, dict[object, list[int]]] = {}

    @cached_property
    def spans(self) -> tuple:
        """Where rows of single units are looked for: unit by unit, or from the first to the last in each block where that is hardly more."""
        reaches = self.view.spans_over(self.units)
        if sum(until - low for low, until in reaches) <= 2 * len(self.units):
            return reading.integer_rows(reaches)
        return reading.integer_rows((unit, unit + 1) for unit in self.units)

    @cached_property
    def orders(self) -> list[int]:
        """The orders of the units."""
        return sorted({block.order for block, _, _ in self.view.reaches(self.units)})

    @once
    def runs(self) -> list[tuple]:
        """Material runs over the units: order, group, first, until, package, certain, units, growth, machine, feeder. One statement."""
        blocks = self.view.reaches(self.units)
        wanted = [(block.order, low, until) for block, low, until in blocks]
        columns = 'r.work_order, r."group", r.first_unit, r.until_unit, r.package, r.certain, r.units, r.growth, r.machine, r.feeder'
        over = "r.tenant = %s AND r.work_order = s.work_order AND r.first_unit < s.until_unit AND r.until_unit > s.low"
        named = reading.integers_table("s", "work_order", "low", "until_unit")
        sql = (
            f"SELECT {columns} FROM {named} {reading.each('r', 'production_material_run', over + self.view.seen('r'))}"
        )
        rows = reading.fetch(sql, (*reading.integer_rows(wanted), self.view.tenant)) if wanted else []
        if (
            len(self.units) == 1
        ):  # what the gate asks, of some hundred runs; those that hold all their units lie over it
            (unit,) = self.units
            return [row for row in rows if row[6] is None or packed_holds(row[2], row[6], unit)]
        return [row for row in rows if _reaches(self.units, *row[2:4], row[6])]

    @once
    def meetings(self) -> list[tuple[int, int, int]]:
        """(order, group, group that shares a position with it) of the orders of the units. One statement."""
        return list(meetings_of_orders(self.view.tenant, set(self.orders)))

    @once
    def replacements(self) -> list[tuple]:
        """(unit, position, removed, installed, when, entry) on the units. One statement where there is one."""
        columns = "t.unit, t.refdes, t.removed, t.installed, t.happened_at, t.entry"
        return self.of_units(columns, "production_replacement") if self.replaced else []

    @property
    def replaced(self) -> BitMap:
        """Units on which something was replaced."""
        return self._marred[0]

    @property
    def holes(self) -> list[tuple]:
        """(first, until, units, order, group, part) where a position of one of the units has no run that is sure."""
        return self._marred[1]

    @once
    def _marred(self) -> tuple[BitMap, list[tuple]]:
        """(units on which something was replaced, holes over the units). One statement."""
        orders = reading.list_param(self.orders)
        there = "r.tenant = %s AND r.unit >= s.first_unit AND r.unit < s.until_unit" + self.view.seen("r")
        sql = (
            f"SELECT 0, r.unit, NULL, 0, 0, 0 FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', there)} "
            'UNION ALL SELECT h.first_unit, h.until_unit, h.units, h.work_order, h."group", h.part FROM production_material_hole h '
            "WHERE h.tenant = %s AND h.first_unit <= %s AND h.until_unit > %s AND "
        ) + reading.any_of("h.work_order")
        ends = (self.units.max(), self.units.min()) if self.units else ()
        rows = (
            reading.fetch(sql, (*self.spans, self.view.tenant, self.view.tenant, *ends, orders)) if self.units else []
        )
        holes = [row for row in rows if row[0]]
        replaced = BitMap(row[1] for row in rows if not row[0]) & self.units
        return replaced, [row for row in holes if _reaches(self.units, *row[:3])]

    @once
    def touching(self) -> frozenset[int]:
        """Packages that lie on the units by a run, or went in or came out. Two statements at once."""
        reading.at_once(lambda: self.runs, lambda: self._marred)
        found = {row[4] for row in self.runs}
        for _, _, removed, installed, *_ in self.replacements:
            found |= {removed, installed}
        return frozenset(found - {None})

    @once
    def packages(self) -> dict[int, PackageOn]:
        """Those packages that stand. One statement."""
        sql = (
            "SELECT p.number, p.part, p.lot, l.lot_code, l.date_code, p.supplier, p.code, p.status, l.part, l.mpn, l.maker "
            f"FROM supply_package p {with_lot()} WHERE p.tenant = %s AND {reading.any_of('p.number')}{self.view.seen('p')}"
        )
        rows = (
            reading.fetch(sql, (self.view.tenant, reading.list_param(sorted(self.touching)))) if self.touching else []
        )
        return {row[0]: PackageOn._make(row[1:]) for row in rows}

    def packages_by(self, attribute: str) -> dict[object, list[int]]:
        """Those packages by a field of PackageOn, each once: each of the held questions looks its names up here."""
        found = self._packages_by.get(attribute)
        if found is None:
            found = self._packages_by[attribute] = {}
            place = PackageOn._fields.index(attribute)
            for number, one in self.packages.items():
                if one[place] in found:
                    found[one[place]].append(number)
                else:
                    found[one[place]] = [number]
        return found

    def packages_of_lots_without(self, attribute: str) -> frozenset[int]:
        """Those of a lot of which this text is not known."""
        return frozenset(self.packages_by(attribute).get("", ()))

    @once
    def parts(self) -> frozenset[int]:
        """Parts that positions of the units admit: of the BOMs of their orders, and where there are holes. One statement."""
        sql = (
            "SELECT DISTINCT l.part FROM catalog_bom_line l WHERE l.tenant = %s AND l.bom IN (SELECT b.bom FROM production_block b "
            f"WHERE b.tenant = %s AND {reading.any_of('b.work_order')}{self.view.seen('b')}){self.view.seen('l')}"
        )
        params = (self.view.tenant, self.view.tenant, reading.list_param(self.orders))
        rows = reading.fetch(sql, params) if self.orders else []
        return frozenset(part for (part,) in rows) | {hole[5] for hole in self.holes}

    @once
    def whole(self) -> bool:
        """Whether the record of the units' material has no hole: nothing was replaced, no run is missing, each package stands. Then what is
        silent need not be looked for. Three statements."""
        return not self.replaced and not self._marred[1] and len(self.packages) == len(self.touching)

    def of_units(self, columns: str, table: str, more: str = "") -> list[tuple]:
        """Rows of a table (`t`) that speak of one unit each, which is the first column. One statement."""
        there = f"t.tenant = %s AND t.unit >= s.first_unit AND t.unit < s.until_unit{self.view.seen('t')}"
        sql = f"SELECT {columns} FROM {reading.spans_table('s')} {reading.each('t', table, there)}{more}"
        rows = reading.fetch(sql, (*self.spans, self.view.tenant)) if self.units else []
        return [row for row in rows if row[0] in self.units]


def material_on(view: View, units: BitMap) -> FewMaterial:
    """The material on these units, with what anybody read of it for this record and moment."""
    found = next((one for one in view.material_read if one.units == units), None)
    if found is None:
        found = FewMaterial(view, units)
        view.material_read.append(found)
    return found


def _reaches(units: BitMap, first: int, until: int, packed: bytes | None) -> bool:
    """Whether a stored run holds one of the units."""
    mine = (
        units & BitMap(range(first, until))
        if until - first > len(units)
        else BitMap(u for u in units if first <= u < until)
    )
    if not mine or packed is None:
        return bool(mine)
    if len(mine) <= ONE_BY_ONE_MAX:
        return any(packed_holds(first, bytes(packed), unit) for unit in mine)
    return not mine.isdisjoint(unpack(first, until, packed))
