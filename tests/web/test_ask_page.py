"""The page Ask: the three numbers, errors with their place, files, freezing; for whom."""

import csv
import io
import re

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once


@pytest.fixture
def loaded(load):
    load(tables())


def numbers(page: str) -> list[str]:
    """The three numbers in the order in which they stand."""
    return re.findall(r'<dd class="n">([\d,]+)</dd>', page)


def test_three_numbers_customers_flow_and_list(loaded, signed_in):
    answer = signed_in("engineer").get("/", {"q": "lot:LB"})
    page = answer.content.decode()
    assert answer.status_code == 200 and numbers(page) == ["4", "2", "1"]
    assert "Units that carry lot LB now." in page and "WB: no" in page
    assert "Nordlicht" in page and 'class="ribbon-possible"' in page and "The same as a table" in page
    assert page.index(">B-05</a>") < page.index(">B-10</a>") < page.index(">B-02</a>")
    assert "Freeze this answer" in page


def test_no_style_and_no_script_inside_the_page(loaded, signed_in):
    one = signed_in("engineer")
    for address in ("/?q=lot:LB", "/unit/B-02/", "/order/WB/", "/lot/LB/"):
        page = one.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?! src)", page), address


def test_a_wrong_question_shows_the_place_and_the_nearest(loaded, signed_in):
    answer = signed_in("engineer").get("/", {"q": "lot:LB custmer:X"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Character 8" in page
    assert "lot:LB custmer:X\n<b>       ^^^^^^^</b>" in page
    assert 'href="/?q=lot%3ALB+customer%3AX"' in page and 'value="lot:LB custmer:X"' in page


def test_an_unknown_name_keeps_the_question_and_names_the_nearest(loaded, signed_in):
    answer = signed_in("engineer").get("/", {"q": "shipment:S-9"})
    assert answer.status_code == 404
    assert "There is no shipment S-9." in answer.content.decode() and "Did you mean" in answer.content.decode()


def test_a_code_alone_becomes_its_question(loaded, signed_in):
    one = signed_in("engineer")
    assert one.get("/", {"q": "LB"})["Location"] == "/?q=lot%3ALB"
    assert one.get("/", {"q": "B-01"})["Location"] == "/?q=unit%3AB-01"
    several = one.get("/", {"q": "LA"})
    assert several.status_code == 422 and several.content.decode().count('class="code" href="/?q=lot%3ALA"') == 2


def test_an_empty_answer_says_what_is_known(loaded, signed_in):
    page = signed_in("engineer").get("/", {"q": "reworked customer:Nordlicht"}).content.decode()
    assert "0 certain, 0 possible, 0 unrecorded" in page and "customer:Nordlicht</a>" in page and numbers(page) == []


def test_an_ambiguous_lot_is_said(loaded, signed_in):
    page = signed_in("engineer").get("/", {"q": "lot:LA"}).content.decode()
    assert "Lot LA names 2 lots" in page and "Narrower: package:PK-A" in page


def test_as_known_on_stands_in_amber_and_on_every_link(loaded, signed_in):
    page = signed_in("engineer").get("/", {"q": "order:WB", "as_of": "2099-01-01"}).content.decode()
    assert "As known on 2099-01-01." in page and "as_of=2099-01-01" in page


def test_the_options_of_the_box(loaded, signed_in):
    page = signed_in("engineer").get("/ask/suggest/", {"q": "lot:L", "at": "5"}).content.decode()
    assert re.findall(r'data-text="(\w+)" data-start="(\d+)" data-end="(\d+)"', page) == [
        ("LA", "4", "5"),
        ("LB", "4", "5"),
        ("LC", "4", "5"),
    ]


def test_serials_as_a_file_with_formulas_defused(load, signed_in):
    said = tables()
    said["units"][9]["serial"] = "=B-10"
    said["materials"][4]["last_serial"] = "=B-10"
    load(said)
    answer = signed_in("engineer").get("/ask/serials.csv", {"q": "lot:LB"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert answer["Content-Type"].startswith("text/csv") and answer.streaming
    assert rows[0][:2] == ["serial", "certainty"]
    assert [row[:2] for row in rows[1:]] == [
        ["B-02", "certain"], ["B-05", "possible"], ["B-06", "possible"], ["B-07", "certain"], ["B-08", "certain"],
        ["B-09", "certain"], ["'=B-10", "unrecorded"],
    ]  # fmt: skip


def test_customers_as_a_file(loaded, signed_in):
    one = signed_in("engineer")
    assert "/ask/customers.csv?q=lot%3ALB" in one.get("/", {"q": "lot:LB"}).content.decode()
    answer = one.get("/ask/customers.csv", {"q": "lot:LB"})
    said = one.get("/api/v1/ask", {"question": "lot:LB"}).json()["by"]["customer"]
    assert answer["Content-Type"].startswith("text/csv")
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert head == ["customer", "certain", "possible", "unrecorded"]
    assert rows == [["" if row[name] is None else str(row[name]) for name in head] for row in said]
    assert len(rows) > 1


def test_freezing_keeps_the_answer_and_its_file(loaded, signed_in):
    one = signed_in("engineer")
    answer = one.send("/answers/", {"question": "lot:LB", "as_of": "", "request_key": "k1"})
    place = answer["Location"]
    page = one.get(place).content.decode()
    assert numbers(page) == ["4", "2", "1"] and "does not change any more" in page
    assert one.send("/answers/", {"question": "lot:LB", "as_of": "", "request_key": "k1"})["Location"] == place
    assert b'"payloadType"' in one.get(f"{place}file/").content
    assert place in one.get("/answers/").content.decode()


def test_an_operator_reads_and_does_not_freeze(loaded, signed_in):
    one = signed_in("operator")
    assert "Freeze this answer" not in one.get("/", {"q": "lot:LB"}).content.decode()
    assert one.send("/answers/", {"question": "lot:LB"}).status_code == 403


def test_asking_is_closed_while_the_log_does_not_fit(loaded, signed_in, monkeypatch):
    from asbuilt.built.exchange import verify_runs

    one = signed_in("engineer")
    monkeypatch.setattr(verify_runs, "last_result", lambda tenant: (1, 1))
    answer = one.get("/", {"q": "lot:LB"})
    assert answer.status_code == 409 and numbers(answer.content.decode()) == []
    assert one.get("/unit/B-01/").status_code == 200


def test_german(loaded, signed_in):
    page = signed_in("engineer").get("/", {"q": "lot:LB"}, headers={"Accept-Language": "de"}).content.decode()
    assert "Sicher" in page and "Möglich" in page and "Nicht erfasst" in page and "Diese Antwort einfrieren" in page
