"""One product as it is planned: its revisions with their panel maps, how its units are numbered, what their mark holds, its orders."""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.built.production.intake.numberings import last_given
from asbuilt.designed.catalog.panel_maps import PanelMap, panel_map
from asbuilt.designed.catalog.placements import placed
from asbuilt.designed.catalog.record_demands import RecordDemand, record_demand
from asbuilt.designed.catalog.rules import MarkRule, SerialRule, mark_rule, serial_rule
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.answering.versions import VersionSeen, versions_of
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.storage import reading

ORDERS_SHOWN = 20


@dataclass(frozen=True)
class RevisionSeen:
    """A hardware revision: its BOM versions, its panel as both sides show it, if it has a map, what is demanded of its record, its
    placement in use (empty: none) and how many components that has."""

    code: str
    bom_versions: tuple[str, ...]
    panel: PanelMap | None
    demand: RecordDemand
    placement: str = ""
    components: int = 0


@dataclass(frozen=True)
class ProductSeen:
    """A product. `next_serial` is what the next unit is called by the rule, empty where the rule has no number left or there is none."""

    code: str
    revisions: tuple[RevisionSeen, ...]
    serial_rule: SerialRule | None
    next_serial: str
    mark_rule: MarkRule
    orders: tuple[str, ...]
    versions: tuple[VersionSeen, ...] = ()


def product_page(actor: Actor, code: str) -> ProductSeen:
    """The product with this code; NotFound where the reader sees no unit of it. How it is numbered, and releases that run on none of his units,
    are for its manufacturer and the house.

    Nine statements, four a revision, and those of a question for each of its newest releases.
    """
    with reading.snapshot():
        view = view_of(actor)
        sight = Sight(view)
        row = reading.fetch_one(
            "SELECT number FROM catalog_product WHERE tenant = %s AND code = %s", (view.tenant, code)
        )
        allowed = sight.products()
        if row is None or (allowed is not None and row[0] not in allowed):
            raise unknown("product", code, ())
        number = row[0]
        rule = serial_rule(view.tenant, number)
        made = view.visible is None or manufacturer_of(view.tenant, code, clock.now()) == actor.party
        return ProductSeen(
            code, _revisions(view.tenant, number, sight.revisions()), rule if made else None, _next(view.tenant, rule) if made else "",
            mark_rule(view.tenant, number), _orders(view, number, sight.orders()), versions_of(view, number, code, made),
        )  # fmt: skip


def _revisions(tenant: int, product: int, allowed: set[int] | None) -> tuple[RevisionSeen, ...]:
    sql = (
        "SELECT r.number, r.code, b.version FROM catalog_revision r JOIN catalog_bom b ON b.tenant = r.tenant "
        "AND b.revision = r.number WHERE r.tenant = %s AND r.product = %s ORDER BY r.number DESC, b.number DESC"
    )
    found: dict[tuple[int, str], list[str]] = {}
    for number, code, version in reading.fetch(sql, (tenant, product)):
        if allowed is None or number in allowed:
            found.setdefault((number, code), []).append(version)
    return tuple(_revision(tenant, product, *named, tuple(versions)) for named, versions in found.items())


def _revision(tenant: int, product: int, number: int, code: str, versions: tuple[str, ...]) -> RevisionSeen:
    placement = placed(tenant, product, number)
    return RevisionSeen(
        code, versions, panel_map(tenant, product, number), record_demand(tenant, number, clock.now()),
        placement.name if placement else "", len(placement.components) if placement else 0,
    )  # fmt: skip


def _next(tenant: int, rule: SerialRule | None) -> str:
    if rule is None:
        return ""
    last = last_given(tenant, rule.prefix, rule.width, rule.check)
    counter = rule.first if last is None else max(rule.first, last + 1)
    return rule.serial(counter) if counter <= rule.last else ""


def _orders(view, product: int, allowed: set[int] | None) -> tuple[str, ...]:
    sql = (
        "SELECT DISTINCT o.number, o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
        "AND o.number = b.work_order WHERE b.tenant = %s AND b.product = %s" + view.seen("b") + view.seen("o")
    )
    rows = sorted(reading.fetch(sql, (view.tenant, product)), reverse=True)
    return tuple(code for number, code in rows if allowed is None or number in allowed)[:ORDERS_SHOWN]
