"""Blobs: bytes under their SHA-256, each written once, in files of the home folder.

A blob is written beside its place and moved there after an fsync, so a crash leaves the whole or nothing. What a blob means,
how long it is kept and who may read it is not known here.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from asbuilt.storage.databases import home

PIECE_BYTES = 1 << 20


def place(sha256: str) -> Path:
    """Where the blob with this hash lies, whether it is there or not."""
    return home() / "blobs" / sha256[:2] / sha256[2:]


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of one MiB."""
    while piece := stream.read(PIECE_BYTES):
        yield piece


def store(parts: Iterable[bytes]) -> tuple[str, int]:
    """Write the bytes; returns their SHA-256 in hex and their size. What is there already stays as it is."""
    folder = home() / "blobs" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        with open(file, "xb") as out:
            for part in parts:
                digest.update(part)
                size += len(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        sha256 = digest.hexdigest()
        target = place(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
            _sync_folder(target.parent)
        return sha256, size
    finally:
        file.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def erase(sha256: str) -> None:
    """Remove the bytes. Whether that is allowed is decided above."""
    place(sha256).unlink(missing_ok=True)
