"""Instants and ULIDs, against the standard library's own arithmetic and the ULID specification."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel import identifiers, instants

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30))


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_an_instant_comes_back_with_its_offset(moment, offset):
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    expected = (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert instants.parse_instant_offset(local.isoformat()) == (expected, offset)
    assert instants.parse_instant(local.isoformat()) == expected
    written = instants.format_instant(expected)
    assert datetime.fromisoformat(written) == local
    assert len(written) == 27 and instants.parse_instant(written) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-15T08:00:00Z",
        "2027-03-15T08:00Z",
        "2027-03-15 08:00:00.0+00:00",
        "2027-03-15T09:00:00,000+0100",
        "2027-03-15T09:00:00.0000009+01",
        "2027-03-15T03:00:00-05:00",
    ],
)
def test_spellings_of_one_instant(text):
    # date -u -d 2027-03-15T08:00:00Z +%s
    assert instants.parse_instant(text) == 1_805_097_600_000_000
    assert instants.format_instant(instants.parse_instant(text)) == "2027-03-15T08:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "lack"),
    [
        ("", "a time is needed"),
        ("2027-03-15T08:00:00", "a time needs its offset"),
        ("2027-03-15 08:00", "a time needs its offset"),
        ("2027-03-15", "a time needs hours, minutes and its offset"),
        ("15.03.2027 08:00", "a time is written"),
        ("2027-W11-1T08:00:00Z", "a time is written"),
        ("20270315T080000Z", "a time is written"),
        ("2027-03-15T08:00:00+01:00:30", "a time is written"),
        ("2027-03-15T08:00:00z", "a time is written"),
        ("２027-03-15T08:00:00Z", "a time is written"),
        ("2027-03-15T08:00:00Z\n", "a time is written"),
        ("2027-02-30T08:00:00Z", "there is no such time"),
        ("2027-03-15T24:00:00Z", "there is no such time"),
        ("2027-03-15T08:00:60Z", "there is no such time"),
        ("2027-03-15T08:00:00+24:00", "there is no such time"),
        ("1969-12-31T23:59:59Z", "between the years"),
        ("1970-01-01T00:00:00+00:01", "between the years"),
        ("9999-12-31T23:59:59-00:01", "between the years"),
        ("0001-01-01T00:00:00+14:00", "between the years"),
        ("2" * 1_000_000, "at most 40 characters"),
    ],
)
def test_a_time_that_lacks_something_is_refused(text, lack):
    for read in (instants.parse_instant, instants.parse_instant_offset):
        with pytest.raises(ValueError, match=lack):
            read(text)


def test_dates():
    assert instants.parse_date("2027-03-15").isoformat() == "2027-03-15"
    for text in ("", "2027-3-15", "20270315", "2027-02-29", "1969-12-31", "2027-03-15T00:00Z"):
        with pytest.raises(ValueError):
            instants.parse_date(text)


def test_the_first_and_the_last_instant():
    assert instants.format_instant(0) == "1970-01-01T00:00:00.000000Z"
    assert instants.format_instant(instants.INSTANT_MAX) == "9999-12-31T23:59:59.999999Z"
    for outside in (-1, instants.INSTANT_MAX + 1):
        with pytest.raises(ValueError):
            instants.format_instant(outside)


def test_the_published_ulid():
    # the specification's example: 01ARYZ6S41 is the instant 1469918176385 ms
    assert identifiers.new_ulid(1_469_918_176_385_999, bytes(10)) == "01ARYZ6S41" + "0" * 16
    assert identifiers.new_ulid(((1 << 48) - 1) * 1000, b"\xff" * 10) == "7" + "Z" * 25


@given(st.integers(0, 2**47), st.integers(0, 2**47), st.binary(min_size=10, max_size=10))
def test_ulids_sort_by_time(one, other, randomness):
    first, second = (identifiers.new_ulid(at * 1000, randomness) for at in (one, other))
    assert identifiers.is_ulid(first) and (first < second) == (one < other)


@pytest.mark.parametrize("text", ["", "8" + "0" * 25, "0" * 25, "0" * 25 + "u", "0" * 25 + "I", "0" * 26 + "\n", None])
def test_what_is_no_ulid(text):
    assert not identifiers.is_ulid(text)


def test_a_ulid_takes_ten_random_bytes_and_48_bits_of_time():
    for now, randomness in ((0, bytes(9)), (-1, bytes(10)), ((1 << 48) * 1000, bytes(10))):
        with pytest.raises(ValueError):
            identifiers.new_ulid(now, randomness)
