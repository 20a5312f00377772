"""Lines about ECOs and controlled processes."""

from asbuilt.designed.changes.said.lines import KEPT, Line, New, codes_of, lines_of, write

__all__ = ["KEPT", "Line", "New", "codes_of", "lines_of", "write"]

# kinds of lines: of an ECO
PROPOSED, PRODUCT, CHANGE, ANSWER, SUBSTANTIAL, ASKED, DECISION, TOLD, BOUNDARY, CLOSED = (
    "proposed", "product", "change", "answer", "substantial", "asked", "decision", "told", "boundary", "closed",
)  # fmt: skip
BOUNDARY_OF = "boundary_of"  # of an ECO: by each product that its boundary speaks of
CONTROLLED = "controlled"  # of a product's process


def free_code(tenant: int, prefix: str) -> str:
    """The next code of an ECO."""
    return KEPT.free_code(tenant, PROPOSED, prefix)
