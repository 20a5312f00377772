"""The portal: how a party's products and orders stand, what left last, what waits for it, what was published about its products.

    portal(actor)   -> Portal

Units are those that the reader sees: ordered by his party, or received by it. In the field is what was shipped and is not known to be back or
scrapped. An open vulnerability counts where a finding reaches such a unit and no decision takes it out; what the house noted itself and told
nobody is the house's own. A case counts once its notice reached the party.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_RECEIVE, PARTY_READER, PEOPLE_MANAGE, ROLES
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.cases.publishing.public import PublicAdvisory, public_record
from asbuilt.answers.cases.telling.own import own_cases
from asbuilt.answers.portal.waiting import Wait, waiting
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import MANUFACTURER, roles_of
from asbuilt.designed.parties.queries import code_of, names_of, numbers_by_name
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage_on_units import coverage_on
from asbuilt.questions.exposure.on_units import OpenOn, open_on
from asbuilt.questions.exposure.said import of_the_house
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.states import in_state
from asbuilt.questions.genealogy.evaluating.view import BUILT, View
from asbuilt.questions.genealogy.seen.orders import OrderSeen, orders_page
from asbuilt.questions.genealogy.seen.packing import ShipmentLine, shipments_seen
from asbuilt.storage import reading

ORDERS_SHOWN = 20
SHIPMENTS_SHOWN = 20
ADVISORIES_SHOWN = 20


@dataclass(frozen=True)
class OpenVulnerability:
    """A vulnerability that is open on units in the field: how many, whether a finding is sure of it, whether it is known to be exploited."""

    name: str
    units: int
    sure: bool
    exploited: bool


@dataclass(frozen=True)
class ProductStanding:
    """A product of the party: the units that it sees. `made` says that it is the manufacturer; `cases` are those it was told of and that are open.
    `reached` are the shipped units whose SBOMs and feeds would show an open vulnerability: of the others *none found* says nothing."""

    code: str
    made: bool
    planned: int
    built: int
    shipped: int
    cases: int
    question: str
    vulnerabilities: tuple[OpenVulnerability, ...] = ()
    reached: int = 0


@dataclass(frozen=True)
class AdvisoryTold:
    """A published advisory that speaks of a product of the party or of a vulnerability open on its units."""

    identity: str
    title: str
    updated: str


@dataclass(frozen=True)
class Portal:
    """What a party's person sees first. Of orders and shipments the newest; `*_more` says that there are more."""

    party: str
    name: str
    products: tuple[ProductStanding, ...]
    waits: tuple[Wait, ...]
    orders: tuple[OrderSeen, ...]
    orders_more: bool
    shipments: tuple[ShipmentLine, ...]
    shipments_more: bool
    advisories: tuple[AdvisoryTold, ...]
    view: View = field(repr=False)


def portal(actor: Actor) -> Portal:
    """The portal of the reader's party, as known now. NotFound for a reader of no party."""
    if actor.party is None:
        raise NotFound("portal.no_party", "There is no portal for you.", {}, "It is for the people of one party.")
    actor.require(NOTICE_RECEIVE)
    with reading.snapshot():
        view = view_of(actor)
        products = _products(view)
        orders, older = orders_page(actor)
        shipments = shipments_seen(actor, SHIPMENTS_SHOWN + 1)
        return Portal(
            code_of(actor.tenant, actor.party), names_of(actor.tenant, [actor.party]).get(actor.party, ""), tuple(products),
            tuple(waiting(actor)), tuple(orders[:ORDERS_SHOWN]), older is not None or len(orders) > ORDERS_SHOWN,
            tuple(shipments[:SHIPMENTS_SHOWN]), len(shipments) > SHIPMENTS_SHOWN, tuple(_advisories(actor.tenant, products)), view,
        )  # fmt: skip


def _products(view: View) -> list[ProductStanding]:
    """Products that the party makes or sees units of, those in the field first."""
    units = view.without_skipped(view.visible)
    of_product: dict[int, BitMap] = {}
    for block, low, until in view.reaches(units) if units else ():
        of_product.setdefault(block.product, BitMap()).update(units & BitMap(range(low, until)))
    codes, made = product_codes(view.tenant), _made(view)
    by_code = {codes[number]: mine for number, mine in of_product.items()}
    built = view.state_units(BUILT, over=units) if units else BitMap()
    away = in_state(view, "shipped", units) if units else BitMap()
    open_ones = [one for one in open_on(view, BitMap(away)) if not of_the_house(view, one.vulnerability)]
    reached = coverage_on(view, BitMap(away), runs_over(view, BitMap(away))).reached & away if away else BitMap()
    cases = _cases(view.actor)
    found = [
        _standing(code, by_code.get(code, BitMap()), code in made, (built, away, reached), open_ones, cases)
        for code in sorted({*by_code, *made})
    ]
    return sorted(found, key=lambda one: (not one.made, -one.shipped, one.code))


def _standing(code: str, mine: BitMap, made: bool, among: tuple[BitMap, BitMap, BitMap], open_ones: Iterable[OpenOn], cases: dict[str, int]) -> ProductStanding:  # fmt: skip
    built, away, reached = among
    on_mine = [(one, len(one.units & mine)) for one in open_ones]
    vulnerabilities = tuple(
        OpenVulnerability(one.vulnerability, units, one.state == "affected", one.exploited)
        for one, units in sorted(on_mine, key=lambda pair: (not pair[0].exploited, -pair[1], pair[0].vulnerability))
        if units
    )
    return ProductStanding(
        code, made, len(mine), len(built & mine), len(away & mine), cases.get(code, 0), written("product", code), vulnerabilities, len(reached & mine)
    )  # fmt: skip


def _made(view: View) -> set[str]:
    """Products whose manufacturer the party is now. One statement."""
    last: dict[str, int] = {}
    for row in roles_of(view.tenant):
        if row.role == MANUFACTURER and row.happened_at <= clock.now():
            last[row.product] = row.party
    known = set(product_codes(view.tenant).values())
    return {product for product, party in last.items() if party == view.actor.party and product in known}


def _cases(actor: Actor) -> dict[str, int]:
    """Product -> open cases of which a notice told the party that its units of this product are affected; products of others in them are not its business."""
    found: dict[str, int] = {}
    for code, products in own_cases(actor).items():
        for product in products if not standing_case(actor.tenant, code).closed else ():
            found[product] = found.get(product, 0) + 1
    return found


def _advisories(tenant: int, products: Iterable[ProductStanding]) -> list[AdvisoryTold]:
    """Published advisories that name one of the vulnerabilities that are open on the party's units."""
    names = {one.name for product in products for one in product.vulnerabilities}
    return [_told(one) for one in public_record(tenant) if names.intersection(one.names)][:ADVISORIES_SHOWN]


def _told(one: PublicAdvisory) -> AdvisoryTold:
    return AdvisoryTold(one.identity, one.title, one.updated)


def reader_of(actor: Actor, party: str) -> Actor:
    """A reader of this party, as its own people are, for somebody who may invite them. NotFound where no party is called so."""
    actor.require(PEOPLE_MANAGE)
    number = numbers_by_name(actor.tenant).get(party)
    if number is None:
        raise NotFound("parties.unknown", f"No party is called {party[:60]}.", {"party": party[:60]}, "Look at parties.csv.")  # fmt: skip
    return Actor(actor.tenant, actor.label, ROLES[PARTY_READER], None, number, frozenset({PARTY_READER}))
