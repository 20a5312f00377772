"""Keys: the two kinds of signature that Asbuilt takes, Ed25519 and ECDSA P-256 with SHA-256, and the two kinds of key
that something is sealed for, X25519 and P-256 (`kernel.sealing`).

Private Ed25519 keys travel inside the program as 32 raw bytes, on disk as PEM (PKCS#8, unencrypted). P-256 private keys
live in a token and never come here. A P-256 signature is raw r ‖ s, 64 bytes: PKCS#11, OpenSSL and libraries differ
(DER or raw), so it is converted at the edge (reference/log.md, trap 9).
Standards: RFC 8032 (Ed25519), FIPS 186-5 (ECDSA), RFC 5208 and RFC 5280 (PEM forms).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.kernel.errors import Invalid

ED25519 = "ed25519"
P256 = "ecdsa-p256"
X25519 = "x25519"
ECDH_P256 = "ecdh-p256"
SIGNING, SEALING = (ED25519, P256), (X25519, ECDH_P256)
PRIVATE_KEY_BYTES = 32
SIGNATURE_BYTES = 64
PEM_CHARACTERS_MAX = 10_000


@dataclass(frozen=True)
class PublicKey:
    """A public key: Ed25519 or X25519 with its 32 bytes, or P-256 with the 65 bytes of its uncompressed point.

    A P-256 key that opens what was sealed has another algorithm here than one that signs: no key does both.
    """

    algorithm: str
    raw: bytes

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made this 64-byte signature over the message."""
        if len(signature) != SIGNATURE_BYTES or self.algorithm not in SIGNING:
            return False
        return (verify_ed25519 if self.algorithm == ED25519 else verify_p256)(self.raw, message, signature)

    @property
    def key_id(self) -> str:
        """16 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo: a hint which key to try, no proof."""
        return _key_id(self)


def sign_ed25519(private: bytes, message: bytes) -> bytes:
    """The signature, 64 bytes, always the same for the same key and message."""
    return _private(private).sign(message)


def public_of(private: bytes) -> bytes:
    """The 32 public bytes of a private Ed25519 key."""
    return _private(private).public_key().public_bytes_raw()


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key of these 32 bytes made this signature over the message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_p256(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the P-256 key of this 65-byte point made this signature, raw r ‖ s, over the message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    if len(signature) != SIGNATURE_BYTES:
        return False
    numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(utils.encode_dss_signature(*numbers), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def private_from_pem(text: str) -> bytes:
    """The 32 bytes of an Ed25519 private key in PEM; Invalid for anything else."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = _load(load_pem_private_key, text, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key("The file holds no Ed25519 private key.")
    return key.private_bytes_raw()


def private_to_pem(private: bytes) -> str:
    """The key as PEM (PKCS#8, unencrypted)."""
    from cryptography.hazmat.primitives import serialization

    return (
        _private(private)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_from_pem(text: str, *, sealing: bool = False) -> PublicKey:
    """The public key in PEM: Ed25519 or P-256 that signs; with `sealing` X25519 or P-256. Invalid for anything else."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    key = _load(load_pem_public_key, text)
    if isinstance(key, ed25519.Ed25519PublicKey) and not sealing:
        return PublicKey(ED25519, key.public_bytes_raw())
    if isinstance(key, x25519.X25519PublicKey) and sealing:
        return PublicKey(X25519, key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        raw = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PublicKey(ECDH_P256 if sealing else P256, raw)
    raise _not_a_key(f"The file holds no {'X25519' if sealing else 'Ed25519'} or P-256 public key.")


def public_to_pem(key: PublicKey) -> str:
    """The public key as PEM (SubjectPublicKeyInfo)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return native(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@lru_cache(maxsize=4096)
def _key_id(key: PublicKey) -> str:
    return hashlib.sha256(_spki(key)).hexdigest()[:16]


def _spki(key: PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return native(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def native(key: PublicKey):
    """The key as `cryptography` holds it; ValueError where the bytes are no point of its curve."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

    if key.algorithm == ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(key.raw)
    if key.algorithm == X25519:
        return x25519.X25519PublicKey.from_public_bytes(key.raw)
    if key.algorithm not in (P256, ECDH_P256):
        raise ValueError(f"{key.algorithm[:40]} is no kind of key here")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.raw)


def _private(raw: bytes):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(raw) != PRIVATE_KEY_BYTES:
        raise ValueError(f"an Ed25519 private key has {PRIVATE_KEY_BYTES} bytes, not {len(raw)}")
    return Ed25519PrivateKey.from_private_bytes(raw)


def _load(load, text: str, *more):
    from cryptography.exceptions import UnsupportedAlgorithm

    if len(text) > PEM_CHARACTERS_MAX:
        raise _not_a_key("The file is too long for a key.")
    try:
        return load(text.encode(), *more)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _not_a_key("The file holds no key in PEM that can be read without a password.") from None


def _not_a_key(message: str) -> Invalid:
    return Invalid("kernel.key_unreadable", message, remedy="Give a PEM file as `asbuilt init` writes it.")
