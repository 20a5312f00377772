"""Commitments: hashes that bind us to a value and show nothing of it.

The leaf of row *i* is `H(00 ‖ nonce ‖ row text)`, where the nonce is the sixteen bytes [16 i, 16 i + 16) of
SHAKE-128(secret), one random secret of 32 bytes for each entry and shape. A proof of one row shows hashes of its
neighbours; without the nonce a customer could guess the neighbour's serial number or buyer and confirm the guess.
The entry carries `blind` = H(secret), which tells a damaged secret from changed rows.

A hidden value (a person's name, a login, free text) stands in the entry as
`H(02 ‖ salt ‖ JCS([entry id, path, value]))` with a random salt of 32 bytes. Once
salt and value are erased the hash confirms nothing.

A secret of a device (its password) is compared between devices by `of_secret`: HMAC-SHA256 under a key of the product. Who holds a record
and not the key cannot guess by trying, however short the secret is; two equal ones have equal commitments. The server makes each
product's key out of one of its own (`comparison_key`) and seals it for the stations; neither stands in any record.
Source: reference/log.md, section 1; SHAKE-128 is FIPS 202, 6.2; HMAC is RFC 2104.
"""

import hashlib
import hmac
import sys
from collections.abc import Sequence
from hashlib import sha256

from asbuilt.kernel.canonical import canonical_bytes

SECRET_BYTES = 32
SALT_BYTES = 32
NONCE_BYTES = 16


def nonces(secret: bytes, count: int) -> bytes:
    """The nonces of the first `count` rows, end to end. A longer call begins with the bytes of a shorter one.

    SHAKE yields its stream from the start only: the nonce of row one million costs as much as all before it (34 ms).
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret has {SECRET_BYTES} bytes, not {len(secret)}")
    return hashlib.shake_128(secret).digest(count * NONCE_BYTES)


class NonceStream:
    """The nonces of `nonces`, row after row with flat memory: for whoever writes or walks all rows in order."""

    def __init__(self, secret: bytes):
        from cryptography.hazmat.primitives.hashes import SHAKE128, XOFHash

        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self._stream = XOFHash(SHAKE128(digest_size=sys.maxsize))
        self._stream.update(secret)

    def take(self, count: int) -> bytes:
        """The nonces of the next `count` rows, end to end."""
        return self._stream.squeeze(count * NONCE_BYTES)


def row_leaf(nonce: bytes, text: bytes) -> bytes:
    """The leaf hash of one row."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    return sha256(b"\x00" + nonce + text).digest()


def row_leaves(secret_nonces: bytes, first: int, texts: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of rows `first` and on; `secret_nonces` is what `nonces` gave, for at least these rows."""
    start, until = first * NONCE_BYTES, (first + len(texts)) * NONCE_BYTES
    if len(secret_nonces) < until:
        raise ValueError(f"nonces for {len(secret_nonces) // NONCE_BYTES} rows, {first + len(texts)} are needed")
    places = range(start, until, NONCE_BYTES)
    return [
        sha256(b"\x00" + secret_nonces[at : at + NONCE_BYTES] + text).digest()
        for at, text in zip(places, texts, strict=True)
    ]


def blind(secret: bytes) -> bytes:
    """What the entry says of the secret."""
    return sha256(secret).digest()


def hidden_hash(salt: bytes, entry_id: str, path: str, value: str) -> bytes:
    """What the entry says of a hidden value; `path` is its name within the entry."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(b"\x02" + salt + canonical_bytes([entry_id, path, value])).digest()


def comparison_key(master: bytes, product: str) -> bytes:
    """The key under which secrets of a product's units are compared; 32 bytes out of a master key of 32."""
    return _keyed(master, b"asbuilt/compare\n" + product.encode())


def of_secret(key: bytes, kind: str, secret: str) -> str:
    """The commitment to a secret of this kind, in hex: equal for equal secrets, of no use without the key."""
    return _keyed(key, b"asbuilt/secret\n" + kind.encode() + b"\n" + secret.encode()).hex()


def _keyed(key: bytes, text: bytes) -> bytes:
    if len(key) != SECRET_BYTES:
        raise ValueError(f"a key has {SECRET_BYTES} bytes, not {len(key)}")
    return hmac.new(key, text, hashlib.sha256).digest()
