"""The page Holds: place, see on the pages of unit, lot and order, scan and see why, lift; each refusal keeps what was typed."""

import pytest
from boards_and_boxes import tables


@pytest.fixture
def loaded(load):
    load(tables())


def place(one, **said):
    form = {"kind": "lot", "what": "LB", "reason": "marking differs", "lifted_by": "quality_lead", **said}
    return one.send("/holds/", form)


def test_from_placing_to_lifting(loaded, signed_in):
    lead = signed_in("quality_lead")
    placed = place(lead)
    assert placed.status_code == 302 and placed["Location"] == "/holds/H-1/"
    hold = lead.get("/holds/H-1/").content.decode()
    # LB: B-05 and B-06 possibly, B-07 to B-09, and B-02 after its rework
    for said in ("marking differs", "P. quality_lead", "<dd>6</dd>", "B-02", "B-09", "quality lead", "Lift the hold"):
        assert said in hold, said
    for address in ("/unit/B-07/", "/lot/LB/", "/order/WB/"):
        page = lead.get(address).content.decode()
        assert "On hold" in page and "marking differs" in page and 'href="/holds/H-1/"' in page, address
    assert "B-05, inside it, is on hold" in lead.get("/unit/X-2/").content.decode()
    assert "On hold" not in lead.get("/unit/B-03/").content.decode()
    assert "marking differs" in lead.get("/holds/", {"unit": "B-07"}).content.decode().split("Open holds")[0]
    assert "B-03 is not held." in lead.get("/holds/", {"unit": "B-03"}).content.decode()
    assert "There is no unit" in lead.get("/holds/", {"unit": "B-99"}).content.decode()
    assert (
        lead.send("/holds/H-1/lift/", {"part": "some", "units": "B-07..B-08", "reason": "X-rayed"}).status_code == 302
    )
    assert "On hold" not in lead.get("/unit/B-07/").content.decode()
    assert "On hold" in lead.get("/unit/B-09/").content.decode()
    assert lead.send("/holds/H-1/lift/", {"part": "all", "reason": "all good"}).status_code == 302
    page = lead.get("/holds/").content.decode()
    assert "Nothing is held." in page and "all good" in page


def test_the_form_twice_is_one_hold(loaded, signed_in):
    lead = signed_in("quality_lead")
    assert [place(lead, request_key="01JX")["Location"] for _ in "ab"] == ["/holds/H-1/", "/holds/H-1/"]


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"what": "LA"}, 422, "LA names 2 lots."),
        ({"what": "LZ"}, 404, "There is no lot LZ."),
        ({"kind": "question", "what": "lot:LB -held"}, 422, "it would hold itself"),
        ({"kind": "question", "what": "custmer:X"}, 422, "custmer"),
        ({"kind": "units", "what": "B-09..B-02"}, 422, "is no span of one order"),
        ({"kind": "units", "what": "B-01..X-2"}, 422, "is no span of one order"),
        ({"reason": " "}, 422, "A hold has a code"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(loaded, signed_in, said, status, words):
    lead = signed_in("quality_lead")
    answer = place(lead, **said)
    page = answer.content.decode()
    assert answer.status_code == status and words in page and f'value="{said.get("what", "LB")}"' in page
    assert "Nothing is held." in page


def test_who_may_not(loaded, signed_in):
    lead, engineer, operator = signed_in("quality_lead"), signed_in("engineer"), signed_in("operator")
    assert place(operator).status_code == 403 and place(engineer).status_code == 302
    assert "Place a hold" not in operator.get("/holds/").content.decode()
    assert "Lift the hold" not in engineer.get("/holds/H-1/").content.decode()
    assert engineer.send("/holds/H-1/lift/", {"reason": "r"}).status_code == 403
    assert place(engineer, lifted_by="psirt", what="LC").status_code == 302
    assert lead.send("/holds/H-2/lift/", {"reason": "r"}).status_code == 403
    assert lead.send("/holds/H-9/lift/", {"reason": "r"}).status_code == 404


def test_a_party_reader_sees_that_and_not_why(loaded, signed_in, sql_of):
    place(signed_in("quality_lead"), kind="question", what="lot:LB -unit:B-09", reason="Sundvolt complained")
    reader = signed_in("party_reader", party=sql_of("SELECT number FROM parties_party WHERE code = 'NORD'")[0][0])
    page = reader.get("/unit/B-07/").content.decode()
    assert "On hold" in page and "Sundvolt" not in page and "lot:LB" not in page and "/holds/" not in page
    assert reader.get("/holds/").status_code == 404 and reader.get("/holds/H-1/").status_code == 404


@pytest.fixture
def sql_of():
    from asbuilt.storage import reading

    return reading.fetch
