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
WAIVER = Shape(
    "quality.waiver/1",
    383,
    (
        "waiver", "vulnerability", "product", "role", "version", "question", "reason", "until_at", "operator",
        "happened_at",
    ),
)  # fmt: skip
WAIVER_DECISION = Shape(
    "quality.waiver_decision/1",
    384,
    ("waiver", "decision", "party", "person", "file", "sha256", "reason", "operator", "happened_at"),
)
WAIVER_PROPOSED, WAIVER_DECIDED = "quality.waiver_proposed", "quality.waiver_decided"
CONCESSION_PROPOSED, CONCESSION_DECIDED = "quality.concession_proposed", "quality.concession_decided"
NONCONFORMITY = Shape(
    "quality.nonconformity/1",
    320,
    (
        "nonconformity", "source", "severity", "product", "defect", "party", "question", "description", "operator",
        "raised_at",
    ),
)  # fmt: skip
NONCONFORMITY_UNITS = Shape(
    "quality.nonconformity_units/1",
    321,
    ("first_unit", "until_unit", "nonconformity", "order", "disposition", "operator", "stated_at"),
)
CAUSE = Shape(
    "quality.nonconformity_cause/1",
    322,
    ("nonconformity", "method", "place", "cause", "root", "operator", "stated_at"),
)
DISPOSITION = Shape(
    "quality.disposition/1",
    323,
    (
        "nonconformity", "disposition", "step", "decision", "reason", "party", "file", "sha256", "operator", "decided_at",
    ),
)  # fmt: skip
ACTION = Shape(
    "quality.nonconformity_action/1",
    324,
    ("nonconformity", "action", "kind", "state", "due_on", "description", "person", "operator", "stated_at"),
)
STATE = Shape(
    "quality.nonconformity_state/1",
    325,
    ("nonconformity", "state", "hold", "reason", "operator", "decided_at"),
)
EFFECTIVENESS_CHECK = Shape(
    "quality.effectiveness_check/1",
    326,
    ("nonconformity", "question", "among", "units_min", "failed_ppm_max", "due_on", "operator", "stated_at"),
)
EFFECTIVENESS_RESULT = Shape(
    "quality.effectiveness_result/1",
    327,
    ("nonconformity", "question", "among", "units", "failed", "verdict", "answer", "operator", "measured_at"),
)
RAISED, UNITS_ADDED, CAUSE_STATED = "quality.nonconformity_raised", "quality.units_added", "quality.cause_stated"
DISPOSITION_STATED, ACTION_STATED = "quality.disposition_stated", "quality.action_stated"
STATE_STATED = "quality.nonconformity_stated"
CHECK_PLANNED, CHECK_MEASURED = "quality.effectiveness_planned", "quality.effectiveness_measured"
