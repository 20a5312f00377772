"""Deviations by what people name: an order, places of it; and whether everybody agreed.

    propose_deviation(actor, product="AB-100", order="WO-7", kind="part", part="MOD-WIFI", subject="LBEE5PK2XX", why="…", until_at=…)  -> "DEV-1"
    agree_deviation(actor, deviation="DEV-1")                                        a second person of the house, or a person of the manufacturer
    agree_deviation(actor, deviation="DEV-1", party="ACME", content=b"…", name="agreed.pdf")     what the manufacturer signed
    end_deviation(actor, deviation="DEV-1", why="…")

It is in force from the approval with which none is missing (`built.quality.approvals`): that is a line of its own, and nothing lower asks again.
Refused: an order of another product, places that are not there, units that are begun: what is built already is a concession.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import CONCESSION_AGREE, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.quality.actions.agreeing import party_of, refuse_again
from asbuilt.built.quality.approvals import Approval, Who, missing_approvals, who
from asbuilt.built.quality.concessions import APPROVED, Decided
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.changes.qualifying.actions import deviating as verbs
from asbuilt.designed.changes.qualifying.deviations import DEVIATION, Deviation
from asbuilt.designed.changes.said.stating import kept_file, refuse_party
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger.recording import Entry
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, View
from asbuilt.questions.genealogy.seen.deviations import standing_for, who_of

end_deviation = verbs.end_deviation


@dataclass(frozen=True)
class _Agreed:
    """A deviation as the rule of who may agree reads it."""

    one: Deviation

    @property
    def code(self) -> str:
        return self.one.code

    @property
    def proposed(self) -> Who:
        return who_of(self.one.proposed_by)

    @property
    def until_at(self) -> int:
        return self.one.until_at

    @property
    def decisions(self) -> Sequence[Decided]:
        return [
            Decided(
                APPROVED, line.party, line.person, line.said.get("file", ""), line.said.get("sha256", ""), line.why, line.person,
                line.happened_at, line.entry, who_of(line.person), True,
            )
            for line in self.one.agreed
        ]  # fmt: skip

    def over(self, at: int) -> bool:
        return self.one.over(at)


def propose_deviation(
    actor: Actor,
    *,
    product: str,
    kind: str,
    subject: str,
    why: str,
    until_at: int,
    order: str = "",
    first: int = 0,
    last: int = 0,
    part: str = "",
    maker: str = "",
    request_key: str | None = None,
) -> str:
    """What is still to be built may be built so until then, once everybody agreed; returns the code."""
    refuse_party(actor, DEVIATION, "")
    actor.require(SOURCING_WORK)
    if (first or last) and not (order and 1 <= first <= last):
        said = "first, last: are places of an order, the first one first."
        raise Invalid("gate.deviation_places", said, {"field": "first"}, "Name the order, and places from 1 on.")

    def check(entry: Entry) -> None:
        if order:
            _refuse_order(entry.tenant, product, order, first, last)

    return verbs.propose_deviation(
        actor, product=product, kind=kind, subject=subject, why=why, until_at=until_at, order=order, first=first, last=last,
        part=part, maker=maker, check=check, request_key=request_key,
    )  # fmt: skip


def _refuse_order(tenant: int, product: str, code: str, first: int, last: int) -> None:
    order = Orders(tenant).by_code(code)
    if order is None:
        raise order_unknown(code)
    facts = {"order": code, "product": product}
    if product_codes(tenant).get(order.product) != product:
        raise Refused(
            "gate.deviation_product", f"{code} builds no {product}.", facts, "Name the product that it builds."
        )
    if last > order.quantity:
        said = f"{code} has {order.quantity:,} units."
        raise Invalid("gate.deviation_places", said, {**facts, "field": "last"}, "Name places that it has.")
    if not first:
        return
    if _begun(tenant, order, first, last):
        said = f"Units {first} to {last} of {code} are begun: a deviation is agreed before."
        raise Refused("gate.deviation_late", said, facts, "Raise a nonconformity, or propose a concession for them.")


def _begun(tenant: int, order: OrderRow, first: int, last: int) -> bool:
    units = bitmap_of(order.spans_between(first, last))
    return bool(View(local_system(tenant)).state_units(BEGUN, BUILT, SCRAPPED, over=units) & units)


def agree_deviation(
    actor: Actor,
    *,
    deviation: str,
    why: str = "",
    party: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """Somebody agrees for the house, for the party that he is of, or keeps what a party signed; returns the entry."""
    standing_for(actor, deviation)  # one that the reader does not see is not there
    actor.require(CONCESSION_AGREE if actor.party is not None else SOURCING_DECIDE)
    with kept_file(actor.tenant, content, name) as kept:

        def agreeing(entry: Entry, found: Deviation) -> tuple[int | None, bool]:
            told = _Agreed(found)
            number = party_of(actor, entry.tenant, told, party, content)
            if number is None:
                refuse_again(actor, told)
            before = [one_said.approval for one_said in told.decisions]
            mine = Approval(who(actor), number, kept[0].sha256 if kept else "")
            lacking = missing_approvals(
                entry.tenant, products=[found.product], proposed=told.proposed, approvals=[*before, mine],
                at=entry.recorded_at,
            )  # fmt: skip
            return number, not lacking

        return verbs.agree_deviation(
            actor, deviation=deviation, why=why, party=party, attached=kept, agreeing=agreeing, request_key=request_key
        )
