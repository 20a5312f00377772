"""The pages of field actions: begin one from its case, report units, see who is left, close it; strangers find nothing."""

# ruff: noqa: F811

import pytest
from cast import cast, cast_home, serial  # noqa: F401
from django.core.files.uploadedfile import SimpleUploadedFile

from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

pytestmark = pytest.mark.once


@pytest.fixture
def case(cast):
    """A case of our record."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import opening

    return opening.open_case(local_system(cast.tenant["cara"]), kind="quality", title="Profile")


@pytest.fixture
def action(cast, case):
    """A recall of Alpina's order, begun on the page."""
    cara = cast.browser("cara")
    assert "Begin a field action" in cara.get(f"/case/{case}/").content.decode()
    assert cara.get(f"/case/{case}/field-action/new/").status_code == 200
    said = {"kind": "recall", "title": "Take <b>back</b>", "question": "order:WO-ALP", "why": "heat"}
    begun = cara.post(f"/case/{case}/field-action/", said)
    assert begun.status_code == 302 and begun["Location"] == "/field-action/F-1/"
    return "F-1"


def test_an_action_shows_how_far_it_is_and_words_stay_words(cast, case, action):
    page = cast.browser("cara").get("/field-action/F-1/").content.decode()
    assert "Take &lt;b&gt;back&lt;/b&gt;" in page and "<b>back</b>" not in page
    assert "order:WO-ALP" in page and "units are accounted for" in page
    listed = cast.browser("cara").get(f"/case/{case}/").content.decode()
    assert "F-1" in listed and "F-1" in cast.browser("cara").get("/field-actions/").content.decode()


def test_units_are_reported_by_name_and_by_file_and_what_is_left_comes_as_csv(cast, action):
    cara = cast.browser("cara")
    before = cara.get("/field-action/F-1/units/left.csv").content.decode().splitlines()
    first, second = before[1].split(",")[0], before[2].split(",")[0]
    now = format_instant(
        clock.now()
    )  # the cast ships in 2027: what is recorded before it happens counts as of when it was recorded
    said = {
        "verb": "report",
        "units": first,
        "standing": "returned",
        "source": "customer",
        "at": now,
    }
    assert cara.post("/field-action/F-1/", said).status_code == 302
    rows = f"serial,state,at\n{second},returned,{now}\n"
    file = SimpleUploadedFile("back.csv", rows.encode())
    assert cara.post("/field-action/F-1/report-file/", {"source": "service", "file": file}).status_code == 302
    after = cara.get("/field-action/F-1/units/left.csv").content.decode().splitlines()
    assert before[0] == after[0] == "serial,customer" and after[1:] == before[3:]
    back = cara.get("/field-action/F-1/units/returned.csv").content.decode().splitlines()
    assert [row.split(",")[0] for row in back[1:]] == [first, second]
    wrong = SimpleUploadedFile("back.csv", b"serial,state,at\nNOBODY,returned,2026-11-20T08:00:00Z\n")
    refused = cara.post("/field-action/F-1/report-file/", {"source": "service", "file": wrong})
    assert refused.status_code == 422 and "NOBODY" in refused.content.decode()


def test_it_is_closed_by_a_second_person_on_the_page(cast, action):
    cara, second = cast.browser("cara"), cast.browser("carl")
    assert cara.post("/field-action/F-1/", {"verb": "justify", "why": "gone"}).status_code == 302
    assert cara.post("/field-action/F-1/", {"verb": "close", "why": "over"}).status_code == 409
    assert second.post("/field-action/F-1/", {"verb": "close", "why": "over"}).status_code == 302
    assert cara.post("/field-action/F-1/", {"verb": "look"}).status_code == 409


def test_who_may_not_see_cases_finds_no_field_action(cast, action):
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("anna", 403)):
        for place in ("/field-action/F-1/", "/field-action/F-1/units/left.csv"):
            assert cast.browser(who).get(place).status_code == status, (who, place)
    assert "F-1" not in cast.browser("dan").get("/field-actions/").content.decode()
    assert cast.browser("ben").post("/field-action/F-1/", {"verb": "close", "why": "w"}).status_code == 403


def test_the_work_that_mends_units_is_ordered_on_the_page_and_strangers_find_nothing_to_order(cast, case, action):
    cara = cast.browser("cara")
    said = {
        "kind": "update",
        "title": "Rework",
        "question": "order:WO-ALP",
        "remedy": "reworked",
        "why": "heat",
        "hold": "yes",
        "steps": "REWORK; FCT",
    }
    begun = cara.post(f"/case/{case}/field-action/", said)
    assert begun.status_code == 302 and begun["Location"] == "/field-action/F-2/"
    page = cara.get("/field-action/F-2/").content.decode()
    assert "Its hold lets through" in page and "REWORK, FCT" in page and "Order the work that mends them" in page
    order = {"verb": "order", "steps": "AOI <b>", "why": "looked at"}
    assert cara.post("/field-action/F-2/", order).status_code == 302
    assert "AOI &lt;b&gt;" in cara.get("/field-action/F-2/").content.decode()
    hold = cara.get("/api/v1/field-actions/F-2").json()["hold"]
    shown = cara.get(f"/holds/{hold}/").content.decode()
    assert "Lets through" in shown and "AOI &lt;b&gt;" in shown and "Holds no more" in shown
    assert cara.get(f"/api/v1/holds/{hold}").json()["done"] == "reworked"
    packing = cara.post("/field-action/F-2/", {**order, "steps": "PACK"})
    assert packing.status_code == 422 and "PACK" in packing.content.decode()
    # what takes units back orders nothing on them, and has no form for it
    assert "Order the work" not in cara.get("/field-action/F-1/").content.decode()
    assert cara.post("/field-action/F-1/", order).status_code == 409
    asked = {"steps": ["X"], "why": "w"}
    place = "/api/v1/field-actions/F-2/order"
    found = cara.post(place, asked, content_type="application/json")
    assert found.status_code == 200 and found.json()["steps"] == ["REWORK", "FCT", "AOI <b>", "X"]
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("ben", 403)):
        assert cast.browser(who).post("/field-action/F-2/", order).status_code == status, who
        assert cast.browser(who).post(place, asked, content_type="application/json").status_code == status, who


def test_in_german_the_tables_of_an_action_count_units_and_are_not_over_something(cast, action):
    """*Of* behind *done* was *Über*, which heads what a paper is about: 60, über 5.001."""
    import re

    cara = cast.browser("cara")
    for place in ("/field-action/F-1/", "/field-actions/"):
        page = cara.get(place, HTTP_ACCEPT_LANGUAGE="de").content.decode()
        heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page)
        assert "Fertig" in heads and "Einheiten" in heads and "Über" not in heads
