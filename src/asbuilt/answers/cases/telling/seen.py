"""Notices as people and programs read them: per party language, units, state; gaps; a preview; and what a case's timeline says of them.

notice_seen(actor, "N-1")          -> dict for JSON; pages and commands show the same
preview(actor, "N-1", "HAL")       -> the notice as that party reads it, and its list
"""

import json
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.affected import astray_of
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.happenings import Happened, Known
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.telling import desk
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.contacts import contacts_of, language_of, reachable
from asbuilt.answers.cases.telling.deliveries import (
    BOUNCED,
    FAILED,
    NO_ADDRESS,
    QUEUED,
    UNKNOWN,
    Event,
    events_of,
    standing_state,
)
from asbuilt.answers.cases.telling.letters import fits
from asbuilt.answers.cases.telling.notices import APPROVED, REVIEWED, NoticeFile
from asbuilt.answers.cases.telling.recipients import CUSTOMERS
from asbuilt.answers.cases.telling.tokens import reference_of
from asbuilt.answers.cases.telling.untold import NAME, PARTIES_NAMED_MAX, listed, unsaid, untold
from asbuilt.answers.cases.telling.whose import foreign_makers, told_upward
from asbuilt.answers.cases.telling.wording import as_written, letter_of
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.designed.parties.queries import codes_and_names, names, names_of, numbers_by_name
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.storage import reading

DRAFT, IS_REVIEWED, IS_APPROVED, IS_SENT = "draft", "reviewed", "approved", "sent"
OPEN = (NO_ADDRESS, BOUNCED, FAILED)
WAITING = (QUEUED, UNKNOWN)
EVENTS_SHOWN_MAX = 500


def notices_told(actor: Actor, case: str) -> list[dict]:
    """The notices of a case, the earliest first: state, counts of parties by how they stand. Four statements."""
    with reading.snapshot():
        found = reads.notices_of_case(actor, case)
        events = events_of(actor.tenant, [one.code for one in found])
        return [_head(actor, one) | {"standing": _counted(actor.tenant, one, events)} for one in found]


def notice_seen(actor: Actor, code: str) -> dict:
    """One notice, whole; its words only where the reader may see them while it is held."""
    with reading.snapshot():
        known = reads.notice_file(actor, code)
        version = _shown_version(known)
        shares = reads.shares(actor.tenant, code, version)
        contacts = contacts_of(actor.tenant, {one.party for one in shares})
        events, rows = events_of(actor.tenant, [code]), desk.rows_of(actor.tenant, code)
        codes, called = _party_codes(actor.tenant), names_of(actor.tenant, {one.party for one in shares})
        waiting = {row.party: row for row in rows if row.state in (desk.WAITS, desk.UNDER_WAY)}
        people = People(actor.tenant, 0).codes(one.person for mine in events.values() for one in mine)
        recipients = []
        for share in shares:
            mine, where = events.get((code, share.party), []), contacts.get(share.party, {})
            standing = _state(mine, where, version)
            row = waiting.get(share.party)
            recipients.append(
                {
                    "party": codes.get(share.party, ""), "name": called.get(share.party, ""), "language": language_of(where), "channels": sorted(one for one, each in where.items() if each.address is not None),
                    "certain": share.certain, "possible": share.possible, "unrecorded": share.unrecorded, "products": list(share.products),
                    "state": standing, "reachable": reachable(where), "reference": reference_of(actor.tenant, code, share.party),
                    "waits_because": row.error if row else "", "next_try_at": plain(row.due_at) if row and row.error else None,
                    "events": [_event(one, people) for one in mine],
                }
            )  # fmt: skip
        return {
            **_head(actor, known), "sent_version": version, "texts": known.newest.texts if _readable(actor, known) else None, "recipients": recipients,
            "asks_agreement": bool(_foreign_gaps(actor.tenant, known)), "gaps": _gaps(actor.tenant, known, recipients),
            "notes": _notes(actor, known, version, shares, called), "lines": [_line(one, actor.tenant) for one in known.lines],
        }  # fmt: skip


