"""That a party knows: it opened the notice on its page and acknowledged it there, or somebody of the house says how it was told.

    open_own(actor, notice="N-1")                  by the party's person: the notice, and once that it was opened
    acknowledge_own(actor, notice="N-1")           by the party's person
    record_acknowledgement(actor, notice="N-1", customer="HAL", at=…, why="mail of Ms Berg")
    tell_otherwise(actor, notice="N-1", customer="HAL", means="phone", at=…, why="spoke with the plant manager")

Refused: a notice that is held or was not sent, to tell by other means what may not leave yet, a customer that is no recipient.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_RECEIVE, NOTICE_WRITE
from asbuilt.answers.cases.handling.actions.stating import not_ahead, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.telling import events
from asbuilt.answers.cases.telling.contacts import PORTAL
from asbuilt.answers.cases.telling.deliveries import (
    ACKNOWLEDGED,
    OPENED,
    OTHER,
    TOLD,
    Event,
    events_of,
    write_events,
)
from asbuilt.answers.cases.telling.notices import dropped, is_held, notice_file, shares, standing_notice
from asbuilt.answers.cases.telling.own import own_notice, sent_last
from asbuilt.kernel.errors import Conflict, NotFound, Refused
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage.transactions import write_tx

MEANS = ("phone", "letter", "visit", "other")
WHY_CHARACTERS_MAX = 380


def open_own(actor: Actor, *, notice: str) -> dict:
    """The notice for its party's person; the first time it is recorded that it was opened."""
    shown = own_notice(actor, notice)
    if shown["opened_at"] is None:
        _of_party(actor, notice, OPENED, None)
        shown = own_notice(actor, notice)
    return shown


def acknowledge_own(actor: Actor, *, notice: str, request_key: str | None = None) -> dict:
    """The party's person has read it; said again nothing changes. Returns the notice."""
    shown = own_notice(actor, notice)
    if shown["acknowledged_at"] is None:
        _of_party(actor, notice, ACKNOWLEDGED, request_key)
    return own_notice(actor, notice)


def _of_party(actor: Actor, notice: str, happened: str, request_key: str | None) -> None:
    actor.require(NOTICE_RECEIVE)
    content = digest(happened.encode(), notice.encode())
    with write_tx(actor.tenant):
        before = events_of(actor.tenant, [notice], actor.party).get((notice, actor.party), [])
        version = sent_last(standing_notice(actor.tenant, notice))
        if any((one.version, one.state) == (version, happened) for one in before):
            return  # another tab was quicker
        try:
            with recording(actor, events.READ, request_key=request_key, content=content) as entry:
                event = Event(notice, version, actor.party, PORTAL, happened, entry.recorded_at, person=actor.person)
                write_events(entry, [event])
        except AlreadyRecorded:
            return
    sequencing.after_commit(actor.tenant)


def record_acknowledgement(
    actor: Actor, *, notice: str, customer: str, at: int, why: str, request_key: str | None = None
) -> int:
    """The party said that it has read it, in another way than on its page; returns the entry."""
    return _say(actor, notice, customer, ACKNOWLEDGED, "", at, why, request_key)


def tell_otherwise(
    actor: Actor, *, notice: str, customer: str, means: str, at: int, why: str, request_key: str | None = None
) -> int:
    """The party was told by phone, letter, visit or otherwise; returns the entry."""
    one_of("means", means, MEANS)
    return _say(actor, notice, customer, TOLD, means, at, why, request_key)


def _say(
    actor: Actor, notice: str, customer: str, happened: str, means: str, at: int, why: str, request_key: str | None
) -> int:
    known = notice_file(actor, notice)
    actor.require(NOTICE_WRITE)
    why, party = text("why", why, WHY_CHARACTERS_MAX), party_named(actor.tenant, customer)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("at", at, entry)
        now = standing_notice(entry.tenant, notice)
        if is_held(now.hold, clock.now()):
            raise Refused("cases.notice_is_held", f"{notice} is held: nothing of it leaves.", {"notice": notice}, "Let it go first.")  # fmt: skip
        if not now.queued:
            raise Refused("cases.notice_not_sent", f"{notice} was not sent.", {"notice": notice}, "Send it first.")
        version = int(now.queued[-1].said["version"])
        mine = events_of(entry.tenant, [notice], party).get((notice, party), [])
        # whom the version sent last leaves out is told so: of that version it is said too
        told_it_is_out = happened == TOLD and party in dropped(entry.tenant, now, {(notice, party): mine})
        if not told_it_is_out and party not in {one.party for one in shares(entry.tenant, notice, version)}:
            raise NotFound("cases.recipient_unknown", f"{customer[:60]} is no recipient of {notice}.", {"notice": notice, "customer": customer[:60]}, "Look at its recipients.")  # fmt: skip
        if any((one.state, one.at, one.said) == (happened, at, why) for one in mine):
            raise Conflict("cases.notice_said", "This was said before.", {"notice": notice}, "Nothing is to do.")
        write_events(entry, [Event(notice, version, party, OTHER, happened, at, means, why, actor.person)])
        return []

    asked = [happened, notice, party, means, at, why]
    return state(actor, events.TOLD, NOTICE_WRITE, asked, lines, case=known.newest.case, request_key=request_key)
