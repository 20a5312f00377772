"""Receiving: the bytes of one delivery become a message, whatever they are.

Proton makes a message of what a machine sent, and raises, or gives one without a body, where it is none: text that is no
UTF-8, a map with a list for a key, noise, half a message. Raised in its loop that would end the process; without a body it
would be acknowledged and gone. Both come in as their bytes instead, and become dead letters as they came.
"""

import logging

from proton import Message
from proton.handlers import IncomingMessageHandler

_log = logging.getLogger(__name__)


class Incoming(IncomingMessageHandler):
    """Gives each whole delivery to its delegate's `on_message`; accepts and settles nothing by itself."""

    def on_delivery(self, event) -> None:
        """A delivery came, or what became of one."""
        delivery = event.delivery
        if not delivery.link.is_receiver or delivery.aborted or not delivery.readable or delivery.partial:
            super().on_delivery(event)
            return
        raw = delivery.link.recv(delivery.pending) or b""
        delivery.link.advance()
        event.message = message_of(raw)
        self.on_message(event)


def message_of(raw: bytes) -> Message:
    """The message that these bytes are; where they are none with a body, one that holds the bytes themselves."""
    message = Message()
    try:
        message.decode(raw)
        if message.body is not None:
            return message
    except Exception as refusal:  # by what a stranger sends, Proton raises errors of every kind
        _log.warning("%d bytes are no message: %s", len(raw), refusal)
    return Message(body=raw, inferred=True)
