"""A step through the gate: recorded as processes.csv says it; a unit that skips one, is held, scrapped or carries quarantine is refused."""

import json

import pytest

from asbuilt.access.actor import person_actor
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def refused(go, *words, **said):
    with pytest.raises(Refused) as caught:
        go(*words, **said)
    return caught.value


def test_a_board_goes_its_way(floor, go, stopped, ask, actor):
    from asbuilt.answers.gate.verdicts import verdicts

    for step, side in (("PRINT", "top"), ("SMT", "top"), ("REFLOW", "top"), ("REFLOW", "bottom"), ("FCT", "")):
        assert stopped("B1", step, side) == []
        assert go("B1", step, side, machine=f"{step}-1", program="P7", operator="045").units == 1
    assert ask("passed:REFLOW(side=bottom program=P7)") == ["B1"] and ask("operator:045") == ["B1"]
    (verdict,) = verdicts(actor, "B1")
    assert [(one.name, one.state) for one in verdict.steps] == [
        ("PRINT top", "done"), ("SMT top", "done"), ("REFLOW top", "done"), ("AOI", "optional"), ("REFLOW bottom", "done"), ("FCT", "done"),
    ]  # fmt: skip
    assert verdict.go and verdict.next_step == "" and verdict.routing == "1"


def test_what_applied_is_recorded_with_it(floor, go, actor):
    from asbuilt.storage import reading

    go("B1", "PRINT", "top", readings={"pressure": 0.2})
    ((said,),) = reading.fetch("SELECT readings FROM production_process_run WHERE tenant = %s", (actor.tenant,))
    assert json.loads(said) == {"pressure": 0.2, "applied": {"routing": "1", "instruction": "WI-3@C"}}


def test_readings_outside_of_the_limits_are_told(floor, go, ask):
    assert go("B1", "PRINT", "top", readings={"pressure": 0.2, "speed": 40}).outside == ()
    done = go("B2", "PRINT", "top", readings={"pressure": 0.31, "speed": 19, "other": 7})
    assert done.outside == ("pressure 0.31 (0.1 to 0.3)", "speed 19 (from 20)")
    assert ask("reading:PRINT.pressure>0.3") == ["B2"]


def test_a_panel_goes_as_one(floor, go, ask):
    assert go("P1", "PRINT", "top").units == 4
    assert go("P2", "PRINT", "top").units == 3  # B8 is an X-out
    assert ask("passed:PRINT") == [f"B{n}" for n in range(1, 8)]


def test_a_skipped_step_is_named_with_its_place(floor, go, stopped):
    error = refused(go, "B1", "SMT", "top")
    assert (
        error.code == "gate.step_skipped" and "PRINT top at printer 1" in error.message and "printer 1" in error.remedy
    )
    assert error.facts["missing"] == [{"step": "PRINT top", "place": "printer 1"}]
    go("B1", "PRINT", "top")
    assert stopped("B1", "FCT") == ["step_skipped"]
    assert refused(go, "B1", "REFLOW", "bottom").facts["missing"][0]["step"] == "SMT top"


def test_a_failed_step_is_done_again(floor, go, stopped):
    go("B1", "PRINT", "top", result="failed")
    assert stopped("B1", "SMT", "top") == ["step_skipped"]
    go("B1", "PRINT", "top")
    assert stopped("B1", "SMT", "top") == [] and stopped("B1", "PRINT", "top") == []


def test_a_step_off_the_route(floor, go):
    assert refused(go, "B1", "GLUE").code == "gate.step_not_on_route"
    assert refused(go, "B1", "REFLOW").code == "gate.step_not_on_route"  # which side
    assert go("X1", "GLUE").units == 1  # no routing: no route to leave


