"""Whether a lot's hold stops a unit is asked of the unit at the gate, and of the lot by the term `held`: both say the same."""

from line_and_box import factory
from pyroaring import BitMap


def test_the_gate_and_the_question_agree_on_every_unit_and_every_lot(load, actor):
    from asbuilt.answers.register.holds import hold, lift
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.lookup import view_of
    from asbuilt.questions.genealogy.seen.held import holds_on_units
    from asbuilt.storage import reading

    load(factory())
    ends = reading.fetch("SELECT first_unit, until_unit FROM production_block WHERE tenant = 1")
    units = [unit for first, until in ends for unit in range(first, until)]
    lots = [
        code
        for (code,) in reading.fetch("SELECT DISTINCT lot_code FROM supply_lot WHERE tenant = 1 AND lot_code <> ''")
    ]
    stopped = 0
    for lot in sorted(lots):
        placed = hold(actor, lot=lot, reason="looked at")
        wanted = ask(actor, "held").affected.certain
        view = view_of(actor)
        found = BitMap(unit for unit in units if holds_on_units(view, BitMap([unit])))
        assert found == wanted, lot
        assert found == ask(actor, f"lot:{lot}").affected.possible
        stopped += len(found)
        lift(actor, code=placed, reason="done")
    assert stopped > 10
