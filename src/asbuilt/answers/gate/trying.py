"""Units of qualification runs beside the boundary of an ECO: they carry the alternate because it was tried on them, wherever the boundary lies.

tried(tenant, "Radio/W-2")           -> the orders that it is tried on
units_tried(tenant, "Radio/W-2")     -> their units
refuse_unqualified(tenant, eco)      -> an alternate that no run qualified is not what units are built with from a boundary on
"""

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders
from asbuilt.designed.catalog.queries import approved, part_numbers
from asbuilt.designed.changes.controlling.eco import PART, Change, Eco
from asbuilt.designed.changes.qualifying.runs import trial_orders
from asbuilt.designed.changes.qualifying.sheets import QUALIFIED, RUNNING, STATED, alternates
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import bitmap_of


def tried(tenant: int, value: str) -> set[str]:
    """The orders of qualification runs of MAKER/MPN against which nobody found."""
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


def refuse_unqualified(tenant: int, eco: Eco) -> None:
    """Refused: a sheet names what an ECO changes to, no run qualified it, and parts.csv did not approve it before."""
    for change in (one for one in eco.changes.values() if one.kind == PART):
        one = next((each for each in alternates(tenant, [change.subject[0]]).get(change.subject[0], ()) if f"{each.maker}/{each.mpn}" == change.new), None)  # fmt: skip
        if one is None or one.state == QUALIFIED or (one.state in (STATED, RUNNING) and _approved(tenant, change)):
            continue
        said = f"{change.new} is an alternate for {change.subject[0]} that is not qualified."
        facts = {"eco": eco.code, "part": change.subject[0], "mpn": one.mpn, "state": one.state, "run": one.run}
        remedy = (
            f"Have {one.run} judged first."
            if one.state == RUNNING
            else "Have it qualified on an order of its own first."
        )
        raise Refused("gate.boundary_unqualified", said, facts, remedy)


def _approved(tenant: int, change: Change) -> bool:
    maker, _, mpn = change.new.partition("/")
    known = approved(tenant, part_numbers(tenant, [change.subject[0]]).values())
    return any((mpn, maker) in pairs for pairs in known.values())
