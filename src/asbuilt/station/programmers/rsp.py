"""GDB remote protocol, as much as programming needs: memory, monitor commands, go and stop.

Works against any stub that speaks it (QEMU; J-Link, OpenOCD, pyOCD and Black Magic speak the same). A stub may say OK to a
write that reached nothing, so nothing here is proof: the caller reads back. Each packet has a checksum, each wait an end.
Source: GDB manual, appendix E (Remote Serial Protocol).
"""

import socket
import time

PACKET_BYTES = 1024
ANSWER_BYTES_MAX = 64 * 1024
CONNECT_SECONDS = 5.0


class LinkLost(Exception):
    """The stub went away, did not answer in time, or spoke nonsense."""


class NotDone(Exception):
    """The stub answered an error."""


class Remote:
    """A connection to a stub at host:port."""

    def __init__(self, host: str, port: int, seconds: float):
        self._seconds, self._pending = seconds, b""
        until = time.monotonic() + min(seconds, CONNECT_SECONDS)
        while True:
            try:
                self._socket = socket.create_connection((host, port), timeout=seconds)
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise LinkLost(f"nothing answers at {host}:{port}: {error.strerror or error}") from None
                time.sleep(0.02)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, start: int, length: int) -> bytes:
        """Memory."""
        found = bytearray()
        while len(found) < length:
            size = min(length - len(found), PACKET_BYTES)
            answer = self.ask(b"m%x,%x" % (start + len(found), size))
            try:
                part = bytes.fromhex(answer.decode("ascii"))
            except ValueError:
                part = b""
            if len(part) != size:
                raise NotDone(f"memory at {start + len(found):#x} cannot be read: {answer[:20]!r}")
            found += part
        return bytes(found)

    def write(self, start: int, content: bytes) -> None:
        """Memory; the stub's OK says little."""
        for at in range(0, len(content), PACKET_BYTES):
            part = content[at : at + PACKET_BYTES]
            answer = self.ask(b"M%x,%x:%s" % (start + at, len(part), part.hex().encode()))
            if answer != b"OK":
                raise NotDone(f"memory at {start + at:#x} cannot be written: {answer[:20]!r}")

    def monitor(self, command: str) -> str:
        """A command of the stub itself, and what it said."""
        self._send(b"qRcmd," + command.encode().hex().encode())
        said = b""
        while True:
            answer = self._receive()
            if answer in (b"OK", b""):
                return said.decode("utf-8", "replace")
            if answer[:1] != b"O":
                raise NotDone(f"{command}: {answer[:20]!r}")
            try:
                said += bytes.fromhex(answer[1:].decode("ascii", "replace"))
            except ValueError:
                raise NotDone(f"{command}: {answer[:20]!r}") from None

    def go(self) -> None:
        """Let the target run."""
        self._send(b"c")

    def stop(self) -> None:
        """Stop it; waits for the stub's word."""
        self._guard(lambda: self._socket.sendall(b"\x03"))
        self._receive()

    def ask(self, packet: bytes) -> bytes:
        """One packet and its answer."""
        self._send(packet)
        answer = self._receive()
        # a stub may say unasked that the target stopped, for example when somebody attaches
        while answer[:1] in (b"T", b"S"):
            answer = self._receive()
        return answer

    def close(self) -> None:
        """Let go of the stub."""
        self._socket.close()

    def _send(self, packet: bytes) -> None:
        self._guard(lambda: self._socket.sendall(b"$%b#%02x" % (packet, sum(packet) & 255)))

    def _receive(self) -> bytes:
        until = time.monotonic() + self._seconds
        while True:
            begin = self._pending.find(b"$")
            end = self._pending.find(b"#", begin)
            if begin >= 0 and end >= 0 and len(self._pending) >= end + 3:
                break
            if len(self._pending) > ANSWER_BYTES_MAX or time.monotonic() > until:
                raise LinkLost("the target does not answer as the protocol asks")
            more = self._guard(lambda: self._socket.recv(65_536))
            if not more:
                raise LinkLost("the target went away")
            self._pending += more
        packet, check = self._pending[begin + 1 : end], self._pending[end + 1 : end + 3]
        self._pending = self._pending[end + 3 :]
        if check.lower() != b"%02x" % (sum(packet) & 255):
            raise LinkLost("an answer of the target is damaged")
        self._guard(lambda: self._socket.sendall(b"+"))
        return packet

    def _guard(self, call):
        try:
            return call()
        except OSError as error:
            raise LinkLost(f"the target went away: {error.strerror or type(error).__name__}") from None
