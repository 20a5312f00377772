"""Moments are separate, superseded and never changed; duties run by role, side by side; what was shown then is still shown."""

import pytest
from case_floor import AT, HOUR, due, role

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def case(house):
    """An exploited vulnerability, open, without a product yet."""
    from asbuilt.answers.cases.handling.actions.opening import open_case

    return open_case(house, kind="aev", title="Overflow")


def saying():
    from asbuilt.answers.cases.handling.actions import saying

    return saying


def test_every_moment_is_kept_apart_with_who_and_why(cast):
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.cases.handling.seen import case_seen

    cara, carl = cast.actor["cara"], cast.actor["carl"]
    code = open_case(cara, kind="aev", title="t")
    names = ("occurred_at", "detected_at", "signal_received_at", "assessment_started_at", "assessment_concluded_at")
    for hour, name in enumerate(names):
        saying().state_moment(cara, case=code, moment=name, at=AT + hour * HOUR, why=f"log {hour}")
    saying().state_moment(carl, case=code, moment="occurred_at", at=AT - HOUR, why="router log")
    found = case_seen(cara, code)
    assert [found["moments"][name]["at"][11:13] for name in names] == ["07", "09", "10", "11", "12"]
    assert {found["moments"][name]["by"] for name in names[1:]} == {"badge-cara"}
    both = [(one["at"][11:13], one["why"], one["by"]) for one in found["timeline"] if one["name"] == "occurred_at"]
    assert both == [("08", "log 0", "badge-cara"), ("07", "router log", "badge-carl")]


def test_the_role_towards_each_product_says_which_duties_run_and_none_is_merged(house, case, seen):
    for product in ("OWN-1", "HAL-1", "HAL-2", "ALP-1"):
        saying().add_product(house, case=case, product=product)
    saying().say_duty(house, case=case, duty="nis2", why="we are an important entity")
    saying().say_duty(house, case=case, duty="gdpr", why="logs of users may be touched")
    saying().say_duty(house, case=case, duty="contract", hours=12, party="HAL", why="frame contract, 7.3")
    found = {(one["duty"], one["manufacturer"]): one["products"] for one in seen(case)["duties"]}
    assert found == {
        ("cra.aev", "OW"): ["OWN-1"], ("contract", "HAL"): ["HAL-1", "HAL-2"], ("contract", "ALP"): ["ALP-1"],
        ("nis2", None): [], ("gdpr", None): [],
    }  # fmt: skip
    saying().state_moment(house, case=case, moment="aware_at", at=AT, why="exploit seen in a unit of ours")
    assert due(seen(case, "cra.aev", "OW")) == {
        "early_warning": "2026-11-21T08:00:00Z", "notification": "2026-11-23T08:00:00Z", "final_report": None,
    }  # fmt: skip
    assert due(seen(case, "contract", "HAL")) == {"notice": "2026-11-20T20:00:00Z"}
    assert due(seen(case, "contract", "ALP")) == {"notice": None}  # its contract names no hours: without undue delay
    assert due(seen(case, "gdpr")) == {"notification": "2026-11-23T08:00:00Z"}
    assert due(seen(case, "nis2"))["final_report"] is None
    saying().say_duty(house, case=case, duty="gdpr", on=False, why="no personal data after all")
    assert seen(case, "gdpr")["aware"] is not None  # what was said of it stays in sight


