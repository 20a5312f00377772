"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

SBOM_1 = Shape(
    "components.sbom/1",
    346,
    ("product", "role", "version", "revision", "part", "lot", "file", "sha256", "operator", "happened_at"),
)
"""As SBOMs were recorded first: bound by name, whatever image the release has."""
SBOM = Shape("components.sbom/2", 434, (*SBOM_1.columns, "image", "bound_by"))

SBOM_ADDED = "components.sbom_added"
