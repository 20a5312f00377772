"""What the review board returns goes back to the party of the nonconformity: called "return", two people of the EMS alone ship no board as it is."""

import pytest
from shipping_floor import finished

from asbuilt.kernel.errors import Refused


@pytest.fixture
def people(actor):
    from asbuilt.access.actor import person_actor

    roles = {"eva": "engineer", "ada": "quality_lead", "ben": "quality_lead"}
    return {
        name: person_actor(actor.tenant, 100 + n, frozenset({role}), None)
        for n, (name, role) in enumerate(roles.items())
    }


@pytest.fixture
def decided(people):
    """decided("S0000", "return", party="SUP") -> the code of a nonconformity whose only disposition two people approved and carried out."""
    from asbuilt.answers.register.nonconformities import open_nonconformity, propose
    from asbuilt.built.quality.actions import dispositions

    def one(unit: str, decision: str, party: str = "") -> str:
        said = {"source": "supplier", "severity": "major", "description": "bare board is bent", "party": party}
        code = open_nonconformity(people["eva"], units=[unit], **said)
        propose(people["eva"], nonconformity=code, decision=decision, reason="bent")
        dispositions.approve_disposition(people["ada"], nonconformity=code, disposition="D-1")
        dispositions.carry_out_disposition(people["eva"], nonconformity=code, disposition="D-1", reason="done")
        return code

    return one


@pytest.fixture
def into(actor):
    """into("SHOP", "S0000") puts the unit into a new shipment to that party; returns the code of what refuses it, or empty."""
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.shipping.actions.packing import open_container

    def packed(customer: str, *units: str, kind: str = "shipment") -> str:
        whom = {"customer": customer, "country": "DE"} if kind == "shipment" else {}
        code = open_container(actor, kind=kind, **whom).container.code
        try:
            put_in(actor, container=code, codes=list(units))
        except Refused as refusal:
            return refusal.code
        return ""

    return packed


def test_what_is_returned_goes_to_its_supplier_and_to_no_customer(load, actor, decided, into):
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.built.quality.nonconformities import nonconformity

    load(finished(3))
    code = decided("S0000", "return", "SUP")
    (stop,) = may_leave(actor, "S0000")[0].stops
    assert (stop.code, stop.message) == ("gate.to_be_returned", f"S0000 is to go back to SUP, by {code}.")
    assert stop.remedy == "Put it into a shipment to SUP, or have the review board decide about it anew."
    assert [one.code for one in verdicts(actor, "S0000", "PACK")[0].stops] == ["gate.to_be_returned"]
    for whom in ("SHOP", "BRAND"):
        assert into(whom, "S0000") == "gate.to_be_returned"
    assert into("", "S0000", kind="box") == "gate.to_be_returned"
    assert into("SHOP", "S0001") == ""
    # the nonconformity itself waits for nothing: it was carried out
    assert nonconformity(actor.tenant, code).dispositions[0].clears
    assert into("SUP", "S0000") == ""


def test_a_party_that_nobody_named_is_nobody_and_the_board_decides_anew(load, actor, decided, into, people):
    from asbuilt.answers.gate.leaving import may_leave

    load(finished(2))
    decided("S0000", "return")
    (stop,) = may_leave(actor, "S0000")[0].stops
    assert (stop.code, "whoever supplied it" in stop.message) == ("gate.to_be_returned", True)
    assert into("SUP", "S0000") == into("SHOP", "S0000") == "gate.to_be_returned"
    decided("S0000", "return", "SUP")  # of its own, with whom
    assert may_leave(actor, "S0000")[0].stops[0].facts["party"] == "SUP"
    # it came back straightened: the board says so, and what was reworked is tested again
    decided("S0000", "rework")
    assert {one.code for one in may_leave(actor, "S0000")[0].stops} == {"gate.test_before_rework"}
    assert may_leave(actor, "S0001")[0].go
