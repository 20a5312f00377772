"""Makers' parts on units that nobody approved and no comparison sheet names, however they came there. Feeders and benches refuse them before; machines
and tables tell what was mounted, and it is recorded as it was.

    unapproved(view, around(view, units))     -> what stops them at steps, at packing and when they leave

By what `parts.csv` approves now: what was approved since goes on, what was withdrawn since does not. A part of which it approves no maker is free. Not
known counts as open: a package of which nobody recorded the MPN, or the maker where others give theirs that number. Not meant is what a sheet names
(`untried`), and what a deviation let be built, which is named.
"""

from collections.abc import Iterator
from dataclasses import replace

from pyroaring import BitMap

from asbuilt.answers.gate.came_on import came_on
from asbuilt.answers.gate.missing import Around, Missing, came_to, packages_against, plain
from asbuilt.answers.gate.other_parts import other_parts
from asbuilt.answers.gate.untried import CARRIES, MAY_CARRY, Rests
from asbuilt.built.production.approved_makers import Unapproved
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.designed.changes.qualifying.deviations import Deviation, granted_for
from asbuilt.questions.genealogy.answering.alternates_carried import carriers
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.view import View

REASON, UNKNOWN = "part_unapproved", "maker_unknown"


def unapproved(view: View, asked: Around, under: Rests | None = None, *, at_step: bool = False) -> Iterator[Missing]:
    """What stops these units, parts that their BOM does not ask for too (`other_parts`); `under` takes which deviations and runs let what go. One
    statement where every package is of an approved maker's part, and of the part that is asked for."""
    against = packages_against(view, asked)
    found = against.unapproved
    granted = granted_for(view.tenant, carriers(view, asked.all)) if found else []
    for same in _alike(found):
        numbers = frozenset(one.package.number for one in same)
        having = carrying(view, Material(numbers, frozenset(), frozenset()), asked.all)
        sure, maybe = BitMap(having.certain & asked.all), BitMap(having.possible & asked.all)
        for deviation in granted if maybe else ():
            if _allows(deviation, same[0]):
                mine = units_under(view, deviation, maybe)
                if under is not None:
                    note = UNCHECKED if deviation.by_document else ""
                    under.found += [
                        (deviation.code, note, one) for one in _missing(view, asked, same, sure & mine, maybe & mine)
                    ]
                sure, maybe = sure - mine, maybe - mine
        yield from _missing(view, asked, same, sure, maybe)
    yield from other_parts(view, asked, against.other_parts, under, at_step=at_step)


def _alike(found: list[Unapproved]) -> list[list[Unapproved]]:
    """Packages of one maker's part together; each of which something is not known alone."""
    groups: dict[tuple, list[Unapproved]] = {}
    for one in found:
        package = one.package
        key = (one.part, package.maker.casefold(), package.mpn.casefold(), package.code if one.lacks else "")
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _allows(deviation: Deviation, one: Unapproved) -> bool:
    return bool(one.package.mpn) and deviation.allows_part(one.part, one.package.mpn, one.package.maker)


def _missing(view: View, asked: Around, same: list[Unapproved], sure: BitMap, maybe: BitMap) -> Iterator[Missing]:
    certain, came = asked.outer(sure), came_to(asked, came_on(view, maybe, {one.package.number for one in same}))
    for (grade, carries), units in ((CARRIES, certain), (MAY_CARRY, asked.outer(maybe) - certain)):
        if units:
            yield replace(_said(same, BitMap(units), grade, carries), came=came)


def _said(same: list[Unapproved], units: BitMap, grade: str, carries: str) -> Missing:
    one, package = same[0], same[0].package
    facts = {
        "part": one.part, "mpn": package.mpn, "maker": package.maker, "approved": one.approved, "lacks": one.lacks,
        "packages": [each.package.code for each in same][:20], "package": package.code, "certainty": grade,
    }  # fmt: skip
    if one.lacks:
        said = f"{{unit}} {carries} package {plain(package.code)}, of which nobody recorded the {one.lacks}; approved for {plain(one.part)} are {plain(one.approved)}."
        remedy = (
            f"Read the {one.lacks} from its label and have its row of lots.csv corrected, or a concession agreed to."
        )
        return Missing(UNKNOWN, package.code, units, said, remedy, facts)
    named = f"{package.maker} {package.mpn}".strip()
    said = f"{{unit}} {carries} {plain(named)} for {plain(one.part)}, which nobody approved; approved are {plain(one.approved)}."
    remedy = "Have it approved for the part, compared and qualified as an alternate, or a concession agreed to."
    return Missing(REASON, f"{package.maker}/{package.mpn}", units, said, remedy, facts)
