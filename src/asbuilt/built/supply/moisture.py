"""Clocks of material: floor life of moisture sensitive parts, thawing, opening and stencil life of paste, expiry. Pure.

    clock = moisture_clock([Event("opened", at, {})], level="3", floor_hours=168, now=now)

Moisture (J-STD-033): the clock runs while a package is open at the floor. It stands in a dry cabinet at or below 5 % relative
humidity, in what a system calls dry storage without saying how dry (`dry_stored`), and in a bag that was sealed again; a bake sets it to zero; so does a short exposure followed by dry storage of
so many times its length, whose humidity is known. Once it has run out only a bake brings the package back. Level 1 has no clock, level 6 is baked
first. A package of which nothing is recorded is taken as closed.

Paste: thawed so long before it is opened, used within so many hours of opening and on the stencil, thawed so many times.
The figures stand in a dated data file (data/moisture.json); what `lives.csv` says of a part or package goes before them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
APPLIED = "applied"  # paste goes onto a stencil
_FILE = Path(__file__).with_name("data") / "moisture.json"


@cache
def _rules() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def rule_set() -> str:
    """The id of the figures in force."""
    return _rules()["rule_set"]


def levels() -> tuple[str, ...]:
    """The moisture sensitivity levels, the least sensitive first."""
    return tuple(_rules()["floor_hours"])


def level_known(level: str) -> bool:
    """Whether this is a level of the standard."""
    return level.casefold() in levels()


def floor_hours_of(level: str) -> int | None:
    """Hours at the floor of this level; None: no limit. Level 6 has none without a bake and a label of its own: 0."""
    return _rules()["floor_hours"][level.casefold()]


def bag_days() -> int:
    """Days that a dry bag keeps from its sealing."""
    return _rules()["bag_days"]


def paste_rule(name: str) -> int | None:
    """The usual figure of paste where nobody said another."""
    return _rules()["paste"].get(name)


@dataclass(frozen=True)
class Event:
    """Something that happened to a package: what, when, what was measured."""

    event: str
    at: int
    readings: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Clock:
    """How a clock stands: closed, running, paused or over; how much of it was used; when it ends if it goes on running.

    `since` is when the present state began; for one that is over, when it ran out.
    """

    state: str
    used_us: int
    limit_us: int
    since: int | None = None
    ends_at: int | None = None
    baked: bool = False

    @property
    def left_us(self) -> int:
        """What is left of it."""
        return max(0, self.limit_us - self.used_us)


def moisture_clock(events: Sequence[Event], *, level: str, floor_hours: int, now: int) -> Clock:
    """The floor life clock of a package after these events, oldest first; later ones than `now` are left out."""
    limit, used = floor_hours * HOUR_US, 0
    place, since, humidity, unsaid = "closed", None, 0.0, False
    over_at: int | None = None
    baked = False
    for one in [*(event for event in events if event.at <= now), Event("", now)]:
        if since is not None:
            elapsed = one.at - since
            if place == "dry" and not unsaid and over_at is None and _dried(level, used, elapsed, humidity):
                used = 0
            elif place == "open" or humidity > _rules()["pausing_rh_percent_max"]:
                if used + elapsed >= limit and over_at is None:
                    over_at = since + limit - used
                used += elapsed
        if one.event:
            unsaid = one.event == "dry_stored"
        match one.event:
            case "opened" | "dry_out":
                place, since, humidity = "open", one.at, 0.0
            case "sealed":
                # a bag with fresh desiccant dries as a cabinet does
                place, since, humidity = "dry", one.at, 0.0
            case "dry_stored":
                place, since, humidity = "dry", one.at, 0.0
            case "dry_in":
                place, since, humidity = "dry", one.at, float(one.readings.get("rh_percent_max", 100))
            case "baked":
                used, over_at, baked = 0, None, True
                place, since, humidity = "open", one.at, 0.0
    if over_at is not None:
        return Clock("over", used, limit, over_at, over_at, baked)
    runs = place == "open" or humidity > _rules()["pausing_rh_percent_max"]
    state = "closed" if since is None else "running" if runs else "paused"
    return Clock(state, used, limit, since, now + limit - used if state == "running" else None, baked)


def _dried(level: str, used: int, elapsed: int, humidity: float) -> bool:
    """Whether dry storage of this length sets a short exposure back to zero."""
    for rule in _rules()["short_exposure"]:
        if level.casefold() in rule["levels"]:
            short = used <= rule["exposure_hours_max"] * HOUR_US
            return short and elapsed >= rule["times"] * used and humidity <= rule["rh_percent_max"]
    return False


@dataclass(frozen=True)
class PasteClock:
    """How paste stands: cold, thawing, thawed, open, applied, discarded; how often it was thawed; when which limit ends."""

    state: str
    thaws: int
    since: int | None = None
    thawed_at: int | None = None
    opened_at: int | None = None
    on_stencil_us: int = 0
    applied_at: int | None = None


def paste_clock(events: Sequence[Event], *, thaw_hours: int, now: int) -> PasteClock:
    """How a jar of paste stands after these events, oldest first."""
    state, since, thaws = "cold", None, 0
    thawed = opened = applied = None
    on_stencil = 0
    for one in (event for event in events if event.at <= now):
        match one.event:
            case "thawing":
                state, since, thaws = "thawing", one.at, thaws + 1
                thawed = one.at + thaw_hours * HOUR_US
            case "cooled":
                state, since, thawed = "cold", one.at, None
            case "opened":
                opened = one.at if opened is None else opened
                state, since = "open", one.at
            case "applied":
                opened = one.at if opened is None else opened
                state, since, applied = "applied", one.at, one.at
            case "removed" if applied is not None:
                on_stencil += one.at - applied
                state, since, applied = "open", one.at, None
            case "discarded":
                state, since = "discarded", one.at
    if state == "thawing" and thawed is not None and thawed <= now:
        state, since = "thawed", thawed
    if applied is not None:
        on_stencil += now - applied
    return PasteClock(state, thaws, since, thawed, opened, on_stencil, applied)
