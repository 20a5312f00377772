"""Withdrawing approved manufacturer parts and BOM lines. Parts, products and BOM versions keep their numbers for good."""

from collections.abc import Iterable, Sequence

from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading


def withdraw_parts(entry: Entry, facts: Sequence[FactRow]) -> list[int]:
    """Close these rows of parts.csv; returns the numbers of the parts they approve a manufacturer part for."""
    found = []
    for fact in facts:
        code, _, mpn, maker = fact.values[:4]
        row = reading.fetch_one("SELECT number FROM catalog_part WHERE tenant = %s AND code = %s", (entry.tenant, code))
        sql = (
            "UPDATE catalog_manufacturer_part SET until_entry = %s WHERE tenant = %s AND part = %s AND mpn = %s "
            "AND maker = %s AND until_entry IS NULL"
        )
        bulk.run(sql, (entry.number, entry.tenant, row[0], mpn, maker))
        found.append(row[0])
    return found


def withdraw_bom_lines(entry: Entry, facts: Sequence[FactRow]) -> set[int]:
    """Close these lines; returns the BOM versions they belong to."""
    sql = (
        "SELECT b.number FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number WHERE p.tenant = %s AND p.code = %s "
        "AND r.code = %s AND b.version = %s"
    )
    boms = set()
    for fact in facts:
        (bom,) = reading.fetch_one(sql, (entry.tenant, *fact.values[:3]))
        close = "UPDATE catalog_bom_line SET until_entry = %s WHERE tenant = %s AND bom = %s AND line = %s AND until_entry IS NULL"
        bulk.run(close, (entry.number, entry.tenant, bom, fact.values[3]))
        boms.add(bom)
    return boms


def withdraw_panel_places(entry: Entry, facts: Sequence[FactRow]) -> None:
    """Close these places of panel maps."""
    sql = (
        "UPDATE catalog_panel_place SET until_entry = %s WHERE tenant = %s AND panel = %s AND side = %s "
        "AND machine_position = %s AND until_entry IS NULL AND revision = (SELECT r.number FROM catalog_product p "
        "JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number WHERE p.tenant = %s AND p.code = %s AND r.code = %s)"
    )
    rows = [
        (entry.number, entry.tenant, *fact.values[2:4], int(fact.values[4]), entry.tenant, *fact.values[:2])
        for fact in facts
    ]
    bulk.run_many(sql, rows)


def withdraw_rules(entry: Entry, table: str, facts: Sequence[FactRow]) -> None:
    """Close these rows of serial_rules.csv, mark_rules.csv, record_demands.csv or placements.csv; the one before is in use again. `table` keeps them."""
    sql = f'UPDATE {table} SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])


def withdraw_program_feeders(entry: Entry, facts: Sequence[FactRow]) -> None:
    """These feeders place nothing any more."""
    sql = 'UPDATE catalog_program_feeder SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])


def other_sides(tenant: int, panels: Iterable[tuple[str, str, str]]) -> list[str]:
    """Positions that stand on one side only of panels (product, revision, panel) that are worked on both. A statement a panel."""
    sql = (
        "SELECT t.side, t.position FROM catalog_panel_place t JOIN catalog_revision r ON r.tenant = t.tenant AND r.number = t.revision "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE t.tenant = %s AND p.code = %s AND r.code = %s "
        "AND t.panel = %s AND t.until_entry IS NULL"
    )
    found = []
    for product, revision, panel in sorted(panels):
        sides: dict[str, set[int]] = {}
        for side, position in reading.fetch(sql, (tenant, product, revision, panel)):
            sides.setdefault(side, set()).add(position)
        if len(sides) == 2:
            found += [f"{panel} {position}" for position in sorted(set.symmetric_difference(*sides.values()))]
    return found
