"""What rooms above record with an order that names its configuration: this floor does not know which firmware belongs to one.

A module of its own, because rooms register at every start and orders are opened rarely.
"""

from collections.abc import Callable

ORDER_FURTHER: dict[str, Callable] = {}
"""By room. Each takes the entry, the order's code, its configuration ("": none), the badge of who says it, the instant as tables write it,
and the code of the order that it was split from ("": none), and states its rows in that entry."""


def state_configuration(entry, order: str, configuration: str, badge: str, at: str, source: str = "") -> None:
    """What the rooms above record of it."""
    if configuration or source:
        for further in ORDER_FURTHER.values():
            further(entry, order, configuration, badge, at, source)
