"""Values as .NET writes them into JSON: times with seven digits, spans of time, `$type`, names in any case.

- A time without an offset is taken in the offset that its sender uses elsewhere, or UTC, and says so: `sure` is False.
- .NET writes 0001-01-01 for a time that was never set: that is none.
- A span of time is `[-][days.]hh:mm:ss[.fraction]`.
- A field may stand in any case: TransactionID in one message is TransactionId in the next.
- A text for the record has no control characters and a limit.

Each reader names the field it could not read. Standards: IPC-2591; .NET round-trip ("O") and constant ("c") formats.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import INSTANT_MAX, TEXT_CHARACTERS_MAX

TEXT_MAX = 200
LIST_MAX = 100_000

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)(Z|[+-][0-9]{2}:?[0-9]{2})?"
).fullmatch
_SPAN = re.compile(r"(-)?(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?").fullmatch
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """An instant in UTC microseconds; `sure` is False where its text had no offset; `offset` in minutes, or None."""

    at: int
    sure: bool
    offset: int | None


def wrong(field: str, why: str) -> Invalid:
    """The refusal of a field."""
    return Invalid(
        "cfx.field", f"{field}: {why}.", {"field": field}, "Have the maker mend it, or mend the text and send it again."
    )


def text(value: object, field: str, most: int = TEXT_MAX) -> str:
    """A text without blanks around it; "" for null. Numbers are written as they stand."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(field, "is no text")
    said = str(value).strip()
    if len(said) > most:
        raise wrong(field, f"has {len(said):,} characters, the most is {most}")
    if _CONTROL.search(said):
        raise wrong(field, "holds control characters")
    return said


def number(value: object, field: str) -> float | int | None:
    """A number, also written as text; None for null and the empty text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise wrong(field, "is no number")
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise wrong(field, "is no number") from None
        if value != value or value in (float("inf"), float("-inf")):
            raise wrong(field, "is no number")
    if not isinstance(value, int | float) or abs(value) > 1e300:
        raise wrong(field, "is no number")
    return value


def whole(value: object, field: str, most: int = 2_000_000_000) -> int:
    """A whole number from 0 on; 0 for null."""
    found = number(value, field)
    if found is None:
        return 0
    if found != int(found) or not 0 <= found <= most:
        raise wrong(field, f"is no whole number from 0 to {most}")
    return int(found)


def structure(value: object, field: str) -> dict:
    """A structure; empty for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(field, "is no structure")
    return value


def structures(value: object, field: str) -> list[dict]:
    """A list of structures; empty for null."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(field, "is no list")
    if len(value) > LIST_MAX:
        raise wrong(field, f"has more than {LIST_MAX:,} entries")
    for one in value:
        if not isinstance(one, dict):
            raise wrong(field, "holds something that is no structure")
    return value


def get(said: dict, name: str) -> object:
    """The value of a field, whatever the case of its name; None where it is missing."""
    if name in said:
        return said[name]
    lowered = name.lower()
    for known, value in said.items():
        if known.lower() == lowered:
            return value
    return None


def type_of(said: dict) -> str:
    """The class that `$type` names, without namespace and assembly: ReflowProcessData; "" without one."""
    named = said.get("$type")
    if not isinstance(named, str):
        return ""
    return named.partition(",")[0].strip().rpartition(".")[2][:TEXT_MAX]


def moment(value: object, field: str, offset: int | None = None) -> Moment | None:
    """A time; None for null, the empty text and .NET's 0001-01-01. `offset`: minutes to take where the text has none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise wrong(field, "is no time")
    found = _moment(value, offset)
    if isinstance(found, str):
        raise wrong(field, found)
    return found


@lru_cache(16_384)
def _moment(value: str, offset: int | None) -> Moment | str | None:
    if len(value) > TEXT_CHARACTERS_MAX:
        return "is no time"
    found = _TIME(value.strip())
    if found is None:
        return "is no time such as 2026-03-02T08:15:00+01:00"
    day, clock, zone = found.groups()
    if day == "0001-01-01":
        return None
    minutes = offset or 0
    if zone:
        minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[-2:])
        minutes = -minutes if zone[0] == "-" else minutes
    try:
        naive = datetime.fromisoformat(f"{day}T{clock.replace(',', '.')}")
        since = naive.replace(tzinfo=UTC) - timedelta(minutes=minutes) - _EPOCH
    except (ValueError, OverflowError):
        return "is a time that no calendar has"
    at = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if not 0 <= at <= INSTANT_MAX:
        return "lies outside the years 1970 to 9999"
    return Moment(at, zone is not None, minutes if zone else offset)


def time_span(value: object, field: str) -> int | None:
    """A span of time in microseconds; None for null."""
    if value is None or value == "":
        return None
    found = _SPAN(value) if isinstance(value, str) else None
    if found is None:
        raise wrong(field, "is no span of time such as 6.00:00:00")
    sign, days, hours, minutes, seconds, fraction = found.groups()
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        raise wrong(field, "is no span of time such as 6.00:00:00")
    whole_seconds = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + int(seconds)
    microseconds = whole_seconds * 1_000_000 + int((fraction or "").ljust(7, "0")) // 10
    return -microseconds if sign else microseconds
