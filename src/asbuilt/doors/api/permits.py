"""Permits and stations: what pages Permits and Stations do. Stations themselves ask under `station_sync`."""

import json
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import PERMIT_ISSUE, RECORD_READ, STATION_MANAGE, STATION_RELEASE
from asbuilt.answers.gate.permits import choices, issue
from asbuilt.built.programming import drafts, grant_drafts, telling
from asbuilt.built.programming.actions import grants
from asbuilt.built.programming.actions import permits as actions
from asbuilt.built.programming.actions import stations as station_actions
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.firmware import EnvelopeIn
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of

router = Router(tags=["Permits and stations"], auth=Caller())
PermitId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the permit.")]
GrantId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the grant.")]
StationName = Annotated[str, Path(min_length=1, max_length=40, description="The station's name.")]


class GrantShape(Shape):
    """A brand owner's grant."""

    grant: str = Field(description="Its id.")
    brand_owner: str = Field(description="Who gave it.")
    ems: str = Field(description="To whom.")
    site: str = Field(description="Where.")
    product: str = Field(description="Code of the product.")
    revisions: list[str] = Field(description="Hardware revisions.")
    images: list[dict] = Field(description="role, version, sha256.")
    units: int = Field(description="Units granted.")
    left: int = Field(description="Units that no permit holds.")
    not_after: str = Field(description="Its end.")
    issuers: list[str] = Field(description="Ids of the keys that may split it.")
    permits: list[str] = Field(description="Ids of its permits.")


class GrantList(Shape):
    """Grants, newest first."""

    grants: list[GrantShape] = Field(description="All of them.")


class PermitShape(Shape):
    """A permit and how far each station is, as far as records arrived."""

    permit: str = Field(description="Its id.")
    grant: str = Field(description="Id of its grant.")
    order: str = Field(description="The work order.")
    product: str = Field(description="Code of the product.")
    revisions: list[str] = Field(description="Hardware revisions.")
    state: str = Field(description="issued, revoked or closed.")
    reason: str = Field(description="Why it was revoked or closed.")
    units: int = Field(description="Units of all shares.")
    images: list[dict] = Field(description="role, version, sha256, part, region.")
    plan: str = Field(description="How units are programmed.")
    plan_version: int = Field(description="Its version.")
    plan_sha256: str = Field(description="SHA-256 of the plan.")
    tests: list[dict] = Field(description="Test plans that its stations run: plan, version, sha256.")
    tools: list[dict] = Field(description="tool, version_min.")
    issued_at: str = Field(description="When it was issued.")
    not_before: str = Field(description="Its beginning.")
    not_after: str = Field(description="Its end.")
    grace_offline_hours: int = Field(description="How long a station works without hearing of the server.")
    attempts_per_unit: int = Field(description="Attempts at one device.")
    revocation_epoch: int = Field(description="What a station must know of revocations.")
    supersedes: str | None = Field(description="The permit before it.")
    issued_by: str = Field(description="Badge of who issued it.")
    stations: list[dict] = Field(
        description="station, units, rework_units, passed, failed, spent, rework, attempts, last_at, ended_at, "
        "end_certificate, returned."
    )


class PermitList(Shape):
    """Permits, newest first."""

    permits: list[PermitShape] = Field(description="All of them.")


class PermitIn(Shape):
    """What is asked of a permit; the rest follows from register, grant and stations."""

    grant: str = Field(max_length=26, description="Id of the grant.")
    order: str = Field(max_length=80, description="The work order.")
    revisions: list[str] = Field(max_length=50, description="Hardware revisions.")
    bom_version: str = Field("", max_length=40, description="BOM version.")
    not_before: str = Field(max_length=40, description="Its beginning.")
    not_after: str = Field(max_length=40, description="Its end.")
    grace_offline_hours: int = Field(72, description="How long a station works without hearing of the server.")
    plan: str = Field(max_length=64, description="SHA-256 of the plan.")
    parts: list[dict] = Field(max_length=20, description="ref, programmer, part, part_id.")
    images: list[dict] = Field(max_length=40, description="role, version, part, region.")
    tools: list[dict] = Field([], max_length=20, description="tool, version_min, sha256_allowed.")
    attempts_per_unit: int = Field(3, description="Attempts at one device.")
    stations: list[dict] = Field(max_length=100, description="station, units, rework_units.")
    operator_roles: list[str] = Field(["operator"], max_length=10, description="Roles that may program.")
    two_person_for: list[str] = Field(
        ["otp", "rework", "tool-only"], max_length=3, description="What needs two people."
    )
    provision: str = Field("", max_length=80, description="How credentials are made.")
    lock: str = Field("none", max_length=10, description="none, debug or readout.")
    supersedes: str | None = Field(None, max_length=26, description="The permit before it.")
    end_certificate_to: str = Field("", max_length=80, description="Who gets the end certificate.")
    tests: list[dict] = Field([], max_length=20, description="Test plans that its stations run: plan, version.")


