"""Runs out of the limits of their step raise an alarm: stored with the run, decided about by a person.

The route of the board says for PRINT top: pressure 0.1 to 0.3, speed from 20.
"""

import json

import pytest
from line_and_box import AT, factory

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


def run(first="B1", last="B3", step="PRINT", side="top", hour=9, **readings):
    return {"order": "WO", "step": step, "machine": "PR1", "program": "P7", "first_serial": first, "last_serial": last,
            "started_at": f"2026-03-02T{hour:02d}:00:00Z", "finished_at": f"2026-03-02T{hour:02d}:30:00Z", "operator": "045",
            "result": "completed", "readings": json.dumps(readings) if readings else "", "side": side}  # fmt: skip


@pytest.fixture
def line(load):
    load(factory())


@pytest.fixture
def alarms(actor):
    from asbuilt.built.production.process_record import alarms_seen

    return lambda order="", by=None: alarms_seen(by or actor, order)


def told(found):
    return [(one.alarm.outside, one.first, one.last, one.alarm.units) for one in found]


def test_a_run_out_of_limits_raises_one_alarm(line, load, alarms):
    (report,) = load({"processes": [
        run(pressure=0.31, speed=19, other=1000), run("B4", "B5", hour=10, pressure=0.1, speed=900), run("B6", "B6", hour=11),
    ]}, "runs")  # fmt: skip
    assert told(alarms()) == [("pressure 0.31 (0.1 to 0.3); speed 19 (from 20)", "WO#1", "WO#3", 3)]
    assert [one.span for one in alarms()] == ["WO#1..WO#3"]
    assert alarms()[0].reason == "PRINT top at PR1 out of limits: pressure 0.31 (0.1 to 0.3); speed 19 (from 20)"
    assert len(report.warnings) == 1 and "PRINT lay outside of its limits" in report.warnings[0]


@pytest.mark.parametrize(
    ("said", "outside"),
    [
        ({"pressure": 0.3}, ""),
        ({"pressure": 0.1}, ""),
        ({"pressure": 0.0999}, "pressure 0.0999 (0.1 to 0.3)"),
        ({"speed": 20}, ""),
        ({"speed": "fast"}, "speed fast (from 20)"),
        ({"pressure": None}, ""),
        ({"stencil": "ST-1"}, ""),
    ],
)
def test_limits_belong_to_what_is_allowed(line, load, alarms, said, outside):
    load({"processes": [run(**said)]}, "runs")
    assert [one.alarm.outside for one in alarms()] == ([outside] if outside else [])


def test_another_step_or_side_and_a_product_without_a_route_raise_nothing(line, load, alarms):
    other = run("X1", "X1", hour=12, pressure=9) | {"order": "WX"}
    load({"processes": [run(side="bottom", pressure=9), run(step="SMT", hour=10, pressure=9), other]}, "runs")
    # PRINT stands once on the route, with its side: without one it is meant, with another it is not
    load({"processes": [run(side="", hour=13, pressure=9)]}, "sideless")
    assert told(alarms()) == [("pressure 9 (0.1 to 0.3)", "WO#1", "WO#3", 3)]


def test_a_run_before_the_routing_came_into_force(line, load, alarms):
    load(
        {
            "processes": [
                run(pressure=9) | {"started_at": "2026-02-01T08:00:00Z", "finished_at": "2026-02-01T09:00:00Z"}
            ]
        },
        "runs",
    )
    assert alarms() == []


def test_limits_that_change_judge_later_runs(line, load, alarms):
    load({"processes": [run(pressure=0.25)]}, "before")
    step = {"product": "board", "revision": "A", "routing": "2", "place_in_route": "10", "step": "PRINT", "side": "top",
            "place": "", "from_at": "2026-03-02T09:45:00Z", "limits": '{"pressure": [0.1, 0.2]}'}  # fmt: skip
    load({"routings": [step]}, "narrower")
    load({"processes": [run(hour=10, pressure=0.25)]}, "after")
    assert [one.alarm.finished_at for one in alarms()] == [1772447400000000]  # 10:30


