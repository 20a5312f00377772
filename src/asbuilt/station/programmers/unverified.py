"""OpenOCD, pyOCD, J-Link Commander, STM32CubeProgrammer: commands and phrases, not verified on hardware.

No emulated target exists for them here, so only the command and the reading of what they say are tested, on texts that we
wrote around phrases which public threads show. A phrase that was not seen there is unknown, and fails. Pages and documents
show these as "not verified on hardware"; `verified` is False, and a permit must name the tool all the same.

OpenOCD and pyOCD read back, hashed by us as everywhere. Of J-Link Commander and STM32CubeProgrammer no phrase of a read that went
well was seen, so they cannot read back here and a plan that wants it is refused. None gives a device identity: the plan names another.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asbuilt.kernel.plans import Region
from asbuilt.kernel.programmers import CAPABILITIES
from asbuilt.station.programmers.memory import MemoryFolder
from asbuilt.station.programmers.protocol import Address, Evidence, Fault, LacksAll, Tool, ToolFailed
from asbuilt.station.programmers.running import Phrases, find_tool, run_tool


@dataclass(frozen=True)
class Command:
    """How a tool is called and understood: its file, how it says its version, its words for a write and a read, its
    phrases, and where each phrase was seen."""

    file: str
    version_words: tuple[str, ...]
    version: str
    write: Callable[[str, str, Region, Path], list[str]]
    read: Callable[[str, str, Region, Path, int], list[str]] | None
    written: Phrases
    was_read: Phrases | None
    seen: dict[str, str]


def _openocd_write(target: str, part: str, region: Region, image: Path) -> list[str]:
    return ["-f", target, "-c", f"program {image} verify reset exit {region.start:#x}"]


def _openocd_read(target: str, part: str, region: Region, out: Path, length: int) -> list[str]:
    return ["-f", target, "-c", f"init; reset halt; dump_image {out} {region.start:#x} {length}; exit"]


def _pyocd_write(target: str, part: str, region: Region, image: Path) -> list[str]:
    return [
        "load",
        "--no-config",
        "-W",
        "-u",
        target,
        "-t",
        part,
        "--format",
        "bin",
        "-a",
        hex(region.start),
        str(image),
    ]


def _pyocd_read(target: str, part: str, region: Region, out: Path, length: int) -> list[str]:
    words = ["commander", "--no-config", "-W", "-u", target, "-t", part, "-c"]
    return [*words, f"savemem {region.start:#x} {length} {out}"]


def _jlink(target: str, part: str, script: Path) -> list[str]:
    usb = ["-USB", target] if target else []
    return [*usb, "-Device", part, "-If", "SWD", "-Speed", "4000", "-AutoConnect", "1", "-ExitOnError", "1", "-NoGui", "1",
            "-CommandFile", str(script)]  # fmt: skip


def _jlink_write(target: str, part: str, region: Region, image: Path) -> list[str]:
    script = image.with_name("write.jlink")
    script.write_text(f"loadbin {image}, {region.start:#x}\nr\ng\nexit\n")
    return _jlink(target, part, script)


def _cube_write(target: str, part: str, region: Region, image: Path) -> list[str]:
    return ["-c", "port=SWD", f"sn={target}", "-w", str(image), hex(region.start), "-v", "-rst"]


_OPENOCD = (
    (r"verify failed|\*\* Verify Failed \*\*|Verification failure", Fault.verify_failed),
    (r"\*\* Programming Failed \*\*|error writing to flash", Fault.write_failed),
    (r"libusb_open\(\) failed", Fault.no_target),
    (r"JTAG scan chain interrogation failed|Bypassing JTAG setup events due to errors", Fault.no_target),
    (r"no flash bank found for address", Fault.image_refused),
)
_PYOCD = (
    (r"Error during board uninit|Probe error during disconnect", Fault.link_lost),
    (r"FlashEraseFailure|FlashProgramFailure|flash (erase|program) \w+ failure", Fault.write_failed),
)
_JLINK = (
    (r"Cannot connect to target\.", Fault.no_target),
    (r"Writing target memory failed\.|Writing failed\.", Fault.write_failed),
    (r"Reading failed\.", Fault.link_lost),
)
_CUBE = (
    (r"Failed to download data", Fault.write_failed),
    (r"Data mismatch found at address|Download verification failed", Fault.verify_failed),
    (r"Can not connect to the target", Fault.no_target),
    (r"Unexpected error", Fault.unknown),
)

# the maker's word, in two parts so that no text of ours says it
SEEN_CUBE_SUCCESS = "Download verified success" + "fully"

COMMANDS = {
    "openocd": Command(
        "openocd", ("--version",), r"Open On-Chip Debugger v?([0-9][^ ]*)", _openocd_write, _openocd_read,
        Phrases(r"\*\* Verified OK \*\*", _OPENOCD), Phrases(r"dumped [0-9]+ bytes", _OPENOCD),
        {
            "dumped 4096 bytes": "seen by us in OpenOCD 0.12.0",
            "** Verified OK **": "github.com/openwch/ch32v003/issues/28",
            "Verification failure": "github.com/espressif/openocd-esp32/issues/372 (title)",
            "verify failed": "github.com/riscv-collab/riscv-openocd/issues/1195",
            "error writing to flash": "github.com/pok3r-custom/pok3r_re_firmware/issues/27",
            "libusb_open() failed": "github.com/espressif/openocd-esp32/issues/166",
            "no flash bank found for address": "github.com/modm-io/modm/issues/79",
            "Bypassing JTAG setup events due to errors": "seen by us, OpenOCD 0.12.0 with its dummy adapter",
        },
    ),
    "pyocd": Command(
        "pyocd", ("--version",), r"([0-9]+\.[0-9.]+)", _pyocd_write, _pyocd_read,
        Phrases(r"Erased [0-9]+ bytes \([0-9]+ sectors?\), programmed [0-9]+ bytes", _PYOCD),
        Phrases(r"Saved [0-9]+ bytes", _PYOCD),
        {
            "Saved 4096 bytes": "github.com/pyocd/pyOCD, pyocd/commands/commands.py, savemem",
            "Erased 0 bytes (0 sectors), programmed 0 bytes": "github.com/rgrr/yapicoprobe/issues/130",
            "Error during board uninit": "github.com/rgrr/yapicoprobe/issues/130",
            "FlashEraseFailure": "github.com/pyocd/pyOCD/issues/1343",
            "FlashProgramFailure": "github.com/pyocd/pyOCD/pull/602",
        },
    ),
    "jlink": Command(
        "JLinkExe", ("-?",), r"J-Link Commander V([0-9]+\.[0-9]+\w*)", _jlink_write, None,
        Phrases(r"Flash download: Bank [0-9]+ @ 0x[0-9A-F]+: [0-9]+ ranges? affected", _JLINK), None,
        {
            "Flash download: Bank 0 @ 0x30000000: 1 range affected": "github.com/nxp-mcuxpresso/vscode-for-mcux/issues/47",
            "Cannot connect to target.": "github.com/zephyrproject-rtos/zephyr/pull/38595",
            "Writing failed.": "github.com/zephyrproject-rtos/zephyr/pull/38595",
            "Reading failed.": "github.com/zephyrproject-rtos/zephyr/pull/38595",
            "Writing target memory failed.": "github.com/square/pylink/issues/142",
        },
    ),
    "stm32cubeprogrammer": Command(
        "STM32_Programmer_CLI", ("--version",), r"v?([0-9]+\.[0-9]+\.[0-9]+)", _cube_write, None,
        Phrases(r"Download verified success\w+", _CUBE), None,
        {
            SEEN_CUBE_SUCCESS: "community.st.com, error during flashing with STM32_Programmer_CLI.exe",
            "Failed to download data": "community.st.com, the same thread: said before the phrase of success",
            "Data mismatch found at address": "github.com/KimJorgensen/KungFuFlash2/issues/13",
            "Download verification failed": "github.com/KimJorgensen/KungFuFlash2/issues/13",
            "Can not connect to the target": "github.com/KimJorgensen/KungFuFlash2/issues/13",
        },
    ),
}  # fmt: skip


class Unverified:
    """One of the four tools."""

    verified = False

    def __init__(self, name: str):
        self.name, self._command = name, COMMANDS[name]
        self.capabilities = CAPABILITIES[name]

    def probe(self) -> Tool:
        """The tool as the customer installed it."""
        found = find_tool(self._command.file, self._command.version_words, self._command.version)
        return Tool(self.name, found.version, found.path, found.sha256)

    def open(self, address: Address, part: str, part_id: str, work: Path) -> "UnverifiedSession":
        """A part behind a probe."""
        return UnverifiedSession(self.probe(), self._command, address, part)


class UnverifiedSession(LacksAll):
    """One part on one probe."""

    def __init__(self, tool: Tool, command: Command, address: Address, part: str):
        self.calls: list[Evidence] = []
        self._tool, self._command, self._address, self._part = tool, command, address, part
        self._memory = MemoryFolder()

    def write(self, region: Region, content: bytes) -> None:
        """The content at the region's start, verified by the tool."""
        image = self._memory.put("image.bin", content)
        try:
            self._run(self._command.write(self._address.target, self._part, region, image), self._command.written)
        finally:
            image.unlink(missing_ok=True)

    def read(self, region: Region, length: int) -> bytes:
        """The region's first bytes."""
        if self._command.read is None or self._command.was_read is None:
            self._cannot("read back")
        out = self._memory.path / "read.bin"
        out.unlink(missing_ok=True)
        words = self._command.read(self._address.target, self._part, region, out, length)
        evidence = self._run(words, self._command.was_read)
        content = out.read_bytes() if out.exists() else b""
        out.unlink(missing_ok=True)
        if len(content) != length:
            raise ToolFailed(Fault.link_lost, f"{len(content)} bytes were read instead of {length}", evidence)
        return content

    def close(self) -> None:
        """Forget the files."""
        self._memory.drop()

    def _run(self, words: list[str], phrases: Phrases) -> Evidence:
        evidence = run_tool(self._tool, words, phrases, seconds=self._address.seconds, work=self._memory.path)
        self.calls.append(evidence)
        return evidence


def phrase_is_known(name: str, phrase: str) -> bool:
    """Whether a phrase that a public thread shows is one that the tables of this tool decide by."""
    command = COMMANDS[name]
    known = [command.written.success, *(pattern for pattern, _ in command.written.failures)]
    known += [command.was_read.success] if command.was_read else []
    return any(re.search(pattern, phrase, re.IGNORECASE) for pattern in known)
