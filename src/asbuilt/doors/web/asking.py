"""Ask: the box, the read-back, the three numbers, gaps, customers, flow, serial numbers, proof. The page is a link.

A code typed alone becomes the question that means it. A question that is wrong shows the place and the nearest; one without
a hit says what is known of its parts.
"""

import csv
import re

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from asbuilt.access.queries import may_ask_by_operator, person_name
from asbuilt.access.rights import ANSWER_FREEZE, RECORD_READ
from asbuilt.built.exchange import verify_runs
from asbuilt.doors.web import pictures
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.frame import landing
from asbuilt.doors.web.words import count
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering import answers, completion, listing, narrowing
from asbuilt.questions.genealogy.answering.customers_alone import customers
from asbuilt.questions.genealogy.answering.flow import flow
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.answering.whereabouts import whereabouts
from asbuilt.questions.genealogy.seen.finding import Hit, find
from asbuilt.questions.genealogy.words.language import caret
from asbuilt.questions.genealogy.words.terms import TERMS

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_HEADER = ("serial", "certainty", "product", "order", "state", "shipment", "customer", "country")
CUSTOMERS_HEADER = ("customer", "certain", "possible", "unrecorded")
CODE_ALONE = re.compile(r"[^\s:()\"]{1,200}").fullmatch
ASKED_BY = {
    "unit": "unit",
    "lot": "lot",
    "package": "package",
    "order": "order",
    "panel": "panel",
    "shipment": "shipment",
}


@require_safe
def ask_page(request: HttpRequest) -> HttpResponse:
    """The empty box, an answer, or what is wrong with the question."""
    if "q" not in request.GET and not request.actor.may(RECORD_READ):
        return redirect(landing(request.actor))
    request.actor.require(RECORD_READ)
    question, as_of = request.GET.get("q", ""), request.GET.get("as_of", "").strip()
    said = {"question": question, "as_of": as_of, "terms": _terms(request)}
    if not question.strip():
        return render(request, "ask.html", said)
    if (verify_runs.last_result(request.actor.tenant) or (None, 0))[1]:
        return render(request, "ask.html", {**said, "closed": True}, status=409)
    try:
        answer = answers.ask(request.actor, question, as_of=as_of or None, gettext=gettext, number=count)
    except AsbuiltError as refusal:
        if not isinstance(refusal, Invalid | NotFound):
            raise
        return _refused(request, said, refusal)
    return render(request, "ask.html", {**said, **_answered(request, answer)})


