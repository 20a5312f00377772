"""Work orders on the floor: open, grow, split, close. For live work; orders.csv and blocks.csv tell history.

    open_order(actor, order="WO-2041", product="MB-200", revision="B", bom_version="4", quantity=500, request_key=key)

- Each verb states rows of the exchange tables, so that what it records is the same fact as a loaded row.
- An order opens with its block of unit numbers; it grows by units at the end of the axis; a split hands its last units over to
  a new order, which may build another hardware revision or BOM version of the product.
- A closed order gets no more units and hands none over; its units may go on. Withdrawing the closing opens it again.
"""

from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.people import People, badge
from asbuilt.access.rights import ORDER_PLAN
from asbuilt.built.production import events
from asbuilt.built.production.errors import order_closed, order_unknown, too_many_units
from asbuilt.built.production.intake.blocks import BlocksIntake
from asbuilt.built.production.intake.closings import ClosingsIntake
from asbuilt.built.production.intake.orders import OrdersIntake
from asbuilt.built.production.order_further import state_configuration
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.states import BUILT, SCRAPPED, SKIPPED, units_with_state
from asbuilt.designed.catalog.limits import refuse_long_texts
from asbuilt.designed.changes.qualifying.runs import run_of_order
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

ORDER_UNITS_MAX = 10_000_000
CODE_CHARACTERS_MAX = 200
REASON_CHARACTERS_MAX = 2_000


@dataclass(frozen=True)
class OrderGiven:
    """What became of an order: its code, the spans of units that it got by this, the entry of the log, warnings."""

    order: str
    units: tuple[Span, ...]
    entry: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderClosed:
    """A closed order: how many of its units are neither built, scrapped nor skipped, and the places of the first of them."""

    order: str
    entry: int
    unfinished: int
    places: tuple[tuple[int, int], ...] = field(default=())


def open_order(
    actor: Actor,
    *,
    order: str,
    product: str,
    revision: str,
    bom_version: str,
    quantity: int,
    owner: str = "",
    batch: str = "",
    configuration: str = "",
    opened_at: int | None = None,
    request_key: str | None = None,
) -> OrderGiven:
    """The order stands, with the next unit numbers of the axis. `owner` is a party's id or name; without a time: now.
    `configuration` says which firmware it takes; without one it takes what the hardware revision takes.

    Conflict where the code is taken, Invalid where BOM version or owner is not known or the quantity is none.
    """
    actor.require(ORDER_PLAN)
    _refuse_quantity(quantity)
    refuse_long_texts(CODE_CHARACTERS_MAX, order=order, batch=batch, configuration=configuration)
    row = {
        "order": order, "product": product, "revision": revision, "bom_version": bom_version, "quantity": str(quantity),
        "customer": owner, "opened_at": format_instant(clock.now() if opened_at is None else opened_at), "batch": batch,
    }  # fmt: skip
    more = {"configuration": configuration} if configuration else {}
    content = _content("open", {**row, "opened_at": opened_at, **more})
    try:
        with recording(actor, events.ORDER_OPENED, request_key=request_key, content=content) as entry:
            taken = state_rows(entry, OrdersIntake, checked_rows("orders", [row]))
            state_configuration(entry, order, configuration, badge(actor), row["opened_at"])
            given = OrderGiven(order, _held(entry.tenant, order), entry.number, taken.warnings)
            entry.notes = {"order": order, "quantity": quantity}
    except AlreadyRecorded as known:
        fact = fact_row(actor.tenant, known.number, events.ORDER.name, 0)
        return OrderGiven(fact.values[0], tuple(fact.units), known.number)
    sequencing.after_commit(actor.tenant)
    return given


