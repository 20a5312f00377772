"""What the verbs of this room share: rows of one or several tables in one entry, who acts, the same request twice.

The operator of a row is the badge of whoever acts; the system and people without a badge leave it empty, and the entry names
them all the same. A time that nobody gives is now.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.built.supply.files import kept_bytes
from asbuilt.built.supply.kept_intakes import (
    DeclarationsIntake,
    HandlingIntake,
    InspectionChecksIntake,
    InspectionPlansIntake,
    InspectionsIntake,
    LivesIntake,
    SamplesIntake,
    SiliconRevisionsIntake,
    StatusesIntake,
)
from asbuilt.kernel.errors import Conflict, Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import FACT_BYTES, fact_ids
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.one_row import Taken, checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

INTAKES = {
    intake.table: intake
    for intake in (
        LivesIntake, DeclarationsIntake, InspectionPlansIntake, InspectionsIntake, InspectionChecksIntake, SamplesIntake,
        StatusesIntake, HandlingIntake, SiliconRevisionsIntake,
    )
}  # fmt: skip
ROWS_MAX = 500
_NOT_THERE = frozenset({"supply.package_unknown", "supply.inspection_unknown", "supply.lot_unknown"})
REASON_CHARACTERS_MAX = 2_000
Rows = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Stated:
    """What was recorded: the entry, the ids of its facts in the order of their tables, warnings."""

    entry: int
    facts: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=())


def state(
    actor: Actor,
    type: str,
    said: object,
    rows: Callable[[Entry], Rows],
    *,
    files: Sequence[tuple[str, bytes]] = (),
    intakes: Mapping[str, type[TableIntake]] = INTAKES,
    notes: Mapping[str, object] | None = None,
    request_key: str | None = None,
) -> Stated:
    """Record what `rows` gives, by table in the order given, in one entry that rests on these files.

    `said` is what the request says, as JSON: the same key with the same content is one entry. `notes` stand in the entry.
    """
    content = digest(json.dumps(said, sort_keys=True, ensure_ascii=False).encode(), *(body for _, body in files))
    warnings: list[str] = []
    facts: list[str] = []
    try:
        with (
            kept_bytes(actor.tenant, files) as kept,
            recording(actor, type, request_key=request_key, content=content) as entry,
        ):
            stated = rows(entry)
            for one in kept:
                one.record(entry)
            for table, given in stated.items():
                if given:
                    taken = state_anew(entry, intakes[table], given)
                    facts += taken.facts
                    warnings += taken.warnings
            entry.notes = {"rows": sum(map(len, stated.values())), **(notes or {})}
    except AlreadyRecorded as known:
        return Stated(known.number, facts_of(actor.tenant, known.number))
    sequencing.after_commit(actor.tenant)
    return Stated(entry.number, tuple(facts), tuple(warnings))


def state_anew(entry: Entry, intake: type[TableIntake], rows: Sequence[Mapping[str, str]]) -> Taken:
    """Record these rows, none of which was recorded before word for word: a verb says something new. Conflict where one was."""
    taken = state_rows(entry, intake, checked_rows(intake.table, rows), missing=_NOT_THERE)
    if taken.known:
        raise Conflict(
            "supply.recorded_before",
            "The very same was recorded before.",
            {"facts": list(taken.facts)},
            "Look at what is recorded; say it with the time at which it happened again.",
        )
    return taken


def facts_of(tenant: int, entry: int) -> tuple[str, ...]:
    """The ids of the facts of an entry, by shape."""
    sql = "SELECT shape, count FROM ledger_entry_facts WHERE tenant = %s AND entry = %s ORDER BY shape"
    shapes = reading.fetch(sql, (tenant, entry))
    packed = [fact_ids(tenant, entry, shape, 0, count) for shape, count in shapes]
    return tuple(ids[at : at + FACT_BYTES].hex() for ids in packed for at in range(0, len(ids), FACT_BYTES))


def moment(happened_at: int | None) -> str:
    """The time as tables write it; now where nobody said one."""
    return format_instant(clock.now() if happened_at is None else happened_at)


def refuse_many(what: str, count: int) -> None:
    """One call takes 1 to 500."""
    if not 1 <= count <= ROWS_MAX:
        raise Invalid(
            "supply.rows_count",
            f"{count:,} {what} in one call; it takes 1 to {ROWS_MAX}.",
            {"given": count},
            "Send them in parts.",
        )


def refuse_without_reason(reason: str) -> None:
    """A decision about a package says why."""
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        raise Invalid(
            "supply.reason_missing",
            f"A reason has 1 to {REASON_CHARACTERS_MAX:,} characters.",
            remedy="Say why; every door shows it.",
        )
