"""Setup: a machine and an order are chosen once and stand in the address; then scan a feeder, then its package. Scanner alone.

At a feeder that is taken the package that is there is scanned, then the new one: a splice. The card OFF takes off what is there.
A scan of another feeder goes to that one. Without a machine the page shows the whole line of an order. By hand: a package, its
positions, the units.
"""

from html import unescape
from types import SimpleNamespace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.queries import names_of
from asbuilt.access.rights import GATE_ASK, SETUP_CHANGE
from asbuilt.answers.gate import mounting as gate
from asbuilt.answers.gate.placing import place_by_hand
from asbuilt.built.production import setups
from asbuilt.built.production.actions import mounting
from asbuilt.built.supply.queries import code_scanned
from asbuilt.doors.web import queued
from asbuilt.doors.web.floor_words import hindrance_way_on, hindrance_words
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import REFUSALS, register, sentence, way_on
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import parse_instant

CHOSEN = ("machine", "order", "side", "program")
STEP = ("feeder", "old")
OFF = "OFF"
STATE_WORDS = {
    "ready": _("Ready"),
    "low": _("Low"),
    "empty": _("Empty"),
    "stopped": _("Stop"),
    "unused": _("Not used"),
}
STATE_ICONS = {"ready": "ok", "low": "warn", "empty": "warn", "stopped": "stop", "unused": "warn"}
SIDE_WORDS = {"top": _("top"), "bottom": _("bottom")}
DONE_WORDS = {"mounted": _("Mounted"), "spliced": _("Spliced"), "removed": _("Taken off")}
REFUSALS |= {
    "production.wrong_part": _("Package %(package)s holds %(part)s; this place takes %(wanted)s."),
    "production.not_approved": _(
        "%(mpn)s of package %(package)s is not approved for %(part)s; approved are %(approved)s."
    ),
    "production.maker_unknown": _(
        "Nobody recorded whose part is in package %(package)s; approved for %(part)s are %(approved)s."
    ),
    "production.alternate_in_qualification": _(
        "%(mpn)s of package %(package)s is under qualification in %(run)s; only order %(order)s takes it."
    ),
    "production.alternate_not_qualified": _(
        "%(mpn)s of package %(package)s is an alternate for %(part)s that is not qualified."
    ),
    "production.package_not_released": _("Package %(package)s is not released."),
    "production.package_not_alive": _("The life of package %(package)s is over."),
    "production.lot_held": _("The lot of package %(package)s is on hold: %(reason)s"),
    "production.package_of_another": _("Package %(package)s belongs to another customer."),
    "production.package_mounted": _("Package %(package)s is mounted at feeder %(feeder)s of %(machine)s."),
    "production.feeder_empty": _("Nothing is mounted at feeder %(feeder)s of %(machine)s."),
    "production.nothing_mounted": _("Nothing is mounted at feeder %(feeder)s of %(machine)s."),
    "production.feeder_taken": _("Feeder %(feeder)s of %(machine)s holds %(there)s."),
    "production.other_package_there": _("Feeder %(feeder)s of %(machine)s holds %(there)s, not %(package)s."),
    "production.feeder_changed": _("Feeder %(feeder)s of %(machine)s was changed since, with %(package)s."),
    "production.feeder_unknown": _("Program %(program)s of %(machine)s has no feeder %(feeder)s."),
    "production.feeder_not_used": _("The BOM of order %(order)s has nothing at feeder %(feeder)s."),
    "production.program_missing": _("%(machine)s has no program for the product and revision of %(order)s."),
    "production.machine_unknown": _("No machine %(machine)s has a program or a package at a feeder."),
    "catalog.program_side": _("%(machine)s has no program for this side."),
    "catalog.program_side_open": _("%(machine)s has programs for both sides."),
    "catalog.program_unknown": _("%(machine)s has no program %(program)s here."),
}


@register.filter
def feeder_word(state: str) -> str:
    """The state of a feeder in a word."""
    return STATE_WORDS.get(state, state)


@register.filter
def side_word(side: str) -> str:
    """A side of a board as people say it."""
    return SIDE_WORDS.get(side, side)


