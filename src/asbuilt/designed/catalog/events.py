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

PANEL_MAP_SET = "catalog.panel_map_set"
