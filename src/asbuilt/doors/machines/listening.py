"""The wire: AMQP 1.0 through Qpid Proton, as an endpoint that machines connect to, and as a client of a broker.

- Credit is given by hand, as much as may be unrecorded at once: memory does not grow with what a broker has waiting.
- A delivery is accepted after its batch was recorded, and released where it was not. A connection that was lost is made
  anew, with a pause that grows; what was received over it and not accepted comes again, and does nothing twice.
- A request is answered on the link that its sender listens on: one whose address is the request's reply-to, else one of
  the same connection; over a broker, to the reply-to as an address.
- What we sent ourselves comes back from a fan-out exchange: it is accepted and dropped.

Standards: OASIS AMQP 1.0; IPC-2591 5 (transport).
"""

import gzip
import logging
import signal
from dataclasses import dataclass
from functools import partial

from django.db import connections
from proton import Delivery, Endpoint, Message
from proton.handlers import IncomingMessageHandler, MessagingHandler
from proton.reactor import ApplicationEvent, Container, EventInjector

from asbuilt.access.actor import Actor
from asbuilt.answers.gate.validating import REQUEST, RESPONSE, unanswered, validate_units
from asbuilt.doors.machines.receiving import Incoming
from asbuilt.doors.machines.recorder import Batch, Payload, Recorder
from asbuilt.formats.cfx.envelope import Envelope, read_envelope, split, unpacked
from asbuilt.formats.cfx.writing import write_envelope
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import clock
from asbuilt.storage.drills import refuse_intake

BATCH_MESSAGES_MAX = 500
BATCH_SECONDS = 1.0
CREDIT_MAX = 1_000
DELIVERY_BYTES_MAX = 16 << 20
UNRECORDED_BYTES_MAX = 128 << 20
RECONNECT_SECONDS_MAX = 30
LINKS_MAX = 1_000
HEARTBEAT_SECONDS = 60
_log = logging.getLogger(__name__)


@dataclass
class Told:
    """What the door did since it was opened."""

    payloads: int = 0
    recorded: int = 0
    known: int = 0
    dead: int = 0
    echoes: int = 0
    released: int = 0
    answered: int = 0


