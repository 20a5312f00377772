"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound


def unknown_product(code: str, remedy: str = "") -> NotFound:
    """No BOM names this product."""
    return NotFound("catalog.product_unknown", f"No product is called {code}.", {"product": code}, remedy)


def unknown_part(text: str, remedy: str = "") -> NotFound:
    """No part has this number, and none is approved by this MPN."""
    return NotFound("catalog.part_unknown", f"No part has the number or MPN {text}.", {"part": text}, remedy)
