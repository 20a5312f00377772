"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PART = Shape("catalog.part/1", 2, ("part", "description", "mpn", "manufacturer", "lifecycle", "msl"))
BOM_LINE = Shape("catalog.bom_line/1", 3, ("product", "revision", "bom_version", "line", "part", "quantity", "refdes"))
DOCUMENT = Shape(
    "catalog.document/1", 141, ("document", "revision", "kind", "title", "file", "sha256", "valid_from_at")
)
ROUTING_STEP = Shape(
    "catalog.routing_step/1",
    142,
    (
        "product", "revision", "routing", "place_in_route", "step", "side", "place", "instruction", "criteria", "procedure",
        "optional", "limits", "from_at",
    ),
)  # fmt: skip
