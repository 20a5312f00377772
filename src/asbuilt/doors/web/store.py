"""Store: scan a package, see whether it may be mounted, say what happened to it; stop it, release it, reject it.

One verdict a scan: OK, or STOP with why and what to do. Buttons below it say what just happened, for now or a typed time.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from asbuilt.access.queries import names_of
from asbuilt.access.rights import FACT_WITHDRAW, PACKAGE_DECIDE, PACKAGE_HANDLE, PACKAGE_RECEIVE
from asbuilt.answers.gate.handling import handle_packages
from asbuilt.built.production.setups import package_use
from asbuilt.built.supply.actions import statuses
from asbuilt.built.supply.actions.printing import print_labels
from asbuilt.built.supply.actions.splits import split_package
from asbuilt.built.supply.actions.telling_silicon import say_silicon
from asbuilt.built.supply.package_file import PackageFile, package_file
from asbuilt.built.supply.silicon import KNOWN_FROM
from asbuilt.doors.web.inspection import whole_number
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.ledger import clock
from asbuilt.storage.printers import printers

EVENTS = {
    "none": ("opened", "sealed"),
    "moisture": ("opened", "dry_in", "dry_out", "sealed", "baked"),
    "paste": ("thawing", "opened", "applied", "removed", "cooled", "discarded"),
}
# the verdict that the page shows of every package says these better: since when, why, what to do
TOLD_BY_THE_PACKAGE = {"gate.package_not_released", "gate.package_not_alive"}
READINGS = {"dry_in": ("rh_percent_max",), "baked": ("temperature_c", "hours")}
DECISIONS = {
    "quarantine": statuses.quarantine_packages,
    "release": statuses.release_packages,
    "reject": statuses.reject_packages,
}


@require_http_methods(["GET", "HEAD", "POST"])
def store_page(request: HttpRequest) -> HttpResponse:
    """The scan field and, with `?code=`, one package; a POST says what happened to it."""
    request.actor.require(PACKAGE_HANDLE)
    code = (request.POST.get("package") or request.GET.get("code", "")).strip()
    if request.method == "POST":
        try:
            code = _act(request, code) or code
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            if refusal.code in TOLD_BY_THE_PACKAGE:
                return _page(request, code, None, refusal.http_status)
            return _page(request, code, refusal, refusal.http_status)
        return redirect(f"{reverse('store')}?{urlencode({'code': code})}")
    return _page(request, code)


def _page(request: HttpRequest, code: str, error: AsbuiltError | None = None, status: int = 200) -> HttpResponse:
    found: PackageFile | None = None
    if code:
        try:
            found = package_file(request.actor.tenant, code, clock.now())
        except AsbuiltError as refusal:
            error, status = error or refusal, refusal.http_status
    said = {"code": code, "found": found, "error": error, "typed": request.POST if error else {}}
    if found is not None:
        told = (*found.statuses, *found.handling, *found.inspections, *found.silicon)
        people = {row.operator for row in told} | {found.standing.by}
        kind = found.life.kind
        said["mounted"], said["left"] = package_use(request.actor.tenant, found.package)
        said |= {
            "names": names_of(request.actor.tenant, [number for number in people if number is not None]),
            "events": [(event, READINGS.get(event, ())) for event in EVENTS[kind]],
            "printers": sorted(printers()),
            "may_decide": request.actor.may(PACKAGE_DECIDE),
            "may_receive": request.actor.may(PACKAGE_RECEIVE),
            "may_correct": request.actor.may(FACT_WITHDRAW),
            "known_from": KNOWN_FROM,
            "hours_left": None if found.life.left_us is None else found.life.left_us // 3_600_000_000,
        }
    return render(request, "store.html", said, status=status)


def _act(request: HttpRequest, code: str) -> str:
    """Do what the button says; returns the code of the package to show next, empty: the same one."""
    form, act = request.POST, request.POST.get("act", "")
    key = form.get("request_key") or None
    if act == "print":
        print_labels(request.actor, packages=[code], printer=form.get("printer", ""), request_key=key)
        return ""
    if act == "split":
        pieces = whole_number(form.get("pieces", ""))
        return split_package(
            request.actor, package=code, quantity=pieces, new=form.get("new", ""), request_key=key
        ).package
    if act == "silicon":
        _say_silicon(request, code, key)
        return ""
    if act in DECISIONS:
        DECISIONS[act](request.actor, packages=[code], reason=form.get("reason", ""), request_key=key)
        return ""
    measured = {name: _number(form.get(f"{act}_{name}", "")) for name in READINGS.get(act, ())}
    handle_packages(request.actor, packages=[code], event=act, readings=measured, request_key=key)
    return ""


def _say_silicon(request: HttpRequest, code: str, key: str | None) -> None:
    """Of this package, or of its whole lot by the cells that lots.csv has."""
    form, of = request.POST, {"package": code}
    if form.get("of") == "lot":
        found = package_file(request.actor.tenant, code, clock.now())
        of = {
            "part": found.part,
            "mpn": found.mpn,
            "manufacturer": found.maker,
            "lot_code": found.lot_code,
            "date_code": found.date_code,
        }
    said = {name: form.get(name, "").strip() for name in ("silicon_revision", "known_from", "said_by")}
    say_silicon(request.actor, **of, **said, request_key=key)


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise Invalid(
            "web.number_wrong", f"{text[:40]} is no number.", {"value": text[:40]}, "Type what was measured."
        ) from None
