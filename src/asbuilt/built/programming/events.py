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

FIRMWARE_DEMAND = Shape(
    "programming.firmware_demand/1",
    250,
    ("order", "product", "revision", "part", "of_product", "role", "version", "operator", "happened_at"),
)
MODULE_FIRMWARE = Shape(
    "programming.module_firmware/1",
    251,
    (
        "manufacturer", "mpn", "lot_code", "date_code_from", "date_code_until", "product", "role", "version", "source",
        "operator", "happened_at",
    ),
)  # fmt: skip
PROGRAMMING_ORDER = Shape(
    "programming.order/1",
    252,
    (
        "programming_order", "package", "product", "role", "version", "quantity", "read_backs", "by", "supplier", "operator",
        "happened_at",
    ),
)  # fmt: skip
PROGRAMMING_ORDER_STATE = Shape(
    "programming.order_state/1",
    253,
    (
        "programming_order", "state", "result", "quantity", "machine", "file", "sha256", "reason", "operator", "happened_at",
    ),
)  # fmt: skip
READ_BACK = Shape(
    "programming.read_back/1",
    254,
    ("programming_order", "sample", "sha256", "machine", "operator", "happened_at"),
)

CONFIGURATION = Shape(
    "programming.configuration/1",
    265,
    (
        "order", "product", "revision", "configuration", "part", "of_product", "role", "version", "operator", "happened_at",
    ),
)  # fmt: skip

CONFIGURED = "programming.configuration_said"
DEMANDED, MODULES_SAID = "programming.firmware_demanded", "programming.modules_said"
ORDER_OPENED, ORDER_DONE = "programming.order_opened", "programming.order_done"
READ_BACK_TAKEN, ORDER_CLOSED = "programming.read_back_taken", "programming.order_closed"
