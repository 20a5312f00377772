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

MARK_READ = "production.mark_read"
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
    190,
    (
        "machine", "pattern", "becomes", "format", "encoding", "delimiter", "header", "decimal", "time_format", "time_zone",
        "rows_at", "columns", "operator", "happened_at",
    ),
)  # fmt: skip

MAPPING_SAID = "production.mapping_said"
