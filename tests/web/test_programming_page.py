"""The page Programming: scan a reel, order it, program it, read samples back, close; field reports; what pages show of firmware."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from preprogrammed_line import LATER, V10, V11, came, line_floor, tables  # noqa: F401

pytestmark = pytest.mark.once


def verdict(answer):
    page = answer.content.decode()
    found = re.search(r'<section class="verdict verdict-(\w+)"(.*?)</section>', page, re.DOTALL)
    return found[1], " ".join(unescape(re.sub(r"<[^>]*>", " ", found[2].partition(">")[2])).split())


def text_of(answer, section):
    page = answer.content.decode()
    found = re.search(rf'<section class="panel" id="{section}".*?</section>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


@pytest.fixture
def loaded(load):
    load(tables())


def test_from_the_first_scan_to_the_last(loaded, signed_in):
    one = signed_in("engineer")
    assert verdict(one.get("/programming/"))[0] == "wait"
    assert verdict(one.get("/programming/", {"code": "U-1"})) == ("wait", "U-1 Not programmed.")
    asked = {"code": "U-1", "act": "open", "product": "board", "version": "1.1.0", "read_backs": "2"}
    done = one.send("/programming/", asked)
    assert (done.status_code, done["Location"]) == (302, "/programming/?code=PG-1")
    assert verdict(one.get("/programming/", {"code": "U-1"})) == ("wait", "Ordered U-1: board app 1.1.0")
    one.send("/programming/", {"code": "PG-1", "act": "done", "quantity": "500", "machine": "GANG-1"})
    assert verdict(one.get("/programming/", {"code": "PG-1"})) == (
        "wait",
        "To be checked U-1: board app 1.1.0 0 of 2 samples read back.",
    )
    too_early = one.send("/programming/", {"code": "PG-1", "act": "pass"})
    assert too_early.status_code == 409 and verdict(too_early)[0] == "stop"
    assert "0 of 2 samples of PG-1 are read back." in verdict(too_early)[1]
    one.send("/programming/", {"code": "PG-1", "act": "read", "sha256": V11})
    one.send("/programming/", {"code": "PG-1", "act": "read", "sha256": V11})
    one.send("/programming/", {"code": "PG-1", "act": "pass"})
    assert verdict(one.get("/programming/", {"code": "PG-1"})) == ("ok", "Passed U-1: board app 1.1.0")
    assert verdict(one.get("/programming/", {"code": "U-1"})) == ("wait", "U-1 board app 1.1.0")


def test_a_file_that_is_another_image_stops_loudly(loaded, signed_in, line_floor):  # noqa: F811
    one = signed_in("operator")
    line_floor.opened()
    line_floor.done()
    listed = one.get("/programming/").content.decode()
    assert "PG-1" in listed and "(0/2)" in listed
    file = SimpleUploadedFile("sample.bin", b"\x00" * 4096)
    assert one.send("/programming/", {"code": "PG-1", "act": "read", "file": file}).status_code == 302
    said = verdict(one.get("/programming/", {"code": "PG-1"}))
    assert said == (
        "stop",
        "STOP A sample of U-1 is not board app 1.1.0. The package is in quarantine. Close the order as failed.",
    )
    # who stands at the programmer does not close orders
    assert one.send("/programming/", {"code": "PG-1", "act": "fail", "reason": "x"}).status_code == 403
    assert 'value="fail"' not in one.get("/programming/", {"code": "PG-1"}).content.decode()


def test_a_suppliers_certificate_arrives_with_the_form(loaded, signed_in, line_floor):  # noqa: F811
    one = signed_in("operator")
    line_floor.opened(supplier="PROG", read_backs=0)
    missing = one.send("/programming/", {"code": "PG-1", "act": "done", "quantity": "500"})
    assert missing.status_code == 409 and "certificate" in verdict(missing)[1]
    paper = SimpleUploadedFile("coc.pdf", b"%PDF-1.4")
    one.send("/programming/", {"code": "PG-1", "act": "done", "quantity": "500", "certificate": paper})
    assert "Certificate" in one.get("/programming/", {"code": "PG-1"}).content.decode()


def test_what_was_scanned_and_is_nothing_says_so(loaded, signed_in):
    answer = signed_in("operator").get("/programming/", {"code": "NOTHING"})
    assert answer.status_code == 404 and verdict(answer)[0] == "stop"


def test_the_setup_page_says_why_in_both_languages(loaded, signed_in, line_floor):  # noqa: F811
    one = signed_in("operator")
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    where = {"machine": "M1", "order": "WO", "side": "bottom", "feeder": "7"}
    assert (
        "Package U-1 is not programmed; board A demands board app 1.1.0 in MCU."
        in (verdict(one.send("/setup/scan/", {**where, "scan": "U-1"}))[1])
    )
    german = verdict(one.send("/setup/scan/", {**where, "scan": "U-1"}, HTTP_ACCEPT_LANGUAGE="de"))[1]
    assert "Gebinde U-1 ist nicht programmiert; board A verlangt board app 1.1.0 in MCU." in german


def test_field_reports_by_the_page(loaded, signed_in):
    one = signed_in("psirt")
    file = SimpleUploadedFile("july.csv", b"sn,version,time\nB1,1.1.0,2026-05-01T08:00:00Z\n")
    said = one.send("/field-reports/", {"file": file, "product": ""})
    assert said.status_code == 200 and "1 report: 1 new, 0 known before" in said.content.decode()
    wrong = SimpleUploadedFile("july.csv", b"sn,version,time\nB77,1.1.0,2026-05-01T08:00:00Z\n")
    said = one.send("/field-reports/", {"file": wrong})
    assert said.status_code == 422 and "There is no unit B77." in said.content.decode()
    assert one.send("/field-reports/", {}).status_code == 422
    assert signed_in("operator").get("/field-reports/").status_code == 403


def test_a_units_page_shows_its_firmware_with_evidence(loaded, load, signed_in, line_floor):  # noqa: F811
    material = {"order": "WO", "refdes": "U1", "package": "U-1", "first_serial": "B1", "last_serial": "B2"}
    material |= {"certainty": "certain", "machine": "", "feeder": "", "happened_at": LATER}
    field = came("", "1.1.0", source="field", at="2026-05-01T08:00:00Z") | {"serial": "B1"}
    load({"materials": [material], "programming": [came("U-1", "1.0.0"), field]}, "more")
    line_floor.module()
    said = text_of(signed_in("engineer").get("/unit/B1/"), "firmware")
    assert re.search(r"1\.1\.0 .* Passed field report programming\.csv, entry \d+", said, re.IGNORECASE), said
    assert re.search(r"1\.0\.0 a1a1a1a1a1a1a1a1 .* programmed supplier, package U-1 entry \d+", said), said
    assert re.search(r"radio 2\.0 d4d4d4d4d4d4d4d4 as it came programmed maker's lot, package U-1", said), said
    assert V10[:16] in said


def test_a_products_page_shows_which_versions_run_where(loaded, load, signed_in):
    rows = [came("", version, source="field", at="2026-05-01T08:00:00Z") | {"serial": serial}
            for serial, version in (("B1", "1.1.0"), ("B2", "1.0.0"), ("B3", "1.0.0"))]  # fmt: skip
    load({"programming": rows}, "more")
    one = signed_in("engineer")
    page = one.get("/product/board/")
    said = text_of(page, "firmware")
    assert re.search(r"2\.0\.0 \w+ 0 0 B 1\.1\.0 \w+ 1 0 A 1\.0\.0 \w+ 2 0 A radio 2\.0", said), said
    address = re.search(r'href="(/\?q=firmware[^"]*)">1\.0\.0', page.content.decode())[1]
    answer = one.get(unescape(address)).content.decode()
    assert "B2" in answer or "2" in answer
