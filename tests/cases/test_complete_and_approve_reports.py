"""People complete a draft and approve its exact text: nothing changes by itself, and of two people one wins and the other is told."""

import hashlib
import json

import pytest
from case_floor import AT
from reporting_floor import AEV, cells, report
from supply.conftest import person  # noqa: F401

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def case(house):
    """An exploited vulnerability of OWN-1; the answer frozen names its three units, none of which was shipped."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(house, kind="aev", title="Overflow")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(house, case=code, question="order:WO-1", why="w")
    return code


def writing():
    from asbuilt.answers.cases.reporting.actions import writing

    return writing


FILLED = {"member_states": "AT, DE", "product_version": "2.3.1"}


def test_a_persons_text_stands_over_the_drafted_one_and_both_stay(house, case):
    assert report(house, case, **AEV)["begun_at"] is None
    entry = writing().fill(house, case=case, **AEV, texts={"title": "Overflow in the update client"}, why="clearer")
    found = report(house, case, **AEV)
    title = cells(found)["title"]
    assert (title["text"], title["drafted"], title["by"]) == ("Overflow in the update client", "Overflow", "person")
    assert (title["written"]["why"], title["written"]["entry"], found["seen"]) == ("clearer", entry, entry)
    writing().fill(house, case=case, **AEV, texts={"title": None}, why="the first was right")
    assert cells(report(house, case, **AEV))["title"]["text"] == "Overflow"
    with pytest.raises(Conflict):
        writing().fill(house, case=case, **AEV, texts={"title": "Overflow"}, why="w")
    with pytest.raises(NotFound) as unknown:
        writing().fill(house, case=case, **AEV, texts={"euvd_id": "x"}, why="w")
    assert "euvd" in unknown.value.remedy


def test_what_the_recipient_would_not_take_is_said_and_not_approved(house, case):
    long = "x" * 256
    writing().fill(house, case=case, **AEV, texts={**FILLED, "title": long, "product_type": "huge"}, why="w")
    found = report(house, case, **AEV)
    assert [(one["field"], one["why"]) for one in found["wrong"]] == [("title", "long"), ("product_type", "choice")]
    assert cells(found)["title"]["lengths"] == [256]
    with pytest.raises(Refused) as refused:
        writing().approve(house, case=case, **AEV, sha256=found["sha256"])
    assert refused.value.code == "cases.text_refused"
    # forms count UTF-16 units: 128 letters beyond the first plane are 256
    writing().fill(house, case=case, **AEV, texts={"title": "\U0001f512" * 128, "product_type": "default"}, why="w")
    assert [one["field"] for one in report(house, case, **AEV)["wrong"]] == ["title"]
    writing().fill(
        house, case=case, **AEV, texts={"title": "x" * 255, "member_states": "DE, NO", "aware_at_v": "noon"}, why="w"
    )
    assert [one["why"] for one in report(house, case, **AEV)["wrong"]] == ["states", "instant"]


def test_a_required_field_stays_empty_only_with_a_reason_and_the_approved_text_is_evidence(house, case):
    from asbuilt.ledger.evidence import open_evidence

    found = report(house, case, **AEV)
    assert [one["field"] for one in found["fields"] if one["gap"]] == ["member_states"]
    with pytest.raises(Refused) as refused:
        writing().approve(house, case=case, **AEV, sha256=found["sha256"])
    assert refused.value.code == "cases.gaps_open"
    approved = writing().approve(house, case=case, **AEV, sha256=found["sha256"], why="nothing was made available yet")
    content = b"".join(open_evidence(house.tenant, approved))
    assert hashlib.sha256(content).hexdigest() == approved
    said = json.loads(content)
    assert (said["case"], said["stage"], said["answer"]) == (case, "early_warning", found["answer"])
    assert [one[0] for one in said["fields"]][:4] == ["type", "title", "summary", "manufacturer"]
    now = report(house, case, **AEV)
    assert (now["state"], now["stands"], now["approved"]["gaps"]) == ("approved", True, ["member_states"])


def test_of_two_people_who_approve_one_wins_and_the_other_is_told(house, case, person):  # noqa: F811
    first, second = person("psirt"), person("compliance")
    read = report(first, case, **AEV)["sha256"]
    writing().fill(second, case=case, **AEV, texts=FILLED, why="w")
    with pytest.raises(Conflict) as changed:
        writing().approve(first, case=case, **AEV, sha256=read, why="gap")
    assert changed.value.code == "cases.draft_changed"
    read = report(first, case, **AEV)["sha256"]
    assert writing().approve(first, case=case, **AEV, sha256=read, request_key="K") == read
    assert writing().approve(first, case=case, **AEV, sha256=read, request_key="K") == read
    with pytest.raises(Conflict) as twice:
        writing().approve(second, case=case, **AEV, sha256=read)
    assert twice.value.code == "cases.approved_before"
    assert sum(one["kind"] == "approved" for one in _timeline(house, case)) == 1


def test_two_people_in_one_field_at_once_the_second_is_told(house, case, person):  # noqa: F811
    first, second = person("psirt"), person("compliance")
    seen = report(first, case, **AEV)["seen"]
    writing().fill(second, case=case, **AEV, texts={"title": "Theirs"}, why="w", seen=seen)
    writing().fill(first, case=case, **AEV, texts={"sensitivity": "TLP:AMBER"}, why="w", seen=seen)  # another field
    with pytest.raises(Conflict) as crossed:
        writing().fill(first, case=case, **AEV, texts={"title": "Mine"}, why="w", seen=seen)
    assert crossed.value.code == "cases.field_changed"
    assert cells(report(house, case, **AEV))["title"]["text"] == "Theirs"


def test_a_newer_answer_changes_nothing_by_itself_and_the_draft_says_so(house, case, load):
    from asbuilt.answers.cases.handling.actions import deciding

    writing().fill(house, case=case, **AEV, texts={"sensitivity": "TLP:AMBER"}, why="w")
    before = report(house, case, **AEV)
    row = {"shipment": "SH-1", "customer": "ALP", "country": "AT", "first_serial": "WO-1-1", "last_serial": "WO-1-2"}
    load({"shipments": [{**row, "shipped_at": "2026-03-01T08:00:00Z", "placed_on_market_at": ""}]}, "later")
    newest = deciding.freeze(house, case=case, question="order:WO-1", why="shipped", supersedes=before["answer"])
    during = report(house, case, **AEV)
    assert during["sha256"] == before["sha256"] and cells(during)["member_states"]["text"] == ""
    told = during["superseded"]
    assert told["overtaken"] and (told["answer"], told["newest"]) == (before["answer"], newest)
    assert {one["field"]: one["now"] for one in told["changes"]}["member_states"] == "AT"
    assert "A newer answer is frozen" in during["next"]
    writing().draft_anew(house, case=case, **AEV, why="the answer was superseded")
    after = report(house, case, **AEV)
    assert cells(after)["member_states"]["text"] == "AT" and after["superseded"] is None
    assert cells(after)["sensitivity"]["text"] == "TLP:AMBER"  # a person's word stays over it
    with pytest.raises(Conflict):
        writing().draft_anew(house, case=case, **AEV, why="again")


def test_an_answer_that_was_overtaken_outside_of_the_case_is_said(house, case):
    from asbuilt.answers.register.actions import freeze_answer

    said = "The frozen answer was overtaken: freeze a newer one for the case."
    found = report(house, case, **AEV)
    assert said not in found["gaps"]
    freeze_answer(house, "order:WO-1 or order:WO-2", supersedes=found["answer"])
    assert said in report(house, case, **AEV)["gaps"]


def test_of_two_people_at_the_very_same_time_one_wins(house, case):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    read = report(house, case, **AEV)["sha256"]

    def approve(n):
        try:
            return writing().approve(house, case=case, **AEV, sha256=read, why=f"gap {n}")
        except Conflict as told:
            return told.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as people:
        assert sorted(people.map(approve, range(3))) == sorted([read, "cases.approved_before", "cases.approved_before"])


def test_a_word_after_the_approval_makes_it_a_draft_again(house, case):
    writing().fill(house, case=case, **AEV, texts=FILLED, why="w")
    read = report(house, case, **AEV)["sha256"]
    writing().approve(house, case=case, **AEV, sha256=read)
    writing().fill(house, case=case, **AEV, texts={"title": "Another"}, why="w")
    found = report(house, case, **AEV)
    assert (found["state"], found["stands"], found["approved"]["sha256"]) == ("draft", False, read)


def test_who_may_not_write_or_approve_is_refused_and_a_closed_case_takes_nothing(house, case, person):  # noqa: F811
    from asbuilt.answers.cases.handling.actions.opening import close_case

    engineer, lead = person("engineer"), person("quality_lead")
    assert report(engineer, case, **AEV)["state"] == "draft"
    with pytest.raises(NotAllowed):
        writing().fill(engineer, case=case, **AEV, texts=FILLED, why="w")
    writing().fill(lead, case=case, **AEV, texts=FILLED, why="w")
    with pytest.raises(NotAllowed):
        writing().approve(lead, case=case, **AEV, sha256=report(lead, case, **AEV)["sha256"])
    with pytest.raises(Invalid):
        writing().fill(lead, case=case, **AEV, texts={}, why="w")
    close_case(house, case=case, why="over", left_open={"cra.aev/OW": "w"})
    with pytest.raises(Refused) as closed:
        writing().fill(lead, case=case, **AEV, texts={"title": "x"}, why="w")
    assert closed.value.code == "cases.closed"


def _timeline(actor, code):
    from asbuilt.answers.cases.handling.seen import case_seen

    return case_seen(actor, code)["timeline"]


def test_who_says_that_circumstances_are_exceptional_says_which(house, case):
    """The glossary, rows 28 and 29: of the three grounds at least one, where the flag is set; not asked for else."""
    writing_, which = writing(), {"duty": "cra.aev", "stage": "notification"}
    told = cells(report(house, case, **which))
    assert not told["pec"]["gap"] and not told["pec_reason"]["gap"]
    writing_.fill(house, case=case, **which, texts={"pec": "no"}, why="none")
    assert not cells(report(house, case, **which))["pec_reason"]["gap"]
    writing_.fill(house, case=case, **which, texts={"pec": "yes"}, why="one site")
    found = report(house, case, **which)
    assert cells(found)["pec_reason"]["gap"] and any("Grounds" in gap or "ground" in gap for gap in found["gaps"])
    with pytest.raises(Refused) as refused:
        writing_.approve(house, case=case, **which, sha256=found["sha256"])
    assert refused.value.code == "cases.gaps_open" and "ground" in refused.value.message.lower()
    writing_.fill(house, case=case, **which, texts={"pec_reason": "essential interests"}, why="one site")
    assert not cells(report(house, case, **which))["pec_reason"]["gap"]


def test_a_required_field_of_one_product_among_several_is_a_gap_though_another_has_it(house, case):
    """OWN-1 has units in the answer, so revision A; of HAL-2 there is none, and nobody said which versions: the platform asks it of each product."""
    from asbuilt.answers.cases.handling.actions import saying

    saying.add_product(house, case=case, product="HAL-2", role="manufacturer", manufacturer="OW")
    found = report(house, case, **AEV)
    told = cells(found)
    assert (told["product_name"]["entries"], told["product_version"]["entries"]) == (["HAL-2", "OWN-1"], ["", "hardware revision A"])  # fmt: skip
    assert told["product_version"]["gap"] and not told["product_name"]["gap"] and not told["product_type"]["gap"]
    assert [gap for gap in found["gaps"] if "version" in gap] == [
        "Product version, release, build, model or firmware: required and empty for 1 of 2 products."
    ]
    writing().fill(house, case=case, **AEV, texts={"product_version": "all"}, why="one entry, two products")
    assert cells(report(house, case, **AEV))["product_version"]["gap"]
    writing().fill(
        house, case=case, **AEV, texts={"product_version": "1.0\n---\nrevision A", "member_states": "AT"}, why="both"
    )
    assert not [one for one in report(house, case, **AEV)["fields"] if one["gap"]]
