"""Shipments, may it leave, returns and concessions: what engineers and quality read and decide. The packer's screen: `packing`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import (
    CONCESSION_AGREE,
    CONCESSION_APPROVE,
    CONCESSION_PROPOSE,
    EVIDENCE_READ,
    GATE_ASK,
    MARKET_PLACE,
    RETURN_RECORD,
    SHIP,
)
from asbuilt.answers.gate.conceding import propose_concession
from asbuilt.answers.gate.leaving import may_leave, order_may_leave
from asbuilt.answers.gate.packing import Decision, place_on_market
from asbuilt.answers.gate.packing import ship as let_go
from asbuilt.answers.gate.returning import receive_returns, record_return
from asbuilt.built.quality.actions.concessions import approve_concession, end_concession
from asbuilt.built.quality.concession_intake import ALLOWED
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.leaving_words import goes_under
from asbuilt.doors.web.posted import key_of, lines_of, moment_of
from asbuilt.doors.web.stops_seen import stops_found, stops_refused
from asbuilt.formats.marks import Content, matrix_of, path_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed, NotFound, Refused
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.seen.concessions import concession_page, concessions_seen
from asbuilt.questions.genealogy.seen.conformity import conformity
from asbuilt.questions.genealogy.seen.packing import SHIPPED_LISTED_MAX, shipment_seen, shipments_seen
from asbuilt.questions.genealogy.seen.returns import open_returns, return_seen
from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

COVERAGES_SHOWN_MAX, PARTS_LINKED_MAX = 5, 100
PLACED = ("party", "decided_by", "basis", "reason")


@require_safe
def shipments_page(request: HttpRequest) -> HttpResponse:
    """Shipments that are being packed, and those that left."""
    found = shipments_seen(request.actor)
    said = {
        "waiting": [one for one in found if one.state != "shipped"],
        "gone": [one for one in found if one.state == "shipped"],
        "most": SHIPPED_LISTED_MAX,
    }
    return render(request, "shipments.html", said)


@require_safe
def shipment_page(request: HttpRequest, code: str) -> HttpResponse:
    """A shipment: what is in it, what left, whose decision placed it on the market."""
    return _shipment(request, code, {})


def _shipment(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = shipment_seen(request.actor, code)
    facts = said["error"].facts if said.get("error") else {}
    said = {
        "one": found, "question": written("shipment", found.code), "may_ship": request.actor.may(SHIP) and found.state != "shipped",
        "may_place": request.actor.may(MARKET_PLACE) and found.state == "shipped", "parties": codes_and_names(request.actor.tenant) if request.actor.party is None else (),
        **stops_refused(facts), "bases": ("sale", "transfer", "other"), "typed": request.POST,
        "may_download": request.actor.may(EVIDENCE_READ), **said,
    }  # fmt: skip
    return render(request, "shipment.html", said, status=status)


@require_POST
def ship(request: HttpRequest, code: str) -> HttpResponse:
    """It leaves."""
    request.actor.require(SHIP)
    shipment_seen(request.actor, code)
    try:
        let_go(request.actor, shipment=code, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _shipment(request, code, {"error": refusal}, refusal.http_status)
    return redirect("shipment", code=code)


@require_POST
def place(request: HttpRequest, code: str) -> HttpResponse:
    """It was placed on the market."""
    request.actor.require(MARKET_PLACE)
    shipment_seen(request.actor, code)
    typed = {name: request.POST.get(name, "").strip() for name in PLACED}
    file = request.FILES.get("file")
    try:
        content = paper_bytes(file) if file else None
        at = moment_of(request.POST.get("placed_at", "").strip())
        decision = Decision(**typed, placed_at=at, name=file.name if file else "", content=content)
        codes = lines_of(request.POST.get("codes", ""))
        place_on_market(request.actor, shipment=code, decision=decision, codes=codes, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _shipment(request, code, {"error": refusal}, refusal.http_status)
    return redirect("shipment", code=code)


@require_safe
def package(request: HttpRequest, code: str) -> HttpResponse:
    """The signed as-built package; of one that is too large the page of the shipment with its parts."""
    number, parts = (
        int(text) if (text := request.GET.get(name, "1")).isdecimal() and len(text) < 7 else 0
        for name in ("part", "parts")
    )
    try:
        document = shipment_package(request.actor, code, (number, parts))
    except Refused as refusal:
        if "parts" not in refusal.facts:
            raise
        found = refusal.facts["parts"]
        return _shipment(
            request,
            code,
            {"error": refusal, "parts": range(1, found + 1)[:PARTS_LINKED_MAX], "of": found},
            refusal.http_status,
        )
    part = f"-{number}-of-{parts}" if parts > 1 else ""
    return download(document, "application/zip", f"shipment-{code}{part}.zip")


@require_safe
def conformity_page(request: HttpRequest, code: str) -> HttpResponse:
    """The certificate of conformity, to be printed: what the record shows, and what it does not."""
    return render(request, "conformity.html", {"one": conformity(request.actor, code)})


@require_safe
def note_page(request: HttpRequest, code: str) -> HttpResponse:
    """The delivery note of a shipment, to be printed and to go with it."""
    found = shipment_seen(request.actor, code)
    symbol = matrix_of(Content(found.code))
    return render(
        request, "shipment_note.html", {"one": found, "symbol": {"size": len(symbol), "path": path_of(symbol)}}
    )


@require_safe
def leave_page(request: HttpRequest) -> HttpResponse:
    """May it leave: a unit, a panel or an order that is scanned; everything that is missing."""
    request.actor.require(GATE_ASK)
    code = request.GET.get("code", "").strip()[:400]
    said: dict = {"code": code}
    status = 200
    if code:
        try:
            try:
                said["found"] = may_leave(request.actor, code)
            except NotFound as unknown:
                said["order"] = _order(request, code, unknown)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, 200
    found = said.get("found", ())
    said["go"] = bool(found) and all(one.go for one in found)
    said |= stops_found(found)
    said["conceded"] = goes_under(found)
    said["warnings"] = [known for one in found for known in one.warnings][:20]
    covered = (one.coverage for one in (*found, said.get("order")) if one)
    said["coverages"] = list(dict.fromkeys(covered))[:COVERAGES_SHOWN_MAX]
    return render(request, "leave.html", said, status=status)


def _order(request: HttpRequest, code: str, unknown: NotFound):
    try:
        return order_may_leave(request.actor, code)
    except NotFound:
        raise unknown from None


@require_http_methods(["GET", "HEAD", "POST"])
def returns_page(request: HttpRequest) -> HttpResponse:
    """Returns by number; units that came back are scanned in."""
    said: dict = {"typed": request.POST, "codes": request.POST.get("codes", "")}
    status = 200
    if request.method == "POST":
        request.actor.require(RETURN_RECORD)
        given = {name: request.POST.get(name, "").strip() for name in ("rma", "said", "party")}
        try:
            codes = lines_of(request.POST.get("codes", ""))
            rma, _ = receive_returns(request.actor, codes=codes, request_key=key_of(request), **given)
            return redirect("return", code=rma)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    said |= {
        "found": open_returns(request.actor), "may_record": request.actor.may(RETURN_RECORD),
        "parties": codes_and_names(request.actor.tenant) if request.actor.party is None else (),
    }  # fmt: skip
    return render(request, "returns.html", said, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def return_page(request: HttpRequest, code: str) -> HttpResponse:
    """A return: its units, what was said of each, what the record has since; what is said next."""
    return_seen(request.actor, code)
    said: dict = {"typed": request.POST}
    status = 200
    if request.method == "POST":
        request.actor.require(RETURN_RECORD)
        given = {name: request.POST.get(name, "").strip() for name in ("event", "said", "replacement")}
        try:
            record_return(
                request.actor, code=request.POST.get("unit", "").strip(), request_key=key_of(request), **given
            )
            return redirect("return", code=code)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    said |= {
        "one": return_seen(request.actor, code), "may_record": request.actor.may(RETURN_RECORD),
        "events": ("found", "repaired", "tested", "no_fault", "replaced"),
    }  # fmt: skip
    return render(request, "return.html", said, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def concessions_page(request: HttpRequest) -> HttpResponse:
    """Concessions, and proposing one."""
    said: dict = {"typed": request.POST}
    status = 200
    if request.method == "POST":
        request.actor.require(CONCESSION_PROPOSE)
        given = {name: request.POST.get(name, "").strip() for name in ("allows", "subject", "reason")}
        try:
            codes = lines_of(request.POST.get("codes", ""))
            until_at = moment_of(request.POST.get("until_at", "").strip()) or 0
            code, _ = propose_concession(
                request.actor, codes=codes, until_at=until_at, request_key=key_of(request), **given
            )
            return redirect("concession", code=code)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    said |= {
        "found": concessions_seen(request.actor),
        "may_propose": request.actor.may(CONCESSION_PROPOSE),
        "allowed": ALLOWED,
    }
    return render(request, "concessions.html", said, status=status)


@require_safe
def concession(request: HttpRequest, code: str) -> HttpResponse:
    """A concession: what it lets pass, who agreed, who has to."""
    return _concession(request, code, {})


def _concession(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = concession_page(request.actor, code)
    agree = CONCESSION_AGREE if request.actor.party is not None else CONCESSION_APPROVE
    said = {
        "one": found, "may_agree": request.actor.may(agree) and found.state != "over",
        "may_end": request.actor.may(CONCESSION_APPROVE) and found.state != "over", "of_party": request.actor.party is not None,
        "may_download": request.actor.may(EVIDENCE_READ), "parties": codes_and_names(request.actor.tenant) if request.actor.party is None else (), **said,
    }  # fmt: skip
    return render(request, "concession.html", said, status=status)


@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Agree, keep what the manufacturer signed, or end it."""
    concession_page(request.actor, code)
    reason, key = request.POST.get("reason", "").strip(), key_of(request)
    try:
        if request.POST.get("what") == "end":
            request.actor.require(CONCESSION_APPROVE)
            end_concession(request.actor, concession=code, reason=reason, request_key=key)
        else:
            file = request.FILES.get("file")
            content = paper_bytes(file) if file else None
            party = request.POST.get("party", "").strip()
            name = file.name if file else ""
            approve_concession(
                request.actor, concession=code, reason=reason, party=party, content=content, name=name, request_key=key
            )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _concession(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("concession", code=code)
