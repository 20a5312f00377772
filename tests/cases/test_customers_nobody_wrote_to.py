"""Customers hold affected units by the frozen answer, and nobody wrote a notice: the case says so, asks for it in its turn, and does not close over it.

Counted by hand (notice_floor): OWN-1 is with two customers, Halden and Alpina; HAL-1 left the house in no story but the last.
"""

import pytest
from case_floor import AT, HOUR
from cast import cast, cast_home  # noqa: F401
from notice_floor import contacts, drafted, open_case, shipment

from asbuilt.kernel.errors import Refused

TWO = "2 customers hold affected units and no notice was written to them"
BRAND = "Not told: Halden, of whose products customers hold affected units."
LAW = "Regulation (EU) 2024/2847, Article 14(8)"


def untold(found: dict) -> list[str]:
    return [gap for gap in found["gaps"] if "no notice was written" in gap or gap.startswith("Not told")]


def submitted(actor, code: str, stage: str, at: int, duty: str = "cra.aev") -> None:
    from asbuilt.answers.cases.handling.actions import deciding

    deciding.submit(actor, case=code, duty=duty, stage=stage, at=at)


def test_the_notice_is_asked_for_after_the_early_warning_and_before_later_reports_and_field_actions(
    told, seen, at_noon
):
    from asbuilt.answers.cases.acting.actions import start_action

    at_noon(20)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = open_case(told)
    start_action(told, case=code, kind="recall", title="all back", question="product:OWN-1", why="w")
    found = seen(code)
    assert [gap for gap in untold(found) if gap.startswith(TWO) and LAW in gap] == untold(found) != []
    assert found["next"].startswith("Submit: early warning, ")
    submitted(told, code, "early_warning", AT + HOUR)
    assert seen(code)["next"] == "Write the notice: 2 customers hold affected units."
    notice = drafted(told, code)
    found = seen(code)
    assert not untold(found) and found["next"].startswith("Submit: notification, ")
    assert {one["name"]: one["words"] for one in found["open_ends"]}[notice] == "not sent"


def test_a_later_report_that_is_late_goes_before_the_notice(told, seen, at_noon):
    at_noon(20)
    code = open_case(told)
    submitted(told, code, "early_warning", AT + HOUR)
    at_noon(24)
    assert seen(code)["next"].startswith("Submit: notification, ") and untold(seen(code))


def test_a_quality_problem_in_the_field_asks_too_without_a_law_and_closes_only_with_the_reason(told, seen):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(told, kind="quality", title="Oven")
    saying.add_product(told, case=code, product="OWN-1")
    deciding.freeze(told, case=code, question="product:OWN-1", why="to tell")
    assert (
        untold(seen(code)) == [f"{TWO}."] and seen(code)["next"] == "Write the notice: 2 customers hold affected units."
    )
    with pytest.raises(Refused) as silent:
        opening.close_case(told, case=code, why="over")
    assert silent.value.code == "cases.open_ends"
    assert silent.value.facts["open"] == {"customers": "2 hold affected units, no notice was written"}
    opening.close_case(told, case=code, why="over", left_open={"customers": "both were on the phone"})
    left = [(one["name"], one["why"]) for one in seen(code)["timeline"] if one["kind"] == "left_open"]
    assert left == [("customers", "both were on the phone")] and not untold(seen(code))
    opening.reopen_case(told, case=code, why="more came")
    assert not untold(seen(code))
    deciding.freeze(told, case=code, question="unit:WO-1-3", why="the worst one")
    assert untold(seen(code)) == [f"{TWO}."]  # both answers stand, and the reason was given of the first


def test_a_notice_that_is_held_for_the_risk_is_written_and_the_case_says_why_it_waits(told, seen):
    from asbuilt.answers.cases.telling.actions.holding import hold_notice

    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = open_case(told)
    notice = drafted(told, code)
    hold_notice(told, notice=notice, readers=["psirt"], why="exploited, no update yet")
    found = seen(code)
    assert not untold(found)
    assert {one["name"]: one["words"] for one in found["open_ends"]}[
        notice
    ] == "not sent; held: exploited, no update yet"


