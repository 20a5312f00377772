"""What this room records in the log. Units stand by number, so that a proof shows no serial number of others."""

from asbuilt.ledger.shapes import Shape

LINE = Shape(
    "shipping.line/1",
    36,
    ("shipment", "customer", "country", "first_unit", "until_unit", "shipped_at", "placed_on_market_at"),
)
