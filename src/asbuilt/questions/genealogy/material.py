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
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pyroaring import BitMap

from asbuilt.built.production.holes import holes, position_classes
from asbuilt.built.production.meetings import meetings_of_orders
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.runs import Run, units_as_of
from asbuilt.kernel.spans import UnitSet, unpack
from asbuilt.questions.genealogy.terms import gettext_noop
from asbuilt.questions.genealogy.view import Gap, View, pairs
from asbuilt.storage import reading

RUN_COLUMNS = 'r.work_order, r."group", r.first_unit, r.until_unit, r.package, r.certain, r.units, r.growth'


@dataclass(frozen=True)
class Material:
    """What is asked for: packages that match, packages that may (their attribute is not known), parts that positions must
    admit to be silent about it (None: every position), positions (None: any), and whether replaced parts count."""

    match: frozenset[int]
    unknown: frozenset[int]
    admits: frozenset[int] | None
    at: frozenset[str] | None = None
    ever: bool = False


class _Class:
    """Positions of one order that the same groups hold, with the runs over them."""

    def __init__(self, order: int, positions: list[str]):
        self.order, self.positions = order, positions
        self.match, self.other, self.unknown, self.lone = BitMap(), BitMap(), BitMap(), BitMap()


def carrying(view: View, asked: Material) -> UnitSet:
    """The units that carry it. Statements: three for the runs, one or two for holes, two for replacements."""
    runs = _runs_of_packages(view, asked.match | asked.unknown)
    classes = _classes(view, asked, runs)
    silent = _silent(view, asked)
    certain, possible, unrecorded = BitMap(), BitMap(), BitMap()
    replaced = _replacements(view, asked, classes, silent)
    for each in classes:
        certain_here = each.match - each.other - each.lone
        silent_here = each.unknown - each.match
        gone = _wholly_replaced(replaced, each.positions, each.match | silent_here, asked.ever)
        certain |= certain_here - gone
        possible |= each.match - gone
        unrecorded |= silent_here - gone
        _note_unknown(view, each.order, each.positions, silent_here - gone)
    for order, positions, units in silent:
        left = units - _wholly_replaced(replaced, positions, units, asked.ever)
        unrecorded |= left
        _note_hole(view, order, positions, left)
    result = UnitSet.nested(certain, possible, unrecorded)
    return result | _replaced_positions(view, asked, replaced, classes, silent)


def _runs_of_packages(view: View, packages: frozenset[int]) -> list[Run]:
    if not packages:
        return []
    sql = (
        f"SELECT {RUN_COLUMNS} FROM production_material_run r WHERE r.tenant = %s AND "
        + reading.any_of("r.package")
        + view.seen("r")
    )
    return [_run(view, row) for row in reading.fetch(sql, (view.tenant, reading.list_param(packages)))]


def _run(view: View, row: tuple) -> Run:
    order, group, first, until, package, certain, packed, growth = row
    units = (
        unpack(first, until, packed) if view.entry is None else units_as_of(first, until, packed, growth, view.entry)
    )
    return Run(order, group, package, certain, None, None, None, 0, units)


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


