"""The boundary of an ECO, set by what people call units: resolved, looked at against what was built, then the room's verb, in one transaction.

    set_boundary(actor, eco="ECO-1", kind="unit", value="SN-4711", why="stock of the old part used up")
    set_boundary(actor, eco="ECO-1", kind="order", value="WO-9", …)      from the first unit of the order on
    set_boundary(actor, eco="ECO-1", kind="date", value="2027-03-15", …)  units begun, and steps done, from that day on

Refused: a boundary behind which it happened to units already (they were begun; of firmware: programmed, of a test plan: tested, of a process: passed
the step), a date that has come, and a boundary that is moved over units that were built meanwhile: those were built the way that held for them.
Units of a qualification run of the new part stand against none of these; an alternate that no run qualified has no boundary.
"""

from datetime import UTC, date, datetime, time

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import CHANGE_RELEASE
from asbuilt.answers.gate.unqualified import refuse_unknown, refuse_unqualified
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import Orders, one_unit, products_of
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.changes.controlling.actions import bounding
from asbuilt.designed.changes.controlling.eco import BOM, DATE, FIRMWARE, ORDER, PART, PROCESS, TEST_PLAN, Boundary, Eco
from asbuilt.designed.changes.controlling.queries import eco as eco_read
from asbuilt.designed.changes.controlling.queries import standing_eco
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.spans import bitmap_of, unpack
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.trial_units import units_tried
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx


def set_boundary(actor: Actor, *, eco: str, kind: str, value: str, why: str, request_key: str | None = None) -> int:
    """It holds from there on; returns the entry. NotFound: no such unit or order; raises what the room's verb raises."""
    eco_read(actor, eco)  # one that the actor does not see is not there
    actor.require(CHANGE_RELEASE)
    with write_tx(actor.tenant):
        first_unit, at = None, None
        # what was recorded before is answered as it was, though its day may have passed meanwhile
        if not was_recorded(actor.tenant, request_key):
            # read again under the lock: another one may have set the boundary, or changed what is changed, since
            found = standing_eco(actor.tenant, eco)
            first_unit, at = _resolved(actor.tenant, found, kind, value.strip())
            view = View(local_system(actor.tenant))
            refuse_unknown(actor.tenant, found)
            refuse_unqualified(actor.tenant, found)
            if found.boundary is not None:
                _refuse_moved(view, found, found.boundary, first_unit, at)
            elif first_unit is not None:
                _refuse_built(view, found, first_unit)
        entry = bounding.set_boundary(
            actor,
            eco=eco,
            kind=kind,
            value=value.strip(),
            first_unit=first_unit,
            at=at,
            why=why,
            request_key=request_key,
        )
    sequencing.after_commit(actor.tenant)
    return entry


def _resolved(tenant: int, eco: Eco, kind: str, value: str) -> tuple[int | None, int | None]:
    """The first unit, or the instant, that a boundary speaks of."""
    if kind == DATE:
        return None, _instant(tenant, value)
    codes = product_codes(tenant)
    if kind == ORDER:
        order = Orders(tenant).by_code(value)
        if order is None:
            said = f"There is no work order {value[:80]}."
            raise NotFound("production.order_unknown", said, {"order": value[:80]}, "Look at the list of orders.")
        unit, product = order.blocks[0][0], codes[order.product]
    else:
        unit = one_unit(tenant, value)
        product = codes[products_of(tenant, [unit])[unit]]
    if product not in eco.products:
        said = f"{value[:80]} is of {product}, which {eco.code} does not affect."
        raise Invalid("gate.boundary_product", said, {"field": "value"}, f"Name one of {', '.join(eco.products)}.")
    return unit, None


