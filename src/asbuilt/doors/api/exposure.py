"""Vulnerabilities and units: what is open, exposure, decisions, VEX, reports to makers, waivers, watch lists. The twin of the pages Security."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import RECORD_READ, VEX_DECIDE, VULNERABILITY_READ, WAIVER_APPROVE, WAIVER_PROPOSE
from asbuilt.answers.register.watching import unwatch, watch, watched
from asbuilt.built.quality.actions.waivers import approve_waiver, end_waiver, propose_waiver
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.designed.vulnerability.deciding.decisions import Scope
from asbuilt.designed.vulnerability.deciding.proposing import proposals_of
from asbuilt.designed.vulnerability.deciding.stating import decide, report_upstream
from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product
from asbuilt.doors.api import errors
from asbuilt.doors.api.asking import QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import DAY_US, parse_instant
from asbuilt.kernel.plain import plain
from asbuilt.ledger import clock
from asbuilt.questions.exposure.changes import changes_between
from asbuilt.questions.exposure.exposure import exposure
from asbuilt.questions.exposure.inbox import inbox
from asbuilt.questions.exposure.waivers_seen import waiver_page, waivers_seen

router = Router(tags=["Vulnerabilities"], auth=Caller())
Name = Annotated[str, Path(min_length=1, max_length=300, description="The vulnerability, by any of its names.")]
Code = Annotated[str, Path(min_length=1, max_length=60, description="Code of the waiver.")]
Key = IdempotencyKey


class InboxShape(Shape):
    """What is open."""

    listed: list[dict] = Field(
        description="vulnerability, title, state, priority, score, epss, exploited, components, places, products, units, in_field, since_at, lapsed, "
        "proposed (how much our own SBOMs and builds speak for a decision); what matters most first."
    )
    more: int = Field(description="How many are not listed.")
    upstream: list[dict] = Field(
        description="Reports to makers that nobody sent yet: code, vulnerability, component, steps."
    )
    notes: list[str] = Field(description="How far this can be trusted: ages of feeds, what cannot be matched.")


class ChangesShape(Shape):
    """What changed."""

    since: str = Field(description="After this instant.")
    until: str = Field(description="Up to this one.")
    changes: list[dict] = Field(description="kind, vulnerability, at, words, products; the newest first.")


class ExposureShape(Shape):
    """A vulnerability and what it is to units."""

    vulnerability: str = Field(description="Its canonical name.")
    title: str = Field(description="What feeds call it.")
    score: float | None = Field(description="The highest CVSS base score, or null.")
    vector: str = Field(description="Its vector.")
    exploited: bool = Field(description="Whether a feed says that it is exploited.")
    epss: float | None = Field(description="How likely it is exploited within 30 days, or null.")
    hops: list[dict] = Field(
        description="component, place, kind, state, reason, since_at, verdict, decision, decided, lapsed, counts."
    )
    countries: list[dict] = Field(description="country and the three numbers of finished units.")
    remediated: int = Field(description="Units that had it and no longer do.")
    taken_out: int = Field(description="Units that decisions take out.")
    decisions: list[dict] = Field(
        description="code, scope, kind, status, justification, impact, action, vector, review_on, source, sha256, decided_at, lapsed, counts, made_for."
    )
    waivers: list[dict] = Field(description="Waivers about it.")
    upstream: list[dict] = Field(description="Reports to makers.")
    notes: list[str] = Field(description="How far this can be trusted.")
    answer: dict = Field(description="The answer of the question `cve:`, as `ask` gives it.")
    elapsed_ms: float = Field(description="How long it took.")


class DecisionShape(Shape):
    """A decision."""

    code: str = Field(description="Its code.")
    vulnerability: str = Field(description="The vulnerability.")
    scope: dict = Field(description="product, revision, role, version, part, question.")
    components: list[str] = Field(description="Through which it came in when it was decided.")
    known: list[dict] = Field(
        description="What feeds said then: feed, record, score (ten times), exploited, withdrawn."
    )
    status: str = Field(description="not_affected, affected, fixed or under_investigation.")
    justification: str = Field(description="Of not_affected.")
    impact: str = Field(description="Why not, in words.")
    action: str = Field(description="What is done.")
    vector: str = Field(description="CVSS with environmental metrics.")
    source: str = Field(description="The supplier's statement that was taken over.")
    file: str = Field(description="Name of the evidence.")
    sha256: str = Field(description="The evidence.")
    review_on: str = Field(description="When it is looked at again.")
    decided_at: str = Field(description="When.")
    entry: int = Field(description="The entry of the log.")


class UpstreamReportIn(Shape):
    """A step of telling the maker of a component."""

    component: str = Field(min_length=1, max_length=300, description="The component.")
    event: Literal["found", "reported", "answered", "not_reported"] = Field(description="What happened.")
    recipient: str = Field("", max_length=300, description="To whom.")
    channel: str = Field("", max_length=120, description="How: mail, form, tracker.")
    reference: str = Field("", max_length=400, description="Their number or address.")
    said: str = Field("", max_length=20_000, description="What was said; why nobody was told.")


class ReportShape(Shape):
    """A report to a maker."""

    code: str = Field(description="Its code.")
    vulnerability: str = Field(description="The vulnerability.")
    component: str = Field(description="The component.")
    steps: list[dict] = Field(description="event, recipient, channel, reference, said, sha256, happened_at.")


class ProposalList(Shape):
    """What may be decided, with its evidence."""

    proposals: list[dict] = Field(
        description="source, feed (or what it is of), status, justification, impact, action, components, at, kind (build, sbom, supplier), "
        "scope (product, revision, role, version, part, question; null where a supplier speaks of the component wherever it is)."
    )


class WaiverIn(Shape):
    """A waiver."""

    vulnerability: str = Field(min_length=1, max_length=300, description="Which vulnerability.")
    product: str = Field(min_length=1, max_length=120, description="Of which product.")
    role: str = Field("", max_length=60, description="Image role; empty: app.")
    version: str = Field("", max_length=120, description="One release; empty: every one.")
    question: str = Field("", max_length=QUESTION_CHARACTERS_MAX, description="Only these units; empty: all.")
    reason: str = Field(min_length=1, max_length=2_000, description="Why.")
    until_at: str = Field(max_length=40, description="Its end, with offset.")
    code: str = Field("", max_length=60, description="Its code; empty: the next.")


class WaiverShape(Shape):
    """A waiver."""

    code: str = Field(description="Its code.")
    state: str = Field(description="open (approvals are missing), holds or over.")
    vulnerability: str = Field(description="The vulnerability.")
    product: str = Field(description="The product.")
    scope: str = Field(description="What it speaks of.")
    question: str = Field(description="Only these units, or empty.")
    reason: str = Field(description="Why.")
    by: str = Field(description="Who proposed it.")
    at: str = Field(description="When.")
    until_at: str = Field(description="Its end.")
    missing: list[str] = Field(description="Approvals that are missing.")
    decisions: list[dict] = Field(description="decision, who, party, sha256, reason, at.")


class WaiverList(Shape):
    """Waivers."""

    waivers: list[WaiverShape] = Field(description="The newest first.")


class SuggestionWhyIn(Shape):
    """A reason."""

    reason: str = Field(min_length=1, max_length=2_000, description="Why.")


class WatchIn(Shape):
    """A product on a watch list."""

    product: str = Field(min_length=1, max_length=120, description="The product.")
    mail_list: str = Field(min_length=1, max_length=60, description="A list of ASBUILT_MAIL_LISTS.")
    on: bool = Field(True, description="False: it is told no more.")


class WatchList(Shape):
    """Watched products."""

    watched: list[dict] = Field(
        description="product, mail_list, since_at, standing (open, exploited, worst, in_field, names)."
    )


class EntryOf(Shape):
    """The entry."""

    entry: int = Field(description="The entry of the log.")


@router.get("/vulnerabilities/open", response=InboxShape, auth=needs(VULNERABILITY_READ), operation_id="list_open_vulnerabilities", summary="What is open")  # fmt: skip
def opened(request: HttpRequest):
    """Open vulnerabilities, what matters most first, and why."""
    return plain(inbox(request.actor))


@router.get("/vulnerabilities/changes", response=ChangesShape, auth=needs(VULNERABILITY_READ), operation_id="list_vulnerability_changes", summary="What changed")  # fmt: skip
def changed(
    request: HttpRequest,
    since: Annotated[str, Query(max_length=40, description="After this instant, with offset; empty: a day ago.")] = "",
    product: Annotated[str, Query(max_length=120, description="Only what concerns this product.")] = "",
):
    """Found, gone, exploited, decided, lapsed."""
    now = clock.now()
    begin = _instant("since", since) if since else now - DAY_US
    found = changes_between(request.actor, begin, now, products=[product] if product else None)
    return plain({"since_at": begin, "until_at": now, "changes": found}) | {
        "since": plain(begin, "at"), "until": plain(now, "at"),
    }  # fmt: skip


@router.get("/vulnerabilities/{path:name}/exposure", response=ExposureShape, auth=needs(RECORD_READ), operation_id="get_exposure", summary="From a vulnerability to units and customers")  # fmt: skip
def exposed(
    request: HttpRequest,
    name: Name,
    as_of: Annotated[str, Query(max_length=40, description="As it was recorded by this day or instant.")] = "",
):
    """Each hop with its reason, the units as spans, who has them."""
    return exposure(request.actor, name, as_of=as_of or None).as_dict()


@router.get("/vulnerabilities/{path:name}/proposals", response=ProposalList, auth=needs(VEX_DECIDE), operation_id="list_vex_proposals", summary="What may be decided of it")  # fmt: skip
def proposed(request: HttpRequest, name: Name):
    """By build configurations and SBOMs of our own, then by suppliers; all stays open until a person takes one over as a decision's `source`."""
    return {"proposals": plain(proposals_of(request.actor, name))}


