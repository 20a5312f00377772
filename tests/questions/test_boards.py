"""The board of a unit and of an order, on a real board of the corpus: counted by hand from tests/real_board.py."""

import pytest
import real_board

from asbuilt.questions.genealogy.seen.boards import order_board, unit_board


@pytest.fixture
def lines(load, actor, shared_data):
    return real_board.build(load, actor, shared_data)


@pytest.fixture
def of_unit(actor, lines):
    from asbuilt.questions.genealogy.seen.life import unit_life

    return lambda code: unit_board(unit_life(actor, code))


def said(board, refdes):
    return board.said[board.at[refdes]]


def test_every_component_of_the_file_is_there(of_unit):
    board = of_unit("G001")
    assert len(board.components) == 232 and sum(one.side == "bottom" for one in board.components) == 76
    # what the file does not place is marked do not place in the BOM, so nothing is missed; fiducials are in no BOM
    assert board.elsewhere == ()
    assert "FID1" not in board.at and said(board, "C1").grade == "certain"


def test_a_unit_says_what_it_carries(of_unit, lines):
    line = next(one["line"] for one in lines if real_board.SPLICED in one["refdes"].split())
    assert [lot.lot for lot in said(of_unit("G001"), "C2").lots] == [f"LOT-{line}"]
    spliced = said(of_unit("G011"), "C2")
    assert (spliced.grade, [lot.lot for lot in spliced.lots]) == ("possible", [f"LOT-{line}", f"LOT-{line}-2"])
    assert said(of_unit("G035"), "R12").grade == "unrecorded"
    assert (said(of_unit("G005"), "U1").replaced, said(of_unit("G004"), "U1").replaced) == (1, 0)
    assert said(of_unit("G007"), "U1").defects == (("BRIDGE", 1),) and said(of_unit("G007"), "C3").defects == ()


def test_an_order_counts_its_units(actor, lines):
    from asbuilt.questions.genealogy.seen.orders import order_page

    board = order_board(order_page(actor, real_board.ORDER))
    assert board.units == 40
    assert (
        said(board, "C2").counts == {"certain": 38, "possible": 2, "unrecorded": 0} and len(said(board, "C2").lots) == 2
    )
    assert said(board, "R12").counts == {"certain": 30, "possible": 0, "unrecorded": 10}
    assert (said(board, "U1").replaced, said(board, "U1").defects, len(said(board, "U1").lots)) == (
        1,
        (("BRIDGE", 1),),
        2,
    )
    assert said(board, "C1").counts["certain"] == 40 and said(board, "C1").replaced == 0


def test_no_placement_no_board(load, actor, shared_data):
    from asbuilt.questions.genealogy.seen.life import unit_life

    real_board.build(load, actor, shared_data, placed=False)
    assert unit_board(unit_life(actor, "G001")) is None
