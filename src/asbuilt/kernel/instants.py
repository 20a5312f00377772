"""Instants: UTC microseconds since 1970 inside, ISO 8601 with an offset outside.

A time of the floor without its offset is worthless a year later in another country, so it is refused, never guessed.
Taken: `2027-03-15T08:00:00+01:00`, with or without seconds and a fraction, `Z` for `+00:00`, a blank for the `T`, an
offset without its colon or its minutes. A fraction finer than a microsecond, as some machines write it, is cut.
Refused: week and ordinal dates, a leap second, 24:00, and what lies outside the years 1970 to 9999 in UTC.
The offset of the source is kept beside the instant by whoever wants to show local time again: `parse_instant_offset`.
Standard: ISO 8601-1:2019, 5.4.2.1 (calendar date and time of day with the difference to UTC).
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

DAY_US = 86_400_000_000  # a day of 24 hours
INSTANT_MAX = 253_402_300_800_000_000 - 1
TEXT_CHARACTERS_MAX = 40

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_DATE_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_TAKEN = re.compile(_DATE_TIME + r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)").fullmatch
_WITHOUT_OFFSET = re.compile(_DATE_TIME).fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_read = datetime.fromisoformat


def _instant(text: str) -> tuple[int, datetime]:
    if _TAKEN(text) is None:
        raise ValueError(_lack(text))
    try:
        moment = _read(text)
    except ValueError as refusal:
        raise ValueError(f"there is no such time: {refusal}") from None
    since = moment - _EPOCH
    instant = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if not 0 <= instant <= INSTANT_MAX:
        raise ValueError("a time lies between the years 1970 and 9999 in UTC")
    return instant, moment


def _lack(text: str) -> str:
    if not text:
        return "a time is needed"
    if len(text) > TEXT_CHARACTERS_MAX:
        return f"a time has at most {TEXT_CHARACTERS_MAX} characters"
    if _DATE(text):
        return "a time needs hours, minutes and its offset, as in 2027-03-15T08:00:00+01:00"
    if _WITHOUT_OFFSET(text):
        return "a time needs its offset, as in 2027-03-15T08:00:00+01:00 or 2027-03-15T07:00:00Z"
    return "a time is written 2027-03-15T08:00:00+01:00"


@lru_cache(maxsize=8192)
def parse_instant(text: str) -> int:
    """UTC microseconds since 1970; ValueError says what the text lacks. Repeated texts are remembered."""
    return _instant(text)[0]


def parse_instant_offset(text: str) -> tuple[int, int]:
    """(UTC microseconds, minutes the source's clock was ahead of UTC); ValueError as `parse_instant`."""
    instant, moment = _instant(text)
    return instant, moment.utcoffset() // timedelta(minutes=1)


def parse_date(text: str) -> date:
    """A calendar date `2027-03-15` of the years 1970 to 9999; ValueError says what the text lacks."""
    if _DATE(text) is None:
        raise ValueError("a date is written 2027-03-15")
    try:
        day = date.fromisoformat(text)
    except ValueError as refusal:
        raise ValueError(f"there is no such date: {refusal}") from None
    if day.year < 1970:
        raise ValueError("a date lies between the years 1970 and 9999")
    return day


def day_in(instant: int, zone: tzinfo) -> str:
    """The calendar day that it is there: `2027-12-11`, in Vienna at 2027-12-10T23:30Z."""
    return _there(instant, zone).date().isoformat()


def minute_in(instant: int, zone: tzinfo) -> str:
    """For people: `2027-12-11 00:30 Europe/Vienna`; a zone without a name by its offset."""
    at = _there(instant, zone)
    return f"{at:%Y-%m-%d %H:%M} {getattr(zone, 'key', '') or at.tzname()}"


def _there(instant: int, zone: tzinfo) -> datetime:
    return (_NAIVE_EPOCH + timedelta(microseconds=instant)).replace(tzinfo=UTC).astimezone(zone)


def format_instant(instant: int) -> str:
    """`2027-03-15T08:00:00.000000Z`, always UTC and to the microsecond: the form of entries and rows."""
    if not 0 <= instant <= INSTANT_MAX:
        raise ValueError(f"{instant} is no instant of the years 1970 to 9999")
    return (_NAIVE_EPOCH + timedelta(microseconds=instant)).isoformat(timespec="microseconds") + "Z"
