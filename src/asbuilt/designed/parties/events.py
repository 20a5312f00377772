"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

PARTY = Shape("parties.party/1", 1, ("party", "name", "roles", "country"))
