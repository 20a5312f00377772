"""As-built BOMs of a unit, an order or a shipment: what they say, and the file. The twin of the page As-built BOM."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.boms.assembling import as_built_bom
from asbuilt.questions.boms.release import release_sbom
from asbuilt.questions.boms.signed import BomFile, bom_file

router = Router(tags=["As-built BOMs"], auth=Caller())
Kind = Annotated[Literal["unit", "order", "shipment"], Path(description="What the BOM is of.")]
Code = Annotated[
    str, Path(min_length=1, max_length=400, description="A unit by any of its names, a work order, a shipment.")
]
Reader = Annotated[
    Literal["", "house", "customer", "public"],
    Query(alias="for", description="Who will read it; empty: house, and customer for a party reader."),
]
Form = Annotated[
    Literal["cyclonedx-1.6", "cyclonedx-1.7", "cyclonedx-1.6-xml", "spdx-3.0.1"], Query(description="The form.")
]
Signed = Annotated[
    bool, Query(description="In an envelope with our signature and the log's proof; else the bare document.")
]
Profile = Annotated[
    str, Query(max_length=80, description="Profile of SBOM quality, such as bsi-tr-03183-2-2.1.0; empty: none.")
]


class BomGapShape(Shape):
    """What the record cannot say."""

    kind: str = Field(description="no_record, one_of, or_unknown, no_lot, not_shown, no_firmware, no_sbom …")
    at: str = Field(description="Positions, a product or an image.")
    units: int = Field(description="On how many units.")
    text: str = Field(description="In words.")


class FieldShape(Shape):
    """How far a field of a profile is met."""

    key: str = Field(description="The field.")
    name: str = Field(description="What it is.")
    about: str = Field(description="document or component.")
    need: str = Field(description="required, where it exists, useful or optional.")
    state: str = Field(description="met, partly, not met, or not asked of what the file holds.")
    met: int = Field(description="Components that meet it; of the document 0 or 1.")
    partly: int = Field(description="Components that meet it in part.")
    of: int = Field(description="Components it is asked of.")
    which: list[str] = Field(description="Components that lack it, the first 50.")
    which_more: int = Field(description="How many more.")
    remedy: str = Field(description="What to do.")


class QualityShape(Shape):
    """How much of what a profile asks for a document says. There is no verdict over the fields."""

    profile: str = Field(description="Its id.")
    name: str = Field(description="Its name.")
    published_on: str = Field(description="When it was published.")
    source: str = Field(description="Where its fields are from.")
    url: str = Field(description="Where to read it.")
    note: str = Field(description="What it cannot show.")
    components: int = Field(description="Components judged.")
    fields: list[FieldShape] = Field(description="Field by field.")
    flags: list[dict] = Field(description="Warnings whatever the profile: kind and count.")
    counts: dict[str, dict[str, int]] = Field(description="Need, state, fields.")


class BomShape(Shape):
    """An as-built BOM: what it is of and what it holds."""

    kind: str = Field(description="unit, order or shipment.")
    code: str = Field(description="Its code.")
    reader: str = Field(description="house, customer or public.")
    identity: str = Field(description="Serial number of the document, the same for the same thing and reader.")
    version: int = Field(description="Its version: the size of the log.")
    units: int = Field(description="Units it is of, without those inside.")
    parts: int = Field(description="Hardware components.")
    images: int = Field(description="Firmware images.")
    software: int = Field(description="Components inside the images.")
    pieces: dict[str, int] = Field(description="Pieces of hardware on all units, by how sure.")
    gaps: list[BomGapShape] = Field(description="What it cannot say, the first 500.")
    gaps_more: int = Field(description="How many more.")
    log: dict = Field(description="Origin and size of the log it was read under.")
    quality: QualityShape | None = Field(description="The profile that was asked for, field by field.")


@router.get("/boms/{kind}/{path:code}/file", operation_id="get_bom_file", summary="An as-built BOM as a file")
def file(
    request: HttpRequest,
    kind: Kind,
    code: Code,
    reader: Reader = "",
    form: Form = "cyclonedx-1.6",
    signed: Signed = True,
):
    """Signed: an envelope (DSSE) around the document and the log's proof, which `asbuilt verify FILE` checks; else the document."""
    return as_download(bom_file(request.actor, kind, code, reader=reader, form=form, signed=signed))


def as_download(found: BomFile) -> HttpResponse:
    """The file."""
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer


@router.get(
    "/firmware-releases/{path:product}/{role}/{version}/sbom",
    operation_id="get_release_sbom",
    summary="The SBOM of a release as a file",
)
def of_release(
    request: HttpRequest,
    product: Annotated[str, Path(min_length=1, max_length=120, description="Code of the product.")],
    role: Annotated[Literal["boot", "app", "radio", "factory"], Path(description="Image role.")],
    version: Annotated[str, Path(min_length=1, max_length=120, description="Version.")],
    form: Form = "cyclonedx-1.6",
    signed: Signed = False,
):
    """What its current SBOM lists, in the form asked for, under the image of the register; not for a party reader."""
    asked = {"product": product, "role": role, "version": version}
    return as_download(release_sbom(request.actor, **asked, form=form, signed=signed))


@router.get("/boms/{kind}/{path:code}", response=BomShape, operation_id="get_bom", summary="What an as-built BOM says")
def one_bom(request: HttpRequest, kind: Kind, code: Code, reader: Reader = "", profile: Profile = ""):
    """Counts, gaps in words, and how far a profile is met."""
    return as_built_bom(request.actor, kind, code, reader, profile).as_dict()
