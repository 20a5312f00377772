"""Groups: messages recorded together, each group of one room in one transaction, one entry, one segment of evidence.

    report = record_messages(actor, arrived)      afterwards every message is recorded, or known, or a dead letter

- A message that was recorded before does nothing. It is known by its identity, inside the same transaction.
- A message that cannot be recorded is a dead letter in the same entry, with its cause; nothing of it is applied.
- Where an intake refuses a row, the group is recorded anew without that message; where recording breaks in a way that
  nobody foresaw, the group is halved until the message is alone, and that one is a dead letter.
- What fails for reasons of ours (disk, database) is raised: nothing was recorded, nothing may be acknowledged.
"""

import io
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MESSAGE_RECORD
from asbuilt.built.messages import events, segments
from asbuilt.built.messages.arriving import Arrived
from asbuilt.built.messages.clocks import CLOCK_BEHIND, Heard
from asbuilt.built.messages.events import DEAD, KEPT
from asbuilt.built.messages.handlers import HANDLERS, LAST, QUALITY, ROOMS
from asbuilt.built.messages.known import known_messages
from asbuilt.built.messages.mounted import materials
from asbuilt.built.messages.placing import package_codes
from asbuilt.built.messages.work import Again, Work
from asbuilt.built.messages.writing import write_messages
from asbuilt.formats.cfx import testing
from asbuilt.formats.cfx.bodies import identifiers_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import Entry, recording

GROUP_MESSAGES_MAX = 500
GROUP_BYTES_MAX = 32 << 20
CAUSES_LISTED_MAX = 20
WARNINGS_MAX = 100
OURS = (Unavailable, Tampered, OperationalError, InterfaceError, OSError, MemoryError)
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass
class Report:
    """What became of messages: by use, how many were known, the causes of dead letters, warnings, entries."""

    uses: Counter = field(default_factory=Counter)
    known: int = 0
    causes: Counter = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    flags: Counter = field(default_factory=Counter)
    kept: Counter = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return sum(self.uses.values()) + self.known

    def add(self, other: "Report") -> None:
        """Put two reports together."""
        self.uses += other.uses
        self.known += other.known
        self.causes += other.causes
        self.flags += other.flags
        self.kept += other.kept
        self.details = (self.details + other.details)[:CAUSES_LISTED_MAX]
        self.warnings = (self.warnings + other.warnings)[:WARNINGS_MAX]
        self.entries += other.entries


class _Nothing(Exception):
    """Every message was known: the transaction is left without a trace."""


def record_messages(actor: Actor, arrived: Sequence[Arrived]) -> Report:
    """Record these messages, in groups, in the order in which rooms build on each other. At least once in, once recorded."""
    actor.require(MESSAGE_RECORD)
    report = Report()
    first: dict[bytes, Arrived] = {}
    for one in arrived:
        if first.setdefault(one.identity, one) is not one:
            report.known += 1
    for group in _groups(list(first.values())):
        for room in ROOMS:
            mine = [one for one in group if one.room == room]
            if mine:
                report.add(_record(actor, room, mine))
    sequencing.after_commit(actor.tenant)
    return report


def _groups(messages: list[Arrived]) -> list[list[Arrived]]:
    groups: list[list[Arrived]] = []
    size = 0
    for one in messages:
        if not groups or len(groups[-1]) >= GROUP_MESSAGES_MAX or size + len(one.raw) > GROUP_BYTES_MAX:
            groups.append([])
            size = 0
        groups[-1].append(one)
        size += len(one.raw)
    return groups


def _record(actor: Actor, room: str, messages: list[Arrived]) -> Report:
    known = known_messages(actor.tenant, [one.identity for one in messages])
    fresh = [one for one in messages if one.identity not in known]
    if not fresh:
        return Report(known=len(messages))
    try:
        report = _record_group(actor, room, fresh)
    except (*OURS, AsbuiltError):
        raise
    except Exception as broken:
        # a bug of ours, or data that the database will not have: found by halving, so that it stops nobody else
        if isinstance(broken, DatabaseError) and not isinstance(broken, OURS):
            _log.warning("recording %d messages broke: %s", len(fresh), broken)
        else:
            _log.exception("recording %d messages broke", len(fresh))
        report = _halved(actor, room, fresh)
    report.known += len(messages) - len(fresh)
    return report


def _halved(actor: Actor, room: str, messages: list[Arrived]) -> Report:
    if len(messages) == 1:
        messages[0].refused = Invalid(
            "messages.broke_recording",
            "Recording this message broke on our side; it is kept as it came.",
            {"name": messages[0].name},
            "Tell support, with the message; retry after the next version.",
        )
        return _record(actor, messages[0].room, messages)
    middle = len(messages) // 2
    report = _record(actor, room, messages[:middle])
    report.add(_record(actor, room, messages[middle:]))
    return report


