"""The war room: what is known and not, tasks with owners, and affected units then and now."""

import pytest
from case_floor import AT, HOUR

from asbuilt.kernel.errors import Invalid, NotFound


@pytest.fixture
def case(house):
    from asbuilt.answers.cases.handling.actions.opening import open_case

    return open_case(house, kind="quality", title="Profile")


def working():
    from asbuilt.answers.cases.handling.actions import working

    return working


def test_what_becomes_known_supersedes_what_was_not(house, case, seen):
    first = working().state_finding(house, case=case, words="Who did it", known=False)
    assert working().state_finding(house, case=case, words="Oven 2 only", known=True) == "K-2"
    working().state_finding(house, case=case, words="The night shift", known=True, finding=first)
    found = [(one["finding"], one["words"], one["known"]) for one in seen(case)["findings"]]
    assert found == [("K-1", "The night shift", True), ("K-2", "Oven 2 only", True)]
    said = [one["why"] for one in seen(case)["timeline"] if one["kind"] == "finding"]
    assert said == ["Who did it", "Oven 2 only", "The night shift"]
    with pytest.raises(NotFound):
        working().state_finding(house, case=case, words="x", known=True, finding="K-9")


def test_a_task_has_an_owner_and_a_time_and_what_is_left_out_stays(house, case, seen, at_noon):
    code = working().set_task(house, case=case, words="Call Halden", owner="045", due_at=AT + HOUR)
    working().set_task(house, case=case, words="Read ten units back")
    at_noon(20)
    working().set_task(house, case=case, task=code, task_state="doing")
    first, second = seen(case)["tasks"]
    assert (first["task"], first["words"], first["owner"], first["state"], first["late"]) == (
        "T-1",
        "Call Halden",
        "045",
        "doing",
        True,
    )
    assert (second["task"], second["owner"], second["state"], second["late"]) == ("T-2", None, "todo", False)
    working().set_task(house, case=case, task=code, task_state="done")
    assert [one["task"] for one in seen(case)["tasks"]] == ["T-2", "T-1"]
    assert not seen(case)["tasks"][1]["late"]
    for wrong in ({"words": "x", "owner": "nobody"}, {"words": "x", "task_state": "later"}, {"words": ""}):
        with pytest.raises(Invalid):
            working().set_task(house, case=case, **wrong)


def test_affected_units_stand_as_frozen_and_as_they_are_now(house, case, load, at_noon):
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.affected import affected

    assert affected(house, case) == {"now": None, "frozen": [], "changed": None}
    at_noon(20)
    answer = freeze(house, case=case, question="order:WO-1", why="for the notice")
    ends = {"first_serial": "WO-1-1", "last_serial": "WO-1-2", "product": "OWN-1"}
    gone = {"shipment": "S-1", "customer": "HAL", "country": "NO", "shipped_at": "2026-11-20T08:00:00Z", **ends}
    load({"shipments": [gone]}, "gone")
    found = affected(house, case)
    numbers = ("certain", "possible", "unrecorded", "outside", "customers", "here")
    assert [found["frozen"][0][name] for name in numbers] == [3, 0, 0, 0, 0, 3]
    assert [found["now"][name] for name in numbers] == [3, 0, 0, 2, 1, 1]
    assert found["now"]["countries"] == {"NO": 2} and found["frozen"][0]["answer"] == answer
    assert found["changed"] == {"certain": 0, "possible": 0, "unrecorded": 0}


def test_the_map_of_the_war_room_and_the_draft_name_the_same_countries(house, load):
    """SH-1 names no country: Halden is at home in NO. The draft's Member States and summary count so; the map left the units out."""
    from reporting_floor import AEV, cells, report

    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.handling.affected import affected

    code = opening.open_case(house, kind="aev", title="Overflow")
    saying.add_product(house, case=code, product="OWN-1")
    said = {"shipped_at": "2026-05-05T08:00:00Z", "placed_on_market_at": "", "product": "OWN-1"}
    rows = [("SH-1", "HAL", "", "WO-1-1"), ("SH-2", "ALP", "at", "WO-1-2"), ("SH-3", "ALP", "", "WO-1-3")]
    load({"shipments": [{"shipment": name, "customer": to, "country": country, "first_serial": unit, "last_serial": unit, **said} for name, to, country, unit in rows]}, "sent")  # fmt: skip
    deciding.freeze(house, case=code, question="product:OWN-1", why="all")
    assert affected(house, code)["now"]["countries"] == {"AT": 2, "NO": 1}
    drafted = cells(report(house, code, **AEV))
    assert drafted["member_states"]["text"] == "AT" and "AT 2, NO 1" in drafted["summary"]["text"]