class Door(MessagingHandler):
    """Listens at an address of its own, at addresses of a broker, or both."""

    def __init__(
        self, actor: Actor, handle: str, *, at: str = "", broker: str = "", sources: tuple[str, ...] = (),
        password: str = "", ready=None,
    ):  # fmt: skip
        super().__init__(prefetch=0, auto_accept=False, auto_settle=False)
        self.handlers = [
            Incoming(False, one.delegate) if isinstance(one, IncomingMessageHandler) else one for one in self.handlers
        ]
        self.actor, self.handle, self.at, self.broker, self.sources = actor, handle, at, broker, sources
        self.password, self.ready, self.told = password, ready, Told()
        self._batch = Batch()
        self._recording = 0
        self._unrecorded = 0
        self._unsettled: dict[object, int] = {}
        self._links: set = set()
        self._senders: dict[str, object] = {}
        self._connection = None
        self._pause = 0.0
        self._stopping = False
        self._acceptor = None

    # ---- opening

    def on_start(self, event):
        """Begin to listen and to connect."""
        self._container = event.container
        self._injector = EventInjector()
        event.container.selectable(self._injector)
        self._recorder = Recorder(self.actor, self.handle, self._recorded)
        if self.at:
            self._acceptor = event.container.listen(f"amqp://{self.at}")
        if self.broker:
            self._connect()
        if self.ready:
            self.ready()

    def _connect(self) -> None:
        more = {"password": self.password} if self.password else {}
        self._connection = self._container.connect(
            self.broker, reconnect=False, heartbeat=HEARTBEAT_SECONDS, sasl_enabled=True, allowed_mechs="PLAIN ANONYMOUS",
            allow_insecure_mechs=True, **more,
        )  # fmt: skip
        for source in self.sources:
            self._container.create_receiver(self._connection, source)

    def on_connection_opened(self, event):
        """Over a broker: it is there again."""
        if event.connection == self._connection:
            _log.warning("connected to the broker")
            self._pause = 0.0

    def on_link_opening(self, event):
        """A machine opens a link to us: whatever address it names is ours."""
        link = event.link
        if len(self._links) >= LINKS_MAX:
            link.close()
            return
        if link.is_receiver:
            link.target.address = link.remote_target.address
            link.max_message_size = DELIVERY_BYTES_MAX
        else:
            address = link.remote_source.address or link.remote_target.address or link.name
            if link.remote_source.dynamic:
                address = f"asbuilt/{link.name}"
            link.source.address = address

    def on_link_opened(self, event):
        """Credit for who sends; where to answer for who receives."""
        link = event.link
        self._links.add(link)
        if link.is_receiver:
            self._top_up(link)
        else:
            for address in (link.source.address, link.remote_target.address, link.remote_source.address):
                if address:
                    self._senders[address] = link

    def _top_up(self, link) -> None:
        """Let as many come as may be unrecorded at once, shared among all who send."""
        if not link.state & Endpoint.LOCAL_ACTIVE or self._unrecorded >= UNRECORDED_BYTES_MAX:
            return
        window = max(1, CREDIT_MAX // sum(one.is_receiver for one in self._links))
        room = window - link.credit - self._unsettled.get(link, 0)
        if room > 0:
            link.flow(room)

    def on_link_closing(self, event):
        """Forget a link."""
        self._forget(event.link)

    def _forget(self, link) -> None:
        self._links.discard(link)
        self._unsettled.pop(link, None)
        for address in [address for address, one in self._senders.items() if one == link]:
            del self._senders[address]

    def on_disconnected(self, event):
        """A machine went away, or the broker: the broker is sought again."""
        for link in [link for link in self._links if link.connection == event.connection]:
            self._forget(link)
        if event.connection == self._connection and not self._stopping:
            self._pause = min(RECONNECT_SECONDS_MAX, max(0.5, self._pause * 2))
            _log.warning("the broker is away; trying again in %.1f s", self._pause)
            self._container.schedule(self._pause, _Later(self._connect))

    def on_transport_error(self, event):
        """Said in the log; what follows is a disconnection."""
        _log.warning("connection: %s", event.transport.condition)

    # ---- receiving

    def on_message(self, event):
        """A delivery: kept for its batch; a request is answered at once."""
        message, received_at = event.message, clock.now()
        body = _bytes_of(message.body)
        self.told.payloads += 1
        address = event.link.target.address or event.link.source.address or ""
        if b"ValidateUnitsRequest" in body[:4096] or body.startswith(b"\x1f\x8b"):
            self._answer(event, message, body)
        if not self._batch.payloads:
            self._container.schedule(BATCH_SECONDS, _Later(partial(self._due, self._batch)))
        self._batch.payloads.append(Payload(body, received_at, f"amqp {address}", event.delivery))
        self._unrecorded += len(body)
        self._unsettled[event.link] = self._unsettled.get(event.link, 0) + 1
        if len(self._batch.payloads) >= BATCH_MESSAGES_MAX:
            self._flush()

    def _due(self, batch: Batch) -> None:
        batch.due = True
        self._flush()

    def _flush(self) -> None:
        """Hand over what was received; one batch is recorded while the next is received."""
        full = len(self._batch.payloads) >= BATCH_MESSAGES_MAX
        due = self._batch.payloads and (self._batch.due or self._stopping)
        if self._recording or not (full or due):
            return
        batch, self._batch = self._batch, Batch()
        self._recording += 1
        self._recorder.take(batch)

    def _recorded(self, batch: Batch) -> None:
        # in the recorder's thread: the wire hears of it in its own
        self._injector.trigger(ApplicationEvent("batch_recorded", subject=batch))

    def on_batch_recorded(self, event):
        """Accept what was recorded, release what was not, and let more come."""
        batch: Batch = event.subject
        self._recording -= 1
        state = Delivery.RELEASED if batch.failed else Delivery.ACCEPTED
        for payload in batch.payloads:
            self._unrecorded -= len(payload.body)
            link = payload.delivery.link
            if link in self._links:
                payload.delivery.update(state)
                payload.delivery.settle()
                self._unsettled[link] -= 1
        self._count(batch)
        for link in [one for one in self._links if one.is_receiver]:
            self._top_up(link)
        self._flush()
        if self._stopping and not self._recording and not self._batch.payloads:
            self._end()

    def _count(self, batch: Batch) -> None:
        told = self.told
        told.echoes += batch.echoes
        if batch.failed:
            told.released += len(batch.payloads)
            return
        report = batch.report
        told.recorded += sum(report.uses.values())
        told.known += report.known
        told.dead += report.uses["dead"]
        if report.details:
            _log.warning("%d dead letters, the first: %s", report.uses["dead"], report.details[0])

    # ---- answering

    def _answer(self, event, message: Message, body: bytes) -> None:
        try:
            clear = unpacked(body, DELIVERY_BYTES_MAX * 4)
            if b"ValidateUnitsRequest" not in clear[:4096]:
                return
            requests = [read_envelope(piece) for piece in split(clear)]
        except AsbuiltError:
            return  # it becomes a dead letter
        for request in requests:
            if request.name != REQUEST or request.source == self.handle:
                continue
            said = write_envelope(
                RESPONSE, self._verdict(request), source=self.handle, target=request.source,
                request_id=request.request_id or request.unique_id, at=clock.now(),
            )  # fmt: skip
            self._send(event, message, request, said)

    def _verdict(self, request: Envelope) -> dict:
        try:
            return validate_units(self.actor, request)
        except Exception:
            # raised in Proton's loop it would end the process; a database that was away is asked anew the next time
            _log.exception("the request %s of %s was not answered", request.unique_id, request.source)
            connections.close_all()
            return unanswered()

    def _send(self, event, message: Message, request, said: bytes) -> None:
        sender = self._sender_for(event, message)
        if sender is None:
            _log.warning("nobody listens for the answer to %s of %s", request.unique_id, request.source)
            return
        answer = Message(
            body=gzip.compress(said, 1), inferred=True, durable=True, content_type='application/json; charset="utf-8"',
            content_encoding="gzip", correlation_id=message.id or request.request_id or request.unique_id,
            reply_to=self.handle, address=message.reply_to, subject=f"{self.handle}.{RESPONSE}",
            properties={"cfx-topic": RESPONSE.rpartition(".")[0], "cfx-message": RESPONSE, "cfx-handle": self.handle,
                        "cfx-target": request.source},
        )  # fmt: skip
        sender.send(answer)
        self.told.answered += 1

    def _sender_for(self, event, message: Message):
        """The link that the sender of a request listens on."""
        if message.reply_to and (found := self._senders.get(message.reply_to)):
            return found
        if event.connection == self._connection and message.reply_to:
            return self._container.create_sender(self._connection, message.reply_to)
        own = [link for link in self._links if link.is_sender and link.connection == event.connection]
        return own[0] if own else None

    # ---- stopping

    def stop(self) -> None:
        """Record what was received, acknowledge it, go. Called from another thread or a signal."""
        self._injector.trigger(ApplicationEvent("asked_to_stop"))

    def on_asked_to_stop(self, event):
        """No more is received."""
        self._stopping = True
        if self._acceptor:
            self._acceptor.close()
        self._flush()
        if not self._recording:
            self._end()

    def _end(self) -> None:
        self._recorder.stop()
        self._container.schedule(0.2, _Later(self._container.stop))
        for connection in {link.connection for link in self._links} | (
            {self._connection} if self._connection else set()
        ):
            connection.close()


class _Later:
    """What is done when a timer ends."""

    def __init__(self, action):
        self.action = action

    def on_timer_task(self, event) -> None:
        """The timer ended."""
        self.action()


def _bytes_of(body) -> bytes:
    """The bytes of a message's body: a data section, or text that an old machine sent as a value."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if isinstance(body, list | tuple):
        return b"".join(_bytes_of(part) for part in body)
    return b"" if body is None else str(body).encode()


def listen(door: Door) -> Told:
    """Run the door until it is asked to stop, by SIGTERM or Ctrl-C. Refused in a drill."""
    refuse_intake()
    container = Container(door)
    container.container_id = door.handle
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: door.stop())
    container.run()
    return door.told
