"""Holds: what is stopped, why, since when, by whom; place one, lift one, scan a unit and see why it is held."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import HOLD_LIFT, HOLD_PLACE
from asbuilt.answers.gate.permits import not_heard_of
from asbuilt.answers.register import holds as verbs
from asbuilt.doors.web.posted import names_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed
from asbuilt.questions.genealogy.seen import held

KINDS = ("lot", "units", "question")


@require_http_methods(["GET", "HEAD", "POST"])
def holds_page(request: HttpRequest) -> HttpResponse:
    """The open holds; a scanned unit with its holds; the form that places one."""
    if request.method == "POST":
        return _place(request)
    return _page(request, {"typed": {**_asked(request), **request.GET.dict()}})


def _asked(request: HttpRequest) -> dict:
    return {"kind": next((kind for kind in KINDS if request.GET.get(kind)), "units")}


def _page(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    found, lifted = held.holds_page(request.actor)
    code = request.GET.get("unit", "").strip()
    if code:
        try:
            said["why"] = held.why_held(request.actor, code)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["why_refused"] = refusal
    said = {
        "found": found, "lifted": lifted, "may_place": request.actor.may(HOLD_PLACE), "unit_asked": code, **said,
    }  # fmt: skip
    return render(request, "holds.html", said, status=status)


def _place(request: HttpRequest) -> HttpResponse:
    request.actor.require(HOLD_PLACE)
    form = request.POST
    kind, what = form.get("kind", ""), form.get("what", "").strip()
    named = {"lot": what} if kind == "lot" else {"question": what} if kind == "question" else {"units": what.split()}
    try:
        code = verbs.hold(
            request.actor,
            **named,
            silent=form.get("silent") == "on",
            reason=form.get("reason", ""),
            lifted_by=form.get("lifted_by", ""),
            request_key=form.get("request_key") or None,
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, {"error": refusal, "typed": form.dict()}, refusal.http_status)
    return redirect("hold", code=code)


@require_safe
def hold_page(request: HttpRequest, code: str) -> HttpResponse:
    """One hold."""
    return _hold(request, code, {})


def _hold(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found, names, more = held.hold_page(request.actor, code)
    may_lift = request.actor.may(HOLD_LIFT) and (not request.actor.roles or found.lifted_by in request.actor.roles)
    return render(
        request,
        "hold.html",
        {
            "hold": found,
            "names": names,
            "more": more,
            "may_lift": may_lift,
            "not_heard": not_heard_of(request.actor, code),
            **said,
        },
        status=status,
    )


@require_POST
def lift(request: HttpRequest, code: str) -> HttpResponse:
    """The whole hold, or some units of it."""
    request.actor.require(HOLD_LIFT)
    form = request.POST
    try:
        units = names_of(form.get("units", "")) if form.get("part") == "some" else []
        verbs.lift(
            request.actor,
            code=code,
            units=units,
            reason=form.get("reason", ""),
            request_key=form.get("request_key") or None,
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "production.hold_unknown":
            raise
        return _hold(request, code, {"error": refusal, "typed": form.dict()}, refusal.http_status)
    return redirect("hold", code=code)
