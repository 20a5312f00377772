"""A product that wants marks read back before a step: no unit begins it, nor one behind it, before its mark was read as its own.

The route of the boards is PRINT top, SMT, REFLOW …; the mark rule names SMT.
"""

import pytest
from line_and_box import factory

from asbuilt.designed.catalog.actions import set_mark_rule
from asbuilt.kernel.errors import Refused


@pytest.fixture
def route():
    """The steps of the board's route in order, with their sides."""
    rows = sorted(factory()["routings"], key=lambda row: int(row["place_in_route"]))
    return [(row["step"], row["side"]) for row in rows]


@pytest.fixture
def stops(actor, floor):
    from asbuilt.answers.gate.verdicts import verdicts

    return lambda step, side="", code="B1": [stop.code for stop in verdicts(actor, code, step, side)[0].stops]


def read(actor, text, unit="B1"):
    from asbuilt.built.production.actions.marks import read_mark

    return read_mark(actor, unit=unit, read=text)


def test_from_that_step_on_and_not_before(actor, stops, route, go):
    (first, side), (second, other) = route[:2]
    set_mark_rule(actor, product="board", content="plain", read_back=second)
    assert stops(first, side) == []
    for step, its in route[1:]:
        assert "gate.mark_not_read" in stops(step, its)
    go("B1", first, side)
    with pytest.raises(Refused) as caught:
        go("B1", second, other)
    assert caught.value.code == "gate.mark_not_read" and caught.value.facts["before"] == second
    read(actor, "B1")
    assert go("B1", second, other).units == 1


def test_the_last_reading_counts(actor, stops, route):
    step, side = route[0]
    set_mark_rule(actor, product="board", content="plain", read_back=step)
    read(actor, "B1")
    assert stops(step, side) == []
    with pytest.raises(Refused):
        read(actor, "B2")  # on the board B1
    assert stops(step, side) == ["gate.mark_not_read"]
    read(actor, "B1")
    assert stops(step, side) == []
    assert stops(step, side, "B2") == ["gate.mark_not_read"]


def test_a_rule_that_asks_for_no_reading_and_other_products(actor, stops, route):
    step, side = route[0]
    assert stops(step, side) == []
    set_mark_rule(actor, product="board", content="plain", read_back=step)
    set_mark_rule(actor, product="board", content="plain")
    assert stops(step, side) == []


def test_a_machine_is_told_so(actor, floor, route):
    import json

    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.validating import validate_units
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.formats.cfx.envelope import read_envelope

    set_mark_rule(actor, product="board", content="plain", read_back=route[0][0])
    name_machine(actor, handle="Acme.Printer.D1", machine="printer", step=route[0][0])
    asked = {"MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z",
             "UniqueID": "u", "Source": "Acme.Printer.D1", "MessageBody": {"PrimaryIdentifier": "B1", "Units": []}}  # fmt: skip
    ask = lambda: validate_units(machine_door(actor.tenant), read_envelope(json.dumps(asked).encode()))["PrimaryResult"]  # noqa: E731
    assert ask()["FailureCode"] == 6 and "not read back" in ask()["Message"]
    read(actor, "B1")
    assert ask()["FailureCode"] == 0
