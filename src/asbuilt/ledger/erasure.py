"""Erasure: a personal value or a piece of evidence goes for good, the log stays whole.

- The value and its salt, or the key, are destroyed in the transaction that appends `ledger.erased`; that entry names
  what, where and under which rule, never the value. `ledger verify` then says "erased by entry X" instead of a fault.
- Refused while a legal retention rule of the evidence's class runs (ledger/data/evidence-classes.json).
- Asking again for what is erased already changes nothing and returns the entry that erased it.

Backups, exported certificates and the free pages of the database keep old values until they are overwritten; the
engine is asked to clean up behind itself (SQLite secure_delete and an emptied WAL, PostgreSQL VACUUM).
"""

import json
import logging
from collections.abc import Callable

from django.db import DatabaseError, connections

from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence
from asbuilt.ledger.evidence_classes import check_erasure_rule, evidence_class, rule_set
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import blobs, bulk, reading
from asbuilt.storage.databases import WRITER

ERASED = "ledger.erased"
KEPT_LONGER: dict[str, Callable[[int, str], None]] = {}
"""By room, for upper rooms with a rule of their own: takes tenant and SHA-256 of evidence, refuses while that rule runs."""
PERSON_ERASE = "person.erase"  # the right's name in access.rights, a floor above this room

_log = logging.getLogger(__name__)


def erase_hidden(actor, *, entry: int, path: str, rule: str, request_key: str | None = None) -> int:
    """Erase a hidden value of an entry; returns the number of the entry that says so."""
    actor.require(PERSON_ERASE)
    check_erasure_rule(rule)
    erased = _erased_already(actor.tenant, "hidden", entry, path)
    if erased:
        return erased
    with _clean():
        try:
            content = digest(repr((entry, path, rule)).encode())
            with recording(actor, ERASED, request_key=request_key, content=content) as said:
                sql = (
                    "SELECT e.ulid, h.value FROM ledger_hidden h JOIN ledger_entry e ON e.tenant = h.tenant "
                    "AND e.number = h.entry WHERE h.tenant = %s AND h.entry = %s AND h.path = %s"
                )
                row = reading.fetch_one(sql, (actor.tenant, entry, path))
                if row is None:
                    facts = {"entry": entry, "path": path}
                    raise NotFound("ledger.hidden_unknown", f"Entry {entry} hides no {path}.", facts)
                sql = (
                    "UPDATE ledger_hidden SET salt = NULL, value = NULL WHERE tenant = %s AND entry = %s AND path = %s"
                )
                bulk.run(sql, (actor.tenant, entry, path))
                said.notes = {"entry": entry, "path": path, "rule": rule, "rules": rule_set(), "what": "hidden"}
        except AlreadyRecorded as known:
            return known.number
    return said.number


def erase_evidence(actor, *, sha256: str, rule: str, request_key: str | None = None) -> int:
    """Erase evidence by destroying its key; returns the number of the entry that says so. Hash and size stay.

    Refused while the retention of its class runs.
    """
    actor.require(PERSON_ERASE)
    check_erasure_rule(rule)
    row = evidence.evidence_row(actor.tenant, sha256)
    if row.key is None:
        _remove(row)
        return row.erased_by
    _refuse_kept(actor.tenant, row)
    with _clean():
        try:
            content = digest(repr((sha256, rule)).encode())
            with recording(actor, ERASED, request_key=request_key, content=content) as said:
                sql = "UPDATE ledger_evidence SET key = NULL, erased_by = %s WHERE tenant = %s AND sha256 = %s"
                bulk.run(sql, (said.number, actor.tenant, sha256))
                said.notes = {"rule": rule, "rules": rule_set(), "sha256": sha256, "what": "evidence"}
        except AlreadyRecorded as known:
            return known.number
    _remove(row)
    return said.number


def _erased_already(tenant: int, what: str, entry: int, path: str) -> int | None:
    sql = "SELECT value FROM ledger_hidden WHERE tenant = %s AND entry = %s AND path = %s"
    row = reading.fetch_one(sql, (tenant, entry, path))
    if row is None or row[0] is not None:
        return None
    for number, notes in erasures(tenant):
        if (notes.get("what"), notes.get("entry"), notes.get("path")) == (what, entry, path):
            return number
    return None


def erasures(tenant: int) -> list[tuple[int, dict]]:
    """(number, what it says) of every entry that erased something, in order."""
    sql = "SELECT number, body FROM ledger_entry WHERE tenant = %s AND type = %s ORDER BY number"
    return [(number, json.loads(body)["facts"]) for number, body in reading.fetch(sql, (tenant, ERASED))]


def _refuse_kept(tenant: int, row: evidence.EvidenceRow) -> None:
    for refuse in KEPT_LONGER.values():
        refuse(tenant, row.sha256)
    rule = evidence_class(row.evidence_class)
    sql = (
        "SELECT max(e.recorded_at) FROM ledger_entry_evidence x JOIN ledger_entry e ON e.tenant = x.tenant "
        "AND e.number = x.entry WHERE x.tenant = %s AND x.sha256 = %s"
    )
    newest = reading.fetch_one(sql, (tenant, row.sha256))[0]
    if newest is None or not rule.years:
        return
    until = rule.kept_until(newest)
    if clock.now() < until:
        day = format_instant(until)[:10]
        raise Refused(
            "ledger.retention_runs",
            f"{row.file_name} must be kept until {day}: {rule.source}.",
            {"sha256": row.sha256, "rule": rule.rule, "until": day, "source": rule.source},
            "Erase it after that day.",
        )


def _remove(row: evidence.EvidenceRow) -> None:
    # without its key an encrypted blob is noise; a plain one must go, unless another record rests on the same bytes
    if not evidence.named(row.stored_sha256):
        blobs.erase(row.stored_sha256)


class _clean:
    """Around an erasure: old values are overwritten in the pages, and the journal is emptied after the commit."""

    def __enter__(self):
        self.connection = connections[WRITER]
        self.inside = self.connection.in_atomic_block
        if self.connection.vendor == "sqlite" and not self.inside:
            self._run("PRAGMA secure_delete=ON")

    def __exit__(self, kind, error, trace):
        if self.inside:
            return
        try:
            if self.connection.vendor == "sqlite":
                self._run("PRAGMA secure_delete=FAST", "PRAGMA wal_checkpoint(TRUNCATE)")
            elif kind is None:
                self._run("VACUUM ledger_hidden", "VACUUM ledger_evidence")
        except DatabaseError:
            # a reader holds the old pages; the engine overwrites them later, the erasure itself is committed
            _log.warning("old pages are cleaned later", exc_info=True)

    def _run(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()