@router.post("/vulnerabilities/{path:name}/decisions", response={201: DecisionShape}, auth=needs(VEX_DECIDE, "API_IMPORT_BYTES_MAX"), operation_id="decide_vulnerability", summary="Say what it is to a release, revision, part or units")  # fmt: skip
def decided(
    request: HttpRequest,
    name: Name,
    status: Literal["not_affected", "affected", "fixed", "under_investigation"] = Form(description="What it is."),
    product: str = Form("", max_length=120, description="Of a release or a hardware revision."),
    role: str = Form("", max_length=60, description="Image role of the release; empty: app."),
    version: str = Form("", max_length=120, description="The release."),
    revision: str = Form("", max_length=120, description="The hardware revision."),
    part: str = Form("", max_length=200, description="The bought part: its number, or MAKER/MPN."),
    question: str = Form("", max_length=QUESTION_CHARACTERS_MAX, description="The units that this question means."),
    justification: str = Form("", max_length=80, description="Of not_affected, as OpenVEX has it."),
    impact: str = Form("", max_length=20_000, description="Why it is not affected."),
    action: str = Form("", max_length=20_000, description="Of affected: what is done."),
    vector: str = Form("", max_length=400, description="CVSS 3.1 or 4.0 with environmental metrics."),
    review_on: str = Form("", max_length=10, description="The day of its review."),
    source: str = Form("", max_length=400, description="The supplier's statement that is taken over."),
    file: UploadedFile | None = File(None, description="Evidence, up to 32 MiB."),  # noqa: B008
    idempotency_key: Key = None,
):
    """Recorded with its premise: it lapses when that changes."""
    scope = Scope(product, revision, role, version, part, question)
    content, file_name = (_bytes(file), file.name or "evidence") if file is not None else (None, "")
    found = decide(
        request.actor, vulnerability=name, scope=scope, status=status, justification=justification, impact=impact, action=action,
        vector=vector, review_on=review_on, source=source, name=file_name, content=content, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, plain(found))


