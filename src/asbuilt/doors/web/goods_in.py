"""Goods-in: scan a label, see what it says, add what it lacks, confirm what looks wrong, receive. One task, keyboard alone.

The scan is read at once and nothing is stored before "Receive". Supplier and delivery stay for the next scan.
"""

import base64
import binascii
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply.actions.receiving import receive_packages
from asbuilt.built.supply.queries import latest_packages
from asbuilt.built.supply.receipts import Question, Receipt, Seen, look_at
from asbuilt.doors.web import queued
from asbuilt.kernel.errors import AsbuiltError, NotAllowed
from asbuilt.kernel.instants import format_instant

STICKY = ("supplier", "delivery")
TYPED = ("part", "mpn", "manufacturer", "lot_code", "date_code", "quantity", "package", "coc", "owner")
KINDS = ("reel", "tray", "tube", "stick", "bag", "box", "other")
ASKING = ("supply.receipt_incomplete", "supply.confirmation_needed")


@require_http_methods(["GET", "HEAD", "POST"])
def goods_in_page(request: HttpRequest) -> HttpResponse:
    """The scan field; after a scan what was read; after "Receive" the package's code."""
    request.actor.require(PACKAGE_RECEIVE)
    if request.method == "POST":
        return _scanned(request)
    typed = {name: request.GET.get(name, "") for name in (*STICKY, *TYPED)}
    done = request.GET.get("done", "")
    last = [one for one in latest_packages(request.actor.tenant) if one.code == done]
    said = {"typed": typed, "done": last[0] if last else None, "by_hand": "by_hand" in request.GET}
    said["kept_done"] = request.GET.get("kept", "")[:64] if last else ""
    return _page(request, said)


def _page(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    said = {"latest": latest_packages(request.actor.tenant), "kinds": KINDS, "kind": "reel", **said}
    return render(request, "goods_in.html", said, status=status)


def _scanned(request: HttpRequest) -> HttpResponse:
    form = request.POST
    receipt, typed = _receipt(form)
    said = {"typed": typed, "kind": receipt.package_kind, "by_hand": form.get("by_hand") == "on"}
    said |= {"kept": form.get("kept", "")[:64], "received_at": receipt.received_at}
    status, error = 200, None
    if form.get("act") == "receive":
        try:
            done = receive_packages(request.actor, [receipt], request_key=form.get("request_key") or None)
            keep = {name: typed[name] for name in STICKY if typed[name]}
            keep |= {"kept": said["kept"]} if said["kept"] else {}
            return redirect(f"{reverse('goods_in')}?{urlencode({**keep, 'done': done.packages[0].package})}")
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            status, error = refusal.http_status, refusal
    try:
        seen = look_at(request.actor.tenant, [receipt])[0]
    except AsbuiltError as refusal:
        return _page(request, {**said, "error": refusal}, refusal.http_status)
    said |= {
        "seen": seen,
        "rows": _rows(seen),
        "questions": [(question, asked_words(question)) for question in seen.questions],
        "label64": base64.urlsafe_b64encode(receipt.label).decode() if receipt.label is not None else "",
        "confirmed": sorted(receipt.confirmed),
        "error": error if error and error.code not in ASKING else None,
        "again": error is not None,
    }
    return _page(request, said, status)


def _receipt(form) -> tuple[Receipt, dict[str, str]]:
    """What the form says of a package, and what was typed of it."""
    typed = {name: form.get(name, "").strip() for name in (*STICKY, *TYPED)}
    said = {"package_kind": form.get("package_kind", "reel"), "received_at": form.get("received_at", "").strip()[:60]}
    return Receipt(label=_label(form), confirmed=frozenset(form.getlist("confirmed")), **said, **typed), typed


@require_POST
def goods_in_queued(request: HttpRequest) -> JsonResponse:
    """A package whose label was scanned while the browser had no network: received where the label says all of it, else asked."""
    request.actor.require(PACKAGE_RECEIVE)

    def verb(at: int, key: str | None) -> dict:
        receipt = replace(_receipt(request.POST)[0], received_at=format_instant(at))
        done = receive_packages(request.actor, [receipt], request_key=key).packages[0]
        return {
            "done": done.package,
            "shown": _("%(code)s is %(part)s.") % {"code": done.package, "part": done.cells["part"]},
        }

    return queued.answer(request, verb, asking=ASKING)


def _label(form) -> bytes | None:
    """The bytes of the scan: as it came, or as an earlier step of the page kept it."""
    if form.get("label"):
        return form["label"].encode("utf-8", "surrogatepass")
    try:
        return base64.urlsafe_b64decode(form.get("label64", "")) or None
    except (binascii.Error, ValueError):
        return None


def _rows(seen: Seen) -> list[tuple[str, str, str]]:
    """(field, value, what is doubtful of it) of what was read."""
    warnings = seen.label.warnings if seen.label else ()
    doubts = {warning.field: _(warning.text).format(**warning.facts) for warning in warnings}
    shown = ("part", "mpn", "manufacturer", "lot_code", "date_code", "quantity")
    return [(name, seen.cells[name], doubts.get(name, "") if seen.cells[name] else "") for name in shown]


def asked_words(question: Question) -> str:
    """The question in the reader's language."""
    facts = {"value": question.value, "beside": question.beside}
    match question.code:
        case "mpn_unapproved" if question.beside:
            return _("%(value)s is not approved for this part; approved is %(beside)s. Is it so on the label?") % facts
        case "mpn_unapproved":
            return _("%(value)s is not approved for this part. Is it so on the label?") % facts
        case "pack_size" if question.beside:
            return _("%(value)s pieces is no usual pack size; so far it came in %(beside)s. Is it so?") % facts
        case "pack_size":
            return _("%(value)s pieces is no usual pack size. Is it so?") % facts
        case "lot_near":
            return _("Lot %(value)s differs from lot %(beside)s of this delivery by one character. Is it so?") % facts
        case "label_known":
            return _("This label was scanned before: %(beside)s. Another package?") % facts
    return _("%(value)s is doubtful: %(beside)s. Is it so on the label?") % facts
