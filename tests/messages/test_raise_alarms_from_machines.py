"""What an oven says over CFX is judged by the limits of its step, as any run is."""

import pytest
from machine_floor import OVEN
from messages.test_record_passes import T1, T2, through_the_oven


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
