"""Through-hole parts: a package at positions of units, by hand; what stops a unit and what stops a package."""

import pytest
from mounted_line import lot, setup  # noqa: F401


@pytest.fixture
def place(setup, actor):  # noqa: F811
    from asbuilt.answers.gate.placing import place_by_hand

    def by_hand(first, last="", refdes=("X1", "X2"), package="X-1", by=None, **said):
        return place_by_hand(by or actor, first=first, last=last, refdes=refdes, package=package, **said)

    return by_hand


@pytest.fixture
def carried(actor):
    from asbuilt.questions.genealogy.answering import answers

    def certainly(question):
        rows = answers.ask(actor, question, serials=True).as_dict()["serials"]
        return [row["serial"] for row in rows if row["certainty"] == "certain"]

    return certainly


@pytest.fixture
def refusal():
    from asbuilt.kernel.errors import AsbuiltError

    def of(call, *args, **said):
        with pytest.raises(AsbuiltError) as caught:
            call(*args, **said)
        assert caught.value.remedy
        return type(caught.value).__name__, caught.value.code

    return of


def test_over_a_stretch_of_units(place, carried):
    assert place("B3", "B6", station="BENCH-2").units == 4
    assert carried("(lot:LX1 at:X2)") == ["B3", "B4", "B5", "B6"]
    assert place("B7", refdes=["X1"]).units == 1
    assert (carried("(lot:LX1 at:X1)")[-1], carried("(lot:LX1 at:X2)")[-1]) == ("B7", "B6")
    assert place("P1").units == 4


def test_the_package_is_checked_as_at_a_feeder(place, refusal, setup, load):  # noqa: F811
    load({"lots": [lot("X-2", "CON", "LX2", status="quarantine"), lot("X-3", "CON", "LX3", owner="ACME")]}, "more")
    assert refusal(place, "B1", package="R-1") == ("Refused", "production.wrong_part")
    assert refusal(place, "B1", package="X-2") == ("Refused", "production.package_not_released")
    assert refusal(place, "B1", package="X-3") == ("Refused", "production.package_of_another")
    assert place("A1", package="X-3").units == 1
    setup.mount("1", "R-1")
    assert refusal(place, "B1", refdes=["R1"], package="R-1") == ("Refused", "production.package_mounted")
    assert refusal(place, "B1", package="NO") == ("NotFound", "supply.package_unknown")
    assert refusal(place, "B1", refdes=["X9"]) == ("NotFound", "production.position_unknown")
    assert refusal(place, "B1", refdes=[]) == ("Invalid", "production.placing_text")
    assert refusal(place, "B6", "B3") == ("Invalid", "gate.stretch")
    assert refusal(place, "B6", "A1") == ("Invalid", "gate.stretch")


def test_a_held_unit_gets_nothing(place, refusal, actor, carried):
    from asbuilt.built.production.actions.holds import place_hold
    from asbuilt.questions.genealogy.answering.lookup import unit_of
    from asbuilt.questions.genealogy.evaluating.view import View

    unit = unit_of(View(actor), "B2")
    place_hold(actor, spans=[(unit, unit + 1)], reason="bent")
    assert refusal(place, "B1", "B3") == ("Refused", "gate.held")
    assert carried("lot:LX1") == []


def test_a_second_package_is_a_replacement_and_refused_here(place, refusal, load, carried):
    load({"lots": [lot("X-2", "CON", "LX2")]}, "more")
    place("B1")
    assert refusal(place, "B1", package="X-2")[0] == "Conflict"
    assert carried("lot:LX1") == ["B1"]


def test_the_same_request_twice(place, actor):
    first = place("B1", "B2", request_key="k")
    assert place("B1", "B2", request_key="k").entry == first.entry


def test_who_may_not(place, actor):
    from dataclasses import replace

    from asbuilt.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        place("B1", by=replace(actor, rights=frozenset()))
