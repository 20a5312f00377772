"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

# parties and people stand by their numbers; `said` holds the particulars of a kind as JSON
STATEMENT = Shape(
    "changes.statement/1",
    460,
    ("about", "kind", "party", "name", "at", "said", "why", "person", "happened_at"),
)
PROPOSED, DESCRIBED, ASSESSED, DECIDED, BOUNDED, CLOSED = (
    "changes.eco_proposed", "changes.eco_described", "changes.eco_assessed", "changes.eco_decided", "changes.boundary_set",
    "changes.eco_closed",
)  # fmt: skip
PROCESS_CONTROLLED = "changes.process_controlled"
