"""Reads of calibrations: how each instrument stands, and the span of time in which a bad one cannot be believed.

An instrument that is found out of tolerance says nothing sure of what was measured since it was last left in tolerance: that is
its last good calibration, whatever was found then. It is believed again from the next time it is left in tolerance.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

GOOD, BAD, UNCHECKED = "in_tolerance", "out_of_tolerance", "not_checked"
_COLUMNS = (
    "instrument, kind, station, as_found, as_left, certificate, laboratory, file, sha256, valid_until, operator, "
    'calibrated_at, entry, "row"'
)


@dataclass(frozen=True)
class CalibrationRow:
    """One calibration; `sha256` names the certificate's file, empty where there is none; `operator` a person's number."""

    instrument: str
    kind: str
    station: str
    as_found: str
    as_left: str
    certificate: str
    laboratory: str
    file: str
    sha256: str
    valid_until: str
    operator: int | None
    calibrated_at: int
    entry: int
    row: int

    @property
    def place(self) -> str:
        """The station or machine whose results rest on it."""
        return self.station or self.instrument


@dataclass(frozen=True)
class InstrumentSeen:
    """An instrument by its last calibration; `state` is good, due (its last day is over), bad (left out of tolerance)."""

    last: CalibrationRow
    state: str
    found_bad_at: int | None

    @property
    def name(self) -> str:
        """Its code."""
        return self.last.instrument


@dataclass(frozen=True)
class Doubt:
    """When an instrument cannot be believed: from its last good calibration (None: it never had one) until it was left in
    tolerance again (None: not yet); the rows that say so, and the stations and machines it stood at meanwhile."""

    instrument: str
    found: CalibrationRow
    last_good: CalibrationRow | None
    since: int | None
    until: int | None
    places: tuple[str, ...]


def calibrations(tenant: int, instrument: str = "") -> list[CalibrationRow]:
    """Calibrations that stand, by instrument, the newest first. One statement."""
    sql = f"SELECT {_COLUMNS} FROM production_calibration WHERE tenant = %s AND until_entry IS NULL"
    params: tuple = (tenant,)
    if instrument:
        sql, params = sql + " AND instrument = %s", (tenant, instrument)
    sql += ' ORDER BY instrument, calibrated_at DESC, entry DESC, "row" DESC'
    return [CalibrationRow(*row) for row in reading.fetch(sql, params)]


def calibrations_at(tenant: int, places: Iterable[str]) -> list[tuple[CalibrationRow, bool]]:
    """The same of the instruments that ever stood at one of these stations or machines, all of theirs, and whether each stands or was taken back.
    One statement."""
    stood = "tenant = %s AND " + reading.any_of("coalesce(nullif(station, ''), instrument)", "text")
    sql = (
        f"SELECT {_COLUMNS}, CASE WHEN until_entry IS NULL THEN 1 ELSE 0 END FROM production_calibration WHERE tenant = %s AND instrument IN "
        f"(SELECT instrument FROM production_calibration WHERE {stood}) "
        'ORDER BY instrument, calibrated_at DESC, entry DESC, "row" DESC'
    )
    params = (tenant, tenant, reading.list_param(sorted(set(places))))
    return [(CalibrationRow(*row), bool(stands)) for *row, stands in reading.fetch(sql, params)]


def instruments(tenant: int, now: int) -> list[InstrumentSeen]:
    """Every instrument, those that want attention first: bad, then due. One statement."""
    found: dict[str, list[CalibrationRow]] = {}
    for row in calibrations(tenant):
        found.setdefault(row.instrument, []).append(row)
    seen = [_seen(rows, format_instant(now)[:10]) for rows in found.values()]
    order = {"bad": 0, "due": 1, "good": 2}
    return sorted(seen, key=lambda one: (order[one.state], one.last.valid_until or "9999", one.name))


def _seen(rows: list[CalibrationRow], today: str) -> InstrumentSeen:
    last = rows[0]
    over = bool(last.valid_until) and last.valid_until < today
    state = "bad" if last.as_left == BAD else "due" if over else "good"
    bad = next((row.calibrated_at for row in rows if row.as_found == BAD), None)
    return InstrumentSeen(last, state, bad)


def doubt_of(tenant: int, instrument: str, found_at: int | None = None) -> Doubt:
    """What an instrument found out of tolerance puts in doubt: by the last such finding, or by the one at this instant.

    NotFound: no such instrument. Refused: it was never found so, or not then. One statement.
    """
    rows = calibrations(tenant, instrument)
    if not rows:
        raise NotFound(
            "production.instrument_unknown",
            f"There is no instrument {instrument[:200]}.",
            {"instrument": instrument[:200]},
            "Look at its code on the page Instruments, or record its calibration first.",
        )
    bad = [row for row in rows if row.as_found == BAD and found_at in (None, row.calibrated_at)]
    if not bad:
        raise Refused(
            "production.instrument_good",
            f"{instrument} was {'never' if found_at is None else 'not then'} found out of tolerance.",
            {"instrument": instrument},
            "Nothing that it measured is in doubt by its calibrations.",
        )
    return _doubt(instrument, rows, bad[0])


def _doubt(instrument: str, rows: list[CalibrationRow], found: CalibrationRow) -> Doubt:
    at = rows.index(found)
    before, after = rows[at + 1 :], rows[:at][::-1]
    last_good = next((row for row in before if row.as_left == GOOD), None)
    good_again = next((row for row in (found, *after) if row.as_left == GOOD), None)
    meanwhile = rows[rows.index(good_again) if good_again else 0 : rows.index(last_good) + 1 if last_good else None]
    return Doubt(
        instrument,
        found,
        last_good,
        last_good.calibrated_at if last_good else None,
        good_again.calibrated_at if good_again else None,
        _places(meanwhile),
    )


def _places(rows: Iterable[CalibrationRow]) -> tuple[str, ...]:
    return tuple(sorted({row.place for row in rows}))
