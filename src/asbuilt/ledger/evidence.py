"""Evidence: what arrived, byte for byte, under the SHA-256 of its bytes.

    with evidence.incoming(tenant, path, "units.csv", "import") as kept:
        with recording(actor, …) as entry:
            kept.record(entry)

- Bytes are stored before the entry is recorded; where no entry comes of it, they are removed again.
- Classes with personal data or bulk are encrypted under a key of their own, AES-256-GCM in frames of one MiB; to
  destroy the key is to erase the evidence. A frame is bound to its place and to whether it is the last, so none can be
  cut or moved.
- The entry commits to hash and size and, salted by the key, to class, file name and the hash of the stored bytes.
- Everything is checked when it is read; what was changed is Tampered and not handed out.

The same bytes are kept once a tenant, under the name and class they came with first. Standard: NIST SP 800-38D.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from asbuilt.kernel import commitments
from asbuilt.kernel.errors import NotFound, Sealed, Tampered
from asbuilt.ledger.evidence_classes import evidence_class
from asbuilt.ledger.recording import Entry
from asbuilt.storage import blobs, bulk, databases, reading

FRAME_BYTES = 1 << 20
TAG_BYTES = 16
COLUMNS = ("tenant", "sha256", "size", "stored_sha256", "evidence_class", "file_name", "key")


@dataclass
class Kept:
    """Stored bytes: their SHA-256 in hex and size; `record` makes an entry rest on them."""

    tenant: int
    sha256: str
    size: int
    stored_sha256: str
    evidence_class: str
    file_name: str
    key: bytes = field(repr=False)
    recorded: bool = False

    def record(self, entry: Entry) -> None:
        """The entry rests on this evidence; inside the entry's transaction."""
        known = _row(self.tenant, self.sha256)
        if known is None:
            said = (self.sha256, self.size, self.stored_sha256, self.evidence_class, self.file_name, self.key)
            bulk.insert_rows("ledger_evidence", COLUMNS, [(self.tenant, *said)])
        elif known.key is None:
            bulk.run(
                "UPDATE ledger_evidence SET stored_sha256 = %s, evidence_class = %s, file_name = %s, key = %s "
                "WHERE tenant = %s AND sha256 = %s",
                (self.stored_sha256, self.evidence_class, self.file_name, self.key, self.tenant, self.sha256),
            )
        row = self if known is None or known.key is None else known
        said = (row.evidence_class, row.file_name, row.stored_sha256)
        entry.rest_on(self.sha256, self.size, commitment(row.key, self.sha256, *said))
        self.recorded = True


def known_hashes(tenant: int, hashes: Sequence[str]) -> set[str]:
    """Those of these hashes under which there is evidence, erased or not. One statement."""
    sql = "SELECT sha256 FROM ledger_evidence WHERE tenant = %s AND " + reading.any_of("sha256", "text")
    return {sha256 for (sha256,) in reading.fetch(sql, (tenant, reading.list_param(hashes)))}


def record_all(entry: Entry, kept: Sequence[Kept]) -> None:
    """The entry rests on all of these, none twice; two statements for those that are new."""
    there = known_hashes(entry.tenant, [one.sha256 for one in kept])
    fresh = [one for one in kept if one.sha256 not in there]
    rows = [
        (one.tenant, one.sha256, one.size, one.stored_sha256, one.evidence_class, one.file_name, one.key)
        for one in fresh
    ]
    bulk.insert_rows("ledger_evidence", COLUMNS, rows)
    for one in fresh:
        entry.rest_on(
            one.sha256, one.size, commitment(one.key, one.sha256, one.evidence_class, one.file_name, one.stored_sha256)
        )
        one.recorded = True
    for one in kept:
        if one.sha256 in there:
            one.record(entry)


@dataclass(frozen=True)
class EvidenceRow:
    """What the table says of one piece of evidence; `key` is None once it was erased."""

    sha256: str
    size: int
    stored_sha256: str
    evidence_class: str
    file_name: str
    key: bytes | None
    erased_by: int | None


