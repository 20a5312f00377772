"""Alternates on units: what a sheet names and no run has qualified, however it came there. Feeders refuse it before; machines and tables tell what
was mounted, and it is recorded as it was.

    untried(view, around(view, units))                 -> what stops them at packing and when they leave
    untried(view, around(view, units), at_step=True)   -> the same at a step: units of the order on which it is tried go on

Possible counts as open, as at every gate. Not meant is what `parts.csv` approved before the sheet named it, unless a run found against it, and what a deviation let be built.
What goes because a deviation, the run that qualified it, or at a step the run that tries it, lets it go is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.answers.gate.came_on import came_on
from asbuilt.answers.gate.missing import FEW, Around, Missing, came_to, plain
from asbuilt.built.production.approved_makers import approved_before, is_of
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.supply.queries import lots_by_mpn, packages, packages_of_lots
from asbuilt.designed.changes.qualifying.deviations import granted_for
from asbuilt.designed.changes.qualifying.sheets import ALTERNATE, QUALIFIED, RUNNING, Candidate, standing_sheets
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UnitSet
from asbuilt.questions.genealogy.answering.alternates_carried import carriers, carrying_alternate, qualified_on
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under
from asbuilt.questions.genealogy.evaluating.trial_units import units_tried
from asbuilt.questions.genealogy.evaluating.view import View

REASON, AS_QUALIFIED, AS_TRIED = "alternate_unqualified", "alternate_qualified", "alternate_tried"
CARRIES, MAY_CARRY = (CERTAIN, "carries"), (POSSIBLE, "possibly carries")


@dataclass
class Rests:
    """What lets alternates go: (code of the deviation or run, what nobody checked of it, what it lets pass)."""

    found: list[tuple[str, str, Missing]] = field(default_factory=list)


def untried(view: View, asked: Around, *, at_step: bool = False, under: Rests | None = None) -> Iterator[Missing]:
    """What stops these units; `under` takes what lets alternates go. Nothing is read where no sheet was ever opened."""
    if not view.recorded.alternates:
        return
    sheets = standing_sheets(view.tenant)
    if under is not None:
        _qualified(view, asked, sheets, under)
    open_ones = [
        (sheet.part, one)
        for sheet in sheets
        for one in sheet.candidates.values()
        if one.role == ALTERNATE and one.state != QUALIFIED and not approved_before(view.tenant, sheet.part, one)
    ]
    mine = carriers(view, asked.all) if open_ones else {}
    for part, one in open_ones:
        sure, maybe = BitMap(), BitMap()
        for product, some in mine.items():
            having = _carry(view, asked, product, some, part, one, under)
            sure |= having.certain
            maybe |= having.possible
        if at_step and maybe:
            tried = units_tried(view.tenant, f"{one.maker}/{one.mpn}")
            if under is not None and one.state == RUNNING:
                _named(asked, part, one, (sure & tried, (maybe - sure) & tried), AS_TRIED, under)
            sure, maybe = sure - tried, maybe - tried
        certain = asked.outer(sure)
        came = came_to(asked, came_on(view, maybe, _packages_of(view, asked, one))) if maybe else {}
        for grade, found in ((CARRIES, certain), (MAY_CARRY, asked.outer(maybe) - certain)):
            if found:
                yield replace(_missing(part, one, found, grade), came=came)


def _packages_of(view: View, asked: Around, one: Candidate) -> set[int]:
    """Packages of the candidate's maker's part: those on few units, else all there are."""
    if len(asked.all) <= FEW:
        there = packages(view.tenant, frozenset().union(*map(view.packages_on, asked.all))).values()
        return {package.number for package in there if is_of((one.mpn, one.maker), package)}
    lots = [lot.number for lot in lots_by_mpn(view.tenant, one.mpn) if is_of((one.mpn, one.maker), lot)]
    return {package for package, _ in packages_of_lots(view.tenant, lots)}


def _qualified(view: View, asked: Around, sheets: list, under: Rests) -> None:
    for each in qualified_on(view, asked.all, sheets):
        _named(asked, each.part, each.one, (each.certain, each.possible), AS_QUALIFIED, under)


def _named(asked: Around, part: str, one: Candidate, units: tuple[BitMap, BitMap], how: str, under: Rests) -> None:
    """(certain, possible) units go because of the candidate's run."""
    certain = asked.outer(units[0])
    for (grade, carries), found in ((CARRIES, certain), (MAY_CARRY, asked.outer(units[1]) - certain)):
        if not found:
            continue
        done = "qualified" if how == AS_QUALIFIED else "tried"
        value = f"{one.maker}/{one.mpn}"
        said = f"{{unit}} {carries} {plain(value)}, an alternate for {plain(part)}, {done} in {plain(one.run)}."
        facts = {"part": part, "mpn": one.mpn, "maker": one.maker, "state": one.state, "run": one.run}
        under.found.append((one.run, "", Missing(how, value, found, said, "", {**facts, "certainty": grade})))


def _carry(
    view: View, asked: Around, product: str, units: BitMap, part: str, one: Candidate, under: Rests | None
) -> UnitSet:
    """Units of a product that carry it, or may, and were not built so under a deviation; `under` takes those that were."""
    found = carrying_alternate(view, product, units, part, one)
    if found.possible:
        for deviation in granted_for(view.tenant, [product]):
            if deviation.allows_part(part, one.mpn, one.maker):
                mine = units_under(view, deviation, BitMap(found.possible))
                for grade, some in ((CARRIES, mine & found.certain), (MAY_CARRY, mine - found.certain)):
                    if under is not None and (passed := asked.outer(some)):
                        note = UNCHECKED if deviation.by_document else ""
                        under.found.append((deviation.code, note, _missing(part, one, passed, grade)))
                found = found.without(mine)
    return found


def _missing(part: str, one: Candidate, units: BitMap, how: tuple[str, str]) -> Missing:
    grade, carries = how
    value = f"{one.maker}/{one.mpn}"
    said = f"{{unit}} {carries} {plain(value)}, an alternate for {plain(part)} that is not qualified."
    remedy = (
        f"Have {one.run} judged, or a concession agreed to."
        if one.run
        else "Have it qualified, or a concession agreed to."
    )
    facts = {"part": part, "mpn": one.mpn, "maker": one.maker, "state": one.state, "run": one.run, "certainty": grade}
    return Missing(REASON, value, BitMap(units), said, remedy, facts)
