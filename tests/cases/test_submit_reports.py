"""What was submitted of an approved text, what the platform said, reports asked for in between, and who the coordinator is."""

from io import BytesIO

import pytest
from case_floor import AT, HOUR
from reporting_floor import AEV, cells, report

from asbuilt.kernel.errors import Conflict, Invalid, Refused

FILLED = {"member_states": "AT, DE", "product_version": "2.3.1", "sensitivity": "TLP:AMBER"}
SENT = AT + 20 * HOUR


@pytest.fixture
def case(house):
    """An exploited vulnerability of OWN-1 with an approved early warning."""
    from asbuilt.answers.cases.handling.actions import opening, saying
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    code = opening.open_case(house, kind="aev", title="Overflow")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    fill(house, case=code, **AEV, texts=FILLED, why="w")
    approve(house, case=code, **AEV, sha256=report(house, code, **AEV)["sha256"])
    return code


def submitting():
    from asbuilt.answers.cases.reporting.actions import submitting

    return submitting


def picture() -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (4, 3)).save(out, "PNG")
    return out.getvalue()


def test_the_exact_text_goes_with_the_submission_and_the_screen_beside_it(house, case, seen):
    from asbuilt.ledger.evidence import open_evidence

    approved = report(house, case, **AEV)["approved"]["sha256"]
    screen = picture()
    said = {"at": SENT, "reference": "SRP-DE-V-2026-00000018", "sha256": approved, "capture": screen}
    submitting().submit_report(house, case=case, **AEV, **said, request_key="K")
    submitting().submit_report(house, case=case, **AEV, **said, request_key="K")
    found = report(house, case, **AEV)
    assert found["state"] == "submitted" and len(found["submitted"]) == 1
    sent = found["submitted"][0]
    assert (sent["submitted_at"], sent["reference"], sent["late"]) == (
        "2026-11-21T04:00:00Z", "SRP-DE-V-2026-00000018", False,
    )  # fmt: skip
    assert sent["sha256"] == approved
    assert b"".join(open_evidence(house.tenant, sent["capture_sha256"])) == screen
    assert seen(case, "cra.aev", "OW")["clocks"][0]["submitted_at"] == "2026-11-21T04:00:00Z"


def test_of_two_people_who_submit_one_wins_and_the_other_is_told(house, case):
    submitting().submit_report(house, case=case, **AEV, at=SENT, reference="SRP-1")
    with pytest.raises(Conflict) as second:
        submitting().submit_report(house, case=case, **AEV, at=SENT + HOUR, reference="SRP-2")
    assert second.value.code == "cases.submitted_before" and "2026-11-21T04:00:00Z" in second.value.message


def test_only_the_approved_text_is_submitted_and_only_a_picture_is_a_screen(house, case):
    from asbuilt.answers.cases.reporting.actions.writing import fill

    for wrong, code in ((b"<html>", "cases.capture_kind"), (b"", "cases.file_size")):
        with pytest.raises(Invalid) as refused:
            submitting().submit_report(house, case=case, **AEV, at=SENT, capture=wrong)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        submitting().submit_report(house, case=case, **AEV, at=SENT, sha256="0" * 64)
    fill(house, case=case, **AEV, texts={"title": "Another"}, why="w")
    with pytest.raises(Refused) as changed:
        submitting().submit_report(house, case=case, **AEV, at=SENT)
    assert changed.value.code == "cases.not_approved"
    with pytest.raises(Refused):
        submitting().submit_report(house, case=case, duty="cra.aev", stage="notification", at=SENT)


def test_the_72_hour_report_copies_what_was_submitted_and_not_what_would_be_drafted_now(house, case):
    from asbuilt.answers.cases.handling.actions.saying import state_moment

    submitting().submit_report(house, case=case, **AEV, at=SENT, reference="SRP-1")
    state_moment(house, case=case, moment="aware_at", at=AT - HOUR, why="earlier logs")
    told = cells(report(house, case, duty="cra.aev", stage="notification"))
    assert told["member_states"]["text"] == "AT, DE" and told["member_states"]["owed"] == "copied"
    assert (
        told["aware_at_v"]["text"] == "2026-11-20 08:00 UTC"
    )  # as submitted; the earlier awareness is a change to be made
    assert told["member_states"]["sources"] == [
        {"kind": "submitted", "which": "early_warning", "what": "2026-11-21T04:00:00Z SRP-1"}
    ]
    assert (
        told["sensitivity"]["text"] == "TLP:AMBER"
    )  # optional here and there: carried along, as the record has no other
    assert told["general_info_v"]["gap"] and told["prerequisites"]["gap"]


