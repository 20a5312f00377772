"""`asbuilt-station` as a fixture runs it: lines of JSON in and out, exit codes, no Django, nothing secret on the command line."""

import fcntl
import json
import subprocess
import sys

from station_floor import PERMIT_ID

from asbuilt.kernel import permits


def command(home, *words: str, given: str = "") -> subprocess.CompletedProcess:
    program = [sys.executable, "-m", "asbuilt.station.main", "--home", str(home), *words]
    return subprocess.run(program, input=given, capture_output=True, text=True, timeout=60, cwd="/")


def test_scans_in_outcomes_out(floor, cortex):
    station = floor.station([cortex().place()])
    said = {"badge": "OP-7", "order": "WO-7", "unit": "SN-1", "revision": "B"}
    lines = "\n".join(["not json", "[" * 8000, json.dumps(said), json.dumps({**said, "more": 1})]) + "\n"
    done = command(station.home.folder, "run", given=lines)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["result"] for one in found] == ["refused", "refused", "pass", "refused"]
    assert [one["reason"] for one in found] == ["station.scan_line", "station.scan_line", "", "kernel.document_field"]
    status = json.loads(command(station.home.folder, "status").stdout)
    assert (status["waiting"], status["alarm"], status["permits"][0]["passed"]) == (1, None, 1)


def test_an_alarm_is_released_by_a_badge_on_standard_input(floor, cortex):
    station = floor.station([cortex().place()])
    wrong = json.dumps({"badge": "OP-7", "order": "WO-8", "unit": "SN-1", "revision": "B"})
    command(station.home.folder, "run", given=wrong + "\n")
    refused = command(station.home.folder, "release", "--why", "x", given="OP-7\n")
    assert refused.returncode == 4 and "station.may_not_release" in refused.stderr
    assert command(station.home.folder, "release", "--why", "order swapped", given="QL-1\n").returncode == 0
    assert json.loads(command(station.home.folder, "status").stdout)["alarm"] is None


def test_a_station_without_sockets_says_so(floor):
    station = floor.station([])
    said = {"badge": "OP-7", "order": "WO-7", "unit": "SN-1", "revision": "B"}
    done = command(station.home.folder, "run", given=json.dumps(said) + "\n")
    assert json.loads(done.stdout)["reason"] == "station.no_socket"


def test_a_second_agent_in_the_same_folder_is_refused(floor, cortex):
    station = floor.station([cortex().place()])
    with open(station.home.folder / "agent.lock", "ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = command(station.home.folder, "run")
    assert (done.returncode, "station.agent_runs" in done.stderr) == (4, True)


def test_close_prints_the_end_certificate(floor, cortex):
    station = floor.station([cortex().place()])
    done = command(station.home.folder, "close", PERMIT_ID)
    end = permits.open_end(done.stdout.encode(), permit=station.home.permit(PERMIT_ID, station.ledger.now()))
    assert (end.closed, end.spent) == (True, 0)
    assert command(station.home.folder, "close", PERMIT_ID).returncode == 4


def test_a_damaged_ledger_stops_the_start_with_a_sentence(floor, cortex):
    station = floor.station([cortex().place()])
    (station.home.folder.with_name("ST-01-anchor") / "asbuilt-station.anchor").write_text("{")
    done = command(station.home.folder, "run")
    assert done.returncode == 7
    assert "is damaged" in done.stderr and "Traceback" not in done.stderr


def test_init_makes_keys_that_only_their_user_reads(tmp_path):
    words = ["init", "--station", "ST-9", "--site", "X", "--ems", "EMS-1", "--anchor", str(tmp_path / "second")]
    done = command(tmp_path / "home", *words)
    said = json.loads(done.stdout)
    assert "PUBLIC KEY" in said["public"] and "PRIVATE" not in done.stdout
    assert {(tmp_path / "home" / name).stat().st_mode & 0o777 for name in ("station.pem", "transfer.pem")} == {0o600}


def test_the_agent_imports_no_django():
    code = "import asbuilt.station.main, asbuilt.station.screen, asbuilt.station.sync, sys; print([m for m in sys.modules if m.startswith(('django', 'ninja'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.strip() == "[]", done.stderr


def test_programmers_say_what_is_not_verified(tmp_path):
    lines = command(tmp_path, "programmers").stdout.splitlines()
    notes = {json.loads(line)["programmer"]: json.loads(line)["note"] for line in lines}
    assert {name for name, note in notes.items() if note} == {"openocd", "pyocd", "jlink", "stm32cubeprogrammer"}
    assert set(notes.values()) == {"", "not verified on hardware"}
