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
ADVISORY_DRAFTED, ADVISORY_APPROVED, ADVISORY_PUBLISHED = (
    "cases.advisory_drafted", "cases.advisory_approved", "cases.advisory_published",
)  # fmt: skip
PUBLISHER_SAID, OPENPGP_KEY_TAKEN, SECURITY_TXT_RENEWED = (
    "cases.publisher_said", "cases.openpgp_key_taken", "cases.security_txt_renewed",
)  # fmt: skip
PORTAL_TOLD = "cases.portal_told"
TIP_TAKEN, TIP_ANSWERED = "cases.tip_taken", "cases.tip_answered"
