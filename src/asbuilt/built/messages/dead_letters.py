"""Dead letters: messages that could not be recorded, with the cause. List them, look at one, retry them.

A retry reads the kept bytes anew, with what the record knows now: the order that was opened meanwhile, the package that
was received, the part that the machine's maker calls otherwise. What still cannot be recorded stays a dead letter, with the
cause of today; where nothing changed, nothing is recorded. A dead letter is never deleted: it is closed by the entry that
recorded its message.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.rights import DEAD_LETTER_RETRY, EVIDENCE_READ, MACHINE_READ
from asbuilt.built.messages import events, segments
from asbuilt.built.messages.arriving import Arrived, arrived
from asbuilt.built.messages.events import DEAD, RETRY
from asbuilt.built.messages.groups import GROUP_MESSAGES_MAX, OURS, reader_of, until_taken, work_through
from asbuilt.built.messages.handlers import ROOMS
from asbuilt.built.messages.writing import DETAIL_CHARACTERS_MAX
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotFound
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.intake import fact_bytes, row_text
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import bulk, reading

RETRIED_MAX = 5_000
PAGE_MAX = 200
IDENTITY_DIGITS = 32
_COLUMNS = "message, name, handle, cause, detail, evidence, place, size, received_at, entry, until_entry"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be recorded; `closed_by` is the entry that recorded it after all."""

    message: str
    name: str
    handle: str
    cause: str
    detail: str
    evidence: str
    place: int
    size: int
    received_at: int
    entry: int
    closed_by: int | None


@dataclass
class RetryReport:
    """How many were recorded now, how many are dead letters still, why, and the entries."""

    mended: int = 0
    still: int = 0
    causes: Counter = field(default_factory=Counter)
    entries: list[int] = field(default_factory=list)


class _Nothing(Exception):
    """Nothing changed: the transaction is left without a trace."""


def open_dead_letters(
    actor: Actor, *, after: tuple[int, int] | None = None, limit: int = PAGE_MAX, cause: str = ""
) -> list[DeadLetter]:
    """Dead letters that are open, newest first; `after` is (entry, place) of the last one seen. One statement."""
    actor.require(MACHINE_READ)
    sql = f"SELECT {_COLUMNS} FROM messages_dead_letter WHERE tenant = %s AND until_entry IS NULL"
    params: list = [actor.tenant]
    if cause:
        sql, params = sql + " AND cause = %s", [*params, cause]
    if after:
        sql, params = sql + " AND (entry < %s OR (entry = %s AND place > %s))", [*params, after[0], *after]
    sql += " ORDER BY entry DESC, place LIMIT %s"
    return [DeadLetter(*row) for row in reading.fetch(sql, (*params, min(limit, PAGE_MAX)))]


def causes(actor: Actor) -> dict[str, int]:
    """Cause -> how many open dead letters have it. One statement."""
    actor.require(MACHINE_READ)
    sql = (
        "SELECT cause, count(*) FROM messages_dead_letter WHERE tenant = %s AND until_entry IS NULL GROUP BY cause "
        "ORDER BY 2 DESC, 1"
    )
    return dict(reading.fetch(sql, (actor.tenant,)))


def dead_letter(actor: Actor, message: str) -> DeadLetter:
    """One dead letter, closed ones too; NotFound where the tenant has none under this id."""
    actor.require(MACHINE_READ)
    sql = f"SELECT {_COLUMNS} FROM messages_dead_letter WHERE tenant = %s AND message = %s"
    row = reading.fetch_one(sql, (actor.tenant, message[:IDENTITY_DIGITS]))
    if row is None or len(message) != IDENTITY_DIGITS:
        raise NotFound(
            "messages.dead_letter_unknown",
            "There is no such dead letter.",
            {"message": message[:IDENTITY_DIGITS]},
            "Look at the page Dead letters.",
        )
    return DeadLetter(*row)


def raw_bytes(actor: Actor, message: str) -> bytes:
    """The bytes of a dead letter as they came. Sealed once they were erased; they may name people."""
    actor.require(EVIDENCE_READ)
    one = dead_letter(actor, message)
    return segments.message_in(actor.tenant, one.evidence, one.place).raw


def retry_dead_letters(
    actor: Actor, messages: Sequence[str] | None = None, *, request_key: str | None = None
) -> RetryReport:
    """Record these dead letters anew (all open ones, up to 5,000, where none are named).

    NotFound: one is none. Conflict: one is closed already.
    """
    actor.require(DEAD_LETTER_RETRY)
    chosen = _chosen(actor, messages)
    report = RetryReport()
    found = [(letter, one) for letter in chosen for one in [_read_anew(actor.tenant, letter)] if one is not None]
    report.still += len(chosen) - len(found)
    for room in ROOMS:
        mine = [pair for pair in found if pair[1].room == room]
        for start in range(0, len(mine), GROUP_MESSAGES_MAX):
            part = mine[start : start + GROUP_MESSAGES_MAX]
            key = f"{request_key}/{room}/{start}" if request_key else None
            _retry(actor, room, part, report, key)
    sequencing.after_commit(actor.tenant)
    return report


