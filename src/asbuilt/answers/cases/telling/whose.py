"""Whose product it is that customers are told of: where another party is the manufacturer, it is told first, and agrees before its customers are.

foreign_makers(tenant, case, shares, at)     -> {party: products}: manufacturers other than us whose products a third party holds
makers_of(tenant, case, products, at)        -> {product: party}
told_upward(tenant, case)                    -> parties that the case has told: a duty towards them submitted, or a notice upward that reached them
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.deliveries import events_of, reached
from asbuilt.answers.cases.telling.recipients import MANUFACTURERS
from asbuilt.designed.parties.product_roles import MANUFACTURER, own_party, roles_of

OURS = "manufacturer"
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
