"""The page Unit: the whole life with the source of each statement, and the two ways to mend a fact."""

import re

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once


@pytest.fixture
def loaded(load):
    load(tables())


def facts(page: str) -> list[str]:
    """The facts that the page links, in order."""
    return re.findall(r'href="/facts/([0-9a-f]{16})/', page)


def test_the_whole_life_on_one_page(loaded, signed_in):
    page = signed_in("engineer").get("/unit/B-02/").content.decode()
    for said in ("B-02", "BRD", "PN1", "1.1.0 is out", "REFLOW top", "peak 244", "U1 replaced", "solder", "Test ICT: Failed",
                 "Firmware 1.0.0", "came out", "entry 6", "processes.csv", "Birth certificate"):  # fmt: skip
        assert said in page, said
    assert len(facts(page)) >= 8


def test_boxes_lead_to_boards_and_back(loaded, signed_in):
    one = signed_in("engineer")
    assert 'href="/unit/B-01/"' in one.get("/unit/X-1/").content.decode()
    assert 'href="/unit/X-1/"' in one.get("/unit/B-01/").content.decode()


def test_gaps_are_said_in_words(loaded, signed_in):
    one = signed_in("engineer")
    page = one.get("/unit/B-10/").content.decode()
    assert "no package is recorded for P-IC" in page and "No test run is recorded." in page
    assert "one of the packages PK-A PK-B" in one.get("/unit/B-05/").content.decode()


def test_the_certificate_is_a_file(loaded, signed_in, actor):
    from asbuilt.ledger import sequencing

    sequencing.sequence(actor.tenant)
    answer = signed_in("operator").get("/unit/B-02/certificate/")
    assert answer["Content-Disposition"] == 'attachment; filename="unit-B-02.json"' and b'"payload"' in answer.content


def test_codes_with_marks_have_pages(loaded, signed_in):
    one = signed_in("engineer")
    assert one.get("/unit/WB%233/").status_code == 200 and one.get("/unit/PN1~12/").status_code == 200
    assert one.get("/unit/PN1/2/")["Location"] == "/unit/PN1~12/"
    assert one.get("/find/", {"code": "WB#3"})["Location"] == "/unit/WB%233/"
    assert one.get("/unit/B-99/").status_code == 404


def test_a_fact_is_withdrawn_from_its_page(loaded, signed_in):
    one, engineer = signed_in("quality_lead"), signed_in("engineer")
    page = one.get("/unit/B-02/").content.decode()
    fact = next(
        fact
        for fact in facts(page)
        if "outcome" in (said := one.get(f"/facts/{fact}/").content.decode()) and 'value="fail"' in said
    )
    form = one.get(f"/facts/{fact}/?unit=B-02").content.decode()
    decided = re.search(r'name="decided_at" value="([^"]+)"', form)[1]
    sent = {"reason": "wrong board", "person": "045", "decided_at": decided, "request_key": "w1"}
    # a failure is taken back by whoever agrees for the house
    assert engineer.send(f"/facts/{fact}/withdraw/", sent).status_code == 403
    assert one.send(f"/facts/{fact}/withdraw/", sent)["Location"] == f"/facts/{fact}/"
    assert one.send(f"/facts/{fact}/withdraw/", sent).status_code == 302
    assert "This fact was withdrawn." in one.get(f"/facts/{fact}/").content.decode()
    after = one.get("/unit/B-02/").content.decode()
    assert "Test ICT: Failed" not in after and 'id="withdrawn"' in after


def test_a_part_of_a_run_is_withdrawn_for_one_unit(loaded, signed_in):
    one = signed_in("engineer")
    page = one.get("/unit/B-02/").content.decode()
    fact = next(fact for fact in facts(page) if 'value="REFLOW"' in one.get(f"/facts/{fact}/").content.decode())
    decided = re.search(r'name="decided_at" value="([^"]+)"', one.get(f"/facts/{fact}/").content.decode())[1]
    sent = {
        "reason": "not in the oven",
        "person": "045",
        "decided_at": decided,
        "part": "some",
        "first_serial": "B-02",
        "last_serial": "B-02",
    }
    assert one.send(f"/facts/{fact}/withdraw/", sent).status_code == 302
    # its life does not know the step any more, and its record level says that it is missing
    life, record = (
        re.search(f'id="{part}".*?</section>', one.get("/unit/B-02/").content.decode(), re.DOTALL)[0]
        for part in ("life", "record")
    )
    assert "REFLOW" not in life and "REFLOW top: not recorded" in record
    assert "REFLOW" in one.get("/unit/B-03/").content.decode()


