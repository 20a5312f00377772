"""Out of limits, Instruments, Qualifications, Environment: the pages, and what they show on the order, the unit and the station."""

import json
import re
from html import unescape

import pytest
from line_and_box import factory

pytestmark = pytest.mark.once


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


def run(first, last, hour, step="PRINT", machine="PR1", **readings):
    return {"order": "WO", "step": step, "machine": machine, "program": "P7", "first_serial": first, "last_serial": last,
            "started_at": f"2026-03-02T{hour:02d}:00:00Z", "finished_at": f"2026-03-02T{hour:02d}:30:00Z", "operator": "",
            "result": "completed", "readings": json.dumps(readings) if readings else "", "side": "top"}  # fmt: skip


@pytest.fixture
def loaded(load):
    tables = factory()
    for row in tables["routings"]:
        row["qualifications"] = "IPC-A-610" if row["step"] == "PRINT" else ""
    load(tables)
    load(
        {
            "areas": [{"machine": "PR1", "area": "hall 2", "from_at": "2026-03-01T00:00:00Z"}],
            "environment": [
                {
                    "area": "hall 2",
                    "temperature_c": "22.5",
                    "humidity_percent": "41",
                    "measured_at": "2026-03-02T09:10:00Z",
                }
            ],
            "processes": [run("B1", "B3", 9, pressure=0.31), run("B4", "B4", 10, pressure=0.5)],
        },
        "runs",
    )


def test_a_run_out_of_limits_is_held_with_one_click(loaded, signed_in):
    lead = signed_in("quality_lead")
    page = lead.get("/alarms/")
    said = text(page)
    assert "Waiting for a decision 2" in said and "pressure 0.31 (0.1 to 0.3)" in said and "WO#1 … WO#3" in said
    assert "2 runs lay outside of their limits." in text(lead.get("/order/WO/"))
    numbers = re.findall(r"/alarms/(\d+)/hold/", page.content.decode())
    assert len(numbers) == 2
    # the newest first: the second form is that of B1 to B3; its reason is filled in
    reasons = re.findall(r'name="reason" value="([^"]+)"', page.content.decode())
    assert reasons[1] == "PRINT top at PR1 out of limits: pressure 0.31 (0.1 to 0.3)"
    done = lead.send(f"/alarms/{numbers[1]}/hold/", {"reason": reasons[1], "request_key": "k1"})
    assert done.status_code == 302 and done["Location"] == "/holds/H-1/"
    assert "B1" in text(lead.get("/holds/H-1/"))
    assert "is on hold" in text(lead.get("/station/", {"step": "SMT", "side": "top", "unit": "B2"}))
    again = lead.send(f"/alarms/{numbers[1]}/hold/", {"reason": "again", "request_key": "k2"})
    assert again.status_code == 409 and "decided about already" in text(again)
    bare = lead.send(f"/alarms/{numbers[0]}/dismiss/", {"reason": "  "})
    assert bare.status_code == 422
    for verb in ("hold", "dismiss"):
        long = lead.send(f"/alarms/{numbers[0]}/{verb}/", {"reason": "loose " * 400})
        assert long.status_code == 422 and long.content.decode().count(f'value="{"loose " * 400}"') == 1, verb
    assert lead.send(f"/alarms/{numbers[0]}/dismiss/", {"reason": "gauge was loose"}).status_code == 302
    said = text(lead.get("/alarms/", {"order": "WO"}))
    assert "No run waits for a decision." in said and "gauge was loose" in said and "H-1" in said
    assert "outside of" not in text(lead.get("/order/WO/"))


def test_the_unit_shows_what_lay_outside_and_the_air(loaded, signed_in):
    said = text(signed_in("engineer").get("/unit/B2/"))
    assert "out of limits pressure 0.31 (0.1 to 0.3)" in said
    assert "Area hall 2: 22.5 °C · 41 % relative humidity · measured" in said
    assert "nothing was measured at that time" not in said


