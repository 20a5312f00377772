"""Recording: one change, one entry, in the change's own transaction.

    with recording(actor, "supply.lots_imported", request_key=key, content=digest) as entry:
        lots = entry.facts(LOT)
        lots.add(texts, fact_ids)
        ... rows of the tables, each with entry.number ...

Inside the block the tenant has one writer. When it ends, the entry commits to its facts by the root of a tree of salted
hashes and to its evidence by hash, and waits in `pending` for the sequencer, so that no writer queues on the tree.
`recorded_at` never runs backwards: it is the clock, or the last entry's time where the clock is behind; a clock that
jumped by more than two minutes is an entry of its own.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from asbuilt.kernel import canonical, commitments, merkle
from asbuilt.kernel.errors import Conflict
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, origins
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import bulk, reading
from asbuilt.storage.transactions import write_tx

SEGMENT_ROWS = 4096
CLOCK_JUMP_US = 120 * 1_000_000


class AlreadyRecorded(Exception):
    """The same request was recorded before with the same content; `number` is that entry."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


class FactWriter:
    """Takes the facts of one shape: their canonical texts, their ids, the units they speak of."""

    def __init__(self, entry: "Entry", shape: Shape):
        self.entry, self.shape = entry, shape
        self.count = 0
        self._secret = os.urandom(32)
        self._nonces = commitments.NonceStream(self._secret)
        self._tree = merkle.RowTree()
        self._ids: list[bytes] = []
        self._ids_hash = hashlib.sha256()
        self._texts: list[bytes] = []
        self._low: int | None = None
        self._high: int | None = None
        self._first = 0
        self._stored: list[list] = []  # what the entry says of each segment: first row, rows, units, hash of its bytes

    def add(self, texts: Sequence[bytes], ids: Sequence[bytes], low: int | None = None, high: int | None = None) -> int:
        """Commit to these rows; `ids` are the eight bytes of each fact's id; returns the row number of the first."""
        first, count = self.count, len(texts)
        if not count:
            return first
        self._tree.append_many(commitments.row_leaves(self._nonces.take(count), 0, texts))
        self._ids += ids
        if self.shape.few:
            rows = (
                (self.entry.tenant, fact, self.entry.number, first + i, self.shape.code) for i, fact in enumerate(ids)
            )
            bulk.insert_rows("ledger_fact_index", ("tenant", "fact", "entry", "row", "shape"), rows)
        self.count += count
        if low is not None:
            self._low = low if self._low is None else min(low, self._low)
            self._high = high if self._high is None else max(high, self._high)
        self._texts.extend(texts)
        if len(self._texts) >= SEGMENT_ROWS:
            self._write_segment()
        return first

    def _write_segment(self) -> None:
        body = zlib.compress(b"\n".join(self._texts), 1)
        ids = b"".join(self._ids)
        self._ids_hash.update(ids)
        said = (self._first, len(self._texts), self._low, self._high)
        row = (self.entry.tenant, self.entry.number, self.shape.name, *said, body, ids)
        columns = ("tenant", "entry", "shape", "first_row", "count", "low_unit", "high_unit", "body", "fact_ids")
        bulk.insert_rows("ledger_segment", columns, [row])
        self._stored.append([*said, hashlib.sha256(body).hexdigest()])
        self._first += len(self._texts)
        self._texts, self._ids, self._low, self._high = [], [], None, None

    def write_out(self) -> None:
        """Write what waits for a whole segment."""
        if self._texts:
            self._write_segment()

    def finish(self) -> dict:
        """Write what is left; returns what the entry says of these facts."""
        self.write_out()
        columns = ("tenant", "entry", "shape", "count", "secret", "nodes8")
        row = (self.entry.tenant, self.entry.number, self.shape.name, self.count, self._secret, self._tree.nodes8)
        bulk.insert_rows("ledger_entry_facts", columns, [row])
        return {
            "blind": commitments.blind(self._secret).hex(),
            "count": self.count,
            "ids": self._ids_hash.hexdigest(),
            "root": self._tree.root().hex(),
            "stored": stored_digest(self._stored),
        }


