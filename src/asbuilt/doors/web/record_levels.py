"""Record level: how good the record of a unit, an order or a product is, as a part of their pages and a page of a product's own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from asbuilt.doors.web.words import count
from asbuilt.questions.evidence.levels import definitions, rule_set
from asbuilt.questions.evidence.record import Side, record_of

GAPS_SHOWN = 8


def said(request: HttpRequest, code: str, kind: str, as_of: str | None = None) -> dict:
    """What the template record_level.html needs."""
    record = record_of(request.actor, code, kind=kind, as_of=as_of, say=gettext, number=count)
    gaps = record.gap_texts()
    return {
        "record": record, "record_set": rule_set(), "record_gaps": gaps[:GAPS_SHOWN], "record_folded": gaps[GAPS_SHOWN:],
        "record_of": [(one, [(side, _levels(side)) for side in one.sides]) for one in record.of],
    }  # fmt: skip


def _levels(side: Side) -> list[tuple[str, str, int, bool]]:
    """(level, what it means, units at it, whether that is short of the demand) of the levels that units are at."""
    return [
        (f"{side.letter}{one.level}", gettext(one.means), side.counts[one.level], one.level < side.demanded)
        for one in definitions(side.letter)
        if side.counts[one.level]
    ]


@require_safe
def product_page(request: HttpRequest, code: str) -> HttpResponse:
    """The record of all orders of a product."""
    return render(request, "product_record.html", {"code": code, **said(request, code, "product")})
