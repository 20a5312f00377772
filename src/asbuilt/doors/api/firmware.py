"""Firmware: drafts, signatures, releases, trust store, matrix, archive check. The twin of the pages Releases and Matrix."""

import json
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FIRMWARE_DRAFT, FIRMWARE_RELEASE, IMAGE_READ, RECORD_EXPORT, RECORD_READ, TRUST_SET
from asbuilt.answers.gate import releasing
from asbuilt.answers.gate.unrecorded import release_gaps
from asbuilt.designed.firmware import actions, archive, matrix, recovery, telling
from asbuilt.designed.firmware.transfer import sealed_image
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.limits import limit
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_date
from asbuilt.kernel.keys import public_from_pem
from asbuilt.kernel.plain import plain
from asbuilt.kernel.releases import DeviceEncrypted

router = Router(tags=["Firmware"], auth=Caller())
Product = Annotated[str, Path(min_length=1, max_length=120, description="Code of the product.")]
ImageRole = Annotated[Literal["boot", "app", "radio", "factory"], Path(description="Image role.")]
Version = Annotated[str, Path(min_length=1, max_length=120, description="Version of the release.")]
OfProduct = Annotated[str, Query(max_length=120, description="Only this product; empty: all.")]
RELEASE = "/firmware-releases/{path:product}/{role}/{version}"


class ReleaseShape(Shape):
    """One image of a product in the register."""

    product: str = Field(description="Code of the product.")
    role: str = Field(description="boot, app, radio or factory.")
    version: str = Field(description="Version.")
    state: str = Field(description="draft, released or withdrawn.")
    sha256: str = Field(description="SHA-256 of the image.")
    sha512: str = Field(description="SHA-512 of the image.")
    length: int = Field(description="Bytes of the image.")
    revisions: list[str] = Field(description="Hardware revisions it is for; empty: nobody said.")
    security_relevant: bool = Field(description="Whether it mends a security fault.")
    change_log: str = Field(description="What changed.")
    built_by: str = Field(description="Who or what built it.")
    created_at: str = Field(description="When the draft was added.")
    supported_until: str = Field(description="Last day of its support, or empty.")
    boot: dict | None = Field(
        description="The device's boot signature as the tool found it: scheme, tool, digests, version."
    )
    device_encrypted: dict | None = Field(
        description="Encrypted for the device itself: scheme, SHA-256 of what is inside."
    )
    provenance: str = Field(description="SHA-256 of the provenance statement kept, or empty. It is not judged.")
    signatures: list[dict] = Field(description="key_id, trust_version, signed_at of each.")
    released_at: str | None = Field(description="When it was released.")
    withdrawn_at: str | None = Field(description="When it was withdrawn.")
    withdrawn_reason: str | None = Field(description="Why.")
    keep_until: str | None = Field(description="Until when it must be kept.")
    rule_set: str | None = Field(description="The rules that say so.")
    question: str = Field(description="The question that asks which units run it.")


class ReleaseList(Shape):
    """The register, the newest first."""

    releases: list[ReleaseShape] = Field(description="Drafts, releases and withdrawn releases.")


class MatrixShape(Shape):
    """Hardware revisions and firmware versions."""

    lines: list[dict] = Field(
        description="product, revision, role, version, state (imported: loaded as history), security_relevant, released_at, "
        "sha256, signed, unsaid (the release names no revision)."
    )
    faults: list[dict] = Field(description="code, product, revision, role, version, what: what the check finds.")


class ComparedShape(Shape):
    """Two releases of a product and role."""

    older: str = Field(description="The version that stands first in the release order.")
    newer: str = Field(description="The other one.")
    security_relevant: bool = Field(
        description="Whether anything after the older up to the newer mends a security fault."
    )
    same_image: bool = Field(description="Whether both are the same bytes.")
    revisions_added: list[str] = Field(description="Hardware revisions only the newer is for.")
    revisions_gone: list[str] = Field(description="Hardware revisions only the older is for.")
    changes: list[dict] = Field(description="version, security_relevant, change_log, state; oldest first.")


class TrustList(Shape):
    """Versions of the trust store, oldest first."""

    versions: list[dict] = Field(description="version, sha256, issued_at, epoch, roles with their keys, revoked.")


