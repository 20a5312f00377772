"""Agent: a station at work: scans in, records out. Both faces (terminal, headless) call only this.

    start      the ledger is checked; what a crash left open stays spent until its unit is presented
    program    one unit in one socket · program_panel: one scan of a panel gives every socket its unit, all in parallel
    alarm      what stands, and `release_alarm` by a person with the right (or by the server's bulletin)
    close      no more units under a permit; the signed end certificate

An attempt always leaves a signed record in the outbox, a refusal with an alarm too.
"""

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from asbuilt.kernel import envelope, keys, permits
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, NotFound, Refused
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import format_instant
from asbuilt.station.anchor import Anchor
from asbuilt.station.authority import LineAuthority
from asbuilt.station.chain import Entry, this_machine
from asbuilt.station.cycle import LINES_MAX, Cycle, grade_of
from asbuilt.station.home import PROGRAM, TEST, Socket, StationHome
from asbuilt.station.ledger import Ledger
from asbuilt.station.lockout import Cleared, Scanned, clear, permitted, raises_alarm, released_by
from asbuilt.station.outbox import Outbox
from asbuilt.station.outcomes import Alarm, Counters, Outcome, known_error, plain, remedy_of, told_call
from asbuilt.station.programmers.known import PROGRAMMERS
from asbuilt.station.programmers.memory import drop_left_behind
from asbuilt.station.programmers.protocol import Programmer
from asbuilt.station.testing.plan_run import Progress
from asbuilt.station.testing.tester import NOT_SAMPLED, Allowed, Tester

CALLS_MAX = 60


def system_clock() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


