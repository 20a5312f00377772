"""Image bytes at rest: encrypted under a key of their own, stored once by their content.

    image key        32 random bytes, one an image; AES-256-GCM over the bytes, in one piece
    wrapped key      the image key under the tenant's key-encryption key: AES-256-GCM, bound to the image's SHA-256
    recovery         the image key sealed for each recovery key of the trust store (kernel.sealing)

The key-encryption key is `image.key` in the tenant's keys folder, or a token's AES key where ASBUILT_IMAGE_KEY names one
(PKCS#11 URI). The encrypted bytes are evidence of the class `firmware`, so backup, retention and `ledger verify` look after
them as after any other. Without the keys folder the recovery key and the files open an image: `unwrapped` needs no database.
"""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from asbuilt.kernel import sealing, trust
from asbuilt.kernel.errors import Invalid, NotFound, Refused, Sealed, Tampered, Unavailable
from asbuilt.ledger import evidence, keyring, origins
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading
from asbuilt.tokens.keys import TokenKey

IMAGE_BYTES_MAX = 128 * 1024 * 1024
KEY_FILE = "image.key"
KEY_BYTES = 32
NONCE = bytes(12)  # an image key encrypts one image, once
COLUMNS = ("tenant", "sha256", "length", "stored_sha256", "wrapped_key", "wrapped_by", "recovery", "entry")


@dataclass(frozen=True)
class KeptImage:
    """What is kept of an image; `wrapped_key` is None once it was erased."""

    sha256: str
    length: int
    stored_sha256: str
    wrapped_key: bytes | None
    wrapped_by: str
    recovery: tuple[bytes, ...]
    erased_by: int | None


def kept_image(tenant: int, image_sha256: str) -> KeptImage | None:
    """The image with this SHA-256, or None. One statement."""
    sql = (
        "SELECT sha256, length, stored_sha256, wrapped_key, wrapped_by, recovery, erased_by FROM firmware_image "
        "WHERE tenant = %s AND sha256 = %s"
    )
    row = reading.fetch_one(sql, (tenant, image_sha256))
    if row is None:
        return None
    sealed = tuple(base64.b64decode(text) for text in json.loads(row[5] or "[]"))
    return KeptImage(row[0], row[1], row[2], bytes(row[3]) if row[3] is not None else None, row[4], sealed, row[6])


def refuse_size(image: bytes) -> None:
    """Invalid for an empty image or one beyond the limit."""
    if not 1 <= len(image) <= IMAGE_BYTES_MAX:
        raise Invalid(
            "firmware.image_size",
            f"An image has 1 to {IMAGE_BYTES_MAX:,} bytes, this one {len(image):,}.",
            {"bytes": len(image), "limit": IMAGE_BYTES_MAX},
            "Give the image that is programmed.",
        )


def keep(entry: Entry, image: bytes, store: trust.TrustStore, name: str) -> evidence.Kept | None:
    """Encrypt and keep the image in this entry's transaction; None where its bytes are kept already.

    Refused where the trust store has no recovery key: an image that only this machine opens is none in ten years.
    """
    digest = sha256(image).hexdigest()
    known = kept_image(entry.tenant, digest)
    if known is not None and known.wrapped_key is not None:
        return None
    recovery = recovery_keys(store, entry.recorded_at)
    image_key = secrets.token_bytes(KEY_BYTES)
    wrapped_by, wrapped = _wrap(entry.tenant, image_key, digest)
    text = _sealed(image_key, recovery)
    # after everything that a token may refuse: nothing lies about that no entry rests on
    kept = evidence.keep(
        entry.tenant, BytesIO(_cipher(image_key).encrypt(NONCE, image, digest.encode())), name, "firmware"
    )
    kept.record(entry)
    if known is not None:
        bulk.run("DELETE FROM firmware_image WHERE tenant = %s AND sha256 = %s", (entry.tenant, digest))
    row = (entry.tenant, digest, len(image), kept.sha256, wrapped, wrapped_by, text, entry.number)
    bulk.insert_rows("firmware_image", COLUMNS, [row])
    entry.notes = {**entry.notes, "image": digest, "kept": _kept_digest(row[1:])}
    return kept


def recovery_keys(store: trust.TrustStore, at: int) -> list[trust.TrustKey]:
    """The recovery keys that count at that instant; Refused where there are none."""
    found = store.keys_of(trust.RECOVERY, at)
    if not found:
        raise Refused(
            "firmware.recovery_key_missing",
            "The trust store names no recovery key, so the image could be lost with this machine.",
            remedy="Set a version of the trust store with a key of the role recovery.",
        )
    return found


def _sealed(image_key: bytes, recovery: list[trust.TrustKey]) -> str:
    sealed = [sealing.seal(image_key, key.key, sealing.IMAGE_KEY) for key in recovery]
    return json.dumps([base64.b64encode(each).decode() for each in sealed])


def sealed_for(tenant: int) -> list[tuple[str, frozenset[str]]]:
    """(SHA-256, ids of the keys it is sealed for) of each image that was not erased, by SHA-256. One statement."""
    sql = "SELECT sha256, recovery FROM firmware_image WHERE tenant = %s AND wrapped_key IS NOT NULL ORDER BY sha256"
    return [
        (digest, frozenset(sealing.parse(base64.b64decode(text)).key_id for text in json.loads(recovery or "[]")))
        for digest, recovery in reading.fetch(sql, (tenant,))
    ]


