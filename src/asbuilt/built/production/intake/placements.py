"""What machines say they placed -> material runs and replacements, with the facts of materials.csv and replacements.csv.

Placements of one entry are put together: a package at the same positions of neighbouring units is one fact, whatever the
number of messages, so that the record grows by runs. A machine is never refused a contradiction:

- another package at a position that was recorded in the same pass: both are candidates (the new one is recorded as
  possible; of two new ones both are)
- another package in a later pass: a replacement
- the package that is recorded there already: nothing new

A placement from a splice comes as several possible packages of one position; those do not contradict each other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.access.people import People
from asbuilt.built.production import runs
from asbuilt.built.production.events import MATERIAL, REPLACEMENT
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.holes import recompute_holes
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.supply.queries import PackageFinder, PackageRow, packages
from asbuilt.designed.catalog.positions import PositionGroups, label_of
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span, spans_of
from asbuilt.ledger.intake import Intake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

NEAR_UNITS = 10_000
LATER_PASS = "placed anew in a later pass at {machine}"


class Placement(NamedTuple):
    """A package at positions of a unit, as one message says; `turn` is the pass: anything with a number that grows."""

    line: int
    order: OrderRow
    unit: int
    positions: tuple[str, ...]
    package: PackageRow
    certain: int
    machine: str
    feeder: str
    at: int
    turn: object


@dataclass
class _Said:
    """What this entry says of one package at one machine and feeder, certain or possible."""

    units: dict[tuple[str, ...], BitMap] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)  # unit -> the earliest time

    def add(self, positions: tuple[str, ...], unit: int, at: int) -> None:
        if positions not in self.units:
            self.units[positions] = BitMap()
        self.units[positions].add(unit)
        self.since[unit] = min(at, self.since.get(unit, at))


@dataclass
class _There:
    """What stands at one position of one unit: the packages, since which entry or pass, and the new rows of it."""

    packages: set[int]
    entry: int | None = None
    turn: object = None
    rows: list[Placement] = field(default_factory=list)


Way = tuple[int, int, str, str]  # package, certain, machine, feeder


class MachineReplacements(Intake):
    """Replacements that machines tell of. What was there before is not argued about."""

    table = "replacements"
    shape = REPLACEMENT

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.rows: list[tuple] = []

    def replace(
        self, unit: int, text: str, refdes: str, removed: PackageRow | None, installed: PackageRow | None,
        operator: str, reason: str, at: int,
    ) -> None:  # fmt: skip
        """One replacement; `text` is the unit as tables write it."""
        self.rows.append((unit, refdes, at, text, removed, installed, operator, reason))

    def finish(self):
        """Write them. Two of one position at one time are a microsecond apart: the later said is the later one."""
        written, texts, ids = [], [], []
        taken = self._times({row[0] for row in self.rows})
        for unit, refdes, at, text, removed, installed, operator, reason in self.rows:
            while (unit, refdes, at) in taken:
                at += 1
            taken.add((unit, refdes, at))
            codes = ("" if removed is None else removed.code, "" if installed is None else installed.code)
            numbers = [one.number if one else None for one in (removed, installed)]
            person = self.people.number(operator)
            written.append((self.tenant, unit, refdes, at, self.entry.number, *numbers, person, reason))
            when = format_instant(at)
            texts.append(row_text([unit, refdes, *codes, person, reason, when]))
            ids.append(fact_bytes(self.table, [text, refdes, *codes, operator, reason, when]))
            self.states.begun(unit, unit + 1)
        if written:
            units = BitMap([row[1] for row in written])
            self.commit(texts, ids, units.min(), units.max() + 1)
        columns = ("tenant", "unit", "refdes", "happened_at", "entry", "removed", "installed", "operator", "reason")
        bulk.insert_rows("production_replacement", columns, written)
        self.states.finish()
        self.rows = []

    def _times(self, units: set[int]) -> set[tuple]:
        sql = "SELECT unit, refdes, happened_at FROM production_replacement WHERE tenant = %s AND " + reading.any_of(
            "unit"
        )
        return set(reading.fetch(sql, (self.tenant, reading.list_param(sorted(units))))) if units else set()


class Placements(Intake):
    """Collects the placements of one entry and writes them as runs and replacements at its end."""

    table = "materials"
    shape = MATERIAL

    def __init__(self, *args):
        super().__init__(*args)
        self.groups = PositionGroups(self.tenant)
        self.floor = FloorNames(self.tenant)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.waiting: dict[int, list[Placement]] = defaultdict(list)
        self.orders: dict[int, OrderRow] = {}
        self.packages = PackageFinder(self.tenant)
        self.replacements: MachineReplacements | None = None
        self.earlier_pass: Callable[[int, int, object], bool] = lambda unit, entry, turn: True
        self._positions: dict[int, dict[str, int]] = {}
        self._right: set[tuple[int, tuple[str, ...]]] = set()
        self._rows: list[tuple] = []

    def positions(self, order: OrderRow) -> dict[str, int]:
        """Position -> part of the order's BOM. A statement the first time."""
        if order.bom not in self._positions:
            lines = bom_lines(self.tenant, order.bom)
            self._positions[order.bom] = {p: line.part for line in lines for p in self.groups.positions(line.group)}
        return self._positions[order.bom]

    def check(self, order: OrderRow, positions: tuple[str, ...]) -> None:
        """NotFound where the order's BOM has no such position."""
        if (order.bom, positions) in self._right:
            return
        known = self.positions(order)
        for position in positions:
            if position not in known:
                raise NotFound(
                    "production.position_unknown",
                    f"Order {order.code} has no position {position} in its BOM.",
                    {"order": order.code, "position": position},
                    did_you_mean(position, known) or "Load the BOM that was built, then retry.",
                )
        self._right.add((order.bom, positions))

    def place(self, placements: Iterable[Placement]) -> None:
        """Take the placements of one message, which were checked."""
        for one in placements:
            self.waiting[one.order.number].append(one)
            self.orders[one.order.number] = one.order

    def finish(self):
        """Write what was collected: runs, replacements, states, holes."""
        for number, rows in self.waiting.items():
            self._write(self.orders[number], rows)
        self.states.finish()
        self.replacements.finish()
        for number in self.waiting:
            recompute_holes(self.tenant, self.orders[number], self.groups)
        self.waiting.clear()

    # ---- one order

    def _write(self, order: OrderRow, rows: list[Placement]) -> None:
        known = runs.runs_of_order(self.tenant, order.number)
        said: dict[Way, _Said] = defaultdict(_Said)
        parted = self._disputed(rows, known)
        if not parted:
            for one in rows:
                said[_way(one)].add(one.positions, one.unit, one.at)
        else:
            self._settle(order, rows, parted, known, said)
        self._commit(order, said, known)

    def _disputed(self, rows: list[Placement], known: list[runs.Run]) -> dict[str, BitMap]:
        """Position -> units where not everything said and recorded is one package, and that are looked at one by one."""
        at: dict[tuple[str, ...], dict[int, BitMap]] = defaultdict(dict)
        sure: dict[tuple[str, ...], BitMap] = defaultdict(BitMap)
        units = BitMap()
        for one in rows:
            of = at[one.positions]
            if one.package.number not in of:
                of[one.package.number] = BitMap()
            of[one.package.number].add(one.unit)
            units.add(one.unit)
            if one.certain:
                sure[one.positions].add(one.unit)
        here: dict[str, list[tuple[int, BitMap, BitMap]]] = defaultdict(list)
        for positions, of in at.items():
            for package, there in of.items():
                for position in positions:
                    here[position].append((package, there, sure[positions]))
        parted: dict[str, BitMap] = defaultdict(BitMap)
        self._among_themselves(here, parted)
        self._with_known(here, known, parted)
        for unit, refdes in self._replaced(units):
            if refdes in here:
                parted[refdes].add(unit)
        return {position: found for position, found in parted.items() if found}

    @staticmethod
    def _among_themselves(here, parted) -> None:
        for position, listed in here.items():
            for n, (package, units, sure) in enumerate(listed):
                for other, others, others_sure in listed[n + 1 :]:
                    if other != package and units.intersect(others):
                        parted[position] |= units & others & (sure | others_sure)

    def _with_known(self, here, known: list[runs.Run], parted) -> None:
        labels = self.groups.labels({run.group for run in known})
        by_position: dict[str, list[runs.Run]] = defaultdict(list)
        for run in known:
            for position in labels[run.group].split(" "):
                if position in here:
                    by_position[position].append(run)
        for position, listed in here.items():
            for run in by_position.get(position, ()):
                for package, units, _ in listed:
                    if run.package != package and run.units.intersect(units):
                        parted[position] |= run.units & units

    def _replaced(self, units: BitMap) -> set[tuple[int, str]]:
        """Positions of these units where something was replaced before. One statement a stretch of units."""
        found: set[tuple[int, str]] = set()
        sql = (
            "SELECT unit, refdes FROM production_replacement WHERE tenant = %s AND unit >= %s AND unit < %s "
            "AND until_entry IS NULL"
        )
        stretches: list[list[int]] = []
        for first, until in spans_of(units):
            if stretches and first - stretches[-1][1] < NEAR_UNITS:
                stretches[-1][1] = until
            else:
                stretches.append([first, until])
        for first, until in stretches:
            found.update(
                (unit, refdes) for unit, refdes in reading.fetch(sql, (self.tenant, first, until)) if unit in units
            )
        return found

    # ---- what is disputed, position by position

    def _settle(self, order, rows, parted, known, said) -> None:
        places: dict[tuple[int, str], _There] = {}
        for one in rows:
            plain = []
            for position in one.positions:
                if one.unit not in parted.get(position, ()):
                    plain.append(position)
                    continue
                key = (one.unit, position)
                if key not in places:
                    places[key] = self._recorded(order, one.unit, position, known)
                self._one_more(order, key, places[key], one, said)
            if plain:
                said[_way(one)].add(tuple(plain), one.unit, one.at)
        for (_, position), there in places.items():
            self._say(position, there, said)

    def _recorded(self, order, unit: int, position: str, known: list[runs.Run]) -> _There:
        there = _There(set())
        for run in known:
            if unit in run.units and position in self.groups.positions(run.group):
                there.packages.add(run.package)
                there.entry = max(there.entry or 0, _recorded_by(run, unit))
        sql = (
            "SELECT installed, entry FROM production_replacement WHERE tenant = %s AND unit = %s AND refdes = %s "
            "AND until_entry IS NULL ORDER BY happened_at DESC, entry DESC LIMIT 1"
        )
        last = reading.fetch_one(sql, (self.tenant, unit, position))
        if last:
            # an empty position holds nothing that could be contradicted, yet what comes is a replacement
            there.packages, there.entry = ({last[0]} if last[0] else {0}), last[1]
        return there

    def _one_more(self, order, key: tuple[int, str], there: _There, one: Placement, said) -> None:
        unit, position = key
        if one.package.number in there.packages:
            return
        if not there.packages:
            there.packages, there.turn = {one.package.number}, one.turn
            there.rows = [one]
            return
        if there.packages == {0} or (one.certain and self._later(unit, there, one)):
            before = next(iter(there.packages)) if len(there.packages) == 1 else 0
            was = packages(self.tenant, [before]).get(before) if before else None
            reason = LATER_PASS.format(machine=one.machine)
            text = f"{order.code}#{order.place_of(unit)}"
            self.replacements.replace(unit, text, position, was, one.package, "", reason, one.at)
            self._say(position, there, said)
            there.packages, there.turn, there.rows, there.entry = {one.package.number}, one.turn, [], None
            return
        there.packages.add(one.package.number)
        there.rows = [row._replace(certain=0) for row in (*there.rows, one)]

    def _later(self, unit: int, there: _There, one: Placement) -> bool:
        if there.entry is None:
            return there.turn is not one.turn
        return self.earlier_pass(unit, there.entry, one.turn)

    @staticmethod
    def _say(position: str, there: _There, said) -> None:
        for row in there.rows:
            said[_way(row)].add((position,), row.unit, row.at)

    # ---- facts and runs

    def _commit(self, order: OrderRow, said: dict[Way, _Said], known: list[runs.Run]) -> None:
        rows, texts, ids, touched = [], [], [], BitMap()
        by_number = {one.package.number: one.package.code for one in self.waiting[order.number]}
        for (package, certain, machine, feeder), one in said.items():
            machine_number = self.floor.number("machine", machine)
            feeder_number = self.floor.number("feeder", feeder)
            for positions, units in _classes(one.units):
                label = label_of(positions)
                group = self.groups.intern(label.split(" "))
                for first, until in _in_blocks(order, units):
                    at = one.since[first]
                    rows.append((group, package, certain, machine_number, feeder_number, first, until, at))
                    word = "certain" if certain else "possible"
                    tail = (word, machine, feeder, format_instant(at))
                    ends = (f"{order.code}#{order.place_of(first)}", f"{order.code}#{order.place_of(until - 1)}")
                    texts.append(row_text([first, until, order.code, label, by_number[package], *tail]))
                    ids.append(fact_bytes(self.table, [order.code, label, by_number[package], *ends, *tail]))
                touched |= units
        if not rows:
            return
        known_before = self.ids_known(ids)
        fresh = [n for n, fact in enumerate(ids) if fact not in known_before]
        if fresh:
            self.commit([texts[n] for n in fresh], [ids[n] for n in fresh], touched.min(), touched.max() + 1)
        merged = runs.merge_rows(order.number, self.entry.number, [rows[n] for n in fresh])
        runs.store(self.tenant, merged, known, self.groups)
        self.states.begun_units(touched)


