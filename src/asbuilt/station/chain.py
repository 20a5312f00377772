"""Chain: entries in a file that nobody can edit, cut or exchange unseen; it knows nothing of permits.

SQLite with WAL and synchronous=FULL; rows can be neither changed nor deleted by a statement. An entry holds the hash of the one
before; the last hash is anchored in a second place (anchor.py) whenever a unit is spent or given back, or the station stops or
goes on. Time never runs backwards in it.

Refused at start, each with a sentence: an edited row, a cut tail, an older copy, another machine, a clock that went back,
a disk that is full.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asbuilt.kernel.canonical import row_text
from asbuilt.kernel.errors import Refused, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.station.anchor import Anchor, Head

LEDGER_FILE = "ledger.sqlite3"
BUSY_MILLISECONDS = 20_000
CLOCK_BACK_US_MAX = 120 * 1_000_000
FREE_BYTES_MIN = 16 * 1024 * 1024
START_CHAIN = "0" * 64
# what is anchored in the second place: whatever spends, gives back, stops or lets go on
ANCHORED = ("RESERVE", "BURNING", "COMMIT", "FAIL", "VOID", "CLOSE", "ALARM", "RELEASE", "TESTED")

# the outbox keeps its rows beside the entries, so that both are in one transaction
_TABLE = """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, permit TEXT NOT NULL, uid TEXT NOT NULL,
    attempt INTEGER NOT NULL, facts TEXT NOT NULL, before TEXT NOT NULL, chain TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_of_unit ON entry (permit, uid, seq);
