"""Incoming inspection and papers of suppliers: plans, what is asked, the record with its pictures. The twin of Inspection
and Deliveries."""

import json
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_INSPECT, PACKAGE_RECEIVE, RECORD_READ
from asbuilt.built.supply.actions.declaring import declare
from asbuilt.built.supply.actions.inspecting import Check, plan_inspection, record_inspection
from asbuilt.built.supply.declarations import declarations
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.built.supply.inspections import asked_of, plans
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.packages import Codes, StatedShape, when
from asbuilt.doors.api.shapes import Shape, instant

router = Router(tags=["Inspection"])
CheckKind = Literal["marking", "electrical", "xray", "decapsulation", "dimensions", "solderability"]
Name = Annotated[str, Field(max_length=200)]


class InspectionPlanIn(Shape):
    """How packages of a part and supplier are inspected; an empty part or supplier means any."""

    standard: Literal["iso2859", "c0", "none"] = Field(description="ISO 2859-1, zero acceptance, or no inspection.")
    part: Name = Field("", description="Own number of the part.")
    supplier: Name = Field("", description="A party's id or name.")
    level: str = Field("", max_length=10, description="S-1 S-2 S-3 S-4 I II III.")
    aql: str = Field("", max_length=10, description="Percent, as the standard writes it.")
    limiting_quality: str = Field("", max_length=10, description="c0: percent wrong that is to be found.")
    severity: str = Field("", max_length=20, description="normal or tightened: how the series begins.")
    checks: list[CheckKind] = Field([], max_length=10, description="Checks that each inspection needs.")


class PlanRow(InspectionPlanIn):
    """A plan that stands."""

    standard: str = Field(description="ISO 2859-1, zero acceptance, or no inspection.")
    checks: list[str] = Field(description="Checks that each inspection needs.")
    happened_at: str = Field(description="Since when.")


class InspectionPlanList(Shape):
    """Plans, the newest first."""

    plans: list[PlanRow] = Field(description="At most 500; the most specific one holds, of those the newest.")


class LookIn(Shape):
    """Packages that are together one lot."""

    packages: Codes = Field(description="Of one part from one supplier.")


class AskedShape(Shape):
    """What the inspection asks for."""

    part: str = Field(description="The part.")
    lot_size: int = Field(description="Pieces in all.")
    sample_size: int = Field(description="Pieces to look at.")
    accept_max: int = Field(description="So many may be wrong.")
    reject_min: int = Field(description="From so many on it is rejected.")
    code_letter: str = Field(description="The letter whose plan it is, arrows followed; empty for c0.")
    severity: str = Field(description="normal or tightened; empty for c0.")
    checks: list[str] = Field(description="Checks to do.")
    rule_set: str = Field(description="The tables it was judged under.")


class InspectedShape(Shape):
    """An inspection as it was judged."""

    inspection: str = Field(description="Its number.")
    verdict: str = Field(description="accepted or rejected.")
    sample_size: int = Field(description="Pieces that were looked at.")
    accept_max: int = Field(description="So many might be wrong.")
    severity: str = Field(description="normal or tightened; empty for c0.")
    entry: int = Field(description="The entry of the log.")
    facts: list[str] = Field(description="Ids of the facts.")


class DeclarationShape(Shape):
    """A paper of a supplier or maker."""

    supplier: str = Field(description="Name of the party; empty where none.")
    delivery: str = Field(description="The delivery it came with.")
    part: str = Field(description="The part it speaks of.")
    manufacturer: str = Field(description="The maker it speaks of.")
    kind: str = Field(description="coc authorisation ce doc sbom updates provenance key other.")
    sha256: str = Field(description="Of its file; download under /api/v1/evidence/. Empty: no file.")
    said_by: str = Field(description="Who said so.")
    valid_until: str = Field(description="Until which day it holds.")
    finding: str = Field(description="What the file is by its content; of provenance, what the check found.")
    happened_at: str = Field(description="Since when.")


class DeclarationList(Shape):
    """Papers, the newest first."""

    declarations: list[DeclarationShape] = Field(description="At most 200.")


@router.get(
    "/inspection-plans",
    response=InspectionPlanList,
    auth=needs(RECORD_READ),
    operation_id="list_inspection_plans",
    summary="Inspection plans",
)
def list_plans(request: HttpRequest):
    """Those that stand."""
    _whole(request)
    names = party_names(request.actor.tenant)
    rows = [
        {**vars(row), "supplier": names.get(row.supplier, ""), "happened_at": instant(row.happened_at)}
        for row in plans(request.actor.tenant)
    ]
    return {"plans": [{**row, "checks": list(row["checks"])} for row in rows]}


@router.post(
    "/inspection-plans",
    response={201: StatedShape},
    auth=needs(PACKAGE_DECIDE),
    operation_id="plan_inspection",
    summary="Plan an inspection",
)
def plan(request: HttpRequest, said: InspectionPlanIn, idempotency_key: IdempotencyKey = None):
    """From now on; a new plan begins a new series."""
    cells = {name: getattr(said, name) for name in InspectionPlanIn.model_fields}
    done = plan_inspection(request.actor, request_key=request_key(request, idempotency_key), **cells)
    return Status(201, {"entry": done.entry, "facts": list(done.facts), "warnings": list(done.warnings)})


@router.post(
    "/inspections/look",
    response=AskedShape,
    auth=needs(PACKAGE_INSPECT),
    operation_id="look_at_inspection",
    summary="What an inspection asks for",
)
def look(request: HttpRequest, said: LookIn):
    """Sample size, acceptance number and checks, with the severity that the series so far gives."""
    asked = asked_of(request.actor.tenant, said.packages)
    names = ("sample_size", "accept_max", "reject_min", "code_letter", "severity", "rule_set")
    sampling = {name: getattr(asked.sampling, name) for name in names}
    return {"part": asked.part, "lot_size": asked.lot_size, "checks": list(asked.plan.checks), **sampling}


