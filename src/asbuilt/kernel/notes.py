"""Notes: short signed texts, among them the checkpoint, which says how long a log is and what its root is.

A note is text, one empty line, then a line `— name base64(key id ‖ signature)` for each signature. A checkpoint's text
is three lines: origin, size, root; lines after them are read over, we write none. The origin is also the key's name.

- A line of a key that is not known here is ignored; a bad signature of a known key refuses the note; a note without a
  signature of a known key is refused.
- The size has no leading zero and fits 63 bits; the root has 32 bytes and its base64 is the canonical one.
- A verifier key (vkey) is `name+<8 hex digits>+base64(01 ‖ public key)`; it is split at its first two pluses, since the
  base64 may hold more. Keys come from the command line or a trust file, never from the document they check.

Standards: C2SP signed-note, tlog-checkpoint and tlog-proof. Malformed texts are Invalid, broken signatures Tampered.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel import keys, merkle
from asbuilt.kernel.errors import Invalid, Tampered

NOTE_BYTES_MAX = 256 * 1024
SIGNATURES_MAX = 100
PROOF_HEADER = "c2sp.org/tlog-proof@v1"

_ED25519_TYPE = b"\x01"
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})").fullmatch
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]").search
_NAME = re.compile(r"[^\s+\x00-\x1f]+").fullmatch
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}").fullmatch
_KEY_ID = re.compile(r"[0-9a-f]{8}").fullmatch


@dataclass(frozen=True)
class VerifierKey:
    """Whose signature a reader trusts: a name, the four bytes of the key id, the 32 bytes of an Ed25519 key."""

    name: str
    key_id: bytes
    public: bytes


@dataclass(frozen=True)
class Signature:
    """One signature line: name, key id, and the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """The text of a note, with its last newline, and its signatures; nothing is checked by reading it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: whose, how many entries, which root (32 bytes), lines after that, names of checked signers."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()


def _bad(reason: str, what: str = "checkpoint") -> Invalid:
    return Invalid(f"kernel.{what}_malformed", f"This is no {what}: {reason}.", remedy="Get the file again, unchanged.")


def strict_base64(text: str) -> bytes:
    """The bytes of canonical standard base64 with its padding; ValueError for any other spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the canonical base64")
    return raw


def base64_text(raw: bytes) -> str:
    """Standard base64 with its padding."""
    return base64.b64encode(raw).decode()


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that tell one key of a name from another."""
    return sha256(name.encode() + b"\n" + _ED25519_TYPE + public).digest()[:4]


def format_vkey(name: str, public: bytes) -> str:
    """The verifier key as text."""
    if _NAME(name) is None or len(public) != 32:
        raise ValueError("a verifier key has a name without blank and plus, and 32 bytes")
    return f"{name}+{key_id(name, public).hex()}+{base64_text(_ED25519_TYPE + public)}"


def parse_vkey(text: str) -> VerifierKey:
    """The verifier key of this text; Invalid where a character is wrong, since the key id would not fit."""
    parts = text.split("+", 2)
    if len(parts) != 3 or _NAME(parts[0]) is None or _KEY_ID(parts[1]) is None:
        raise _bad("it is written NAME+HEXDIGITS+BASE64", "vkey")
    try:
        raw = strict_base64(parts[2])
    except ValueError as refusal:
        raise _bad(str(refusal), "vkey") from None
    if raw[:1] != _ED25519_TYPE or len(raw) != 33:
        raise _bad("its key is not of Ed25519", "vkey")
    if key_id(parts[0], raw[1:]).hex() != parts[1]:
        raise _bad("its key id does not belong to its key", "vkey")
    return VerifierKey(parts[0], bytes.fromhex(parts[1]), raw[1:])


def sign_note(text: str, name: str, private: bytes) -> str:
    """The note: this text and one signature under this name by the Ed25519 key of these 32 bytes."""
    if not text.endswith("\n") or _CONTROL(text) or _NAME(name) is None:
        raise ValueError("a note ends with a newline, has no control characters, and its signer a name without blanks")
    raw = key_id(name, keys.public_of(private)) + keys.sign_ed25519(private, text.encode())
    return f"{text}\n— {name} {base64_text(raw)}\n"


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed."""
    if _NAME(origin) is None or not 0 <= size <= merkle.SIZE_MAX or len(root) != merkle.HASH_BYTES:
        raise ValueError("a checkpoint has an origin without blank and plus, a size of 63 bits and a root of 32 bytes")
    return f"{origin}\n{size}\n{base64_text(root)}\n"


def sign_checkpoint(origin: str, size: int, root: bytes, private: bytes) -> str:
    """The signed checkpoint of a log; `private` is the 32 bytes of its Ed25519 key."""
    return sign_note(checkpoint_text(origin, size, root), origin, private)


