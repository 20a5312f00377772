"""Read a file anew that was taken by a mapping that has been corrected since, or by an older reader of its format: its rows of then go, its
rows of now come.

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
from asbuilt.built.messages.file_readers import FileReader, kind_read_by, mapped, mapping_for, results_reader
from asbuilt.built.messages.machine_files import INTAKES, FileRow, FileSeen, refuse_kind, with_orders, write_file
from asbuilt.built.messages.refused_files import machine_file
from asbuilt.built.messages.rows_of_files import Rows, rows_recorded
from asbuilt.built.messages.sub_units import SubUnits
from asbuilt.built.production.mappings import mapping_as_said
from asbuilt.formats.machine_files import Inside
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


def reread_file(actor: Actor, file: str, *, reason: str, kind: str = "") -> FileReread:
    """Read a taken file by the mapping, or reader, of today; nothing is recorded where that is what it was read by.

    `kind` names a format of results, for a file that a mapping read so far.

    NotFound: no such file, or no mapping. Refused: not taken yet; rows not found any more. Invalid: wrong cells. Sealed.
    """
    actor.require(FACT_WITHDRAW)
    actor.require(MESSAGE_RECORD)
    row = machine_file(actor, file)
    _refuse_not_taken(row)
    refuse_kind(kind)
    reader = _reader_of_today(actor.tenant, row, kind)
    if reader.version == row.mapping:
        return FileReread(row.file, row.mapping, 0, 0, 0, None)
    payload = b"".join(evidence.open_evidence(actor.tenant, row.file))
    becomes, now, inside = _rows(actor.tenant, row, payload, reader)
    before = rows_recorded(actor.tenant, row.file, now)
    if not kind_read_by(row.mapping):
        before |= _rows(actor.tenant, row, payload, mapped(mapping_as_said(actor.tenant, row.mapping)))[1]
    person, at = badge(actor) or actor.label, clock.now()
    kept = evidence.evidence_row(actor.tenant, row.file)
    with recording(actor, FILE_REREAD) as entry:
        standing, wanted = _standing(entry, before, now)
        asked = [Withdraw(fact, reason, person, at) for fact in before if fact in standing and fact not in now]
        refuse_many(asked or [Withdraw("0" * 16, reason, person, at)])
        chosen, _ = choose(entry.tenant, asked)
        taken = take_away(entry, chosen)
        left = {line for line, *_ in wanted.values()}
        stored = _record(entry, row, becomes, wanted, [one for one in inside if one.line in left])
        finish(entry, chosen, taken)
        seen = FileSeen(row.file, row.name, TAKEN, reader.machine or row.machine, reader.version, becomes, len(now))
        seen.stored = stored
        said = (kept.sha256, kept.size, kept.stored_sha256, kept.evidence_class, kept.file_name, kept.key)
        write_file(entry, evidence.Kept(entry.tenant, *said), seen, row.size)
    sequencing.after_commit(actor.tenant)
    return FileReread(row.file, reader.version, len(chosen), stored, len(now) - len(wanted), entry.number)


def _refuse_not_taken(row: FileRow) -> None:
    if row.use != TAKEN:
        raise Refused(
            "messages.file_not_taken",
            f"{row.name} was not taken yet.",
            {"file": row.file, "cause": row.cause},
            "Retry it.",
        )


def _reader_of_today(tenant: int, row: FileRow, kind: str) -> FileReader:
    kind = kind or kind_read_by(row.mapping)
    return results_reader(tenant, kind, row.file) if kind else mapped(mapping_for(tenant, row.name, row.machine))


def _rows(tenant: int, row: FileRow, payload: bytes, reader: FileReader) -> tuple[str, Rows, list[Inside]]:
    """(table, its rows, what is inside the units); times that lay ahead are laid to when the file came, as they were then."""
    errors = ErrorList()
    table, found = reader.read(payload, row.name, row.received_at, errors)
    errors.raise_if_any(row.name)
    width = TABLES[table].fact_width
    rows = with_orders(tenant, table, found.rows)
    return (
        table,
        {
            fact_bytes(table, cells[:width]).hex(): (line, table, cells)
            for line, cells in zip(found.lines, rows, strict=True)
        },
        found.inside,
    )


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


def _record(entry: Entry, row: FileRow, becomes: str, wanted: Rows, inside: list[Inside]) -> int:
    errors, contradictions = ErrorList(), ErrorList()
    intake = type("Anew", (Anew, INTAKES[becomes]), {})(entry, row.name, errors, contradictions, lambda text: None)
    if wanted:
        lines, _, rows = zip(*wanted.values(), strict=True)
        intake.take(lines, rows)
    intake.finish()
    links = SubUnits(entry, row.name, errors, contradictions, lambda text: None).take(inside) if inside else 0
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
    return intake.stored + links
