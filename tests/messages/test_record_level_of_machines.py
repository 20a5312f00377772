"""What machines say of passes reaches the highest level of process: their own messages are kept."""

from machine_floor import at, completed, started
from test_record_passes import OVEN, T1, processed, reflow


def test_a_machines_own_message_is_level_four(say, load, actor):
    from asbuilt.questions.evidence.record import record_of

    route = {
        "product": "BRD",
        "revision": "A",
        "routing": "R",
        "place_in_route": "1",
        "step": "REFLOW",
        "from_at": "2027-02-01T00:00:00Z",
    }
    load({"routings": [{**route, "limits": '{"zone5": [240, 262]}'}]}, "route")
    say(
        started(T1, "PNL-1", source=OVEN, time=at(10)),
        processed(T1, reflow(261.5), time=at(10, 50)),
        completed(T1, source=OVEN, time=at(10, 55)),
    )
    (one,) = record_of(actor, "WO-1").of
    # the oven names its program; four boards of the panel went through, nobody placed a part on them
    assert one.sides[1].counts == (0, 0, 0, 0, 4) and one.sides[0].counts == (4, 0, 0, 0, 0)
