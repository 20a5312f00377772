"""The process record as pages and programs read it: instruments, qualifications, areas and alarms, each row with the id of its fact,
so that it can be withdrawn or corrected, and with badges in place of numbers.

It refuses a narrow view: instruments, people and the air are the company's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import QUALIFICATION_READ, RECORD_READ
from asbuilt.built.production import alarms as alarm_reads
from asbuilt.built.production import environment
from asbuilt.built.production.calibrations import CalibrationRow, InstrumentSeen, calibrations, instruments
from asbuilt.built.production.events import AREA, CALIBRATION, ENVIRONMENT, QUALIFICATION
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.qualifications import QualificationRow, qualifications
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.ledger.facts import FACT_BYTES, fact_ids
from asbuilt.storage import reading


@dataclass(frozen=True)
class Said:
    """A row of a table with its fact's id, the badge of who recorded it and of whom it speaks; `holds` as of now."""

    row: CalibrationRow | QualificationRow | environment.AreaRow | environment.MeasuredRow
    fact: str
    by: str = ""
    person: str = ""
    holds: bool = True


@dataclass(frozen=True)
class AlarmSeen:
    """An alarm with its first and last unit as ORDER#n, who ran it and who decided, by badge."""

    alarm: alarm_reads.Alarm
    first: str
    last: str
    by: str
    closed_by: str

    @property
    def span(self) -> str:
        """As a hold names units: `WO-7#1..WO-7#40`, or one of them."""
        return self.first if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def reason(self) -> str:
        """What the proposed hold says."""
        at = f" at {self.alarm.machine}" if self.alarm.machine else ""
        return f"{self.alarm.step}{' ' + self.alarm.side if self.alarm.side else ''}{at} out of limits: {self.alarm.outside}"


def instruments_seen(actor: Actor) -> list[InstrumentSeen]:
    """Every instrument by its last calibration, those that want attention first."""
    _whole(actor, RECORD_READ)
    return instruments(actor.tenant, clock.now())


def calibrations_seen(actor: Actor, instrument: str) -> list[Said]:
    """The calibrations of an instrument, the newest first. NotFound where there is none."""
    _whole(actor, RECORD_READ)
    with reading.snapshot():
        found = _said(actor.tenant, CALIBRATION.name, calibrations(actor.tenant, instrument))
    if not found:
        raise NotFound(
            "production.instrument_unknown",
            f"There is no instrument {instrument[:200]}.",
            {"instrument": instrument[:200]},
            "Look at its code on the page Instruments.",
        )
    return found


def qualifications_seen(actor: Actor) -> list[Said]:
    """Who holds what until when, by badge; those that do not hold any more too."""
    _whole(actor, QUALIFICATION_READ)
    with reading.snapshot():
        return _said(actor.tenant, QUALIFICATION.name, qualifications(actor.tenant), clock.now())


def areas_seen(actor: Actor) -> list[Said]:
    """Where machines stand and stood, the newest first of each; `holds` where it is so now."""
    _whole(actor, RECORD_READ)
    with reading.snapshot():
        found = _said(actor.tenant, AREA.name, environment.areas(actor.tenant))
    now = clock.now()
    standing = {}
    for one in found:
        if one.row.from_at <= now:
            standing.setdefault(one.row.machine, one.fact)
    return [Said(one.row, one.fact, one.by, "", standing.get(one.row.machine) == one.fact) for one in found]


def measured_seen(actor: Actor, area: str = "", limit: int = 100) -> list[Said]:
    """What was measured, the newest first."""
    _whole(actor, RECORD_READ)
    with reading.snapshot():
        return _said(actor.tenant, ENVIRONMENT.name, environment.measured(actor.tenant, area, limit=limit))


def alarms_seen(actor: Actor, order: str = "") -> list[AlarmSeen]:
    """Runs out of limits that stand, those that wait for a decision first, up to 200."""
    _whole(actor, RECORD_READ)
    with reading.snapshot():
        return _alarms(actor.tenant, alarm_reads.alarms(actor.tenant, order=order))


def alarm_seen(actor: Actor, number: int) -> AlarmSeen:
    """One alarm. NotFound where there is none."""
    _whole(actor, RECORD_READ)
    with reading.snapshot():
        return _alarms(actor.tenant, [alarm_reads.alarm(actor.tenant, number)])[0]


def _alarms(tenant: int, found: Sequence[alarm_reads.Alarm]) -> list[AlarmSeen]:
    orders = Orders(tenant)
    deciders = [one.closing.operator for one in found if one.closing]
    codes = People(tenant, 0).codes([*(one.operator for one in found), *deciders])
    seen = []
    for one in found:
        order = orders.of_unit(one.first_unit)
        ends = [f"{one.order}#{order.place_of(unit)}" if order else "" for unit in (one.first_unit, one.until_unit - 1)]
        closed_by = codes.get(one.closing.operator, "") if one.closing else ""
        seen.append(AlarmSeen(one, *ends, codes.get(one.operator, ""), closed_by))
    return seen


def _said(tenant: int, shape: str, rows: Sequence, at: int | None = None) -> list[Said]:
    people = [getattr(row, name, None) for row in rows for name in ("operator", "person")]
    codes = People(tenant, 0).codes(people)
    last: dict[int, int] = {}
    for row in rows:
        last[row.entry] = max(last.get(row.entry, 0), row.row)
    ids = {entry: fact_ids(tenant, entry, shape, 0, count + 1) for entry, count in last.items()}
    return [
        Said(
            row,
            ids[row.entry][row.row * FACT_BYTES : (row.row + 1) * FACT_BYTES].hex(),
            codes.get(getattr(row, "operator", None), ""),
            codes.get(getattr(row, "person", None), ""),
            at is None or row.holds(at),
        )
        for row in rows
    ]


def _whole(actor: Actor, right: str) -> None:
    actor.require(right)
    if actor.party is not None:
        raise NotFound(
            "production.narrow_view", "A narrow view has no process record.", {}, "Ask who keeps this record."
        )
