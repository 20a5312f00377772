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