def test_limits_that_are_recorded_late_judge_what_ran_under_them(line, load, alarms, actor):
    """Narrower limits held since midnight and were recorded at noon: a home that loads the tables judges by them, and so does this one."""
    from asbuilt.ledger.verifying import verify

    load({"processes": [run(pressure=0.25), run("B4", "B4", hour=10, pressure=0.15)]}, "before")
    step = {"product": "board", "revision": "A", "routing": "2", "place_in_route": "10", "step": "PRINT", "side": "top",
            "place": "", "from_at": "2026-03-02T00:00:00Z", "limits": '{"pressure": [0.1, 0.2]}'}  # fmt: skip
    assert alarms() == []
    load({"routings": [step]}, "narrower")
    assert [one.alarm.outside for one in alarms()] == ["pressure 0.25 (0.1 to 0.2)"]
    assert verify(actor.tenant).as_json()["findings"] == []


def test_the_gate_raises_it_too_and_the_proposed_hold_is_one_step(line, load, alarms, actor):
    from asbuilt.answers.gate.actions import StepDone, pass_step
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.answers.register.alarms import hold_alarm

    pass_step(actor, code="P1", done=StepDone("PRINT", "top", machine="PR1", readings={"pressure": 0.4}))
    (found,) = alarms("WO")
    assert told([found]) == [("pressure 0.4 (0.1 to 0.3)", "WO#1", "WO#4", 4)] and alarms("WX") == []
    assert verdicts(actor, "B4")[0].go  # nothing is held until somebody decides
    code = hold_alarm(actor, alarm=found.alarm.number, request_key="k1")
    assert hold_alarm(actor, alarm=found.alarm.number, request_key="k1") == code
    assert [verdicts(actor, f"B{n}")[0].go for n in range(1, 6)] == [False] * 4 + [True]
    (closed,) = alarms()
    assert (closed.alarm.closing.decision, closed.alarm.closing.hold) == ("held", code)
    assert closed.alarm.closing.reason == "PRINT top at PR1 out of limits: pressure 0.4 (0.1 to 0.3)"
    with pytest.raises(Conflict) as again:
        hold_alarm(actor, alarm=found.alarm.number)
    assert again.value.code == "production.alarm_closed"
    from asbuilt.questions.genealogy.seen.held import holds_page

    assert len(holds_page(actor)[0]) == 1  # the second decision left no hold


def test_no_hold_is_needed_and_why(line, load, alarms, actor):
    from asbuilt.answers.register.alarms import dismiss_alarm

    load({"processes": [run(pressure=0.31), run("B4", "B4", hour=10, pressure=0.5)]}, "runs")
    assert [one.alarm.outside[:13] for one in alarms()] == ["pressure 0.5 ", "pressure 0.31"]  # the newest first
    with pytest.raises(Invalid):
        dismiss_alarm(actor, alarm=alarms()[0].alarm.number, reason=" ")
    dismiss_alarm(actor, alarm=alarms()[0].alarm.number, reason="gauge was loose")
    assert [one.alarm.closing and one.alarm.closing.reason for one in alarms()] == [None, "gauge was loose"]
    with pytest.raises(NotFound):
        dismiss_alarm(actor, alarm=99, reason="r")


def test_who_may_decide(line, load, alarms, person, stranger):
    from asbuilt.answers.register.alarms import dismiss_alarm, hold_alarm

    load({"processes": [run(pressure=0.31)]}, "runs")
    number = alarms()[0].alarm.number
    for role in ("operator", "psirt", "auditor"):
        with pytest.raises(NotAllowed):
            hold_alarm(person(role), alarm=number)
    assert alarms(by=stranger) == []
    with pytest.raises(NotFound):
        dismiss_alarm(stranger, alarm=number, reason="r")
    assert hold_alarm(person("engineer"), alarm=number) == "H-1"


