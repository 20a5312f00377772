"""The envelope: a payload of one message or an array of them, opened within limits.

- A payload is UTF-8 JSON, perhaps gzip (known by its magic 1F 8B, because old machines send no content-encoding), perhaps
  with a byte order mark.
- It is well formed as a whole or refused as a whole: of a broken array nothing is taken.
- Limits: bytes as they came, bytes unpacked, messages a payload, nesting. NaN, Infinity, numbers beyond a double and lone
  surrogates are refused: no database and no log could keep them.
- A message is known by its UniqueID. One without it, or with the empty GUID, is known by its bytes.

Standard: IPC-2591 4.3 (envelope); RFC 8259; RFC 1952.
"""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from asbuilt.formats.cfx.values import Moment, moment, text
from asbuilt.kernel.errors import Invalid

PAYLOAD_BYTES_MAX = 32 << 20
CLEAR_BYTES_MAX = 256 << 20
MESSAGE_BYTES_MAX = 16 << 20
MESSAGES_MAX = 100_000
NESTING_MAX = 64
NAME_CHARACTERS_MAX = 200
HANDLE_CHARACTERS_MAX = 200
GZIP = b"\x1f\x8b"
PIECE_BYTES = 4 << 10

_BLANK = re.compile(r"[ \t\r\n]*")
_PADDING = re.compile(rb"\x00*")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Envelope:
    """One message: `identity` are the 16 bytes it is known by, `body` what it says, as JSON gave it."""

    identity: bytes
    unique_id: str
    name: str
    source: str
    target: str
    request_id: str
    sent_at: Moment | None
    body: dict = field(repr=False, hash=False)

    @property
    def kind(self) -> str:
        """The last word of the message's name: MaterialsInstalled."""
        return self.name.rpartition(".")[2]

    @property
    def offset(self) -> int | None:
        """Minutes that the sender's clock was ahead of UTC, for its times that do not say so; None where it does not."""
        return self.sent_at.offset if self.sent_at else None


def unpacked(payload: bytes, clear_bytes_max: int = CLEAR_BYTES_MAX) -> bytes:
    """The JSON bytes of a payload; Invalid where it is too large, before or after unpacking, or damaged."""
    if len(payload) > PAYLOAD_BYTES_MAX and len(payload) > clear_bytes_max:
        raise _too_large(len(payload), clear_bytes_max)
    if not payload.startswith(GZIP):
        return payload
    parts, left, at = [], clear_bytes_max, 0
    try:
        while at < len(payload):
            stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            while not stream.eof:
                # in small pieces: what a member leaves over is copied, and a payload may be a million empty members
                piece = payload[at : at + PIECE_BYTES]
                if not piece:
                    raise Invalid("cfx.gzip_broken", "The gzip data ends too early.", remedy="Have it sent again.")
                parts.append(stream.decompress(piece, left + 1))
                left -= len(parts[-1])
                if left < 0:
                    raise _too_large(None, clear_bytes_max)
                at += len(piece) - len(stream.unused_data)
            at = _PADDING.match(payload, at).end()
    except zlib.error:
        raise Invalid("cfx.gzip_broken", "The gzip data is damaged.", remedy="Have it sent again.") from None
    return b"".join(parts)


def _too_large(size: int | None, most: int) -> Invalid:
    said = f"{size:,} bytes" if size else "more"
    return Invalid(
        "cfx.too_large",
        f"A payload has at most {most:,} bytes unpacked; this one has {said}.",
        {"bytes_max": most},
        "Have the machine send fewer messages at once.",
    )


def split(payload: bytes, clear_bytes_max: int = CLEAR_BYTES_MAX) -> list[bytes]:
    """The bytes of each message in a payload, in order. Invalid where the payload as a whole is no CFX."""
    clear = unpacked(payload, clear_bytes_max)
    try:
        said = clear.decode("utf-8-sig")
    except UnicodeDecodeError as refusal:
        raise _not_json(f"it is not UTF-8 from byte {refusal.start} on") from None
    at = _BLANK.match(said).end()
    if said[at : at + 1] != "[":
        return [clear]
    return [piece.encode() for piece in _elements(said, at + 1)]


