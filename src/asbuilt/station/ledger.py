"""Ledger: what a station did with its permits, append only, durable before the first byte is written.

    RESERVE   a unit is taken from the share; in one write transaction with every check of the quota
    WRITING   the first byte may have reached the device
    BURNING   a point of no return lies ahead: which fuse, which digest of the value
    NOTE      what the log keeps of a cycle beside its steps
    COMMIT    the unit passed · FAIL  it did not; the unit stays spent · VOID  nothing was written: it returns to the share
    TESTING / TESTED  a test plan begins and ends on a unit · SHOWN  a key or file that only one unit may show
    ALARM / RELEASE   the station stopped, and who let it go on · CLOSE, START

Units are counted by the device's identity: a retry on the same device costs no second unit, so neither a crash nor an
operator who pulls the cable before the end gains one (quota.py). What makes the entries trustworthy is the chain (chain.py);
a record that tells of an entry is queued in its transaction (outbox.py).
"""

import json
import sqlite3
from contextlib import suppress

from asbuilt.kernel.errors import AsbuiltError, Conflict, Refused, Unavailable
from asbuilt.kernel.permits import EndedUnit, Permit
from asbuilt.station import quota
from asbuilt.station.chain import Chain, Entry

ENDED = ("COMMIT", "FAIL", "VOID")


