"""esptool and espefuse: Espressif's parts through their ROM loader; the address is what `--port` takes.

The loader alone is used (`--no-stub`), flash mode and frequency are kept, so that what is written is the image to the last
byte. Fuses are points of no return: the station writes a record before the first. A burnt key that cannot be read back is
proved by what the tool says of its block; a lock is proved by reading its fuse. With the option `efuses` the fuses are those of
a file (espefuse --virt): for rehearsals and our tests.
Phrases as esptool 5.6.0 printed them in our trials (reference/station.md, section 3).
"""

import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
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

FAILURES = (
    (r"Wrong chip argument|This chip is .*, not ", Fault.wrong_part),
    (r"MD5 of file does not match|Verification failed|Verify failed", Fault.verify_failed),
    (r"Could not open|could not open port|Failed to connect|No serial data received|Connection refused", Fault.no_target),
    (r"socket disconnected|Lost connection|Invalid head of packet|Serial data stream stopped|A serial exception error occurred|"
     r"Connection reset|Broken pipe|timed out", Fault.link_lost),
    (r"File .* does not exist|no such file|exceeds flash size|will not fit", Fault.image_refused),
    (r"invalid value|Error: Got unexpected|No such command|No such option", Fault.tool_config),
)  # fmt: skip
FUSE_FAILURES = (
    (r"bits that cannot be cleared|will always burn 0->1|is read-protected|is write-protected|"
     r"already has|Key block is not empty|damage an already written", Fault.fuse_conflict),
    (r"Aborted", Fault.tool_config),
    *FAILURES,
)  # fmt: skip
WRITTEN = Phrases(r"Hash of data verified", FAILURES)
READ = Phrases(r"Read [0-9]+ bytes", FAILURES)
MAC = Phrases(r"MAC:\s+[0-9a-f:]{17}", FAILURES)
FLASH = Phrases(r"(?s)Manufacturer: *[0-9a-f]+.*Device: *[0-9a-f]+", FAILURES)
BURNT = Phrases(r"(?s)BURN BLOCK.*OK|Nothing to burn|Successful", FUSE_FAILURES)
SUMMARY = Phrases(r'(?s)"DIS_PAD_JTAG": \{', FUSE_FAILURES)
# what closes a part, by the kind of the lock
LOCK_FUSES = {"debug": "DIS_PAD_JTAG", "readout": "DIS_DOWNLOAD_MODE"}


class Esp:
    """esptool with espefuse."""

    name = "esptool"
    capabilities = CAPABILITIES["esptool"]
    verified = True

    def probe(self) -> Tool:
        """The tool beside this Python, or on the path; its SHA-256 is that of all of it, espefuse too.

        The file that is started only calls a package: whoever changed that would not be seen by it. Of one on the path nothing
        but the two files that are started is known.
        """
        tool, fuses = _find("esptool"), _find("espefuse")
        return replace(tool, sha256=_whole_sha256(tool.sha256 + fuses.sha256, _package_files(tool.path)))

    def open(self, address: Address, part: str, part_id: str, work: Path) -> "EspSession":
        """A part whose ROM loader waits."""
        return EspSession(address, part)


def _find(name: str) -> Tool:
    beside = Path(sys.executable).with_name(name)
    named = str(beside) if beside.exists() else ""
    return find_tool(name, ["version"] if name == "esptool" else ["--help"], r"v?([0-9]+\.[0-9]+[0-9.]*)", named=named)


def _package_files(started: str) -> tuple[tuple[str, int, int, int, int], ...]:
    """(path, bytes, when written, when changed, inode) of each file of the package beside this Python."""
    if os.path.realpath(Path(sys.executable).with_name("esptool")) != started:
        return ()
    try:
        files = distribution("esptool").files or ()
    except PackageNotFoundError:
        return ()
    found = []
    for file in sorted(str(one.locate()) for one in files if one.suffix not in (".pyc", "")):
        try:
            about = os.stat(file)
        except OSError:
            continue
        found.append((file, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino))
    return tuple(found)


@lru_cache(maxsize=4)
def _whole_sha256(started: str, files: tuple[tuple[str, int, int, int, int], ...]) -> str:
    whole = hashlib.sha256(started.encode())
    for file, *_ in files:
        whole.update(Path(file).name.encode() + b"\0" + hashlib.sha256(Path(file).read_bytes()).digest())
    return whole.hexdigest()


