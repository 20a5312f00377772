"""Concessions as people read them: what they let pass on which units, who agreed, what is still missing, whether they hold now.

A person of a manufacturer sees those about his own party's products; for everybody else of a party there is none.
"""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.queries import names_of as people_named
from asbuilt.built.production.orders import products_of as units_products
from asbuilt.built.quality.concessions import APPROVED, ConcessionSeen, concessions, inside_now, products_of
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.approvals import told
from asbuilt.storage import reading

UNITS_SHOWN_MAX = 100


@dataclass(frozen=True)
class DecisionSeen:
    """Who agreed or ended it: for which party (empty: the house), by what signed document (its SHA-256, or empty)."""

    decision: str
    who: str
    party: str
    sha256: str
    reason: str
    at: int


@dataclass(frozen=True)
class ConcessionPage:
    """A concession; `state` is open (approvals are missing), holds, or over."""

    code: str
    state: str
    allows: str
    subject: str
    reason: str
    by: str
    at: int
    until_at: int
    units: tuple[str, ...]
    total: int
    products: tuple[str, ...]
    missing: tuple[str, ...]
    decisions: tuple[DecisionSeen, ...]


def concessions_seen(actor: Actor) -> list[ConcessionPage]:
    """All that the reader may see, the newest first."""
    with reading.snapshot():
        view = view_of(actor)
        return [page for one in concessions(view.tenant) if (page := _page(view, one)) is not None]


def concession_page(actor: Actor, code: str) -> ConcessionPage:
    """One of them. NotFound where there is none, or none of the reader's products."""
    with reading.snapshot():
        view = view_of(actor)
        found = next(iter(concessions(view.tenant, [code])), None)
        page = _page(view, found) if found is not None else None
        if page is None:
            raise unknown(
                "concession", code, [one.code for one in concessions(view.tenant)] if view.visible is None else ()
            )
        return page


def _page(view: View, one: ConcessionSeen) -> ConcessionPage | None:
    now = clock.now()
    products, units, decided = products_of(view.tenant, one.units), one.units, one.decisions
    gaps = one.missing(view.tenant, products, now)
    state = "over" if one.over(now) else "open" if gaps else "holds"
    parties = party_names(view.tenant, view.entry)
    party = view.actor.party
    if party is not None:  # of another party's units, and of what that agreed to, nothing
        products = {product for product in products if manufacturer_of(view.tenant, product, now) == party}
        if not products:
            return None
        units = _of_products(view, one.units | inside_now(view.tenant, one.units), products)
        gaps = [gap for gap in gaps if gap.facts.get("party") in (None, parties.get(party))]
        decided = [said for said in decided if said.party in (None, party)]
    missing = [told(gap) for gap in gaps]
    people = people_named(
        view.tenant,
        {who.person for who in (one.proposed, *(said.who for said in decided)) if who.person is not None},
    )
    names = names_of(view, BitMap(units[:UNITS_SHOWN_MAX]))
    decisions = tuple(
        DecisionSeen(
            said.decision, people.get(said.who.person, said.who.label), parties.get(said.party, "") if said.party is not None else "",
            said.sha256 if said.decision == APPROVED else "", said.reason, said.happened_at,
        )
        for said in decided
    )  # fmt: skip
    by = people.get(one.proposed.person, one.proposed.label)
    return ConcessionPage(
        one.code, state, one.allows, one.subject, one.reason, by, one.happened_at, one.until_at, tuple(names[unit] for unit in sorted(names)),
        len(units), tuple(sorted(products)), tuple(missing), decisions,
    )  # fmt: skip


def _of_products(view: View, units: BitMap, products: set[str]) -> BitMap:
    codes = product_codes(view.tenant)
    return BitMap(unit for unit, number in units_products(view.tenant, units).items() if codes[number] in products)
