"""What the verbs of this room share: one row of a table in an entry, a reason, a signed document on one line."""

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.built.programming.kept_intakes import INTAKES
from asbuilt.built.programming.permits import ENVELOPE_BYTES_MAX
from asbuilt.kernel import envelope
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, recording

REASON_CHARACTERS_MAX = 2_000


def refuse_reason(reason: str) -> None:
    """Invalid where no reason is given, or one that is too long."""
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        raise Invalid(
            "programming.reason_missing",
            "A reason is needed.",
            {"field": "reason"},
            f"Say why, in up to {REASON_CHARACTERS_MAX:,} characters.",
        )


def one_line(document: bytes, bytes_max: int = ENVELOPE_BYTES_MAX) -> bytes:
    """The envelope as this record keeps it."""
    return envelope.envelope_bytes(envelope.parse(document, bytes_max=bytes_max))


def state_row(actor: Actor, entry: Entry, table: str, row: dict[str, str]) -> None:
    """One row of a table of this room, by whoever acts, now."""
    said = {**row, "operator": badge(actor), "happened_at": format_instant(entry.recorded_at)}
    state_rows(entry, INTAKES[table], checked_rows(table, [said]))


def state(
    actor: Actor, type: str, table: str, row: dict[str, str], content: bytes, request_key: str | None, notes: dict
) -> None:
    """The same as an entry of its own; a request that was recorded before does nothing."""
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            state_row(actor, entry, table, row)
            entry.notes = notes
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)
