"""Rebuilding this room's tables from the facts: known messages, the machines' counts, dead letters; for `ledger verify`.

Memory holds one segment of messages at a time, the counts, and the dead letters, which are few.
"""

from collections import defaultdict
from collections.abc import Iterator

from asbuilt.built.messages.events import (
    DEAD,
    DEAD_LETTER,
    DISMISSED,
    FILE,
    FILE_DISMISSAL,
    MESSAGE,
    RETRY,
    TAKEN,
)
from asbuilt.built.messages.known import ID_BYTES, generation_of, place_of
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading

CODES = {
    "missing": "ledger.projection_row_missing",
    "changed": "ledger.projection_row_changed",
    "unrecorded": "ledger.projection_row_unrecorded",
}


def rebuild(tenant: int) -> Iterator[Finding]:
    """A finding for each row that differs from what the facts say."""
    counts: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    received: dict[str, int] = {}
    total, batch, entry = 0, [], 0
    for fact in all_facts(tenant, MESSAGE.name):
        message, name, machine, happened, arrived, use, flag = fact.values
        row = counts[machine, name, use]
        row[0], row[1] = row[0] + 1, row[1] + bool(flag)
        row[2], row[3] = max(row[2], parse_instant(happened)), max(row[3], parse_instant(arrived))
        if use == DEAD:
            received[message] = parse_instant(arrived)
        if fact.entry != entry:  # what one entry recorded stands in one generation
            yield from _known(tenant, total, batch, entry)
            total, batch, entry = total + len(batch), [], fact.entry
        batch.append(message)
    yield from _known(tenant, total, batch, entry)
    total += len(batch)
    sql = "SELECT sum(length(ids)) FROM messages_known WHERE tenant = %s"
    found = int(reading.fetch_one(sql, (tenant,))[0] or 0) / ID_BYTES
    if found > total:
        yield _finding("messages_known", f"{found - total:g} messages are known that were never recorded", "unrecorded")
    yield from _counts(tenant, {key: tuple(row) for key, row in counts.items()})
    yield from _dead_letters(tenant, received)
    yield from _files(tenant)


def _finding(table: str, what: str, kind: str, **where) -> Finding:
    return Finding(CODES[kind], f"{table}: {what}.", {"table": table, **where})


def _known(tenant: int, total: int, batch: list[str], entry: int) -> Iterator[Finding]:
    """The messages of one entry, recorded when there were so many, in their buckets."""
    generation = generation_of(total)
    places = {message: place_of(bytes.fromhex(message), generation) for message in batch}
    sql = "SELECT bucket, ids FROM messages_known WHERE tenant = %s AND " + reading.any_of("bucket")
    wanted = reading.list_param(sorted({bucket for bucket, _ in places.values()}))
    there = {bucket: bytes(ids) for bucket, ids in reading.fetch(sql, (tenant, wanted))} if batch else {}
    for message, (bucket, id_) in places.items():
        held = there.get(bucket, b"")
        if id_ not in [held[at : at + ID_BYTES] for at in range(0, len(held), ID_BYTES)]:
            yield _finding("messages_known", f"message {message} of entry {entry} is missing", "missing", key=message)


def _counts(tenant: int, expected: dict[tuple, tuple]) -> Iterator[Finding]:
    sql = "SELECT handle, name, use, count, flagged, last_at, received_at FROM messages_machine_count WHERE tenant = %s"
    found = {tuple(row[:3]): tuple(row[3:]) for row in reading.fetch(sql, (tenant,))}
    yield from _compared("messages_machine_count", expected, found)


def _dead_letters(tenant: int, received: dict[str, int]) -> Iterator[Finding]:
    expected: dict[tuple, list] = {}
    for fact in all_facts(tenant, DEAD_LETTER.name):
        message, name, machine, cause, detail, evidence, place, size = fact.values
        said = [name, machine, cause, detail, evidence, place, size, received.get(message), fact.entry, None]
        expected[(message,)] = said
    for fact in all_facts(tenant, RETRY.name):
        message, use, cause, detail = fact.values
        row = expected.get((message,))
        if row is None:
            yield _finding("messages_dead_letter", f"{message} was retried and never dead", "missing", key=message)
        elif use == DEAD:
            row[2:4] = [cause, detail]
        else:
            row[9] = fact.entry
    sql = (
        "SELECT message, name, handle, cause, detail, evidence, place, size, received_at, entry, until_entry "
        "FROM messages_dead_letter WHERE tenant = %s"
    )
    found = {(row[0],): tuple(row[1:]) for row in reading.fetch(sql, (tenant,))}
    yield from _compared("messages_dead_letter", {key: tuple(row) for key, row in expected.items()}, found)


def _files(tenant: int) -> Iterator[Finding]:
    """A file as its last fact says, kept since its first; dismissed where that came after it. And the dismissals."""
    expected: dict[tuple, tuple] = {}
    last: dict[str, int] = {}
    for fact in all_facts(tenant, FILE.name):
        file, *said, received = fact.values
        first = expected.get((file,))
        since = first[-3:-1] if first else (parse_instant(received), fact.entry)
        expected[(file,)] = (*said, *since, fact.entry if said[6] == TAKEN else None)
        last[file] = fact.entry
    dismissed: dict[tuple, tuple] = {}
    for fact in all_facts(tenant, FILE_DISMISSAL.name):
        file, reason, operator, at = fact.values
        dismissed[file, str(fact.entry)] = (reason, operator, parse_instant(at))
        row = expected.get((file,))
        if row is not None and fact.entry > last[file]:
            expected[(file,)] = (*row[:6], DISMISSED, *row[7:])
    sql = (
        "SELECT file, name, machine, mapping, becomes, rows, size, use, cause, detail, received_at, entry, taken_by "
        "FROM messages_file WHERE tenant = %s"
    )
    found = {(row[0],): tuple(row[1:]) for row in reading.fetch(sql, (tenant,))}
    yield from _compared("messages_file", expected, found)
    sql = "SELECT file, entry, reason, operator, happened_at FROM messages_file_dismissal WHERE tenant = %s"
    found = {(row[0], str(row[1])): tuple(row[2:]) for row in reading.fetch(sql, (tenant,))}
    yield from _compared("messages_file_dismissal", dismissed, found)


def _compared(table: str, expected: dict[tuple, tuple], found: dict[tuple, tuple]) -> Iterator[Finding]:
    for key in sorted(expected.keys() | found.keys()):
        said = " ".join(part for part in key if part) or "messages without a name"
        if key not in found:
            yield _finding(table, f"{said} is missing", "missing", key=repr(key))
        elif key not in expected:
            yield _finding(table, f"{said} was never recorded", "unrecorded", key=repr(key))
        elif expected[key] != found[key]:
            yield _finding(table, f"{said} is not what was recorded", "changed", key=repr(key))
