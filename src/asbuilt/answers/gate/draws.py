"""Which units a station has to draw otherwise than what it reads says.

A sampled plan draws a unit by the serial number that was recorded first (`drawn_as`), a station by what a scanner reads: a later label, a panel and
a position, ORDER#n. Where both come to the same, nothing has to be said; the others are named to the stations, later labels first. What does not
fit, and what a station has not heard of, stays with the gate: it asks for the test, and the first number is what the station has to be given.
"""

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.built.production.orders import SERIAL, Orders
from asbuilt.built.programming.permits import REVOKED, PermitSeen
from asbuilt.designed.catalog.test_plans import versions_of
from asbuilt.kernel.spans import bitmap_of
from asbuilt.kernel.station_documents import DRAWN_OTHERWISE_PLANS_MAX, NAME_CHARACTERS_MAX, DrawnOtherwise
from asbuilt.kernel.test_plans import TestPlan
from asbuilt.questions.genealogy.answering.serials import drawn_as
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

# of the 4 MiB of a bulletin
NAMED_BYTES_MAX = 512 * 1024


def drawn_otherwise(tenant: int, permits: Sequence[PermitSeen]) -> list[DrawnOtherwise]:
    """Of each sampled plan in these permits the names that draw otherwise than the unit does; three statements for each order and plan."""
    found, room, orders = [], NAMED_BYTES_MAX, Orders(tenant)
    for plan, codes in list(_sampled(tenant, permits))[:DRAWN_OTHERWISE_PLANS_MAX]:
        named = []
        for code in codes:
            order = orders.by_code(code)
            units = bitmap_of(order.blocks) if order else BitMap()
            called = drawn_as(View(local_system(tenant)), units)
            wanted = {unit: plan.samples(name) for unit, name in called.items()}
            for unit, name in _readable(tenant, orders, units):
                size = len(name.encode()) + 3
                if (
                    name != called[unit]
                    and plan.samples(name) != wanted[unit]
                    and size <= room
                    and len(name) <= NAME_CHARACTERS_MAX
                ):
                    named.append(name)
                    room -= size
        if named:
            found.append(DrawnOtherwise(plan.sha256, tuple(dict.fromkeys(named))))
    return found


def _sampled(tenant: int, permits: Sequence[PermitSeen]) -> Iterator[tuple[TestPlan, list[str]]]:
    """Plans of permits that hold which do not ask for every unit, and the orders of those permits."""
    orders: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in permits:
        for test in one.permit.tests if one.state != REVOKED else ():
            orders.setdefault((test.plan, test.version, test.sha256), {})[one.permit.work_order] = None
    for (plan, version, digest), codes in orders.items():
        known = versions_of(tenant, plan).get(version)
        if known is not None and known.sha256 == digest and known.content.every > 1:
            yield known.content, list(codes)


def _readable(tenant: int, orders: Orders, units: BitMap) -> Iterator[tuple[int, str]]:
    """(unit, what a scanner may read of it): serial numbers, PANEL/position, ORDER#n, other names."""
    others = []
    sql = "SELECT unit, kind, value FROM production_unit_name WHERE tenant = %s AND unit >= %s AND unit < %s AND until_entry IS NULL ORDER BY unit, entry, value"
    for low, high in joined(units):
        for unit, kind, value in reading.fetch(sql, (tenant, low, high)):
            if kind == SERIAL and unit in units:
                yield unit, value
            elif unit in units:
                others.append((unit, value))
    sql = (
        "SELECT first_unit, until_unit, code, positions FROM production_panel WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL ORDER BY first_unit"
    )
    for low, high in joined(units):
        for first, until, code, positions in reading.fetch(sql, (tenant, high, low)):
            places = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
            yield from ((unit, f"{code}/{places[unit - first]}") for unit in BitMap(range(first, until)) & units)
    for unit in units:
        order = orders.of_unit(unit)
        yield unit, f"{order.code}#{order.place_of(unit)}"
    yield from others
