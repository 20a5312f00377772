"""Withdrawing releases: from an entry on they are not found any more."""

from collections.abc import Sequence

from asbuilt.designed.firmware.queries import APP
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

CONTENT = ("product", "role", "version", "sha256", "revisions", "released_at", "security_relevant")


def withdraw_releases(entry: Entry, facts: Sequence[FactRow]) -> list[int]:
    """Close these releases; returns their numbers."""
    sql = (
        "SELECT r.number FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE r.tenant = %s AND p.code = %s AND r.version = %s AND r.role = %s AND r.until_entry IS NULL"
    )
    found = []
    for fact in facts:
        product, version, role = fact.values[:3]
        found += [number for (number,) in reading.fetch(sql, (entry.tenant, product, version, role or APP))]
    sql = "UPDATE firmware_release SET until_entry = %s WHERE tenant = %s AND number = %s"
    bulk.run_many(sql, [(entry.number, entry.tenant, number) for number in found])
    return found


def keep_number(entry: Entry, old: int) -> None:
    """A release closed and stated anew with the same image keeps its number, as programming records name it.

    What was said of it before goes under the new number and ends here.
    """
    columns = ", ".join(CONTENT)
    sql = f'SELECT {columns}, entry, "row" FROM firmware_release WHERE tenant = %s AND number = %s'
    before = reading.fetch_one(sql, (entry.tenant, old))
    sql = (
        f"SELECT number, {columns} FROM firmware_release WHERE tenant = %s AND product = %s AND role = %s AND version = %s "
        "AND entry = %s AND until_entry IS NULL"
    )
    new = reading.fetch_one(sql, (entry.tenant, *before[:3], entry.number))
    if new is None or bytes(new[4]) != bytes(before[3]):
        return
    said = ", ".join(f"{column} = %s" for column in CONTENT)
    sql = f"UPDATE firmware_release SET {said}, until_entry = NULL WHERE tenant = %s AND number = %s"
    bulk.run(sql, (*new[1:], entry.tenant, old))
    sql = f'UPDATE firmware_release SET {said}, entry = %s, "row" = %s, until_entry = %s WHERE tenant = %s AND number = %s'
    bulk.run(sql, (*before, entry.number, entry.tenant, new[0]))
