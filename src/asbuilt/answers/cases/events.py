"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

# parties and people stand by their numbers; `said` holds the particulars of a kind as JSON
STATEMENT = Shape(
    "cases.statement/1",
    413,
    ("about", "kind", "party", "duty", "name", "at", "said", "why", "person", "happened_at"),
)
SIGNAL_NOTED, SIGNAL_DISMISSED = "cases.signal_noted", "cases.signal_dismissed"
OPENED, CLOSED, REOPENED = "cases.opened", "cases.closed", "cases.reopened"
STATED, DECIDED, ANSWER_LINKED, SUBMITTED = "cases.stated", "cases.decided", "cases.answer_linked", "cases.submitted"
ACTION_STARTED, ACTION_STATED = "cases.action_started", "cases.action_stated"
DRAFTED, APPROVED, DETERMINED, ESCALATED = (
    "cases.drafted",
    "cases.approved",
    "cases.coordinator_determined",
    "cases.escalated",
)
