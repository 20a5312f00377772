"""Machines: what the page says of them, what they are called, and how sure their clocks are."""

import pytest
from machine_floor import PLACER, at, envelope, installed, material, panel_run, started

from asbuilt.built.messages.machines import machines, name_machine
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed

T1 = "11111111-0000-0000-0000-000000000001"


def test_counts_by_machine(say, actor, verified):
    say(*panel_run(1, "PNL-1"), installed(T1, material("RES-9", "R1", unit="SN1")))
    say(envelope("ResourcePerformance.StationStateChanged", {"OldState": "X"}, source="Acme.Oven.O1", time=at(9)))
    oven, placer = machines(actor)
    assert (oven.handle, dict(oven.uses), oven.last_name) == (
        "Acme.Oven.O1",
        {"kept": 1},
        "CFX.ResourcePerformance.StationStateChanged",
    )
    assert (placer.handle, dict(placer.uses)) == (PLACER, {"used": 3, "dead": 1})
    assert ("CFX.Production.WorkStarted", "used", 1) in placer.names
    assert verified() == []


def test_a_clock_that_is_ahead_by_a_day_is_taken_and_flagged(line, actor, ask):
    from machine_floor import payload

    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.kernel.instants import parse_instant

    now = parse_instant("2027-02-28T07:00:00Z")  # the machine says 1 March
    messages = [started(T1, "PNL-1"), installed(T1, material("RES-1", "R1", position=1))]
    report = record_messages(actor, arrived(payload(*messages), now, "test"))
    assert dict(report.flags) == {"clock_ahead": 2} and dict(report.uses) == {"used": 2}
    assert ask("lot:LR1") == (1, 0, 0)
    (one,) = machines(actor)
    assert (one.flagged, one.ahead_seconds, one.received_at) == (2, 86_400, now)
    late = record_messages(
        actor, arrived(payload(installed(T1, material("RES-1", "R2", position=1))), now + 3 * 86_400_000_000, "test")
    )
    assert dict(late.flags) == {"clock_behind": 1}


def test_a_time_without_offset_or_none_is_flagged(say):
    one = started(T1, "PNL-1", time="2027-03-01T08:00:00")
    two = started(T1, "PNL-1", time=None)
    assert dict(say(one, two).flags) == {"no_offset": 1, "no_time": 1}


def test_a_machine_is_called_what_the_floor_calls_it(say, ask, actor):
    name_machine(actor, handle=PLACER, machine="NXT-1", step="PLACE-TOP")
    say(*panel_run(1, "PNL-1"))
    assert ask("passed:NXT-1") == (4, 0, 0) and ask("passed:PLACE-TOP") == (4, 0, 0)
    name_machine(actor, handle=PLACER)
    say(*panel_run(2, "PNL-2"))
    assert ask("passed:NXT-1") == (4, 0, 0) and ask(f"passed:{PLACER}") == (4, 0, 0)


def test_a_name_that_is_none(line, actor):
    for said in (
        {"handle": ""},
        {"handle": "x" * 201},
        {"handle": "x", "machine": "a\nb"},
        {"handle": "x", "step": " y"},
    ):
        with pytest.raises(Invalid):
            name_machine(actor, **said)


def test_named_twice_with_one_key(line, actor, sql):
    before = sql("SELECT max(number) FROM ledger_entry")[0][0]
    for _ in range(2):
        name_machine(actor, handle=PLACER, machine="NXT-1", request_key="k1")
    assert sql("SELECT max(number) FROM ledger_entry") == [(before + 1,)]
    with pytest.raises(Conflict):
        name_machine(actor, handle=PLACER, machine="NXT-2", request_key="k1")


def test_who_may_not_name(actor):
    from asbuilt.access.actor import person_actor

    with pytest.raises(NotAllowed):
        name_machine(person_actor(actor.tenant, 1, frozenset({"operator"}), None), handle=PLACER)
    with pytest.raises(NotAllowed):
        machines(person_actor(actor.tenant, 1, frozenset({"party_reader"}), 1))
