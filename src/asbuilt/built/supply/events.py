"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PACKAGE = Shape(
    "supply.package/1",
    10,
    (
        "package", "package_kind", "part", "mpn", "manufacturer", "supplier", "lot_code", "date_code", "quantity",
        "received_at", "delivery", "coc", "status", "owner",
    ),
)  # fmt: skip
PACKAGE_NAME = Shape("supply.package_name/1", 127, ("package", "kind", "value", "from_at", "reason"))

PACKAGE_TAGGED = "supply.package_tagged"
