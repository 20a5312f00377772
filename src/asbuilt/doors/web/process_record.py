"""The process record: runs out of limits, instruments, qualifications, areas and the air in them. One page each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import (
    ALARM_CLOSE,
    CALIBRATE,
    ENVIRONMENT_MEASURE,
    EVIDENCE_READ,
    FACT_WITHDRAW,
    HOLD_PLACE,
    QUALIFY,
)
from asbuilt.answers.register.alarms import dismiss_alarm, hold_alarm
from asbuilt.built.production.actions import process_record as verbs
from asbuilt.built.production.process_record import (
    alarms_seen,
    areas_seen,
    calibrations_seen,
    instruments_seen,
    measured_seen,
    qualifications_seen,
)
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound, Refused
from asbuilt.questions.genealogy.answering.out_of_tolerance import out_of_tolerance

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
CALIBRATED = ("instrument", "kind", "station", "as_found", "as_left", "certificate", "laboratory", "valid_until")
QUALIFIED = ("person", "qualification", "level", "certificate", "issuer", "valid_until")
MEASURED = ("area", "temperature_c", "humidity_percent", "cleanroom_class", "sensor")


def _rights(request: HttpRequest) -> dict:
    may = request.actor.may
    return {
        "may_correct": may(FACT_WITHDRAW), "may_download": may(EVIDENCE_READ), "may_calibrate": may(CALIBRATE),
        "may_qualify": may(QUALIFY), "may_measure": may(ENVIRONMENT_MEASURE),
        "may_decide": may(ALARM_CLOSE) and may(HOLD_PLACE),
    }  # fmt: skip


def _typed(request: HttpRequest, names) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _recorded(request: HttpRequest, verb, said: dict, page, address: str) -> HttpResponse:
    """Do what a form asks for; back to the page, or the page with why not and what was typed."""
    try:
        verb(request.actor, request_key=key_of(request), **said)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return page(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect(address)


def _paper(request: HttpRequest) -> dict:
    file = request.FILES.get("file")
    return {"content": paper_bytes(file), "name": file.name} if file else {}


@require_safe
def alarms_page(request: HttpRequest) -> HttpResponse:
    """Runs out of limits, of one order where it is named."""
    return _alarms(request, {})


def _alarms(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    order = request.GET.get("order", "").strip()
    found = alarms_seen(request.actor, order)
    waiting = [one for one in found if one.alarm.closing is None]
    said = {
        "waiting": waiting, "decided": found[len(waiting) :], "order": order, **_rights(request), **said,
    }  # fmt: skip
    return render(request, "alarms.html", said, status=status)


@require_POST
def alarm_hold(request: HttpRequest, number: int) -> HttpResponse:
    """The proposed hold is placed; the page of the hold follows."""
    request.actor.require(ALARM_CLOSE)
    said = {"alarm": number, "reason": request.POST.get("reason", "")}
    try:
        code = hold_alarm(request.actor, request_key=key_of(request), **said)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        return _alarms(request, {"error": refusal, "holding": number, **said}, refusal.http_status)
    return redirect("hold", code=code)


@require_POST
def alarm_dismiss(request: HttpRequest, number: int) -> HttpResponse:
    """No hold is needed, and why."""
    request.actor.require(ALARM_CLOSE)
    said = {"alarm": number, "reason": request.POST.get("reason", "")}
    try:
        dismiss_alarm(request.actor, request_key=key_of(request), **said)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        return _alarms(request, {"error": refusal, "dismissing": number, **said}, refusal.http_status)
    return redirect("alarms")


@GET_AND_POST
def instruments_page(request: HttpRequest) -> HttpResponse:
    """Every instrument by its last calibration; a POST records one."""
    if request.method == "POST":
        request.actor.require(CALIBRATE)
        try:
            said = {
                **_typed(request, CALIBRATED),
                "calibrated_at": moment_of(request.POST.get("calibrated_at", "").strip()),
                **_paper(request),
            }
        except Invalid as refusal:
            return _instruments(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
        code = said["instrument"]
        address = reverse("instrument", args=[code]) if code else reverse("instruments")
        return _recorded(request, verbs.calibrate, said, _instruments, address)
    return _instruments(request, {})


def _instruments(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    said = {"found": instruments_seen(request.actor), **_rights(request), **said}
    return render(request, "instruments.html", said, status=status)


@require_safe
def instrument_page(request: HttpRequest, code: str) -> HttpResponse:
    """One instrument: its calibrations, and what a finding out of tolerance puts in doubt."""
    said = {"code": code, "found": calibrations_seen(request.actor, code), **_rights(request)}
    try:
        said["doubt"] = out_of_tolerance(request.actor, code)
    except Refused:
        said["doubt"] = None  # it was never found so
    return render(request, "instrument.html", said)


@GET_AND_POST
def qualifications_page(request: HttpRequest) -> HttpResponse:
    """Who holds what until when; a POST records one."""
    if request.method == "POST":
        request.actor.require(QUALIFY)
        try:
            said = {
                **_typed(request, QUALIFIED),
                "granted_at": moment_of(request.POST.get("granted_at", "").strip()),
                **_paper(request),
            }
        except Invalid as refusal:
            return _qualifications(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
        return _recorded(request, verbs.qualify, said, _qualifications, reverse("qualifications"))
    return _qualifications(request, {})


def _qualifications(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    said = {"found": qualifications_seen(request.actor), **_rights(request), **said}
    return render(request, "qualifications.html", said, status=status)


@GET_AND_POST
def environment_page(request: HttpRequest) -> HttpResponse:
    """Where machines stand and what the air was like; a POST says one of both."""
    if request.method == "POST":
        measuring = request.POST.get("act") == "measure"
        request.actor.require(ENVIRONMENT_MEASURE if measuring else CALIBRATE)
        names, time = (MEASURED, "measured_at") if measuring else (("machine", "area"), "from_at")
        try:
            said = {**_typed(request, names), time: moment_of(request.POST.get(time, "").strip())}
        except Invalid as refusal:
            return _environment(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
        verb = verbs.measure if measuring else verbs.say_area
        return _recorded(request, verb, said, _environment, reverse("environment"))
    return _environment(request, {})


def _environment(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    area = request.GET.get("area", "").strip()
    said = {
        "placed": areas_seen(request.actor), "measured": measured_seen(request.actor, area), "area": area,
        **_rights(request), **said,
    }  # fmt: skip
    return render(request, "environment.html", said, status=status)