def test_the_platform_returns_a_report_it_is_mended_and_submitted_again(house, case):
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    with pytest.raises(Refused) as early:
        submitting().platform_said(house, case=case, **AEV, said="acknowledged", at=SENT)
    assert early.value.code == "cases.not_submitted"
    submitting().submit_report(house, case=case, **AEV, at=SENT, reference="SRP-1")
    with pytest.raises(Invalid):
        submitting().platform_said(house, case=case, **AEV, said="returned", at=SENT + HOUR)  # why is missing
    with pytest.raises(Invalid):
        submitting().platform_said(house, case=case, **AEV, said="acknowledged", at=SENT - HOUR)
    submitting().platform_said(house, case=case, **AEV, said="returned", at=SENT + HOUR, why="the wrong CSIRT")
    found = report(house, case, **AEV)
    assert found["state"] == "returned" and found["answered"]["why"] == "the wrong CSIRT"
    assert found["next"] == "Mend it, approve it, and submit it again."
    fill(house, case=case, **AEV, texts={"summary": "Mended."}, why="w")
    approve(house, case=case, **AEV, sha256=report(house, case, **AEV)["sha256"])
    submitting().submit_report(
        house, case=case, **AEV, at=SENT + 2 * HOUR, reference="SRP-2", again=True, why="returned"
    )
    found = report(house, case, **AEV)
    assert found["state"] == "updated" and [one["reference"] for one in found["submitted"]] == ["SRP-1", "SRP-2"]
    submitting().platform_said(house, case=case, **AEV, said="acknowledged", at=SENT + 3 * HOUR, reference="valid")
    assert report(house, case, **AEV)["state"] == "acknowledged"
    # what is copied later is what was submitted last
    assert cells(report(house, case, duty="cra.aev", stage="notification"))["summary"]["text"] == "Mended."


def test_what_was_recorded_as_submitted_by_mistake_is_taken_back_and_owed_again(house, case, seen, monkeypatch):
    """A click recorded the early warning; it had gone nowhere. Nothing could take that back: no clock called any more, and it stood as in time."""
    from asbuilt.answers.cases.handling.affected import affected
    from asbuilt.answers.cases.reporting.escalating import escalate
    from asbuilt.answers.cases.reporting.seen import reports_told

    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@brand.example")
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "psirt")
    with pytest.raises(Refused) as early:
        submitting().take_back(house, case=case, **AEV, why="w")
    assert early.value.code == "cases.not_submitted"
    submitting().submit_report(house, case=case, **AEV, at=SENT, reference="SRP-1")
    submitting().platform_said(house, case=case, **AEV, said="acknowledged", at=SENT + HOUR)
    assert escalate(house.tenant, AT + 23 * HOUR) == 0
    assert cells(report(house, case, duty="cra.aev", stage="notification"))["member_states"]["text"] == "AT, DE"
    with pytest.raises(Invalid):
        submitting().take_back(house, case=case, **AEV, why=" ")
    submitting().take_back(house, case=case, **AEV, why="the page had timed out")
    found = report(house, case, **AEV)
    assert (found["state"], found["submitted"], found["answered"], found["stands"]) == ("approved", [], None, True)
    assert [one["state"] for one in reports_told(house, case) if one["stage"] == "early_warning"] == ["approved"]
    clock = seen(case, "cra.aev", "OW")["clocks"][0]
    assert clock["submitted_at"] is None and clock["late"] and seen(case)["next"].startswith("Submit: early warning")
    assert escalate(house.tenant, AT + 23 * HOUR) == 1
    assert cells(report(house, case, duty="cra.aev", stage="notification"))["member_states"]["text"] != "AT, DE"
    assert [one["kind"] for one in seen(case)["timeline"] if one["kind"] in ("submitted", "not_submitted")] == ["submitted", "not_submitted"]  # fmt: skip
    # sent in truth, eight hours late: no `again`, and the first time is not what it is measured by
    submitting().submit_report(
        house, case=case, **AEV, at=AT + 32 * HOUR, reference="SRP-2", why="the page had timed out"
    )
    clock = seen(case, "cra.aev", "OW")["clocks"][0]
    assert (clock["submitted_at"], clock["late"], clock["late_reason"]) == ("2026-11-21T16:00:00Z", True, "the page had timed out")  # fmt: skip
    assert [one["reference"] for one in report(house, case, **AEV)["submitted"]] == ["SRP-2"]
    assert affected(house, case)["frozen"] == []


