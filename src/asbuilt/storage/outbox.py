"""Outbox: what leaves the house is written in the change's own transaction and sent once that is committed.

    number = outbox.leave(tenant, "printer", "192.0.2.7:9100", zpl)      inside write_tx
    outbox.send_due(tenant)                                              after it, or by the worker

A message is sent at least once: a crash between sending and saying so sends it again. One that fails is tried again after
5 s, 10 s, 20 s … up to ten minutes, twelve times; then it stays as failed, with the reason. A channel is a function that
takes target and bytes and raises OSError where it could not; upper rooms register theirs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.storage import bulk, reading
from asbuilt.storage.drills import refuse_outside
from asbuilt.storage.transactions import try_lock, write_tx

WAITS, SENT, FAILED = "waits", "sent", "failed"
TRIES_MAX = 12
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 5, 600
PAYLOAD_BYTES_MAX = 1024**2
SENT_AT_ONCE_MAX = 100
ERROR_CHARACTERS_MAX = 400
CHANNELS: dict[str, Callable[[str, bytes], None]] = {}
COLUMNS = ("tenant", "number", "channel", "target", "payload", "queued_at", "due_at", "tries", "state", "error")


@dataclass(frozen=True)
class Outgoing:
    """A message as it stands: waits, sent or failed; how often it was tried, what went wrong last."""

    number: int
    channel: str
    target: str
    queued_at: int
    tries: int
    state: str
    error: str
    sent_at: int | None


def _now() -> int:
    return time.time_ns() // 1000


def leave(tenant: int, channel: str, target: str, payload: bytes) -> int:
    """Write a message, inside the transaction of the change; returns its number."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise ValueError(f"a message has at most {PAYLOAD_BYTES_MAX:,} bytes")
    last = reading.fetch_one("SELECT max(number) FROM storage_outgoing WHERE tenant = %s", (tenant,))
    number, now = ((last[0] if last else 0) or 0) + 1, _now()
    bulk.insert_rows("storage_outgoing", COLUMNS, [(tenant, number, channel, target, payload, now, now, 0, WAITS, "")])
    return number


def outgoing(tenant: int, numbers: list[int]) -> list[Outgoing]:
    """How these messages stand. One statement."""
    sql = (
        "SELECT number, channel, target, queued_at, tries, state, error, sent_at FROM storage_outgoing WHERE tenant = %s AND "
        + reading.any_of("number")
        + " ORDER BY number"
    )
    return [Outgoing(*row) for row in reading.fetch(sql, (tenant, reading.list_param(numbers)))]


def send_due(tenant: int) -> int:
    """Send what is due; returns how many went. Another sender's turn is left to it."""
    with try_lock(f"storage.outbox.{tenant}") as ours:
        return sum(_send(tenant, number) for number in _due(tenant)) if ours else 0


def send_all_due() -> int:
    """Send what is due of every tenant."""
    sql = "SELECT DISTINCT tenant FROM storage_outgoing WHERE state = %s AND due_at <= %s"
    return sum(send_due(tenant) for (tenant,) in reading.fetch(sql, (WAITS, _now())))


def _due(tenant: int) -> list[int]:
    sql = (
        "SELECT number FROM storage_outgoing WHERE tenant = %s AND state = %s AND due_at <= %s ORDER BY number LIMIT %s"
    )
    return [number for (number,) in reading.fetch(sql, (tenant, WAITS, _now(), SENT_AT_ONCE_MAX))]


def _send(tenant: int, number: int) -> bool:
    sql = "SELECT channel, target, payload, tries FROM storage_outgoing WHERE tenant = %s AND number = %s"
    channel, target, payload, tries = reading.fetch(sql, (tenant, number))[0]
    try:
        refuse_outside()
        CHANNELS[channel](target, bytes(payload))
    except (OSError, KeyError) as refusal:
        # outside of any transaction until here: a printer that hangs holds up no writer
        state = FAILED if tries + 1 >= TRIES_MAX else WAITS
        pause = min(PAUSE_SECONDS * 2**tries, PAUSE_SECONDS_MAX)
        said = (tries + 1, state, str(refusal)[:ERROR_CHARACTERS_MAX], _now() + pause * 1_000_000, tenant, number)
        with write_tx(tenant):
            bulk.run(
                "UPDATE storage_outgoing SET tries = %s, state = %s, error = %s, due_at = %s WHERE tenant = %s AND number = %s",
                said,
            )
        return False
    with write_tx(tenant):
        bulk.run(
            "UPDATE storage_outgoing SET tries = %s, state = %s, error = '', sent_at = %s WHERE tenant = %s AND number = %s",
            (tries + 1, SENT, _now(), tenant, number),
        )
    return True
