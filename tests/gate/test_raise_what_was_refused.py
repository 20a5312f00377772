"""A nonconformity out of a refusal: the gate's verdict, a failed test, a rejected package, a return; one word of a person, with the evidence."""

import json

import pytest
from shipping_floor import finished, run

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def floor(load):
    rows = finished(5)
    rows["tests"] = [run("S0000"), run("S0002"), run("S0003")]  # S0004 was never tested
    failed = {
        "v": {"value": 3.6, "units": "V", "min": 3.2, "max": 3.4, "result": "fail"},
        "defects": [{"code": "BRIDGE", "at": "U7"}],
    }
    rows["tests"].append({**run("S0001", outcome="fail"), "measurements": json.dumps(failed)})
    load(rows)


def seen(actor, code):
    from asbuilt.questions.genealogy.seen.nonconformities import nonconformity_seen

    return nonconformity_seen(actor, code)


def test_what_the_gate_refused_is_raised_with_its_words_and_stops_the_unit(floor, actor):
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.raising import raise_proposed

    code = raise_proposed(actor, about="gate", code="S0001", held=True, request_key="k1")
    one = seen(actor, code)
    assert (one.source, one.product, one.defect, one.names, one.state) == (
        "gate",
        "board",
        "test_failed",
        ("S0001",),
        "contained",
    )
    assert "The last FCT of S0001 ended as fail." in one.description
    stops = {stop.code for stop in may_leave(actor, "S0001")[0].stops}
    assert stops == {"gate.test_failed", "gate.held", "gate.nonconformity"}
    # the same request again, though holds and nonconformities stand now: they are no evidence of their own
    assert raise_proposed(actor, about="gate", code="S0001", held=True, request_key="k1") == code
    with pytest.raises(Refused) as nothing:
        raise_proposed(actor, about="gate", code="S0000")
    assert nothing.value.code == "gate.nothing_to_raise"


def test_a_failed_test_brings_what_it_found(floor, actor):
    from asbuilt.answers.gate.raising import proposed

    found = proposed(actor, "test", "S0001")
    assert (found.source, found.units, found.product, found.defect) == ("test", ("WO#2",), "board", "BRIDGE")
    assert found.description == "FCT 2 ended as fail: BRIDGE U7, v 3.6 V (3.2 to 3.4 V)"
    for name in ("S0000", "S0004"):
        with pytest.raises(Refused):
            proposed(actor, "test", name)


def test_a_package_that_is_not_released_names_its_supplier_and_holds_by_question(floor, actor):
    from asbuilt.answers.gate.raising import proposed, raise_proposed
    from asbuilt.built.supply.actions.statuses import reject_packages

    with pytest.raises(Refused):
        proposed(actor, "package", "OK")
    reject_packages(actor, packages=["OK"], reason="marking differs")
    found = proposed(actor, "package", "OK")
    assert (found.source, found.party, found.question) == ("supplier", "SUP", "package:OK")
    assert found.description == "Package OK is rejected. marking differs"
    one = seen(actor, raise_proposed(actor, about="package", code="OK"))
    assert one.units == 5 and one.party == "SUP"


def test_a_return_is_a_complaint_of_whoever_sent_it(floor, actor):
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.answers.gate.raising import raise_proposed
    from asbuilt.answers.gate.returning import receive_returns
    from asbuilt.built.shipping.actions.packing import open_container

    box = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
    put_in(actor, container=box, codes=["S0000"])
    ship(actor, shipment=box)
    rma, _ = receive_returns(actor, codes=["S0000"], said="display stays dark", party="SHOP")
    one = seen(actor, raise_proposed(actor, about="return", code=rma, severity="critical"))
    assert (one.source, one.party, one.severity, one.names) == ("complaint", "SHOP", "critical", ("S0000",))
    assert one.description == f"Return {rma}: S0000: display stays dark"


def test_who_may_and_what_is_not_there(floor, actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.raising import proposed

    with pytest.raises(Invalid) as other:
        proposed(actor, "weather", "S0000")
    assert other.value.code == "gate.nothing_raised_of"
    for about in ("gate", "test", "package", "return"):
        with pytest.raises(NotFound):
            proposed(actor, about, "S9999")
        with pytest.raises(NotAllowed):
            proposed(person_actor(actor.tenant, 1, frozenset({"auditor"}), None), about, "S0000")