@dataclass
class Entry:
    """The entry being recorded. Rows written for it carry `number`."""

    tenant: int
    number: int
    ulid: str
    type: str
    recorded_at: int
    actor: str
    log: str
    request_key: str | None
    content: bytes | None
    notes: dict = field(default_factory=dict)
    _writers: dict[str, FactWriter] = field(default_factory=dict)
    _evidence: list[dict] = field(default_factory=list)
    _hidden: dict[str, str] = field(default_factory=dict)
    _hidden_once: dict[str, dict[str, str]] = field(default_factory=dict)

    def facts(self, shape: Shape) -> FactWriter:
        """The writer of one shape, the same one each time."""
        if shape.name not in self._writers:
            self._writers[shape.name] = FactWriter(self, shape)
        return self._writers[shape.name]

    def rest_on(self, sha256: str, size: int, kept: str) -> None:
        """This entry rests on the evidence with this hash; `kept` commits to how it is stored (ledger.evidence)."""
        if any(known["sha256"] == sha256 for known in self._evidence):
            return
        self._evidence.append({"kept": kept, "sha256": sha256, "size": size})
        bulk.insert_rows("ledger_entry_evidence", ("tenant", "entry", "sha256"), [(self.tenant, self.number, sha256)])

    def hide(self, path: str, value: str) -> None:
        """Commit to a personal value by a salted hash; the value itself can be erased later."""
        salt = os.urandom(32)
        self._hidden[path] = commitments.hidden_hash(salt, self.ulid, path, value).hex()
        row = (self.tenant, self.number, path, salt, value)
        bulk.insert_rows("ledger_hidden", ("tenant", "entry", "path", "salt", "value"), [row])

    def hide_once(self, kind: str, value: str, most: int) -> str | None:
        """The path `kind/N` under which this value is hidden, the same for the same value; None where it would be more than `most` values."""
        paths = self._hidden_once.setdefault(kind, {})
        if value not in paths:
            if len(paths) == most:
                return None
            paths[value] = f"{kind}/{len(paths) + 1}"
            self.hide(paths[value], value)
        return paths[value]

    def readable(self) -> None:
        """What this entry recorded so far is found as the facts of other entries are, by whoever goes on inside it."""
        for writer in self._writers.values():
            writer.write_out()

    def body(self) -> str:
        """The canonical text, the leaf of the log."""
        rows = {name: writer.finish() for name, writer in sorted(self._writers.items()) if writer.count}
        said = {
            "actor": self.actor,
            "at": format_instant(self.recorded_at),
            "content": self.content.hex() if self.content else "",
            "evidence": self._evidence,
            "facts": self.notes,
            "hidden": self._hidden,
            "id": self.ulid,
            "key": self.request_key or "",
            "log": self.log,
            "rows": rows,
            "type": self.type,
            "v": 1,
        }
        return canonical.entry_bytes(said).decode()


@contextmanager
def recording(actor, type: str, *, request_key: str | None = None, content: bytes | None = None) -> Iterator[Entry]:
    """Record one change of the actor's tenant; raises AlreadyRecorded or Conflict where the request key is known."""
    with write_tx(actor.tenant):
        if request_key is not None:
            _refuse_repeated(actor.tenant, type, request_key, content)
        entry = _begin(actor, type, request_key, content)
        yield entry
        _append(entry)


def _refuse_repeated(tenant: int, type: str, request_key: str, content: bytes | None) -> None:
    sql = "SELECT number, content, type FROM ledger_entry WHERE tenant = %s AND request_key = %s"
    known = reading.fetch_one(sql, (tenant, request_key))
    if known is None:
        return
    if (bytes(known[1]) if known[1] is not None else None, known[2]) == (content, type):
        raise AlreadyRecorded(known[0])
    refuse_reused_key(request_key)


def refuse_reused_key(request_key: str | None) -> NoReturn:
    """Raise the Conflict of a request key that was used before for something else."""
    raise Conflict(
        "ledger.request_key_reused",
        "This request key was used before for something else.",
        facts={"request_key": request_key},
        remedy="Send the new content with a new key.",
    )


def was_recorded(tenant: int, request_key: str | None) -> bool:
    """Whether a request with this key was recorded before, whatever it said. One statement."""
    if request_key is None:
        return False
    sql = "SELECT 1 FROM ledger_entry WHERE tenant = %s AND request_key = %s"
    return reading.fetch_one(sql, (tenant, request_key)) is not None


def _begin(actor, type: str, request_key: str | None, content: bytes | None) -> Entry:
    last = reading.fetch_one(
        "SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s ORDER BY number DESC LIMIT 1", (actor.tenant,)
    )
    number, last_at = last if last else (0, 0)
    now = clock.now()
    if last and now < last_at - CLOCK_JUMP_US and type != "ledger.clock_jumped":
        number, last_at = _note_clock_jump(actor, last_at, now)
    at = max(now, last_at)
    ulid = new_ulid(at, os.urandom(10))
    log = origins.origin(actor.tenant)
    return Entry(actor.tenant, number + 1, ulid, type, at, actor.label, log, request_key, content)


def _note_clock_jump(actor, last_at: int, now: int) -> tuple[int, int]:
    entry = _begin(actor, "ledger.clock_jumped", None, None)
    entry.notes = {"clock": format_instant(now), "last": format_instant(last_at)}
    _append(entry)
    return entry.number, entry.recorded_at


def _append(entry: Entry) -> None:
    columns = ("tenant", "number", "ulid", "type", "recorded_at", "request_key", "content", "body")
    body = entry.body()
    row = (
        entry.tenant,
        entry.number,
        entry.ulid,
        entry.type,
        entry.recorded_at,
        entry.request_key,
        entry.content,
        body,
    )
    bulk.insert_rows("ledger_entry", columns, [row])
    bulk.insert_rows("ledger_pending", ("tenant", "entry"), [(entry.tenant, entry.number)])


def stored_digest(segments: Sequence[Sequence]) -> str:
    """What an entry says of its segments: [first row, rows, low unit, high unit, SHA-256 of the stored bytes] each."""
    return hashlib.sha256(canonical.canonical_bytes([list(said) for said in segments])).hexdigest()


def digest(*parts: bytes) -> bytes:
    """SHA-256 of the parts, each preceded by its length: the content of a request."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()
