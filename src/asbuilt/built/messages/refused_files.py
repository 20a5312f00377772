"""Refused files: what could not be taken, with the cause. List them, look at one, retry them; beside the dead letters.

A retry reads the kept bytes anew by the mapping of today, with what the record knows now. What still cannot be taken keeps
its place in the list, with the cause of today; where nothing changed, nothing is recorded.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.rights import DEAD_LETTER_RETRY, EVIDENCE_READ, MACHINE_READ
from asbuilt.built.messages.events import REFUSED, TAKEN
from asbuilt.built.messages.file_readers import kind_read_by
from asbuilt.built.messages.machine_files import COLUMNS, FileRow, file_row, record_file
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.ledger import evidence
from asbuilt.storage import reading

RETRIED_MAX = 500
PAGE_MAX = 200


@dataclass
class FilesRetried:
    """How many were taken now, how many are refused still, why, and the entries."""

    taken: int = 0
    still: int = 0
    causes: Counter = field(default_factory=Counter)
    entries: list[int] = field(default_factory=list)


def machine_files(
    actor: Actor, *, use: str = "", machine: str = "", after: int | None = None, limit: int = PAGE_MAX
) -> list[FileRow]:
    """Files of machines, newest first; those taken or refused only, of one machine only. `after` is the entry seen last."""
    actor.require(MACHINE_READ)
    sql, params = f"SELECT {', '.join(COLUMNS)} FROM messages_file WHERE tenant = %s", [actor.tenant]
    for column, value in (("use", use), ("machine", machine)):
        if value:
            sql, params = sql + f" AND {column} = %s", [*params, value]
    if after is not None:
        sql, params = sql + " AND entry < %s", [*params, after]
    return [
        FileRow(*row) for row in reading.fetch(sql + " ORDER BY entry DESC LIMIT %s", (*params, min(limit, PAGE_MAX)))
    ]


def refused_total(actor: Actor) -> int:
    """How many files are refused and not taken since. One statement."""
    actor.require(MACHINE_READ)
    sql = "SELECT count(*) FROM messages_file WHERE tenant = %s AND use = %s"
    return reading.fetch_one(sql, (actor.tenant, REFUSED))[0]


def machine_file(actor: Actor, file: str) -> FileRow:
    """One file by its hash, or by its first digits where they are of one; NotFound else."""
    actor.require(MACHINE_READ)
    short = file[:64].lower()
    if len(short) >= 8 and short.isascii() and short.isalnum():
        sql = "SELECT file FROM messages_file WHERE tenant = %s AND file >= %s AND file < %s LIMIT 2"
        found = reading.fetch(sql, (actor.tenant, short, short + "g"))
        if len(found) == 1:
            return file_row(actor.tenant, found[0][0])
    raise NotFound(
        "messages.file_unknown",
        "There is no such file.",
        {"file": file[:64]},
        "Look at the list of files.",
    )


def file_bytes(actor: Actor, file: str) -> bytes:
    """The bytes of a file as they came. Sealed once they were erased; they may name people."""
    actor.require(EVIDENCE_READ)
    return b"".join(evidence.open_evidence(actor.tenant, machine_file(actor, file).file))


def retry_files(actor: Actor, files: Sequence[str] | None = None) -> FilesRetried:
    """Take these refused files anew (the 500 oldest where none are named). NotFound: one is none."""
    actor.require(DEAD_LETTER_RETRY)
    if files is not None and len(files) > RETRIED_MAX:
        raise Invalid(
            "messages.too_many_retried", f"At most {RETRIED_MAX:,} are retried at once.", {}, "Retry them in parts."
        )
    report = FilesRetried()
    for row in _oldest(actor) if files is None else [machine_file(actor, file) for file in files]:
        _retry(actor, row, report)
    return report


def _oldest(actor: Actor) -> list[FileRow]:
    sql = f"SELECT {', '.join(COLUMNS)} FROM messages_file WHERE tenant = %s AND use = %s ORDER BY entry LIMIT %s"
    return [FileRow(*row) for row in reading.fetch(sql, (actor.tenant, REFUSED, RETRIED_MAX))]


def _retry(actor: Actor, row: FileRow, report: FilesRetried) -> None:
    if row.use == TAKEN:
        return
    try:
        payload = b"".join(evidence.open_evidence(actor.tenant, row.file))
    except AsbuiltError as refusal:  # erased, or changed: the list goes on saying why it was refused
        report.still += 1
        report.causes[refusal.code] += 1
        return
    seen = record_file(actor, row.name, payload, machine=row.machine, kind=kind_read_by(row.mapping))
    if seen.use == TAKEN:
        report.taken += 1
        report.entries.append(seen.entry)
    else:
        report.still += 1
        report.causes[seen.cause] += 1