class Ledger(Chain):
    """The ledger of a station in its folder."""

    def start(self, *, ledger_id: str) -> list[Entry]:
        """Check the whole of it, then begin a run; returns the reservations that a crash left open."""
        self.begin(ledger_id=ledger_id)
        return self.open_reservations()

    def reserve(self, permit: Permit, station: str, uid: str, *, facts: dict, rework: bool = False) -> Entry:
        """Take a unit from the share and number its attempt; every check of the quota is in this transaction."""
        share = permit.share_of(station)
        with self.writing() as db:
            quota.refuse_closed(db, permit)
            quota.refuse_known(db, permit, uid, rework)
            quota.refuse_open(db, uid)
            last, tried, passes = quota.attempts(db, permit.permit_id, uid)
            if tried >= permit.attempts_per_unit:
                raise Refused(
                    "station.attempts_exhausted",
                    f"This unit was tried {tried} times, as often as the permit allows.",
                    {"uid": uid, "attempts": tried},
                    "Set the unit aside with a nonconformity report.",
                )
            attempt, most = last + 1, share.rework_units if rework else share.units
            counted = f"{uid}#{passes}" if rework else uid
            spent, reworked = quota.counts(db, permit.permit_id)
            new = counted not in quota.spent(db, permit.permit_id, rework, uid)
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

    def tell(
        self, kind: str, facts: dict, signed, *, permit: str = "", uid: str = "", attempt: int = 0, files: dict[str, bytes] | None = None
    ) -> Entry:  # fmt: skip
        """An entry outside of an attempt to program (alarm, release, test) with its record and the files that it names."""
        with self.writing() as db:
            entry = self._write(db, kind, permit, uid, attempt, facts, 0)
            key, *rest = signed(entry)
            self._queue(db, entry, key, *rest)
            rows = [(key, digest, content) for digest, content in (files or {}).items()]
            db.executemany("INSERT INTO outgoing_file VALUES (?, ?, ?)", rows)
        with suppress(Unavailable):
            self._anchored(entry)
        return entry

    def begin_test(
        self, place: str, attempt: int, facts: dict, cycles_max: int, told: tuple[int, str] = (0, "")
    ) -> Entry:
        """A test begins; which cycle of its fixture this is, is counted here: its own at this station, and those of other stations as the
        server last `told` (cycles, when). Refused where the fixture made as many as it may."""
        with self.writing() as db:
            own, elsewhere = self._fixture_cycles(db, facts["fixture"])
            # a server that was restored knows less than it told before
            elsewhere = max(elsewhere, told[0]) if facts["fixture"] else 0
            cycles = own + elsewhere
            if facts["fixture"] and cycles >= cycles_max:
                said = f"Fixture {facts['fixture']} made {cycles} cycles, as many as it may."
                if elsewhere:
                    said = f"Fixture {facts['fixture']} made {cycles} cycles, as many as it may: {elsewhere} of them at other stations, as known on {told[1]}."
                raise Refused(
                    "station.fixture_worn", said,
                    {"fixture": facts["fixture"], "cycles": cycles, "elsewhere": elsewhere, "known_at": told[1]},
                    "Change its needles, then give it a new name and number of cycles.",
                )  # fmt: skip
            counted = {
                "cycles": cycles + bool(facts["fixture"]),
                "elsewhere": elsewhere,
                "known_at": told[1] if facts["fixture"] else "",
            }
            return self._write(db, "TESTING", "", place, attempt, {**facts, **counted}, 0)

    def fixture_cycles(self, fixture: str) -> tuple[int, int]:
        """(cycles of a fixture at this station, cycles at others as far as it knew at its last test)."""
        return self._fixture_cycles(self._db(), fixture)

    @staticmethod
    def _fixture_cycles(db: sqlite3.Connection, fixture: str) -> tuple[int, int]:
        sql = "SELECT facts FROM entry WHERE kind = 'TESTING' AND json_extract(facts, '$.fixture') = ? ORDER BY seq DESC LIMIT 1"
        row = db.execute(sql, (fixture,)).fetchone() if fixture else None
        last = json.loads(row[0]) if row else {"cycles": 0}
        # an entry of before other stations counted told its own alone
        elsewhere = last.get("elsewhere", 0)
        return last["cycles"] - elsewhere, elsewhere

    def number_of(self, place: str, what: str) -> int:
        """How many came to this place before; from now on it is one more."""
        with self.writing() as db:
            sql = "SELECT count(*) FROM entry WHERE uid = ? AND kind = 'NOTE'"
            (number,) = db.execute(sql, (place,)).fetchone()
            self._write(db, "NOTE", "", place, 0, {"counted": what}, 0)
        return number

    def shown(self, digest: str, unit: str, what: str) -> list[str]:
        """Units that showed this key or file before; from now on this one has too."""
        with self.writing() as db:
            before = [one.facts["unit"] for one in self._rows("uid = ? AND kind = 'SHOWN' ORDER BY seq", (digest,))]
            if unit not in before:
                self._write(db, "SHOWN", "", digest, 0, {"unit": unit, "what": what}, 0)
        return before

    def close(self, permit_id: str, station: str) -> Entry:
        """No more units under this permit; Refused while an attempt is open."""
        with self.writing() as db:
            # in the transaction that closes: no reservation slips in between
            still = [entry for entry in self.open_reservations() if entry.permit == permit_id]
            if still:
                raise Refused(
                    "station.permit_open_units",
                    f"{len(still)} units were begun and not ended.",
                    {"uids": [entry.uid for entry in still]},
                    "Present each of them again, or scrap it, before the permit is closed.",
                )
            if any(entry.permit == permit_id for entry in self.of_kind("CLOSE")):
                said = "The permit is closed at this station."
                raise Conflict("station.permit_closed", said, {"permit_id": permit_id})
            entry = self._write(db, "CLOSE", permit_id, "", 0, {"station": station}, 0)
        return self._anchored(entry)

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

    def spent(self, permit_id: str, *, rework: bool = False) -> set[str]:
        """Identities that count against the share."""
        return quota.spent(self._db(), permit_id, rework)

    def ended_units(self, permit_id: str) -> tuple[EndedUnit, ...]:
        """What became of each unit under a permit, for its end certificate."""
        states: dict[tuple[str, bool], list] = {}
        running: dict[tuple[str, int], bool] = {}
        for entry in self._rows("permit = ? AND uid <> '' ORDER BY seq", (permit_id,)):
            if entry.kind == "RESERVE":
                running[entry.uid, entry.attempt] = entry.facts["rework"]
            rework = running.get((entry.uid, entry.attempt), False)
            state = states.setdefault((entry.uid, rework), ["", "void", 0, "void"])
            if entry.kind == "RESERVE":
                state[:] = [entry.facts.get("unit") or entry.uid, "open", state[2] + 1, state[1]]
            elif entry.kind in ENDED:
                # a void attempt takes nothing back of those before it
                state[1] = {"COMMIT": "pass", "FAIL": "fail", "VOID": state[3]}[entry.kind]
        return tuple(
            EndedUnit(name, uid, state, attempts, rework)
            for (uid, rework), (name, state, attempts, _) in states.items()
        )

    def _write(
        self, db: sqlite3.Connection, kind: str, permit: str, uid: str, attempt: int, facts: dict, at: int
    ) -> Entry:
        if kind == "VOID":
            facts = {**facts, **quota.counts_without(db, permit, uid, attempt)}
        return super()._write(db, kind, permit, uid, attempt, facts, at)

    def _queue(self, db: sqlite3.Connection, entry: Entry, key: str, document: bytes, payload_sha256: str) -> None:
        db.execute(
            "INSERT INTO outgoing VALUES (?, ?, ?, ?, ?, NULL, NULL)",
            (key, entry.seq, document, payload_sha256, entry.at),
        )
