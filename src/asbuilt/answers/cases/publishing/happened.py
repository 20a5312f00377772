"""What a case's timeline says of its advisories: drafted, approved, published in versions; and which the case says more than since."""

from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling.happenings import Happened, Known
from asbuilt.answers.cases.handling.statements import MEASURE, lines_of
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.advisories import Seen, advisories_of
from asbuilt.storage import reading

_TOLD = (kinds.ADVISORY, kinds.APPROVED, kinds.PUBLISHED)
_CELLS = ("version", "status", "tlp")


def happened(tenant: int, case: str) -> Known:
    """Its advisories' lines, the earliest first; drafts that followed the first are left out. Two statements, one an advisory."""
    mine = [one for one in advisories_of(tenant) if one.case == case]
    found = [
        Happened(
            line.kind, one.identity, line.happened_at, line.entry, line.why, person=line.person,
            said={"advisory": one.code, **{cell: line.said[cell] for cell in _CELLS if cell in line.said}},
        )
        for one in mine
        for line in one.lines if line.kind in _TOLD
    ]  # fmt: skip
    gaps = [gap for one in mine for gap in behind(tenant, one)]
    return Known(sorted(found, key=lambda one: (one.recorded_at, one.entry)), gaps)


def behind(tenant: int, one: Seen) -> list[str]:
    """In words, what the record says otherwise since its draft was written: an answer that was overtaken, measures. Two statements."""
    return [*overtaken(tenant, one), *_measures_since(tenant, one)]


def _measures_since(tenant: int, one: Seen) -> list[str]:
    """Measures that the case states, or takes back, since somebody wrote the draft last."""
    if not one.case:
        return []
    draft = [line.entry for line in one.lines if line.kind == kinds.DRAFT][-1]
    later = [
        line for line in lines_of(tenant, [one.case]).get(one.case, []) if line.kind == MEASURE and line.entry > draft
    ]
    if not later:
        return []
    said = _(
        "%(advisory)s: the case says more of workarounds and fixes since it was written: draft it anew, or edit it."
    )
    return [said % {"advisory": one.identity}]


def overtaken(tenant: int, one: Seen) -> list[str]:
    """In words, that an answer which it was drafted from was overtaken after the draft that stands was written; empty where none was. One statement."""
    answers = one.answers
    if not answers:
        return []
    draft = [line.entry for line in one.lines if line.kind == kinds.DRAFT][-1]
    sql = f"SELECT 1 FROM register_frozen_answer WHERE tenant = %s AND overtaken_by > %s AND {reading.any_of('ulid', 'text')}"
    if not reading.fetch(sql, (tenant, draft, reading.list_param(sorted(answers)))):
        return []
    said = _(
        "%(advisory)s: the frozen answer that it rests on was overtaken since it was written: look at its units, and draft it anew or edit it."
    )
    return [said % {"advisory": one.identity}]