def test_a_fact_is_corrected_from_its_page(loaded, signed_in):
    one = signed_in("engineer")
    page = one.get("/unit/B-01/").content.decode()
    fact = next(fact for fact in facts(page) if 'value="ICT1"' in one.get(f"/facts/{fact}/").content.decode())
    form = one.get(f"/facts/{fact}/").content.decode()
    cells = dict(re.findall(r'name="(cell_\w+)" value="([^"]*)"', form))
    decided = re.search(r'name="decided_at" value="([^"]+)"', form)[1]
    sent = {
        **cells,
        "cell_station": "ICT2",
        "reason": "other station",
        "person": "045",
        "decided_at": decided,
        "request_key": "c1",
    }
    unchanged = one.send(f"/facts/{fact}/correct/", {**sent, "cell_station": "ICT1"})
    assert unchanged.status_code == 422 and "No cell differs" in unchanged.content.decode()
    wrong = one.send(f"/facts/{fact}/correct/", {**sent, "cell_outcome": "splendid", "request_key": "c0"})
    assert wrong.status_code == 422 and 'value="splendid"' in wrong.content.decode()
    assert one.send(f"/facts/{fact}/correct/", sent).status_code == 302
    assert "ICT2" in one.get("/unit/B-01/").content.decode()


def test_who_may_not_correct_gets_no_form(loaded, signed_in):
    one = signed_in("auditor")
    fact = facts(one.get("/unit/B-02/").content.decode())[0]
    assert "<textarea" not in (page := one.get(f"/facts/{fact}/").content.decode()) and "Withdraw this fact" not in page
    assert one.send(f"/facts/{fact}/withdraw/", {"reason": "x", "person": "y"}).status_code == 403


def test_the_life_names_customers_by_name_and_facts_by_what_can_be_done(loaded, signed_in):
    page = signed_in("engineer").get("/unit/B-07/").content.decode()
    assert "to Nordlicht" in page and "to NORD," not in page and ">NORD<" not in page
    assert "withdraw or correct" in page
    assert "withdraw or correct" not in signed_in("auditor").get("/unit/B-07/").content.decode()


def test_a_mistake_in_a_correction_stands_at_its_cell_and_a_good_one_is_said_once(loaded, signed_in):
    one = signed_in("quality_lead")
    page = one.get("/unit/B-02/").content.decode()
    fact = next(fact for fact in facts(page) if "ICT1" in one.get(f"/facts/{fact}/").content.decode())
    said = {
        "cell_finished_at": "17.03.2027 14:10",
        "reason": "wrong clock",
        "person": "045",
        "decided_at": "2027-04-01T08:00:00Z",
    }
    wrong = one.send(f"/facts/{fact}/correct/", said)
    text = wrong.content.decode()
    assert wrong.status_code == 422 and "Nothing was recorded: a cell is wrong." in text
    assert 'value="17.03.2027 14:10"' in text and 'aria-describedby="y-finished_at"' in text
    assert text.count('value="wrong clock"') == 1, "what was typed for one form does not fill the other"
    there = one.send(f"/facts/{fact}/correct/", {**said, "cell_finished_at": "2027-03-02T08:00:00Z"})["Location"]
    assert "This row stands in place of the other" in one.get(there).content.decode()
    assert "Recorded." not in one.get(there).content.decode()


def test_every_page_of_the_record_prints_when_and_under_which_head(loaded, signed_in):
    from asbuilt.ledger import sequencing

    one = signed_in("engineer")
    for place in ("/unit/B-02/", "/order/WB/", "/lot/LB/", "/orders/", "/?q=lot:LB"):
        page = one.get(place).content.decode()
        (line,) = re.findall(r'<p class="print-only">(.*?)</p>', page, re.DOTALL)
        assert sequencing.head(1)[2].hex() in line and "UTC" in line and "<time" in line, place
