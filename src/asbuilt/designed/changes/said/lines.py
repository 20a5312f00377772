"""Lines of the files that tell of notices, alternates, runs, deviations and reviews."""

from asbuilt.designed.changes.events import LINE
from asbuilt.ledger.lines import Line, Lines, New

__all__ = ["Line", "New"]

KEPT = Lines("changes_line", LINE)
lines_of, lines_named, codes_of, free_code, write = KEPT.of, KEPT.named, KEPT.codes, KEPT.free_code, KEPT.write


def code_in(tenant: int, entry: int, kind: str) -> str:
    """The code of what begins with a line of this kind in an entry."""
    return KEPT.first_of(tenant, entry, kind).about
