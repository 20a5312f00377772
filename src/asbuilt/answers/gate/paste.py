"""Paste, glue and coating that a step names in its readings (`paste`, `paste_lot`): used only where it may be, as at a stencil.

A name that is no package and a lot that the record does not have are words, and stop nothing. A lot code without its package stops
where a hold is on each lot of that code: the code alone does not say which. What did not complete used nothing up and is recorded.
"""

from collections.abc import Iterator, Mapping, Sequence

from asbuilt.access.actor import local_system
from asbuilt.answers.gate.material_stops import material_stops
from asbuilt.answers.gate.verdicts import Stop
from asbuilt.built.production.holds import holds_of_lots
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.readings import pastes_of
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def paste_stops(
    tenant: int, spans: Sequence[Span], step: str, readings: Mapping | None, at: int | None
) -> Iterator[Stop]:
    """What stops the step at an instant (None: now), by the paste that its readings name. Nothing is read where they name none."""
    named = pastes_of(readings or {})
    if not named:
        return
    found = PackageFinder(tenant).find(named)
    view = View(local_system(tenant))
    orders = Orders(tenant)
    for_orders = {order.number: order for first, _ in spans if (order := orders.of_unit(first)) is not None}
    said: set[tuple[str, str]] = set()
    for package in found.values():
        facts = {"package": package.code, "step": step}
        for order in for_orders.values() or (None,):
            for stop in material_stops(view, package, order, facts, at):
                if (stop.code, stop.message) not in said:
                    said.add((stop.code, stop.message))
                    yield stop
    if not found:
        yield from _lot_stops(tenant, readings)


def _lot_stops(tenant: int, readings: Mapping) -> Iterator[Stop]:
    lot = readings.get("paste_lot")
    if not isinstance(lot, str) or not lot:
        return
    sql = "SELECT number FROM supply_lot WHERE tenant = %s AND lot_code = %s ORDER BY number LIMIT 500"
    lots = [number for (number,) in reading.fetch(sql, (tenant, lot))]
    holds = holds_of_lots(tenant, lots) if lots else {}
    if not lots or not all(holds.get(number) for number in lots):
        return
    hold = holds[lots[0]][0]
    told = f"Lot {lot} is on hold since {format_instant(hold.decided_at)}: {hold.reason}"
    facts = {"lot": lot, "hold": hold.code, "reason": hold.reason, "lifted_by": hold.lifted_by}
    yield Stop("gate.package_held", told, facts, f"Take another. It is lifted by: {hold.lifted_by}.")
