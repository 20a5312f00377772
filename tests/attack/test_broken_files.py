"""Broken files and hostile questions: each is refused as designed, with its place, and nothing of it is stored."""

import time
import tomllib
from pathlib import Path

import pytest
from plant import SHA, everything, files_of, one, plant, rows

from asbuilt.built.exchange.actions import import_file, import_folder
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotFound

BAD = Path(__file__).parents[1] / "corpus" / "bad"
STORIES = tomllib.loads((BAD / "expected.toml").read_text())


@pytest.fixture
def loaded(load):
    """The plant, loaded."""
    load(plant())


def refused(call, kind=Invalid) -> AsbuiltError:
    """The refusal of a call, of exactly this kind."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return caught.value


def places(error) -> list[tuple]:
    """(code, file, line, column) of each wrong row, of Invalid and of Conflict alike."""
    found = [vars(row) for row in error.rows]
    assert all(row["reason"] and row["remedy"] for row in found)
    return [(row["code"], row["file"], row["line"], row["column"]) for row in found]


# ---- files that are no tables


@pytest.mark.parametrize("name", sorted(STORIES))
def test_each_broken_table_is_refused_and_leaves_nothing(actor, home, loaded, name):
    story, before, blobs = STORIES[name], everything(), files_of(home.folder)
    error = refused(lambda: import_file(actor, BAD / name, story["table"], name=f"{story['table']}.csv"))
    assert error.exit_code == 2
    assert (story["code"], f"{story['table']}.csv", story["line"], story.get("column")) in places(error)
    assert everything() == before and files_of(home.folder) == blobs


@pytest.mark.parametrize("begin", [b"", b"order,serial,panel,position\n", b"order,serial,panel,position\nWO-1,"])
def test_100_mb_of_one_line(actor, home, tmp_path, begin):
    file = tmp_path / "units.csv"
    with open(file, "wb") as out:
        out.write(begin)
        for _ in range(100):
            out.write(b"A" * 1_000_000)
    before, began = everything(), time.monotonic()
    assert refused(lambda: import_file(actor, file, "units")).exit_code == 2
    assert time.monotonic() - began < 20
    assert everything() == before and files_of(home.folder) == {}


# ---- tables that contradict themselves

TWICE_IN_FILE = "production.serial_doubled"
BROKEN_ROWS = {
    # name: (table, rows behind those of the plant, (code, line, column) that must be named)
    "span backwards": ("materials", [one("materials", first_serial="B8", last_serial="B5", package="P2")],
                       [("production.span_backwards", 4, "last_serial")]),
    "span of another order": ("materials", [one("materials", first_serial="C1", last_serial="C2")],
                              [("production.serial_outside_order", 4, "first_serial")]),
    "span that leaves its order": ("processes", [one("processes", last_serial="C1")],
                                   [("production.serial_outside_order", 3, "last_serial")]),
    "shipment backwards": ("shipments", [one("shipments", shipment="S2", first_serial="X4", last_serial="X3")],
                           [(None, 3, "last_serial")]),
    "certain over certain": ("materials", [one("materials", package="P2", first_serial="B3", last_serial="B6")],
                             [("production.materials_overlap", 2, "refdes"), ("production.materials_overlap", 4, "refdes")]),
    "certain over certain at one of its positions": (
        "materials", [one("materials", refdes="R2", package="P2", first_serial="PN1/4", last_serial="WO-1#8")],
        [("production.materials_overlap", 2, "refdes"), ("production.materials_overlap", 4, "refdes")]),
    "what was not there is replaced": ("replacements", [one("replacements", serial="B3", removed_package="P2", happened_at="2027-03-04T09:00:00Z")],
                                       [("production.replacement_not_there", 3, "removed_package")]),
    "what went out before is replaced": ("replacements", [one("replacements", happened_at="2027-03-04T09:00:00Z")],
                                         [("production.replacement_not_there", 3, "removed_package")]),
    "a unit in itself": ("assemblies", [one("assemblies", parent_serial="X4", child_serial="X4")], [("production.assembly_cycle", 3, "parent_serial")]),
    "two units in each other": ("assemblies", [one("assemblies", parent_serial="X4", child_serial="X3"), one("assemblies", parent_serial="X3", child_serial="X4")],
                                [("production.assembly_cycle", 3, "parent_serial"), ("production.assembly_cycle", 4, "parent_serial")]),
    "a ring of three": ("assemblies", [one("assemblies", parent_serial=f"X{n % 3 + 2}", child_serial=f"X{(n + 1) % 3 + 2}") for n in range(3)],
                        [("production.assembly_cycle", 3, "parent_serial")]),
    "inside two": ("assemblies", [one("assemblies", parent_serial="X2", happened_at="2027-03-05T09:00:00Z")], [("production.inside_two", 3, "child_serial")]),
    "unknown order": ("units", [one("units", order="WO-9", serial="N1")], [("production.order_unknown", 18, "order")]),
    "unknown package": ("materials", [one("materials", package="P9")], [("supply.package_unknown", 4, "package")]),
    "unknown unit": ("tests", [one("tests", serial="B99")], [("production.serial_unknown", 3, "serial")]),
    "unknown position": ("materials", [one("materials", refdes="R9")], [("production.position_unknown", 4, "refdes")]),
    "unknown position of a unit": ("replacements", [one("replacements", refdes="R9")], [("production.position_unknown", 3, "refdes")]),
    "unknown owner": ("orders", [one("orders", order="WO-9", customer="nobody")], [("parties.unknown", 5, "customer")]),
    "unknown BOM version": ("orders", [one("orders", order="WO-9", bom_version="7")], [("production.bom_unknown", 5, "bom_version")]),
    "unknown customer": ("shipments", [one("shipments", shipment="S2", customer="nobody", first_serial="X3", last_serial="X4")], [(None, 3, "customer")]),
    "unknown supplier": ("lots", [one("lots", package="P9", supplier="nobody")], [(None, 5, "supplier")]),
    "unknown part in a lot": ("lots", [one("lots", package="P9", part="NOPE")], [(None, 5, "part")]),
    "unknown part in a BOM": ("bom", [one("bom", line="30", part="NOPE", refdes="C1", quantity="1")], [(None, 5, "part")]),
    "unknown release": ("programming", [one("programming", version="9.9.9")], [(None, 3, "version")]),
    "unknown product of a release": ("firmware", [one("firmware", product="nope")], [(None, 3, "product")]),
    "child that nobody named": ("assemblies", [one("assemblies", child_serial="B99")], [("production.serial_unknown", 3, "child_serial")]),
    "name of nobody": ("names", rows("unit|kind|value|from_at|replaces|reason", "B99|mac|00:11|2027-03-09T08:00:00Z||"), [("production.serial_unknown", 2, "unit")]),
    "one order too many": ("units", [one("units", order="WO-2", serial="C5", panel="", position="")], [("production.order_full", 18, "order")]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BROKEN_ROWS))
def test_each_broken_row_is_named_and_its_table_left_out(actor, load, name):
    table, more, expected = BROKEN_ROWS[name]
    error = refused(lambda: load(plant(**{table: more})))
    assert error.exit_code == 2
    for code, line, column in expected:
        found = places(error)
        assert any(place[1:] == (f"{table}.csv", line, column) and code in (None, place[0]) for place in found), found
    stored = everything()
    assert not any(f"exchange.{table}_imported" in str(row) for row in stored["ledger_entry"])


def test_an_overlap_names_both_rows_and_the_units(load):
    more = [one("materials", package="P2", first_serial="B3", last_serial="B6")]
    error = refused(lambda: load(plant(materials=more)))
    said = {row.line: row.reason for row in error.rows}
    assert set(said) == {2, 4}
    assert "Line 4" in said[2] and "Line 2" in said[4]
    assert all("2 units" in reason and "WO-1#3..WO-1#4" in reason for reason in said.values())


def test_once_mended_the_same_folder_goes_in(actor, load):
    refused(lambda: load(plant(materials=[one("materials", package="P9")])))
    before = len(everything()["ledger_entry"])
    reports = load(plant())
    known = [report.table for report in reports if report.already]
    assert known == ["parties", "parts", "bom", "lots", "orders", "units"]
    assert len(everything()["ledger_entry"]) == before + len(reports) - len(known)


@pytest.mark.parametrize("apart", [1, 9_000])
def test_a_serial_number_twice_in_one_file_near_and_far(actor, load, apart):
    """A chunk holds at most 8,192 rows: the second one stands in the same and in another chunk."""
    count = apart + 10
    units = [{"order": "WO-1", "serial": f"S{n}", "panel": "", "position": ""} for n in range(1, count + 1)]
    units[4 + apart]["serial"] = "S5"
    tables = {
        **{name: plant()[name] for name in ("parties", "parts", "bom")},
        "orders": [one("orders", quantity=str(count))],
    }
    error = refused(lambda: load({**tables, "units": units}))
    assert (TWICE_IN_FILE, "units.csv", 6 + apart, "serial") in places(error)
    assert everything()["production_unit_name"] == []


def test_a_serial_number_given_in_another_file_is_a_conflict(actor, load, loaded):
    before = everything()
    orders = [*plant()["orders"], one("orders", order="WO-4", quantity="2")]
    units = rows("order|serial|panel|position", "WO-4|NEW||", "WO-4|B5||")
    load({"orders": orders}, "second")
    middle = everything()
    error = refused(lambda: load({"units": units}, "third"), Conflict)
    assert (error.exit_code, places(error)) == (4, [("tables.contradicts", "units.csv", 3, "serial")])
    assert "WO-1#5" in error.rows[0].reason
    assert everything() == middle != before


@pytest.mark.parametrize("serials", [("N1", "N1"), ("B5", "N1")])
def test_a_new_label_that_another_unit_has(actor, load, loaded, serials):
    """Twice in the file is Invalid; one that stands already is a Conflict."""
    first, second = serials
    header = "unit|kind|value|from_at|replaces|reason"
    names = rows(
        header, f"B1|serial|{first}|2027-03-09T08:00:00Z|B1|torn", f"B2|serial|{second}|2027-03-09T08:00:00Z|B2|torn"
    )
    before = everything()
    error = refused(lambda: load({"names": names}, "second"), Invalid if first == second else Conflict)
    assert places(error)[0][1:] == ("names.csv", 3 if first == second else 2, "value")
    assert everything() == before


# ---- the same again, more, and other


def test_the_same_folder_twice_changes_nothing(actor, home, load, loaded, tmp_path):
    before, blobs = everything(), files_of(home.folder)
    assert all(report.already for report in import_folder(actor, tmp_path / "tables"))
    assert everything() == before and files_of(home.folder) == blobs


@pytest.mark.parametrize("table", [name for name in plant() if name != "units"])
def test_a_longer_file_adds_only_its_new_rows(actor, load, loaded, table):
    new = {
        "parties": one("parties", party="new", name="New"), "parts": one("parts", part="NEW", mpn="N", manufacturer="Acme"),
        "bom": one("bom", product="new"), "lots": one("lots", package="P9"), "orders": one("orders", order="WO-9"),
        "materials": one("materials", package="P2", first_serial="B5", last_serial="B6"),
        "processes": one("processes", step="AOI"), "replacements": one("replacements", serial="B3"),
        "assemblies": one("assemblies", parent_serial="X2", child_serial="B2"),
        "firmware": one("firmware", version="1.1.0", sha256="cd" * 32), "programming": one("programming", serial="B2"),
        "tests": one("tests", serial="B2"), "shipments": one("shipments", shipment="S2", first_serial="X3", last_serial="X3"),
    }[table]  # fmt: skip
    (report,) = load({table: [*plant()[table], new]}, "longer")
    assert (report.rows, report.stored, report.known) == (len(plant()[table]) + 1, 1, len(plant()[table]))


def test_more_units_of_an_order_go_on_behind_the_last(actor, load):
    tables = plant()
    named, late = tables["units"][:3], tables["units"][:4]
    base = {name: tables[name] for name in ("parties", "parts", "bom", "orders")}
    load({**base, "units": named})
    (report,) = load({"units": late}, "longer")
    assert (report.stored, report.known) == (1, 3)


CHANGED = {
    "parties": {"name": "Other"}, "bom": {"quantity": "3", "refdes": "R1 R2 R3"}, "lots": {"lot_code": "OTHER"}, "orders": {"quantity": "9"},
    "replacements": {"installed_package": "P1"}, "assemblies": {"parent_serial": "X2"}, "firmware": {"sha256": "cd" * 32},
    "programming": {"result": "fail"}, "tests": {"outcome": "fail"}, "shipments": {"customer": "own"},
    "materials": {"package": "P2"}, "units": {"serial": "OTHER"},
}  # fmt: skip


@pytest.mark.parametrize("table", sorted(CHANGED))
def test_a_changed_file_is_a_conflict_that_names_rows_and_the_way_out(actor, home, load, loaded, table):
    at = 3 if table == "units" else 0
    tables = plant()[table]
    tables[at] = {**tables[at], **CHANGED[table]}
    before, blobs = everything(), files_of(home.folder)
    error = refused(lambda: load({table: tables}, "changed"), Conflict)
    assert error.exit_code == 4
    assert (f"{table}.csv", at + 2) in [place[1:3] for place in places(error)]
    assert "corrections.csv" in error.remedy
    assert everything() == before and files_of(home.folder) == blobs


# ---- what is only unusual


def test_mark_line_ends_and_formulas_come_back_unchanged(actor, home, load, tmp_path):
    """The same cells under a byte order mark with CRLF and under neither are the same rows, cell by cell."""
    from asbuilt.built.exchange.exporting import export_folder

    cells = ["=1+1", "+49 30", "-5", "@SUM(A1)", "'x", '=HYPERLINK("http://x")', "Ä, ö", "  blank  "]
    text = "party,name,roles,country\n" + "".join(
        f'p{n},"{cell.replace(chr(34), chr(34) * 2)}",customer,DE\n' for n, cell in enumerate(cells)
    )
    for name, content in (
        ("plain", text.encode()),
        ("excel", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n\r\n"),
    ):
        file = tmp_path / f"{name}.csv"
        file.write_bytes(content)
        report = import_file(actor, file, "parties")
        assert (report.rows, report.stored) == (len(cells), len(cells) if name == "plain" else 0)
    export_folder(actor, tmp_path / "out")
    import csv

    with open(tmp_path / "out" / "parties.csv", encoding="utf-8", newline="") as file:
        assert {row["party"]: row["name"] for row in csv.DictReader(file)} == {
            f"p{n}": cell for n, cell in enumerate(cells)
        }


# ---- hostile questions

QUESTIONS = {
    "1 MB of terms": "lot:A " * 180_000,
    "1 MB of one value": "lot:" + "A" * 1_000_000,
    "1 MB of one quote": 'lot:"' + "A" * 1_000_000,
    "nested 10,000 deep": "(" * 10_000 + "lot:A" + ")" * 10_000,
    "not 10,000 times": "-" * 10_000 + "lot:A",
    "ever 5,000 deep": "ever:(" * 1_600 + "lot:A" + ")" * 1_600,
    "open brackets": "(" * 9_000,
    "NUL": "lot:\x00",
}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_hostile_questions_are_grammar_errors_at_once(actor, home, name):
    from asbuilt.questions.genealogy.answering.answers import ask

    began = time.monotonic()
    assert refused(lambda: ask(actor, QUESTIONS[name])).exit_code == 2
    assert time.monotonic() - began < 1


def test_names_that_nothing_has_are_not_found_however_written(actor, loaded):
    from asbuilt.questions.genealogy.answering.answers import ask

    for text in ("'; DROP TABLE ledger_entry; --", "%", "_", "\u202egnp.exe", "A" * 5_000):
        error = refused(lambda text=text: ask(actor, f'lot:"{text}"'), NotFound)
        assert error.exit_code == 3


def test_the_image_of_a_release_is_looked_for_in_the_folder_only(actor, load, tmp_path):
    (tmp_path / "outside.bin").write_bytes(b"x")
    release = one("firmware", version="2.0.0", image="../outside.bin", sha256=SHA)
    reports = load(plant(firmware=[release]))
    said = next(report for report in reports if report.table == "firmware")
    assert said.stored == 2 and not files_with(tmp_path, b"x")


def files_with(folder, content: bytes) -> list:
    """Blobs that hold exactly this."""
    return [path for path in (folder / "home" / "blobs").rglob("*") if path.is_file() and path.read_bytes() == content]
