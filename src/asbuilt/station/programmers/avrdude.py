"""avrdude: AVR parts through a serial boot loader (Optiboot); the address is what `-P` takes.

The part is always named (`-p`), and its signature is compared by avrdude and by the station. Through Optiboot neither
EEPROM nor fuses nor the unique bytes of the signature row can be reached: a write to the EEPROM lands in flash and reads
back as right. So this programmer has none of these capabilities, and a plan that asks for them is refused.
avrdude goes on trying for 40 s when power is cut: the time limit is ours. Phrases as avrdude 7.1 of Debian 12 printed them
in our trials (reference/station.md, section 2).
"""

import re
import time
from pathlib import Path

from asbuilt.kernel.plans import Region
from asbuilt.kernel.programmers import CAPABILITIES
from asbuilt.station.programmers.console import Console
from asbuilt.station.programmers.memory import MemoryFolder
from asbuilt.station.programmers.protocol import (
    Address,
    DeviceIdentity,
    Evidence,
    Fault,
    LacksAll,
    Tool,
    ToolFailed,
)
from asbuilt.station.programmers.running import Phrases, find_tool, run_tool

FAILURES = (
    (r"expected signature for|Double check chip", Fault.wrong_part),
    (r"verification mismatch|verification error|content mismatch", Fault.verify_failed),
    (r"cannot connect|can't open device|unable to open", Fault.no_target),
    (
        r"not in sync|not responding|programmer is not responding|timed out|unable to read|EOF|Connection reset",
        Fault.link_lost,
    ),
    (r"checksum mismatch|invalid record|cannot open input file|unable to read input file", Fault.image_refused),
    (r"unknown part|AVR part .* not found|Valid parts are|not found in the configuration", Fault.tool_config),
    (r"failed to write|write error|error: failed", Fault.write_failed),
)
WRITTEN = Phrases(r"bytes of flash verified", FAILURES)
READ = Phrases(r"(?s)reading flash memory.*writing output file|Fuses OK|avrdude done", FAILURES)
SIGNED = Phrases(r"0x[0-9a-f]{1,2},0x[0-9a-f]{1,2},0x[0-9a-f]{1,2}", FAILURES)


class Avrdude:
    """The avrdude program."""

    name = "avrdude"
    capabilities = CAPABILITIES["avrdude"]
    verified = True

    def probe(self) -> Tool:
        """avrdude says its version with `-?`."""
        return find_tool("avrdude", ["-?"], r"avrdude version ([0-9][^ ,]*)")

    def open(self, address: Address, part: str, part_id: str, work: Path) -> "AvrdudeSession":
        """A part behind its boot loader; each call of the tool resets it."""
        return AvrdudeSession(self.probe(), address, part)


class AvrdudeSession(LacksAll):
    """One AVR on one port."""

    def __init__(self, tool: Tool, address: Address, part: str):
        self.calls: list[Evidence] = []
        self._tool, self._address, self._part = tool, address, part
        self._memory = MemoryFolder()
        self._console: Console | None = None

    def identify(self) -> DeviceIdentity:
        """The three bytes of the signature; the part has no identity of its own that a boot loader shows."""
        evidence = self._run(["-U", "signature:r:-:h"], SIGNED)
        found = re.search(SIGNED.success, evidence.text)
        return DeviceIdentity("".join(f"{int(byte, 16):02x}" for byte in found[0].split(",")))

    def write(self, region: Region, content: bytes) -> None:
        """The content at the begin of flash, which is all that the boot loader lets be written."""
        if region.start != 0 or region.kind != "app":
            self._cannot(f"write region {region.name} of")
        image = self._memory.put("image.bin", content)
        try:
            self._run(["-U", f"flash:w:{image}:r"], WRITTEN)
        finally:
            image.unlink(missing_ok=True)

    def read(self, region: Region, length: int) -> bytes:
        """The flash as far as the region goes; the boot loader behind it is another region's."""
        out = self._memory.path / "read.bin"
        out.unlink(missing_ok=True)
        evidence = self._run(["-U", f"flash:r:{out}:r"], READ)
        content = out.read_bytes() if out.exists() else b""
        # avrdude leaves trailing ff away
        content = content.ljust(region.start + length, b"\xff")[region.start : region.start + length]
        out.unlink(missing_ok=True)
        if not evidence:
            raise ToolFailed(Fault.unknown, "nothing was read")
        return content

    def restart(self) -> None:
        """Connecting to the port resets the part, as DTR does; the boot loader then starts the firmware."""
        if self._console:
            self._console.close()
        place = self._address.console
        if not place:
            self._cannot("start")
        try:
            self._console = Console(place)
        except OSError as error:
            raise ToolFailed(Fault.link_lost, f"the console does not answer: {error.strerror or error}") from None

    def lines(self, until: tuple[str, ...], timeout_ms: int) -> list[str]:
        """What the started firmware says."""
        if self._console is None:
            self._cannot("hear")
        return self._console.lines(until, timeout_ms)

    def close(self) -> None:
        """Let go of the port and forget the files."""
        self._hang_up()
        self._memory.drop()

    def _hang_up(self) -> None:
        if self._console:
            self._console.close()
            self._console = None
            time.sleep(0.05)

    def _run(self, words: list[str], phrases: Phrases) -> Evidence:
        self._hang_up()
        evidence = run_tool(
            self._tool,
            ["-p", self._part, "-c", self._address.options.get("protocol", "arduino"), "-P", self._address.target, *words],
            phrases, seconds=self._address.seconds, work=self._memory.path,
        )  # fmt: skip
        self.calls.append(evidence)
        return evidence
