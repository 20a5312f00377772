"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

# parties and people stand by their numbers; `said` holds the particulars of a kind as JSON
PROPOSED, DESCRIBED, ASSESSED, DECIDED, BOUNDED, CLOSED = (
    "changes.eco_proposed", "changes.eco_described", "changes.eco_assessed", "changes.eco_decided", "changes.boundary_set",
    "changes.eco_closed",
)  # fmt: skip
PROCESS_CONTROLLED = "changes.process_controlled"
LINE = Shape(
    "changes.line/1",
    480,
    ("about", "kind", "party", "name", "at", "said", "why", "person", "happened_at"),
)
# sourcing
NOTICE_TAKEN, NOTICE_AMENDED, NOTICE_DECIDED, NOTICE_WARNED = (
    "changes.notice_taken", "changes.notice_amended", "changes.notice_decided", "changes.notice_warned",
)  # fmt: skip
LIFE_CYCLES_TAKEN = "changes.life_cycles_taken"
# qualifying
SHEET_OPENED, CANDIDATE_STATED = "changes.sheet_opened", "changes.candidate_stated"
RUN_STARTED, RUN_RESULT_TAKEN, RUN_JUDGED = "changes.run_started", "changes.run_result_taken", "changes.run_judged"
DEVIATION_PROPOSED, DEVIATION_AGREED, DEVIATION_ENDED = (
    "changes.deviation_proposed", "changes.deviation_agreed", "changes.deviation_ended",
)  # fmt: skip
REVIEW_OPENED, REVIEW_STATED, REVIEW_CLOSED = "changes.review_opened", "changes.review_stated", "changes.review_closed"
