"""Waivers as people read them: what may go with which known vulnerability, who agreed, what is still missing, whether they hold now.

A person of a manufacturer sees those about his own party's products; for everybody else of a party there is none.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.queries import names_of as people_named
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.quality.actions.waivers import waiver_seen
from asbuilt.built.quality.concessions import APPROVED
from asbuilt.built.quality.waivers import WaiverSeen, waivers
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen.approvals import told
from asbuilt.questions.genealogy.seen.concessions import DecisionSeen
from asbuilt.storage import reading

OPEN, HOLDS, OVER = "open", "holds", "over"


@dataclass(frozen=True)
class WaiverPage:
    """A waiver; `state` is open (approvals are missing), holds, or over. `scope` is what it speaks of, in words."""

    code: str
    state: str
    vulnerability: str
    product: str
    scope: str
    question: str
    reason: str
    by: str
    at: int
    until_at: int
    missing: tuple[str, ...]
    decisions: tuple[DecisionSeen, ...]


def waivers_seen(actor: Actor) -> list[WaiverPage]:
    """All that the reader may see, the newest first."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        now = clock.now()
        found = waivers(actor.tenant)
        if actor.party is not None:
            found = [one for one in found if manufacturer_of(actor.tenant, one.product, now) == actor.party]
        return [_page(actor.tenant, one, now) for one in found]


def waiver_page(actor: Actor, code: str) -> WaiverPage:
    """One of them. NotFound where there is none, or none of the reader's products."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        return _page(actor.tenant, waiver_seen(actor, code), clock.now())


def _page(tenant: int, one: WaiverSeen, now: int) -> WaiverPage:
    missing = tuple(told(gap) for gap in one.missing(tenant, now))
    state = OVER if one.over(now) else OPEN if missing else HOLDS
    acted = (one.proposed, *(said.who for said in one.decisions))
    people = people_named(tenant, {who.person for who in acted if who.person is not None})
    parties = party_names(tenant)
    decisions = tuple(
        DecisionSeen(
            said.decision, people.get(said.who.person, said.who.label), parties.get(said.party, "") if said.party is not None else "",
            said.sha256 if said.decision == APPROVED else "", said.reason, said.happened_at,
        )
        for said in one.decisions
    )  # fmt: skip
    scope = f"{one.product} {one.role or ''} {one.version}".replace("  ", " ").strip()
    return WaiverPage(
        one.code, state, one.vulnerability, one.product, scope, one.question, one.reason,
        people.get(one.proposed.person, one.proposed.label), one.happened_at, one.until_at, missing, decisions,
    )  # fmt: skip