def preview(actor: Actor, code: str, customer: str) -> dict:
    """The newest version as that party will read it, with the start of its list. NotFound where it is no recipient, or the words are held."""
    with reading.snapshot():
        known = reads.notice_file(actor, code)
        if not _readable(actor, known):
            raise reads.unknown(code)
        party = party_named(actor.tenant, customer)
        version = known.newest
        share = next((one for one in reads.shares(actor.tenant, code, version.version) if one.party == party), None)
        if share is None:
            raise NotFound("cases.recipient_unknown", f"{customer[:60]} is no recipient of {code}.", {"notice": code, "customer": customer[:60]}, "Look at its recipients.")  # fmt: skip
        where, (case, makers) = (
            contacts_of(actor.tenant, [party]).get(party, {}),
            as_written(actor.tenant, version, [share]),
        )
        units_csv = reads.units_csv(actor.tenant, code, version.version, party) or b""
        name, reference = names_of(actor.tenant, [party]).get(party, ""), reference_of(actor.tenant, code, party)
        letter = letter_of(version, case, share, makers, language=language_of(where), name=name, reference=reference, link="", attached=fits(units_csv))  # fmt: skip
        return {
            "notice": code, "version": version.version, "customer": customer, "language": letter.language, "subject": letter.subject, "text": letter.text,
            "gaps": list(letter.gaps), "units_csv": units_csv.decode(), "list_sha256": share.list_sha256,
        }  # fmt: skip


def happened(tenant: int, case: str) -> Known:
    """Events of the case's notices, those of one entry and kind together; and who is not told yet."""
    files = reads.standing_notices(tenant, case)
    events = events_of(tenant, [one.code for one in files])
    groups: dict[tuple, list[Event]] = {}
    for mine in events.values():
        for one in mine:
            groups.setdefault((one.entry, one.notice, one.state, one.channel), []).append(one)
    lines = [_group(notice, state, channel, each) for (_entry, notice, state, channel), each in groups.items()]
    lines.sort(key=lambda one: (one.recorded_at, one.entry))
    called, gaps = names(tenant), []
    for known in files:
        if not known.queued:
            continue
        version = _shown_version(known)
        shares = reads.shares(tenant, known.code, version)
        contacts = contacts_of(tenant, {one.party for one in shares})
        standing = {one.party: _state(events.get((known.code, one.party), []), contacts.get(one.party, {}), version) for one in shares}  # fmt: skip
        gaps += _open_gap(known.code, [called.get(party, "") for party, state in standing.items() if state in OPEN])
        waiting = [party for party, state in standing.items() if state in WAITING]
        errors = {row.party: row.error for row in desk.rows_of(tenant, known.code)} if waiting else {}
        gaps += _waiting_gaps(known, [(called.get(party, ""), errors.get(party, "")) for party in waiting])
        gaps += _dropped_gap(known, [called.get(party, "") for party in reads.dropped(tenant, known, events)])
    gaps += _said_since(tenant, files)
    left = untold(tenant, known_case := standing_case(tenant, case), files)
    if left is None or not unsaid(known_case):
        return Known(lines[-EVENTS_SHOWN_MAX:], gaps)
    return Known(lines[-EVENTS_SHOWN_MAX:], [*left.asks, *gaps], left.asks)


def _said_since(tenant: int, files: Sequence[NoticeFile]) -> list[str]:
    """Of the customers' notice that was written last: that the case states a measure, a product or a kind since, or has an answer that none rests on."""
    mine = [one for one in files if one.newest.kind == CUSTOMERS]
    if not mine:
        return []
    last = max(mine, key=lambda one: one.newest.entry)
    case = standing_case(tenant, last.newest.case)
    later = {line.kind for line in case.lines if line.entry > last.newest.entry}
    found = []
    if case.answers[-1].name not in {one.newest.answer for one in mine}:
        said = _(
            "%(notice)s: the case has a newer answer of affected units, and no notice rests on it: revise it, so that who is in it is told."
        )
        found.append(said % {"notice": last.code})
    if later.isdisjoint((kinds.MEASURE, kinds.PRODUCT, kinds.KIND)):
        return found
    words = {
        True: _("%(notice)s: the case says more since it was sent (measures, products): tell customers by a new version."),
        False: _("%(notice)s: the case says more since it was written (measures, products): revise it, or send it as it is."),
    }  # fmt: skip
    return [*found, words[last.line(reads.QUEUED) is not None] % {"notice": last.code}]


