"""Embargo: a notice is held until a moment or a decision, and read before by named roles and people only.

    hold_notice(actor, notice="N-1", readers=["psirt", "badge-anna"], until=None, why="exploited, no update yet")
    let_go(actor, notice="N-1", why="the update is out")

While it is held nothing leaves: no mail, no webhook, no page of a party; what was queued waits, what was sent stays sent. Refused: a reader who is no
role and no person, to let go what is not held.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.queries import person_by_code
from asbuilt.access.rights import CASE_READ, NOTICE_SEND, ROLES
from asbuilt.answers.cases.handling.actions.stating import state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.telling import events
from asbuilt.answers.cases.telling.notices import HELD, LET_GO, NoticeFile, may_read_text, notice_file, standing_notice
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry

READERS_MAX = 50


def hold_notice(
    actor: Actor, *, notice: str, readers: Sequence[str], why: str, until: int | None = None, request_key: str | None = None
) -> int:  # fmt: skip
    """Nothing of it leaves until then (None: until somebody lets it go); `readers` are roles and badge codes. Returns the entry."""
    known = notice_file(actor, notice)
    actor.require(NOTICE_SEND)
    why, readers = text("why", why), list(dict.fromkeys(readers))

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        refuse_unread(actor, standing_notice(entry.tenant, notice))
        return [held_line(actor, entry, known.newest.case, notice, readers, until, why)]

    asked = ["hold", notice, *readers, until, why]
    return state(actor, events.HELD, NOTICE_SEND, asked, lines, case=known.newest.case, request_key=request_key)


def let_go(actor: Actor, *, notice: str, why: str, request_key: str | None = None) -> int:
    """It is held no more; what was queued leaves. Returns the entry."""
    known = notice_file(actor, notice)
    actor.require(NOTICE_SEND)
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        now = standing_notice(entry.tenant, notice)
        refuse_unread(actor, now)
        if now.hold is None:
            raise Refused("cases.notice_not_held", f"{notice} is not held.", {"notice": notice}, "Nothing is to do.")
        return [New(known.newest.case, LET_GO, why, name=notice)]

    asked = ["let go", notice, why]
    return state(actor, events.LET_GO, NOTICE_SEND, asked, lines, case=known.newest.case, request_key=request_key)


def held_line(
    actor: Actor, entry: Entry, case: str, notice: str, readers: Sequence[str], until: int | None, why: str
) -> New:
    """The line that holds a notice. Who says so may read it as well."""
    if len(readers) > READERS_MAX:
        raise Invalid("cases.readers_many", f"readers: more than {READERS_MAX}.", {"field": "readers"}, "Name a role.")
    if until is not None and until <= entry.recorded_at:
        raise Invalid(
            "cases.hold_past", "until: lies in the past.", {"field": "until"}, "Name a later moment, or none."
        )
    roles = sorted(one for one in readers if one in ROLES)
    people = {one: person_by_code(entry.tenant, one) for one in readers if one not in ROLES}
    for code, number in people.items():
        if number is None:
            remedy = "Name a role such as psirt, or the badge code of a person."
            raise NotFound("cases.reader_unknown", f"There is no role and no person {code[:40]}.", {"reader": code[:40]}, remedy)  # fmt: skip
    numbers = sorted({number for number in people.values() if number is not None} | {actor.person} - {None})
    for role in roles:
        if CASE_READ not in ROLES[role]:
            raise Invalid("cases.reader_blind", f"readers: {role} does not see cases.", {"field": "readers"}, "Name another role.")  # fmt: skip
    said = {"roles": ";".join(roles), "people": ";".join(map(str, numbers))}
    return New(case, HELD, why, name=notice, at=until, said={key: cell for key, cell in said.items() if cell})


def refuse_unread(actor: Actor, known: NoticeFile) -> None:
    """Who may not see the words does nothing with them."""
    if not may_read_text(actor, known.hold, clock.now()):
        raise NotAllowed(
            "cases.notice_held",
            f"{known.code} is held, and you are not among those who may read it.",
            {"notice": known.code},
            "Ask one of those who are.",
        )
