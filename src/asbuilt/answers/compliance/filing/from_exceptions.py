"""What was built or let go otherwise than planned: deviations, concessions, dispositions that leave units as they are; with how they were agreed to.

What a party agreed to by a document stands as a gap: nobody here checked whose signature it bears.
"""

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, day_of, named, number, source
from asbuilt.built.quality.concessions import ConcessionSeen, concessions
from asbuilt.built.quality.nonconformities import left_as_they_were
from asbuilt.designed.changes.qualifying.deviations import granted_for
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under

CHANGES, QUALITY = "changes", "quality"


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
