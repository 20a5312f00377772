"""What a case keeps telling: which answer a report rested on, which duties a later finding starts, and what is open when somebody would close it."""

import pytest
from case_floor import AT, HOUR
from cast import cast, cast_home  # noqa: F401
from notice_floor import contacts, drafted, open_case
from reporting_floor import AEV, report

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused


def opened(actor, kind: str = "aev", product: str = "OWN-1") -> str:
    from asbuilt.answers.cases.handling.actions import opening, saying

    code = opening.open_case(actor, kind=kind, title="Overflow")
    saying.add_product(actor, case=code, product=product)
    return code


def aware(actor, code: str, **which) -> None:
    from asbuilt.answers.cases.handling.actions import saying

    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="seen", **which)


def approved(actor, code: str, **which) -> str:
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    found = report(actor, code, **which)
    texts = {
        one["field"]: (one["choices"] or ["2026-11-20 08:00 UTC" if one["kind"] == "instant" else "PL"])[0]
        for one in found["fields"]
        if one["gap"]
    }
    if texts:
        fill(actor, case=code, texts=texts, why="by hand", **which)
    sha256 = report(actor, code, **which)["sha256"]
    return approve(actor, case=code, sha256=sha256, **which)


def test_a_report_names_the_answer_that_it_was_drafted_from_also_where_a_newer_one_was_frozen_before_it_was_submitted(
    house,
):
    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.handling.affected import affected
    from asbuilt.answers.cases.reporting.actions.submitting import submit_report
    from asbuilt.ledger import clock

    code = opened(house)
    aware(house, code)
    first = deciding.freeze(house, case=code, question="product:OWN-1", why="early warning")
    approved(house, code, **AEV)
    second = deciding.freeze(house, case=code, question="order:WO-1,WO-2", why="wider", supersedes=first)
    submit_report(house, case=code, at=clock.now(), reference="SRP-1", **AEV)
    frozen = {one["answer"]: one["reports"] for one in affected(house, code)["frozen"]}
    assert frozen == {first: ["early_warning"], second: []}


def test_a_vulnerability_that_turns_out_exploited_starts_the_early_warning_from_then_and_keeps_what_was_said(
    house, seen
):
    from asbuilt.answers.cases.handling.actions import opening, saying
    from asbuilt.answers.cases.handling.actions.turning import add_kind
    from asbuilt.ledger import clock

    signal = opening.note_signal(house, source="feed", words="CVE", received_at=AT - 30 * HOUR)
    other = opened(house, "quality")
    code = opening.open_case(house, kind="vulnerability", title="Overflow", signals=[signal])
    for product in ("OWN-1", "HAL-1"):
        saying.add_product(house, case=code, product=product)
    saying.state_moment(house, case=code, moment="aware_at", at=AT - 20 * HOUR, why="told the brand owner of it")
    before = seen(code, "contract", "HAL")["aware"]
    for dead_end, named in (
        (lambda: saying.say_duty(house, case=code, duty="cra.aev", why="w"), "cases.duty_by_role"),
        (
            lambda: saying.state_moment(house, case=code, moment="aware_at", at=AT, why="w", duty="cra.aev"),
            "cases.duty_not_running",
        ),
        (lambda: opening.take_signal(house, case=other, signal=signal), "cases.signal_settled"),
    ):
        with pytest.raises(Refused) as refused:
            dead_end()
        assert refused.value.code == named and f"asbuilt case kind {code}" in refused.value.remedy
    said = {"kind": "aev", "at": AT, "why": "logs of a customer"}
    entry = add_kind(house, case=code, **said, request_key="K")
    assert add_kind(house, case=code, **said, request_key="K") == entry
    whole, duty = seen(code), seen(code, "cra.aev", "OW")
    assert (whole["kind"], whole["kinds"]) == ("vulnerability", ["vulnerability", "aev"])
    assert duty["aware"]["why"] == "logs of a customer" and duty["clocks"][0]["due_at"] == "2026-11-21T08:00:00Z"
    assert seen(code, "contract", "HAL")["aware"] == before  # what ran before keeps its own awareness
    with pytest.raises(Conflict) as held:
        add_kind(house, case=code, **said)
    assert held.value.code == "cases.kind_held"
    for wrong in (
        {**said, "kind": "incident", "at": clock.now() + HOUR},
        {**said, "kind": "flood"},
        {**said, "kind": "incident", "why": " "},
    ):
        with pytest.raises(Invalid):
            add_kind(house, case=code, **wrong)
    with pytest.raises(NotFound):
        add_kind(house, case="C-99", **said)


