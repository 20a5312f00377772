"""The time zone of the tenant (design, section 6: a date is the whole day there, UTC unless set). The story: nobody could set it."""

import json

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed

JSON = "application/json"
DAY, UNITS = 15, 12


def test_a_day_asked_for_is_a_day_of_the_zone_that_was_set(cast):
    """The order ran from 08:00 to 09:00 UTC: in Honolulu, ten hours behind, that was the evening before."""
    adam, anna = cast.program("adam"), cast.program("anna")

    def ran_on(day: int) -> int:
        found = anna.get("/api/v1/ask", {"question": f"order:WO-ALP passed:REFLOW@2027-03-{day:02}"})
        return found.json()["affected"]["certain"]

    assert adam.get("/api/v1/settings").json()["time_zone"] == "UTC"
    assert (ran_on(DAY - 1), ran_on(DAY)) == (0, UNITS)
    said = adam.put("/api/v1/settings/time-zone", {"time_zone": "Pacific/Honolulu"}, JSON)
    assert said.json() == {"time_zone": "Pacific/Honolulu"}
    assert (ran_on(DAY - 1), ran_on(DAY)) == (UNITS, 0)
    assert "Times: Pacific/Honolulu" in cast.browser("adam").get("/people/").content.decode()
    assert cast.program("dan").get("/api/v1/settings").json()["time_zone"] == "UTC", "another tenant keeps its own"


def test_each_change_is_one_entry_that_says_who_and_what_was_before(cast):
    from asbuilt.storage import reading

    adam = cast.program("adam")
    for zone, key in (("Europe/Berlin", "z-1"), ("Europe/Berlin", "z-2"), ("Asia/Tokyo", "z-3")):
        said = adam.put("/api/v1/settings/time-zone", {"time_zone": zone}, JSON, headers={"Idempotency-Key": key})
        assert said.status_code == 200
    rows = reading.fetch("SELECT body FROM ledger_entry WHERE tenant = %s ORDER BY number", (1,))
    told = [json.loads(bytes(body) if not isinstance(body, str) else body) for (body,) in rows]
    told = [one for one in told if one["type"] == "access.time_zone_set"]
    assert [(one["facts"]["before"], one["facts"]["zone"]) for one in told] == [
        ("UTC", "Europe/Berlin"),
        ("Europe/Berlin", "Asia/Tokyo"),
    ]
    assert {one["actor"] for one in told} == {f"person:{cast.person['adam']}"}


def test_a_name_that_is_no_zone_says_what_was_meant(cast):
    from asbuilt.access.actions import set_time_zone

    with pytest.raises(Invalid) as refusal:
        set_time_zone(cast.actor["adam"], zone="Europe/Berln")
    assert refusal.value.facts["field"] == "time_zone" and "Europe/Berlin" in str(refusal.value)
    for wrong in ("", "CET-1", "../../etc/passwd", "x" * 500):
        with pytest.raises(Invalid):
            set_time_zone(cast.actor["adam"], zone=wrong)


def test_nobody_else_sets_it(cast):
    from asbuilt.access.actions import set_time_zone

    for who in ("eva", "ben", "olga", "carl", "brand_a_reader"):
        with pytest.raises(NotAllowed):
            set_time_zone(cast.actor[who], zone="Europe/Berlin")


def test_the_page_people_sets_it_and_keeps_a_wrong_one_out(cast):
    adam = cast.browser("adam")
    refused = adam.post("/people/time-zone/", {"time_zone": "Mars/Olympus"})
    assert refused.status_code == 422 and "Mars/Olympus is no time zone" in refused.content.decode()
    assert adam.post("/people/time-zone/", {"time_zone": "Europe/Lisbon"}).status_code == 302
    assert "Times: Europe/Lisbon" in adam.get("/people/").content.decode()