def grow_order(
    actor: Actor, *, order: str, quantity: int, reason: str = "", request_key: str | None = None
) -> OrderGiven:
    """The order has so many units more, numbered on from its last one, of the same revision and BOM version. Refused: the order of a qualification run."""
    actor.require(ORDER_PLAN)
    _refuse_quantity(quantity)
    refuse_long_texts(REASON_CHARACTERS_MAX, reason=reason)
    content = _content("grow", {"order": order, "quantity": quantity, "reason": reason})
    try:
        with recording(actor, events.ORDER_GROWN, request_key=request_key, content=content) as entry:
            row = _open_order(entry.tenant, order)
            _refuse_of_run(entry.tenant, order)
            said = {"order": order, **_planned_words(entry.tenant, order), "quantity": str(quantity), "reason": reason}
            state_rows(entry, BlocksIntake, checked_rows("blocks", [{**said, "happened_at": _now()}]))
            given = OrderGiven(order, _held(entry.tenant, order)[len(row.blocks) :], entry.number)
            entry.notes = {"order": order, "quantity": quantity}
    except AlreadyRecorded as known:
        return _given_before(actor.tenant, known.number)
    sequencing.after_commit(actor.tenant)
    return given


def _refuse_of_run(tenant: int, order: str) -> None:
    """What is tried is tried on the units that its criteria were set for."""
    run = run_of_order(tenant, order)
    if run:
        said = f"{order} is the order of {run}: its criteria were set for the units that it has."
        raise Refused("production.order_of_run", said, {"order": order, "run": run}, "Plan another order.")


def split_order(
    actor: Actor,
    *,
    order: str,
    new_order: str,
    quantity: int,
    revision: str = "",
    bom_version: str = "",
    owner: str | None = None,
    batch: str | None = None,
    reason: str = "",
    request_key: str | None = None,
) -> OrderGiven:
    """The last `quantity` units of the order belong to a new one. What is not given stays as it was in the old one.

    Refused where the order is closed, would keep no unit, or where something was recorded of one of these units.
    """
    actor.require(ORDER_PLAN)
    _refuse_quantity(quantity)
    refuse_long_texts(CODE_CHARACTERS_MAX, new_order=new_order, batch=batch or "")
    refuse_long_texts(REASON_CHARACTERS_MAX, reason=reason)
    said = {"order": order, "new": new_order, "quantity": quantity, "revision": revision, "bom": bom_version}
    content = _content("split", {**said, "owner": owner, "batch": batch, "reason": reason})
    try:
        with recording(actor, events.ORDER_SPLIT, request_key=request_key, content=content) as entry:
            source = _open_order(entry.tenant, order)
            if quantity >= source.quantity:
                raise too_many_units(order, source.quantity, quantity)
            planned = _planned_words(entry.tenant, order)
            planned |= {
                "revision": revision or planned["revision"],
                "bom_version": bom_version or planned["bom_version"],
            }
            _open_beside(entry, source, {"order": new_order, **planned}, owner, batch)
            rows = [
                {"order": new_order, **planned, "quantity": str(count), "from_order": order, "from_place": str(place),
                 "reason": reason, "happened_at": _now()}
                for place, count in _last_pieces(source, quantity)
            ]  # fmt: skip
            state_rows(entry, BlocksIntake, checked_rows("blocks", rows))
            state_configuration(entry, new_order, "", badge(actor), _now(), source=order)
            given = OrderGiven(new_order, _held(entry.tenant, new_order), entry.number)
            entry.notes = {"from": order, "order": new_order, "quantity": quantity}
    except AlreadyRecorded as known:
        return _given_before(actor.tenant, known.number)
    sequencing.after_commit(actor.tenant)
    return given


def close_order(
    actor: Actor, *, order: str, reason: str = "", person: str = "", request_key: str | None = None
) -> OrderClosed:
    """The order gets no more units; says what is unfinished. `person` is the badge or login code of who decided."""
    actor.require(ORDER_PLAN)
    refuse_long_texts(REASON_CHARACTERS_MAX, reason=reason)
    refuse_long_texts(120, person=person)
    content = _content("close", {"order": order, "reason": reason, "person": person})
    try:
        with recording(actor, events.ORDER_CLOSED, request_key=request_key, content=content) as entry:
            _open_order(entry.tenant, order)
            person = person or next(iter(People(entry.tenant, entry.number).codes([actor.person]).values()), "")
            row = {"order": order, "closed_at": _now(), "operator": person, "reason": reason}
            state_rows(entry, ClosingsIntake, checked_rows("closings", [row]))
            number = entry.number
            entry.notes = {"order": order}
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return OrderClosed(order, number, *unfinished(actor.tenant, order))


