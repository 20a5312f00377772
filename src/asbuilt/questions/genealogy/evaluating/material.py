"""Terms about material: which units carry a package that matches, certainly, possibly, or in the record's silence.

The rules are the design's (section 6), position by position:

- all runs over a unit at a position are its candidates; beside a lone possible one stands an unknown candidate
- certain where every candidate of some position is known and matches; possible where at least one does
- unrecorded where an admitted position has no run, or a candidate whose asked-for attribute is not known
- a replacement holds the position from then on; what came out was certainly there before (`ever:`)

Work goes by order and by class of positions (positions that the same groups hold), in bitmaps; only replaced positions are
looked at unit by unit.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.holes import holes, position_classes
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.runs import units_as_of
from asbuilt.kernel.spans import UnitSet, opened, united
from asbuilt.questions.genealogy.evaluating.beside import RUN_COLUMNS, Beside, beside
from asbuilt.questions.genealogy.evaluating.through_feeders import Through
from asbuilt.questions.genealogy.evaluating.view import FewMaterial, Gap, View
from asbuilt.questions.genealogy.words.terms import gettext_noop
from asbuilt.storage import reading


@dataclass(frozen=True)
class Material:
    """What is asked for: packages that match, packages that may (their attribute is not known), parts that positions must
    admit to be silent about it (None: every position), positions (None: any), whether replaced parts count, the feeders that
    the run must have come through (None: any, or none), and whether certain pieces of a part are meant, by whatever tells them apart."""

    match: frozenset[int]
    unknown: frozenset[int]
    admits: frozenset[int] | None
    at: frozenset[str] | None = None
    ever: bool = False
    through: Through | None = None
    rows: list[tuple] | None = field(default=None, compare=False, repr=False)
    pieces: bool = False

    def fits(self, run: "_Run") -> bool | None:
        """Whether what a run placed is asked for; None: not known."""
        package = True if run.package in self.match else None if run.package in self.unknown else False
        if self.through is None or package is False:
            return package
        found = self.through.fits(run.machine, run.feeder)
        return found if found is not True else package


class _Run(NamedTuple):
    """What a question needs of a material run; the units for reading only."""

    work_order: int
    group: int
    package: int
    certain: int
    units: BitMap
    machine: int | None
    feeder: int | None


class _Class:
    """Positions that the same groups hold, with the runs over them: of one order, or of all that place it alike (0)."""

    def __init__(self, order: int, positions: tuple[str, ...]):
        self.order, self.positions = order, positions
        self.match, self.other, self.unknown, self.lone = BitMap(), BitMap(), BitMap(), BitMap()


def carrying(view: View, asked: Material, within: BitMap | None = None) -> UnitSet:
    """The units that carry it; with `within` at least those of these units, and what lies elsewhere is hardly looked at.

    Statements: one for the runs unless they were read, one for what lies beside them, two for replacements.
    """
    few = view.few.material if view.few is not None and within is not None else None
    if few is not None:  # what lies on none of the units decides nothing about them
        asked = replace(asked, match=asked.match & few.touching, unknown=asked.unknown & few.touching)
        if few.whole and not asked.match and not asked.unknown:
            return UnitSet.none()
    runs = _runs_of_packages(view, asked.match | asked.unknown, within, asked.at, asked.rows)
    wanted: dict[int, set[int]] = defaultdict(set)
    for run in runs:
        if asked.through is None or asked.fits(run) is not False:
            wanted[run.work_order].add(run.group)
    near = _near(view, asked, runs, wanted) if few is None else None
    classes = _classes(view, asked, runs, wanted, few or near)
    silent = _silent(view, asked, within, near.holes) if near else _silent_on_few(view, asked, few)
    certain, possible, unrecorded = [], [], []
    replaced = _replacements(view, asked, classes, silent, few or near)
    for each in classes:
        match, silent_here = each.match, each.unknown - each.match if each.unknown else each.unknown
        if replaced:
            gone = _wholly_replaced(replaced, each.positions, match, silent_here, asked.ever)
            match, silent_here = match - gone, silent_here - gone
        possible.append(match)
        certain.append(match.difference(each.other, each.lone) if each.lone else match - each.other)
        if silent_here:
            unrecorded.append(silent_here)
            _note_unknown(view, asked, each.order, each.positions, silent_here)
    for order, positions, units in silent:
        left = units - _wholly_replaced(replaced, positions, units, BitMap(), asked.ever)
        unrecorded.append(left)
        _note_hole(view, order, positions, left)
    # the sure units of a class are among its possible ones, so the sets are nested as they come
    sure, held = united(certain), united(possible)
    result = UnitSet(sure, held, united([held, *unrecorded]))
    return result | _replaced_positions(view, asked, replaced) if replaced else result


def _runs_of_packages(
    view: View,
    packages: frozenset[int],
    within: BitMap | None,
    at: frozenset[str] | None,
    rows: list[tuple] | None = None,
) -> list[_Run]:
    if not packages:
        return []
    if view.few is not None and within is not None:
        runs = [_run(view, row) for row in view.few.material.runs if row[4] in packages]
        if at is None or not runs:
            return runs
        view.groups.look_at({row[1] for row in view.few.material.runs})
        return [run for run in runs if not view.groups.held(run.group).isdisjoint(at)]
    sql = (
        f"SELECT {RUN_COLUMNS} FROM production_material_run r WHERE r.tenant = %s AND "
        + reading.any_of("r.package")
        + view.seen("r")
    )
    if rows is None:
        rows = reading.fetch(sql, (view.tenant, reading.list_param(packages)))
    return _read(view, rows if within is None else [row for row in rows if within.range_cardinality(row[2], row[3])])


def _read(view: View, rows: list[tuple]) -> list[_Run]:
    """Runs of rows that begin with RUN_COLUMNS."""
    if view.entry is not None:
        return [_run(view, row) for row in rows]
    make = tuple.__new__  # a question makes a hundred of them
    return [
        make(_Run, (row[0], row[1], row[4], row[5], opened(row[2], row[3], row[6]), row[8], row[9])) for row in rows
    ]


def _run(view: View, row: tuple) -> _Run:
    order, group, first, until, package, certain, packed, growth, machine, feeder, *_ = row
    if view.entry is None:
        units = opened(first, until, packed)
    else:
        units = units_as_of(first, until, packed, growth, view.entry)
    return _Run(order, group, package, certain, units, machine, feeder)


def _blocks_of_orders(view: View, orders: set[int]) -> dict[int, list[tuple]]:
    sql = (
        "SELECT b.work_order, b.first_unit, b.until_unit, b.bom FROM production_block b WHERE b.tenant = %s AND "
        + reading.any_of("b.work_order")
        + view.seen("b")
    )
    found: dict[int, list[tuple]] = defaultdict(list)
    if orders:
        for row in reading.fetch(sql, (view.tenant, reading.list_param(orders))):
            found[row[0]].append(row)
    return found


def _part_at(view: View, boms: set[int]) -> dict[int, dict[str, int]]:
    """BOM -> position -> part. One statement."""
    found: dict[int, dict[str, int]] = {}
    sql = (
        'SELECT l.bom, l.part, l."group" FROM catalog_bom_line l WHERE l.tenant = %s AND ' + reading.any_of("l.bom")
    ) + view.seen("l")
    if boms:
        rows = reading.fetch(sql, (view.tenant, reading.list_param(boms)))
        labels = labels_of(view, {row[2] for row in rows})
        for bom, part, group in rows:
            found.setdefault(bom, {}).update(dict.fromkeys(labels[group], part))
    return found


def labels_of(view: View, groups: set[int]) -> dict[int, tuple[str, ...]]:
    """Group -> positions. One statement for those not looked at yet."""
    view.groups.look_at(groups)
    return {group: view.groups.positions(group) for group in groups}


@dataclass
class _Near:
    """What was read beside the runs; `reach` is order -> how far they reach there."""

    read: Beside
    reach: dict[int, tuple[int, int]]

    @property
    def holes(self) -> list[tuple]:
        return self.read.holes


def _near(view: View, asked: Material, runs: list[_Run], wanted: dict[int, set[int]]) -> _Near:
    """One statement."""
    reach: dict[int, tuple[int, int]] = {}
    for run in runs:
        if run.units:
            first, until = run.units.min(), run.units.max() + 1
            low, high = reach.get(run.work_order, (first, until))
            reach[run.work_order] = (min(low, first), max(high, until))
    places = [(order, group, *reach.get(order, (0, 0))) for order, groups in wanted.items() for group in groups]
    packages = asked.match | asked.unknown
    if view.at_once is not None and view.at_once.is_beside(packages, asked.admits, asked.ever):
        return _Near(view.at_once.near, reach)
    return _Near(beside(view, places, packages, asked.admits, asked.ever), reach)


def _classes(
    view: View, asked: Material, runs: list[_Run], wanted: dict[int, set[int]], about: "FewMaterial | _Near"
) -> list[_Class]:
    """Classes of positions that hold a matching or unknown package, with everything else that lies over them."""
    neighbours = _neighbours(view, wanted, about)
    by_order: dict[int, dict[int, list[_Run]]] = defaultdict(lambda: defaultdict(list))
    for run in (*runs, *_others_beside(view, asked, wanted, neighbours, about)):
        by_order[run.work_order][run.group].append(run)
    laid: dict[tuple[int, tuple[str, ...]], list[_Run]] = defaultdict(list)
    each_order = bool(asked.unknown or asked.through)
    for order, groups in wanted.items():
        mine = by_order[order]
        if len(mine) == 1 and asked.at is None:  # what most orders have: one BOM line, which no other run touches
            ((group, there),) = mine.items()
            laid[order if each_order else 0, view.groups.positions(group)] += there
            continue
        positions = {
            p: None for group in groups for p in view.groups.positions(group) if asked.at is None or p in asked.at
        }
        for holding, names in position_classes(view.groups, tuple(positions), set(mine)).items():
            # no unit is in two orders, so those that place it alike are laid as one; what is not known is said by order
            there = laid[order if each_order else 0, tuple(names)]
            for group in holding:
                there += mine[group]
    found = []
    for (order, names), there in laid.items():
        each = _Class(order, names)
        _lay(each, asked, there)
        found.append(each)
    _leave_admitted(view, asked, [each for each in found if each.unknown])
    return found


def _leave_admitted(view: View, asked: Material, classes: list[_Class]) -> None:
    """Packages whose attribute is not known count only where the BOM of the order admits the part."""
    if not classes or asked.admits is None:
        return
    blocks = _blocks_of_orders(view, {each.order for each in classes})
    lines = _part_at(view, {block[3] for rows in blocks.values() for block in rows})
    for each in classes:
        boms = {block[3] for block in blocks[each.order]}
        if not any(lines.get(bom, {}).get(position) in asked.admits for bom in boms for position in each.positions):
            each.unknown = BitMap()


def _neighbours(view: View, wanted: dict[int, set[int]], about: "FewMaterial | _Near") -> dict[int, set[int]]:
    """Order -> its wanted groups and those that share a position with one of them. One statement at most."""
    found = {order: set(groups) for order, groups in wanted.items()}
    for order, group, other in about.read.meetings if isinstance(about, _Near) else about.meetings:
        if group in wanted.get(order, ()):
            found[order].add(other)
    view.groups.look_at(set().union(*found.values()))
    return found


def _others_beside(
    view: View, asked: Material, wanted: dict[int, set[int]], groups: dict[int, set[int]], about: "FewMaterial | _Near"
) -> list[_Run]:
    """Runs of other packages at these groups, where they reach among the units of those asked for; the rest is never opened."""
    if not groups:
        return []
    mine = asked.match | asked.unknown
    if not isinstance(about, _Near):  # all that lies over the units was read
        there = {(order, group) for order, held in groups.items() for group in held}
        return [_run(view, row) for row in about.runs if row[4] not in mine and (row[0], row[1]) in there]
    rows = about.read.runs
    met = [(order, group) for order, held in groups.items() for group in held - wanted[order]]
    if met:  # they share positions with those that were asked for
        places = [(*place, *about.reach.get(place[0], (0, 0))) for place in met]
        rows = [*rows, *beside(view, places, (), (), False).runs]
    return _read(view, [row for row in rows if row[4] not in mine])


def _lay(each: _Class, asked: Material, runs: list[_Run]) -> None:
    """Who lies where: matching, other and unknown candidates, and units where one package alone is only possible."""
    match, other, silent, sure = [], [], [], []
    maybe: dict[int, BitMap] = {}
    by_run = asked.through is not None
    for run in runs:
        package, units = run.package, run.units
        fits = asked.fits(run) if by_run else package in asked.match
        (match if fits else other).append(units)
        if fits is None or (not by_run and package in asked.unknown):
            silent.append(units)
        if run.certain:
            sure.append(units)
        else:
            maybe[package] = maybe[package] | units if package in maybe else units
    each.match, each.other = united(match), united(other)
    if silent:
        each.unknown = united(silent)
    # a grey zone is short: what is only possible is looked at first, and mostly lies under two packages
    lone = _of_one(maybe.values())
    if lone:
        each.lone = lone.difference(*sure)


def _of_one(packages: Collection[BitMap]) -> BitMap:
    """The units that are in one of the sets alone."""
    odd = BitMap()
    for units in packages:
        odd ^= units
    if not odd:  # those of one set alone would be among them; mostly each lies under two
        return odd
    once = more = BitMap()
    for units in packages:
        more, once = more | (once & units), once | units
    return once - more


def _silent(
    view: View, asked: Material, within: BitMap | None, rows: list[tuple]
) -> list[tuple[int, tuple[str, ...], BitMap]]:
    """(order, positions, units) where an admitted position has no run, or one lone possible package; `rows` are the holes of now."""
    if view.entry is not None:
        return list(_silent_as_of(view, asked))
    if not rows:
        return []
    labels = labels_of(view, {row[1] for row in rows})
    found = []
    for order, group, first, until, packed in rows:
        positions = tuple(p for p in labels[group] if asked.at is None or p in asked.at)
        if positions and (within is None or within.range_cardinality(first, until)):
            found.append((order, positions, opened(first, until, packed)))
    return found


def _silent_on_few(view: View, asked: Material, few: FewMaterial) -> list[tuple[int, tuple[str, ...], BitMap]]:
    labels = labels_of(view, {hole[4] for hole in few.holes})
    found = []
    for first, until, packed, order, group, part in few.holes:
        positions = tuple(p for p in labels[group] if asked.at is None or p in asked.at)
        if positions and (asked.admits is None or part in asked.admits):
            found.append((order, positions, opened(first, until, packed)))
    return found


def _silent_as_of(view: View, asked: Material):
    sql = (
        "SELECT DISTINCT b.work_order, b.bom FROM production_block b JOIN catalog_bom_line l ON l.tenant = b.tenant AND "
        "l.bom = b.bom WHERE b.tenant = %s"
    ) + view.seen("b")
    params: list = [view.tenant]
    if asked.admits is not None:
        sql += " AND " + reading.any_of("l.part")
        params.append(reading.list_param(asked.admits))
    for order, bom in reading.fetch(sql, params):
        rows = _blocks_of_orders(view, {order})[order]
        spans = tuple(sorted((row[1], row[2]) for row in rows))
        built = view.built(BitMap().union(*(BitMap(range(*span)) for span in spans)))
        runs_sql = f"SELECT {RUN_COLUMNS} FROM production_material_run r WHERE r.tenant = %s AND r.work_order = %s"
        runs = [_run(view, row) for row in reading.fetch(runs_sql + view.seen("r"), (view.tenant, order))]
        plan = OrderRow(order, "", 0, 0, 0, bom, spans)
        for part, positions, units in holes(
            view.tenant, plan, [run for run in runs if run.units], view.groups, built, view.entry
        ):
            kept = tuple(p for p in positions if asked.at is None or p in asked.at)
            if kept and (asked.admits is None or part in asked.admits):
                yield order, kept, units


# ---- replacements


@dataclass(frozen=True)
class _Replaced:
    """The replacements of one position of one unit, in the order in which they happened: (removed, installed)."""

    steps: tuple[tuple[int | None, int | None], ...]

    @property
    def open_before(self) -> bool:
        """Whether what was there first is not named."""
        return self.steps[0][0] is None

    def held(self, ever: bool) -> list[int | None]:
        """The packages it holds now, or held at any time; None: not known. What was there before all of them is left out
        where nobody named it; what went in unknown is known once it is named coming out."""
        if not ever:
            return [self.steps[-1][1]]
        found = [] if self.open_before else [self.steps[0][0]]
        for place, (_, installed) in enumerate(self.steps):
            named = self.steps[place + 1][0] if place + 1 < len(self.steps) else None
            found.append(installed if installed is not None else named)
        return found


def _replacements(
    view: View, asked: Material, classes, silent, about: "FewMaterial | _Near"
) -> dict[int, dict[str, _Replaced]]:
    """Unit -> position -> its replacements, for units and positions that matter."""
    matter = [units for each in classes for units in (each.match, each.unknown) if units]
    matter += [missing for _, _, missing in silent]
    few = None if isinstance(about, _Near) else about
    if few is None:
        touched = about.read.replaced if asked.through is None else _touched_through(view, asked)
        units = united([touched, *matter])
    elif not (units := few.replaced):
        return {}
    spoken_of = {position for each in classes for position in each.positions}
    spoken_of.update(position for _, positions, _ in silent for position in positions)
    # elsewhere a replacement matters only where a package of the question, or one not known, went in or came out
    told = asked.match | asked.unknown | {None}
    whole = asked.through is not None and asked.ever  # of what came out, its run says whether it came through a feeder
    if few is not None:
        rows = few.replacements
    else:
        rows = _replacement_rows(view, units, None if whole else (spoken_of, told))
    wanted = {row[:2] for row in rows if whole or row[1] in spoken_of or row[2] in told or row[3] in told}
    steps: dict[tuple[int, str], list] = defaultdict(list)
    for row in rows if wanted else ():
        if row[:2] in wanted and (asked.at is None or row[1] in asked.at):
            steps[row[:2]].append(row[2:])
    found: dict[int, dict[str, _Replaced]] = defaultdict(dict)
    for (unit, refdes), told_of in steps.items():
        told_of.sort(key=lambda row: row[2:])
        found[unit][refdes] = _Replaced(tuple((row[0], row[1]) for row in told_of))
    return found


def _touched_through(view: View, asked: Material) -> BitMap:
    """Units of which something that may have come through a feeder was taken: with `ever` only, for what went in came through none."""
    sql = "SELECT r.unit FROM production_replacement r WHERE r.tenant = %s AND r.removed IS NOT NULL" + view.seen("r")
    return BitMap(row[0] for row in reading.fetch(sql, (view.tenant,))) if asked.ever else BitMap()


REPLACEMENT = "r.unit, r.refdes, r.removed, r.installed, r.happened_at, r.entry"
LISTED_MAX = 50  # more positions or packages are looked for here: PostgreSQL goes through such a list for each row


def _replacement_rows(view: View, units: BitMap, told: tuple[set[str], Collection] | None) -> list[tuple]:
    """What was replaced on these units; with `told` (positions, packages) all of each position where one of them is named, or a package is not
    known. One statement, another where a package is named elsewhere."""
    whole = view.reaches(units)
    if not whole:
        return []
    if view.at_once is not None and view.at_once.reach(whole):
        return [row for row in view.at_once.replaced if row[0] in units]
    reaches = [(low, until) for _, low, until in whole]
    listed = told if told and max(map(len, told)) <= LISTED_MAX else None
    rows = [row for row in _replaced_over(view, reaches, listed) if row[0] in units]
    elsewhere = {row[0] for row in rows if row[1] not in listed[0]} if listed else ()
    if elsewhere:  # what else happened at that position counts too
        rows = [row for row in rows if row[0] not in elsewhere]
        rows += _replaced_over(view, [(unit, unit + 1) for unit in elsewhere], None)
    return rows


def _replaced_over(view: View, reaches: list, told: tuple[set[str], Collection] | None) -> list[tuple]:
    condition = "r.tenant = %s AND r.unit >= s.first_unit AND r.unit < s.until_unit" + view.seen("r")
    params = [*reading.integer_rows(reaches), view.tenant]
    if told is not None:
        positions, packages = told
        known = reading.list_param([package for package in packages if package is not None])
        named = (reading.any_of("r.refdes", "text"), reading.any_of("r.removed"), reading.any_of("r.installed"))
        condition += f" AND ({' OR '.join(named)} OR r.removed IS NULL OR r.installed IS NULL)"
        params += [reading.list_param(sorted(positions)), known, known]
    sql = (
        f"SELECT {REPLACEMENT} FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', condition)}"
    )
    return reading.fetch(sql, params)


def _wholly_replaced(replaced, positions, units: BitMap, others: BitMap, ever: bool) -> BitMap:
    """Units of the class that have been replaced at every one of its positions, so that its runs say nothing of them."""
    gone = BitMap()
    for unit, held in replaced.items():
        if (unit in units or unit in others) and all(
            p in held and not (ever and held[p].open_before) for p in positions
        ):
            gone.add(unit)
    return gone


def _replaced_positions(view: View, asked: Material, replaced) -> UnitSet:
    """What the replaced positions themselves say."""
    certain, possible, unrecorded = BitMap(), BitMap(), BitMap()
    admitted = _AdmittedPositions(view, asked, BitMap(replaced))
    if asked.through is not None:
        return _came_out(view, asked, replaced, admitted) if asked.ever else UnitSet.none()
    silent: dict[tuple[int, str], BitMap] = defaultdict(BitMap)
    for unit, held in replaced.items():
        for refdes, history in held.items():
            for package in history.held(asked.ever):
                if package in asked.match and package is not None:
                    certain.add(unit)
                elif (package is None or package in asked.unknown) and (unit, refdes) in admitted:
                    unrecorded.add(unit)
                    silent[admitted.order_of(unit), refdes].add(unit)
    for (order, refdes), units in silent.items():
        _note_unknown(view, asked, order, (refdes,), units)
    return UnitSet.nested(certain, possible, unrecorded)


def _came_out(view: View, asked: Material, replaced, admitted: "_AdmittedPositions") -> UnitSet:
    """What was at the replaced positions first, where somebody named it: as its own runs say that it came through a feeder."""
    first: dict[tuple[int, str], int] = {}
    for unit, held in replaced.items():
        for refdes, history in held.items():
            package = history.held(True)[0]
            if not history.open_before and asked.through.package(package) is not False:
                first[unit, refdes] = package
    units = BitMap(unit for unit, _ in first)
    runs: dict[int, list[_Run]] = defaultdict(list)
    for run in _runs_of_packages(view, frozenset(first.values()), units, asked.at):
        runs[run.package].append(run)
    labels = labels_of(view, {run.group for of_package in runs.values() for run in of_package})
    certain, possible, unrecorded = BitMap(), BitMap(), BitMap()
    for (unit, refdes), package in first.items():
        here = [run for run in runs[package] if unit in run.units and refdes in labels[run.group]]
        fits = [asked.through.fits(run.machine, run.feeder) for run in here] or [None]
        if asked.through.package(package) is None:
            fits = [None if fit else fit for fit in fits]
        if True in fits:
            (certain if set(fits) == {True} else possible).add(unit)
        elif None in fits and (unit, refdes) in admitted:
            unrecorded.add(unit)
            _note_unknown(view, asked, admitted.order_of(unit), (refdes,), BitMap([unit]))
    return UnitSet.nested(certain, possible, unrecorded)


class _AdmittedPositions:
    """Whether a position of a unit admits the part asked for."""

    def __init__(self, view: View, asked: Material, units: BitMap):
        self.view, self.asked = view, asked
        self.blocks = view.blocks_over(units)

    @cached_property
    def lines(self) -> dict[int, dict[str, int]]:
        """BOM -> position -> part, read when it is first asked for."""
        return _part_at(self.view, {block.bom for block in self.blocks})

    def order_of(self, unit: int) -> int:
        """The work order of the unit."""
        block = self._block_of(unit)
        return block.order if block else 0

    def _block_of(self, unit: int):
        return next((block for block in self.blocks if block.first <= unit < block.until), None)

    def __contains__(self, place: tuple[int, str]) -> bool:
        unit, refdes = place
        if self.asked.admits is None:
            return True
        block = self._block_of(unit)
        bom = block.bom if block else None
        return self.lines.get(bom, {}).get(refdes) in self.asked.admits


# ---- gaps


def _note_hole(view: View, order: int, positions: tuple[str, ...], units: BitMap) -> None:
    if units:
        view.gaps.append(
            (Gap(gettext_noop("{order}: no certain material run for {at} on {units}"), order, tuple(positions)), units)
        )


def _note_unknown(view: View, asked: Material, order: int, positions: Iterable[str], units: BitMap) -> None:
    if units:
        text = gettext_noop("{order}: the lot or date code of the package at {at} is not known on {units}")
        if asked.through is not None:
            text = gettext_noop("{order}: the feeder, lot or date code of what is at {at} is not known on {units}")
        if asked.pieces:
            text = gettext_noop(
                "{order}: whether the package at {at} is meant is not known on {units}: its maker, lot, date code, silicon revision, or the serial "
                "numbers of its pieces"
            )
        view.gaps.append((Gap(text, order, tuple(positions)), units))
