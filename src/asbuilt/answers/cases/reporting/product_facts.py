"""What rooms above this one know of a product that a report asks for. A module of its own, because rooms register at every start.

A matrix names the fact that a field takes (`fact`) and the recipient's word for each value (`words`): law_class, law_category, support_ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A value, and what it rests on: kind, which, what of it."""

    value: str
    source: tuple[str, str, str]


PRODUCT_FACTS: dict[str, Callable[[int, Sequence[str], str], dict[str, dict[str, Fact]]]] = {}
"""By room. Each takes tenant, products and the day (YYYY-MM-DD) and gives product -> fact -> what it knows; what nobody said is not there."""


def facts_of(tenant: int, products: Sequence[str], day: str) -> dict[str, dict[str, Fact]]:
    """Everything that is known of these products. The statements of each room."""
    found: dict[str, dict[str, Fact]] = {product: {} for product in products}
    for told in PRODUCT_FACTS.values():
        for product, facts in told(tenant, products, day).items():
            found[product] |= facts
    return found
