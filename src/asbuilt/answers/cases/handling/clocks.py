"""Clocks: until when each report of a duty is due. Pure arithmetic over moments; nothing is stored, and no clock is read.

    clocks_of(duty, {"aware_at": …, "measure_available_at": …}, zone)     -> a Clock for each stage

Instants are UTC microseconds. Hours and days are elapsed time: weekends, holidays and changed clocks move nothing. A month ends on the same
date at the same time of day, or on the last day of the month, once in UTC and once in the zone of the maker; the earlier counts. A due
time is cut to the minute, as the platform takes no seconds. A clock whose moment is not known is not started: where the rule says how, it
brings an estimate that is called one. Source of the rules: `data/duties.json`, of the arithmetic: reference/cra.md, section 4.6.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asbuilt.answers.cases.handling.duty_rules import Counter, Duty, Stage
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import INSTANT_MAX

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
ZONE_CHARACTERS_MAX = 60
LATEST = INSTANT_MAX - 366 * DAY_US
YEAR_MAX = 9998  # of a deadline, so that its local time is a date too
RUNNING, NOT_STARTED, NO_DEADLINE, NOT_APPLICABLE, ENDED = (
    "running",
    "not_started",
    "no_deadline",
    "not_applicable",
    "ended",
)
AWARE, WARNED, NOTIFIED, MEASURE = (
    "aware_at", "early_warning_submitted_at", "notification_submitted_at", "measure_available_at",
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """One report's clock. `due_at` is the law's deadline; an estimate stands apart, so that nobody takes it for one."""

    stage: str
    state: str
    starts: str
    started_at: int | None
    due_at: int | None
    estimate_at: int | None
    counter_at: int | None
    counter_differs: bool
    counter_source: str
    source: str
    note: str


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this name; Invalid where there is none."""
    try:
        if len(name) > ZONE_CHARACTERS_MAX:
            raise ValueError
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        said = f"There is no time zone {name[:40]!a}."
        raise Invalid("cases.zone_unknown", said, {"field": "zone"}, "Write one such as Europe/Berlin.") from None


def local_day(instant: int, zone: ZoneInfo) -> str:
    """The date that an instant has in the zone, YYYY-MM-DD."""
    return _moment(instant).astimezone(zone).date().isoformat()


def local_time(instant: int, zone: ZoneInfo) -> str:
    """The instant as the clock on the wall shows it, with its offset, to the second."""
    return _moment(instant).astimezone(zone).isoformat(timespec="seconds")


def months_after(instant: int, months: int, zone: ZoneInfo) -> int:
    """The earlier of the same date and time of day so many months later, in UTC and in the zone."""
    moment = _moment(instant)
    return min(_months_in(moment, months, UTC), _months_in(moment.astimezone(zone), months, zone))


def _months_in(moment: datetime, months: int, zone) -> int:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if year > YEAR_MAX:
        raise _too_late()
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    wall = moment.replace(year=year, month=month + 1, day=day, tzinfo=None)
    # a time of day that comes twice, or not at all, on that date: the earlier reading
    return min(_instant(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))


def clocks_of(
    duty: Duty, moments: Mapping[str, int], zone: ZoneInfo, *, contract_hours: int | None = None
) -> list[Clock]:
    """The clocks of a duty over the moments that are known; a duty that did not apply yet on the day of awareness runs none."""
    aware = moments.get(AWARE)
    early = duty.applies_from and aware is not None and local_day(aware, zone) < duty.applies_from
    found: dict[str, Clock] = {}
    for stage in duty.stages:
        if early:
            note = f"This duty applies from {duty.applies_from} on; awareness was before that day."
            found[stage.stage] = Clock(
                stage.stage, NOT_APPLICABLE, stage.starts, None, None, None, None, False, "", stage.source, note
            )
        else:
            found[stage.stage] = _clock(stage, moments, zone, found, contract_hours)
    return list(found.values())


def _clock(
    stage: Stage, moments: Mapping[str, int], zone: ZoneInfo, before: Mapping[str, Clock], contract_hours: int | None
) -> Clock:
    hours = stage.hours if stage.hours is not None or not stage.without_undue_delay else contract_hours
    started, note = moments.get(stage.starts), ""
    counter, source = _counter(stage.counter, moments, zone)
    if started is None:
        estimate = _estimate(stage, before, zone)
        note = f"Not started: {_WAITS[stage.starts]}"
        if estimate is not None:
            note += " The estimate takes the notification as submitted at its deadline; submitted earlier, this report is due earlier."
        return Clock(
            stage.stage, NOT_STARTED, stage.starts, None, None, estimate, counter, False, source, stage.source, note
        )
    aware = moments.get(AWARE)
    if stage.starts == MEASURE and aware is not None and started < aware:
        started, note = aware, "The measure was there before awareness; counted from awareness."
    due = _due(stage, started, zone, hours)
    if due is None:
        note = "Due without undue delay; the rule names no hours."
        return Clock(
            stage.stage, NO_DEADLINE, stage.starts, started, None, None, counter, False, source, stage.source, note
        )
    differs = counter is not None and counter != due
    return Clock(stage.stage, RUNNING, stage.starts, started, due, None, counter, differs, source, stage.source, note)


_WAITS = {
    AWARE: "nobody has said since when this is known.",
    MEASURE: "no corrective or mitigating measure is available.",
    NOTIFIED: "the notification is not submitted.",
}


def _due(stage: Stage, started: int, zone: ZoneInfo, hours: int | None) -> int | None:
    if stage.months is not None:
        due = months_after(started, stage.months, zone)
    elif stage.days is not None:
        due = started + stage.days * DAY_US
    elif hours is not None:
        due = started + hours * HOUR_US
    else:
        return None
    return _to_minute(due)


def _estimate(stage: Stage, before: Mapping[str, Clock], zone: ZoneInfo) -> int | None:
    earlier = before.get(stage.estimate_from)
    return None if earlier is None or earlier.due_at is None else _due(stage, earlier.due_at, zone, None)


def _counter(counter: Counter | None, moments: Mapping[str, int], zone: ZoneInfo) -> tuple[int | None, str]:
    """What the platform shows, where it is known, and who says so."""
    if counter is None:
        return None, ""
    started = moments.get(counter.starts)
    if counter.none or started is None:
        return None, counter.source
    if counter.utc_months:
        return _to_minute(_months_in(_moment(started), counter.utc_months, UTC)), counter.source
    return _to_minute(started + counter.hours * HOUR_US), counter.source


def _to_minute(instant: int) -> int:
    if instant > LATEST:
        raise _too_late()
    return instant - instant % MINUTE_US


def _too_late() -> Invalid:
    return Invalid("cases.too_late", "A deadline lies beyond the year 9998.", {}, "Look at the times given.")


def _moment(instant: int) -> datetime:
    if instant > LATEST:
        raise _too_late()
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)


def _instant(moment: datetime) -> int:
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
