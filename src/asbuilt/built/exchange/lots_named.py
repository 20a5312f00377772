"""Rows that name a lot by its five cells: holds by lot, and silicon revisions.

A lot is known by its packages alone. Where the row of its last package is corrected so that it is of another lot, the rows that name it are stated
anew with it: what was held stays held, by nobody's leave. Where its last package is withdrawn, they have to go first.
"""

from collections.abc import Sequence

from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.finding import facts_in
from asbuilt.built.exchange.resolving import Chosen, Withdraw
from asbuilt.built.exchange.withdrawing import choose, refuse_many
from asbuilt.formats.tables import TABLES, Table
from asbuilt.ledger.facts import fact_id, standing
from asbuilt.storage import reading

CELLS = ("part", "manufacturer", "mpn", "lot_code", "date_code")
HOLDS = "SELECT DISTINCT entry FROM production_hold WHERE tenant = %s AND lot = %s AND until_entry IS NULL"
SILICON = (
    "SELECT DISTINCT s.entry FROM supply_silicon_revision s JOIN supply_lot l ON l.tenant = s.tenant AND l.lot_code = s.lot_code "
    "WHERE s.tenant = %s AND l.number = %s AND s.until_entry IS NULL"
)
Row = tuple[str, ...]


def naming_the_lot(tenant: int, table: Table, chosen: Chosen, row: Row) -> dict[str, tuple[list[Chosen], list[Row]]]:
    """Table -> the rows that name the lot which this correction leaves without a package, and what they say of its new lot."""
    if table.name != "lots":
        return {}
    (old,) = FactCells(tenant).rows([(chosen.fact, chosen.gone)])
    before, after = (dict(zip(table.columns, cells, strict=True)) for cells in (old, row))
    if all(before[name] == after[name] for name in CELLS):
        return {}
    sql = (
        "SELECT p.lot FROM supply_package p WHERE p.tenant = %s AND p.code = %s AND p.until_entry IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM supply_package o WHERE o.tenant = p.tenant AND o.lot = p.lot AND o.until_entry IS NULL AND o.number <> p.number)"
    )
    lot = reading.fetch_one(sql, (tenant, before["package"]))
    found = {}
    for name, entries in (("holds", HOLDS), ("silicon_revisions", SILICON)) if lot and lot[0] is not None else ():
        those, told = _stated(
            tenant, TABLES[name], chosen.asked, [entry for (entry,) in reading.fetch(entries, (tenant, lot[0]))], before
        )
        if those:
            new = [
                dict(zip(TABLES[name].columns, cells, strict=True)) | {cell: after[cell] for cell in CELLS}
                for cells in told
            ]
            found[name] = (those, [tuple(cells.values()) for cells in new])
    return found


def _stated(
    tenant: int, table: Table, why: Withdraw, entries: Sequence[int], lot: dict[str, str]
) -> tuple[list[Chosen], list[Row]]:
    """The standing rows of a table, of these entries, that name the lot by its five cells."""
    cells, ids = FactCells(tenant), []
    for fact, spans in standing(tenant, facts_in(tenant, table.name, entries)):
        for told in cells.rows([(fact, spans)]):
            said = dict(zip(table.columns, told, strict=True))
            if all(said[name] == lot[name] for name in CELLS):
                ids.append(fact_id(tenant, fact.entry, fact.shape, fact.row))
    asked = [Withdraw(one, why.reason, why.person, why.decided_at, None, None) for one in ids]
    refuse_many(asked)
    chosen, _ = choose(tenant, asked) if asked else ([], 0)
    return chosen, list(cells.rows([(one.fact, one.gone) for one in chosen])) if chosen else []
