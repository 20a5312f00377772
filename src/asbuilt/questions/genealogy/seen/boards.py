"""The board of a unit, or of all units of an order: each component of the placement with what the record says of it.

Of a unit: candidates, how sure, replaced or not, defects. Of an order: how many units have it certain, possible, unrecorded; its lots; on how
many units it was replaced or found defective. Positions that the placement does not have (a label, glue, a part of another file) are named.
Defects are those that inspections found at a designator and nobody rejected as a false call.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.built.supply.queries import origins
from asbuilt.designed.catalog.placements import Placed, placed
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED
from asbuilt.questions.genealogy.answering.alike import Alike, alike, blocks_of_order
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.questions.genealogy.seen.life import Life
from asbuilt.questions.genealogy.seen.orders import OrderPage

NOT_IN_BOM = ""


@dataclass(frozen=True)
class LotHere:
    """A lot at a position: its code or, where that is not known, empty; a package of it; date code where one unit is looked at."""

    lot: str
    package: str
    date_code: str = ""


@dataclass(frozen=True)
class Said:
    """What the record says of positions that are alike: `counts` of units by grade (of a unit: one of them is 1), lots, whether
    something unknown may stand there, units on which it was replaced, defects (code, units)."""

    line: str
    part: str
    positions: tuple[str, ...]
    counts: dict[str, int] = field(hash=False)
    lots: tuple[LotHere, ...]
    open: bool = False
    replaced: int = 0
    defects: tuple[tuple[str, int], ...] = ()

    @property
    def grade(self) -> str:
        """The lowest grade that some unit has here; empty where no unit was begun or the BOM does not have it."""
        return next((grade for grade in (UNRECORDED, POSSIBLE, CERTAIN) if self.counts[grade]), NOT_IN_BOM)


@dataclass
class Board:
    """A board as its placement file has it: `said[at[refdes]]` is what the record says of a component; `elsewhere` are positions of
    the record that the file does not place."""

    placement: str
    components: tuple[Placed, ...]
    said: list[Said]
    at: dict[str, int]
    elsewhere: tuple[str, ...]
    units: int
    of_unit: bool


def unit_board(life: Life) -> Board | None:
    """The board of a unit; None where its revision has no placement. Two statements beyond the life."""
    view, who = life.view, life.who
    found = placed(view.tenant, who.product, who.revision, view.entry)
    if found is None:
        return None
    defects = _defects(view, [BlockRow(who.unit, who.unit + 1, 0, 0, 0, 0)])
    said = []
    for line in life.placed.lines:
        for group in line.groups:
            lots = tuple(LotHere(one.lot, one.package, one.date_code) for one in group.candidates)
            counts = {grade: int(grade == group.grade) for grade in (CERTAIN, POSSIBLE, UNRECORDED)}
            whole = Said(line.line, line.part, group.positions, counts, lots, group.open, int(bool(group.changes)))
            said += _with_defects(whole, defects)
    return _board(found, said, 1, of_unit=True)


def order_board(page: OrderPage) -> Board | None:
    """The board of the revision that an order began with, over its units that were begun; None without a placement.

    About ten statements.
    """
    view, order = page.view, page.order
    found = placed(view.tenant, order.product, order.revision, view.entry)
    if found is None:
        return None
    blocks = blocks_of_order(view, order.number)
    blocks = [block for block in blocks if block.revision == blocks[0].revision]
    units = view.built(BitMap().union(*(BitMap(range(block.first, block.until)) for block in blocks)))
    alikes = alike(view, order.number, units, blocks)
    known = origins(view.tenant, {package for one in alikes for package in one.packages})
    parts = part_codes(view.tenant, {one.line.part for one in alikes})
    defects = _defects(view, blocks)
    said = [kept for one in alikes for kept in _with_defects(_of_order(one, known, parts), defects)]
    return _board(found, said, len(units), of_unit=False)


def _of_order(one: Alike, known: dict, parts: dict[int, str]) -> Said:
    lots: dict[int, LotHere] = {}
    for number, units in sorted(one.packages.items()):
        if units:
            lots.setdefault(known[number].lot, LotHere(known[number].lot_code, known[number].code))
    counts = {
        CERTAIN: len(one.exact),
        POSSIBLE: len(one.several | one.alone),
        UNRECORDED: len(one.silent | one.unnamed),
    }
    here = tuple(sorted(lots.values(), key=lambda lot: (lot.lot, lot.package)))
    part = parts.get(one.line.part, "")
    return Said(one.line.line, part, one.positions, counts, here, bool(one.alone), len(one.replaced))


def _board(found, said: list[Said], units: int, *, of_unit: bool) -> Board:
    at = {position: number for number, one in enumerate(said) for position in one.positions}
    there = {one.refdes for one in found.components}
    elsewhere = tuple(sorted(at.keys() - there, key=natural_key))
    return Board(found.name, found.components, said, at, elsewhere, units, of_unit)


# ---- defects


def _defects(view: View, blocks: Iterable[BlockRow]) -> dict[str, dict[str, int]]:
    """Designator -> defect code -> units it was found on. One statement."""
    rows = view.rows_by_block(
        "t.unit, t.measurements",
        "quality_test_run",
        blocks,
        " AND t.measurements LIKE %s",
        ['%"defects"%'],
        unit="unit",
    )
    found: dict[tuple[str, str], BitMap] = {}
    for unit, measured in rows:
        said = json.loads(measured)
        for one in (
            said.get("defects") or () if isinstance(said, dict) and isinstance(said.get("defects"), list) else ()
        ):
            if isinstance(one, dict) and one.get("at") and one.get("verification") not in NO_DEFECT:
                code = str(one.get("code") or one.get("category") or one.get("description") or "")
                if view.sees(unit):
                    found.setdefault((str(one["at"]), code), BitMap()).add(unit)
    by_position: dict[str, dict[str, int]] = {}
    for (position, code), units in found.items():
        by_position.setdefault(position, {})[code] = len(units)
    return by_position


def _with_defects(whole: Said, defects: dict[str, dict[str, int]]) -> Iterable[Said]:
    """The positions without a defect together, each of the others alone."""
    kept = tuple(position for position in whole.positions if position not in defects)
    if kept:
        yield _at(whole, kept, ())
    for position in whole.positions:
        if position in defects:
            yield _at(whole, (position,), tuple(sorted(defects[position].items())))


def _at(whole: Said, positions: tuple[str, ...], defects: tuple) -> Said:
    return Said(
        whole.line, whole.part, positions, whole.counts, whole.lots, whole.open, whole.replaced, defects
    )  # fmt: skip
