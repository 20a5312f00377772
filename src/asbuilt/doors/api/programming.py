"""Programmed before placement: programming orders, demands, modules, field reports. The twin of the page Programming."""

import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import FIELD_REPORT, PACKAGE_PROGRAM, PROGRAMMING_ORDER, RECORD_READ
from asbuilt.built.exchange.field_reports import import_field_reports
from asbuilt.built.programming import demands, modules
from asbuilt.built.programming.actions import demands as demanding
from asbuilt.built.programming.actions import programming_orders as acting
from asbuilt.built.programming.programming_orders import order_seen, orders_seen
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.imports import Imported
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Programming"])
PIECE_BYTES = 1024**2
Code = Annotated[str, Path(max_length=60, description="Code of the programming order.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=200)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")]


class ProgrammingOrderShape(Shape):
    """An order to program a package, and all that happened of it."""

    code: str = Field(description="Its code.")
    package: str = Field(description="The package.")
    product: str = Field(description="The product whose release it is.")
    role: str = Field(description="The image role.")
    version: str = Field(description="The version.")
    image: str = Field(description="SHA-256 of the image.")
    quantity: int = Field(description="Pieces to program.")
    by: str = Field(description="own or supplier.")
    supplier: str = Field(description="The supplier's name, or empty.")
    state: str = Field(description="opened, done or closed.")
    opened_at: str = Field(description="When it was opened.")
    read_backs: dict = Field(description="Samples: asked, done, wrong.")
    samples: list[dict] = Field(description="Each with its SHA-256, machine, time, and whether it is the image.")
    done: dict | None = Field(description="Pieces, machine, SHA-256 of the certificate, when.")
    closed: dict | None = Field(description="Result, reason, when.")
    entry: int = Field(description="The entry of the log; of a list, the one that opened it.")


class ProgrammingOrderList(Shape):
    """Programming orders."""

    programming_orders: list[ProgrammingOrderShape] = Field(description="Newest first, 200 at most.")


class OrderOpening(Shape):
    """A package to program."""

    package: Name = Field(description="Its code, or its tag's.")
    product: Name = Field(description="The product whose release it is.")
    version: Name = Field(description="The version.")
    role: Text = Field("", description="The image role; app unless said.")
    read_backs: int = Field(1, ge=0, le=10**6, description="Samples to read back.")
    quantity: int | None = Field(None, ge=1, le=10**9, description="Pieces; null: all of the package.")
    supplier: Text = Field("", description="The supplier that programs it.")
    code: Annotated[str, Field(max_length=60)] = Field("", description="Its code; empty: the next one.")


class ReadBackIn(Shape):
    """What was read back of a sample."""

    sha256: Sha256 = Field(description="Of the bytes.")
    sample: int | None = Field(None, ge=1, le=10**9, description="Number of the sample; null: the next one.")
    machine: Text = Field("", description="Where.")


class ProgrammingClosing(Shape):
    """How a programming order ended."""

    result: Literal["pass", "fail", "aborted"] = Field("pass", description="aborted: never begun.")
    reason: Annotated[str, Field(max_length=2000)] = Field("", description="Why, where it did not pass.")


class DemandIn(Shape):
    """Which release an order, or a hardware revision, takes."""

    order: Text = Field("", description="The work order; else product and revision.")
    product: Text = Field("", description="The product.")
    revision: Text = Field("", description="Its hardware revision.")
    part: Text = Field("", description="The part that comes programmed with it.")
    of_product: Text = Field("", description="The product whose release it is, where it is another one.")
    role: Text = Field("", description="The image role; app unless said.")
    version: Text = Field("", description="The version; empty: any that is released for the revision.")
    configuration: Text = Field(
        "", description="Of this configuration of the revision; with an order: its configuration."
    )


class DemandShape(DemandIn):
    """A demand that stands."""

    from_at: str = Field(description="From when on.")
    entry: int = Field(description="The entry of the log.")


class DemandList(Shape):
    """What is demanded."""

    demands: list[DemandShape] = Field(description="Newest first.")


