"""Declarations, user information, requests of authorities, and who supplied whom."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FILING_DECIDE, FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import answering, declaring, information, trade
from asbuilt.answers.compliance.filing.declarations import declaration_paper, declarations_told
from asbuilt.answers.compliance.filing.drafted import draft_of
from asbuilt.answers.compliance.filing.requests import requests_told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import Code as CaseCode
from asbuilt.doors.api.cases import Instant, Key, at_instant
from asbuilt.doors.api.filing import PDF, Code, RecordedEntry, Words, attached
from asbuilt.doors.api.keys import request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Technical files"], auth=Caller())
DeclarationCode = Annotated[str, Path(min_length=1, max_length=20, description="Code of the declaration, such as D-1.")]
Number = Annotated[str, Path(min_length=1, max_length=10, description="Its number.")]
Language = Literal["en", "de", "pl", "fr"]
DRAFT_CHARACTERS_MAX = 200_000


class DeclarationsShape(Shape):
    """Declarations of a product."""

    product: str = Field(description="Code of the product.")
    declarations: list[dict] = Field(
        description="Every version, the newest first, with texts by language (origin: whose words a phrase is; empty: the official text), gaps and not_official."
    )
    shipments: list[dict] = Field(description="shipment, shipped_at, country, declaration, version, form; null: nobody said.")  # fmt: skip


class IssuedShape(Shape):
    """A version that was issued."""

    declaration: str = Field(description="Its code.")
    version: str = Field(description="Its version.")


class SentIn(Shape):
    """Shipments that a version went with."""

    shipments: list[Annotated[str, Field(max_length=200)]] = Field(max_length=1_000, description="Their codes.")
    form: str = Field(max_length=20, description="full or simplified.")
    why: Words = Field("", description="Why, if something is to be said.")


class InformationShape(Shape):
    """User information of a product."""

    product: str = Field(description="Code of the product.")
    rule_set: str = Field(description="Which rules name the points.")
    source: str = Field(description="Where they stand.")
    languages: list[str] = Field(description="Languages that are looked at.")
    points: list[dict] = Field(description="point, law, name, asks, needed, texts by language.")
    gaps: list[str] = Field(description="What is missing or unchecked, by point and language.")


class TextIn(Shape):
    """A text of the user information."""

    point: str = Field(max_length=20, description="Which point, such as AII.4.")
    language: str = Field(max_length=10, description="en, de, pl or fr.")
    words: Words = Field(description="The text.")
    why: Words = Field("", description="Why it was changed.")


class TextCheckIn(Shape):
    """A text that a person found right."""

    point: str = Field(max_length=20, description="Which point.")
    language: str = Field(max_length=10, description="en, de, pl or fr.")
    why: Words = Field("", description="What was looked at.")


class RequestsShape(Shape):
    """Requests of a case."""

    case: str = Field(description="Code of the case.")
    requests: list[dict] = Field(description="request, authority, member_state, legal_basis, language, words, demanded, product, received_at, due_at, late, file, sha256, noted_by, sent.")  # fmt: skip


class NumberShape(Shape):
    """A request that was noted."""

    request: str = Field(description="Its number in the case.")


class TradeShape(Shape):
    """Who supplied us, and whom we supplied."""

    rule_set: str = Field(description="Which rules set the years.")
    years: int = Field(description="For how many years each has to be shown.")
    source: str = Field(description="Where that stands.")
    supplied_us: list[dict] = Field(description="party, name, country, address, paper (delivery), at, packages, what, shown_until, over.")  # fmt: skip
    we_supplied: list[dict] = Field(description="party, name, country, address, paper (shipment), at, units, shown_until, over.")  # fmt: skip
    gaps: list[str] = Field(description="What is not known.")


class AddressIn(Shape):
    """Name and address of a party."""

    party: str = Field(max_length=200, description="Its code or name.")
    name: str = Field(max_length=200, description="Its name as on papers.")
    address: str = Field(max_length=1_000, description="Its postal address.")


@router.get("/technical-files/{product}/declarations", response=DeclarationsShape, auth=needs(FILING_READ), operation_id="list_conformity_declarations", summary="Declarations of a product")  # fmt: skip
def declarations(request: HttpRequest, product: Code):
    """With what each lacks, and which went with which shipment."""
    return declarations_told(request.actor, product)


@router.post("/conformity-declarations", response={201: IssuedShape}, auth=needs(FILING_DECIDE, "API_IMPORT_BYTES_MAX"), operation_id="issue_declaration", summary="Issue a declaration")  # fmt: skip
def declare(
    request: HttpRequest,
    draft: str = Form(max_length=DRAFT_CHARACTERS_MAX, description="JSON: products, said, languages, texts."),
    why: str = Form(max_length=20_000, description="Why; it stands there for good."),
    declaration: str = Form("", max_length=20, description="Of a later version: its code."),
    file: UploadedFile | None = File(None, description="The signed copy."),  # noqa: B008
    idempotency_key: Key = None,
):
    """Refused while a point of Annex V, or one of its languages, is missing."""
    given = draft_of(draft)
    content, name = attached(file)
    code, version = declaring.declare(
        request.actor, **vars(given), why=why, declaration=declaration, content=content, name=name,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"declaration": code, "version": version})


@router.get("/conformity-declarations/{declaration}/versions/{number}/paper", auth=needs(FILING_READ), operation_id="get_declaration_paper", summary="A declaration as PDF", openapi_extra=PDF)  # fmt: skip
def paper(
    request: HttpRequest,
    declaration: DeclarationCode,
    number: Number,
    language: Annotated[Language, Query(description="In which language.")] = "en",
    form: Annotated[Literal["full", "simplified"], Query(description="In full, or simplified.")] = "full",
):
    """In one language."""
    content = declaration_paper(request.actor, declaration, number, language, form)
    return HttpResponse(content, content_type="application/pdf")


@router.post("/conformity-declarations/{declaration}/versions/{number}/shipments", response={201: RecordedEntry}, auth=needs(FILING_DECIDE), operation_id="send_declaration", summary="Say with which shipments it went")  # fmt: skip
def sent(request: HttpRequest, declaration: DeclarationCode, number: Number, said: SentIn, idempotency_key: Key = None):  # fmt: skip
    """Said again it supersedes."""
    entry = declaring.send_declaration(
        request.actor, declaration=declaration, version=number, shipments=said.shipments, form=said.form, why=said.why,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})


@router.get("/technical-files/{product}/information", response=InformationShape, auth=needs(FILING_READ), operation_id="get_user_information", summary="User information of a product")  # fmt: skip
def user_information(request: HttpRequest, product: Code):
    """By point and language."""
    return information.information_told(request.actor, product)


@router.post("/technical-files/{product}/information", response={201: RecordedEntry}, auth=needs(FILING_WRITE), operation_id="write_user_information", summary="Write a text")  # fmt: skip
def write(request: HttpRequest, product: Code, said: TextIn, idempotency_key: Key = None):
    """Unchecked until another person checks it."""
    cells = said.model_dump(include=set(TextIn.model_fields))
    entry = information.write_text(request.actor, product=product, **cells, request_key=request_key(request, idempotency_key))  # fmt: skip
    return Status(201, {"entry": entry})


@router.post("/technical-files/{product}/information/checks", response={201: RecordedEntry}, auth=needs(FILING_DECIDE), operation_id="check_user_information", summary="Check a text")  # fmt: skip
def check(request: HttpRequest, product: Code, said: TextCheckIn, idempotency_key: Key = None):
    """By another person than the writer."""
    cells = said.model_dump(include=set(TextCheckIn.model_fields))
    entry = information.check_text(request.actor, product=product, **cells, request_key=request_key(request, idempotency_key))  # fmt: skip
    return Status(201, {"entry": entry})


@router.get("/cases/{code}/requests", response=RequestsShape, auth=needs(FILING_READ), operation_id="list_requests", summary="Requests of an authority")  # fmt: skip
def requests(request: HttpRequest, code: CaseCode):
    """What was asked, by when, what was sent."""
    return requests_told(request.actor, code)


@router.post("/cases/{code}/requests", response={201: NumberShape}, auth=needs(FILING_WRITE, "API_IMPORT_BYTES_MAX"), operation_id="note_request", summary="Note what an authority asks")  # fmt: skip
def note(
    request: HttpRequest,
    code: CaseCode,
    product: str = Form(max_length=200, description="Of which product."),
    authority: str = Form(max_length=200, description="Who asked."),
    member_state: str = Form(max_length=10, description="Its Member State, such as DE."),
    legal_basis: str = Form(max_length=20, description="13(22), 13(25), 19(7), 20(5), AVII.8 or other."),
    words: str = Form(max_length=20_000, description="What is asked."),
    demanded: str = Form(max_length=2_000, description="Points of the technical file, with blanks between."),
    received_at: Instant = Form(description="When it came."),  # noqa: B008
    due_at: Instant = Form(description="By when."),  # noqa: B008
    language: str = Form("en", max_length=20, description="In which language it is to be answered."),
    file: UploadedFile | None = File(None, description="The letter."),  # noqa: B008
    idempotency_key: Key = None,
):
    """The case is of kind authority."""
    content, name = attached(file)
    number = answering.note_request(
        request.actor, case=code, authority=authority, member_state=member_state, legal_basis=legal_basis, words=words, product=product,
        demanded=demanded.split(), received_at=at_instant("received_at", received_at), due_at=at_instant("due_at", due_at), language=language,
        content=content, name=name, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"request": number})


@router.post("/cases/{code}/requests/{number}/answers", response={201: RecordedEntry}, auth=needs(FILING_DECIDE, "API_IMPORT_BYTES_MAX"), operation_id="send_answer", summary="Record what was sent")  # fmt: skip
def answer(
    request: HttpRequest,
    code: CaseCode,
    number: Number,
    to: str = Form(max_length=200, description="To whom."),
    sent_at: Instant = Form(description="When."),  # noqa: B008
    why: str = Form("", max_length=20_000, description="What is to be said of it."),
    file: UploadedFile | None = File(None, description="What was sent; else the points asked for as they are now."),  # noqa: B008
    idempotency_key: Key = None,
):
    """With its hash and its gaps."""
    content, name = attached(file)
    entry = answering.send_answer(
        request.actor, case=code, request=number, to=to, sent_at=at_instant("sent_at", sent_at), why=why, content=content, name=name,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})


@router.get("/trade", response=TradeShape, auth=needs(FILING_READ), operation_id="get_trade", summary="Who supplied whom")  # fmt: skip
def trade_page(request: HttpRequest):
    """Two clocks for each transaction."""
    return trade.trade_told(request.actor)


@router.post("/trade/addresses", response={201: RecordedEntry}, auth=needs(FILING_WRITE), operation_id="state_address", summary="State an address")  # fmt: skip
def address(request: HttpRequest, said: AddressIn, idempotency_key: Key = None):
    """Said again it supersedes."""
    cells = said.model_dump(include=set(AddressIn.model_fields))
    entry = trade.state_address(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, {"entry": entry})
