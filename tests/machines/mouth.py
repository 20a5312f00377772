"""A machine's side of the wire, with nothing of ours: sends messages over AMQP 1.0 as the SDK of CFX does, and asks."""

import gzip
import json
import time

from proton import Message
from proton.handlers import MessagingHandler
from proton.reactor import Container

ADDRESS = "cfx"


class _Sender(MessagingHandler):
    def __init__(self, url: str, address: str, bodies: list[bytes], options: dict, seconds: float):
        super().__init__()
        self.url, self.address, self.bodies, self.options, self.seconds = url, address, bodies, options, seconds
        self.sent, self.states, self.error = 0, [], None

    def on_start(self, event):
        self.connection = event.container.connect(self.url, reconnect=False, **self.options)
        self.sender = event.container.create_sender(self.connection, self.address)
        self.timer = event.container.schedule(self.seconds, self)

    def on_timer_task(self, event):
        self.error = self.error or "no time left"
        event.container.stop()

    def on_sendable(self, event):
        while event.sender.credit and self.sent < len(self.bodies):
            body = self.bodies[self.sent]
            said = {"content_encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
            event.sender.send(Message(body=body, inferred=True, durable=True, id=str(self.sent), **said))
            self.sent += 1

    def _settled(self, event, state: str):
        self.states.append(state)
        if len(self.states) == len(self.bodies):
            self.timer.cancel()
            self.connection.close()

    def on_accepted(self, event):
        self._settled(event, "accepted")

    def on_rejected(self, event):
        self._settled(event, "rejected")

    def on_released(self, event):
        self._settled(event, "released")

    def on_transport_error(self, event):
        self.error = str(event.transport.condition)

    def on_disconnected(self, event):
        event.container.stop()


def send(
    url: str, *messages: dict | bytes, address: str = ADDRESS, packed: bool = True, seconds: float = 60, **options
) -> list[str]:
    """Send these; returns what the other side said of each, in the order in which it said so."""
    bodies = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    sender = _Sender(url, address, [gzip.compress(one) if packed else one for one in bodies], options, seconds)
    Container(sender).run()
    return sender.states


class _Asker(MessagingHandler):
    def __init__(self, url: str, message: dict, seconds: float):
        super().__init__()
        self.url, self.message, self.seconds, self.answer = url, message, seconds, None

    def on_start(self, event):
        self.connection = event.container.connect(self.url, reconnect=False)
        self.receiver = event.container.create_receiver(self.connection, "answers-of-me", dynamic=False)
        self.sender = event.container.create_sender(self.connection, ADDRESS)
        self.timer = event.container.schedule(self.seconds, self)
        self.sent = False

    def on_timer_task(self, event):
        event.container.stop()

    def on_sendable(self, event):
        if not self.sent:
            self.sent = True
            body = json.dumps(self.message).encode()
            event.sender.send(Message(body=body, inferred=True, id="ask-1", reply_to="answers-of-me"))

    def on_message(self, event):
        self.answer = event.message
        self.timer.cancel()
        self.connection.close()

    def on_disconnected(self, event):
        event.container.stop()


def ask(url: str, message: dict, seconds: float = 20) -> tuple[Message, dict]:
    """Send a request and wait for its answer: the message, and the envelope in it."""
    asker = _Asker(url, message, seconds)
    Container(asker).run()
    assert asker.answer is not None, "no answer"
    return asker.answer, json.loads(gzip.decompress(bytes(asker.answer.body)))


def wait_for(condition, seconds: float = 30):
    """Wait until the condition holds; returns what it gave."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came true")
