"""Alternates that units carry because a qualification run allows it: what a run qualified and `parts.csv` had not approved before.

qualified_on(view, units)     -> for each such maker's part: which of the units carry it, or may
carriers(view, units)         -> (product, its units): what every question about alternates is asked over
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.approved_makers import approved_before
from asbuilt.designed.catalog.queries import bom_lines, part_codes, product_codes
from asbuilt.designed.changes.controlling.eco import PART, Change
from asbuilt.designed.changes.qualifying.sheets import ALTERNATE, QUALIFIED, REVOKED, Candidate, Sheet, standing_sheets
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.answering.changes_built import graded_with
from asbuilt.questions.genealogy.evaluating.view import View


@dataclass(frozen=True)
class CarriedAlternate:
    """A maker's part of a sheet, for which internal part, on which units for certain, and on which more it only may be."""

    part: str
    one: Candidate
    certain: BitMap
    possible: BitMap


def carriers(view: View, units: BitMap) -> dict[str, BitMap]:
    """Product -> which of these units are of it."""
    codes, found = product_codes(view.tenant), {}
    for block, low, until in view.reaches(units):
        found.setdefault(codes[block.product], BitMap()).update(units & BitMap(range(low, until)))
    return found


def carrying_alternate(view: View, product: str, units: BitMap, part: str, one: Candidate) -> UnitSet:
    """Which of these units of a product carry this candidate, certain and possible."""
    value = f"{one.maker}/{one.mpn}"
    return graded_with(view, Change("", PART, product, (part,), "", value, ""), value, units)


def qualified_on(
    view: View, units: BitMap, sheets: list[Sheet] | None = None, *, revoked: bool = False
) -> Iterator[CarriedAlternate]:
    """What a run had qualified as the view knows it, on these units; with `revoked` also what it qualified once. Nothing is read where no sheet was
    ever opened."""
    if not view.recorded.alternates:
        return
    known = standing_sheets(view.tenant, view.entry) if sheets is None else sheets
    named = [
        (sheet.part, one)
        for sheet in known
        for one in sheet.candidates.values()
        if one.role == ALTERNATE and one.state in ((QUALIFIED, REVOKED) if revoked else (QUALIFIED,))
    ]
    planned = _parts_of(view, units) if named else frozenset()
    named = [
        (part, one) for part, one in named if part in planned
    ]  # of hundreds of sheets few are of what these units take
    mine = carriers(view, units) if named else {}
    for part, one in named:
        sure, maybe = BitMap(), BitMap()
        for product, some in mine.items():
            found = carrying_alternate(view, product, some, part, one)
            sure |= found.certain
            maybe |= found.possible
        if maybe and not approved_before(view.tenant, part, one, view.entry):
            yield CarriedAlternate(part, one, sure, maybe - sure)


def _parts_of(view: View, units: BitMap) -> frozenset[str]:
    """The parts of the BOMs by which these units were planned. A statement a BOM, and one."""
    boms = {block.bom for block, _, _ in view.reaches(units)}
    parts = {line.part for bom in boms for line in bom_lines(view.tenant, bom, view.entry)}
    return frozenset(part_codes(view.tenant, parts).values())
