"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

# parties and people stand by their numbers; `said` holds the particulars of a kind as JSON
STATEMENT = Shape(
    "compliance.statement/1",
    500,
    ("about", "kind", "party", "name", "said", "why", "person", "happened_at"),
)
JUDGED, ASSESSED, DRAFTED, REVIEWED = (
    "compliance.judged", "compliance.assessed", "compliance.revision_drafted", "compliance.revision_reviewed",
)  # fmt: skip
SUPPORT_SET, TERMS_STATED = "compliance.support_set", "compliance.update_terms_stated"
