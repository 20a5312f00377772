"""The process record: instruments, qualifications, areas and the air in them, runs out of limits. The twin of those pages."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import ALARM_CLOSE, CALIBRATE, ENVIRONMENT_MEASURE, QUALIFICATION_READ, QUALIFY, RECORD_READ
from asbuilt.answers.register.alarms import dismiss_alarm, hold_alarm
from asbuilt.built.production.actions import process_record as verbs
from asbuilt.built.production.process_record import (
    AlarmSeen,
    Said,
    alarms_seen,
    areas_seen,
    calibrations_seen,
    instruments_seen,
    measured_seen,
    qualifications_seen,
)
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.packages import StatedShape, When
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.answering.out_of_tolerance import out_of_tolerance

router = Router(tags=["Process record"], auth=Caller())
InstrumentCode = Annotated[str, Path(min_length=1, max_length=200, description="Code of the instrument.")]
AlarmNumber = Annotated[int, Path(ge=1, le=2_147_483_647, description="Number of the alarm.")]
Day = Annotated[str, Field(max_length=10, description="Its last day, such as 2028-03-01; empty: without an end.")]


class InstrumentList(Shape):
    """Instruments by their last calibration, those that want attention first."""

    instruments: list[dict] = Field(
        description="instrument, state (good, due, bad), found_bad_at, and the cells of its last row of calibrations.csv."
    )


class CalibrationList(Shape):
    """The calibrations of an instrument, the newest first."""

    calibrations: list[dict] = Field(description="The cells of calibrations.csv, with the fact's id.")


class InDoubtShape(Shape):
    """What an instrument found out of tolerance puts in doubt."""

    doubt: dict = Field(
        description="since (null: never good before), until (null: not yet), places, the rows that say so."
    )
    question: str = Field(description="The question that asks for the units; empty where nothing was done there.")
    certain: int = Field(description="Units measured there then.")
    possible: int = Field(description="Units of runs that only touch the span.")
    tests: list[dict] = Field(description="Test runs, the first 500.")
    tests_total: int = Field(description="All of them.")
    passes: list[dict] = Field(description="Process runs, the first 500.")
    passes_total: int = Field(description="All of them.")


class QualificationList(Shape):
    """Who holds what until when."""

    qualifications: list[dict] = Field(description="The cells of qualifications.csv, `holds` now, the fact's id.")


class AreaList(Shape):
    """Where machines stand, and what was measured last."""

    areas: list[dict] = Field(description="The cells of areas.csv, `holds` where it is so now, the fact's id.")
    environment: list[dict] = Field(description="The cells of environment.csv, the last 100, with the fact's id.")


class AreaIn(Shape):
    """Where a machine stands."""

    machine: str = Field(min_length=1, max_length=200, description="The machine or station.")
    area: str = Field("", max_length=200, description="The area; empty: none.")
    from_at: When = ""


class MeasuredIn(Shape):
    """What was measured."""

    area: str = Field(min_length=1, max_length=200, description="The area.")
    temperature_c: str = Field("", max_length=20, description="°C, such as 22.5.")
    humidity_percent: str = Field("", max_length=20, description="Relative, 0 to 100.")
    cleanroom_class: str = Field("", max_length=60, description="Such as ISO 8.")
    sensor: str = Field("", max_length=200, description="What measured it.")
    measured_at: When = ""


class AlarmList(Shape):
    """Runs out of limits, those that wait for a decision first."""

    alarms: list[dict] = Field(
        description="number, order, step, side, machine, outside (the readings in words), first and last unit, closing "
        "(null: nobody decided yet), proposed_units and proposed_reason of the hold."
    )


class Holding(Shape):
    """Why the units of the run are held."""

    reason: str = Field("", max_length=2_000, description="Empty: what lay out of limits.")


class HeldShape(Shape):
    """The hold that was placed."""

    hold: str = Field(description="Its code.")


class Dismissing(Shape):
    """Why no hold is needed."""

    reason: str = Field(min_length=1, max_length=2_000, description="Why.")


@router.get("/instruments", response=InstrumentList, auth=needs(RECORD_READ), operation_id="list_instruments", summary="Instruments")  # fmt: skip
def list_instruments(request: HttpRequest):
    """Bad ones, then those whose calibration is over, then the others."""
    rows = [
        {
            "instrument": one.name,
            "state": one.state,
            "found_bad_at": plain(one.found_bad_at, "found_bad_at"),
            **_row(one.last),
        }
        for one in instruments_seen(request.actor)
    ]
    return {"instruments": rows}


@router.get(
    "/instruments/{path:code}/doubt",
    response=InDoubtShape,
    auth=needs(RECORD_READ),
    operation_id="get_doubt",
    summary="What a bad instrument puts in doubt",
)
def doubt(
    request: HttpRequest,
    code: InstrumentCode,
    found_at: Annotated[str, Query(max_length=40, description="The finding of this time; empty: the last.")] = "",
):
    """Results and units since its last good calibration."""
    return plain(out_of_tolerance(request.actor, code, _instant("found_at", found_at)))


@router.get(
    "/instruments/{path:code}",
    response=CalibrationList,
    auth=needs(RECORD_READ),
    operation_id="get_instrument",
    summary="An instrument's calibrations",
)
def instrument(request: HttpRequest, code: InstrumentCode):
    """The newest first."""
    return {"calibrations": [_said(one) for one in calibrations_seen(request.actor, code)]}


@router.post(
    "/calibrations",
    response={201: StatedShape},
    auth=needs(CALIBRATE, "API_IMPORT_BYTES_MAX"),
    operation_id="calibrate",
    summary="Record a calibration",
)
def calibrate(
    request: HttpRequest,
    instrument: str = Form(..., min_length=1, max_length=200, description="Its code."),
    as_found: Literal["in_tolerance", "out_of_tolerance", "not_checked"] = Form(..., description="How it was found."),
    as_left: Literal["in_tolerance", "out_of_tolerance"] = Form(..., description="How it was left."),
    kind: str = Form("", max_length=200, description="What it is."),
    station: str = Form("", max_length=200, description="Where it is used; empty: it is a station or machine itself."),
    certificate: str = Form("", max_length=200, description="Number of the certificate."),
    laboratory: str = Form("", max_length=200, description="Who calibrated it."),
    valid_until: str = Form("", max_length=10, description="Its last day."),
    calibrated_at: str = Form("", max_length=40, description="With offset; empty: now."),
    file: UploadedFile | None = File(None, description="The certificate, up to 32 MiB."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """As found, as left, until when it holds; the certificate is kept byte for byte."""
    done = verbs.calibrate(
        request.actor, instrument=instrument, as_found=as_found, as_left=as_left, kind=kind, station=station,
        certificate=certificate, laboratory=laboratory, valid_until=valid_until,
        calibrated_at=_instant("calibrated_at", calibrated_at), request_key=request_key(request, idempotency_key),
        **_file(file),
    )  # fmt: skip
    return _stated(done)


@router.get(
    "/qualifications",
    response=QualificationList,
    auth=needs(QUALIFICATION_READ),
    operation_id="list_qualifications",
    summary="Qualifications",
)
def list_qualifications(request: HttpRequest):
    """By person; those that do not hold any more too."""
    rows = [{**_said(one), "holds": one.holds, "person": one.person} for one in qualifications_seen(request.actor)]
    return {"qualifications": rows}


@router.post(
    "/qualifications",
    response={201: StatedShape},
    auth=needs(QUALIFY, "API_IMPORT_BYTES_MAX"),
    operation_id="qualify",
    summary="Record a qualification",
)
def qualify(
    request: HttpRequest,
    person: str = Form(..., min_length=1, max_length=120, description="Badge."),
    qualification: str = Form(..., min_length=1, max_length=120, description="Such as IPC-A-610, J-STD-001, ESD."),
    level: str = Form("", max_length=60, description="Such as CIS."),
    certificate: str = Form("", max_length=200, description="Number of the certificate."),
    issuer: str = Form("", max_length=200, description="Who issued it."),
    valid_until: str = Form("", max_length=10, description="Its last day; empty: without an end."),
    granted_at: str = Form("", max_length=40, description="With offset; empty: now."),
    file: UploadedFile | None = File(None, description="The certificate, up to 32 MiB."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """Given or renewed."""
    done = verbs.qualify(
        request.actor, person=person, qualification=qualification, level=level, certificate=certificate, issuer=issuer,
        valid_until=valid_until, granted_at=_instant("granted_at", granted_at),
        request_key=request_key(request, idempotency_key), **_file(file),
    )  # fmt: skip
    return _stated(done)


@router.get(
    "/areas", response=AreaList, auth=needs(RECORD_READ), operation_id="list_areas", summary="Areas and their air"
)
def list_areas(request: HttpRequest):
    """Where machines stand and stood, and the last measurements."""
    placed = [{**_said(one), "holds": one.holds} for one in areas_seen(request.actor)]
    return {"areas": placed, "environment": [_said(one) for one in measured_seen(request.actor)]}


@router.post(
    "/areas",
    response={201: StatedShape},
    auth=needs(CALIBRATE),
    operation_id="say_area",
    summary="Where a machine stands",
)
def say_area(request: HttpRequest, said: AreaIn, idempotency_key: IdempotencyKey = None):
    """From then on; an empty area: in none."""
    key = request_key(request, idempotency_key)
    from_at = _instant("from_at", said.from_at)
    return _stated(
        verbs.say_area(request.actor, machine=said.machine, area=said.area, from_at=from_at, request_key=key)
    )


@router.post(
    "/environment",
    response={201: StatedShape},
    auth=needs(ENVIRONMENT_MEASURE),
    operation_id="measure_environment",
    summary="Record what was measured in an area",
)
def measure(request: HttpRequest, said: MeasuredIn, idempotency_key: IdempotencyKey = None):
    """By a person or a logger."""
    cells = {name: getattr(said, name) for name in MeasuredIn.model_fields if name != "measured_at"}
    done = verbs.measure(
        request.actor,
        measured_at=_instant("measured_at", said.measured_at),
        request_key=request_key(request, idempotency_key),
        **cells,
    )
    return _stated(done)


@router.get(
    "/alarms", response=AlarmList, auth=needs(RECORD_READ), operation_id="list_alarms", summary="Runs out of limits"
)
def list_alarms(
    request: HttpRequest, order: Annotated[str, Query(max_length=200, description="Only those of this order.")] = ""
):
    """At most 200; those that wait for a decision first."""
    return {"alarms": [_alarm(one) for one in alarms_seen(request.actor, order)]}


@router.post(
    "/alarms/{number}/hold",
    response={201: HeldShape},
    auth=needs(ALARM_CLOSE),
    operation_id="hold_alarm",
    summary="Hold the units of a run out of limits",
)
def hold(request: HttpRequest, number: AlarmNumber, said: Holding, idempotency_key: IdempotencyKey = None):
    """The proposed hold, and the decision, in one step."""
    key = request_key(request, idempotency_key)
    return Status(201, {"hold": hold_alarm(request.actor, alarm=number, reason=said.reason, request_key=key)})


@router.post(
    "/alarms/{number}/dismiss",
    response={201: StatedShape},
    auth=needs(ALARM_CLOSE),
    operation_id="dismiss_alarm",
    summary="Decide that no hold is needed",
)
def dismiss(request: HttpRequest, number: AlarmNumber, said: Dismissing, idempotency_key: IdempotencyKey = None):
    """And why."""
    key = request_key(request, idempotency_key)
    return _stated(dismiss_alarm(request.actor, alarm=number, reason=said.reason, request_key=key))


def _row(row) -> dict:
    """Its cells without numbers that mean something only here."""
    said = plain(row)
    return {name: value for name, value in said.items() if name not in ("entry", "row", "operator")}


def _said(one: Said) -> dict:
    return {**_row(one.row), "operator": one.by, "fact": one.fact}


def _alarm(one: AlarmSeen) -> dict:
    closing = plain(one.alarm.closing) if one.alarm.closing else None
    said = {**_row(one.alarm), "operator": one.by, "first": one.first, "last": one.last, "units": one.alarm.units}
    if closing:
        closing["operator"] = one.closed_by
    return {**said, "closing": closing, "proposed_units": one.span, "proposed_reason": one.reason}


def _instant(name: str, text: str) -> int | None:
    try:
        return parse_instant(text) if text else None
    except ValueError as refusal:
        raise errors.field_wrong(name, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


def _file(file: UploadedFile | None) -> dict:
    if file is None:
        return {}
    if file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    return {"content": b"".join(file.chunks()), "name": file.name or "certificate"}


def _stated(done) -> Status:
    return Status(201, {"entry": done.entry, "facts": list(done.facts), "warnings": list(done.warnings)})
