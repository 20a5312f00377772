"""Writes over the API: frozen answers, withdrawals, imports, people, tokens, and their idempotency keys."""

import json

import pytest
from cast import serial

JSON = "application/json"


def facts_of(cast, question: str) -> list[str]:
    from asbuilt.ledger.facts import fact_id, facts_of_units

    tenant = cast.tenant["eva"]
    shown = cast.program("eva").get("/api/v1/ask", {"question": question}).json()["spans"]
    rows = [row for first, until, _ in shown for row in facts_of_units(tenant, first, until)]
    return [(row.shape, fact_id(tenant, row.entry, row.shape, row.row)) for row in rows]


def test_an_answer_freezes_once_for_one_key(cast):
    client = cast.program("cara")
    said = {"question": "order:WO-ALP"}
    first = client.post("/api/v1/answers", said, JSON, headers={"Idempotency-Key": "k-1"})
    again = client.post("/api/v1/answers", said, JSON, headers={"Idempotency-Key": "k-1"})
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["answer"]["affected"]["certain"] == 12
    other = client.post("/api/v1/answers", {"question": "order:WO-BOR"}, JSON, headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "ledger.request_key_reused")
    # a key belongs to who sent it
    theirs = cast.program("ben").post("/api/v1/answers", said, JSON, headers={"Idempotency-Key": "k-1"})
    assert theirs.status_code == 201 and theirs.json()["ulid"] != first.json()["ulid"]


