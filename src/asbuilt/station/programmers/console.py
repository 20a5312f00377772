"""Console: the lines that a started unit says on its serial port, over TCP.

A line is text up to its line end, printable ASCII, at most 200 characters; the whole at most 400 lines. Whoever waits
names what it waits for and for how long.
"""

import re
import socket
import time

LINE_CHARACTERS_MAX = 200
LINES_MAX = 400

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


class Console:
    """A TCP connection to host:port of a console; OSError where nothing answers."""

    def __init__(self, place: str, seconds: float = 5.0):
        host, _, port = place.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=seconds)
        self._pending = b""
        # bytes that came, whatever they are; whether the other end hung up
        self.heard, self.gone = 0, False

    def lines(self, until: tuple[str, ...], timeout_ms: int) -> list[str]:
        """The lines that came, up to the first that holds one of `until`, or until the time is over or it fell silent."""
        end = time.monotonic() + timeout_ms / 1000
        found: list[str] = []
        while len(found) < LINES_MAX:
            line, separator, rest = self._pending.partition(b"\n")
            if separator:
                self._pending = rest
                text = _UNPRINTABLE.sub("", line.decode("latin-1"))[:LINE_CHARACTERS_MAX]
                if text:
                    found.append(text)
                if any(word in text for word in until):
                    return found
                continue
            left = end - time.monotonic()
            if left <= 0 or len(self._pending) > 65_536:
                return found
            self._socket.settimeout(left)
            try:
                more = self._socket.recv(4096)
            except TimeoutError:
                return found
            except OSError:
                self.gone = True
                return found
            self.gone = not more
            if self.gone:
                return found
            self.heard += len(more)
            self._pending += more
        return found

    def drop(self) -> None:
        """Forget what came so far."""
        self._pending = b""
        self._socket.settimeout(0.0)
        try:
            while self._socket.recv(65_536):
                pass
        except OSError:
            return

    def say(self, line: str) -> None:
        """Send a line."""
        self._socket.settimeout(5.0)
        self._socket.sendall(line.encode("ascii") + b"\n")

    def rest(self) -> str:
        """What came without a line end, such as a prompt."""
        return _UNPRINTABLE.sub("", self._pending.decode("latin-1"))[:LINE_CHARACTERS_MAX]

    def close(self) -> None:
        """Let go."""
        self._socket.close()