def test_one_awareness_a_duty_and_manufacturer_moved_by_later_evidence_and_what_was_shown_stays(house, case, seen):
    for product in ("OWN-1", "HAL-1"):
        saying().add_product(house, case=case, product=product)
    saying().state_moment(house, case=case, moment="aware_at", at=AT, why="reported")
    said = {"case": case, "moment": "aware_at", "duty": "cra.aev", "manufacturer": "OW"}
    saying().state_moment(house, **said, at=AT - 6 * HOUR, why="the on-call engineer knew at two")
    found = seen(case, "cra.aev", "OW")
    assert due(found)["early_warning"] == "2026-11-21T02:00:00Z"
    assert found["aware"]["why"] == "the on-call engineer knew at two"
    assert seen(case, "contract", "HAL")["aware"]["at"] == "2026-11-20T08:00:00Z"  # the other one did not move
    lines = seen(case)["timeline"]
    aware = [one["at"] for one in lines if one["name"] == "aware_at" and one["duty"] == "cra.aev"]
    assert aware == ["2026-11-20T08:00:00Z", "2026-11-20T02:00:00Z"]
    shown = [
        one["said"]["clocks"]["early_warning"]["due_at"]
        for one in lines
        if one["kind"] == "shown" and one["duty"] == "cra.aev"
    ]
    assert shown == ["", "2026-11-21T08:00:00.000000Z", "2026-11-21T02:00:00.000000Z"]
    assert {one["said"]["rule_set"] for one in lines if one["kind"] == "shown"} == {"asbuilt.duties/2026-11-29"}


def test_the_first_measure_starts_the_final_report_and_one_taken_back_no_longer_does(house, case, seen):
    saying().add_product(house, case=case, product="OWN-1")
    saying().state_moment(house, case=case, moment="aware_at", at=AT, why="w")
    assert "no corrective or mitigating" in seen(case, "cra.aev", "OW")["clocks"][2]["note"]
    saying().state_measure(house, case=case, kind="corrective", at=AT + 72 * HOUR, why="2.3.2 is out")
    assert due(seen(case, "cra.aev", "OW"))["final_report"] == "2026-12-07T08:00:00Z"
    saying().state_measure(house, case=case, kind="mitigating", at=AT + 2 * HOUR, why="port 80 off, published")
    assert due(seen(case, "cra.aev", "OW"))["final_report"] == "2026-12-04T10:00:00Z"
    saying().state_measure(house, case=case, kind="mitigating", measure="M-2", at=None, why="it did not help")
    assert due(seen(case, "cra.aev", "OW"))["final_report"] == "2026-12-07T08:00:00Z"
    assert [one["measure"] for one in seen(case)["measures"]] == ["M-1", "M-2"]
    with pytest.raises(NotFound):
        saying().state_measure(house, case=case, kind="mitigating", measure="M-9", at=AT, why="w")


def test_a_role_that_changes_in_mid_case_is_a_gap_until_the_product_is_added_again(house, case, seen, load):
    saying().add_product(house, case=case, product="HAL-1")
    saying().state_moment(house, case=case, moment="aware_at", at=AT, why="w")
    load({"product_roles": [role("HAL-1", "OW", at="2026-11-21T00:00:00Z")]}, folder="later")
    assert [one for one in seen(case)["gaps"] if "HAL-1" in one]
    saying().add_product(house, case=case, product="HAL-1", why="we took the brand over")
    found = {(one["duty"], one["manufacturer"]): one["products"] for one in seen(case)["duties"]}
    assert found == {("cra.aev", "OW"): ["HAL-1"], ("contract", "HAL"): []}  # what ran before is still there
    # what ran keeps its awareness; the new duty has none until somebody says since when, and then its own clocks
    assert seen(case, "contract", "HAL")["aware"]["at"] == "2026-11-20T08:00:00Z"
    assert seen(case, "cra.aev", "OW")["aware"] is None and due(seen(case, "cra.aev", "OW"))["early_warning"] is None
    said = {"moment": "aware_at", "duty": "cra.aev", "manufacturer": "OW"}
    saying().state_moment(house, case=case, **said, at=AT + HOUR, why="the day we took it over")
    assert due(seen(case, "cra.aev", "OW"))["early_warning"] == "2026-11-21T09:00:00Z"
    assert seen(case, "contract", "HAL")["aware"]["at"] == "2026-11-20T08:00:00Z"
    assert not [one for one in seen(case)["gaps"] if "says otherwise" in one]


