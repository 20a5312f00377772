"""Setups: machine programs, packages at feeders, parts placed by hand. The twin of the page Setup."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import GATE_ASK, ORDER_PLAN, SETUP_CHANGE
from asbuilt.answers.gate import mounting as gate
from asbuilt.answers.gate.placing import place_by_hand
from asbuilt.built.production import setups
from asbuilt.built.production.actions import mounting
from asbuilt.designed.catalog.actions import FEEDERS_MAX, set_program
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Setups"])
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=200)]
Side = Annotated[Literal["", "top", "bottom"], Field(description="Needed where the machine has programs for both.")]

UNDER = "The deviation or qualification run without which the package might not be there: concession (its code), message, note."


class FeederShape(Shape):
    """A feeder of a machine."""

    feeder: str = Field(description="The feeder position.")
    state: str = Field(description="ready, low (lasts for fewer than 20 units), empty, stopped; unused by the program.")
    refdes: list[str] = Field(description="What it places.")
    part: str = Field(description="The part that it takes; of an unused feeder, the part that is there.")
    package: str = Field(description="The package there, or empty.")
    lot_code: str = Field(description="Its lot code.")
    since: str | None = Field(description="Since when.")
    left: dict | None = Field(description="quantity; pieces left: least and most, which differ by a grey zone.")
    lasts_units: int | None = Field(description="For how many units what is left suffices.")
    behind: list[dict] = Field(description="Spliced out, with the pieces of the grey zone that are still to come.")
    stops: list[dict] = Field(description="What stops it: code, message, remedy, facts.")
    under: list[dict] = Field(description=UNDER)


class SetupShape(Shape):
    """A machine set up for an order."""

    machine: str = Field(description="The machine.")
    order: str = Field(description="The order; empty: only what is mounted is said.")
    product: str = Field(description="What it builds.")
    revision: str = Field(description="Its hardware revision.")
    side: str = Field(description="The side.")
    program: str = Field(description="The program in force.")
    ready: bool = Field(description="Whether no feeder is empty or stopped.")
    feeders: list[FeederShape] = Field(description="In the program's order, then those it does not use.")


class LineShape(Shape):
    """Every machine that has a program for the order's revision."""

    order: str = Field(description="The order.")
    setups: list[SetupShape] = Field(description="By machine and side.")


class MachinesShape(Shape):
    """Machines to set up."""

    machines: list[str] = Field(description="With a program, or with a package that ever was at a feeder.")


class Mounting(Shape):
    """A package for a feeder."""

    machine: Name = Field(description="The machine as the floor calls it.")
    feeder: Name = Field(description="The feeder position.")
    package: Name = Field(description="Code of the package.")
    order: Name = Field(description="The work order that is set up.")
    side: Side = ""
    program: Text = Field("", description="Else the one recorded last.")
    station: Text = Field("", description="Where it was scanned.")


class Splicing(Mounting):
    """A package spliced behind the one at the feeder."""

    old: Text = Field("", description="The package it is spliced behind, as a check.")
    grey_pieces: int | None = Field(
        None,
        ge=0,
        le=mounting.GREY_PIECES_MAX,
        description="Pieces that may be of either; null: as the program says, else 10.",
    )


class Removing(Shape):
    """A package that comes off."""

    machine: Name = Field(description="The machine.")
    feeder: Name = Field(description="The feeder position.")
    package: Text = Field("", description="The package, as a check.")
    station: Text = Field("", description="Where it was scanned.")


