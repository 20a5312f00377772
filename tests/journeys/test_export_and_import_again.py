"""`export`, then `import` into an empty home: the same rows, the same answers, and nothing that was withdrawn."""

import csv

import independent_count as count
from commands import answers_of, run, run_json

QUESTIONS = (
    "firmware:2.3.1 product:EG-200", "passed:OVEN-2@2027-03-15..2027-03-17", "lot:2EKR1", "lot:6B15", "ever:(lot:2EKR1)",
    "lot:27A0418", "firmware:radio/1.8.0", "test:failed", "reworked", "in:stock", "-product:EG-200 customer:DISTX",
    "contains:(lot:6B15)", "order:WO-1098",
)  # fmt: skip


def answers(place) -> dict[str, dict]:
    """What does not depend on the log and the clock, question by question."""
    return answers_of(place, QUESTIONS, ("affected", "finished", "by", "gaps", "notes", "serials"))


def rows_of(folder) -> dict[str, list]:
    """Every table of a folder as sorted rows of its non-empty cells."""
    found = {}
    for file in folder.glob("*.csv"):
        with open(file, encoding="utf-8", newline="") as stream:
            found[file.stem] = sorted(sorted((k, v) for k, v in row.items() if v) for row in csv.DictReader(stream))
    return found


def test_export_then_import_into_an_empty_home(example_copy, no_home, tmp_path):
    run(example_copy, "export", tmp_path / "out")
    run(no_home, "init")
    run(no_home, "import", tmp_path / "out")
    assert answers(no_home) == answers(example_copy)
    run(no_home, "export", tmp_path / "again")
    assert rows_of(tmp_path / "again") == rows_of(tmp_path / "out")
    assert {name: len(rows) for name, rows in rows_of(tmp_path / "out").items() if rows} == {
        path.stem: len(count.table(path.stem)) for path in count.FOLDER.glob("*.csv")
    }


def test_an_export_loaded_at_home_changes_nothing(example_copy, tmp_path):
    before = answers(example_copy)
    run(example_copy, "export", tmp_path / "out")
    reports = run_json(example_copy, "import", tmp_path / "out")["files"]
    assert {file["table"]: file["stored"] for file in reports if file["stored"]} == {}
    assert answers(example_copy) == before
