"""Notices: where parties are told, what they are told, what became of it; and a party's own notices. The twin of those pages."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import CASE_READ, CONTACT_SET, NOTICE_SEND, NOTICE_WRITE, PERSON_ERASE
from asbuilt.answers.cases.telling import own
from asbuilt.answers.cases.telling.actions import acknowledging, bouncing, contacts, holding, queuing, writing
from asbuilt.answers.cases.telling.contacts import contacts_told
from asbuilt.answers.cases.telling.seen import notice_seen, notices_told, preview
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Done, Shape
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant

router = Router(tags=["Notices"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Code of the notice, such as N-1.")]
CaseCode = Annotated[str, Path(min_length=1, max_length=20, description="Code of the case, such as C-1.")]
Words = Annotated[str, Field(max_length=4_000)]
Instant = Annotated[str, Field(max_length=60)]
Key = IdempotencyKey
MESSAGE_CHARACTERS_MAX = 500_000
WHY = "Why; it stands in the case for good."
PARTY = "Code or name of the party."
TEXTS = 'Language (en, de, pl, fr, "" for all) -> happened, measures, update, contact -> words; what is missing is said by the catalogue.'
READERS = "Roles and badge codes that may read it while it is held."


class ContactIn(Shape):
    """Where a party is told."""

    party: str = Field(max_length=200, description=PARTY)
    channel: Literal["mail", "webhook"] = Field(description="How.")
    address: str = Field(max_length=1_000, description="Mail address, or https address that is posted to.")
    language: Literal["en", "de", "pl", "fr"] = Field("en", description="In which language.")


class ContactOut(Shape):
    """A contact that goes."""

    party: str = Field(max_length=200, description=PARTY)
    channel: Literal["mail", "webhook"] = Field(description="Which.")
    why: Words = Field(description=WHY)


class PartyIn(Shape):
    """A party."""

    party: str = Field(max_length=200, description=PARTY)


class NoticeDraftIn(Shape):
    """A notice to draft."""

    kind: Literal["", "users", "upward"] = Field("", description="users: who holds the units; upward: the manufacturers whose products we build; empty: these first where the case did not tell them.")  # fmt: skip
    answer: str = Field("", max_length=26, description="ULID of the frozen answer; empty: the newest of the case.")
    texts: dict[str, dict[str, str]] = Field({}, description=TEXTS)
    why: Words = Field("", description=WHY)
    readers: list[str] | None = Field(None, max_length=50, description=f"{READERS} null: it is not held.")
    until: Instant | None = Field(None, description="Held until then; null: until it is let go.")


class RevisionIn(Shape):
    """A new version."""

    texts: dict[str, dict[str, str]] | None = Field(None, description=f"{TEXTS} null: the same words.")
    answer: str = Field("", max_length=26, description="ULID of the frozen answer; empty: the newest of the case.")
    why: Words = Field(description=WHY)


class VersionIn(Shape):
    """The version that was read."""

    version: int = Field(ge=1, le=1_000, description="Its number.")
    why: Words = Field("", description=WHY)


class HoldIn(Shape):
    """An embargo."""

    readers: list[str] = Field(max_length=50, description=READERS)
    until: Instant | None = Field(None, description="Until when; null: until it is let go.")
    why: Words = Field(description=WHY)


class NoticeWhyIn(Shape):
    """A reason."""

    why: Words = Field(description=WHY)


class AgainIn(Shape):
    """A party that gets it once more."""

    customer: str = Field(max_length=200, description=PARTY)
    why: Words = Field(description=WHY)


class ToldIn(Shape):
    """A party that was told by other means."""

    customer: str = Field(max_length=200, description=PARTY)
    means: Literal["phone", "letter", "visit", "other"] = Field(description="How.")
    at: Instant = Field(description="When.")
    why: Words = Field(description="With whom, what was said.")


class AcknowledgedIn(Shape):
    """A party that said it has read the notice."""

    customer: str = Field(max_length=200, description=PARTY)
    at: Instant = Field(description="When.")
    why: Words = Field(description="How it said so.")


class ReportsIn(Shape):
    """Delivery reports that came back by mail."""

    messages: list[Annotated[str, Field(max_length=MESSAGE_CHARACTERS_MAX)]] = Field(max_length=500, description="Messages as they came.")  # fmt: skip


class ContactList(Shape):
    """Every party with how it is told."""

    parties: list[dict] = Field(description="party, name, language, reachable, contacts; addresses only for who may set them.")  # fmt: skip


class SecretShape(Shape):
    """The secret of a party's webhook."""

    secret: str = Field(description="As Standard Webhooks writes it.")