class MountedShape(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")
    fact: str = Field(description="Id of the fact; empty where the same request was recorded before.")
    machine: str = Field(description="The machine.")
    feeder: str = Field(description="The feeder position.")
    package: str = Field(description="The package.")
    grey_pieces: int | None = Field(description="Of a splice.")
    left: dict | None = Field(description="Pieces left in the package: least and most.")
    under: list[dict] = Field(description=UNDER)


class ProgramFeeder(Shape):
    """A feeder of a program."""

    feeder: Name = Field(description="The feeder position.")
    refdes: str = Field(min_length=1, max_length=100_000, description="What it places, blank-separated.")
    grey_pieces: int | None = Field(None, ge=0, le=mounting.GREY_PIECES_MAX, description="Of a splice there.")


class ProgramIn(Shape):
    """A machine program."""

    product: Name = Field(description="The product.")
    revision: Name = Field(description="Its hardware revision.")
    side: Literal["top", "bottom"] = Field(description="The side.")
    machine: Name = Field(description="The machine.")
    program: Name = Field(description="Its name.")
    feeders: list[ProgramFeeder] = Field(min_length=1, max_length=FEEDERS_MAX, description="What each places.")


class SetupEntry(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")


class HandPlacing(Shape):
    """Parts placed by hand."""

    first: str = Field(min_length=1, max_length=400, description="The unit or panel, or the first unit.")
    last: str = Field("", max_length=400, description="The last unit along the order.")
    refdes: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(
        min_length=1, max_length=500, description="Positions."
    )
    package: Name = Field(description="Code of the package.")
    station: Text = Field("", description="The bench.")


class PlacedShape(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")
    units: int = Field(description="On how many units.")
    under: list[dict] = Field(description=UNDER)


@router.get(
    "/setups", response=MachinesShape, auth=needs(GATE_ASK), operation_id="list_setups", summary="Machines to set up"
)
def machines(request: HttpRequest):
    """By name."""
    return {"machines": setups.machines_to_set_up(request.actor)}


@router.get(
    "/setup", response=SetupShape, auth=needs(GATE_ASK), operation_id="get_setup", summary="How a machine is set up"
)
def setup(
    request: HttpRequest,
    machine: Annotated[str, Query(min_length=1, max_length=200, description="The machine.")],
    order: Annotated[
        str, Query(max_length=400, description="The work order; without one only what is mounted is said.")
    ] = "",
    side: Annotated[Literal["", "top", "bottom"], Query(description="The side.")] = "",
    program: Annotated[str, Query(max_length=200, description="Else the one recorded last.")] = "",
):
    """What each feeder needs, what is there, what is left and what stops it."""
    return setups.setup_of(request.actor, machine=machine, order=order, side=side, program=program).as_dict()


@router.get(
    "/orders/{path:code}/setup", response=LineShape, auth=needs(GATE_ASK), operation_id="get_line_setup",
    summary="How the line is set up for an order",
)  # fmt: skip
def line(
    request: HttpRequest,
    code: Annotated[str, Path(min_length=1, max_length=400, description="Code of the work order.")],
):
    """Every machine with a program for its revision."""
    found = setups.line_of(request.actor, order=code)
    return {"order": code, "setups": [one.as_dict() for one in found]}


@router.post(
    "/setup/mounts", response={201: MountedShape}, auth=needs(SETUP_CHANGE), operation_id="mount_package",
    summary="Mount a package",
)  # fmt: skip
def mount(request: HttpRequest, said: Mounting, idempotency_key: IdempotencyKey = None):
    """Refused with the first reason, all of them in `facts.stops`."""
    key = request_key(request, idempotency_key)
    return _mounted(gate.mount_package(request.actor, **said.model_dump(), request_key=key))


@router.post(
    "/setup/splices", response={201: MountedShape}, auth=needs(SETUP_CHANGE), operation_id="splice_package",
    summary="Splice a package",
)  # fmt: skip
def splice(request: HttpRequest, said: Splicing, idempotency_key: IdempotencyKey = None):
    """Of the next pieces both are possible, until the grey zone is used up."""
    key = request_key(request, idempotency_key)
    return _mounted(gate.splice_package(request.actor, **said.model_dump(), request_key=key))


@router.post(
    "/setup/removals", response={201: MountedShape}, auth=needs(SETUP_CHANGE), operation_id="remove_package",
    summary="Take a package off",
)  # fmt: skip
def remove(request: HttpRequest, said: Removing, idempotency_key: IdempotencyKey = None):
    """It keeps its code and its count."""
    key = request_key(request, idempotency_key)
    return _mounted(mounting.remove_package(request.actor, **said.model_dump(), request_key=key))


def _mounted(done: mounting.Mounted):
    left = None if done.left is None else {"least": done.left.least, "most": done.left.most}
    return Status(201, {**vars(done), "left": left})


@router.post(
    "/programs",
    response={201: SetupEntry},
    auth=needs(ORDER_PLAN),
    operation_id="set_program",
    summary="Set a machine program",
)
def program(request: HttpRequest, said: ProgramIn, idempotency_key: IdempotencyKey = None):
    """What a machine places on a side of a hardware revision, feeder by feeder."""
    rows = [
        {
            "feeder": one.feeder,
            "refdes": one.refdes,
            "grey_pieces": "" if one.grey_pieces is None else str(one.grey_pieces),
        }
        for one in said.feeders
    ]
    named = said.model_dump(exclude={"feeders"})
    return Status(
        201,
        {"entry": set_program(request.actor, **named, feeders=rows, request_key=request_key(request, idempotency_key))},
    )


@router.post(
    "/placed-by-hand", response={201: PlacedShape}, auth=needs(SETUP_CHANGE), operation_id="place_by_hand",
    summary="Parts were placed by hand",
)  # fmt: skip
def placed(request: HttpRequest, said: HandPlacing, idempotency_key: IdempotencyKey = None):
    """A package at positions of units, checked as at a feeder."""
    done = place_by_hand(request.actor, **said.model_dump(), request_key=request_key(request, idempotency_key))
    return Status(201, vars(done))