@router.post("/vulnerabilities/{path:name}/reports", response={201: ReportShape}, auth=needs(VEX_DECIDE), operation_id="report_upstream", summary="A step of telling a component's maker")  # fmt: skip
def reported(request: HttpRequest, name: Name, said: UpstreamReportIn, idempotency_key: Key = None):
    """To whom, when, what they answered, or why nobody was told."""
    given = said.model_dump(include=set(UpstreamReportIn.model_fields))
    found = report_upstream(
        request.actor, vulnerability=name, request_key=request_key(request, idempotency_key), **given
    )
    return Status(201, plain(found))


@router.get("/products/{path:code}/vex", auth=needs(RECORD_READ), operation_id="get_vex", summary="VEX document of a product")  # fmt: skip
def vex(
    request: HttpRequest,
    code: Annotated[str, Path(min_length=1, max_length=120, description="The product.")],
    form: Annotated[
        Literal["openvex", "csaf", "cyclonedx"], Query(description="OpenVEX, CSAF 2.0 or CycloneDX 1.6.")
    ] = "openvex",
) -> HttpResponse:
    """What we say about vulnerabilities in its releases and hardware revisions."""
    return as_vex(*vex_of_product(request.actor, code, form))


def as_vex(name: str, kind: str, document: bytes) -> HttpResponse:
    """The document as a file."""
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    answer = HttpResponse(document, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{safe[:120]}"'
    return answer


@router.get("/waivers", response=WaiverList, auth=needs(RECORD_READ), operation_id="list_waivers", summary="Waivers")  # fmt: skip
def listed(request: HttpRequest):
    """With which known vulnerability something may go."""
    return {"waivers": plain(waivers_seen(request.actor))}


@router.post("/waivers", response={201: WaiverShape}, auth=needs(WAIVER_PROPOSE), operation_id="propose_waiver", summary="Propose a waiver")  # fmt: skip
def waived(request: HttpRequest, said: WaiverIn, idempotency_key: Key = None):
    """It lets nothing pass until everybody agreed who has to."""
    given = said.model_dump(include=set(WaiverIn.model_fields)) | {"until_at": _instant("until_at", said.until_at)}
    code, _ = propose_waiver(request.actor, request_key=request_key(request, idempotency_key), **given)
    return Status(201, plain(waiver_page(request.actor, code)))


@router.post("/waivers/{path:code}/approvals", response={201: WaiverShape}, auth=needs(RECORD_READ, "API_IMPORT_BYTES_MAX"), operation_id="approve_waiver", summary="Agree to a waiver")  # fmt: skip
def agreed(
    request: HttpRequest,
    code: Code,
    reason: str = Form("", max_length=2000, description="Anything to say."),
    party: str = Form("", max_length=200, description="For which party, with what it signed."),
    file: UploadedFile | None = File(None, description="What the party signed, up to 32 MiB."),  # noqa: B008
    idempotency_key: Key = None,
):
    """A second person; or a party, by its own person or its signed document."""
    content, name = (_bytes(file), file.name or "agreed") if file is not None else (None, "agreed")
    key = request_key(request, idempotency_key)
    approve_waiver(request.actor, waiver=code, reason=reason, party=party, content=content, name=name, request_key=key)
    return Status(201, plain(waiver_page(request.actor, code)))


@router.post("/waivers/{path:code}/end", response={201: EntryOf}, auth=needs(WAIVER_APPROVE), operation_id="end_waiver", summary="End a waiver")  # fmt: skip
def ended(request: HttpRequest, code: Code, said: SuggestionWhyIn, idempotency_key: Key = None):
    """It lets nothing pass any more."""
    key = request_key(request, idempotency_key)
    return Status(201, {"entry": end_waiver(request.actor, waiver=code, reason=said.reason, request_key=key)})


@router.get("/waivers/{path:code}", response=WaiverShape, auth=needs(RECORD_READ), operation_id="get_waiver", summary="A waiver")  # fmt: skip
def one_waiver(request: HttpRequest, code: Code):
    """Who agreed, and who has to."""
    return plain(waiver_page(request.actor, code))


@router.get("/watches", response=WatchList, auth=needs(VULNERABILITY_READ), operation_id="list_watches", summary="Watched products")  # fmt: skip
def watches(request: HttpRequest):
    """Products with what is open on them, and who is told."""
    return {"watched": plain(watched(request.actor))}


@router.post("/watches", response={201: EntryOf}, auth=needs(VEX_DECIDE), operation_id="set_watch", summary="Watch a product, or no longer")  # fmt: skip
def set_watch(request: HttpRequest, said: WatchIn, idempotency_key: Key = None):
    """The list gets a mail on days that bring something."""
    verb, key = watch if said.on else unwatch, request_key(request, idempotency_key)
    return Status(201, {"entry": verb(request.actor, product=said.product, mail_list=said.mail_list, request_key=key)})


def _instant(field: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise errors.field_wrong(field, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


def _bytes(file: UploadedFile) -> bytes:
    if file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    return b"".join(file.chunks())
