"""Idle feeders: a package was mounted where the program places from, units went by, and no material run names it.

    idle_feeders(view, "WO-7", 7, blocks)   -> [Idle("P&P-1", "12", "PK-3", units)]

What went by are completed passes that lie wholly within the package's stay at the feeder, so that neither a mount before an order is run
nor one in the middle of a pass says anything. No alarm where a run names the package on one of these units, certain or possible (a grey
zone), where the BOM has none of the feeder's positions (skipped units too), where the program cannot be told, and of units whose positions
another feeder or machine placed: the program has alternates. Programs are those that stand now.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.built.production.feeding import parts_at
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.mounts import REMOVED
from asbuilt.built.production.runs import units_as_of
from asbuilt.designed.catalog.programs import Program, chosen_program, programs_of
from asbuilt.kernel.errors import Refused
from asbuilt.questions.genealogy.evaluating.material import labels_of
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.storage import reading

FOREVER = 2**62


@dataclass(frozen=True)
class Idle:
    """A package at a feeder of a machine, and the units that went by without a run of it."""

    machine: str
    feeder: str
    package: str
    units: BitMap = field(hash=False)


@dataclass(frozen=True)
class _Run:
    """A material run of the order: where it was placed from."""

    package: int
    positions: frozenset[str]
    machine: str
    feeder: str
    units: BitMap


@dataclass(frozen=True)
class _Passes:
    """Passes of one program at one machine over one BOM version, by their beginning: (began, ended, first unit, until unit)."""

    program: Program
    feeders: dict[str, frozenset[str]]
    rows: list[tuple[int, int, int, int]]
    known: dict[tuple, BitMap] = field(default_factory=dict)

    def within(self, since: int, until: int) -> BitMap:
        """Units of passes that lie wholly within this time."""
        low, high = bisect_left(self.rows, (since,)), bisect_left(self.rows, (until,))
        found = [row for row in self.rows[low:high] if row[1] <= until]
        key = (low, high, len(found))
        if key not in self.known:
            self.known[key] = BitMap().union(*(BitMap(range(*row[2:])) for row in found))
        return self.known[key]


def idle_feeders(view: View, order: int, blocks: Sequence[BlockRow]) -> list[Idle]:
    """The feeders of an order that fed nothing, by machine, feeder and package. About six statements, and two a machine."""
    passes = list(_passes(view, blocks))
    went_by: dict[tuple[str, str, str], tuple[BitMap, set[str]]] = defaultdict(lambda: (BitMap(), set()))
    for machine in sorted({one.program.machine for one in passes}):
        here = [one for one in passes if one.program.machine == machine]
        stays = _stays(
            view, machine, min(one.rows[0][0] for one in here), max(row[1] for one in here for row in one.rows)
        )
        for one in here:
            for feeder, positions in one.feeders.items():
                for package, since, until in stays.get(feeder, ()):
                    units, places = went_by[machine, feeder, package]
                    units |= one.within(since, until)
                    places |= positions
    went_by = {key: said for key, said in went_by.items() if said[0]}
    if not went_by:
        return []
    runs, numbers = _runs(view, order), _numbers(view, {package for _, _, package in went_by})
    found = []
    for (machine, feeder, package), (units, places) in sorted(went_by.items()):
        # a run of the package on one of the units, wherever on them, and it did feed
        if any(run.package in numbers.get(package, ()) and run.units & units for run in runs):
            continue
        other = (
            run.units
            for run in runs
            if run.machine and (run.machine, run.feeder) != (machine, feeder) and run.positions & places
        )
        left = view.without_skipped(units - BitMap().union(*other))
        if left and package in numbers:
            found.append(Idle(machine, feeder, package, left))
    return found


def _passes(view: View, blocks: Sequence[BlockRow]) -> Iterator[_Passes]:
    rows = view.rows_by_block(
        "t.machine, t.program, t.side, t.first_unit, t.until_unit, t.started_at, t.finished_at",
        "production_process_run", blocks, " AND t.machine IS NOT NULL AND t.result = 'completed'",
    )  # fmt: skip
    names = FloorNames(view.tenant).names({number for row in rows for number in row[:2] if number is not None})
    programs: dict[tuple[int, str], list[Program]] = {}
    parts: dict[int, dict[str, int]] = {}
    grouped: dict[tuple, list[tuple[int, int, int, int]]] = defaultdict(list)
    for machine, program, side, first, until, began, ended in rows:
        block = next(one for one in blocks if one.first <= first < one.until)
        grouped[block.revision, block.bom, names[machine], names.get(program, ""), side].append(
            (began, ended, first, until)
        )
    for (revision, bom, machine, name, side), listed in grouped.items():
        if (revision, machine) not in programs:
            programs[revision, machine] = programs_of(view.tenant, revision, machine)
        try:
            program = chosen_program(programs[revision, machine], machine, side, name)
        except Refused:
            continue  # which program ran cannot be told
        if program is None:
            continue
        if bom not in parts:
            parts[bom] = parts_at(view.tenant, bom)
        feeders = {one.feeder: frozenset(one.positions) & parts[bom].keys() for one in program.feeders}
        yield _Passes(
            program, {feeder: positions for feeder, positions in feeders.items() if positions}, sorted(listed)
        )


def _stays(view: View, machine: str, began: int, ended: int) -> dict[str, list[tuple[str, int, int]]]:
    """Feeder -> (package, since, until) of the packages that were there in this time. One statement."""
    of = "FROM production_mount {0} WHERE {0}.tenant = %s AND {0}.machine = %s AND "
    before = (
        f"SELECT b.feeder, max(b.happened_at) {of.format('b')} b.happened_at <= %s{view.seen('b')} GROUP BY b.feeder"
    )
    sql = (
        f"SELECT m.feeder, m.package, m.what, m.happened_at {of.format('m')} ((m.happened_at > %s AND m.happened_at < %s) OR "
        f'(m.feeder, m.happened_at) IN ({before})){view.seen("m")} ORDER BY m.happened_at, m.entry, m."row"'
    )
    at_machine = (view.tenant, machine)
    happened: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for feeder, *told in reading.fetch(sql, (*at_machine, began, ended, *at_machine, began)):
        happened[feeder].append(tuple(told))
    found = {}
    for feeder, told in happened.items():
        ends = [*(at for _, _, at in told[1:]), FOREVER]
        found[feeder] = [
            (package, at, end)
            for (package, what, at), end in zip(told, ends, strict=True)
            if what != REMOVED and at < end
        ]
    return found


def _runs(view: View, order: int) -> list[_Run]:
    sql = (
        'SELECT r.package, r."group", r.machine, r.feeder, r.first_unit, r.until_unit, r.units, r.growth '
        "FROM production_material_run r WHERE r.tenant = %s AND r.work_order = %s"
    )
    rows = reading.fetch(sql + view.seen("r"), (view.tenant, order))
    labels_of(view, {row[1] for row in rows})
    names = FloorNames(view.tenant).names({number for row in rows for number in row[2:4] if number is not None})
    return [
        _Run(package, frozenset(view.groups.positions(group)), names.get(machine, ""), names.get(feeder, ""), units_as_of(*units, view.entry))
        for package, group, machine, feeder, *units in rows
    ]  # fmt: skip


def _numbers(view: View, codes: set[str]) -> dict[str, set[int]]:
    """Code -> the packages that ever had it, of those that one has now: one that was withdrawn and recorded anew kept its runs."""
    sql = "SELECT p.code, p.number, p.until_entry FROM supply_package p WHERE p.tenant = %s AND "
    rows = reading.fetch(sql + reading.any_of("p.code", "text"), (view.tenant, reading.list_param(sorted(codes))))
    found: dict[str, set[int]] = defaultdict(set)
    for code, number, _ in rows:
        found[code].add(number)
    return dict(found)