def _instant(tenant: int, value: str) -> int:
    """The beginning of a day in the tenant's time zone; today: from this moment on."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        said = f"{value[:40]} is no day."
        raise Invalid("gate.boundary_day", said, {"field": "value"}, "Write it as 2027-03-15.") from None
    zone, now = time_zone_of(tenant), clock.now()
    today = datetime.fromtimestamp(now // 1_000_000, UTC).astimezone(zone).date()
    if day < today:
        said = f"{value} has passed."
        raise Refused("gate.boundary_passed", said, {"value": value}, "Set it for today or a later day.")
    return now if day == today else int(datetime.combine(day, time(), zone).timestamp()) * 1_000_000


def _refuse_moved(view: View, eco: Eco, before: Boundary, first_unit: int | None, at: int | None) -> None:
    """Units that were built since under the boundary as it is stay behind it, or before it."""
    facts = {"eco": eco.code, "boundary": before.value}
    if (before.at is None) != (at is None):
        said = f"The boundary of {eco.code} is {before.value}, and is not said in another way afterwards."
        raise Refused(
            "gate.boundary_moved", said, facts, "Propose an ECO that changes it back, with a boundary of its own."
        )
    if before.at is not None:
        if before.at <= clock.now():
            said = f"The day of {eco.code}, {before.value}, has come."
            raise Refused("gate.boundary_moved", said, facts, "Propose an ECO that changes it back.")
        return
    between = _done(view, eco, min(before.first_unit, first_unit), max(before.first_unit, first_unit))
    if between:
        names = names_of(view, BitMap([between[0], between[len(between) - 1]]))
        first, last = names[between[0]], names[between[len(between) - 1]]
        said = f"{len(between):,} units between the two boundaries were begun, from {first} to {last}."
        remedy = "Leave it where it is; for the units between a concession can be agreed to."
        raise Refused(
            "gate.boundary_units_between", said, {**facts, "units": len(between), "first": first, "last": last}, remedy
        )


def _refuse_built(view: View, eco: Eco, first_unit: int) -> None:
    """Nothing behind a first boundary is begun yet; behind one that is moved units were begun the new way."""
    behind = _done(view, eco, first_unit, None)
    if behind:
        last = behind[len(behind) - 1]
        names = names_of(view, BitMap([behind[0], last]))
        said = f"{len(behind):,} units behind it were begun already, from {names[behind[0]]} to {names[last]}."
        facts = {"eco": eco.code, "units": len(behind), "first": names[behind[0]], "last": names[last]}
        raise Refused("gate.boundary_behind", said, facts, f"Set it behind {names[last]}.")


def _done(view: View, eco: Eco, low: int, high: int | None) -> BitMap:
    """Units of its products from one unit on, up to another, to which what it changes happened already."""
    sql = (
        "SELECT b.first_unit, b.until_unit FROM production_block b JOIN catalog_product p ON p.tenant = b.tenant AND "
        f"p.number = b.product WHERE b.tenant = %s AND b.until_unit > %s AND {reading.any_of('p.code', 'text')}"
    )
    rows = reading.fetch(sql + view.seen("b"), (view.tenant, low, reading.list_param(sorted(eco.products))))
    units = bitmap_of((max(first, low), until if high is None else min(until, high)) for first, until in rows if high is None or first < high)  # fmt: skip
    if not units:
        return units
    found, kinds = BitMap(), {one.kind for one in eco.changes.values()}
    for one in eco.changes.values():
        if one.kind == PART:
            units -= units_tried(view.tenant, one.new)
    if kinds & {BOM, PART}:
        return view.built(over=units)
    if FIRMWARE in kinds:
        found |= BitMap().union(*(unpack(*row[1:]) for row in runs_over(view, units))) & units
    if TEST_PLAN in kinds:
        found |= _tested(view, {one.subject[0] for one in eco.changes.values() if one.kind == TEST_PLAN}, units)
    return found | _passed(view, {one.subject[0] for one in eco.changes.values() if one.kind == PROCESS}, units)


def _tested(view: View, plans: set[str], units: BitMap) -> BitMap:
    numbers = [number for plan in plans if (number := FloorNames(view.tenant).known("plan").get(plan)) is not None]
    if not numbers:
        return BitMap()
    more = f" AND t.plan IN ({', '.join(str(int(number)) for number in numbers)})"
    rows = view.rows_by_block("t.unit", "quality_test_run", view.blocks_over(units), more, unit="unit")
    return BitMap(unit for (unit,) in rows) & units


def _passed(view: View, steps: set[str], units: BitMap) -> BitMap:
    numbers = [number for step in steps if (number := FloorNames(view.tenant).known("step").get(step)) is not None]
    found = BitMap()
    if numbers:
        more = f" AND t.step IN ({', '.join(str(int(number)) for number in numbers)})"
        columns = "t.first_unit, t.until_unit"
        for first, until in view.rows_reached(columns, "production_process_run", view.reaches(units), more):
            found.add_range(first, until)
    return found & units
