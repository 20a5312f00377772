"""What is written of the messages themselves: a fact each, the list of known ones, the machines' counts, dead letters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from asbuilt.built.messages.arriving import Arrived
from asbuilt.built.messages.events import DEAD, DEAD_LETTER, MESSAGE
from asbuilt.built.messages.known import remember
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import fact_bytes, row_text
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk

DETAIL_CHARACTERS_MAX = 2_000
SECOND = 1_000_000
Recorded = tuple[int, Arrived, str, AsbuiltError | None]  # place in the segment, the message, its use, the cause


def write_messages(entry: Entry, recorded: Sequence[Recorded], sha256: str) -> None:
    """Commit to the messages and put them where they are looked for."""
    texts, ids = [], []
    for _, one, use, _ in recorded:
        received = one.received_at // SECOND * SECOND
        row = [
            one.identity.hex(),
            one.name,
            one.handle,
            format_instant(one.happened_at),
            format_instant(received),
            use,
            one.flag,
        ]
        texts.append(row_text(row))
        ids.append(fact_bytes("message", row))
    entry.facts(MESSAGE).add(texts, ids)
    remember(entry.tenant, [one.identity for _, one, _, _ in recorded])
    dead = [row for row in recorded if row[2] == DEAD]
    if dead:
        _write_dead(entry, dead, sha256)
    count(
        entry.tenant,
        ((one.handle, one.name, use, one.flag, one.happened_at, one.received_at) for _, one, use, _ in recorded),
    )


def _write_dead(entry: Entry, dead: Sequence[Recorded], sha256: str) -> None:
    texts, ids, rows = [], [], []
    for place, one, _, cause in dead:
        detail = cause.as_text()[:DETAIL_CHARACTERS_MAX]
        said = [one.identity.hex(), one.name, one.handle, cause.code, detail, sha256, place, len(one.raw)]
        texts.append(row_text(said))
        ids.append(fact_bytes("dead_letter", [str(cell) for cell in said]))
        received = one.received_at // SECOND * SECOND
        rows.append((entry.tenant, *said, received, entry.number))
    entry.facts(DEAD_LETTER).add(texts, ids)
    columns = (
        "tenant", "message", "name", "handle", "cause", "detail", "evidence", "place", "size", "received_at", "entry",
    )  # fmt: skip
    bulk.insert_rows("messages_dead_letter", columns, rows)


def count(tenant: int, said: Iterable[tuple[str, str, str, str, int, int]]) -> None:
    """Count messages (handle, name, use, flag, happened at, received at) for the machines' page."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for handle, name, use, flag, happened, received in said:
        row = found[handle, name, use]
        row[0] += 1
        row[1] += bool(flag)
        row[2] = max(row[2], happened)
        row[3] = max(row[3], received // SECOND * SECOND)
    sql = (
        "INSERT INTO messages_machine_count (tenant, handle, name, use, count, flagged, last_at, received_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant, handle, name, use) DO UPDATE SET "
        "count = messages_machine_count.count + excluded.count, flagged = messages_machine_count.flagged + excluded.flagged, "
        "last_at = CASE WHEN excluded.last_at > messages_machine_count.last_at THEN excluded.last_at "
        "ELSE messages_machine_count.last_at END, received_at = CASE WHEN excluded.received_at > "
        "messages_machine_count.received_at THEN excluded.received_at ELSE messages_machine_count.received_at END"
    )
    bulk.run_many(sql, [(tenant, *key, *row) for key, row in sorted(found.items())])
