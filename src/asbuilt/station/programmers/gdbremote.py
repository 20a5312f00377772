"""GDB remote: Cortex-M and whatever else has a stub, programmed through memory writes by our own client.

The part's name is that of its family; its id is the word at `id_at` (DID1 of a Stellaris, CPUID of any Cortex-M), read
little-endian as eight hex digits. The UID is read where the socket's options say (`uid_at`, `uid_bytes`). A stub
says OK to a write that reached nothing, so what was written is known only from reading it back. Locking differs with every
maker's part and is not among what this programmer can do.
"""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from asbuilt.kernel.plans import Region
from asbuilt.kernel.programmers import CAPABILITIES
from asbuilt.station.programmers import rsp
from asbuilt.station.programmers.console import Console
from asbuilt.station.programmers.protocol import (
    Address,
    DeviceIdentity,
    Evidence,
    Fault,
    LacksAll,
    Tool,
    ToolFailed,
)

# part name → (address of its identity word)
ID_WORDS = {"lm3s6965": 0x400FE004, "cortex-m": 0xE000ED00}
VERSION = "1.0.0"


class GdbRemote:
    """Our own GDB remote client."""

    name = "gdbremote"
    capabilities = CAPABILITIES["gdbremote"]
    verified = True

    def probe(self) -> Tool:
        """The client itself: its version and the SHA-256 of its text."""
        path = Path(rsp.__file__)
        return Tool(self.name, VERSION, str(path), hashlib.sha256(path.read_bytes()).hexdigest())

    def open(self, address: Address, part: str, part_id: str, work: Path) -> "GdbSession":
        """Connect to the stub; the target stands still."""
        if part not in ID_WORDS:
            raise ToolFailed(Fault.tool_config, f"{part} is not a part that this programmer knows")
        return GdbSession(address, part)


class GdbSession(LacksAll):
    """A target behind a stub."""

    def __init__(self, address: Address, part: str):
        self.calls: list[Evidence] = []
        self._part, self._options = part, address.options
        host, _, port = address.target.rpartition(":")
        self._console: Console | None = None
        self._running = False
        try:
            self._remote = rsp.Remote(host, int(port), address.seconds)
        except rsp.LinkLost as lost:
            raise ToolFailed(Fault.no_target, str(lost)) from None
        try:
            if address.console:
                self._console = Console(address.console)
        except OSError as error:
            self._remote.close()
            raise ToolFailed(Fault.no_target, f"the console does not answer: {error.strerror}") from None

    def identify(self) -> DeviceIdentity:
        """The identity word, and the UID where the socket says where it is."""
        word = self._call("identify", lambda: self._remote.read(ID_WORDS[self._part], 4))
        uid = b""
        if "uid_at" in self._options:
            place, size = int(self._options["uid_at"], 0), int(self._options.get("uid_bytes", "8"))
            uid = self._call("uid", lambda: self._remote.read(place, size))
        return DeviceIdentity(word[::-1].hex(), uid.hex())

    def write(self, region: Region, content: bytes) -> None:
        """Write the content from the region's start on."""
        self._halt()
        self._call(f"write {region.name} {len(content)}", lambda: self._remote.write(region.start, content))

    def read(self, region: Region, length: int) -> bytes:
        """Read from the region's start on."""
        self._halt()
        return self._call(f"read {region.name} {length}", lambda: self._remote.read(region.start, length))

    def provision(self, region: Region, secret: bytes) -> None:
        """Write a secret; only its length is noted."""
        self._halt()
        self._call(f"provision {region.name} {len(secret)}", lambda: self._remote.write(region.start, secret))

    def restart(self) -> None:
        """Reset the target and let it run."""
        self._halt()
        if self._console:
            self._console.drop()
        self._call("reset", lambda: self._remote.monitor("system_reset"))
        self._call("go", self._remote.go)
        self._running = True

    def lines(self, until: tuple[str, ...], timeout_ms: int) -> list[str]:
        """What the console says."""
        if self._console is None:
            self._cannot("hear")
        return self._console.lines(until, timeout_ms)

    def say(self, line: str) -> None:
        """Write to the console."""
        if self._console is None:
            self._cannot("speak to")
        self._call("say", lambda: self._console.say(line))

    def close(self) -> None:
        """Stop the target, then let go of stub and console."""
        with suppress(ToolFailed):
            self._halt()
        self._remote.close()
        if self._console:
            self._console.close()

    def _halt(self) -> None:
        if self._running:
            self._call("stop", self._remote.stop)
            self._running = False

    def _call(self, what: str, call: Callable):
        began = time.monotonic()

        def evidence(phrase: str) -> Evidence:
            return Evidence("gdbremote", tuple(what.split()), None, phrase, time.monotonic() - began)

        try:
            result = call()
        except (rsp.LinkLost, OSError) as lost:
            raise ToolFailed(Fault.link_lost, str(lost), evidence(str(lost))) from None
        except rsp.NotDone as refusal:
            fault = Fault.write_failed if what.startswith(("write", "provision")) else Fault.protected
            raise ToolFailed(fault, str(refusal), evidence(str(refusal))) from None
        self.calls.append(evidence("OK"))
        return result
