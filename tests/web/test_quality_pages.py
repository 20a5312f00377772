"""Yield, defects, nonconformities, what else is touched, process control: as people see and send them."""

import csv
import io
import json
import re

import pytest
from line_and_box import AT, factory

from asbuilt.kernel.instants import parse_instant

pytestmark = pytest.mark.once

DAY = "2026-03-02T{:02}:{:02}:00Z"


def run(n: int, value):
    unit = n % 7 + 1
    at = DAY.format(8 + n // 60, n % 60)
    return {"order": "WO", "step": "PRINT", "machine": "PR1", "program": "P7", "first_serial": f"B{unit}", "last_serial": f"B{unit}",
            "started_at": at, "finished_at": at, "operator": "045", "result": "completed", "readings": json.dumps({"pressure": value}), "side": "top"}  # fmt: skip


def one_test(unit: int, outcome: str, plan="FCT", **measured):
    at = DAY.format(9, unit)
    return {"serial": f"B{unit}", "plan": plan, "plan_version": "1", "station": "T1", "operator": "", "outcome": outcome, "started_at": at,
            "finished_at": at, "measurements": json.dumps(measured) if measured else ""}  # fmt: skip


@pytest.fixture
def line(load):
    tables = factory()
    tables["parties"] = [{"party": "US", "name": "Our Works", "roles": "ems", "country": "DE"}]
    tables["product_roles"] = [{"product": product, "party": "US", "role": role, "operator": "", "happened_at": AT} for product, role in (("", "own"), ("board", "manufacturer"))]  # fmt: skip
    load(tables)
    values = [0.2, 0.21, 0.19, 0.2, 0.22, 0.18] * 4 + [0.28]
    load({
        "processes": [run(n, value) for n, value in enumerate(values)],
        "tests": [*(one_test(n, "fail" if n in (1, 2) else "pass") for n in range(1, 6)),
                  one_test(6, "fail", "AOI", defects=[{"code": "void", "at": "U1"}, {"code": "skew", "at": "R1", "verification": "DefectRejected"}])],
        "placements": [{"product": "board", "revision": "A", "placement": "b.pos", "refdes": r, "x_mm": str(x), "y_mm": "5", "rotation": "0", "side": "top", "footprint": "R_0402_1005Metric"} for r, x in (("R1", 5), ("U1", 20))],
    }, "floor")  # fmt: skip


def text(page) -> str:
    assert page.status_code == 200, page.content[:2000]
    return page.content.decode()


def test_yield_today_against_the_days_before(line, signed_in):
    page = text(signed_in("engineer").get("/yield/?day=2026-03-02&by=s"))
    assert "60.00 %" in page and "0.00 %" in page  # three of five, none of one
    assert "AOI" in page and "no runs" in page and 'href="/defects/' in page
    silent = text(signed_in("engineer").get("/yield/?day=2026-03-03"))
    assert "That is not 100 %." in silent and "No unit had its first run on this day." in silent


def test_defects_with_their_board_map(line, signed_in):
    page = text(signed_in("engineer").get("/defects/"))
    assert ">void</a>" in page and "False calls" in page and 'data-board=""' in page and "U1" in page
    assert "skew" not in page.split('id="board"')[0]


def test_a_nonconformity_from_raising_to_closing(line, signed_in):
    engineer, lead = signed_in("engineer"), signed_in("quality_lead")
    raised = engineer.send(
        "/nonconformities/",
        {"description": "Void under U1", "units": "B1..B2", "source": "test", "severity": "major", "held": "on"},
    )
    assert raised.status_code == 302 and raised["Location"] == "/nonconformities/NCR-1/"
    say = "/nonconformities/NCR-1/say/"
    board = text(engineer.get("/nonconformities/"))
    assert "NCR-1" in board and "contained" in board
    for form in (
        {"verb": "cause", "place": "five_why:1", "cause": "paste too old", "root": "on"},
        {
            "verb": "action",
            "kind": "corrective",
            "description": "Scan jars",
            "owner": "046",
            "due_on": "2026-04-01",
            "state": "open",
        },
        {
            "verb": "check",
            "question": "test:FCT=fail",
            "among": "test:FCT=pass or test:FCT=fail",
            "units_min": "2",
            "failed_ppm_max": "0",
            "due_on": "2026-05-01",
        },
        {"verb": "propose", "decision": "rework", "reason": "touch up"},
        {"verb": "units", "units": "B3"},
    ):
        assert engineer.send(say, form).status_code == 302, form
    page = text(engineer.get("/nonconformities/NCR-1/"))
    for words in ("paste too old", "Scan jars", "late", "D-1: rework", "1 unit undecided", "What else is touched"):
        assert words in page, words
    own = engineer.send(say, {"verb": "approve", "disposition": "D-1"})
    assert own.status_code == 409 and b"second person" in own.content
    assert lead.send(say, {"verb": "approve", "disposition": "D-1"}).status_code == 302
    decided = text(lead.get("/nonconformities/NCR-1/"))  # two people decide, and the page said of neither who it was
    assert all(f'<span class="small muted">P. {role}</span>' in decided for role in ("engineer", "quality_lead"))
    assert engineer.send(say, {"verb": "carry_out", "disposition": "D-1", "reason": "done"}).status_code == 302
    open_ = engineer.send(say, {"verb": "measure"})
    assert open_.status_code == 409 and b"A-1" in open_.content
    early = lead.send(say, {"verb": "close", "reason": "done"})
    assert early.status_code == 409 and b"1 units wait for their disposition" in early.content
    assert engineer.send(say, {"verb": "propose", "decision": "scrap", "reason": "burnt"}).status_code == 302
    assert lead.send(say, {"verb": "approve", "disposition": "D-2"}).status_code == 302
    for form in (
        {"verb": "carry_out", "disposition": "D-2", "reason": "binned"},
        {"verb": "action", "action": "A-1", "state": "done"},
        {"verb": "measure"},
    ):
        assert engineer.send(say, form).status_code == 302
    page = text(lead.get("/nonconformities/NCR-1/"))
    assert "too few units" in page and "frozen answer" in page
    # nobody built anything since the action: that it helped is not shown yet
    assert lead.send(say, {"verb": "close", "reason": "settled"}).status_code == 409
    assert "NCR-1" in text(lead.get("/unit/B1/"))


def test_what_the_review_board_lacks_is_said_in_german(line, signed_in, load):
    """Who has to agree stood in English on a German page."""
    load({
        "parties": [{"party": "BRAND", "name": "Brand AG", "roles": "customer", "country": "DE"}],
        "product_roles": [{"product": "board", "party": "BRAND", "role": "manufacturer", "operator": "", "happened_at": "2026-03-03T00:00:00Z"}],
    }, "brand")  # fmt: skip
    engineer, lead = signed_in("engineer"), signed_in("quality_lead")
    engineer.send("/nonconformities/", {"description": "Void", "units": "B1", "source": "test", "severity": "major"})
    say = "/nonconformities/NCR-1/say/"
    engineer.send(say, {"verb": "propose", "decision": "use_as_is", "reason": "small"})
    said = lead.send(say, {"verb": "approve", "disposition": "D-1"}, HTTP_ACCEPT_LANGUAGE="de")
    assert (
        said.status_code == 409
        and "Brand AG ist Hersteller von board und hat nicht zugestimmt." in said.content.decode()
    )


def test_a_nonconformity_is_closed_and_opened_again(line, signed_in):
    engineer, lead = signed_in("engineer"), signed_in("quality_lead")
    said = {"description": "Dent", "units": "B4", "source": "inspection", "severity": "minor"}
    assert engineer.send("/nonconformities/", said).status_code == 302
    say = "/nonconformities/NCR-1/say/"
    assert engineer.send(say, {"verb": "propose", "decision": "scrap", "reason": "dent"}).status_code == 302
    assert lead.send(say, {"verb": "approve", "disposition": "D-1"}).status_code == 302
    assert engineer.send(say, {"verb": "carry_out", "disposition": "D-1", "reason": "binned"}).status_code == 302
    assert lead.send(say, {"verb": "close", "reason": "settled"}).status_code == 302
    assert (
        "NCR-1" in text(lead.get("/nonconformities/?closed=yes"))
        and "NCR-1" not in text(lead.get("/nonconformities/")).split("</h1>")[1]
    )
    assert lead.send(say, {"verb": "reopen", "reason": "again"}).status_code == 302


def test_what_a_form_refuses_stands_beside_what_was_typed(line, signed_in):
    engineer = signed_in("engineer")
    wrong = engineer.send(
        "/nonconformities/", {"description": "odd", "units": "B99", "source": "test", "severity": "major"}
    )
    assert wrong.status_code in (404, 422) and b'value="odd"' in wrong.content
    engineer.send("/nonconformities/", {"description": "odd", "units": "B1", "source": "test", "severity": "major"})
    for form, status in (
        ({"verb": "moon"}, 422),
        ({"verb": "close", "reason": "r"}, 403),
        ({"verb": "check", "units_min": "x"}, 422),
    ):
        client = signed_in("operator") if status == 403 else engineer
        assert client.send("/nonconformities/NCR-1/say/", form).status_code == status, form
    assert engineer.get("/nonconformities/NCR-9/").status_code == 404
    for form, kept in (  # an unknown unit was a page of its own; of every form what was typed was gone
        ({"verb": "units", "units": "B99 B1"}, ("Add units", 'value="B99 B1"')),
        ({"verb": "propose", "decision": "scrap", "units": "B99", "reason": "burnt"}, ("Propose a disposition", 'value="burnt"')),
        ({"verb": "cause", "place": "ishikawa:material", "cause": "", "root": "on"}, ("State a cause", '"ishikawa:material" selected')),
        ({"verb": "cause", "place": "five_why:3", "cause": ""}, ("State a cause", '"five_why:3" selected')),
        ({"verb": "action", "kind": "preventive", "description": "Scan jars", "owner": "nobody", "due_on": "moon", "state": "open"}, ("Plan an action", 'value="Scan jars"')),
        ({"verb": "check", "among": "test:FCT=pass", "question": "((", "units_min": "7", "failed_ppm_max": "3", "due_on": "2027-01-01"}, ("Plan a check", 'value="7"')),
    ):  # fmt: skip
        page = engineer.send("/nonconformities/NCR-1/say/", form)
        assert page.status_code in (404, 409, 422), form
        assert (
            f'<details class="fold" open><summary>{kept[0]}' in page.content.decode()
            and kept[1] in page.content.decode()
        ), form


def test_what_else_is_touched(line, signed_in):
    engineer = signed_in("engineer")
    assert "test:FCT=fail" in text(engineer.get("/factors/"))
    page = text(engineer.get("/factors/", {"failed": "test:FCT=fail"}))
    assert "Values compared" in page and "never what the cause is" in page and "Operators are not compared" in page
    assert engineer.get("/factors/", {"failed": "test:FCT=error"}).status_code == 409
    assert engineer.get("/factors/", {"failed": "((("}).status_code == 422


def test_a_chart_as_page_picture_and_table(line, signed_in):
    engineer = signed_in("engineer")
    assert "PRINT" in text(engineer.get("/control/"))
    assert ">pressure</a>" in text(engineer.get("/control/?step=PRINT"))
    asked = {"step": "PRINT", "name": "pressure"}
    page = text(engineer.get("/control/", asked))
    assert "one value beyond 3 sigma" in page and 'class="ch-signal"' in page and "Cpk" in page and "style=" not in page
    png = engineer.get("/control/chart.png", asked)
    assert png["Content-Type"] == "image/png" and png.content[:8] == b"\x89PNG\r\n\x1a\n"
    from PIL import Image

    assert Image.open(io.BytesIO(png.content)).size[0] == 2000
    rows = list(csv.DictReader(io.StringIO(engineer.get("/control/chart.csv", asked).content.decode())))
    assert len(rows) == 25 and float(rows[-1]["value"]) == 0.28 and rows[-1]["value_rules"].split()[0] == "nelson_1"
    assert (rows[0]["range"], rows[1]["machine"]) == ("", "PR1") and float(rows[-1]["range"]) == pytest.approx(0.1)
    for wrong, status in (
        ({"subgroup": "x"}, 422),
        ({"machine": "PR9"}, 404),
        ({"kind": "pie"}, 422),
        ({"since": "moon"}, 422),
    ):
        assert engineer.get("/control/", asked | wrong).status_code == status, wrong
    assert "Too few values for a chart." in text(engineer.get("/control/", {**asked, "until": "2020-01-01"}))


def test_a_point_has_one_number_on_page_picture_and_table(line, signed_in, load):
    """Of a long series the page shows the last 200, and numbered them from 1: its point 8 was the table's 33, and nothing said that there were more."""
    values = [0.2, 0.21, 0.19, 0.2, 0.22] * 41 + [1200.5, 0.2, 0.2]
    load({"processes": [run(60 + n, value) for n, value in enumerate(values)]}, "more")
    engineer, asked = signed_in("engineer"), {"step": "PRINT", "name": "pressure"}
    page = text(engineer.get("/control/", asked))
    rows = list(csv.DictReader(io.StringIO(engineer.get("/control/chart.csv", asked).content.decode())))
    assert len(rows) == 25 + len(values) and "The last 200 of 233 points; all of them are in the CSV." in page
    (outlier,) = [row["point"] for row in rows if row["value"] == "1200.5"]
    assert outlier == "231" and f"<title>{outlier}: 1200.5</title>" in page and f"point {outlier}, 1200.5" in page
    shown = [int(n) for n in re.findall(r'<tr><th scope="row" class="num">([^<]*)</th>', page)]
    assert shown == list(range(34, 234))
    broken = sum(len((row[f"{panel}_rules"] or "").split()) for row in rows for panel in ("value", "range"))
    assert f"{broken} rule" in page
    german = text(engineer.get("/control/", asked, headers={"accept-language": "de"}))
    assert "1200,5" in german and "Die letzten 200 von 233 Punkten" in german


def test_the_picture_of_a_chart_says_names_in_every_language():
    """`Lötbad` was `L▯tbad`: the font that comes with the picture library has the letters of English alone."""
    from PIL import ImageFont

    from asbuilt.doors.web.chart_pictures import _drawn, _font

    usual, poor = _font(24), ImageFont.load_default(size=24)
    assert _drawn("Lötbad żółć 国", usual) == "Lötbad żółć [U+56FD]" and _drawn("Lötbad 国", poor) == "Lotbad [U+56FD]"


def test_values_of_one_moment_are_held_together(line, signed_in, load, actor):
    """Boards of a panel are measured at one moment. Whichever signal of it was held, the units of the first were."""
    from asbuilt.built.quality.nonconformities import nonconformity

    load({"processes": [{**run(120 + n, value), "started_at": DAY.format(11, 0), "finished_at": DAY.format(11, 0)} for n, value in ((1, 0.9), (2, 0.9))]}, "more")  # fmt: skip
    engineer, asked = signed_in("engineer"), {"step": "PRINT", "name": "pressure"}
    page = text(engineer.get("/control/", asked))
    at = str(parse_instant(DAY.format(11, 0)))
    assert page.count(f'name="at" value="{at}"') >= 2 and "Hold its 2 units" in page
    engineer.send("/control/hold/", {**asked, "rule": "nelson_1", "at": at, "reason": "both"})
    assert len(nonconformity(actor.tenant, "NCR-1").units) == 2


def test_a_day_is_as_long_as_the_clocks_make_it(line, signed_in, load):
    """On the last Sunday of October a day has 25 hours; a run of its last hour was in no day's yield, and in March one was in two."""
    signed_in("administrator").send("/people/time-zone/", {"time_zone": "Europe/Berlin"})
    at = "2026-10-25T22:30:00Z"
    load({"tests": [{**one_test(7, "pass"), "started_at": at, "finished_at": at}]}, "sunday")
    engineer = signed_in("engineer")
    assert "100.00 %" in text(engineer.get("/yield/?day=2026-10-25&by=s"))
    asked = {"step": "FCT", "kind": "p", "since": "2026-03-01", "until": "2026-10-25"}
    assert len(engineer.get("/control/chart.csv", asked).content.splitlines()) == 3


def test_a_signal_is_held_from_the_page(line, signed_in):
    engineer = signed_in("engineer")
    asked = {"step": "PRINT", "name": "pressure"}
    page = text(engineer.get("/control/", asked))
    at, forms = page.split('name="at" value="')[1].split('"')[0], page.count("/control/hold/")
    said = {**asked, "rule": "nelson_1", "at": at, "reason": "pressure jumped", "request_key": "k"}
    held = engineer.send("/control/hold/", said)
    assert held.status_code == 302 and held["Location"] == "/nonconformities/NCR-1/"
    other = engineer.send("/control/hold/", {**said, "reason": "squeegee worn"})
    assert other.status_code == 409 and 'value="squeegee worn"' in other.content.decode(), "as it was typed"
    shown = text(engineer.get("/nonconformities/NCR-1/"))
    assert "pressure jumped" in shown and "H-1" in shown and "process" in shown
    page = text(engineer.get("/control/", asked))  # raised once: the chart leads to it
    assert page.count("/nonconformities/NCR-1/") == 1 and page.count("/control/hold/") == forms - 1
    assert engineer.send("/control/hold/", {**asked, "rule": "nelson_1", "at": "1", "reason": "r"}).status_code == 404
    assert signed_in("operator").send("/control/hold/", {**asked, "rule": "nelson_1", "at": at}).status_code == 403


def test_in_german(line, signed_in):
    engineer = signed_in("engineer")
    for address, words in (
        ("/yield/?day=2026-03-02", "Erstausbeute"), ("/defects/", "Pseudofehler"), ("/nonconformities/", "Nichtkonformitäten"),
        ("/factors/", "Was ist noch betroffen"), ("/control/", "Prozesslenkung"),
    ):  # fmt: skip
        page = engineer.get(address, headers={"accept-language": "de"}).content.decode()
        assert words in page, address
