"""Permits and programming stations: grants with what is left, a permit issued and watched, stations with their alarms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import PERMIT_ISSUE, STATION_MANAGE, STATION_RELEASE
from asbuilt.answers.gate.permits import issue
from asbuilt.built.programming import drafts, telling
from asbuilt.built.programming.actions import grants, permits, stations
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound
from asbuilt.kernel.instants import parse_instant

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
INSTANTS = frozenset(("at", "not_after", "not_before"))
GRADES = {"read-back": _("read back"), "attested": _("attested by the device"), "tool-only": _("the tool's word only")}
RESULTS = {
    "pass": _("passed"), "fail": _("failed"), "void": _("nothing written"), "aborted": _("interrupted"), "alarm": _("alarm"),
    "release": _("alarm released"), "test-pass": _("test passed"), "test-fail": _("test failed"),
    "test-error": _("test not carried out"), "test-aborted": _("test interrupted"),
}  # fmt: skip


@words.filter
def evidence_grade_word(grade: str) -> str:
    """What proves what a unit runs."""
    return GRADES.get(grade, grade or "–")


@words.filter
def station_result_word(result: str) -> str:
    """How an attempt ended."""
    return RESULTS.get(result, result)


def moments(told: object) -> object:
    """The same with instants as numbers, so that the page tells them in its own way."""
    if isinstance(told, list):
        return [moments(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {
        name: parse_instant(value) if value and (name in INSTANTS or name.endswith("_at")) else moments(value)
        for name, value in told.items()
    }


def _rights(request: HttpRequest) -> dict:
    may = request.actor.may
    return {"may_issue": may(PERMIT_ISSUE), "may_manage": may(STATION_MANAGE), "may_release": may(STATION_RELEASE)}


def _sent(request: HttpRequest, name: str) -> bytes:
    file = request.FILES.get(name)
    if file is None:
        raise Invalid("web.file_missing", "No file was chosen.", {"field": name}, "Choose the file.")
    return paper_bytes(file)


def _tried(request: HttpRequest, again, work):
    """What `work` answers, or the page once more with why it was refused."""
    try:
        return work()
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return again(request, {"error": refusal, "typed": request.POST}, refusal.http_status)


@GET_AND_POST
def permits_page(request: HttpRequest) -> HttpResponse:
    """Permits and the grants they are split from; a POST issues one."""
    if request.method != "POST":
        return _permits(request, {})
    request.actor.require(PERMIT_ISSUE)

    def work():
        draft = drafts.read_draft(_sent(request, "draft"))
        return redirect("permit", issue(request.actor, draft, request_key=key_of(request)).permit.permit_id)

    return _tried(request, _permits, work)


def _permits(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    found = moments(telling.permits_told(request.actor))
    for one in found:
        one["spent"] = sum(share["spent"] for share in one["stations"])
    said = {"found": found, "grants": moments(telling.grants_told(request.actor)), **_rights(request), **said}
    return render(request, "permits.html", said, status=status)


@require_POST
def permits_grant(request: HttpRequest) -> HttpResponse:
    """A grant that the brand owner signed."""
    request.actor.require(PERMIT_ISSUE)

    def work():
        grants.record_grant(request.actor, document=_sent(request, "grant"), request_key=key_of(request))
        return redirect("permits")

    return _tried(request, _permits, work)


@require_POST
def permits_plan(request: HttpRequest) -> HttpResponse:
    """A plan; the page says its SHA-256."""
    request.actor.require(PERMIT_ISSUE)

    def work():
        plan = grants.record_plan(request.actor, document=_sent(request, "plan"), request_key=key_of(request))
        return _permits(request, {"plan": plan})

    return _tried(request, _permits, work)


@require_safe
def permit_page(request: HttpRequest, permit: str) -> HttpResponse:
    """One permit, watched: the counters come anew by themselves."""
    return _permit(request, permit, {})


def _permit(request: HttpRequest, permit: str, said: dict, status: int = 200) -> HttpResponse:
    told = moments(telling.permit_seen(request.actor, permit))
    return render(request, "permit.html", {"permit": told, **_rights(request), **said}, status=status)


@require_safe
def permit_watch(request: HttpRequest, permit: str) -> HttpResponse:
    """The counters alone."""
    told = moments(telling.permit_seen(request.actor, permit))
    return render(request, "permit_counters.html", {"permit": told})


def _of_permit(request: HttpRequest, permit: str, verb) -> HttpResponse:
    request.actor.require(PERMIT_ISSUE)

    def again(asked, said, status):
        if isinstance(said["error"], NotFound):
            raise said["error"]
        return _permit(asked, permit, said, status)

    def work():
        verb()
        return redirect("permit", permit)

    return _tried(request, again, work)


@require_POST
def permit_revoke(request: HttpRequest, permit: str) -> HttpResponse:
    """Its stations stop when they hear of it."""
    reason = request.POST.get("reason", "")
    return _of_permit(
        request,
        permit,
        lambda: permits.revoke_permit(request.actor, permit_id=permit, reason=reason, request_key=key_of(request)),
    )


@require_POST
def permit_close(request: HttpRequest, permit: str) -> HttpResponse:
    """Every share ended; an end certificate may come with the form."""

    def verb():
        if request.FILES.get("certificate"):
            permits.take_end(request.actor, document=_sent(request, "certificate"))
        permits.close_permit(request.actor, permit_id=permit, request_key=key_of(request))

    return _of_permit(request, permit, verb)


@require_safe
def permit_document(request: HttpRequest, permit: str) -> HttpResponse:
    """The permit as it was signed."""
    return download(telling.permit_document(request.actor, permit), "application/json", f"permit-{permit}.json")


@require_safe
def permit_grant(request: HttpRequest, permit: str) -> HttpResponse:
    """The grant that the permit was split from."""
    grant = telling.permit_seen(request.actor, permit)["grant"]
    return download(telling.grant_document(request.actor, grant), "application/json", f"grant-{grant}.json")


@require_safe
def permit_end(request: HttpRequest, permit: str, station: str) -> HttpResponse:
    """A station's end certificate."""
    return download(
        telling.end_certificate(request.actor, permit, station), "application/json", f"end-{permit}-{station}.json"
    )


