"""Work orders: the list, and one order with its progress, materials, firmware, tests, shipments and facts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from asbuilt.access.rights import FACT_WITHDRAW, MARK_READ, ORDER_PLAN, PERMIT_ISSUE
from asbuilt.answers.gate.travellers import traveller
from asbuilt.built.production.process_record import alarms_seen
from asbuilt.built.programming.configurations import configuration_of
from asbuilt.doors.web import board_map, pictures, record_levels
from asbuilt.formats.marks import Content, matrix_of, path_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen import orders as orders_seen
from asbuilt.questions.genealogy.seen.boards import order_board
from asbuilt.questions.genealogy.seen.outside import open_notes


@require_safe
def orders_page(request: HttpRequest) -> HttpResponse:
    """All orders that the reader may see, newest first."""
    after = request.GET.get("after", "")
    cursor = int(after) if after.isdecimal() and len(after) < 10 else None
    orders, older = orders_seen.orders_page(request.actor, cursor)
    said = {"orders": orders, "older": older, "cursor": after, "may_plan": request.actor.may(ORDER_PLAN)}
    return render(request, "orders.html", said)


@require_safe
def order_page(request: HttpRequest, code: str) -> HttpResponse:
    """One work order."""
    return order_said(request, code, {})


def order_said(request: HttpRequest, code: str, more: dict, status: int = 200) -> HttpResponse:
    """The page of an order, with what a form of it was refused for, if one was."""
    page = orders_seen.order_page(request.actor, code)
    notes = open_notes(request.actor, order=page.order.code)
    most = max((pictures.total(row) for row in page.answer.by["customer"]), default=1)
    alarms = alarms_seen(request.actor, page.order.code) if request.actor.party is None else []
    said = {
        "alarms_waiting": [one for one in alarms if one.alarm.closing is None],
        "notes_open": notes, "page": page, "order": page.order, "counts": page.answer.affected.counts(),
        "customers": [(row["customer"], row, pictures.bar(row, most)) for row in page.answer.by["customer"]],
        "states": page.answer.by["state"], "may_see_facts": request.actor.party is None,
        "may_correct": request.actor.may(FACT_WITHDRAW), "holes": sum(line.holes > 0 for line in page.lines),
        "may_plan": request.actor.may(ORDER_PLAN), "may_mark": request.actor.may(MARK_READ),
        "configuration": "" if request.actor.party else configuration_of(request.actor.tenant, page.order.code, clock.now()),
        "may_permit": request.actor.may(PERMIT_ISSUE),
        **record_levels.said(request, page.order.code, "order"), **board_map.said(request, order_board(page)), **more,
    }  # fmt: skip
    return render(request, "order.html", said, status=status)


@require_safe
def traveller_page(request: HttpRequest, code: str) -> HttpResponse:
    """The traveller of an order, to be printed and to go with its units."""
    found = traveller(request.actor, code, request.GET.get("routing", "").strip())
    symbol = matrix_of(Content(found.order))
    said = {
        "one": found,
        "symbol": {"size": len(symbol), "path": path_of(symbol)},
        "left": sum(step.units < found.quantity for step in found.steps),
    }
    return render(request, "traveller.html", said)


@require_safe
def facts_page(request: HttpRequest, code: str) -> HttpResponse:
    """All facts of one table over the order's units, a hundred a page."""
    after = request.GET.get("after", "")
    page = orders_seen.order_facts(
        request.actor,
        code,
        request.GET.get("table", "materials"),
        int(after) if after.isdecimal() and len(after) < 7 else 0,
    )
    said = {"page": page, "may_see_facts": True, "may_correct": request.actor.may(FACT_WITHDRAW)}
    return render(request, "order_facts.html", said)
