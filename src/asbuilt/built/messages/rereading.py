"""Read a file anew that was taken by a mapping that has been corrected since: its rows of then go, its rows of now come.

    reread_file(actor, "9f2c…", reason="zone 5 stood in the column of zone 6")

One entry withdraws what the file said by the mapping it was read by and no longer says, and records what it says now. Rows
that are the same stay; those that people withdrew or corrected stay as people left them. Refused: a file whose rows of then are
not found any more, because units or orders are called otherwise.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import FACT_WITHDRAW, MESSAGE_RECORD
from asbuilt.built.exchange.correcting import Anew
from asbuilt.built.exchange.resolving import FactFinder, Withdraw
from asbuilt.built.exchange.withdrawing import choose, finish, refuse_many, take_away
from asbuilt.built.messages.events import FILE_REREAD, TAKEN
from asbuilt.built.messages.file_readers import mapping_for
from asbuilt.built.messages.machine_files import INTAKES, FileRow, FileSeen, with_orders, write_file
from asbuilt.built.messages.refused_files import machine_file
from asbuilt.built.production.mappings import MappingRow, mapping_as_said
from asbuilt.formats.machine_files import read_machine_file
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import Conflict, Refused
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.intake import fact_bytes
from asbuilt.ledger.recording import Entry, recording
from asbuilt.storage import reading

LOOKED_UP = 500


@dataclass(frozen=True)
class FileReread:
    """What became of a file: the mapping it is read by now, facts withdrawn and recorded, rows left as people decided, the
    entry (None: nothing changed).
    """

    file: str
    mapping: str
    withdrawn: int
    stored: int
    left: int
    entry: int | None


def reread_file(actor: Actor, file: str, *, reason: str) -> FileReread:
    """Read a taken file by the mapping of today; nothing is recorded where that is the mapping it was read by.

    NotFound: no such file, or no mapping. Refused: not taken yet; rows not found any more. Invalid: wrong cells. Sealed.
    """
    actor.require(FACT_WITHDRAW)
    actor.require(MESSAGE_RECORD)
    row = machine_file(actor, file)
    _refuse_not_taken(row)
    mapping = mapping_for(actor.tenant, row.name, row.machine)
    if mapping.version == row.mapping:
        return FileReread(row.file, row.mapping, 0, 0, 0, None)
    payload = b"".join(evidence.open_evidence(actor.tenant, row.file))
    before = _rows(actor.tenant, row, payload, mapping_as_said(actor.tenant, row.mapping))
    now = _rows(actor.tenant, row, payload, mapping)
    person, at = badge(actor) or actor.label, clock.now()
    kept = evidence.evidence_row(actor.tenant, row.file)
    with recording(actor, FILE_REREAD) as entry:
        standing, wanted = _standing(entry, before, now)
        asked = [Withdraw(fact, reason, person, at) for fact in before if fact in standing and fact not in now]
        refuse_many(asked or [Withdraw("0" * 16, reason, person, at)])
        chosen, _ = choose(entry.tenant, asked)
        taken = take_away(entry, chosen)
        stored = _record(entry, row, mapping, wanted)
        finish(entry, chosen, taken)
        seen = FileSeen(
            row.file, row.name, TAKEN, mapping.cells["machine"], mapping.version, mapping.cells["becomes"], len(now)
        )
        seen.stored = stored
        said = (kept.sha256, kept.size, kept.stored_sha256, kept.evidence_class, kept.file_name, kept.key)
        write_file(entry, evidence.Kept(entry.tenant, *said), seen, row.size)
    sequencing.after_commit(actor.tenant)
    return FileReread(row.file, mapping.version, len(chosen), stored, len(now) - len(wanted), entry.number)


def _refuse_not_taken(row: FileRow) -> None:
    if row.use != TAKEN:
        raise Refused(
            "messages.file_not_taken",
            f"{row.name} was not taken yet.",
            {"file": row.file, "cause": row.cause},
            "Retry it.",
        )


Rows = dict[str, tuple[int, str, tuple[str, ...]]]
"""Fact id -> line of the file, table, cells."""


def _rows(tenant: int, row: FileRow, payload: bytes, mapping: MappingRow) -> Rows:
    errors = ErrorList()
    found = read_machine_file(payload, row.name, mapping.read(), errors)
    errors.raise_if_any(row.name)
    table = mapping.cells["becomes"]
    width = TABLES[table].fact_width
    rows = with_orders(tenant, table, found.rows)
    return {
        fact_bytes(table, cells[:width]).hex(): (line, table, cells)
        for line, cells in zip(found.lines, rows, strict=True)
    }


def _standing(entry: Entry, before: Rows, now: Rows) -> tuple[set[str], Rows]:
    """The facts of either that stand, and the rows of now without those that people withdrew or corrected."""
    both = set(before) | set(now)
    standing = FactFinder(entry.tenant, both).standing()
    by_people = _withdrawn(entry.tenant, both, by_people=True) - standing
    lost = sorted(set(before) - standing - _withdrawn(entry.tenant, set(before), by_people=False))
    if lost:
        raise Refused(
            "messages.file_rows_lost",
            f"{len(lost)} rows that the file gave are not found under its units any more.",
            {"facts": lost[:20]},
            "Correct what is wrong fact by fact.",
        )
    lines = {before[fact][0] for fact in by_people & set(before)}
    return standing, {fact: row for fact, row in now.items() if row[0] not in lines and fact not in by_people}


def _withdrawn(tenant: int, facts: set[str], *, by_people: bool) -> set[str]:
    """Those that were withdrawn, by people only or also by reading anew."""
    listed, found = [bytes.fromhex(fact) for fact in sorted(facts)], set()
    for start in range(0, len(listed), LOOKED_UP):
        part = listed[start : start + LOOKED_UP]
        sql = (
            "SELECT DISTINCT w.fact FROM ledger_withdrawal w JOIN ledger_entry e ON e.tenant = w.tenant AND e.number = w.entry "
            f"WHERE w.tenant = %s AND w.fact IN ({','.join(['%s'] * len(part))}) AND e.type <> %s"
        )
        rows = reading.fetch(sql, (tenant, *part, FILE_REREAD if by_people else ""))
        found.update(bytes(fact).hex() for (fact,) in rows)
    return found


def _record(entry: Entry, row: FileRow, mapping: MappingRow, wanted: Rows) -> int:
    errors, contradictions = ErrorList(), ErrorList()
    intake = type("Anew", (Anew, INTAKES[mapping.cells["becomes"]]), {})(
        entry, row.name, errors, contradictions, lambda text: None
    )
    if wanted:
        lines, _, rows = zip(*wanted.values(), strict=True)
        intake.take(lines, rows)
    intake.finish()
    errors.raise_if_any(row.name)
    if contradictions.total:
        raise Conflict(
            "tables.contradicts",
            f"{row.name}: rows contradict what was recorded before; nothing was changed.",
            {"file": row.name},
            "Withdraw the recorded facts, then read it anew.",
            rows=contradictions.rows,
            total=contradictions.total,
        )
    return intake.stored
