"""Technical files: what the record holds for a product and what it does not, what people state for it, as PDF and as a signed package."""

import io
import zipfile
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FILING_DECIDE, FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import actions as verbs
from asbuilt.answers.compliance.filing.baseline import baseline_told
from asbuilt.answers.compliance.filing.configuration_plan import plan_told
from asbuilt.answers.compliance.filing.package import technical_package
from asbuilt.answers.compliance.filing.paper import on_paper
from asbuilt.answers.compliance.filing.technical_file import technical_file, told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import Key
from asbuilt.doors.api.keys import request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Technical files"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=200, description="Code of the product.")]
Words = Annotated[str, Field(max_length=20_000)]
PDF = {"responses": {200: {"description": "PDF/A-2b; a large file as PDF/A-3b with its volumes attached; a ZIP of volumes where these are too large for one", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}  # fmt: skip
ZIP = {"responses": {200: {"description": "Signed ZIP", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}}  # fmt: skip


class TechnicalFileShape(Shape):
    """A technical file as read now."""

    product: str = Field(description="Code of the product.")
    made_at: str = Field(description="When it was read.")
    rule_set: str = Field(description="Which rules name its points.")
    read_on: str = Field(description="When those were read.")
    source: str = Field(description="Where they stand.")
    checkpoint: dict = Field(description="size and root of the log.")
    words: str = Field(description="How complete it is, in words.")
    completeness: dict = Field(description="State -> how many points.")
    gaps: list[dict] = Field(description="point, law, name, gap: everything that is not known.")
    points: list[dict] = Field(description="point, law, name, asks, state, gaps, parts; those with gaps first. Tables show their first rows.")  # fmt: skip
    duties: list[dict] = Field(description="duty, law, asks, points, state of the worst of them.")
    revisions: list[dict] = Field(description="Revisions that were kept, the newest first.")


class BaselineShape(Shape):
    """What is known of a product that was on the market before."""

    product: str = Field(description="Code of the product.")
    record_begins: str = Field(description="The first day of this record.")
    rule_set: str = Field(description="Which rules name the matters.")
    matters: list[dict] = Field(description="matter, name, recorded, recorded_from, known, said_from, document, sha256, why, said_at, gap.")  # fmt: skip
    gaps: list[str] = Field(description="What is not known.")


class FilingPlanShape(Shape):
    """A configuration management plan as in force now."""

    product: str = Field(description="Code of the product.")
    made_at: str = Field(description="When it was read.")
    points: list[dict] = Field(description="section, point, said.")
    gaps: list[str] = Field(description="What is possible and not in use.")


class RecordedEntry(Shape):
    """What was recorded."""

    entry: int = Field(description="Its entry in the log.")


class FilingRevisionIn(Shape):
    """A revision to be kept."""

    why: Words = Field(description="Why; it stands there for good.")


@router.get("/technical-files/{product}", response=TechnicalFileShape, auth=needs(FILING_READ), operation_id="get_technical_file", summary="The technical file of a product")  # fmt: skip
def one_file(request: HttpRequest, product: Code):
    """Put together from the record now, gaps first."""
    return told(technical_file(request.actor, product))


@router.get("/technical-files/{product}/paper", auth=needs(FILING_READ), operation_id="get_technical_file_paper", summary="The same as PDF", openapi_extra=PDF)  # fmt: skip
def paper(request: HttpRequest, product: Code):
    """Every row of every table; a file of more than a hundred pages holds its volumes as attachments; one that is too large for that comes as ZIP of volumes."""
    with on_paper(technical_file(request.actor, product)) as found:
        content, kind = paper_bytes([one.read_bytes() for one in found])
    return HttpResponse(content, content_type=kind)


def paper_bytes(found: list[bytes]) -> tuple[bytes, str]:
    """(bytes, content type): the volume, or a ZIP of all where there are more."""
    if len(found) == 1:
        return found[0], "application/pdf"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for place, volume in enumerate(found, 1):
            archive.writestr(f"technical-file-{place}.pdf", volume)
    return out.getvalue(), "application/zip"


@router.get("/technical-files/{product}/package", auth=needs(FILING_READ), operation_id="get_technical_file_package", summary="The same as signed ZIP", openapi_extra=ZIP)  # fmt: skip
def package(request: HttpRequest, product: Code):
    """With tables, documents, manifest and proofs; `asbuilt verify` checks it."""
    return HttpResponse(technical_package(request.actor, product), content_type="application/zip")


@router.get("/technical-files/{product}/baseline", response=BaselineShape, auth=needs(FILING_READ), operation_id="get_baseline", summary="The baseline of a product")  # fmt: skip
def baseline(request: HttpRequest, product: Code):
    """What is known, from when, from which document, and what is not."""
    return baseline_told(request.actor, product)


@router.get("/technical-files/{product}/plan", response=FilingPlanShape, auth=needs(FILING_READ), operation_id="get_configuration_plan", summary="The configuration management plan")  # fmt: skip
def plan(request: HttpRequest, product: Code):
    """From what is in force now."""
    return plan_told(request.actor, product)


@router.post("/technical-files/{product}/points", response={201: RecordedEntry}, auth=needs(FILING_WRITE, "API_IMPORT_BYTES_MAX"), operation_id="state_technical_file_point", summary="State a point")  # fmt: skip
def state_point(
    request: HttpRequest,
    product: Code,
    point: str = Form(max_length=40, description="Which, such as AVII.1.a."),
    words: str = Form("", max_length=20_000, description="What is to be said."),
    why: str = Form("", max_length=20_000, description="Why."),
    file_state: str = Form("holds", max_length=20, description="holds, withdrawn or not_applicable."),
    known_from_on: str = Form("", max_length=10, description="Since when it is so, as 2026-05-01."),
    name: str = Form("", max_length=200, description="Of a file that is withdrawn: its name."),
    file: UploadedFile | None = File(None, description="A document; it is kept as evidence."),  # noqa: B008
    idempotency_key: Key = None,
):
    """Words, or a file, or both; said again it supersedes."""
    content, named = attached(file)
    entry = verbs.state_point(
        request.actor, product=product, point=point, words=words, why=why, file_state=file_state, known_from_on=known_from_on,
        content=content, name=name or named, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})


def attached(file: UploadedFile | None) -> tuple[bytes | None, str]:
    """(bytes, name) of a file that came with a form; (None, "") without one."""
    if file is None:
        return None, ""
    return file.read(), "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "file"


@router.post("/technical-files/{product}/baseline", response={201: RecordedEntry}, auth=needs(FILING_WRITE, "API_IMPORT_BYTES_MAX"), operation_id="state_baseline", summary="State what is known")  # fmt: skip
def state_baseline(
    request: HttpRequest,
    product: Code,
    matter: str = Form(max_length=40, description="What, such as firmware."),
    known: str = Form(max_length=20, description="known, partly or unknown."),
    why: str = Form(max_length=20_000, description="How it is known, or why it is not."),
    known_from_on: str = Form("", max_length=10, description="Since when, as 2024-05-01."),
    file: UploadedFile | None = File(None, description="The document it is known from."),  # noqa: B008
    idempotency_key: Key = None,
):
    """Of the time before this record."""
    content, named = attached(file)
    entry = verbs.state_baseline(
        request.actor, product=product, matter=matter, known=known, why=why, known_from_on=known_from_on, content=content,
        name=named, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})


@router.post("/technical-files/{product}/revisions", response={201: RecordedEntry}, auth=needs(FILING_DECIDE), operation_id="keep_technical_file", summary="Keep the file as it is now")  # fmt: skip
def keep(request: HttpRequest, product: Code, said: FilingRevisionIn, idempotency_key: Key = None):
    """As evidence, whole; later revisions stand beside it."""
    entry = verbs.keep_revision(
        request.actor, product=product, why=said.why, request_key=request_key(request, idempotency_key)
    )
    return Status(201, {"entry": entry})
