"""What a part split off a package takes with it: lot, supplier and papers, what was said of it, what happened to it.

The part was in the source's bag, dry cabinet and quarantine until it was split off: its first status, statuses, lives and
handling are those of the source by then, recorded anew under its own code, so that status and floor life run on. At the source a
row of handling.csv says how many pieces went into which package: they are no longer in it.
"""

import json
from collections.abc import Iterable

from asbuilt.access.people import People
from asbuilt.built.supply.kept import KEPT, KeptTable
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

TAKEN = ("lives", "statuses", "handling")
SPLIT = "split"


def split_rows(
    tenant: int, *, source: str, new: str, quantity: str, at: int, operator: str = ""
) -> dict[str, list[tuple[str, ...]]]:
    """Exchange table -> rows in its column order, lots first; `operator` is the badge of who split it. NotFound: no such
    source. Five statements."""
    sql = (
        "SELECT p.kind, c.code, l.mpn, l.maker, s.code, l.lot_code, l.date_code, p.received_at, p.delivery, p.coc, "
        "p.status, o.code FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
        "JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        "LEFT JOIN parties_party s ON s.tenant = p.tenant AND s.number = p.supplier "
        "LEFT JOIN parties_party o ON o.tenant = p.tenant AND o.number = p.owner "
        "WHERE p.tenant = %s AND p.code = %s AND p.until_entry IS NULL"
    )
    row = reading.fetch_one(sql, (tenant, source))
    if row is None:
        raise NotFound(
            "supply.package_unknown",
            f"There is no package {source[:80]}.",
            {"package": source[:80]},
            "Receive the package, then retry.",
        )
    kind, part, mpn, maker, supplier, lot, date_code, received, delivery, coc, status, owner = row
    received_at = format_instant(received) if received is not None else ""
    first = (
        new, kind, part, mpn, maker, supplier or "", lot, date_code, quantity, received_at, delivery, coc, status,
        owner or "",
    )  # fmt: skip
    said = {name: _said_of(tenant, KEPT[name], source, new, at) for name in TAKEN}
    readings = {"into": new, **({"pieces": int(quantity)} if quantity else {})}
    said["handling"].append((source, SPLIT, json.dumps(readings, sort_keys=True), operator, format_instant(at)))
    return {"lots": [first], **said}


def split_off(tenant: int, packages: Iterable[str], as_of: int | None = None) -> dict[str, int]:
    """Code -> pieces split off it by entry `as_of` (None: now); splits of which nobody said how many count none. One statement."""
    stands = "until_entry IS NULL"
    if as_of is not None:
        stands = f"entry <= {int(as_of)} AND (until_entry IS NULL OR until_entry > {int(as_of)})"
    sql = f"SELECT package, readings FROM supply_package_handling WHERE tenant = %s AND event = '{SPLIT}' AND {stands} AND "
    found: dict[str, int] = {}
    for code, readings in reading.fetch(
        sql + reading.any_of("package", "text"), (tenant, reading.list_param(sorted(set(packages))))
    ):
        found[code] = found.get(code, 0) + json.loads(readings).get("pieces", 0)
    return found


def _said_of(tenant: int, table: KeptTable, source: str, new: str, at: int) -> list[tuple[str, ...]]:
    columns = table.shape.columns
    sql = (
        f"SELECT {', '.join(columns)} FROM {table.db_table} WHERE tenant = %s AND package = %s AND until_entry IS NULL "
        'AND happened_at <= %s ORDER BY happened_at, entry, "row"'
    )
    rows = [dict(zip(columns, row, strict=True)) for row in reading.fetch(sql, (tenant, source, at))]
    rows = [
        row for row in rows if row.get("event") != SPLIT
    ]  # what left the source before does not leave the part again
    people = People(tenant, 0).codes(row["operator"] for row in rows)
    found = []
    for row in rows:
        row |= {
            "package": new,
            "operator": people.get(row["operator"], ""),
            "happened_at": format_instant(row["happened_at"]),
        }
        found.append(tuple("" if cell is None else str(cell) for cell in row.values()))
    return found
