"""`asbuilt machines map`, `try`, `files`, `retry-files` and `asbuilt import --kind machine`, as people type them."""

import csv
import json

import pytest
from foreign_machines import OVEN, OVEN_COLUMNS, OVEN_MAPPING, oven
from machine_floor import tables

from asbuilt.formats.file_mappings import columns_as_text

pytestmark = pytest.mark.once

WORDS = (
    "machines", "map", "add", "OVEN-2", "--pattern", "OFEN_*.csv", "--encoding", "cp1252", "--delimiter", "semicolon",
    "--header", "3", "--decimal", "comma", "--time-format", "%d.%m.%Y %H:%M:%S", "--time-zone", "Europe/Vienna",
    *(word for line in columns_as_text(OVEN_MAPPING["columns"]).splitlines() for word in ("--column", line)),
)  # fmt: skip


@pytest.fixture
def line(asbuilt, tmp_path):
    """asbuilt, with the tables of the line loaded and the oven mapped."""
    place = tmp_path / "line"
    place.mkdir()
    for name, found in tables().items():
        with open(place / f"{name}.csv", "w", newline="") as out:
            writer = csv.DictWriter(out, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    assert asbuilt("import", place).code == 0
    done = asbuilt(*WORDS)
    assert done.code == 0, done.err
    return asbuilt


def test_a_mapping_is_added_shown_and_changed(line):
    (one,) = line("machines", "map", "show", "--format", "json").document["mappings"]
    assert json.loads(one["columns"]) == OVEN_COLUMNS and one["time_zone"] == "Europe/Vienna"
    shown = line("machines", "map", "show", "OVEN-2").out
    assert "result = Ergebnis | i.O.=completed, n.i.O.=failed" in shown and one["version"] in shown
    assert line("machines", "map", "show", "NONE").out == ""
    changed = [*WORDS[:-2], "--decimal", "point"]
    done = line(*changed)
    assert done.code == 2 and "needs a reason" in done.err
    assert line(*changed, "--reason", "a new oven").code == 0
    assert line(*WORDS[:-1], "nonsense").code == 2


def test_columns_may_stand_in_a_file(line, tmp_path):
    file = tmp_path / "oven-3.txt"
    file.write_text(columns_as_text(OVEN_MAPPING["columns"]), encoding="utf-8-sig")
    words = [word if word != "OVEN-2" else "OVEN-3" for word in WORDS[: WORDS.index("--column")]]
    assert line(*words, "--columns", file).code == 0
    (one,) = line("machines", "map", "show", "OVEN-3", "--format", "json").document["mappings"]
    assert json.loads(one["columns"]) == OVEN_COLUMNS
    assert line(*words, "--columns", tmp_path / "none.txt").code == 3
    assert line(*words).code == 2


def test_a_file_is_tried_imported_and_retried(line, tmp_path):
    file = tmp_path / "OFEN_17.csv"
    file.write_bytes(oven(OVEN.replace("SN3", "SN77").replace("236,10", "hot")))
    tried = line("machines", "try", file)
    assert tried.code == 0 and "hot" in tried.out and "SN77" in tried.out and "Nothing was stored" in tried.err
    assert line("machines", "try", file, "--format", "json").document["wrong_total"] == 1
    refused = line("import", file, "--kind", "machine", "--format", "json")
    assert refused.code == 2
    assert (
        refused.document["code"] == "messages.file_refused"
        and refused.document["file"]["cause"] == "tables.rows_refused"
    )
    (one,) = line("machines", "files", "--refused", "--format", "json").document["files"]
    assert one["name"] == "OFEN_17.csv" and "OFEN_17.csv" in line("machines", "files").out
    assert line("machines", "retry-files", one["file"][:12], "--format", "json").document["still"] == 1
    assert "1 are refused still" in line("machines", "retry-files").err
    file.write_bytes(oven())
    done = line("import", file, "--kind", "machine", "--machine", "OVEN-2")
    assert done.code == 0 and "taken" in done.out
    assert "taken before" in line("import", file, "--kind", "machine").out
    asked = line("ask", "reading:OVEN-2.zone5>260", "--format", "json").document
    assert asked["affected"]["certain"] == 1
    assert line("machines", "try", tmp_path / "none.csv").code == 3
    assert line("import", file, "--kind", "machine", "--machine", "NONE").code == 0  # the bytes were taken before


def test_mappings_are_exported(line, tmp_path):
    assert line("export", tmp_path / "out").code == 0
    assert "OFEN_*.csv" in (tmp_path / "out" / "mappings.csv").read_text(encoding="utf-8")


def test_a_taken_file_is_read_anew(line, tmp_path):
    file = tmp_path / "OFEN_17.csv"
    file.write_bytes(oven())
    seen = line("import", file, "--kind", "machine", "--format", "json").document
    changed = [*WORDS, "--column", "program = Gerät", "--reason", "the program is the device's"]
    changed = [word for word in changed if not word.startswith('program = "')]
    del changed[changed.index("--column", changed.index('step = "REFLOW"'))]
    assert line(*changed).code == 0
    done = line("machines", "reread", seen["file"][:10], "--reason", "so", "--format", "json").document["files"]
    assert [(one["withdrawn"], one["stored"]) for one in done] == [(3, 3)]
