"""flashrom: SPI NOR flash on any of its programmers; the address is what `-p` takes.

The part is always named (`-c`), so that a chip of the same size by another maker is refused. A region is written through
a layout: flashrom wants an image of the whole chip, of which it writes that region only, and verifies it (`-N` limits its
own verification to the regions written; the flag that leaves it out is `-n`, which no command here has).
Phrases as flashrom 1.3.0 of Debian 12 printed them in our trials (reference/station.md, section 1).
"""

import re
from pathlib import Path

from asbuilt.kernel.plans import Region
from asbuilt.kernel.programmers import CAPABILITIES
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

CHIP_BYTES_MAX = 256 * 1024 * 1024

FAILURES = (
    (r"Multiple flash chip definitions match", Fault.wrong_part),
    (r"No EEPROM/flash device found", Fault.wrong_part),
    (r"Error: Unknown chip '", Fault.tool_config),
    (r"Error: Image size .* doesn't match", Fault.image_refused),
    (r"didn't do anything|write protection|Block protection could not be disabled", Fault.protected),
    (r"FAILED at 0x[0-9a-f]+! Expected", Fault.verify_failed),
    (r"Verifying flash.*FAILED|VERIFY FAILED", Fault.verify_failed),
    (r"Error: Programmer initialization failed|Error: .*programmer .* is not", Fault.no_target),
    (r"Uh oh. Erase/write failed|ERASE FAILED|Erase Failed", Fault.write_failed),
    (r"Read operation failed|Can't read", Fault.link_lost),
)
WRITTEN = Phrases(r"VERIFIED\.|identical to the requested image", FAILURES)
READ = Phrases(r"Reading flash\.\.\. done", FAILURES)
FOUND = Phrases(r"(?m)^[0-9]+$", FAILURES)
_ID = re.compile(r"compare_id: id1 0x([0-9a-f]+), id2 0x([0-9a-f]+)")


class Flashrom:
    """The flashrom program."""

    name = "flashrom"
    capabilities = CAPABILITIES["flashrom"]
    verified = True

    def probe(self) -> Tool:
        """flashrom as Debian packs it says `unknown`: then the package's version stands for it."""
        tool = find_tool("flashrom", ["--version"], r"flashrom v?([0-9][^ ]*)")
        if tool.version:
            return tool
        return find_tool("flashrom", [], "", version=_packaged("flashrom"), named=tool.path)

    def open(self, address: Address, part: str, part_id: str, work: Path) -> "FlashromSession":
        """A chip; nothing is powered before the first call."""
        return FlashromSession(self.probe(), address, part)


class FlashromSession(LacksAll):
    """One chip on one programmer."""

    def __init__(self, tool: Tool, address: Address, part: str):
        self.calls: list[Evidence] = []
        self._tool, self._address, self._part = tool, address, part
        self._memory = MemoryFolder()
        self._size = 0

    def identify(self) -> DeviceIdentity:
        """The chip's id as it answered the part's probe; its size is kept for the writes."""
        evidence = self._run(["--flash-size", "-VV"], FOUND)
        sizes = re.findall(r"(?m)^([0-9]+)$", evidence.text)
        size, said = int(sizes[-1]), _ID.search(evidence.text)
        if not 0 < size <= CHIP_BYTES_MAX:
            raise ToolFailed(Fault.wrong_part, f"a chip of {size} bytes is not handled", evidence)
        self._size = size
        # a chip that is not asked by a two-part id has none that could be compared
        return DeviceIdentity(f"{said[1]}{said[2]}" if said else "")

    def write(self, region: Region, content: bytes) -> None:
        """The region, filled up with ff, erased, written and verified by flashrom."""
        self._write(region, content, "image.bin", ())

    def provision(self, region: Region, secret: bytes) -> None:
        """As a write; the file's name stands as … in the evidence."""
        self._write(region, secret, "secret.bin", ("secret.bin",))

    def read(self, region: Region, length: int) -> bytes:
        """The region's first bytes."""
        out = self._memory.path / "read.bin"
        out.unlink(missing_ok=True)
        words = ["-l", str(self._layout(region)), "-i", f"{region.name}:{out}", "-r", "/dev/null"]
        evidence = self._run(words, READ)
        content = out.read_bytes() if out.exists() else b""
        out.unlink(missing_ok=True)
        if len(content) != region.length:
            raise ToolFailed(Fault.link_lost, f"{len(content)} bytes were read instead of {region.length}", evidence)
        return content[:length]

    def close(self) -> None:
        """Forget the files."""
        self._memory.drop()

    def _write(self, region: Region, content: bytes, name: str, hidden: tuple[str, ...]) -> None:
        if not self._size:
            self.identify()
        if region.start + region.length > self._size or len(content) > region.length:
            raise ToolFailed(Fault.image_refused, f"region {region.name} does not fit the chip of {self._size} bytes")
        whole = self._memory.path / name
        with open(whole, "wb") as file:
            whole.chmod(0o600)
            file.truncate(0)
            file.write(b"\xff" * region.start + content)
            file.write(b"\xff" * (self._size - region.start - len(content)))
        try:
            self._run(["-l", str(self._layout(region)), "-i", region.name, "-N", "-w", str(whole)], WRITTEN, hidden)
        finally:
            whole.unlink(missing_ok=True)

    def _layout(self, region: Region) -> Path:
        text = f"{region.start:08x}:{region.start + region.length - 1:08x} {region.name}\n"
        return self._memory.put("layout", text.encode())

    def _run(self, words: list[str], phrases: Phrases, hidden: tuple[str, ...] = ()) -> Evidence:
        evidence = run_tool(
            self._tool, ["-p", self._address.target, "-c", self._part, *words], phrases,
            seconds=self._address.seconds, work=self._memory.path, hidden=hidden,
        )  # fmt: skip
        self.calls.append(evidence)
        return evidence


def _packaged(name: str) -> str:
    try:
        status = Path("/var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(rf"(?m)^Package: {name}\n(?:.+\n)*?Version: (\S+)", status)
    return found[1] if found else ""
