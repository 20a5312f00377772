"""Planning on the pages: open an order; grow, split, close one. Each form is one verb; what is refused comes back with what was typed."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access.rights import ORDER_PLAN
from asbuilt.built.production.actions import orders
from asbuilt.designed.catalog.queries import standing_boms
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web.order import order_said
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, NotFound

BUILDS_SHOWN = 1_000


@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: HttpRequest) -> HttpResponse:
    """The form, and the order it opens."""
    request.actor.require(ORDER_PLAN)
    said, status = {"typed": {}}, 200
    if request.method == "POST":
        said["typed"] = typed = {
            name: request.POST.get(name, "")
            for name in ("order", "quantity", "builds", "owner", "batch", "configuration")
        }
        try:
            product, revision, version = _builds(typed["builds"])
            given = orders.open_order(
                request.actor, order=typed["order"].strip(), product=product, revision=revision, bom_version=version,
                quantity=_number(typed["quantity"]), owner=typed["owner"], batch=typed["batch"].strip(),
                configuration=typed["configuration"].strip(), request_key=key_of(request),
            )  # fmt: skip
            return redirect("order", code=given.order)
        except AsbuiltError as refusal:
            said, status = {**said, **_refused(refusal)}, refusal.http_status
    boms = standing_boms(request.actor.tenant, BUILDS_SHOWN + 1)
    said["builds"] = [(json.dumps(names), *names) for names in boms[:BUILDS_SHOWN]]
    said["builds_more"] = len(boms) > BUILDS_SHOWN
    said["owners"] = codes_and_names(request.actor.tenant)
    return render(request, "order_open.html", said, status=status)


@require_POST
def grow(request: HttpRequest, code: str) -> HttpResponse:
    """More units."""
    quantity = _number(request.POST.get("quantity", ""))
    words = {"quantity": quantity, "reason": request.POST.get("reason", "")}
    return _done(
        request,
        code,
        "grow",
        lambda: orders.grow_order(request.actor, order=code, **words, request_key=key_of(request)),
    )


@require_POST
def split(request: HttpRequest, code: str) -> HttpResponse:
    """The last units go over to a new order, whose page comes next."""
    said = {
        name: request.POST.get(name, "").strip() for name in ("new_order", "revision", "bom_version", "batch", "reason")
    }
    quantity = _number(request.POST.get("quantity", ""))

    def verb():
        return orders.split_order(request.actor, order=code, quantity=quantity, **said, request_key=key_of(request))

    return _done(request, code, "split", verb, said["new_order"])


@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """No more units; the page names what is unfinished."""
    request.actor.require(ORDER_PLAN)
    try:
        closed = orders.close_order(
            request.actor, order=code, reason=request.POST.get("reason", ""), request_key=key_of(request)
        )
    except AsbuiltError as refusal:
        return _again(request, code, "close", refusal)
    if not closed.unfinished:
        return redirect("order", code=code)
    places = ", ".join(f"{code}#{low}" + (f"–{high}" if high > low else "") for low, high in closed.places[:10])
    return order_said(request, code, {"unfinished": closed.unfinished, "unfinished_places": places})


def _done(request: HttpRequest, code: str, form: str, verb: Callable, leads_to: str = "") -> HttpResponse:
    request.actor.require(ORDER_PLAN)
    try:
        verb()
    except AsbuiltError as refusal:
        return _again(request, code, form, refusal)
    return redirect(reverse("order", kwargs={"code": leads_to or code}) + ("" if leads_to else "#plan"))


def _again(request: HttpRequest, code: str, form: str, refusal: AsbuiltError) -> HttpResponse:
    """The order's page with what was typed and what is wrong."""
    if isinstance(refusal, NotFound):
        raise refusal
    return order_said(request, code, {**_refused(refusal), "form": form, "typed": request.POST}, refusal.http_status)


def _refused(refusal: AsbuiltError) -> dict:
    return {"error": refusal, "wrong": refusal.facts.get("field")}


def _builds(text: str) -> tuple[str, str, str]:
    """Product, revision and BOM version of an option; three empty texts where none was chosen."""
    try:
        names = json.loads(text)
        product, revision, version = map(str, names)
    except (ValueError, TypeError, RecursionError):
        return "", "", ""
    return product, revision, version


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