def test_nobody_is_asked_for_a_notice_of_units_that_no_customer_holds_or_to_an_authority_or_of_code_that_is_not_reachable(told, seen):  # fmt: skip
    from asbuilt.answers.cases.handling.actions import deciding, saying

    at_home = open_case(told, question="product:HAL-1")
    assert not untold(seen(at_home))
    asked = open_case_of(told, "authority")
    assert not untold(seen(asked))
    code = open_case(told)
    answer = seen(code)["answers"][0]["answer"]
    deciding.decide(told, case=code, reportable=False, ground="not_exploited_in_product", why="logs", answer=answer)
    assert untold(seen(code))  # users may be hit by it all the same
    deciding.decide(told, case=code, reportable=False, ground="not_reachable", why="not linked", answer=answer)
    assert not untold(seen(code))
    saying.add_product(told, case=code, product="OWN-1", role="distributor", manufacturer="ALP")
    assert untold(seen(code))  # that ground was of the duty that we no longer have


def open_case_of(actor, kind: str) -> str:
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(actor, kind=kind, title="Asked")
    saying.add_product(actor, case=code, product="OWN-1")
    deciding.freeze(actor, case=code, question="product:OWN-1", why="asked")
    return code


def test_who_only_builds_tells_the_manufacturer_and_it_tells_its_customers(told, load, seen):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    load({"shipments": [shipment("SH-9", "ALP", "WO-2-1", "WO-2-1")]}, "later")
    code = opening.open_case(told, kind="aev", title="Overflow")
    saying.add_product(told, case=code, product="HAL-1")
    saying.state_moment(told, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(told, case=code, question="product:HAL-1", why="to tell")
    assert untold(seen(code)) == [BRAND]
    submitted(told, code, "notice", AT + HOUR, duty="contract")
    assert not untold(seen(code))


def mixed(actor, load) -> str:
    """A case of HAL-1, which is built for Halden and of which Alpina has one, and of OWN-1, which is ours; the answer has both."""
    from asbuilt.answers.cases.handling.actions import deciding, saying

    load({"shipments": [shipment("SH-9", "ALP", "WO-2-1", "WO-2-1")]}, "later")
    code = open_case(actor, question="product:HAL-1 or unit:WO-1-1")
    saying.add_product(actor, case=code, product="HAL-1")
    deciding.freeze(
        actor, case=code, question="product:HAL-1 or unit:WO-1-1", why="Halden has one of ours, Alpina one of Halden's"
    )
    return code


def test_who_builds_and_has_a_product_of_its_own_writes_to_the_customers_of_its_own_and_to_the_brand_owner_of_the_others(
    told, load, seen
):
    code = mixed(told, load)
    # Alpina holds one of Halden's boards and none of ours: Halden tells it
    own, brand = untold(seen(code))
    assert own.startswith("1 customer holds affected units and no notice was written to it") and LAW in own
    assert brand == BRAND
    assert {one["name"]: one["words"] for one in seen(code)["open_ends"]}["customers"] == (
        "1 holds affected units, no notice was written; not told: Halden"
    )
    submitted(told, code, "notice", AT + HOUR, duty="contract")
    assert untold(seen(code)) == [own]
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    drafted(told, code)
    assert not untold(seen(code))


def test_a_product_of_the_answer_that_the_case_does_not_name_is_told_of_by_its_manufacturer_of_record(told, load, seen):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    load({"shipments": [shipment("SH-9", "ALP", "WO-2-1", "WO-2-1")]}, "later")
    code = opening.open_case(told, kind="quality", title="Oven")
    saying.add_product(told, case=code, product="HAL-1")
    deciding.freeze(told, case=code, question="unit:WO-1-1 or product:HAL-1", why="both ran that day")
    assert untold(seen(code)) == ["1 customer holds affected units and no notice was written to it.", BRAND]


def test_the_brand_owner_is_asked_for_in_german_too(told, load, seen):
    from django.utils import translation

    code = mixed(told, load)
    with translation.override("de"):
        gaps = seen(code)["gaps"]
        ends = {one["name"]: one["words"] for one in seen(code)["open_ends"]}
    assert "Nicht informiert: Halden, von dessen Produkten Kunden betroffene Einheiten haben." in gaps
    assert ends["customers"] == "1 hat betroffene Einheiten, keine Mitteilung ist geschrieben; nicht informiert: Halden"
