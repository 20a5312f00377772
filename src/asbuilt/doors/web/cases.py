"""Cases: what is open with its next deadline, the signals that wait, and one case with clocks, gaps and everything that was said."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access import rights
from asbuilt.answers.cases.handling.actions import deciding, opening, saying
from asbuilt.answers.cases.handling.seen import case_seen, cases_told, signals_told
from asbuilt.answers.cases.publishing.tips import signals_with_tips
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

KINDS = {
    "aev": _("exploited vulnerability"), "incident": _("severe incident"), "vulnerability": _("vulnerability to be handled"),
    "quality": _("quality problem in the field"), "supplier": _("supplier's alert"), "authority": _("request of an authority"),
}  # fmt: skip
MOMENTS = {
    "aware_at": _("aware"), "signal_received_at": _("signal received"), "assessment_started_at": _("assessment started"),
    "assessment_concluded_at": _("assessment concluded"), "detected_at": _("detected"), "occurred_at": _("occurred"),
}  # fmt: skip
ROLES = {
    "manufacturer": _("manufacturer"), "ems": _("contract manufacturer"), "importer": _("importer"), "distributor": _("distributor"),
    "none": _("off the case"),
}  # fmt: skip
LINES = {
    "opened": _("opened"), "product": _("product"), "duty": _("duty of the house"), "moment": _("moment"), "measure": _("measure"),
    "decision": _("decision"), "answer": _("frozen answer"), "submitted": _("submitted"), "late_reason": _("why late"),
    "note": _("note"), "shown": _("clocks showed"), "closed": _("closed"), "reopened": _("reopened"), "taken": _("signal taken"),
}  # fmt: skip
STATES = {
    "running": _("running"), "not_started": _("not started"), "no_deadline": _("without undue delay"),
    "not_applicable": _("does not apply"), "reportable": _("reportable"), "not_reportable": _("not reportable"), "open": _("open"),
    "waiting": _("waiting"), "dismissed": _("dismissed"), "in_case": _("in a case"), "mitigating": _("workaround"),
    "corrective": _("fix"),
}  # fmt: skip
REPORTS = {
    "early_warning": _("early warning"), "notification": _("notification"), "final_report": _("final report"), "notice": _("notice"),
}  # fmt: skip
DUTIES = {
    "cra.aev": _("Actively exploited vulnerability"), "cra.incident": _("Severe incident"),
    "cra.importer": _("Importer tells the manufacturer"), "cra.distributor": _("Distributor tells the manufacturer"),
    "contract": _("Notice to the brand owner"), "nis2": _("Significant incident of an essential or important entity"),
    "gdpr": _("Personal data breach"),
}  # fmt: skip
_ALL = {**KINDS, **ROLES, **LINES, **STATES, **REPORTS, **DUTIES, **MOMENTS}


@words.filter
def case_word(said: str) -> str:
    """A word of a case, as people say it."""
    return _ALL.get(said, said)


@words.filter
def at_instant(text: str | None) -> int | None:
    """An instant as records write it, as the number that other filters take."""
    return parse_instant(text) if text else None


@words.filter
def hours_left(seconds: int | None) -> str:
    """4500 -> 1:15; what is past has a minus before it."""
    if seconds is None:
        return ""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}"


@require_http_methods(["GET", "HEAD", "POST"])
def cases_page(request: HttpRequest) -> HttpResponse:
    """What is open and what waits; a POST opens a case."""
    if request.method != "POST":
        return _list(request, {})
    request.actor.require(rights.CASE_WORK)
    form = request.POST
    try:
        code = opening.open_case(
            request.actor, kind=form.get("kind", ""), title=form.get("title", ""), signals=form.get("signals", "").split(),
            request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _list(request, {"error": refusal, "typed": form}, refusal.http_status)
    return redirect("case", code=code)


@require_POST
def signals_form(request: HttpRequest) -> HttpResponse:
    """A signal is dismissed."""
    request.actor.require(rights.CASE_WORK)
    try:
        why = request.POST.get("why", "")
        opening.dismiss_signal(
            request.actor, signal=request.POST.get("signal", ""), why=why, request_key=key_of(request)
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _list(request, {"error": refusal}, refusal.http_status)
    return redirect("cases")


def _list(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    closed = request.GET.get("closed") == "yes"
    shown = {
        "found": cases_told(request.actor, closed=closed), "closed": closed, "kinds": KINDS,
        "signals": signals_with_tips(request.actor, [one for one in signals_told(request.actor) if one["state"] == "waiting"]),
        "may_work": request.actor.may(rights.CASE_WORK), "may_handle": request.actor.may(rights.TIP_HANDLE), **said,
    }  # fmt: skip
    return render(request, "cases.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def case_page(request: HttpRequest, code: str) -> HttpResponse:
    """One case; a POST says something of it."""
    if request.method != "POST":
        return _one(request, code, {})
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    case_seen(request.actor, code)  # one that the reader does not see is not there
    request.actor.require(rights.CASE_WORK)
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "cases.unknown":
            raise
        return _one(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("case", code=code)


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    may = request.actor.may
    moments = (
        MOMENTS if may(rights.CASE_DECIDE) else {name: word for name, word in MOMENTS.items() if name != "aware_at"}
    )
    shown = {
        "one": case_seen(request.actor, code), "may_work": may(rights.CASE_WORK), "may_decide": may(rights.CASE_DECIDE),
        "moments": moments, "roles": ROLES, **said,
    }  # fmt: skip
    return render(request, "case.html", shown, status=status)


def _text(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _verb(function: Callable, *names: str, at: bool = False) -> Callable:
    """A verb that takes cells of the form as they are; `at`: and a time, the present one where none was typed."""

    def act(request: HttpRequest, code: str) -> None:
        said: dict = _text(request, *names)
        if at:
            said["at"] = moment_of(request.POST.get("at", "").strip()) or clock.now()
        function(request.actor, case=code, request_key=key_of(request), **said)

    return act


_VERBS: dict[str, Callable[[HttpRequest, str], None]] = {
    "product": _verb(saying.add_product, "product", "role", "manufacturer", "why"),
    "moment": _verb(saying.state_moment, "moment", "why", at=True),
    "measure": _verb(saying.state_measure, "kind", "why", at=True),
    "freeze": _verb(deciding.freeze, "question", "why"),
    "submit": _verb(deciding.submit, "duty", "stage", "reference", "manufacturer", "why", at=True),
    "note": _verb(saying.note, "words"),
    "close": _verb(opening.close_case, "why"),
    "reopen": _verb(opening.reopen_case, "why"),
}