class ModuleIn(Shape):
    """With which release lots of a maker's part come."""

    manufacturer: Name = Field(description="The maker.")
    mpn: Name = Field(description="The maker's part number.")
    product: Name = Field(description="The product whose release it is.")
    version: Name = Field(description="The version.")
    role: Text = Field("", description="The image role; app unless said.")
    lot_code: Text = Field("", description="One lot; else date codes, else all lots.")
    date_code_from: Annotated[str, Field(max_length=40)] = Field("", description="First date code.")
    date_code_until: Annotated[str, Field(max_length=40)] = Field("", description="Last date code.")
    source: Annotated[str, Field(max_length=400)] = Field("", description="Which paper says so.")


class ModuleShape(ModuleIn):
    """What is said of modules."""

    happened_at: str = Field(description="When it was said.")
    entry: int = Field(description="The entry of the log.")


class ModuleList(Shape):
    """What is said of modules."""

    modules: list[ModuleShape] = Field(description="By maker, MPN and date code.")


class Recorded(Shape):
    """A row was recorded."""

    entry: int = Field(description="The entry of the log.")
    facts: list[str] = Field(description="Ids of the facts.")
    warnings: list[str] = Field(description="What is strange.")


@router.get(
    "/programming-orders",
    response=ProgrammingOrderList,
    auth=needs(RECORD_READ),
    operation_id="list_programming_orders",
    summary="Programming orders",
)
def listed(
    request: HttpRequest,
    package: str = Query("", max_length=200, description="Those of this package."),
    all: bool = Query(False, description="Closed ones too."),
):
    """Those that are not closed, unless asked for more."""
    return {
        "programming_orders": [one.as_dict() for one in orders_seen(request.actor, package=package, everything=all)]
    }


@router.get(
    "/programming-orders/{code}",
    response=ProgrammingOrderShape,
    auth=needs(RECORD_READ),
    operation_id="get_programming_order",
    summary="One programming order",
)
def one_order(request: HttpRequest, code: Code):
    """With its samples."""
    return order_seen(request.actor, code).as_dict()


@router.post(
    "/programming-orders",
    response={201: ProgrammingOrderShape},
    auth=needs(PROGRAMMING_ORDER),
    operation_id="open_programming_order",
    summary="Order that a package is programmed",
)
def opened(request: HttpRequest, said: OrderOpening, idempotency_key: IdempotencyKey = None):
    """Refused: not released, withdrawn, mounted, rejected, in hand, or part of a package."""
    given = {name: getattr(said, name) for name in OrderOpening.model_fields}
    return Status(
        201, acting.open_order(request.actor, **given, request_key=request_key(request, idempotency_key)).as_dict()
    )


