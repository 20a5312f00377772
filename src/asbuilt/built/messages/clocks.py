"""Clocks of machines that go wrong: by how much, so that what was mounted during a pass is looked up by our clock.

Mounts are scanned and have our time; passes have the machine's. The record keeps what the machine said (a fact is what was told), but a
machine whose clock is a day off would place the packages of another day. So where its clock is wrong the pass is laid to when it arrived.

- Ahead by more than five minutes: no message arrives before it was sent, so the clock is wrong.
- Behind by more than twelve hours over the line: wrong too, unless the messages waited (we were down, the broker kept them): a machine
  whose clock was right goes on where it stopped, so none of them is older by its clock than the last of its kind that we know.
- Behind by more than five minutes and less than that: wrong where what comes over the line is late by the same time, within fifteen seconds, for ten
  minutes. What waited is later the longer it waited and catches up, whatever the clock: nothing waits by the same time again and again.
- By how much the message says that waited least; what arrives together keeps its own order and distances.
- Of a file it is not known how long it waited, nor of a tester's, whose results come as files alone: it is read by the machine's clock, and by what was measured of it before.

The machine's row keeps what was measured last; process runs say `clock_off_seconds` among their readings.
"""

from collections.abc import Sequence
from typing import NamedTuple

from asbuilt.storage import reading

SECOND = 1_000_000
AHEAD_SECONDS = 300
BEHIND_SECONDS = 12 * 3600
STEADY_SECONDS = 600
SAME = 15 * SECOND
NO_OFFSET, NO_TIME, CLOCK_AHEAD, CLOCK_BEHIND = "no_offset", "no_time", "clock_ahead", "clock_behind"


class Heard(NamedTuple):
    """A message of a machine: its name, when it was sent by the machine's clock, when it was received, its flag."""

    name: str
    sent_at: int
    received_at: int
    flag: str
    live: bool


class Measure(NamedTuple):
    """By how much a machine's clock is ahead (microseconds, below 0 behind), and by how much its messages come late and since when by the same time."""

    off: int = 0
    lag: int = 0
    lag_since: int = 0


def measured(tenant: int, handle: str, stored: Measure, messages: Sequence[Heard]) -> tuple[Measure, bool]:
    """(what is so now; whether that is to be kept). At most one statement.

    `messages` are those of the machine that are recorded together, `stored` what was measured before.
    """
    off, live = max(one.sent_at - one.received_at for one in messages), any(one.live for one in messages)
    if off > AHEAD_SECONDS * SECOND:
        return Measure(off), True
    if off >= -AHEAD_SECONDS * SECOND:
        return Measure(), True
    if off >= -BEHIND_SECONDS * SECOND:
        return (
            (_late(stored, off, messages), True) if live else (stored if off <= stored.off + SAME else Measure(), False)
        )
    if not any(one.flag == CLOCK_BEHIND for one in messages):
        return (stored if off <= stored.off < 0 else Measure()), False
    if stored.off < 0:
        return Measure(max(stored.off, off)), True
    return (Measure(), False) if _went_on(tenant, handle, messages) else (Measure(off), True)


def _late(stored: Measure, off: int, messages: Sequence[Heard]) -> Measure:
    """Of messages that came over the line late by minutes or hours: late since when, and by a clock that is behind where it is always by the same."""
    now = max(one.received_at for one in messages)
    lag, since = (stored.lag, stored.lag_since) if abs(off - stored.lag) <= SAME else (off, now)
    if stored.off < 0 and off <= stored.off + SAME:  # known to be behind; or later still: it waited besides
        return Measure(stored.off, lag, since)
    return Measure(lag if now - since >= STEADY_SECONDS * SECOND else 0, lag, since)


def _went_on(tenant: int, handle: str, messages: Sequence[Heard]) -> bool:
    """Whether none of them is older by the machine's clock than the last of their kinds that is recorded."""
    sql = "SELECT max(last_at) FROM messages_machine_count WHERE tenant = %s AND handle = %s AND "
    names = reading.list_param(sorted({one.name for one in messages}))
    row = reading.fetch_one(sql + reading.any_of("name", "text"), (tenant, handle, names))
    return row[0] is not None and min(one.sent_at for one in messages) >= row[0]


def ever_wrong(tenant: int, handle: str) -> bool:
    """Whether any message of the machine was flagged. One statement."""
    sql = "SELECT 1 FROM messages_machine_count WHERE tenant = %s AND handle = %s AND flagged > 0 LIMIT 1"
    return reading.fetch_one(sql, (tenant, handle)) is not None
