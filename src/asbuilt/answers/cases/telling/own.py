"""What a party's own person reads: the notices that went to the party, on a page; nothing of others, nothing that is held."""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_RECEIVE
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.contacts import PORTAL, contacts_of, language_of
from asbuilt.answers.cases.telling.deliveries import ACKNOWLEDGED, OPENED, QUEUED, events_of
from asbuilt.answers.cases.telling.tokens import reference_of
from asbuilt.answers.cases.telling.wording import as_written, letter_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.instants import format_instant
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


_LISTED = ("notice", "reference", "subject", "language", "certain", "possible", "unrecorded", "sent_at", "opened_at", "acknowledged_at")  # fmt: skip


def own_notice(actor: Actor, code: str) -> dict:
    """One notice of the reader's party with its words; NotFound where it is not its own, or held."""
    shown = None
    if actor.party is not None:
        actor.require(NOTICE_RECEIVE)
        shown = _shown(actor, code) if code in _codes(actor) else None
    if shown is None:
        raise reads.unknown(code)
    return shown


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
    mine = [one for one in mine if one.version == sent.version]
    version = reads.version_of(actor.tenant, code, sent.version)
    share = next(one for one in reads.shares(actor.tenant, code, sent.version) if one.party == actor.party)
    first = {state: next((one.at for one in mine if one.state == state), None) for state in (OPENED, ACKNOWLEDGED)}
    language, reference = language_of(contacts_of(actor.tenant, [actor.party]).get(actor.party, {})), reference_of(actor.tenant, code, actor.party)  # fmt: skip
    name = names_of(actor.tenant, [actor.party]).get(actor.party, "")
    case, makers = as_written(actor.tenant, version, [share])
    letter = letter_of(version, case, share, makers, language=language, name=name, reference=reference, link="")
    return {
        "notice": code, "version": version.version, "reference": reference, "subject": letter.subject, "text": letter.text, "language": language,
        "certain": share.certain, "possible": share.possible, "unrecorded": share.unrecorded, "sent_at": format_instant(sent.at),
        "opened_at": _at(first[OPENED]), "acknowledged_at": _at(first[ACKNOWLEDGED]),
    }  # fmt: skip


def _at(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)
