"""Declarations and user information of a product, requests of authorities in their case, and who supplied whom."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from asbuilt.access import rights
from asbuilt.answers.compliance.filing import answering, declaring, information
from asbuilt.answers.compliance.filing.declarations import FULL, SIMPLIFIED, declaration_paper, declarations_told
from asbuilt.answers.compliance.filing.file_rules import rules_on
from asbuilt.answers.compliance.filing.paper_rules import papers_on
from asbuilt.answers.compliance.filing.requests import requests_told
from asbuilt.answers.compliance.filing.trade import state_address, trade_told
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

STATES = {"missing": _("missing"), "written": _("written, not checked"), "checked": _("checked"), "optional": _("where it applies")}  # fmt: skip
FORMS = {FULL: _("in full"), SIMPLIFIED: _("simplified")}
DRAFT = ("manufacturer", "address", "url", "body", "procedure", "certificate", "place", "signed_on", "signatory", "function")  # fmt: skip
DRAFT_WORDS = {
    "manufacturer": _("Manufacturer"), "address": _("Address"), "url": _("Internet address of the full text"), "body": _("Notified body"),
    "procedure": _("Procedure"), "certificate": _("Certificate"), "place": _("Place"), "signed_on": _("Day, as 2026-05-01"), "signatory": _("Signed by"),
    "function": _("Function"),
}  # fmt: skip
ROWS_SHOWN = 500


@words.filter
def filing_paper_word(said: str) -> str:
    """How a text stands, or the form of a declaration, as people say it."""
    return STATES.get(said) or FORMS.get(said, said)


def _today() -> str:
    return format_instant(clock.now())[:10]


@require_http_methods(["GET", "HEAD", "POST"])
def papers_page(request: HttpRequest, code: str) -> HttpResponse:
    """Declarations with what each lacks, user information by language; a form issues, sends, writes or checks."""
    if request.method != "POST":
        return _papers(request, code, {})
    declarations_told(request.actor, code)  # a product that the reader does not see is not there
    verb = request.POST.get("verb", "text")
    request.actor.require(rights.FILING_WRITE if verb == "text" else rights.FILING_DECIDE)
    try:
        {"check": _check, "declare": _declare, "sent": _sent}.get(verb, _write)(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _papers(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("papers", code=code)


def _papers(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    rules = papers_on(_today())
    typed = said.get("typed", {})
    begun = typed.get("verb") == "declare"  # what was typed stays in a form that was refused
    said = {
        "found": declarations_told(request.actor, code), "info": information.information_told(request.actor, code),
        "may_write": request.actor.may(rights.FILING_WRITE), "may_decide": request.actor.may(rights.FILING_DECIDE), "draft": [(name, word, typed.get(name, "")) for name, word in DRAFT_WORDS.items()],
        "objects": [(one, typed.get(f"text_{one}", ""), not begun or f"in_{one}" in typed) for one in rules.languages],
        "forms": FORMS, "typed": {}, **said,
    }  # fmt: skip
    return render(request, "papers.html", said, status=status)


def _write(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("point", "language", "words")}
    information.write_text(request.actor, product=code, **said, request_key=key_of(request))


def _check(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("point", "language")}
    information.check_text(request.actor, product=code, **said, request_key=key_of(request))


def _declare(request: HttpRequest, code: str) -> None:
    form = request.POST
    others = form.get("products", "").split()
    variants = [one.strip() for one in form.get("variants", "").split(",") if one.strip()]
    family = [{"product": code, "variants": variants}, *({"product": one, "variants": []} for one in others)]
    said: dict = {name: form.get(name, "").strip() for name in DRAFT}
    for name in ("laws", "standards"):
        said[name] = [line.strip() for line in form.get(name, "").splitlines() if line.strip()]
    languages = papers_on(_today()).languages
    texts = {language: form.get(f"text_{language}", "") for language in languages}
    file = request.FILES.get("file")
    declaring.declare(
        request.actor, products=family, said=said, languages=[one for one in languages if form.get(f"in_{one}")], texts=texts,
        why=form.get("why", ""), declaration=form.get("declaration", "").strip(), content=file.read() if file else None,
        name=(file.name or "file") if file else "", request_key=key_of(request),
    )  # fmt: skip


def _sent(request: HttpRequest, code: str) -> None:
    declaration, _slash, version = request.POST.get("which", "").partition("/")
    shipments = request.POST.get("shipments", "").split()
    form = request.POST.get("form", "")
    declaring.send_declaration(
        request.actor, declaration=declaration, version=version, shipments=shipments, form=form,
        request_key=key_of(request),
    )  # fmt: skip


@require_GET
def paper(request: HttpRequest, code: str, number: str, language: str, form: str) -> HttpResponse:
    """A declaration in one language as PDF."""
    chosen = form if form in FORMS else FULL
    content = declaration_paper(request.actor, code, number, language, chosen)
    return download(content, "application/pdf", f"{code}-{number}-{language}-{chosen}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def requests_page(request: HttpRequest, code: str) -> HttpResponse:
    """What authorities asked in a case, and what was sent."""
    if request.method != "POST":
        return _requests(request, code, {})
    requests_told(request.actor, code)
    answers = request.POST.get("verb") == "answer"
    request.actor.require(rights.FILING_DECIDE if answers else rights.FILING_WRITE)
    try:
        (_answer if answers else _note)(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _requests(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("case_requests", code=code)


def _requests(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    rules = rules_on(_today())
    demanded = said["typed"].getlist("demanded") if said.get("typed") else []
    said = {
        "one": requests_told(request.actor, code), "may_write": request.actor.may(rights.FILING_WRITE), "points": rules.points,
        "may_decide": request.actor.may(rights.FILING_DECIDE), "bases": papers_on(_today()).request_bases, "demanded": demanded,
        "typed": {}, **said,
    }  # fmt: skip
    return render(request, "case_requests.html", said, status=status)


def _moment(request: HttpRequest, field: str) -> int:
    at = moment_of(request.POST.get(field, "").strip())
    return clock.now() if at is None else at


def _note(request: HttpRequest, code: str) -> None:
    names = ("authority", "member_state", "legal_basis", "words", "product", "language")
    said = {name: request.POST.get(name, "").strip() for name in names}
    due = moment_of(request.POST.get("due_at", "").strip())
    if due is None:
        raise Invalid("compliance.due_missing", "due_at: is empty.", {"field": "due_at"}, "Say by when it is asked.")
    file = request.FILES.get("file")
    answering.note_request(
        request.actor, case=code, **said, demanded=request.POST.getlist("demanded"), received_at=_moment(request, "received_at"), due_at=due,
        content=file.read() if file else None, name=(file.name or "file") if file else "", request_key=key_of(request),
    )  # fmt: skip


def _answer(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("request", "to", "why")}
    file = request.FILES.get("file")
    answering.send_answer(
        request.actor, case=code, **said, sent_at=_moment(request, "sent_at"), content=file.read() if file else None,
        name=(file.name or "file") if file else "", request_key=key_of(request),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def trade_page(request: HttpRequest) -> HttpResponse:
    """Who supplied us, whom we supplied, until when each has to be shown."""
    said: dict = {"typed": {}}
    status = 200
    if request.method == "POST":
        trade_told(request.actor)
        request.actor.require(rights.FILING_WRITE)
        cells = {name: request.POST.get(name, "").strip() for name in ("party", "name", "address")}
        try:
            state_address(request.actor, **cells, request_key=key_of(request))
            return redirect("trade")
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said, status = {"error": refusal, "typed": request.POST}, refusal.http_status
    found = trade_told(request.actor)
    sides = [(found["supplied_us"][:ROWS_SHOWN], len(found["supplied_us"])), (found["we_supplied"][:ROWS_SHOWN], len(found["we_supplied"]))]  # fmt: skip
    said |= {"one": found, "sides": sides, "may_write": request.actor.may(rights.FILING_WRITE)}
    return render(request, "trade.html", said, status=status)
