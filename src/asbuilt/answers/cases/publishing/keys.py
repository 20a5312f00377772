"""The OpenPGP key of the house: the secret one in the keys folder beside the others, every public one in the record.

`<keys>/<slug>/openpgp.key` (0600) signs documents and security.txt. No backup holds it. What an older key signed stays checkable: its
public key stays published.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import keyring, origins
from asbuilt.tokens.openpgp import OpenPgpKey

FILE = "openpgp.key"


@dataclass(frozen=True)
class PublicKey:
    """A public key of the house, by its fingerprint in capitals; `public` is armoured."""

    fingerprint: str
    public: bytes


def key_file(tenant: int) -> Path:
    """Where the secret key lies."""
    return keyring.folder_of(origins.origin(tenant)) / FILE


def signing_key(tenant: int) -> OpenPgpKey:
    """The key that signs. NotFound where the house has none."""
    file = key_file(tenant)
    if not file.exists():
        said = "There is no OpenPGP key that signs what is published."
        raise NotFound("cases.openpgp_no_key", said, {}, "Run `asbuilt publisher key`.")
    return OpenPgpKey.read(file)


def put_key(tenant: int, secret: bytes, refuse: Callable[[OpenPgpKey], None]) -> OpenPgpKey:
    """Read the secret key from beside its place and, once it signs and `refuse` raises nothing, put it there; the one before is kept under another name."""
    file = key_file(tenant)
    beside = file.with_name(f".{FILE}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secret)
            out.flush()
            os.fsync(out.fileno())
        key = OpenPgpKey.read(beside)
        refuse(key)
        if file.exists():
            old = OpenPgpKey.read(file)
            if old.fingerprint != key.fingerprint:
                file.replace(file.with_name(f"openpgp-{old.fingerprint[-16:]}.key"))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return key


def public_keys(tenant: int) -> list[PublicKey]:
    """Every public key that the record names, the newest first, each once. One statement, and the documents."""
    found: dict[str, PublicKey] = {}
    for line in reversed(kinds.publisher_lines(tenant)):
        if line.kind == kinds.OPENPGP and line.name not in found:
            found[line.name] = PublicKey(line.name, kinds.document(tenant, line.said["sha256"]))
    return list(found.values())
