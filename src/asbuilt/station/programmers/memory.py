"""Memory folder: where an image or a secret stands while a tool reads it, in RAM, for this user alone, gone at the end."""

import os
import shutil
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
PREFIX = "asbuilt-station-"


class MemoryFolder:
    """A private folder in RAM; the station's disk never sees an image in clear or a secret."""

    def __init__(self) -> None:
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where))

    def put(self, name: str, content: bytes) -> Path:
        """A file in it."""
        path = self.path / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    def drop(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.path, ignore_errors=True)


def drop_left_behind() -> int:
    """Remove what an agent that was killed could not remove; returns how many folders."""
    dropped = 0
    for folder in IN_MEMORY.glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists() and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
            dropped += 1
    return dropped
