"""Who has to agree before a unit may go although something is wrong with it: concessions, and dispositions "use as is" and "repair".

    refuse_unapproved(tenant, products=["AB-100"], proposed=Who("person:3", 3), approvals=[Approval(Who("person:4", 4))], at=now)

1. Two different people of ours: whoever proposed it, and another one. The system account is no person.
2. Where the manufacturer of the product is another party than the one that keeps this record, that party too: by its own person, or by
   its signed document as evidence. Two people of the EMS alone are refused, whatever their roles: neither who proposed it nor who approved
   it for the house records that document, nor does the system account. It is a PDF, or a signed envelope (DSSE) that we can read; whose signature it bears nobody here
   checks, and every verdict, package and certificate that rests on it says so (`by_document`).
3. Nobody knows the manufacturer: refused, since nobody can say who has to agree.
4. Where we are the manufacturer, one who agrees for the house is not the only one who said so: a third person recorded it.

Roles are held per product (designed.parties.product_roles). The rule is the same for every verb that lets something pass; it writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.built.supply.files import kind_of
from asbuilt.designed.changes.qualifying import deviations
from asbuilt.designed.parties.product_roles import MANUFACTURER, OWN, manufacturer_of, own_party, recorders_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.envelope import parse as read_envelope
from asbuilt.kernel.errors import Invalid, Refused

NAMED = "Sign in, or name yourself with --token FILE (a token of page People)."
"""What to do where a person has to act and none is named."""


@dataclass(frozen=True)
class Who:
    """Somebody who acted: what the entry says (`person:12`), and the person's number where a row names it."""

    label: str
    person: int | None = None

    @property
    def is_person(self) -> bool:
        """Whether a person acted: not the system account, a station or a program."""
        return self.person is not None

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
        found.append(
            Missing(
                "quality.approval_no_person", said, {}, f"Propose it anew as a person: {NAMED[0].lower()}{NAMED[1:]}"
            )
        )
    elif all(one.same_as(proposed) for one in own):
        said = "Nobody but the one who proposed it agreed." if own else "Nobody agreed to it yet."
        found.append(Missing("quality.approval_second_person", said, {}, "Have a second person approve it."))
    return found + _of_manufacturers(tenant, products, [proposed, *own], approvals, at)


def _of_manufacturers(
    tenant: int, products: Iterable[str], house: Sequence[Who], approvals: Sequence[Approval], at: int
) -> list[Missing]:
    ours = own_party(tenant, at)
    spoken = [one for one in approvals if one.party is not None and one.who.is_person]
    agreed = {one.party for one in spoken if not one.document or not any(one.who.same_as(mine) for mine in house)}
    by_us = {one.party for one in spoken} - agreed
    found = []
    for product in sorted(set(products)):
        maker = manufacturer_of(tenant, product, at)
        if maker is None:
            said = f"Nobody said who is the manufacturer of {product}."
            remedy = "Add its row to product_roles.csv: product, party, manufacturer."
            found.append(Missing("quality.manufacturer_unknown", said, {"product": product}, remedy))
        elif maker != ours and maker not in agreed:
            name = names_of(tenant, [maker]).get(maker, "")
            if maker in by_us:
                found.append(recorded_by_us(name))
                continue
            said = f"{name} is the manufacturer of {product} and has not agreed."
            remedy = f"Have a person of {name} approve it here, or record its signed document."
            facts = {"product": product, "party": name}
            found.append(Missing("quality.approval_of_manufacturer", said, facts, remedy))
        elif maker == ours and _said_by(house, tenant, product, ours, at):
            said = f"That we are the manufacturer of {product} was recorded by somebody who proposed or approved the same thing."
            remedy = "Have a third person approve it, or record the row of product_roles.csv."
            found.append(Missing("quality.manufacturer_third_person", said, {"product": product}, remedy))
    return found


def _said_by(house: Sequence[Who], tenant: int, product: str, ours: int, at: int) -> bool:
    """Whether nobody but the two who agree recorded that we are the manufacturer, or who we are; `house` has first who proposed it. Two statements."""
    proposed, *own = house
    pairs = [(proposed, one) for one in own if not one.same_as(proposed)] or [(proposed,)]
    for name, role in ((product, MANUFACTURER), ("", OWN)):
        recorders = [who_recorded(label) for label in recorders_of(tenant, name, role, ours, at)]
        if all(any(one.same_as(mine) for mine in pair) for pair in pairs for one in recorders):
            return True
    return False


UNCHECKED = deviations.UNCHECKED
"""What is said wherever something passes on such a document: of a concession or waiver as of a deviation."""


def by_document(approvals: Iterable[Approval]) -> bool:
    """Whether a party agreed by a document alone."""
    return any(one.party is not None and one.document for one in approvals)


def recorded_by_us(name: str) -> Missing:
    """What a party signed was recorded by somebody who proposed or approved the same thing for the house."""
    said = f"What {name} signed was recorded by somebody who proposed or approved the same thing."
    remedy = f"Have a third person record it, or a person of {name} approve it here."
    return Missing("quality.document_second_person", said, {"party": name}, remedy)


def refuse_nobody(actor: Actor, facts: Mapping[str, object]) -> None:
    """Raise Refused where no person acts."""
    if not who(actor).is_person:
        raise Refused("quality.approval_no_person", "The system account is no person.", dict(facts), NAMED)


def refuse_no_document(content: bytes, name: str) -> None:
    """Raise Invalid where a party's agreement is neither a PDF nor a signed envelope that we can read."""
    if kind_of(content) == "pdf":
        return
    try:
        read_envelope(content)
    except Invalid:
        said = f"{name[:80]} is neither a PDF nor a signed envelope (DSSE)."
        remedy = "Add the document that the party signed, as a PDF."
        raise Invalid("quality.document_kind", said, {"field": "file"}, remedy) from None
