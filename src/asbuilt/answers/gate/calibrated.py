"""Whether what measured could be believed when it did: instruments of stations by calibrations.csv, fixtures by the station's own signed run.

Stations(view, {7: "FCT-1"}).fault(7, at)   -> "DMM-3 was calibrated until 2027-03-01", or empty
fixture_of(measurements)                    -> the fixture that a run names with its calibration, or None
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
        for row in calibrations_at(view.tenant, names.values()) if names else ():
            self.rows[row.instrument].append(row)
        self._faults: dict[tuple[int, int], str] = {}
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
        if station is None or not self.rows:
            return ""
        key = (station, at)
        if key not in self._faults:
            place = self.names.get(station, "")
            faults = (_fault(rows, place, at) for rows in self.rows.values())
            self._faults[key] = next((fault for fault in faults if fault), "")
        return self._faults[key]


def _fault(rows: list[CalibrationRow], place: str, at: int) -> str:
    """`rows` of one instrument, the newest first."""
    before = next((row for row in rows if row.calibrated_at <= at), None)
    if before is None:
        return f"{rows[-1].instrument} was not calibrated yet" if rows[-1].place == place else ""
    if before.place != place:
        return ""
    after = [row for row in reversed(rows) if row.calibrated_at > at]
    if before.as_left == BAD:
        return f"{before.instrument} was out of tolerance"
    if before.valid_until and format_instant(at)[:10] > before.valid_until:
        return f"{before.instrument} was calibrated until {before.valid_until}"
    if after and after[0].as_found == BAD:
        return f"{before.instrument} was found out of tolerance afterwards"
    return "" if before.as_left == GOOD or before.valid_until else f"{before.instrument} was not checked"
