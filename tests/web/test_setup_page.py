"""The page Setup: scan a feeder, scan its package; a splice; off; what stops is said big; the line of an order; by hand."""

import re
from html import unescape

import pytest
from mounted_line import line

pytestmark = pytest.mark.once


@pytest.fixture
def loaded(load):
    load(line())


HERE = {"machine": "M1", "order": "WO", "side": "top"}


def said(answer):
    """The verdict that the page shows: its class and the text of its section."""
    page = answer.content.decode()
    found = re.search(r'<section class="verdict verdict-(\w+)"(.*?)</section>', page, re.DOTALL)
    return found[1], " ".join(unescape(re.sub(r"<[^>]*>", " ", found[2].partition(">")[2])).split())


def rows(answer):
    """Feeder -> its state and package as the table shows them."""
    page = answer.content.decode()
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [
        [
            " ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in body.split("</tr>")[:-1]
    ]
    return {row[0]: (row[1], row[2].split(" ")[0], row[3]) for row in cells}


def scan(one, code, **more):
    """A scan in the state that the page was in; returns the page that comes."""
    from urllib.parse import parse_qsl, urlsplit

    answer = one.send("/setup/scan/", {**HERE, "scan": code, **more})
    if answer.status_code != 302:
        return answer, more
    there = dict(parse_qsl(urlsplit(answer["Location"]).query))
    return one.get(answer["Location"]), {name: there[name] for name in ("feeder", "old") if name in there}


def test_feeder_then_package(loaded, signed_in):
    one = signed_in("operator")
    page = one.get("/setup/", HERE)
    assert said(page) == ("wait", "Scan 2 feeders want something.")
    assert rows(page) == {"1": ("Empty", "RES", ""), "2": ("Empty", "CAP", "")}
    page, state = scan(one, "1")
    assert said(page) == ("wait", "Feeder 1 It takes RES. Scan the package. R1 R2 R3") and state == {"feeder": "1"}
    page, state = scan(one, "R-1", **state)
    assert said(page) == ("ok", "Mounted R-1, feeder 1 1 feeder wants something.")
    assert rows(page)["1"] == ("Ready", "R-1", "500")
    page, state = scan(one, "2", **state)
    page, state = scan(one, "C-1", **state)
    assert said(page)[1] == "Mounted C-1, feeder 2 The machine is ready."
    assert "P. operator" in page.content.decode()


def test_a_splice_is_old_and_new(loaded, signed_in):
    one = signed_in("operator")
    for code in ("1", "R-1"):
        page, state = scan(one, code, **({} if code == "1" else {"feeder": "1"}))
    page, state = scan(one, "1")
    assert said(page)[1].startswith("Feeder 1 R-1 is there. To splice: scan it, then the new one. Take R-1 off")
    page, state = scan(one, "R-1", **state)
    assert said(page)[1].startswith("Feeder 1 Splice behind R-1: scan the new package.")
    page, state = scan(one, "R-2", **state)
    assert (
        said(page)[1] == "Spliced R-2, feeder 1 The next 7 pieces may be of either package. 1 feeder wants something."
    )
    assert rows(page)["1"][1] == "R-2" and "7 pieces more may be of R-1" in page.content.decode()


def test_off_by_card_and_by_scan(loaded, signed_in):
    one = signed_in("operator")
    scan(one, "R-1", feeder="1")
    page, _ = scan(one, "off", feeder="1")
    assert said(page)[1].startswith("Taken off R-1, feeder 1") and rows(page)["1"][0] == "Empty"
    scan(one, "R-1", feeder="1")
    page, _ = scan(one, "", feeder="1", card="OFF")
    assert said(page)[1].startswith("Taken off R-1")


def test_what_stops_is_said_big(loaded, signed_in, actor):
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    quarantine_packages(actor, packages=["R-2"], reason="cracks seen")
    one = signed_in("operator")
    page, state = scan(one, "C-1", feeder="1")
    assert (page.status_code, *said(page)) == (
        409, "stop",
        "STOP Package C-1 holds CAP; this place takes RES. Bring a package of the right part. production.wrong_part",
    )  # fmt: skip
    assert state == {"feeder": "1"} and 'name="feeder" value="1"' in page.content.decode()
    page, _ = scan(one, "R-2", feeder="1")
    assert "R-2 is in quarantine since" in said(page)[1] and "cracks seen" in said(page)[1]
    page, _ = scan(one, "99")
    assert (page.status_code, said(page)[1].split(" production.")[0]) == (
        404,
        "STOP Program TOP-1 of M1 has no feeder 99. Scan a feeder of the list.",
    )
    scan(one, "R-1", feeder="1")
    page, _ = scan(one, "R-3", feeder="1")
    assert said(page)[1].startswith("STOP Feeder 1 of M1 holds R-1.")
    quarantine_packages(actor, packages=["R-1"], reason="wet")
    page = one.get("/setup/", HERE)
    assert said(page)[0] == "stop" and "wet" in said(page)[1] and rows(page)["1"][0] == "Stop"


def test_the_station_stops_at_an_empty_feeder(loaded, signed_in):
    one = signed_in("operator")
    scan(one, "R-1", feeder="1")
    station = {"step": "SMT", "side": "top", "machine": "M1"}
    answer = one.send("/station/scan/", {**station, "scan": "PASS", "front": "B1"})
    assert answer.status_code == 409 and "Nothing is mounted at feeder 2 of M1." in said(answer)[1]
    scan(one, "C-1", feeder="2")
    assert one.send("/station/scan/", {**station, "scan": "PASS", "front": "B1"}).status_code == 302


def test_the_line_of_an_order(loaded, signed_in):
    one = signed_in("operator")
    page = one.get("/setup/", {"order": "WO"})
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())
    assert (
        "The line for WO" in text
        and "M1 1 feeder wants something BOT-1 bottom M1 2 feeders want something TOP-1 top" in text
    )
    assert "which machine" in one.get("/setup/").content.decode()
    assert one.get("/setup/", {"order": "NO"}).status_code == 404
    assert one.get("/setup/", {**HERE, "machine": "M9"}).status_code == 404
    # without a side M1 has two programs: which one must be said
    assert one.get("/setup/", {**HERE, "side": ""}).status_code == 409


