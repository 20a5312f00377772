"""Arriving: bytes from a machine become messages, each read as far as it can be, none refused here.

What cannot be read carries its refusal and becomes a dead letter. What is doubtful is flagged, not refused: a time without
its offset, none at all, a clock that is ahead of ours, or far behind it for a message that came over the line.
"""

from dataclasses import dataclass

from asbuilt.built.messages.clocks import (
    AHEAD_SECONDS,
    BEHIND_SECONDS,
    CLOCK_AHEAD,
    CLOCK_BEHIND,
    NO_OFFSET,
    NO_TIME,
)
from asbuilt.built.messages.handlers import HANDLERS, NONE
from asbuilt.formats.cfx.envelope import CLEAR_BYTES_MAX, Envelope, identity_of, read_envelope, split
from asbuilt.formats.cfx.reading import read_body
from asbuilt.kernel.errors import AsbuiltError, Invalid


@dataclass
class Arrived:
    """One message as it arrived: bytes, when (UTC microseconds), from where; what it says, or what is wrong with it."""

    raw: bytes
    received_at: int
    origin: str
    identity: bytes
    envelope: Envelope | None = None
    body: object | None = None
    refused: AsbuiltError | None = None
    flag: str = ""
    live: bool = False

    @property
    def room(self) -> str:
        """The room that records it."""
        if self.refused or self.body is None:
            return NONE
        return HANDLERS[self.envelope.name].room

    @property
    def happened_at(self) -> int:
        """When the machine says it was; when it was received where it does not say."""
        if self.envelope and self.envelope.sent_at:
            return self.envelope.sent_at.at
        return self.received_at

    @property
    def name(self) -> str:
        """The message's name, "" where it could not be read."""
        return self.envelope.name if self.envelope else ""

    @property
    def handle(self) -> str:
        """The machine's handle, "" where it could not be read."""
        return self.envelope.source if self.envelope else ""


def arrived(
    payload: bytes, received_at: int, origin: str, *, live: bool = True, clear_bytes_max: int = CLEAR_BYTES_MAX
) -> list[Arrived]:
    """The messages of a payload; of one that is broken as a whole, one that carries the refusal. `live`: over the line."""
    try:
        pieces = split(payload, clear_bytes_max)
    except Invalid as refusal:
        return [Arrived(payload, received_at, origin, identity_of("", payload), refused=refusal)]
    return [message(piece, received_at, origin, live=live) for piece in pieces]


def message(raw: bytes, received_at: int, origin: str, *, live: bool = True) -> Arrived:
    """One message."""
    try:
        envelope = read_envelope(raw)
    except Invalid as refusal:
        return Arrived(raw, received_at, origin, identity_of("", raw), refused=refusal)
    one = Arrived(raw, received_at, origin, envelope.identity, envelope, live=live)
    one.flag = _flag(one, live)
    try:
        one.body = read_body(envelope)
    except Invalid as refusal:
        one.refused = refusal
    return one


def _flag(one: Arrived, live: bool) -> str:
    sent = one.envelope.sent_at
    if sent is None:
        return NO_TIME
    ahead = sent.at - one.received_at
    if ahead > AHEAD_SECONDS * 1_000_000:
        return CLOCK_AHEAD
    if live and -ahead > BEHIND_SECONDS * 1_000_000:
        return CLOCK_BEHIND
    return "" if sent.sure else NO_OFFSET