CREATE INDEX IF NOT EXISTS entry_of_device ON entry (uid, kind);
CREATE INDEX IF NOT EXISTS entry_of_kind ON entry (kind, seq);
CREATE INDEX IF NOT EXISTS entry_of_permit ON entry (permit, kind, seq);
CREATE TRIGGER IF NOT EXISTS entry_is_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are kept'); END;
CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are kept'); END;
CREATE TABLE IF NOT EXISTS outgoing (
    key TEXT PRIMARY KEY, seq INTEGER NOT NULL, document BLOB NOT NULL, payload_sha256 TEXT NOT NULL,
    made_at INTEGER NOT NULL, receipt BLOB, receipt_at INTEGER
);
CREATE TABLE IF NOT EXISTS outgoing_file (key TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (key, sha256));
CREATE INDEX IF NOT EXISTS outgoing_unsent ON outgoing (receipt_at, seq);
CREATE INDEX IF NOT EXISTS outgoing_payload ON outgoing (payload_sha256);
"""


@dataclass(frozen=True)
class Entry:
    """One entry; `at` in UTC microseconds."""

    seq: int
    at: int
    kind: str
    permit: str
    uid: str
    attempt: int
    facts: dict
    chain: str


class Chain:
    """The entries of a station in its folder. One connection for each thread that uses it."""

    def __init__(self, folder: Path, anchor: Anchor, *, clock, machine: str):
        self._file, self._anchor, self._clock, self._machine = folder / LEDGER_FILE, anchor, clock, machine
        self._threads = threading.local()

    def begin(self, *, ledger_id: str) -> Entry:
        """Check the whole of it, then begin a run.

        `ledger_id` names a ledger that is begun now; an existing one keeps its own.
        """
        if shutil.disk_usage(self._file.parent).free < FREE_BYTES_MIN:
            raise _full("less than 16 MiB are free")
        with self._sure():
            self._db().executescript(_TABLE)
            first = self._first()
            if first is None and self._anchor.read() is not None:
                raise Tampered(
                    "station.ledger_missing",
                    "The anchor knows a ledger of this station, but the ledger is gone.",
                    remedy="Put the ledger's disk back, or have the station enrolled anew by the server.",
                )
        if first is not None:
            self._verify(first)
        facts = {"ledger": ledger_id if first is None else first.facts["ledger"], "machine": self._machine}
        return self.append("START", facts=facts)

    @property
    def ledger_id(self) -> str:
        """The ledger's own name."""
        first = self._first()
        return first.facts["ledger"] if first else ""

    def now(self) -> int:
        """The time that counts: the system's, or the last known one where that is later; Refused where the clock went
        back over two minutes."""
        said, last = self._clock(), self._last_at()
        if said < last - CLOCK_BACK_US_MAX:
            raise Refused(
                "station.clock",
                f"The clock says {format_instant(said)}, the ledger has {format_instant(last)}.",
                {"clock": said, "ledger": last},
                "Set the clock right, then start again.",
            )
        return max(said, last)

    def append(
        self, kind: str, *, permit: str = "", uid: str = "", attempt: int = 0, facts: dict | None = None, at: int = 0
    ) -> Entry:
        """One entry, durable when this returns."""
        with self.writing() as db:
            entry = self._write(db, kind, permit, uid, attempt, facts or {}, at)
        return self._anchored(entry)

    def of_kind(self, kind: str) -> list[Entry]:
        """All entries of a kind, oldest first."""
        return list(self._rows("kind = ? ORDER BY seq", (kind,)))

    def of_unit(self, uid: str) -> list[Entry]:
        """All entries of a device, oldest first."""
        return list(self._rows("uid = ? ORDER BY seq", (uid,)))

    def agrees_with(self, seq: int, chain: str) -> bool:
        """Whether entry `seq` is here with this hash; what the server saw of the ledger is a further anchor."""
        row = self._db().execute("SELECT chain FROM entry WHERE seq = ?", (seq,)).fetchone()
        return row is not None and row[0] == chain

    def head(self) -> Head:
        """Where the ledger stands."""
        row = self._db().execute("SELECT seq, chain FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(self.ledger_id, *(row or (0, START_CHAIN)))

    def database(self) -> sqlite3.Connection:
        """This thread's connection: the outbox keeps its rows beside the entries."""
        return self._db()

    @contextmanager
    def _sure(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise broken(error) from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction; a disk that is full or broken is told as what it is."""
        with self._sure():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _db(self) -> sqlite3.Connection:
        db = getattr(self._threads, "db", None)
        if db is None:
            db = sqlite3.connect(self._file, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            self._threads.db = db
        return db

    def _write(
        self, db: sqlite3.Connection, kind: str, permit: str, uid: str, attempt: int, facts: dict, at: int
    ) -> Entry:
        row = db.execute("SELECT seq, at, chain FROM entry ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0, START_CHAIN)
        now = max(self.now(), at)
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        cells = (row[0] + 1, now, kind, permit, uid, attempt, text, row[2])
        chain = hashlib.sha256(row_text(cells)).hexdigest()
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*cells, chain))
        return Entry(row[0] + 1, now, kind, permit, uid, attempt, facts, chain)

    def _anchored(self, entry: Entry) -> Entry:
        if entry.kind in ANCHORED or entry.seq == 1:
            self._anchor.keep(Head(self.ledger_id, entry.seq, entry.chain))
        return entry

    def _first(self) -> Entry | None:
        first = getattr(self._threads, "first", None)
        if first is None:
            first = self._threads.first = next(self._rows("seq = 1", ()), None)
        return first

    def _last_at(self) -> int:
        row = self._db().execute("SELECT at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return row[0] if row else 0

    def _rows(self, where: str, values: tuple) -> Iterator[Entry]:
        sql = f"SELECT seq, at, kind, permit, uid, attempt, facts, chain FROM entry WHERE {where}"
        for seq, at, kind, permit, uid, attempt, facts, chain in self._db().execute(sql, values):
            yield Entry(seq, at, kind, permit, uid, attempt, json.loads(facts), chain)

    def _verify(self, first: Entry) -> None:
        if first.facts.get("machine") != self._machine:
            raise Tampered(
                "station.other_machine", "This ledger was begun on another machine: its disk was copied or moved.",
                remedy="Put the disk back into its machine, or have this machine enrolled as a station of its own.",
            )  # fmt: skip
        kept = self._anchor.read()
        if kept is None:
            raise Tampered(
                "station.anchor_missing", "The second place has no anchor of this ledger.",
                remedy="Put back the second place that the station was set up with.",
            )  # fmt: skip
        head, chains = self._walk(kept.seq)
        if kept.ledger != first.facts["ledger"]:
            raise Tampered(
                "station.anchor_other", "The anchor in the second place is of another ledger.", {"anchor": kept.ledger},
                "Put back the second place that the station was set up with.",
            )  # fmt: skip
        if head < kept.seq:
            raise Tampered(
                "station.ledger_cut",
                f"The ledger ends at entry {head}, but {kept.seq} were made: it was cut or rolled back.",
                {"entries": head, "anchored": kept.seq},
                "Put the station's own disk back, or have it enrolled anew; its spent units are asked from the server.",
            )
        if chains != kept.chain:
            raise _edited(kept.seq)
        self.now()

    def _walk(self, at_seq: int) -> tuple[int, str]:
        """(last entry, hash of entry `at_seq`), once every row is found to follow from the one before."""
        before, expected, found = START_CHAIN, 1, ""
        with self._sure():
            sql = "SELECT seq, at, kind, permit, uid, attempt, facts, before, chain FROM entry ORDER BY seq"
            for *cells, chain in self._db().execute(sql):
                right = cells[0] == expected and cells[7] == before
                if not right or hashlib.sha256(row_text(cells)).hexdigest() != chain:
                    raise _edited(expected)
                if cells[0] == at_seq:
                    found = chain
                before, expected = chain, expected + 1
        return expected - 1, found


def this_machine() -> str:
    """A hash that names this machine and says nothing else of it."""
    for place in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            said = Path(place).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if said:
            return hashlib.sha256(b"asbuilt station\n" + said.encode()).hexdigest()
    return hashlib.sha256(b"asbuilt station\n" + os.uname().nodename.encode()).hexdigest()


def _edited(seq: int) -> Tampered:
    return Tampered(
        "station.ledger_edited",
        f"Entry {seq} of the ledger does not follow from the one before: the ledger was edited.",
        {"entry": seq},
        "Put the station's own disk back, or have it enrolled anew; what it did is asked from the server.",
    )


def broken(error: sqlite3.DatabaseError) -> Unavailable | Tampered:
    """What a database that refuses means for people: full, damaged, or in use."""
    said = str(error)
    if "full" in said or "disk I/O" in said:
        return _full(said)
    if "malformed" in said or "not a database" in said:
        return Tampered(
            "station.ledger_damaged", f"The ledger cannot be read: {said}.",
            remedy="Put the station's own disk back, or have it enrolled anew.",
        )  # fmt: skip
    return Unavailable(
        "station.ledger_busy", f"The ledger cannot be written: {said}.", {}, "Try again; if it stays so, start anew.", 1
    )


def _full(said: str) -> Unavailable:
    return Unavailable(
        "station.ledger_full",
        f"The ledger's disk is full: {said}.",
        remedy="Make room on the station's disk; no unit begins before a reservation can be kept.",
    )
