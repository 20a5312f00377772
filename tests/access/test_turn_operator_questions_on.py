"""Questions by operator: off until an administrator turns them on for the tenant (design, section 4)."""

import json

import pytest

from asbuilt.kernel.errors import NotAllowed

JSON = "application/json"


def entries_of(type: str) -> list[dict]:
    from asbuilt.storage import reading

    rows = reading.fetch("SELECT body FROM ledger_entry WHERE tenant = %s ORDER BY number", (1,))
    said = [json.loads(bytes(body) if not isinstance(body, str) else body) for (body,) in rows]
    return [one for one in said if one["type"] == type]


def asked(cast, who: str):
    return cast.program(who).get("/api/v1/ask", {"question": "operator:045"})


def test_an_administrator_turns_them_on_for_who_has_the_right_and_off_again(cast):
    adam = cast.program("adam")
    assert adam.get("/api/v1/settings").json()["operator_questions"] is False
    assert asked(cast, "ben").json()["code"] == "question.operator"
    assert adam.put("/api/v1/settings", {"operator_questions": True}, JSON).json() == {"operator_questions": True}
    assert asked(cast, "ben").json()["affected"]["certain"] == 24  # all of both orders went through operator 045
    assert asked(cast, "olga").status_code == 200
    assert asked(cast, "eva").status_code == 403, "an engineer has no such right"
    adam.put("/api/v1/settings", {"operator_questions": False}, JSON)
    assert asked(cast, "ben").status_code == 403


def test_each_turn_is_one_entry_that_says_who(cast):
    adam = cast.program("adam")
    for on, key in ((True, "s-1"), (True, "s-2"), (False, "s-3")):
        said = adam.put("/api/v1/settings", {"operator_questions": on}, JSON, headers={"Idempotency-Key": key})
        assert said.status_code == 200
    again = adam.put("/api/v1/settings", {"operator_questions": True}, JSON, headers={"Idempotency-Key": "s-1"})
    assert again.json()["already_recorded"] is True, "the same request twice is one"
    assert adam.get("/api/v1/settings").json()["operator_questions"] is False
    turned = entries_of("access.operator_questions_set")
    assert [one["facts"]["on"] for one in turned] == [True, False]
    assert {one["actor"] for one in turned} == {f"person:{cast.person['adam']}"}


def test_another_tenant_keeps_its_own_switch(cast):
    from asbuilt.access.queries import tenant_of_number

    assert cast.program("dan").put("/api/v1/settings", {"operator_questions": True}, JSON).status_code == 200
    assert tenant_of_number(cast.tenant["dan"]).operator_questions
    assert not tenant_of_number(cast.tenant["adam"]).operator_questions


def test_nobody_else_turns_them(cast):
    from asbuilt.access.actions import set_operator_questions

    for who in ("eva", "ben", "olga", "carl", "brand_a_reader"):
        with pytest.raises(NotAllowed):
            set_operator_questions(cast.actor[who], on=True)
    assert entries_of("access.operator_questions_set") == []


def test_the_page_people_turns_them_and_the_question_box_follows(cast):
    adam, ben = cast.browser("adam"), cast.browser("ben")
    assert "Turn questions by operator on" in adam.get("/people/").content.decode()
    assert "operator:" not in ben.get("/").content.decode(), "a term that may not be asked is not offered"
    assert adam.post("/people/settings/", {"operator_questions": "on"}).status_code == 302
    assert "Turn questions by operator off" in adam.get("/people/").content.decode()
    assert "operator:" in ben.get("/").content.decode()
    assert ben.get("/", {"q": "operator:045"}).status_code == 200
    assert ben.post("/people/settings/", {"operator_questions": "off"}).status_code == 403