class ChoicesShape(Shape):
    """What may be chosen for a permit of an order. The gate asks all of it anew when the permit is issued."""

    order: str = Field(description="The work order.")
    product: str = Field(description="Code of the product.")
    revisions: list[str] = Field(description="Hardware revisions of its units.")
    bom_versions: list[str] = Field(description="BOM versions of its units.")
    units: int = Field(description="Units of the order.")
    permitted: int = Field(description="Of them, units that permits hold.")
    left: int = Field(description="Units that no permit holds.")
    demands: list[dict] = Field(
        description="revision, of_product, role, version, part, by, state (of the release; empty: not in the register), own "
        "(whether it is this product's)."
    )
    releases: list[dict] = Field(
        description="role, version, sha256, security_relevant, revisions, answers (revisions that take it), demanded."
    )
    grants: list[GrantShape] = Field(description="Grants of the product that have not ended.")
    plans: list[dict] = Field(description="plan, version, sha256, lock, places (part, region, kind), newest first.")
    stations: list[dict] = Field(description="station, site, ems, tools; enrolled ones.")
    split_by: list[str] = Field(
        description="ECOs on both sides of whose boundary the order lies: it is split there first."
    )
    before: dict | None = Field(description="parts, tools, grace_offline_hours, attempts_per_unit of the last permit.")


class GrantDraftIn(Shape):
    """What a grant is to allow."""

    brand_owner: str = Field(min_length=1, max_length=200, description="Who signs it.")
    ems: str = Field(min_length=1, max_length=200, description="To whom it is given.")
    site: str = Field(min_length=1, max_length=80, description="Where.")
    product: str = Field(min_length=1, max_length=120, description="Code of the product.")
    revisions: list[str] = Field(min_length=1, max_length=50, description="Hardware revisions.")
    images: list[dict[str, str]] = Field(min_length=1, max_length=40, description="role and version of each.")
    units: int = Field(ge=1, description="Units.")
    not_after: str = Field(max_length=40, description="Its end.")
    issuers: list[str] = Field(min_length=1, max_length=16, description="Ids of the keys that may split it.")
    threshold: int = Field(1, ge=1, le=16, description="How many of them must sign.")
    supersedes: str | None = Field(None, max_length=26, description="The grant before it.")


class PlanShape(Shape):
    """A plan that was recorded."""

    plan: str = Field(description="Its name.")
    version: int = Field(description="Its version.")
    product: str = Field(description="Code of the product.")
    sha256: str = Field(description="What permits name it by.")


class PermitPlanIn(Shape):
    """A plan (docs/reference: kernel.plans)."""

    plan: dict = Field(description="The plan.")


class PermitReasonIn(Shape):
    """Why."""

    reason: str = Field("", max_length=2_000, description="Why.")


class StationShape(Shape):
    """A station."""

    station: str = Field(description="Its name.")
    state: str = Field(description="enrolled or closed.")
    site: str = Field(description="Its site.")
    ems: str = Field(description="Whose site that is.")
    key_id: str = Field(description="Id of its signing key.")
    enrolled_at: str = Field(description="When it was enrolled.")
    seen_at: str | None = Field(description="When it was last here.")
    waiting: int | None = Field(description="Records that waited there then.")
    heard_at: str | None = Field(description="When it fetched its last bulletin.")
    tools: list[dict] = Field(description="tool, version.")
    alarms_open: int = Field(description="Alarms that stand.")
    unplaced: int = Field(description="Records that name no unit here.")


class StationPage(StationShape):
    """A station with what it did last."""

    alarms: list[dict] = Field(description="alarm, code, said, unit, at, released (empty, station or server).")
    permits: list[dict] = Field(description="permit, order, state.")
    records: list[dict] = Field(description="The last records.")


class StationList(Shape):
    """Stations by name."""

    stations: list[StationShape] = Field(description="All of them.")


class RecordList(Shape):
    """Signed records of a unit."""

    records: list[dict] = Field(
        description="station, permit, unit, uid, attempt, rework, result, reason, said, grade, images (role, version, sha256, "
        "read_back_sha256, grade), evidence, problem, record, happened_at, operator (badge)."
    )


class EnrolmentIn(Shape):
    """The station that may enrol."""

    station: str = Field(min_length=1, max_length=40, description="Its name.")
    site: str = Field(min_length=1, max_length=80, description="Its site.")
    ems: str = Field(min_length=1, max_length=200, description="Whose site that is, as grants write it.")


