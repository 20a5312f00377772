"""Read anew, by the reader of today, what machines said of tests and inspections: runs that an older reader took otherwise go, those of now come.

    reread_messages(actor, machine="AOI-2", since=…, until=…, reason="a repaired finding is no false call")

Messages are kept byte for byte, and the entry that recorded them notes the reader. What such a run was recorded as, that its message does not say (unit,
plan, version, station, operator), stays; outcome, measurements, findings and times are what the message says by the reader of today. An
entry withdraws and records them together, so nothing is lost: as of a moment before, and in the log, a run stands as it was read then. Runs that people
withdrew or corrected stay as people left them. A message that cannot be recorded so, such as a PASS that has no evidence by now, and a run
that is not found again, are told and left as they were.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import FACT_WITHDRAW, MESSAGE_RECORD
from asbuilt.built.exchange.correcting import Anew
from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.resolving import Withdraw
from asbuilt.built.exchange.withdrawing import choose, finish, refuse_many, take_away
from asbuilt.built.messages.events import MESSAGES_REREAD, RECORDED, RETRIED
from asbuilt.built.messages.handlers import QUALITY
from asbuilt.built.messages.judging import MachineTests
from asbuilt.built.messages.machines import floor_name
from asbuilt.built.messages.runs_of_segments import Reading, Run, Segment
from asbuilt.built.messages.segments import rest_on
from asbuilt.built.messages.work import instant_text
from asbuilt.built.quality.events import TEST
from asbuilt.formats.cfx import testing
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import Invalid, NotFound, RowError, Sealed
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import reading

SEGMENTS_MAX = 10_000
RUNS_AN_ENTRY_MAX = 2_000
TOLD_MAX = 100
FILE = "messages"
_OUTCOME, _STARTED, _FINISHED, _MEASURED = (
    TABLES["tests"].columns.index(name) for name in ("outcome", "started_at", "finished_at", "measurements")
)


@dataclass
class MessagesReread:
    """What became of them: the reader of today, messages looked at, runs withdrawn and recorded, runs left as people decided, runs that were
    not found again, what was refused and left as it was (both in words, the first hundred), the entries."""

    reader: str = testing.VERSION
    messages: int = 0
    withdrawn: int = 0
    stored: int = 0
    left: int = 0
    lost: int = 0
    refused: int = 0
    told: list[str] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)

    def tell(self, said: str) -> None:
        """What a person should know, up to a hundred lines."""
        if len(self.told) < TOLD_MAX:
            self.told.append(said)


@dataclass(frozen=True)
class _Change:
    """A run that its message says otherwise by now."""

    segment: str
    said: Reading
    run: Run


def reread_messages(
    actor: Actor, *, reason: str, machine: str = "", since: int | None = None, until: int | None = None
) -> MessagesReread:
    """Read the tests and inspections of messages anew that came in [since, until) and were read by an older reader, of one machine (its handle, or
    what the floor calls it) where it is named. A second time does nothing.

    Invalid: no reason; more than 10,000 groups of messages. NotFound: no such machine.
    """
    actor.require(FACT_WITHDRAW)
    actor.require(MESSAGE_RECORD)
    person, at = badge(actor) or actor.label, clock.now()
    refuse_many([Withdraw("0" * 16, reason, person, at)])
    handles = _handles(actor.tenant, machine)
    found, waiting, claimed = MessagesReread(reader=testing.VERSION), [], set()
    for sha256 in _segments(actor.tenant, since, until):
        waiting += _changes(actor.tenant, sha256, handles, claimed, found)
        if len(waiting) >= RUNS_AN_ENTRY_MAX:
            _apply(actor, waiting, reason, (person, at), found)
            waiting = []
    _apply(actor, waiting, reason, (person, at), found)
    sequencing.after_commit(actor.tenant)
    return found


def _handles(tenant: int, machine: str) -> frozenset[str]:
    """The handles of a machine; none where all are meant."""
    if not machine:
        return frozenset()
    sql = "SELECT DISTINCT handle FROM messages_machine_count WHERE tenant = %s"
    found = {handle for (handle,) in reading.fetch(sql, (tenant,)) if machine in (handle, floor_name(tenant, handle))}
    if not found:
        raise NotFound(
            "messages.machine_unknown",
            f"No machine called {machine[:80]} sent a message.",
            {"machine": machine[:80]},
            "Look at the page Machines.",
        )
    return frozenset(found)


def _segments(tenant: int, since: int | None, until: int | None) -> list[str]:
    """Segments whose tests an older reader read, in the order in which they came. One statement."""
    sql = (
        "SELECT v.sha256, e.body FROM ledger_entry e JOIN ledger_entry_facts f ON f.tenant = e.tenant AND f.entry = e.number AND f.shape = %s "
        "JOIN ledger_entry_evidence v ON v.tenant = e.tenant AND v.entry = e.number "
        "WHERE e.tenant = %s AND e.type IN (%s, %s) AND e.recorded_at >= %s AND e.recorded_at < %s ORDER BY e.number, v.sha256"
    )
    window = (since or 0, 2**62 if until is None else until)
    rows = reading.fetch(sql, (TEST.name, tenant, RECORDED.format(room=QUALITY), RETRIED, *window))
    older = [sha256 for sha256, body in rows if json.loads(body).get("facts", {}).get("reader") != testing.VERSION]
    found = list(dict.fromkeys(older))
    if len(found) > SEGMENTS_MAX:
        raise Invalid(
            "messages.too_many_reread",
            f"{len(found):,} groups of messages are more than {SEGMENTS_MAX:,}.",
            {"groups": len(found)},
            "Read them anew in parts: say since when and until when.",
        )
    return found


def _changes(
    tenant: int, sha256: str, handles: frozenset[str], claimed: set[str], found: MessagesReread
) -> list[_Change]:
    try:
        one = Segment(tenant, sha256, lambda handle: not handles or handle in handles, MESSAGES_REREAD, claimed)
    except Sealed:
        found.tell(f"The messages {sha256[:16]} were erased.")
        return []
    found.messages += one.messages
    found.refused += len(one.refused)
    for message, why in one.refused:
        found.tell(f"Message {message}: {why.message}")
    pairs, lost = one.matched()
    found.lost += len(lost)
    for each in lost:
        found.tell(f"Message {each.message}: the run that ended at {instant_text(each.ended)} is not found again.")
    found.left += sum(not run.stands for _, run in pairs)
    return [
        _Change(sha256, said, run)
        for said, run in pairs
        if run.stands and (run.said != (said.outcome, said.measurements) or not said.is_of(run))
    ]


def _apply(actor: Actor, changes: Sequence[_Change], reason: str, by: tuple[str, int], found: MessagesReread) -> None:
    """Record what these say now; where the record refuses some, all but those."""
    while changes:
        with_errors = _attempt(actor, changes, reason, by, found)
        if not with_errors:
            return
        for n, why in sorted(with_errors.items()):
            found.tell(f"Message {changes[n].said.message}: {why.reason.removesuffix('.')}.")
        found.refused += len(with_errors)
        changes = [one for n, one in enumerate(changes) if n not in with_errors]


class _Refused(Exception):
    """Some rows were refused: the transaction is undone."""

    def __init__(self, rows: dict[int, RowError]):
        super().__init__(len(rows))
        self.rows = rows


def _attempt(
    actor: Actor, changes: Sequence[_Change], reason: str, by: tuple[str, int], found: MessagesReread
) -> dict[int, RowError]:
    try:
        with recording(actor, MESSAGES_REREAD) as entry:
            errors, contradictions = ErrorList(len(changes)), ErrorList(len(changes))
            chosen, _ = choose(entry.tenant, [Withdraw(one.run.ident, reason, *by) for one in changes])
            rows = list(_rows(entry.tenant, changes))
            taken = take_away(entry, chosen)
            intake = type("Anew", (Anew, MachineTests), {})(entry, FILE, errors, contradictions, found.tell)
            if rows:
                intake.take([n for n, _ in rows], [cells for _, cells in rows])
            intake.finish()
            wrong = {row.line: row for row in (*errors.rows, *contradictions.rows)}
            if wrong:
                raise _Refused(wrong)
            finish(entry, chosen, taken)
            for sha256 in sorted({one.segment for one in changes}):
                rest_on(entry, sha256)
            entry.notes = {"reader": testing.VERSION, "recorded": intake.stored, "withdrawn": len(chosen)}
    except _Refused as refused:
        return refused.rows
    found.withdrawn += len(chosen)
    found.stored += intake.stored
    found.entries.append(entry.number)
    return {}


def _rows(tenant: int, changes: Sequence[_Change]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(place of the change, the run's row with what its message says now); none where it is no run any more."""
    before = FactCells(tenant).rows([(one.run.fact, one.run.fact.units) for one in changes])
    for n, (one, row) in enumerate(zip(changes, before, strict=True)):
        if not one.said.outcome:
            continue
        cells = list(row)
        cells[_OUTCOME], cells[_MEASURED] = one.said.outcome, one.said.measurements
        cells[_FINISHED] = instant_text(one.said.ended)
        if one.said.begun is not None:
            cells[_STARTED] = instant_text(one.said.begun)
        yield n, tuple(cells)
