"""About which units a party's own person agrees here: those of its orders, and those of products whose manufacturer it is, whoever ordered them."""

from pyroaring import BitMap

from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import MANUFACTURER, holders, roles_of
from asbuilt.kernel.spans import bitmap_of
from asbuilt.storage import reading


def units_of_party(tenant: int, party: int, at: int) -> BitMap:
    """The units of a party at an instant. Three statements."""
    makers = holders(roles_of(tenant), MANUFACTURER, at)
    made = sorted(number for number, code in product_codes(tenant).items() if makers.get(code) == [party])
    sql = (
        "SELECT b.first_unit, b.until_unit FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = "
        "b.work_order WHERE b.tenant = %s AND b.until_entry IS NULL AND o.until_entry IS NULL AND (o.owner = %s OR "
    )
    return bitmap_of(reading.fetch(f"{sql}{reading.any_of('b.product')})", (tenant, party, reading.list_param(made))))
