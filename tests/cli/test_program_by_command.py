"""`asbuilt programming …` and field reports: exit codes, one JSON document, what is listed."""

import pytest
from preprogrammed_line import V11, tables

pytestmark = pytest.mark.once


@pytest.fixture
def programming(load, asbuilt):
    load(tables())
    return lambda *arguments: asbuilt("programming", *arguments)


def test_from_open_to_closed(programming, tmp_path):
    opened = programming("open", "U-1", "--product", "board", "--version", "1.1.0", "--format", "json")
    assert (opened.code, opened.document["code"], opened.document["image"]) == (0, "PG-1", V11)
    assert programming("close", "PG-1").code == 4
    done = programming("done", "PG-1", "--quantity", "500", "--machine", "GANG-1")
    assert done.code == 0 and "0 of 1" in done.out
    image = tmp_path / "sample.bin"
    image.write_bytes(b"another")
    assert programming("read-back", "PG-1").code == 2
    wrong = programming("read-back", "PG-1", "--file", image)
    assert wrong.code == 0 and "1 wrong" in wrong.out and "quarantine" in wrong.err
    assert programming("close", "PG-1").code == 4
    assert programming("close", "PG-1", "--result", "fail", "--reason", "socket 3").code == 0
    assert programming("show", "--format", "json").document == {"programming_orders": []}
    shown = programming("show", "--package", "U-1", "--format", "json").document["programming_orders"]
    assert [(one["code"], one["closed"]["result"]) for one in shown] == [("PG-1", "fail")]
    assert programming("show", "PG-9").code == 3


def test_a_supplier_with_its_certificate(programming, tmp_path):
    paper = tmp_path / "coc.pdf"
    paper.write_bytes(b"%PDF-1.4")
    asked = ("--product", "board", "--version", "1.1.0", "--supplier", "PROG", "--read-backs", "0", "--code", "PX-1")
    assert programming("open", "U-1", *asked).code == 0
    assert programming("done", "PX-1", "--quantity", "500").code == 4
    done = programming("done", "PX-1", "--quantity", "500", "--certificate", paper, "--format", "json")
    assert len(done.document["done"]["sha256"]) == 64
    assert programming("close", "PX-1", "--format", "json").document["closed"]["result"] == "pass"


def test_demands_and_modules(programming, asbuilt):
    assert programming("demand", "--order", "WO", "--version", "1.1.0").code == 0
    assert programming("demand", "--order", "WO", "--version", "9").code == 2
    (demand,) = programming("demand", "--format", "json").document["demands"]
    assert (demand["order"], demand["version"]) == ("WO", "1.1.0")
    asked = ("--product", "board", "--role", "radio", "--version", "2.0", "--date-code-from", "2601")
    assert programming("module", "Acme", "M-MCU", *asked).code == 0
    assert programming("module", "Acme", "M-MCU", *asked, "--source", "again").code == 4
    (said,) = programming("module", "--format", "json").document["modules"]
    assert (said["manufacturer"], said["date_code_from"]) == ("Acme", "2601")


def test_field_reports(load, asbuilt, tmp_path):
    load(tables())
    path = tmp_path / "july.csv"
    path.write_text("sn,version,time\nB1,1.1.0,2026-05-01T08:00:00Z\n")
    done = asbuilt("import", path, "--kind", "field-reports", "--format", "json")
    assert (done.code, done.document["files"][0]["stored"]) == (0, 1)
    assert asbuilt("import", path, "--kind", "field-reports").code == 0
    path.write_text("sn,version,time\nB77,1.1.0,2026-05-01T08:00:00Z\n")
    refused = asbuilt("import", path, "--kind", "field-reports")
    assert refused.code == 2 and "B77" in refused.err
    assert asbuilt("ask", "firmware:1.1.0", "--format", "json").document["affected"]["certain"] == 1
