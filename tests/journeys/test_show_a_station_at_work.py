"""`script/run` shows a station at work on the example factory: what it prints, what the record says, and that the stories stay true."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSED, STOPPED = ["MB-061068", "MB-061069", "MB-061070"], "MB-056001"


def shown(place, folder: Path, **env) -> subprocess.CompletedProcess:
    words = [sys.executable, str(ROOT / "examples" / "station_at_work.py"), str(folder)]
    return subprocess.run(words, env={**place.env(), **env}, capture_output=True, text=True, timeout=120)


def told(place, *words: str) -> dict:
    program = str(Path(sys.executable).with_name("asbuilt"))
    done = subprocess.run([program, *words, "--format", "json"], env=place.env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked(question: str) -> dict:
    """The answer in this process, which is on the same home."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.questions.genealogy.answering import answers

    return answers.ask(local_system(tenant_of_slug("main").number), question, serials=True).as_dict()


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "shown"


def test_boards_are_programmed_one_is_locked_out_and_the_stories_stay_true(example_copy, folder):
    first = shown(example_copy, folder)
    assert first.returncode == 0, first.stderr
    lines = [line.split() for line in first.stdout.splitlines()]
    assert [line[1] for line in lines if line[:1] == ["PASS"]] == PASSED
    (stop,) = [line for line in first.stdout.splitlines() if line.strip().startswith("STOP")]
    assert STOPPED in stop and "The unit is of revision A, the permit is for B." in stop and "Take the unit out" in stop
    # the table: unit, version, time, operator, result
    rows = {line[0]: line for line in lines if line[:1] and line[0] in PASSED and len(line) == 6}
    assert set(rows) == set(PASSED)
    assert {(*row[1:3], row[5]) for row in rows.values()} == {("app", "4.0.0", "pass")}
    assert len({row[4] for row in rows.values()}) == 1 and all(row[3].endswith("Z") for row in rows.values())

    station = told(example_copy, "station", "show", "PROG-9")
    assert (station["alarms_open"], station["unplaced"]) == (0, 0)
    records = station["records"]
    # three passes, the alarm and its release; each proven by our own hash of what was read back
    assert sorted(one["result"] for one in records) == ["alarm", "pass", "pass", "pass", "release"]
    for one in records:
        assert one["result"] != "pass" or one["images"][0]["read_back_sha256"] == one["images"][0]["sha256"]
    # examples/README.md, counted by tests/journeys/independent_count.py
    assert asked("firmware:2.3.1 product:EG-200")["affected"]["certain"] == 5_001
    oven = asked("passed:OVEN-2@2027-03-15..2027-03-17")["affected"]
    assert (oven["certain"], oven["possible"]) == (1_249, 529)
    assert asked("firmware:4.0.0")["affected"] == {"certain": 3, "possible": 0, "unrecorded": 0}
    found = asked("station:PROG-9")["serials"]
    assert [one["serial"] for one in found] == PASSED

    private = [file for file in folder.iterdir() if (folder / f"{file.name}.pub").exists()]
    assert len(private) == 6 and {file.stat().st_mode & 0o777 for file in private} == {0o600}
    again = shown(example_copy, folder)
    assert again.returncode == 0, again.stderr
    assert (
        "PASS" not in again.stdout
        and again.stdout.splitlines()[1:] == first.stdout[first.stdout.index("asbuilt station show") :].splitlines()[1:]
    )


def test_a_home_with_a_trust_store_of_its_own_is_left_alone(home, actor, folder):
    import signers

    from asbuilt.designed.firmware.actions import set_trust_store

    store = signers.store()
    set_trust_store(actor, document=signers.store_file(store), pin=store.sha256)
    done = shown(home, folder)
    assert done.returncode == 0 and "a trust store of its own" in done.stdout and not folder.exists()
    assert len(told(home, "firmware", "trust", "list")["versions"]) == 1


def test_without_flashrom_one_sentence_says_how_to_get_it(home, folder):
    done = shown(home, folder, PATH=str(Path(sys.executable).parent))
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert "needs flashrom" in line and "apt-get install flashrom" in line and not folder.exists()


def test_a_show_that_broke_off_says_so(home, folder):
    folder.mkdir()
    done = shown(home, folder)
    assert done.returncode == 0 and "do not go together" in done.stdout and list(folder.iterdir()) == []
