"""Holds: place, lift, list; and why a unit is held. The twin of the page Holds."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from asbuilt.access.rights import HOLD_LIFT, HOLD_PLACE
from asbuilt.answers.gate.permits import not_heard_of
from asbuilt.answers.register import holds as verbs
from asbuilt.doors.api.asking import QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen import held

router = Router(tags=["Holds"], auth=Caller())
HoldCode = Annotated[str, Path(min_length=1, max_length=200, description="The code of the hold, such as H-12.")]
Span = Annotated[str, Field(max_length=400, description="SN, or SN1..SN2 along an order; ORDER#17 too.")]


class Placing(Shape):
    """What to hold, and why: a lot, units, or the answer of a question."""

    lot: str = Field("", max_length=400, description="Lot code or ULID: the lot, and the units that carry it.")
    units: list[Span] = Field([], max_length=1_000, description="Units by name.")
    question: str = Field(
        "", max_length=QUESTION_CHARACTERS_MAX, description="What it gives now is held, and what comes to match later."
    )
    silent: bool = Field(False, description="Hold those too of which the record is silent.")
    reason: str = Field(min_length=1, max_length=2_000, description="Why; every door says it.")
    lifted_by: str = Field("", max_length=20, description="The role that may lift it: quality_lead (default) or psirt.")


class Lifting(Shape):
    """Why the hold goes."""

    reason: str = Field(min_length=1, max_length=2_000, description="Why they may go on.")
    units: list[Span] = Field([], max_length=1_000, description="Only these units; empty: the whole hold.")


class LiftedShape(Shape):
    """That the hold was lifted."""

    reason: str = Field(description="Why.")
    decided_at: str = Field(description="When.")


class HoldShape(Shape):
    """A hold."""

    code: str = Field(description="Its code.")
    reason: str = Field(description="Why.")
    by: str = Field(description="Who placed it, or empty.")
    since: str = Field(description="Since when.")
    lifted_by: str = Field(description="The role that may lift it.")
    question: str = Field(description="The question it rests on, or empty.")
    silent: bool = Field(description="Whether silence of the record is held too.")
    lots: list[dict] = Field(description="The lots it holds: ulid, code, words.")
    units: int = Field(description="Units it holds now.")
    placed: int = Field(description="Units named when it was placed.")
    released: int = Field(description="Units let go since.")
    releases: list[dict] = Field(
        description="Releases that may be programmed through it: product, role, version, sha256."
    )
    steps: list[str] = Field(description="Steps that its units may pass.")
    done: str = Field(description="What certainly answers this question it holds no more; or empty.")
    unit: str = Field(description="Where a unit was asked about and one inside it is held: that one.")
    lifted: LiftedShape | None = Field(description="That it was lifted; null while it is open.")


class HoldsShape(Shape):
    """Holds."""

    open: list[HoldShape] = Field(description="Open ones, oldest first.")
    lifted: list[HoldShape] = Field(description="Those lifted last.")


class HoldWhole(HoldShape):
    """A hold with its first units."""

    names: list[str] = Field(description="The first units it holds now.")
    more: int = Field(description="How many more there are.")
    not_heard: list[str] = Field(description="Programming stations that have not heard of it.")


class WhyShape(Shape):
    """Why a unit is held."""

    unit: str = Field(description="The unit.")
    code: str = Field(description="The unit as ORDER#n.")
    holds: list[HoldShape] = Field(description="The open holds on it and on what is inside it; empty: it is free.")


@router.get("/holds", response=HoldsShape, operation_id="list_holds", summary="Holds")
def list_holds(request: HttpRequest):
    """Open holds with their units now, and those lifted last."""
    found, lifted = held.holds_page(request.actor)
    return {"open": plain(found), "lifted": plain(lifted)}


@router.post(
    "/holds", response={201: HoldWhole}, auth=needs(HOLD_PLACE), operation_id="place_hold", summary="Place a hold"
)
def place(request: HttpRequest, said: Placing, idempotency_key: IdempotencyKey = None):
    """From now on what it holds passes no step and no gate."""
    code = verbs.hold(
        request.actor,
        lot=said.lot,
        units=said.units,
        question=said.question,
        silent=said.silent,
        reason=said.reason,
        lifted_by=said.lifted_by,
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, _whole(request, code))


@router.get("/holds/{hold}", response=HoldWhole, operation_id="get_hold", summary="One hold")
def one_hold(request: HttpRequest, hold: HoldCode):
    """Why, since when, by whom, what it holds now."""
    return _whole(request, hold)


@router.post(
    "/holds/{hold}/lift", response=HoldWhole, auth=needs(HOLD_LIFT), operation_id="lift_hold", summary="Lift a hold"
)
def lift(request: HttpRequest, hold: HoldCode, said: Lifting, idempotency_key: IdempotencyKey = None):
    """The whole of it, or only these units. Needs the role that the hold names."""
    verbs.lift(
        request.actor,
        code=hold,
        units=said.units,
        reason=said.reason,
        request_key=request_key(request, idempotency_key),
    )
    return _whole(request, hold)


@router.get("/units/{path:code}/holds", response=WhyShape, operation_id="get_unit_holds", summary="Why a unit is held")
def why(
    request: HttpRequest, code: Annotated[str, Path(min_length=1, max_length=400, description="Any name of the unit.")]
):
    """Its own holds, and those of what is inside it."""
    return plain(held.why_held(request.actor, code))


def _whole(request: HttpRequest, code: str) -> dict:
    found, names, more = held.hold_page(request.actor, code)
    return {**plain(found), "names": names, "more": more, "not_heard": not_heard_of(request.actor, code)}