def test_a_withdrawn_run_takes_its_alarm_along_and_a_corrected_one_is_judged_anew(
    line, load, alarms, withdraw, correct, findings
):
    load({"processes": [run(pressure=0.31), run("B4", "B4", hour=10, pressure=0.5)]}, "runs")
    withdraw("processes", first_serial="B4")
    assert told(alarms()) == [("pressure 0.31 (0.1 to 0.3)", "WO#1", "WO#3", 3)]
    correct("processes", {"first_serial": "B1"}, readings='{"pressure": 0.2}')
    assert alarms() == []
    correct("processes", {"first_serial": "B1"}, readings='{"pressure": 0.05}')
    assert told(alarms()) == [("pressure 0.05 (0.1 to 0.3)", "WO#1", "WO#3", 3)]
    assert findings() == []


def test_a_part_of_a_run_that_is_withdrawn_leaves_the_alarm_with_the_rest(line, load, alarms, actor, findings):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.formats.tables import TABLES, fact_id

    load({"processes": [run("B1", "B4", pressure=0.31)]}, "runs")
    (row,) = rows_of(actor.tenant, "processes")
    fact = fact_id(TABLES["processes"], row)
    load({"corrections": [{"fact": fact, "action": "withdraw", "reason": "other panel", "person": "045",
                           "decided_at": "2026-03-03T00:00:00Z", "first_serial": "B2", "last_serial": "B3"}]}, "cut")  # fmt: skip
    assert told(alarms()) == [
        ("pressure 0.31 (0.1 to 0.3)", "WO#4", "WO#4", 1),
        ("pressure 0.31 (0.1 to 0.3)", "WO#1", "WO#1", 1),
    ]
    assert findings() == []


def test_decisions_move_and_are_withdrawn(line, load, alarms, actor, moved, withdraw, findings):
    from asbuilt.answers.register.alarms import dismiss_alarm

    load({"processes": [run(pressure=0.31)]}, "runs")
    dismiss_alarm(actor, alarm=alarms()[0].alarm.number, reason="gauge was loose")
    moved()
    assert alarms()[0].alarm.closing.reason == "gauge was loose"
    withdraw("alarm_closings", reason="gauge was loose")
    assert alarms()[0].alarm.closing is None and findings() == []


def test_a_changed_alarm_is_found(line, load, actor):
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import bulk

    load({"processes": [run(pressure=0.31)]}, "runs")
    bulk.run("UPDATE production_process_run SET outside = %s WHERE tenant = %s", ("", 1))
    # what was recorded is missed, and what stands there instead was never recorded
    found = [one["what"] for one in verify(actor.tenant).as_json()["findings"]]
    assert len(found) == 2 and all("production_process_run" in text for text in found)


@pytest.mark.parametrize(("decision", "hold"), [("held", ""), ("dismissed", "H-1")])
def test_a_decision_names_its_hold_or_none(line, refusal, decision, hold):
    row = {"order": "WO", "step": "PRINT", "side": "top", "machine": "", "started_at": AT, "finished_at": AT, "decision": decision,
           "hold": hold, "reason": "r", "operator": "", "decided_at": AT}  # fmt: skip
    assert refusal("alarm_closings", [row]) == ("Invalid", [("production.alarm_hold", 2, "hold")])


@pytest.mark.parametrize("machine", ["PR1", ""])
def test_a_list_that_ends_keeps_what_nobody_decided(line, load, actor, machine):
    """Named for a factory with more alarms than a list shows: the oldest open one goes before the newest decided one."""
    from asbuilt.answers.register.alarms import dismiss_alarm
    from asbuilt.built.production.alarms import alarms as listed

    runs = [
        run(first, first, hour=hour, pressure=0.31) | {"machine": machine}
        for first, hour in (("B1", 8), ("B2", 9), ("B3", 10))
    ]
    load({"processes": runs}, "runs")
    for one in listed(1)[:2]:
        dismiss_alarm(actor, alarm=one.number, reason="gauge was loose")
    assert [(one.started_at, one.closing is None) for one in listed(1, limit=1)] == [(listed(1)[0].started_at, True)]
    assert [one.closing is None for one in listed(1)] == [True, False, False]
    assert len(listed(1, limit=2)) == 2
