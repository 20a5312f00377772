"""What waits for a party's own person: things that others cannot go on with, or that the party has not acknowledged.

    waiting(actor)   -> [Wait(kind="concession", code="CON-3", …)], the oldest first

A room that has something which a party must decide adds a read to `READS`: it is given the reader and gives what waits for him, with the name
of the page where he decides it. A read gives nothing that he could not open.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CHANGE_AGREE, CONCESSION_AGREE, DISPOSITION_AGREE, NOTICE_RECEIVE
from asbuilt.answers.cases.telling.own import own_notices
from asbuilt.built.quality.actions.dispositions import products_of_units
from asbuilt.built.quality.approvals import Missing
from asbuilt.built.quality.concessions import concessions, products_of
from asbuilt.built.quality.nonconformities import (
    AGREED,
    LEFT_AS_IT_WAS,
    PROPOSED,
    Disposition,
    nonconformities,
)
from asbuilt.built.quality.units_of_parties import units_of_party
from asbuilt.built.quality.waivers import waivers
from asbuilt.designed.changes.controlling.seen import ecos_told
from asbuilt.designed.changes.qualifying.deviations import standing_deviations
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen.deviations import missing_now
from asbuilt.storage import reading

OF_MANUFACTURER = "quality.approval_of_manufacturer"


@dataclass(frozen=True)
class Wait:
    """One thing that waits. `page` names the page where it is decided and `code` what it is there; `part` which of several in it. `about`
    says in the record's own words what it is of; `units` 0 where it is of none in particular; `until_at` None where it has no end."""

    kind: str
    page: str
    code: str
    part: str
    about: str
    products: tuple[str, ...]
    units: int
    since_at: int
    until_at: int | None = None


def waiting(actor: Actor) -> list[Wait]:
    """Everything that waits for the reader's party, the oldest first. The statements of each read."""
    with reading.snapshot():
        found = [one for read in READS for one in read(actor)]
    return sorted(found, key=lambda one: (one.since_at, one.kind, one.code, one.part))


def _concessions(actor: Actor) -> Iterator[Wait]:
    """Concessions for units of the party's products that it has not agreed to."""
    if not actor.may(CONCESSION_AGREE):
        return
    now = clock.now()
    for one in concessions(actor.tenant):
        if one.over(now):
            continue
        products = products_of(actor.tenant, one.units)
        if _asks(actor, one.missing(actor.tenant, products, now), now):
            mine = tuple(sorted(one for one in products if manufacturer_of(actor.tenant, one, now) == actor.party))
            yield Wait("concession", "concession", one.code, "", one.allows, mine, len(one.units), one.happened_at, one.until_at)  # fmt: skip


def _waivers(actor: Actor) -> Iterator[Wait]:
    """Waivers for the party's products that it has not agreed to."""
    if not actor.may(CONCESSION_AGREE):
        return
    now = clock.now()
    for one in waivers(actor.tenant):
        if not one.over(now) and _asks(actor, one.missing(actor.tenant, now), now):
            yield Wait("waiver", "waiver", one.code, "", one.vulnerability, (one.product,), 0, one.happened_at, one.until_at)  # fmt: skip


def _asks(actor: Actor, missing: Iterable[Missing], now: int) -> bool:
    """Whether the manufacturer that has not agreed is the reader's party."""
    products = [one.facts["product"] for one in missing if one.code == OF_MANUFACTURER]
    return any(manufacturer_of(actor.tenant, product, now) == actor.party for product in products)


def _dispositions(actor: Actor) -> Iterator[Wait]:
    """Units that shall stay as they are or be repaired, of products of the party, which has not agreed."""
    if not actor.may(DISPOSITION_AGREE):
        return
    code, now = code_of(actor.tenant, actor.party), clock.now()
    owned = units_of_party(actor.tenant, actor.party, now)
    for found in nonconformities(actor.tenant) if owned else ():
        for one in found.dispositions if not found.closed else ():
            if not _open(one, owned, code):
                continue
            products = products_of_units(actor.tenant, one.units)
            if any(manufacturer_of(actor.tenant, product, now) == actor.party for product in products):
                since = next(step for step in reversed(one.steps) if step.step == PROPOSED)
                yield Wait("disposition", "nonconformity", found.code, one.code, one.decision, tuple(products), len(one.units), since.decided_at)  # fmt: skip


def _open(one: Disposition, owned: BitMap, party: str) -> bool:
    if one.state != PROPOSED or one.decision not in LEFT_AS_IT_WAS or not one.units or one.units - owned:
        return False
    since = max(n for n, step in enumerate(one.steps) if step.step == PROPOSED)
    return not any(step.step == AGREED and step.party == party for step in one.steps[since:])


def _notices(actor: Actor) -> Iterator[Wait]:
    """Notices that the party has not acknowledged."""
    for one in own_notices(actor) if actor.may(NOTICE_RECEIVE) else ():
        if one["acknowledged_at"] is None:
            units = one["certain"] + one["possible"] + one["unrecorded"]
            yield Wait("notice", "own_notice", one["notice"], "", one["subject"], (), units, parse_instant(one["sent_at"]))  # fmt: skip


def _ecos(actor: Actor) -> Iterator[Wait]:
    """ECOs of the party's products that are assessed and that it has not agreed to."""
    for one in ecos_told(actor) if actor.may(CHANGE_AGREE) else ():
        if one["waits_for_you"]:
            yield Wait("eco", "eco", one["eco"], "", one["title"], tuple(one["products"]), 0, parse_instant(one["waits_since"]))  # fmt: skip


def _deviations(actor: Actor) -> Iterator[Wait]:
    """Deviations of the party's products that it has not agreed to."""
    if not actor.may(CONCESSION_AGREE):
        return
    now = clock.now()
    for one in standing_deviations(actor.tenant):
        if one.granted_at is None and not one.over(now) and _asks(actor, missing_now(actor.tenant, one, now), now):
            yield Wait("deviation", "sourcing_deviation", one.code, "", one.subject, (one.product,), 0, one.proposed_at, one.until_at)  # fmt: skip


READS: tuple[Callable[[Actor], Iterable[Wait]], ...] = (_notices, _concessions, _waivers, _dispositions, _ecos, _deviations)  # fmt: skip
