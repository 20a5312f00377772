"""`asbuilt import --kind cfx` and `asbuilt machines`: files of messages, what became of them, what could not be recorded."""

import csv
import gzip
import json

import pytest
from machine_floor import PLACER, completed, panel_run, payload, tables


@pytest.fixture
def line(asbuilt, tmp_path):
    """asbuilt, with the tables of the line loaded."""
    place = tmp_path / "line"
    place.mkdir()
    for name, found in tables().items():
        with open(place / f"{name}.csv", "w", newline="") as out:
            writer = csv.DictWriter(out, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    assert asbuilt("import", place).code == 0
    return asbuilt


def said(line, *words) -> dict:
    done = line(*words, "--format", "json")
    assert done.code == 0, done.err
    return done.document


def test_a_file_an_array_a_gzip_and_a_folder(line, tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    first, second, third = panel_run(1, "PNL-1")
    (drop / "1.json").write_bytes(payload(first))
    (drop / "2.json.gz").write_bytes(gzip.compress(payload(second, third)))
    (drop / "notes.txt").write_text("not a message")
    one = said(line, "import", drop / "1.json", "--kind", "cfx")["files"]
    assert [(file["file"], file["used"]) for file in one] == [("1.json", 1)]
    files = said(line, "import", drop, "--kind", "cfx")["files"]
    assert [(file["file"], file["used"], file["already_there"]) for file in files] == [
        ("1.json", 0, 1),
        ("2.json.gz", 2, 0),
    ]
    assert said(line, "ask", "lot:LR1")["affected"]["certain"] == 4
    assert line("ledger", "verify").code == 0


def test_what_could_not_be_recorded(line, tmp_path):
    file = tmp_path / "odd.json"
    file.write_bytes(payload(completed("T-1"), {**completed("T-2"), "MessageName": "CFX.Odd.Thing"}))
    (told,) = said(line, "import", file, "--kind", "cfx")["files"]
    assert (told["dead_letters"], told["kept"], told["causes"]) == (1, 1, {"messages.pass_unknown": 1})
    assert told["not_used"] == {"CFX.Odd.Thing": 1}
    listed = said(line, "machines", "dead-letters")
    (one,) = listed["dead_letters"]
    assert listed["causes"] == {"messages.pass_unknown": 1}
    assert json.loads(line("machines", "show", one["message"]).out)["MessageBody"]["TransactionID"] == "T-1"
    assert said(line, "machines", "retry")["still"] == 1
    assert line("machines", "retry", "0" * 32).code == 3
    assert (
        said(line, "machines", "reread-messages", "--reason", "r", "--since", "2027-03-01T00:00:00Z")["entries"] == []
    )
    assert line("machines", "reread-messages", "--reason", "r", "--until", "then").code == 2
    (machine,) = said(line, "machines", "list")["machines"]
    assert (machine["handle"], machine["uses"]) == (PLACER, {"dead": 1, "kept": 1})


def test_a_machine_is_named(line, tmp_path):
    assert line("machines", "name", PLACER, "--machine", "NXT-1", "--step", "PLACE").code == 0
    (tmp_path / "run.json").write_bytes(payload(*panel_run(1, "PNL-1")))
    assert line("import", tmp_path / "run.json", "--kind", "cfx").code == 0
    assert said(line, "ask", "passed:NXT-1")["affected"]["certain"] == 4


def test_nothing_there(line, tmp_path):
    assert line("import", tmp_path / "none.json", "--kind", "cfx").code == 3
    (tmp_path / "empty").mkdir()
    assert line("import", tmp_path / "empty", "--kind", "cfx").code == 3


def test_a_file_that_is_no_message_is_a_dead_letter(line, shared_data):
    broken = shared_data / "ems" / "cfx" / "MaterialsInstalled.upstream-invalid.txt"
    (told,) = said(line, "import", broken, "--kind", "cfx")["files"]
    assert told["causes"] == {"cfx.not_json": 1}


def test_listening_needs_a_place(line):
    assert line("machines", "listen").code == 2
    assert line("machines", "listen", "--broker", "amqp://nowhere").code == 2
    assert line("machines", "listen", "--at", "127.0.0.1:1", "--from", "/queue/x").code == 2