def parse_note(note: str | bytes) -> Note:
    """The text and the signatures of a note, unchecked; Invalid where it is malformed."""
    if isinstance(note, bytes):
        try:
            note = note.decode("utf-8")
        except UnicodeDecodeError:
            raise _bad("it is not UTF-8", "note") from None
    if len(note) > NOTE_BYTES_MAX:
        raise _bad(f"it has more than {NOTE_BYTES_MAX} characters", "note")
    if _CONTROL(note):
        raise _bad("it holds a control character", "note")
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise _bad("the empty line before the signatures, or the newline after them, is missing", "note")
    lines = block[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _bad(f"it has more than {SIGNATURES_MAX} signatures", "note")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    found = _SIGNATURE_LINE(line)
    if found is None:
        raise _bad("a line after the empty line is no signature", "note")
    try:
        raw = strict_base64(found[2])
    except ValueError as refusal:
        raise _bad(f"a signature is {refusal}", "note") from None
    if len(raw) < 5:
        raise _bad("a signature is too short", "note")
    return Signature(found[1], raw[:4], raw[4:])


def verify(note: str | bytes, vkeys: Iterable[VerifierKey]) -> tuple[str, tuple[str, ...]]:
    """(text, names of its checked signers). Tampered where a known key's signature is bad or no known key signed."""
    parsed = parse_note(note)
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for vkey in vkeys:
        if known.setdefault((vkey.name, vkey.key_id), vkey) != vkey:
            raise Invalid("kernel.vkey_ambiguous", f"Two different keys of {vkey.name} have the same key id.")
    signers: list[str] = []
    for line in parsed.signatures:
        vkey = known.get((line.name, line.key_id))
        if vkey is None:
            continue
        if not keys.verify_ed25519(vkey.public, parsed.text.encode(), line.signature):
            raise Tampered(
                "ledger.checkpoint_signature",
                f"The signature of {line.name} does not fit the text above it.",
                {"signer": line.name},
                "Get the file again from its sender; if it still fails, it was changed.",
            )
        if line.name not in signers:
            signers.append(line.name)
    if not signers:
        raise Tampered(
            "ledger.checkpoint_signer_unknown",
            "None of the keys given signed this checkpoint.",
            {"signed_by": [line.name[:80] for line in parsed.signatures[:10]]},
            "Give the log's public key with --key, from somebody you trust and not from this file.",
        )
    return parsed.text, tuple(signers)


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text (without its signatures), unchecked; Invalid where it is malformed."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise _bad("it needs an origin, a size and a root, each in a line")
    origin, size, root, *extensions = lines[:-1]
    if _NUMBER(size) is None or int(size) > merkle.SIZE_MAX:
        raise _bad("its size is not a whole number of at most 63 bits")
    try:
        raw = strict_base64(root)
    except ValueError as refusal:
        raise _bad(f"its root is {refusal}") from None
    if len(raw) != merkle.HASH_BYTES:
        raise _bad(f"its root has {len(raw)} bytes instead of {merkle.HASH_BYTES}")
    return Checkpoint(origin, int(size), raw, tuple(extensions))


def verify_checkpoint(note: str | bytes, vkeys: Sequence[VerifierKey]) -> Checkpoint:
    """The checked checkpoint of a note. The log itself must have signed: a signer's name is the origin."""
    text, signers = verify(note, vkeys)
    found = parse_checkpoint(text)
    if found.origin not in signers:
        raise Tampered(
            "ledger.checkpoint_origin",
            f"The checkpoint is of {found.origin}, but none of the keys given signed for that name.",
            {"origin": found.origin, "signers": list(signers)},
            "Give the public key of that log.",
        )
    return Checkpoint(found.origin, found.size, found.root, found.extensions, signers)


def format_proof(index: int, proof: Sequence[bytes], checkpoint: str, extra: bytes | None = None) -> str:
    """One entry's proof as C2SP tlog-proof text; `checkpoint` is the whole signed note."""
    lines = [PROOF_HEADER, *([f"extra {base64_text(extra)}"] if extra is not None else []), f"index {index}"]
    return "\n".join([*lines, *(base64_text(node) for node in proof), "", checkpoint])


def parse_proof(text: str) -> tuple[int, list[bytes], str, bytes | None]:
    """(index, proof, signed note, extra bytes or None) of a tlog-proof text, unchecked; Invalid where malformed."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > NOTE_BYTES_MAX or not blank or not checkpoint or lines.pop(0) != PROOF_HEADER:
        raise _bad(f"it begins with {PROOF_HEADER} and holds a checkpoint after an empty line", "proof")
    try:
        extra = strict_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
        proof = [strict_base64(line) for line in lines[1:]]
    except ValueError as refusal:
        raise _bad(f"a line is {refusal}", "proof") from None
    number = lines[0][6:] if lines and lines[0].startswith("index ") else ""
    if _NUMBER(number) is None or int(number) > merkle.SIZE_MAX:
        raise _bad("its index is not a whole number of at most 63 bits", "proof")
    if len(proof) > merkle.PROOF_HASHES_MAX or any(len(node) != merkle.HASH_BYTES for node in proof):
        raise _bad(f"it has more than {merkle.PROOF_HASHES_MAX} hashes, or one that has not 32 bytes", "proof")
    return int(number), proof, checkpoint, extra