def _chosen(actor: Actor, messages: Sequence[str] | None) -> list[DeadLetter]:
    if messages is None:
        sql = (
            f"SELECT {_COLUMNS} FROM messages_dead_letter WHERE tenant = %s AND until_entry IS NULL "
            "ORDER BY entry, place LIMIT %s"
        )
        return [DeadLetter(*row) for row in reading.fetch(sql, (actor.tenant, RETRIED_MAX))]
    if len(messages) > RETRIED_MAX:
        raise Invalid(
            "messages.too_many_retried", f"At most {RETRIED_MAX:,} are retried at once.", {}, "Retry them in parts."
        )
    found = [dead_letter(actor, message) for message in dict.fromkeys(messages)]
    closed = next((one for one in found if one.closed_by is not None), None)
    if closed:
        raise Conflict(
            "messages.dead_letter_closed",
            f"This message was recorded by entry {closed.closed_by}.",
            {"message": closed.message, "entry": closed.closed_by},
            "Nothing is left to retry.",
        )
    return sorted(found, key=lambda one: (one.entry, one.place))


def _read_anew(tenant: int, letter: DeadLetter) -> Arrived | None:
    """The message read from its kept bytes; None where they were erased, or hold other messages than before."""
    try:
        kept = segments.message_in(tenant, letter.evidence, letter.place)
    except AsbuiltError as refusal:
        _log.warning("dead letter %s cannot be read: %s", letter.message, refusal)
        return None
    found = arrived(kept.raw, parse_instant(kept.received_at), kept.origin, live=False)
    if len(found) != 1:
        return None
    found[0].identity = bytes.fromhex(letter.message)
    return found[0]


def _retry(actor: Actor, room: str, pairs, report: RetryReport, key: str | None) -> None:
    letters, messages = [letter for letter, _ in pairs], [one for _, one in pairs]
    try:
        until_taken(messages, lambda refused: _attempt(actor, room, letters, messages, refused, report, key))
    except _Nothing:
        report.still += len(pairs)
        report.causes.update(letter.cause for letter in letters)
    except AlreadyRecorded as before:
        report.entries.append(before.number)
    except (*OURS, AsbuiltError):
        raise
    except Exception:
        if len(pairs) == 1:
            _log.exception("retrying %s broke", letters[0].message)
            report.still += 1
            report.causes[letters[0].cause] += 1
            return
        for n, pair in enumerate(pairs):
            _retry(actor, room, [pair], report, f"{key}/{n}" if key else None)


def _attempt(actor: Actor, room: str, letters, messages, refused, report: RetryReport, key: str | None) -> None:
    content = digest(*(letter.message.encode() for letter in letters))
    with recording(actor, events.RETRIED, request_key=key, content=content) as entry:
        uses, found = work_through(entry, room, messages, range(len(messages)), refused, lambda text: None)
        changed = [
            n for n, letter in enumerate(letters) if uses[n] != DEAD or _told(found[n]) != (letter.cause, letter.detail)
        ]
        if not changed:
            raise _Nothing
        for sha256 in sorted({letters[n].evidence for n in changed}):
            segments.rest_on(entry, sha256)
        _write(entry, [(letters[n], uses[n], found.get(n)) for n in changed])
        entry.notes = {"retried": len(letters), "mended": sum(use != DEAD for use in uses.values()), **reader_of(room)}
    report.mended += sum(use != DEAD for use in uses.values())
    report.still += len(found)
    report.causes.update(error.code for error in found.values())
    report.entries.append(entry.number)


def _told(error: AsbuiltError) -> tuple[str, str]:
    return error.code, error.as_text()[:DETAIL_CHARACTERS_MAX]


def _write(entry: Entry, changed: Sequence[tuple[DeadLetter, str, AsbuiltError | None]]) -> None:
    texts, ids, closed, altered = [], [], [], []
    for letter, use, error in changed:
        cause, detail = _told(error) if error else ("", "")
        row = [letter.message, use, cause, detail]
        texts.append(row_text(row))
        ids.append(fact_bytes("retry", row))
        if use == DEAD:
            altered.append((cause, detail, entry.tenant, letter.message))
        else:
            closed.append((entry.number, entry.tenant, letter.message))
    entry.facts(RETRY).add(texts, ids)
    bulk.run_many("UPDATE messages_dead_letter SET until_entry = %s WHERE tenant = %s AND message = %s", closed)
    bulk.run_many("UPDATE messages_dead_letter SET cause = %s, detail = %s WHERE tenant = %s AND message = %s", altered)
