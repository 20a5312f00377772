"""What may be chosen for a permit of an order: what is demanded, which releases answer, what grants, plans, stations are there.

    orders_to_permit(actor)            orders of products that a grant has units left for
    choices(actor, "WO-7", bounded)    everything a form needs, as plain values; instants as text

Nothing is decided here: the gate asks all of it anew when the permit is issued. What the boundary of an ECO says for the order (`bounded`) takes the
place of what its hardware revision demands, as it does there; the gate knows it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PERMIT_ISSUE
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.programming import permits, stations
from asbuilt.built.programming.demands import Demand, demands_of
from asbuilt.built.programming.errors import refuse_party
from asbuilt.built.programming.telling import grant_told
from asbuilt.designed.firmware import register
from asbuilt.kernel import plans, programmers
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.storage import reading

ORDERS_MAX = 500
PLANS_MAX = 100
RELEASES_MAX = 200  # the newest released ones; each is checked down to its signatures


@dataclass(frozen=True)
class Bounded:
    """What changes of an image role say of an order: the versions that hold for its units with the ECO of each, every version that they speak of, those
    of the held ones that a permit may have (none where an approval was taken back or the order lies on both sides), and the ECOs at whose boundary it
    is split first."""

    held: tuple[tuple[str, str], ...]
    spoken: frozenset[str]
    offered: frozenset[str]
    split_by: tuple[str, ...] = ()


NOTHING_BOUNDED: Mapping[str, Bounded] = {}


def orders_to_permit(actor: Actor) -> list[dict]:
    """Open orders, newest first, of products for which a grant has units left: order, product, units left of the order."""
    actor.require(PERMIT_ISSUE)
    refuse_party(actor)
    with reading.snapshot():
        now = clock.now()
        products = {one.grant.product for one in permits.grants(actor.tenant) if one.left and one.grant.not_after > now}
        sql = (
            "SELECT DISTINCT o.number, o.code, p.code FROM production_order o JOIN production_block b ON b.tenant = o.tenant "
            "AND b.work_order = o.number JOIN catalog_product p ON p.tenant = b.tenant AND p.number = b.product "
            "WHERE o.tenant = %s AND o.until_entry IS NULL AND b.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM "
            "production_order_closing c WHERE c.tenant = o.tenant AND c.code = o.code AND c.until_entry IS NULL) AND "
            f"{reading.any_of('p.code', 'text')} ORDER BY o.number DESC LIMIT %s"
        )
        rows = reading.fetch(sql, (actor.tenant, reading.list_param(sorted(products)), ORDERS_MAX)) if products else []
        return [{"order": code, "product": product} for _, code, product in rows]


def choices(actor: Actor, order: str, bounded: Mapping[str, Bounded] = NOTHING_BOUNDED) -> dict:
    """What may be chosen for a permit of this order; NotFound where there is no such order. `bounded`: image role -> what ECOs say of it."""
    actor.require(PERMIT_ISSUE)
    refuse_party(actor)
    tenant = actor.tenant
    with reading.snapshot():
        row, product = _order(tenant, order)
        built = _built(tenant, row)
        revisions = sorted({revision for revision, _ in built})
        now = clock.now()
        asked = {revision: demands_of(tenant, order, product, revision, now) for revision in revisions}
        demands = {revision: _by_boundaries(some, product, bounded) for revision, some in asked.items()}
        found = register.registered(tenant, product)
        taken = permits.taken_of_order(tenant, order)
        grants = [one for one in permits.grants(tenant) if one.grant.product == product and one.grant.not_after > now]
        return {
            "order": order, "product": product, "revisions": revisions, "bom_versions": sorted({bom for _, bom in built}),
            "units": row.quantity, "permitted": taken, "left": row.quantity - taken,
            "demands": [
                _demand(one, revision, found, product) for revision in revisions for one in demands[revision]
            ],
            "releases": [
                _release(one, [rev for rev in revisions if rev in one.statement.revisions], asked, bounded)
                for one in newest_permittable(tenant, found)
            ],
            "grants": [grant_told(one) for one in grants], "plans": _plans(tenant, product),
            "stations": [_station(tenant, one) for one in stations.stations(tenant) if one.state == stations.ENROLLED],
            "before": _before(tenant, product), "split_by": sorted({eco for one in bounded.values() for eco in one.split_by}),
        }  # fmt: skip


def newest_permittable(tenant: int, found: Sequence[register.Registered]) -> list[register.Registered]:
    """The newest of these releases that may be permitted, newest first."""
    released = [one for one in reversed(found) if one.state == register.RELEASED][:RELEASES_MAX]
    return [one for one in released if register.is_permittable(tenant, *one.key)]


def _order(tenant: int, code: str) -> tuple[OrderRow, str]:
    row = Orders(tenant).by_code(code)
    if row is None:
        raise NotFound(
            "programming.order_unknown", f"There is no order {code[:80]}.", {"order": code[:80]}, "Look at its number."
        )
    sql = "SELECT code FROM catalog_product WHERE tenant = %s AND number = %s"
    return row, reading.fetch_one(sql, (tenant, row.product))[0]


def _built(tenant: int, row: OrderRow) -> list[tuple[str, str]]:
    """(hardware revision, BOM version) of the order's units."""
    sql = (
        "SELECT DISTINCT r.code, v.version FROM production_block b JOIN catalog_revision r ON r.tenant = b.tenant "
        "AND r.number = b.revision JOIN catalog_bom v ON v.tenant = b.tenant AND v.number = b.bom WHERE b.tenant = %s "
        "AND b.work_order = %s AND b.until_entry IS NULL"
    )
    return reading.fetch(sql, (tenant, row.number))