@pytest.mark.parametrize("key", ["", "x" * 121, "with blank", "ümlaut"])
def test_a_key_that_cannot_be_kept_is_refused(cast, key):
    answer = cast.program("cara").post(
        "/api/v1/answers", {"question": "order:WO-ALP"}, JSON, headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 422 and answer.json()["errors"][0]["column"].lower() == "idempotency-key"


def test_frozen_answers_are_listed_page_by_page_and_signed(cast):
    client = cast.program("cara")
    made = [
        client.post("/api/v1/answers", {"question": f"unit:{serial('ALP', n)}"}, JSON).json()["ulid"] for n in (1, 2, 3)
    ]
    page = client.get("/api/v1/answers", {"limit": 2}).json()
    rest = client.get("/api/v1/answers", {"limit": 2, "cursor": page["next"]}).json()
    assert [one["ulid"] for one in page["answers"] + rest["answers"]] == made[::-1] and rest["next"] is None
    whole = client.get(f"/api/v1/answers/{made[0]}").json()
    assert whole["answer"]["serials"] == [{"serial": serial("ALP", 1), "certainty": "certain"}]
    document = client.get(f"/api/v1/answers/{made[0]}/document")
    assert json.loads(document.content)["payloadType"] and "attachment" in document["Content-Disposition"]


def test_a_withdrawn_fact_leaves_the_answer(cast):
    client, reader = cast.program("eva"), cast.program("olga")
    test_run = next(fact for shape, fact in facts_of(cast, f"unit:{serial('ALP', 3)}") if shape.startswith("quality."))
    seen = client.get(f"/api/v1/facts/{test_run}").json()
    assert (seen["table"], seen["cells"]["serial"], seen["stands"]) == ("tests", serial("ALP", 3), True)
    said = {"reason": "wrong board on the fixture", "person": "045", "decided_at": "2027-04-01T08:00:00+02:00"}
    assert reader.post(f"/api/v1/facts/{test_run}/withdraw", said, JSON).status_code == 403
    before = reader.get("/api/v1/ask", {"question": "test:PLAN-ALP=pass"}).json()["affected"]["certain"]
    key = {"Idempotency-Key": "w-1"}
    done = client.post(f"/api/v1/facts/{test_run}/withdraw", said, JSON, headers=key)
    assert done.status_code == 200 and done.json()["withdrawn"] == 1
    again = client.post(f"/api/v1/facts/{test_run}/withdraw", said, JSON, headers=key).json()
    assert again["entry"] == done.json()["entry"]
    after = reader.get("/api/v1/ask", {"question": "test:PLAN-ALP=pass"}).json()["affected"]["certain"]
    assert (before, after) == (12, 11)
    assert client.get(f"/api/v1/facts/{test_run}").json()["stands"] is False
    changed = client.post(f"/api/v1/facts/{test_run}/withdraw", {**said, "reason": "other"}, JSON, headers=key)
    assert (changed.status_code, changed.json()["code"]) == (409, "ledger.request_key_reused")


def test_a_corrected_fact_says_the_right_thing_from_now_on(cast):
    client = cast.program("ben")
    test_run = next(fact for shape, fact in facts_of(cast, f"unit:{serial('ALP', 4)}") if shape.startswith("quality."))
    said = {"reason": "read wrong", "person": "045", "decided_at": "2027-04-01T08:00:00Z", "cells": {"outcome": "fail"}}
    done = client.post(f"/api/v1/facts/{test_run}/correct", said, JSON, headers={"Idempotency-Key": "c-1"})
    assert done.status_code == 200, done.content
    (new,) = done.json()["facts"]
    assert client.get(f"/api/v1/facts/{new}").json()["cells"]["outcome"] == "fail"
    assert client.get("/api/v1/ask", {"question": "test:failed", "serials": "1"}).json()["serials"] == [
        {"serial": serial("ALP", 4), "certainty": "certain"}
    ]
    again = client.post(f"/api/v1/facts/{test_run}/correct", said, JSON, headers={"Idempotency-Key": "c-1"})
    assert again.json()["entry"] == done.json()["entry"]
    wrong = client.post(f"/api/v1/facts/{new}/correct", {**said, "cells": {"outcome": "maybe"}}, JSON)
    assert wrong.status_code == 422
    assert client.post(f"/api/v1/facts/{new}/correct", {**said, "cells": {"colour": "red"}}, JSON).status_code == 422


@pytest.mark.parametrize(
    "said",
    [
        {"first_unit": 3},
        {"until_unit": 3},
        {"first_unit": 4, "until_unit": 4},
        {"decided_at": "2027-04-01"},
        {"decided_at": "2027-04-01T08:00:00"},
        {"reason": ""},
        {"person": "x" * 121},
        {"first_unit": 2**40, "until_unit": 2**41},
    ],
)
def test_half_a_withdrawal_is_refused(cast, said):
    whole = {"reason": "r", "person": "045", "decided_at": "2027-04-01T08:00:00Z"}
    answer = cast.program("eva").post("/api/v1/facts/0123456789abcdef/withdraw", {**whole, **said}, JSON)
    assert answer.status_code == 422, answer.content


def test_a_table_is_imported_once(cast):
    client = cast.program("eva")
    table = b"party,name,roles,country\r\nNEW,=cmd(),customer,DE\r\n"
    first = send(client, table).json()
    assert (first["stored"], first["already"], first["table"]) == (1, False, "parties")
    assert send(client, table).json()["already"] is True
    wrong = send(client, b"party,name,roles,country\nX,Y,king,DE\nZ,,customer,DE\n")
    assert wrong.status_code == 422
    assert [(row["line"], row["column"]) for row in wrong.json()["errors"]] == [(2, "roles"), (3, "name")]
    contradicts = send(client, b"party,name,roles,country\nNEW,Other,customer,DE\n")
    assert (contradicts.status_code, contradicts.json()["code"]) == (409, "tables.contradicts")
    bytes_back = b"".join(client.get(f"/api/v1/evidence/{first['sha256']}").streaming_content)
    assert bytes_back == table


def send(client, table: bytes, kind: str = "parties", name: str = "parties.csv"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post("/api/v1/imports", {"kind": kind, "file": SimpleUploadedFile(name, table)})


def test_an_upload_is_limited_and_sees_no_other_files(cast, settings_of_django, tmp_path):
    client = cast.program("eva")
    with settings_of_django(API_IMPORT_BYTES_MAX=1000):
        assert send(client, b"x" * 2000).status_code == 413
    assert send(client, b"a,b\n1,2\n", kind="nothing").status_code == 422
    assert client.post("/api/v1/imports", {"kind": "parties"}).status_code == 422
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"secret")
    row = f"A-LAMP,9.9.9,app,{secret},{'0' * 64},B,2027-01-10T08:00:00Z,false\n".encode()
    header = b"product,version,role,image,sha256,revisions,released_at,security_relevant\n"
    answer = send(client, header + row, kind="firmware", name="firmware.csv")
    assert b"secret\n" not in answer.content and answer.status_code in (200, 422)


def test_files_go_in_as_a_run(cast):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from asbuilt.built.exchange.working import work_runs

    client = cast.program("eva")
    files = [
        SimpleUploadedFile("parties.csv", b"party,name,roles,country\nR,Run,customer,DE\n"),
        SimpleUploadedFile("x.txt", b"x"),
    ]
    begun = client.post("/api/v1/import-runs", {"files": files})
    assert begun.status_code == 202, begun.content
    place = f"/api/v1/import-runs/{begun.json()['ulid']}"
    assert client.get(place).json()["state"] == "waits"
    work_runs()
    done = client.get(place).json()
    assert (done["state"], [(one["name"], one["state"]) for one in done["files"]]) == (
        "done",
        [("parties.csv", "stored"), ("x.txt", "left")],
    )
    assert cast.program("dan").get(place).status_code == 404
    assert cast.program("dan").post(f"{place}/stop").status_code == 404


def test_evidence_is_a_download_and_nothing_else(cast):
    client = cast.program("eva")
    sha256 = send(
        client, b"party,name,roles,country\nE,<script>alert(1)</script>,customer,DE\n", name="a<b>.html"
    ).json()["sha256"]
    answer = client.get(f"/api/v1/evidence/{sha256}")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert cast.program("dan").get(f"/api/v1/evidence/{sha256}").status_code == 404
    assert client.get(f"/api/v1/evidence/{'0' * 64}").status_code == 404
    assert client.get("/api/v1/evidence/xyz").status_code == 422


def test_people_are_let_in_changed_and_erased(cast):
    adam = cast.program("adam")
    said = {"name": "New", "roles": ["party_reader"], "party": "ALPINA"}
    new = adam.post("/api/v1/people", said, JSON, headers={"Idempotency-Key": "p-1"})
    assert new.status_code == 201 and new.json()["secret"].startswith("asbl_")
    again = adam.post("/api/v1/people", said, JSON, headers={"Idempotency-Key": "p-1"})
    assert again.status_code == 200 and again.json()["already_recorded"] is True
    place = f"/api/v1/people/{new.json()['person']}"
    assert adam.get(place).json()["invited"] is True
    assert adam.get(place).json()["party"] == "Alpina Light"
    assert adam.post("/api/v1/people", {**said, "party": "NOBODY"}, JSON).status_code == 422
    assert adam.post("/api/v1/people", {"name": "X", "roles": ["station"]}, JSON).status_code == 422
    eva = f"/api/v1/people/{cast.person['eva']}"
    assert adam.put(f"{eva}/roles", {"roles": ["auditor"]}, JSON).status_code == 200
    assert cast.program("eva").get("/api/v1/you").json()["roles"] == ["auditor"]
    assert adam.post(f"{eva}/close").status_code == 200
    assert cast.program("eva").get("/api/v1/you").status_code == 401
    assert adam.post(f"{eva}/open").status_code == 200
    assert adam.post(f"{eva}/erase").status_code == 200
    assert adam.get(eva).json()["name"] is None and adam.get(eva).json()["erased_by"] > 0
    last = adam.put(f"/api/v1/people/{cast.person['adam']}/roles", {"roles": ["auditor"]}, JSON)
    assert (last.status_code, last.json()["code"]) == (409, "access.last_administrator")


def test_a_badge_is_issued_once_and_ends(cast):
    from asbuilt.access.actions import accept_link

    adam = cast.program("adam")
    new = adam.post("/api/v1/people", {"name": "K. Lis", "roles": ["operator"], "code": "0451"}, JSON).json()
    accept_link(new["secret"], name="K. Lis", login="lis", password="nine reels of solder")
    place = f"/api/v1/people/{new['person']}"
    assert adam.get(place).json()["badge_at"] is None
    issued = adam.post(f"{place}/badge", headers={"Idempotency-Key": "b-1"})
    assert issued.status_code == 201 and issued.json()["secret"].startswith("asbb_1_")
    again = adam.post(f"{place}/badge", headers={"Idempotency-Key": "b-1"})
    assert again.status_code == 200 and "secret" not in again.json()
    assert adam.get(place).json()["badge_at"] is not None
    assert issued.json()["secret"] not in adam.get("/api/v1/people").content.decode()
    assert adam.post(f"{place}/badge/revoke").status_code == 200
    assert adam.get(place).json()["badge_at"] is None
    assert cast.program("eva").post(f"{place}/badge").status_code == 403
    eva = adam.post("/api/v1/people", {"name": "X", "roles": ["operator"]}, JSON).json()["person"]
    assert adam.post(f"/api/v1/people/{eva}/badge").json()["code"] == "access.login_missing"


def test_people_come_page_by_page(cast):
    adam, names, cursor = cast.program("adam"), [], None
    for _ in range(20):
        page = adam.get("/api/v1/people", {"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        names += [one["name"] for one in page["people"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names.count("Eva") == 1 and len(names) == len(set(filter(None, names))) + names.count(None)


def test_a_token_of_few_roles_makes_none_of_many(cast):
    from asbuilt.access.actions import give_roles

    give_roles(cast.actor["adam"], person=cast.person["eva"], roles=["engineer", "auditor"])
    eva = cast.program("eva")
    narrow = eva.post("/api/v1/tokens", {"name": "narrow", "roles": ["auditor"]}, JSON).json()["secret"]
    cast.token["narrow"] = narrow
    one = cast.program("narrow")
    assert one.get("/api/v1/you").json()["roles"] == ["auditor"]
    assert one.post("/api/v1/tokens", {"name": "more", "roles": ["engineer"]}, JSON).status_code == 422
    cast.token["child"] = one.post("/api/v1/tokens", {"name": "child"}, JSON).json()["secret"]
    assert cast.program("child").get("/api/v1/you").json()["roles"] == ["auditor"]
    assert one.post("/api/v1/tokens", {"name": "m", "roles": ["machine"], "program": True}, JSON).status_code == 403


def test_secrets_stand_in_no_list(cast):
    said = (
        cast.program("adam").get("/api/v1/tokens").content.decode()
        + cast.program("adam").get("/api/v1/people").content.decode()
    )
    assert "asbt_" not in said and "asbl_" not in said


def test_a_key_used_for_other_people_or_tokens_is_a_conflict(cast):
    adam, eva = cast.program("adam"), f"/api/v1/people/{cast.person['eva']}"
    key = {"headers": {"Idempotency-Key": "people-1"}}
    said = {"name": "Nora", "roles": ["auditor"], "code": "N-1"}
    assert adam.post("/api/v1/people", said, JSON, **key).status_code == 201
    assert adam.post("/api/v1/people", said, JSON, **key).json()["already_recorded"] is True
    others = [
        ("post", "/api/v1/people", {**said, "name": "Nils"}),
        ("post", "/api/v1/people", {**said, "code": "N-2"}),
        ("post", "/api/v1/people", {**said, "roles": ["engineer"]}),
        ("put", f"{eva}/roles", {"roles": ["auditor"]}),
        ("post", f"{eva}/close", None),
        ("post", "/api/v1/tokens", {"name": "line 1", "program": True, "roles": ["machine"]}),
    ]
    for verb, place, body in others:
        answer = getattr(adam, verb)(place, body, JSON, **key)
        assert (answer.status_code, answer.json()["code"]) == (409, "ledger.request_key_reused"), (place, body)
    token = {"name": "line 1", "program": True, "roles": ["machine"], "days": 30}
    key = {"headers": {"Idempotency-Key": "token-1"}}
    assert adam.post("/api/v1/tokens", token, JSON, **key).status_code == 201
    assert adam.post("/api/v1/tokens", token, JSON, **key).json()["already_recorded"] is True
    for other in ({"days": 31}, {"name": "line 2"}, {"roles": ["station"]}):
        assert adam.post("/api/v1/tokens", {**token, **other}, JSON, **key).status_code == 409


def test_one_key_does_not_close_a_login_and_open_it(cast):
    adam, ben = cast.program("adam"), f"/api/v1/people/{cast.person['ben']}"
    key = {"headers": {"Idempotency-Key": "ben-1"}}
    assert adam.post(f"{ben}/close", **key).status_code == 200
    assert adam.post(f"{ben}/open", **key).status_code == 409
    assert adam.post(f"{ben}/close", **key).status_code == 200
    assert cast.program("ben").get("/api/v1/you").status_code == 401


def test_no_name_can_be_guessed_from_what_an_entry_says_was_asked(cast):
    """The hash of a request must not be one of a person's name and a few known words."""
    from asbuilt.access.actions.requests import asked
    from asbuilt.storage import reading

    adam = cast.program("adam")
    adam.post("/api/v1/people", {"name": "Nora", "roles": ["auditor"]}, JSON, headers={"Idempotency-Key": "q-1"})
    adam.post("/api/v1/people", {"name": "Nils", "roles": ["auditor"]}, JSON, headers={"Idempotency-Key": "q-2"})
    sql = (
        "SELECT content FROM ledger_entry WHERE type = 'access.person_invited' AND request_key LIKE %s ORDER BY number"
    )
    contents = [bytes(row[0]) for row in reading.fetch(sql, ("%/q-%",))]
    assert contents == [asked(["auditor"], None, False)] * 2


def test_a_fact_of_a_table_is_found_by_what_its_row_holds(cast):
    client = cast.program("eva")
    (one,) = client.get("/api/v1/facts", {"table": "parties", "holding": "alpina light"}).json()["facts"]
    assert (
        one["cells"]["name"] == "Alpina Light"
        and client.get(f"/api/v1/facts/{one['fact']}").json()["cells"] == one["cells"]
    )
    found, cursor = [], {}
    while True:
        page = client.get("/api/v1/facts", {"table": "units", "limit": 5, **cursor}).json()
        found += [row["fact"] for row in page["facts"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(found) == len(client.get("/api/v1/facts", {"table": "units", "limit": 100}).json()["facts"]) > 10
    assert client.get("/api/v1/facts", {"table": "unitss"}).status_code == 404
    assert client.get("/api/v1/facts", {"table": "units", "cursor": "x"}).status_code == 422
    # another tenant finds its own rows, and a party's reader none
    assert (
        cast.program("dan").get("/api/v1/facts", {"table": "parties", "holding": "alpina light"}).json()["facts"] == []
    )
    assert cast.program("brand_a_reader").get("/api/v1/facts", {"table": "parties"}).status_code == 404
