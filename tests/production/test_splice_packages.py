"""Splices and their grey zone, in numbers counted by hand.

WO has 20 boards, three resistors a board from feeder 1, whose program says a grey zone of 7 pieces. Boards 1 to 8 go through with R-1;
then R-2 is spliced behind it. Of the next 7 pieces nobody can say: board 9 takes pieces 1 to 3, board 10 pieces 4 to 6, board 11
piece 7 and two more. So R-1 is certain on 8 boards, R-2 on boards 12 to 20, which are 9, and both are possible on boards 9, 10, 11.
"""

from mounted_line import setup  # noqa: F401


def boards(*numbers):
    return [f"B{n}" for n in numbers]


def test_the_grey_zone_of_seven_pieces(setup, ask):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    for n in range(1, 9):
        setup.go(f"B{n}")
    assert setup.splice("1", "R-2", old="R-1").grey_pieces == 7
    for n in range(9, 21):
        setup.go(f"B{n}")
    old, new = ask("lot:LR1"), ask("lot:LR2")
    assert old == dict.fromkeys(boards(*range(1, 9)), "certain") | dict.fromkeys(boards(9, 10, 11), "possible")
    assert new == dict.fromkeys(boards(9, 10, 11), "possible") | dict.fromkeys(boards(*range(12, 21)), "certain")
    assert ask("lot:LC1") == dict.fromkeys(boards(*range(1, 21)), "certain")
    assert ask("(lot:LR1 at:R3)") == old


def test_what_is_left_lies_between_two_numbers(setup, actor, findings):  # noqa: F811
    from asbuilt.built.production.setups import setup_of

    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    for n in range(1, 9):
        setup.go(f"B{n}")
    setup.splice("1", "R-2")
    for n in range(9, 13):
        setup.go(f"B{n}")
    first, second = setup_of(actor, machine="M1", order="WO", side="top").feeders
    # R-2 of 500: board 12 took 3 for sure, boards 9 to 11 nine more perhaps
    assert (first.package, first.left.most, first.left.least, first.behind) == ("R-2", 497, 488, ())
    # C-1 of 60: twelve boards
    assert (second.package, second.left.most, second.left.least, second.lasts_units, second.state) == (
        "C-1",
        48,
        48,
        48,
        "ready",
    )
    assert findings() == []


def test_a_second_splice_inside_the_first_grey_zone(setup, ask):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.go("B1")
    setup.splice("1", "R-2", grey_pieces=9)
    setup.go("B2")
    setup.splice("1", "R-3", grey_pieces=3)
    # R-1 may be in 9 pieces from board 2 on: boards 2, 3, 4; R-2 in 3 pieces from board 3 on: board 3
    for n in (3, 4, 5):
        setup.go(f"B{n}")
    assert ask("lot:LR1") == {"B1": "certain"} | dict.fromkeys(boards(2, 3, 4), "possible")
    assert ask("lot:LR2") == dict.fromkeys(boards(2, 3), "possible")
    assert ask("lot:LR3") == dict.fromkeys(boards(3, 4), "possible") | {"B5": "certain"}


def test_a_splice_without_a_grey_zone_is_exact(setup, ask):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.go("B1")
    assert setup.splice("1", "R-2", grey_pieces=0).grey_pieces == 0
    setup.go("B2")
    assert (ask("lot:LR1"), ask("lot:LR2")) == ({"B1": "certain"}, {"B2": "certain"})


def test_a_panel_in_the_grey_zone_is_possible_as_a_whole(setup, ask):  # noqa: F811
    setup.mount("1", "R-1", order="WA")
    setup.mount("2", "C-1", order="WA")
    setup.splice("1", "R-2", order="WA", grey_pieces=1)
    setup.go("P1")
    assert ask("lot:LR1") == ask("lot:LR2") == {f"A{n}": "possible" for n in range(1, 5)}


def test_a_change_within_a_pass_is_possible(setup, ask):  # noqa: F811
    from asbuilt.ledger import clock

    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    began = clock.now()
    setup.off("1")
    setup.mount("1", "R-2")
    setup.go("B1", started_at=began, finished_at=clock.now())
    assert ask("lot:LR1") == ask("lot:LR2") == {"B1": "possible"}


def test_the_usual_grey_zone_where_the_program_says_none(setup):  # noqa: F811
    assert setup.mount("2", "C-1").grey_pieces is None
    assert setup.splice("2", "C-2").grey_pieces == 10


def test_refusals_of_a_splice(setup, refused):  # noqa: F811
    from asbuilt.kernel.errors import Invalid, Refused

    refused(Refused, "production.nothing_mounted", setup.splice, "1", "R-2")
    setup.mount("1", "R-1")
    refused(Refused, "production.other_package_there", setup.splice, "1", "R-2", old="R-3")
    refused(Refused, "production.wrong_part", setup.splice, "1", "C-1")
    refused(Refused, "production.package_mounted", setup.splice, "1", "R-1")
    refused(Invalid, "production.grey_pieces", setup.splice, "1", "R-2", grey_pieces=-1)
    refused(Invalid, "production.grey_pieces", setup.splice, "1", "R-2", grey_pieces=100_001)
