"""What this room records in the log. Units stand by number, so that a proof shows no serial number of others."""

from asbuilt.ledger.shapes import Shape

LINE = Shape(
    "shipping.line/1",
    36,
    ("shipment", "customer", "country", "first_unit", "until_unit", "shipped_at", "placed_on_market_at"),
)
CONTAINER = Shape(
    "shipping.container/1",
    303,
    ("container", "kind", "event", "sscc", "customer", "country", "note", "operator", "happened_at"),
)
PACKED = Shape(
    "shipping.packed/1", 304, ("unit", "content", "container", "action", "reason", "operator", "happened_at")
)
PLACING = Shape(
    "shipping.placing/1",
    305,
    ("unit", "shipment", "party", "decided_by", "basis", "reason", "file", "sha256", "operator", "placed_at"),
)
RETURN = Shape(
    "shipping.return/1",
    306,
    ("unit", "replacement", "rma", "event", "said", "party", "shipment", "operator", "happened_at"),
)

OPENED, CLOSED, REOPENED = "shipping.container_opened", "shipping.container_closed", "shipping.container_reopened"
PUT_IN, TAKEN_OUT = "shipping.put_in", "shipping.taken_out"
SHIPPED, PLACED, RETURNED = "shipping.shipped", "shipping.placed_on_market", "shipping.returned"