def _group(notice: str, state: str, channel: str, each: Sequence[Event]) -> Happened:
    one = each[0]
    alone = one if len(each) == 1 else None
    said = {"state": state, "channel": channel, "count": str(len(each))} | ({"code": one.code} if alone and one.code else {})  # fmt: skip
    return Happened(
        f"notice_{state}", notice, one.recorded_at, one.entry, alone.said if alone else "", alone.at if alone else None,
        alone.party if alone else None, one.person, said,
    )  # fmt: skip


def open_ends(tenant: int, case: str) -> dict[str, str]:
    """The case's notices that were not sent, or that somebody does not have yet; and customers to whom none was written."""
    found, files = {}, reads.standing_notices(tenant, case)
    events = events_of(tenant, [one.code for one in files])
    for known in files:
        if not known.queued:
            held = reads.is_held(known.hold, clock.now())
            found[known.code] = _("not sent; held: %(why)s") % {"why": known.hold.why} if held else _("not sent")
            continue
        counts = _counted(tenant, known, events)
        left = sum(counts.get(state, 0) for state in (*OPEN, *WAITING)) + len(reads.dropped(tenant, known, events))
        if left:
            found[known.code] = _("%(count)s not reached") % {"count": left}
    if (nobody := untold(tenant, standing_case(tenant, case), files)) is not None:
        found[NAME] = nobody.open_end
    return found


def _waiting_gaps(known: NoticeFile, waiting: list[tuple[str, str]]) -> list[str]:
    """Who waits, by why: (name, what the desk says). A hold is the reason of all."""
    hold = known.hold
    held = _("it is held: %(why)s") % {"why": hold.why} if reads.is_held(hold, clock.now()) else ""
    groups: dict[str, list[str]] = {}
    for name, error in waiting:
        groups.setdefault(held or (error and _(error)) or _("the sender has not come to it"), []).append(name)
    return [
        _("%(notice)s: %(n)s wait, because %(why)s (%(parties)s)") % {"notice": known.code, "n": len(names), "why": why.rstrip("."), "parties": listed(names)}
        for why, names in groups.items()
    ]  # fmt: skip


def _open_gap(code: str, parties: list[str]) -> list[str]:
    if not parties:
        return []
    told = {"notice": code, "parties": listed(parties)}
    return [_("%(notice)s has not reached %(parties)s: tell them by other means, and say so.") % told]  # fmt: skip


def _dropped_gap(known: NoticeFile, parties: list[str]) -> list[str]:
    """Who got an earlier version, is left out by the one sent last, and was not told so."""
    if not parties:
        return []
    told = {"notice": known.code, "version": _shown_version(known), "parties": listed(parties)}
    return [_("%(notice)s: version %(version)s leaves out %(parties)s, told before: tell them that their units are not affected after all, and say so.") % told]  # fmt: skip


def _shown_version(known: NoticeFile) -> int:
    """Whose recipients count: those of the version sent last, or of the draft."""
    return int(known.queued[-1].said["version"]) if known.queued else known.newest.version


def _state(events: Sequence[Event], contacts: dict, version: int) -> str:
    mine = [one for one in events if one.version == version]
    if mine:
        return standing_state(mine)
    return DRAFT if reachable(contacts) else NO_ADDRESS


def _counted(tenant: int, known: NoticeFile, events: dict) -> dict[str, int]:
    version = _shown_version(known)
    shares = reads.shares(tenant, known.code, version)
    contacts = contacts_of(tenant, {one.party for one in shares})
    return dict(Counter(_state(events.get((known.code, one.party), []), contacts.get(one.party, {}), version) for one in shares))  # fmt: skip


def _readable(actor: Actor, known: NoticeFile) -> bool:
    return reads.may_read_text(actor, known.hold, clock.now())


