"""Marks and tags of units: to print or laser, to read back before the unit goes on. The twin of the forms on Unit and Work order."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import MARK_READ
from asbuilt.built.production.actions import marks, tags
from asbuilt.built.supply import tagging
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats.marks import IMAGE_BYTES_MAX
from asbuilt.questions.genealogy.seen import marks as marks_seen

router = Router(tags=["Marks"], auth=needs(MARK_READ))
UnitCode = Annotated[
    str, Path(min_length=1, max_length=400, description="Serial number, another name, ORDER#17 or PANEL/3.")
]
OrderCode = Annotated[str, Path(min_length=1, max_length=400, description="Code of the work order.")]
Place = Annotated[int, Query(ge=1, le=2_000_000_000, description="Place in the order, from 1.")]


class MarkReadShape(Shape):
    """A mark that is its unit's own."""

    unit: str = Field(description="The unit as ORDER#n.")
    serial: str = Field(description="Its serial number.")
    read: str = Field(description="What was read.")
    entry: int = Field(description="The entry of the log.")


class Reading(Shape):
    """What a scanner read."""

    read: str = Field(max_length=400, description="The text as it was sent; empty where nothing could be read.")
    station: str = Field("", max_length=200, description="Where, or empty.")


class Tagging(Shape):
    """A tag on a unit."""

    epc: str | None = Field(
        None, max_length=24, description="24 hex digits read from the tag; null: made of GTIN and serial number."
    )


class PackageTagging(Shape):
    """A tag on a package."""

    epc: str = Field(min_length=1, max_length=24, description="24 hex digits read from the tag.")


class PackageTaggedShape(Shape):
    """A package with a tag."""

    package: str = Field(description="Its code.")
    epc: str = Field(description="24 hex digits.")
    uri: str = Field(description="What they say.")
    entry: int = Field(description="The entry of the log.")


class TaggedShape(Shape):
    """A unit with a tag."""

    unit: str = Field(description="The unit as ORDER#n.")
    epc: str = Field(description="24 hex digits.")
    uri: str = Field(description="What they say.")
    entry: int = Field(description="The entry of the log.")


@router.get("/units/{path:code}/mark", auth=Caller(), operation_id="get_unit_mark", summary="The mark of a unit")
def unit_mark(
    request: HttpRequest,
    code: UnitCode,
    format: Annotated[Literal["svg", "png", "dxf"], Query(description="As what.")] = "svg",
):
    """A Data Matrix of its serial number, or of GTIN and serial number, by the product's mark rule."""
    return HttpResponse(marks_seen.unit_mark_file(request.actor, code, format), content_type=marks_seen.KINDS[format])


@router.get(
    "/orders/{path:code}/marks", auth=Caller(), operation_id="get_order_marks", summary="Marks of an order's units"
)
def order_marks(
    request: HttpRequest,
    code: OrderCode,
    first: Place = 1,
    last: Place = 1,
    format: Annotated[Literal["svg", "dxf"], Query(description="As what.")] = "dxf",
    side: Annotated[Literal["top", "bottom"], Query(description="Which side of the panel is marked.")] = "top",
):
    """A laser file of one panel by its map, or of units in rows of ten."""
    written = marks_seen.order_marks_file(request.actor, code, format, first=first, last=last, side=side)
    return HttpResponse(written, content_type=marks_seen.KINDS[format])


@router.post(
    "/units/{path:code}/mark-reading", response=MarkReadShape, operation_id="read_mark", summary="Read a mark back"
)
def read_mark(request: HttpRequest, code: UnitCode, said: Reading, idempotency_key: IdempotencyKey = None):
    """Refused with what was read where it is not the unit's own; the reading is recorded all the same."""
    key = request_key(request, idempotency_key)
    found = marks.read_mark(request.actor, unit=code, read=said.read, station=said.station, request_key=key)
    return {name: getattr(found, name) for name in MarkReadShape.model_fields}


@router.post(
    "/units/{path:code}/mark-picture", response=MarkReadShape, auth=needs(MARK_READ, "API_IMPORT_BYTES_MAX"),
    operation_id="read_mark_picture", summary="Read a mark back from a picture",
)  # fmt: skip
def read_picture(
    request: HttpRequest,
    code: UnitCode,
    file: UploadedFile = File(..., description="PNG or JPEG of the mark, up to 16 MiB; kept as evidence."),  # noqa: B008
    station: str = Form("", max_length=200, description="Where, or empty."),
    idempotency_key: IdempotencyKey = None,
):
    """As for a scanned text. One of the marks in the picture must be the unit's own."""
    picture, key = file.read(IMAGE_BYTES_MAX + 1), request_key(request, idempotency_key)
    found = marks.read_mark(request.actor, unit=code, picture=picture, station=station, request_key=key)
    return {name: getattr(found, name) for name in MarkReadShape.model_fields}


@router.post(
    "/units/{path:code}/tag", response=TaggedShape, operation_id="tag_unit", summary="Put an RFID tag on a unit"
)
def tag_unit(request: HttpRequest, code: UnitCode, said: Tagging, idempotency_key: IdempotencyKey = None):
    """The tag (SGTIN-96) is one more name of the unit."""
    key = request_key(request, idempotency_key)
    done = tags.tag_unit(request.actor, unit=code, epc=said.epc, request_key=key)
    return {name: getattr(done, name) for name in TaggedShape.model_fields}


@router.post(
    "/packages/{path:code}/tag",
    response=PackageTaggedShape,
    operation_id="tag_package",
    summary="Put an RFID tag on a package",
)
def tag_package(
    request: HttpRequest,
    code: Annotated[str, Path(min_length=1, max_length=200, description="Code of the package.")],
    said: PackageTagging,
    idempotency_key: IdempotencyKey = None,
):
    """The tag (SGTIN-96) is one more name of the package."""
    done = tagging.tag_package(
        request.actor, package=code, epc=said.epc, request_key=request_key(request, idempotency_key)
    )
    return {name: getattr(done, name) for name in PackageTaggedShape.model_fields}
