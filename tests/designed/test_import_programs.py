"""programs.csv: what a machine places from which feeder, what is refused, and a program made of a placement file."""

import pytest
from mounted_line import feeder, line


@pytest.fixture
def refusal(load):
    """refusal(rows) -> the class of the refusal and (code, line, column) of each row it names."""
    from asbuilt.kernel.errors import AsbuiltError

    load(line())

    def of(*rows):
        with pytest.raises(AsbuiltError) as caught:
            load({"programs": list(rows)}, "refused")
        return type(caught.value).__name__, [(row.code, row.line, row.column) for row in caught.value.rows]

    return of


def test_the_same_file_again_changes_nothing(load):
    load(line())
    load({"programs": line()["programs"]}, "again")


def test_names_and_positions(refusal):
    assert refusal({**feeder("top", "P", "1", "R1"), "product": "bord"}) == (
        "Invalid",
        [("catalog.product_unknown", 2, "product")],
    )
    assert refusal({**feeder("top", "P", "1", "R1"), "revision": "Z"}) == (
        "Invalid",
        [("catalog.revision_unknown", 2, "revision")],
    )
    assert refusal(feeder("top", "P", "1", "R9")) == ("Invalid", [("catalog.position_not_in_bom", 2, "refdes")])
    assert refusal(feeder("top", "P", "1", "R1 C1")) == ("Invalid", [("catalog.feeder_of_several_parts", 2, "refdes")])
    assert refusal(feeder("left", "P", "1", "R1"))[0] == "Invalid"
    assert refusal(feeder("top", "P", "1", ""))[0] == "Invalid"
    assert refusal(feeder("top", "P", "1" * 201, "R1")) == ("Invalid", [("tables.cell_too_long", 2, "feeder")])
    assert refusal(feeder("top", "P", "1", "R1", "99999999999")) == (
        "Invalid",
        [("tables.cell_too_large", 2, "grey_pieces")],
    )


def test_each_position_once_a_side(refusal):
    assert refusal(feeder("top", "P", "1", "R1"), feeder("top", "P", "2", "R1 R2")) == (
        "Invalid",
        [("catalog.position_doubled", 3, "refdes")],
    )
    # two machines of a line run one program between them
    assert refusal(feeder("top", "P", "1", "R1"), feeder("top", "P", "1", "R1", machine="M2")) == (
        "Invalid",
        [("catalog.position_doubled", 3, "refdes")],
    )
    assert refusal(feeder("top", "P", "1", "R1"), feeder("top", "P", "1", "R2")) == (
        "Invalid",
        [("catalog.feeder_doubled", 3, "feeder")],
    )


def test_what_was_said_before_is_not_said_otherwise(refusal):
    assert refusal(feeder("top", "TOP-1", "1", "R1 R2")) == ("Conflict", [("tables.contradicts", 2, "feeder")])
    assert refusal(feeder("top", "TOP-1", "9", "R3")) == ("Conflict", [("tables.contradicts", 2, "refdes")])


def test_from_a_kicad_placement_and_a_feeder_list(load, actor):
    from asbuilt.built.production.setups import setup_of
    from asbuilt.designed.catalog.actions import set_program
    from asbuilt.designed.catalog.program_files import feeders_from

    load(line())
    placement = b"Ref,Val,Package,PosX,PosY,Rot,Side\nR1,10k,0402,1,1,0,top\nR2,10k,0402,2,1,0,top\nR3,10k,0402,2,1,0,bottom\nC1,1u,0402,3,1,0,top\n"
    files = {
        "placement": placement,
        "placement_file": "top.csv",
        "feeders": b"Feeder;Part;Grey pieces\n14;RES;5\n15;CAP;\n16;MCU;\n",
        "feeders_file": "f.csv",
    }
    rows = feeders_from(actor.tenant, "board", "A", "1", "top", **files)
    assert rows == [
        {"feeder": "14", "refdes": "R1 R2", "grey_pieces": "5"},
        {"feeder": "15", "refdes": "C1", "grey_pieces": ""},
    ]
    set_program(actor, product="board", revision="A", side="top", machine="M1", program="TOP-K", feeders=rows)
    seen = setup_of(actor, machine="M1", order="WO", side="top")
    assert (seen.program, [(one.feeder, one.positions) for one in seen.feeders]) == (
        "TOP-K",
        [("14", ("R1", "R2")), ("15", ("C1",))],
    )


def test_a_feeder_list_that_holds_nothing_of_the_side(load, actor):
    from asbuilt.designed.catalog.program_files import feeders_from
    from asbuilt.kernel.errors import Invalid, NotFound

    load(line())
    files = {
        "placement": b"Ref,PosX,PosY,Rot,Side\nR1,1,1,0,bottom\n",
        "placement_file": "p.csv",
        "feeders": b"feeder,part\n1,RES\n",
        "feeders_file": "f.csv",
    }
    with pytest.raises(Invalid) as caught:
        feeders_from(actor.tenant, "board", "A", "1", "top", **files)
    assert caught.value.code == "catalog.program_empty"
    with pytest.raises(NotFound) as missing:
        feeders_from(actor.tenant, "board", "A", "9", "top", **files)
    assert missing.value.code == "catalog.bom_unknown"
