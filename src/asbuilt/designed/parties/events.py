"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PARTY = Shape("parties.party/1", 1, ("party", "name", "roles", "country"))
PRODUCT_ROLE = Shape("parties.product_role/1", 300, ("product", "party", "role", "operator", "happened_at"))
