"""Position groups: one number for one set of positions, labels in natural order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.designed.catalog.positions import label_of, natural_key


def test_labels_are_in_natural_order():
    assert label_of(["C10", "C2", "C1", "C2", "R1", "#10", "C1A", "U1.2", "U1.10"]) == "#10 C1 C1A C2 C10 R1 U1.2 U1.10"


@settings(print_blob=True)
@given(st.lists(st.text("Cc0129#-", min_size=1, max_size=6), min_size=1, max_size=8), st.randoms())
def test_a_label_speaks_of_the_set_alone(positions, random):
    shuffled = positions * 2
    random.shuffle(shuffled)
    assert label_of(shuffled) == label_of(positions)
    assert set(label_of(positions).split(" ")) == set(positions)
    assert len({natural_key(position) for position in positions}) == len(set(positions))


def test_a_set_of_positions_has_one_number(actor):
    from asbuilt.designed.catalog.positions import PositionGroups
    from asbuilt.storage.transactions import write_tx

    with write_tx(actor.tenant):
        groups = PositionGroups(actor.tenant)
        resistors, board = groups.intern(["R10", "R2"]), groups.intern(["#10"])
        assert groups.intern(["R2", "R10", "R2"]) == resistors != board
        assert PositionGroups(actor.tenant).intern(("R2", "R10")) == resistors
        more = groups.intern(["R2"])
        for wrong in ([], ["R 1"], [""], ["R" * 121]):
            with pytest.raises(ValueError):
                groups.intern(wrong)
    groups = PositionGroups(actor.tenant)
    assert groups.positions(resistors) == ("R2", "R10") and groups.label(board) == "#10"
    assert groups.at("R2") == sorted([resistors, more]) and groups.at("R3") == []
    assert groups.labels([resistors, board]) == {resistors: "R2 R10", board: "#10"}
    assert groups.known(["R10", "R2"]) == resistors and groups.known(["R99"]) is None
    with pytest.raises(LookupError):
        groups.label(99)
