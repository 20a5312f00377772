"""Segments: the messages of a group as they arrived, one compressed piece of evidence.

A gzip file; in it, for each message, a line of JSON that says how many bytes follow, when they were received and from
where, then those bytes, then a line end. Anybody can unpack and read it without us. A message that came inside a larger
payload (an array, a gzip) stands as the bytes it had in there.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import evidence
from asbuilt.ledger.recording import Entry

CLASS = "machine"
LEVEL = 6


@dataclass(frozen=True)
class Kept:
    """A message in a segment: when it was received, from where, and its bytes."""

    received_at: str
    origin: str
    raw: bytes


def packed(messages: Sequence[tuple[int, str, bytes]]) -> bytes:
    """The segment of messages (received at, origin, bytes); the same messages give the same bytes."""
    out = []
    for received_at, origin, raw in messages:
        head = {"bytes": len(raw), "from": origin, "received_at": format_instant(received_at)}
        out += [json.dumps(head, ensure_ascii=False).encode(), b"\n", raw, b"\n"]
    return gzip.compress(b"".join(out), LEVEL, mtime=0)


def messages_of(segment: bytes) -> Iterator[bytes]:
    """The messages of a segment that is unpacked, as they arrived, in order; none of what is no segment."""
    at = 0
    while at < len(segment):
        try:
            end = segment.index(b"\n", at)
            until = end + 1 + int(json.loads(segment[at:end])["bytes"])
        except (ValueError, KeyError, TypeError):
            return
        yield segment[end + 1 : until]
        at = until + 1


def message_in(tenant: int, sha256: str, place: int) -> Kept:
    """The message at this place of a segment. NotFound, Sealed once the segment was erased, Tampered where changed."""
    for at, kept in enumerate(all_in(tenant, sha256)):
        if at == place:
            return kept
    raise NotFound("messages.bytes_missing", f"The segment has no message {place}.", {"sha256": sha256, "place": place})


def all_in(tenant: int, sha256: str) -> Iterator[Kept]:
    """The messages of a segment, in order. NotFound, Sealed, Tampered as above."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    held, at = bytearray(), 0
    for piece in evidence.open_evidence(tenant, sha256):
        held += stream.decompress(piece)
    while at < len(held):
        end = held.index(b"\n", at)
        head = json.loads(held[at:end])
        at = end + 1 + head["bytes"]
        yield Kept(head["received_at"], head["from"], bytes(held[end + 1 : at]))
        at += 1


def rest_on(entry: Entry, sha256: str) -> None:
    """The entry rests on a segment that is kept already."""
    row = evidence.evidence_row(entry.tenant, sha256)
    said = (row.sha256, row.size, row.stored_sha256, row.evidence_class, row.file_name, row.key)
    evidence.Kept(entry.tenant, *said).record(entry)
