"""Dismiss a file that could not be taken and need not be: who said so, when and why. And what became of a file, entry by entry.

    dismiss_file(actor, "9f2c…", reason="a test print of the maker", request_key=key)

The bytes stay, and so does the cause. A dismissed file is no longer among those that wait; it may still be retried by name, and where it
comes again and is refused for another reason it waits again. A file that was taken is not dismissed: its rows are withdrawn.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import DEAD_LETTER_RETRY, MACHINE_READ
from asbuilt.built.messages.events import DISMISSED, FILE_DISMISSAL, FILE_DISMISSED, REFUSED
from asbuilt.built.messages.machine_files import FileRow, file_row
from asbuilt.built.messages.refused_files import machine_file
from asbuilt.kernel.errors import Conflict, Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.intake import fact_bytes, row_text
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import bulk, reading

REASON_CHARACTERS_MAX = 2_000
HAPPENED_MAX = 200


@dataclass(frozen=True)
class FileHappening:
    """What an entry did with a file: its type, when; of a dismissal why, and who (a person's number)."""

    entry: int
    type: str
    recorded_at: int
    reason: str = ""
    operator: int | None = None


def dismiss_file(actor: Actor, file: str, *, reason: str, request_key: str | None = None) -> FileRow:
    """The refused file need not be taken. NotFound: no such file. Conflict: taken, or dismissed before. Invalid: no reason."""
    actor.require(DEAD_LETTER_RETRY)
    actor.require(MACHINE_READ)
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        remedy = f"Say why in up to {REASON_CHARACTERS_MAX:,} characters."
        raise Invalid("messages.dismissal_reason", "A dismissal needs a reason.", {"field": "reason"}, remedy)
    name = machine_file(actor, file).file
    try:
        with recording(
            actor, FILE_DISMISSED, request_key=request_key, content=digest(name.encode(), reason.encode())
        ) as entry:
            row = file_row(actor.tenant, name)
            if row.use != REFUSED:
                said = f"{row.name} is {row.use}, so that it cannot be dismissed."
                facts = {"file": row.file, "use": row.use}
                raise Conflict("messages.file_not_refused", said, facts, "Withdraw its rows where they are wrong.")
            code, person, at = badge(actor), actor.person, format_instant(entry.recorded_at)
            kept = evidence.evidence_row(entry.tenant, row.file)
            said = (kept.sha256, kept.size, kept.stored_sha256, kept.evidence_class, kept.file_name, kept.key)
            evidence.Kept(entry.tenant, *said).record(entry)
            cells = [row.file, reason]
            ids = fact_bytes("file_dismissal", [*cells, code, at])
            entry.facts(FILE_DISMISSAL).add([row_text([*cells, person, at])], [ids])
            columns = ("tenant", "file", "entry", "reason", "operator", "happened_at")
            values = (entry.tenant, row.file, entry.number, reason, person, entry.recorded_at)
            bulk.insert_rows("messages_file_dismissal", columns, [values])
            sql = "UPDATE messages_file SET use = %s WHERE tenant = %s AND file = %s"
            bulk.run(sql, (DISMISSED, entry.tenant, row.file))
            entry.notes = {"file": row.name, "machine": row.machine}
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)
    return file_row(actor.tenant, name)


def file_history(actor: Actor, file: str) -> list[FileHappening]:
    """What entries did with a file, oldest first, up to 200: kept refused, taken, read anew, dismissed. Two statements."""
    actor.require(MACHINE_READ)
    name = machine_file(actor, file).file
    sql = (
        "SELECT e.number, e.type, e.recorded_at, d.reason, d.operator FROM ledger_entry_evidence v JOIN ledger_entry e "
        "ON e.tenant = v.tenant AND e.number = v.entry LEFT JOIN messages_file_dismissal d ON d.tenant = v.tenant "
        "AND d.file = v.sha256 AND d.entry = v.entry WHERE v.tenant = %s AND v.sha256 = %s ORDER BY e.number LIMIT %s"
    )
    rows = reading.fetch(sql, (actor.tenant, name, HAPPENED_MAX))
    return [FileHappening(*row[:3], row[3] or "", row[4]) for row in rows]
