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
HOLD = Shape(
    "production.hold/1",
    140,
    (
        "hold", "action", "kind", "part", "manufacturer", "mpn", "lot_code", "date_code", "first_unit", "until_unit",
        "question", "silent", "lifted_by", "reason", "person", "decided_at",
    ),
)  # fmt: skip