def commitment(key: bytes, sha256: str, evidence_class: str, file_name: str, stored_sha256: str) -> str:
    """What an entry says of class, name and stored bytes; it confirms nothing once the key is gone."""
    said = json.dumps([evidence_class, file_name, stored_sha256], ensure_ascii=False, separators=(",", ":"))
    return commitments.hidden_hash(key, sha256, "evidence", said).hex()


def keep(tenant: int, stream: BinaryIO, file_name: str, evidence_class: str) -> Kept:
    """Store the stream's bytes with flat memory. `record` them in an entry, or `forget` them."""
    return _store(tenant, blobs.pieces(stream), file_name, evidence_class)


@contextmanager
def incoming(tenant: int, path: Path, file_name: str, evidence_class: str) -> Iterator[Kept]:
    """Store a file's bytes for the time of the block; where no entry rests on them at its end, they are removed."""
    kept = _known(tenant, path)
    if kept is None:
        with open(path, "rb") as stream:
            kept = keep(tenant, stream, file_name, evidence_class)
    try:
        yield kept
    finally:
        forget(kept)


@contextmanager
def uploaded(
    tenant: int, content: bytes | None, name: str, evidence_class: str = "traceability"
) -> Iterator[list[Kept]]:
    """What somebody attached, under the printable end of its name; none where there is no content. Removed again where no entry rests on it."""
    if content is None:
        yield []
        return
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')[-120:].strip(". ")
    kept = keep(tenant, BytesIO(content), shown or "file", evidence_class)
    try:
        yield [kept]
    finally:
        forget(kept)  # only what no entry rests on


