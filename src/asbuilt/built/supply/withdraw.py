"""Withdrawing packages: from an entry on they are not found any more; their lots keep their numbers."""

from collections.abc import Sequence

from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading


def withdraw_packages(entry: Entry, facts: Sequence[FactRow]) -> dict[str, int]:
    """Close these packages; returns code -> number."""
    sql = "SELECT code, number FROM supply_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "code", "text"
    )
    found: dict[str, int] = {}
    codes = [fact.values[0] for fact in facts]
    for start in range(0, len(codes), 5_000):
        found.update(reading.fetch(sql, (entry.tenant, reading.list_param(codes[start : start + 5_000]))))
    sql = "UPDATE supply_package SET until_entry = %s WHERE tenant = %s AND number = %s"
    bulk.run_many(sql, [(entry.number, entry.tenant, number) for number in found.values()])
    return found


def withdraw_package_names(entry: Entry, facts: Sequence[FactRow]) -> None:
    """These names find their packages no more."""
    sql = "UPDATE supply_package_name SET until_entry = %s WHERE tenant = %s AND value = %s AND code = %s AND until_entry IS NULL"
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.values[2], fact.values[0]) for fact in facts])
