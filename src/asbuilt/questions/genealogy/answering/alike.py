"""What stands at the positions of an order over all its units, in bitmaps: the ground of record levels and of an order's board map.

Positions of a BOM line that the same position groups hold are alike: one set of bitmaps speaks of all of them. A position where
something was replaced on some unit stands alone, with the replacement applied: its unit holds what went in, or something unnamed.
Candidates are the design's (section 6): all packages of the runs over a unit; beside a lone possible one stands an unknown one.

    for one in alike(view, order):      # pure bitmaps from here on
        one.exact, one.several, one.alone, one.silent, one.unnamed       # each unit of one.units is in exactly one of them
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from pyroaring import BitMap

from asbuilt.built.production.holes import position_classes
from asbuilt.built.production.runs import units_as_of
from asbuilt.designed.catalog.queries import BomLineRow, bom_lines
from asbuilt.kernel.spans import bitmap_of, unpack
from asbuilt.questions.genealogy.evaluating.material import labels_of
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Run:
    """A material run as a view sees it."""

    group: int
    package: int
    certain: bool
    units: BitMap


@dataclass
class Alike:
    """Positions of one BOM line with the units looked at and, by package, the units where it is a candidate now."""

    line: BomLineRow
    bom: int
    positions: tuple[str, ...]
    units: BitMap
    packages: dict[int, BitMap]
    sure: BitMap
    unnamed: BitMap = field(default_factory=BitMap)
    replaced: BitMap = field(default_factory=BitMap)

    @cached_property
    def _counted(self) -> tuple[BitMap, BitMap]:
        once, more = BitMap(), BitMap()
        for units in self.packages.values():
            more |= once & units
            once |= units
        return once, more

    @property
    def several(self) -> BitMap:
        """Units where several known packages may stand."""
        return self._counted[1]

    @cached_property
    def exact(self) -> BitMap:
        """Units where exactly one known package stands."""
        return (self._counted[0] - self._counted[1]) & self.sure

    @cached_property
    def alone(self) -> BitMap:
        """Units where one package is possible, and what else may stand there is not known."""
        return self._counted[0] - self._counted[1] - self.sure

    @cached_property
    def silent(self) -> BitMap:
        """Units of which nothing was ever recorded here."""
        return self.units - self._counted[0] - self.unnamed


def blocks_of_order(view: View, order: int) -> list[BlockRow]:
    """The blocks of an order, ascending. One statement."""
    sql = (
        "SELECT b.first_unit, b.until_unit, b.work_order, b.product, b.revision, b.bom FROM production_block b "
        "WHERE b.tenant = %s AND b.work_order = %s"
    )
    return [BlockRow._make(row) for row in sorted(reading.fetch(sql + view.seen("b"), (view.tenant, order)))]


def runs_of(view: View, order: int) -> list[Run]:
    """The material runs of an order. One statement."""
    sql = (
        'SELECT r."group", r.package, r.certain, r.first_unit, r.until_unit, r.units, r.growth FROM production_material_run r '
        "WHERE r.tenant = %s AND r.work_order = %s"
    )
    found = []
    for group, package, certain, first, until, packed, growth in reading.fetch(
        sql + view.seen("r"), (view.tenant, order)
    ):
        if view.entry is None:
            units = unpack(first, until, packed)
        else:
            units = units_as_of(first, until, packed, growth, view.entry)
        if units:
            found.append(Run(group, package, bool(certain), units))
    return found


def alike(view: View, order: int, over: BitMap, blocks: Iterable[BlockRow]) -> list[Alike]:
    """Every position of the BOM versions of an order with what stands there on the units of `over`.

    Statements: one for the runs, one a BOM version, one a block for replacements, one for groups not looked at yet.
    """
    runs = runs_of(view, order)
    by_group: dict[int, list[Run]] = {}
    for run in runs:
        by_group.setdefault(run.group, []).append(run)
    labels_of(view, set(by_group))
    blocks = list(blocks)
    put_in = _replacements(view, blocks, over)
    by_bom: dict[int, list[tuple[int, int]]] = {}
    for block in blocks:
        by_bom.setdefault(block.bom, []).append((block.first, block.until))
    found = []
    for bom, spans in by_bom.items():
        units = bitmap_of(spans) & over
        lines = bom_lines(view.tenant, bom, view.entry)
        labels = labels_of(view, {line.group for line in lines})
        for line in lines if units else ():
            for held, positions in position_classes(view.groups, labels[line.group], set(by_group)).items():
                here = [run for group in held for run in by_group[group]]
                found += _split(Alike(line, bom, tuple(positions), units, *_laid(here, units)), put_in)
    return found


def _laid(runs: list[Run], over: BitMap) -> tuple[dict[int, BitMap], BitMap]:
    packages: dict[int, BitMap] = {}
    sure = BitMap()
    for run in runs:
        units = run.units & over
        if units:
            packages.setdefault(run.package, BitMap()).update(units)
            if run.certain:
                sure |= units
    return packages, sure


def _replacements(view: View, blocks: list[BlockRow], over: BitMap) -> dict[str, dict[int, int | None]]:
    """Position -> unit -> what went in last (None: not named). One statement."""
    rows = view.rows_by_block(
        "t.happened_at, t.entry, t.unit, t.refdes, t.installed", "production_replacement", blocks, unit="unit"
    )
    found: dict[str, dict[int, int | None]] = {}
    for _, _, unit, refdes, installed in sorted(rows, key=lambda row: row[:4]):
        if unit in over:
            found.setdefault(refdes, {})[unit] = installed
    return found


def _split(one: Alike, put_in: dict[str, dict[int, int | None]]) -> Iterable[Alike]:
    """The positions where nothing was replaced together, each of the others alone with what stands there now."""
    kept = tuple(position for position in one.positions if not put_in.get(position))
    if kept:
        yield Alike(one.line, one.bom, kept, one.units, one.packages, one.sure)
    for position in one.positions:
        mine = {unit: package for unit, package in put_in.get(position, {}).items() if unit in one.units}
        if position in kept:
            continue
        gone = BitMap(mine)
        packages = {package: left for package, units in one.packages.items() if (left := units - gone)}
        for unit, package in mine.items():
            if package is not None:
                packages.setdefault(package, BitMap()).add(unit)
        unnamed = BitMap(unit for unit, package in mine.items() if package is None)
        sure = (one.sure - gone) | (gone - unnamed)
        yield Alike(one.line, one.bom, (position,), one.units, packages, sure, unnamed, gone)