@register.filter
def feeder_icon(state: str) -> str:
    """The icon beside that word."""
    return STATE_ICONS.get(state, "warn")


@register.filter
def setup_sentence(stop) -> str:
    """Why a package or feeder stops, with the reason of status or clock where there is one."""
    one = _hindrance(stop)
    return hindrance_words(one) if one else sentence(stop)


@register.filter
def setup_way_on(stop) -> str:
    """What to do then."""
    one = _hindrance(stop)
    return hindrance_way_on(one) if one else way_on(stop)


def _hindrance(stop) -> SimpleNamespace | None:
    said = stop.facts.get("said")
    if not said or "because" not in stop.facts:
        return None
    at = parse_instant(said["at"]) if said.get("at") else None
    return SimpleNamespace(because=stop.facts["because"], facts={**said, "at": at} if "at" in said else said)


@require_safe
def setup_page(request: HttpRequest) -> HttpResponse:
    """The machine's feeders and the scan field; without a machine the line, without an order the choice of both."""
    request.actor.require(GATE_ASK)
    said = {"done": request.GET.get("done", "") if request.GET.get("done", "") in DONE_WORDS else ""}
    return _page(request, _read(request.GET), said)


def _read(said) -> dict[str, str]:
    return {name: said.get(name, "").strip()[:200] for name in (*CHOSEN, *STEP)}


def _page(request: HttpRequest, read: dict, said: dict, status: int = 200) -> HttpResponse:
    chosen = {name: read[name] for name in CHOSEN}
    try:
        found = _found(request, chosen)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        found = {"machines": setups.machines_to_set_up(request.actor)}
        said, status = {**said, "error": said.get("error") or refusal}, refusal.http_status
    if "setup" not in found:
        return render(request, "setup_choose.html", {"chosen": chosen, **found, **said}, status=status)
    seen = found["setup"]
    feeder = next((one for one in seen.feeders if one.feeder == read["feeder"]), None)
    people = [one.operator for one in seen.feeders if one.operator is not None]
    stops = [stop for one in seen.feeders for stop in one.stops if one.state == "stopped"]
    said = {
        "chosen": chosen, "feeder": feeder, "old": read["old"], "stops": stops, "there": {one.feeder: one.package for one in seen.feeders}, "names": names_of(request.actor.tenant, people),
        "may_change": request.actor.may(SETUP_CHANGE), "done_word": DONE_WORDS.get(said.get("done", ""), ""), **found, **said,
    }  # fmt: skip
    return render(request, "setup.html", said, status=status)


def _found(request: HttpRequest, chosen: dict) -> dict:
    if chosen["machine"] and chosen["order"]:
        return {"setup": setups.setup_of(request.actor, **chosen)}
    machines = setups.machines_to_set_up(request.actor)
    if chosen["order"]:
        return {"machines": machines, "line": setups.line_of(request.actor, order=chosen["order"])}
    return {"machines": machines}


@require_POST
def setup_scan(request: HttpRequest) -> HttpResponse:
    """A scan: a feeder, the package for it, the package that is there before a splice, or the card OFF."""
    request.actor.require(SETUP_CHANGE)
    read, scan = _read(request.POST), (request.POST.get("card") or request.POST.get("scan", "")).strip()[:200]
    try:
        return redirect(_address(read, _scanned(request, read, scan)))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, read, {"error": refusal}, refusal.http_status)


def _scanned(request: HttpRequest, read: dict, scan: str) -> dict[str, str]:
    """What the next page is about."""
    seen = setups.setup_of(request.actor, **{name: read[name] for name in CHOSEN})
    there = {one.feeder: one.package for one in seen.feeders}
    where = {"machine": read["machine"], "feeder": read["feeder"]}
    key = {"request_key": key_of(request)}
    if scan in there or not read["feeder"]:
        if scan not in there:
            facts = {"machine": read["machine"], "feeder": scan, "program": seen.program}
            raise mounting.feeder_unknown(facts, [*there])
        return {"feeder": scan}
    scan = code_scanned(request.actor.tenant, scan)
    if scan.upper() == OFF:
        done = mounting.remove_package(request.actor, **where, package=there.get(read["feeder"], ""), **key)
        return {"done": "removed", "at": done.feeder, "package": done.package}
    if scan == there.get(read["feeder"]) and not read["old"]:
        return {"feeder": read["feeder"], "old": scan}
    where |= {"order": read["order"], "side": read["side"] or seen.side, "program": read["program"], **key}
    if read["old"]:
        done = gate.splice_package(request.actor, package=scan, old=read["old"], **where)
        return {"done": "spliced", "at": done.feeder, "package": done.package, "grey": str(done.grey_pieces)}
    done = gate.mount_package(request.actor, package=scan, **where)
    return {"done": "mounted", "at": done.feeder, "package": done.package}


