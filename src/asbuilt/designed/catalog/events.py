"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PART = Shape("catalog.part/1", 2, ("part", "description", "mpn", "manufacturer", "lifecycle", "msl"))
BOM_LINE = Shape("catalog.bom_line/1", 3, ("product", "revision", "bom_version", "line", "part", "quantity", "refdes"))
PANEL_PLACE = Shape(
    "catalog.panel_place/1",
    126,
    (
        "product", "revision", "panel", "side", "machine_position", "position", "x_mm", "y_mm", "rotation", "flip",
    ),
)  # fmt: skip
SERIAL_RULE = Shape("catalog.serial_rule/1", 122, ("product", "prefix", "width", "check", "first"))
MARK_RULE = Shape(
    "catalog.mark_rule/1", 123, ("product", "content", "gtin", "company_digits", "module_mm", "read_back")
)

PLACEMENT = Shape(
    "catalog.placement/1",
    191,
    ("product", "revision", "placement", "refdes", "x_mm", "y_mm", "rotation", "side", "footprint"),
)
RECORD_DEMAND = Shape(
    "catalog.record_demand/1",
    190,
    ("product", "revision", "material_level", "process_level", "agreed_in", "from_at"),
)
PLACEMENT_RECORDED = "catalog.placement_recorded"
RECORD_DEMAND_SET = "catalog.record_demand_set"

SERIAL_RULE_SET = "catalog.serial_rule_set"
MARK_RULE_SET = "catalog.mark_rule_set"
PANEL_MAP_SET = "catalog.panel_map_set"
DOCUMENT = Shape(
    "catalog.document/1", 141, ("document", "revision", "kind", "title", "file", "sha256", "valid_from_at")
)
ROUTING_STEP_1 = Shape(
    "catalog.routing_step/1",
    142,
    (
        "product", "revision", "routing", "place_in_route", "step", "side", "place", "instruction", "criteria", "procedure",
        "optional", "limits", "from_at",
    ),
)  # fmt: skip
"""As routings were recorded first. For some weeks such facts had a 14th value, their qualifications, and are read with it."""
ROUTING_STEP = Shape(
    "catalog.routing_step/2", 196, (*ROUTING_STEP_1.columns, "qualifications", "subcontractor", "evidence")
)
PROGRAM_FEEDER = Shape(
    "catalog.program_feeder/1",
    185,
    ("product", "revision", "side", "machine", "program", "feeder", "refdes", "grey_pieces"),
)
PROGRAM_SET = "catalog.program_set"
TEST_PLAN = Shape(
    "catalog.test_plan/1", 280, ("plan", "version", "product", "document", "changes", "operator", "happened_at")
)
TEST_PLAN_APPROVAL = Shape(
    "catalog.test_plan_approval/1",
    281,
    ("plan", "version", "sha256", "decision", "reason", "operator", "decided_at"),
)
TEST_PLAN_PROPOSED, TEST_PLAN_DECIDED = "catalog.test_plan_proposed", "catalog.test_plan_decided"
