"""Control charts, yields, and defects by how often: the twin of those pages."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import NONCONFORMITY_WORK, RECORD_READ
from asbuilt.answers.register.out_of_control import hold_signal
from asbuilt.built.quality.pareto import pareto
from asbuilt.built.quality.process_control import control
from asbuilt.built.quality.series import Scope
from asbuilt.built.quality.told import chart_told, pareto_told, yields_told
from asbuilt.built.quality.yields import yields
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant

router = Router(tags=["Process control"], auth=Caller())
Name = Annotated[str, Query(max_length=200)]
KINDS = Literal["individuals", "xbar_r", "p", "u"]
RULES = Literal["nelson", "western_electric"]
EVERY = Literal["hour", "shift", "day", "week"]


class ChartShape(Shape):
    """A control chart."""

    step: str = Field(description="Process step or test plan.")
    product: str = Field(description="Narrowed to this product, or empty.")
    line: str = Field(description="Narrowed to this line, or empty.")
    machine: str = Field(description="Narrowed to this machine or station, or empty.")
    side: str = Field(description="Narrowed to this side, or empty.")
    name: str = Field(description="Reading or measurement; empty for charts of counts.")
    kind: str = Field(description="individuals, xbar_r, p or u.")
    rules: str = Field(description="nelson or western_electric.")
    unit: str = Field(description="Unit of measure, or empty.")
    low: float | None = Field(description="Lower limit of the values; null: none.")
    high: float | None = Field(description="Upper limit of the values; null: none.")
    limits_differ: bool = Field(description="The runs had several limits.")
    left_out: int = Field(description="Values whose unit of measure does not compare.")
    too_few: bool = Field(description="Too few values for a chart.")
    points: list[dict] = Field(description="at, machine, units, size.")
    panels: list[dict] = Field(description="points, centre, lower, upper; the second is of ranges, aligned at its end.")
    signals: list[dict] = Field(description="panel, rule, point, first, at.")
    capability: dict | None = Field(description="cp, cpk, pp, ppk with limits of confidence; null without limits.")


class YieldsShape(Shape):
    """First-pass yields of groups."""

    by: list[str] = Field(description="What they are grouped by.")
    rows: list[dict] = Field(
        description="group, began, passed, fpy with limits, rolled, defects, opportunities, dpmo; the worst first."
    )
    whole: dict = Field(description="All together.")
    silent: list[dict] = Field(description="Testers with runs in the five days before and none in this time.")
    cut: bool = Field(description="There were more runs than are counted.")


class DefectsShape(Shape):
    """Defects by how often they were found."""

    codes: list[dict] = Field(description="code, units, found, share added up.")
    places: list[dict] = Field(description="code, at, units, found.")
    units: int = Field(description="Units with a defect.")
    false_calls: int = Field(description="Findings that a person rejected.")
    false_units: int = Field(description="On so many units.")
    orders: list[dict] = Field(description="order, units with findings.")
    cut: bool = Field(description="There were more runs with findings than are counted.")


class SignalIn(Shape):
    """A signal of a chart, to be held."""

    step: str = Field(min_length=1, max_length=200, description="Process step or test plan.")
    name: str = Field("", max_length=200, description="Reading or measurement.")
    rule: str = Field(max_length=20, description="The rule that was broken, such as nelson_2.")
    at: str = Field(max_length=40, description="When the point was that completes it.")
    product: str = Field("", max_length=120, description="As the chart was narrowed.")
    line: str = Field("", max_length=200, description="As the chart was narrowed.")
    machine: str = Field("", max_length=200, description="As the chart was narrowed.")
    side: str = Field("", max_length=20, description="As the chart was narrowed.")
    kind: KINDS = Field("individuals", description="As the chart was drawn.")
    subgroup: int = Field(5, ge=2, le=25, description="As the chart was drawn.")
    every: EVERY = Field("day", description="As the chart was drawn.")
    rules: RULES = Field("nelson", description="As the chart was drawn.")
    of_ranges: bool = Field(False, description="The signal is of the second panel, of ranges.")
    reason: str = Field("", max_length=2_000, description="Why; empty: what the chart says.")


class SignalHeldShape(Shape):
    """What was opened and held."""

    nonconformity: str = Field(description="Code of the nonconformity.")
    hold: str = Field(description="Code of the hold.")


@router.get("/control-chart", response=ChartShape, auth=needs(RECORD_READ), operation_id="get_control_chart", summary="A control chart")  # fmt: skip
def chart(
    request: HttpRequest,
    step: Annotated[str, Query(min_length=1, max_length=200, description="Process step or test plan.")],
    name: Annotated[str, Query(max_length=200, description="Reading or measurement.")] = "",
    product: Annotated[str, Query(max_length=120, description="Only of this product.")] = "",
    line: Annotated[str, Query(max_length=200, description="Only of this line (area).")] = "",
    machine: Annotated[str, Query(max_length=200, description="Only at this machine or station.")] = "",
    side: Annotated[str, Query(max_length=20, description="Only this side.")] = "",
    since: Annotated[str, Query(max_length=40, description="From this day or instant on.")] = "",
    until: Annotated[str, Query(max_length=40, description="Up to the end of this day, or before this instant.")] = "",
    kind: Annotated[KINDS, Query(description="Which chart.")] = "individuals",
    subgroup: Annotated[int, Query(ge=2, le=25, description="Values a subgroup.")] = 5,
    every: Annotated[EVERY, Query(description="What counts are gathered by.")] = "day",
    rules: Annotated[RULES, Query(description="Which rules.")] = "nelson",
):
    """Of the last 2,000 values. A broken rule says that the process changed, not that a unit is bad."""
    scope = Scope(step, product, line, machine, side, *_between(request, since, until))
    return chart_told(control(request.actor, scope, name, kind=kind, subgroup=subgroup, every=every, rules=rules))


@router.post("/control-chart/hold", response={201: SignalHeldShape}, auth=needs(NONCONFORMITY_WORK), operation_id="hold_signal", summary="Hold the units of a signal")  # fmt: skip
def hold(request: HttpRequest, said: SignalIn, idempotency_key: IdempotencyKey = None):
    """Opens a nonconformity about them and holds them, in one step."""
    scope = Scope(said.step, said.product, said.line, said.machine, said.side)
    code, held = hold_signal(
        request.actor, scope, said.name, rule=said.rule, at=_instant("at", said.at), kind=said.kind, subgroup=said.subgroup,
        every=said.every, rules=said.rules, of_ranges=said.of_ranges, reason=said.reason, request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"nonconformity": code, "hold": held})


@router.get("/yields", response=YieldsShape, auth=needs(RECORD_READ), operation_id="get_yields", summary="First-pass yields")  # fmt: skip
def get_yields(
    request: HttpRequest,
    since: Annotated[str, Query(min_length=1, max_length=40, description="From this day or instant on.")],
    until: Annotated[
        str,
        Query(
            max_length=40, description="Up to the end of this day, or before this instant; empty: of the day `since`."
        ),
    ] = "",
    by: Annotated[
        list[Literal["product", "line", "step", "station"]], Query(max_length=4, description="What to group by.")
    ] = ["step"],  # noqa: B006
    product: Annotated[str, Query(max_length=120, description="Only of this product.")] = "",
):
    """Units that passed at their first run of a plan."""
    first, last = _between(request, since, until or since)
    return yields_told(yields(request.actor, since=first, until=last, by=by, product=product))


@router.get("/defects", response=DefectsShape, auth=needs(RECORD_READ), operation_id="get_defects", summary="Defects by how often")  # fmt: skip
def defects(
    request: HttpRequest,
    plan: Annotated[str, Query(max_length=200, description="Only of this test plan.")] = "",
    product: Annotated[str, Query(max_length=120, description="Only of this product.")] = "",
    line: Annotated[str, Query(max_length=200, description="Only of this line (area).")] = "",
    since: Annotated[str, Query(max_length=40, description="From this day or instant on.")] = "",
    until: Annotated[str, Query(max_length=40, description="Up to the end of this day, or before this instant.")] = "",
):
    """Codes and places, the most frequent first; false calls apart."""
    return pareto_told(pareto(request.actor, Scope(plan, product, line, "", "", *_between(request, since, until))))


def _between(request: HttpRequest, since: str, until: str) -> tuple[int | None, int | None]:
    """Instants of two cells: a day is its beginning as `since` and its end as `until`, in the site's zone."""
    zone = time_zone_of(request.actor.tenant)
    found = []
    for name, text, days in (("since", since, 0), ("until", until, 1)):
        if not text or "T" in text:
            found.append(_instant(name, text) if text else None)
            continue
        try:
            day = date.fromisoformat(text) + timedelta(days=days)
        except (ValueError, OverflowError):
            raise Invalid("web.day_wrong", f"{text[:40]} is no day.", {"field": name}, "Write 2027-03-15.") from None
        start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        found.append(int(start.timestamp()) * 1_000_000)
    return found[0], found[1]


def _instant(name: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as refusal:
        remedy = "Write 2027-03-15 or 2027-03-15T08:00:00Z."
        raise Invalid("web.time_wrong", f"{text[:40]}: {refusal}.", {"field": name}, remedy) from None
