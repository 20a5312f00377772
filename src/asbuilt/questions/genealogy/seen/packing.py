"""Boxes, pallets and shipments as people read them: what is in one, where it is, whose decision placed its units on the market.

    container_seen(actor, "BOX-1")     -> the container with its units and what else is in it
    shipments_seen(actor)              -> shipments that are being packed, and those that left, the newest first
    shipment_seen(actor, "SH-7")       -> one that left or is being packed

A party reader sees the shipments that go to his party or hold its units alone, and no box by itself.
"""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.built.production.orders import Orders
from asbuilt.built.shipping.packing import (
    SHIPMENT,
    SHIPPED,
    ContainerSeen,
    container_of,
    containers,
    directly_in,
    tree_of,
)
from asbuilt.built.shipping.queries import LineRow, lines_of_shipment, shipment_by_code
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

UNITS_SHOWN_MAX = 500
SHIPPED_LISTED_MAX = 200


@dataclass(frozen=True)
class UnitPacked:
    """A unit in a container: name, ORDER#n, product."""

    name: str
    code: str
    product: str


@dataclass(frozen=True)
class Within:
    """A container in a container: how many units are in it."""

    code: str
    kind: str
    state: str
    units: int


@dataclass(frozen=True)
class ContainerPage:
    """A container: `units` are the first 500 right in it, `total` counts all at any depth."""

    code: str
    kind: str
    state: str
    sscc: str
    customer: str
    country: str
    note: str
    inside: str
    opened_at: int
    changed_at: int
    units: tuple[UnitPacked, ...]
    within: tuple[Within, ...]
    total: int


@dataclass(frozen=True)
class PlacingSeen:
    """A decision that placed units on the market: which (empty: all of the shipment), by whom, on what basis, since when."""

    unit: str
    party: str
    decided_by: str
    basis: str
    reason: str
    sha256: str
    who: str
    placed_at: int


@dataclass(frozen=True)
class ShipmentLine:
    """A shipment of the list: `state` is open, closed or shipped."""

    code: str
    customer: str
    country: str
    state: str
    units: int
    at: int | None


@dataclass(frozen=True)
class ShipmentPage:
    """A shipment: what is packed of it, or what left; the units that left by name, the first 500. `issuer`: who keeps this record."""

    code: str
    customer: str
    country: str
    state: str
    shipped_at: int | None
    placed_at: int | None
    units: tuple[UnitPacked, ...]
    total: int
    products: tuple[tuple[str, int], ...]
    container: ContainerPage | None
    placings: tuple[PlacingSeen, ...]
    issuer: str = ""


def container_seen(actor: Actor, code: str) -> ContainerPage:
    """The container with this code or SSCC. NotFound where there is none, and for a party reader."""
    with reading.snapshot():
        view = view_of(actor)
        found = container_of(view.tenant, code) if view.visible is None else None
        if found is None:
            known = [one.code for one in containers(view.tenant)] if view.visible is None else ()
            raise unknown("container", code, known)
        return _container(view, found)


def _container(view: View, found: ContainerSeen, as_of: int | None = None) -> ContainerPage:
    """What is in it now, or was by the entry with which it left."""
    units, within = directly_in(view.tenant, [found.code], as_of)
    mine, inner = units.get(found.code, BitMap()), within.get(found.code, set())
    tree = tree_of(view.tenant, found.code, as_of)
    counts = {code: len(BitMap().union(*tree_of(view.tenant, code, as_of).values())) for code in inner}
    seen = (
        tuple(Within(one.code, one.kind, one.state, counts[one.code]) for one in containers(view.tenant, inner))
        if inner
        else ()
    )
    customer = party_names(view.tenant, view.entry).get(found.customer, "") if found.customer is not None else ""
    total = len(BitMap().union(*tree.values()))
    return ContainerPage(
        found.code, found.kind, found.state, found.sscc, customer, found.country, found.note, found.inside, found.opened_at,
        found.changed_at, _packed(view, mine), tuple(sorted(seen, key=lambda one: one.code)), total,
    )  # fmt: skip


def _packed(view: View, units: BitMap) -> tuple[UnitPacked, ...]:
    shown = BitMap(units[:UNITS_SHOWN_MAX])
    if not shown:
        return ()
    names, orders, products = names_of(view, shown), Orders(view.tenant), product_codes(view.tenant)
    found = []
    for unit in shown:
        order = orders.of_unit(unit)
        found.append(UnitPacked(names[unit], f"{order.code}#{order.place_of(unit)}", products.get(order.product, "")))
    return tuple(found)


def shipments_seen(actor: Actor, limit: int = SHIPPED_LISTED_MAX) -> list[ShipmentLine]:
    """Shipments that are being packed first, all of them, then those that left, the newest `limit`. Five statements, and two for each open one."""
    return shipments_page(actor, limit)[0]


def shipments_page(
    actor: Actor, limit: int, after: tuple[int, int] | None = None
) -> tuple[list[ShipmentLine], tuple[int, int] | None]:
    """(shipments, the place to go on after; None after the last). Those that are being packed stand on the first page, all of them."""
    with reading.snapshot():
        view = view_of(actor)
        names = party_names(view.tenant, view.entry)
        found = []
        for one in containers(view.tenant, kind=SHIPMENT, here=True) if actor.party is None and after is None else ():
            total = len(BitMap().union(*tree_of(view.tenant, one.code).values()))
            found.append(ShipmentLine(one.code, names.get(one.customer, ""), one.country, one.state, total, None))
        rows = _left(view, limit + 1, after)
        found += [
            ShipmentLine(code, names.get(customer, ""), country, SHIPPED, int(n), at)
            for code, customer, country, n, at, _number in rows[:limit]
        ]
        return found, tuple(rows[limit - 1][4:]) if len(rows) > limit > 0 else None