@GET_AND_POST
def stations_page(request: HttpRequest) -> HttpResponse:
    """Stations; a POST makes a one-time code, which is shown once."""
    if request.method != "POST":
        return _stations(request, {})
    request.actor.require(STATION_MANAGE)
    said = {name: request.POST.get(name, "").strip() for name in ("station", "site", "ems")}

    def work():
        code = stations.open_enrolment(request.actor, **said)
        return _stations(request, {"code": code, "code_for": said["station"]})

    return _tried(request, _stations, work)


def _stations(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    found = moments(telling.stations_told(request.actor))
    answer = render(request, "stations.html", {"found": found, **_rights(request), **said}, status=status)
    if "code" in said:
        answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def agent_page(request: HttpRequest, station: str) -> HttpResponse:
    """One station: alarms, permits, what it did last."""
    return _agent(request, station, {})


def _agent(request: HttpRequest, station: str, said: dict, status: int = 200) -> HttpResponse:
    told = moments(telling.station_seen(request.actor, station))
    return render(request, "agent.html", {"station": told, **_rights(request), **said}, status=status)


def _of_station(request: HttpRequest, station: str, verb) -> HttpResponse:
    def again(asked, said, status):
        return _agent(asked, station, said, status)

    def work():
        verb()
        return redirect("agent", station)

    return _tried(request, again, work)


@require_POST
def agent_release(request: HttpRequest, station: str) -> HttpResponse:
    """Let the station go on after an alarm."""
    request.actor.require(STATION_RELEASE)
    said = {"alarm": request.POST.get("alarm", ""), "reason": request.POST.get("reason", "")}
    return _of_station(
        request,
        station,
        lambda: stations.release_station_alarm(request.actor, station=station, **said, request_key=key_of(request)),
    )


@require_POST
def agent_close(request: HttpRequest, station: str) -> HttpResponse:
    """The station is not one any more."""
    request.actor.require(STATION_MANAGE)
    reason = request.POST.get("reason", "")
    return _of_station(
        request,
        station,
        lambda: stations.close_station(request.actor, station=station, reason=reason, request_key=key_of(request)),
    )
