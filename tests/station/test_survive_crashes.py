"""The ledger of a station outlives whatever happens to its machine, and never gives a unit away twice."""

import multiprocessing
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from emulated import Wire
from station_floor import HOUR, PERMIT_ID, key_of, kinds, records, scan

from asbuilt.kernel import permits
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Refused, Tampered, Unavailable
from asbuilt.station import chain
from asbuilt.station.agent import Station, system_clock
from asbuilt.station.anchor import Anchor
from asbuilt.station.chain import this_machine
from asbuilt.station.ledger import Ledger

UID = "0102030405060708"


@pytest.fixture
def lone(floor) -> Station:
    """A station with a socket that a test of the ledger does not use."""
    return floor.station([{"ref": "U1", "target": "127.0.0.1:1", "console": "", "seconds": 1, "options": []}], units=5)


def ledger_of(station: Station, clock=system_clock, machine: str | None = None) -> Ledger:
    """A ledger as another start of the agent opens it."""
    machine = this_machine() if machine is None else machine
    return Ledger(
        station.home.folder, Anchor(station.home.folder.with_name("ST-01-anchor")), clock=clock, machine=machine
    )


def permit_of(station: Station) -> permits.Permit:
    return station.home.permit(PERMIT_ID, station.ledger.now())


def refused(station: Station, code: str, kind=Tampered, **how) -> None:
    with pytest.raises(kind) as refusal:
        ledger_of(station, **how).start(ledger_id="x")
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".") and refusal.value.remedy


def _take(folder, uid: str, answers, go) -> None:
    station = Station(folder)
    permit = permit_of(station)
    go.wait()
    try:
        station.ledger.reserve(permit, "ST-01", uid, facts={"unit": uid})
        answers.put("taken")
    except Refused as refusal:
        answers.put(refusal.code)


