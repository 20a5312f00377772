"""Date codes: what makers print for the week or day of manufacture, read into year and week where it can be.

The text is always kept. `form` says which order the identifier prescribes (MH10.8.2: 10D is YYWW, 16D is YYYYMMDD …);
without one the text is free, as 9D is, and every order in use is tried. It is sure where all readings that are possible
agree, and where four digits are a year and a week, as EIGP 114 and the marking of components have it. Otherwise the year
is that of the commonest order, or None, and `sure` is false.

    2332 -> 2023 week 32, sure       231013 -> 2023 week 41, not sure (it may be 23 October 2013)
    08/02/2023 -> 2023, no week      1687 -> nothing: there is no week 87

Weeks are those of ISO 8601; makers' own calendars differ from it by at most a week. Two digits are a year from 1970 to
2069: components have carried date codes since about 1970, and this module knows no clock.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

YEARS = range(1970, 2070)
_Week = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class DateCode:
    """A date code: as printed, year in four digits and week of ISO 8601 where they can be read, and whether for sure."""

    raw: str
    year: int | None
    week: int | None
    sure: bool


def read_date_code(raw: str, form: str = "") -> DateCode:
    """The date code of this text; `form` is one of `FORMS`, "" where the order is free."""
    readings = list(dict.fromkeys(FORMS[form](raw)))
    if not readings:
        return DateCode(raw, None, None, False)
    if len(readings) == 1:
        year, week = readings[0]
        return DateCode(raw, year, week, week is not None)
    year, week = readings[0]
    return DateCode(raw, year, None if all(other == year for other, _ in readings) else week, False)


def _year(text: str) -> int:
    number = int(text)
    return number if len(text) == 4 else 1900 + number if number >= 70 else 2000 + number


def _of_week(year: str, week: str) -> Iterator[_Week]:
    if 1 <= int(week) <= 53 and _year(year) in YEARS:
        yield _year(year), int(week)


def _of_day(year: str, month: str, day: str) -> Iterator[_Week]:
    if _year(year) not in YEARS:
        return
    if day == "00" and 1 <= int(month) <= 12:  # GS1: the day is not told
        yield _year(year), None
        return
    try:
        found = date(_year(year), int(month), int(day)).isocalendar()
    except ValueError:
        return
    yield found.year, found.week


def _by(pattern: str, read: Callable[..., Iterator[_Week]]) -> Callable[[str], Iterator[_Week]]:
    shape = re.compile(pattern, re.ASCII)

    def readings(raw: str) -> Iterator[_Week]:
        found = shape.fullmatch(raw)
        if found:
            yield from read(*found.groups())

    return readings


def _in_any_order(first: str, second: str, third: str) -> Iterator[_Week]:
    yield from _of_day(first, second, third)
    yield from _of_day(third, second, first)
    yield from _of_day(third, first, second)


def _six_digits(first: str, second: str, third: str) -> Iterator[_Week]:
    yield from _of_day(first, second, third)
    yield from _of_week(first + second, third)
    yield from _of_day(third, second, first)
    yield from _of_day(third, first, second)


def _eight_digits(text: str) -> Iterator[_Week]:
    yield from _of_day(text[:4], text[4:6], text[6:])
    yield from _of_day(text[4:], text[2:4], text[:2])
    yield from _of_day(text[4:], text[:2], text[2:4])


def _year_last(first: str, sign: str, second: str, year: str) -> Iterator[_Week]:
    yield from _of_day(year, second, first)
    if sign != ".":  # with points the day stands first
        yield from _of_day(year, first, second)


def _week_or_year_first(first: str, second: str) -> Iterator[_Week]:
    yield from _of_week(first, second)
    yield from _of_week(second, first)


_FREE = (
    _by(r"(\d\d)(\d\d)", _of_week),
    _by(r"(\d\d)(\d\d)(\d\d)", _six_digits),
    _by(r"(\d{8})", _eight_digits),
    _by(r"(\d\d|\d{4})-?W(\d\d)", _of_week),
    _by(r"(\d\d)[/. -](\d\d)", _week_or_year_first),
    _by(r"(\d{4})[/.-](\d\d?)[/.-](\d\d?)", _of_day),
    _by(r"(\d\d?)([/.-])(\d\d?)[/.-](\d{4})", _year_last),
    _by(r"(\d\d)[/.-](\d\d)[/.-](\d\d)", _in_any_order),
)


def _free(raw: str) -> Iterator[_Week]:
    for readings in _FREE:
        yield from readings(raw)


FORMS: dict[str, Callable[[str], Iterator[_Week]]] = {
    "": _free,
    "YYWW": _by(r"(\d\d)(\d\d)", _of_week),
    "YYYYWW": _by(r"(\d{4})(\d\d)", _of_week),
    "YYMMDD": _by(r"(\d\d)(\d\d)(\d\d)", _of_day),
    "YYYYMMDD": _by(r"(\d{4})(\d\d)(\d\d)", _of_day),
    "DDMMYYYY": _by(r"(\d\d)(\d\d)(\d{4})", lambda day, month, year: _of_day(year, month, day)),
}
