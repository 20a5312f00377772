"""Publishing: advisories, the publisher, tips of strangers. The twin of the pages Publishing."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import ADVISORY_PUBLISH, ADVISORY_WRITE, PERSON_ERASE, TIP_HANDLE
from asbuilt.answers.cases.publishing.actions import advising, presenting, taking_tips
from asbuilt.answers.cases.publishing.seen import (
    advisories_told,
    advisory_seen,
    document_of,
    failing,
    publisher_seen,
)
from asbuilt.answers.cases.publishing.tips import attached, tip_seen, tips_told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Done, Shape

router = Router(tags=["Publishing"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Code of the advisory, such as A-1.")]
TipCode = Annotated[str, Path(min_length=1, max_length=20, description="Reference of the tip, such as TIP-1.")]
Key = IdempotencyKey
TEXT_CHARACTERS_MAX = 1_000_000


class AdvisoryDraftIn(Shape):
    """A document to draft."""

    kind: str = Field("advisory", max_length=20, description="advisory, vex or informational.")
    case: str = Field("", max_length=20, description="The case whose frozen answers name the units.")
    vulnerabilities: list[str] = Field(
        [], max_length=50, description="Which ones; empty: those that the case asks for."
    )
    language: str = Field("en", max_length=10, description="en or de.")


class DescriptionIn(Shape):
    """A description as a person wrote it."""

    content: str = Field(max_length=TEXT_CHARACTERS_MAX, description="The whole description, JSON as text.")
    base: str = Field("", max_length=64, description="SHA-256 of the draft that was edited; empty: whichever.")


class RedraftIn(Shape):
    """The draft anew."""

    base: str = Field("", max_length=64, description="SHA-256 of the draft that was read; empty: whichever.")


class ApproveIn(Shape):
    """An approval."""

    draft: str = Field(max_length=64, description="SHA-256 of the draft.")
    why: str = Field("", max_length=4_000, description="A remark; it stays with the advisory.")


class PublishIn(Shape):
    """A publication."""

    summary: str = Field(max_length=200, description="What this version brings.")
    why: str = Field(
        "", max_length=4000, description="Why, although a notice of the same flaw is held; by a second person."
    )


class PublisherIn(Shape):
    """Who publishes."""

    content: str = Field(max_length=TEXT_CHARACTERS_MAX, description="The publisher, JSON as text.")


class PublisherKeyIn(Shape):
    """The key that signs what is published."""

    secret: str = Field("", max_length=TEXT_CHARACTERS_MAX, description="The exported secret key, armoured; empty: a new one is made.")  # fmt: skip


class AnswerTipIn(Shape):
    """What a reporter is told."""

    words: str = Field(max_length=4_000, description="What the reporter finds under his code.")


class EraseTipIn(Shape):
    """An erasure."""

    rule: str = Field("gdpr.17-1", max_length=40, description="The rule it is erased under.")


class AdvisoryShape(Shape):
    """An advisory as it stands."""

    advisory: str = Field(description="Its code.")
    identity: str = Field(description="Its tracking id.")
    kind: str = Field(description="advisory, vex or informational.")
    state: str = Field(description="draft, approved or published.")
    draft: str = Field(description="SHA-256 of the newest draft.")
    description: dict = Field(description="The newest draft.")
    gaps: list[str] = Field(description="What is not known.")
    held_by: list[str] = Field(description="Notices of the same flaw that are held: publishing needs a reason.")
    failing: list[dict] = Field(description="Mandatory tests that the draft would fail: place, reason.")
    publications: list[dict] = Field(description="version, sha256, status, tlp, summary, at, fingerprint; the newest first.")  # fmt: skip
    timeline: list[dict] = Field(description="what, at, by, why.")


class AdvisoryList(Shape):
    """Advisories, the newest first."""

    advisories: list[dict] = Field(description="advisory, identity, kind, case, state, vulnerabilities, version, published_at.")  # fmt: skip


class Published(Shape):
    """A version that was published."""

    version: int = Field(description="Its number.")


class PublisherShape(Shape):
    """Who publishes, and what is missing."""

    publisher: dict | None = Field(description="As said last; null: nobody said.")
    keys: list[str] = Field(description="Fingerprints, the one that signs first.")
    security_txt: dict | None = Field(description="text, written_at, expires_at.")
    gaps: list[str] = Field(description="What the policy lacks.")
    warnings: list[str] = Field(description="What is to be done about security.txt.")
    untold: list[str] = Field(description="Vulnerabilities that are fixed, and that no published advisory names.")


class TipList(Shape):
    """Tips, those that wait first."""

    tips: list[dict] = Field(description="tip, signal, received_at, files, state, ack_due_at, acknowledged_at, late, left_s.")  # fmt: skip


class TipShape(Shape):
    """A tip with what was sent: text of a stranger."""

    tip: str = Field(description="Its reference.")
    erased: bool = Field(description="Whether what was sent is erased.")
    sent: dict | None = Field(description="words, product, version, contact, credit, files, encrypted.")
    answers: list[dict] = Field(description="words, at, by, mailed.")


@router.get("/advisories", response=AdvisoryList, operation_id="list_advisories", summary="Advisories")
def list_advisories(request: HttpRequest):
    """Of every state."""
    return {"advisories": advisories_told(request.actor)}


@router.post("/advisories", response={201: AdvisoryShape}, auth=needs(ADVISORY_WRITE), operation_id="draft_advisory", summary="Draft an advisory")  # fmt: skip
def draft(request: HttpRequest, said: AdvisoryDraftIn, idempotency_key: Key = None):
    """Out of a case, or of vulnerabilities as they are today."""
    code = advising.draft_advisory(
        request.actor, kind=said.kind, case=said.case, vulnerabilities=tuple(said.vulnerabilities), language=said.language,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, _seen(request, code))


@router.get("/advisories/{code}", response=AdvisoryShape, operation_id="get_advisory", summary="An advisory")
def one_advisory(request: HttpRequest, code: Code):
    """With its draft, gaps and versions."""
    return _seen(request, code)


@router.put("/advisories/{code}", response=AdvisoryShape, auth=needs(ADVISORY_WRITE), operation_id="edit_advisory", summary="Edit an advisory")  # fmt: skip
def edit(request: HttpRequest, code: Code, said: DescriptionIn, idempotency_key: Key = None):
    """It asks for a new approval."""
    key = request_key(request, idempotency_key)
    advising.edit_advisory(request.actor, advisory=code, content=said.content.encode(), base=said.base, request_key=key)
    return _seen(request, code)


@router.post("/advisories/{code}/redraft", response=AdvisoryShape, auth=needs(ADVISORY_WRITE), operation_id="redraft_advisory", summary="Draft an advisory anew")  # fmt: skip
def redraft(request: HttpRequest, code: Code, said: RedraftIn, idempotency_key: Key = None):
    """Units, statuses, remedies as the record has them now; words that people wrote stay. It asks for a new approval."""
    advising.redraft_advisory(
        request.actor, advisory=code, base=said.base, request_key=request_key(request, idempotency_key)
    )
    return _seen(request, code)


@router.post("/advisories/{code}/approve", response=AdvisoryShape, auth=needs(ADVISORY_PUBLISH), operation_id="approve_advisory", summary="Approve a draft")  # fmt: skip
def approve(request: HttpRequest, code: Code, said: ApproveIn, idempotency_key: Key = None):
    """This very draft may be published."""
    key = request_key(request, idempotency_key)
    advising.approve_advisory(request.actor, advisory=code, draft=said.draft, why=said.why, request_key=key)
    return _seen(request, code)


@router.post("/advisories/{code}/publish", response=Published, auth=needs(ADVISORY_PUBLISH), operation_id="publish_advisory", summary="Publish an advisory")  # fmt: skip
def publish(request: HttpRequest, code: Code, said: PublishIn, idempotency_key: Key = None):
    """Written, checked, signed; a later version supersedes it."""
    key = request_key(request, idempotency_key)
    version = advising.publish_advisory(
        request.actor, advisory=code, summary=said.summary, why=said.why, request_key=key
    )
    return {"version": version}


@router.get("/advisories/{code}/document", operation_id="get_advisory_document", summary="An advisory as CSAF")
def document(
    request: HttpRequest,
    code: Code,
    version: Annotated[int, Query(ge=0, le=100_000, description="Which version; 0: what the draft would be.")] = 0,
):
    """The document as it was published, or what publishing would write."""
    content = document_of(request.actor, code, version)[1] if version else advising.preview(request.actor, code)
    return HttpResponse(content, content_type="application/json")


@router.get("/publisher", response=PublisherShape, operation_id="get_publisher", summary="Who publishes")
def get_publisher(request: HttpRequest):
    """With every gap."""
    return publisher_seen(request.actor)


@router.put("/publisher", response=PublisherShape, auth=needs(ADVISORY_PUBLISH), operation_id="say_publisher", summary="Say who publishes")  # fmt: skip
def put_publisher(request: HttpRequest, said: PublisherIn, idempotency_key: Key = None):
    """The whole document; a later one supersedes it."""
    key = request_key(request, idempotency_key)
    presenting.say_publisher(request.actor, content=said.content.encode(), request_key=key)
    return publisher_seen(request.actor)


@router.post("/publisher/keys", response=PublisherShape, auth=needs(ADVISORY_PUBLISH), operation_id="take_publisher_key", summary="Make or take an OpenPGP key")  # fmt: skip
def put_key(request: HttpRequest, said: PublisherKeyIn, idempotency_key: Key = None):
    """It signs from now on; the public half of an older one stays published."""
    key = request_key(request, idempotency_key)
    if said.secret:
        presenting.take_key(request.actor, secret=said.secret.encode(), request_key=key)
    else:
        presenting.make_key(request.actor, request_key=key)
    return publisher_seen(request.actor)


@router.post("/security-txt", response=PublisherShape, auth=needs(ADVISORY_PUBLISH), operation_id="renew_security_txt", summary="Renew security.txt")  # fmt: skip
def renew(request: HttpRequest, idempotency_key: Key = None):
    """Written from the publisher and signed."""
    presenting.renew_security_txt(request.actor, request_key=request_key(request, idempotency_key))
    return publisher_seen(request.actor)


@router.get("/tips", response=TipList, operation_id="list_tips", summary="Tips of strangers")
def list_tips(request: HttpRequest):
    """The newest 1,000, without what they say."""
    return {"tips": tips_told(request.actor)}


@router.get("/tips/{tip}", response=TipShape, auth=needs(TIP_HANDLE), operation_id="get_tip", summary="A tip")  # fmt: skip
def one_tip(request: HttpRequest, tip: TipCode):
    """With what was sent."""
    return tip_seen(request.actor, tip)


@router.get("/tips/{tip}/files/{number}", auth=needs(TIP_HANDLE), operation_id="get_tip_file", summary="A file of a tip")  # fmt: skip
def tip_file(
    request: HttpRequest, tip: TipCode, number: Annotated[int, Path(ge=1, le=1_000, description="Which file, from 1.")]
):  # fmt: skip
    """As it came; nobody has looked into it."""
    _, pieces = attached(request.actor, tip, number)
    headers = {"Content-Disposition": 'attachment; filename="unopened"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(pieces, content_type="application/octet-stream", headers=headers)


@router.post("/tips/{tip}/answer", response=TipShape, auth=needs(TIP_HANDLE), operation_id="answer_tip", summary="Answer a tip")  # fmt: skip
def answer(request: HttpRequest, tip: TipCode, said: AnswerTipIn, idempotency_key: Key = None):
    """The first answer acknowledges."""
    key = request_key(request, idempotency_key)
    taking_tips.answer_tip(request.actor, tip=tip, words=said.words, request_key=key)
    return tip_seen(request.actor, tip)


@router.post("/tips/{tip}/erase", response=Done, auth=needs(PERSON_ERASE), operation_id="erase_tip", summary="Erase a tip")  # fmt: skip
def erase(request: HttpRequest, tip: TipCode, said: EraseTipIn):
    """All that the reporter sent, for good; asking again changes nothing."""
    taking_tips.erase_tip(request.actor, tip=tip, rule=said.rule)
    return Done()


def _seen(request: HttpRequest, code: str) -> dict:
    found = advisory_seen(request.actor, code)
    wrong = failing(request.actor, code) if request.actor.may(ADVISORY_WRITE) else []
    return {**found, "description": asdict(found["description"]), "failing": wrong}
