"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound


def unknown_product(code: str, remedy: str = "") -> NotFound:
    """No BOM names this product."""
    return NotFound("catalog.product_unknown", f"No product is called {code}.", {"product": code}, remedy)
