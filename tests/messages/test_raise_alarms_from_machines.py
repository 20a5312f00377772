"""What an oven says over CFX is judged by the limits of its step, as any run is."""

import pytest
from machine_floor import OVEN, PRINTER, at, started
from messages.test_record_passes import T1, T2, applied, through_the_oven

from asbuilt.kernel.instants import parse_instant


@pytest.fixture
def limited(line, load):
    """REFLOW of the product of the line has limits."""
    load({"routings": [{"product": "BRD", "revision": "A", "routing": "1", "place_in_route": "10", "step": "REFLOW", "side": "top",
                        "limits": '{"zone5": [240, 260]}', "from_at": "2027-01-01T00:00:00Z"}]}, "limited")  # fmt: skip


def test_an_oven_out_of_limits(limited, say, actor, ask, verified):
    from asbuilt.built.production.process_record import alarms_seen

    say(*through_the_oven(T1, "PNL-1", 261.5, 10), *through_the_oven(T2, "PNL-2", 258.0, 20))
    (found,) = alarms_seen(actor)
    assert (found.alarm.outside, found.alarm.machine, found.alarm.units) == ("zone5 261.5 (240 to 260)", OVEN, 4)
    assert ask("reading:REFLOW.zone5>260") == (4, 0, 0)
    assert verified() == []


@pytest.mark.parametrize(("package", "asked"), [("PASTE-1", "paste:LP1"), ("GLUE-1", "lot:LG1")])
def test_paste_that_might_not_be_used_is_an_alarm_and_a_proposed_hold(line, say, actor, ask, verified, package, asked):
    """A machine is never refused: what it used is recorded, and somebody has to act on it."""
    from asbuilt.built.production.process_record import alarms_seen
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    quarantine_packages(actor, packages=[package], reason="seal broken", happened_at=parse_instant(at(5)))
    early = [started(T1, "PNL-1", source=PRINTER), applied(T1, package, 1, 2, source=PRINTER, time=at(4))]
    say(*early, started(T2, "PNL-2", source=PRINTER), applied(T2, package, 1, 2, source=PRINTER, time=at(6)))
    (found,) = alarms_seen(actor)
    assert (found.span, found.alarm.machine) == ("WO-1#5..WO-1#6", PRINTER)
    assert found.alarm.outside.endswith(": seal broken.") and package in found.alarm.outside
    assert "seal broken" in found.reason
    assert ask(asked) == (4, 0, 0)
    assert verified() == []


def test_cold_paste_in_a_printer_is_an_alarm(line, say, actor):
    from asbuilt.built.production.process_record import alarms_seen
    from asbuilt.built.supply.actions.handling import say_lives

    say_lives(actor, package="PASTE-1", thaw_hours_min="4", happened_at=parse_instant(at(0)))
    say(started(T1, "PNL-1", source=PRINTER), applied(T1, "PASTE-1", 0, source=PRINTER, time=at(4)))
    (found,) = alarms_seen(actor)
    assert found.alarm.units == 4 and "PASTE-1" in found.alarm.outside
