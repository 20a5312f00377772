"""The keys of a tenant's log, in files of the keys folder and nowhere else.

`<keys>/<slug>/` (0700) holds

    log.key       signs heads       Ed25519, PEM, 0600
    record.key    signs documents   Ed25519, PEM, 0600
    public.keys   what a stranger needs, and what `asbuilt verify FILE --key` takes: a line `name+id+key` for each
                  origin the log had, a line `record <id> <base64>`
    newest_head   the newest head that was ever signed, kept outside the database
    compare.key   makes the keys by which stations compare passwords (built/programming), hex, 0600; made when first needed
    image.key     encrypts the keys of firmware images (designed/firmware), hex, 0600; made with the first image

The signer refuses a head that is smaller than the newest one, or that does not contain it: after a restore, or when
somebody rewrote the record, the log stops on purpose (reference/log.md, section 5). The way on is a new origin, never
a fork. No backup holds a private key. Which tenant a folder belongs to is read from its `public.keys`.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from asbuilt.kernel import keys as kernel_keys
from asbuilt.kernel import notes
from asbuilt.kernel.errors import Refused, Tampered, Unavailable
from asbuilt.storage import databases

LOG_KEY, RECORD_KEY, PUBLIC_KEYS, NEWEST_HEAD = "log.key", "record.key", "public.keys", "newest_head"


def first_origin(site: str, tenant_ulid: str) -> str:
    """The origin a tenant's log begins under."""
    return f"{site}/log/{tenant_ulid}"


def next_origin(origin: str) -> str:
    """The origin after this one: `…/log/ULID`, `…/log/ULID/2`, `…/log/ULID/3`."""
    base, _, last = origin.rpartition("/")
    return f"{base}/{int(last) + 1}" if last.isdigit() and len(last) < 6 else f"{origin}/2"


def make_keys(tenant_ulid: str, slug: str, site: str) -> str:
    """Make the tenant's folder and keys where they are missing; returns the origin. What is there stays as it is."""
    folder = databases.keys() / slug
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (LOG_KEY, RECORD_KEY):
        if not (folder / name).exists():
            _write(folder / name, kernel_keys.private_to_pem(secrets.token_bytes(32)), 0o600)
    origin = first_origin(site, tenant_ulid)
    _say_origin(folder, origin)
    return origin


def add_origin(origin: str, new_origin: str) -> None:
    """From now on the log of `origin` is signed under the new name, by the same key."""
    _say_origin(folder_of(origin), new_origin)


def renew_keys(origin: str, public: str) -> str:
    """New keys for a log whose private keys are lost, in a folder of their own; returns the next origin.

    `public` is the text of the old `public.keys`: with it, what the lost keys signed can still be checked.
    """
    new_origin = next_origin(origin)
    folder = databases.keys() / new_origin.rpartition("/log/")[2].replace("/", "-")
    folder.mkdir(mode=0o700, parents=True)
    old = [line for line in public.splitlines() if line and not line.startswith("record ")]
    _write(folder / PUBLIC_KEYS, "\n".join(old) + "\n", 0o644)
    for name in (LOG_KEY, RECORD_KEY):
        _write(folder / name, kernel_keys.private_to_pem(secrets.token_bytes(32)), 0o600)
    _say_origin(folder, new_origin)
    return new_origin


def _say_origin(folder: Path, origin: str) -> None:
    lines = _lines(folder)
    key = kernel_keys.public_of(_private(folder, LOG_KEY))
    vkey = notes.format_vkey(origin, key)
    record = kernel_keys.PublicKey(kernel_keys.ED25519, kernel_keys.public_of(_private(folder, RECORD_KEY)))
    record_line = f"record {record.key_id} {base64.b64encode(record.raw).decode()}"
    wanted = [line for line in (vkey, record_line) if line not in lines]
    if wanted:
        _write(folder / PUBLIC_KEYS, "\n".join([*lines, *wanted]) + "\n", 0o644)