@router.post(
    "/inspections",
    response={201: InspectedShape},
    auth=needs(PACKAGE_INSPECT, "API_IMPORT_BYTES_MAX"),
    operation_id="record_inspection",
    summary="Record an inspection",
)
def record(
    request: HttpRequest,
    packages: str = Form(..., max_length=20_000, description="JSON list of package codes, together one lot."),
    nonconforming: int = Form(..., ge=0, le=2_147_483_647, description="Pieces found wrong."),
    sample_size: int | None = Form(
        None, ge=0, le=2_147_483_647, description="Pieces looked at, where more than asked."
    ),
    checks: str = Form(
        "[]", max_length=20_000, description='JSON: [{"kind", "verdict", "readings", "file": a file\'s name}].'
    ),
    reason: str = Form("", max_length=2_000, description="What there is to say."),
    happened_at: str = Form("", max_length=40, description="With offset; empty: now."),
    files: list[UploadedFile] = File([], description="Pictures and reports that the checks name."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """The verdict follows from the counts and checks. What is rejected goes into quarantine."""
    pictures = {file.name or "": _bytes(file) for file in files}
    done = record_inspection(
        request.actor,
        packages=_texts(packages),
        nonconforming=nonconforming,
        sample_size=sample_size,
        checks=[_check(one, pictures) for one in _listed("checks", checks)],
        reason=reason,
        happened_at=when(happened_at),
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, {**vars(done), "facts": list(done.facts)})


@router.get(
    "/declarations",
    response=DeclarationList,
    auth=needs(RECORD_READ),
    operation_id="list_declarations",
    summary="Papers of suppliers",
)
def list_declarations(
    request: HttpRequest,
    supplier: Annotated[str, Query(max_length=200, description="A party's id or name.")] = "",
    delivery: Annotated[str, Query(max_length=200, description="Number of the delivery.")] = "",
    part: Annotated[str, Query(max_length=200, description="Own number of the part.")] = "",
    kind: Annotated[str, Query(max_length=20, description="Kind of paper.")] = "",
):
    """Narrowed by what is given."""
    _whole(request)
    number = numbers_by_name(request.actor.tenant).get(supplier, -1) if supplier else None
    names = party_names(request.actor.tenant)
    found = declarations(request.actor.tenant, supplier=number, delivery=delivery, part=part, kind=kind)
    rows = [{**vars_of(row), "supplier": names.get(row.supplier, "")} for row in found]
    return {"declarations": rows}


@router.post(
    "/declarations",
    response={201: StatedShape},
    auth=needs(PACKAGE_RECEIVE, "API_IMPORT_BYTES_MAX"),
    operation_id="declare",
    summary="Record a paper of a supplier",
)
def record_declaration(
    request: HttpRequest,
    kind: str = Form(..., max_length=20, description="coc authorisation ce doc sbom updates provenance key other."),
    supplier: str = Form("", max_length=200, description="A party's id or name."),
    manufacturer: str = Form("", max_length=200, description="The maker it speaks of."),
    delivery: str = Form("", max_length=200, description="The delivery it came with."),
    part: str = Form("", max_length=200, description="The part it speaks of."),
    said_by: str = Form("", max_length=200, description="Who said so."),
    valid_until: str = Form("", max_length=10, description="Until which day it holds."),
    file: UploadedFile | None = File(None, description="The paper, up to 32 MiB; told by its content."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """Kept byte for byte. A provenance file is checked as far as its signature or chain allows."""
    done = declare(
        request.actor,
        kind=kind,
        supplier=supplier,
        manufacturer=manufacturer,
        delivery=delivery,
        part=part,
        said_by=said_by,
        valid_until=valid_until,
        content=None if file is None else _bytes(file),
        name=(file.name or "file") if file is not None else "file",
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, {"entry": done.entry, "facts": list(done.facts), "warnings": list(done.warnings)})


def vars_of(row) -> dict:
    """A declaration as the API says it."""
    said = {
        name: getattr(row, name) for name in DeclarationShape.model_fields if name not in ("supplier", "happened_at")
    }
    return {**said, "happened_at": instant(row.happened_at)}


def _whole(request: HttpRequest) -> None:
    if request.actor.party is not None:
        raise errors.not_found()


def _bytes(file: UploadedFile) -> bytes:
    if file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    return b"".join(file.chunks())


def _listed(name: str, text: str) -> list:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) > 1_000:
        raise errors.field_wrong(name, "is no JSON list", 'Write it as ["PK-1"].')
    return found


def _texts(text: str) -> list[str]:
    found = _listed("packages", text)
    if not all(isinstance(one, str) for one in found):
        raise errors.field_wrong("packages", "is no list of codes", 'Write it as ["PK-1"].')
    return found


def _check(one: object, pictures: dict[str, bytes]) -> Check:
    if not isinstance(one, dict) or not isinstance(one.get("readings") or {}, dict):
        raise errors.field_wrong("checks", "holds what is no check", 'Write [{"kind": "marking", "verdict": "pass"}].')
    name = str(one.get("file") or "")
    if name and name not in pictures:
        raise errors.field_wrong("checks", f"names a file that is not there: {name[:80]}", "Send it among the files.")
    kind, verdict = str(one.get("kind", "")), str(one.get("verdict", ""))
    return Check(kind, verdict, one.get("readings") or {}, pictures.get(name) if name else None, name or "picture")
