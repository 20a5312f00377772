"""Files of machines that speak no CFX: taken by the mapping that fits their name, whole or not at all, each once.

    record_file(actor, "OVEN_17.csv", payload)                  -> FileSeen(use="taken", rows=24, …)
    try_file(actor, "OVEN_17.csv", payload, machine="OVEN-2")   what it would read; stores nothing

A file is known by the hash of its bytes: what was taken before does nothing. Its rows go through the intake of processes.csv
or tests.csv, so a row that was recorded before does nothing either, and a file that grew adds only what is new. What cannot be
taken is kept byte for byte with its cause, and taken by a retry once the mapping was mended or the unit is known. The entry
says by which version of the mapping it was read.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MACHINE_MAP, MESSAGE_RECORD
from asbuilt.built.exchange.withdrawn_rows import WithdrawnRows
from asbuilt.built.messages.events import FILE, FILE_REFUSED, FILE_TAKEN, REFUSED, TAKEN
from asbuilt.built.messages.file_readers import FileReader, mapped, reader_for
from asbuilt.built.messages.sub_units import SubUnits
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.mappings import MappingRow
from asbuilt.built.production.orders import Orders, UnitFinder
from asbuilt.built.quality.checked import CheckedTests
from asbuilt.formats.machine_files import FILE_BYTES_MAX, MachineRows
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results.reading import KINDS
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotAllowed, NotFound, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.intake import fact_bytes, row_text
from asbuilt.ledger.recording import Entry, recording
from asbuilt.storage import bulk, reading

EVIDENCE_CLASS = "machine"
DETAIL_CHARACTERS_MAX = 2_000
NAME_CHARACTERS_MAX = 200
WARNINGS_MAX = 100
INTAKES = {"processes": ProcessesIntake, "tests": CheckedTests}
COLUMNS = (
    "file", "name", "machine", "mapping", "becomes", "rows", "size", "use", "cause", "detail", "received_at", "entry",
    "taken_by",
)  # fmt: skip
SECOND = 1_000_000
STATION = {"tests": 3, "processes": 2}  # the column that says where a row arose


@dataclass(frozen=True)
class FileRow:
    """A file as the record has it. `entry` keeps it first; `taken_by` is the entry that took it, None while it is refused."""

    file: str
    name: str
    machine: str
    mapping: str
    becomes: str
    rows: int
    size: int
    use: str
    cause: str
    detail: str
    received_at: int
    entry: int
    taken_by: int | None


@dataclass
class FileSeen:
    """What became of a file now. `already` says that these bytes were taken, or refused for the same, before."""

    file: str
    name: str
    use: str
    machine: str = ""
    mapping: str = ""
    becomes: str = ""
    rows: int = 0
    stored: int = 0
    known: int = 0
    cause: str = ""
    detail: str = ""
    already: bool = False
    entry: int | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass
class FileTried:
    """What a file would give: its columns, its rows under the table's columns, what is wrong. Nothing of it was stored."""

    name: str
    machine: str
    becomes: str
    columns: list[str] = field(default_factory=list)
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    wrong: list = field(default_factory=list)
    wrong_total: int = 0
    warnings: list[str] = field(default_factory=list)


class _Known(Exception):
    """The file was taken before, or refused for the same: the transaction is left without a trace."""


def record_file(actor: Actor, name: str, payload: bytes, *, machine: str = "", kind: str = "") -> FileSeen:
    """Take a file by its mapping or as results of a format, or keep it refused with the cause; raises only where nothing could be kept.

    Invalid: a file larger than 16 MiB, which is not kept, or a name that is none.
    """
    actor.require(MESSAGE_RECORD)
    refuse_name(name, payload)
    refuse_kind(kind)
    file = sha256(payload).hexdigest()
    known = file_row(actor.tenant, file)
    if known and known.use == TAKEN:
        return seen_before(known)
    kept = stored(actor.tenant, file, name, payload)
    try:
        seen = _record(actor, name, payload, machine, kind, kept)
    finally:
        if not kept.recorded:
            evidence.forget(kept)
    sequencing.after_commit(actor.tenant)
    return seen


def stored(tenant: int, file: str, name: str, payload: bytes) -> evidence.Kept:
    """The bytes as evidence: those that lie there, or stored now."""
    try:
        row = evidence.evidence_row(tenant, file)
    except NotFound:
        row = None
    if row is None or row.key is None:
        return evidence.keep(tenant, io.BytesIO(payload), name, EVIDENCE_CLASS)
    return evidence.Kept(tenant, row.sha256, row.size, row.stored_sha256, row.evidence_class, row.file_name, row.key)


