"""What became of a notice at each party: events that are only added, and what they add up to.

queued · accepted (the server's answer) · delivered, bounced (a delivery report) · failed (given up, or refused for good) · unknown (accepted or not,
nobody can say: sent again as the same message) · opened (on the party's own page) · acknowledged · told (by other means).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.answers.cases.telling.contacts import PORTAL
from asbuilt.answers.cases.telling.events import DELIVERY
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

QUEUED, ACCEPTED, DELIVERED, BOUNCED, FAILED, UNKNOWN, OPENED, ACKNOWLEDGED, TOLD = (
    "queued", "accepted", "delivered", "bounced", "failed", "unknown", "opened", "acknowledged", "told",
)  # fmt: skip
OTHER = "other"  # the channel of what a person did: phone, letter, visit
NO_ADDRESS = "no_address"
SAID_CHARACTERS_MAX = 400
# the first of these that happened is how the party stands; what only says that something went wrong counts until something went well
_STANDING = (ACKNOWLEDGED, TOLD, OPENED, DELIVERED)
COLUMNS = ("tenant", "entry", "row", "notice", "version", "party", "channel", "state", "code", "said", "at", "person", "happened_at")  # fmt: skip


@dataclass(frozen=True)
class Event:
    """Something that became of a notice at a party."""

    notice: str
    version: int
    party: int
    channel: str
    state: str
    at: int
    code: str = ""
    said: str = ""
    person: int | None = None
    recorded_at: int = 0
    entry: int = 0


def write_events(entry: Entry, events: Sequence[Event]) -> None:
    """Record these events in the entry, each as a fact."""
    texts, rows = [], []
    for one in events:
        cells = (one.notice, one.version, one.party, one.channel, one.state, one.code, one.said[:SAID_CHARACTERS_MAX])
        texts.append(row_text([*cells, format_instant(one.at), one.person, format_instant(entry.recorded_at)]))
        rows.append((*cells, one.at, one.person, entry.recorded_at))
    ids = [digest(text, entry.number.to_bytes(8, "big"))[:8] for text in texts]
    first = entry.facts(DELIVERY).add(texts, ids)
    bulk.insert_rows(
        "cases_notice_delivery", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )


def events_of(tenant: int, notices: Iterable[str], party: int | None = None) -> dict[tuple[str, int], list[Event]]:
    """(notice, party) -> its events, the earliest first. One statement."""
    wanted = sorted(set(notices))
    sql = (
        "SELECT notice, version, party, channel, state, at, code, said, person, happened_at, entry FROM cases_notice_delivery "
        f"WHERE tenant = %s AND {reading.any_of('notice', 'text')}"
    )
    params: tuple = (tenant, reading.list_param(wanted))
    if party is not None:
        sql, params = f"{sql} AND party = %s", (*params, party)
    found: dict[tuple[str, int], list[Event]] = {}
    for row in reading.fetch(f'{sql} ORDER BY entry, "row"', params) if wanted else ():
        found.setdefault((row[0], row[2]), []).append(Event(*row))
    return found


def standing_state(events: Sequence[Event]) -> str:
    """How the party stands towards the version that it was sent last: the best that happened, else what happened last."""
    newest = max((one.version for one in events), default=0)
    events = [one for one in events if one.version == newest]
    states = {one.state for one in events}
    for state in _STANDING:
        if state in states:
            return state
    # one channel that took it is enough; a bounce or a failure counts where none did
    last = last_states(events)
    last.pop(PORTAL, None)  # a page that nobody opened tells nobody
    for state in (ACCEPTED, QUEUED, UNKNOWN, BOUNCED, FAILED):
        if state in last.values():
            return state
    return NO_ADDRESS


def last_states(events: Iterable[Event]) -> dict[str, str]:
    """Channel -> what happened there last. Outcomes reach the log in groups, so a bounce may stand in it before the acceptance that it followed."""
    last: dict[str, Event] = {}
    for one in events:
        before = last.get(one.channel)
        if not (before is not None and before.state == BOUNCED and one.state == ACCEPTED and one.at < before.at):
            last[one.channel] = one
    return {channel: one.state for channel, one in last.items()}


def reached(events: Sequence[Event]) -> bool:
    """Whether somebody may believe that the party knows: a server took it, or better."""
    return standing_state(events) in (*_STANDING, ACCEPTED)
