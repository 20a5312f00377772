"""Lines about products. Of two lines of the same kind, party and name the later one holds, and both stay."""

from collections.abc import Iterable

from asbuilt.answers.compliance.events import STATEMENT
from asbuilt.ledger.lines import Line, Lines, New

__all__ = ["Line", "New"]

# kinds of lines, by the room that writes them
SCOPE, ROLE = "scope", "role"  # judging
CONTEXT, ASSET, THREAT, MEASURE, RESIDUAL, REQUIREMENT, REVISION, REVIEW = (
    "context",
    "asset",
    "threat",
    "measure",
    "residual",
    "requirement",
    "revision",
    "review",
)  # fmt: skip - assessing
SUPPORT, TERMS = "support", "update_terms"  # keeping

KEPT = Lines("compliance_statement", STATEMENT)
lines_of, products_said, write = KEPT.of, KEPT.all_codes, KEPT.write


def standing(lines: Iterable[Line]) -> dict[tuple[str, int | None, str], Line]:
    """(kind, party, name) -> the line that holds."""
    return {(line.kind, line.party, line.name): line for line in lines}