def test_twelve_processes_take_exactly_the_five_units_of_a_share(lone):
    """Row 7."""
    fork = multiprocessing.get_context("fork")
    answers, go = fork.Queue(), fork.Event()
    racers = [
        fork.Process(target=_take, args=(lone.home.folder, f"{number:016x}", answers, go)) for number in range(1, 13)
    ]
    for racer in racers:
        racer.start()
    go.set()
    found = sorted(answers.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join()
    assert found == ["station.quota_exhausted"] * 7 + ["taken"] * 5
    assert len(lone.ledger.spent(PERMIT_ID)) == 5
    ledger_of(lone).start(ledger_id="x")


KILLED = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from asbuilt.station import anchor, ledger
    from asbuilt.station.agent import Station
    place, at = sys.argv[2], [int(sys.argv[3])]
    def die(*words, **more):
        at[0] -= 1
        if at[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def before(kind, name):
        real = getattr(kind, name)
        def call(*words, **more):
            die()
            return real(*words, **more)
        setattr(kind, name, call)
    def after(kind, name):
        real = getattr(kind, name)
        def call(*words, **more):
            found = real(*words, **more)
            die()
            return found
        setattr(kind, name, call)
    {"write": lambda: after(ledger.Ledger, "_write"), "queue": lambda: before(ledger.Ledger, "_queue"),
     "anchor": lambda: before(anchor.Anchor, "keep"), "anchored": lambda: after(anchor.Anchor, "_put")}[place]()
    station = Station(Path(sys.argv[1]))
    station.start()
    permit = station.home.permit("01KB00000000000000000000P1", station.ledger.now())
    entry = station.ledger.reserve(permit, "ST-01", "0102030405060708", facts={"unit": "SN-1"})
    station.ledger.append("WRITING", permit=entry.permit, uid=entry.uid, attempt=1, facts={})
    station.ledger.finish(entry, "COMMIT", {}, lambda ended: ("key-1", b"{}", "00" * 32))
    print("ended")
""")


@pytest.mark.parametrize(
    ("place", "number", "left"),
    [
        # START, RESERVE, WRITING, COMMIT: what is written but not committed is not there, what is committed is
        ("write", 1, []),
        ("write", 2, ["START"]),
        ("write", 3, ["START", "RESERVE"]),
        ("write", 4, ["START", "RESERVE", "WRITING"]),
        ("queue", 1, ["START", "RESERVE", "WRITING"]),
        ("anchor", 1, ["START", "RESERVE"]),
        ("anchor", 2, ["START", "RESERVE", "WRITING", "COMMIT"]),
        ("anchored", 1, ["START", "RESERVE"]),
        ("anchored", 2, ["START", "RESERVE", "WRITING", "COMMIT"]),
    ],
)
def test_killed_at_every_write_the_ledger_stands_and_the_unit_stays_spent(lone, place, number, left):
    """Row 15: kill -9 between and inside the writes of a cycle; a next start agrees with the anchor."""
    words = [sys.executable, "-c", KILLED, str(lone.home.folder), place, str(number)]
    done = subprocess.run(words, capture_output=True, text=True, cwd="/")
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = ledger_of(lone)
    still = again.start(ledger_id="x")
    rows = (
        sqlite3.connect(lone.home.folder / "ledger.sqlite3").execute("SELECT kind FROM entry ORDER BY seq").fetchall()
    )
    # one START of the floor before, one of this start behind
    assert [kind for (kind,) in rows] == ["START", *left, "START"]
    assert [entry.uid for entry in still] == ([UID] if "RESERVE" in left and "COMMIT" not in left else [])
    assert again.spent(PERMIT_ID) == ({UID} if "RESERVE" in left else set())
    waiting = (
        sqlite3.connect(lone.home.folder / "ledger.sqlite3").execute("SELECT count(*) FROM outgoing").fetchone()[0]
    )
    assert waiting == ("COMMIT" in left)


def test_an_agent_killed_while_it_writes_asks_for_the_same_unit(floor, cortex):
    """Row 15 with the real target: the first attempt is closed as interrupted, the second passes, one unit is spent."""
    victim = []

    def kill(packet: bytes, number: int) -> bytes:
        if packet.startswith(b"M1000,") and victim:
            os.kill(victim.pop(), signal.SIGKILL)
        return packet

    station = floor.station([Wire(cortex(UID), kill).place()], units=1)
    program = [sys.executable, "-m", "asbuilt.station.main", "--home", str(station.home.folder), "run"]
    child = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/")
    victim.append(child.pid)
    child.communicate(b'{"badge": "OP-7", "order": "WO-7", "unit": "SN-1", "revision": "B"}\n', timeout=60)
    assert child.returncode == -signal.SIGKILL
    again = Station(station.home.folder)
    assert [(entry.uid, entry.attempt) for entry in again.start()] == [(UID, 1)]
    assert again.program(scan("SN-2"), "1").reason == "station.unit_in_work"
    again.release_alarm("QL-1", "the interrupted unit was in the socket")
    outcome = again.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.attempt) == ("pass", 2)
    assert kinds(again, UID)[:5] == ["RESERVE", "WRITING", "ALARM", "FAIL", "RESERVE"]
    assert [one.result for one in records(again)] == ["alarm", "release", "aborted", "pass"]
    assert again.ledger.spent(PERMIT_ID) == {UID}


def test_what_a_killed_agent_left_in_memory_is_gone_after_the_next_start(floor, cortex):
    """Images stand in clear in RAM while a tool reads them; nobody may find them there afterwards."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = Path(f"/dev/shm/asbuilt-station-{ended.pid}-test")
    left.mkdir()
    (left / "image.bin").write_bytes(floor.image)
    floor.station([cortex(UID).place()])
    assert not left.exists()


def test_the_running_count_is_what_counting_all_of_it_gives(lone, floor):
    """Random attempts that pass, fail, are void or reworked, over few devices: after each the count that reservations carry
    equals a count made here from the states alone."""
    draw = random.Random(28)
    share = {"station": "ST-01", "key": key_of(lone.own_key), "units": 40, "rework_units": 20}
    permit = permits.parse_permit(canonical_bytes(floor.permit_document([share], attempts_per_unit=10)))
    attempts: dict[tuple[str, bool, int], set] = {}
    passes: dict[str, int] = {}
    for _ in range(400):
        uid, rework = f"{draw.randrange(12):016x}", draw.random() < 0.4
        try:
            entry = lone.ledger.reserve(permit, "ST-01", uid, facts={"unit": uid}, rework=rework)
        except Refused:
            continue
        unit = (uid, rework, passes.get(uid, 0) if rework else 0)
        attempts.setdefault(unit, set()).add(entry.attempt)
        kind = draw.choice(["COMMIT", "FAIL", "VOID"])
        lone.ledger.finish(entry, kind, {}, lambda ended: (f"k{ended.seq}", b"{}", "00" * 32))
        if kind == "VOID":
            attempts[unit].discard(entry.attempt)
        passes[uid] = passes.get(uid, 0) + (kind == "COMMIT")
        last = [one for one in lone.ledger.of_unit(uid) if one.kind in ("RESERVE", "VOID")][-1]
        stand = [unit for unit, tried in attempts.items() if tried]
        told = (last.facts["spent"], last.facts["reworked"])
        assert told == (sum(not unit[1] for unit in stand), sum(unit[1] for unit in stand))
    assert len(attempts) > 20
    assert len(lone.ledger.spent(PERMIT_ID)) == told[0]


def test_a_void_attempt_takes_nothing_back_of_the_one_before(lone):
    """The first attempt left an image on the device; then somebody pulls the second place and scans again: the end certificate
    must not give the unit back."""
    permit, place = permit_of(lone), lone.home.folder.with_name("ST-01-anchor")
    entry = lone.ledger.reserve(permit, "ST-01", UID, facts={"unit": "SN-1"})
    lone.ledger.finish(entry, "FAIL", {}, lambda ended: ("k1", b"{}", "00" * 32))
    place.rename(place.with_name("pulled"))
    with pytest.raises(Unavailable):
        lone.ledger.reserve(permit, "ST-01", UID, facts={"unit": "SN-1"})
    place.with_name("pulled").rename(place)
    assert kinds(lone, UID) == ["RESERVE", "FAIL", "RESERVE", "VOID"]
    end = permits.open_end(lone.close(PERMIT_ID), permit=permit)
    assert [(unit.state, unit.attempts) for unit in end.units] == [("fail", 2)]
    assert end.spent == len(lone.ledger.spent(PERMIT_ID)) == 1


def test_no_unit_begins_while_a_permit_is_being_closed(lone):
    """A reservation that was first in line is seen by the close that waits behind it."""
    refusals: list[str] = []

    def close() -> None:
        try:
            ledger_of(lone).close(PERMIT_ID, "ST-01")
        except Refused as refusal:
            refusals.append(refusal.code)

    closer = threading.Thread(target=close)
    with lone.ledger.writing() as db:
        closer.start()
        time.sleep(0.3)
        facts = {"unit": "SN-1", "rework": False, "spent": 1, "reworked": 0}
        lone.ledger._write(db, "RESERVE", PERMIT_ID, UID, 1, facts, 0)
    closer.join()
    assert refusals == ["station.permit_open_units"]
    assert lone.ledger.of_kind("CLOSE") == []


def test_an_edited_row_is_found(lone):
    """Row 25."""
    lone.ledger.append("NOTE", facts={"n": 1})
    with sqlite3.connect(lone.home.folder / "ledger.sqlite3") as db:
        with pytest.raises(sqlite3.DatabaseError, match="entries are kept"):
            db.execute("UPDATE entry SET facts = '{}' WHERE seq = 2")
        db.execute("DROP TRIGGER entry_is_kept")
        db.execute("UPDATE entry SET facts = '{}' WHERE seq = 2")
    refused(lone, "station.ledger_edited")


def test_a_cut_tail_is_found_though_the_chain_is_whole(lone):
    """Row 26."""
    for number in range(3):
        lone.ledger.reserve(permit_of(lone), "ST-01", f"{number:016x}", facts={"unit": str(number)})
    with sqlite3.connect(lone.home.folder / "ledger.sqlite3") as db:
        db.execute("DROP TRIGGER entry_stays")
        db.execute("DELETE FROM entry WHERE seq > 2")
    refused(lone, "station.ledger_cut")


def test_a_disk_that_was_rolled_back_is_found(lone, tmp_path):
    """Row 26 as it happens: yesterday's copy of the folder is put back."""
    kept = tmp_path / "yesterday"
    shutil.copytree(lone.home.folder, kept)
    lone.ledger.reserve(permit_of(lone), "ST-01", UID, facts={"unit": "SN-1"})
    shutil.rmtree(lone.home.folder)
    shutil.copytree(kept, lone.home.folder)
    refused(lone, "station.ledger_cut")


def test_a_ledger_that_was_thrown_away_is_missed(lone):
    for file in lone.home.folder.glob("ledger.sqlite3*"):
        file.unlink()
    refused(lone, "station.ledger_missing")


def test_a_cloned_disk_does_not_run_on_another_machine(lone):
    """A permit replayed on a copy of the disk: the ledger knows its machine, and the second place did not come along."""
    refused(lone, "station.other_machine", machine="another")
    shutil.rmtree(lone.home.folder.with_name("ST-01-anchor"))
    lone.home.folder.with_name("ST-01-anchor").mkdir()
    refused(lone, "station.anchor_missing")


def test_a_clock_set_back_is_refused_at_start(lone):
    lone.ledger.append("NOTE")
    refused(lone, "station.clock", Refused, clock=lambda: system_clock() - HOUR)


def _fill(folder, answers) -> None:
    station = Station(folder)
    permit = permit_of(station)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for number in range(50):
            station.ledger.reserve(permit, "ST-01", f"{number:016x}", facts={"unit": "x" * 3000})
        answers.put("kept")
    except AsbuiltError as refusal:
        answers.put(refusal.code)


def test_a_full_disk_begins_no_unit(lone):
    """Row 24: the file cannot grow any more; what was kept before stands."""
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    filled = fork.Process(target=_fill, args=(lone.home.folder, answers))
    filled.start()
    assert answers.get(timeout=30) == "station.ledger_full"
    filled.join()
    ledger_of(lone).start(ledger_id="x")


def test_a_ledger_that_another_program_holds_begins_no_unit(lone, monkeypatch):
    """Row 24: locked for longer than the station waits."""
    monkeypatch.setattr(chain, "BUSY_MILLISECONDS", 200)
    ledger, permit = ledger_of(lone), permit_of(lone)
    other = sqlite3.connect(lone.home.folder / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refusal:
        ledger.reserve(permit, "ST-01", UID, facts={"unit": "SN-1"})
    other.execute("ROLLBACK")
    other.close()
    assert refusal.value.code == "station.ledger_busy"
    assert ledger.spent(PERMIT_ID) == set()


def test_a_disk_that_loses_the_ledger_in_the_middle_of_a_shift_is_a_sentence(lone):
    """The agent runs when the file breaks: the scan is refused by name, the agent lives."""
    with sqlite3.connect(lone.home.folder / "ledger.sqlite3") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    again = Station(lone.home.folder)
    with open(lone.home.folder / "ledger.sqlite3", "r+b") as file:
        file.seek(0)
        file.write(b"\0" * 8192)
    outcome = again.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("refused", "station.ledger_damaged")


def test_an_anchor_torn_in_the_middle_of_its_write_leaves_the_one_before(lone):
    """Two slots: a later start finds the older head, which the ledger still contains; both torn is refused."""
    for number in range(2):
        lone.ledger.reserve(permit_of(lone), "ST-01", f"{number:016x}", facts={"unit": str(number)})
    file = lone.home.folder.with_name("ST-01-anchor") / "asbuilt-station.anchor"
    whole = file.read_bytes()
    later = 0 if b'"seq": 3' in whole[:512] else 512
    file.write_bytes(whole[:later] + b"\0" * 200 + whole[later + 200 :])
    ledger_of(lone).start(ledger_id="x")
    file.write_bytes(b"\0" * 1024)
    refused(lone, "station.anchor_damaged")


def test_a_second_place_that_goes_away_in_the_middle_ends_this_unit_and_begins_no_other(floor, cortex):
    place = floor.folder / "ST-01-anchor"

    def lose(packet: bytes, number: int) -> bytes:
        if packet.startswith(b"M") and place.exists():
            place.rename(place.with_name("gone"))
        return packet

    wire = Wire(cortex(UID), lose)
    station = floor.station([wire.place(), cortex("0102030405060709").place()], units=2)
    assert station.program(scan("SN-1"), "1").passed
    assert station.program(scan("SN-2"), "2").reason == "station.anchor_unusable"
    assert station.ledger.spent(PERMIT_ID) == {UID}
    place.with_name("gone").rename(place)
    assert station.program(scan("SN-2"), "2").passed
    Station(station.home.folder).start()


def test_an_attempt_that_cannot_be_ended_stays_spent_and_its_unit_is_taken_again(floor, cortex):
    """The ledger's disk is full between the write and the end: no restart is needed when there is room again."""
    station = floor.station([cortex(UID).place()], units=1)
    finish = Ledger.finish

    def full(self, *words):
        raise Unavailable("station.ledger_full", "The ledger's disk is full.", {}, "Make room.")

    Ledger.finish = full
    try:
        outcome = station.program(scan("SN-1"), "1")
    finally:
        Ledger.finish = finish
    assert (outcome.result, outcome.reason) == ("refused", "station.ledger_full")
    assert station.ledger.spent(PERMIT_ID) == {UID}
    again = station.program(scan("SN-1"), "1")
    assert (again.result, again.attempt) == ("pass", 2)
    assert [record.result for record in records(station)] == ["aborted", "pass"]


def test_a_lost_second_place_begins_no_unit(lone):
    place = lone.home.folder.with_name("ST-01-anchor")
    shutil.rmtree(place)
    with pytest.raises(Unavailable) as refusal:
        lone.ledger.reserve(permit_of(lone), "ST-01", UID, facts={"unit": "SN-1"})
    assert refusal.value.code == "station.anchor_unusable"
    assert lone.ledger.spent(PERMIT_ID) == set()


def test_a_closed_permit_programs_no_more_and_its_certificate_is_checked_offline(floor, cortex):
    station = floor.station([cortex(UID).place()], units=3)
    assert station.program(scan("SN-1"), "1").passed
    document = station.close(PERMIT_ID)
    grant = station.home.grant("01KB00000000000000000000G1", station.ledger.now())
    end = permits.open_end(document, permit=permit_of(station))
    assert (end.spent, end.counted("pass"), end.closed) == (1, 1, True)
    # two of the three units return to the grant's hundred
    assert permits.check_split(grant, [permit_of(station)], [end]) == 99
    assert station.program(scan("SN-2"), "1").reason in ("station.permit_is_closed", "station.duplicate_uid")
