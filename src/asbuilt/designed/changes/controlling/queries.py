"""Reads of ECOs: one, all, and what is in force for a product. A manufacturer's person finds those of his party's products alone."""

from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CHANGE_READ
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.chains import Chain, Step, chains
from asbuilt.designed.changes.controlling.eco import PREFIX, Eco, eco_of
from asbuilt.designed.changes.controlling.statements import codes_of, lines_of
from asbuilt.designed.parties.product_roles import MANUFACTURER, OWN, roles_of
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock

ECOS_MAX = 500
CODE_CHARACTERS_MAX = 20
IN_FORCE_MAX = 2_000


def eco(actor: Actor, code: str) -> Eco:
    """The ECO with this code. NotFound: there is none, or none of a product of the reader's party. Two statements at most."""
    actor.require(CHANGE_READ)
    found = standing_eco(actor.tenant, code)
    if actor.party is not None and not own_products(actor, found):
        raise unknown(code)
    return found


def standing_eco(tenant: int, code: str) -> Eco:
    """The same without asking who reads: for verbs that have asked."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines:
        raise unknown(code)
    return eco_of(lines)


def ecos(actor: Actor) -> list[Eco]:
    """The newest 500 that the reader may see. Two statements, two more for a manufacturer's person."""
    actor.require(CHANGE_READ)
    if actor.party is None:
        codes = codes_of(actor.tenant, kinds.PROPOSED, ECOS_MAX)
    else:  # of his products, however many came of others' since
        makers = manufacturers(
            actor.tenant, {line.name for line in kinds.KEPT.of_kinds(actor.tenant, (kinds.PRODUCT,))}
        )
        mine = [product for product, party in makers.items() if party == actor.party]
        codes = codes_of(actor.tenant, kinds.PRODUCT, ECOS_MAX, mine) if mine else []
    lines = lines_of(actor.tenant, codes)
    return [eco_of(lines[code]) for code in codes]


def ecos_of(tenant: int, product: str) -> list[Eco]:
    """Every ECO of a product, the newest first: a file that left out the oldest would say that they never were. Two statements."""
    named = kinds.KEPT.named(tenant, kinds.PRODUCT, [product])
    lines = lines_of(tenant, {line.about for line in named})
    return [eco_of(lines[line.about]) for line in reversed(named)]


def own_products(actor: Actor, one: Eco) -> list[str]:
    """The products of an ECO whose manufacturer is the reader's party."""
    makers = manufacturers(actor.tenant, one.products)
    return [product for product in one.products if makers.get(product) == actor.party]


def manufacturers(tenant: int, products: Iterable[str], at: int | None = None) -> dict[str, int]:
    """Product -> its manufacturer now, or then; one that nobody named is left out. One statement."""
    now = clock.now() if at is None else at
    rows = roles_of(tenant, products)
    return {row.product: row.party for row in rows if row.role == MANUFACTURER and row.happened_at <= now}


def parties_asked(tenant: int, products: Iterable[str], at: int | None = None) -> set[int]:
    """The manufacturers that have to agree: those of the products, now or then, that are not the house itself. Two statements."""
    now = clock.now() if at is None else at
    own = [row.party for row in roles_of(tenant, [""]) if row.role == OWN and row.happened_at <= now]
    return set(manufacturers(tenant, products, now).values()) - set(own[-1:])


def asked_of(tenant: int, one: Eco) -> set[int]:
    """The manufacturers whose word an ECO rests on. Once its boundary is set, those of then: a product that goes to another one stops no unit that was
    agreed to before. One that came since counts where it decided something itself. Two statements, four with a boundary."""
    now = parties_asked(tenant, one.products)
    if one.boundary is None:
        return now
    then = parties_asked(tenant, one.products, one.boundary.happened_at)
    return then | {party for party in now if one.decided("", party) is not None}


def in_force(tenant: int, products: Iterable[str]) -> list[Chain]:
    """What holds for these products, thing by thing. One statement where nothing is, five where something is."""
    wanted = sorted(set(products))
    codes = codes_of(tenant, kinds.BOUNDARY_OF, IN_FORCE_MAX, wanted) if wanted else []
    if not codes:
        return []
    found = [eco_of(lines) for lines in lines_of(tenant, codes).values()]
    steps = []
    for one in found:
        if one.closed is None and one.boundary is not None:
            approved = not one.lacking(asked_of(tenant, one))
            steps += [
                Step(one.code, change, one.boundary, approved)
                for change in one.changes.values()
                if change.product in wanted
            ]
    return chains(steps)


def unknown(code: str) -> NotFound:
    """There is no such ECO."""
    shown = code[:CODE_CHARACTERS_MAX]
    said = f"There is no ECO {shown}.".replace(" .", ".")
    return NotFound("changes.unknown", said, {"eco": shown}, "Look at the list of ECOs.")
