"""The folder watch: each file taken once and whole, moved out of the way, whatever kills the watch and whenever."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from foreign_machines import AOI_MAPPING, OVEN, OVEN_MAPPING, aoi, oven

HEAD = "\r\n".join(OVEN.split("\r\n")[:3]) + "\r\n"
ROW = "S{0:05};WO-9;01.03.2027 08:{1:02}:{2:02};01.03.2027 09:00:00;i.O.;23{3},40;82;L1;045;\r\n"


def file_of(number: int, rows: int = 2) -> bytes:
    """A file of the oven with rows about units of its own."""
    first = number * rows + 1
    return oven(HEAD + "".join(ROW.format(first + n, number % 60, n, number % 10) for n in range(rows)))


@pytest.fixture
def folder(line, actor, tmp_path):
    """A folder to watch; both machines have a mapping."""
    from asbuilt.built.messages.mapping import say_mapping

    for mapping in (OVEN_MAPPING, AOI_MAPPING):
        say_mapping(actor, mapping)
    place = tmp_path / "drop"
    place.mkdir()
    return place


def start(home, folder, *words: str, settle: float = 0.05) -> subprocess.Popen:
    command = [
        sys.executable,
        "-m",
        "asbuilt.doors.cli.main",
        "machines",
        "watch",
        str(folder),
        "--settle",
        str(settle),
        *words,
    ]
    return subprocess.Popen(command, env=home.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def once(home, folder, *words: str) -> tuple[dict, str]:
    out, told = start(home, folder, "--once", *words).communicate(timeout=120)
    return json.loads(out.splitlines()[-1]), told


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def moved(folder) -> int:
    return len(names(folder / "taken")) + len(names(folder / "refused"))


def runs() -> int:
    from asbuilt.storage import reading

    return reading.fetch_one("SELECT count(*) FROM production_process_run")[0]


def findings(actor) -> list:
    from asbuilt.ledger.verifying import verify

    return [(one.code, one.what) for one in verify(actor.tenant).findings]


def test_files_are_taken_or_refused_with_the_reason(home, folder, actor):
    (folder / "OFEN_1.csv").write_bytes(file_of(1))
    (folder / "OFEN_2.csv").write_bytes(file_of(2).replace(b"232,40", b"hot"))
    (folder / "board.json").write_bytes(aoi())
    (folder / "notes.txt").write_bytes(b"hello")
    for left_alone in (".hidden.csv", "OFEN_3.csv.part", "OFEN_3.tmp"):
        (folder / left_alone).write_bytes(b"half")
    (folder / "OFEN_link.csv").symlink_to(folder / "OFEN_1.csv")
    (folder / "sub").mkdir()
    done, told = once(home, folder)
    assert (done["taken"], done["refused"], done["left"]) == (2, 2, [])
    assert names(folder / "taken") == ["OFEN_1.csv", "board.json"]
    assert names(folder / "refused") == ["OFEN_2.csv", "OFEN_2.csv.why.txt", "notes.txt", "notes.txt.why.txt"]
    why = (folder / "refused" / "OFEN_2.csv.why.txt").read_text()
    assert why.startswith("tables.rows_refused") and "line 4" in why and "Zone 5 [°C]" in why
    assert "notes.txt" in told and "board.json" in told
    left = {".hidden.csv", "OFEN_3.csv.part", "OFEN_3.tmp", "OFEN_link.csv", "sub", "taken", "refused"}
    assert set(names(folder)) == left
    assert runs() == 2 and findings(actor) == []


def test_a_name_that_lies_there_already_is_kept(home, folder):
    for number in (1, 2, 3):
        (folder / "OFEN_1.csv").write_bytes(file_of(number))
        once(home, folder)
    (folder / "OFEN_1.csv").write_bytes(file_of(2))
    assert once(home, folder)[0]["known"] == 1
    assert names(folder / "taken") == ["OFEN_1.1.csv", "OFEN_1.2.csv", "OFEN_1.3.csv", "OFEN_1.csv"]
    assert [(folder / "taken" / one).read_bytes() for one in names(folder / "taken")] == [
        file_of(2), file_of(3), file_of(2), file_of(1)
    ]  # fmt: skip
    assert runs() == 6


def test_a_file_killed_between_link_and_unlink_is_moved_once(home, folder):
    (folder / "OFEN_1.csv").write_bytes(file_of(1))
    (folder / "taken").mkdir()
    os.link(folder / "OFEN_1.csv", folder / "taken" / "OFEN_1.csv")
    once(home, folder)
    assert names(folder) == ["taken"] and names(folder / "taken") == ["OFEN_1.csv"] and runs() == 2


def test_a_file_that_grows_waits(home, folder):
    watched = start(home, folder, settle=0.5)
    path, whole = folder / "OFEN_1.csv", file_of(1, rows=40)
    with open(path, "wb", buffering=0) as out:
        for at in range(0, len(whole), 97):
            out.write(whole[at : at + 97])
            time.sleep(0.03)
    deadline = time.monotonic() + 60
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    watched.send_signal(signal.SIGTERM)
    out, _ = watched.communicate(timeout=60)
    assert watched.returncode == 0
    done = json.loads(out.splitlines()[-1])
    assert not path.exists() and done["taken"] >= 1 and runs() == 40


def test_a_file_that_is_written_to_after_it_was_moved_is_read_anew(home, folder):
    watched = start(home, folder, settle=0.2)
    with open(folder / "OFEN_1.csv", "wb", buffering=0) as out:
        out.write(file_of(1, rows=2))
        while not (folder / "taken" / "OFEN_1.csv").exists():
            time.sleep(0.05)
        out.write(ROW.format(77, 1, 1, 1).encode("cp1252"))
    deadline = time.monotonic() + 60
    while runs() < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    watched.send_signal(signal.SIGTERM)
    _, told = watched.communicate(timeout=60)
    assert runs() == 3 and "was written to after it was moved" in told
    assert names(folder / "taken") == ["OFEN_1.csv"]


def test_a_file_killed_between_record_and_move_is_only_moved(home, folder, actor):
    from asbuilt.built.messages.machine_files import record_file

    for name, content in (("OFEN_1.csv", file_of(1)), ("x.txt", b"x")):
        (folder / name).write_bytes(content)
        record_file(actor, name, content)
    done, _ = once(home, folder)
    assert (done["taken"], done["known"], done["refused"]) == (0, 1, 1) and runs() == 2
    assert names(folder / "taken") == ["OFEN_1.csv"] and names(folder / "refused") == ["x.txt", "x.txt.why.txt"]


@pytest.mark.parametrize("seed", [1])
def test_killed_at_any_moment_no_file_is_lost_and_none_doubled(home, folder, actor, seed):
    """kill -9 again and again while files arrive; every 7th cannot be read. At the end each lies in one place, recorded once."""
    print("seed", seed)
    chance, total, killed, number = random.Random(seed), 60, 0, 0
    bad = {n for n in range(total) if n % 7 == 3}
    while number < total or killed < 15:
        for _ in range(chance.randint(3, 6)):
            if number < total:
                content = file_of(number) if number not in bad else file_of(number).replace(b"82;L1", b"fast;L1")
                half = folder / f".OFEN_{number:03}.csv"
                half.write_bytes(content)
                half.rename(folder / f"OFEN_{number:03}.csv")
                number += 1
        before, deadline = moved(folder), time.monotonic() + 5
        watched = start(home, folder)
        while moved(folder) == before and time.monotonic() < deadline:  # so that the kill falls into the work
            time.sleep(0.002)
        time.sleep(chance.random() * 0.1)
        watched.kill()
        watched.communicate()
        killed += 1
    assert killed >= 15
    once(home, folder)
    assert names(folder) == ["refused", "taken"]
    assert names(folder / "taken") == [f"OFEN_{n:03}.csv" for n in range(total) if n not in bad]
    refused = [f"OFEN_{n:03}.csv{end}" for n in sorted(bad) for end in ("", ".why.txt")]
    assert [name for name in names(folder / "refused") if not name.startswith(".")] == refused
    assert runs() == 2 * (total - len(bad))
    from asbuilt.built.messages.refused_files import machine_files

    found = machine_files(actor)
    assert len(found) == total and {one.name for one in found if one.use == "refused"} == set(refused[::2])
    assert findings(actor) == []


def test_two_watches_take_each_file_once(home, folder, actor):
    for number in range(12):
        (folder / f"OFEN_{number:03}.csv").write_bytes(file_of(number))
    both = [start(home, folder, "--once") for _ in range(2)]
    done = [json.loads(one.communicate(timeout=120)[0].splitlines()[-1]) for one in both]
    once(home, folder)
    assert len(names(folder / "taken")) == 12 and runs() == 24 and sum(one["taken"] for one in done) <= 12
    assert findings(actor) == []


def test_a_folder_that_is_not_there(home, folder):
    missing = start(home, folder / "none", "--once")
    _, told = missing.communicate(timeout=60)
    assert missing.returncode == 3 and "There is no folder" in told


def test_results_of_testers_are_taken_by_what_stands_in_them(home, line, actor, tmp_path):
    """No mapping names an .xml or a .log; the files are known by their content."""
    import result_files

    place = tmp_path / "drop"
    place.mkdir()
    for kind, (name, content) in result_files.whole_files().items():
        (place / f"{kind}-{name}").write_bytes(content)
    (place / "other.xml").write_bytes(b"<a/>")
    done, told = once(home, place)
    assert (done["taken"], done["refused"]) == (5, 1), told
    assert len(names(place / "taken")) == 5 and "other.xml" in names(place / "refused")
