"""Packing on the floor: a box in front, and what is scanned goes in, GO or STOP. Scanner first; the container's page prints its label.

A scan of a box, pallet or shipment puts it in front; with one in front, a unit, a panel or a closed box goes into it.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import PACK, SHIP
from asbuilt.answers.gate.packing import put_in, take_out
from asbuilt.built.shipping.actions.packing import close_container, open_container, reopen_container
from asbuilt.built.shipping.labels import FORMATS, container_label, symbol_of
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web import queued
from asbuilt.doors.web.leaving_words import MISSING_WORDS, goes_under
from asbuilt.doors.web.posted import key_of, lines_of
from asbuilt.doors.web.stops_seen import stops_refused
from asbuilt.formats.marks import path_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound
from asbuilt.questions.genealogy.seen.packing import container_seen, shipments_seen

OPENED = ("kind", "code", "customer", "country", "note")
CHANGES = {"close": close_container, "reopen": reopen_container}


@require_safe
def packing_page(request: HttpRequest) -> HttpResponse:
    """The container in front, and the verdict of what was scanned last."""
    request.actor.require(PACK)
    said = {"done": request.GET.get("done", "")[:400], "conceded": queued.from_address(request)}
    said["known"] = [
        code for code in request.GET.get("known", "")[:400].split() if code.removeprefix("gate.") in MISSING_WORDS
    ]
    return _page(request, request.GET.get("box", "").strip(), said)


def _page(request: HttpRequest, box: str, said: dict, status: int = 200) -> HttpResponse:
    front = None
    if box:
        try:
            front = container_seen(request.actor, box)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said.setdefault("error", refusal)
    facts = said["error"].facts if said.get("error") else {}
    waiting = [one for one in shipments_seen(request.actor) if one.state != "shipped"]
    said = {
        "front": front, "waiting": waiting, **stops_refused(facts),
        "parties": codes_and_names(request.actor.tenant), "may_ship": request.actor.may(SHIP), "typed": request.POST, **said,
    }  # fmt: skip
    return render(request, "packing.html", said, status=status)


@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """With a container in front a unit or box goes in; else the container comes in front."""
    request.actor.require(PACK)
    box, code = request.POST.get("box", "").strip(), request.POST.get("scan", "").strip()[:400]
    if not box or _is_other_container(request, box, code):
        return redirect(_address(box=code))
    try:
        done = put_in(request.actor, container=box, codes=[code], request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, box, {"error": refusal, "scanned": code}, refusal.http_status)
    known = sorted({one.code for verdict in done.verdicts for one in verdict.warnings})
    said = {
        "done": f"{code} ({done.units})", "known": " ".join(known), **queued.in_address(goes_under(done.verdicts)),
    }  # fmt: skip
    return redirect(_address(box=done.container, **said))


def _is_other_container(request: HttpRequest, box: str, code: str) -> bool:
    """Whether the scan is an open container, which comes in front; a closed one goes in."""
    try:
        found = container_seen(request.actor, code)
    except (NotFound, Invalid):
        return False
    return found.state != "closed" or found.kind == "shipment" or found.code == box


@require_POST
def queued_scan(request: HttpRequest) -> JsonResponse:
    """A unit that was put in while the browser had no network: asked for when it is sent."""
    request.actor.require(PACK)

    def verb(at: int, key: str | None) -> dict:
        box, code = request.POST.get("box", "").strip(), request.POST.get("scan", "").strip()[:400]
        if not box or not code:
            raise Invalid("web.queued_scan", "A kept scan is a unit and the box it went into.", {}, "Scan it again.")
        done = put_in(request.actor, container=box, codes=[code], happened_at=at, request_key=key)
        return {"done": code, "units": done.units, **queued.rests_on(goes_under(done.verdicts))}

    return queued.answer(request, verb)


@require_POST
def open_new(request: HttpRequest) -> HttpResponse:
    """A new box, pallet or shipment comes in front."""
    request.actor.require(PACK)
    given = {name: request.POST.get(name, "").strip() for name in OPENED}
    if given["kind"] != "shipment":
        given["customer"] = given["country"] = ""
    try:
        done = open_container(request.actor, request_key=key_of(request), **given)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, "", {"error": refusal}, refusal.http_status)
    return redirect(_address(box=done.container.code))


@require_safe
def container_page(request: HttpRequest, code: str) -> HttpResponse:
    """A container with its label and what is in it, to be printed."""
    return _container(request, code, {})


def _container(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = container_seen(request.actor, code)
    symbol = symbol_of(container_label(request.actor.tenant, found.code))
    said = {
        "one": found, "symbol": {"size": len(symbol), "path": path_of(symbol)}, "may_pack": request.actor.may(PACK),
        "formats": FORMATS, "typed": request.POST, **said,
    }  # fmt: skip
    return render(request, "container.html", said, status=status)


@require_POST
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Close it, open it again, take something out."""
    request.actor.require(PACK)
    what, reason = request.POST.get("what", ""), request.POST.get("reason", "").strip()
    container_seen(request.actor, code)
    try:
        if what == "out":
            codes = lines_of(request.POST.get("codes", ""))
            take_out(request.actor, container=code, codes=codes, reason=reason, request_key=key_of(request))
        else:
            verb = CHANGES.get(what)
            if verb is None:
                raise Invalid(
                    "web.packing_change",
                    f"{what[:20]!a} is no change of a container.",
                    {},
                    "Use the buttons of the page.",
                )
            more = {"reason": reason} if what == "reopen" else {}
            verb(request.actor, code=code, request_key=key_of(request), **more)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _container(request, code, {"error": refusal}, refusal.http_status)
    return redirect("container", code=code)


def _address(**said: str) -> str:
    given = {name: value for name, value in said.items() if value}
    return f"{reverse('packing')}?{urlencode(given)}"
