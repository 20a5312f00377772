"""Who agrees to an ECO: roles of the house, and the manufacturer of each product in its own view; who takes that back; withdrawing it.

    ask_approval(actor, eco="ECO-1", tell=…)                             who was told, and who could not be: `answers.portal.asking` leaves the mails
    decide(actor, eco="ECO-1", decision="approved", role="psirt")       a person of that role who wrote none of it, one role each
    decide(brand, eco="ECO-1", decision="approved")                     a person of the manufacturer, for its party

A decision speaks of the content as it is then. `revoked` takes an approval back: by who gave it, by the role, or by the party; a boundary that is
set stays, and the units behind it do not go on until it is approved again. Refused: who proposed it, wrote what it changes or judged it; a role that
the actor does not have or that is not asked, a second role of one person, an ECO that is not assessed.
"""

from collections.abc import Callable, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CHANGE_AGREE, CHANGE_APPROVE, CHANGE_WRITE
from asbuilt.designed.changes import events
from asbuilt.designed.changes.controlling import eco as words
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.actions.stating import state
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.changes.controlling.queries import asked_of
from asbuilt.designed.changes.controlling.statements import New
from asbuilt.designed.changes.said.stating import one_of, text
from asbuilt.kernel.errors import Refused
from asbuilt.ledger.recording import Entry


def decide(
    actor: Actor, *, eco: str, decision: str, role: str = "", why: str = "", request_key: str | None = None
) -> int:
    """The actor agrees, refuses, or takes back what was agreed, for a role of the house or for his party. Returns the entry."""
    one_of("decision", decision, words.DECISIONS)
    why = text("why", why, needed=decision != words.APPROVED)
    right = CHANGE_AGREE if actor.party is not None else CHANGE_APPROVE

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        _refuse_unassessed(before)
        key = ("", actor.party) if actor.party is not None else (_role(actor, before, role), None)
        standing = before.decided(*key)
        if decision == words.REVOKED:
            if standing is None or standing.said["decision"] != words.APPROVED:
                said = f"{eco} has no approval of yours that stands."
                raise Refused("changes.not_approved", said, {"eco": eco}, "Look at its approvals.")
        elif standing is not None and standing.said["decision"] == decision:
            said = f"{eco}: that was decided already."
            raise Refused("changes.decided", said, {"eco": eco}, "Nothing is to do.")
        else:
            _refuse_person(actor, before, key)
        said = {"decision": decision, "content": before.content}
        return [New(eco, kinds.DECISION, why, party=key[1], name=key[0], said=said)]

    return state(actor, events.DECIDED, right, [decision, role, why], lines, eco=eco, request_key=request_key)


def _refuse_unassessed(eco: Eco) -> None:
    if not eco.changes or not eco.assessed:
        said = f"{eco.code} changes nothing yet, or is not assessed."
        remedy = "Say what it changes, answer every question, and judge whether it is a substantial modification."
        raise Refused("changes.not_assessed", said, {"eco": eco.code, "questions": eco.unanswered}, remedy)


def _role(actor: Actor, eco: Eco, role: str) -> str:
    """The role that the actor decides for; the only one of his that is asked where he names none."""
    if actor.person is None:
        said = "The system account is no person."
        raise Refused("changes.no_person", said, {"eco": eco.code}, "Sign in to decide.")
    needed = eco.roles_needed
    mine = [one for one in needed if one in actor.roles]
    chosen = role or (mine[0] if len(mine) == 1 else "")
    if chosen not in mine:
        said = f"{eco.code} asks for {', '.join(needed)}; of these you have {', '.join(mine) or 'none'}."
        raise Refused("changes.role", said, {"eco": eco.code, "roles": needed}, "Name a role that is asked and yours.")
    return chosen


def _refuse_person(actor: Actor, eco: Eco, key: tuple[str, int | None]) -> None:
    if actor.party is None and actor.person in eco.authors:
        said = f"You proposed {eco.code}, wrote what it changes, or judged it."
        raise Refused("changes.second_person", said, {"eco": eco.code}, "Have another person decide.")
    others = [
        line for one, line in eco.decisions.items()
        if one != key and line.person == actor.person and line.said == {"decision": words.APPROVED, "content": eco.content}
    ]  # fmt: skip
    if others:
        said = f"You approved {eco.code} as {others[0].name}."
        raise Refused("changes.one_role", said, {"eco": eco.code}, "Have another person decide for this role.")


Tell = Callable[[Eco, str, int | None], Sequence[dict]]
"""(the ECO, a role or "", a party or None) -> what was told to whom, a line each; called inside the transaction."""


def ask_approval(actor: Actor, *, eco: str, tell: Tell, request_key: str | None = None) -> int:
    """Tell whoever has not agreed yet; what was told, and who could not be, is a line of the ECO. Returns the entry."""

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        _refuse_unassessed(before)
        return [
            New(eco, kinds.TOLD, party=party, name=role, said=said)
            for role, party in before.lacking(asked_of(entry.tenant, before))
            for said in tell(before, role, party)
        ]

    return state(actor, events.DECIDED, CHANGE_WRITE, ["ask"], lines, eco=eco, request_key=request_key)


def withdraw_eco(actor: Actor, *, eco: str, why: str, request_key: str | None = None) -> int:
    """It is not followed, or no longer. Invalid without a reason; Refused once its boundary is set. Returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        if before.boundary is not None:
            said = f"{eco} has a boundary; units may be built by it."
            remedy = "Propose an ECO that changes it back, with a boundary of its own."
            raise Refused("changes.bounded", said, {"eco": eco}, remedy)
        return [New(eco, kinds.CLOSED, why)]

    return state(actor, events.CLOSED, CHANGE_WRITE, ["withdraw", why], lines, eco=eco, request_key=request_key)
