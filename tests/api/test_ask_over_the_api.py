"""Ask over the API: the same three numbers, pages of serial numbers, limits. Counts are those of tests/cast.py by hand."""

import pytest
from cast import UNITS, serial


def test_the_answer_counts_and_names_customers(cast):
    said = cast.program("eva").get("/api/v1/ask", {"question": "lot:LOT-ALP-1"}).json()
    assert said["affected"] == {"certain": UNITS, "possible": 0, "unrecorded": 0}
    assert said["by"]["customer"] == [
        {"customer": "Nordlicht Handel", "certain": 10, "possible": 0, "unrecorded": 0},
        {"customer": None, "certain": 2, "possible": 0, "unrecorded": 0},
    ]
    assert "serials" not in said and said["as_of"] is None


def test_customers_alone_are_those_of_the_answer(cast):
    """For the company and for a reader of a brand; a stranger is told that there is no such lot."""
    for who in ("eva", "petra"):
        asked = {"question": "lot:LOT-COMMON"}
        whole = cast.program(who).get("/api/v1/ask", asked).json()
        alone = cast.program(who).get("/api/v1/ask/customers", asked).json()
        assert alone["by"] == {"customer": whole["by"]["customer"]} and alone["finished"] == whole["finished"]
        assert {"spans", "gaps", "serials"}.isdisjoint(alone)


def test_the_common_lot_is_on_both_brands(cast):
    said = cast.program("eva").post(
        "/api/v1/ask", {"question": "lot:LOT-COMMON", "serials": True}, content_type="application/json"
    )
    names = [unit["serial"] for unit in said.json()["serials"]]
    assert names == [serial("ALP", n) for n in range(1, 13)] + [serial("BOR", n) for n in range(1, 13)]


def test_serials_come_page_by_page(cast):
    client, names, cursor = cast.program("ben"), [], None
    for _ in range(10):
        asked = {"question": "lot:LOT-COMMON", "limit": 7, **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/ask/serials", asked).json()
        names += [unit["serial"] for unit in page["serials"]]
        assert len(page["serials"]) <= 7 and page["affected"]["certain"] == 24
        cursor = page["next"]
        if cursor is None:
            break
    assert names == [serial("ALP", n) for n in range(1, 13)] + [serial("BOR", n) for n in range(1, 13)]


def test_more_serials_than_the_limit_are_refused_with_the_way_on(cast, settings_of_django):
    with settings_of_django(API_SERIALS_MAX=5):
        answer = cast.program("eva").get("/api/v1/ask", {"question": "lot:LOT-COMMON", "serials": "true"})
    assert (answer.status_code, answer.json()["code"]) == (409, "api.too_many_serials")
    assert "/api/v1/ask/serials" in answer.json()["remedy"]


def test_as_of_before_anything_was_recorded_knows_nothing(cast):
    said = cast.program("eva").get("/api/v1/ask", {"question": "product:A-LAMP", "as_of": "2001-01-01"})
    assert said.status_code in (200, 404)
    if said.status_code == 200:
        assert said.json()["affected"]["certain"] == 0


def test_grammar_and_unknown_names_are_problems(cast):
    client = cast.program("eva")
    wrong = client.get("/api/v1/ask", {"question": "(lot:X"})
    assert (wrong.status_code, wrong["Content-Type"]) == (422, "application/problem+json")
    unknown = client.get("/api/v1/ask", {"question": "lot:LOT-NONE"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "question.unknown_name")


@pytest.mark.parametrize(
    "as_of",
    [
        "9999-12-31",
        "0001-01-01",
        "2027-02-30",
        "yesterday",
        "2027-03-15T08:00",
        "20270315",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_a_day_or_instant_at_the_edge_of_the_calendar_breaks_nothing(cast, as_of):
    answer = cast.program("eva").get("/api/v1/ask", {"question": "order:WO-ALP", "as_of": as_of})
    assert answer.status_code < 500, answer.content[:300]