def _known(tenant: int, path: Path) -> Kept | None:
    with open(path, "rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    row = _row(tenant, sha256)
    if row is None or row.key is None:
        return None
    return Kept(tenant, sha256, row.size, row.stored_sha256, row.evidence_class, row.file_name, row.key, True)


def keep_together(tenant: int, files: Sequence[tuple[bytes, str]], evidence_class: str) -> list[Kept]:
    """Store (bytes, file name) of several files in the time that a few take."""
    begun = [_begun([content], evidence_class) for content, _ in files]
    stored = blobs.store_together([written for _, _, written in begun])
    return [
        Kept(tenant, clear.digest.hexdigest(), clear.size, sha256, evidence_class, name[:255], key)
        for (key, clear, _), (sha256, _), (_, name) in zip(begun, stored, files, strict=True)
    ]


def _store(tenant: int, pieces: Iterable[bytes], file_name: str, class_name: str) -> Kept:
    key, clear, written = _begun(pieces, class_name)
    stored, _ = blobs.store(written)
    return Kept(tenant, clear.digest.hexdigest(), clear.size, stored, class_name, file_name[:255], key)


def _begun(pieces: Iterable[bytes], class_name: str) -> tuple[bytes, "_Counted", Iterable[bytes]]:
    """(key, the pieces counted as they are read, what is written of them)."""
    key, clear = secrets.token_bytes(32), _Counted(pieces)
    return key, clear, _encrypted(clear, key) if evidence_class(class_name).encrypted else clear


def forget(kept: Kept) -> None:
    """Remove bytes that no evidence of any tenant names; after a transaction that failed, or none."""
    if not named(kept.stored_sha256):
        blobs.erase(kept.stored_sha256)


def named(stored_sha256: str) -> bool:
    """Whether evidence that is not erased rests on this blob, in whichever tenant's record."""
    sql = "SELECT 1 FROM ledger_evidence WHERE stored_sha256 = %s AND key IS NOT NULL LIMIT 1"
    return reading.fetch_one(sql, (stored_sha256,)) is not None


def evidence_row(tenant: int, sha256: str) -> EvidenceRow:
    """What is known of this evidence; NotFound where the tenant has none with this hash."""
    row = _row(tenant, sha256)
    if row is None:
        raise NotFound("ledger.evidence_unknown", f"There is no evidence {sha256[:16]}….", {"sha256": sha256})
    return row


def _row(tenant: int, sha256: str) -> EvidenceRow | None:
    sql = (
        "SELECT sha256, size, stored_sha256, evidence_class, file_name, key, erased_by FROM ledger_evidence "
        "WHERE tenant = %s AND sha256 = %s"
    )
    row = reading.fetch_one(sql, (tenant, sha256))
    return EvidenceRow(*row[:5], bytes(row[5]) if row[5] is not None else None, row[6]) if row else None


def open_evidence(tenant: int, sha256: str) -> Iterator[bytes]:
    """The bytes in pieces, checked before they are handed out. NotFound, Sealed once erased, Tampered where changed."""
    row = evidence_row(tenant, sha256)
    if row.key is None:
        raise Sealed(
            "ledger.evidence_erased",
            f"Evidence {sha256[:16]}… was erased by entry {row.erased_by}.",
            {"sha256": sha256, "entry": row.erased_by},
        )
    # the first run over the bytes finds a change before any of them leaves the house
    fault = check(row)
    if fault:
        raise Tampered(
            "ledger.evidence_changed",
            f"Evidence {row.file_name} is {fault}.",
            {"sha256": sha256, "file": row.file_name},
            "Run `asbuilt ledger verify`; restore the file from a backup.",
        )
    return _clear(row)


def check(row: EvidenceRow) -> str | None:
    """`missing` or `changed`, or None where the stored bytes give hash and size back; not for erased evidence."""
    place = blobs.place(row.stored_sha256)
    if not place.is_file():
        return "missing"
    with open(place, "rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != row.stored_sha256:
            return "changed"
    clear = _Counted(_clear(row))
    try:
        for _ in clear:
            pass
    except Tampered:
        return "changed"
    return None if (clear.digest.hexdigest(), clear.size) == (row.sha256, row.size) else "changed"


def _clear(row: EvidenceRow) -> Iterator[bytes]:
    encrypted = evidence_class(row.evidence_class).encrypted
    with open(blobs.place(row.stored_sha256), "rb") as stream:
        yield from _decrypted(stream, row.key) if encrypted else blobs.pieces(stream)


class _Counted:
    """Passes pieces on, and knows their hash and size afterwards."""

    def __init__(self, pieces: Iterable[bytes]):
        self._pieces, self.digest, self.size = pieces, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.digest.update(piece)
            self.size += len(piece)
            yield piece


def _cipher(key: bytes):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    # not the key itself: that one also salts what the entry says
    return AESGCM(hashlib.sha256(b"\x03" + key).digest())


def _sealing(number: int, last: bool) -> tuple[bytes, bytes]:
    # one key seals one piece of evidence, so a counter never repeats under it
    return number.to_bytes(12, "big"), b"last" if last else b"more"


def _frames(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Frames of exactly this size, the last one shorter or empty, each with whether it is the last."""
    held = b""
    for piece in pieces:
        held += piece
        while len(held) > size:
            yield held[:size], False
            held = held[size:]
    yield held, True


def _encrypted(pieces: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    cipher = _cipher(key)
    for number, (frame, last) in enumerate(_frames(pieces, FRAME_BYTES)):
        nonce, bound = _sealing(number, last)
        yield cipher.encrypt(nonce, frame, bound)


def _decrypted(stream: BinaryIO, key: bytes) -> Iterator[bytes]:
    from cryptography.exceptions import InvalidTag

    cipher = _cipher(key)
    for number, (frame, last) in enumerate(_frames(blobs.pieces(stream), FRAME_BYTES + TAG_BYTES)):
        nonce, bound = _sealing(number, last)
        try:
            yield cipher.decrypt(nonce, frame, bound)
        except (InvalidTag, ValueError):
            raise Tampered("ledger.evidence_changed", "Stored evidence does not open with its key.") from None


def sweep(older_than_seconds: int = 3600) -> int:
    """Remove half-written blobs that a crash left behind; returns how many."""
    removed = 0
    for file in sorted((databases.home() / "blobs" / "incoming").glob("*")):
        if time.time() - file.stat().st_mtime > older_than_seconds:
            file.unlink(missing_ok=True)
            removed += 1
    return removed
