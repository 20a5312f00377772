"""Rows that name a lot by its five cells: holds by lot, and silicon revisions.

A lot is known by its packages alone. Where the row of its last package is corrected so that it is of another lot, the rows that name it are stated
anew with it: what was held stays held, by nobody's leave. Where one of several is corrected, holds stand on both lots, unless the other was known
besides. Where its last package is withdrawn, they have to go first.
"""

from collections.abc import Sequence

from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.finding import facts_in
from asbuilt.built.exchange.resolving import Chosen, Withdraw
from asbuilt.built.exchange.withdrawing import choose, refuse_many
from asbuilt.built.supply.queries import LotFinder
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
    """Table -> the rows that name the lot which this correction leaves without a package, and what is said of its new lot.

    Where packages of the lot are left, and nothing was of the new one before, holds stand on both: a delivery is corrected reel by reel.
    """
    if table.name != "lots":
        return {}
    (old,) = FactCells(tenant).rows([(chosen.fact, chosen.gone)])
    before, after = (dict(zip(table.columns, cells, strict=True)) for cells in (old, row))
    if all(before[name] == after[name] for name in CELLS):
        return {}
    lot = reading.fetch_one(
        "SELECT p.lot FROM supply_package p WHERE p.tenant = %s AND p.code = %s AND p.until_entry IS NULL",
        (tenant, before["package"]),
    )
    if lot is None or lot[0] is None:
        return {}
    new = LotFinder(tenant).find(*(after[name] for name in CELLS))
    alone = _packages(tenant, lot[0]) == 1
    if not alone and new is not None and _packages(tenant, new):
        return {}  # it is of a lot that is known besides, and was never of this one
    found = {}
    for name, entries in (("holds", HOLDS), ("silicon_revisions", SILICON)) if alone else (("holds", HOLDS),):
        those, told = _naming(tenant, name, entries, chosen.asked, lot[0], before)
        known = _naming(tenant, name, entries, chosen.asked, new, after)[1] if told and new is not None else []
        stated = [dict(zip(TABLES[name].columns, cells, strict=True)) | {cell: after[cell] for cell in CELLS} for cells in told]  # fmt: skip
        if told:
            rows = [tuple(cells.values()) for cells in stated]
            found[name] = (those if alone else [], [one for one in rows if one not in known])
    return found


def _packages(tenant: int, lot: int) -> int:
    sql = "SELECT count(*) FROM supply_package WHERE tenant = %s AND lot = %s AND until_entry IS NULL"
    return reading.fetch_one(sql, (tenant, lot))[0]


def _naming(
    tenant: int, name: str, entries: str, why: Withdraw, lot: int, cells: dict[str, str]
) -> tuple[list[Chosen], list[Row]]:
    """The standing rows of a table that name the lot. Two statements and more."""
    return _stated(tenant, TABLES[name], why, [entry for (entry,) in reading.fetch(entries, (tenant, lot))], cells)


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
