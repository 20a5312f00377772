"""What the mark on a unit should hold, by its serial number and its product's mark rule."""

from asbuilt.built.production.orders import Orders, serial_of
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.formats.marks import Content
from asbuilt.kernel.errors import Refused


def mark_content(tenant: int, unit: int) -> tuple[str, Content]:
    """Serial number of a unit and what its mark holds. Refused where it has none, or where GS1 does not take it."""
    serial = serial_of(tenant, unit)
    order = Orders(tenant).of_unit(unit)
    place = f"{order.code}#{order.place_of(unit)}"
    if serial is None:
        facts = {"unit": place}
        remedy = "Name the order's units first."
        raise Refused("production.unit_unnamed", f"{place} has no serial number, so no mark.", facts, remedy)
    try:
        return serial, mark_rule(tenant, order.product).content(serial)
    except ValueError as refusal:
        facts = {"unit": place, "serial": serial}
        remedy = "Use plain marks, or shorter serial numbers without blanks and letters beyond ASCII."
        raise Refused("production.mark_unfit", f"No GS1 mark holds {serial}: {refusal}.", facts, remedy) from None
