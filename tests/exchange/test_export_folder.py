"""Export: what came in comes back; export, import into an empty home, export again gives equal bytes and answers."""

import csv

import pytest

from asbuilt.kernel.errors import NotAllowed, Refused
from asbuilt.kernel.instants import format_instant, parse_instant

QUESTIONS = (
    "lot:L1", "lot:L2", "lot:L3", "lot:L9", "ever:(lot:L1)", "(part:R1 at:R1)", "maker:Yageo", 'supplier:"Parts & Co"',
    "order:WO-1", "order:B7", "product:board", "panel:PN1", "unit:SN1..SN6", "firmware:1.0.0", "ever:(firmware:1.0.0)",
    "passed:REFLOW", "test:failed", "test:FCT=pass", "reworked", "in:scrapped", "in:shipped", 'customer:"Shop X"',
    "owner:own", "country:FR", "shipment:S1", "contains:(unit:SN6)", "inside:(unit:BX2)", "-lot:L1", "reading:OV1.zone5>260",
    "held", "in:outside", "in:production",
)  # fmt: skip


def in_utc(column: str, cell: str) -> str:
    return format_instant(parse_instant(cell)) if column.endswith("_at") and len(cell) > 10 else cell


def read(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers_of(ask):
    from asbuilt.kernel.errors import NotFound

    found = {}
    for question in QUESTIONS:
        try:
            found[question] = ask(question)
        except NotFound as missing:
            found[question] = missing.code
    return found


def there_and_back(actor, ask, another_home, tmp_path):
    """Export, import into an empty home, export again: the first folder."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.formats.tables import TABLES

    export_folder(actor, tmp_path / "first")
    before = answers_of(ask)
    another_home()
    import_folder(actor, tmp_path / "first")
    export_folder(actor, tmp_path / "second")
    for name in TABLES:
        first, second = (tmp_path / folder / f"{name}.csv" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes(), name
    assert answers_of(ask) == before
    return tmp_path / "first"


def test_what_came_in_comes_back(built, actor, ask, another_home, tmp_path):
    folder = there_and_back(actor, ask, another_home, tmp_path)
    for name, rows in built.items():
        back = read(folder, name)
        columns = list(rows[0])
        said = [[in_utc(column, row[column]) for column in columns] for row in rows]
        found = [[row[column] for column in columns] for row in back]
        if name in ("programming", "replacements"):  # recorded in an order of their own
            said, found = sorted(said), sorted(found)
        assert found == said, name
    assert read(folder, "corrections") == []


def test_what_was_withdrawn_stays_away(built, fact, withdraw, actor, ask, another_home, tmp_path):
    withdraw(fact("processes", 0), span=(2, 4))
    withdraw(fact("materials", 3), span=(1, 2))
    withdraw(fact("units", 4), fact("names", 1), fact("tests", 1), fact("programming", 1))
    folder = there_and_back(actor, ask, another_home, tmp_path)
    spans = [(row["first_serial"], row["last_serial"]) for row in read(folder, "processes") if row["order"] == "WO-1"]
    assert spans == [("SN1", "SN1"), ("SN4", "SN6")]
    assert [row["serial"] for row in read(folder, "units")][3:6] == ["SN4", "-", "SN6"]
    assert len(read(folder, "tests")) == 2


def test_images_that_were_kept_are_written_back(built, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder

    report = export_folder(actor, tmp_path / "out")
    missing = [
        "docs/wi7.pdf",
        "files/coc.pdf",
        "files/m.png",
        "images/a.bin",
        "files/t1.pdf",
        "files/c9.pdf",
        "files/coat.pdf",
        "files/plate.txt",
        "files/coc2.pdf",
        "files/consent.pdf",
        "files/agreed.pdf",
        "files/map.txt",
        "files/mail.eml",
        "files/invoice.pdf",
        "files/agreed.pdf",
    ]
    assert report.missing_images == missing and report.rows["units"] == 10


def test_a_folder_with_tables_is_left_alone(built, actor, tmp_path):
    from dataclasses import replace

    from asbuilt.built.exchange.exporting import export_folder

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "units.csv").write_text("mine")
    with pytest.raises(Refused):
        export_folder(actor, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["units.csv"]
    with pytest.raises(NotAllowed):
        export_folder(replace(actor, rights=frozenset()), tmp_path / "new")


def test_files_of_one_name_from_several_nights_come_back_each(built, load, actor, ask, another_home, tmp_path):
    """The story: the build server calls every SBOM and every certificate the same. Exported, one of them stood for all, and the folder went in nowhere."""
    from hashlib import sha256

    from exchange.conftest import sbom_of

    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    said = {
        "product": "board",
        "role": "",
        "revision": "",
        "part": "",
        "lot": "",
        "operator": "",
        "happened_at": "2027-03-06T08:00:00Z",
    }
    for night, version in (("first", "1.1.0"), ("second", "2.0.0")):
        document = sbom_of("mbedtls", f"zlib-{night}")
        (tmp_path / night / "sboms").mkdir(parents=True)
        (tmp_path / night / "sboms" / "board.json").write_bytes(document)
        row = {**said, "version": version, "file": "sboms/board.json", "sha256": sha256(document).hexdigest()}
        load({"sboms": [row]}, night)
    asked = {
        text: ask(text)
        for text in ("component:mbedtls", "component:zlib-first", "component:zlib-second", "component:lwip")
    }
    assert asked["component:zlib-first"][0] > 0
    report = export_folder(actor, tmp_path / "out")
    assert (
        len([name for name in report.images if name.startswith("sboms/board.")]) == 4
    )  # three of one name, and a configuration
    another_home()
    import_folder(actor, tmp_path / "out")
    assert {text: ask(text) for text in asked} == asked
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "again")
    for file in (tmp_path / "out").rglob("*.*"):
        assert (tmp_path / "again" / file.relative_to(tmp_path / "out")).read_bytes() == file.read_bytes()


CORRECTED_FIRST = [
    ("release_states", {"reason": "as planned"}), ("programming_order_states", {"machine": "GANG-2"}), ("containers", {"note": "red"}),
    ("dispositions", {"reason": "far below the limit"}), ("configurations", {"operator": "046"}), ("test_plans", {"operator": "046"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "cells"), CORRECTED_FIRST)
def test_what_leads_to_the_next_row_comes_before_it_though_it_was_corrected(
    built, fact, actor, another_home, tmp_path, table, cells
):
    """Released and withdrawn since, opened and closed since …: corrected, the first row stood behind the others in the file, which was refused."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.exporting import export_folder

    said = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, fact(table, 0), cells, **said)
    export_folder(actor, tmp_path / "out")
    another_home()
    reports = {report.file: report.stored for report in import_folder(actor, tmp_path / "out")}
    assert reports[f"{table}.csv"] == len(built[table])
    (column, cell), *_ = cells.items()
    assert cell in [row[column] for row in read(tmp_path / "out", table)]
