"""`asbuilt import` and `export`: tables, BOM files of CAD tools, and what is refused."""

import csv

import pytest

pytestmark = pytest.mark.once


def test_a_folder_goes_in_and_the_second_time_changes_nothing(asbuilt, tables):
    (tables / "notes.txt").write_text("not a table")
    first = asbuilt("import", tables, "--format", "json")
    assert first.code == 0
    assert [file["stored"] for file in first.document["files"]] == [3, 1, 1, 1, 1, 4, 1, 1]
    assert first.document["left_alone"] == ["notes.txt"]
    second = asbuilt("import", tables, "--format", "json")
    assert second.code == 0
    assert [file["stored"] for file in second.document["files"]] == [0] * 8


def test_every_wrong_row_is_named_and_the_files_before_stay(asbuilt, tables):
    rows = ["order,serial,panel,position", "WO-1,S1,,", "WO-9,S2,,", "WO-1,S1,,", "WO-1,,,"]
    (tables / "units.csv").write_text("\n".join(rows) + "\n")
    said = asbuilt("import", tables, "--format", "json")
    assert said.code == 2
    assert {row["line"] for row in said.document["errors"]} == {3, 4, 5}
    assert {row["file"] for row in said.document["errors"]} == {"units.csv"}
    assert [file["file"] for file in said.document["files"]] == [
        "parties.csv", "parts.csv", "bom.csv", "lots.csv", "orders.csv",
    ]  # fmt: skip
    for line in (3, 4, 5):
        assert f"units.csv line {line}" in said.err
    assert asbuilt("ask", "order:WO-1 -in:planned", "--format", "json").document["affected"]["certain"] == 0


def test_a_change_of_what_was_loaded_is_a_conflict(asbuilt, tables):
    asbuilt("import", tables)
    text = (tables / "lots.csv").read_text().replace(",5000,", ",4000,")
    (tables / "lots.csv").write_text(text)
    said = asbuilt("import", tables / "lots.csv")
    assert said.code == 4
    assert "lots.csv line 2, package: Package PK1" in said.err and "`asbuilt correct`" in said.err
    told = asbuilt("import", tables / "lots.csv", "--format", "json").document
    assert [(row["file"], row["line"], row["value"]) for row in told["errors"]] == [("lots.csv", 2, "PK1")]
    assert (told["code"], told["total"]) == ("tables.contradicts", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["nowhere"], 3, "cli.no_file"),
        (["units.csv", "--kind", "unit"], 2, "exchange.kind_unknown"),
        (["strange.csv"], 2, "exchange.kind_unknown"),
        (["board.csv", "--kind", "bom"], 2, "cli.bom_of_what"),
    ],
)
def test_what_it_cannot_load_it_names(asbuilt, tables, arguments, code, error):
    (tables / "strange.csv").write_text("a,b\n1,2\n")
    (tables / "board.csv").write_text("Designator,Comment,Footprint\nR1,10k,0402\n")
    said = asbuilt("import", *arguments, cwd=tables)
    assert (said.code, said.out) == (code, "")
    assert f"[{error}]" in said.err


def test_export_gives_tables_that_give_the_same_answer(asbuilt, tables, tmp_path):
    asbuilt("import", tables)
    said = asbuilt("export", tmp_path / "out", "--format", "json")
    assert said.code == 0
    assert said.document["rows"]["units"] == 4
    assert asbuilt("export", tmp_path / "out").code == 4
    for name in ("units.csv", "lots.csv"):
        ours = list(csv.DictReader((tmp_path / "out" / name).read_text().splitlines()))
        theirs = list(csv.DictReader((tables / name).read_text().splitlines()))
        wanted = [column for column in theirs[0] if not column.endswith("_at")]
        assert [[row[c] for c in wanted] for row in ours] == [[row[c] for c in wanted] for row in theirs]


