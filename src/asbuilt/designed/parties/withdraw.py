"""Withdrawing parties: from an entry on they are not found any more."""

from collections.abc import Sequence

from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

CONTENT = ("code", "name", "roles", "country")


def withdraw_parties(entry: Entry, facts: Sequence[FactRow]) -> list[int]:
    """Close these parties; returns their numbers."""
    found = []
    for fact in facts:
        sql = "SELECT number FROM parties_party WHERE tenant = %s AND code = %s AND until_entry IS NULL"
        found += [number for (number,) in reading.fetch(sql, (entry.tenant, fact.values[0]))]
    sql = "UPDATE parties_party SET until_entry = %s WHERE tenant = %s AND number = %s"
    bulk.run_many(sql, [(entry.number, entry.tenant, number) for number in found])
    return found


def keep_number(entry: Entry, old: int) -> None:
    """A party that was closed and stated anew by this entry keeps its number, as orders and shipments name it.

    What it was called before goes under the new number and ends here.
    """
    columns = ", ".join(CONTENT)
    sql = f'SELECT {columns}, entry, "row" FROM parties_party WHERE tenant = %s AND number = %s'
    before = reading.fetch_one(sql, (entry.tenant, old))
    sql = (
        f"SELECT number, {columns} FROM parties_party WHERE tenant = %s AND code = %s AND entry = %s "
        "AND until_entry IS NULL"
    )
    new = reading.fetch_one(sql, (entry.tenant, before[0], entry.number))
    if new is None:
        return
    said = ", ".join(f"{column} = %s" for column in CONTENT)
    sql = f"UPDATE parties_party SET {said}, until_entry = NULL WHERE tenant = %s AND number = %s"
    bulk.run(sql, (*new[1:], entry.tenant, old))
    sql = f'UPDATE parties_party SET {said}, entry = %s, "row" = %s, until_entry = %s WHERE tenant = %s AND number = %s'
    bulk.run(sql, (*before, entry.number, entry.tenant, new[0]))
