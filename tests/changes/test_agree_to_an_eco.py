"""An ECO from what is asked to who agreed: questions, roles, the manufacturer's own view, what takes an approval back, who left."""

import change_floor
import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def eco(house, people):
    """An ECO of BOM 1 -> 2 of the board, assessed; proposed by Eva."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    eva = people("eva", "engineer")
    code = propose_eco(eva, title="New module", why="PCN of the old one", products=["board"], request_key="k1")
    assert (
        code
        == propose_eco(eva, title="New module", why="PCN of the old one", products=["board"], request_key="k1")
        == "ECO-1"
    )
    assert add_change(eva, eco=code, kind="bom", product="board", subject=["A"], old="1", new="2") == "1"
    change_floor.assess(eva, code)
    return code, eva


def told(actor, code="ECO-1"):
    from asbuilt.designed.changes.controlling.seen import eco_told

    return eco_told(actor, code)


def test_it_is_agreed_to_by_roles_and_by_the_manufacturer(eco, people, house):
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    code, eva = eco
    ben, hal = people("ben", "quality_lead"), people("hal", "party_reader", party="HAL")
    before = told(house)
    assert before["state"] == "waiting" and before["roles_needed"] == ["quality_lead"]
    assert [(one["role"], one["party"], one["holds"]) for one in before["approvals"]] == [
        ("quality_lead", None, False), (None, "Halden", False),
    ]  # fmt: skip
    assert told(ben)["waits_for_you"] and told(hal)["waits_for_you"] and not told(eva)["waits_for_you"]
    decide(ben, eco=code, decision="approved")
    assert told(house)["state"] == "waiting"
    decide(hal, eco=code, decision="approved", request_key="h")
    decide(hal, eco=code, decision="approved", request_key="h")
    after = told(house)
    assert after["state"] == "approved" and [one["by"] for one in after["approvals"]] == ["badge-ben", "badge-hal"]
    for who, said, error in (
        (ben, {"decision": "approved"}, "changes.decided"), (hal, {"decision": "approved"}, "changes.decided"),
        (eva, {"decision": "approved"}, "changes.role"), (house, {"decision": "approved"}, "changes.no_person"),
        (people("cara", "psirt"), {"decision": "approved", "role": "psirt"}, "changes.role"),
        (people("lea", "quality_lead"), {"decision": "revoked", "why": "x"}, None),
    ):  # fmt: skip
        if error is None:  # the role takes back what it gave, whoever holds it now
            decide(who, eco=code, **said)
        else:
            with pytest.raises(Refused) as refused:
                decide(who, eco=code, **said)
            assert refused.value.code == error
    assert told(house)["state"] == "waiting"


def test_security_asks_more_roles_and_one_person_fills_one(eco, people, house):
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import add_change

    code, eva = eco
    add_change(eva, eco=code, kind="process", product="board", subject=["REFLOW", "top", "program"], old="P7", new="P8")
    add_change(eva, eco=code, kind="firmware", product="board", subject=["app"], old="1.0.0", new="1.1.0")
    change_floor.assess(eva, code, "yes", same_tls="no")
    found = told(house)
    assert found["roles_needed"] == ["quality_lead", "engineer", "release_signer", "psirt", "compliance"]
    assert found["judgement"]["substantial"] and "3(30)" in found["judgement"]["source"] and found["judgement"]["means"]
    assert [one["question"] for one in found["questions"] if one["touches_security"]] == ["same_tls"]
    both = people("kim", "quality_lead", "psirt")
    decide(both, eco=code, decision="approved", role="psirt")
    with pytest.raises(Refused) as refused:
        decide(both, eco=code, decision="approved", role="quality_lead")
    assert refused.value.code == "changes.one_role"
    with pytest.raises(Refused) as refused:
        decide(eva, eco=code, decision="approved", role="engineer")
    assert refused.value.code == "changes.second_person"


def test_whoever_wrote_a_change_or_the_judgement_does_not_approve_it(house, people):
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, judge_substantial, propose_eco

    eva = people("eva", "engineer")
    lea, ben, kim = (people(name, "quality_lead") for name in ("lea", "ben", "kim"))
    code = propose_eco(eva, title="T", why="w", products=["board"])  # Eva only titles it
    add_change(lea, eco=code, kind="bom", product="board", subject=["A"], old="1", new="2")
    change_floor.assess(lea, code)
    judge_substantial(ben, eco=code, answer="no", why="looked again")
    for one in (lea, ben):  # Lea wrote the change, Ben the judgement that stands
        with pytest.raises(Refused) as refused:
            decide(one, eco=code, decision="approved", role="quality_lead")
        assert refused.value.code == "changes.second_person"
        seen = told(one, code)
        assert (seen["waits_for_you"], seen["may_decide_as"]) == (False, [])
    assert (told(kim, code)["waits_for_you"], told(kim, code)["may_decide_as"]) == (True, ["quality_lead"])
    decide(kim, eco=code, decision="approved")
    judge_substantial(kim, eco=code, answer="no", why="as I said")  # it speaks of other words now, and he wrote them
    assert not told(ben, code)["approvals"][0]["holds"] and told(ben, code)["waits_for_you"]


def test_what_is_changed_afterwards_is_agreed_to_anew(eco, people, house):
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import answer_question

    code, eva = eco
    decide(people("ben", "quality_lead"), eco=code, decision="approved")
    answer_question(eva, eco=code, question="same_uid", answer="yes", why="measured now")
    (ours, _) = told(house)["approvals"]
    assert not ours["holds"] and ours["outdated"] and ours["decision"] == "approved"


def test_an_approval_outlives_who_gave_it(eco, people, house):
    from asbuilt.access.actions.erasing import erase_person
    from asbuilt.access.actions.logins import close_login, give_roles
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    code, _ = eco
    ben, hal = people("ben", "quality_lead"), people("hal", "party_reader", party="HAL")
    decide(ben, eco=code, decision="approved")
    decide(hal, eco=code, decision="approved")
    give_roles(people.administrator, person=ben.person, roles=["operator"])
    close_login(people.administrator, person=ben.person)
    erase_person(people.administrator, person=hal.person)
    found = told(house)
    assert found["state"] == "approved" and [one["holds"] for one in found["approvals"]] == [True, True]
    assert found["approvals"][1]["by"] is None  # and who it was is erased


def test_only_its_own_products_to_a_manufacturers_person(house, people):
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco
    from asbuilt.designed.changes.controlling.seen import ecos_told

    eva = people("eva", "engineer")
    hal, alp = (people(name.lower(), "party_reader", party=name) for name in ("HAL", "ALP"))
    both = propose_eco(eva, title="Paste", why="w", products=["board", "box"])
    for product in ("board", "box"):
        add_change(eva, eco=both, kind="process", product=product, subject=["PRINT", "", "paste"], old="A", new="B")
    alone = propose_eco(eva, title="Secret of Alpina", why="w", products=["box"])
    change_floor.assess(eva, both)
    assert [one["eco"] for one in ecos_told(hal)] == [both] and [one["eco"] for one in ecos_told(alp)] == [alone, both]
    seen = told(hal, both)
    assert (
        seen["products"] == ["board"]
        and "box" not in repr(seen)
        and "Alpina" not in repr(seen)
        and "badge" not in repr(seen)
    )
    for verb in (lambda: told(hal, alone), lambda: decide(hal, eco=alone, decision="approved")):
        with pytest.raises(NotFound) as refused:
            verb()
        assert refused.value.code == "changes.unknown"
    with pytest.raises(NotAllowed):
        add_change(hal, eco=both, kind="bom", product="board", subject=["A"], old="1", new="2")


def test_whom_a_mail_reaches(eco, people, house, monkeypatch):
    from asbuilt.answers.portal.asking import ask_approval
    from asbuilt.storage import outbox, reading

    code, eva = eco
    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "eco-HAL=eco@halden.example")
    monkeypatch.setenv("ASBUILT_PORTAL", "https://record.ostwerk.example/")
    ask_approval(eva, eco=code, request_key="once")
    ask_approval(eva, eco=code, request_key="once")
    rows = reading.fetch("SELECT number, payload FROM storage_outgoing WHERE tenant = %s", (house.tenant,))
    (sent,) = outbox.outgoing(house.tenant, [number for number, _ in rows])
    assert (sent.channel, sent.target) == ("mail", "eco-HAL")
    letter = bytes(rows[0][1]).decode()
    assert "https://record.ostwerk.example/eco/ECO-1/" in letter and "module" not in letter
    assert [line["said"]["state"] for line in told(house)["timeline"] if line["kind"] == "told"] == [
        "no_address",
        "queued",
    ]


def test_what_is_refused_while_it_is_written(house, people, stranger):
    from asbuilt.designed.changes.controlling.actions import proposing
    from asbuilt.designed.changes.controlling.actions.deciding import decide, withdraw_eco

    eva = people("eva", "engineer")
    add, propose = proposing.add_change, proposing.propose_eco
    code = propose(eva, title="T", why="w", products=["board"])
    bom = {"kind": "bom", "product": "board", "subject": ["A"], "old": "1", "new": "2"}
    for verb, error in (
        (lambda: propose(eva, title="", why="w", products=["board"]), "changes.words_missing"),
        (lambda: propose(eva, title="T" * 201, why="w", products=["board"]), "changes.words_long"),
        (lambda: propose(eva, title="T\x07", why="w", products=["board"]), "changes.words_control"),
        (lambda: propose(eva, title="T", why="w", products=[]), "changes.products"),
        (lambda: propose(eva, title="T", why="w", products=["boad"]), "changes.product_unknown"),
        (lambda: add(eva, eco=code, **{**bom, "kind": "colour"}), "changes.word_unknown"),
        (lambda: add(eva, eco=code, **{**bom, "subject": ["A", "B"]}), "changes.subject"),
        (lambda: add(eva, eco=code, **{**bom, "new": "1"}), "changes.nothing"),
        (lambda: add(eva, eco=code, **{**bom, "product": "box"}), "changes.product_unknown"),
        (lambda: add(eva, eco=code, **{**bom, "kind": "part", "subject": ["NONE"], "old": "A/1", "new": "A/2"}), "changes.part_unknown"),
        (lambda: add(eva, eco=code, **{**bom, "kind": "part", "subject": ["MCU"], "old": "A/1", "new": "N-MCU"}), "changes.maker_part"),
        (lambda: add(eva, eco=code, **{**bom, "kind": "part", "subject": ["MCU"], "old": "/1", "new": "A/2"}), "changes.maker_part"),
        (lambda: add(eva, eco=code, **{**bom, "kind": "part", "subject": ["MCU"], "old": "Acme/M-1", "new": "acme / m-1"}), "changes.nothing"),
        (lambda: proposing.judge_substantial(eva, eco=code, answer="no", why="w"), "changes.unanswered"),
        (lambda: proposing.answer_question(eva, eco=code, question="colour", answer="no", why="w"), "changes.word_unknown"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            verb()
        assert refused.value.code == error and refused.value.remedy
    add(eva, eco=code, **bom)
    with pytest.raises(Invalid) as refused:
        add(eva, eco=code, **bom)
    assert refused.value.code == "changes.twice"
    proposing.drop_change(eva, eco=code, change="1", why="typed wrong")
    assert add(eva, eco=code, **bom) == "2"
    with pytest.raises(Refused) as refused:
        proposing.drop_change(eva, eco=code, change="1", why="w")
    assert refused.value.code == "changes.dropped"
    asked = proposing.ask_for(eva, eco=code, what="qualification run of 60 units")
    for verb, error in (
        (lambda: proposing.drop_change(eva, eco=code, change="7", why="w"), "changes.line_unknown"),
        (lambda: proposing.tick(eva, eco=code, asked="T-9", why="w"), "changes.line_unknown"),
        (lambda: told(stranger, code), "changes.unknown"), (lambda: told(eva, "ECO-99"), "changes.unknown"),
        (lambda: withdraw_eco(stranger, eco=code, why="w"), "changes.unknown"),
    ):  # fmt: skip
        with pytest.raises(NotFound) as refused:
            verb()
        assert refused.value.code == error
    proposing.tick(eva, eco=code, asked=asked, why="order Q-1")
    with pytest.raises(Refused) as refused:
        decide(people("ben", "quality_lead"), eco=code, decision="approved")
    assert refused.value.code == "changes.not_assessed"
    with pytest.raises(NotAllowed):
        propose(people("anna", "operator"), title="T", why="w", products=["board"])
    withdraw_eco(eva, eco=code, why="not needed")
    with pytest.raises(Refused) as refused:
        add(eva, eco=code, **{**bom, "subject": ["B"]})
    assert refused.value.code == "changes.withdrawn" and told(eva, code)["state"] == "withdrawn"


def test_verify_finds_a_line_that_was_changed(eco, house):
    from django.db import connections

    from asbuilt.designed.changes.controlling.statements import KEPT

    assert list(KEPT.rebuild(house.tenant)) == []
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE changes_line SET why = 'other' WHERE kind = 'answer' AND name = 'same_uid'")
    assert [one.code for one in KEPT.rebuild(house.tenant)] == ["ledger.projection_row_changed"]


def test_the_oldest_ecos_stay_in_the_file_and_in_their_manufacturers_view(eco, people, house, monkeypatch):
    """A list shows the newest; the file of the board and what waits for Halden hold the board's, however many of others came since."""
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.portal.waiting import waiting
    from asbuilt.designed.changes.controlling import queries
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco
    from asbuilt.designed.changes.controlling.seen import ecos_told

    code, eva = eco
    hal = people("hal", "party_reader", party="HAL")
    propose_eco(eva, title="Other box", why="w", products=["box"])
    monkeypatch.setattr(queries, "ECOS_MAX", 1)
    assert [one["eco"] for one in ecos_told(house)] == ["ECO-2"]
    assert [one["eco"] for one in ecos_told(hal)] == [code] and [one.code for one in waiting(hal)] == [code]
    assert filed_changes(technical_file(house, "board")) == [code]
    assert filed_changes(technical_file(house, "box")) == ["ECO-2"]


