"""Whether a notice about the same flaw is held: what is kept from customers for the risk is not published to everybody.

held_notices(actor, advisory)      -> codes of the notices that are held now, of the advisory's case and of cases that ask for its vulnerabilities
"""

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.case_file import case_of
from asbuilt.answers.cases.handling.happenings import HELD_BACK
from asbuilt.answers.cases.handling.statements import lines_of
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.advisories import Seen
from asbuilt.answers.cases.publishing.evidence_units import vulnerabilities_asked
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.questions.exposure.terms_answered import all_known_as
from asbuilt.questions.genealogy.evaluating.view import View


def held_notices(actor: Actor, seen: Seen) -> list[str]:
    """In order; of an advisory of no case by the vulnerabilities that it names."""
    held = {case: codes for known in HELD_BACK.values() for case, codes in known(actor.tenant).items()}
    named = set(seen.lines[0].said.get("vulnerabilities", ()))
    found = []
    for case, lines in lines_of(actor.tenant, held).items():
        if case == seen.case or named & _asked(actor, lines):
            found += held[case]
    return found


def refuse_embargo(actor: Actor, seen: Seen, why: str) -> list[str]:
    """The notices that are held, where a second person says why it is published all the same; Refused where nobody does."""
    held = held_notices(actor, seen)
    if not held:
        return []
    facts = {"advisory": seen.code, "notices": held}
    if not why:
        said = f"{', '.join(held[:5])} of the same flaw is held."
        remedy = "Let it go first; or let a second person say why it is published all the same."
        raise Refused("cases.advisory_embargo", said, facts, remedy)
    approved = [line.person for line in seen.lines if line.kind == kinds.APPROVED]
    if actor.person is None or (approved and approved[-1] in (None, actor.person)):
        said = f"Who approved {seen.code} does not publish it while {held[0]} is held, and the system account is no person."
        raise Refused(
            "cases.advisory_embargo_same_person", said, facts, "Let another person publish it, with the reason."
        )
    return held


def _asked(actor: Actor, lines) -> set[str]:
    """The vulnerabilities of a case by every name that they are known by."""
    found, view = set(), View(actor)
    for name in vulnerabilities_asked(case_of(lines)):
        try:
            found.update(all_known_as(view, name))
        except NotFound:
            found.add(name)
    return found