def _record_group(actor: Actor, room: str, messages: list[Arrived]) -> Report:
    packed = segments.packed([(one.received_at, one.origin, one.raw) for one in messages])
    name = f"cfx-{room}-{format_instant(messages[0].received_at)}.gz"
    kept = evidence.keep(actor.tenant, io.BytesIO(packed), name, segments.CLASS)
    try:
        return until_taken(messages, lambda refused: _attempt(actor, room, messages, kept, refused))
    except _Nothing:
        return Report(known=len(messages))
    finally:
        if not kept.recorded:
            evidence.forget(kept)


def until_taken(messages: Sequence[Arrived], attempt: Callable[[dict[int, AsbuiltError]], T]) -> T:
    """Attempt to record messages; where intakes refuse rows, anew without the messages that gave them."""
    refused = {n: one.refused for n, one in enumerate(messages) if one.refused}
    while True:
        try:
            return attempt(refused)
        except Again as again:
            if again.refused.keys() <= refused.keys():
                raise RuntimeError(f"rows without a message were refused: {again.refused}") from None
            refused = refused | again.refused


def _attempt(actor: Actor, room: str, messages, kept, refused: dict[int, AsbuiltError]) -> Report:
    report = Report()
    kept.recorded = False
    with recording(actor, events.RECORDED.format(room=room)) as entry:
        known = known_messages(actor.tenant, [one.identity for one in messages])
        taken = [n for n, one in enumerate(messages) if one.identity not in known]
        if not taken:
            raise _Nothing
        uses, causes = work_through(entry, room, messages, taken, refused, report.warnings.append)
        kept.record(entry)
        write_messages(entry, [(n, messages[n], uses[n], causes.get(n)) for n in taken], kept.sha256)
        report.uses = Counter(uses.values())
        entry.notes = {"messages": len(taken), **report.uses, **reader_of(room)}
    report.known, report.entries = len(known), [entry.number]
    report.causes = Counter(error.code for error in causes.values())
    report.details = [f"{messages[n].name or 'a payload'}: {error.message}" for n, error in causes.items()]
    report.details = report.details[:CAUSES_LISTED_MAX]
    report.flags = Counter(messages[n].flag for n in taken if messages[n].flag)
    report.kept = Counter(messages[n].name for n in taken if uses[n] == KEPT)
    return report


def reader_of(room: str) -> dict[str, str]:
    """What an entry notes of the reader of what tests said, so that they can be read anew by a newer one."""
    return {"reader": testing.VERSION} if room == QUALITY else {}


def work_through(
    entry: Entry, room: str, messages: Sequence[Arrived], taken: Iterable[int], refused: dict[int, AsbuiltError], warn
) -> tuple[dict[int, str], dict[int, AsbuiltError]]:
    """Do what the messages at these places say, all of it in the entry; returns the use of each, and the causes of dead
    ones. Raises Again where an intake refused rows."""
    work, uses, causes = Work(entry, warn), {}, {}
    _look_up(work, [messages[n] for n in taken])
    told = [one for one in (messages[n] for n in taken) if one.envelope and one.envelope.sent_at]
    heard = (Heard(one.name, one.happened_at, one.received_at, one.flag, one.live) for one in told)
    work.measure_clocks(zip((one.handle for one in told), heard, strict=True))
    for one in told:
        if one.live and not one.flag and work.behind(one.handle):
            one.flag = CLOCK_BEHIND
    for n in taken:
        one, cause = messages[n], refused.get(n)
        if cause is None and one.body is not None:
            work.begin(n, one.envelope, one.happened_at, one.received_at)
            try:
                uses[n] = HANDLERS[one.name].handle(work, one.body)
                continue
            except (Unavailable, Tampered):
                raise
            except AsbuiltError as refusal:
                cause = refusal
        uses[n] = KEPT if cause is None else DEAD
        if cause is not None:
            causes[n] = cause
    work.finish(LAST[room])
    return uses, causes


def _look_up(work: Work, messages: Sequence[Arrived]) -> None:
    """Identifiers, transactions and packages of the whole group at once."""
    bodies = [one.body for one in messages if one.body is not None]
    work.passes.load(getattr(body, "transaction", "") for body in bodies)
    work.places.load(text for body in bodies for text in identifiers_of(body))
    codes = {code for body in bodies for code in package_codes(body)}
    if codes:
        materials(work).packages.find(codes)