def stored_together(tenant: int, files: Sequence[tuple[str, str, bytes]]) -> list[evidence.Kept]:
    """The same of (hash, name, bytes) of several files; those of which none lies there are stored side by side."""
    there = evidence.known_hashes(tenant, [file for file, _, _ in files])
    fresh = [(payload, name) for file, name, payload in files if file not in there]
    kept = {one.sha256: one for one in evidence.keep_together(tenant, fresh, EVIDENCE_CLASS)}
    return [kept[file] if file in kept else stored(tenant, file, name, payload) for file, name, payload in files]


def refuse_name(name: str, payload: bytes) -> None:
    if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise Invalid(
            "messages.file_name",
            f"{name[:40]!a} is no name of a file that we take.",
            {"name": name[:NAME_CHARACTERS_MAX]},
            f"Give it up to {NAME_CHARACTERS_MAX} printable characters.",
        )
    if len(payload) > FILE_BYTES_MAX:
        raise Invalid(
            "messages.file_too_large",
            f"{name} has more than {FILE_BYTES_MAX:,} bytes.",
            {"file": name},
            "Give it in parts.",
        )


def seen_before(row: FileRow) -> FileSeen:
    said = (row.file, row.name, row.use, row.machine, row.mapping, row.becomes, row.rows)
    return FileSeen(*said, cause=row.cause, detail=row.detail, already=True, entry=row.taken_by or row.entry)


def _record(actor: Actor, name: str, payload: bytes, machine: str, kind: str, kept) -> FileSeen:
    seen = FileSeen(kept.sha256, name, TAKEN, machine)
    try:
        errors = ErrorList()
        reader = reader_for(actor.tenant, name, payload, kept.sha256, machine=machine, kind=kind)
        found = read_with(reader, payload, seen, clock.now(), errors)
        with recording(actor, FILE_TAKEN) as entry:
            _refuse_taken(actor.tenant, seen.file)
            _take(entry, found, errors, seen)
            write_file(entry, kept, seen, len(payload))
    except _Known:
        return seen_before(file_row(actor.tenant, kept.sha256))
    except (NotAllowed, Tampered, Unavailable):
        raise
    except AsbuiltError as cause:
        return _refuse(actor, kept, seen, len(payload), cause)
    return seen


def read_with(reader: FileReader, payload: bytes, seen: FileSeen, received_at: int, errors: ErrorList) -> MachineRows:
    """The rows of a file; `seen` then says by what it was read, what it becomes and whose it is: its one station where nobody said."""
    seen.machine, seen.mapping = reader.machine, reader.version
    seen.becomes, found = reader.read(payload, seen.name, received_at, errors)
    places = {row[STATION[seen.becomes]] for row in found.rows}
    if not seen.machine and len(places) == 1:
        seen.machine = places.pop()[:NAME_CHARACTERS_MAX]
    return found


def refuse_kind(kind: str) -> None:
    """Invalid for a format of results that there is none of."""
    if kind and kind not in KINDS:
        said = f"{kind[:40]!a} is no format of results."
        remedy = f"Formats are {', '.join(KINDS)}."
        raise Invalid("messages.kind_unknown", said, {"field": "kind", "value": kind[:40]}, remedy)


def _refuse_taken(tenant: int, file: str) -> None:
    known = file_row(tenant, file)
    if known and known.use == TAKEN:
        raise _Known


def _take(entry: Entry, found: MachineRows, errors: ErrorList, seen: FileSeen) -> None:
    table, contradictions = TABLES[seen.becomes], ErrorList()
    seen.warnings = list(found.warnings)
    intake = INTAKES[seen.becomes](entry, seen.name, errors, contradictions, lambda text: _warn(seen, text))
    rows = with_orders(entry.tenant, seen.becomes, found.rows)
    gone = WithdrawnRows(entry.tenant, table, (intake.shape, *intake.older))
    if rows:
        intake.take(found.lines, rows)
    for line in gone.among(found.lines, rows):
        _warn(seen, f"{seen.name} line {line}: the row was withdrawn before and stays withdrawn.")
    intake.finish()
    if found.inside:
        SubUnits(entry, seen.name, errors, contradictions, lambda text: _warn(seen, text)).take(found.inside)
    errors.raise_if_any(seen.name)
    if contradictions.total:
        raise Conflict(
            "tables.contradicts",
            f"{seen.name}: rows contradict what was recorded before; none was stored.",
            {"file": seen.name, "rows": len(rows)},
            "Withdraw the recorded facts, then retry.",
            rows=contradictions.rows,
            total=contradictions.total,
        )
    seen.rows, seen.stored, seen.known = len(rows), intake.stored, intake.known


def _warn(seen: FileSeen, text: str) -> None:
    if len(seen.warnings) < WARNINGS_MAX:
        seen.warnings.append(text)


