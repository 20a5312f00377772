"""Units of the orders on which an alternate is tried: they carry it whatever holds for others.

tried(tenant, "Radio/W-2")         -> the orders of its qualification runs against which nobody found
units_tried(tenant, "Radio/W-2")   -> their units
"""

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders
from asbuilt.designed.changes.qualifying.runs import trial_orders
from asbuilt.kernel.spans import bitmap_of


def tried(tenant: int, value: str) -> set[str]:
    """The orders on which MAKER/MPN is tried, or was and nobody found against it. One statement where it never was, else two."""
    maker, _, mpn = value.partition("/")
    return trial_orders(tenant, maker, mpn)


def units_tried(tenant: int, value: str) -> BitMap:
    """The units of these orders."""
    orders, found = Orders(tenant), BitMap()
    for code in tried(tenant, value):
        order = orders.by_code(code)
        if order is not None:
            found |= bitmap_of(order.blocks)
    return found
