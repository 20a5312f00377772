"""Verifying: the record against its own hashes, and against heads kept elsewhere.

    report = verify(tenant, anchors=[note, …])
    report.findings       faults, each with code, sentence and place
    report.information    no faults: erased by the rules, waiting entries
    report.not_checked    what this run could not or did not look at

What is checked: entries, leaves, tiles and signed heads against each other (checks.chain, checks.heads); facts, ids
and segments against entries (checks.rows); evidence and hidden values (checks.kept); and the typed tables of the rooms
against the facts they are projections of. Rooms register how in `PROJECTIONS`, from their apps.py:

    PROJECTIONS["production.units"] = check_units     # def check_units(tenant: int) -> Iterator[Finding]

Such a function rebuilds what its tables should hold from `facts.all_facts` and compares it with `report.compare_rows`,
so that a byte changed in any typed table is named with its row. It runs inside the snapshot of the verification.

Whoever holds database and key can rewrite both and sign anew: only a head that was kept elsewhere shows it.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from asbuilt.kernel import certificates
from asbuilt.ledger import origins
from asbuilt.ledger.checks import heads, kept, rows
from asbuilt.ledger.checks.chain import Page, Walk
from asbuilt.ledger.checks.report import Finding, Report, compare_rows
from asbuilt.ledger.projections import PROJECTIONS
from asbuilt.storage import reading
from asbuilt.storage.databases import READER
from asbuilt.storage.statistics import measure_unmeasured

__all__ = ["PROJECTIONS", "Finding", "Report", "compare_rows", "verify"]


_log = logging.getLogger(__name__)
ENTRIES_PERCENT, TABLES_FROM_PERCENT = 50, 60  # of the checks, as told to who waits


def verify(
    tenant: int,
    anchors: Iterable[str | bytes] = (),
    *,
    blobs: bool = True,
    projections: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check a tenant's whole record; `anchors` are signed notes kept elsewhere. A fault is told, never raised.

    `progress` is told how many percent of the checks are done: half are entries, the rest evidence and tables.
    """
    report = Report()
    measure_unmeasured()
    try:
        _verify(tenant, list(anchors), report, blobs, projections, progress or (lambda percent: None))
    except (DatabaseError, sqlite3.DatabaseError) as error:
        _log.warning("the database cannot be read", exc_info=True)
        report.add("ledger.database_damaged", f"The database cannot be read: {error}")
    except UnicodeDecodeError as error:
        # SQLite tells of a damaged schema in the schema's own bytes, and its driver cannot read the telling
        _log.warning("the database cannot be read", exc_info=True)
        report.add("ledger.database_damaged", f"The schema of the database cannot be read: {error}")
    return report


def _verify(
    tenant: int, anchors: list, report: Report, blobs: bool, projections: bool, progress: Callable[[int], None]
) -> None:
    before = heads.newest_signed(tenant)
    with reading.snapshot(), _any_text():
        _engine(report)
        origin = _origin(tenant, report)
        with _guard("heads", report):
            known = heads.signed_heads(tenant, origin, before, anchors, report)
            erased = kept.Erasures(tenant)
            _walk(tenant, origin, known, erased, report, progress)
        with _guard("fact index and withdrawals", report):
            rows.check_rest(tenant, report)
        progress(ENTRIES_PERCENT)
        with _guard("evidence", report):
            kept.check_evidence(tenant, kept.Erasures(tenant), report, blobs)
            if blobs:
                kept.count_strays(report)
        for place, (name, check) in enumerate(PROJECTIONS.items() if projections else ()):
            progress(TABLES_FROM_PERCENT + (100 - TABLES_FROM_PERCENT) * place // len(PROJECTIONS))
            with _guard(f"tables of {name}", report):
                report.take(check(tenant))
            report.counts["projections"] += 1
    if not projections:
        report.not_checked.append("The tables of the rooms: projections were left out.")


def _origin(tenant: int, report: Report) -> str:
    """The origin of the log: what the head's row says, or where the entries belong to another log, what they say."""
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s ORDER BY number {} LIMIT 1"
    ends = [reading.fetch_one(sql.format(way), (tenant,)) for way in ("ASC", "DESC")]
    logs = [_log_of(row[0]) for row in ends if row]
    try:
        origin = origins.origin(tenant)
    except LookupError:
        report.add("ledger.head_missing", "The head of the log is missing.", table="ledger_head")
        return logs[-1] if logs else ""
    if logs and not any(certificates.same_log(log, origin) for log in logs):
        what = f"The head is of {origin}, the entries of {logs[-1]}."
        report.add("ledger.checkpoint_row_changed", what, table="ledger_head", origin=origin)
        return logs[-1]
    return origin


def _log_of(body: str) -> str:
    try:
        return str(json.loads(body)["log"])
    except (ValueError, KeyError, TypeError):
        return ""


def _walk(tenant: int, origin: str, known: list, erased: kept.Erasures, report: Report, progress) -> None:
    size = _size(tenant, origin, known)

    def take_page(first: int, until: int, page: Page) -> None:
        with _guard(f"entries {first} to {until - 1}", report):
            rows.check_page(tenant, first, until, page, report)
            kept.check_page(tenant, first, until, page, erased, report)
        progress(min(ENTRIES_PERCENT, ENTRIES_PERCENT * until // max(size, 1)))

    walk = Walk(tenant, origin, size, (head.size for head in known), report)
    heads.judge(known, walk.run(take_page), report)


def _size(tenant: int, origin: str, known: list[heads.SignedHead]) -> int:
    """How many entries have their place: what was signed, or where no signature holds, what the row says."""
    signed = [head.size for head in known if head.kind == heads.HEAD and head.origin == origin]
    if signed:
        return max(signed)
    row = reading.fetch_one("SELECT size FROM ledger_head WHERE tenant = %s AND origin = %s", (tenant, origin))
    if row:
        return row[0]
    return reading.fetch_one("SELECT count(*) FROM ledger_leaf WHERE tenant = %s", (tenant,))[0]


@contextmanager
def _guard(what: str, report: Report) -> Iterator[None]:
    """Changed bytes may be such that a check cannot go on: that is a finding, and the other checks still run."""
    try:
        yield
    except Exception as error:
        _log.warning("verification of %s stopped", what, exc_info=True)
        said = f"The check of {what} could not go on: {type(error).__name__}."
        report.add("ledger.check_stopped", said, check=what)


@contextmanager
def _any_text() -> Iterator[None]:
    """SQLite refuses to read a text that is not UTF-8; a verification must read it and say so."""
    connection = connections[READER].connection
    if connections[READER].vendor != "sqlite":
        yield
        return
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = str


def _engine(report: Report) -> None:
    """The engine's own check of its pages and indexes, where it has one that a reader may run."""
    if connections[READER].vendor != "sqlite":
        report.not_checked.append("Pages and indexes of PostgreSQL: pg_amcheck does that.")
        return
    for (said,) in reading.fetch("PRAGMA integrity_check(100)"):
        if said != "ok":
            report.add("ledger.database_damaged", f"SQLite says: {said}", table=None)