def unfinished(tenant: int, code: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How many units of an order are neither built, scrapped nor skipped; places (first, last) of the first 100 stretches."""
    order = Orders(tenant).by_code(code)
    if order is None:
        return 0, ()
    left = bitmap_of(order.blocks)
    for first, until in order.blocks:
        left -= units_with_state(tenant, first, until, BUILT, SCRAPPED, SKIPPED)
    return len(left), tuple((order.place_of(first), order.place_of(until - 1)) for first, until in spans_of(left)[:100])


def is_closed(tenant: int, code: str) -> bool:
    """Whether an order gets no more units. One statement."""
    sql = "SELECT 1 FROM production_order_closing WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    return reading.fetch_one(sql, (tenant, code)) is not None


def _now() -> str:
    return format_instant(clock.now())


def _content(verb: str, said: dict) -> bytes:
    return digest(verb.encode(), repr(sorted(said.items())).encode())


def _refuse_quantity(quantity: int) -> None:
    if not 1 <= quantity <= ORDER_UNITS_MAX:
        remedy = f"Give a number from 1 to {ORDER_UNITS_MAX:,}."
        facts = {"field": "quantity", "value": quantity}
        raise Invalid("production.quantity_beyond", f"{quantity} is no quantity of an order.", facts, remedy)


def _open_order(tenant: int, code: str) -> OrderRow:
    order = Orders(tenant).by_code(code)
    if order is None:
        raise order_unknown(code)
    if is_closed(tenant, code):
        raise order_closed(code)
    return order


def _held(tenant: int, code: str) -> tuple[Span, ...]:
    order = Orders(tenant).by_code(code)
    return order.blocks if order else ()


def _planned_words(tenant: int, code: str) -> dict[str, str]:
    """Product, revision and BOM version of an order, in the words of the tables."""
    sql = (
        "SELECT p.code, r.code, m.version FROM production_order o JOIN production_block b ON b.tenant = o.tenant "
        "AND b.work_order = o.number JOIN catalog_product p ON p.tenant = b.tenant AND p.number = b.product "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
        "JOIN catalog_bom m ON m.tenant = b.tenant AND m.number = b.bom WHERE o.tenant = %s AND o.code = %s "
        "AND o.until_entry IS NULL AND b.until_entry IS NULL ORDER BY b.first_unit LIMIT 1"
    )
    return dict(zip(("product", "revision", "bom_version"), reading.fetch_one(sql, (tenant, code)), strict=True))


def _open_beside(entry: Entry, source: OrderRow, planned: dict[str, str], owner: str | None, batch: str | None) -> None:
    """A new order without units yet, with owner and batch number of the old one where no others are given."""
    sql = (
        "SELECT o.batch_number, p.code FROM production_order o LEFT JOIN parties_party p ON p.tenant = o.tenant "
        "AND p.number = o.owner WHERE o.tenant = %s AND o.number = %s"
    )
    old_batch, old_owner = reading.fetch_one(sql, (entry.tenant, source.number))
    row = {
        **planned, "quantity": "0", "customer": (old_owner or "") if owner is None else owner,
        "opened_at": _now(), "batch": old_batch if batch is None else batch,
    }  # fmt: skip
    state_rows(entry, OrdersIntake, checked_rows("orders", [row]))


def _last_pieces(order: OrderRow, quantity: int) -> list[tuple[int, int]]:
    """(place, units) of the blocks that hold the last units of an order, from its end."""
    pieces, end = [], order.quantity
    for first, until in reversed(order.blocks):
        count = min(until - first, quantity)
        if count:
            pieces.append((end - count + 1, count))
        end -= until - first
        quantity -= count
    return pieces


def _given_before(tenant: int, number: int) -> OrderGiven:
    count = reading.fetch_one(
        "SELECT count FROM ledger_entry_facts WHERE tenant = %s AND entry = %s AND shape = %s",
        (tenant, number, events.BLOCK.name),
    )[0]
    facts = [fact_row(tenant, number, events.BLOCK.name, row) for row in range(count)]
    units = tuple(spans_of(bitmap_of(span for fact in facts for span in fact.units)))
    return OrderGiven(facts[0].values[0], units, number)
