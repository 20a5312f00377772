"""Unit: the whole life of one unit on one page, and its birth certificate. A code of several units lists them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from asbuilt.access.rights import FACT_WITHDRAW, LOG_READ, MARK_READ
from asbuilt.built.programming.telling import unit_records
from asbuilt.doors.web import board_map, record_levels
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.permits import moments
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger import sequencing
from asbuilt.questions.genealogy.answering.lookup import unit_document
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.deviations_over import deviations_over
from asbuilt.questions.genealogy.seen.boards import unit_board
from asbuilt.questions.genealogy.seen.life import unit_life
from asbuilt.questions.genealogy.seen.marks import unit_mark
from asbuilt.questions.genealogy.seen.nonconformities import of_unit


@require_safe
def unit_page(request: HttpRequest, code: str) -> HttpResponse:
    """The unit; or where the code names several, which."""
    return unit_said(request, code, {})


def unit_said(request: HttpRequest, code: str, more: dict, status: int = 200) -> HttpResponse:
    """The page of a unit, with what a form of it did or was refused for."""
    as_of = request.GET.get("as_of", "").strip()
    try:
        life = unit_life(request.actor, code, as_of or None)
    except Invalid as refusal:
        if refusal.code != "question.unit_ambiguous":
            raise
        return render(request, "unit_several.html", {"code": code, "units": refusal.facts["units"]})
    origin, size, root, _note = sequencing.head(request.actor.tenant)
    said = {
        "life": life, "who": life.who, "as_of": as_of, "size": size, "root": bytes(root).hex(), "origin": origin,
        "may_see_facts": request.actor.party is None, "may_correct": request.actor.may(FACT_WITHDRAW),
        "may_see_log": request.actor.may(LOG_READ),
        "entries": len({source.entry for source in life.sources}),
        "outward": list(reversed(life.parents)),
        "customer_question": written("customer", life.where.customer) if life.where.customer else "",
        "passed": sum(not test.bad for test in life.tests), "failed": sum(test.bad for test in life.tests),
        "unit_deviations": deviations_over(life.view, BitMap([life.who.unit]), [life.who.product]),
        "unit_nonconformities": of_unit(life.view, life.who.unit),
        "station_records": [] if as_of else moments(unit_records(request.actor, life.who.unit)), "mark": _mark(request, code), "may_read_mark": request.actor.may(MARK_READ),
        **record_levels.said(request, code, "unit", as_of or None),
        **board_map.said(request, unit_board(life)), **more,
    }  # fmt: skip
    return render(request, "unit.html", said, status=status)


def _mark(request: HttpRequest, code: str):
    """The unit's mark; None where it has none, or its product's rule does not fit its serial number."""
    try:
        return unit_mark(request.actor, code)
    except (Refused, Invalid):
        return None


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """The birth certificate: a signed file that `asbuilt verify` checks without this server."""
    document = unit_document(request.actor, code)
    return download(document, "application/json", f"unit-{code}.json")


@require_safe
def panel_page(request: HttpRequest, code: str) -> HttpResponse:
    """A panel is asked for: its units are the answer."""
    return redirect(f"{reverse('ask')}?{urlencode({'q': written('panel', code)})}")
