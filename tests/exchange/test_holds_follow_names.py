"""A hold by question follows what it names: a lot, a part, an order, a party, a release whose row is corrected so that it is called otherwise.

Counted by hand from the rows of the factory: which units are held before, and that they are held after, here and in the home that loads the export.
"""

import pytest
from exchange.test_names_of_withdrawn_facts import export_into

from asbuilt.kernel.errors import Refused

HELD_AT = "2027-03-12T08:00:00+00:00"
STORY = [  # question of the hold, table, row, cells, the units that it holds, the question afterwards
    ("lot:L3", "lots", 2, {"lot_code": "L3-B"}, 5, "lot:L3-B"),
    ("lot:L1 order:WO-1", "lots", 0, {"lot_code": "L1-B", "manufacturer": "Kamaya"}, 4, "lot:L1-B order:WO-1"),
    ("maker:KSG", "lots", 2, {"manufacturer": "Ksg GmbH"}, 5, 'maker:"Ksg GmbH"'),
    ("datecode:2701 order:WO-2", "lots", 1, {"date_code": "2702"}, 4, "datecode:2701,2702 order:WO-2"),
    ("ever:(lot:L9) or (lot:L3 at:#2)", "lots", 2, {"lot_code": "L3 B"}, 5, 'ever:(lot:L9) or (lot:"L3 B" at:#2)'),
    ("part:CRCW order:WO-2", "lots", 1, {"mpn": "CRCX"}, 4, "part:CRCW,CRCX order:WO-2"),
    ("order:B7", "orders", 0, {"batch": "B8"}, 5, "order:B8"),
    ('customer:"Shop X"', "parties", 2, {"name": "Shop Y"}, 4, 'customer:"Shop Y"'),
    ('supplier:"Parts & Co" order:WO-1', "parties", 1, {"name": "Parts"}, 5, "supplier:Parts order:WO-1"),
    ('owner:"Own Brand"', "parties", 0, {"name": "Own Brand Holding"}, 7, 'owner:"Own Brand Holding"'),
    ("unit:SN2,SN4-NEW", "names", 1, {"value": "SN4-NEWER"}, 2, "unit:SN2,SN4-NEWER"),
    ("panel:PN2", "units", 3, {"panel": "PN3"}, 3, "panel:PN2,PN3"),
    ("passed:REFLOW(machine=OV1 side=top)", "processes", 0, {"machine": "OV2"}, 0, "passed:REFLOW(machine=OV1 side=top)"),
    ("passed:REFLOW@2027-03-04", "processes", 0, {"step": "REFLOW2"}, 0, "passed:REFLOW@2027-03-04"),
    ("shipment:S2", "shipments", 1, {"shipment": "S2-B"}, 2, "shipment:S2-B"),
    ("test:FCT=fail", "tests", 2, {"plan": "ICT"}, 0, "test:FCT=fail"),
]  # fmt: skip


@pytest.fixture
def hold_by(load, built, fact, withdraw):
    """hold_by(question) places one, and takes the holds of the factory away."""

    def place(question: str) -> None:
        cells = {"hold": "H-9", "action": "place", "kind": "question", "question": question, "reason": "sample failed", "decided_at": HELD_AT}  # fmt: skip
        load({"holds": [dict.fromkeys(built["holds"][0], "") | cells]}, "hold")
        withdraw(*(fact("holds", n) for n in range(6)))

    return place


@pytest.fixture
def correct(actor, fact):
    def correct(table, n, **cells):
        from asbuilt.built.exchange.correcting import correct_fact

        row = cells.pop("row", None)
        return correct_fact(
            actor, fact(table, n, row), cells, reason="typed wrong", person="046", decided_at=1_800_000_000_000_000
        )

    return correct


def asked(actor) -> list[str]:
    from asbuilt.built.production.holds import NOW, open_holds

    return [question for hold in open_holds(actor.tenant, NOW) for question, _ in hold.questions]


@pytest.mark.parametrize(("question", "table", "n", "cells", "units", "after"), STORY)
def test_what_is_held_by_a_name_stays_held_when_the_name_is_corrected(
    hold_by, correct, ask, actor, another_home, tmp_path, question, table, n, cells, units, after
):
    """The story: units are held by a lot's code and such, the code turns out to be typed wrong and is corrected: they were let go, by nobody."""
    from asbuilt.ledger.verifying import verify

    hold_by(question)
    before = ask("held")
    correct(table, n, **cells)
    assert asked(actor) == [after]
    if units:
        assert before == ask("held") == (units, 0, 0)
    assert verify(actor.tenant).as_json()["findings"] == []
    assert export_into(actor, another_home, tmp_path / "out") and ask("held")[0] == units


def test_reels_of_a_held_lot_that_are_corrected_one_by_one_stay_held(hold_by, correct, load, built, ask, actor):
    """The story: the delivery of two reels was typed in under the wrong lot. After the first correction its units went; a day later the second."""
    second = built["lots"][2] | {"package": "P3B"}
    load({"lots": [second]}, "second")
    hold_by("lot:L3")
    assert ask("held") == (5, 0, 0)
    correct("lots", 2, lot_code="L3-B")
    assert asked(actor) == ["lot:L3,L3-B"] and ask("held") == (5, 0, 0)
    correct("lots", 0, row=second, lot_code="L3-B")
    assert asked(actor) == ["lot:L3-B"] and ask("held") == (5, 0, 0)


def test_a_reel_that_is_of_a_lot_known_besides_was_never_of_the_held_one(hold_by, correct, load, built, ask, actor):
    load(
        {"lots": [built["lots"][2] | {"package": "P3B"}, built["lots"][2] | {"package": "P3C", "lot_code": "L4"}]},
        "more",
    )
    hold_by("lot:L3")
    correct("lots", 2, lot_code="L4")
    assert asked(actor) == ["lot:L3"] and ask("held") == (0, 0, 0)


@pytest.mark.parametrize(
    ("question", "table", "n", "cells"),
    [
        ("package:P9", "lots", 3, {"package": "P9-B"}),
        ("order:WO-1", "orders", 0, {"order": "WO-1B"}),
        ("customer:cx", "parties", 2, {"party": "cy"}),
        ("firmware:1.1.0", "firmware", 1, {"version": "1.1.1"}),
    ],
)
def test_a_name_on_which_others_rest_is_not_given_up(hold_by, correct, ask, question, table, n, cells):
    """What the hold names by such a code cannot be called otherwise by a correction, or keeps its name by its other rows."""
    hold_by(question)
    before = ask("held")
    assert before[0]
    with pytest.raises(Refused):
        correct(table, n, **cells)
    assert ask("held") == before


def test_reels_of_a_lot_that_is_held_itself_are_corrected_one_by_one(built, fact, load, withdraw, correct, ask, actor):
    """The story: as before, but the hold is on the lot and not by a question. H-1 holds what carries L1, and nine units with the silent ones."""
    from asbuilt.ledger.verifying import verify

    second = built["lots"][0] | {"package": "P1B"}
    load({"lots": [second]}, "second")
    withdraw(fact("holds", 1), fact("holds", 2), fact("holds", 3))
    assert ask("held") == (9, 0, 0)
    correct("lots", 0, lot_code="L1-B")
    assert ask("held") == (9, 0, 0) and ask("held lot:L1-B")[0] == 4
    correct("lots", 0, row=second, lot_code="L1-B")
    assert ask("held") == (9, 0, 0)
    correct("lots", 0, row=second | {"lot_code": "L1-B"}, lot_code="L1-C", date_code="2703")
    assert ask("held") == (9, 0, 0)
    assert verify(actor.tenant).as_json()["findings"] == []
