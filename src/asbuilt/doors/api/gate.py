"""The gate: may this unit go on, and going on. The twin of the pages Station, Rework and Assembly.

A verdict before a step for stations and machines; the step itself, rework, assembly and scrap, each refused with what stops the unit.
"""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import GATE_ASK, REWORK, SCRAP, STEP_RECORD
from asbuilt.answers.gate import reworking
from asbuilt.answers.gate.actions import StepDone, pass_step
from asbuilt.answers.gate.travellers import traveller
from asbuilt.answers.gate.verdicts import verdicts
from asbuilt.designed.catalog.readings import SOFTWARE
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.plain import plain

router = Router(tags=["Gate"], auth=Caller())
UnitCode = Annotated[
    str,
    Path(min_length=1, max_length=400, description="Serial number, another name, ORDER#17 or PANEL/3; a panel's code."),
]
OrderCode = Annotated[str, Path(min_length=1, max_length=400, description="Code of the work order.")]
Step = Annotated[
    str, Query(max_length=200, description="The step it wants to go through; empty: holds and state only.")
]
Side = Annotated[str, Query(max_length=20, description="Its side, where the route has the step on both.")]

Operator = Annotated[
    str | None, Query(max_length=120, description="Badge of who would do it; left out: qualifications are not asked.")
]


class StopShape(Shape):
    """One thing that stops the unit."""

    code: str = Field(description="`gate.reason`, as refusals carry it.")
    message: str = Field(description="What, since when, by whom, why.")
    remedy: str = Field(description="What to do.")
    facts: dict = Field(description="What a program may want to read.")


class VerdictShape(Shape):
    """Whether a unit may go on."""

    name: str = Field(description="The unit.")
    code: str = Field(description="The unit as ORDER#n.")
    order: str = Field(description="Its work order.")
    product: str = Field(description="Its product.")
    revision: str = Field(description="Its hardware revision.")
    step: str = Field(description="The step asked about.")
    place: str = Field(description="Where that step is done.")
    go: bool = Field(description="Whether it may.")
    stops: list[StopShape] = Field(description="What stops it; empty where it may go.")
    routing: str = Field(description="The routing in force, or empty where its revision has none.")
    steps: list[dict] = Field(
        description="The steps of its route: name, place, state (done, failed, open, optional), when."
    )
    next_step: str = Field(description="The first step that is not done.")
    retest_due: list[str] = Field(description="Test plans that ran before the last rework.")
    documents: dict = Field(description="The documents that apply at the step, by kind.")
    limits: dict = Field(description="Its limits: reading to lowest and highest, null where open.")
    qualifications: list[str] = Field(description="What whoever does the step must have.")
    warnings: list[StopShape] = Field(
        description="At a packing step: what is known against it, or not known of it, and stops nothing today."
    )
    conceded: list[dict] = Field(
        description="What a concession, waiver, deviation or qualification run lets pass: concession (its code), message, note (what nobody checked of it)."
    )


class Verdicts(Shape):
    """A verdict for each unit that the code means: one, or those of a panel."""

    go: bool = Field(description="Whether all of them may go on.")
    verdicts: list[VerdictShape] = Field(description="One a unit.")


class StepShape(Shape):
    """A step that was done."""

    code: str = Field(min_length=1, max_length=400, description="The unit or the panel.")
    step: str = Field(min_length=1, max_length=200, description="The step.")
    side: str = Field("", max_length=20, description="Its side.")
    pass_number: str = Field("", max_length=20, description="Which pass.")
    machine: str = Field("", max_length=200, description="The machine.")
    program: str = Field("", max_length=200, description="Its program.")
    operator: str = Field("", max_length=120, description="Badge; else whoever the token is.")
    result: Literal["completed", "failed", "aborted"] = Field("completed", description="How it ended.")
    started_at: str | None = Field(None, max_length=40, description="With offset; else as it finished.")
    finished_at: str | None = Field(None, max_length=40, description="With offset; else now.")
    software: str = Field("", max_length=200, description="Version of the machine's software; the reading `software`.")
    readings: dict = Field({}, description="What was read.")


class PassedShape(Shape):
    """What went on."""

    entry: int = Field(description="The entry of the log.")
    units: int = Field(description="How many units.")
    outside: list[str] = Field(description="Readings outside of the limits of the step; recorded all the same.")


class Replacing(Shape):
    """A part that was replaced."""

    refdes: str = Field(min_length=1, max_length=120, description="The position.")
    removed: str = Field("", max_length=200, description="The package that came out; empty: whatever was there.")
    installed: str = Field("", max_length=200, description="The package that went in; empty: not known.")
    reason: str = Field(min_length=1, max_length=2_000, description="Why.")
    operator: str = Field("", max_length=120, description="Badge.")


class PuttingIn(Shape):
    """Where the unit went."""

    parent: str = Field(min_length=1, max_length=400, description="The unit around it.")
    position: str = Field("", max_length=120, description="Its slot.")


class Why(Shape):
    """Why."""

    reason: str = Field(min_length=1, max_length=2_000, description="Why.")
    operator: str = Field("", max_length=120, description="Badge.")