def _left(view: View, limit: int, after: tuple[int, int] | None) -> list[tuple]:
    """(code, customer, country, units, left at, number) of the shipments that left, the newest first, after that place."""
    sql = (
        "SELECT s.code, s.customer, s.country, sum(l.until_unit - l.first_unit), max(l.shipped_at), s.number FROM shipping_shipment s "
        "JOIN shipping_line l ON l.tenant = s.tenant AND l.shipment = s.number WHERE s.tenant = %s"
    ) + view.seen("l")
    params: tuple = (view.tenant,)
    if view.visible is not None:
        sql = f"{sql} AND {reading.any_of('s.number')}"
        params = (*params, reading.list_param(_of_reader(view)))
    sql += " GROUP BY s.code, s.customer, s.country, s.number"
    if after is not None:
        sql += " HAVING max(l.shipped_at) < %s OR max(l.shipped_at) = %s AND s.number < %s"
        params = (*params, after[0], *after)
    return reading.fetch(f"{sql} ORDER BY 5 DESC, s.number DESC LIMIT {int(limit)}", params)


def shipment_seen(actor: Actor, code: str) -> ShipmentPage:
    """A shipment that left, or that is being packed. NotFound where there is none, or none of the reader's party."""
    with reading.snapshot():
        view = view_of(actor)
        row = shipment_by_code(view.tenant, code)
        lines = lines_of_shipment(view.tenant, row.number) if row else []
        if view.visible is not None and not (lines and goes_to(view, row.customer, lines)):
            raise unknown("shipment", code, ())
        box = container_of(view.tenant, code)
        box = box if box is not None and box.kind == SHIPMENT and actor.party is None else None
        if not lines and box is None:
            raise NotFound(
                "shipping.shipment_unknown",
                f"There is no shipment {code[:60]}.",
                {"shipment": code[:60]},
                "Look at the list of shipments.",
            )
        units = view.without_skipped(bitmap_of((line.first_unit, line.until_unit) for line in lines))
        page = _container(view, box, max((line.entry for line in lines), default=None)) if box else None
        customer = row.customer if row else box.customer
        products, counts = product_codes(view.tenant), {}
        for block, low, until in view.reaches(units) if units else ():
            name = products.get(block.product, "")
            counts[name] = counts.get(name, 0) + units.range_cardinality(low, until)
        placed = [line.placed_at for line in lines if line.placed_at is not None]
        return ShipmentPage(
            row.code if row else box.code, party_names(view.tenant, view.entry).get(customer, ""), row.country if row else box.country,
            SHIPPED if lines else box.state, max((line.shipped_at for line in lines), default=None), min(placed, default=None),
            _packed(view, units), len(units) if lines else page.total, tuple(sorted(counts.items())), page,
            _placings(view, code) if lines else (), party_names(view.tenant, view.entry).get(own_party(view.tenant, clock.now()), ""),
        )  # fmt: skip


def goes_to(view: View, customer: int, lines: list[LineRow]) -> bool:
    """Whether a shipment is a party reader's business: it goes to his party, or holds units of his party alone."""
    units = bitmap_of((line.first_unit, line.until_unit) for line in lines)
    return view.visible is None or customer == view.actor.party or bool(units) and not units - view.visible


def _of_reader(view: View) -> list[int]:
    """The shipments that are a party reader's business, by number: as `goes_to` says of one. Four statements."""
    sql = "SELECT number FROM shipping_shipment WHERE tenant = %s AND customer = %s"
    own = {number for (number,) in reading.fetch(sql, (view.tenant, view.actor.party))}
    reached = view.rows_reached("t.shipment", "shipping_line", view.reaches(view.visible))
    others = sorted({shipment for (shipment,) in reached} - own)
    sql = (
        "SELECT t.shipment, t.first_unit, t.until_unit FROM shipping_line t WHERE t.tenant = %s AND "
        + reading.any_of("t.shipment")
    )
    lines = reading.fetch(sql + view.seen("t"), (view.tenant, reading.list_param(others))) if others else []
    strange = {shipment for shipment, first, until in lines if BitMap(range(first, until)) - view.visible}
    return sorted(own | set(others) - strange)


def _placings(view: View, shipment: str) -> tuple[PlacingSeen, ...]:
    sql = (
        (
            "SELECT t.unit, t.party, t.decided_by, t.basis, t.reason, t.sha256, t.operator, t.placed_at FROM shipping_placing t "
            "WHERE t.tenant = %s AND t.shipment = %s"
        )
        + view.seen("t")
        + ' ORDER BY t.placed_at, t.entry, t."row" LIMIT 500'
    )
    rows = reading.fetch(sql, (view.tenant, shipment))
    units = names_of(view, BitMap(row[0] for row in rows if row[0] is not None)) if rows else {}
    people = People(view.tenant, 0).codes(row[6] for row in rows) if view.actor.party is None else {}
    parties = party_names(view.tenant, view.entry) if rows else {}
    return tuple(
        PlacingSeen(
            units.get(unit, ""), parties.get(party, ""), by, basis, reason, sha256, people.get(operator, ""), at
        )
        for unit, party, by, basis, reason, sha256, operator, at in rows
    )
