"""What was built or let go otherwise than planned: deviations, concessions, dispositions that leave units as they are, with how they were agreed to; parts that the
BOM does not take where they are.

What a party agreed to by a document stands as a gap: nobody here checked whose signature it bears.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pyroaring import BitMap

from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, day_of, named, number, source
from asbuilt.answers.gate.missing import Around
from asbuilt.answers.gate.other_parts import others_built
from asbuilt.built.production.other_parts import others_kept
from asbuilt.built.quality.concessions import ConcessionSeen, concessions
from asbuilt.built.quality.nonconformities import left_as_they_were
from asbuilt.designed.changes.qualifying.deviations import granted_for
from asbuilt.kernel.spans import CERTAIN, POSSIBLE
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under

CHANGES, PRODUCTION, QUALITY = "changes", "production", "quality"
GRADES = {CERTAIN: gettext_noop("certain"), POSSIBLE: gettext_noop("possible")}


def _agreed(by_document: bool) -> str:
    return _("by a document; its signature was not checked") if by_document else _("by people")


def _unchecked(codes: list[str]) -> tuple[str, ...]:
    said = _("Agreed to by a party's document whose signature Asbuilt did not check: %(names)s.")
    return (said % {"names": named(codes)},) if codes else ()


@source("changes")
def deviations(asking: Asking) -> Part:
    """Deviations that were in force, with the units that were built under them."""
    found, built = granted_for(asking.tenant, [asking.product]), BitMap(asking.units)
    rows = [
        (
            one.code, one.kind, one.subject, one.why, day_of(one.granted_at), day_of(one.ends_at), number(len(units_under(asking.view, one, built))),
            _agreed(one.by_document),
        )
        for one in found
    ]  # fmt: skip
    columns = (_("deviation"), _("kind"), _("what"), _("why"), _("from"), _("until"), _("units"), _("agreed to"))
    tables = (Table(_("Built otherwise than planned"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CHANGES, (), tables, (), _unchecked([one.code for one in found if one.by_document]))


@source("AVII.2.c")
def other_parts_built(asking: Asking) -> Part:
    """Units with another part of ours than their BOM version takes there, by what is there now and no deviation, approval or qualification lets be there:
    of what left those of that moment."""
    kept = others_kept(asking.tenant, {block[2] for block in asking.blocks})
    units = BitMap(asking.units)
    found = list(others_built(asking.view, Around(units, units, {}), kept)) if kept and units else []
    if not found:
        return Part(PRODUCTION, (), (), (), ())
    by_part: dict[tuple[str, str], BitMap] = {}
    for one in found:
        by_part.setdefault((one.facts["part"], one.facts["refdes"]), BitMap()).update(one.units)
    said = _("%(n)s of %(of)s units carry another part than their BOM version takes there, or may: %(names)s.") % {
        "n": number(len(BitMap().union(*by_part.values()))), "of": number(len(units)),
        "names": named(_("%(part)s at %(refdes)s (%(n)s)") % {"part": part, "refdes": at, "n": number(len(some))} for (part, at), some in sorted(by_part.items())),
    }  # fmt: skip
    rows = [
        (one.facts["part"], one.facts["refdes"], one.facts["wanted"], _(GRADES[one.facts["certainty"]]), number(len(one.units)))
        for one in found
    ]  # fmt: skip
    columns = (_("part"), _("position"), _("the BOM takes"), _("how sure"), _("units"))
    return Part(
        PRODUCTION, (), (Table(_("Another part than the BOM takes"), columns, len(rows), lambda: rows),), (), (said,)
    )


@source("changes")
def let_go(asking: Asking) -> Part:
    """Concessions that everybody agreed to, and dispositions that left units as they are or repaired, with the units of this product."""
    units = BitMap(asking.units)
    found = [one for one in concessions(asking.tenant) if one.units & units and not _lacks(asking, one)]
    left = left_as_they_were(asking.tenant, units)
    rows = [
        (one.code, one.allows, " ".join(filter(None, (one.subject, one.reason))), day_of(one.happened_at), number(len(one.units & units)), _agreed(one.by_document))
        for one in found
    ] + [
        (one.nonconformity, one.decision, one.reason, day_of(one.decided_at), number(len(one.units)), _agreed(one.by_document))
        for one in left
    ]  # fmt: skip
    columns = (_("code"), _("what passes"), _("why"), _("since"), _("units"), _("agreed to"))
    tables = (Table(_("Let go although something was wrong"), columns, len(rows), lambda: rows),) if rows else ()
    codes = [one.code for one in found if one.by_document] + [one.nonconformity for one in left if one.by_document]
    return Part(QUALITY, (), tables, (), _unchecked(codes))


def _lacks(asking: Asking, one: ConcessionSeen) -> bool:
    """Whether nobody, or not everybody, agreed to it: it let nothing pass."""
    return bool(one.missing(asking.tenant, [asking.product], asking.now))
