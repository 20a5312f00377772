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