def test_the_store_says_where_it_is_and_what_is_left(loaded, signed_in):
    one = signed_in("operator")
    scan(one, "C-1", feeder="2")
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", one.get("/store/", {"code": "C-1"}).content.decode())).split())
    assert "Left 60 Mounted M1, feeder 2" in text
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", one.get("/store/", {"code": "R-1"}).content.decode())).split())
    assert "Left 500" in text and "Mounted" not in text


def test_in_german(loaded, signed_in):
    one = signed_in("operator")
    one.cookies["asbuilt_language"] = "de"
    page, _ = scan(one, "C-1", feeder="1")
    assert "Gebinde C-1 enthält CAP; hierher gehört RES." in said(page)[1]
    assert rows(one.get("/setup/", HERE))["1"][0] == "Leer"


def test_by_hand(loaded, signed_in):
    one = signed_in("operator")
    form = {"package": "X-1", "refdes": "X1 X2", "first": "B1", "last": "B4", "station": "BENCH-2"}
    answer = one.send("/setup/by-hand/", form)
    assert answer.status_code == 302
    page = one.get(answer["Location"])
    assert (
        said(page) == ("ok", "Recorded 4 units: X1 X2, X-1 Next: scan the unit.")
        and 'value="X-1"' in page.content.decode()
    )
    answer = one.send("/setup/by-hand/", {**form, "package": "R-1"})
    assert answer.status_code == 409 and said(answer)[0] == "stop" and 'value="B4"' in answer.content.decode()


def test_who_may_see_and_who_may_scan(loaded, signed_in):
    psirt = signed_in("psirt")
    assert (
        psirt.get("/setup/", HERE).status_code == 200 and 'id="scan"' not in psirt.get("/setup/", HERE).content.decode()
    )
    assert psirt.send("/setup/scan/", {**HERE, "scan": "1"}).status_code == 403
    assert signed_in("auditor").get("/setup/", HERE).status_code == 403
