"""Alternates on units: what a sheet names and no run has qualified, however it came there. Feeders refuse it before; machines and tables tell what
was mounted, and it is recorded as it was.

    untried(view, around(view, units))                 -> what stops them at packing and when they leave
    untried(view, around(view, units), at_step=True)   -> the same at a step: units of the order on which it is tried go on

Possible counts as open, as at every gate. Not meant is what `parts.csv` approved before the sheet named it, unless a run found against it, and what a deviation let be built.
"""

from collections.abc import Iterator

from pyroaring import BitMap

from asbuilt.answers.gate.missing import Around, Missing, plain
from asbuilt.built.production.approved_makers import approved_before
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.changes.controlling.eco import PART, Change
from asbuilt.designed.changes.qualifying.deviations import Deviation, granted_for
from asbuilt.designed.changes.qualifying.sheets import ALTERNATE, QUALIFIED, Candidate, standing_sheets
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UnitSet
from asbuilt.questions.genealogy.answering.changes_built import graded_with
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under
from asbuilt.questions.genealogy.evaluating.trial_units import units_tried
from asbuilt.questions.genealogy.evaluating.view import View

REASON = "alternate_unqualified"


def untried(
    view: View, asked: Around, *, at_step: bool = False, under: list[tuple[Deviation, Missing]] | None = None
) -> Iterator[Missing]:
    """What stops these units; `under` takes what a deviation lets pass. Nothing is read where no sheet was ever opened."""
    if not view.recorded.alternates:
        return
    open_ones = [
        (sheet.part, one)
        for sheet in standing_sheets(view.tenant)
        for one in sheet.candidates.values()
        if one.role == ALTERNATE and one.state != QUALIFIED and not approved_before(view.tenant, sheet.part, one)
    ]
    if not open_ones:
        return
    codes, mine = product_codes(view.tenant), {}
    for block, low, until in view.reaches(asked.all):
        mine.setdefault(codes[block.product], BitMap()).update(asked.all & BitMap(range(low, until)))
    for part, one in open_ones:
        sure, maybe, let = BitMap(), BitMap(), []
        for product, some in mine.items():
            having = _carry(view, product, some, part, one, let)
            sure |= having.certain
            maybe |= having.possible
        if at_step and maybe:
            tried = units_tried(view.tenant, f"{one.maker}/{one.mpn}")
            sure, maybe = sure - tried, maybe - tried
        for deviation, grade, carries, units in let if under is not None else ():
            if passed := asked.outer(units):
                under.append((deviation, _missing(part, one, passed, grade, carries)))
        certain = asked.outer(sure)
        for grade, found, carries in (
            (CERTAIN, certain, "carries"),
            (POSSIBLE, asked.outer(maybe) - certain, "possibly carries"),
        ):
            if found:
                yield _missing(part, one, found, grade, carries)


def _carry(
    view: View, product: str, units: BitMap, part: str, one: Candidate, let: list[tuple[Deviation, str, str, BitMap]]
) -> UnitSet:
    """Units of a product that carry it, or may, and were not built so under a deviation; `let` takes those that were."""
    value = f"{one.maker}/{one.mpn}"
    found = graded_with(view, Change("", PART, product, (part,), "", value, ""), value, units)
    if found.possible:
        for deviation in granted_for(view.tenant, [product]):
            if deviation.allows_part(part, one.mpn, one.maker):
                mine = units_under(view, deviation, BitMap(found.possible))
                let.append((deviation, CERTAIN, "carries", mine & found.certain))
                let.append((deviation, POSSIBLE, "possibly carries", mine - found.certain))
                found = found.without(mine)
    return found


def _missing(part: str, one: Candidate, units: BitMap, grade: str, carries: str) -> Missing:
    value = f"{one.maker}/{one.mpn}"
    said = f"{{unit}} {carries} {plain(value)}, an alternate for {plain(part)} that is not qualified."
    remedy = (
        f"Have {one.run} judged, or a concession agreed to."
        if one.run
        else "Have it qualified, or a concession agreed to."
    )
    facts = {"part": part, "mpn": one.mpn, "maker": one.maker, "state": one.state, "run": one.run, "certainty": grade}
    return Missing(REASON, value, BitMap(units), said, remedy, facts)
