"""What people say of instruments, of each other, of areas and of alarms; each is a row of its table.

    calibrate(actor, instrument="ICT-1", as_found="out_of_tolerance", as_left="in_tolerance", valid_until="2028-03-01")
    qualify(actor, person="045", qualification="IPC-A-610", valid_until="2028-03-01")
    say_area(actor, machine="OV1", area="line 1") · measure(actor, area="line 1", temperature_c="22.5")
    close_alarm(actor, alarm=17, decision="dismissed", reason="thermocouple loose, checked with a second one")

Files are kept byte for byte as evidence. Refused: what the tables refuse, a paper that is empty or too large.
"""

from collections.abc import Mapping

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import ALARM_CLOSE, CALIBRATE, ENVIRONMENT_MEASURE, QUALIFY
from asbuilt.built.production import events
from asbuilt.built.production.alarms import alarm as alarm_of
from asbuilt.built.production.intake.kept import INTAKES
from asbuilt.built.supply.actions.stating import Stated, moment, refuse_without_reason, state
from asbuilt.built.supply.files import paper_cells
from asbuilt.kernel.errors import Conflict, Invalid
from asbuilt.kernel.instants import format_instant


def calibrate(
    actor: Actor,
    *,
    instrument: str,
    as_found: str,
    as_left: str,
    kind: str = "",
    station: str = "",
    certificate: str = "",
    laboratory: str = "",
    valid_until: str = "",
    content: bytes | None = None,
    name: str = "certificate",
    calibrated_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """The instrument was calibrated. Invalid: a word or day that is none, an empty or too large certificate."""
    actor.require(CALIBRATE)
    cells = {
        "instrument": instrument, "kind": kind, "station": station, "as_found": as_found, "as_left": as_left,
        "certificate": certificate, "laboratory": laboratory, "valid_until": valid_until,
    }  # fmt: skip
    times = {"calibrated_at": calibrated_at}
    return _stated(actor, "calibrations", events.CALIBRATED, cells, times, request_key, _paper(content, name))


def qualify(
    actor: Actor,
    *,
    person: str,
    qualification: str,
    level: str = "",
    certificate: str = "",
    issuer: str = "",
    valid_until: str = "",
    content: bytes | None = None,
    name: str = "certificate",
    granted_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """The person with this badge has the qualification. Invalid: nobody is named, a day that is none."""
    actor.require(QUALIFY)
    if not person.strip():
        raise Invalid(
            "production.nobody_qualified", "A qualification is somebody's.", {"field": "person"}, "Scan the badge."
        )
    cells = {
        "person": person.strip(), "qualification": qualification.strip(), "level": level, "certificate": certificate,
        "issuer": issuer, "valid_until": valid_until,
    }  # fmt: skip
    times = {"granted_at": granted_at}
    return _stated(actor, "qualifications", events.QUALIFIED, cells, times, request_key, _paper(content, name))


def say_area(
    actor: Actor, *, machine: str, area: str, from_at: int | None = None, request_key: str | None = None
) -> Stated:
    """The machine stands in this area from then on; an empty area: in none."""
    actor.require(CALIBRATE)
    cells = {"machine": machine, "area": area}
    return _stated(actor, "areas", events.AREA_SAID, cells, {"from_at": from_at}, request_key)


def measure(
    actor: Actor,
    *,
    area: str,
    temperature_c: str = "",
    humidity_percent: str = "",
    cleanroom_class: str = "",
    sensor: str = "",
    measured_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """It was measured in the area. Invalid: nothing measured, a number that is none."""
    actor.require(ENVIRONMENT_MEASURE)
    cells = {
        "area": area, "temperature_c": temperature_c, "humidity_percent": humidity_percent,
        "cleanroom_class": cleanroom_class, "sensor": sensor,
    }  # fmt: skip
    times = {"measured_at": measured_at}
    return _stated(actor, "environment", events.ENVIRONMENT_MEASURED, cells, times, request_key)


def close_alarm(
    actor: Actor, *, alarm: int, decision: str, reason: str, hold: str = "", request_key: str | None = None
) -> Stated:
    """A person decided about an alarm: dismissed, or held by the hold that is named. NotFound: no such alarm. Conflict: it was
    decided about already; withdraw that decision first. Invalid: no reason."""
    actor.require(ALARM_CLOSE)
    refuse_without_reason(reason)
    found = alarm_of(actor.tenant, alarm)
    cells = {
        "order": found.order, "step": found.step, "side": found.side, "machine": found.machine,
        "started_at": format_instant(found.started_at), "finished_at": format_instant(found.finished_at),
        "decision": decision, "hold": hold, "reason": reason,
    }  # fmt: skip

    def check() -> None:
        now = alarm_of(actor.tenant, alarm)
        if now.closing is not None:
            raise Conflict(
                "production.alarm_closed",
                f"Alarm {alarm} was {now.closing.decision} at {format_instant(now.closing.decided_at)[:16]}.",
                {"alarm": alarm, "decision": now.closing.decision},
                "Withdraw that decision first, if it was wrong.",
            )

    return _stated(actor, "alarm_closings", events.ALARM_CLOSED, cells, {"decided_at": None}, request_key, check=check)


def _paper(content: bytes | None, name: str) -> dict:
    """The cells and the bytes of a certificate."""
    cells, files = paper_cells(content, name)
    return {"cells": cells, "files": files}


def _stated(
    actor: Actor, table: str, type: str, cells: Mapping, times: Mapping, request_key: str | None, paper=None, check=None
) -> Stated:
    """One row of the table, with the badge of who acts and times that nobody gave as now."""
    said = {**cells, **(paper["cells"] if paper else {})}

    def rows(entry):
        if check is not None:
            check()
        at = {name: moment(value) for name, value in times.items()}
        return {table: [{**said, "operator": badge(actor), **at}]}

    files = paper["files"] if paper else ()
    return state(actor, type, {**said, **times}, rows, files=files, intakes=INTAKES, request_key=request_key)