class TrustSet(Shape):
    """The version that is in force."""

    version: int = Field(description="Its number.")
    sha256: str = Field(description="SHA-256 of its payload.")
    epoch: int = Field(description="Its revocation epoch.")


class TrustIn(Shape):
    """The next version of the trust store."""

    document: dict = Field(description="The DSSE envelope.")
    pin: str = Field("", max_length=64, description="Of version 1: its SHA-256, from another way.")


class Withdrawing(Shape):
    """Why a release is withdrawn."""

    reason: str = Field(min_length=1, max_length=2_000, description="Why.")


class EnvelopeIn(Shape):
    """A DSSE envelope."""

    payload: str = Field(max_length=700_000, description="The signed bytes, base64.")
    payloadType: str = Field(max_length=200, description="What they are.")
    signatures: list[dict] = Field(max_length=16, description="keyid and sig of each.")


class StationKey(Shape):
    """Whom the image is sealed for."""

    public_key: str = Field(max_length=10_000, description="The station's public key, PEM (X25519 or P-256).")


class VerifiedShape(Shape):
    """What the check of the archive found."""

    holds: bool = Field(description="Whether nothing differs.")
    releases: int = Field(description="Releases that were checked.")
    signatures: int = Field(description="Signatures that count.")
    images: int = Field(description="Images whose bytes were opened and compared.")
    not_checked: list[str] = Field(description="What was left out, in words.")
    findings: list[dict] = Field(description="of, code, what.")


class ResealedShape(Shape):
    """What sealing images anew did."""

    sealed: int = Field(description="Images sealed anew.")
    known: int = Field(description="Images that were sealed so.")
    keys: list[str] = Field(description="Ids of the recovery keys that open all of them now.")


@router.get("/firmware-releases", response=ReleaseList, auth=needs(RECORD_READ), operation_id="list_releases", summary="Firmware releases")  # fmt: skip
def list_releases(request: HttpRequest, product: OfProduct = ""):
    """Drafts, releases and withdrawn releases, the newest first. What firmware.csv brought stands in the matrix."""
    return {"releases": telling.releases_seen(request.actor, product or None)}


