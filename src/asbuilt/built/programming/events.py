"""What this room records in the log. The unit stands by number, null where a package came programmed; so do people."""

from asbuilt.ledger.shapes import Shape

PROGRAMMING = Shape(
    "programming.record/1",
    30,
    (
        "unit", "product", "version", "sha256", "uid", "station", "operator", "result", "happened_at", "role",
        "package", "source",
    ),
    few=False,
)  # fmt: skip
GRANT = Shape("programming.grant/1", 230, ("grant", "document", "operator", "happened_at"))
PLAN = Shape("programming.plan/1", 231, ("sha256", "document", "operator", "happened_at"))
STATION = Shape(
    "programming.station/1",
    232,
    ("station", "state", "site", "ems", "public", "transfer", "operator", "happened_at"),
)
PERMIT = Shape("programming.permit/1", 233, ("permit", "grant", "document", "operator", "happened_at"))
PERMIT_STATE = Shape(
    "programming.permit_state/1",
    234,
    ("permit", "station", "state", "spent", "sha256", "reason", "operator", "happened_at"),
)
STATION_RECORD = Shape(
    "programming.station_record/1",
    235,
    (
        "unit", "key", "station", "permit", "scanned", "uid", "attempt", "rework", "result", "reason", "said", "grade",
        "tool_only", "images", "tools", "revision", "seq", "chain", "alarm", "payload_sha256", "evidence", "problem",
        "operator", "happened_at",
    ),
)  # fmt: skip
ALARM_RELEASE = Shape("programming.alarm_release/1", 236, ("station", "alarm", "reason", "operator", "happened_at"))

GRANTED = "programming.grant_recorded"
PLANNED = "programming.plan_recorded"
ENROLMENT_OPENED = "programming.enrolment_opened"
ENROLLED = "programming.station_enrolled"
STATION_CLOSED = "programming.station_closed"
PERMITTED = "programming.permit_issued"
REVOKED = "programming.permit_revoked"
ENDED = "programming.permit_ended"
UPLOADED = "programming.records_uploaded"
ALARM_RELEASED = "programming.alarm_released"
