"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

RELEASE = Shape(
    "firmware.release/1",
    15,
    ("product", "version", "role", "image", "sha256", "revisions", "released_at", "security_relevant"),
)
