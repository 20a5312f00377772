"""Serial numbers for the units of an order that have none yet: which units wait, which numbers are taken."""

from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.built.production.orders import SERIAL, OrderRow, products_of, serials_named
from asbuilt.built.production.states import SKIPPED, units_with_state
from asbuilt.storage import reading

TEXTS_AT_ONCE = 5_000


def unnamed_units(tenant: int, order: OrderRow) -> BitMap:
    """Units of the order without a serial number, but for skipped positions. Two statements a block."""
    sql = (
        "SELECT unit FROM production_unit_name WHERE tenant = %s AND unit >= %s AND unit < %s AND kind = %s "
        "AND until_entry IS NULL"
    )
    found = BitMap()
    for first, until in order.blocks:
        named = BitMap(unit for (unit,) in reading.fetch(sql, (tenant, first, until, SERIAL)))
        found |= BitMap(range(first, until)) - named - units_with_state(tenant, first, until, SKIPPED)
    return found


def serials_ever(tenant: int, serials: Iterable[str]) -> set[str]:
    """Those of these texts that ever were a unit's name, of any kind and product, withdrawn ones too."""
    listed, found = list(serials), set()
    sql = "SELECT value FROM production_unit_name WHERE tenant = %s AND " + reading.any_of("value", "text")
    for start in range(0, len(listed), TEXTS_AT_ONCE):
        part = reading.list_param(listed[start : start + TEXTS_AT_ONCE])
        found.update(value for (value,) in reading.fetch(sql, (tenant, part)))
    return found


def serials_held(tenant: int, product: int, serials: Iterable[str]) -> dict[str, int]:
    """Those of these serial numbers that units of the product have, with the unit."""
    listed, found = list(serials), []
    sql = f"SELECT n.value, n.unit FROM {serials_named('n')}"
    for start in range(0, len(listed), TEXTS_AT_ONCE):
        found += reading.fetch(sql, (reading.list_param(listed[start : start + TEXTS_AT_ONCE]), tenant))
    of = products_of(tenant, [unit for _, unit in found])
    return {value: unit for value, unit in found if of.get(unit) == product}
