"""Programming before placement: scan a package or a programming order, then do what comes next: order, done, read back, close.

One verdict a scan. Whoever stands at the programmer scans the machine, then each sample's SHA-256 off its screen, or gives the
file that was read back. Field reports have a page of their own.
"""

from hashlib import sha256 as digest_of
from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from asbuilt.access.queries import names_of
from asbuilt.access.rights import FIELD_REPORT, PACKAGE_PROGRAM, PROGRAMMING_ORDER
from asbuilt.built.exchange.field_reports import import_field_reports
from asbuilt.built.programming.actions import programming_orders as acting
from asbuilt.built.programming.package_images import images_of
from asbuilt.built.programming.programming_orders import open_orders_of, order_seen, orders_seen
from asbuilt.built.supply.queries import package_scanned
from asbuilt.doors.web.words import REFUSALS, register
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound

STATE_WORDS = {"opened": _("Ordered"), "done": _("To be checked"), "closed": _("Closed")}
RESULT_WORDS = {"pass": _("Passed"), "fail": _("Failed"), "aborted": _("Aborted")}
SOURCE_WORDS = {
    "station": _("station"),
    "supplier": _("supplier"),
    "field": _("field report"),
    "maker": _("maker's lot"),
}
REFUSALS |= {
    "programming.package_unprogrammed": _(
        "Package %(package)s is not programmed; %(by)s demands %(demanded)s in %(part)s."
    ),
    "programming.other_image": _("Package %(package)s holds %(image)s, not what %(order)s demands."),
    "programming.image_unsure": _("Nobody can say whether package %(package)s came with %(image)s."),
    "programming.image_of_other_revision": _(
        "Package %(package)s holds %(image)s, which is not for revision %(revision)s."
    ),
    "programming.image_withdrawn": _("The image was withdrawn."),
    "programming.package_in_hand": _("Package %(package)s is being programmed by %(programming_order)s."),
    "programming.package_rejected": _("Package %(package)s is rejected."),
    "programming.package_in_part": _("Package %(package)s is programmed whole, or not at all."),
    "programming.certificate_missing": _("%(programming_order)s needs the supplier's certificate."),
    "programming.order_unknown": _("There is no programming order %(programming_order)s."),
    "programming.order_opened": _("%(programming_order)s is not done yet."),
    "programming.order_done": _("%(programming_order)s is done already."),
    "programming.order_closed": _("%(programming_order)s is closed already."),
    "programming.read_backs_missing": _("%(done)s of %(asked)s samples of %(programming_order)s are read back."),
    "programming.read_back_differs": _("A sample of %(programming_order)s is not the image that was ordered."),
}


@register.filter
def programming_state(state: str) -> str:
    """How far a programming order is."""
    return STATE_WORDS.get(state, state)


@register.filter
def programming_result(result: str) -> str:
    """How it ended."""
    return RESULT_WORDS.get(result, result)


@register.filter
def firmware_source(source: str) -> str:
    """Who says what a unit or package was programmed with."""
    return SOURCE_WORDS.get(source, source)


@require_http_methods(["GET", "HEAD", "POST"])
def programming_page(request: HttpRequest) -> HttpResponse:
    """The scan field, what is open, and with `?code=` one package or programming order; a POST does the next thing."""
    request.actor.require(PACKAGE_PROGRAM)
    code = (request.POST.get("code") or request.GET.get("code", "")).strip()[:200]
    if request.method == "POST":
        try:
            done = _act(request, code)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            return _page(request, code, refusal, refusal.http_status)
        return redirect(f"{reverse('programming')}?{urlencode({'code': done.order.code})}")
    return _page(request, code)


def _page(request: HttpRequest, code: str, error: AsbuiltError | None = None, status: int = 200) -> HttpResponse:
    order, package, images = None, "", []
    if code:
        try:
            order, package = _scanned(request, code)
            images = [] if not package else list(images_of(request.actor.tenant, [package])[package].values())
        except AsbuiltError as refusal:
            error, status = error or refusal, refusal.http_status
    people = [one.operator for one in (order, order and order.done, order and order.closed) if one]
    people += [one.operator for one in order.read_backs] if order else []
    said = {
        "code": code, "order": order, "package": package, "images": images, "error": error,
        "typed": request.POST if error else {}, "open_orders": orders_seen(request.actor) if not order else [],
        "names": names_of(request.actor.tenant, [number for number in people if number is not None]),
        "may_order": request.actor.may(PROGRAMMING_ORDER), "next_sample": len(order.read_backs) + 1 if order else 1,
    }  # fmt: skip
    return render(request, "programming.html", said, status=status)


def _scanned(request: HttpRequest, code: str):
    """(programming order or None, package or ""): an order by its code, a package by its own, its tag's, its open order."""
    actor = request.actor
    package = package_scanned(actor.tenant, code) or ""
    if package:
        running = open_orders_of(actor.tenant, [package]).get(package)
        return (order_seen(actor, running) if running else None), package
    try:
        order = order_seen(actor, code)
    except NotFound:
        said, facts = f"There is no package and no programming order {code[:80]}.", {"code": code[:80]}
        raise NotFound("web.not_scanned", said, facts, "Scan it again.") from None
    return order, order.package


def _act(request: HttpRequest, code: str) -> acting.Acted:
    form, act = request.POST, request.POST.get("act", "")
    key = {"request_key": form.get("request_key") or None}
    names = ("machine", "reason", "product", "version", "role", "supplier")
    text = {name: form.get(name, "").strip()[:2000] for name in names}
    if act == "open":
        asked = {name: text[name] for name in ("product", "version", "role", "supplier")}
        return acting.open_order(request.actor, package=code, **asked, read_backs=_number(form, "read_backs"), **key)
    if act == "done":
        file = request.FILES.get("certificate")
        paper = {} if file is None else {"content": file.read(), "name": file.name or "certificate"}
        counted = {"quantity": _number(form, "quantity"), "machine": text["machine"]}
        return acting.order_done(request.actor, order=code, **counted, **paper, **key)
    if act == "read":
        file = request.FILES.get("file")
        digest = form.get("sha256", "") if file is None else digest_of(file.read()).hexdigest()
        return acting.read_back(request.actor, order=code, sha256=digest, machine=text["machine"], **key)
    return acting.close_order(request.actor, order=code, result=act, reason=text["reason"], **key)


def _number(form, name: str) -> int:
    text = form.get(name, "").strip()
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("web.number_wrong", f"{text[:40]} is no number.", {"value": text[:40]}, "Type a whole number.")
    return int(text)


@require_http_methods(["GET", "HEAD", "POST"])
def field_reports_page(request: HttpRequest) -> HttpResponse:
    """The file field; a POST records what units in the field said they run."""
    request.actor.require(FIELD_REPORT)
    product = (request.POST.get("product") or request.GET.get("product", "")).strip()[:200]
    said, status = {"product": product}, 200
    if request.method == "POST":
        try:
            said["report"] = _taken(request, product)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    return render(request, "field_reports.html", said, status=status)


def _taken(request: HttpRequest, product: str):
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("web.file_missing", "No file was chosen.", {"field": "file"}, "Choose a file of reports.")
    with TemporaryDirectory(prefix="asbuilt-reports-") as place:
        path = Path(place) / "upload"
        with open(path, "xb") as out:
            for piece in file.chunks(1 << 20):
                out.write(piece)
        name = "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "field-reports"
        return import_field_reports(request.actor, path, product=product, name=name)
