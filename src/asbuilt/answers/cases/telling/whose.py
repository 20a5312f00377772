"""Whose product it is that customers are told of: where another party is the manufacturer, it is told first, and agrees before its customers are.

foreign_makers(tenant, case, shares, at)     -> {party: products}: manufacturers other than us whose products a third party holds
makers_of(tenant, case, products, at)        -> {product: party}
built_for(tenant, case, products)            -> {product: party}: those that we build for another manufacturer, which tells their customers
told_upward(tenant, case)                    -> parties that the case has told: a duty towards them submitted, or a notice upward that reached them
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.roles import recorded_role, said_of_us
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.deliveries import events_of, reached
from asbuilt.answers.cases.telling.recipients import MANUFACTURERS
from asbuilt.designed.parties.product_roles import MANUFACTURER, own_party, roles_of
from asbuilt.ledger import clock

OURS, EMS = "manufacturer", "ems"
TOWARDS_MAKER = ("contract", "cra.importer", "cra.distributor")


class Holds(Protocol):
    """A party with the products that it holds."""

    @property
    def party(self) -> int:
        """Its number."""

    @property
    def products(self) -> tuple[str, ...]:
        """Codes."""


def foreign_makers(tenant: int, case: CaseFile, shares: Iterable[Holds], at: int) -> dict[int, list[str]]:
    """By the roles in the case, else by the record of roles; a manufacturer who holds its own product is told as one. Two statements."""
    held: dict[str, set[int]] = {}
    for one in shares:
        for product in one.products:
            held.setdefault(product, set()).add(one.party)
    own, makers = own_party(tenant, at), makers_of(tenant, case, held, at)
    found: dict[int, list[str]] = {}
    for product, parties in sorted(held.items()):
        maker = makers.get(product)
        if maker is not None and own is not None and maker != own and parties - {maker}:
            found.setdefault(maker, []).append(product)
    return found


def makers_of(tenant: int, case: CaseFile, products: Iterable[str], at: int) -> dict[str, int | None]:
    """Product -> its manufacturer, by the roles in the case, else by the record of roles. Two statements."""
    own, makers = own_party(tenant, at), {}
    for row in roles_of(tenant, products):
        if row.role == MANUFACTURER and row.happened_at <= at:
            makers[row.product] = row.party
    for product, line in case.products.items():
        if line.said["role"] == OURS:
            makers[product] = own
        elif line.said["role"] != "none" and line.party is not None:
            makers[product] = line.party
    return makers


def built_for(tenant: int, case: CaseFile, products: Collection[str]) -> dict[str, int]:
    """By the roles in the case; of products that it does not name by what the record says that we are towards them today. Four statements, and one more."""
    at = clock.now()
    own, rows = own_party(tenant, at), roles_of(tenant, products)
    ours, found = said_of_us(rows, own, at), {}
    for product, maker in makers_of(tenant, case, products, at).items():
        line = case.products.get(product)
        if product not in products or maker is None:
            continue
        if line is not None and line.said["role"] != "none":
            role = line.said["role"]
        else:
            role = recorded_role(tenant, maker, own, ours.get(product, ""))
        if role == EMS:
            found[product] = maker
    return found


def told_upward(tenant: int, case: CaseFile) -> set[int]:
    """Two statements."""
    found = {
        run.party for run in case.runs if run.party is not None and run.duty.duty in TOWARDS_MAKER and run.submitted
    }
    upward: Sequence[reads.NoticeFile] = [
        one for one in reads.standing_notices(tenant, case.code) if one.newest.kind == MANUFACTURERS
    ]
    events = events_of(tenant, [one.code for one in upward])
    return found | {party for (_notice, party), mine in events.items() if reached(mine)}
