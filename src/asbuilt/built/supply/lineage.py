"""Which package a package was split off, and when: what was found of the source by then was found of the part too.

The row of handling.csv that says so stands in the entry in which the part was first recorded. Followed up to `SOURCES_MAX` splits back.
"""

import json

from asbuilt.built.supply.splitting import SPLIT
from asbuilt.storage import reading

SOURCES_MAX = 20


def sources_of(tenant: int, code: str) -> list[tuple[str, int]]:
    """(source, instant at which the pieces left it), the nearest first. A statement a split."""
    sql = (
        "SELECT h.package, h.readings, h.happened_at FROM supply_package p JOIN supply_package_handling h ON "
        "h.tenant = p.tenant AND h.entry = p.entry WHERE p.tenant = %s AND p.code = %s AND h.event = %s "
        'AND h.until_entry IS NULL ORDER BY h.entry, h."row"'
    )
    found: list[tuple[str, int]] = []
    part, left = code, None
    while len(found) < SOURCES_MAX:
        rows = reading.fetch(sql, (tenant, part, SPLIT))
        told = next(((source, at) for source, said, at in rows if json.loads(said).get("into") == part), None)
        if told is None or told[0] in (code, *(source for source, _ in found)):
            break
        left = told[1] if left is None else min(left, told[1])
        found.append((told[0], left))
        part = told[0]
    return found