def with_orders(tenant: int, becomes: str, rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows with the order of their first unit where a machine does not know it. Two statements."""
    wanted = {row[4] for row in rows if not row[0]} if becomes == "processes" else set()
    if not wanted:
        return rows
    orders = Orders(tenant)
    units = UnitFinder(tenant, orders).find(wanted)
    of = {text: {order.code for unit in found if (order := orders.of_unit(unit))} for text, found in units.items()}
    # a serial number that names units of several orders, or none, is refused by the intake, which names the column
    return [(next(iter(of[row[4]])), *row[1:]) if not row[0] and len(of.get(row[4], ())) == 1 else row for row in rows]


def write_file(entry: Entry, kept, seen: FileSeen, size: int) -> None:
    """The entry rests on the bytes, says what became of them, and the list of files says it too."""
    kept.record(entry)
    write_files(entry, [(seen, size)], file_rows(entry.tenant, [seen.file]))


def write_files(entry: Entry, files: Sequence[tuple[FileSeen, int]], before: dict[str, FileRow]) -> None:
    """The same for many files of (what became of it, bytes), whose bytes the entry rests on already."""
    received = entry.recorded_at // SECOND * SECOND
    texts, ids, rows = [], [], []
    for seen, size in files:
        known = before.get(seen.file)
        first = (known.received_at, known.entry) if known else (received, entry.number)
        said = [
            seen.file, seen.name, seen.machine, seen.mapping, seen.becomes, seen.rows, size, seen.use, seen.cause, seen.detail,
        ]  # fmt: skip
        row = [*said, format_instant(received)]
        texts.append(row_text(row))
        ids.append(fact_bytes("file", [str(cell) for cell in row]))
        rows.append((entry.tenant, *said, *first, entry.number if seen.use == TAKEN else None))
        seen.entry = entry.number
    entry.facts(FILE).add(texts, ids)
    if before:
        updated = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:10] + COLUMNS[12:])
        sql = (
            f"INSERT INTO messages_file (tenant, {', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * 14)}) "
            f"ON CONFLICT (tenant, file) DO UPDATE SET {updated}"
        )
        bulk.run_many(sql, rows)
    else:  # read in this transaction, which is the tenant's only one
        bulk.insert_rows("messages_file", ("tenant", *COLUMNS), rows)
    seen, _ = files[0]
    entry.notes = {
        "file": seen.name, "machine": seen.machine, "mapping": seen.mapping, "rows": sum(one.rows for one, _ in files),
        "stored": sum(one.stored for one, _ in files), "use": seen.use,
    }  # fmt: skip
    if len(files) > 1:
        entry.notes["files"] = len(files)


def _refuse(actor: Actor, kept, seen: FileSeen, size: int, cause: AsbuiltError) -> FileSeen:
    seen.use, seen.rows, seen.stored, seen.known, seen.warnings = REFUSED, 0, 0, 0, []
    seen.cause, seen.detail = cause.code, cause.as_text()[:DETAIL_CHARACTERS_MAX]
    kept.recorded = False
    try:
        with recording(actor, FILE_REFUSED) as entry:
            known = file_row(actor.tenant, seen.file)
            if known and (known.use == TAKEN or (known.cause, known.detail) == (seen.cause, seen.detail)):
                raise _Known
            write_file(entry, kept, seen, size)
    except _Known:
        return seen_before(file_row(actor.tenant, seen.file))
    return seen


def file_rows(tenant: int, files: Sequence[str]) -> dict[str, FileRow]:
    """Hash -> the file, of those of these that are known. One statement."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM messages_file WHERE tenant = %s AND " + reading.any_of("file", "text")
    return {row[0]: FileRow(*row) for row in reading.fetch(sql, (tenant, reading.list_param(files)))}


def file_row(tenant: int, file: str) -> FileRow | None:
    """The file of this hash, or None. One statement."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM messages_file WHERE tenant = %s AND file = %s"
    row = reading.fetch_one(sql, (tenant, file))
    return FileRow(*row) if row else None


def try_file(
    actor: Actor,
    name: str,
    payload: bytes,
    *,
    machine: str = "",
    kind: str = "",
    mapping: MappingRow | None = None,
    most: int = 20,
) -> FileTried:
    """What a file would give by its mapping, or by one that is not recorded yet; the first `most` rows. Stores nothing.

    Invalid, NotFound, Refused as `record_file` keeps them; wrong cells are listed.
    """
    actor.require(MACHINE_MAP)
    refuse_name(name, payload)
    reader = (
        mapped(mapping)
        if mapping
        else reader_for(actor.tenant, name, payload, sha256(payload).hexdigest(), machine=machine, kind=kind)
    )
    errors = ErrorList()
    seen = FileSeen("", name, TAKEN)
    found = read_with(reader, payload, seen, clock.now(), errors)
    rows = with_orders(actor.tenant, seen.becomes, found.rows[:most])
    return FileTried(
        name, seen.machine, seen.becomes, found.columns, TABLES[seen.becomes].columns, rows, found.lines[:most], errors.rows,
        errors.total, found.warnings,
    )  # fmt: skip
