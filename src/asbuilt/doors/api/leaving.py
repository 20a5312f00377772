"""Leaving: may units go, boxes and shipments, placing on the market, returns, concessions. The twin of the pages Packing, Shipments, Returns,
Concessions and May it leave."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import (
    CONCESSION_APPROVE,
    CONCESSION_PROPOSE,
    GATE_ASK,
    MARKET_PLACE,
    PACK,
    RECORD_READ,
    RETURN_RECORD,
    SHIP,
)
from asbuilt.answers.gate import packing
from asbuilt.answers.gate.conceding import propose_concession
from asbuilt.answers.gate.leaving import may_leave, order_may_leave
from asbuilt.answers.gate.returning import receive_returns, record_return
from asbuilt.built.quality.actions.concessions import approve_concession, end_concession
from asbuilt.built.shipping.actions.packing import close_container, open_container, reopen_container
from asbuilt.built.shipping.labels import container_label, drawn
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cursors import PAGE_MAX, Cursor, PageSize, page_size, place_cursor, place_of
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen.concessions import concession_page, concessions_seen
from asbuilt.questions.genealogy.seen.conformity import conformity
from asbuilt.questions.genealogy.seen.packing import container_seen, shipment_seen, shipments_page
from asbuilt.questions.genealogy.seen.returns import return_seen, returns_page
from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

router = Router(tags=["Leaving"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=400, description="Its code.")]
Codes = Annotated[
    list[str], Field(min_length=1, max_length=packing.CODES_MAX, description="Units, panels, boxes, pallets.")
]
Key = IdempotencyKey
LABEL_TYPES = {"svg": "image/svg+xml", "png": "image/png", "zpl": "application/octet-stream"}


class MayLeave(Shape):
    """A verdict for each unit."""

    units: list[dict] = Field(
        description="name, order, product, revision, go, stops (code, message, remedy, facts), conceded, warnings, coverage as of an order."
    )


class OrderLeave(Shape):
    """The verdict of an order."""

    order: str = Field(description="The work order.")
    units: int = Field(description="Units that are still here.")
    go: int = Field(description="Units that may leave.")
    missing: list[dict] = Field(description="code, subject, count, first (names), message, remedy.")
    conceded: list[dict] = Field(
        description="What a concession, waiver, deviation or qualification run lets pass: concession (its code), code, count, note."
    )
    warned: list[dict] = Field(description="What is known, or not known, and stops nothing today, as missing.")
    coverage: dict = Field(
        description="How much no finding is worth: components, matched, not_matchable, not_matched, without_sbom (releases), feeds, "
        "oldest_feed, oldest_feed_at, oldest_feed_days, feed_days_max, feeds_empty, matching_behind, rule_set, words, parts "
        "(whose SBOMs are counted), modules_without_sbom (parts that came with firmware of which there is none)."
    )


class ContainerOpening(Shape):
    """A new container."""

    kind: Literal["box", "pallet", "shipment"] = Field(description="What it is.")
    code: str = Field("", max_length=60, description="Its code; empty: the next.")
    customer: str = Field("", max_length=200, description="Of a shipment: who receives it.")
    country: str = Field("", max_length=60, description="Of a shipment: where.")
    sscc: str = Field("", max_length=18, description="Its SSCC; empty: the next, where the house has a prefix.")
    note: str = Field("", max_length=400, description="Anything else.")


class Into(Shape):
    """What goes in."""

    codes: Codes


class OutOf(Shape):
    """What comes out."""

    codes: Codes
    reason: str = Field(min_length=1, max_length=2000, description="Why.")


class LeavingWhy(Shape):
    """A reason."""

    reason: str = Field(min_length=1, max_length=2000, description="Why.")


class ContainerShape(Shape):
    """A box, pallet or shipment."""

    code: str = Field(description="Its code.")
    kind: str = Field(description="box, pallet or shipment.")
    state: str = Field(description="open, closed or shipped.")
    sscc: str = Field(description="Its SSCC, or empty.")
    customer: str = Field(description="Of a shipment: who receives it.")
    country: str = Field(description="Of a shipment: where.")
    note: str = Field(description="What was said.")
    inside: str = Field(description="What it is in, or empty.")
    opened_at: str = Field(description="When it was opened.")
    changed_at: str = Field(description="When something happened to it last.")
    units: list[dict] = Field(description="name, code, product of the first 500 right in it.")
    within: list[dict] = Field(description="code, kind, state, units of the containers in it.")
    total: int = Field(description="Units in it at any depth.")


class PutInShape(Shape):
    """What went in, or came out."""

    container: str = Field(description="The container.")
    units: int = Field(description="How many units.")
    contents: list[str] = Field(description="Boxes and pallets among them.")
    entry: int = Field(description="The entry of the log.")
    verdicts: list[dict] = Field(description="The verdicts of up to 50 units.")


class GoneShape(Shape):
    """What left."""

    shipment: str = Field(description="The shipment.")
    units: int = Field(description="How many units.")
    entry: int = Field(description="The entry of the log.")


class ShipmentList(Shape):
    """Shipments."""

    shipments: list[dict] = Field(description="code, customer, country, state, units, at.")
    next: str | None = Field(description="The cursor of the next page; null after the last.")


class ShipmentShape(Shape):
    """A shipment."""

    code: str = Field(description="Its code.")
    customer: str = Field(description="Who receives it.")
    country: str = Field(description="Where.")
    state: str = Field(description="open, closed or shipped.")
    shipped_at: str | None = Field(description="When it left.")
    placed_at: str | None = Field(description="Placed on the market by its own row, or null.")
    units: list[dict] = Field(description="name, code, product of the first 500 that left.")
    total: int = Field(description="Units.")
    products: list[list] = Field(description="Product and how many units.")
    container: dict | None = Field(description="As it is packed here, or null.")
    placings: list[dict] = Field(description="unit, party, decided_by, basis, reason, sha256, who, placed_at.")
    issuer: str = Field(description="Who keeps this record, or empty.")


class ConformityShape(Shape):
    """What the certificate of conformity prints."""

    shipment: str = Field(description="The shipment.")
    issuer: str = Field(description="Who keeps this record.")
    customer: str = Field(description="Who receives it.")
    country: str = Field(description="Where.")
    shipped_at: str = Field(description="When it left.")
    units: int = Field(description="Units.")
    products: list[list] = Field(description="product, revision, units.")
    tests: list[dict] = Field(description="what, units (passed), of.")
    firmware: list[dict] = Field(description="what, units, of.")
    lots: int = Field(description="Material lots.")
    concessions: list[dict] = Field(
        description="code, allows (a reason of the gate) and subject (which one; empty: any), reason, until_at, units, serials, agreed_by."
    )
    deviations: list[list] = Field(description="code, what was built otherwise and why, units.")
    alternates: list[list] = Field(
        description="qualification run, maker's part, whether it was revoked since, units that carry it, units that only may."
    )
    dispositions: list[list] = Field(description="nonconformity, use_as_is or repair, reason, units.")
    by_document: list[str] = Field(
        description="Codes of these to which a party agreed by a document whose signature Asbuilt did not check."
    )
    gaps: list[dict] = Field(description="What the record does not show: what, units, of.")
    serials: list[str] = Field(description="The units by name.")
    origin: str = Field(description="The log.")
    size: int = Field(description="Its entries.")
    root: str = Field(description="Its head.")
    recorded_by: int | None = Field(
        description="The entry with which it left: nothing of later is told. Null: it came with tables, and what is recorded now is told."
    )


class Receiving(Shape):
    """What came back."""

    codes: Codes
    rma: str = Field("", max_length=60, description="Its number; empty: the next.")
    said: str = Field("", max_length=2000, description="What the customer says.")
    party: str = Field("", max_length=200, description="From whom.")


class ReturnEvent(Shape):
    """What happened to a unit that is back."""

    code: str = Field(min_length=1, max_length=400, description="The unit.")
    event: Literal["found", "repaired", "tested", "no_fault", "replaced"] = Field(description="What.")
    said: str = Field("", max_length=2000, description="In words.")
    replacement: str = Field("", max_length=400, description="Of replaced: the unit that stands for it.")


class ReturnReceived(Shape):
    """The number and the entry."""

    rma: str = Field(description="The number.")
    entry: int = Field(description="The entry of the log.")


class ReturnList(Shape):
    """Returns."""

    returns: list[dict] = Field(description="rma, units, here (still), at.")
    next: str | None = Field(description="The cursor of the next page; null after the last.")


class ReturnShape(Shape):
    """A return."""

    rma: str = Field(description="Its number.")
    units: list[dict] = Field(description="name, code, state, here, received_at, said, replacement, since (events).")


class Proposing(Shape):
    """A concession."""

    codes: Codes
    allows: str = Field(
        max_length=60, description="What may be missing, as the gate's code says it: test_missing, quarantine …"
    )
    subject: str = Field("", max_length=200, description="Which: the test plan, the package; empty: any.")
    reason: str = Field(min_length=1, max_length=2000, description="Why.")
    until_at: str = Field(max_length=40, description="Its end, with offset.")
    code: str = Field("", max_length=60, description="Its code; empty: the next.")


class ConcessionShape(Shape):
    """A concession."""

    code: str = Field(description="Its code.")
    state: str = Field(description="open (approvals are missing), holds or over.")
    allows: str = Field(description="What may be missing.")
    subject: str = Field(description="Which, or empty.")
    reason: str = Field(description="Why.")
    by: str = Field(description="Who proposed it.")
    at: str = Field(description="When.")
    until_at: str = Field(description="Its end.")
    units: list[str] = Field(description="The first 100 units.")
    total: int = Field(description="Units.")
    products: list[str] = Field(description="Their products.")
    missing: list[str] = Field(description="Approvals that are missing.")
    decisions: list[dict] = Field(description="decision, who, party, sha256, reason, at.")


class ConcessionList(Shape):
    """Concessions."""

    concessions: list[ConcessionShape] = Field(description="The newest first.")


class ReturnEntry(Shape):
    """The entry."""

    entry: int = Field(description="The entry of the log.")


@router.get("/leave", response=MayLeave, auth=needs(GATE_ASK), operation_id="may_leave", summary="May a unit leave")  # fmt: skip
def leave(
    request: HttpRequest, code: Annotated[str, Query(min_length=1, max_length=400, description="Unit or panel.")]
):
    """Everything that is missing, in words."""
    return {"units": plain(may_leave(request.actor, code))}


@router.get("/orders/{path:code}/leave", response=OrderLeave, auth=needs(GATE_ASK), operation_id="order_may_leave", summary="May the units of an order leave")  # fmt: skip
def order_leave(request: HttpRequest, code: Code):
    """Thing by thing, with how many units it stops."""
    return plain(order_may_leave(request.actor, code))


@router.post("/containers", response={201: ContainerShape}, auth=needs(PACK), operation_id="open_container", summary="Open a box, pallet or shipment")  # fmt: skip
def opened(request: HttpRequest, said: ContainerOpening, idempotency_key: Key = None):
    """It is empty and open."""
    given = said.model_dump(include=set(ContainerOpening.model_fields))
    done = open_container(request.actor, request_key=request_key(request, idempotency_key), **given)
    return Status(201, plain(container_seen(request.actor, done.container.code)))


@router.post("/containers/{path:code}/contents", response={201: PutInShape}, auth=needs(PACK), operation_id="put_in", summary="Put units or boxes in")  # fmt: skip
def put_in(request: HttpRequest, code: Code, said: Into, idempotency_key: Key = None):
    """Recorded where the gate lets every unit go; else refused with all that stops them in `facts.stops`."""
    key = request_key(request, idempotency_key)
    return Status(201, plain(packing.put_in(request.actor, container=code, codes=said.codes, request_key=key)))


@router.post("/containers/{path:code}/removals", response={201: PutInShape}, auth=needs(PACK), operation_id="take_out_of_container", summary="Take units or boxes out")  # fmt: skip
def take_out(request: HttpRequest, code: Code, said: OutOf, idempotency_key: Key = None):
    """They are in nothing then."""
    key = request_key(request, idempotency_key)
    done = packing.take_out(request.actor, container=code, codes=said.codes, reason=said.reason, request_key=key)
    return Status(201, plain(done))


@router.post("/containers/{path:code}/close", response={201: ContainerShape}, auth=needs(PACK), operation_id="close_container", summary="Close it")  # fmt: skip
def close(request: HttpRequest, code: Code, idempotency_key: Key = None):
    """Nothing goes in any more."""
    close_container(request.actor, code=code, request_key=request_key(request, idempotency_key))
    return Status(201, plain(container_seen(request.actor, code)))


@router.post("/containers/{path:code}/reopen", response={201: ContainerShape}, auth=needs(PACK), operation_id="reopen_container", summary="Open it again")  # fmt: skip
def reopen(request: HttpRequest, code: Code, said: LeavingWhy, idempotency_key: Key = None):
    """With a reason; what was shipped stays shipped."""
    reopen_container(request.actor, code=code, reason=said.reason, request_key=request_key(request, idempotency_key))
    return Status(201, plain(container_seen(request.actor, code)))


@router.get("/containers/{path:code}/label", operation_id="get_container_label", summary="Its label")
def label(
    request: HttpRequest,
    code: Code,
    format: Annotated[
        Literal["svg", "png", "zpl"], Query(description="svg and zpl are the label, png its symbol.")
    ] = "svg",
) -> HttpResponse:
    """With an SSCC the logistic label of GS1, A6, with a GS1-128 and a Data Matrix of it; else a Data Matrix with its code and a few lines."""
    container_seen(request.actor, code)
    label = container_label(request.actor.tenant, code)
    return HttpResponse(drawn(label, format), content_type=LABEL_TYPES[format])


@router.get("/containers/{path:code}", response=ContainerShape, auth=needs(RECORD_READ), operation_id="get_container", summary="A box, pallet or shipment")  # fmt: skip
def one_container(request: HttpRequest, code: Code):
    """What is in it, and where it is."""
    return plain(container_seen(request.actor, code))


@router.get("/shipments", response=ShipmentList, auth=needs(RECORD_READ), operation_id="list_shipments", summary="Shipments")  # fmt: skip
def shipments(request: HttpRequest, cursor: Cursor = None, limit: PageSize = PAGE_MAX):
    """Those being packed first, all of them on the first page, then those that left, the newest first, `limit` a page."""
    found, after = shipments_page(request.actor, page_size(limit), place_of(cursor))
    return {"shipments": plain(found), "next": place_cursor(after)}


@router.post("/shipments/{path:code}/ship", response={201: GoneShape}, auth=needs(SHIP), operation_id="ship", summary="Let a shipment go")  # fmt: skip
def ship(request: HttpRequest, code: Code, idempotency_key: Key = None):
    """Every unit is asked for again; one that is stopped stops the shipment."""
    key = request_key(request, idempotency_key)
    return Status(201, plain(packing.ship(request.actor, shipment=code, request_key=key)))


@router.post("/shipments/{path:code}/placings", response={201: GoneShape}, auth=needs(MARKET_PLACE, "API_IMPORT_BYTES_MAX"), operation_id="place_on_market", summary="Placed on the market")  # fmt: skip
def place(
    request: HttpRequest,
    code: Code,
    party: str = Form(max_length=200, description="Which party placed it."),
    decided_by: str = Form(max_length=200, description="Whose decision it was."),
    basis: Literal["sale", "transfer", "other"] = Form("sale", description="On what basis."),
    reason: str = Form("", max_length=2000, description="Anything else."),
    placed_at: str = Form("", max_length=40, description="Since when, with offset; empty: now."),
    codes: str = Form("", max_length=40_000, description="Units, blank-separated; empty: the whole shipment."),
    file: UploadedFile | None = File(None, description="The paper that says so, up to 32 MiB."),  # noqa: B008
    idempotency_key: Key = None,
):
    """A dated fact with its basis."""
    at = _instant("placed_at", placed_at)
    content, name = (_bytes(file), file.name or "paper") if file is not None else (None, "")
    decision = packing.Decision(party, decided_by, basis, reason, at, name, content)
    key = request_key(request, idempotency_key)
    done = packing.place_on_market(
        request.actor, shipment=code, decision=decision, codes=codes.split(), request_key=key
    )
    return Status(201, plain(done))


@router.get("/shipments/{path:code}/package", auth=needs(RECORD_READ), operation_id="get_shipment_package", summary="As-built package of a shipment")  # fmt: skip
def package(
    request: HttpRequest,
    code: Code,
    part: Annotated[int, Query(ge=1, le=999_999, description="Which part of a large one, from 1.")] = 1,
    parts: Annotated[int, Query(ge=1, le=999_999, description="Of how many parts.")] = 1,
) -> HttpResponse:
    """A ZIP file with a signed manifest that `asbuilt verify` checks without this server. One that would be larger than it checks is refused with
    the number of parts in which it can be had, each a package of its own."""
    return as_download(shipment_package(request.actor, code, (part, parts)), code)


def as_download(document: bytes, code: str) -> HttpResponse:
    """The package as a file."""
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in code)
    answer = HttpResponse(document, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="shipment-{name[:80]}.zip"'
    return answer


@router.get("/shipments/{path:code}/conformity", response=ConformityShape, auth=needs(RECORD_READ), operation_id="get_conformity", summary="Certificate of conformity of a shipment")  # fmt: skip
def certificate(request: HttpRequest, code: Code):
    """Evidence and gaps, as counts."""
    return plain(conformity(request.actor, code))


@router.get("/shipments/{path:code}", response=ShipmentShape, auth=needs(RECORD_READ), operation_id="get_shipment", summary="A shipment")  # fmt: skip
def one_shipment(request: HttpRequest, code: Code):
    """What left, or is being packed."""
    return plain(shipment_seen(request.actor, code))


@router.get("/returns", response=ReturnList, auth=needs(RECORD_READ), operation_id="list_returns", summary="Returns")  # fmt: skip
def returns(request: HttpRequest, cursor: Cursor = None, limit: PageSize = PAGE_MAX):
    """By number, the newest first: on the first page every one of which a unit is still here, and `limit` others a page."""
    found, after = returns_page(request.actor, page_size(limit), place_of(cursor, more=2))
    return {"returns": [plain(one._asdict()) for one in found], "next": place_cursor(after)}


@router.post("/returns", response={201: ReturnReceived}, auth=needs(RETURN_RECORD), operation_id="receive_returns", summary="Receive returns")  # fmt: skip
def receive(request: HttpRequest, said: Receiving, idempotency_key: Key = None):
    """Units that left are back."""
    given = said.model_dump(include=set(Receiving.model_fields))
    rma, entry = receive_returns(request.actor, request_key=request_key(request, idempotency_key), **given)
    return Status(201, {"rma": rma, "entry": entry})


@router.post("/returns/events", response={201: ReturnEntry}, auth=needs(RETURN_RECORD), operation_id="record_return", summary="What happened to a unit that is back")  # fmt: skip
def return_event(request: HttpRequest, said: ReturnEvent, idempotency_key: Key = None):
    """Found, repaired, tested, no fault found, or another stands for it."""
    given = said.model_dump(include=set(ReturnEvent.model_fields))
    return Status(
        201, {"entry": record_return(request.actor, request_key=request_key(request, idempotency_key), **given)}
    )


@router.get("/returns/{path:code}", response=ReturnShape, auth=needs(RECORD_READ), operation_id="get_return", summary="A return")  # fmt: skip
def one_return(request: HttpRequest, code: Code):
    """Its units, what was said, what the record has of them since they came back."""
    return plain(return_seen(request.actor, code))


@router.get("/concessions", response=ConcessionList, auth=needs(RECORD_READ), operation_id="list_concessions", summary="Concessions")  # fmt: skip
def concessions(request: HttpRequest):
    """All that the reader may see."""
    return {"concessions": plain(concessions_seen(request.actor))}


@router.post("/concessions", response={201: ConcessionShape}, auth=needs(CONCESSION_PROPOSE), operation_id="propose_concession", summary="Propose a concession")  # fmt: skip
def propose(request: HttpRequest, said: Proposing, idempotency_key: Key = None):
    """It lets nothing pass before everybody agreed who has to."""
    given = said.model_dump(include=set(Proposing.model_fields) - {"until_at"})
    until_at = _instant("until_at", said.until_at)
    if until_at is None:
        raise errors.field_wrong("until_at", "is empty", "Give it an end.")
    code, _ = propose_concession(
        request.actor, until_at=until_at, request_key=request_key(request, idempotency_key), **given
    )
    return Status(201, plain(concession_page(request.actor, code)))


@router.post("/concessions/{path:code}/approvals", response={201: ConcessionShape}, auth=needs(RECORD_READ, "API_IMPORT_BYTES_MAX"), operation_id="approve_concession", summary="Agree to a concession")  # fmt: skip
def approve(
    request: HttpRequest,
    code: Code,
    reason: str = Form("", max_length=2000, description="Anything to say."),
    party: str = Form("", max_length=200, description="With a document: whose it is."),
    file: UploadedFile | None = File(None, description="What that party signed, up to 32 MiB."),  # noqa: B008
    idempotency_key: Key = None,
):
    """The caller agrees; with a party and its document, that party did."""
    content, name = (_bytes(file), file.name or "agreed") if file is not None else (None, "")
    key = request_key(request, idempotency_key)
    approve_concession(
        request.actor, concession=code, reason=reason, party=party, content=content, name=name, request_key=key
    )
    return Status(201, plain(concession_page(request.actor, code)))


@router.post("/concessions/{path:code}/end", response={201: ConcessionShape}, auth=needs(CONCESSION_APPROVE), operation_id="end_concession", summary="End a concession")  # fmt: skip
def end(request: HttpRequest, code: Code, said: LeavingWhy, idempotency_key: Key = None):
    """It lets nothing pass any more."""
    end_concession(
        request.actor, concession=code, reason=said.reason, request_key=request_key(request, idempotency_key)
    )
    return Status(201, plain(concession_page(request.actor, code)))


@router.get("/concessions/{path:code}", response=ConcessionShape, auth=needs(RECORD_READ), operation_id="get_concession", summary="A concession")  # fmt: skip
def one_concession(request: HttpRequest, code: Code):
    """What it lets pass, who agreed, what is missing."""
    return plain(concession_page(request.actor, code))


def _bytes(file: UploadedFile) -> bytes:
    if file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    return b"".join(file.chunks())


def _instant(name: str, text: str) -> int | None:
    try:
        return parse_instant(text) if text else None
    except ValueError as refusal:
        raise errors.field_wrong(name, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None
