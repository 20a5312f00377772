"""Decisions with ground and evidence, frozen answers, submissions; a past deadline stops nothing and asks for a reason."""

import pytest
from case_floor import AT, HOUR

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused


@pytest.fixture
def case(house):
    """An exploited vulnerability of our own product and of Halden's, known since 20 November, 08:00."""
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.cases.handling.actions.saying import add_product, state_moment

    code = open_case(house, kind="aev", title="Overflow")
    for product in ("OWN-1", "HAL-1"):
        add_product(house, case=code, product=product)
    state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    return code


def deciding():
    from asbuilt.answers.cases.handling.actions import deciding

    return deciding


def test_not_reportable_needs_a_ground_of_that_duty_and_evidence(house, case, seen):
    said = {"case": case, "reportable": False, "duty": "cra.aev", "why": "RSA is configured out"}
    for ground, code in (
        ("no_risk_to_people", "cases.ground_unknown"),
        ("exploited_in_product", "cases.ground_unknown"),
    ):
        with pytest.raises(Invalid) as wrong:
            deciding().decide(house, ground=ground, **said)
        assert wrong.value.code == code
    with pytest.raises(Refused) as refused:
        deciding().decide(house, ground="not_reachable", **said)
    assert refused.value.code == "cases.evidence_missing"
    with pytest.raises(NotFound):
        deciding().decide(house, ground="not_reachable", vex="VEX-99", **said)
    deciding().decide(house, ground="not_reachable", content=b"call graph", name="../graph.txt", **said)
    run = seen(case, "cra.aev", "OW")
    assert run["decided"] == "not_reportable" and run["decision"]["said"]["file"] == "graph.txt"
    assert not any(one["late"] for one in run["clocks"])
    assert seen(case, "contract", "HAL")["decided"] is None  # each duty is decided by itself


def test_a_later_decision_supersedes_and_both_stay(house, case, seen):
    said = {"case": case, "duty": "cra.aev", "why": "w"}
    deciding().decide(house, reportable=False, ground="not_exploited_in_product", content=b"logs", **said)
    deciding().decide(house, reportable=True, ground="exploited_in_product", **{**said, "why": "a customer's logs"})
    assert seen(case, "cra.aev", "OW")["decided"] == "reportable"
    both = [one["said"]["decision"] for one in seen(case)["timeline"] if one["kind"] == "decision"]
    assert both == ["not_reportable", "reportable"]


def test_the_affected_units_are_frozen_and_stay_with_the_case(house, case, seen):
    from asbuilt.answers.register.queries import frozen_answer

    assert "No answer of affected units is frozen." in seen(case)["gaps"]
    first = deciding().freeze(house, case=case, question="product:OWN-1", why="early warning", request_key="K")
    assert deciding().freeze(house, case=case, question="product:OWN-1", why="early warning", request_key="K") == first
    second = deciding().freeze(
        house, case=case, question="product:OWN-1 or product:HAL-1", why="notice", supersedes=first
    )
    answers = seen(case)["answers"]
    assert [one["answer"] for one in answers] == [first, second]
    assert answers[0]["sha256"] == bytes(frozen_answer(house, first).sha256).hex()
    assert '"certain":6' in frozen_answer(house, second).answer
    assert frozen_answer(house, first).overtaken_by is not None
    with pytest.raises(Conflict):
        deciding().link_answer(house, case=case, answer=first, why="again")
    with pytest.raises(NotFound):
        deciding().link_answer(house, case=case, answer="0" * 26, why="w")


def test_an_answer_that_the_case_does_not_take_is_not_frozen(house, case, seen):
    """Frozen and linked in one transaction: both, or none."""
    from asbuilt.answers.register.models import FrozenAnswer
    from asbuilt.ledger.models import Entry

    def kept():
        return [model.objects.of(house.tenant).count() for model in (FrozenAnswer, Entry)]

    before = kept()
    for why in ("", "x" * 5_000, "a\x00b"):
        with pytest.raises(Invalid):
            deciding().freeze(house, case=case, question="product:OWN-1", why=why, request_key="K")
    assert kept() == before and seen(case)["answers"] == []
    assert deciding().freeze(house, case=case, question="product:OWN-1", why="w", request_key="K")