def _head(actor: Actor, known: NoticeFile) -> dict:
    newest, hold = known.newest, known.hold
    held = reads.is_held(hold, clock.now())
    state = DRAFT
    for kind, word in ((REVIEWED, IS_REVIEWED), (APPROVED, IS_APPROVED), (reads.QUEUED, IS_SENT)):
        if known.line(kind) is not None:
            state = word
    people = People(actor.tenant, 0).codes([newest.person, *(hold.people if hold else ())])
    return {
        "notice": known.code, "case": newest.case, "kind": newest.kind, "version": newest.version, "state": state, "held": held,
        "held_until": plain(hold.until) if held else None, "held_because": hold.why if held else "",
        "readers": [*sorted(hold.roles), *sorted(people[one] for one in hold.people if one in people)] if held else [],
        "answer": newest.answer, "answer_sha256": newest.answer_sha256, "overtaken": frozen_answer(actor, newest.answer).overtaken_by is not None,
        "written_by": people.get(newest.person), "written_at": plain(newest.written_at), "readable": _readable(actor, known),
    }  # fmt: skip


def _gaps(tenant: int, known: NoticeFile, recipients: list[dict]) -> list[str]:
    open_ones = [one["name"] for one in recipients if one["state"] in OPEN]
    found = [] if known.queued else _foreign_gaps(tenant, known)
    files = reads.standing_notices(tenant, known.newest.case)
    since = [gap for gap in _said_since(tenant, files) if gap.startswith(f"{known.code}:")]
    found += since
    if known.queued:
        waiting = [(one["name"], one["waits_because"]) for one in recipients if one["state"] in WAITING]
        out = reads.dropped(tenant, known, events_of(tenant, [known.code]))
        called = names_of(tenant, out)
        dropped = _dropped_gap(known, [called.get(party, "") for party in out])
        return [*_open_gap(known.code, open_ones), *dropped, *_waiting_gaps(known, waiting), *since]
    return found + [
        _("%(parties)s: no address is set.") % {"parties": name} for name in sorted(open_ones)[:PARTIES_NAMED_MAX]
    ]


def _notes(actor: Actor, known: NoticeFile, version: int, shares: list, called: dict[int, str]) -> list[str]:
    """Why a customer is told of more units than the answer counts with it."""
    if known.newest.kind != CUSTOMERS or not any(one.possible or one.unrecorded for one in shares):
        return []
    frozen = frozen_answer(actor, reads.version_of(actor.tenant, known.code, version).answer)
    astray = astray_of(actor, json.loads(frozen.answer), frozen.entry)
    words = _("%(party)s: %(n)s of them only as possible, taken out of what was there then; where to is not recorded, and the answer counts them as not shipped.")  # fmt: skip
    counts = [(called.get(one.party, ""), astray.get(one.party, 0)) for one in shares]
    return [words % {"party": party, "n": count} for party, count in counts if count]


def _foreign_gaps(tenant: int, known: NoticeFile) -> list[str]:
    """Manufacturers other than us whose customers the draft would tell."""
    newest = known.newest
    if newest.kind != CUSTOMERS:
        return []
    case = standing_case(tenant, newest.case)
    makers = foreign_makers(tenant, case, reads.shares(tenant, known.code, newest.version), clock.now())
    told, called = told_upward(tenant, case), names_of(tenant, makers)
    words = {
        True: _("%(maker)s is the manufacturer of %(products)s and was told: say how it agreed."),
        False: _("%(maker)s is the manufacturer of %(products)s: tell it first."),
    }
    return [words[party in told] % {"maker": called.get(party, ""), "products": listed(codes)} for party, codes in makers.items()]  # fmt: skip


def _event(one: Event, people: dict) -> dict:
    return {
        "state": one.state, "channel": one.channel, "version": one.version, "code": one.code, "said": one.said, "at": plain(one.at),
        "by": people.get(one.person), "recorded_at": plain(one.recorded_at), "entry": one.entry,
    }  # fmt: skip


def _line(one, tenant: int) -> dict:
    by = People(tenant, 0).codes([one.person]).get(one.person)
    return {"kind": one.kind, "why": one.why, "said": one.said, "by": by, "recorded_at": plain(one.happened_at), "entry": one.entry}  # fmt: skip


def _party_codes(tenant: int) -> dict[int, str]:
    numbers = numbers_by_name(tenant)
    return {numbers[code]: code for code, _name in codes_and_names(tenant)}
