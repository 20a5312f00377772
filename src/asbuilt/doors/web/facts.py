"""One recorded fact as the row it came in, and the two ways to mend it: withdraw it, or correct it, with its file where it has one. Many are
mended by a file: the rows found come as corrections.csv, to be changed and dropped on the page Import.

Both are new entries of the log; the fact stays readable. The forms carry the moment of the decision, so that sending one
twice is the same request.
"""

import json
from io import BytesIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.queries import login_of_person, person_there
from asbuilt.access.rights import FACT_WITHDRAW, LOG_READ, RECORD_READ
from asbuilt.built.exchange.correcting import correct_fact
from asbuilt.built.exchange.exporting import FILES_OF
from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE, FactCells
from asbuilt.built.exchange.file_given import FILE_BYTES_MAX
from asbuilt.built.exchange.finding import FactsFound, find_facts
from asbuilt.built.exchange.resolving import Withdraw
from asbuilt.built.exchange.withdrawing import withdraw_facts
from asbuilt.doors.web.posted import key_of
from asbuilt.formats.tables import TABLES, write_table
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger import clock
from asbuilt.ledger.facts import find_fact, standing
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of

HOLDING_CHARACTERS_MAX = 200


@require_safe
def facts_page(request: HttpRequest) -> HttpResponse:
    """Facts of a table that stand and hold a text, a hundred a page: what no unit, lot or order leads to. `after` is ENTRY.ROW."""
    table, holding, place, found = _found(request)
    said = {
        "tables": sorted(set(TABLE_OF_SHAPE.values())), "table": table, "holding": holding, "facts": found.facts,
        "columns": TABLES[table].columns, "began": place is None, "may_correct": request.actor.may(FACT_WITHDRAW),
        "may_see_log": request.actor.may(LOG_READ), "after": "{}.{}".format(*found.after) if found.after else "",
        "here": request.GET.get("after", ""),
    }  # fmt: skip
    return render(request, "facts.html", said)


@require_safe
def facts_to_correct(request: HttpRequest) -> HttpResponse:
    """The facts of the same page as corrections.csv: each with all its cells and no reason yet, so that none goes in as it is."""
    request.actor.require(FACT_WITHDRAW)
    _table, _holding, _place, found = _found(request)
    person, now = _own_code(request), format_instant(clock.now())
    written = BytesIO()
    rows = (
        (one.fact, "correct", "", person, now, "", "", json.dumps(one.cells, ensure_ascii=False), "")
        for one in found.facts
    )
    write_table(TABLES["corrections"], rows, written)
    response = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="corrections.csv"'
    return response


def _found(request: HttpRequest) -> tuple[str, str, tuple[int, int] | None, FactsFound]:
    """The table, the text and the place that the address names, and what is found there."""
    request.actor.require(RECORD_READ)
    table, holding = (
        request.GET.get("table", "parties"),
        request.GET.get("holding", "")[:HOLDING_CHARACTERS_MAX].strip(),
    )
    entry, _dot, row = request.GET.get("after", "").partition(".")
    place = (int(entry), int(row)) if all(one.isdecimal() and len(one) < 10 for one in (entry, row)) else None
    return table, holding, place, find_facts(request.actor, table, holding, after=place)


@require_safe
def fact_page(request: HttpRequest, fact: str) -> HttpResponse:
    """The fact."""
    return _page(request, fact, {})


def _page(request: HttpRequest, fact: str, said: dict, status: int = 200) -> HttpResponse:
    request.actor.require(RECORD_READ)
    found = find_fact(request.actor.tenant, fact) if request.actor.party is None else None
    if found is None or found.shape not in TABLE_OF_SHAPE:
        raise NotFound("web.not_found", _("Nothing here under this code for you."))
    left = list(standing(request.actor.tenant, [found]))
    table = TABLES[TABLE_OF_SHAPE[found.shape]]
    cells = next(iter(FactCells(request.actor.tenant).rows([(found, found.units)])))
    typed = said.get("typed", {})
    units = sum(until - first for first, until in (left[0][1] if left else found.units))
    said = {
        "fact": fact, "table": table.name, "entry": found.entry, "stands": bool(left), "units": units,
        "cells": [
            (name, cell, typed.get(f"cell_{name}", cell), [row for row in said.get("rows", ()) if row.column == name])
            for name, cell in zip(table.columns, cells, strict=True)
        ],
        "spanning": units > 1 and "first_unit" in _columns(found.shape), "may_correct": request.actor.may(FACT_WITHDRAW),
        "may_see_log": request.actor.may(LOG_READ), "person": typed.get("person") or _own_code(request),
        "decided_at": format_instant(clock.now()), "unit": request.GET.get("unit", ""),
        "recorded": request.session.pop("recorded", ""), "takes_file": table.name in FILES_OF, **said,
    }  # fmt: skip
    return render(request, "fact.html", said, status=status)