def test_what_was_submitted_is_kept_with_id_time_and_exact_text(house, case, seen):
    from asbuilt.ledger.evidence import known_hashes

    sent = b'{"title": "Overflow"}'
    said = {"case": case, "duty": "cra.aev", "stage": "early_warning", "reference": "SRP-DE-V-2026-18"}
    deciding().submit(house, at=AT + 20 * HOUR, content=sent, name="sent.json", **said)
    run = seen(case, "cra.aev", "OW")
    clock = run["clocks"][0]
    assert (clock["submitted_at"], clock["reference"], clock["late"]) == (
        "2026-11-21T04:00:00Z",
        "SRP-DE-V-2026-18",
        False,
    )
    # the platform counts 48 hours from the early warning; the law 72 from awareness
    shown = run["clocks"][1]
    assert (shown["due_at"], shown["platform"]["shown_at"]) == ("2026-11-23T08:00:00Z", "2026-11-23T04:00:00Z")
    kept = next(one["said"] for one in seen(case)["timeline"] if one["kind"] == "submitted")
    assert kept["late"] == "no" and known_hashes(house.tenant, [kept["sha256"]]) == {kept["sha256"]}
    with pytest.raises(Conflict) as twice:
        deciding().submit(house, at=AT + 21 * HOUR, **said)
    assert twice.value.code == "cases.submitted_before"
    deciding().submit(house, at=AT + 22 * HOUR, again=True, why="the wrong CSIRT", **said)
    assert seen(case, "cra.aev", "OW")["clocks"][0]["submitted_at"] == "2026-11-21T04:00:00Z"  # the first one counts


def test_a_past_deadline_stops_nothing_and_its_reason_is_recorded(house, case, seen):
    said = {"case": case, "duty": "cra.aev", "stage": "early_warning"}
    assert seen(case, "cra.aev", "OW")["clocks"][0]["late"]  # it is 29 November or later by the clock here
    deciding().submit(house, at=AT + 30 * HOUR, **said)
    clock = seen(case, "cra.aev", "OW")["clocks"][0]
    assert (clock["late"], clock["late_reason"]) == (True, None)
    assert any("early warning is late, and no reason" in one for one in seen(case)["gaps"])
    deciding().say_why_late(house, why="the portal was down", **said)
    assert seen(case, "cra.aev", "OW")["clocks"][0]["late_reason"] == "the portal was down"
    assert not any("early warning is late" in one for one in seen(case)["gaps"])


def test_the_submission_of_the_notification_starts_the_final_report_of_an_incident(house, seen):
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.cases.handling.actions.saying import add_product, state_moment

    code = open_case(house, kind="incident", title="Signing server", zone="Europe/Berlin")
    add_product(house, case=code, product="OWN-1")
    state_moment(house, case=code, moment="aware_at", at=AT, why="w")
    final = seen(code, "cra.incident", "OW")["clocks"][2]
    assert (final["due_at"], final["estimate_at"]) == (None, "2026-12-23T08:00:00Z")
    deciding().submit(house, case=code, duty="cra.incident", stage="notification", at=AT + 40 * HOUR)
    assert seen(code, "cra.incident", "OW")["clocks"][2]["due_at"] == "2026-12-22T00:00:00Z"


def test_the_next_step_is_one_sentence(house, case, seen, at_noon):
    at_noon(28)
    said = "Submit: early warning, Actively exploited vulnerability (OW), by 21 Nov 2026, 09:00 +01:00 (Europe/Berlin)."
    assert seen(case)["next"] == said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"stage": "second_warning"}, "cases.stage_unknown"), ({"duty": "gdpr"}, "cases.duty_not_running"),
        ({"at": AT - 1}, "cases.before_aware"), ({"at": 4_000_000_000_000_000}, "cases.ahead"),
        ({"content": b""}, "cases.file_size"), ({"again": True}, "cases.words_missing"),
        ({"manufacturer": "HAL"}, "cases.duty_not_running"), ({"case": "C-7"}, "cases.unknown"), ({"case": "S-1"}, "cases.unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(house, case, said, code):
    with pytest.raises((Refused, Invalid, NotFound)) as refused:
        deciding().submit(house, **{"case": case, "duty": "cra.aev", "stage": "early_warning", "at": AT + HOUR, **said})
    assert refused.value.code == code
