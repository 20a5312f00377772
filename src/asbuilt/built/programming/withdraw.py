"""Withdrawing programming records: the record is closed, and what the unit runs is counted anew from those that stand."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.built.programming import running
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel import envelope, permits
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

_RELEASES = (
    "SELECT r.number FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
    "WHERE r.tenant = %s AND p.code = %s AND r.version = %s"
)


class _Releases:
    """The releases that the cells of a fact may have meant, withdrawn ones too: a record names one of them."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._known: dict[tuple[str, ...], list[int]] = {}

    def of(self, product: str, version: str, sha256: str, role: str) -> list[int]:
        """Numbers of the releases that fit the cells."""
        key = (product, version, sha256, role)
        if key not in self._known:
            sql, params = _RELEASES, [self.tenant, product, version]
            if sha256:
                sql, params = sql + " AND r.sha256 = %s", [*params, bytes.fromhex(sha256)]
            if role:
                sql, params = sql + " AND r.role = %s", [*params, role]
            found = [number for (number,) in reading.fetch(sql + " ORDER BY r.number", params)]
            if len(found) > 1 and not role:
                apps = reading.fetch(sql + f" AND r.role = '{APP}' ORDER BY r.number", params)
                found = [number for (number,) in apps] or found
            self._known[key] = found
        return self._known[key]


def withdraw_records(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Close the records of these facts; returns the units whose firmware was counted anew."""
    releases, units = _Releases(entry.tenant), BitMap()
    of_units, of_packages = [], []
    for fact in facts:
        unit, *cells = fact.values
        at = parse_instant(cells[7])
        for release in releases.of(cells[0], cells[1], cells[2], cells[8]):
            if unit is None:
                of_packages.append((entry.number, entry.tenant, cells[9], at, release, fact.entry))
            else:
                of_units.append((entry.number, entry.tenant, unit, at, release, fact.entry, fact.row))
                units.add(unit)
    sql = (
        "UPDATE programming_record SET until_entry = %s WHERE tenant = %s AND unit = %s AND happened_at = %s "
        "AND release = %s AND entry = %s AND row = %s AND until_entry IS NULL"
    )
    bulk.run_many(sql, of_units)
    for number, tenant, code, *rest in of_packages:
        sql = "SELECT number FROM supply_package WHERE tenant = %s AND code = %s"
        for (package,) in reading.fetch(sql, (tenant, code)):
            # a package whose own row was corrected since stands under another number and a later entry
            close = (
                "UPDATE programming_package SET until_entry = %s WHERE tenant = %s AND package = %s AND happened_at = %s "
                "AND release = %s AND entry >= %s AND until_entry IS NULL"
            )
            bulk.run(close, (number, tenant, package, *rest))
    running.restate(entry.tenant, entry.number, units)
    return units


def repoint_package(entry: Entry, old: int, new: int) -> None:
    """What was recorded of a package goes on under its new number."""
    columns = "happened_at, release, {}, result, source, station, operator, laid_at"
    sql = (
        f"INSERT INTO programming_package (tenant, package, {columns.format('entry')}) "
        f"SELECT tenant, %s, {columns.format('%s')} FROM programming_package "
        "WHERE tenant = %s AND package = %s AND until_entry IS NULL"
    )
    bulk.run(sql, (new, entry.number, entry.tenant, old))
    sql = "UPDATE programming_package SET until_entry = %s WHERE tenant = %s AND package = %s AND until_entry IS NULL"
    bulk.run(sql, (entry.number, entry.tenant, old))


def permits_left_hanging(tenant: int) -> list[tuple[str, str, list[str]]]:
    """What of the permits stands on something that does not: (what, what rests on it, names). Three statements."""
    found = []
    for what, by, name, table, on in (
        ("A grant", "permits", "permit", "programming_permit", ("grant", "programming_grant")),
        ("A permit", "its states", "permit", "programming_permit_state", ("permit", "programming_permit")),
    ):
        column, below = on
        sql = (
            f"SELECT DISTINCT t.{name} FROM {table} t WHERE t.tenant = %s AND t.until_entry IS NULL AND NOT EXISTS (SELECT 1 "
            f'FROM {below} b WHERE b.tenant = t.tenant AND b."{column}" = t."{column}" AND b.until_entry IS NULL)'
        )
        found.append((what, by, [one for (one,) in reading.fetch(sql, (tenant,))]))
    sql = "SELECT document FROM programming_permit p WHERE tenant = %s AND until_entry IS NULL"
    plans = {
        sha
        for (sha,) in reading.fetch(
            "SELECT sha256 FROM programming_plan WHERE tenant = %s AND until_entry IS NULL", (tenant,)
        )
    }
    named = [
        permits.parse_permit(envelope.parse(document.encode()).payload) for (document,) in reading.fetch(sql, (tenant,))
    ]
    found.append(("A plan", "permits", [permit.permit_id for permit in named if permit.plan_sha256 not in plans]))
    return found