class CountShape(Shape):
    """How many."""

    count: int = Field(description="How many.")


class NoticeList(Shape):
    """Notices of a case."""

    notices: list[dict] = Field(description="notice, version, kind, state, held, standing: parties by how they stand.")


class NoticeShape(Shape):
    """A notice, and what became of it."""

    notice: str = Field(description="Its code.")
    case: str = Field(description="Its case.")
    kind: str = Field(description="users or upward.")
    version: int = Field(description="The newest version.")
    state: str = Field(description="draft, reviewed, approved or sent, of the newest version.")
    held: bool = Field(description="Whether nothing of it leaves now.")
    held_until: str | None = Field(description="Until when; null: until it is let go.")
    readers: list[str] = Field(description="Who may read it while it is held.")
    answer: str = Field(description="The frozen answer it rests on.")
    overtaken: bool = Field(description="Whether that answer was overtaken.")
    texts: dict | None = Field(description="Words by language; null where the reader may not see them.")
    recipients: list[dict] = Field(
        description="party, language, channels, certain, possible, unrecorded, state, events."
    )
    asks_agreement: bool = Field(
        description="Customers of another manufacturer: sending needs a reason, after that one was told."
    )
    gaps: list[str] = Field(description="Who is not reached.")
    notes: list[str] = Field(
        description="Where the list names more units than the answer counts with that customer, and why."
    )
    lines: list[dict] = Field(description="Who wrote, read, approved, held and sent which version.")


class PreviewShape(Shape):
    """A notice as one party reads it."""

    notice: str = Field(description="Its code.")
    version: int = Field(description="The version.")
    customer: str = Field(description="The party.")
    language: str = Field(description="Its language.")
    subject: str = Field(description="The subject.")
    text: str = Field(description="The words.")
    gaps: list[str] = Field(description="Fields that are not in its language.")
    units_csv: str = Field(description="The list of its units.")
    list_sha256: str = Field(description="SHA-256 of the list.")


class TakenShape(Shape):
    """What messages were."""

    reports: int = Field(description="Reports of notices.")
    new: int = Field(description="What was not known.")
    others: int = Field(description="Other messages, left alone.")


class OwnList(Shape):
    """Notices of the caller's party."""

    notices: list[dict] = Field(description="notice, reference, subject, certain, possible, unrecorded, sent_at, left_out_at, opened_at, acknowledged_at.")  # fmt: skip


class OwnShape(Shape):
    """A notice of the caller's party."""

    notice: str = Field(description="Its code.")
    reference: str = Field(description="What to name when asking.")
    subject: str = Field(description="The subject.")
    text: str = Field(description="The words.")
    language: str = Field(description="Their language.")
    certain: int = Field(description="Units that are certainly affected.")
    possible: int = Field(description="Units that are possibly affected.")
    unrecorded: int = Field(description="Units of which it is not recorded.")
    sent_at: str = Field(description="When it was sent.")
    left_out_at: str | None = Field(
        description="Since when a newer version names none of the party's units; null: this is the current one."
    )
    still_affected: bool | None = Field(
        description="Whether units of its list are in an answer of the case that stands; null: this is the current one."
    )
    opened_at: str | None = Field(description="When it was opened first, or first since then.")
    acknowledged_at: str | None = Field(description="When it was acknowledged.")


@router.get("/contacts", response=ContactList, auth=needs(CASE_READ), operation_id="list_contacts", summary="Contacts of parties")  # fmt: skip
def list_contacts(request: HttpRequest):
    """Of every party, also those without one."""
    return {"parties": contacts_told(request.actor)}


@router.post("/contacts", response=Done, auth=needs(CONTACT_SET), operation_id="set_contact", summary="Set a contact")
def set_contact(request: HttpRequest, said: ContactIn, idempotency_key: Key = None):
    """What was set before is superseded."""
    contacts.set_contact(request.actor, **_known(said), request_key=request_key(request, idempotency_key))
    return Done()