def folder_of(origin: str) -> Path:
    """The folder whose `public.keys` names this origin; Unavailable where no folder does."""
    root = databases.keys()
    if root.is_dir():
        for folder in sorted(root.iterdir()):
            if any(line.startswith(f"{origin}+") for line in _lines(folder)):
                return folder
    raise Unavailable(
        "ledger.keys_missing",
        f"The keys of the log {origin} are not in {root}.",
        facts={"origin": origin},
        remedy="Point ASBUILT_KEYS at the folder that `asbuilt init` made.",
    )


def public_keys(origin: str) -> str:
    """The text of `public.keys`."""
    return "\n".join(_lines(folder_of(origin))) + "\n"


def vkeys(origin: str) -> list[notes.VerifierKey]:
    """The public log keys under every name this log had."""
    return _vkeys(folder_of(origin))


def record_public(origin: str) -> kernel_keys.PublicKey:
    """The public key that documents are checked with."""
    return kernel_keys.PublicKey(kernel_keys.ED25519, kernel_keys.public_of(record_private(origin)))


def record_private(origin: str) -> bytes:
    """The private key that signs documents, 32 bytes."""
    return _private(folder_of(origin), RECORD_KEY)


def newest_head(origin: str) -> notes.Checkpoint | None:
    """The newest head that was ever signed with this log's key, under whichever of its names."""
    return _newest(folder_of(origin))


def sign_head(origin: str, size: int, root: bytes, root_at: Callable[[int], bytes]) -> str:
    """The signed note of this head. `root_at(size)` is the root that the grown log has at an earlier size.

    Refused where a larger head was signed before, Tampered where this head does not contain the newest one.
    """
    folder = folder_of(origin)
    newest = _newest(folder)
    if newest and newest.origin == origin:
        _refuse_fork(newest, size, root, root_at)
    note = notes.sign_checkpoint(origin, size, root, _private(folder, LOG_KEY))
    _write(folder / NEWEST_HEAD, note, 0o644)
    return note


def _refuse_fork(newest: notes.Checkpoint, size: int, root: bytes, root_at: Callable[[int], bytes]) -> None:
    facts = {"origin": newest.origin, "signed": newest.size, "asked": size}
    if newest.size > size:
        raise Refused(
            "ledger.head_smaller",
            f"A head of {newest.size} entries was signed before; this one has {size}.",
            facts,
            "Restore the newest backup with `asbuilt restore`: it goes on under a new origin.",
        )
    if (root if newest.size == size else root_at(newest.size)) != newest.root:
        raise Tampered(
            "ledger.head_forked",
            f"The log does not contain the head of {newest.size} entries that was signed before.",
            facts,
            "Run `asbuilt ledger verify`.",
        )


def _newest(folder: Path) -> notes.Checkpoint | None:
    file = folder / NEWEST_HEAD
    return notes.verify_checkpoint(file.read_bytes(), _vkeys(folder)) if file.exists() else None


def _vkeys(folder: Path) -> list[notes.VerifierKey]:
    return [notes.parse_vkey(line) for line in _lines(folder) if not line.startswith("record ")]


def _private(folder: Path, name: str) -> bytes:
    try:
        return kernel_keys.private_from_pem((folder / name).read_text())
    except FileNotFoundError:
        raise Unavailable(
            "ledger.keys_missing",
            f"The key {name} is not in {folder}.",
            remedy="Put the keys folder back; no backup holds it.",
        ) from None


def _lines(folder: Path) -> list[str]:
    try:
        return [line for line in (folder / PUBLIC_KEYS).read_text(encoding="utf-8").splitlines() if line]
    except (FileNotFoundError, NotADirectoryError):
        return []


def secret_of(file: Path, *, make: bool) -> bytes:
    """The 32 bytes that a file of the keys folder holds in hex; `make` writes new ones where the file is missing."""
    if make and not file.exists():
        _write(file, secrets.token_hex(32) + "\n", 0o600)
    text = file.read_text(encoding="ascii").strip()
    if len(text) != 64:
        raise Unavailable(
            "ledger.secret_unreadable",
            f"{file.name} holds no 32 bytes in hex.",
            remedy="Put the file back as it was made.",
        )
    return bytes.fromhex(text)


def _write(file: Path, text: str, mode: int) -> None:
    """Write whole or not at all, also when the power fails."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(beside, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
