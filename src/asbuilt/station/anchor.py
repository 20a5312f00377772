"""Anchor: the ledger's head in a second place, so that a ledger that was cut or rolled back shows.

A chain of hashes proves nothing of what was cut off its end: whoever restores yesterday's disk has a chain without a
fault and yesterday's quota. So after each step that spends something the head is written to a file on another disk (a USB
stick, a network share, the controller of the fixture), under a lock, never backwards. At start the ledger must still
contain that head. The ledger may be ahead of it by the steps of a crash, never behind.

The file names the ledger's id and the machine: a disk that was cloned into another machine is refused there.
"""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from asbuilt.kernel.errors import Tampered, Unavailable

ANCHOR_FILE = "asbuilt-station.anchor"
SLOT_BYTES = 512
FILE_BYTES = 2 * SLOT_BYTES


@dataclass(frozen=True)
class Head:
    """Where a ledger stands: its id, its last entry, that entry's hash."""

    ledger: str
    seq: int
    chain: str


class Anchor:
    """The file in the second place."""

    def __init__(self, folder: Path):
        self._file = folder / ANCHOR_FILE
        self._lock = folder / f"{ANCHOR_FILE}.lock"

    def read(self) -> Head | None:
        """The head that was kept, None where there is none yet; Tampered where the file is no anchor."""
        try:
            raw = self._file.read_bytes()[:FILE_BYTES]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(self._file, error) from None
        found = [head for head in (_slot(raw[at : at + SLOT_BYTES]) for at in (0, SLOT_BYTES)) if head is not None]
        if not found:
            raise Tampered(
                "station.anchor_damaged",
                f"The anchor {self._file} is damaged.",
                {"file": str(self._file)},
                "Have the station enrolled anew; its spent units are asked from the server.",
            )
        return max(found, key=lambda head: head.seq)

    def keep(self, head: Head) -> None:
        """Keep a head, durably, unless a later one is kept already."""
        try:
            with open(self._lock, "a+b") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                kept = self.read()
                if kept is not None and kept.ledger == head.ledger and kept.seq >= head.seq:
                    return
                self._put(head, first=kept is None)
        except OSError as error:
            raise _unusable(self._file, error) from None

    def _put(self, head: Head, *, first: bool) -> None:
        """One of two slots, in turn: a write that is torn by a cut of power leaves the other."""
        text = json.dumps({"ledger": head.ledger, "seq": head.seq, "chain": head.chain})
        line = f"{text} {hashlib.sha256(text.encode()).hexdigest()}\n".encode().ljust(SLOT_BYTES)
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, line, 0 if first else self._turn(handle) * SLOT_BYTES)
            os.fsync(handle)
        finally:
            os.close(handle)
        if first:
            folder = os.open(self._file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _turn(self, handle: int) -> int:
        """The slot that does not hold the later head."""
        slots = [_slot(os.pread(handle, SLOT_BYTES, at * SLOT_BYTES)) for at in (0, 1)]
        return min((0, 1), key=lambda at: -1 if slots[at] is None else slots[at].seq)


def _slot(raw: bytes) -> Head | None:
    text, _, digest = raw.decode("ascii", "replace").strip().rpartition(" ")
    if not text or hashlib.sha256(text.encode()).hexdigest() != digest:
        return None
    try:
        said = json.loads(text)
        return Head(str(said["ledger"]), int(said["seq"]), str(said["chain"]))
    except (ValueError, KeyError, TypeError):
        return None


def _unusable(file: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "station.anchor_unusable",
        f"The anchor {file} cannot be kept: {error.strerror or error}.",
        {"file": str(file)},
        "Put the second place of the ledger back: no unit is programmed without it.",
    )