class Station:
    """A station in its folder."""

    def __init__(self, folder: Path, *, clock=system_clock, programmers: dict[str, Programmer] | None = None):
        self.home = StationHome(folder)
        self.settings = self.home.settings()
        self._clock = clock
        self._programmers = PROGRAMMERS if programmers is None else programmers
        self._private = self.home.private_key()
        self.own_key = keys.PublicKey(keys.ED25519, keys.public_of(self._private))
        self.ledger = Ledger(folder, Anchor(Path(self.settings.anchor)), clock=clock, machine=this_machine())
        self.outbox = Outbox(self.ledger, self.settings.station)
        self.open: list[Entry] = []
        self._stopping = threading.Lock()
        self._in_work: set[str] = set()
        # whoever shows how a test goes on puts itself here
        self.progress: Callable[[str, Progress], None] = lambda unit, where: None
        self._tester = Tester(
            self.home, self.ledger, self.settings.station, self.settings.fixtures, self._private,
            lambda unit, where: self.progress(unit, where),
        )  # fmt: skip
        # what a person was asked for at the start; kept in this process alone
        self.token_pin = ""

    @property
    def first_socket(self) -> str:
        """The socket of a scan that names none; empty where there is none."""
        return self.settings.sockets[0].name if self.settings.sockets else ""

    def start(self) -> list[Entry]:
        """Check the ledger and begin; returns what a crash left open."""
        drop_left_behind()
        self.open = self.ledger.start(ledger_id=self._ulid())
        return self.open

    # -- units -----------------------------------------------------------------------------------------------------------

    def take(self, scanned: Scanned, socket_name: str) -> Outcome:
        """One unit in one socket: programmed, tested or both, as the station is set up; the operator chooses nothing."""
        if self.settings.does == PROGRAM:
            return self.program(scanned, socket_name)
        if self.settings.does == TEST or self._only_tested(scanned):
            return self.test(scanned, socket_name)
        programmed = self.program(scanned, socket_name)
        if not programmed.passed:
            return programmed
        tested = self.test(scanned, socket_name)
        return replace(tested, seconds=tested.seconds + programmed.seconds, tool_seconds=programmed.tool_seconds)

    def test(self, scanned: Scanned, socket_name: str) -> Outcome:
        """The permit's test plans on one unit; never raises for what the floor can do wrong."""
        began = time.monotonic()
        try:
            socket = self._socket(socket_name)
            self._refuse_while_alarm()
            found = permitted(self.home, self.settings, scanned, now=self.ledger.now(), own_key=self.own_key)
            with self._working(scanned.unit):
                tested = self._tester.test(Allowed(scanned, found.permit, found.operator), socket)
            done = tuple(one.plan for one in tested if one.outcome != NOT_SAMPLED)
            said = " ".join(one.said for one in tested if one.outcome == NOT_SAMPLED)
            outcome = Outcome(scanned.unit, socket_name, "pass", said=said, plans=done)
            if tested and not tested[-1].passed:
                last = tested[-1]
                outcome = replace(
                    outcome, result="fail" if last.outcome == "fail" else "error", reason=last.reason, said=last.said,
                    remedy=last.remedy, attempt=last.attempt,
                )  # fmt: skip
        except (AsbuiltError, OSError, sqlite3.DatabaseError) as error:
            outcome = self._refused(scanned, socket_name, known_error(error), None)
        return replace(outcome, seconds=time.monotonic() - began)

    def program(self, scanned: Scanned, socket_name: str) -> Outcome:
        """One unit in one socket; never raises for what the floor can do wrong."""
        began = time.monotonic()
        cycle: Cycle | None = None
        try:
            socket = self._socket(socket_name)
            cleared = self._clear(scanned)
            cycle = Cycle(
                cleared, socket, self.ledger, self.settings.station, self._programmers, self.home.folder,
                self._authority_for(cleared),
            )  # fmt: skip
            with self._working(scanned.unit):
                self._end_interrupted(cleared)
                result, reason, said, alarm = cycle.run()
                entry = self._finish(cleared, cycle, result, reason, said)
                cycle.ended = True
            if alarm:
                self._raise_alarm(f"station.{reason}", said, cleared, cycle.trace.uid)
            outcome = Outcome(
                scanned.unit, socket_name, result, reason, said, remedy_of(result), entry.attempt,
            )  # fmt: skip
        except (AsbuiltError, OSError, sqlite3.DatabaseError) as error:
            self._leave_open(cycle)
            known = known_error(error)
            outcome = self._refused(scanned, socket_name, known, cycle)
        tools = sum(call.seconds for call in cycle.trace.evidence) if cycle else 0.0
        return replace(outcome, seconds=time.monotonic() - began, tool_seconds=tools)

    def program_panel(self, scanned: Scanned, panel: str) -> list[Outcome]:
        """Every socket takes the unit of its position of the panel, all at once; in the order of the sockets."""
        sockets = self.settings.sockets
        with ThreadPoolExecutor(max_workers=max(1, len(sockets))) as threads:
            begun = [
                threads.submit(self.take, replace(scanned, unit=unit), name)
                for name, unit in units_of_panel(sockets, panel)
            ]
            return [one.result() for one in begun]

    # -- alarms ----------------------------------------------------------------------------------------------------------

    def alarm(self) -> Alarm | None:
        """The oldest alarm that stands."""
        released = {entry.facts["alarm"] for entry in self.ledger.of_kind("RELEASE")}
        released |= set(self._bulletin_releases())
        for entry in self.ledger.of_kind("ALARM"):
            alarm = f"{self.settings.station}/-/{entry.uid[:64] or '-'}/0/{entry.seq}"
            if alarm not in released:
                return Alarm(alarm, entry.facts["code"], entry.facts["said"], entry.at)
        return None

    def release_alarm(self, badge: str, why: str) -> Alarm:
        """Let the station go on; Refused for a person without the right, NotFound where nothing stands."""
        standing = self.alarm()
        if standing is None:
            raise NotFound("station.no_alarm", "No alarm stands.", remedy="Go on working.")
        if not why.strip():
            raise Refused("station.release_reason", "An alarm is released with a reason.", {}, "Say what was found.")
        person = released_by(self.home.bulletin(), badge, self.ledger.now())
        facts = {"alarm": standing.alarm, "person": person, "why": why[:200]}

        def signed(entry: Entry) -> tuple[str, bytes, str]:
            return self._sign(self._bare(entry, "release", standing.code, why, person) | {"lines": [standing.alarm]})

        self.ledger.tell("RELEASE", facts, signed)
        return standing

    # -- permits ---------------------------------------------------------------------------------------------------------

    def close(self, permit_id: str) -> bytes:
        """No more units under this permit here; the signed end certificate."""
        self.home.permit(permit_id, self.ledger.now())
        self.ledger.close(permit_id, self.settings.station)
        return self.end_certificate(permit_id)

    def end_certificate(self, permit_id: str) -> bytes:
        """The signed summary of this station's share as it stands now."""
        permit = self.home.permit(permit_id, self.ledger.now())
        head = self.ledger.head()
        first = next(iter(self.ledger.of_kind("START")))
        document = {
            "schema": 1, "permit_id": permit.permit_id, "permit_sha256": permit.sha256, "grant_id": permit.grant_id,
            "station": self.settings.station,
            "closed": any(entry.permit == permit_id for entry in self.ledger.of_kind("CLOSE")),
            "created_at": format_instant(self.ledger.now()),
            "units": [asdict(unit) for unit in self.ledger.ended_units(permit_id)],
            "records_first": first.seq, "records_last": head.seq, "chain_first": first.chain, "chain_last": head.chain,
        }  # fmt: skip
        return envelope.sign(permits.END_TYPE, canonical_bytes(document), self._private)

    def closed(self) -> list[str]:
        """Permits of this folder that are closed here."""
        known = set(self.home.permit_ids())
        return [entry.permit for entry in self.ledger.of_kind("CLOSE") if entry.permit in known]

    def counters(self, permit_id: str) -> Counters:
        """How far a permit is at this station."""
        permit = self.home.permit(permit_id, self.ledger.now())
        share = permit.share_of(self.settings.station)
        units = self.ledger.ended_units(permit_id)
        return Counters(
            permit_id, permit.work_order, share.units if share else 0, len(self.ledger.spent(permit_id)),
            sum(unit.state == "pass" for unit in units), sum(unit.state == "fail" for unit in units), self.outbox.counts()[0],
        )  # fmt: skip

    def fixtures(self) -> list[dict]:
        """How often each fixture was used, here and elsewhere, as far as the server told."""
        return self._tester.fixtures()

    # -- inside ----------------------------------------------------------------------------------------------------------

    def _refuse_while_alarm(self) -> None:
        standing = self.alarm()
        if standing is not None:
            raise Refused(
                "station.alarm_stands", f"The station stands: {standing.said}", {"alarm": standing.alarm},
                "A person with the right releases the alarm.",
            )  # fmt: skip

    def _only_tested(self, scanned: Scanned) -> bool:
        """Whether the unit shows that the bench sees good and bad, or was programmed here and has not passed its tests since."""
        try:
            permit = self.home.permit_for(scanned.work_order, self.ledger.now())
            golden = self._tester.is_golden(permit, scanned.unit)
            return golden or (not scanned.rework and self._tester.waits_for_test(permit, scanned.unit))
        except (AsbuiltError, OSError, sqlite3.DatabaseError):
            # whatever is wrong is said by what follows
            return False

    def _clear(self, scanned: Scanned) -> Cleared:
        self._refuse_while_alarm()
        cleared = clear(
            self.home,
            self.settings,
            scanned,
            now=self.ledger.now(),
            own_key=self.own_key,
            programmers=self._programmers,
        )
        every = cleared.plan.boot.negative_every if cleared.plan.boot else 0
        passed = (
            sum(entry.permit == cleared.permit.permit_id for entry in self.ledger.of_kind("COMMIT")) if every else 1
        )
        return replace(cleared, sampled=bool(every) and passed % every == 0)

    def _authority_for(self, cleared: Cleared) -> LineAuthority | None:
        # a token is asked only for what it is needed for
        if not any(secret.kind == "certificate" for secret in cleared.plan.secrets):
            return None
        return LineAuthority.from_folder(self.home.folder, self.settings.authority, self.token_pin)

    def _end_interrupted(self, cleared: Cleared) -> None:
        """The unit of an attempt that a crash cut off is here again: that attempt ended without a pass."""
        for entry in [entry for entry in self.open if entry.facts.get("unit") == cleared.scanned.unit]:
            said = "The station stopped in the middle of this attempt."
            permit = self.home.permit(entry.permit, self.ledger.now())
            record = self._bare(entry, "aborted", "interrupted", said, cleared.operator)
            record |= {
                "permit_id": permit.permit_id, "permit_sha256": permit.sha256, "work_order": permit.work_order,
                "product": permit.product, "unit": cleared.scanned.unit, "uid": entry.uid, "attempt": entry.attempt,
                "rework": entry.facts["rework"],
            }  # fmt: skip
            self.ledger.finish(
                entry, "FAIL", {"reason": "interrupted"},
                lambda ended, record=record: self._sign(record | {"seq": ended.seq, "chain": ended.chain}),
            )  # fmt: skip
            self.open.remove(entry)

    def _finish(self, cleared: Cleared, cycle: Cycle, result: str, reason: str, said: str) -> Entry:
        kind = {"pass": "COMMIT", "fail": "FAIL", "void": "VOID"}[result]
        images = cycle.images()
        trace = cycle.trace
        facts = {
            "reason": reason, "grade": grade_of(images) if result == "pass" else "", "unit": cleared.scanned.unit,
            # what a test plan asks of the programming before it
            "booted": trace.booted, "changed_image_refused": trace.changed_image_refused,
            "given": {one.name: one.public_sha256 for one in trace.given},
        }  # fmt: skip
        return self.ledger.finish(
            cycle.reserved, kind, facts,
            lambda entry: self._sign(self._record(cleared, cycle, entry, result, reason, said)),
        )  # fmt: skip

    def _record(self, cleared: Cleared, cycle: Cycle, entry: Entry, result: str, reason: str, said: str) -> dict:
        permit, trace = cleared.permit, cycle.trace
        images = cycle.images()
        return self._bare(entry, result, reason, said, cleared.operator) | {
            "permit_id": permit.permit_id, "permit_sha256": permit.sha256, "work_order": permit.work_order,
            "product": permit.product, "revision": trace.revision, "unit": cleared.scanned.unit, "uid": trace.uid,
            "uid_from": cleared.plan.identity.uid_from, "attempt": entry.attempt, "rework": cleared.scanned.rework,
            "grade": grade_of(images) if result == "pass" else "", "images": [asdict(image) for image in images],
            "given": [asdict(one) for one in trace.given], "second_operator": cleared.second,
            "plan_sha256": cleared.plan.sha256, "tools": [told_call(cleared, call) for call in trace.evidence[-CALLS_MAX:]],
            "lines": [line[:200] for line in trace.lines[-LINES_MAX:]], "started_at": format_instant(cycle.reserved.at),
        }  # fmt: skip

    def _bare(self, entry: Entry, result: str, reason: str, said: str, operator: str) -> dict:
        at = format_instant(entry.at)
        return {
            "schema": 1, "station": self.settings.station, "permit_id": None, "permit_sha256": "", "work_order": "",
            "product": "", "revision": "", "unit": "", "uid": "", "uid_from": "", "attempt": 0, "rework": False,
            "result": result, "reason": reason[:80], "said": plain(said), "grade": "", "images": [], "given": [],
            "operator": operator, "second_operator": "", "plan_sha256": "", "tools": [], "lines": [],
            "started_at": at, "finished_at": at, "seq": entry.seq, "chain": entry.chain,
        }  # fmt: skip

    def _sign(self, record: dict) -> tuple[str, bytes, str]:
        key = f"{record['permit_id'] or '-'}/{record['uid'] or '-'}/{record['attempt']}/{record['seq']}"
        payload = canonical_bytes({**record, "key": f"{self.settings.station}/{key}"})
        documents.parse_record(payload)
        document = envelope.sign(documents.RECORD_TYPE, payload, self._private)
        return f"{self.settings.station}/{key}", document, hashlib.sha256(payload).hexdigest()

    def _leave_open(self, cycle: Cycle | None) -> None:
        """An attempt that could not be ended (a full disk) is like one that a crash cut off: its unit is asked for again."""
        if cycle is not None and cycle.reserved is not None and not cycle.ended:
            self.open.append(cycle.reserved)

    def _refused(self, scanned: Scanned, socket: str, error: AsbuiltError, cycle: Cycle | None) -> Outcome:
        if raises_alarm(error):
            self._raise_alarm(error.code, error.message, None, cycle.trace.uid if cycle else "", scanned)
        return Outcome(scanned.unit, socket, "refused", error.code, error.message, error.remedy)

    def _raise_alarm(
        self, code: str, said: str, cleared: Cleared | None, uid: str, scanned: Scanned | None = None
    ) -> None:
        scanned = cleared.scanned if cleared else scanned
        facts = {
            "code": code,
            "said": said,
            "unit": scanned.unit,
            "work_order": scanned.work_order,
        }

        def signed(entry: Entry) -> tuple[str, bytes, str]:
            record = self._bare(entry, "alarm", code, said, cleared.operator if cleared else "")
            known = {"unit": plain(scanned.unit)[:80], "work_order": plain(scanned.work_order)[:80], "uid": uid[:64]}
            return self._sign(record | known)

        with self._stopping:
            self.ledger.tell("ALARM", facts, signed, uid=uid)

    def _working(self, unit: str):
        return _Turn(self._in_work, self._stopping, unit)

    def _bulletin_releases(self) -> Sequence[str]:
        try:
            return self.home.bulletin().released_alarms
        except NotFound:
            return ()

    def _socket(self, name: str) -> Socket:
        found = next((socket for socket in self.settings.sockets if socket.name == name), None)
        if found is None:
            raise NotFound(
                "station.no_socket", f"There is no socket {name}.", {"socket": name}, "Look at station.json."
            )
        return found

    def _ulid(self) -> str:
        return new_ulid(self._clock(), os.urandom(10))


class _Turn:
    """One unit in one socket at a time: the same name in two sockets is a mistake."""

    def __init__(self, taken: set[str], lock: threading.Lock, unit: str):
        self._taken, self._lock, self._unit = taken, lock, unit

    def __enter__(self) -> None:
        with self._lock:
            if self._unit in self._taken:
                raise Refused(
                    "station.unit_twice", f"Unit {self._unit} is in another socket already.", {"unit": self._unit},
                    "Scan each unit at its own socket.",
                )  # fmt: skip
            self._taken.add(self._unit)

    def __exit__(self, *_) -> None:
        with self._lock:
            self._taken.discard(self._unit)


def units_of_panel(sockets: Sequence[Socket], panel: str) -> list[tuple[str, str]]:
    """(socket, unit) for one scan of a panel: `PANEL/position`."""
    return [(socket.name, f"{panel}/{socket.position}") for socket in sockets]
