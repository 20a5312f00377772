"""What is no AMQP message at all, sent by a machine with a broken stack or by anybody on the line: the door stays open."""

from machine_floor import at, installed, material
from mouth import send
from proton import Message
from proton.handlers import MessagingHandler
from proton.reactor import Container


class _Stammerer(MessagingHandler):
    """Sends deliveries of raw bytes, past everything that would make a message of them."""

    def __init__(self, url: str, payloads: list[bytes]):
        super().__init__()
        self.url, self.payloads, self.states = url, payloads, []

    def on_start(self, event):
        self.connection = event.container.connect(self.url, reconnect=False)
        self.sender = event.container.create_sender(self.connection, "cfx")
        self.timer = event.container.schedule(20, self)

    def on_timer_task(self, event):
        event.container.stop()

    def on_sendable(self, event):
        while event.sender.credit and self.payloads:
            event.sender.delivery(event.sender.delivery_tag())
            event.sender.stream(self.payloads.pop(0))
            event.sender.advance()

    def on_accepted(self, event):
        self.states.append("accepted")
        if not self.payloads:
            self.timer.cancel()
            self.connection.close()

    def on_disconnected(self, event):
        event.container.stop()


def test_bytes_that_are_no_message_are_dead_letters(door, sql):
    one = door()
    cut = Message(body=b"x" * 100, inferred=True).encode()[:-40]
    # an amqp-value: a text that is no UTF-8, a map whose key is a list, null; and a message without a body
    value = b"\x00\x53\x77"
    values = [value + b"\xa1\x01\xff", value + b"\xc1\x03\x02\x45\x40", value + b"\x40", Message(id="1").encode()]
    noise = [b"no message", b"\x00\x53\x75\xb0", cut, bytes(range(256)), *values]
    stammerer = _Stammerer(one.url, list(noise))
    Container(stammerer).run()
    assert stammerer.states == ["accepted"] * len(noise)
    assert sql("SELECT count(*) FROM messages_dead_letter") == [(8,)]
    assert send(one.url, installed("T-1", material("RES-1", "R1", unit="S00001"), time=at(1))) == ["accepted"]
    assert one.stop()["recorded"] == 9
