"""When passes through steps ended, for the gate: a machine whose clock is wrong hides no failure, no repair and nothing that was not approved.

    by_our_clock(at, readings)        -> when it ended by our clock, where the machine's was measured to be off (`messages.clocks`)
    laid(view, passes)                -> when each of these passes counts

A pass that failed or repaired something, and ended by its time before its unit's order was opened, has a time that cannot be: it counts from when
it came in. Any other is read as it was told: of a file nobody knows how long it waited, so a clock that is behind by less, of a machine or tester
that sends files alone, is not seen; nor are the first ten minutes of one that speaks over the line (`messages.clocks`).
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.feeding import CLOCK_OFF
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

SECOND = 1_000_000
OFF_READING = f'%"{CLOCK_OFF}"%'
READINGS = f"CASE WHEN t.readings LIKE '{OFF_READING.replace('%', '%%')}' THEN t.readings ELSE '' END"
"""A column of a statement: the readings of a pass whose machine's clock was off, else empty."""


class Told(NamedTuple):
    """A pass: its units, when it ended by our clock, by which entry; whether it failed or repaired something."""

    first: int
    until: int
    ended_at: int
    entry: int
    against: bool


def by_our_clock(at: int, readings: str) -> int:
    """An instant of a machine by our clock; `readings` are those of the pass, empty where its clock was right."""
    off = json.loads(readings).get(CLOCK_OFF) if readings and CLOCK_OFF in readings else 0
    return at - off * SECOND if type(off) is int else at


def laid(view: View, passes: Sequence[Told]) -> list[int]:
    """When each of these passes counts as ended. Two statements where one of them is against its unit, else none."""
    against = [one for one in passes if one.against]
    if not against:
        return [one.ended_at for one in passes]
    opened = _opened(view, BitMap(one.first for one in against))
    sql = "SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s AND " + reading.any_of("number")
    entries = sorted({one.entry for one in against if one.ended_at < opened.get(one.first, one.ended_at)})
    came = dict(reading.fetch(sql, (view.tenant, reading.list_param(entries)))) if entries else {}
    return [
        max(one.ended_at, came.get(one.entry, one.ended_at)) if _cannot_be(one, opened) else one.ended_at
        for one in passes
    ]


def _cannot_be(one: Told, opened: dict[int, int]) -> bool:
    return one.against and one.ended_at < opened.get(one.first, one.ended_at)


def _opened(view: View, units: BitMap) -> dict[int, int]:
    """Unit -> when its order was opened."""
    blocks = [(low, until, block.order) for block, low, until in view.reaches(units)]
    numbers = sorted({order for *_, order in blocks})
    sql = (
        "SELECT number, opened_at FROM production_order WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of("number")
    )
    at = {number: at for number, at in reading.fetch(sql, (view.tenant, reading.list_param(numbers))) if at is not None}
    return {
        unit: at[order] for low, until, order in blocks if order in at for unit in units & BitMap(range(low, until))
    }
