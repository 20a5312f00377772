"""Rebuilding this room's tables from the facts: known messages, the machines' counts, dead letters; for `ledger verify`.

Memory holds one segment of messages at a time, the counts, and the dead letters, which are few.
"""

from collections import defaultdict
from collections.abc import Iterator

from asbuilt.built.messages.events import DEAD, DEAD_LETTER, MESSAGE, RETRY
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading

BATCH = 500
CODES = {
    "missing": "ledger.projection_row_missing",
    "changed": "ledger.projection_row_changed",
    "unrecorded": "ledger.projection_row_unrecorded",
}


def rebuild(tenant: int) -> Iterator[Finding]:
    """A finding for each row that differs from what the facts say."""
    counts: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    received: dict[str, int] = {}
    total, batch = 0, []
    for fact in all_facts(tenant, MESSAGE.name):
        message, name, machine, happened, arrived, use, flag = fact.values
        row = counts[machine, name, use]
        row[0], row[1] = row[0] + 1, row[1] + bool(flag)
        row[2], row[3] = max(row[2], parse_instant(happened)), max(row[3], parse_instant(arrived))
        if use == DEAD:
            received[message] = parse_instant(arrived)
        total += 1
        batch.append((message, fact.entry))
        if len(batch) == BATCH:
            yield from _known(tenant, batch)
            batch = []
    yield from _known(tenant, batch)
    found = reading.fetch_one("SELECT count(*) FROM messages_known WHERE tenant = %s", (tenant,))[0]
    if found > total:
        yield _finding("messages_known", f"{found - total} messages are known that were never recorded", "unrecorded")
    yield from _counts(tenant, {key: tuple(row) for key, row in counts.items()})
    yield from _dead_letters(tenant, received)


def _finding(table: str, what: str, kind: str, **where) -> Finding:
    return Finding(CODES[kind], f"{table}: {what}.", {"table": table, **where})


def _known(tenant: int, batch: list[tuple[str, int]]) -> Iterator[Finding]:
    if not batch:
        return
    marks = ",".join(["%s"] * len(batch))
    sql = f"SELECT message, entry FROM messages_known WHERE tenant = %s AND message IN ({marks})"
    rows = reading.fetch(sql, (tenant, *(bytes.fromhex(message) for message, _ in batch)))
    there = {bytes(message).hex(): entry for message, entry in rows}
    for message, entry in batch:
        if message not in there:
            yield _finding("messages_known", f"message {message} of entry {entry} is missing", "missing", key=message)
        elif there[message] != entry:
            yield _finding("messages_known", f"message {message} is of another entry", "changed", key=message)


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


def _compared(table: str, expected: dict[tuple, tuple], found: dict[tuple, tuple]) -> Iterator[Finding]:
    for key in sorted(expected.keys() | found.keys()):
        said = " ".join(part for part in key if part) or "messages without a name"
        if key not in found:
            yield _finding(table, f"{said} is missing", "missing", key=repr(key))
        elif key not in expected:
            yield _finding(table, f"{said} was never recorded", "unrecorded", key=repr(key))
        elif expected[key] != found[key]:
            yield _finding(table, f"{said} is not what was recorded", "changed", key=repr(key))