def seal_anew(entry: Entry, image_sha256: str, store: trust.TrustStore) -> None:
    """Seal the image's key for the recovery keys that count now, in this entry's transaction.

    The image is opened first: a key that does not open it is sealed for nobody.
    """
    kept = kept_image(entry.tenant, image_sha256)
    recovery = recovery_keys(store, entry.recorded_at)
    image_key = _unwrap(entry.tenant, kept)
    unwrapped(b"".join(evidence.open_evidence(entry.tenant, kept.stored_sha256)), image_key, image_sha256)
    text = _sealed(image_key, recovery)
    sql = "UPDATE firmware_image SET recovery = %s, entry = %s WHERE tenant = %s AND sha256 = %s AND wrapped_key IS NOT NULL"
    bulk.run(sql, (text, entry.number, entry.tenant, image_sha256))
    row = (image_sha256, kept.length, kept.stored_sha256, kept.wrapped_key, kept.wrapped_by, text, entry.number)
    keys = sorted(key.key.key_id for key in recovery)
    entry.notes = {"image": image_sha256, "kept": _kept_digest(row), "recovery": keys}


def open_image(tenant: int, image_sha256: str) -> bytes:
    """The image's bytes, checked. NotFound where none are kept, Sealed once erased, Tampered where changed."""
    kept = kept_image(tenant, image_sha256)
    if kept is None:
        raise NotFound(
            "firmware.image_unknown",
            f"The bytes of image {image_sha256[:16]}… are not kept here.",
            {"sha256": image_sha256},
            "Add the image with `asbuilt firmware add`.",
        )
    if kept.wrapped_key is None:
        raise Sealed(
            "firmware.image_erased",
            f"Image {image_sha256[:16]}… was erased by entry {kept.erased_by}.",
            {"sha256": image_sha256},
        )
    sealed = b"".join(evidence.open_evidence(tenant, kept.stored_sha256))
    return unwrapped(sealed, _unwrap(tenant, kept), image_sha256)


def unwrapped(sealed: bytes, image_key: bytes, image_sha256: str) -> bytes:
    """The image of encrypted bytes and their key; needs neither database nor keys folder. Tampered where it does not open."""
    from cryptography.exceptions import InvalidTag

    try:
        image = _cipher(image_key).decrypt(NONCE, sealed, image_sha256.encode())
    except (InvalidTag, ValueError):
        image = None
    if image is None or sha256(image).hexdigest() != image_sha256:
        raise Tampered(
            "firmware.image_does_not_open",
            f"Image {image_sha256[:16]}… does not open with its key.",
            {"sha256": image_sha256},
            "Restore the file from the archive.",
        )
    return image


def _kept_digest(row: tuple) -> str:
    """What an entry says of the row of an image, its keys included."""
    said = [cell.hex() if isinstance(cell, bytes) else str(cell) for cell in row]
    return sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def changed_images(tenant: int) -> Iterator[tuple[str, str]]:
    """(SHA-256, what is wrong) of each image whose row is not what its entry recorded. A statement, and one an image."""
    sql = f"SELECT {', '.join(COLUMNS[1:])}, erased_by FROM firmware_image WHERE tenant = %s ORDER BY sha256"
    for *cells, erased_by in reading.fetch(sql, (tenant,)):
        row = tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in cells)
        kept, erased = _said(tenant, row[-1]), _said(tenant, erased_by)
        if kept.get("image") != row[0]:
            yield row[0], f"entry {row[-1]} keeps no such image"
        elif erased_by is None and kept.get("kept") != _kept_digest(row):
            yield row[0], "its keys, length or bytes are not what was recorded"
        elif erased_by is not None and (erased.get("erased_image") != row[0] or row[3] is not None or row[5]):
            yield row[0], f"entry {erased_by} erased no such image"


def _said(tenant: int, entry: int | None) -> dict:
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s"
    row = reading.fetch_one(sql, (tenant, entry)) if entry is not None else None
    return json.loads(row[0])["facts"] if row else {}


def _cipher(key: bytes):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _token() -> TokenKey | None:
    uri = os.environ.get("ASBUILT_IMAGE_KEY", "")
    return TokenKey(uri) if uri else None


def _wrap(tenant: int, image_key: bytes, digest: str) -> tuple[str, bytes]:
    """(name of the key-encryption key, image key under it)."""
    bound = _bound(digest)
    token = _token()
    if token is not None:
        return token.name, token.encrypt(image_key, bound)
    key = _key_of_file(tenant, make=True)
    nonce = secrets.token_bytes(12)
    return _named(key), nonce + _cipher(key).encrypt(nonce, image_key, bound)


def _unwrap(tenant: int, kept: KeptImage) -> bytes:
    from cryptography.exceptions import InvalidTag

    token = _token()
    if token is not None and token.name == kept.wrapped_by:
        found = token.decrypt(kept.wrapped_key, _bound(kept.sha256))
    else:
        key = _key_of_file(tenant, make=False)
        try:
            found = _cipher(key).decrypt(kept.wrapped_key[:12], kept.wrapped_key[12:], _bound(kept.sha256))
        except (InvalidTag, ValueError):
            found = None
    if found is None:
        raise Unavailable(
            "firmware.image_key_unfit",
            f"The key-encryption key here is not {kept.wrapped_by}, which wrapped this image's key.",
            {"wrapped_by": kept.wrapped_by},
            "Put the key back, or open the archive with the recovery key.",
        )
    return found


def _bound(digest: str) -> bytes:
    return b"asbuilt image key " + digest.encode()


def _named(key: bytes) -> str:
    return "file " + sha256(b"asbuilt key-encryption key" + key).hexdigest()[:16]


def _key_of_file(tenant: int, *, make: bool) -> bytes:
    file = keyring.folder_of(origins.origin(tenant)) / KEY_FILE
    try:
        return keyring.secret_of(file, make=make)
    except FileNotFoundError:
        raise Unavailable(
            "firmware.image_key_missing",
            f"The key-encryption key {KEY_FILE} is not in the keys folder.",
            remedy="Put the keys folder back, or open the archive with the recovery key.",
        ) from None
