"""States of units as spans: begun, built, scrapped, skipped; a unit in none of them is planned.

`begun` is never stated: it is what units are to which something happened before anybody said that they were built.
"""

from pyroaring import BitMap

from asbuilt.kernel.spans import bitmap_of
from asbuilt.storage import reading

PLANNED, BEGUN, BUILT, SCRAPPED, SKIPPED = range(5)


def units_with_state(tenant: int, low: int, high: int, *states: int) -> BitMap:
    """Units of [low, high) that are in one of the states now (in any, where none is named). One statement."""
    sql = (
        "SELECT first_unit, until_unit FROM production_unit_state WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL"
    )
    if states:
        sql += f" AND state IN ({', '.join(map(str, states))})"
    found = bitmap_of(reading.fetch(sql, (tenant, high, low)))
    return found & BitMap(range(low, high)) if found else found


def built_units(tenant: int, spans: tuple[tuple[int, int], ...]) -> BitMap:
    """Units of the spans that were begun, built or scrapped, and not skipped: those that answers speak of."""
    found = BitMap()
    for low, high in spans:
        found |= units_with_state(tenant, low, high, BEGUN, BUILT, SCRAPPED) - units_with_state(
            tenant, low, high, SKIPPED
        )
    return found
