"""Blobs: bytes under their SHA-256, each written once, in files of the home folder.

A blob is written beside its place and moved there after an fsync, so a crash leaves the whole or nothing. What a blob means,
how long it is kept and who may read it is not known here.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from asbuilt.storage.databases import home

PIECE_BYTES = 1 << 20
SIDE_BY_SIDE = 8  # from there on a disk gains nothing


def place(sha256: str) -> Path:
    """Where the blob with this hash lies, whether it is there or not."""
    return home() / "blobs" / sha256[:2] / sha256[2:]


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of one MiB."""
    while piece := stream.read(PIECE_BYTES):
        yield piece


def store(parts: Iterable[bytes]) -> tuple[str, int]:
    """Write the bytes; returns their SHA-256 in hex and their size. What is there already stays as it is."""
    with _written(parts) as (file, sha256, size):
        _moved(file, place(sha256), at_once=True)
    return sha256, size


def store_together(several: Sequence[Iterable[bytes]]) -> list[tuple[str, int]]:
    """The same of several blobs, side by side: a disk confirms many files in the time of one. All are on it at the return; at an error some may be."""
    with ExitStack() as files, ThreadPoolExecutor(SIDE_BY_SIDE) as writers:
        begun = [writers.submit(ExitStack.enter_context, files, _written(parts)) for parts in several]
        written = [one.result() for one in begun]
        folders = {place(sha256).parent for file, sha256, _ in written if _moved(file, place(sha256))}
        list(writers.map(_sync_folder, folders))
    return [(sha256, size) for _, sha256, size in written]


@contextmanager
def _written(parts: Iterable[bytes]) -> Iterator[tuple[Path, str, int]]:
    """(file, SHA-256, size) of the bytes, on the disk but not in their place; what is not moved there in the block is removed."""
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
        yield file, digest.hexdigest(), size
    finally:
        file.unlink(missing_ok=True)


def _moved(file: Path, target: Path, *, at_once: bool = False) -> bool:
    """Whether the file went to its place; false where the blob is there already."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file, target)
    if at_once:
        _sync_folder(target.parent)
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def erase(sha256: str) -> None:
    """Remove the bytes. Whether that is allowed is decided above."""
    place(sha256).unlink(missing_ok=True)
