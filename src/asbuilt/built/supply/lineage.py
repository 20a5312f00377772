"""Which package a package was split off, and when: what was found of the source by then was found of the part too.

The row of handling.csv that says so stands in the entry in which the part was first recorded, or, corrected since, at a package of the same
lot. Followed up to `SOURCES_MAX` splits back.
"""

import json
from collections.abc import Iterable

from asbuilt.built.supply.splitting import SPLIT
from asbuilt.storage import reading

SOURCES_MAX = 20


STANDS = " AND t.until_entry IS NULL"


def split_off_from(tenant: int, codes: Iterable[str], seen: str = STANDS) -> dict[str, tuple[str, int]]:
    """Code -> (the package that it was split off, instant), of those that were; `seen` narrows `t`, the row that says so. One statement."""
    wanted = set(codes)
    recorded = f"SELECT p.{{}} FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.code', 'text')}"
    beside = f"SELECT s.code FROM supply_package s WHERE s.tenant = %s AND s.lot IN ({recorded.format('lot')})"
    said = 'SELECT t.entry, t."row", t.package, t.readings, t.happened_at FROM supply_package_handling t WHERE t.tenant = %s AND t.event = %s'
    sql = f"{said}{seen} AND t.entry IN ({recorded.format('entry')}) UNION {said}{seen} AND t.package IN ({beside}) ORDER BY 1, 2"
    listed = reading.list_param(sorted(wanted))
    rows = reading.fetch(sql, (tenant, SPLIT, tenant, listed, tenant, SPLIT, tenant, tenant, listed)) if wanted else []
    found: dict[str, tuple[str, int]] = {}
    for _, _, source, readings, at in rows:
        into = json.loads(readings).get("into")
        if into in wanted and into != source:
            found.setdefault(into, (source, at))
    return found


def sources_of(tenant: int, code: str) -> list[tuple[str, int]]:
    """(source, instant at which the pieces left it), the nearest first. A statement a split."""
    found: list[tuple[str, int]] = []
    part, left = code, None
    while len(found) < SOURCES_MAX:
        told = split_off_from(tenant, [part]).get(part)
        if told is None or told[0] in (code, *(source for source, _ in found)):
            break
        left = told[1] if left is None else min(left, told[1])
        found.append((told[0], left))
        part = told[0]
    return found


def lines_of(tenant: int, codes: Iterable[str], seen: str = STANDS) -> dict[str, tuple[str, ...]]:
    """Code -> itself and the packages that its pieces came out of, the nearest first. A statement for each split one behind the other."""
    lines = {code: (code,) for code in codes}
    ahead = set(lines)
    for _ in range(SOURCES_MAX):
        told = split_off_from(tenant, ahead, seen)
        grown = {
            code: (*line, told[line[-1]][0])
            for code, line in lines.items()
            if line[-1] in told and told[line[-1]][0] not in line
        }
        if not grown:
            break
        lines |= grown
        ahead = {line[-1] for line in grown.values()}
    return lines