@require_POST
def setup_queued(request: HttpRequest) -> JsonResponse:
    """A package mounted, spliced or taken off at a feeder while the browser had no network."""
    request.actor.require(SETUP_CHANGE)

    def verb(at: int, key: str | None) -> dict:
        read, what = _read(request.POST), request.POST.get("what", "")
        package = request.POST.get("package", "").strip()[:200]
        where = {"machine": read["machine"], "feeder": read["feeder"], "happened_at": at, "request_key": key}
        if what == "removed":
            return _queued_done(mounting.remove_package(request.actor, package=package, **where))
        where |= {"order": read["order"], "side": read["side"], "program": read["program"]}
        if what == "spliced" and read["old"]:
            return _queued_done(gate.splice_package(request.actor, package=package, old=read["old"], **where))
        if what == "mounted":
            return _queued_done(gate.mount_package(request.actor, package=package, **where))
        raise Invalid(
            "web.queued_scan",
            "A kept scan at a feeder is a package mounted, spliced or taken off.",
            {},
            "Scan it again.",
        )

    return queued.answer(request, verb, said=_queued_words)


def _queued_done(done: mounting.Mounted) -> dict:
    return {"done": done.package, **queued.rests_on(done.under)}


def _queued_words(refusal: AsbuiltError) -> tuple[str, str]:
    if refusal.code in queued.STOPS:
        return queued.words_of(refusal)
    return unescape(str(setup_sentence(refusal))), str(setup_way_on(refusal))


def _address(read: dict, more: dict[str, str]) -> str:
    said = {name: read[name] for name in CHOSEN if read[name]} | more
    return f"{reverse('setup')}?{urlencode(said)}"


BY_HAND = ("package", "refdes", "first", "last", "station")


def _by_hand(said) -> dict[str, str]:
    return {name: said.get(name, "").strip()[:400] for name in BY_HAND}


@require_http_methods(["GET", "HEAD", "POST"])
def by_hand_page(request: HttpRequest) -> HttpResponse:
    """A package, its positions, the units: parts placed by hand. Package, positions and station stay for the next units."""
    request.actor.require(SETUP_CHANGE)
    typed = _by_hand(request.POST if request.method == "POST" else request.GET)
    error, status = None, 200
    if request.method == "POST":
        try:
            done = place_by_hand(
                request.actor, **typed | {"refdes": typed["refdes"].split()}, request_key=key_of(request)
            )  # fmt: skip
            keep = {name: typed[name] for name in ("package", "refdes", "station")}
            keep |= queued.in_address(done.under)
            return redirect(f"{reverse('setup_by_hand')}?{urlencode({**keep, 'done': done.units})}")
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            error, status = refusal, refusal.http_status
    done = request.GET.get("done", "")
    said = {"typed": typed, "error": error, "done": int(done) if done.isdecimal() and len(done) < 9 else None}
    said["conceded"] = queued.from_address(request)
    return render(request, "setup_by_hand.html", said, status=status)


@require_POST
def by_hand_queued(request: HttpRequest) -> JsonResponse:
    """Parts placed by hand while the browser had no network."""
    request.actor.require(SETUP_CHANGE)
    typed = _by_hand(request.POST)

    def verb(at: int, key: str | None) -> dict:
        given = typed | {"refdes": typed["refdes"].split()}
        done = place_by_hand(request.actor, **given, happened_at=at, request_key=key)
        return {"done": typed["first"], "units": done.units, **queued.rests_on(done.under)}

    return queued.answer(request, verb, said=_queued_words)
