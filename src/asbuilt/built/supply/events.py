"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

RECEIVED = "supply.packages_received"

PACKAGE = Shape(
    "supply.package/1",
    10,
    (
        "package", "package_kind", "part", "mpn", "manufacturer", "supplier", "lot_code", "date_code", "quantity",
        "received_at", "delivery", "coc", "status", "owner",
    ),
)  # fmt: skip
PACKAGE_NAME = Shape("supply.package_name/1", 127, ("package", "kind", "value", "from_at", "reason"))
STATUS = Shape("supply.status/1", 160, ("package", "status", "reason", "operator", "happened_at"))
HANDLING = Shape("supply.handling/1", 161, ("package", "event", "readings", "operator", "happened_at"))
LIFE = Shape(
    "supply.life/1",
    162,
    (
        "part", "package", "msl", "sealed_on", "expires_on", "floor_hours_max", "thaw_hours_min", "thaws_max",
        "open_hours_max", "stencil_hours_max", "operator", "happened_at",
    ),
)  # fmt: skip
DECLARATION = Shape(
    "supply.declaration/1",
    163,
    (
        "supplier", "delivery", "part", "manufacturer", "kind", "file", "sha256", "said_by", "valid_until", "finding",
        "operator", "happened_at",
    ),
)  # fmt: skip
INSPECTION_PLAN = Shape(
    "supply.inspection_plan/1",
    164,
    (
        "part", "supplier", "standard", "level", "aql", "limiting_quality", "severity", "checks", "operator", "happened_at",
    ),
)  # fmt: skip
INSPECTION = Shape(
    "supply.inspection/1",
    165,
    (
        "inspection", "packages", "standard", "level", "aql", "limiting_quality", "severity", "code_letter", "lot_size",
        "sample_size", "accept_max", "nonconforming", "verdict", "rule_set", "reason", "operator", "happened_at",
    ),
)  # fmt: skip
INSPECTION_CHECK = Shape(
    "supply.inspection_check/1",
    166,
    ("inspection", "kind", "verdict", "readings", "file", "sha256", "operator", "happened_at"),
)
SAMPLE = Shape("supply.sample/1", 167, ("package", "quantity", "place", "until_on", "operator", "happened_at"))
SILICON = Shape(
    "supply.silicon_revision/1",
    168,
    (
        "package", "part", "mpn", "manufacturer", "lot_code", "date_code", "silicon_revision", "known_from", "said_by",
        "operator", "happened_at",
    ),
)  # fmt: skip

PACKAGE_TAGGED = "supply.package_tagged"
QUARANTINED, RELEASED, REJECTED = "supply.packages_quarantined", "supply.packages_released", "supply.packages_rejected"
HANDLED, LIVES_SAID, DECLARED = "supply.packages_handled", "supply.lives_said", "supply.declared"
PLANNED, INSPECTED, SAMPLED = "supply.inspection_planned", "supply.inspected", "supply.samples_kept"
LABELS_PRINTED = "supply.labels_printed"
SILICON_SAID = "supply.silicon_said"
SPLIT = "supply.package_split"