@router.post(
    "/firmware-releases",
    response={201: ReleaseShape},
    auth=needs(FIRMWARE_DRAFT, "API_IMPORT_BYTES_MAX"),
    operation_id="add_release",
    summary="Add a draft with its image",
)
def add_release(
    request: HttpRequest,
    image: UploadedFile = File(..., description="The image as it is programmed."),  # noqa: B008
    product: str = Form(..., min_length=1, max_length=120, description="Code of the product."),
    role: Literal["boot", "app", "radio", "factory"] = Form(..., description="Image role."),
    version: str = Form(..., min_length=1, max_length=120, description="Version."),
    revisions: str = Form("", max_length=2_000, description="Hardware revisions, separated by ;"),
    change_log: str = Form("", max_length=20_000, description="What changed."),
    security_relevant: bool = Form(False, description="Whether it mends a security fault."),
    built_by: str = Form("", max_length=200, description="Who or what built it."),
    supported_until: str = Form("", max_length=10, description="Last day of its support."),
    boot: Literal["", "mcuboot", "esp-v2"] = Form("", description="Boot signature to check."),
    boot_key: str = Form("", max_length=10_000, description="The public key in the device, PEM."),
    encrypted_as: str = Form("", max_length=120, description="Encrypted for the device itself by this scheme."),
    clear_sha256: str = Form("", max_length=64, description="SHA-256 of what it decrypts to."),
    provenance: UploadedFile | None = File(None, description="SLSA provenance statement."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """The image is kept encrypted. With `boot` its boot signature is checked first; an image that fails is not kept."""
    listed = tuple(word.strip() for word in revisions.split(";") if word.strip())
    said = actions.Draft(
        product, role, version, listed, change_log, security_relevant, built_by, supported_until
    )  # fmt: skip
    made = actions.add_release(
        request.actor, draft=said, image=_bytes(image), boot=actions.Boot(boot, boot_key) if boot else None,
        device_encrypted=DeviceEncrypted(encrypted_as, clear_sha256) if encrypted_as else None,
        provenance=_bytes(provenance) if provenance else None, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, telling.told(made))


@router.get(RELEASE + "/statement", auth=needs(RECORD_READ), operation_id="get_release_statement", summary="A release's signed statement")  # fmt: skip
def statement(request: HttpRequest, product: Product, role: ImageRole, version: Version):
    """The DSSE envelope with the signatures it has: what signers sign, what anybody checks."""
    return _file(
        telling.statement_bytes(request.actor, product, role, version), f"{product}-{role}-{version}.dsse.json"
    )


@router.get(RELEASE + "/provenance", auth=needs(RECORD_READ), operation_id="get_release_provenance", summary="A build's provenance statement")  # fmt: skip
def provenance_statement(request: HttpRequest, product: Product, role: ImageRole, version: Version):
    """The SLSA statement, byte for byte as it came with the draft. It is kept and shown, not judged."""
    content = telling.provenance_bytes(request.actor, product, role, version)
    return _file(content, f"{product}-{role}-{version}.provenance.json")


@router.post(RELEASE + "/signatures", response={201: ReleaseShape}, auth=needs(FIRMWARE_RELEASE), operation_id="sign_release", summary="Record signatures")  # fmt: skip
def sign(
    request: HttpRequest,
    product: Product,
    role: ImageRole,
    version: Version,
    said: EnvelopeIn,
    idempotency_key: IdempotencyKey = None,
):
    """The body is the envelope of `statement`, signed by release signers' keys elsewhere."""
    document = json.dumps(said.model_dump(), ensure_ascii=False).encode()
    of = {"product": product, "role": role, "version": version}
    made = actions.sign_release(
        request.actor, **of, document=document, request_key=request_key(request, idempotency_key)
    )
    return Status(201, telling.told(made))


@router.post(RELEASE + "/release", response={201: ReleaseShape}, auth=needs(FIRMWARE_RELEASE), operation_id="release_firmware", summary="Release a signed draft")  # fmt: skip
def release(
    request: HttpRequest, product: Product, role: ImageRole, version: Version, idempotency_key: IdempotencyKey = None
):
    """From now on it may be permitted. Refused below the threshold of the trust store."""
    of = {"product": product, "role": role, "version": version}
    made = releasing.release(request.actor, **of, request_key=request_key(request, idempotency_key))
    return Status(201, telling.told(made))


class GateShape(Shape):
    """What the gate says of a release today."""

    stops: list[dict] = Field(
        description="code, message, facts, remedy of each thing that stops the release of a draft."
    )
    gaps: list[dict] = Field(
        description="code, count, total, words: what nobody recorded; no finding says nothing there."
    )


@router.get(RELEASE + "/gate", response=GateShape, auth=needs(RECORD_READ), operation_id="get_release_gate", summary="What the gate says of a release")  # fmt: skip
def gate(request: HttpRequest, product: Product, role: ImageRole, version: Version):
    """What stops its release, for whoever may release; what is unrecorded, for every reader."""
    gaps = release_gaps(request.actor, product, role, version)
    may = request.actor.may(FIRMWARE_RELEASE)
    stops = releasing.release_stops(request.actor.tenant, product, role, version) if may else []
    return {"stops": plain(stops), "gaps": plain(gaps)}


@router.post(RELEASE + "/withdraw", response={201: ReleaseShape}, auth=needs(FIRMWARE_RELEASE), operation_id="withdraw_release", summary="Withdraw a release for good")  # fmt: skip
def withdraw(
    request: HttpRequest,
    product: Product,
    role: ImageRole,
    version: Version,
    said: Withdrawing,
    idempotency_key: IdempotencyKey = None,
):
    """It cannot be permitted any more; `question` asks which units run it."""
    of = {"product": product, "role": role, "version": version}
    key = request_key(request, idempotency_key)
    return Status(201, telling.told(actions.withdraw_release(request.actor, **of, reason=said.reason, request_key=key)))


@router.post(RELEASE + "/sealed-image", auth=needs(IMAGE_READ), operation_id="seal_image", summary="The image, sealed for a station")  # fmt: skip
def seal(request: HttpRequest, product: Product, role: ImageRole, version: Version, said: StationKey):
    """Bytes that only the holder of this key opens. Refused for a draft and a withdrawn release."""
    recipient = public_from_pem(said.public_key, sealing=True)
    content = sealed_image(request.actor, product=product, role=role, version=version, recipient=recipient)
    return _file(content, f"{product}-{role}-{version}.sealed")


# after its verbs: a product's code may hold a /, so this address would take theirs
@router.get(RELEASE, response=ReleaseShape, auth=needs(RECORD_READ), operation_id="get_release", summary="A firmware release")  # fmt: skip
def get_release(request: HttpRequest, product: Product, role: ImageRole, version: Version):
    """Version, digests, change log, signatures, state."""
    return telling.told(telling.release_seen(request.actor, product, role, version))


@router.get("/firmware-matrix", response=MatrixShape, auth=needs(RECORD_READ), operation_id="get_firmware_matrix", summary="Hardware revisions and versions")  # fmt: skip
def get_matrix(request: HttpRequest, product: OfProduct = ""):
    """A line for each revision, role and version, and what is wrong with that."""
    found = matrix.lines(request.actor, product or None)
    faults = matrix.faults(request.actor, product or None)
    return {"lines": [telling.line_told(line) for line in found], "faults": [vars(fault) for fault in faults]}


@router.get("/firmware-comparison", response=ComparedShape, auth=needs(RECORD_READ), operation_id="compare_releases", summary="Two releases compared")  # fmt: skip
def compare(
    request: HttpRequest,
    product: Annotated[str, Query(max_length=120, description="Code of the product.")],
    first: Annotated[str, Query(max_length=120, description="A version.")],
    second: Annotated[str, Query(max_length=120, description="Another version.")],
    role: Annotated[str, Query(max_length=60, description="Image role.")] = "app",
):
    """Change logs and the security flag of everything after the older up to the newer."""
    found = matrix.compared(request.actor, product=product, role=role, first=first, second=second)
    return telling.compared_told(found)


@router.get("/trust-stores", response=TrustList, auth=needs(RECORD_READ), operation_id="list_trust_stores", summary="The trust store")  # fmt: skip
def list_trust(request: HttpRequest):
    """Whose keys count for what, version after version."""
    return {"versions": telling.trust_seen(request.actor)}


@router.post("/trust-stores", response={201: TrustSet}, auth=needs(TRUST_SET), operation_id="set_trust_store", summary="Set the next version of the trust store")  # fmt: skip
def set_trust(request: HttpRequest, said: TrustIn, idempotency_key: IdempotencyKey = None):
    """Signed by the roots of the version before and its own; version 1 needs its pin."""
    document = json.dumps(said.document, ensure_ascii=False).encode()
    key = request_key(request, idempotency_key)
    store = actions.set_trust_store(request.actor, document=document, pin=said.pin, request_key=key)
    return Status(201, {"version": store.version, "sha256": store.sha256, "epoch": store.epoch})


@router.get("/firmware-archive/verification", response=VerifiedShape, auth=needs(RECORD_EXPORT), operation_id="verify_firmware_archive", summary="Check every release")  # fmt: skip
def verify(
    request: HttpRequest,
    at: Annotated[str, Query(max_length=10, description="As known at the end of this day; empty: now.")] = "",
):
    """Signatures and image bytes of every release that the register keeps."""
    try:
        day = parse_date(at) if at else None
    except ValueError as refusal:
        raise errors.field_wrong("at", str(refusal), "Write 2031-05-01.") from None
    found = archive.verify_register(request.actor, at=day)
    return {**vars(found), "findings": [vars(one) for one in found.findings], "holds": not found.findings}


@router.post("/firmware-archive/resealing", response=ResealedShape, auth=needs(TRUST_SET), operation_id="reseal_images", summary="Seal images for the recovery keys in force")  # fmt: skip
def reseal(request: HttpRequest):
    """Images that were sealed for other recovery keys than the trust store names now. Twice is once."""
    return vars(recovery.reseal_images(request.actor))


def _bytes(file: UploadedFile) -> bytes:
    if file.size > limit("API_IMPORT_BYTES_MAX"):
        raise errors.too_large(limit("API_IMPORT_BYTES_MAX"))
    return b"".join(file.chunks())


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
