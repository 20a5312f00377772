"""The gate asks what status a package has now: one quarantined after it was received stops, one released again does not."""

import pytest

from asbuilt.answers.gate import reworking
from asbuilt.built.supply.actions.statuses import quarantine_packages, reject_packages, release_packages
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen.life import unit_life


def test_quarantined_after_it_was_received(floor, go, stopped, actor):
    go("B1", "PRINT", "top")
    quarantine_packages(actor, packages=["U1"], reason="marking differs")
    assert stopped("B1", "SMT", "top") == ["quarantine"]
    with pytest.raises(Refused) as caught:
        go("B2", "PRINT", "top")
    error = caught.value
    assert error.code == "gate.quarantine" and "marking differs" in error.message
    assert (error.facts["package"], error.facts["status"], error.facts["refdes"]) == ("U1", "quarantine", ["U1"])
    with pytest.raises(Refused) as caught:
        reworking.put_in(actor, parent="X1", child="B3")
    assert caught.value.code == "gate.quarantine"
    assert go("X1", "GLUE").units == 1  # carries nothing of it


def test_the_page_of_a_unit_says_what_the_gate_says(floor, actor):
    def said(as_of=None):
        found = {}
        for line in unit_life(actor, "B1", as_of).placed.lines:
            for group in line.groups:
                found |= {one.package: one.status for one in group.candidates}
        return found

    assert said()["U1"] == "released"
    before = format_instant(clock.now())
    quarantine_packages(actor, packages=["U1"], reason="marking differs")
    assert said(before)["U1"] == "released"
    assert said()["U1"] == "quarantine" and set(said().values()) == {"released", "quarantine"}


def test_released_again(floor, go, stopped, actor):
    quarantine_packages(actor, packages=["U1"], reason="marking differs")
    release_packages(actor, packages=["U1"], reason="same as the sample")
    assert stopped("B1", "PRINT", "top") == []
    assert go("P1", "PRINT", "top").units == 4


def test_rejected_and_what_is_reworked_goes_on(floor, go, stopped, actor):
    reject_packages(actor, packages=["U1"], reason="counterfeit")
    assert stopped("B1", "PRINT", "top") == ["quarantine"]
    release_packages(actor, packages=["U2"], reason="inspected")
    # a bad part comes off: rework is how the stop ends
    reworking.replace_part(actor, code="B1", refdes="U1", removed="U1", installed="U2", reason="counterfeit part off")
    assert stopped("B1", "PRINT", "top") == [] and stopped("B2", "PRINT", "top") == ["quarantine"]


def test_a_replacement_goes_in_by_its_status_now(floor, actor):
    def replaced(installed):
        return reworking.replace_part(actor, code="B1", refdes="R1", removed="R1", installed=installed, reason="bridge")

    quarantine_packages(actor, packages=["R2"], reason="wet")
    with pytest.raises(Refused) as caught:
        replaced("R2")
    error = caught.value
    assert error.code == "gate.package_not_released" and "quarantine" in error.message and "wet" in error.message
    release_packages(actor, packages=["R2"], reason="dried")
    assert replaced("R2").name == "B1"


def test_the_status_stands_as_long_as_its_fact(floor, stopped, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    (fact,) = quarantine_packages(actor, packages=["U1"], reason="wrong reel").facts
    assert stopped("B1", "PRINT", "top") == ["quarantine"]
    withdraw_facts(actor, [Withdraw(fact, "it was another reel", "045", 1)])
    assert stopped("B1", "PRINT", "top") == []