class TestBomOfAnotherTool:
    """The Glasgow board as KiCad wrote it: 57 lines, 234 pieces, ten designators not placed, counted in its own file."""

    @pytest.fixture
    def board(self, shared_data):
        return shared_data / "ems/boms/dev/glasgow-revC3"

    @pytest.fixture
    def version(self):
        return ["--kind", "bom", "--product", "GLASGOW", "--revision", "C3", "--bom-version", "1"]

    def test_unknown_parts_are_listed_with_the_way_out(self, asbuilt, board, version):
        said = asbuilt("import", board / "bom.csv", *version)
        assert said.code == 2
        assert "--add-parts" in said.err
        assert "catalog.part_unknown" not in said.out
        assert said.err.count("There is no part") > 20

    def test_with_its_parts_it_goes_in(self, asbuilt, board, version, tmp_path):
        with open(board / "bom.csv", newline="") as stream:
            placed = [row for row in csv.DictReader(stream, skipinitialspace=True) if not row["DNP"]]
        words = [*version, "--add-parts", "--placement", board / "pos.csv", "--format", "json"]
        said = asbuilt("import", board / "bom.csv", *words)
        assert said.code == 0, said.err
        assert (said.document["tool"], said.document["lines"], said.document["stored"]) == (
            "KiCad",
            len(placed),
            len(placed),
        )
        assert any("J10" in text and "left out" in text for text in said.document["warnings"])
        again = asbuilt("import", board / "bom.csv", *words)
        assert (again.document["stored"], again.document["known"]) == (0, len(placed))
        asbuilt("export", tmp_path / "out")
        with open(tmp_path / "out" / "bom.csv", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert sum(int(row["quantity"]) for row in rows) == sum(int(row["Quantity"]) for row in placed)
        assert {r for row in rows for r in row["refdes"].split()} == {
            r for row in placed for r in row["Reference"].split()
        }

    def test_another_bom_under_the_same_version_is_a_conflict(self, asbuilt, board, version, tmp_path):
        assert asbuilt("import", board / "bom.csv", *version, "--add-parts").code == 0
        lines = (board / "bom.csv").read_text().splitlines(keepends=True)
        (tmp_path / "bom.csv").write_text("".join(lines[:1] + lines[2:]))
        # the first line is gone, so every line that follows has another number
        said = asbuilt("import", tmp_path / "bom.csv", *version, "--add-parts")
        assert said.code in (2, 4)
        assert "nothing was stored" in said.err or "recorded before" in said.err

    def test_a_part_is_found_by_its_mpn(self, asbuilt, tables, tmp_path):
        asbuilt("import", tables)
        (tmp_path / "board.csv").write_text("Designator,Quantity,MPN,Manufacturer\nR7,1,RC0402,Yageo\n")
        words = ["--kind", "bom", "--product", "NEW", "--revision", "A", "--bom-version", "1"]
        assert asbuilt("import", tmp_path / "board.csv", *words).code == 0
        asbuilt("export", tmp_path / "out")
        assert "NEW,A,1,1,R-10K,1,R7" in (tmp_path / "out" / "bom.csv").read_text()


def test_warnings_that_differ_in_numbers_only_are_told_once(asbuilt, tables):
    asbuilt("import", tables)
    tests = tables / "tests.csv"
    rows = [f"S{n % 4 + 1},ICT,1,T1,,pass,2999-03-18T08:{n:02}:00Z,2999-03-18T08:{n:02}:30Z," for n in range(60)]
    header = "serial,plan,plan_version,station,operator,outcome,started_at,finished_at,measurements"
    tests.write_text("\n".join([header, *rows]) + "\n")
    copy = tables / "copy.csv"
    copy.write_text("\n".join([header, *rows, rows[0].replace("T1", "T2").replace("08:00", "09:00")]) + "\n")
    said = asbuilt("import", tests)
    assert said.err.splitlines() == [
        "tests.csv line 2: 2999-03-18T08:00:30Z lies ahead of the clock here. The same of 59 more rows."
    ]
    told = asbuilt("import", copy, "--kind", "tests", "--format", "json")
    (file,) = told.document["files"]
    assert (file["warnings_total"], len(file["warnings"]), told.err) == (61, 61, "") and "alike" not in file


def test_what_was_loaded_stands_in_the_file_and_not_beside_it(asbuilt_unopened, empty_home, tables):
    """A reader that closed last left a loaded factory in the WAL, where the next process looked each page up."""
    assert asbuilt_unopened("init").code == 0
    assert asbuilt_unopened("import", tables).code == 0
    beside = empty_home.folder / "asbuilt.sqlite3-wal"
    assert (empty_home.folder / "asbuilt.sqlite3").exists() and not (beside.exists() and beside.stat().st_size)
