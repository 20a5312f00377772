"""Doubts: what the record of packages says that cannot well be true. Each check reads the packages of an order over all orders.

- more placed than held: pieces at positions that runs call certain, each unit and position once, skipped positions left out, and what
  replacements put in, are more than the package held when it came, less what was split off it into other packages. Pieces of a BOM line
  without designators count by its quantity. A split of which nobody said how many takes none off: what is told is true.
- at two places at once: passes at two machines that overlap in time and lie wholly within runs of one package at those machines; where a
  machine has no such pass, the moment of the run.

- a feeder that feeds nothing: a package is mounted where the program places from, units of an order go by, and no run names it
  (`idle_feeders` says what keeps it from a false alarm). Only of the orders that are looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.holes import position_classes
from asbuilt.built.production.runs import units_as_of
from asbuilt.built.supply.queries import PackageOrigin, origins
from asbuilt.built.supply.splitting import split_off
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.evidence.idle_feeders import idle_feeders
from asbuilt.questions.genealogy.evaluating.material import labels_of
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

KINDS = {
    "more_than_held": _("{package} held {held} pieces, at least {placed} are recorded as placed"),
    "more_than_left": _(
        "{package} held {held} pieces after {split} were split off, at least {placed} are recorded as placed"
    ),
    "two_places": _("{package} is at {machine} and at {other} at once, {since} to {until}"),
    "feeds_nothing": _(
        "{package} is at feeder {feeder} of {machine} while {units} units of {order} go by ({first} to {last}), and none of them has it"
    ),
    "feeds_nothing_one": _(
        "{package} is at feeder {feeder} of {machine} while {first} goes by, which does not have it"
    ),
}
OF_LINE = "#"


@dataclass(frozen=True)
class Doubt:
    """One thing in doubt: kind, the package, what the sentence names."""

    kind: str
    package: str
    facts: dict

    def text(self, say: Callable[[str], str], number: Callable[[int], str]) -> str:
        """As a sentence."""
        said = {name: number(value) if isinstance(value, int) else value for name, value in self.facts.items()}
        return say(KINDS[self.kind]).format(package=self.package, **said)


@dataclass(frozen=True)
class PackageRun:
    """A material run of a package, on any order."""

    order: int
    group: int
    package: int
    certain: bool
    machine: int | None
    happened_at: int | None
    units: BitMap


@dataclass(frozen=True)
class Looked:
    """What is looked at: packages, how they came and their runs on any order; the orders, of each the units asked for."""

    view: View
    known: dict[int, PackageOrigin]
    runs: list[PackageRun]
    orders: Sequence["OrderAsked"]


@dataclass(frozen=True)
class OrderAsked:
    """An order, its blocks, and the units of it that are asked about."""

    number: int
    code: str
    blocks: Sequence[BlockRow]
    units: BitMap


def doubts_of(view: View, numbers: Iterable[int], orders: Sequence[OrderAsked] = ()) -> list[Doubt]:
    """What is in doubt about these packages and orders; for who sees the whole record. About eight statements and ten an order."""
    wanted = sorted(set(numbers))
    if view.visible is not None:
        return []
    looked = Looked(view, origins(view.tenant, wanted), _runs(view, wanted), orders)
    return [doubt for check in CHECKS for doubt in check(looked)]


def _runs(view: View, numbers: list[int]) -> list[PackageRun]:
    sql = (
        'SELECT r.work_order, r."group", r.package, r.certain, r.machine, r.happened_at, r.first_unit, r.until_unit, r.units, '
        "r.growth FROM production_material_run r WHERE r.tenant = %s AND "
    ) + reading.any_of("r.package")
    rows = reading.fetch(sql + view.seen("r"), (view.tenant, reading.list_param(numbers)))
    return [PackageRun(*row[:3], bool(row[3]), *row[4:6], units_as_of(*row[6:], view.entry)) for row in rows]


# ---- more than a package held


def more_than_held(looked: Looked) -> Iterator[Doubt]:
    """Packages of which more pieces are recorded than they held."""
    view, known, runs = looked.view, looked.known, looked.runs
    placed = dict.fromkeys(known, 0)
    labels_of(view, {run.group for run in runs})
    pieces = _Pieces(view)
    by_package: dict[tuple[int, int], list[PackageRun]] = {}
    for run in runs:
        if run.certain:
            by_package.setdefault((run.package, run.order), []).append(run)
    for (package, order), mine in by_package.items():
        groups = {run.group for run in mine}
        wanted = tuple({position: None for group in groups for position in view.groups.positions(group)})
        for held, positions in position_classes(view.groups, wanted, groups).items():
            units = view.without_skipped(BitMap().union(*(run.units for run in mine if run.group in held)))
            placed[package] += pieces.of(order, positions, units)
    sql = "SELECT r.installed FROM production_replacement r WHERE r.tenant = %s AND " + reading.any_of("r.installed")
    for (package,) in reading.fetch(sql + view.seen("r"), (view.tenant, reading.list_param(sorted(known)))):
        placed[package] += 1
    split = split_off(view.tenant, [package.code for package in known.values()], view.entry)
    for number, package in sorted(known.items(), key=lambda one: one[1].code):
        if package.quantity is None:
            continue
        gone = split.get(package.code, 0)
        if placed[number] > package.quantity - gone:
            facts = {"held": package.quantity - gone, "placed": placed[number], "split": gone}
            yield Doubt("more_than_left" if gone else "more_than_held", package.code, facts)


class _Pieces:
    """How many pieces positions take: one at a designator, the line's quantity at a line without designators."""

    def __init__(self, view: View):
        self.view = view
        self._lines: dict[int, dict[str, int]] = {}

    def of(self, order: int, positions: Iterable[str], units: BitMap) -> int:
        """Pieces at these positions of the units. A statement a BOM version where a position is a line."""
        count = 0
        for position in positions:
            if not position.startswith(OF_LINE):
                count += len(units)
                continue
            for block in self.view.blocks_over(units):
                here = units.range_cardinality(block.first, block.until)
                count += here * self._quantities(block.bom).get(position[1:], 1)
        return count

    def _quantities(self, bom: int) -> dict[str, int]:
        if bom not in self._lines:
            lines = bom_lines(self.view.tenant, bom, self.view.entry)
            self._lines[bom] = {line.line: line.quantity for line in lines}
        return self._lines[bom]


