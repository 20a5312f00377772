"""Memory folder: where an image or a secret stands while a tool reads it, in RAM, for this user alone, gone at the end."""

import shutil
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")


class MemoryFolder:
    """A private folder in RAM; the station's disk never sees an image in clear or a secret."""

    def __init__(self) -> None:
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        self.path = Path(tempfile.mkdtemp(prefix="asbuilt-station-", dir=where))

    def put(self, name: str, content: bytes) -> Path:
        """A file in it."""
        path = self.path / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    def drop(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.path, ignore_errors=True)
