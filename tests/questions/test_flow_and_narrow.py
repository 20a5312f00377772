"""The flow of an answer and the next terms: every column adds up, every count is what the longer question gives."""

import pytest
from boards_and_boxes import tables

GRADES = ("certain", "possible", "unrecorded")


@pytest.fixture
def ask(load, actor):
    from asbuilt.questions.genealogy.answering.answers import ask

    load(tables())
    return lambda question: ask(actor, question)


def shown(nodes) -> list[tuple]:
    return [(node.label, node.kind, *(node.counts[grade] for grade in GRADES)) for node in nodes]


def test_from_lot_to_customer(ask):
    """LB: certain on B-02 (replaced), B-07 … B-09; possible on B-05, B-06; no record on B-10."""
    from asbuilt.questions.genealogy.answering.flow import flow

    found = flow(ask("lot:LB"))
    assert found.kinds == ("lot", "order", "shipment", "customer")
    assert shown(found.columns[0]) == [("LB · 2701", "plain", 4, 2, 0), ("", "silent", 0, 0, 1)]
    assert shown(found.columns[1]) == [("WB", "plain", 4, 2, 1)]
    assert shown(found.columns[2]) == [("S-1", "plain", 1, 0, 0), ("S-2", "plain", 0, 1, 0), ("", "here", 3, 1, 1)]
    assert shown(found.columns[3]) == [
        ("Nordlicht, DE", "plain", 1, 0, 0),
        ("Sundvolt, SE", "plain", 0, 1, 0),
        ("", "here", 3, 1, 1),
    ]


def test_units_that_may_carry_either_lot_stand_once(ask):
    from asbuilt.questions.genealogy.answering.flow import flow

    found = flow(ask("package:PK-A,PK-B"))
    several = [node for node in found.columns[0] if node.kind == "several"]
    assert shown(several) == [("LA · 2701, LB · 2701", "several", 2, 0, 0)]


@pytest.mark.parametrize(
    "question", ["lot:LB", "lot:LA", "product:BRD", "in:shipped or reworked", "passed:REFLOW", "package:PK-A,PK-B,PK-C"]
)
def test_every_column_and_the_table_add_up_to_the_answer(ask, question):
    from asbuilt.questions.genealogy.answering.flow import flow

    answer = ask(question)
    found = flow(answer)
    for nodes in found.columns:
        assert {grade: sum(node.counts[grade] for node in nodes) for grade in GRADES} == answer.affected.counts()
    assert {grade: sum(counts[grade] for _, counts in found.rows) for grade in GRADES} == answer.affected.counts()
    for column in range(3):
        links = [link.counts for link in found.links if link.column == column]
        assert {grade: sum(counts[grade] for counts in links) for grade in GRADES} == answer.affected.counts()


def test_an_empty_answer_has_no_flow(ask):
    from asbuilt.questions.genealogy.answering.flow import flow

    assert flow(ask("in:scrapped")) is None


@pytest.mark.parametrize("question", ["lot:LB", "product:BRD", "order:WB or order:WX", "passed:REFLOW"])
def test_the_next_terms_say_what_they_leave(ask, question):
    from asbuilt.questions.genealogy.answering.narrowing import narrow

    answer = ask(question)
    offered = narrow(answer)
    assert offered
    total = len(answer.affected.unrecorded)
    for one in offered:
        longer = ask(one.question)
        assert longer.affected.counts() == one.counts
        assert 0 < len(longer.affected.unrecorded) < total


def test_reworked_units_can_be_left_out(ask):
    from asbuilt.questions.genealogy.answering.narrowing import narrow

    one = next(one for one in narrow(ask("lot:LB")) if one.term == "-reworked")
    assert one.counts == {"certain": 3, "possible": 2, "unrecorded": 1}


def test_the_list_begins_with_what_is_not_certain(ask):
    from asbuilt.questions.genealogy.answering.listing import all_units, units_page
    from asbuilt.questions.genealogy.answering.whereabouts import whereabouts

    answer = ask("lot:LB")
    page = units_page(answer, whereabouts(answer))
    assert [(row.name, row.grade) for row in page.rows] == [
        ("B-05", "possible"), ("B-06", "possible"), ("B-10", "unrecorded"), ("B-02", "certain"), ("B-07", "certain"),
        ("B-08", "certain"), ("B-09", "certain"),
    ]  # fmt: skip
    assert (page.first, page.last, page.total, page.after) == (1, 7, 7, "")
    assert [row.customer for row in page.rows] == ["Sundvolt", "", "", "", "Nordlicht", "", ""]
    assert sorted(row.name for row in all_units(answer)) == sorted(row.name for row in page.rows)


def test_pages_follow_each_other(ask, monkeypatch):
    from asbuilt.questions.genealogy.answering import listing
    from asbuilt.questions.genealogy.answering.whereabouts import whereabouts

    monkeypatch.setattr(listing, "PAGE", 3)
    answer, names, after = ask("lot:LB"), [], ""
    for first in (1, 4, 7):
        page = listing.units_page(answer, whereabouts(answer), after)
        assert page.first == first
        names += [row.name for row in page.rows]
        after = page.after
    assert names == ["B-05", "B-06", "B-10", "B-02", "B-07", "B-08", "B-09"] and after == ""


def test_an_empty_answer_says_what_is_known_of_its_parts(ask):
    """X-1 with B-01 inside and B-07 went to Nordlicht: three units; none of them was reworked."""
    from asbuilt.questions.genealogy.answering.listing import parts_alone

    answer = ask("reworked customer:Nordlicht")
    assert not answer.affected
    assert {one.question: one.counts["certain"] for one in parts_alone(answer)} == {
        "reworked": 1,
        "customer:Nordlicht": 3,
    }
    assert parts_alone(ask("in:scrapped")) == []
