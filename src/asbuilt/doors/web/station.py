"""Station queue: one unit in front, OK or STOP, Done. Scanner first: the unit, then PASS or FAIL, or the next unit.

Which step, at which machine, with which program is chosen once and stands in the address. A scan of PASS or FAIL ends the step of
the unit in front; both cards are printed on the page that chooses the step.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.people import badge
from asbuilt.access.rights import GATE_ASK, STEP_RECORD
from asbuilt.answers.gate.actions import StepDone, pass_step
from asbuilt.answers.gate.stations import steps_of_floor
from asbuilt.answers.gate.verdicts import verdicts
from asbuilt.doors.web import queued
from asbuilt.doors.web.leaving_words import goes_under
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.stops_seen import stops_found
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed

CHOSEN = ("step", "side", "machine", "program", "operator")
READ = ("software", "paste")  # readings that stay the same from unit to unit
CARDS = {"PASS": "completed", "FAIL": "failed"}


@require_safe
def station_page(request: HttpRequest) -> HttpResponse:
    """The unit in front and its verdict; before that, the choice of the step."""
    request.actor.require(GATE_ASK)
    chosen = _chosen(request.GET)
    if not chosen["step"]:
        return render(request, "station_choose.html", {"chosen": chosen, "floor": steps_of_floor(request.actor)})
    return _page(request, chosen, request.GET.get("unit", "").strip(), {"done": request.GET.get("done", "")})


def _chosen(said) -> dict[str, str]:
    return {name: said.get(name, "").strip()[:200] for name in (*CHOSEN, *READ)}


def _step_done(chosen: dict[str, str], **more) -> StepDone:
    readings = {name: chosen[name] for name in READ if chosen[name]}
    return StepDone(**{name: chosen[name] for name in CHOSEN}, readings=readings or None, **more)


def _page(request: HttpRequest, chosen: dict, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = []
    if code:
        try:
            found = verdicts(
                request.actor, code, chosen["step"], chosen["side"], chosen["operator"] or badge(request.actor)
            )
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"] = refusal
    said = {
        "chosen": chosen, "unit": code, "found": found, "front": found[0] if found else None, **(stopped := stops_found(found)),
        "warnings": list({one.code + one.message: one for each in found for one in each.warnings}.values())[:5],
        "conceded": goes_under(found),
        "go": bool(found) and not stopped["stops"], "may_record": request.actor.may(STEP_RECORD), "here": urlencode(chosen), **said,
    }  # fmt: skip
    return render(request, "station.html", said, status=status)


@require_POST
def station_scan(request: HttpRequest) -> HttpResponse:
    """A scan: a card ends the step of the unit in front; anything else is the unit that comes next."""
    request.actor.require(GATE_ASK)
    chosen, scan, front = (
        _chosen(request.POST),
        request.POST.get("scan", "").strip(),
        request.POST.get("front", "").strip(),
    )
    result = CARDS.get(request.POST.get("card") or scan.upper())
    if result and front:
        return _done(request, chosen, front, result)
    return redirect(_address(chosen, unit=scan))


def _done(request: HttpRequest, chosen: dict, front: str, result: str) -> HttpResponse:
    request.actor.require(STEP_RECORD)
    try:
        done = _step_done(chosen, result=result)
        passed = pass_step(request.actor, code=front, done=done, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, chosen, front, {"error": refusal}, refusal.http_status)
    return redirect(_address(chosen, done=f"{front} {result} {passed.units}"))


@require_POST
def station_queued(request: HttpRequest) -> JsonResponse:
    """A step that was scanned while the browser had no network."""
    request.actor.require(STEP_RECORD)

    def verb(at: int, key: str | None) -> dict:
        unit, result = request.POST.get("unit", "").strip(), CARDS.get(request.POST.get("card", ""))
        if not unit or not result:
            raise Invalid("web.queued_scan", "A kept scan is a unit and PASS or FAIL.", {}, "Scan it again.")
        done = _step_done(_chosen(request.POST), result=result, finished_at=at)
        passed = pass_step(request.actor, code=unit, done=done, request_key=key)
        return {"done": unit, "units": passed.units, **queued.rests_on(goes_under(passed.verdicts))}

    return queued.answer(request, verb)


def _address(chosen: dict, **more: str) -> str:
    said = {name: value for name, value in {**chosen, **more}.items() if value}
    return f"{reverse('station')}?{urlencode(said)}"