class ReworkedShape(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")
    name: str = Field(description="The unit.")
    retest_due: list[str] = Field(description="Test plans that ran before.")
    still_held: list[StopShape] = Field(description="Holds that still stop it.")
    under: list[dict] = Field(
        [],
        description="The deviation or qualification run without which the package might not be there: concession (its code), message, note.",
    )


class TravellerShape(Shape):
    """The way of an order's units: what the traveller says."""

    order: str = Field(description="The order.")
    product: str = Field(description="Its product.")
    revision: str = Field(description="Its hardware revision.")
    quantity: int = Field(description="How many.")
    routing: str = Field(description="The routing, or empty.")
    superseded: bool = Field(description="Whether another routing, or a later revision of a document, is in force.")
    why: list[str] = Field(description="What took its place.")
    steps: list[dict] = Field(
        description="Step, place, documents, limits, units through it, qualifications it needs, who does it outside."
    )


@router.get(
    "/units/{path:code}/verdict",
    response=Verdicts,
    auth=needs(GATE_ASK),
    operation_id="get_verdict",
    summary="May it go on",
)
def verdict(request: HttpRequest, code: UnitCode, step: Step = "", side: Side = "", operator: Operator = None):
    """Holds, route, quarantine, scrap, and the operator's qualifications where one is named: one verdict before a step."""
    found = verdicts(request.actor, code, step, side, operator)
    return {"go": all(one.go for one in found), "verdicts": plain(found)}


@router.post(
    "/steps", response={201: PassedShape}, auth=needs(STEP_RECORD), operation_id="pass_step", summary="A step was done"
)
def step(request: HttpRequest, said: StepShape, idempotency_key: IdempotencyKey = None):
    """Recorded where the gate lets it go; else refused with all that stops it in `facts.stops`."""
    times = {name: _instant(name, getattr(said, name)) for name in ("started_at", "finished_at")}
    told = {**said.model_dump(include=set(StepDone.__dataclass_fields__)), **times}
    if said.software:
        told["readings"] = {**said.readings, SOFTWARE: said.software}
    done = StepDone(**told)
    passed = pass_step(request.actor, code=said.code, done=done, request_key=request_key(request, idempotency_key))
    return Status(201, {"entry": passed.entry, "units": passed.units, "outside": list(passed.outside)})


def _instant(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError as refusal:
        raise errors.field_wrong(name, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


@router.post(
    "/units/{path:code}/replacements", response={201: ReworkedShape}, auth=needs(REWORK), operation_id="replace_part",
    summary="A part was replaced",
)  # fmt: skip
def replace_part(request: HttpRequest, code: UnitCode, said: Replacing, idempotency_key: IdempotencyKey = None):
    """What came out, what went in, why."""
    key = request_key(request, idempotency_key)
    return Status(201, plain(reworking.replace_part(request.actor, code=code, **said.model_dump(), request_key=key)))


@router.post(
    "/units/{path:code}/put-in", response={201: ReworkedShape}, auth=needs(REWORK), operation_id="put_unit_in",
    summary="Put a unit into another",
)  # fmt: skip
def put_in(request: HttpRequest, code: UnitCode, said: PuttingIn, idempotency_key: IdempotencyKey = None):
    """It is inside that unit from now on; a unit is inside at most one."""
    key = request_key(request, idempotency_key)
    found = reworking.put_in(request.actor, parent=said.parent, child=code, position=said.position, request_key=key)
    return Status(201, plain(found))


@router.post(
    "/units/{path:code}/take-out", response={201: ReworkedShape}, auth=needs(REWORK), operation_id="take_unit_out",
    summary="Take a unit out",
)  # fmt: skip
def take_out(request: HttpRequest, code: UnitCode, said: Why, idempotency_key: IdempotencyKey = None):
    """Its link ends now; `ever:` still sees it."""
    key = request_key(request, idempotency_key)
    found = reworking.take_out(request.actor, child=code, reason=said.reason, operator=said.operator, request_key=key)
    return Status(201, plain(found))


@router.post(
    "/units/{path:code}/scrap",
    response={201: ReworkedShape},
    auth=needs(SCRAP),
    operation_id="scrap_unit",
    summary="Scrap a unit",
)
def scrap(request: HttpRequest, code: UnitCode, said: Why, idempotency_key: IdempotencyKey = None):
    """It goes nowhere any more."""
    key = request_key(request, idempotency_key)
    found = reworking.scrap(request.actor, code=code, reason=said.reason, operator=said.operator, request_key=key)
    return Status(201, plain(found))


@router.get(
    "/orders/{path:code}/traveller",
    response=TravellerShape,
    operation_id="get_traveller",
    summary="An order's traveller",
)
def way(
    request: HttpRequest,
    code: OrderCode,
    routing: Annotated[str, Query(max_length=60, description="Another routing.")] = "",
):
    """Its steps with the documents that apply, and whether it is superseded."""
    return plain(traveller(request.actor, code, routing))
