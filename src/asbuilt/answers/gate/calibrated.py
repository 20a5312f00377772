"""Whether what measured could be believed when it did: instruments of stations by calibrations.csv, fixtures by the station's own signed run.

Stations(view, {7: "FCT-1"}).fault(7, at)   -> "DMM-3 was calibrated until 2027-03-01", or empty
fixture_of(measurements)                    -> the fixture that a run names with its calibration, or None

A calibration that was taken back makes nothing known, but what it said against an instrument stays said until one that stands says how it was then:
taking it back opens no gate.
"""

import json
from collections import defaultdict
from dataclasses import dataclass

from asbuilt.built.production.calibrations import BAD, GOOD, CalibrationRow, calibrations_at
from asbuilt.formats.measurements import RUN
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.questions.genealogy.evaluating.view import View

FIXTURE = "calibrated_until"
"""Stands in what belongs to the whole run of a station, beside the fixture that measured."""


@dataclass(frozen=True)
class Fixture:
    """The fixture that a run names, and until when it is calibrated."""

    name: str
    until: str

    def fault(self, at: int) -> str:
        """What is wrong with it at an instant; empty where nothing is."""
        return "" if at <= parse_instant(self.until) else f"fixture {self.name} was calibrated until {self.until}"


def fixture_of(measured: str) -> Fixture | None:
    """The fixture of a run with its calibration; None where the run names none, or no instant: a step of this name says nothing."""
    if FIXTURE not in measured:
        return None
    run = json.loads(measured).get(RUN)
    name, until = (run.get("fixture"), run.get(FIXTURE)) if isinstance(run, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(until, str) or not name:
        return None
    try:
        parse_instant(until)
    except ValueError:
        return None
    return Fixture(name, until)


class Stations:
    """Which stations measured with instruments that could be believed at an instant. One statement, none without stations."""

    def __init__(self, view: View, names: dict[int, str]):
        self.names = names
        self.rows: dict[str, list[CalibrationRow]] = defaultdict(list)
        self.ever: dict[str, list[CalibrationRow]] = defaultdict(list)
        read = calibrations_at(view.tenant, names.values()) if names else []
        corrected = {(row.instrument, row.calibrated_at) for row, stands in read if stands}
        for row, stands in read:
            if stands:
                self.rows[row.instrument].append(row)
            if stands or (row.instrument, row.calibrated_at) not in corrected:
                self.ever[row.instrument].append(row)
        self._faults: dict[tuple[int, int], _Fault] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def known(self, station: int | None, at: int) -> bool:
        """Whether an instrument whose calibration somebody recorded stood there then, or stood there first later."""
        if station is None or not self.rows:
            return False
        key = (station, at)
        if key not in self._known:
            place = self.names.get(station, "")
            stood = (next((row for row in rows if row.calibrated_at <= at), rows[-1]) for rows in self.rows.values())
            self._known[key] = any(row.place == place for row in stood)
        return self._known[key]

    def fault(self, station: int | None, at: int) -> str:
        """What is wrong with an instrument that stood there then; empty where nothing is, or none is known."""
        return self._found(station, at)[0]

    def fault_came(self, station: int | None, at: int) -> int:
        """The entry with which that came in; 0 where nothing is."""
        return self._found(station, at)[1]

    def _found(self, station: int | None, at: int) -> "_Fault":
        if station is None or not self.ever:
            return _NONE
        key = (station, at)
        if key not in self._faults:
            place = self.names.get(station, "")
            faults = (_fault(rows, place, at) for rows in self.rows.values())
            standing = next((fault for fault in faults if fault[0]), _NONE)
            self._faults[key] = standing if standing[0] else self._taken_back(place, at)
        return self._faults[key]

    def _taken_back(self, place: str, at: int) -> "_Fault":
        """What a calibration that was taken back said against an instrument of which no other one speaks at this place and instant."""
        for name, rows in self.ever.items():
            standing = self.rows.get(name, ())
            before = next((row for row in standing if row.calibrated_at <= at), None)
            silent = len(standing) < len(rows) and (before is None or before.place != place)
            found, came = _fault(rows, place, at) if silent else _NONE
            if found:
                return f"{found}, by a calibration that was taken back since", came
        return _NONE


_Fault = tuple[str, int]
_NONE: _Fault = ("", 0)


def _fault(rows: list[CalibrationRow], place: str, at: int) -> _Fault:
    """What is wrong and with which entry it came in; `rows` of one instrument, the newest first."""
    before = next((row for row in rows if row.calibrated_at <= at), None)
    if before is None:
        first = rows[-1]
        return (f"{first.instrument} was not calibrated yet", first.entry) if first.place == place else _NONE
    if before.place != place:
        return _NONE
    after = [row for row in reversed(rows) if row.calibrated_at > at]
    found_bad = after[0].entry if after and after[0].as_found == BAD else 0
    if before.as_left == BAD:
        return f"{before.instrument} was out of tolerance", before.entry
    if before.valid_until and format_instant(at)[:10] > before.valid_until:
        # overdue is not yet bad: that it was found bad afterwards is news
        return f"{before.instrument} was calibrated until {before.valid_until}", max(before.entry, found_bad)
    if found_bad:
        return f"{before.instrument} was found out of tolerance afterwards", found_bad
    checked = before.as_left == GOOD or before.valid_until
    return _NONE if checked else (f"{before.instrument} was not checked", before.entry)
