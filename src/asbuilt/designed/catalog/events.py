"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PART = Shape("catalog.part/1", 2, ("part", "description", "mpn", "manufacturer", "lifecycle", "msl"))
BOM_LINE = Shape("catalog.bom_line/1", 3, ("product", "revision", "bom_version", "line", "part", "quantity", "refdes"))
