"""Facts against what their entries commit to; the fact index and the withdrawals against the facts.

The rows of an entry and shape form a tree whose root stands in the entry. Where the root differs, the stored hash of
each block of 256 rows says which block; the secret, the ids and the stored segments have a hash of their own in the
entry, so that a damaged side table is told apart from changed rows.
"""

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator

from asbuilt.kernel import commitments, merkle
from asbuilt.ledger import facts
from asbuilt.ledger.checks.chain import LISTED_MAX, Page
from asbuilt.ledger.checks.report import Report, compare_rows
from asbuilt.ledger.recording import stored_digest
from asbuilt.ledger.shapes import REGISTRY
from asbuilt.ledger.withdrawals import COLUMNS, WITHDRAWAL, projection
from asbuilt.storage import reading

TABLES_WITH_ENTRY = ("ledger_entry_facts", "ledger_segment", "ledger_hidden", "ledger_entry_evidence")


def check_page(tenant: int, first: int, until: int, page: Page, report: Report) -> None:
    """Check the facts of the entries [first, until)."""
    said = {(number, shape): rows for number, entry in page for shape, rows in entry.get("rows", {}).items()}
    readable = {number for number, _ in page}
    there: set[tuple[int, str]] = set()
    for table in ("ledger_entry_facts", "ledger_segment"):
        sql = f"SELECT DISTINCT entry, shape FROM {table} WHERE tenant = %s AND entry >= %s AND entry < %s"
        for key in reading.fetch(sql, (tenant, first, until)):
            if key[0] in readable and key not in said:
                what = f"Entry {key[0]} never recorded rows of {key[1]}."
                report.add("ledger.rows_never_recorded", what, table=table, entry=key[0], shape=key[1])
            elif table == "ledger_entry_facts":
                there.add(key)
    for key in sorted(said):
        if key in there:
            _Rows(tenant, *key, said[key], report).check()
        else:
            what = f"What proves the rows of {key[1]} of entry {key[0]} is missing."
            report.add("ledger.commitment_missing", what, table="ledger_entry_facts", entry=key[0], shape=key[1])


