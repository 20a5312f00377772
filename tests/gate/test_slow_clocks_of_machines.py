"""Machines whose clocks lag hide no failed step and no repair from the gate. The board's order was opened on 1 March 2026; expected by hand."""

import json

import pytest
from shipping_floor import at, finished, run, step

from asbuilt.kernel.instants import parse_instant

SLOW = json.dumps({"clock_off_seconds": -30 * 86_400})
"""What a pass says of a machine that was measured to be 30 days behind: 6 March is 4 February by its clock."""


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(at(10)))
    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def told(unit: str, name: str, when: str, **more) -> dict:
    return {**step(unit, unit, name), "started_at": when, "finished_at": when, **more}


def test_a_step_that_failed_by_a_slow_clock_failed_last(load, actor, codes):
    """S0000's failure of 6 March is told as 4 February; S0001 passed again on 7 March, told as 5 February; S0002's is told as 1970."""
    from asbuilt.answers.gate.verdicts import verdicts

    rows = finished(4)
    rows["processes"] += [
        told("S0000", "BOXING", "2026-02-04T08:00:00Z", result="failed", readings=SLOW),
        told("S0001", "BOXING", "2026-02-04T08:00:00Z", result="failed", readings=SLOW),
        told("S0001", "BOXING", "2026-02-05T08:00:00Z", readings=SLOW),
        told("S0002", "BOXING", "1970-01-01T00:00:10Z", result="failed"),
    ]
    load(rows)
    assert [codes(f"S000{n}") for n in range(4)] == [{"step_failed"}, set(), {"step_failed"}, set()]
    states = [{one.name: one.state for one in verdicts(actor, f"S000{n}", "PACK")[0].steps}["BOXING"] for n in range(4)]
    assert states == ["failed", "done", "failed", "done"]


def test_a_repair_by_a_slow_clock_asks_for_tests_again(load, codes):
    """Tested on 5 March; repaired on 6 March by a bench that says 4 February, and one that says 1970; S0002 was tested again on 7 March, S0003's bench
    was right and repaired it on 4 March."""
    repair = {"repair1": {"name": "touch up", "at": "R1"}}
    rows = finished(4)
    rows["processes"] += [
        told("S0000", "REPAIR", "2026-02-04T08:00:00Z", readings=json.dumps({**repair, **json.loads(SLOW)})),
        told("S0001", "REPAIR", "1970-01-01T00:00:10Z", readings=json.dumps(repair)),
        told("S0002", "REPAIR", "2026-02-04T08:00:00Z", readings=json.dumps({**repair, **json.loads(SLOW)})),
        told("S0003", "REPAIR", at(4, 12), readings=json.dumps(repair)),
    ]
    rows["tests"].append(run("S0002", day=7))
    load(rows)
    assert [codes(f"S000{n}") for n in range(4)] == [{"test_before_rework"}, {"test_before_rework"}, set(), set()]
