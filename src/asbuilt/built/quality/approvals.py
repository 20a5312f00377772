"""Who has to agree before a unit may go although something is wrong with it: concessions, and dispositions "use as is" and "repair".

    refuse_unapproved(tenant, products=["AB-100"], proposed=Who("person:3", 3), approvals=[Approval(Who("person:4", 4))], at=now)

1. Two different people of ours: whoever proposed it, and another one. The system account is no person.
2. Where the manufacturer of the product is another party than the one that keeps this record, that party too: by its own person, or by
   its signed document as evidence. Two people of the EMS alone are refused, whatever their roles.
3. Nobody knows the manufacturer: refused, since nobody can say who has to agree.

Roles are held per product (designed.parties.product_roles). The rule is the same for every verb that lets something pass; it writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import Refused

SYSTEM = "system:"


@dataclass(frozen=True)
class Who:
    """Somebody who acted: what the entry says (`person:12`), and the person's number where a row names it."""

    label: str
    person: int | None = None

    @property
    def is_person(self) -> bool:
        """Whether a person of this record acted, not its system account."""
        return self.person is not None or not self.label.startswith(SYSTEM)

    def same_as(self, other: "Who") -> bool:
        """Whether both are the same person."""
        if self.person is not None and other.person is not None:
            return self.person == other.person
        return self.label == other.label


@dataclass(frozen=True)
class Approval:
    """That somebody agreed. `party` is the number of the party he spoke for (None: the house); `document` the SHA-256 of what it signed,
    where no person of that party acted here."""

    who: Who
    party: int | None = None
    document: str = ""


def who(actor: Actor) -> Who:
    """The actor as this rule knows people."""
    return Who(actor.label, actor.person)


def who_recorded(label: str) -> Who:
    """Whoever an entry says: `person:12`, `system:local`."""
    kind, _, number = label.partition(":")
    return Who(label, int(number) if kind == "person" and number.isdigit() else None)


def refuse_unapproved(
    tenant: int, *, products: Iterable[str], proposed: Who, approvals: Sequence[Approval], at: int
) -> None:
    """Raise Refused (with every missing approval in its facts) unless two people agreed, and the manufacturer where it is another party."""
    missing = missing_approvals(tenant, products=products, proposed=proposed, approvals=approvals, at=at)
    if missing:
        first = missing[0]
        raise Refused(
            first.code, first.message, {**first.facts, "missing": [one.message for one in missing]}, first.remedy
        )


@dataclass(frozen=True)
class Missing:
    """An approval that is missing: code, sentence, what to do."""

    code: str
    message: str
    facts: dict
    remedy: str


def missing_approvals(
    tenant: int, *, products: Iterable[str], proposed: Who, approvals: Sequence[Approval], at: int
) -> list[Missing]:
    """Every approval that is missing, the house's first."""
    found = []
    own = [one.who for one in approvals if one.party is None and one.who.is_person]
    if not proposed.is_person:
        said = "The system account proposed it; it is no person."
        found.append(Missing("quality.approval_no_person", said, {}, "Let somebody propose it who is signed in."))
    elif all(one.same_as(proposed) for one in own):
        said = "Nobody but the one who proposed it agreed." if own else "Nobody agreed to it yet."
        found.append(Missing("quality.approval_second_person", said, {}, "Have a second person approve it."))
    return found + _of_manufacturers(tenant, products, approvals, at)


def _of_manufacturers(tenant: int, products: Iterable[str], approvals: Sequence[Approval], at: int) -> list[Missing]:
    ours = own_party(tenant, at)
    agreed = {one.party for one in approvals if one.party is not None and (one.document or one.who.is_person)}
    found = []
    for product in sorted(set(products)):
        maker = manufacturer_of(tenant, product, at)
        if maker is None:
            said = f"Nobody said who is the manufacturer of {product}."
            remedy = "Add its row to product_roles.csv: product, party, manufacturer."
            found.append(Missing("quality.manufacturer_unknown", said, {"product": product}, remedy))
        elif maker != ours and maker not in agreed:
            name = names_of(tenant, [maker]).get(maker, "")
            said = f"{name} is the manufacturer of {product} and has not agreed."
            remedy = f"Have a person of {name} approve it here, or record its signed document."
            facts = {"product": product, "party": name}
            found.append(Missing("quality.approval_of_manufacturer", said, facts, remedy))
    return found