def _elements(said: str, at: int) -> Iterator[str]:
    """The texts of an array's elements; its reader walks the whole array before anything is taken."""
    pieces: list[str] = []
    at = _BLANK.match(said, at).end()
    if said[at : at + 1] == "]":
        at += 1
    else:
        while True:
            start = at
            at = _scan(said, at)
            pieces.append(said[start:at])
            if len(pieces) > MESSAGES_MAX:
                raise Invalid(
                    "cfx.too_many",
                    f"A payload has at most {MESSAGES_MAX:,} messages.",
                    {"messages_max": MESSAGES_MAX},
                    "Send them in parts.",
                )
            at = _BLANK.match(said, at).end()
            mark, at = said[at : at + 1], at + 1
            if mark == "]":
                break
            if mark != ",":
                raise _not_json(f"a comma or the end of the array is missing at character {at}")
            at = _BLANK.match(said, at).end()
    if _BLANK.match(said, at).end() != len(said):
        raise _not_json(f"something follows the array at character {at + 1}")
    return iter(pieces)


def _refuse_constant(word: str):
    raise ValueError(f"{word} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:20]} is beyond every number")
    return number


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _scan(said: str, at: int) -> int:
    try:
        return _decoder.raw_decode(said, at)[1]
    except RecursionError:
        raise _too_deep() from None
    except ValueError as refusal:
        raise _not_json(str(refusal)) from None


def _not_json(why: str) -> Invalid:
    why = " ".join(why.split())[:200]
    return Invalid(
        "cfx.not_json", f"This is no JSON: {why}.", {"why": why}, "Have the maker mend what the machine writes."
    )


def _too_deep() -> Invalid:
    return Invalid(
        "cfx.too_deep",
        f"Lists and structures lie more than {NESTING_MAX} deep.",
        {"nesting_max": NESTING_MAX},
        "Have the maker mend what the machine writes.",
    )


def read_envelope(piece: bytes) -> Envelope:
    """The envelope of one message. Invalid where it is no JSON object, has no name, source or body, or breaks a limit."""
    if len(piece) > MESSAGE_BYTES_MAX:
        raise _too_large(len(piece), MESSAGE_BYTES_MAX)
    said = _opened(piece)
    if not isinstance(said, dict):
        raise _no_envelope("it is no JSON object")
    found = {name.lower(): value for name, value in said.items()}
    body = found.get("messagebody")
    name, source = found.get("messagename"), found.get("source")
    if not isinstance(name, str) or not name.strip():
        raise _no_envelope("MessageName is missing")
    if not isinstance(source, str) or not source.strip():
        raise _no_envelope("Source is missing")
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise _no_envelope("MessageBody is no structure")
    unique_id = text(found.get("uniqueid"), "UniqueID")
    return Envelope(
        identity_of(unique_id, piece),
        unique_id,
        text(name, "MessageName", NAME_CHARACTERS_MAX),
        text(source, "Source", HANDLE_CHARACTERS_MAX),
        text(found.get("target"), "Target", HANDLE_CHARACTERS_MAX),
        text(found.get("requestid"), "RequestID"),
        moment(found.get("timestamp"), "TimeStamp"),
        body,
    )


def _opened(piece: bytes):
    try:
        said = _decoder.decode(piece.decode("utf-8-sig"))
        if _HALF.search(piece):
            json.dumps(said, ensure_ascii=False).encode()
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as refusal:
        raise _not_json(f"it is not UTF-8 from byte {refusal.start} on") from None
    except UnicodeEncodeError:
        raise _not_json("half a character stands alone (a lone surrogate)") from None
    except ValueError as refusal:
        raise _not_json(str(refusal)) from None
    level, depth = [said], 0
    while level:
        depth += 1
        if depth > NESTING_MAX:
            raise _too_deep()
        level = [
            value
            for held in level
            for value in (held.values() if type(held) is dict else held if type(held) is list else ())
            if type(value) is dict or type(value) is list
        ]
    return said


def _no_envelope(why: str) -> Invalid:
    return Invalid(
        "cfx.no_envelope",
        f"This is no CFX message: {why}.",
        {"why": why},
        "A message is MessageName, TimeStamp, UniqueID, Source and MessageBody.",
    )


def identity_of(unique_id: str, piece: bytes) -> bytes:
    """The 16 bytes that a message is known by: its GUID, or the hash of another id, or that of its bytes."""
    if unique_id:
        try:
            known = UUID(unique_id)
        except ValueError:
            return sha256(b"cfx id " + unique_id.encode()).digest()[:16]
        if known.int:
            return known.bytes
    return sha256(b"cfx bytes " + piece).digest()[:16]