@router.post(
    "/programming-orders/{code}/done",
    response={201: ProgrammingOrderShape},
    auth=needs(PACKAGE_PROGRAM, "API_IMPORT_BYTES_MAX"),
    operation_id="finish_programming_order",
    summary="It was programmed",
)
def finished(
    request: HttpRequest,
    code: Code,
    quantity: int = Form(..., ge=1, le=10**9, description="Pieces programmed."),
    machine: str = Form("", max_length=200, description="At which machine."),
    certificate: UploadedFile | None = File(None, description="The supplier's certificate."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """By a machine of ours, or by the supplier, whose certificate is kept as evidence."""
    content = certificate.read() if certificate else None
    name = certificate.name or "certificate" if certificate else "certificate"
    given = {"quantity": quantity, "machine": machine, "content": content, "name": name}
    done = acting.order_done(request.actor, order=code, **given, request_key=request_key(request, idempotency_key))
    return Status(201, done.as_dict())


@router.post(
    "/programming-orders/{code}/read-backs",
    response={201: ProgrammingOrderShape},
    auth=needs(PACKAGE_PROGRAM),
    operation_id="read_back_sample",
    summary="A sample was read back",
)
def sampled(request: HttpRequest, code: Code, said: ReadBackIn, idempotency_key: IdempotencyKey = None):
    """Another image than ordered puts the package into quarantine."""
    given = {"sha256": said.sha256, "sample": said.sample, "machine": said.machine}
    done = acting.read_back(request.actor, order=code, **given, request_key=request_key(request, idempotency_key))
    return Status(201, done.as_dict())


@router.post(
    "/programming-orders/{code}/close",
    response={201: ProgrammingOrderShape},
    auth=needs(PROGRAMMING_ORDER),
    operation_id="close_programming_order",
    summary="Close a programming order",
)
def closed(request: HttpRequest, code: Code, said: ProgrammingClosing, idempotency_key: IdempotencyKey = None):
    """Passed: the package is programmed. Refused before all samples are read back, or with a wrong one."""
    given = {"result": said.result, "reason": said.reason}
    done = acting.close_order(request.actor, order=code, **given, request_key=request_key(request, idempotency_key))
    return Status(201, done.as_dict())


@router.get(
    "/firmware-demands",
    response=DemandList,
    auth=needs(RECORD_READ),
    operation_id="list_firmware_demands",
    summary="Which releases are demanded",
)
def demanded(
    request: HttpRequest,
    order: str = Query("", max_length=200, description="Of this order."),
    product: str = Query("", max_length=200, description="Of this product."),
):
    """Of orders and of hardware revisions."""
    return {"demands": [one.as_dict() for one in demands.demands_seen(request.actor, order=order, product=product)]}


@router.post(
    "/firmware-demands",
    response={201: Recorded},
    auth=needs(PROGRAMMING_ORDER),
    operation_id="demand_firmware",
    summary="Demand a release",
)
def demand(request: HttpRequest, said: DemandIn, idempotency_key: IdempotencyKey = None):
    """From now on; the order goes before its hardware revision."""
    given = {name: getattr(said, name) for name in DemandIn.model_fields}
    return Status(
        201,
        _recorded(demanding.demand_firmware(request.actor, **given, request_key=request_key(request, idempotency_key))),
    )


@router.get(
    "/module-firmware",
    response=ModuleList,
    auth=needs(RECORD_READ),
    operation_id="list_module_firmware",
    summary="With which firmware modules come",
)
def of_modules(request: HttpRequest):
    """By maker, MPN and date code."""
    return {"modules": [one.as_dict() for one in modules.modules_seen(request.actor)]}


@router.post(
    "/module-firmware",
    response={201: Recorded},
    auth=needs(PROGRAMMING_ORDER),
    operation_id="say_module_firmware",
    summary="Say with which firmware modules come",
)
def say_modules(request: HttpRequest, said: ModuleIn, idempotency_key: IdempotencyKey = None):
    """Conflict where a row speaks of the same lots already."""
    given = {name: getattr(said, name) for name in ModuleIn.model_fields}
    return Status(
        201, _recorded(demanding.say_modules(request.actor, **given, request_key=request_key(request, idempotency_key)))
    )


@router.post(
    "/field-reports",
    response=Imported,
    auth=needs(FIELD_REPORT, "API_IMPORT_BYTES_MAX"),
    operation_id="report_from_the_field",
    summary="Versions that units in the field said they run",
)
def reported(
    request: HttpRequest,
    file: UploadedFile = File(..., description="CSV, JSON or JSON lines of serial number, version, time."),  # noqa: B008
    product: str = Form("", max_length=200, description="Of reports that name none."),
):
    """Whole or not at all; the same file or report again changes nothing."""
    with tempfile.TemporaryDirectory(prefix="asbuilt-reports-") as place:
        path = FilePath(place) / "upload"
        with open(path, "xb") as out:
            for piece in file.chunks(PIECE_BYTES):
                out.write(piece)
        name = "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "field-reports"
        report = import_field_reports(request.actor, path, product=product, name=name)
    return {name: getattr(report, name) for name in Imported.model_fields}


def _recorded(stated) -> dict:
    return {"entry": stated.entry, "facts": list(stated.facts), "warnings": list(stated.warnings)}