def _classes(view: View, asked: Material, runs: list[Run]) -> list[_Class]:
    """Classes of positions that hold a matching or unknown package, with everything else that lies over them."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for run in runs:
        wanted[run.work_order].add(run.group)
    neighbours = _neighbours(view, wanted)
    by_order: dict[int, dict[int, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in (*runs, *_others_beside(view, asked, runs, neighbours)):
        by_order[run.work_order][run.group].append(run)
    found = []
    for order, groups in wanted.items():
        positions = {
            p: None for group in groups for p in view.groups.positions(group) if asked.at is None or p in asked.at
        }
        for holding, names in position_classes(view.groups, tuple(positions), set(by_order[order])).items():
            each = _Class(order, names)
            _lay(each, asked, [run for group in holding for run in by_order[order][group]])
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


def _neighbours(view: View, wanted: dict[int, set[int]]) -> dict[int, set[int]]:
    """Order -> its wanted groups and those that share a position with one of them. Two statements."""
    found = {order: set(groups) for order, groups in wanted.items()}
    for order, group, other in meetings_of_orders(view.tenant, wanted):
        if group in wanted[order]:
            found[order].add(other)
    labels_of(view, set().union(*found.values()))
    return found


def _others_beside(view: View, asked: Material, runs: list[Run], groups: dict[int, set[int]]) -> list[Run]:
    """Runs of other packages at these groups, where they reach among the units of `runs`; the rest is never opened."""
    wanted = [(order, group) for order, held in groups.items() for group in held]
    if not wanted:
        return []
    reach: dict[int, tuple[int, int]] = {}
    for run in runs:
        if run.units:
            low, high = reach.get(run.work_order, (run.units.min(), 0))
            reach[run.work_order] = (min(low, run.units.min()), max(high, run.units.max() + 1))
    condition = 'r.tenant = %s AND r.work_order = s.first_unit AND r."group" = s.until_unit' + view.seen("r")
    sql = f"SELECT {RUN_COLUMNS} FROM {reading.spans_table('s')} {reading.each('r', 'production_material_run', condition)}"
    found = []
    for row in reading.fetch(sql, (*pairs(wanted), view.tenant)):
        low, high = reach.get(row[0], (0, 0))
        if row[2] < high and row[3] > low and row[4] not in asked.match and row[4] not in asked.unknown:
            found.append(_run(view, row))
    return found


def _lay(each: _Class, asked: Material, runs: list[Run]) -> None:
    """Who lies where: matching, other and unknown candidates, and units where one package alone is only possible."""
    packages: dict[int, BitMap] = {}
    sure = BitMap()
    for run in runs:
        packages.setdefault(run.package, BitMap()).update(run.units)
        if run.certain:
            sure |= run.units
    once, more = BitMap(), BitMap()
    for package, units in packages.items():
        more |= once & units
        once |= units
        if package in asked.match:
            each.match |= units
        else:
            each.other |= units
        if package in asked.unknown:
            each.unknown |= units
    each.lone = once - more - sure


def _silent(view: View, asked: Material) -> list[tuple[int, tuple[str, ...], BitMap]]:
    """(order, positions, units) where an admitted position has no run, or one lone possible package."""
    if view.entry is not None:
        return list(_silent_as_of(view, asked))
    sql = 'SELECT h.work_order, h."group", h.first_unit, h.until_unit, h.units FROM production_material_hole h WHERE h.tenant = %s'
    params: list = [view.tenant]
    if asked.admits is not None:
        sql += " AND " + reading.any_of("h.part")
        params.append(reading.list_param(asked.admits))
    rows = reading.fetch(sql, params)
    labels = labels_of(view, {row[1] for row in rows})
    found = []
    for order, group, first, until, packed in rows:
        positions = tuple(p for p in labels[group] if asked.at is None or p in asked.at)
        if positions:
            found.append((order, positions, unpack(first, until, packed)))
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


def _replacements(view: View, asked: Material, classes, silent) -> dict[int, dict[str, _Replaced]]:
    """Unit -> position -> its replacements, for units and positions that matter."""
    units = BitMap()
    for each in classes:
        units |= each.match | each.unknown | each.lone
    for _, _, missing in silent:
        units |= missing
    units |= _touched_by_packages(view, asked)
    steps: dict[tuple[int, str], list] = defaultdict(list)
    for row in _replacement_rows(view, units):
        if asked.at is None or row[1] in asked.at:
            steps[row[:2]].append(row[2:])
    spoken_of = {position for each in classes for position in each.positions}
    spoken_of.update(position for _, positions, _ in silent for position in positions)
    # elsewhere a replacement matters only where a package of the question, or one not known, went in or came out
    told = asked.match | asked.unknown | {None}
    found: dict[int, dict[str, _Replaced]] = defaultdict(dict)
    for (unit, refdes), rows in steps.items():
        if refdes in spoken_of or any(removed in told or installed in told for removed, installed, *_ in rows):
            rows.sort(key=lambda row: row[2:])
            found[unit][refdes] = _Replaced(tuple((row[0], row[1]) for row in rows))
    return found


def _touched_by_packages(view: View, asked: Material) -> BitMap:
    """Units into which one of the packages, or one not known, went; with `ever` also those it came out of. One statement."""
    columns = ("installed", "removed") if asked.ever else ("installed",)
    packages = reading.list_param(asked.match | asked.unknown)
    select = "SELECT r.unit FROM production_replacement r WHERE r.tenant = %s AND "
    parts = [select + reading.any_of("r." + column) + view.seen("r") for column in columns]
    params = [value for _ in columns for value in (view.tenant, packages)]
    parts.append(select + "r.installed IS NULL" + view.seen("r"))
    return BitMap(row[0] for row in reading.fetch(" UNION ALL ".join(parts), (*params, view.tenant)))


def _replacement_rows(view: View, units: BitMap):
    condition = "r.tenant = %s AND r.unit >= s.first_unit AND r.unit < s.until_unit" + view.seen("r")
    sql = (
        "SELECT r.unit, r.refdes, r.removed, r.installed, r.happened_at, r.entry "
        f"FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', condition)}"
    )
    blocks = view.blocks_over(units)
    rows = reading.fetch(sql, (*pairs((block.first, block.until) for block in blocks), view.tenant)) if blocks else []
    return [row for row in rows if row[0] in units]


def _wholly_replaced(replaced, positions, units: BitMap, ever: bool) -> BitMap:
    """Units of the class that have been replaced at every one of its positions, so that its runs say nothing of them."""
    gone = BitMap()
    if not replaced:
        return gone
    for unit, held in replaced.items():
        if unit in units and all(p in held and not (ever and held[p].open_before) for p in positions):
            gone.add(unit)
    return gone


def _replaced_positions(view: View, asked: Material, replaced, classes, silent) -> UnitSet:
    """What the replaced positions themselves say."""
    certain, possible, unrecorded = BitMap(), BitMap(), BitMap()
    if not replaced:
        return UnitSet.none()
    admitted = _AdmittedPositions(view, asked, BitMap(replaced))
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
        _note_unknown(view, order, (refdes,), units)
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


def _note_unknown(view: View, order: int, positions: Iterable[str], units: BitMap) -> None:
    if units:
        text = gettext_noop("{order}: the lot or date code of the package at {at} is not known on {units}")
        view.gaps.append((Gap(text, order, tuple(positions)), units))
