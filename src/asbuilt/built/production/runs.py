"""Material runs: rows of one order put together, grown and cut.

A run is a package at a position group of an order, certain or possible, at one machine and feeder. Rows that agree in all of
that merge into one run; where other runs lie between, it keeps a packed bitmap. A run that grows in a later entry keeps the
step in `growth`, so that what was known at any entry can be read back exactly:

    growth = steps of (entry, first, until, length of packed, packed), varints, in order of entry
"""

from dataclasses import dataclass
from itertools import groupby

from pyroaring import BitMap

from asbuilt.built.production.meetings import note_meetings
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.spans import pack, unpack
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "work_order", "group", "first_unit", "package", "certain", "entry", "until_unit", "units", "machine",
    "feeder", "happened_at", "growth",
)  # fmt: skip
SELECT = (
    'SELECT work_order, "group", first_unit, package, certain, entry, until_unit, units, machine, feeder, happened_at, '
    "until_entry, growth FROM production_material_run"
)


@dataclass
class Run:
    """One material run as stored, with its units opened."""

    work_order: int
    group: int
    package: int
    certain: int
    machine: int | None
    feeder: int | None
    happened_at: int | None
    entry: int
    units: BitMap
    growth: bytes | None = None
    stored_first: int | None = None

    @property
    def key(self) -> tuple:
        """Runs with the same key merge."""
        return (self.group, self.package, self.certain, self.machine or 0, self.feeder or 0)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def growth_step(entry: int, added: BitMap) -> bytes:
    """One step of growth."""
    packed = pack(added) or b""
    numbers = (entry, added.min(), added.max() + 1, len(packed))
    return b"".join(map(_varint, numbers)) + packed


def growth_steps(growth: bytes | None) -> list[tuple[int, BitMap]]:
    """The steps of a run's growth: (entry, units added)."""
    steps, at = [], 0
    data = bytes(growth or b"")
    while at < len(data):
        numbers = []
        while len(numbers) < 4:
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            numbers.append(value)
        entry, first, until, length = numbers
        packed = data[at : at + length] or None
        at += length
        steps.append((entry, unpack(first, until, packed)))
    return steps


def units_as_of(first: int, until: int, packed, growth, entry: int | None) -> BitMap:
    """The units of a stored run, as known at an entry (None: now)."""
    units = unpack(first, until, packed)
    if entry is not None and growth:
        for step_entry, added in growth_steps(growth):
            if step_entry > entry:
                units -= added
    return units


def runs_of_order(tenant: int, work_order: int) -> list[Run]:
    """All runs of an order as they stand now. One statement."""
    rows = reading.fetch(
        f"{SELECT} WHERE tenant = %s AND work_order = %s AND until_entry IS NULL", (tenant, work_order)
    )
    return [
        Run(order, group, package, certain, machine, feeder, at, entry, unpack(first, until, units), growth, first)
        for order, group, first, package, certain, entry, until, units, machine, feeder, at, _, growth in rows
    ]


def merge_rows(work_order: int, entry: int, rows: list[tuple]) -> list[Run]:
    """Rows (group, package, certain, machine, feeder, first, until, happened_at) of one entry as few runs."""
    runs = []
    rows = sorted(rows, key=lambda row: tuple(-1 if value is None else value for value in row[:6]))
    for key, same in groupby(rows, key=lambda row: row[:5]):
        units, at = BitMap(), None
        for row in same:
            units.add_range(row[5], row[6])
            at = row[7] if at is None else min(at, row[7] or at)
        group, package, certain, machine, feeder = key
        runs.append(Run(work_order, group, package, certain, machine, feeder, at, entry, units))
    return _one_a_key(runs)


def _one_a_key(runs: list[Run]) -> list[Run]:
    # the stored key does not hold machine and feeder: two feeders that say the same of the same first unit are one run, which names
    # none of the two
    found: dict[tuple, Run] = {}
    for run in runs:
        same = found.setdefault((run.group, run.package, run.certain, run.units.min()), run)
        if same is not run:
            same.units |= run.units
            same.machine = same.machine if same.machine == run.machine else None
            same.feeder = same.feeder if same.feeder == run.feeder else None
    return list(found.values())


def store(tenant: int, runs: list[Run], known: list[Run], groups: PositionGroups) -> None:
    """Write new runs of one order beside those known of it; one that agrees with a known run makes that one grow."""
    by_key = {run.key: run for run in known}
    fresh = []
    for run in runs:
        old = by_key.get(run.key)
        if old is None:
            fresh.append(run)
            continue
        added = run.units - old.units
        if added:
            grown = (old.growth or b"") + growth_step(run.entry, added) if run.entry != old.entry else old.growth
            _replace(tenant, old, old.units | added, grown)
    bulk.insert_rows("production_material_run", COLUMNS, (row_of(tenant, run) for run in fresh))
    if {run.group for run in fresh} - {run.group for run in known}:
        note_meetings(tenant, fresh[0].work_order, groups)


def row_of(tenant: int, run: Run) -> tuple:
    """The stored row of a run."""
    return (
        tenant, run.work_order, run.group, run.units.min(), run.package, run.certain, run.entry, run.units.max() + 1,
        pack(run.units), run.machine, run.feeder, run.happened_at, run.growth,
    )  # fmt: skip


def _replace(tenant: int, old: Run, units: BitMap, growth: bytes | None) -> None:
    sql = (
        "UPDATE production_material_run SET first_unit = %s, until_unit = %s, units = %s, growth = %s WHERE tenant = %s AND "
        'work_order = %s AND "group" = %s AND first_unit = %s AND package = %s AND certain = %s AND entry = %s '
        "AND machine IS NOT DISTINCT FROM %s AND feeder IS NOT DISTINCT FROM %s"
    )
    place = (tenant, old.work_order, old.group, old.stored_first, old.package, old.certain, old.entry)
    bulk.run(sql, (units.min(), units.max() + 1, pack(units), growth, *place, old.machine, old.feeder))
    old.units, old.growth, old.stored_first = units, growth, units.min()


def cut(tenant: int, run: Run, gone: BitMap, entry: int) -> None:
    """From `entry` on the run no longer covers these units: it is closed, and what is left stands anew from that entry."""
    sql = (
        'UPDATE production_material_run SET until_entry = %s WHERE tenant = %s AND work_order = %s AND "group" = %s '
        "AND first_unit = %s AND package = %s AND certain = %s AND entry = %s"
    )
    place = (tenant, run.work_order, run.group, run.stored_first, run.package, run.certain, run.entry)
    bulk.run(sql, (entry, *place))
    left = run.units - gone
    if left:
        rest = Run(
            run.work_order, run.group, run.package, run.certain, run.machine, run.feeder, run.happened_at, entry, left
        )
        bulk.insert_rows("production_material_run", COLUMNS, [row_of(tenant, rest)])
