"""Sending a notice: laid on the desk for every party that can be reached, and again for one where it failed.

    send_notice(actor, notice="N-1", version=2)
    send_again(actor, notice="N-1", customer="HAL", why="the address was wrong")

Refused: a version that nobody reviewed, or that another person did not approve where the house asks for it; one whose answer was overtaken, unless it
is said why it goes out all the same; customers of another manufacturer, unless that one was told first and it is said how it agreed; one that was sent. A party without an address gets none: it stays a gap until somebody says how it was told.
"""

from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_SEND
from asbuilt.answers.cases.handling.actions.stating import state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.telling import desk, events
from asbuilt.answers.cases.telling.actions.holding import refuse_unread
from asbuilt.answers.cases.telling.actions.writing import approval_needed, refuse_older
from asbuilt.answers.cases.telling.contacts import CHANNELS, PORTAL, Contact, contacts_of, language_of
from asbuilt.answers.cases.telling.deliveries import (
    BOUNCED,
    FAILED,
    QUEUED,
    Event,
    events_of,
    last_states,
    write_events,
)
from asbuilt.answers.cases.telling.notices import (
    APPROVED,
    REVIEWED,
    Held,
    NoticeFile,
    notice_file,
    shares,
    standing_notice,
)
from asbuilt.answers.cases.telling.notices import QUEUED as SENT
from asbuilt.answers.cases.telling.recipients import CUSTOMERS
from asbuilt.answers.cases.telling.tokens import sending_token
from asbuilt.answers.cases.telling.whose import foreign_makers, told_upward
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.errors import Conflict, NotFound, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry


def send_notice(actor: Actor, *, notice: str, version: int, why: str = "", request_key: str | None = None) -> int:
    """It goes to everybody of this version, on the portal too, as soon as it is not held; returns the entry."""
    known = notice_file(actor, notice)
    actor.require(NOTICE_SEND)
    why, frozen = text("why", why, needed=False), frozen_answer(actor, known.newest.answer)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        now = standing_notice(entry.tenant, notice)
        refuse_unread(actor, now)
        refuse_older(now, version)
        _refuse_unagreed(now)
        if frozen.overtaken_by is not None and not why:
            said = f"The answer of {notice} was overtaken by entry {frozen.overtaken_by}."
            raise Refused("cases.notice_overtaken", said, {"notice": notice, "answer": frozen.ulid}, "Revise the notice on a new answer, or say why this one goes out.")  # fmt: skip
        if now.line(SENT) is not None:
            raise Conflict("cases.notice_sent", f"Version {version} of {notice} was sent.", {"notice": notice}, "Send it again to a customer, or revise it.")  # fmt: skip
        held = shares(entry.tenant, notice, version)
        agreed = _refuse_foreign(entry, now, before, held, why)
        parties = [one.party for one in held]
        reached = _lay_down(entry, notice, version, parties, actor.person)
        said = {
            "version": str(version),
            "recipients": str(len(parties)),
            "without_address": str(len(parties) - reached),
            **({"agreed_by": ";".join(agreed)} if agreed else {}),
        }
        return [New(now.newest.case, SENT, why, name=notice, said=said)]

    asked = ["send", notice, version, why]
    return state(actor, events.QUEUED, NOTICE_SEND, asked, lines, case=known.newest.case, request_key=request_key)


def send_again(actor: Actor, *, notice: str, customer: str, why: str, request_key: str | None = None) -> int:
    """Once more to one party where it bounced, failed, or had no address; a new message. Returns the entry."""
    known = notice_file(actor, notice)
    actor.require(NOTICE_SEND)
    why, party = text("why", why), party_named(actor.tenant, customer)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        now = standing_notice(entry.tenant, notice)
        refuse_unread(actor, now)
        version = sent_version(now)
        if party not in {one.party for one in shares(entry.tenant, notice, version)}:
            raise NotFound("cases.recipient_unknown", f"{customer[:60]} is no recipient of {notice}.", {"notice": notice, "customer": customer[:60]}, "Look at its recipients.")  # fmt: skip
        mine = events_of(entry.tenant, [notice], party).get((notice, party), [])
        last = last_states(one for one in mine if one.version == version)
        open_channels = [one for one in CHANNELS if last.get(one, FAILED) in (FAILED, BOUNCED)]
        if not _lay_down(entry, notice, version, [party], actor.person, open_channels):
            said = f"There is nothing to send to {customer[:60]} again: it has no address, or nothing failed."
            raise Refused("cases.notice_not_failed", said, {"notice": notice, "customer": customer[:60]}, "Set a contact, or say how it was told.")  # fmt: skip
        return [New(now.newest.case, "notice_again", why, party=party, name=notice, said={"version": str(version)})]

    asked = ["again", notice, party, why]
    return state(actor, events.QUEUED, NOTICE_SEND, asked, lines, case=known.newest.case, request_key=request_key)