def test_a_case_closes_over_nothing_that_is_open_and_the_laws_clock_calls_on_where_somebody_says_why(
    told, seen, tmp_path, monkeypatch
):
    from asbuilt.answers.cases.acting.actions import start_action
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.reporting.escalating import escalate
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.answers.cases.telling.sending import send_due

    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@ostwerk.example")
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "psirt")
    monkeypatch.delenv("ASBUILT_MAIL_SERVER", raising=False)
    contacts(told, HAL="psirt@halden.example")
    code = open_case(told)
    deciding.submit(told, case=code, duty="cra.aev", stage="early_warning", at=AT + HOUR)
    action = start_action(told, case=code, kind="recall", title="all back", question="product:OWN-1", why="w")
    notice = drafted(told, code)
    assert {one["name"]: one["words"] for one in seen(code)["open_ends"]}[notice] == "not sent"
    send_notice(told, notice=notice, version=1)
    assert send_due(told.tenant) == 0
    wait = f"{notice}: 1 wait, because ASBUILT_MAIL_SERVER (host:port) and ASBUILT_MAIL_FROM are needed (Halden)"
    assert wait in notice_seen(told, notice)["gaps"] and wait in seen(code)["gaps"]
    open_ones = {one["name"]: one["words"] for one in seen(code)["open_ends"]}
    assert open_ones == {
        "cra.aev/OW": "notification due 23 Nov 2026, 09:00 +01:00 (Europe/Berlin), final report", action: "3 units left", notice: "2 not reached",
    }  # fmt: skip
    with pytest.raises(Refused) as silent:
        opening.close_case(told, case=code, why="over", left_open={action: "the customer does it"})
    assert silent.value.code == "cases.open_ends" and set(silent.value.facts["open"]) == {"cra.aev/OW", notice}
    reasons = {"cra.aev/OW": "the CSIRT closed it", action: "the customer does it", notice: "told by phone"}
    with pytest.raises(Invalid) as strange:
        opening.close_case(told, case=code, why="over", left_open={**reasons, "F-9": "x"})
    assert strange.value.code == "cases.open_end_unknown"
    entry = opening.close_case(told, case=code, why="over", left_open=reasons, request_key="K")
    assert opening.close_case(told, case=code, why="over", left_open=reasons, request_key="K") == entry
    left = {one["name"]: one["why"] for one in seen(code)["timeline"] if one["kind"] == "left_open"}
    assert seen(code)["state"] == "closed" and left == reasons
    assert escalate(told.tenant, AT + 60 * HOUR) == 1  # the 72 hours of the notification run on


def test_who_waits_because_the_notice_is_held_is_a_gap(told, seen):
    from asbuilt.answers.cases.telling.actions.holding import hold_notice
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.seen import notice_seen

    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = open_case(told)
    notice = drafted(told, code)
    hold_notice(told, notice=notice, readers=["psirt"], why="no update yet")
    send_notice(told, notice=notice, version=1)
    wait = f"{notice}: 2 wait, because it is held: no update yet (Alpina, Halden)"
    assert wait in notice_seen(told, notice)["gaps"] and wait in seen(code)["gaps"]


def test_who_imports_a_product_by_the_record_tells_its_manufacturer_also_where_the_house_builds_others(house, seen, load, at_noon):  # fmt: skip
    """Ostwerk is an EMS by parties.csv, and the importer of Alpina's product by product_roles.csv: the role is of the product, not of the house."""
    from case_floor import role

    load({"product_roles": [role("ALP-1", "OW", "importer")]}, "importer")
    code = opened(house, "vulnerability", "ALP-1")
    assert [(one["duty"], one["manufacturer"]) for one in seen(code)["duties"]] == [("cra.importer", "ALP")]
    assert seen(code)["products"][0]["role"] == "importer" and seen(code)["products"][0]["by"] == "record"
    load({"product_roles": [role("ALP-1", "OW", "distributor", "2026-03-01T00:00:00Z")]}, "distributor")
    assert any("the record of roles says otherwise" in gap for gap in seen(code)["gaps"])
    assert [(one["duty"]) for one in seen(opened(house, "vulnerability", "HAL-1"))["duties"]] == ["contract"]


def test_a_report_that_the_platform_returned_is_owed_until_it_is_submitted_again(house, seen, monkeypatch):
    """A wrong CSIRT makes the notification invalid: it is the next step, is open at the end, and its clock calls, until it went again."""
    from asbuilt.answers.cases.handling.actions.opening import close_case
    from asbuilt.answers.cases.reporting import escalating
    from asbuilt.answers.cases.reporting.actions import submitting

    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@ostwerk.example")
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "psirt")
    code = opened(house)
    aware(house, code)
    assert escalating.escalate(house.tenant, AT + 73 * HOUR) == 2
    for stage in ("early_warning", "notification"):
        which = {"case": code, "duty": "cra.aev", "stage": stage}
        approved(house, code, duty="cra.aev", stage=stage)
        submitting.submit_report(house, at=AT + HOUR, reference="SRP-1", **which)
    submitting.platform_said(house, said="returned", at=AT + 2 * HOUR, why="the wrong CSIRT", **which)
    found = seen(code)
    clocks = {one["stage"]: one for one in seen(code, "cra.aev", "OW")["clocks"]}
    assert clocks["notification"]["returned"] == {"at": "2026-11-20T10:00:00Z", "why": "the wrong CSIRT"}
    assert clocks["early_warning"]["returned"] is None
    assert any("was returned: the wrong CSIRT" in gap for gap in found["gaps"])
    assert found["next"].startswith("Submit: notification") and clocks["notification"]["late"]
    # it called at all its parts before; that it came back is news
    assert escalating.escalate(house.tenant, AT + 73 * HOUR) == 1
    assert escalating.escalate(house.tenant, AT + 74 * HOUR) == 0
    with pytest.raises(Refused) as silent:
        close_case(house, case=code, why="over")
    assert "notification" in silent.value.facts["open"]["cra.aev/OW"]
    submitting.submit_report(house, at=AT + 3 * HOUR, reference="SRP-2", again=True, why="to the right one", **which)
    assert not any("was returned" in gap for gap in seen(code)["gaps"])
    assert "notification" not in seen(code)["next"]
    submitting.platform_said(house, said="acknowledged", at=AT + 4 * HOUR, **which)
    assert seen(code, "cra.aev", "OW")["clocks"][1]["returned"] is None
    assert escalating.escalate(house.tenant, AT + 80 * HOUR) == 0
