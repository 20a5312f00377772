"""Products as planned: panel maps, serial rule, mark rule, demand on the record. The twin of the page Product."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Router
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import ORDER_PLAN
from asbuilt.designed.catalog import actions
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX
from asbuilt.designed.catalog.placement_files import record_placement
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats.foreign import FILE_BYTES_MAX
from asbuilt.kernel.check_digits import SCHEMES
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen.products import product_page

router = Router(tags=["Products"], auth=needs(ORDER_PLAN))
ProductCode = Annotated[str, Path(min_length=1, max_length=200, description="Code of the product.")]


class SerialRuleShape(Shape):
    """How units are numbered: prefix, counter of so many digits, check digit."""

    prefix: str = Field("", max_length=60, description="Stands before the counter.")
    width: int = Field(ge=1, le=12, description="Digits of the counter.")
    check: Literal[tuple(SCHEMES)] = Field("none", description="Check digit: ISO/IEC 7064, Luhn, or none.")
    first: int = Field(1, ge=0, description="The first counter.")


class MarkRuleShape(Shape):
    """What the mark on a unit holds."""

    content: Literal["plain", "gs1"] = Field(description="The serial number as it is, or GTIN and serial number.")
    gtin: str = Field("", max_length=14, description="The product's GTIN; needed for gs1.")
    company_digits: int | None = Field(None, ge=6, le=12, description="Digits of its company prefix, for RFID tags.")
    module_mm: str = Field("0.25", max_length=8, description="Size of a module in mm.")
    read_back: str = Field(
        "", max_length=200, description="Step that a unit begins only with its mark read back; empty: not asked for."
    )


class PlaceShape(Shape):
    """One unit on one side of a panel, as a machine there sees and counts it."""

    side: Literal["top", "bottom"] = Field(description="The side that faces up.")
    machine_position: int = Field(ge=1, le=PANEL_PLACES_MAX, description="The machine's number.")
    position: int = Field(ge=1, le=PANEL_PLACES_MAX, description="The unit's own position, the same on both sides.")
    x_mm: str = Field(max_length=12, description="From the left edge as seen.")
    y_mm: str = Field(max_length=12, description="From the lower edge as seen.")
    rotation: Literal[0, 90, 180, 270] = Field(0, description="Degrees, anticlockwise as seen.")
    flip: bool = Field(False, description="Whether the unit lies with its other side up.")


class PanelShape(Shape):
    """A panel map, both sides."""

    panel: str = Field(min_length=1, max_length=60, description="Its name; another layout is another panel.")
    places: list[PlaceShape] = Field(min_length=1, max_length=2 * PANEL_PLACES_MAX, description="Every unit.")


class RecordDemandShape(Shape):
    """How good the record of a revision is to be."""

    material: Literal["", "M1", "M2", "M3", "M4"] = Field("", description="Level of material; empty: not demanded.")
    process: Literal["", "P1", "P2", "P3", "P4"] = Field("", description="Level of process; empty: not demanded.")
    agreed_in: str = Field("", max_length=400, description="Where it was agreed: contract, quality plan.")


class PlacementShape(Shape):
    """A placement as recorded."""

    placement: str = Field(description="Its name.")
    tool: str = Field(description="Which tool wrote the file, as far as its columns tell.")
    components: int = Field(description="How many components it places.")
    sides: dict[str, int] = Field(description="Of them by side: top, bottom, empty where the file does not say.")
    known: int = Field(description="How many were recorded before.")
    findings: list[str] = Field(description="What file and newest BOM version say differently.")
    warnings: list[str] = Field(description="What was guessed.")
    entry: int = Field(description="The entry of the log.")


class RuleSet(Shape):
    """A rule was recorded."""

    entry: int = Field(description="The entry of the log.")


class ProductShape(Shape):
    """A product as it is planned."""

    code: str = Field(description="Its code.")
    revisions: list[dict] = Field(
        description="Newest first: code, bom_versions, panel (name, places) or null, demand (material, process, agreed_in, from_at), placement and its components."
    )
    serial_rule: dict | None = Field(description="prefix, width, check, first; null: none.")
    next_serial: str = Field(description="What the next unit is called by the rule, or empty.")
    mark_rule: dict = Field(description="content_kind, gtin, company_digits, module_um, read_back.")
    orders: list[str] = Field(description="Its newest orders.")


@router.post(
    "/products/{path:code}/serial-rule", response=RuleSet, operation_id="set_serial_rule", summary="Set the serial rule"
)
def serial_rule(request: HttpRequest, code: ProductCode, said: SerialRuleShape, idempotency_key: IdempotencyKey = None):
    """For units named from now on."""
    words = said.model_dump(include=set(SerialRuleShape.model_fields))
    key = request_key(request, idempotency_key)
    return {"entry": actions.set_serial_rule(request.actor, product=code, **words, request_key=key)}


@router.post(
    "/products/{path:code}/mark-rule", response=RuleSet, operation_id="set_mark_rule", summary="Set the mark rule"
)
def mark_rule(request: HttpRequest, code: ProductCode, said: MarkRuleShape, idempotency_key: IdempotencyKey = None):
    """For marks written and read from now on."""
    words = said.model_dump(include=set(MarkRuleShape.model_fields))
    key = request_key(request, idempotency_key)
    return {"entry": actions.set_mark_rule(request.actor, product=code, **words, request_key=key)}


@router.post(
    "/products/{path:code}/revisions/{revision}/panel", response=RuleSet, operation_id="set_panel_map",
    summary="Set the panel map of a revision",
)  # fmt: skip
def panel(
    request: HttpRequest,
    code: ProductCode,
    revision: Annotated[str, Path(min_length=1, max_length=60, description="The hardware revision.")],
    said: PanelShape,
    idempotency_key: IdempotencyKey = None,
):
    """What machines report from now on is translated by it."""
    places = [_row(place) for place in said.places]
    key = request_key(request, idempotency_key)
    entry = actions.set_panel_map(
        request.actor, product=code, revision=revision, panel=said.panel, places=places, request_key=key
    )
    return {"entry": entry}


@router.post(
    "/products/{path:code}/revisions/{revision}/placement", response=PlacementShape, operation_id="record_placement",
    summary="Record where components sit",
)  # fmt: skip
def placement(
    request: HttpRequest,
    code: ProductCode,
    revision: Annotated[str, Path(min_length=1, max_length=60, description="The hardware revision.")],
    file: UploadedFile = File(..., description="Of KiCad, JLCPCB or Altium, as it is; kept as evidence."),  # noqa: B008
    placement: str = Form("", max_length=200, description="Its name; empty: that of the file."),
    idempotency_key: IdempotencyKey = None,
):
    """Board maps are drawn by it from now on."""
    name = "".join(filter(str.isprintable, file.name or ""))[:200] or "placement.csv"
    content, key = file.read(FILE_BYTES_MAX + 1), request_key(request, idempotency_key)
    return plain(record_placement(
        request.actor, product=code, revision=revision, content=content, file=name, placement=placement, request_key=key
    ))  # fmt: skip


@router.post(
    "/products/{path:code}/revisions/{revision}/record-demand", response=RuleSet, operation_id="set_record_demand",
    summary="Demand a level of the record",
)  # fmt: skip
def record_demand(
    request: HttpRequest,
    code: ProductCode,
    revision: Annotated[str, Path(min_length=1, max_length=60, description="The hardware revision.")],
    said: RecordDemandShape,
    idempotency_key: IdempotencyKey = None,
):
    """From now on the record of its units is measured against it."""
    words = said.model_dump(include=set(RecordDemandShape.model_fields))
    key = request_key(request, idempotency_key)
    entry = actions.set_record_demand(request.actor, product=code, revision=revision, **words, request_key=key)
    return {"entry": entry}


@router.get(
    "/products/{path:code}", response=ProductShape, auth=Caller(), operation_id="get_product", summary="A product"
)
def product(request: HttpRequest, code: ProductCode):
    """Revisions with panel maps, rules, newest orders."""
    return plain(product_page(request.actor, code))


def _row(place: PlaceShape) -> dict[str, str]:
    row = {name: str(getattr(place, name)) for name in PlaceShape.model_fields}
    return {**row, "flip": "true" if place.flip else "false"}
