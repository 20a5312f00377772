"""Refusals of this room that several verbs give."""

from asbuilt.kernel.errors import NotFound, Refused


def order_unknown(code: str) -> NotFound:
    """No order with this code, or one of another tenant."""
    return NotFound(
        "production.order_unknown",
        f"There is no order {code[:80]}.",
        {"field": "order", "value": code[:80]},
        "Look at its spelling.",
    )


def order_closed(code: str) -> Refused:
    """It gets no more units and hands none over."""
    return Refused(
        "production.order_closed",
        f"Order {code} is closed.",
        {"order": code},
        "Open a new order, or withdraw the closing on its page.",
    )


def too_many_units(code: str, held: int, asked: int) -> Refused:
    """A split leaves the order at least one unit."""
    return Refused(
        "production.split_too_large",
        f"Order {code} has {held:,} units; {asked:,} cannot leave it.",
        {"field": "quantity", "order": code, "value": asked, "units": held},
        "Leave it at least one unit.",
    )
