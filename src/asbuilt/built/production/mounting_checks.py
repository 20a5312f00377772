"""May this package feed these positions of this order? One set of checks for mounting, for splicing, by hand and for the gate.

A package feeds a position where it is of the part that the BOM takes there, and of a maker's part that may be mounted for it
(`approved_makers`: approved, qualified, in its qualification order, or by a deviation); where it is
released and alive, and its lot is not on hold; and, if it belongs to a customer, where the order is that customer's. Rooms above add
what they know of it (`further_stops`): with which image it came. Each reason says what is wrong and what to do. Whether it is mounted elsewhere is asked where it is mounted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.built.production.approved_makers import ApprovedMakers
from asbuilt.built.production.further_stops import FURTHER_STOPS
from asbuilt.built.production.holds import HoldRow, holds_of_lots
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import PackageRow
from asbuilt.built.supply.standing import FloorLife, Standing, floor_lives, standings_of
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.storage import reading


@dataclass(frozen=True)
class Stop:
    """Why a package, feeder or step stops: its code, what, for programs and pages, and what to do."""

    code: str
    message: str
    facts: dict = field(hash=False)
    remedy: str


@dataclass(frozen=True)
class Use:
    """A package that is to feed a place (a feeder, or positions by hand) whose positions take these parts."""

    package: PackageRow
    place: str
    parts: frozenset[int]


@dataclass(frozen=True)
class _Known:
    """What the checks of several uses read once."""

    owner: int | None
    standings: dict[str, Standing]
    lives: dict[str, FloorLife]
    holds: dict[int, list[HoldRow]]
    makers: ApprovedMakers
    parts: dict[int, str]


def owner_of_order(tenant: int, order: OrderRow) -> int | None:
    """The party that ordered it, or None. One statement."""
    row = reading.fetch_one(
        "SELECT owner FROM production_order WHERE tenant = %s AND number = %s", (tenant, order.number)
    )
    return row[0] if row else None


def stops_of(
    tenant: int,
    order: OrderRow,
    uses: Sequence[Use],
    at: int,
    onto: Sequence[Span] = (),
    rests: list[tuple[dict, ...]] | None = None,
) -> list[list[Stop]]:
    """For each use what stops it at an instant, empty where nothing does; `onto`: the units of the order, where they are known; `rests` takes
    what the maker's part of each use rests on (`ApprovedMakers.rests_on`). Thirteen statements for all of them, more where alternates or deviations
    are, and those of rooms above."""
    if not uses:
        return []
    codes = [use.package.code for use in uses]
    parts = part_codes(tenant, {part for use in uses for part in (*use.parts, use.package.part)})
    known = _Known(
        owner_of_order(tenant, order),
        standings_of(tenant, codes),
        floor_lives(tenant, codes, at),
        holds_of_lots(tenant, {use.package.lot for use in uses}),
        ApprovedMakers(tenant, order, parts, at, onto),
        parts,
    )
    found = [list(_stops(known, use)) for use in uses]
    if rests is not None:
        rests += [known.makers.rests_on(use.package) if use.package.part in use.parts else () for use in uses]
    for further in FURTHER_STOPS.values():
        for mine, more in zip(found, further(tenant, order, uses, at), strict=True):
            mine += more
    return found


def rests_of(tenant: int, order: OrderRow, package: PackageRow, at: int, onto: Sequence[Span] = ()) -> tuple[dict, ...]:
    """What alone lets this package be mounted or placed in an order (`ApprovedMakers.rests_on`). Four statements, more where alternates or
    deviations are."""
    return ApprovedMakers(tenant, order, part_codes(tenant, {package.part}), at, onto).rests_on(package)


def maker_stops(
    tenant: int, order: OrderRow, package: PackageRow, at: int, onto: Sequence[Span], facts: dict
) -> Iterator[Stop]:
    """Why this maker's part may not go onto these units of an order, at a bench where parts are replaced. Four statements, more where alternates
    or deviations are."""
    refused = ApprovedMakers(tenant, order, part_codes(tenant, {package.part}), at, onto).refusal(package)
    if refused is not None:
        yield Stop(refused.code, refused.message, {**facts, **refused.facts}, refused.remedy)


def refuse_stopped(stops: Iterable[Stop]) -> None:
    """Raise the first stop as a refusal; the facts hold all of them."""
    found = list(stops)
    if found:
        said = [vars(stop) for stop in found]
        raise Refused(found[0].code, found[0].message, {**found[0].facts, "stops": said}, found[0].remedy)


def _stops(known: _Known, use: Use) -> Iterator[Stop]:
    package = use.package
    facts = {"package": package.code, "place": use.place}
    yield from _part_stops(known, use, facts)
    for one in (known.standings.get(package.code), known.lives.get(package.code)):
        if one is not None and not one.may_mount:
            yield _hindrance(one, facts)
    for hold in known.holds.get(package.lot, ()):
        said = f"Lot {package.lot_code} of package {package.code} is on hold since {format_instant(hold.decided_at)}: {hold.reason}"
        facts_held = {**facts, "hold": hold.code, "reason": hold.reason, "lifted_by": hold.lifted_by}
        remedy = "Put it into the hold cage and take a package of another lot."
        yield Stop("production.lot_held", said, facts_held, remedy)
    if package.owner is not None and package.owner != known.owner:
        said = f"Package {package.code} belongs to another customer."
        remedy = "Take one that is ours, or of the customer of this order."
        yield Stop("production.package_of_another", said, facts, remedy)


def _part_stops(known: _Known, use: Use, facts: dict) -> Iterator[Stop]:
    package = use.package
    part, wanted = known.parts.get(package.part, ""), ", ".join(sorted(known.parts[one] for one in use.parts))
    if package.part not in use.parts:
        said = f"Package {package.code} holds {part}; {use.place} takes {wanted}."
        facts = {**facts, "part": part, "wanted": wanted}
        remedy = "Bring a package of the right part."
        yield Stop("production.wrong_part", said, facts, remedy)
        return
    refused = known.makers.refusal(package)
    if refused is not None:
        yield Stop(refused.code, refused.message, {**facts, **refused.facts}, refused.remedy)


def _hindrance(one: Standing | FloorLife, facts: dict) -> Stop:
    said = {
        name: format_instant(value) if name == "at" and value is not None else value
        for name, value in one.facts.items()
    }
    facts = {**facts, "because": one.because, "said": said}
    if isinstance(one, Standing):
        return Stop("production.package_not_released", one.why, facts, one.remedy)
    return Stop("production.package_not_alive", one.why, facts, one.remedy)