def sent_version(known: NoticeFile) -> int:
    """The version that was sent last; Refused where none was."""
    if not known.queued:
        raise Refused("cases.notice_not_sent", f"{known.code} was not sent.", {"notice": known.code}, "Send it first.")
    return int(known.queued[-1].said["version"])


def _refuse_unagreed(known: NoticeFile) -> None:
    code, facts = known.code, {"notice": known.code, "version": known.newest.version}
    if known.line(REVIEWED) is None:
        said = f"Nobody reviewed version {known.newest.version} of {code}."
        raise Refused("cases.notice_not_reviewed", said, facts, "Read it in every language, then review it.")
    if approval_needed() and known.line(APPROVED) is None:
        said = f"Nobody approved version {known.newest.version} of {code}."
        raise Refused("cases.notice_not_approved", said, facts, "Let another person approve it.")


def _refuse_foreign(entry: Entry, known: NoticeFile, case: CaseFile, held: Iterable[Held], why: str) -> list[str]:
    """The manufacturers, other than us, whose customers are told; each was told before, and `why` says how it agreed."""
    if known.newest.kind != CUSTOMERS:
        return []
    makers = foreign_makers(entry.tenant, case, held, entry.recorded_at)
    if not makers:
        return []
    codes = {party: code_of(entry.tenant, party) for party in makers}
    named = "; ".join(
        f"{codes[party]} is the manufacturer of {', '.join(products[:5])}" for party, products in makers.items()
    )
    facts = {"notice": known.code, "manufacturers": sorted(codes.values())}
    if untold := sorted(codes[party] for party in set(makers) - told_upward(entry.tenant, case)):
        said = f"{named}: its customers are told after it. Not told: {', '.join(untold)}."
        remedy = f"Tell it first: `asbuilt case notices draft {case.code} --kind upward`, or submit the notice of the contract."
        raise Refused("cases.notice_manufacturer_first", said, facts, remedy)
    if not why:
        raise Refused(
            "cases.notice_not_ours", f"{named}.", facts, "Say why you tell its customers: who of it agreed, and when."
        )
    return sorted(codes.values())


def _lay_down(
    entry: Entry, notice: str, version: int, parties: Iterable[int], person: int | None, channels: Iterable[str] = (*CHANNELS, PORTAL)
) -> int:  # fmt: skip
    """A row for every channel of every party; returns how many parties something is sent to. What still waits of an older version stays here."""
    parties, now = list(parties), clock.now()
    known, before = contacts_of(entry.tenant, parties), events_of(entry.tenant, [notice])
    rows, queued, reached = [], [], set()
    for party in parties:
        mine: dict[str, Contact] = known.get(party, {})
        for channel in channels:
            if channel != PORTAL and (channel not in mine or mine[channel].address is None):
                continue
            queued.append(
                Event(notice, version, party, channel, QUEUED, entry.recorded_at, language_of(mine), person=person)
            )
            if channel == PORTAL:
                continue
            reached.add(party)
            turn = sum(one.channel == channel and one.state == QUEUED for one in before.get((notice, party), []))
            token = sending_token(entry.tenant, notice, version, party, channel, turn)
            rows.append((notice, version, party, channel, mine[channel].language, token))
    if queued:
        write_events(entry, queued)
    desk.take_back(entry.tenant, notice, version, f"Version {version} took its place.", now)
    desk.put(entry.tenant, rows, now)
    return len(reached)