@router.post("/contacts/remove", response=Done, auth=needs(CONTACT_SET), operation_id="remove_contact", summary="Remove a contact")  # fmt: skip
def remove_contact(request: HttpRequest, said: ContactOut, idempotency_key: Key = None):
    """The party is no longer told there."""
    contacts.remove_contact(request.actor, **_known(said), request_key=request_key(request, idempotency_key))
    return Done()


@router.post("/contacts/erase", response=CountShape, auth=needs(PERSON_ERASE), operation_id="erase_contacts", summary="Erase addresses")  # fmt: skip
def erase_contacts(request: HttpRequest, said: PartyIn, idempotency_key: Key = None):
    """Every address the party ever had is destroyed."""
    return {"count": contacts.erase_contacts(request.actor, party=said.party)}


@router.post("/contacts/webhook-secret", response=SecretShape, auth=needs(NOTICE_SEND), operation_id="get_webhook_secret", summary="Secret of a webhook")  # fmt: skip
def webhook_secret(request: HttpRequest, said: PartyIn, idempotency_key: Key = None):
    """What the party checks signatures with."""
    return {"secret": contacts.webhook_secret(request.actor, party=said.party)}


@router.get("/cases/{code}/notices", response=NoticeList, auth=needs(CASE_READ), operation_id="list_notices", summary="Notices of a case")  # fmt: skip
def list_notices(request: HttpRequest, code: CaseCode):
    """The earliest first."""
    return {"notices": notices_told(request.actor, code)}


@router.post("/cases/{code}/notices", response={201: NoticeShape}, auth=needs(NOTICE_WRITE), operation_id="draft_notice", summary="Draft a notice")  # fmt: skip
def draft(request: HttpRequest, code: CaseCode, said: NoticeDraftIn, idempotency_key: Key = None):
    """To everybody who holds units of a frozen answer of the case."""
    cells = {**_known(said), "until": _at("until", said.until)}
    key = request_key(request, idempotency_key)
    return Status(201, notice_seen(request.actor, writing.draft_notice(request.actor, case=code, **cells, request_key=key)))  # fmt: skip


@router.post("/notices/reports", response=TakenShape, auth=needs(NOTICE_WRITE), operation_id="take_delivery_reports", summary="Take delivery reports")  # fmt: skip
def take_reports(request: HttpRequest, said: ReportsIn, idempotency_key: Key = None):
    """Taking the same ones twice changes nothing."""
    taken = bouncing.take_reports(request.actor, (one.encode() for one in said.messages))
    return {"reports": taken.reports, "new": taken.new, "others": taken.others}


@router.get("/notices/{notice}", response=NoticeShape, auth=needs(CASE_READ), operation_id="get_notice", summary="A notice")  # fmt: skip
def one_notice(request: HttpRequest, notice: Code):
    """Who gets it, and what became of it at each."""
    return notice_seen(request.actor, notice)


@router.get("/notices/{notice}/preview", response=PreviewShape, auth=needs(CASE_READ), operation_id="preview_notice", summary="A notice as one party reads it")  # fmt: skip
def preview_notice(request: HttpRequest, notice: Code, customer: Annotated[str, Query(max_length=200, description=PARTY)]):  # fmt: skip
    """In its language, with its list."""
    return preview(request.actor, notice, customer)


@router.post("/notices/{notice}/versions", response=NoticeShape, auth=needs(NOTICE_WRITE), operation_id="revise_notice", summary="Revise a notice")  # fmt: skip
def revise(request: HttpRequest, notice: Code, said: RevisionIn, idempotency_key: Key = None):
    """What was read of the version before counts no more."""
    return _said(request, notice, writing.revise_notice, said, idempotency_key)


@router.post("/notices/{notice}/reviews", response=NoticeShape, auth=needs(NOTICE_WRITE), operation_id="review_notice", summary="Review a notice")  # fmt: skip
def review(request: HttpRequest, notice: Code, said: VersionIn, idempotency_key: Key = None):
    """It was read in every language it goes out in."""
    return _said(request, notice, writing.review_notice, said, idempotency_key)


@router.post("/notices/{notice}/approvals", response=NoticeShape, auth=needs(NOTICE_SEND), operation_id="approve_notice", summary="Approve a notice")  # fmt: skip
def approve(request: HttpRequest, notice: Code, said: VersionIn, idempotency_key: Key = None):
    """By another person than its author, where the house asks for it."""
    return _said(request, notice, writing.approve_notice, said, idempotency_key)


