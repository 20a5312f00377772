"""Sealing: bytes for the holder of one key, opened in memory: an image for a station, an image key for recovery.

    asbuilt-sealed/1 \\n · 4 bytes: length of the header · header · sealed bytes

The header is canonical JSON: `kem` (x25519 or ecdh-p256), `key_id` of the recipient, `length` in bytes, `purpose` (image,
image-key, comparison-key), `sha256` of the clear bytes. The bytes are sealed by HPKE in base mode: ECDH with a key made for this one
message, HKDF-SHA256, AES-256-GCM; everything before them is bound as HPKE's info, so that no field can be changed. What
is sealed says nothing of who sealed it: the release statement does that.

Standard: RFC 9180. Malformed is Invalid, another key or a changed byte Tampered.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel import keys
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import Invalid, Tampered

MAGIC = b"asbuilt-sealed/1\n"
IMAGE, IMAGE_KEY, COMPARISON_KEY = "image", "image-key", "comparison-key"
PURPOSES = (IMAGE, IMAGE_KEY, COMPARISON_KEY)
CLEAR_BYTES_MAX = 256 * 1024 * 1024
HEADER_BYTES_MAX = 4096

_HEX64 = re.compile(r"[0-9a-f]{64}").fullmatch
_FIELDS = {"kem", "key_id", "length", "purpose", "sha256"}


@dataclass(frozen=True)
class Sealed:
    """The header of sealed bytes, unchecked until they are opened."""

    kem: str
    key_id: str
    length: int
    purpose: str
    sha256: str
    bound: bytes
    sealed: bytes


class SealingKey:
    """A private key that opens what was sealed for it: X25519 or P-256, from PEM (PKCS#8, unencrypted) or made anew."""

    def __init__(self, private):
        self._private = private

    @classmethod
    def new(cls) -> "SealingKey":
        """A new X25519 key."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, text: str) -> "SealingKey":
        """The key of a PEM file; Invalid where it holds none of the two kinds."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, x25519
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(text[: keys.PEM_CHARACTERS_MAX].encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        p256 = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
        if not (p256 or isinstance(key, x25519.X25519PrivateKey)):
            raise Invalid(
                "kernel.sealing_key_unreadable",
                "The file holds no X25519 or P-256 private key.",
                remedy="Give the PEM file of the key, without a password.",
            )
        return cls(key)

    def to_pem(self) -> str:
        """The key as PEM (PKCS#8, unencrypted)."""
        from cryptography.hazmat.primitives import serialization as form

        return self._private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()

    @property
    def public(self) -> keys.PublicKey:
        """The key that others seal for."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return keys.public_from_pem(pem.decode(), sealing=True)

    def open(self, document: bytes, purpose: str) -> bytes:
        """The clear bytes; Tampered where they were sealed for another key or purpose, or changed."""
        from cryptography.exceptions import InvalidTag

        found = parse(document)
        if found.purpose != purpose or found.key_id != self.public.key_id or found.kem != self.public.algorithm:
            raise Tampered(
                "kernel.sealed_for_another",
                f"These bytes are sealed for key {found.key_id} as {found.purpose}.",
                {"key_id": found.key_id, "own_key_id": self.public.key_id, "purpose": purpose},
                "Ask for the bytes again, sealed for this key.",
            )
        try:
            clear = _suite(found.kem).decrypt(found.sealed, self._private, found.bound)
        except (InvalidTag, ValueError):
            clear = None
        if clear is None or len(clear) != found.length or sha256(clear).hexdigest() != found.sha256:
            raise Tampered(
                "kernel.sealed_changed",
                "The sealed bytes were changed, or sealed for another key.",
                {"key_id": found.key_id, "purpose": purpose},
                "Ask for the bytes again.",
            )
        return clear


def seal(clear: bytes, recipient: keys.PublicKey, purpose: str) -> bytes:
    """The bytes, sealed for the holder of this public key; Invalid for too many bytes or a key that only signs."""
    if not 1 <= len(clear) <= CLEAR_BYTES_MAX:
        raise Invalid(
            "kernel.sealed_size",
            f"1 to {CLEAR_BYTES_MAX:,} bytes can be sealed at once, these are {len(clear):,}.",
            remedy="Give an image of that size.",
        )
    if recipient.algorithm not in keys.SEALING or purpose not in PURPOSES:
        raise Invalid(
            "kernel.sealing_key_unfit",
            f"Nothing is sealed for a key of {recipient.algorithm[:40]}.",
            remedy=f"Give a key of {' or '.join(keys.SEALING)}.",
        )
    header = canonical_bytes(
        {
            "kem": recipient.algorithm,
            "key_id": recipient.key_id,
            "length": len(clear),
            "purpose": purpose,
            "sha256": sha256(clear).hexdigest(),
        }
    )
    bound = MAGIC + len(header).to_bytes(4, "big") + header
    try:
        return bound + _suite(recipient.algorithm).encrypt(clear, keys.native(recipient), bound)
    except ValueError:
        raise Invalid(
            "kernel.sealing_key_unfit", "This public key is a weak point.", remedy="Make a new key."
        ) from None


def parse(document: bytes) -> Sealed:
    """The header and the rest, unopened; Invalid where they are malformed."""
    at = len(MAGIC) + 4
    if document[: len(MAGIC)] != MAGIC or len(document) < at:
        raise _bad(f"it does not begin with {MAGIC[:-1].decode()}")
    length = int.from_bytes(document[at - 4 : at], "big")
    if length > HEADER_BYTES_MAX or len(document) > at + length + CLEAR_BYTES_MAX + 1024:
        raise _bad("header or content is too long")
    said = parse_strict(document[at : at + length], decimals=False, nesting_max=2)
    if type(said) is not dict or set(said) != _FIELDS:
        raise _bad(f"its header has {', '.join(sorted(_FIELDS))}")
    right = (
        said["kem"] in keys.SEALING
        and said["purpose"] in PURPOSES
        and type(said["key_id"]) is str
        and type(said["sha256"]) is str
        and type(said["length"]) is int
        and _HEX64(said["sha256"])
        and 1 <= said["length"] <= CLEAR_BYTES_MAX
    )
    if not right:
        raise _bad("a field of its header is wrong")
    return Sealed(**said, bound=document[: at + length], sealed=document[at + length :])


def _suite(kem: str):
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519 if kem == keys.X25519 else KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _bad(reason: str) -> Invalid:
    return Invalid("kernel.sealed_malformed", f"These are no sealed bytes: {reason}.", remedy="Get the file again.")
