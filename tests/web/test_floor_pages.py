"""The floor: station queue, rework, assembly, traveller. One unit in front, OK or STOP, done; scanner first."""

import re
from html import unescape

import pytest
from line_and_box import factory

pytestmark = pytest.mark.once


@pytest.fixture
def loaded(load):
    load(factory())


def said(answer):
    """The verdict that the page shows: its class and the text of its section."""
    page = answer.content.decode()
    found = re.search(r'<section class="verdict verdict-(\w+)"(.*?)</section>', page, re.DOTALL)
    return found[1], " ".join(unescape(re.sub(r"<[^>]*>", " ", found[2].partition(">")[2])).split())


STATION = {"step": "PRINT", "side": "top", "machine": "PRN-1"}


def scan(one, code, front="", **more):
    return one.send("/station/scan/", {**STATION, "scan": code, "front": front, **more})


def test_unit_after_unit_through_a_station(loaded, signed_in):
    one = signed_in("operator")
    choose = one.get("/station/").content.decode()
    assert "PRINT" in choose and 'name="machine"' in choose and "/rework/" in choose
    assert said(one.get("/station/", STATION))[0] == "wait"
    there = scan(one, "B1")
    assert there.status_code == 302
    page = one.get(there["Location"])
    assert said(page) == ("ok", "OK B1 Work instruction: WI-3@C Done Failed")
    assert "printer 1" in page.content.decode() and 'name="front" value="B1"' in page.content.decode()
    done = scan(one, "PASS", front="B1", request_key="k1")
    assert done.status_code == 302 and said(one.get(done["Location"])) == (
        "ok",
        "Recorded B1 completed 1 Next: scan the unit.",
    )
    assert scan(one, "", front="P2", card="PASS").status_code == 302
    failed = scan(one, "fail", front="B2")
    assert said(one.get(failed["Location"]))[1].startswith("Recorded B2 failed 1")
    page = one.get("/order/WO/").content.decode()
    assert "PRINT" in page and "PRN-1" in page


def test_software_and_paste_chosen_once_stand_in_each_step(loaded, signed_in):
    one = signed_in("operator")
    choose = one.get("/station/").content.decode()
    assert 'name="software"' in choose and 'name="paste"' in choose
    for code in ("B1", "B2"):
        assert scan(one, "PASS", front=code, software="7.2.1", paste="R1").status_code == 302
        assert "7.2.1" in one.get(f"/unit/{code}/").content.decode()
    # U2 is in quarantine: what is named as paste is looked at
    stopped = scan(one, "PASS", front="B3", paste="U2")
    assert stopped.status_code == 409 and "U2" in said(stopped)[1]


def test_what_stops_a_unit_is_said_big(loaded, signed_in):
    lead = signed_in("quality_lead")
    lead.send("/holds/", {"kind": "units", "what": "B3", "reason": "dropped", "lifted_by": ""})
    kind, words = said(lead.get("/station/", {**STATION, "unit": "B3"}))
    assert (
        kind == "stop"
        and "B3 is on hold: dropped" in words
        and "Hold H-1 is lifted by: quality lead" in words
        and "P. quality_lead" in words
    )
    kind, words = said(lead.get("/station/", {"step": "SMT", "side": "top", "unit": "B1"}))
    assert (kind, words) == ("stop", "STOP PRINT top is missing. Take it to printer 1 for PRINT top first.")
    assert (
        said(lead.get("/station/", {**STATION, "unit": "WO#8"}))[1]
        == "STOP B8 is a skipped position (X-out). Scan another board of the panel."
    )
    assert said(lead.get("/station/", {"step": "GLUE", "unit": "B1"}))[1].startswith("STOP GLUE is not on the route")
    assert said(lead.get("/station/", {**STATION, "unit": "B99"}))[0] == "stop"
    # held while it was in front: the hold wins
    answer = scan(lead, "PASS", front="B3")
    assert answer.status_code == 409 and said(answer)[0] == "stop"


def test_a_part_is_replaced_on_the_bench(loaded, signed_in):
    one = signed_in("operator")
    bench = one.get("/rework/", {"unit": "B1"}).content.decode()
    assert "R1" in bench and "MCU" in bench and "Scrap B1" not in bench
    form = {"unit": "B1", "refdes": "R1", "removed": "R1", "installed": "U1", "reason": "bridge"}
    wrong = one.send("/rework/replace/", form)
    assert (
        wrong.status_code == 409
        and "R1 of B1 takes RES" in said(wrong)[1]
        and 'value="bridge"' in wrong.content.decode()
    )
    right = one.send("/rework/replace/", {**form, "installed": "R2"})
    assert right.status_code == 302 and said(one.get(right["Location"])) == ("ok", "Recorded B1")
    assert "R2" in one.get("/unit/B1/").content.decode()
    assert one.send("/rework/scrap/", {"unit": "B1", "reason": "r"}).status_code == 403


def test_a_unit_is_scrapped_on_the_bench(loaded, signed_in):
    lead = signed_in("quality_lead")
    assert lead.send("/rework/scrap/", {"unit": "B4", "reason": "cracked"}).status_code == 302
    assert (
        said(lead.get("/station/", {**STATION, "unit": "B4"}))[1] == "STOP B4 was scrapped. Put it into the scrap cage."
    )


