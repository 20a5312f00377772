"""Planning work orders: open, grow, split, close. The twin of the forms on the pages Orders and Work order."""

from typing import Annotated

from django.http import HttpRequest
from ninja import File, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import MARK_READ, ORDER_PLAN
from asbuilt.built.production.actions import naming, orders, panels
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant

router = Router(tags=["Orders"], auth=needs(ORDER_PLAN))
OrderCode = Annotated[str, Path(min_length=1, max_length=400, description="Code of the work order.")]
Code = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(max_length=2000)]


class Opening(Shape):
    """A work order to open."""

    order: Code = Field(description="Its code, new.")
    product: Code = Field(description="What it builds.")
    revision: Code = Field(description="The hardware revision.")
    bom_version: Code = Field(description="The BOM version.")
    quantity: int = Field(ge=1, le=orders.ORDER_UNITS_MAX, description="How many units.")
    owner: str = Field("", max_length=200, description="The brand owner's or buyer's party or name; empty: nobody's.")
    batch: str = Field("", max_length=200, description="The batch number printed on its units, or empty.")
    configuration: str = Field("", max_length=200, description="Which firmware it takes; empty: as its revision.")
    opened_at: str | None = Field(None, max_length=40, description="When, with offset; null: now.")


class Growing(Shape):
    """More units for an order."""

    quantity: int = Field(ge=1, le=orders.ORDER_UNITS_MAX, description="How many more.")
    reason: Reason = Field("", description="Why, or empty.")


class Splitting(Shape):
    """Units that go over to a new order."""

    new_order: Code = Field(description="Code of the new order.")
    quantity: int = Field(ge=1, le=orders.ORDER_UNITS_MAX, description="How many of the last units go over.")
    revision: str = Field("", max_length=200, description="Another hardware revision; empty: the same.")
    bom_version: str = Field("", max_length=200, description="Another BOM version; empty: the same.")
    owner: str | None = Field(None, max_length=200, description="Another owner; null: the same.")
    batch: str | None = Field(None, max_length=200, description="Another batch number; null: the same.")
    reason: Reason = Field("", description="Why, or empty.")


class Closing(Shape):
    """Why an order gets no more units."""

    reason: Reason = Field("", description="Why, or empty.")
    person: str = Field("", max_length=120, description="Badge or login code of who decided; empty: yours.")


class UnitNaming(Shape):
    """How many units get a serial number."""

    count: int | None = Field(None, ge=1, le=naming.UNITS_NAMED_MAX, description="Null: all that have none.")


class NamedShape(Shape):
    """Units that got a serial number."""

    order: str = Field(description="Code of the order.")
    count: int = Field(description="How many units.")
    first: str = Field(description="The first serial number.")
    last: str = Field(description="The last one.")
    entry: int = Field(description="The entry of the log.")


class Panelling(Shape):
    """A panel that the next units of an order lie on."""

    panel: Code = Field(description="The code on it.")
    positions: int | None = Field(None, ge=1, le=PANEL_PLACES_MAX, description="How many; null: as the panel map says.")
    skipped: list[int] = Field(
        [], max_length=PANEL_PLACES_MAX, description="Positions that are crossed out: units not built."
    )


class OnPanelShape(Shape):
    """Units on a panel."""

    order: str = Field(description="Code of the order.")
    panel: str = Field(description="The panel's code.")
    first: int = Field(description="Place in the order of its first unit.")
    last: int = Field(description="Place of its last one.")
    skipped: list[int] = Field(description="Positions that are crossed out.")
    entry: int = Field(description="The entry of the log.")


class Given(Shape):
    """What an order got."""

    order: str = Field(description="Its code.")
    units: list[tuple[int, int]] = Field(description="Half-open spans of unit numbers that it got by this.")
    entry: int = Field(description="The entry of the log.")
    warnings: list[str] = Field(description="As an import gives them.")


