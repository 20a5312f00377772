"""What this room records in the log. The unit stands by its number, the operator by that of the person."""

from asbuilt.ledger.shapes import Shape

TEST = Shape(
    "quality.test_run/1",
    33,
    (
        "unit", "plan", "plan_version", "station", "operator", "outcome", "started_at", "finished_at", "measurements",
    ),
    few=False,
)  # fmt: skip
CONCESSION = Shape(
    "quality.concession/1",
    301,
    ("unit", "concession", "allows", "subject", "reason", "until_at", "operator", "happened_at"),
)
CONCESSION_DECISION = Shape(
    "quality.concession_decision/1",
    302,
    ("concession", "decision", "party", "person", "file", "sha256", "reason", "operator", "happened_at"),
)
CONCESSION_PROPOSED, CONCESSION_DECIDED = "quality.concession_proposed", "quality.concession_decided"