class EspSession(LacksAll):
    """One Espressif part on one port."""

    def __init__(self, address: Address, part: str):
        self.calls: list[Evidence] = []
        self._address, self._part = address, part
        self._esptool = _find("esptool")
        self._memory = MemoryFolder()

    def identify(self) -> DeviceIdentity:
        """The flash's maker and device as part id, the MAC as the device's identity."""
        flash = self._esp(["flash-id"], FLASH).text
        ids = re.search(r"(?s)Manufacturer: *([0-9a-f]+).*?Device: *([0-9a-f]+)", flash)
        mac = re.search(r"MAC:\s+([0-9a-f:]{17})", flash) or re.search(
            r"MAC:\s+([0-9a-f:]{17})", self._esp(["read-mac"], MAC).text
        )
        return DeviceIdentity(f"{ids[1]}{ids[2]}", mac[1].replace(":", ""))

    def write(self, region: Region, content: bytes) -> None:
        """The content at the region's start."""
        self._write(region, content, ())

    def provision(self, region: Region, secret: bytes) -> None:
        """As a write; the file's name stands as … in the evidence."""
        self._write(region, secret, ("part.bin",))

    def read(self, region: Region, length: int) -> bytes:
        """The region's first bytes."""
        out = self._memory.path / "read.bin"
        out.unlink(missing_ok=True)
        evidence = self._esp(["read-flash", hex(region.start), str(length), str(out)], READ)
        content = out.read_bytes() if out.exists() else b""
        out.unlink(missing_ok=True)
        if len(content) != length:
            raise ToolFailed(Fault.link_lost, f"{len(content)} bytes were read instead of {length}", evidence)
        return content

    def burn(self, name: str, value: bytes) -> None:
        """`BLOCK_KEY1` or `BLOCK_KEY1/HMAC_UP` takes a key, any other name a field's value."""
        if name.startswith("BLOCK_KEY"):
            block, _, purpose = name.partition("/")
            key = self._memory.put("key.bin", value)
            try:
                self._fuse(["burn-key", block, str(key), purpose or "USER"], ("key.bin",))
            finally:
                key.unlink(missing_ok=True)
        else:
            self._fuse(["burn-efuse", name, str(int.from_bytes(value, "big"))])

    def lock(self, kind: str) -> None:
        """Burn the fuse that closes the part."""
        self._fuse(["burn-efuse", LOCK_FUSES[kind], "1"])

    def attempt(self, kind: str, probe: str) -> None:
        """Look whether the part is open: its fuse is read back. To clear a fuse is refused by the tool also where it is
        not burnt, so trying that would prove nothing; a debugger that tries to attach belongs to the fixture."""
        if probe != "read":
            self._cannot(f"probe by {probe} the lock of")
        evidence = self._fuse(["summary", "--format", "json"], phrases=SUMMARY)
        said = json.loads(evidence.text[evidence.text.index("\n{") :].rpartition("}")[0] + "}")
        if said[LOCK_FUSES[kind]]["value"] is True:
            raise ToolFailed(Fault.protected, f"{LOCK_FUSES[kind]} reads as burnt", evidence)

    def close(self) -> None:
        """Forget the files."""
        self._memory.drop()

    def _write(self, region: Region, content: bytes, hidden: tuple[str, ...]) -> None:
        file = self._memory.put("part.bin", content)
        words = ["write-flash", "-u", "--flash-size", self._address.options.get("flash_size", "4MB")]
        words += ["--flash-mode", "keep", "--flash-freq", "keep", hex(region.start), str(file)]
        try:
            self._esp(words, WRITTEN, hidden)
        finally:
            file.unlink(missing_ok=True)

    def _esp(self, words: list[str], phrases: Phrases, hidden: tuple[str, ...] = ()) -> Evidence:
        before = ["--chip", self._part, "--port", self._address.target, "--before", "no-reset", "--after", "no-reset"]
        return self._run(self._esptool, [*before, "--no-stub", *words], phrases, hidden)

    def _fuse(self, words: list[str], hidden: tuple[str, ...] = (), phrases: Phrases = BURNT) -> Evidence:
        file = self._address.options.get("efuses", "")
        part = self._address.options.get("fuse_chip", self._part)
        place = ["--virt", "--path-efuse-file", file] if file else ["--port", self._address.target]
        return self._run(_find("espefuse"), ["--chip", part, *place, "--do-not-confirm", *words], phrases, hidden)

    def _run(self, tool: Tool, words: list[str], phrases: Phrases, hidden: tuple[str, ...]) -> Evidence:
        evidence = run_tool(tool, words, phrases, seconds=self._address.seconds, work=self._memory.path, hidden=hidden)
        self.calls.append(evidence)
        return evidence
