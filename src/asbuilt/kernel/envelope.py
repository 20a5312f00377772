"""Envelope: a signed document (DSSE): payload, its type, signatures over both.

What is signed is `DSSEv1 <len type> <type> <len payload> <payload>` (PAE), so that neither a payload can be passed off
under another type nor the two be shifted against each other. After the check those very payload bytes are used;
nothing is read from the document a second time.

- The key id in a signature is a hint and unsigned; a signature counts if any of the given keys made it.
- Two signatures with one key id are refused, so is a document without a signature, with more than 16, or over 32 MiB.
- Fields that the standard does not name are left alone.

Standard: github.com/secure-systems-lab/dsse, protocol.md and envelope.md, v1.0. An ECDSA signature is raw r ‖ s.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.kernel import keys
from asbuilt.kernel.canonical import DOCUMENT_BYTES_MAX, parse_strict
from asbuilt.kernel.errors import Invalid, Tampered
from asbuilt.kernel.notes import base64_text

SIGNATURES_MAX = 16
TYPE_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class Envelope:
    """An envelope as it was read, unchecked: payload type, payload, (key id or empty, signature) pairs."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, private: bytes) -> bytes:
    """The envelope as JSON bytes, signed by the Ed25519 key of these 32 bytes."""
    signature = keys.sign_ed25519(private, pae(payload_type, payload))
    key = keys.PublicKey(keys.ED25519, keys.public_of(private))
    return envelope_bytes(Envelope(payload_type, payload, ((key.key_id, signature),)))


def envelope_bytes(envelope: Envelope) -> bytes:
    """The envelope as JSON bytes."""
    signatures = [
        {**({"keyid": key_id} if key_id else {}), "sig": base64_text(signature)}
        for key_id, signature in envelope.signatures
    ]
    document = {
        "payload": base64_text(envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": signatures,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def with_signature(envelope: Envelope, key: keys.PublicKey, signature: bytes) -> Envelope:
    """The envelope with one more signature; Tampered where the key did not make it, Invalid where it signed before."""
    if not key.verify(pae(envelope.payload_type, envelope.payload), signature):
        raise Tampered(
            "ledger.envelope_signature",
            "This key did not make that signature of the document.",
            {"key_ids": [key.key_id]},
            "Sign these very bytes with the private key that belongs to it.",
        )
    if any(key_id == key.key_id for key_id, _ in envelope.signatures):
        raise _bad("this key signed it before")
    if len(envelope.signatures) == SIGNATURES_MAX:
        raise _bad(f"it has 1 to {SIGNATURES_MAX} signatures")
    return Envelope(envelope.payload_type, envelope.payload, (*envelope.signatures, (key.key_id, signature)))


def parse(document: bytes, *, bytes_max: int = DOCUMENT_BYTES_MAX, unsigned: bool = False) -> Envelope:
    """The envelope of these JSON bytes, unchecked; Invalid where it is malformed or too long.

    `unsigned` takes one without signatures, for whoever is about to sign it.
    """
    found = parse_strict(document, bytes_max=bytes_max, nesting_max=8)
    if (
        type(found) is not dict
        or type(found.get("payloadType")) is not str
        or type(found.get("signatures")) is not list
    ):
        raise _bad("payload, payloadType and signatures are needed")
    if len(found["payloadType"]) > TYPE_CHARACTERS_MAX:
        raise _bad(f"its payloadType has more than {TYPE_CHARACTERS_MAX} characters")
    if not (0 if unsigned else 1) <= len(found["signatures"]) <= SIGNATURES_MAX:
        raise _bad(f"it has 1 to {SIGNATURES_MAX} signatures")
    signatures = tuple(_signature(line) for line in found["signatures"])
    key_ids = [key_id for key_id, _ in signatures if key_id]
    if len(set(key_ids)) != len(key_ids):
        raise _bad("two of its signatures have the same keyid")
    return Envelope(found["payloadType"], _bytes(found.get("payload"), "payload"), signatures)


def verify(envelope: Envelope, trusted: Sequence[keys.PublicKey]) -> bytes:
    """The payload, once one of the trusted keys is found to have signed it; Tampered otherwise."""
    message = pae(envelope.payload_type, envelope.payload)
    for _, signature in envelope.signatures:
        if any(key.verify(message, signature) for key in trusted):
            return envelope.payload
    raise Tampered(
        "ledger.envelope_signature",
        "None of the keys given made a signature of this document, or the document was changed afterwards.",
        {"key_ids": [key_id for key_id, _ in envelope.signatures], "trusted": [key.key_id for key in trusted]},
        "Give the signer's public key with --key, from somebody you trust and not from this file.",
    )


def _signature(line: object) -> tuple[str, bytes]:
    if type(line) is not dict or type(line.get("keyid", "")) not in (str, type(None)):
        raise _bad("a signature is an object with sig and perhaps keyid")
    return (line.get("keyid") or "")[:TYPE_CHARACTERS_MAX], _bytes(line.get("sig"), "sig")


def _bytes(text: object, field: str) -> bytes:
    if type(text) is not str:
        raise _bad(f"{field} is base64 text")
    try:
        # the standard lets the writer choose either alphabet, never both in one text
        return base64.b64decode(text, altchars=b"-_" if "-" in text or "_" in text else None, validate=True)
    except (binascii.Error, ValueError):
        raise _bad(f"{field} is not base64") from None


def _bad(reason: str) -> Invalid:
    return Invalid(
        "kernel.envelope_malformed", f"This is no signed document: {reason}.", remedy="Get the file again, unchanged."
    )