class EnrolmentOut(Shape):
    """The code."""

    code: str = Field(description="Shown once; ends after a day.")


class AlarmIn(Shape):
    """The alarm, and why the station may go on."""

    alarm: str = Field(min_length=1, max_length=250, description="Key of its record.")
    reason: str = Field(min_length=1, max_length=2_000, description="Why.")


class Entered(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")


@router.get("/grants", response=GrantList, auth=needs(RECORD_READ), operation_id="list_grants", summary="Grants")
def list_grants(request: HttpRequest):
    """Newest first, with what is left of each."""
    return {"grants": telling.grants_told(request.actor)}


@router.post("/grants", response={201: GrantShape}, auth=needs(PERMIT_ISSUE), operation_id="record_grant", summary="Record a signed grant")  # fmt: skip
def record_grant(request: HttpRequest, said: EnvelopeIn, idempotency_key: IdempotencyKey = None):
    """The file that the brand owner signed. It is checked against the trust store and never signed here."""
    document = json.dumps(said.model_dump(), ensure_ascii=False).encode()
    found = grants.record_grant(request.actor, document=document, request_key=request_key(request, idempotency_key))
    told = next(one for one in telling.grants_told(request.actor) if one["grant"] == found.grant_id)
    return Status(201, told)


@router.post("/grant-drafts", auth=needs(PERMIT_ISSUE), operation_id="draft_grant", summary="A grant for the brand owner to sign")  # fmt: skip
def draft_grant(request: HttpRequest, said: GrantDraftIn):
    """The file that `asbuilt permit sign` takes, offline. Nothing is recorded: what comes back signed is."""
    try:
        until = parse_instant(said.not_after)
    except ValueError as refusal:
        raise errors.field_wrong("not_after", str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None
    images = tuple((one.get("role", ""), one.get("version", "")) for one in said.images)
    asked = grant_drafts.GrantAsked(
        said.brand_owner, said.ems, said.site, said.product, tuple(said.revisions), images, said.units, until,
        tuple(said.issuers), said.threshold, said.supersedes,
    )  # fmt: skip
    name, document = grant_drafts.grant_draft(request.actor, asked=asked)
    return _file(document, name)


@router.get("/grants/{grant}/document", auth=needs(RECORD_READ), operation_id="get_grant_document", summary="A grant as it was signed")  # fmt: skip
def grant_document(request: HttpRequest, grant: GrantId):
    """The envelope; `asbuilt verify` checks permits and end certificates with it."""
    return _file(telling.grant_document(request.actor, grant), f"grant-{grant}.json")


@router.post("/station-plans", response={201: PlanShape}, auth=needs(PERMIT_ISSUE), operation_id="record_station_plan", summary="Record a plan")  # fmt: skip
def record_plan(request: HttpRequest, said: PermitPlanIn, idempotency_key: IdempotencyKey = None):
    """Kept in its canonical form, under the SHA-256 of that."""
    document = json.dumps(said.plan, ensure_ascii=False).encode()
    plan = grants.record_plan(request.actor, document=document, request_key=request_key(request, idempotency_key))
    return Status(201, {"plan": plan.plan, "version": plan.version, "product": plan.product, "sha256": plan.sha256})


@router.get("/permits", response=PermitList, auth=needs(RECORD_READ), operation_id="list_permits", summary="Permits")
def list_permits(request: HttpRequest):
    """Newest first, each with its counters."""
    return {"permits": telling.permits_told(request.actor)}


@router.post("/permits", response={201: PermitShape}, auth=needs(PERMIT_ISSUE), operation_id="issue_permit", summary="Issue a permit")  # fmt: skip
def issue_permit(request: HttpRequest, said: PermitIn, idempotency_key: IdempotencyKey = None):
    """Split from its grant and signed by the issuer's key. Refused with the reason."""
    draft = drafts.read_draft(json.dumps(said.model_dump(), ensure_ascii=False).encode())
    found = issue(request.actor, draft, request_key=request_key(request, idempotency_key))
    return Status(201, telling.permit_told(request.actor.tenant, found))


@router.get("/permit-choices", response=ChoicesShape, auth=needs(PERMIT_ISSUE), operation_id="get_permit_choices", summary="What may be chosen for a permit")  # fmt: skip
def permit_choices_of(
    request: HttpRequest,
    order: Annotated[str, Query(min_length=1, max_length=200, description="The work order.")],
):
    """What the order demands, which releases answer it, units left, grants, plans, stations."""
    return choices(request.actor, order)


@router.get("/permits/{permit}", response=PermitShape, auth=needs(RECORD_READ), operation_id="get_permit", summary="A permit")  # fmt: skip
def get_permit(request: HttpRequest, permit: PermitId):
    """What it allows, and how far each station is."""
    return telling.permit_seen(request.actor, permit)


@router.get("/permits/{permit}/document", auth=needs(RECORD_READ), operation_id="get_permit_document", summary="A permit as it was signed")  # fmt: skip
def permit_document(request: HttpRequest, permit: PermitId):
    """The envelope."""
    return _file(telling.permit_document(request.actor, permit), f"permit-{permit}.json")


@router.post("/permits/{permit}/revoke", response={201: PermitShape}, auth=needs(PERMIT_ISSUE), operation_id="revoke_permit", summary="Revoke a permit")  # fmt: skip
def revoke(request: HttpRequest, permit: PermitId, said: PermitReasonIn, idempotency_key: IdempotencyKey = None):
    """Its stations stop when they hear of it; what they did not spend returns with their end certificates."""
    key = request_key(request, idempotency_key)
    found = actions.revoke_permit(request.actor, permit_id=permit, reason=said.reason, request_key=key)
    return Status(201, telling.permit_told(request.actor.tenant, found))


@router.post("/permits/{permit}/close", response={201: PermitShape}, auth=needs(PERMIT_ISSUE), operation_id="close_permit", summary="Close a permit")  # fmt: skip
def close(request: HttpRequest, permit: PermitId, said: PermitReasonIn, idempotency_key: IdempotencyKey = None):
    """Refused while a station's end certificate is missing."""
    key = request_key(request, idempotency_key)
    found = actions.close_permit(request.actor, permit_id=permit, reason=said.reason, request_key=key)
    return Status(201, telling.permit_told(request.actor.tenant, found))


@router.get("/permits/{permit}/end-certificates/{station}", auth=needs(RECORD_READ), operation_id="get_end_certificate", summary="An end certificate")  # fmt: skip
def end_certificate(request: HttpRequest, permit: PermitId, station: StationName):
    """As the station signed it."""
    content = telling.end_certificate(request.actor, permit, station)
    return _file(content, f"end-{permit}-{station}.json")


@router.get("/station-records", response=RecordList, auth=needs(RECORD_READ), operation_id="list_station_records", summary="Firmware history of a unit")  # fmt: skip
def station_records(
    request: HttpRequest,
    unit: Annotated[str, Query(min_length=1, max_length=200, description="Serial number or another name of the unit.")],
):
    """What stations signed of it, newest first: permit, grade, SHA-256 of the read-back, evidence."""
    return {"records": telling.unit_records(request.actor, unit_of(view_of(request.actor), unit))}


@router.get("/stations", response=StationList, auth=needs(RECORD_READ), operation_id="list_stations", summary="Stations")  # fmt: skip
def list_stations(request: HttpRequest):
    """When each was here, what waits there, its tools, its open alarms."""
    return {"stations": telling.stations_told(request.actor)}


@router.post("/station-enrolments", response={201: EnrolmentOut}, auth=needs(STATION_MANAGE), operation_id="open_enrolment", summary="A one-time code for a station")  # fmt: skip
def open_enrolment(request: HttpRequest, said: EnrolmentIn):
    """A newer code for the same name voids it."""
    code = station_actions.open_enrolment(request.actor, station=said.station, site=said.site, ems=said.ems)
    return Status(201, {"code": code})


@router.get("/stations/{station}", response=StationPage, auth=needs(RECORD_READ), operation_id="get_station", summary="A station")  # fmt: skip
def get_station(request: HttpRequest, station: StationName):
    """With its alarms, permits and last records."""
    return telling.station_seen(request.actor, station)


@router.post("/stations/{station}/close", response={201: StationPage}, auth=needs(STATION_MANAGE), operation_id="close_station", summary="Close a station")  # fmt: skip
def close_station(
    request: HttpRequest, station: StationName, said: PermitReasonIn, idempotency_key: IdempotencyKey = None
):
    """Its requests are refused from now on."""
    key = request_key(request, idempotency_key)
    station_actions.close_station(request.actor, station=station, reason=said.reason, request_key=key)
    return Status(201, telling.station_seen(request.actor, station))


@router.post("/stations/{station}/alarm-releases", response={201: Entered}, auth=needs(STATION_RELEASE), operation_id="release_station_alarm", summary="Let a station go on")  # fmt: skip
def release_alarm(request: HttpRequest, station: StationName, said: AlarmIn, idempotency_key: IdempotencyKey = None):
    """The release travels with the station's next bulletin."""
    key = request_key(request, idempotency_key)
    entry = station_actions.release_station_alarm(
        request.actor, station=station, alarm=said.alarm, reason=said.reason, request_key=key
    )
    return Status(201, {"entry": entry})


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
