"""Withdrawing material facts: what the facts that still stand say of the order decides what its runs keep.

Several facts make one run, and several may say the same of a unit; so a run loses a unit only when no standing fact says
it any more. A changed run is closed and what is left of it stands anew from that entry on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyroaring import BitMap

from asbuilt.built.production.events import MATERIAL
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.runs import COLUMNS, Run, row_of, runs_of_order
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of, unpack
from asbuilt.ledger.facts import FactRow, facts_of_units, standing
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

Place = tuple[int, int, int]  # group, package, certain
_CLOSE = (
    'UPDATE production_material_run SET until_entry = %s WHERE tenant = %s AND work_order = %s AND "group" = %s '
    "AND first_unit = %s AND package = %s AND certain = %s AND entry = %s"
)


class _Reader:
    """Material facts as runs say them: numbers in place of names."""

    def __init__(self, tenant: int):
        self.groups, self.floor = PositionGroups(tenant), FloorNames(tenant)
        self.packages = PackageFinder(tenant)

    def place(self, fact: FactRow) -> Place:
        """Group, package and certainty of a fact."""
        _, _, _, refdes, code, certainty, *_ = fact.values
        package = self.packages.find([code])[code].number
        return self.groups.intern(refdes.split()), package, int(certainty == "certain")

    def way(self, fact: FactRow) -> tuple[int | None, int | None]:
        """Machine and feeder of a fact."""
        machine, feeder = fact.values[6:8]
        return (self.floor.known("machine").get(machine), self.floor.known("feeder").get(feeder))


def withdraw_materials(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> list[OrderRow]:
    """Take these units out of the runs, as far as no standing fact says the same; returns the orders.

    The withdrawals must be recorded already. Holes and states are left to the caller.
    """
    orders, by_order = Orders(entry.tenant), defaultdict(list)
    for fact, spans in gone:
        by_order[fact.values[2]].append((fact, spans))
    touched = []
    for code, facts in by_order.items():
        order = orders.by_code(code)
        _cut_order(entry, order, facts)
        touched.append(order)
    return touched


def _cut_order(entry: Entry, order: OrderRow, gone: Sequence[tuple[FactRow, list[Span]]]) -> None:
    reader, leaving = _Reader(entry.tenant), defaultdict(BitMap)
    for fact, spans in gone:
        leaving[reader.place(fact)] |= bitmap_of(spans)
    said, times = _said(entry.tenant, order, reader, leaving)
    left: list[Run] = []
    covered: dict[Place, BitMap] = defaultdict(BitMap)
    for run in runs_of_order(entry.tenant, order.number):
        place = run.key[:3]
        if place not in leaving:
            continue
        way = (run.machine, run.feeder)
        kept = (run.units - leaving[place]) | (run.units & said[place].get(way, BitMap()))
        covered[place] |= kept
        if len(kept) == len(run.units):
            continue
        key = (order.number, run.group, run.stored_first, run.package, run.certain, run.entry)
        bulk.run(_CLOSE, (entry.number, entry.tenant, *key))
        if kept:
            left.append(Run(*key[:2], *key[3:5], *way, run.happened_at, entry.number, kept))
    for place, ways in said.items():
        for way, units in ways.items():
            lost = (units & leaving[place]) - covered[place]
            if lost:
                covered[place] |= lost
                left.append(Run(order.number, *place, *way, times[place, way], entry.number, lost))
    bulk.insert_rows("production_material_run", COLUMNS, (row_of(entry.tenant, run) for run in one_a_key(left)))


def _said(tenant: int, order: OrderRow, reader: _Reader, wanted: Iterable[Place]):
    """What standing facts say at these places: place -> (machine, feeder) -> units, and the earliest time of each."""
    said: dict[Place, dict[tuple, BitMap]] = {place: {} for place in wanted}
    times: dict[tuple, int | None] = {}
    for fact, spans in facts_of_order(tenant, order):
        place = reader.place(fact)
        if place not in said:
            continue
        way = reader.way(fact)
        said[place].setdefault(way, BitMap()).update(bitmap_of(spans))
        at = parse_instant(fact.values[8]) if fact.values[8] else None
        before = times.get((place, way))
        times[place, way] = at if before is None else min(before, at or before)
    return said, times


def facts_of_order(tenant: int, order: OrderRow) -> Iterator[tuple[FactRow, list[Span]]]:
    """The material facts of an order that stand, with their spans."""
    for first, until in order.blocks:
        yield from standing(tenant, facts_of_units(tenant, first, until, [MATERIAL.name]))


def one_a_key(runs: Iterable[Run]) -> list[Run]:
    """Runs of one entry, those with one stored key made one: the key holds neither machine nor feeder."""
    found: dict[tuple, Run] = {}
    for run in runs:
        key = (run.work_order, run.group, run.package, run.certain, run.units.min())
        same = found.setdefault(key, run)
        if same is not run:
            same.units |= run.units
    return list(found.values())


def repoint(entry: Entry, column: str, old: int, new: int) -> None:
    """Runs of a package or an order that was corrected go on under its new number; `column` is package or work_order."""
    names = 'work_order, "group", package, certain, machine, feeder, happened_at, entry, first_unit, until_unit, units'
    sql = f"SELECT {names} FROM production_material_run WHERE tenant = %s AND {column} = %s AND until_entry IS NULL"
    moved = []
    for order, group, package, certain, machine, feeder, at, _, first, until, packed in reading.fetch(
        sql, (entry.tenant, old)
    ):
        order, package = (new, package) if column == "work_order" else (order, new)
        units = unpack(first, until, packed)
        moved.append(Run(order, group, package, certain, machine, feeder, at, entry.number, units))
    sql = f"UPDATE production_material_run SET until_entry = %s WHERE tenant = %s AND {column} = %s AND until_entry IS NULL"
    bulk.run(sql, (entry.number, entry.tenant, old))
    bulk.insert_rows("production_material_run", COLUMNS, (row_of(entry.tenant, run) for run in one_a_key(moved)))


def covered(tenant: int, first: int, until: int) -> BitMap:
    """Units of [first, until) that some material run covers now."""
    sql = (
        "SELECT r.first_unit, r.until_unit, r.units FROM production_block b JOIN production_material_run r "
        "ON r.tenant = b.tenant AND r.work_order = b.work_order WHERE b.tenant = %s AND b.first_unit < %s "
        "AND b.until_unit > %s AND b.until_entry IS NULL AND r.first_unit < %s AND r.until_unit > %s "
        "AND r.until_entry IS NULL"
    )
    units = BitMap()
    for row in reading.fetch(sql, (tenant, until, first, until, first)):
        units |= unpack(*row)
    return units
