"""Rework, assembly and scrap on the floor: scan the unit, then what came out and what went in; the parent, then its children."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import REWORK, SCRAP
from asbuilt.answers.gate import reworking
from asbuilt.doors.web import queued
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed
from asbuilt.questions.genealogy.seen.life import unit_life

REPLACED = ("refdes", "removed", "installed", "reason", "operator")
PUT_IN = ("child", "position")


@require_safe
def rework_page(request: HttpRequest) -> HttpResponse:
    """The unit on the bench: its holds, its positions, the forms that replace a part and scrap it."""
    request.actor.require(REWORK)
    return _page(
        request,
        "rework.html",
        request.GET.get("unit", "").strip(),
        {"done": request.GET.get("done", ""), "conceded": queued.from_address(request)},
    )


@require_safe
def assembly_page(request: HttpRequest) -> HttpResponse:
    """The parent and what is inside it; a scanned child goes in."""
    request.actor.require(REWORK)
    return _page(request, "assembly.html", request.GET.get("unit", "").strip(), {"done": request.GET.get("done", "")})


def _page(request: HttpRequest, template: str, code: str, said: dict, status: int = 200) -> HttpResponse:
    if code:
        try:
            life = unit_life(request.actor, code)
            said = {"life": life, "who": life.who, **said}
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said.setdefault("error", refusal)
    said = {"unit": code, "may_scrap": request.actor.may(SCRAP), **said}
    return render(request, template, said, status=status)


def _given(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


@require_POST
def replace(request: HttpRequest) -> HttpResponse:
    """A part was replaced."""
    given = _given(request, REPLACED)
    return _recorded(
        request, "rework", lambda key, code: reworking.replace_part(request.actor, code=code, **given, request_key=key)
    )


@require_POST
def replace_queued(request: HttpRequest) -> JsonResponse:
    """A part that was replaced while the browser had no network."""
    request.actor.require(REWORK)
    code, given = request.POST.get("unit", "").strip(), _given(request, REPLACED)

    def verb(at: int, key: str | None) -> dict:
        done = reworking.replace_part(request.actor, code=code, **given, happened_at=at, request_key=key)
        return {"done": done.name, **queued.rests_on(done.under)}

    return queued.answer(request, verb)


@require_POST
def scrap(request: HttpRequest) -> HttpResponse:
    """The unit is scrapped."""
    given = _given(request, ("reason", "operator"))
    return _recorded(
        request, "rework", lambda key, code: reworking.scrap(request.actor, code=code, **given, request_key=key)
    )


@require_POST
def put_in(request: HttpRequest) -> HttpResponse:
    """The scanned child goes into the unit."""
    given = _given(request, PUT_IN)
    return _recorded(
        request, "assembly", lambda key, code: reworking.put_in(request.actor, parent=code, **given, request_key=key)
    )


@require_POST
def put_in_queued(request: HttpRequest) -> JsonResponse:
    """A child that was put into the unit while the browser had no network."""
    request.actor.require(REWORK)
    code, given = request.POST.get("unit", "").strip(), _given(request, PUT_IN)
    return queued.answer(
        request,
        lambda at, key: {
            "done": reworking.put_in(request.actor, parent=code, **given, happened_at=at, request_key=key).name
        },
    )


@require_POST
def take_out(request: HttpRequest) -> HttpResponse:
    """A child comes out of the unit."""
    given = _given(request, ("child", "reason", "operator"))
    return _recorded(request, "assembly", lambda key, code: reworking.take_out(request.actor, **given, request_key=key))


def _recorded(request: HttpRequest, page: str, verb) -> HttpResponse:
    """Run one verb; back to its page, which says what was done, or what stops it and keeps what was typed."""
    code = request.POST.get("unit", "").strip()
    try:
        done = verb(key_of(request), code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        said = {"error": refusal, "typed": request.POST.dict()}
        return _page(request, f"{page}.html", code, said, refusal.http_status)
    said = {"unit": code, "done": done.name, "due": " ".join(done.retest_due)} | queued.in_address(done.under)
    return redirect(f"{reverse(page)}?{urlencode({name: value for name, value in said.items() if value})}")
