"""What a case's timeline says of its advisories: drafted, approved, published in versions."""

from asbuilt.answers.cases.handling.happenings import Happened, Known
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.advisories import advisories_of

_TOLD = (kinds.ADVISORY, kinds.APPROVED, kinds.PUBLISHED)
_CELLS = ("version", "status", "tlp")


def happened(tenant: int, case: str) -> Known:
    """Its advisories' lines, the earliest first; drafts that followed the first are left out. Two statements."""
    found = [
        Happened(
            line.kind, one.identity, line.happened_at, line.entry, line.why, person=line.person,
            said={"advisory": one.code, **{cell: line.said[cell] for cell in _CELLS if cell in line.said}},
        )
        for one in advisories_of(tenant) if one.case == case
        for line in one.lines if line.kind in _TOLD
    ]  # fmt: skip
    return Known(sorted(found, key=lambda one: (one.recorded_at, one.entry)), [])
