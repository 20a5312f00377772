"""Lines of files."""

from collections.abc import Iterable

from asbuilt.answers.compliance.filing.events import FILED
from asbuilt.ledger.lines import Line, Lines, New

__all__ = ["Line", "New"]

# kinds of lines
POINT, BASELINE, REVISION = "point", "baseline", "revision"  # of a product
DECLARATION, WENT_WITH = "declaration", "went_with"  # of a declaration
TEXT, CHECKED = "text", "checked"  # of a product's user information
REQUEST, SENT = "request", "sent"  # of a case
ADDRESS, CERTIFICATE, ANSWER, REPORT = "address", "certificate", "answer", "report"  # of a party

KEPT = Lines("compliance_filing", FILED)
line_of_entry, write = KEPT.first_of, KEPT.write


def lines_of(tenant: int, about: Iterable[str]) -> list[Line]:
    """The lines about these, the earliest first of each. One statement."""
    found = KEPT.of(tenant, about).values()
    return sorted((line for lines in found for line in lines), key=lambda line: (line.entry, line.row))


def lines_of_kind(tenant: int, *kinds: str) -> list[Line]:
    """The lines of these kinds, the earliest first. One statement."""
    return KEPT.of_kinds(tenant, kinds)