def test_held_units_go_nowhere(floor, go, stopped, actor):
    from asbuilt.answers.register.holds import hold, lift

    hold(actor, units=["B2"], reason="dropped")
    hold(actor, question="lot:LR1 -unit:B1..B4", reason="marking")
    error = refused(go, "B2", "PRINT", "top")
    assert (
        error.code == "gate.held"
        and "dropped" in error.message
        and error.facts["hold"] == "H-1"
        and "quality_lead" in error.remedy
    )
    assert refused(go, "P1", "PRINT", "top").code == "gate.held"
    assert stopped("B5", "PRINT", "top") == ["held"] and stopped("B1", "PRINT", "top") == []
    lift(actor, code="H-1", reason="no crack")
    lift(actor, code="H-2", reason="genuine")
    assert go("P1", "PRINT", "top").units == 4 and go("B5", "PRINT", "top").units == 1


def test_a_hold_on_what_is_inside(floor, go, load, actor):
    from asbuilt.answers.register.holds import hold

    load(
        {
            "assemblies": [
                {"parent_serial": "X1", "child_serial": "B3", "position": "1", "happened_at": "2026-03-02T08:00:00Z"}
            ]
        },
        "in",
    )
    hold(actor, lot="LR1", reason="marking")
    error = refused(go, "X1", "GLUE")
    assert error.code == "gate.held" and "B3 inside X1 " in error.message


def test_quarantine_and_scrap(floor, go, load, stopped, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.formats.tables import TABLES, fact_id

    header = {
        "serial": "B4",
        "refdes": "U1",
        "removed_package": "U1",
        "installed_package": "U2",
        "operator": "",
        "reason": "r",
    }
    load({"replacements": [header | {"happened_at": "2026-03-02T08:00:00Z"}]}, "rework")
    error = refused(go, "B4", "PRINT", "top")
    assert error.code == "gate.quarantine" and error.facts["package"] == "U2" and error.facts["refdes"] == ["U1"]
    unit = fact_id(TABLES["units"], ["WO", "B5", "P2", "1", "planned"])
    correct_fact(actor, unit, {"state": "scrapped"}, reason="cracked", person="045", decided_at=1)
    assert stopped("B5", "PRINT", "top") == ["scrapped"] and stopped("WO#8", "PRINT", "top") == ["skipped_position"]
    assert go("P2", "PRINT", "top").units == 2


def test_the_same_request_twice(floor, go, actor, ask):
    from asbuilt.answers.register.holds import hold

    first = go("B1", "PRINT", "top", key="k1")
    hold(actor, units=["B1"], reason="dropped")
    assert go("B1", "PRINT", "top", key="k1").entry == first.entry
    with pytest.raises(Conflict):
        go("B1", "PRINT", "top", key="k1", machine="other")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"code": "B9"}, NotFound), ({"step": " "}, Invalid), ({"step": "x" * 201}, Invalid), ({"machine": "a\nb"}, Invalid),
        ({"result": "good"}, Invalid), ({"started_at": 2, "finished_at": 1}, Invalid),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(floor, go, said, kind, ask):
    words = {"code": "X1", "step": "GLUE", **said}
    with pytest.raises(kind):
        go(words.pop("code"), words.pop("step"), **words)


def test_who_may(floor, go, actor):
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import ROLES
    from asbuilt.answers.gate.verdicts import verdicts

    for role in ("auditor", "administrator", "party_reader", "compliance"):
        with pytest.raises(NotAllowed):
            go("B1", "PRINT", "top", by=person_actor(1, 901, frozenset([role]), None))
    go("B1", "PRINT", "top", by=person_actor(1, 901, frozenset(["operator"]), None))
    station, machine = (Actor(1, f"token:{n}", ROLES[role]) for n, role in enumerate(("station", "machine")))
    go("B2", "PRINT", "top", by=station)
    assert verdicts(machine, "B2", "SMT", "top")[0].go
    with pytest.raises(NotAllowed):
        go("B3", "PRINT", "top", by=machine)


def test_a_stranger_finds_no_unit(floor, go):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    with pytest.raises(NotFound):
        go("B1", "PRINT", "top", by=local_system(open_tenant("elsewhere", "Elsewhere").number))
