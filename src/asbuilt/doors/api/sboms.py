"""SBOMs: add, list, show, compare, check, download; where a component is used. The twin of the pages SBOMs and Components."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import EVIDENCE_READ, RECORD_READ, SBOM_ADD
from asbuilt.designed.components import actions, bindings, telling
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats.sbom.limits import BYTES_MAX
from asbuilt.formats.sbom.read import refuse_large
from asbuilt.questions.exposure.component_use import component_use

router = Router(tags=["SBOMs"], auth=Caller())
Ulid = Annotated[str, Path(min_length=4, max_length=26, description="ULID of the SBOM, or its beginning.")]


class DocumentShape(Shape):
    """What a document says of itself."""

    format: str = Field(description="cyclonedx, spdx or swid.")
    spec_version: str = Field(description="Version of that format.")
    serialisation: str = Field(description="json, xml, tag-value, yaml or rdf.")
    identity: str = Field(description="Serial number, namespace or tag id of the document.")
    document_version: str = Field(description="Version of the document, or empty.")
    created_at: str | None = Field(description="When its maker says that it was made.")
    components: int = Field(description="Components, the subject not among them.")
    dependencies: int = Field(description="Edges between components.")
    vulnerabilities: int = Field(description="Vulnerability entries in the file: flagged, not taken.")
    unread: list[str] = Field(description="What stays in the bytes only.")
    doubts: list[dict] = Field(description="place, what: taken in, and cannot well be meant so.")


class SbomShape(DocumentShape):
    """An SBOM of a release, a hardware revision or a part."""

    ulid: str = Field(description="Its name.")
    of: str = Field(description="What it is of, in words.")
    kind: str = Field(description="release, revision or part.")
    product: str = Field(description="Product, of a release or revision.")
    role: str = Field(description="Image role, of a release.")
    version: str = Field(description="Firmware version, of a release.")
    revision: str = Field(description="Hardware revision.")
    part: str = Field(description="Purchased part.")
    lot: str = Field(description="Lot of that part, or empty.")
    image: str = Field(
        description="SHA-256 of the release's image that it is of; empty where it was bound by name alone."
    )
    bound_by: str = Field(description="Who named that image: name (the release was named), image, document; or empty.")
    place: int = Field(description="1, 2, 3 … of what it is of; the newest that stands is current.")
    current: bool = Field(description="Whether no later one supersedes it.")
    file: str = Field(description="Name of the file as it came.")
    sha256: str = Field(description="SHA-256 of its bytes.")
    added_at: str = Field(description="When it was added.")
    authors: list[str] = Field(description="Who wrote it.")
    tools: list[str] = Field(description="What wrote it.")
    lifecycle: str = Field(description="Phase it was made in, or empty.")


class SbomList(Shape):
    """The SBOMs in force, the newest first, and what has none."""

    sboms: list[SbomShape] = Field(description="Current SBOMs.")
    gaps: list[dict] = Field(
        description="gap (no_sbom, other_image, bom_changed), of, kind, product, role, version, revision, bom_version: what has none, or an older one."
    )


class WholeSbom(SbomShape):
    """An SBOM with its components."""

    others: list[dict] = Field(description="ulid, place of the other SBOMs of the same, the newest first.")
    listed: list[dict] = Field(
        description="place, parent, ref, kind, group, name, version, purl, cpe, supplier, maker, licences, hashes, scope, said. "
        "Place 0 is the subject, parent -1 the top."
    )
    depends: list[list[int]] = Field(description="Pairs of places: what needs, what is needed.")
    licences: list[dict] = Field(description="licence, components; an empty one counts those without.")


class SbomDifferenceShape(Shape):
    """What changed between two SBOMs."""

    before: SbomShape = Field(description="The earlier.")
    after: SbomShape = Field(description="The later.")
    same: int = Field(description="Components that are alike in both.")
    added: list[dict] = Field(description="ref, group, name, version, purl of what came.")
    removed: list[dict] = Field(description="The same of what went.")
    changed: list[dict] = Field(description="name, group, before, after, what: which of version, purl, cpe … differ.")


class UsedShape(Shape):
    """Where components of a name are used."""

    name: str = Field(description="What was asked.")
    exact: bool = Field(description="Whether components are called so; otherwise those whose names begin so.")
    components: list[dict] = Field(
        description="name, group, version, purl, cpe, maker, units (certain, possible, unrecorded), in_field (of these, shipped), places: of, "
        "kind, sbom, ref, product, role, version, units, in_field."
    )
    more: bool = Field(description="Whether there are more than are listed.")


@router.get("/sboms", response=SbomList, auth=needs(RECORD_READ), operation_id="list_sboms", summary="SBOMs in force")
def list_sboms(request: HttpRequest):
    """The current SBOM of each release, hardware revision and part, and what has none."""
    return {"sboms": telling.sboms_seen(request.actor), "gaps": telling.gaps_seen(request.actor)}


@router.post(
    "/sboms",
    response={201: SbomShape},
    auth=needs(SBOM_ADD, "API_IMPORT_BYTES_MAX"),
    operation_id="add_sbom",
    summary="Add an SBOM",
)
def add_sbom(
    request: HttpRequest,
    file: UploadedFile = File(..., description="The SBOM as its maker wrote it."),  # noqa: B008
    product: str = Form("", max_length=120, description="Product, of a release or a hardware revision."),
    version: str = Form("", max_length=120, description="Firmware version."),
    role: str = Form("", max_length=60, description="Image role; app where none is given."),
    image: str = Form("", max_length=64, description="SHA-256 of the image: names the release that has it."),
    revision: str = Form("", max_length=60, description="Hardware revision."),
    part: str = Form("", max_length=200, description="Purchased part."),
    lot: str = Form("", max_length=120, description="Lot of that part."),
    idempotency_key: IdempotencyKey = None,
):
    """It supersedes the one before of the same release, revision or part. The bytes are kept as they are. Where nothing is named, the
    SHA-256 of the document's main component names the release."""
    content = _bytes(file)
    made = actions.add_sbom(
        request.actor, binding=bindings.Binding(product, role, version, revision, part, lot), image=image, content=content, file_name=file.name or "sbom",
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, telling.told(made, current=True))