def filed_changes(file) -> list[str]:
    """The ECOs of a technical file."""
    (point,) = (one for one in file.filed if one.asked.key == "changes")
    tables = [table for part in point.parts for table in part.tables if table.heading == "Engineering changes"]
    return [row[0] for table in tables for row in table.rows()]


def test_a_file_says_which_change_was_taken_back_and_which_wants_a_new_declaration(eco, people, house):
    from asbuilt.answers.compliance.filing.declaring import declare
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    code, eva = eco
    change_floor.assess(eva, code, substantial="yes")
    hal, quality = people("hal", "party_reader", party="HAL"), people("ben", "quality_lead")
    agreed = (
        (quality, "quality_lead"),
        (people("cara", "psirt"), "psirt"),
        (people("dan", "compliance"), "compliance"),
    )
    said = {
        "manufacturer": "Halden", "address": "A", "laws": ["Regulation (EU) 2024/2847"], "standards": ["none"], "place": "P", "signed_on": "2026-02-27", "signatory": "S",
        "function": "F",
    }  # fmt: skip
    answers = Answers(digital_elements="yes", connection="direct", market="yes", functions=["default"])
    judge(house, product="board", answers=answers, why="w")

    def gaps() -> list[str]:
        (point,) = (one for one in technical_file(house, "board").filed if one.asked.key == "changes")
        return [gap for gap in point.gaps if code in gap]

    assert gaps() == [f"Changes that are not in force yet: {code}."]
    change_floor.agree(code, *agreed, (hal, ""))
    set_boundary(quality, eco=code, kind="unit", value="N1", why="stock used up")
    wanted = f"Substantial modifications since which no declaration was issued: {code}."
    assert gaps() == [wanted]
    decide(hal, eco=code, decision="revoked", why="not so")
    assert gaps() == [f"Changes whose approval was taken back: {code}.", wanted]
    one = {
        "products": [{"product": "board", "variants": []}],
        "said": said,
        "languages": ["en"],
        "texts": {"en": "Board"},
    }
    declare(house, **one, why="after the change")
    assert gaps() == [f"Changes whose approval was taken back: {code}."]