def test_a_product_whose_manufacturer_nobody_knows_is_refused_until_somebody_says(house, case, seen):
    with pytest.raises(Refused) as refused:
        saying().add_product(house, case=case, product="LOOSE")
    assert refused.value.code == "cases.manufacturer_unknown"
    saying().add_product(house, case=case, product="LOOSE", role="importer", manufacturer="HAL")
    assert [(one["duty"], one["manufacturer"]) for one in seen(case)["duties"]] == [("cra.importer", "HAL")]
    saying().state_moment(house, case=case, moment="aware_at", at=AT, why="w")
    clock = seen(case, "cra.importer", "HAL")["clocks"][0]
    assert (clock["state"], clock["due_at"]) == ("not_applicable", None) and "2027-12-11" in clock["note"]
    with pytest.raises(NotFound):
        saying().add_product(house, case=case, product="OWN-9")


def test_the_wrong_reflow_profile_runs_no_duty_of_the_manufacturer(house, seen):
    from asbuilt.answers.cases.handling.actions.opening import open_case

    code = open_case(house, kind="quality", title="Wrong profile")
    saying().add_product(house, case=code, product="OWN-1")
    assert seen(code)["duties"] == []
    saying().add_product(house, case=code, product="HAL-1")
    assert [(one["duty"], one["manufacturer"]) for one in seen(code)["duties"]] == [("contract", "HAL")]


@pytest.mark.parametrize(
    ("verb", "said", "code"),
    [
        ("state_moment", {"moment": "aware_at", "at": AT}, "cases.duty_not_running"),
        ("state_moment", {"moment": "aware_at", "at": AT, "duty": "gdpr"}, "cases.duty_not_running"),
        ("state_moment", {"moment": "guessed_at", "at": AT}, "cases.word_unknown"),
        ("state_moment", {"moment": "occurred_at", "at": 4_000_000_000_000_000}, "cases.ahead"),
        ("state_moment", {"moment": "occurred_at", "at": AT, "duty": "nis2"}, "cases.moment_whole"),
        ("state_measure", {"kind": "corrective", "at": None}, "cases.measure_when"),
        ("say_duty", {"duty": "cra.aev"}, "cases.duty_by_role"),
        ("say_duty", {"duty": "gdpr", "hours": 5}, "cases.hours_wrong"),
        ("say_duty", {"duty": "contract", "hours": 0}, "cases.hours_wrong"),
        ("say_duty", {"duty": "moon"}, "cases.duty_unknown"),
        ("say_duty", {"duty": "contract", "party": "NOBODY"}, "parties.unknown"),
    ],
)
def test_what_is_wrong_is_refused_by_name(house, case, seen, verb, said, code):
    before = len(seen(case)["timeline"])
    with pytest.raises((Refused, Invalid, NotFound)) as refused:
        getattr(saying(), verb)(house, case=case, why="w", **said)
    assert refused.value.code == code and len(seen(case)["timeline"]) == before


def test_the_same_request_twice_is_one_line_and_awareness_needs_who_may_decide(cast):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.cases.handling.seen import case_seen

    code = open_case(local_system(1), kind="aev", title="t")
    saying().add_product(cast.actor["ben"], case=code, product="A-LAMP", role="ems", manufacturer="ALPINA")
    said = {"case": code, "moment": "occurred_at", "why": "w", "request_key": "K"}
    assert saying().state_moment(cast.actor["ben"], at=AT, **said) == saying().state_moment(
        cast.actor["ben"], at=AT, **said
    )
    with pytest.raises(Conflict):
        saying().state_moment(cast.actor["ben"], at=AT + 1, **said)
    with pytest.raises(NotAllowed):
        saying().state_moment(cast.actor["ben"], case=code, moment="aware_at", at=AT, why="w")
    assert [one["kind"] for one in case_seen(cast.actor["cara"], code)["timeline"]].count("moment") == 1


