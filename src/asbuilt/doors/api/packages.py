"""Packages at the floor: their state, quarantine, release, rejection; what happened to them; how long they last. The twin of
the pages Store and Inspection."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_HANDLE, PACKAGE_INSPECT, PACKAGE_RECEIVE, RECORD_READ
from asbuilt.answers.gate.handling import handle_packages
from asbuilt.built.supply.actions.handling import say_lives
from asbuilt.built.supply.actions.inspecting import keep_sample
from asbuilt.built.supply.actions.printing import print_labels
from asbuilt.built.supply.actions.splits import split_package
from asbuilt.built.supply.actions.stating import ROWS_MAX, Stated
from asbuilt.built.supply.actions.statuses import quarantine_packages, reject_packages, release_packages
from asbuilt.built.supply.actions.telling_silicon import say_silicon
from asbuilt.built.supply.label_texts import package_label
from asbuilt.built.supply.package_file import package_file
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats import package_labels
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.plain import plain
from asbuilt.ledger import clock
from asbuilt.storage.printers import printers

router = Router(tags=["Packages"])
LABEL_FORMS = {
    "svg": (package_labels.svg, "image/svg+xml"),
    "png": (package_labels.png, "image/png"),
    "zpl": (package_labels.zpl, "application/octet-stream"),
}
Code = Annotated[str, Path(min_length=1, max_length=400, description="Code of the package.")]
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=400)]], Field(min_length=1, max_length=ROWS_MAX)]
When = Annotated[str, Field(max_length=40, description="With offset; empty: now.")]


class PackageState(Shape):
    """One package with its history."""

    package: str = Field(description="Its code.")
    part: str = Field(description="The part it was received as.")
    lot_code: str = Field(description="As on the label; empty where it is not known.")
    date_code: str = Field(description="As on the label.")
    may_mount: bool = Field(description="Whether neither status nor clock forbids it.")
    why_not: str = Field(description="Why it may not be mounted.")
    remedy: str = Field(description="What to do then.")
    due: str = Field(description="`due` while an inspection is, or the number of the one that rejected it.")
    standing: dict = Field(description="Status, since when, by whom, why.")
    life: dict = Field(description="Moisture, paste or expiry: state, when it ends.")
    labels: list[str] = Field(description="SHA-256 of the labels it was received with.")
    statuses: list[dict] = Field(description="Oldest first.")
    handling: list[dict] = Field(description="Oldest first.")
    samples: list[dict] = Field(description="Oldest first.")
    inspections: list[dict] = Field(description="Oldest first.")
    declarations: list[dict] = Field(description="Papers of its delivery.")
    silicon: list[dict] = Field(
        description="Of which revision its silicon is said to be: of its lot, of it, of what it was split off."
    )


class StatedShape(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")
    facts: list[str] = Field(description="Ids of the facts.")
    warnings: list[str] = Field(description="As an import gives them.")


class Decision(Shape):
    """Packages and why."""

    packages: Codes = Field(description="Up to 500.")
    reason: str = Field(min_length=1, max_length=2000, description="Why; every door shows it.")
    happened_at: When = ""


class Handled(Shape):
    """What happened to packages."""

    packages: Codes = Field(description="Up to 500.")
    event: str = Field(
        max_length=20,
        description="opened sealed dry_in dry_out baked thawing applied removed cooled discarded dry_stored.",
    )
    readings: dict[str, float] = Field(
        {}, max_length=20, description="temperature_c and hours of a bake, rh_percent_max."
    )
    happened_at: When = ""


class SplitIn(Shape):
    """Pieces that go into a package of their own."""

    package: str = Field(min_length=1, max_length=400, description="Out of this package.")
    quantity: int = Field(ge=1, le=1_000_000_000, description="How many.")
    new: str = Field("", max_length=200, description="Code of the new package; empty: the next own one.")
    happened_at: When = ""


class SplitShape(StatedShape):
    """A package was split."""

    package: str = Field(description="Code of the new package.")


class Lives(Shape):
    """How long a part or one package lasts; what is left empty says nothing."""

    part: str = Field("", max_length=200, description="Every package of it.")
    package: str = Field("", max_length=200, description="This package; goes before its part.")
    msl: str = Field("", max_length=20, description="Moisture sensitivity level.")
    sealed_on: str = Field("", max_length=10, description="Day on which the dry bag was sealed.")
    expires_on: str = Field("", max_length=10, description="The last day.")
    floor_hours_max: str = Field("", max_length=10, description="Hours at the floor, where the level does not say it.")
    thaw_hours_min: str = Field("", max_length=10, description="Paste: hours to thaw.")
    thaws_max: str = Field("", max_length=10, description="Paste: how often it may be thawed.")
    open_hours_max: str = Field("", max_length=10, description="Paste: hours after opening.")
    stencil_hours_max: str = Field("", max_length=10, description="Paste: hours on the stencil.")


class SiliconIn(Shape):
    """The silicon revision of one package, or of a lot."""

    package: str = Field("", max_length=200, description="Of this package; without it, of the lot.")
    part: str = Field("", max_length=200, description="The lot as lots.csv has it: our part number.")
    mpn: str = Field("", max_length=200, description="The maker's part number.")
    manufacturer: str = Field("", max_length=200, description="The maker.")
    lot_code: str = Field("", max_length=200, description="Lot code; it or the date code is not empty.")
    date_code: str = Field("", max_length=60, description="Date code.")
    silicon_revision: str = Field(min_length=1, max_length=60, description="As it is written: `3.1`, `B0`.")
    known_from: Literal["label", "maker", "device"] = Field(
        description="Read off the label, said by the maker, read from a device."
    )
    said_by: str = Field("", max_length=400, description="Which letter, whose reading.")


class SampleIn(Shape):
    """Pieces that are kept."""

    package: str = Field(min_length=1, max_length=400, description="Of this package.")
    quantity: int = Field(ge=0, le=2_147_483_647, description="How many.")
    place: str = Field(min_length=1, max_length=200, description="Where they lie.")
    until_on: str = Field("", max_length=10, description="Until which day.")


@router.get(
    "/package-state/{path:code}",
    response=PackageState,
    auth=needs(RECORD_READ),
    operation_id="get_package_state",
    summary="A package's status, clocks and history",
    exclude_unset=True,
)
def state(request: HttpRequest, code: Code):
    """Whether it may be mounted now, and else why not and what to do."""
    if request.actor.party is not None:
        raise errors.not_found()
    found = package_file(request.actor.tenant, code, clock.now())
    said = {name: plain(getattr(found, name), name) for name in PackageState.model_fields}
    return said


@router.post(
    "/goods-in/quarantine",
    response={201: StatedShape},
    auth=needs(PACKAGE_HANDLE),
    operation_id="quarantine_packages",
    summary="Stop packages",
)
def quarantine(request: HttpRequest, said: Decision, idempotency_key: IdempotencyKey = None):
    """They cannot be mounted until they are released."""
    return _decided(request, quarantine_packages, said, idempotency_key)


@router.post(
    "/goods-in/release",
    response={201: StatedShape},
    auth=needs(PACKAGE_DECIDE),
    operation_id="release_packages",
    summary="Release packages",
)
def release(request: HttpRequest, said: Decision, idempotency_key: IdempotencyKey = None):
    """Refused while an inspection is due or has rejected one."""
    return _decided(request, release_packages, said, idempotency_key)


@router.post(
    "/goods-in/reject",
    response={201: StatedShape},
    auth=needs(PACKAGE_DECIDE),
    operation_id="reject_packages",
    summary="Reject packages",
)
def reject(request: HttpRequest, said: Decision, idempotency_key: IdempotencyKey = None):
    """They go back or away."""
    return _decided(request, reject_packages, said, idempotency_key)


@router.post(
    "/goods-in/handling",
    response={201: StatedShape},
    auth=needs(PACKAGE_HANDLE),
    operation_id="handle_packages",
    summary="Say what happened to packages",
)
def handling(request: HttpRequest, said: Handled, idempotency_key: IdempotencyKey = None):
    """Opened, dried, baked, thawed: the clocks follow. Paste that may not be used is refused at `applied`."""
    done = handle_packages(
        request.actor,
        packages=said.packages,
        event=said.event,
        readings=said.readings,
        happened_at=when(said.happened_at),
        request_key=request_key(request, idempotency_key),
    )
    return _stated(done)


@router.post(
    "/goods-in/split",
    response={201: SplitShape},
    auth=needs(PACKAGE_HANDLE),
    operation_id="split_package",
    summary="Split a package",
)
def split(request: HttpRequest, said: SplitIn, idempotency_key: IdempotencyKey = None):
    """The new one is of the same lot and takes status and clocks with it."""
    done = split_package(
        request.actor,
        package=said.package,
        quantity=said.quantity,
        new=said.new,
        happened_at=when(said.happened_at),
        request_key=request_key(request, idempotency_key),
    )
    said_back = {"entry": done.entry, "facts": list(done.facts), "warnings": list(done.warnings)}
    return Status(201, {**said_back, "package": done.package})


@router.post(
    "/goods-in/lives",
    response={201: StatedShape},
    auth=needs(PACKAGE_RECEIVE),
    operation_id="say_lives",
    summary="Say how long material lasts",
)
def lives(request: HttpRequest, said: Lives, idempotency_key: IdempotencyKey = None):
    """Of a package whoever receives may say it, of a part a quality lead."""
    cells = {name: getattr(said, name) for name in Lives.model_fields}
    return _stated(say_lives(request.actor, request_key=request_key(request, idempotency_key), **cells))


@router.post(
    "/goods-in/samples",
    response={201: StatedShape},
    auth=needs(PACKAGE_INSPECT),
    operation_id="keep_sample",
    summary="Keep a sample",
)
def samples(request: HttpRequest, said: SampleIn, idempotency_key: IdempotencyKey = None):
    """Pieces of a package, where and until when."""
    cells = {name: getattr(said, name) for name in SampleIn.model_fields}
    return _stated(keep_sample(request.actor, request_key=request_key(request, idempotency_key), **cells))


@router.post(
    "/goods-in/silicon",
    response={201: StatedShape},
    auth=needs(PACKAGE_RECEIVE),
    operation_id="say_silicon",
    summary="Say of which revision silicon is",
)
def silicon(request: HttpRequest, said: SiliconIn, idempotency_key: IdempotencyKey = None):
    """Of a package, or of a lot by its five cells; what is said otherwise of the same stands beside it."""
    cells = {name: getattr(said, name) for name in SiliconIn.model_fields}
    return _stated(say_silicon(request.actor, request_key=request_key(request, idempotency_key), **cells))


class PrintIn(Shape):
    """Labels to print."""

    packages: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=400)]], Field(min_length=1, max_length=100)
    ] = Field(description="Up to 100.")
    printer: str = Field(min_length=1, max_length=60, description="A name of /api/v1/printers.")


class Printed(Shape):
    """What became of it."""

    entry: int = Field(description="The entry of the log.")
    labels: int = Field(description="Labels on their way; 0 where this very request was printed before.")


class Printers(Shape):
    """The label printers of the house."""

    printers: list[str] = Field(description="By name.")


@router.get(
    "/printers", response=Printers, auth=needs(PACKAGE_RECEIVE), operation_id="list_printers", summary="Label printers"
)
def printer_names(request: HttpRequest):
    """As the installation names them."""
    return {"printers": sorted(printers())}


@router.get(
    "/package-labels/{path:code}",
    auth=needs(RECORD_READ),
    operation_id="get_package_label",
    summary="A package's own label",
)
def label(
    request: HttpRequest,
    code: Code,
    form: Annotated[Literal["svg", "png", "zpl"], Query(description="svg, png or zpl.")] = "svg",
):
    """For download: SVG, PNG (the symbol alone) or ZPL II."""
    if request.actor.party is not None:
        raise errors.not_found()
    draw, kind = LABEL_FORMS[form]
    answer = HttpResponse(draw(package_label(request.actor.tenant, code)), content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, f"{code}.{form}")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@router.post(
    "/package-labels",
    response={201: Printed},
    auth=needs(PACKAGE_RECEIVE),
    operation_id="print_package_labels",
    summary="Print labels",
)
def print_them(request: HttpRequest, said: PrintIn, idempotency_key: IdempotencyKey = None):
    """They go to the printer once this is recorded; a printer that is off gets them later."""
    key = request_key(request, idempotency_key)
    done = print_labels(request.actor, packages=said.packages, printer=said.printer, request_key=key)
    return Status(201, {"entry": done.entry, "labels": len(done.messages)})


def when(text: str) -> int | None:
    """The instant that a request says; None: now."""
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise errors.field_wrong("happened_at", str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


def _decided(request: HttpRequest, verb, said: Decision, key: str | None) -> Status:
    done = verb(
        request.actor,
        packages=said.packages,
        reason=said.reason,
        happened_at=when(said.happened_at),
        request_key=request_key(request, key),
    )
    return _stated(done)


def _stated(done: Stated) -> Status:
    return Status(201, {"entry": done.entry, "facts": list(done.facts), "warnings": list(done.warnings)})
