"""A command at a real terminal of its own, for what is asked only where somebody sits."""

import os
import pty
import select
import time
from pathlib import Path


class Terminal:
    """The command's terminal: `read` until a text stands there, `write` what a person types."""

    def __init__(self, words: list[str], env: dict[str, str]):
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], words, env)
        self.shown = ""

    def read(self, until: str, seconds: float = 30) -> str:
        """What stands there once `until` does."""
        end = time.monotonic() + seconds
        while until not in self.shown and time.monotonic() < end:
            if not select.select([self._file], [], [], 0.2)[0]:
                continue
            try:
                said = os.read(self._file, 65536)
            except OSError:
                break
            if not said:
                break
            self.shown += said.decode()
        assert until in self.shown, self.shown
        return self.shown

    def write(self, text: str) -> None:
        """Type it."""
        os.write(self._file, text.encode())

    def seen_by_others(self) -> str:
        """What anybody on this machine may list of the process: its words and its environment."""
        place = Path(f"/proc/{self.pid}")
        return ((place / "cmdline").read_bytes() + (place / "environ").read_bytes()).decode()

    def end(self) -> int:
        """The exit code."""
        while True:
            try:
                said = os.read(self._file, 65536)
            except OSError:
                break
            if not said:
                break
            self.shown += said.decode()
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
