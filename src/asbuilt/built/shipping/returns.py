"""Reads of returns: which units came back, what happened to them since, which unit stands for which.

A unit is back from its last `received` on, until it is shipped again, sent back or scrapped. `seen` narrows to what was recorded by an entry.
"""

import re
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.unit_records import range_or_list
from asbuilt.storage import reading

RECEIVED, FOUND, REPAIRED, TESTED = "received", "found", "repaired", "tested"
NO_FAULT = "no_fault"
SENT_BACK, REPLACED, SCRAPPED = "sent_back", "replaced", "scrapped"
PREFIX = "RMA-"
_ROWS = 1 << 31  # more than an entry has rows
NOW = " AND t.until_entry IS NULL"
_COLUMNS = (
    't.unit, t.replacement, t.rma, t.event, t.said, t.party, t.shipment, t.operator, t.happened_at, t.entry, t."row"'
)
_LAST = ' ORDER BY t.happened_at, t.entry, t."row"'


@dataclass(frozen=True)
class ReturnRow:
    """What happened to a unit that came back; people and parties by number."""

    unit: int
    replacement: int | None
    rma: str
    event: str
    said: str
    party: int | None
    shipment: str
    operator: int | None
    happened_at: int
    entry: int
    row: int


def rows_of_units(tenant: int, units: BitMap, seen: str = NOW) -> list[ReturnRow]:
    """What happened to these units as returns, in order. One statement."""
    if not units:
        return []
    condition, params = range_or_list(units)
    sql = f"SELECT {_COLUMNS} FROM shipping_return t WHERE t.tenant = %s AND {condition}{seen}{_LAST}"
    return [row for row in (ReturnRow(*one) for one in reading.fetch(sql, (tenant, *params))) if row.unit in units]


def rows_of_rma(tenant: int, rma: str, seen: str = NOW) -> list[ReturnRow]:
    """What happened under a number, in order. One statement."""
    sql = f"SELECT {_COLUMNS} FROM shipping_return t WHERE t.tenant = %s AND t.rma = %s{seen}{_LAST}"
    return [ReturnRow(*one) for one in reading.fetch(sql, (tenant, rma))]


def received(tenant: int, seen: str = NOW) -> dict[int, int]:
    """Unit -> when it came back last, of all that did and were not sent back since. One statement."""
    sql = f"SELECT t.unit, t.event, t.happened_at FROM shipping_return t WHERE t.tenant = %s{seen}{_LAST}"
    found: dict[int, int] = {}
    for unit, event, at in reading.fetch(sql, (tenant,)):
        if event == RECEIVED:
            found[unit] = at
        elif event == SENT_BACK:
            found.pop(unit, None)
    return found


def replaced_units(tenant: int, seen: str = NOW) -> dict[int, int]:
    """The units for which another one stands, since when (the last time). One statement."""
    sql = f"SELECT t.unit, max(t.happened_at) FROM shipping_return t WHERE t.tenant = %s AND t.event = %s{seen} GROUP BY t.unit"
    return dict(reading.fetch(sql, (tenant, REPLACED)))


def replaced_by(tenant: int, unit: int, seen: str = NOW) -> tuple[int | None, int | None]:
    """(the unit that stands for this one, the unit that this one stands for). Two statements."""
    for_it = f"SELECT t.replacement FROM shipping_return t WHERE t.tenant = %s AND t.unit = %s AND t.event = 'replaced'{seen}"
    of_it = f"SELECT t.unit FROM shipping_return t WHERE t.tenant = %s AND t.replacement = %s{seen}"
    one, other = (reading.fetch(sql + _LAST, (tenant, unit)) for sql in (for_it, of_it))
    return (one[-1][0] if one else None), (other[-1][0] if other else None)


def rma_numbers(tenant: int, limit: int = 1000) -> list[str]:
    """The numbers under which something came back, the newest first. One statement."""
    sql = "SELECT t.rma, max(t.happened_at) FROM shipping_return t WHERE t.tenant = %s" + NOW
    return [rma for rma, _ in reading.fetch(f"{sql} GROUP BY t.rma ORDER BY 2 DESC, 1 LIMIT {int(limit)}", (tenant,))]


def units_by_rma(tenant: int, seen: str = NOW) -> list[tuple[str, int, int, int, int]]:
    """(number, unit, when something was said of it last, entry and row of what was said first). One statement."""
    sql = (
        f'SELECT t.rma, t.unit, max(t.happened_at), min(t.entry * {_ROWS} + t."row") FROM shipping_return t WHERE t.tenant = %s{seen} '
        "GROUP BY t.rma, t.unit"
    )
    return [(rma, unit, at, *divmod(int(first), _ROWS)) for rma, unit, at, first in reading.fetch(sql, (tenant,))]


def stood_for(tenant: int, unit: int, seen: str = NOW) -> BitMap:
    """The units for which this one stands, or stood. One statement."""
    sql = f"SELECT t.unit FROM shipping_return t WHERE t.tenant = %s AND t.replacement = %s{seen}"
    return BitMap(one for (one,) in reading.fetch(sql, (tenant, unit)))


def free_rma(tenant: int) -> str:
    """The next number by the rule: RMA-1, RMA-2 …, never one that was given before."""
    rows = reading.fetch("SELECT DISTINCT rma FROM shipping_return WHERE tenant = %s", (tenant,))
    numbers = [re.fullmatch(PREFIX + "([0-9]{1,9})", code) for (code,) in rows]
    return f"{PREFIX}{max((int(found[1]) for found in numbers if found), default=0) + 1}"
