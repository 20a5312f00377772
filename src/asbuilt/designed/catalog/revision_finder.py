"""Hardware revisions by what a row of a table calls them, with the nearest names where none is called so."""

from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.formats.nearest import did_you_mean
from asbuilt.ledger.intake import TableIntake

NAMED_MAX = 5


class RevisionFinder:
    """Reads the revisions of a product once; use one for one intake, which it tells of what it does not find."""

    def __init__(self, intake: TableIntake):
        self.intake = intake
        self._known: dict[str, dict[str, int]] = {}

    def find(self, line: int, product: str, revision: str) -> int | None:
        """The number of the revision; None, and the row is named as wrong, where it does not stand."""
        if product not in self._known:
            self._known[product] = standing_revisions(self.intake.tenant, product)
        known = self._known[product]
        if revision in known:
            return known[revision]
        if known:
            remedy = did_you_mean(revision, known) or f"{product} has revision {', '.join(sorted(known)[:NAMED_MAX])}."
            reason = f"{product} has no revision {revision}."
            return self.intake.wrong(line, "revision", revision, "catalog.revision_unknown", reason, remedy)
        remedy = did_you_mean(product, standing_products(self.intake.tenant)) or "Add its BOM to bom.csv first."
        return self.intake.wrong(
            line, "product", product, "catalog.product_unknown", f"No product is called {product}.", remedy
        )