class _Rows:
    """The rows of one entry and shape."""

    def __init__(self, tenant: int, entry: int, shape: str, said: dict, report: Report):
        self.tenant, self.entry, self.shape, self.said, self.report = tenant, entry, shape, said, report
        sql = "SELECT count, secret, nodes8 FROM ledger_entry_facts WHERE tenant = %s AND entry = %s AND shape = %s"
        count, secret, nodes8 = reading.fetch_one(sql, (tenant, entry, shape))
        self.count, self.secret, self.nodes8 = count, bytes(secret), bytes(nodes8)
        self.ids = hashlib.sha256()
        self.stored: list[list] = []
        self.tree = merkle.RowTree()
        self.nonces: commitments.NonceStream | None = None
        self.bounds: list[tuple[int, int | None, int | None]] = []

    def check(self) -> None:
        """Report everything that differs from what the entry says."""
        secret_holds = len(self.secret) == 32 and commitments.blind(self.secret).hex() == self.said["blind"]
        if not secret_holds:
            self._add("ledger.commitment_damaged", "the secret that salts the rows was changed", "ledger_entry_facts")
        if self.count != self.said["count"]:
            self._add("ledger.commitment_damaged", "the count beside the rows was changed", "ledger_entry_facts")
        read = self._read(secret_holds)
        if read == self.said["count"] and self.ids.hexdigest() != self.said["ids"]:
            self._add("ledger.fact_ids_changed", "the ids of the facts were changed", "ledger_segment")
        stored_holds = stored_digest(self.stored) == self.said["stored"]
        if read != self.said["count"]:
            what = f"{self.said['count']} rows were recorded, {read} are found"
            self._add("ledger.row_count", what, "ledger_segment", recorded=self.said["count"], found=read)
        elif secret_holds:
            rows_hold = self._compare()
            if rows_hold and not stored_holds:
                self._add("ledger.segment_changed", "how the rows are stored was changed", "ledger_segment")
        self.report.counts["rows"] += read

    def _read(self, hashed: bool) -> int:
        sql = (
            "SELECT first_row, count, low_unit, high_unit FROM ledger_segment "
            "WHERE tenant = %s AND entry = %s AND shape = %s ORDER BY first_row"
        )
        place = (self.tenant, self.entry, self.shape)
        body_sql = "SELECT body, fact_ids FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
        read = 0
        for first, count, low, high in reading.fetch(sql, place):
            body, ids = map(bytes, reading.fetch_one(body_sql, (*place, first)))
            self.ids.update(ids)
            self.stored.append([first, count, low, high, hashlib.sha256(body).hexdigest()])
            self.bounds.append((first, low, high))
            try:
                texts = facts.segment_texts(body)
            except zlib.error:
                what = f"rows {first} to {first + count - 1} cannot be read"
                units = {"first_unit": low, "until_unit": high}
                self._add("ledger.rows_changed", what, "ledger_segment", rows=[first, first + count], **units)
                continue
            if (first, count) != (read, len(texts)):
                what = f"the segment of row {first} names other rows than it holds"
                self._add("ledger.segment_changed", what, "ledger_segment", rows=[read, read + len(texts)])
            if hashed:
                self._hash(texts)
            read += len(texts)
        return read

    def _hash(self, texts: list[bytes]) -> None:
        """The leaves of the next rows; segments are read in order."""
        self.nonces = self.nonces or commitments.NonceStream(self.secret)
        self.tree.append_many(commitments.row_leaves(self.nonces.take(len(texts)), 0, texts))

    def _compare(self) -> bool:
        ours = self.tree.nodes8
        blocks = [
            n for n in range(0, max(len(ours), len(self.nodes8)), 32) if ours[n : n + 32] != self.nodes8[n : n + 32]
        ]
        if self.tree.root().hex() == self.said["root"]:
            if blocks:
                self._add(
                    "ledger.commitment_damaged", "the hashes of its blocks of rows were changed", "ledger_entry_facts"
                )
            return True
        count = self.said["count"]
        spans = [(n * 8, min(n * 8 + merkle.BLOCK, count)) for n in blocks] or [(count // 256 * 256, count)]
        for first, until in spans:
            what = f"one or more of the rows {first} to {until - 1} were changed"
            units = self._units(first, until)
            self._add("ledger.rows_changed", what, "ledger_segment", rows=[first, until], **units)
        return False

    def _units(self, first: int, until: int) -> dict:
        """The units that the stored rows [first, until) speak of, as far as they can be read."""
        spans = []
        for text in facts.rows_between(self.tenant, self.entry, self.shape, first, until):
            try:
                spans += facts.units_of(self.shape, json.loads(text))
            except (ValueError, KeyError, IndexError, TypeError):
                continue
        return {"first_unit": min(s[0] for s in spans), "until_unit": max(s[1] for s in spans)} if spans else {}

    def _add(self, code: str, said: str, table: str, **where) -> None:
        what = f"Entry {self.entry}, {self.shape}: {said}."
        self.report.add(code, what, table=table, entry=self.entry, shape=self.shape, **where)


def check_rest(tenant: int, report: Report) -> None:
    """Rows under entries that are not there; the fact index; the withdrawals."""
    for table in TABLES_WITH_ENTRY:
        sql = (
            f"SELECT DISTINCT entry FROM {table} x WHERE tenant = %s AND NOT EXISTS "
            "(SELECT 1 FROM ledger_entry e WHERE e.tenant = x.tenant AND e.number = x.entry) LIMIT %s"
        )
        for (entry,) in reading.fetch(sql, (tenant, LISTED_MAX)):
            what = f"{table} holds rows of entry {entry}, which is not there."
            report.add("ledger.rows_without_entry", what, table=table, entry=entry)
    sql = "SELECT entry, shape, row, fact FROM ledger_fact_index WHERE tenant = %s ORDER BY entry, shape, row"
    found = ((entry, shape, row, bytes(fact)) for entry, shape, row, fact in reading.stream(sql, (tenant,)))
    columns = ("entry", "shape", "row", "fact")
    report.take(compare_rows("ledger_fact_index", columns, 3, _index_rows(tenant), found))
    report.take(compare_rows("ledger_withdrawal", COLUMNS, 4, _withdrawals(tenant), _withdrawal_rows(tenant)))


def _index_rows(tenant: int) -> Iterator[tuple]:
    keys = reading.fetch("SELECT entry, shape FROM ledger_entry_facts WHERE tenant = %s", (tenant,))
    few = [(entry, REGISTRY[shape].code, shape) for entry, shape in keys if shape in REGISTRY and REGISTRY[shape].few]
    for entry, code, shape in sorted(few):
        rows = itertools.count()
        for _, ids in facts.pieces_of_ids(tenant, entry, shape):
            for start in range(0, len(ids), facts.FACT_BYTES):
                yield entry, code, next(rows), ids[start : start + facts.FACT_BYTES]


def _withdrawals(tenant: int) -> list[tuple]:
    found = set()
    for fact in facts.all_facts(tenant, WITHDRAWAL.name):
        found.add(projection(tenant, fact.entry, fact.values))
    return sorted(found, key=lambda row: row[:4])


def _withdrawal_rows(tenant: int) -> list[tuple]:
    sql = f"SELECT {', '.join(COLUMNS)} FROM ledger_withdrawal WHERE tenant = %s"
    rows = [(row[0], bytes(row[1]), *row[2:]) for row in reading.fetch(sql, (tenant,))]
    return sorted(rows, key=lambda row: row[:4])
