"""A machine asks whether units may go on: the gate answers with a result a unit, and one for the panel."""

import pytest

from asbuilt.formats.cfx.envelope import read_envelope
from asbuilt.kernel.errors import NotAllowed

OVEN = "Acme.Oven.O1"


@pytest.fixture
def codes(actor, floor):
    """codes(("B1", 0), …, primary="P1", source=…) -> FailureCode of the whole, and of each; .said is the last body."""
    import json

    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.validating import validate_units

    def ask(*places, primary=None, source=OVEN):
        units = [{"UnitIdentifier": name, "PositionNumber": n} for name, n in places]
        envelope = {"MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z",
                    "UniqueID": "u", "Source": source, "MessageBody": {"PrimaryIdentifier": primary, "Units": units}}  # fmt: skip
        ask.said = validate_units(machine_door(actor.tenant), read_envelope(json.dumps(envelope).encode()))
        return [
            ask.said["PrimaryResult"]["FailureCode"],
            *(one["FailureCode"] for one in ask.said["ValidationResults"]),
        ]

    return ask


@pytest.fixture
def name(actor):
    """The floor says which step a machine does."""
    from asbuilt.built.messages.machines import name_machine

    return lambda handle, step: name_machine(actor, handle=handle, machine="oven", step=step)


def test_held_scrapped_skipped_quarantined(codes, load, actor):
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.formats.tables import TABLES, fact_id

    assert codes(("B1", 0), ("NOBODY", 0)) == [1, 0, 1]
    assert codes(primary="P1") == [0] and codes(primary="P2") == [0]  # its X-out does not stop the others
    assert codes(("P2", 3), ("P2", 4), primary="P2") == [0, 0, 3]
    assert codes(("WO#8", 0)) == [3, 3]
    hold(actor, units=["B2"], reason="dropped")
    assert codes(("P1", 1), ("P1", 2), primary="P1") == [4, 0, 4]
    assert (
        "dropped" in codes.said["ValidationResults"][1]["Message"]
        and "hold cage" in codes.said["PrimaryResult"]["Message"]
    )
    assert codes(primary="P1") == [4]
    replaced = {
        "serial": "B4",
        "refdes": "U1",
        "removed_package": "U1",
        "installed_package": "U2",
        "operator": "",
        "reason": "r",
    }
    load({"replacements": [replaced | {"happened_at": "2026-03-02T08:00:00Z"}]}, "rework")
    assert codes(("B4", 0)) == [5, 5]
    correct_fact(
        actor,
        fact_id(TABLES["units"], ["WO", "B5", "P2", "1", "planned"]),
        {"state": "scrapped"},
        reason="cracked",
        person="045",
        decided_at=1,
    )
    assert codes(("B5", 0), ("B6", 0)) == [0, 2, 0]


def test_the_route_is_asked_where_the_step_is_named(codes, name, go):
    assert codes(("B1", 0)) == [0, 0]  # nobody said what this machine does
    name(OVEN, "REFLOW")
    assert codes(("B1", 0)) == [6, 6]
    assert "printer 1" in codes.said["PrimaryResult"]["Message"]
    go("B1", "PRINT", "top")
    go("B1", "SMT", "top")
    assert codes(("B1", 0)) == [0, 0]
    go("B1", "REFLOW", "top")
    assert codes(("B1", 0)) == [0, 0]  # the other side
    name(OVEN, "GLUE")
    assert codes(("B1", 0)) == [6, 6] and codes(("X1", 0)) == [0, 0]  # no routing: no route to leave


def test_without_the_right(actor, floor):
    from asbuilt.access.actor import Actor
    from asbuilt.answers.gate.validating import validate_units

    with pytest.raises(NotAllowed):
        validate_units(Actor(actor.tenant, "person:1"), None)


def test_a_package_stopped_at_the_store_stops_units_for_machines_too(codes, actor):
    from asbuilt.built.supply.actions.statuses import quarantine_packages, release_packages

    assert codes(("B1", 0)) == [0, 0]
    quarantine_packages(actor, packages=["U1"], reason="marking differs")
    assert codes(("B1", 0)) == [5, 5] and "marking differs" in codes.said["PrimaryResult"]["Message"]
    release_packages(actor, packages=["U1"], reason="same as the sample")
    assert codes(("B1", 0)) == [0, 0]


def test_a_step_that_needs_a_qualification_asks_who_works_at_the_machine(codes, load, actor, name):
    from line_and_box import factory
    from machine_floor import envelope, payload

    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.built.production.actions.process_record import qualify
    from asbuilt.ledger import clock

    def works(badge, here=True):
        said = "OperatorActivated" if here else "OperatorDeactivated"
        body = {"Operator": {"OperatorIdentifier": badge, "ActorType": "Human"}}
        message = envelope(f"Production.{said}", body, source=OVEN)
        assert record_messages(actor, arrived(payload(message), clock.now(), "test")).uses["used"] == 1

    needs = [row | {"routing": "Q", "from_at": "2026-03-03T00:00:00Z", "qualifications": "ESD" if row["step"] == "PRINT" else ""}
             for row in factory()["routings"]]  # fmt: skip
    load({"routings": needs}, "needs")
    assert codes(("B1", 0)) == [0, 0]  # the floor did not say which step the machine does
    name(OVEN, "PRINT")
    assert codes(("B1", 0)) == [9, 9] and "nobody is named" in codes.said["PrimaryResult"]["Message"]
    works("045")
    assert codes(("B1", 0)) == [9, 9] and "045 lacks ESD" in codes.said["PrimaryResult"]["Message"]
    qualify(actor, person="045", qualification="ESD", valid_until="", granted_at=0)
    assert codes(("B1", 0)) == [0, 0]
    works("045", here=False)
    assert codes(("B1", 0)) == [9, 9]


def test_a_machine_that_is_not_set_up_is_told_so(codes, load, actor, name):
    from asbuilt.built.production.actions.mounting import mount_package

    program = {
        "product": "board",
        "revision": "A",
        "side": "top",
        "machine": "oven",
        "program": "T",
        "feeder": "4",
        "refdes": "R1",
        "grey_pieces": "",
    }
    load({"programs": [program]}, "programs")
    assert codes(("B1", 0)) == [0, 0]  # the floor does not call this machine so
    name(OVEN, "")
    assert codes(("B1", 0), ("B8", 0)) == [7, 7, 3]
    assert "feeder 4 of oven" in codes.said["PrimaryResult"]["Message"]
    mount_package(actor, machine="oven", feeder="4", package="R2", order="WO")
    assert codes(("B1", 0)) == [0, 0]


def test_what_a_subcontractor_has_is_told_by_a_code_of_its_own(codes, load, actor):
    from asbuilt.answers.gate.outside import send_out

    load({"parties": [{"party": "COAT", "name": "Coat GmbH", "roles": "supplier", "country": "DE"}]}, "party")
    route = {"product": "board", "revision": "A", "routing": "2", "from_at": "2026-03-02T08:00:00Z", "place_in_route": "10",
             "step": "COATING", "subcontractor": "COAT"}  # fmt: skip
    load({"routings": [route]}, "route")
    send_out(actor, codes=["B1"], step="COATING")
    assert codes(("B1", 1), ("B2", 2)) == [8, 8, 0]
    assert "COAT" in codes.said["ValidationResults"][0]["Message"]