class Closed(Shape):
    """What a closed order leaves unfinished."""

    order: str = Field(description="Its code.")
    entry: int = Field(description="The entry of the log.")
    unfinished: int = Field(description="Units neither built, scrapped nor skipped.")
    places: list[tuple[int, int]] = Field(description="First and last place in the order, of the first 100 stretches.")


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise errors.field_wrong("opened_at", str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


def _given(given: orders.OrderGiven) -> dict:
    return {name: getattr(given, name) for name in Given.model_fields}


@router.post("/orders", response={201: Given}, operation_id="open_order", summary="Open a work order")
def open_order(request: HttpRequest, said: Opening, idempotency_key: IdempotencyKey = None):
    """It gets the next unit numbers."""
    words = said.model_dump(exclude={"opened_at"}, include=set(Opening.model_fields))
    given = orders.open_order(
        request.actor, **words, opened_at=_instant(said.opened_at), request_key=request_key(request, idempotency_key)
    )
    return Status(201, _given(given))


@router.post("/orders/{path:code}/grow", response=Given, operation_id="grow_order", summary="More units for an order")
def grow_order(request: HttpRequest, code: OrderCode, said: Growing, idempotency_key: IdempotencyKey = None):
    """Of the same revision and BOM version."""
    words = said.model_dump(include=set(Growing.model_fields))
    key = request_key(request, idempotency_key)
    return _given(orders.grow_order(request.actor, order=code, **words, request_key=key))


@router.post("/orders/{path:code}/split", response=Given, operation_id="split_order", summary="Split a work order")
def split_order(request: HttpRequest, code: OrderCode, said: Splitting, idempotency_key: IdempotencyKey = None):
    """The last units go over to a new order. Refused where something was recorded of one of them."""
    words = said.model_dump(include=set(Splitting.model_fields))
    key = request_key(request, idempotency_key)
    return _given(orders.split_order(request.actor, order=code, **words, request_key=key))


@router.post("/orders/{path:code}/close", response=Closed, operation_id="close_order", summary="Close a work order")
def close_order(request: HttpRequest, code: OrderCode, said: Closing, idempotency_key: IdempotencyKey = None):
    """No more units; what is unfinished may go on. Withdraw its row of closings.csv to open it again."""
    words = said.model_dump(include=set(Closing.model_fields))
    key = request_key(request, idempotency_key)
    closed = orders.close_order(request.actor, order=code, **words, request_key=key)
    return {name: getattr(closed, name) for name in Closed.model_fields}


@router.post(
    "/orders/{path:code}/serials", response=NamedShape, operation_id="name_units", summary="Number units by rule"
)
def name_units(request: HttpRequest, code: OrderCode, said: UnitNaming, idempotency_key: IdempotencyKey = None):
    """The next units without a serial number get one by the product's rule."""
    key = request_key(request, idempotency_key)
    return _named(naming.name_units(request.actor, order=code, count=said.count, request_key=key))


@router.post(
    "/orders/{path:code}/serial-list", response=NamedShape, auth=needs(ORDER_PLAN, "API_IMPORT_BYTES_MAX"),
    operation_id="name_units_from_list", summary="Number units from a list",
)  # fmt: skip
def name_from_list(
    request: HttpRequest,
    code: OrderCode,
    file: UploadedFile = File(..., description="CSV with one column `serial`, up to 16 MiB."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """The next units without a serial number get the customer's, line by line; whole or not at all."""
    content, name = file.read(naming.LIST_BYTES_MAX + 1), "".join(filter(str.isprintable, file.name or ""))[:200]
    key = request_key(request, idempotency_key)
    return _named(
        naming.name_units_from_list(
            request.actor, order=code, content=content, file=name or "serials.csv", request_key=key
        )
    )


def _named(named: naming.Named) -> dict:
    return {name: getattr(named, name) for name in NamedShape.model_fields}


@router.post(
    "/orders/{path:code}/panels", response=OnPanelShape, auth=needs(MARK_READ), operation_id="put_on_panel",
    summary="Put an order's next units on a panel",
)  # fmt: skip
def put_on_panel(request: HttpRequest, code: OrderCode, said: Panelling, idempotency_key: IdempotencyKey = None):
    """In the order of the order. Positions that are crossed out are units not built."""
    key = request_key(request, idempotency_key)
    words = said.model_dump(include=set(Panelling.model_fields))
    done = panels.put_on_panel(request.actor, order=code, **words, request_key=key)
    return {name: getattr(done, name) for name in OnPanelShape.model_fields}
