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