def test_the_configuration_plan_counts_who_may_still_approve_and_says_what_is_controlled(eco, people, house):
    """Ben leaves, and Kim has two of the roles and is one person; the first administrator is an engineer too. ECOs and the profile under control stand in the plan."""
    from asbuilt.access.actions.logins import close_login
    from asbuilt.answers.compliance.filing.configuration_plan import plan_told
    from asbuilt.designed.changes.controlling.actions.bounding import control_process

    ben, _kim = people("ben", "quality_lead"), people("kim", "engineer", "quality_lead")

    def said() -> tuple[dict, list[str]]:
        found = plan_told(house, "board")
        return {(one["section"], one["point"]): one["said"] for one in found["points"]}, found["gaps"]

    points, gaps = said()
    assert points["Who may approve", "test_plan.approve"] == "quality_lead: 2 people"
    assert points["Who may approve", "history.import"] == "engineer, quality_lead: 4 people"  # Ada, Eva, Ben, Kim
    assert "No process of this product is under change control." in gaps
    close_login(people.administrator, person=ben.person)
    control_process(house, product="board", step="REFLOW", side="top", aspect="program", value="P7", why="V-12")
    points, gaps = said()
    assert points["Who may approve", "test_plan.approve"] == "quality_lead: 1 people"
    assert points["Who may approve", "history.import"] == "engineer, quality_lead: 3 people"
    assert points["What is enforced", "REFLOW top program"] == "P7"
    assert "always: quality_lead" in points["How a change goes", "engineering changes (ECO)"]
    assert "No process of this product is under change control." not in gaps