def test_an_instrument_found_bad_shows_what_is_in_doubt(loaded, load, signed_in):
    engineer = signed_in("engineer")
    assert "No calibration is recorded." in text(engineer.get("/instruments/"))
    good = {"instrument": "PR1", "kind": "printer", "as_found": "in_tolerance", "as_left": "in_tolerance",
            "calibrated_at": "2026-03-02T09:45:00Z", "valid_until": "2026-03-09"}  # fmt: skip
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("17.pdf", b"%PDF-1.7")
    sent = engineer.send("/instruments/", {**good, "certificate": "17", "file": file})
    assert sent.status_code == 302 and sent["Location"] == "/instruments/PR1/"
    page = engineer.get("/instruments/PR1/")
    assert "In doubt" not in text(page) and re.search(
        r'href="/api/v1/evidence/[0-9a-f]{64}" download', page.content.decode()
    )
    assert "calibration due" in text(engineer.get("/instruments/"))
    bad = {**good, "as_found": "out_of_tolerance", "calibrated_at": "2026-03-03T08:00:00Z", "valid_until": ""}
    assert engineer.send("/instruments/", bad).status_code == 302
    page = engineer.get("/instruments/PR1/")
    said = text(page)
    # B4 alone: the run of B1 to B3 ended before the good calibration
    assert "Units, certain 1 Units, possible 0 Test runs 0 Process runs 1" in said
    question = "passed:PR1@2026-03-02T09:45:00Z..2026-03-03T08:00:00Z"
    assert question in said
    links = re.findall(r'href="(/\?q=[^"]+)"', page.content.decode())
    assert b"B4" in b"".join(engineer.get("/ask/serials.csv", {"q": question}).streaming_content)
    assert "Certain 1" in text(engineer.get(unescape(links[0])))
    holds = re.findall(r'href="(/holds/\?question[^"]+)"', page.content.decode())
    form = engineer.get(unescape(holds[0])).content.decode()
    assert question in unescape(form) and "PR1 was out of tolerance" in unescape(form)
    assert engineer.get("/instruments/NONE/").status_code == 404
    wrong = engineer.send("/instruments/", {**good, "calibrated_at": "yesterday"})
    assert wrong.status_code == 422 and 'value="yesterday"' in wrong.content.decode()


def test_a_qualification_is_renewed_and_the_station_says_who_lacks_it(loaded, signed_in):
    lead, operator = signed_in("quality_lead"), signed_in("operator")
    station = {"step": "PRINT", "side": "top", "operator": "045", "unit": "B5"}
    said = text(operator.get("/station/", station))
    assert "STOP" in said and "045 lacks IPC-A-610. None is recorded." in said and "quality lead" in said
    asked = {"person": "045", "qualification": "IPC-A-610", "granted_at": "2026-01-01T00:00:00Z"}
    assert lead.send("/qualifications/", {**asked, "valid_until": "2026-02-01"}).status_code == 302
    assert "does not hold" in text(lead.get("/qualifications/"))
    assert "It was valid until 2026-02-01." in text(operator.get("/station/", station))
    assert lead.send("/qualifications/", {**asked, "valid_until": "2099-02-01"}).status_code == 302
    assert "OK" in text(operator.get("/station/", station))
    done = operator.send(
        "/station/scan/", {**{k: station[k] for k in ("step", "side", "operator")}, "scan": "PASS", "front": "B5"}
    )
    assert done.status_code == 302
    assert operator.get("/qualifications/").status_code == 403
    empty = lead.send("/qualifications/", {"person": "", "qualification": "ESD"})
    assert empty.status_code == 422 and "somebody" in text(empty)


def test_the_air_is_typed_in(loaded, signed_in):
    engineer = signed_in("engineer")
    said = {"act": "measure", "area": "hall 3", "temperature_c": "21", "cleanroom_class": "ISO 8"}
    assert engineer.send("/environment/", said).status_code == 302
    assert engineer.send("/environment/", {"act": "area", "machine": "OV9", "area": "hall 3"}).status_code == 302
    page = text(engineer.get("/environment/"))
    assert "hall 3 21 – ISO 8" in page and "OV9 hall 3" in page and "hall 2 22.5 41" in page
    assert "hall 2 22.5" not in text(engineer.get("/environment/", {"area": "hall 3"}))
    wrong = engineer.send("/environment/", {"act": "measure", "area": "hall 3", "humidity_percent": "140"})
    assert wrong.status_code == 422 and "relative humidity" in text(wrong)


def test_in_german(loaded, signed_in):
    lead = signed_in("quality_lead")
    lead.send("/language/", {"language": "de", "next": "/alarms/"})
    assert "Wartet auf eine Entscheidung" in text(lead.get("/alarms/"))
    for page in ("/instruments/", "/qualifications/", "/environment/"):
        assert lead.get(page).status_code == 200