def test_the_month_of_an_incident_runs_from_the_notification_that_was_sent_not_from_a_mistyped_time(house, seen):
    """The notification was typed a month too early: the final report stood as due before the notification was."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(house, kind="incident", title="Signing key")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT - 900 * HOUR, why="seen")
    which = {"case": code, "duty": "cra.incident", "stage": "notification"}
    deciding.submit(house, **which, at=AT - 890 * HOUR)
    final = lambda: seen(code, "cra.incident", "OW")["clocks"][2]["due_at"]  # noqa: E731
    assert final() == "2026-11-14T06:00:00Z"  # 14 October 2026, 06:00 UTC and a month
    submitting().take_back(house, **which, why="October was typed for November")
    assert seen(code, "cra.incident", "OW")["clocks"][2]["state"] == "not_started"
    deciding.submit(house, **which, at=AT, why="late")
    assert final() == "2026-12-20T08:00:00Z"


def test_a_report_that_the_authority_asks_for_has_a_clock_and_a_draft_of_its_own(house, case, seen):
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    said = {"case": case, "duty": "cra.aev", "words": "How many units are updated?"}
    with pytest.raises(Invalid):
        submitting().ask_report(house, asked_at=AT + 48 * HOUR, due_at=AT + 48 * HOUR, **said)
    stage = submitting().ask_report(house, asked_at=AT + 48 * HOUR, due_at=AT + 60 * HOUR, **said)
    assert stage == "intermediate_1"
    clock = seen(case, "cra.aev", "OW")["clocks"][-1]
    assert (clock["stage"], clock["due_at"], clock["late"]) == (stage, "2026-11-22T20:00:00Z", True)
    which = {"duty": "cra.aev", "stage": stage}
    told = cells(report(house, case, **which))
    assert told["asked"]["text"] == "How many units are updated?" and told["status"]["gap"]
    fill(house, case=case, **which, texts={"status": "Two of three."}, why="w")
    approve(house, case=case, **which, sha256=report(house, case, **which)["sha256"])
    submitting().submit_report(house, case=case, **which, at=AT + 55 * HOUR, reference="SRP-1/2")
    clock = seen(case, "cra.aev", "OW")["clocks"][-1]
    assert (clock["submitted_at"], clock["late"]) == ("2026-11-22T15:00:00Z", False)
    assert submitting().ask_report(house, asked_at=AT + 60 * HOUR, due_at=AT + 99 * HOUR, **said) == "intermediate_2"


def test_the_coordinator_is_determined_by_the_first_rule_that_decides_with_its_reason(house, case):
    from asbuilt.answers.cases.reporting.coordinator import coordinators_told, determine

    said = {"manufacturer": "OW", "csirt": "BSI, CERT-Bund", "why": "product security sits in Dresden"}
    gap = "No coordinator CSIRT is determined for this manufacturer."
    assert gap in report(house, case, **AEV)["gaps"]
    for wrong, code in (
        ({"rule": "nearest", "member_state": "DE"}, "cases.word_unknown"),
        ({"rule": "main_establishment", "member_state": "NO"}, "cases.member_state_unknown"),
        ({"rule": "importer", "member_state": "DE"}, "cases.words_missing"),  # why no earlier rule decides
    ):
        with pytest.raises(Invalid) as refused:
            determine(house, **{**said, **wrong})
        assert refused.value.code == code
    determine(house, **said, rule="main_establishment", member_state="DE")
    found = report(house, case, **AEV)
    assert gap not in found["gaps"]
    assert (found["coordinator"]["csirt"], found["coordinator"]["why"]) == (said["csirt"], said["why"])
    more = {"rule": "most_employees", "member_state": "AT", "not_before": "decisions are taken in both places alike"}
    determine(house, **{**said, "csirt": "CERT.at"}, **more)
    told = coordinators_told(house)
    assert [one["member_state"] for one in told["coordinators"]] == ["AT"]
    assert [one["member_state"] for one in told["history"]] == ["DE", "AT"]
    assert [one["rule"] for one in told["rules"]] == [
        "main_establishment", "most_employees", "authorised_representative", "importer", "distributor", "users",
    ]  # fmt: skip


def test_the_log_still_proves_every_line(house, case):
    from asbuilt.answers.cases.handling.statements import KEPT

    submitting().submit_report(house, case=case, **AEV, at=SENT, capture=picture())
    assert list(KEPT.rebuild(house.tenant)) == []