def test_a_contract_that_runs_by_role_is_not_switched_off_but_decided_and_keeps_its_hours(house, case, seen):
    """Switched off, it went on running and only its deadline was gone."""
    verbs = saying()
    verbs.add_product(house, case=case, product="HAL-1")
    verbs.say_duty(house, case=case, duty="contract", hours=12, party="HAL", why="frame contract")
    verbs.state_moment(house, case=case, moment="aware_at", at=AT, why="seen")
    due_at = seen(case, "contract", "HAL")["clocks"][0]["due_at"]
    assert due_at
    for party in ("HAL", ""):
        with pytest.raises(Refused) as refused:
            verbs.say_duty(house, case=case, duty="contract", on=False, party=party, why="we have none")
        assert refused.value.code == "cases.duty_by_role" and "contract_does_not_ask" in refused.value.remedy
    assert seen(case, "contract", "HAL")["clocks"][0]["due_at"] == due_at
    # of a party none of whose products is in the case it was said, and can be unsaid
    verbs.say_duty(house, case=case, duty="contract", hours=12, party="ALP", why="frame contract")
    verbs.say_duty(house, case=case, duty="contract", on=False, party="ALP", why="it has no product here")
    assert [one["manufacturer"] for one in seen(case)["duties"] if one["duty"] == "contract"] == ["HAL"]


def test_a_duty_said_off_after_its_awareness_ends_with_the_reason_and_runs_on_where_it_is_said_again(house, case, seen, monkeypatch):  # fmt: skip
    """It was shown as late and called for ever, though the house had said that it is no such entity."""
    from asbuilt.answers.cases.handling.seen import cases_told
    from asbuilt.answers.cases.reporting import escalating

    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@ostwerk.example")
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "psirt")
    verbs = saying()
    verbs.say_duty(house, case=case, duty="nis2", why="we are an important entity")
    verbs.say_duty(house, case=case, duty="contract", hours=12, party="ALP", why="frame contract")
    verbs.state_moment(house, case=case, moment="aware_at", at=AT, why="seen")
    deadlines = {duty: due(seen(case, *duty)) for duty in (("nis2",), ("contract", "ALP"))}
    assert escalating.escalate(house.tenant, AT + 13 * HOUR) == 2
    verbs.say_duty(house, case=case, duty="nis2", on=False, why="below the size of an entity")
    verbs.say_duty(house, case=case, duty="contract", on=False, party="ALP", why="it has no product here")
    for duty, before in deadlines.items():
        ended = seen(case, *duty)
        assert ended["aware"]["why"] == "seen" and due(ended) == before  # nothing is deleted
        assert {one["state"] for one in ended["clocks"]} == {"ended"} and not any(
            one["late"] for one in ended["clocks"]
        )
    nis2 = seen(case, "nis2")
    assert nis2["ended"]["why"] == "below the size of an entity"
    assert {one["note"] for one in nis2["clocks"]} == {"below the size of an entity"}
    whole = seen(case)
    assert whole["open_ends"] == [] and cases_told(house)[0]["next_due_at"] is None
    assert not any("ignificant incident" in said for said in [*whole["gaps"], whole["next"]])
    assert [one["said"]["clocks"]["early_warning"]["state"] for one in whole["timeline"] if one["kind"] == "shown" and one["duty"] == "nis2"] == [
        "not_started", "running", "ended",
    ]  # fmt: skip
    assert escalating.escalate(house.tenant, AT + 90 * HOUR) == 0
    verbs.say_duty(house, case=case, duty="nis2", why="counted anew: we are one")
    again = seen(case, "nis2")
    assert again["ended"] is None and due(again) == deadlines[("nis2",)] and again["clocks"][0]["state"] == "running"
    assert escalating.escalate(house.tenant, AT + 90 * HOUR) == 2
