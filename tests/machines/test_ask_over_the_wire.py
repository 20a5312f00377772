"""ValidateUnitsRequest over the wire is answered with what the gate says: holds, scrap, X-outs, packages, the route.

Failure codes as docs/work/machines.md lists them: 1 not known, 2 scrapped, 3 skipped, 4 on hold, 5 quarantine, 6 the route.
"""

import pytest
from line_and_box import factory
from machine_floor import OVEN, envelope
from mouth import ask


@pytest.fixture
def oven(home, load, actor, start_door):
    """oven("B1", …, validations=[…]) -> (PrimaryResult, FailureCode of each); the machine is the oven of step REFLOW."""
    from asbuilt.built.messages.machines import name_machine

    load(factory())
    name_machine(actor, handle=OVEN, machine="oven 1", step="REFLOW")
    one = start_door(home)

    def validate(*names, primary=None, validations=("UnitRouteValidation", "UnitStatusValidation")):
        units = [{"UnitIdentifier": name, "PositionNumber": 0} for name in names]
        body = {"Validations": list(validations), "PrimaryIdentifier": primary, "Units": units}
        name = "InformationSystem.UnitValidation.ValidateUnitsRequest"
        said = ask(one.url, envelope(name, body, source=OVEN, RequestID="R-1"))[1]["MessageBody"]
        assert said["Result"]["Result"] == "Success", said
        return said["PrimaryResult"], [one["FailureCode"] for one in said["ValidationResults"]]

    return validate


@pytest.fixture
def passed(actor):
    """passed("B1", "PRINT", "top"): it went through the step at the gate."""
    from asbuilt.answers.gate.actions import StepDone, pass_step

    return lambda code, step, side="": pass_step(actor, code=code, done=StepDone(step, side))


def test_the_route_lets_a_board_go_on_one_side(oven, passed):
    for step in ("PRINT", "SMT"):
        passed("B1", step, "top")
    primary, codes = oven("B1", "B2", "NOBODY")
    assert codes == [0, 6, 1]
    assert "PRINT top" in primary["Message"]
    assert oven("B1", "B2", validations=["UnitStatusValidation"])[1] == [0, 0]


def test_holds_and_quarantine_and_skipped_positions(oven, load, actor):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["B2"], reason="dropped at the printer")
    swap = {
        "serial": "B3",
        "refdes": "U1",
        "removed_package": "U1",
        "installed_package": "U2",
        "operator": "",
        "reason": "x",
    }
    load({"replacements": [swap | {"happened_at": "2026-03-02T08:00:00Z"}]}, "swap")
    primary, codes = oven("B1", "B2", "B3", "B8", validations=["UnitStatusValidation"])
    assert codes == [0, 4, 5, 3]
    primary, codes = oven("B2", validations=["UnitStatusValidation"])
    assert "dropped at the printer" in primary["Message"] and primary["Result"] == "Failed"
    assert oven(primary="P1", validations=["UnitStatusValidation"])[0]["FailureCode"] == 4


def test_a_panel_goes_on_without_its_skipped_position(oven, passed):
    for step in ("PRINT", "SMT"):
        passed("P2", step, "top")
    assert oven(primary="P2")[0]["Result"] == "Passed"


def test_a_machine_without_a_step_asks_for_no_route(home, load, start_door):
    load(factory())
    body = {"Validations": [], "PrimaryIdentifier": "B1", "Units": []}
    name = "InformationSystem.UnitValidation.ValidateUnitsRequest"
    said = ask(start_door(home).url, envelope(name, body, RequestID="R-1"))[1]["MessageBody"]
    assert said["PrimaryResult"]["Result"] == "Passed"


def test_a_record_that_cannot_be_asked_lets_nothing_go_on_and_is_asked_again(line, door):
    from django.db import connection

    one = door()
    body = {"Validations": [], "PrimaryIdentifier": "S00001", "Units": []}
    question = envelope("InformationSystem.UnitValidation.ValidateUnitsRequest", body, RequestID="R-1")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE production_hold RENAME TO production_hold_away")
        try:
            said = ask(one.url, question)[1]["MessageBody"]
        finally:
            cursor.execute("ALTER TABLE production_hold_away RENAME TO production_hold")
    assert (said["Result"]["Result"], said["PrimaryResult"]) == ("Failed", None)
    assert ask(one.url, {**question, "UniqueID": "7" * 32})[1]["MessageBody"]["PrimaryResult"]["Result"] == "Passed"
