"""The recorder: a thread that records what the wire received, one batch at a time, while the wire goes on receiving.

A batch that cannot be recorded for reasons of ours (disk, database) is handed back as not recorded, after a pause that
grows: its messages are released, and come again.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Queue

from django.db import connections

from asbuilt.access.actor import Actor
from asbuilt.built.messages.arriving import arrived
from asbuilt.built.messages.groups import Report, record_messages

PAUSE_SECONDS_MAX = 30
MESSAGE_CLEAR_BYTES_MAX = 64 << 20
_log = logging.getLogger(__name__)


@dataclass
class Payload:
    """What one delivery held: bytes, when it came (UTC microseconds), from which address; `delivery` is the wire's."""

    body: bytes
    received_at: int
    origin: str
    delivery: object = field(repr=False, default=None)


@dataclass
class Batch:
    """Payloads recorded together, and what became of them; `failed` says that nothing was recorded."""

    payloads: list[Payload] = field(default_factory=list)
    report: Report | None = None
    failed: bool = False
    echoes: int = 0
    due: bool = False  # it waited long enough for more


class Recorder:
    """Takes batches, one after the other; `done` is called from its thread after each."""

    def __init__(self, actor: Actor, handle: str, done: Callable[[Batch], None]):
        self.actor, self.handle, self.done = actor, handle, done
        self._waiting: Queue[Batch | None] = Queue()
        self._pause = 0.0
        self._thread = threading.Thread(target=self._run, name="asbuilt-recorder", daemon=True)
        self._thread.start()

    def take(self, batch: Batch) -> None:
        """Record this batch next."""
        self._waiting.put(batch)

    def stop(self) -> None:
        """Finish what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._waiting.get()) is not None:
            self._record(batch)
            self.done(batch)
        connections.close_all()

    def _record(self, batch: Batch) -> None:
        try:
            messages = [
                one
                for payload in batch.payloads
                for one in arrived(
                    payload.body, payload.received_at, payload.origin, clear_bytes_max=MESSAGE_CLEAR_BYTES_MAX
                )
            ]
            own = [one for one in messages if one.handle == self.handle]
            batch.echoes = len(own)
            batch.report = record_messages(self.actor, [one for one in messages if one.handle != self.handle])
            self._pause = 0.0
        except Exception:
            # nothing was acknowledged: the messages come again, and the door stays open
            _log.exception("a batch of %d payloads was not recorded", len(batch.payloads))
            connections.close_all()
            batch.failed = True
            self._pause = min(PAUSE_SECONDS_MAX, max(1.0, self._pause * 2))
            time.sleep(self._pause)