def _columns(shape: str) -> tuple[str, ...]:
    from asbuilt.ledger.shapes import REGISTRY

    return REGISTRY[shape].columns


def _own_code(request: HttpRequest) -> str:
    """The badge of who is signed in, else the login."""
    if request.actor.person is None:
        return ""
    code = person_there(request.actor.tenant, request.actor.person).code
    login = login_of_person(request.actor.tenant, request.actor.person)
    return code or (login.name if login else "")


@require_POST
def withdraw(request: HttpRequest, fact: str) -> HttpResponse:
    """From now on questions leave the fact out, or the part of it."""
    request.actor.require(FACT_WITHDRAW)
    try:
        asked = Withdraw(
            fact,
            request.POST.get("reason", ""),
            request.POST.get("person", "").strip(),
            _decided(request),
            *_span(request),
        )
        withdraw_facts(request.actor, [asked], key_of(request))
    except AsbuiltError as refusal:
        return _again(request, fact, refusal, "withdraw")
    return _recorded(request, "withdraw", fact)


def _recorded(request: HttpRequest, form: str, fact: str) -> HttpResponse:
    # said once, on the page that follows; an address that said it could be sent to somebody for whom it is not true
    request.session["recorded"] = form
    return redirect("fact", fact=fact)


@require_POST
def correct(request: HttpRequest, fact: str) -> HttpResponse:
    """Withdrawn and recorded anew in one entry."""
    request.actor.require(FACT_WITHDRAW)
    first, until = None, None
    try:
        first, until = _span(request)
        file = _file(request)
        report = correct_fact(
            request.actor,
            fact,
            _cells(request, fact, file),
            file=file,
            reason=request.POST.get("reason", ""),
            person=request.POST.get("person", "").strip(),
            decided_at=_decided(request),
            first_unit=first,
            until_unit=until,
            request_key=key_of(request),
        )
    except AsbuiltError as refusal:
        return _again(request, fact, refusal, "correct")
    return _recorded(request, "correct", report.facts[0] if report.facts else fact)


def _again(request: HttpRequest, fact: str, refusal: AsbuiltError, form: str) -> HttpResponse:
    """The same page with what was typed and what is wrong."""
    if isinstance(refusal, NotFound) and refusal.code == "ledger.fact_unknown":
        raise refusal
    rows = list(getattr(refusal, "rows", ()))[:20]
    if rows and refusal.code == "tables.rows_refused":
        # there is no file here: the reason stands at each cell
        refusal.message, refusal.remedy = _("Nothing was recorded: a cell is wrong."), _("Mend what is marked below.")
    said = {
        "error": refusal,
        "rows": rows,
        "form": form,
        "typed": request.POST,
        "unit": request.POST.get("first_serial", ""),
    }
    return _page(request, fact, said, refusal.http_status)


def _file(request: HttpRequest) -> bytes | None:
    """The right file of the row, where one was chosen."""
    given = request.FILES.get("file")
    if given is None:
        return None
    if given.size > FILE_BYTES_MAX:
        said = f"{given.name} is larger than {FILE_BYTES_MAX >> 20} MiB."
        raise Invalid("exchange.file_too_large", said, {"bytes": given.size}, "Load it in parts.")
    return given.read()


def _cells(request: HttpRequest, fact: str, file: bytes | None) -> dict[str, str]:
    """The cells that were changed; with a file there may be none."""
    found = find_fact(request.actor.tenant, fact)
    table = TABLES[TABLE_OF_SHAPE[found.shape]]
    before = next(iter(FactCells(request.actor.tenant).rows([(found, found.units)])))
    changed = {}
    for name, cell in zip(table.columns, before, strict=True):
        typed = request.POST.get(f"cell_{name}")
        if typed is not None and typed.replace("\r\n", "\n") != cell:
            changed[name] = typed.replace("\r\n", "\n")
    if not changed and file is None:
        raise Invalid(
            "web.nothing_changed",
            _("No cell differs from the recorded row."),
            remedy=_("Change the cell that is wrong, or withdraw the fact."),
        )
    return changed


def _decided(request: HttpRequest) -> int:
    try:
        return parse_instant(request.POST.get("decided_at", ""))
    except ValueError as error:
        raise Invalid(
            "web.decided_at",
            _("The time of the decision is no instant."),
            {"found": str(error)},
            _("Load the page again."),
        ) from None


def _span(request: HttpRequest) -> tuple[int | None, int | None]:
    """Units [first, until) where only a part is meant."""
    first, last = (request.POST.get(name, "").strip() for name in ("first_serial", "last_serial"))
    if request.POST.get("part") != "some" or not (first or last):
        return None, None
    view = view_of(request.actor)
    low, high = unit_of(view, first or last), unit_of(view, last or first)
    if high < low:
        raise Invalid(
            "web.span_backwards",
            _("%(last)s lies before %(first)s.") % {"last": last, "first": first},
            remedy=_("Give the first unit along the order first."),
        )
    return low, high + 1
