"""A machine whose clock is a day wrong places what was mounted when its passes arrived, with the grey zone of a splice.

The shift of `test_place_what_is_mounted`: RES-1 is mounted at 08:01, RES-2 spliced behind it at 08:15 with a grey zone of 7 pieces; three
panels of four units at 08:10, 08:20 and 08:30, three resistors a unit. So whatever the machine's clock says, RES-1 is certain on 4 units,
both are possible on 4, RES-2 is certain on 4. The day before, RES-2 was mounted there: what a clock that is behind would find.
"""

import pytest
from machine_floor import PLACER, completed, envelope, payload, started

from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger import clock

MINUTE, HOUR = 60_000_000, 3_600_000_000
DAY = 24 * HOUR
SHIFT = parse_instant("2027-03-01T07:00:00Z")  # 08:00 of the shift
T = [f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-0000-0000-000000000000" for n in range(1, 7)]


@pytest.fixture
def shift(line, load):
    """The program of the machine, and what was mounted by our clock."""
    program = {
        "product": "BRD",
        "revision": "A",
        "side": "top",
        "machine": PLACER,
        "program": "BRD-TOP",
        "grey_pieces": "7",
    }
    load({"programs": [program | {"feeder": "1", "refdes": "R1 R2 R3"}]}, "programs")
    told = [
        (-DAY, "mounted", "RES-2"),
        (-DAY + 8 * HOUR, "removed", "RES-2"),
        (MINUTE, "mounted", "RES-1"),
        (15 * MINUTE, "spliced", "RES-2"),
    ]
    rows = [
        {"machine": PLACER, "feeder": "1", "package": package, "what": what, "order": "WO-1", "station": "", "operator": "",
         "grey_pieces": "7" if what == "spliced" else "", "happened_at": format_instant(SHIFT + at)}
        for at, what, package in told
    ]  # fmt: skip
    load({"mounts": rows}, "mounts")


@pytest.fixture
def panels(actor, shift):
    """panels((1, 10), …, off=DAY, waited=…): these panels at these minutes, by a clock that is so far off; the reports."""
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages

    def run(*told, off=0, waited=0, live=True):
        reports = []
        for n, minute in told:
            began = SHIFT + minute * MINUTE
            ended = began + 40_000_000
            said = [(began, started(T[n - 1], f"PNL-{n}", time=format_instant(began + off)))]
            said.append((ended, completed(T[n - 1], time=format_instant(ended + off))))
            for at, message in said:
                now = at + waited + 1_000_000
                reports.append(record_messages(actor, arrived(payload(message), now, "line", live=live)))
        return reports

    return run


RIGHT = {"lot:LR1": (4, 4, 0), "lot:LR2": (4, 4, 0), "panel:PNL-2 lot:LR1": (0, 4, 0), "panel:PNL-3 lot:LR2": (4, 0, 0)}


@pytest.mark.parametrize("off", [0, DAY, -DAY, 30 * DAY, -30 * DAY])
def test_each_panel_gets_what_was_mounted_when_it_arrived(panels, ask, verified, off):
    reports = panels((1, 10), (2, 20), (3, 30), off=off)
    flag = {} if not off else {"clock_ahead": 1} if off > 0 else {"clock_behind": 1}
    assert [dict(report.flags) for report in reports] == [flag] * 6
    assert {question: ask(question) for question in RIGHT} == RIGHT
    assert verified() == []


@pytest.fixture
def beats(actor, line):
    """beats(-20, -8, off=-HOUR): the machine lives at these minutes; the flags of each report."""
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages

    def run(*minutes: int, off: int, live: bool = True) -> list[dict]:
        found = []
        for minute in minutes:
            at = SHIFT + minute * MINUTE
            said = envelope("Heartbeat", {"HeartbeatFrequency": "00:05:00"}, time=format_instant(at + off))
            report = record_messages(actor, arrived(payload(said), at + 1_000_000, "line", live=live))
            found.append(dict(report.flags))
        return found

    return run


@pytest.mark.parametrize("off", [-10 * MINUTE, -HOUR, -3 * HOUR, -11 * HOUR])
def test_a_clock_that_is_hours_behind_is_told_by_what_is_late_by_the_same_time(panels, beats, ask, sql, verified, off):
    """It was not seen: a placer an hour behind put the panels of 08:20 onto the reel of 07:20. What comes is late by the same time for ten minutes."""
    import json

    assert beats(-20, -15, -8, off=off) == [{}, {}, {"clock_behind": 1}]
    reports = panels((1, 10), (2, 20), (3, 30), off=off)
    assert [dict(report.flags) for report in reports] == [{"clock_behind": 1}] * 6
    assert {question: ask(question) for question in RIGHT} == RIGHT
    said = [json.loads(row[0])["clock_off_seconds"] for row in sql("SELECT readings FROM production_process_run")]
    assert said == [off // 1_000_000 - 1] * 3
    assert verified() == []


def test_files_and_a_clock_that_comes_and_goes_are_no_measure(beats, panels, ask):
    assert beats(-40, -25, off=-HOUR, live=False) == [{}, {}]
    assert beats(-24, -12, off=-HOUR) == [{}, {"clock_behind": 1}]
    assert beats(-11, off=0) == [{}]  # it was set right
    panels((1, 10), (2, 20), (3, 30))
    assert {question: ask(question) for question in RIGHT} == RIGHT


def test_what_waited_for_an_hour_and_catches_up_is_no_slow_clock(panels, ask):
    """The broker kept an hour of it and we take it as fast as it comes: each is late by less than the one before."""
    reports = [
        *panels((1, 10), waited=70 * MINUTE),
        *panels((2, 20), waited=62 * MINUTE),
        *panels((3, 30), waited=54 * MINUTE),
    ]
    assert [dict(report.flags) for report in reports] == [{}] * 6
    assert {question: ask(question) for question in RIGHT} == RIGHT


def test_the_fact_keeps_what_the_machine_said_and_how_far_it_was_off(panels, ask, sql):
    import json

    panels((1, 10), off=DAY)
    ((began, readings),) = sql("SELECT started_at, readings FROM production_process_run")
    assert began == SHIFT + 10 * MINUTE + DAY
    assert json.loads(readings)["clock_off_seconds"] == 86_399  # it arrived a second after it was sent


def test_a_clock_that_was_set_right_in_between(panels, ask):
    panels((1, 10), (2, 20), off=-DAY)
    panels((3, 30))
    assert {question: ask(question) for question in RIGHT} == RIGHT


def test_messages_that_waited_are_placed_by_the_machines_clock(panels, ask):
    # the clock is right and known to be; then we were down for a day, and the broker kept what it said
    panels((1, 10))
    reports = panels((2, 20), (3, 30), waited=DAY)
    assert dict(reports[0].flags) == {"clock_behind": 1}
    assert {question: ask(question) for question in RIGHT} == RIGHT


def test_a_file_of_an_old_shift_is_placed_by_the_machines_clock(panels, ask):
    panels((1, 10), (2, 20), (3, 30), waited=40 * DAY, live=False)
    assert {question: ask(question) for question in RIGHT} == RIGHT


def test_what_arrives_together_keeps_its_distances(shift, actor, ask):
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages

    said = []
    for n, minute in ((1, 10), (2, 20), (3, 30)):
        at = SHIFT + minute * MINUTE + DAY
        said += [
            started(T[n - 1], f"PNL-{n}", time=format_instant(at)),
            completed(T[n - 1], time=format_instant(at + 40_000_000)),
        ]
    clock.set_clock(lambda: SHIFT + 31 * MINUTE)
    record_messages(actor, arrived(payload(*said), clock.now(), "line"))
    assert {question: ask(question) for question in RIGHT} == RIGHT