def test_children_go_in_and_come_out(loaded, signed_in):
    one = signed_in("operator")
    assert said(one.get("/assembly/"))[0] == "wait"
    there = one.send("/assembly/put-in/", {"unit": "X1", "child": "B1", "position": "slot 1"})
    page = one.get(there["Location"])
    assert said(page) == ("ok", "Recorded B1") and "slot 1" in page.content.decode()
    other = one.send("/assembly/put-in/", {"unit": "X2", "child": "B1"})
    assert other.status_code == 409 and "B1 is inside X1 already." in said(other)[1]
    assert one.send("/assembly/take-out/", {"unit": "X1", "child": "B1", "reason": "dark"}).status_code == 302
    assert "Nothing is inside it." in one.get("/assembly/", {"unit": "X1"}).content.decode()
    assert 'href="/unit/X1/"' in one.get("/unit/B1/").content.decode()  # its life tells where it was


def test_a_traveller_with_its_order_in_a_data_matrix(loaded, signed_in, load):
    import zxingcpp

    one = signed_in("operator")
    page = one.get("/order/WO/traveller/").content.decode()
    for words in (
        "PRINT top",
        "printer 1",
        "Work instruction",
        "WI-3@C",
        "pressure 0.1 to 0.3",
        "optional",
        "REFLOW bottom",
    ):
        assert words in page, words
    assert "Superseded" not in page and zxingcpp.read_barcode(picture(page)).text == "WO"
    later = {
        "document": "WI-3",
        "revision": "D",
        "kind": "instruction",
        "title": "Print",
        "file": "",
        "sha256": "cd" * 32,
    }
    load({"documents": [later | {"valid_from_at": "2026-06-01T08:00:00Z"}]}, "later")
    page = one.get("/order/WO/traveller/").content.decode()
    assert "Superseded" in page and "superseded by WI-3@D" in page
    step = {
        "product": "board",
        "revision": "A",
        "routing": "2",
        "place_in_route": "10",
        "step": "PRINT",
        "from_at": "2026-06-01T08:00:00Z",
    }
    load({"routings": [step]}, "newer")
    page = one.get("/order/WO/traveller/").content.decode()
    assert "Superseded" not in page and "SMT" not in page
    old = one.get("/order/WO/traveller/", {"routing": "1"}).content.decode()
    assert "Superseded" in old and "by 2" in old and "SMT top" in old
    assert one.get("/order/WO/traveller/", {"routing": "9"}).status_code == 404


def picture(page: str):
    """The drawn symbol as rows of grey points, eight a module, read from the path of the page."""
    size = int(re.search(r'viewBox="0 0 (\d+) \d+" shape', page)[1])
    rows = [bytearray(b"\xff" * size * 8) for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h", re.search(r'matrix-dark" d="([^"]*)"', page)[1]):
        rows[int(y)][int(x) * 8 : (int(x) + int(width)) * 8] = bytes(int(width) * 8)
    return memoryview(b"".join(bytes(row) * 8 for row in rows)).cast("B", (size * 8, size * 8))


def test_the_same_form_twice(loaded, signed_in):
    one = signed_in("operator")
    form = {"unit": "B1", "refdes": "R1", "removed": "R1", "installed": "R2", "reason": "bridge", "request_key": "k"}
    assert [one.send("/rework/replace/", form).status_code for _ in "ab"] == [302, 302]
    assert [scan(one, "PASS", front="B2", request_key="s").status_code for _ in "ab"] == [302, 302]
    assert one.get("/unit/B1/").content.decode().count("R1 replaced") == 1


def queued(one, unit="B1", card="PASS", at="2026-03-02T08:00:00.000Z", key="a" * 32, **more):
    said = {**STATION, "unit": unit, "card": card, "at": at, "request_key": key, **more}
    answer = one.send("/station/queued/", said)
    return answer.status_code, answer.json()


def test_a_kept_scan_is_recorded_once_with_its_time(loaded, signed_in, actor):
    from asbuilt.questions.genealogy.answering.answers import ask

    one = signed_in("operator")
    assert queued(one) == queued(one) == (200, {"done": "B1", "units": 1})
    assert ask(actor, "passed:PRINT@2026-03-02").affected.counts()["certain"] == 1
    assert queued(one, unit="B2", key="b" * 32, card="FAIL") == (200, {"done": "B2", "units": 1})
    for wrong in ({"unit": ""}, {"card": "MAYBE"}, {"at": "noon"}, {"at": "2099-01-01T00:00:00Z"}, {"unit": "NOBODY"}):
        status, said = queued(one, key="c" * 32, **wrong)
        assert status in (404, 422) and said["refused"] and said["code"], wrong


def test_a_kept_scan_of_a_held_unit_is_refused_with_the_reason(loaded, signed_in, actor):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["B3"], reason="dropped in the rack")
    status, said = queued(signed_in("operator"), unit="B3")
    assert (status, said["code"]) == (409, "gate.held") and "dropped in the rack" in said["refused"]
