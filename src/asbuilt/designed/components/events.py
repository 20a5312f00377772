"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

SBOM = Shape(
    "components.sbom/1",
    346,
    ("product", "role", "version", "revision", "part", "lot", "file", "sha256", "operator", "happened_at"),
)

SBOM_ADDED = "components.sbom_added"
