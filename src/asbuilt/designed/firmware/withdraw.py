"""Withdrawing releases: from an entry on they are not found any more."""

from collections.abc import Iterator, Mapping, Sequence

from asbuilt.designed.firmware import register
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel import trust
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

Key = tuple[str, str, str]
"""Product, role and version of a release."""
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


REGISTER = {
    "trust_stores": "firmware_trust_store",
    "release_drafts": "firmware_release_draft",
    "release_signatures": "firmware_release_signature",
    "release_states": "firmware_release_state",
}
"""Tables of the register, and where their rows are kept."""


def withdraw_register(entry: Entry, table: str, facts: Sequence[FactRow]) -> None:
    """Close these rows of a table of the register."""
    sql = f'UPDATE {REGISTER[table]} SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])


def register_left_hanging(tenant: int) -> list[tuple[str, str, list[str]]]:
    """What of the register stands on something that does not: (what, what rests on it, names).

    A signature or state rests on the draft as it was when it was recorded: one that was stated anew since is another.
    """
    drafts = {tuple(key): entry for *key, entry in _keys(tenant, "firmware_release_draft")}
    states = {tuple(key) for *key, _ in _keys(tenant, "firmware_release_state")}
    found = []
    for table, by in (("firmware_release_signature", "signatures"), ("firmware_release_state", "states")):
        names = [" ".join(key) for *key, entry in _keys(tenant, table) if drafts.get(tuple(key), entry + 1) > entry]
        found.append(("A release draft", by, names))
    sql = (
        "SELECT p.code, r.role, r.version FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant "
        "AND p.number = r.product WHERE r.tenant = %s AND r.until_entry IS NULL"
    )
    released = [tuple(key) for key in reading.fetch(sql, (tenant,))]
    names = [" ".join(key) for key in released if key in drafts and key not in states]
    found.append(("The state of a release", "rows of firmware.csv", names))
    sql = "SELECT version FROM firmware_trust_store WHERE tenant = %s AND until_entry IS NULL"
    stores = {int(version) for (version,) in reading.fetch(sql, (tenant,))}
    sql = (
        "SELECT product, role, version, trust_version FROM firmware_release_signature WHERE tenant = %s AND until_entry IS NULL "
        "UNION ALL SELECT product, role, version, trust_version FROM firmware_release_state WHERE tenant = %s "
        "AND until_entry IS NULL AND trust_version <> ''"
    )
    rests = [" ".join(key) for *key, number in reading.fetch(sql, (tenant, tenant)) if int(number) not in stores]
    found.append(("A version of the trust store", "signatures and releases", rests))
    found += _states_that_do_not_follow(tenant, drafts)
    gaps = [f"version {version}" for version in sorted(stores) if version > 1 and version - 1 not in stores]
    found.append(("A version of the trust store", "later versions", gaps))
    return found


def _states_that_do_not_follow(tenant: int, drafts: Mapping[Key, int]) -> Iterator[tuple[str, str, list[str]]]:
    """Releases that too few signatures stand under, and withdrawals of what was not released."""
    sql = "SELECT product, role, version, state, trust_version, happened_at FROM firmware_release_state WHERE tenant = %s AND until_entry IS NULL"
    states = [(tuple(row[:3]), *row[3:]) for row in reading.fetch(sql, (tenant,))]
    stores = {store.version: store for store in register.trust_chain(tenant)}
    released = {
        key: (int(number), at) for key, state, number, at in states if state == register.RELEASED and key in drafts
    }
    short = [
        " ".join(key)
        for key, (number, at) in released.items()
        if number in stores and not _signed(tenant, key, stores[number], at)
    ]
    yield "A signature", "states of releases", sorted(short)
    lost = [
        " ".join(key)
        for key, state, *_ in states
        if state == register.WITHDRAWN and key in drafts and key not in released
    ]
    yield "The release of a draft", "its withdrawal", sorted(lost)


def _signed(tenant: int, key: Key, store: trust.TrustStore, at: str) -> bool:
    try:
        trust.check(store, trust.RELEASE_SIGNER, register.release(tenant, *key).envelope(), parse_instant(at))
    except AsbuiltError:
        return False
    return True


def _keys(tenant: int, table: str) -> list[tuple]:
    sql = f"SELECT product, role, version, entry FROM {table} WHERE tenant = %s AND until_entry IS NULL"
    return reading.fetch(sql, (tenant,))


def register_kept(tenant: int, table: str, columns: Sequence[str]) -> list[tuple]:
    """Every row of a table of the register with entry, row and end, for rebuilding. One statement."""
    named = ", ".join(f'"{column}"' for column in columns)
    sql = f'SELECT {named}, entry, "row", until_entry FROM {REGISTER[table]} WHERE tenant = %s'
    return reading.fetch(sql, (tenant,))
