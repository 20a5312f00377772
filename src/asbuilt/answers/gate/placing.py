"""Placing by hand, through the gate: no part goes onto a unit that is held, scrapped or skipped, nor one that a question holds, nor one
that the boundary of an ECO keeps from a unit.

place_by_hand(actor, first="SN-000017", last="SN-000024", refdes=["X1"], package="PK-000117")   -> Placed
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import SETUP_CHANGE
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.changed import hand_stops
from asbuilt.answers.gate.package_holds import PackageHolds
from asbuilt.answers.gate.stops import UNITS_MAX, units_of_code
from asbuilt.answers.gate.verdicts import held_stops, outside_stops, state_stops
from asbuilt.built.production.actions import placing
from asbuilt.built.production.mounting_checks import rests_of
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.queries import PackageFinder, code_scanned
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.answering.lookup import identity_of
from asbuilt.questions.genealogy.evaluating.view import SKIPPED, View
from asbuilt.storage.transactions import write_tx


@dataclass(frozen=True)
class Placed:
    """What was recorded: the entry, on how many units; `under`: the deviations or qualification runs that let the package be placed there
    (concession, message, note)."""

    entry: int
    units: int
    under: tuple[dict, ...] = ()


def place_by_hand(
    actor: Actor,
    *,
    first: str,
    last: str = "",
    refdes: Sequence[str],
    package: str,
    station: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Placed:
    """The package fed these positions of the units from `first` to `last` along their order; a panel's code stands for its units."""
    actor.require(SETUP_CHANGE)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        units = units_between(view, first, last)
        package = code_scanned(actor.tenant, package)
        if not was_recorded(actor.tenant, request_key):
            refuse_stopped(stop for unit in units for stop in _unit_stops(view, unit))
            refuse_stopped(_package_stops(view, units, package))
        entry = placing.place_by_hand(
            actor, spans=spans_of(units), refdes=refdes, package=package, station=station, happened_at=happened_at,
            request_key=request_key,
        )  # fmt: skip
        under = _rests(actor.tenant, units, package, clock.now() if happened_at is None else happened_at)
    sequencing.after_commit(actor.tenant)
    return Placed(entry, len(units), under)


def _rests(tenant: int, units: BitMap, code: str, at: int) -> tuple[dict, ...]:
    package, orders, found = PackageFinder(tenant).find([code]).get(code), Orders(tenant), {}
    for order in {one.number: one for unit in units if (one := orders.of_unit(unit))}.values() if package else ():
        onto = [span for span in spans_of(units) if order.place_of(span[0]) is not None]
        found |= {one["concession"]: one for one in rests_of(tenant, order, package, at, onto)}
    return tuple(found.values())


def _unit_stops(view: View, unit: int):
    who = identity_of(view, unit)
    yield from state_stops(view, unit, who)
    yield from outside_stops(view, unit, who)
    yield from held_stops(view, unit, who)


def _package_stops(view: View, units: BitMap, code: str):
    package = PackageFinder(view.tenant).find([code]).get(code)
    orders, holds = Orders(view.tenant), PackageHolds(view)
    meant = {order.number: order for unit in units if (order := orders.of_unit(unit))}
    for order in meant.values() if package else ():
        yield from holds.stops(package, order)
        yield from hand_stops(view, units, order, package)


def units_between(view: View, first: str, last: str) -> BitMap:
    """The units of a code, or from one to another along their order without skipped positions."""
    begin = units_of_code(view, first)
    if not last:
        return BitMap(begin)
    end = units_of_code(view, last)
    order = Orders(view.tenant).of_unit(begin[0])
    places = (order.place_of(begin[0]), order.place_of(end[-1])) if order else (None, None)
    if None in places or places[0] > places[1] or places[1] - places[0] >= UNITS_MAX:
        said = f"{first[:80]} to {last[:80]} is no stretch of up to {UNITS_MAX} units of one order."
        raise Invalid(
            "gate.stretch",
            said,
            {"field": "last", "value": last[:80]},
            "Scan the first unit, then the last along the order.",
        )
    found = BitMap()
    for low, until in order.spans_between(*places):
        found.add_range(low, until)
    return found - view.state_units(SKIPPED, over=found)