@router.post(
    "/sbom-checks",
    response=DocumentShape,
    auth=needs(SBOM_ADD, "API_IMPORT_BYTES_MAX"),
    operation_id="check_sbom",
    summary="Check an SBOM",
)
def check_sbom(
    request: HttpRequest,
    file: UploadedFile = File(..., description="The SBOM."),  # noqa: B008
):
    """Whether the file would be taken in: 200, or 422 with the place. Stores nothing."""
    return telling.checked(request.actor, _bytes(file))


@router.get("/sboms/{ulid}", response=WholeSbom, auth=needs(RECORD_READ), operation_id="get_sbom", summary="An SBOM")
def get_sbom(request: HttpRequest, ulid: Ulid):
    """The SBOM with its components, dependencies and licences."""
    return telling.sbom_seen(request.actor, ulid)


@router.get(
    "/sboms/{ulid}/difference", response=SbomDifferenceShape, auth=needs(RECORD_READ), operation_id="compare_sboms",
    summary="Two SBOMs compared",
)  # fmt: skip
def difference(
    request: HttpRequest,
    ulid: Ulid,
    before: Annotated[
        str, Query(max_length=26, description="The other one; the one before of the same where empty.")
    ] = "",
):
    """What came, went and changed up to this SBOM."""
    return telling.difference_seen(request.actor, ulid, before)


@router.get(
    "/sboms/{ulid}/quality",
    response=dict,
    auth=needs(RECORD_READ),
    operation_id="judge_sbom",
    summary="An SBOM against a profile",
)
def quality(
    request: HttpRequest,
    ulid: Ulid,
    profile: Annotated[
        str, Query(min_length=1, max_length=80, description="bsi-tr-03183-2-2.1.0, cisa-2026, ntia-2021, cra-minimum.")
    ],
):
    """Field by field: met, partly, not met, how many components, which lack it, what to do. There is no verdict over them."""
    return telling.quality_seen(request.actor, ulid, profile).as_dict()


@router.get(
    "/sboms/{ulid}/file", auth=needs(EVIDENCE_READ), operation_id="get_sbom_file", summary="The bytes of an SBOM"
)
def sbom_file(request: HttpRequest, ulid: Ulid):
    """The file, byte for byte as it came; for download only."""
    name, content = telling.bytes_seen(request.actor, ulid)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@router.get("/components", response=UsedShape, auth=needs(RECORD_READ), operation_id="find_component", summary="Where a component is used")  # fmt: skip
def find_component(
    request: HttpRequest,
    name: Annotated[str, Query(min_length=1, max_length=200, description="Name of the component.")],
):
    """In which versions, in which releases, revisions and parts, by their current SBOMs; on how many units, and how many in the field."""
    return component_use(request.actor, name)


def _bytes(file: UploadedFile) -> bytes:
    refuse_large(file.size, BYTES_MAX)
    return b"".join(file.chunks())
