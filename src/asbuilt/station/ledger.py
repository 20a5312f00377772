"""Ledger: what a station did with its permits, append only, durable before the first byte is written.

    RESERVE   a unit is taken from the share; in one write transaction with every check of the quota
    WRITING   the first byte may have reached the device
    BURNING   a point of no return lies ahead: which fuse, which digest of the value
    NOTE      what the log keeps of a cycle beside its steps
    COMMIT    the unit passed · FAIL  it did not; the unit stays spent · VOID  nothing was written: it returns to the share
    ALARM / RELEASE   the station stopped, and who let it go on · CLOSE, START

Units are counted by the device's identity: a retry on the same device costs no second unit, so neither a crash nor an
operator who pulls the cable before the end gains one. An entry holds the hash of the one before; the last hash is anchored
in a second place (anchor.py). SQLite with WAL and synchronous=FULL; rows can be neither changed nor deleted by a statement.

Refused at start, each with a sentence: an edited row, a cut tail, an older copy, another machine, a clock that went back,
a disk that is full. Time never runs backwards in it.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from asbuilt.kernel.canonical import row_text
from asbuilt.kernel.errors import AsbuiltError, Conflict, Refused, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.permits import EndedUnit, Permit
from asbuilt.station.anchor import Anchor, Head

LEDGER_FILE = "ledger.sqlite3"
BUSY_MILLISECONDS = 20_000
CLOCK_BACK_US_MAX = 120 * 1_000_000
FREE_BYTES_MIN = 16 * 1024 * 1024
START_CHAIN = "0" * 64
# what is anchored in the second place: whatever spends, gives back, stops or lets go on
ANCHORED = ("RESERVE", "BURNING", "COMMIT", "FAIL", "VOID", "CLOSE", "ALARM", "RELEASE")
ENDED = ("COMMIT", "FAIL", "VOID")

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


class Ledger:
    """The ledger of a station in its folder. One connection for each thread that uses it."""

    def __init__(self, folder: Path, anchor: Anchor, *, clock, machine: str):
        self._file, self._anchor, self._clock, self._machine = folder / LEDGER_FILE, anchor, clock, machine
        self._threads = threading.local()

    def start(self, *, ledger_id: str) -> list[Entry]:
        """Check the whole of it, then begin a run; returns the reservations that a crash left open.

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
        self.append("START", facts=facts)
        return self.open_reservations()

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

    def reserve(self, permit: Permit, station: str, uid: str, *, facts: dict, rework: bool = False) -> Entry:
        """Take a unit from the share and number its attempt; every check of the quota is in this transaction."""
        share = permit.share_of(station)
        with self.writing() as db:
            self._refuse_closed(db, permit)
            self._refuse_known(db, permit, uid, rework)
            self._refuse_open(db, uid)
            last, tried, passes = self._attempts(db, permit.permit_id, uid)
            if tried >= permit.attempts_per_unit:
                raise Refused(
                    "station.attempts_exhausted",
                    f"This unit was tried {tried} times, as often as the permit allows.",
                    {"uid": uid, "attempts": tried},
                    "Set the unit aside with a nonconformity report.",
                )
            attempt, most = last + 1, share.rework_units if rework else share.units
            counted = f"{uid}#{passes}" if rework else uid
            spent, reworked = self._counts(db, permit.permit_id)
            new = counted not in self._spent(db, permit.permit_id, rework, uid)
            if new and (reworked if rework else spent) >= most:
                raise Refused(
                    "station.quota_exhausted",
                    f"The {most:,} units of this station are spent.",
                    {"units": most, "permit_id": permit.permit_id, "issuer": permit.ems},
                    f"Ask {permit.ems} for a further share.",
                )
            counts = {"spent": spent + (new and not rework), "reworked": reworked + (new and rework)}
            facts = {**facts, "rework": rework, **counts}
            entry = self._write(db, "RESERVE", permit.permit_id, uid, attempt, facts, 0)
        try:
            return self._anchored(entry)
        except AsbuiltError:
            # nothing was written yet: the unit returns to the share
            with self.writing() as db:
                self._write(db, "VOID", permit.permit_id, uid, attempt, {"reason": "anchor_unusable"}, 0)
            raise

    def finish(self, reserved: Entry, kind: str, facts: dict, signed) -> Entry:
        """End an attempt; `signed(entry)` gives (key, envelope, SHA-256 of its payload) of the record, which is queued in
        the same transaction. What ended has ended also where the second place is gone: the next reservation is refused."""
        with self.writing() as db:
            entry = self._write(db, kind, reserved.permit, reserved.uid, reserved.attempt, facts, 0)
            self._queue(db, entry, *signed(entry))
        with suppress(Unavailable):
            self._anchored(entry)
        return entry

    def tell(self, kind: str, facts: dict, signed, *, permit: str = "", uid: str = "") -> Entry:
        """An entry outside of an attempt (alarm, release) with its record."""
        with self.writing() as db:
            entry = self._write(db, kind, permit, uid, 0, facts, 0)
            self._queue(db, entry, *signed(entry))
        with suppress(Unavailable):
            self._anchored(entry)
        return entry

    def close(self, permit_id: str, station: str) -> Entry:
        """No more units under this permit; Refused while an attempt is open."""
        still = [entry for entry in self.open_reservations() if entry.permit == permit_id]
        if still:
            raise Refused(
                "station.permit_open_units",
                f"{len(still)} units were begun and not ended.",
                {"uids": [entry.uid for entry in still]},
                "Present each of them again, or scrap it, before the permit is closed.",
            )
        if any(entry.permit == permit_id for entry in self.of_kind("CLOSE")):
            raise Conflict("station.permit_closed", "The permit is closed at this station.", {"permit_id": permit_id})
        return self.append("CLOSE", permit=permit_id, facts={"station": station})

    def open_reservations(self) -> list[Entry]:
        """Attempts that began and did not end: they stay spent until the same unit is presented."""
        found: dict[tuple, Entry] = {}
        marks = ",".join("?" * (1 + len(ENDED)))
        for entry in self._rows(f"kind IN ({marks}) ORDER BY seq", ("RESERVE", *ENDED)):
            if entry.kind == "RESERVE":
                found[entry.permit, entry.uid, entry.attempt] = entry
            else:
                found.pop((entry.permit, entry.uid, entry.attempt), None)
        return list(found.values())

    def of_kind(self, kind: str) -> list[Entry]:
        """All entries of a kind, oldest first."""
        return list(self._rows("kind = ? ORDER BY seq", (kind,)))

    def of_unit(self, uid: str) -> list[Entry]:
        """All entries of a device, oldest first."""
        return list(self._rows("uid = ? ORDER BY seq", (uid,)))

    def spent(self, permit_id: str, *, rework: bool = False) -> set[str]:
        """Identities that count against the share."""
        return self._spent(self._db(), permit_id, rework)

    def ended_units(self, permit_id: str) -> tuple[EndedUnit, ...]:
        """What became of each unit under a permit, for its end certificate."""
        states: dict[tuple[str, bool], list] = {}
        running: dict[tuple[str, int], bool] = {}
        for entry in self._rows("permit = ? AND uid <> '' ORDER BY seq", (permit_id,)):
            if entry.kind == "RESERVE":
                running[entry.uid, entry.attempt] = entry.facts["rework"]
            rework = running.get((entry.uid, entry.attempt), False)
            state = states.setdefault((entry.uid, rework), ["", "open", 0])
            if entry.kind == "RESERVE":
                state[:] = [entry.facts.get("unit") or entry.uid, "open", state[2] + 1]
            elif entry.kind in ENDED:
                state[1] = {"COMMIT": "pass", "FAIL": "fail", "VOID": "void"}[entry.kind]
        return tuple(
            EndedUnit(name, uid, state, attempts, rework) for (uid, rework), (name, state, attempts) in states.items()
        )

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
            raise _broken(error) from None

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
        if kind == "VOID":
            facts = {**facts, **self._counts_without(db, permit, uid, attempt)}
        row = db.execute("SELECT seq, at, chain FROM entry ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0, START_CHAIN)
        now = max(self.now(), at)
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        cells = (row[0] + 1, now, kind, permit, uid, attempt, text, row[2])
        chain = hashlib.sha256(row_text(cells)).hexdigest()
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*cells, chain))
        return Entry(row[0] + 1, now, kind, permit, uid, attempt, facts, chain)

    def _queue(self, db: sqlite3.Connection, entry: Entry, key: str, document: bytes, payload_sha256: str) -> None:
        db.execute(
            "INSERT INTO outgoing VALUES (?, ?, ?, ?, ?, NULL, NULL)",
            (key, entry.seq, document, payload_sha256, entry.at),
        )

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

    def _counts(self, db: sqlite3.Connection, permit_id: str) -> tuple[int, int]:
        """(units spent, units reworked): each RESERVE and VOID says how many there are with it, so that a share of a
        hundred thousand is not counted anew for each unit."""
        sql = "SELECT seq, facts FROM entry WHERE permit = ? AND kind = ? ORDER BY seq DESC LIMIT 1"
        found = [db.execute(sql, (permit_id, kind)).fetchone() for kind in ("RESERVE", "VOID")]
        last = max((row for row in found if row), default=(0, '{"spent":0,"reworked":0}'))
        facts = json.loads(last[1])
        return facts["spent"], facts["reworked"]

    def _counts_without(self, db: sqlite3.Connection, permit_id: str, uid: str, attempt: int) -> dict:
        """The counts once this attempt is void."""
        spent, reworked = self._counts(db, permit_id)
        sql = "SELECT facts FROM entry WHERE permit = ? AND uid = ? AND attempt = ? AND kind = 'RESERVE'"
        rework = json.loads(db.execute(sql, (permit_id, uid, attempt)).fetchone()[0])["rework"]
        before = len(self._spent(db, permit_id, rework, uid))
        given_back = before - len(self._spent(db, permit_id, rework, uid, without=attempt))
        return {"spent": spent - (0 if rework else given_back), "reworked": reworked - (given_back if rework else 0)}

    def _spent(
        self, db: sqlite3.Connection, permit_id: str, rework: bool, uid: str | None = None, without: int = 0
    ) -> set[str]:
        """Devices that count, all or one; each rework that passed makes the next one at the device a further one (`uid#passes`).

        A void attempt gives its unit back only where no other attempt at the device stands.
        """
        sql = "SELECT uid, attempt, kind, facts FROM entry WHERE permit = ? AND kind IN ('RESERVE', 'VOID', 'COMMIT')"
        values: tuple = (permit_id,)
        if uid is not None:
            sql, values = f"{sql} AND uid = ?", (permit_id, uid)
        taken: dict[str, set[int]] = {}
        passes: dict[str, int] = {}
        for device, attempt, kind, facts in db.execute(f"{sql} ORDER BY seq", values):
            counted = f"{device}#{passes.get(device, 0)}" if rework else device
            if kind == "VOID" or (attempt == without and kind == "RESERVE"):
                taken.get(counted, set()).discard(attempt)
            elif kind == "COMMIT":
                passes[device] = passes.get(device, 0) + 1
            elif json.loads(facts)["rework"] == rework:
                taken.setdefault(counted, set()).add(attempt)
        return {counted for counted, attempts in taken.items() if attempts}

    def _attempts(self, db: sqlite3.Connection, permit_id: str, uid: str) -> tuple[int, int, int]:
        """(number of the last attempt at a device, attempts since it last passed, how often it passed)."""
        sql = "SELECT attempt, kind FROM entry WHERE permit = ? AND uid = ? AND kind IN ('RESERVE', 'COMMIT') ORDER BY seq"
        last = tried = passes = 0
        for attempt, kind in db.execute(sql, (permit_id, uid)):
            last = max(last, attempt)
            tried, passes = (0, passes + 1) if kind == "COMMIT" else (tried + 1, passes)
        return last, tried, passes

    def _refuse_closed(self, db: sqlite3.Connection, permit: Permit) -> None:
        found = db.execute("SELECT 1 FROM entry WHERE permit = ? AND kind = 'CLOSE'", (permit.permit_id,)).fetchone()
        if found:
            raise Refused(
                "station.permit_is_closed", "The permit is closed at this station.", {"permit_id": permit.permit_id},
                "Ask for a new permit.",
            )  # fmt: skip

    def _refuse_known(self, db: sqlite3.Connection, permit: Permit, uid: str, rework: bool) -> None:
        done = db.execute("SELECT seq, permit FROM entry WHERE uid = ? AND kind = 'COMMIT' LIMIT 1", (uid,)).fetchone()
        if done and not rework:
            raise Refused(
                "station.duplicate_uid",
                f"A device with the identity {uid} was programmed here already, entry {done[0]}.",
                {"uid": uid, "entry": done[0], "permit_id": done[1]},
                "It is a clone or passes a second time: set both aside; a second pass needs a permit for rework.",
            )
        if rework and not done:
            raise Refused(
                "station.rework_unknown", "This device was not programmed here, so it is no rework.", {"uid": uid},
                "Program it under the permit's units.",
            )  # fmt: skip

    def _refuse_open(self, db: sqlite3.Connection, uid: str) -> None:
        sql = """SELECT seq FROM entry r WHERE uid = ? AND kind = 'RESERVE' AND NOT EXISTS (SELECT 1 FROM entry e
                 WHERE e.uid = r.uid AND e.permit = r.permit AND e.attempt = r.attempt
                 AND e.kind IN ('COMMIT', 'FAIL', 'VOID'))"""
        found = db.execute(sql, (uid,)).fetchone()
        if found:
            raise Refused(
                "station.unit_in_work",
                f"A device with the identity {uid} is being programmed, since entry {found[0]}.",
                {"uid": uid, "entry": found[0]},
                "Look for a second device with this identity: one of the two is a clone.",
            )

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


def _broken(error: sqlite3.DatabaseError) -> Unavailable | Tampered:
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