def _way(one: Placement) -> Way:
    return (one.package.number, one.certain, one.machine, one.feeder)


def _classes(said: dict[tuple[str, ...], BitMap]) -> list[tuple[tuple[str, ...], BitMap]]:
    """Positions put together where they have the same units, however many messages spoke of them."""
    if len(said) == 1:
        return list(said.items())
    by_position: dict[str, BitMap] = {}
    for positions, units in said.items():
        for position in positions:
            by_position[position] = by_position[position] | units if position in by_position else units
    classes: dict[bytes, tuple[list[str], BitMap]] = {}
    seen: dict[int, bytes] = {}
    for position, units in by_position.items():
        key = seen.get(id(units))
        if key is None:
            key = seen[id(units)] = units.serialize()
        classes.setdefault(key, ([], units))[0].append(position)
    return [(tuple(positions), units) for positions, units in classes.values()]


def _in_blocks(order: OrderRow, units: BitMap) -> list[Span]:
    """The spans of the units, none of which leaves a block of the order."""
    return [span for block in sorted(order.blocks) for span in spans_of(units & BitMap(range(*block)))]


def _recorded_by(run: runs.Run, unit: int) -> int:
    """The entry that recorded this unit of a run."""
    for entry, added in runs.growth_steps(run.growth):
        if unit in added:
            return entry
    return run.entry
