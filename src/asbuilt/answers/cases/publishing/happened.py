"""What a case's timeline says of its advisories: drafted, approved, published in versions; and of which the frozen answer was overtaken since."""

from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling.happenings import Happened, Known
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
    gaps = [gap for one in mine for gap in overtaken(tenant, one)]
    return Known(sorted(found, key=lambda one: (one.recorded_at, one.entry)), gaps)


def overtaken(tenant: int, one: Seen) -> list[str]:
    """In words, that an answer which it was drafted from was overtaken after the draft that stands was written; empty where none was. One statement."""
    answers = one.lines[0].said.get("answers", ())
    if not answers:
        return []
    draft = [line.entry for line in one.lines if line.kind == kinds.DRAFT][-1]
    sql = f"SELECT 1 FROM register_frozen_answer WHERE tenant = %s AND overtaken_by > %s AND {reading.any_of('ulid', 'text')}"
    if not reading.fetch(sql, (tenant, draft, reading.list_param(sorted(answers)))):
        return []
    said = _(
        "%(advisory)s: the frozen answer that it rests on was overtaken since it was written: look at its units, and edit it or draft another."
    )
    return [said % {"advisory": one.identity}]