def _demand(one: Demand, revision: str, found: Sequence[register.Registered], product: str) -> dict:
    """A demand, and in what state its release is: released, draft, withdrawn; empty where the register has none."""
    states = {each.key: each.state for each in found}
    return {
        "revision": revision, "of_product": one.of_product, "role": one.role, "version": one.version, "part": one.part,
        "by": one.by, "state": states.get((product, one.role, one.version), ""),
        "own": one.of_product == product,
    }  # fmt: skip


def _by_boundaries(demands: Sequence[Demand], product: str, bounded: Mapping[str, Bounded]) -> list[Demand]:
    """What is demanded of units of a revision, as the boundaries of ECOs have it for this order."""
    found = []
    for one in demands:
        change = bounded.get(one.role) if one.of_product == product and not one.part else None
        held = change.held if change is not None else ((one.version, one.by),)
        found += [replace(one, version=version, by=one.by if version == one.version else by) for version, by in held]
    silent = [role for role in bounded if not any((one.of_product, one.role) == (product, role) for one in demands)]
    return found + [Demand(product, role, version, "", eco) for role in silent for version, eco in bounded[role].held]


def _release(
    one: register.Registered, revisions: list[str], demands: dict[str, list[Demand]], bounded: Mapping[str, Bounded]
) -> dict:
    """A release that may be permitted; `answers` are the revisions that take it: none where another version is demanded."""
    of = one.statement
    change = bounded.get(of.role)
    wanted = {
        (revision, each.role): each
        for revision in demands
        for each in demands[revision]
        if each.of_product == of.product
    }

    def asked_of(code: str) -> tuple[bool, bool]:
        """(whether it may be permitted for the revision, whether it is what is demanded)."""
        demand = wanted.get((code, of.role))
        if change is not None and not (demand is not None and demand.part):
            open_to_others = demand is None or not demand.version
            may = of.version in change.offered or (open_to_others and of.version not in change.spoken)
            return may, of.version in dict(change.held)
        version = demand.version if demand is not None else ""
        return version in ("", of.version), version == of.version

    return {
        "role": of.role, "version": of.version, "sha256": of.sha256, "security_relevant": of.security_relevant,
        "revisions": list(of.revisions), "answers": [code for code in revisions if asked_of(code)[0]],
        "demanded": any(asked_of(code)[1] for code in revisions),
    }  # fmt: skip


def _plans(tenant: int, product: str) -> list[dict]:
    """Plans of the product, newest first: where images go, what is locked."""
    sql = "SELECT document FROM programming_plan WHERE tenant = %s AND until_entry IS NULL ORDER BY entry DESC LIMIT %s"
    parsed = [plans.parse_plan(row[0].encode()) for row in reading.fetch(sql, (tenant, PLANS_MAX))]
    return [
        {
            "plan": plan.plan, "version": plan.version, "sha256": plan.sha256, "lock": _lock(plan),
            "places": [
                {"part": part.ref, "region": region.name, "kind": region.kind}
                for part in plan.parts
                for region in part.regions
                if region.kind in ("app", "boot")
            ],
            "lacks": {part.ref: programmers.lacking(plan, part.ref) for part in plan.parts}, "starts": plan.boot is not None,
        }
        for plan in parsed
        if plan.product == product
    ]  # fmt: skip


def usual_programmer(plan: dict, ref: str, tools: Collection[str]) -> str:
    """The one programmer that a part of a plan of `choices` is programmed with, as far as that is known: of those that can do what the plan asks, and
    start the unit where it asks for that, the one that stations have (none where they have not said). Empty where several would do, or none."""
    fit = [name for name, lacks in plan["lacks"][ref].items() if not lacks]
    starting = [name for name in fit if programmers.Can.start in programmers.CAPABILITIES[name]]
    fit = starting if plan["starts"] and starting else fit
    there = [name for name in fit if name in tools]
    return there[0] if len(there) == 1 else fit[0] if len(fit) == 1 else ""


def _lock(plan: plans.Plan) -> str:
    kinds = {lock.kind for lock in plan.locks}
    return "readout" if "readout" in kinds else "debug" if kinds else "none"


def _station(tenant: int, one: stations.StationSeen) -> dict:
    return {
        "station": one.station, "site": one.site, "ems": one.ems,
        "tools": [{"tool": tool, "version": version} for tool, version in stations.tools_of(tenant, one.station)],
    }  # fmt: skip


def _before(tenant: int, product: str) -> dict | None:
    """Parts, tools and window of the product's last permit: what the next one most likely is."""
    last = next((one.permit for one in permits.issued_permits(tenant) if one.permit.product == product), None)
    if last is None:
        return None
    return {
        "parts": [vars(part) for part in last.parts],
        "tools": [{"tool": rule.tool, "version_min": rule.version_min} for rule in last.tools],
        "grace_offline_hours": last.grace_offline_hours, "attempts_per_unit": last.attempts_per_unit,
    }  # fmt: skip
