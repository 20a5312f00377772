"""What concessions and waivers share: who agrees for whom, who may not agree, when one is over."""

from collections.abc import Sequence
from typing import Protocol

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.built.quality.approvals import Who, recorded_by_us, refuse_no_document, refuse_nobody, who
from asbuilt.built.quality.concessions import APPROVED, Decided
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry

REASON_CHARACTERS_MAX = 2_000


class Agreed(Protocol):
    """A concession or a waiver: its code, who proposed it, what was decided, until when it holds."""

    @property
    def code(self) -> str: ...
    @property
    def proposed(self) -> Who: ...
    @property
    def decisions(self) -> Sequence[Decided]: ...
    @property
    def until_at(self) -> int: ...
    def over(self, at: int) -> bool: ...


def party_of(actor: Actor, tenant: int, found: Agreed, party: str, content: bytes | None) -> int | None:
    """For which party this speaks; None for the house. Refused: who proposed it or approved it for the house, or is no person, records no
    party's document."""
    if actor.party is not None:
        number = actor.party
    elif bool(party) != (content is not None):
        said = "A party that agreed is named together with what it signed."
        raise Invalid(
            "quality.concession_document", said, {"field": "party"}, "Add the signed document, and whose it is."
        )
    elif not party:
        return None
    else:
        known = numbers_by_name(tenant)
        if party not in known:
            raise NotFound(
                "parties.unknown", f"No party is called {party[:60]}.", {"party": party[:60]}, "Look at parties.csv."
            )
        number = known[party]
        refuse_no_document(content or b"", party)
        refuse_nobody(actor, {"concession": found.code})
        house = [
            found.proposed,
            *(one.who for one in found.decisions if one.decision == APPROVED and one.party is None),
        ]
        if any(one.same_as(who(actor)) for one in house):
            raise _refused(found, party)
    if any(one.decision == APPROVED and one.party == number for one in found.decisions):
        raise Refused(
            "quality.concession_agreed", "This party agreed already.", {"concession": found.code}, "Nothing is to do."
        )
    return number


def _refused(found: Agreed, party: str) -> Refused:
    said = recorded_by_us(party)
    return Refused(said.code, said.message, {"concession": found.code, **said.facts}, said.remedy)


def refuse_again(actor: Actor, found: Agreed) -> None:
    """Raise Refused where the actor proposed it, agreed already, or is no person."""
    mine = who(actor)
    facts = {"concession": found.code}
    refuse_nobody(actor, facts)
    if mine.same_as(found.proposed):
        said = f"You proposed {found.code}."
        raise Refused("quality.approval_second_person", said, facts, "Have a second person approve it.")
    if any(one.decision == APPROVED and one.party is None and one.who.same_as(mine) for one in found.decisions):
        raise Refused("quality.concession_agreed", "You agreed already.", facts, "Nothing is to do.")
    refuse_recorder(actor, found)


def refuse_recorder(actor: Actor, found: Agreed) -> None:
    """Raise Refused where the actor recorded what a party signed about it."""
    for one in found.decisions:
        if one.decision == APPROVED and one.party is not None and one.sha256 and one.who.same_as(who(actor)):
            raise _refused(found, "the party")


def refuse_over(found: Agreed) -> None:
    """Raise Refused where it is over."""
    if found.over(clock.now()):
        said = f"{found.code} is over."
        raise Refused("quality.concession_over", said, {"concession": found.code}, "Propose a new one.")


def refuse_reason(reason: str) -> None:
    """Raise Invalid without a reason of 1 to 2,000 characters."""
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        words = f"Say why, in up to {REASON_CHARACTERS_MAX:,} characters."
        raise Invalid(
            "quality.concession_reason", "No reason is given, or one that is too long.", {"field": "reason"}, words
        )


def signed(actor: Actor, entry: Entry, cells: dict[str, str]) -> dict[str, str]:
    """The cells with who acts, and when."""
    return {**cells, "operator": badge(actor), "happened_at": format_instant(entry.recorded_at)}