# ---- at two places at once


def two_places(looked: Looked) -> Iterator[Doubt]:
    """Packages that were at two machines at once."""
    view, known, runs = looked.view, looked.known, looked.runs
    at: dict[int, dict[int, list[PackageRun]]] = {}
    for run in runs:
        if run.machine is not None:
            at.setdefault(run.package, {}).setdefault(run.machine, []).append(run)
    for package, machines in sorted(at.items(), key=lambda one: known[one[0]].code):
        if len(machines) > 1:
            stays = [(*stay, machine) for machine, mine in machines.items() for stay in _stays(view, machine, mine)]
            found = _first_meeting(sorted(stays))
            if found:
                since, until, *pair = found
                names = FloorNames(view.tenant).names(pair)
                machine, other = sorted(names[one] for one in pair)
                facts = {"machine": machine, "other": other, "since": _moment(since), "until": _moment(until)}
                yield Doubt("two_places", known[package].code, facts)


def _stays(view: View, machine: int, runs: list[PackageRun]) -> list[tuple[int, int]]:
    """From when to when passes at the machine lie wholly within these runs; else the moments of the runs. One statement."""
    units = BitMap().union(*(run.units for run in runs))
    sql = (
        "SELECT p.first_unit, p.until_unit, p.started_at, p.finished_at FROM production_process_run p WHERE p.tenant = %s "
        "AND p.machine = %s AND p.first_unit >= %s AND p.first_unit <= %s"
    ) + view.seen("p")
    rows = reading.fetch(sql, (view.tenant, machine, units.min(), units.max())) if units else []
    found = [tuple(row[2:]) for row in rows if units.range_cardinality(*row[:2]) == row[1] - row[0]]
    return found or [(run.happened_at, run.happened_at) for run in runs if run.happened_at is not None]


def _first_meeting(stays: list[tuple[int, int, int]]) -> tuple[int, int, int, int] | None:
    """The first time at which stays at two machines overlap: since, until, the machines. Stays are in order of their beginning."""
    last: dict[int, tuple[int, int]] = {}  # machine -> its stay that ends last
    for since, until, machine in stays:
        for other, (began, ended) in last.items():
            if other != machine and since < ended and began < until:
                return max(since, began), min(until, ended), other, machine
        if machine not in last or until > last[machine][1]:
            last[machine] = (since, until)
    return None


def _moment(instant: int) -> str:
    return format_instant(instant).replace(".000000Z", "Z")


# ---- a feeder that feeds nothing


def feeds_nothing(looked: Looked) -> Iterator[Doubt]:
    """Packages mounted where units of the orders went by, and on none of them."""
    for order in looked.orders:
        for idle in idle_feeders(looked.view, order.number, order.blocks):
            if not idle.units & order.units:
                continue
            first, last = (
                f"{order.code}#{_place(order.blocks, unit)}" for unit in (idle.units.min(), idle.units.max())
            )
            facts = {"feeder": idle.feeder, "machine": idle.machine, "order": order.code, "units": len(idle.units)}
            kind = "feeds_nothing_one" if len(idle.units) == 1 else "feeds_nothing"
            yield Doubt(kind, idle.package, {**facts, "first": first, "last": last})


def _place(blocks: Sequence[BlockRow], unit: int) -> int:
    """The place of a unit within its order, from 1."""
    before = 0
    for block in blocks:
        if block.first <= unit < block.until:
            return before + unit - block.first + 1
        before += block.until - block.first
    raise LookupError(unit)


CHECKS = (more_than_held, two_places, feeds_nothing)
