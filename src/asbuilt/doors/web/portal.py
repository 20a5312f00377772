"""The portal: what a party's own person sees first, above the box for questions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from asbuilt.answers.portal.standing import portal
from asbuilt.doors.web.words import register as words

WAITS = {
    "concession": _("concession"), "waiver": _("waiver"), "disposition": _("disposition"), "notice": _("notice"), "eco": _("ECO"),
    "deviation": _("deviation"),
}  # fmt: skip


@words.filter
def wait_word(kind: str) -> str:
    """What kind of thing waits."""
    return WAITS.get(kind, kind)


@require_safe
def portal_page(request: HttpRequest) -> HttpResponse:
    """Products, what waits, orders, shipments, advisories."""
    return render(request, "portal.html", {"one": portal(request.actor)})