def _terms(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Each term that this reader can ask, its meaning, how it stands in a question."""
    closed = set() if may_ask_by_operator(request.actor) else {"operator"}
    rules = [rule for rule in TERMS.values() if rule.name not in closed]
    return [(rule.written, gettext(rule.meaning), rule.example) for rule in rules]


def _answered(request: HttpRequest, answer: answers.Answer) -> dict:
    said = {
        "answer": answer, "counts": answer.affected.counts(), "finished": answer.finished.counts(), "asked_at": clock.now(),
        "asked_by": person_name(request.actor.tenant, request.actor.person),
        "may_freeze": request.actor.may(ANSWER_FREEZE) and request.actor.party is None,
    }  # fmt: skip
    if not answer.affected:
        return {**said, "alone": listing.parts_alone(answer)}
    where = whereabouts(answer)
    drawn = flow(answer, where)
    page = listing.units_page(answer, where, request.GET.get("after", ""))
    return {
        **said,
        "narrower": narrowing.narrow(answer, where),
        "customers": _customers(answer, where),
        "customers_all": answer.finished.counts(),
        "flow": pictures.draw(drawn) if drawn else None,
        "page": page,
        "reached": len({place.customer for place in where.places}),
        "countries": len({place.country for place in where.places if place.country}),
        "here": answer.affected.count_in(where.here),
        "spans": len(answer.affected.spans()),
        "csv_query": urlencode({"q": answer.question, **({"as_of": answer.as_of} if answer.as_of else {})}),
    }


def _customers(answer: answers.Answer, where) -> list[dict]:
    most = max((pictures.total(row) for row in answer.by["customer"]), default=1)
    first, countries = {}, {}
    for place in where.places:
        first[place.customer] = min(first.get(place.customer, place.first_at), place.first_at)
        countries.setdefault(place.customer, set()).add(place.country)
    rows = []
    for row in answer.by["customer"]:
        name = row["customer"]
        rows.append({
            "name": name, "counts": row, "pieces": pictures.bar(row, most), "first_at": first.get(name),
            "countries": ", ".join(sorted(filter(None, countries.get(name, ())))),
            "question": f"({answer.question}) {written('customer', name)}" if name else "",
        })  # fmt: skip
    return rows


# ---- a question that is no answer


def _refused(request: HttpRequest, said: dict, refusal: AsbuiltError) -> HttpResponse:
    """The place of the mistake and what was probably meant; a code alone leads to its question."""
    question = said["question"]
    hits = find(request.actor, question.strip()) if CODE_ALONE(question.strip()) else []
    forms = [(written(ASKED_BY[hit.kind], _asked(hit)), hit) for hit in hits if hit.kind in ASKED_BY]
    if len(forms) == 1:
        return redirect(f"{reverse('ask')}?{urlencode({'q': forms[0][0]})}")
    facts = refusal.facts
    position = facts.get("position")
    place = caret(question, position, facts.get("length", 1)).split("\n") if isinstance(position, int) else None
    near = [(text, _mended(question, facts, text)) for text in facts.get("nearest") or ()]
    return render(
        request,
        "ask.html",
        {**said, "error": refusal, "place": place, "near": near, "forms": forms},
        status=refusal.http_status,
    )


def _asked(hit: Hit) -> str:
    return hit.url_args.get("code", hit.code) if hit.kind == "unit" else hit.code


def _mended(question: str, facts: dict, term: str) -> str:
    """The question with the nearest term in place of the unknown one."""
    start = facts["position"] - 1
    until = start + facts["length"]
    after = question[until:]
    return question[:start] + (term + after[1:] if term.endswith(":") and after.startswith(":") else term + after)


# ---- parts and files


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The options of the box' list for what is being typed."""
    text, cursor = request.GET.get("q", "")[:10_000], request.GET.get("at", "")
    at = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 6 else len(text)
    found = completion.complete(request.actor, text, at)
    shown = [(one, gettext(one.hint) if one.meaning else one.hint) for one in found]
    return render(request, "ask_suggest.html", {"suggestions": shown})


@require_safe
def serials_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every unit of the answer, a row each, as it is read. Cells that a spreadsheet would compute are defused."""
    answer = answers.ask(
        request.actor, request.GET.get("q", ""), as_of=request.GET.get("as_of") or None, gettext=gettext
    )
    return download(_csv_lines(answer), "text/csv; charset=utf-8", "serials.csv")


@require_safe
def customers_csv(request: HttpRequest) -> HttpResponse:
    """Who must be told: each customer of the answer with the three numbers; the row without a name counts what is not shipped."""
    found = customers(request.actor, request.GET.get("q", ""), as_of=request.GET.get("as_of") or None, gettext=gettext)
    response = download(b"", "text/csv; charset=utf-8", "customers.csv")
    writer = csv.writer(response)
    writer.writerow(CUSTOMERS_HEADER)
    writer.writerows([defused(row[name]) for name in CUSTOMERS_HEADER] for row in found.customers)
    return response


class _Line:
    """What csv writes a row to: gives the row back."""

    def write(self, text: str) -> str:
        """The row as text."""
        return text


def _csv_lines(answer: answers.Answer):
    writer = csv.writer(_Line())
    yield writer.writerow(CSV_HEADER)
    for one in listing.all_units(answer):
        cells = (one.name, one.grade, one.product, one.order, one.state, one.shipment, one.customer, one.country)
        yield writer.writerow([defused(cell) for cell in cells])


def defused(cell) -> str:
    """A cell that a spreadsheet takes as text."""
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(FORMULA_STARTS) else text