@router.post("/notices/{notice}/holds", response=NoticeShape, auth=needs(NOTICE_SEND), operation_id="hold_notice", summary="Hold a notice")  # fmt: skip
def hold(request: HttpRequest, notice: Code, said: HoldIn, idempotency_key: Key = None):
    """Nothing of it leaves."""
    return _said(request, notice, holding.hold_notice, said, idempotency_key, until=_at("until", said.until))


@router.post("/notices/{notice}/let-go", response=NoticeShape, auth=needs(NOTICE_SEND), operation_id="let_notice_go", summary="Let a notice go")  # fmt: skip
def let_go(request: HttpRequest, notice: Code, said: NoticeWhyIn, idempotency_key: Key = None):
    """What was queued leaves."""
    return _said(request, notice, holding.let_go, said, idempotency_key)


@router.post("/notices/{notice}/send", response=NoticeShape, auth=needs(NOTICE_SEND), operation_id="send_notice", summary="Send a notice")  # fmt: skip
def send(request: HttpRequest, notice: Code, said: VersionIn, idempotency_key: Key = None):
    """Queued for everybody who can be reached; `why`: where its answer was overtaken."""
    return _said(request, notice, queuing.send_notice, said, idempotency_key)


@router.post("/notices/{notice}/again", response=NoticeShape, auth=needs(NOTICE_SEND), operation_id="send_notice_again", summary="Send it to a party again")  # fmt: skip
def again(request: HttpRequest, notice: Code, said: AgainIn, idempotency_key: Key = None):
    """Where it bounced or failed."""
    return _said(request, notice, queuing.send_again, said, idempotency_key)


@router.post("/notices/{notice}/told", response=NoticeShape, auth=needs(NOTICE_WRITE), operation_id="tell_otherwise", summary="Say how a party was told")  # fmt: skip
def told(request: HttpRequest, notice: Code, said: ToldIn, idempotency_key: Key = None):
    """By phone, letter, visit or otherwise."""
    return _said(request, notice, acknowledging.tell_otherwise, said, idempotency_key, at=_at("at", said.at))


@router.post("/notices/{notice}/acknowledgements", response=NoticeShape, auth=needs(NOTICE_WRITE), operation_id="record_acknowledgement", summary="Say that a party acknowledged")  # fmt: skip
def acknowledged(request: HttpRequest, notice: Code, said: AcknowledgedIn, idempotency_key: Key = None):
    """In another way than on its page."""
    return _said(request, notice, acknowledging.record_acknowledgement, said, idempotency_key, at=_at("at", said.at))


@router.get("/own-notices", response=OwnList, operation_id="list_own_notices", summary="Notices of one's own party")  # fmt: skip
def own_list(request: HttpRequest):
    """The newest first."""
    return {"notices": own.own_notices(request.actor)}


@router.get("/own-notices/{notice}", response=OwnShape, operation_id="get_own_notice", summary="A notice of one's own party")  # fmt: skip
def own_one(request: HttpRequest, notice: Code):
    """The first time it is recorded that it was opened."""
    return acknowledging.open_own(request.actor, notice=notice)


@router.get("/own-notices/{notice}/units", operation_id="get_own_units", summary="One's own units of a notice")  # fmt: skip
def own_units(request: HttpRequest, notice: Code):
    """As CSV."""
    return HttpResponse(own.own_units(request.actor, notice), content_type="text/csv; charset=utf-8")


@router.post("/own-notices/{notice}/acknowledgement", response=OwnShape, operation_id="acknowledge_own_notice", summary="Acknowledge a notice")  # fmt: skip
def acknowledge(request: HttpRequest, notice: Code, idempotency_key: Key = None):
    """Said again nothing changes."""
    key = request_key(request, idempotency_key)
    return acknowledging.acknowledge_own(request.actor, notice=notice, request_key=key)


def _said(request: HttpRequest, notice: str, verb, said: Shape, idempotency_key: str | None, **more) -> dict:
    verb(request.actor, notice=notice, request_key=request_key(request, idempotency_key), **{**_known(said), **more})
    return notice_seen(request.actor, notice)


def _known(said: Shape) -> dict:
    """The fields that the description names: what else a request brings is no argument of a verb."""
    return said.model_dump(include=set(type(said).model_fields))


def _at(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cases.time_wrong", f"{field}: {refusal}.", {"field": field}, "Write the time so.") from None
