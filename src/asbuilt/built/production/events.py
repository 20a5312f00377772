"""What this room records in the log. Units stand by number, people by their tenant-local number."""

from asbuilt.ledger.shapes import Shape

ORDER = Shape(
    "production.order/1",
    20,
    ("order", "product", "revision", "bom_version", "quantity", "customer", "opened_at", "batch", "first_unit"),
)
UNIT = Shape("production.unit/1", 21, ("unit", "order", "serial", "panel", "position", "state"), few=False)
NAME = Shape("production.name/1", 22, ("unit", "kind", "value", "from_at", "replaces", "reason"), few=False)
MATERIAL = Shape(
    "production.material/1",
    23,
    ("first_unit", "until_unit", "order", "refdes", "package", "certainty", "machine", "feeder", "happened_at"),
)
PROCESS = Shape(
    "production.process/1",
    24,
    (
        "first_unit", "until_unit", "order", "step", "machine", "program", "started_at", "finished_at", "operator",
        "result", "readings", "side", "pass",
    ),
)  # fmt: skip
REPLACEMENT = Shape(
    "production.replacement/1",
    25,
    ("unit", "refdes", "removed_package", "installed_package", "operator", "reason", "happened_at"),
)
ASSEMBLY = Shape("production.assembly/1", 26, ("parent", "child", "position", "happened_at", "removed_at"))
PANEL = Shape(
    "production.panel/1",
    101,
    ("first_unit", "until_unit", "order", "panel", "positions", "skipped", "machine", "happened_at"),
    few=False,
)
BLOCK = Shape(
    "production.block/1",
    120,
    (
        "order", "product", "revision", "bom_version", "quantity", "from_order", "from_place", "reason", "happened_at",
        "first_unit",
    ),
)  # fmt: skip
CLOSING = Shape("production.closing/1", 121, ("order", "closed_at", "operator", "reason"))
NUMBERING = Shape(
    "production.numbering/1",
    124,
    ("order", "product", "prefix", "width", "check", "first_counter", "last_counter", "given_at"),
)
MARK_READING = Shape(
    "production.mark_reading/1", 125, ("unit", "read", "result", "station", "operator", "happened_at"), few=False
)

MOUNT = Shape(
    "production.mount/1",
    186,
    ("machine", "feeder", "package", "what", "order", "grey_pieces", "station", "operator", "happened_at"),
)

MARK_READ = "production.mark_read"
PACKAGE_MOUNTED, PACKAGE_SPLICED = "production.package_mounted", "production.package_spliced"
PACKAGE_TAKEN_OFF, PLACED_BY_HAND = "production.package_taken_off", "production.placed_by_hand"
UNITS_NAMED = "production.units_named"
UNIT_TAGGED = "production.unit_tagged"
PANEL_FILLED = "production.panel_filled"
ORDER_OPENED = "production.order_opened"
ORDER_GROWN = "production.order_grown"
ORDER_SPLIT = "production.order_split"
ORDER_CLOSED = "production.order_closed"
HOLD = Shape(
    "production.hold/1",
    140,
    (
        "hold", "action", "kind", "part", "manufacturer", "mpn", "lot_code", "date_code", "first_unit", "until_unit",
        "question", "silent", "lifted_by", "reason", "person", "decided_at",
    ),
)  # fmt: skip
MAPPING = Shape(
    "production.mapping/1",
    195,
    (
        "machine", "pattern", "becomes", "format", "encoding", "delimiter", "header", "decimal", "time_format", "time_zone",
        "rows_at", "columns", "operator", "happened_at",
    ),
)  # fmt: skip

SENT_OUT = Shape(
    "production.sent_out/1",
    197,
    ("first_unit", "until_unit", "note", "order", "party", "step", "side", "transport", "operator", "sent_at"),
)
TAKEN_BACK = Shape(
    "production.taken_back/1",
    198,
    ("first_unit", "until_unit", "note", "order", "result", "started_at", "finished_at", "operator", "back_at"),
)
OUTSIDE_PAPER = Shape("production.outside_paper/1", 199, ("note", "kind", "file", "sha256", "operator", "kept_at"))
UNITS_SENT_OUT, UNITS_TAKEN_BACK = "production.units_sent_out", "production.units_taken_back"

MAPPING_SAID = "production.mapping_said"
CALIBRATION = Shape(
    "production.calibration/1",
    180,
    (
        "instrument", "kind", "station", "as_found", "as_left", "certificate", "laboratory", "file", "sha256", "valid_until",
        "operator", "calibrated_at",
    ),
)  # fmt: skip
QUALIFICATION = Shape(
    "production.qualification/1",
    181,
    (
        "person", "qualification", "level", "certificate", "issuer", "file", "sha256", "valid_until", "operator",
        "granted_at",
    ),
)  # fmt: skip
AREA = Shape("production.area/1", 182, ("machine", "area", "operator", "from_at"))
ENVIRONMENT = Shape(
    "production.environment/1",
    183,
    ("area", "temperature_c", "humidity_percent", "cleanroom_class", "sensor", "operator", "measured_at"),
)
ALARM_CLOSING = Shape(
    "production.alarm_closing/1",
    184,
    (
        "order", "step", "side", "machine", "started_at", "finished_at", "decision", "hold", "reason", "operator",
        "decided_at",
    ),
)  # fmt: skip

CALIBRATED = "production.instrument_calibrated"
QUALIFIED = "production.person_qualified"
AREA_SAID, ENVIRONMENT_MEASURED = "production.area_said", "production.environment_measured"
ALARM_CLOSED = "production.alarm_closed"
