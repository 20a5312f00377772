"""Delivery reports that came back by mail: matched to the sending that they speak of, by Message-ID or envelope id.

    take_reports(actor, messages)  -> Taken(reports, matched, new, others)

The name of a sending cannot be guessed, so a report that names it comes from a server that had the mail. A report that was taken before
changes nothing; a message that is no report, or of no notice of this tenant, is counted and left alone. A delay says nothing yet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_WRITE
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.answers.cases.telling import desk, events
from asbuilt.answers.cases.telling.deliveries import BOUNCED, DELIVERED, Event, events_of, write_events
from asbuilt.answers.cases.telling.tokens import TOKEN_CHARACTERS
from asbuilt.formats.delivery_reports import Report, read_report
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage.drills import refuse_intake
from asbuilt.storage.transactions import write_tx

MESSAGES_MAX = 10_000
_TOKEN = re.compile(rf"<?([0-9a-f]{{{TOKEN_CHARACTERS}}})(?:@[^>]*>)?")


@dataclass
class Taken:
    """How many messages were reports of notices, how many events are new, how many messages were something else."""

    reports: int = 0
    new: int = 0
    others: int = 0


def take_reports(actor: Actor, messages: Iterable[bytes]) -> Taken:
    """Record what these messages say; all in one entry."""
    refuse_party(actor, "")
    actor.require(NOTICE_WRITE)
    refuse_intake()  # a drill sent nothing: a report speaks of what the record sent
    found, taken = [], Taken()
    for place, content in enumerate(messages):
        if place >= MESSAGES_MAX:
            raise Invalid("cases.reports_many", f"More than {MESSAGES_MAX:,} messages.", {"field": "messages"}, "Bring them in parts.")  # fmt: skip
        report = read_report(content)
        row = _row(actor.tenant, report) if report else None
        if row is None:
            taken.others += 1
            continue
        taken.reports += 1
        found += _events(row, report)
    with write_tx(actor.tenant):
        known = events_of(actor.tenant, {one.notice for one in found})
        fresh = []
        for one in found:
            before = known.setdefault((one.notice, one.party), [])
            if not any(_same(one, other) for other in before):
                before.append(one)
                fresh.append(one)
        taken.new = len(fresh)
        if fresh:
            with recording(actor, events.DELIVERED) as entry:
                write_events(entry, [Event(*_cells(one), entry.recorded_at, one.code, one.said) for one in fresh])
    sequencing.after_commit(actor.tenant)
    return taken


def _row(tenant: int, report: Report) -> desk.Row | None:
    for said in (report.message_id, report.envelope):
        named = _TOKEN.fullmatch(said)
        row = desk.row_of_token(tenant, named[1]) if named else None
        if row is not None:
            return row
    return None


def _events(row: desk.Row, report: Report) -> list[Event]:
    states = {"failed": BOUNCED, "delivered": DELIVERED}
    return [
        # which sending it was: a second one to the same party bounces on its own account
        Event(row.notice, row.version, row.party, row.channel, states[one.action], 0, one.status, f"{row.token[:8]} {one.words}".strip())
        for one in report.outcomes
        if one.action in states
    ]  # fmt: skip


def _same(one: Event, other: Event) -> bool:
    return (*_cells(one), one.code, one.said) == (*_cells(other), other.code, other.said)


def _cells(one: Event) -> tuple:
    return one.notice, one.version, one.party, one.channel, one.state
