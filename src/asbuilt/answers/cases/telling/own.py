"""What a party's own person reads: the notices that went to the party, on a page; nothing of others, nothing that is held.

A notice whose newest version leaves the party out says since when, and whether its units are affected at all by the answers that stand. What the
party was told before stays to be read; to acknowledge it is to have read that it is out.
"""

import csv
import io
import json
from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_RECEIVE
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.contacts import PORTAL, contacts_of, language_of
from asbuilt.answers.cases.telling.deliveries import ACKNOWLEDGED, OPENED, QUEUED, events_of
from asbuilt.answers.cases.telling.notices import NoticeFile
from asbuilt.answers.cases.telling.recipients import FORMULA_STARTS
from asbuilt.answers.cases.telling.tokens import reference_of
from asbuilt.answers.cases.telling.wording import as_written, letter_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.storage import reading

OWN_MAX = 500


def own_notices(actor: Actor) -> list[dict]:
    """The newest 500 notices of the reader's party, the newest first: reference, subject, units, when, whether opened and acknowledged."""
    if actor.party is None:
        raise reads.unknown("")
    actor.require(NOTICE_RECEIVE)
    found = []
    for code in _codes(actor):
        shown = _shown(actor, code)
        if shown is not None:
            found.append({key: shown[key] for key in _LISTED})
    return found


_LISTED = ("notice", "reference", "subject", "language", "certain", "possible", "unrecorded", "sent_at", "left_out_at", "opened_at", "acknowledged_at")  # fmt: skip


_OURS = ("case", "products")  # of the house: which case a notice is of is no word to the party


def own_cases(actor: Actor) -> dict[str, set[str]]:
    """Case -> products of the party's own units that notices told it of; none by which it was left out since."""
    actor.require(NOTICE_RECEIVE)
    found: dict[str, set[str]] = {}
    for code in _codes(actor):
        shown = _shown(actor, code)
        if shown is not None and shown["left_out_at"] is None:
            found.setdefault(shown["case"], set()).update(shown["products"])
    return found


def own_notice(actor: Actor, code: str) -> dict:
    """One notice of the reader's party with its words; NotFound where it is not its own, or held."""
    shown = None
    if actor.party is not None:
        actor.require(NOTICE_RECEIVE)
        shown = _shown(actor, code) if code in _codes(actor) else None
    if shown is None:
        raise reads.unknown(code)
    affected = None if shown["left_out_at"] is None else _still_affected(actor, code, shown["version"])
    return {name: said for name, said in shown.items() if name not in _OURS} | {"still_affected": affected}


def own_units(actor: Actor, code: str) -> bytes:
    """The list of the party's own units as CSV."""
    shown = own_notice(actor, code)
    return reads.units_csv(actor.tenant, code, shown["version"], actor.party) or b""


def _codes(actor: Actor) -> list[str]:
    sql = (
        "SELECT notice, max(entry) FROM cases_notice_delivery WHERE tenant = %s AND party = %s AND channel = %s AND state = %s "
        "GROUP BY notice ORDER BY 2 DESC LIMIT %s"
    )
    return [code for code, _ in reading.fetch(sql, (actor.tenant, actor.party, PORTAL, QUEUED, OWN_MAX))]


def _shown(actor: Actor, code: str) -> dict | None:
    """The notice as it was sent last; None while it is held."""
    known = reads.standing_notice(actor.tenant, code)
    if reads.is_held(known.hold, clock.now()):
        return None
    mine = events_of(actor.tenant, [code], actor.party).get((code, actor.party), [])
    sent = [one for one in mine if one.state == QUEUED][-1]
    # of a version that leaves the party out it has read only what it read since
    newest = sent_last(known)
    mine = [one for one in mine if one.version >= newest]
    left_out = known.queued[-1].happened_at if newest > sent.version else None
    version = reads.version_of(actor.tenant, code, sent.version)
    share = next(one for one in reads.shares(actor.tenant, code, sent.version) if one.party == actor.party)
    first = {state: next((one.at for one in mine if one.state == state), None) for state in (OPENED, ACKNOWLEDGED)}
    language, reference = language_of(contacts_of(actor.tenant, [actor.party]).get(actor.party, {})), reference_of(actor.tenant, code, actor.party)  # fmt: skip
    name = names_of(actor.tenant, [actor.party]).get(actor.party, "")
    case, makers = as_written(actor.tenant, version, [share])
    letter = letter_of(version, case, share, makers, language=language, name=name, reference=reference, link="")
    return {
        "notice": code, "case": version.case, "products": list(share.products), "version": version.version, "reference": reference, "subject": letter.subject, "text": letter.text, "language": language,
        "certain": share.certain, "possible": share.possible, "unrecorded": share.unrecorded, "sent_at": format_instant(sent.at), "left_out_at": _at(left_out),
        "opened_at": _at(first[OPENED]), "acknowledged_at": _at(first[ACKNOWLEDGED]),
    }  # fmt: skip


def sent_last(known: NoticeFile) -> int:
    """The number of the version that was sent last, to whomever."""
    return int(known.queued[-1].said["version"])


def _still_affected(actor: Actor, code: str, version: int) -> bool:
    """Whether a unit that the party was told of then is in an answer of the case that stands, in whatever grade: one question that leaves it out does
    not take it out of another."""
    known = reads.standing_notice(actor.tenant, code)
    told, newest = (reads.version_of(actor.tenant, code, one) for one in (version, sent_last(known)))
    answers = _answers(actor.tenant, {told.answer, newest.answer, *(line.name for line in standing_case(actor.tenant, told.case).answers)})  # fmt: skip
    then, _overtaken = answers[told.answer]
    table = csv.DictReader(io.StringIO((reads.units_csv(actor.tenant, code, version, actor.party) or b"").decode()))
    listed = {row["affected_unit"] for row in table}
    # a list gives names, which may be other ones by now: the answer it was made of says which units they were
    mine = BitMap(
        unit for unit, row in zip(_units(then["spans"]), then["serials"], strict=True) if _cell(row["serial"]) in listed
    )
    standing = [said for ulid, (said, overtaken) in answers.items() if ulid == newest.answer or not overtaken]
    return any(mine & _units(said["spans"]) for said in standing)


def _answers(tenant: int, ulids: set[str]) -> dict[str, tuple[dict, bool]]:
    """ULID -> what it says, and whether it was overtaken. One statement."""
    sql = f"SELECT ulid, answer, overtaken_by FROM register_frozen_answer WHERE tenant = %s AND {reading.any_of('ulid', 'text')}"
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(ulids))))
    return {ulid: (json.loads(text), overtaken is not None) for ulid, text, overtaken in rows}


def _units(spans: Sequence) -> BitMap:
    return bitmap_of([first, until] for first, until, _grade in spans)


def _cell(serial: str) -> str:
    return f"'{serial}" if serial.startswith(FORMULA_STARTS) else serial


def _at(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)
