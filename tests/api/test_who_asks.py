"""Who asks: tokens, sessions with their form secret, rate, request id (design, sections 3 and 4; RFC 6750, RFC 9457)."""

import json

import pytest

PROBLEM = "application/problem+json"
FIELDS = {"type", "title", "status", "detail", "code", "facts", "remedy", "errors", "instance"}


def test_without_a_token_the_problem_says_how_to_sign_in(cast):
    answer = cast.program(None).get("/api/v1/you")
    assert (answer.status_code, answer["Content-Type"], answer["WWW-Authenticate"]) == (
        401,
        PROBLEM,
        'Bearer realm="asbuilt"',
    )
    assert set(answer.json()) >= FIELDS
    assert answer.json()["instance"] == f"/requests/{answer['X-Request-ID']}"


@pytest.mark.parametrize(
    "said",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer asbt_1_" + "x" * 43, "bearer asbl_1_" + "x" * 43],
)
def test_what_is_no_token_is_refused(cast, said):
    assert cast.program(None, Authorization=said).get("/api/v1/you").status_code == 401


def test_a_token_says_who_and_ends_when_revoked(cast):
    client = cast.program("eva")
    assert client.get("/api/v1/you").json()["roles"] == ["engineer"]
    number = client.get("/api/v1/tokens").json()["tokens"][0]["number"]
    assert client.post(f"/api/v1/tokens/{number}/revoke").status_code == 200
    assert client.get("/api/v1/you").json()["code"] == "access.token_unusable"


def test_a_session_reads_and_writes_only_with_its_form_secret(cast):
    browser = cast.browser("eva", forms_checked=True)
    assert browser.get("/api/v1/you").json()["name"] == "Eva"
    refused = browser.post("/api/v1/log/checkpoint")
    assert (refused.status_code, refused["Content-Type"], refused.json()["code"]) == (403, PROBLEM, "api.form_secret")
    browser.get("/you/")
    secret = browser.cookies["asbuilt_csrf"].value
    assert browser.post("/api/v1/log/checkpoint", headers={"X-CSRFToken": secret}).status_code == 200


def test_a_wrong_token_is_not_covered_by_a_session(cast):
    assert cast.browser("eva", Authorization="Bearer x").get("/api/v1/you").status_code == 401


def test_too_many_requests_are_told_when_to_come_back(cast, settings_of_django):
    from asbuilt.doors.api.limits import RATES

    client = cast.program("olga")
    RATES._left.clear()
    with settings_of_django(API_REQUESTS_PER_MINUTE=3):
        answers = [client.get("/api/v1/you") for _ in range(4)]
        assert cast.program("eva").get("/api/v1/you").status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3]["Retry-After"]) <= 21 and answers[3].json()["code"] == "api.too_many_requests"


def test_the_bucket_fills_evenly():
    from asbuilt.doors.api.limits import Rates

    rates = Rates()
    assert [rates.take("a", 60, now=0.0) for _ in range(61)] == [0] * 60 + [1]
    assert rates.take("a", 60, now=1.0) == 0 and rates.take("a", 60, now=1.0) > 0
    assert rates.take("b", 60, now=1.0) == 0


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/ask", "/api/v1/units/", "/api/v1/docs"]
)
def test_an_unknown_address_is_the_same_problem_for_everybody(cast, address):
    for who in (None, "eva", "dan", "machine"):
        answer = cast.program(who).get(address)
        assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (404, PROBLEM, "api.not_found")


def test_another_method_is_a_problem_that_names_the_right_ones(cast):
    answer = cast.program("eva").delete("/api/v1/answers")
    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"} == set(answer.json()["facts"]["allowed"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 422),
        ('{"question": "x", "question": "y"}', "application/json", 422),
        ('{"question": NaN}', "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        ('{"question": "\\ud800"}', "application/json", 422),
        ('{"question": "a\\u0000b"}', "application/json", 422),
        ("question=x", "text/plain", 400),
        ("[1]", "application/json", 422),
        ("null", "application/json", 422),
        ("", "application/json", 422),
        ('{"question": 5}', "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        ('{"question": "' + "a" * 2_000_000 + '"}', "application/json", 413),
        ('{"question": "' + "a" * 200_000 + '"}', "application/json", 422),
        ('{"question": "' + "(" * 50_000 + '"}', "application/json", 422),
    ],
)
def test_broken_bodies_are_problems(cast, body, kind, status):
    answer = cast.program("eva").post("/api/v1/ask", body, content_type=kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content[:300]


def test_wrong_fields_are_all_named(cast):
    answer = cast.program("eva").get("/api/v1/ask/serials", {"limit": "0", "cursor": "x" * 300})
    assert answer.status_code == 422
    assert {row["column"] for row in answer.json()["errors"]} == {"question", "limit", "cursor"}
    assert answer.json()["total"] == 3


@pytest.mark.parametrize("cursor", ["x", "MA", "LTE", "OTk5OTk5OTk5OTk5OTk", "MS8y", "é"])
def test_a_cursor_that_is_none_of_ours_is_refused(cast, cursor):
    answer = cast.program("eva").get("/api/v1/log/entries", {"cursor": cursor})
    assert answer.status_code in (200, 422) and (answer.status_code == 200) == (cursor == "MA")


def test_a_broken_answer_shows_only_the_request(cast):
    from asbuilt.doors.api import problems

    answer = problems.broken(type("Request", (), {"id": "01REQ"})(), RuntimeError("secret particulars"))
    said = json.loads(answer.content)
    assert (answer.status_code, said["code"]) == (500, "api.broken")
    assert "01REQ" in said["remedy"] and "secret" not in answer.content.decode()
