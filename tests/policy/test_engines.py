"""Which tests say the same on both engines, and so run on SQLite only: files of doors with `pytestmark = pytest.mark.once`.

A door has no SQL of its own: it takes words, calls one verb or one question, and shows what came back. What stands below it is tested by
its room's own files, on both engines. A file of a door stays on both where it touches locks, other processes on the same record, backups,
the check of the record, or rows; and where it is the only one that reaches a statement below (counted when the mark was given).
"""

import re

from test_house import ROOT, SOURCE

MARK = re.compile(r"^pytestmark = pytest\.mark\.once$", re.MULTILINE)
MARKED = [file for file in sorted((ROOT / "tests").rglob("test_*.py")) if MARK.search(file.read_text(encoding="utf-8"))]
DOORS = ("web", "cli")
OF_ENGINES = re.compile(
    r"place_of_another_process|another_home|try_lock|write_tx|storage import|\breading\.|\bbulk\.|\bconnections?\b|\bcursor\(|"
    r"\"verify\"|backup|restore|\bkill|Thread|Popen|home\.url|psycopg"
)
SQL = re.compile(
    r"\breading\.(fetch|stream)|\bbulk\.|\.objects\b|\bcursor\(|\bconnections\[|\bwrite_tx|\btry_lock|\bSELECT\b"
)


def test_only_files_of_doors_run_once():
    assert MARKED
    assert [str(file) for file in MARKED if file.relative_to(ROOT / "tests").parts[0] not in DOORS] == []


def test_what_runs_once_touches_nothing_that_engines_differ_in():
    found = [
        f"{file.name}:{number} {line.strip()}"
        for file in MARKED
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if OF_ENGINES.search(line)
    ]
    assert found == []


def test_a_door_has_no_sql_of_its_own():
    found = {
        str(file.relative_to(SOURCE / "doors"))
        for file in (SOURCE / "doors").rglob("*.py")
        if SQL.search(file.read_text(encoding="utf-8"))
    }
    # one asks the database whether it is there, the other which migrations it has
    assert found == {"web/entrance.py", "cli/record.py"}


def test_each_door_is_tried_on_both_engines_too():
    for door in DOORS:
        files = set((ROOT / "tests" / door).glob("test_*.py"))
        assert files - set(MARKED), door
