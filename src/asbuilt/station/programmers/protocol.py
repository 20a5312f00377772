"""The protocol: what a station asks of a programmer, and how one fails.

A programmer is opened on an address (a chip in a socket, a port) for one part and gives a session. A session that cannot
do what a plan asks says so before anything is written: `capabilities` are compared with the plan, no step is left out.
Each call of a tool leaves an `Evidence`; secrets reach a tool as files in memory, never as words of its command.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from asbuilt.kernel.plans import Region
from asbuilt.kernel.programmers import Can

PHRASE_CHARACTERS_MAX = 200


class Fault(StrEnum):
    """How a tool or a target fails; a record names one of them."""

    no_target = "no_target"
    wrong_part = "wrong_part"
    image_refused = "image_refused"
    write_failed = "write_failed"
    verify_failed = "verify_failed"
    protected = "protected"
    timeout = "timeout"
    link_lost = "link_lost"
    fuse_conflict = "fuse_conflict"
    tool_missing = "tool_missing"
    tool_config = "tool_config"
    cannot = "cannot"
    unknown = "unknown"


@dataclass(frozen=True)
class Tool:
    """A tool as it is on this machine: name, version, path and SHA-256 of its file (ours for a built-in one)."""

    name: str
    version: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Evidence:
    """One call: its words without secrets, exit code (None: stopped by us), the phrase that decided, seconds, its text."""

    tool: str
    words: tuple[str, ...]
    exit_code: int | None
    phrase: str
    seconds: float
    text: str = ""


@dataclass(frozen=True)
class DeviceIdentity:
    """What the part answers: its id as the permit writes it, its own identity in hex (empty: it has none that this tool
    can read)."""

    part_id: str
    uid: str = ""


class ToolFailed(Exception):
    """A tool or target failed: how, in which words, and with what evidence."""

    def __init__(self, fault: Fault, text: str, evidence: Evidence | None = None):
        super().__init__(fault, text)
        self.fault, self.text, self.evidence = fault, text[:PHRASE_CHARACTERS_MAX], evidence


class Session(Protocol):
    """A part in a socket, powered, until `close`. Every method raises ToolFailed; `calls` has the evidence so far."""

    calls: list[Evidence]

    def identify(self) -> DeviceIdentity: ...

    def write(self, region: Region, content: bytes) -> None: ...

    def read(self, region: Region, length: int) -> bytes: ...

    def provision(self, region: Region, secret: bytes) -> None: ...

    def burn(self, name: str, value: bytes) -> None: ...

    def lock(self, kind: str) -> None: ...

    def attempt(self, kind: str, probe: str) -> None: ...

    def restart(self) -> None: ...

    def lines(self, until: tuple[str, ...], timeout_ms: int) -> list[str]: ...

    def say(self, line: str) -> None: ...

    def close(self) -> None: ...


class Programmer(Protocol):
    """A way to program parts."""

    name: str
    capabilities: frozenset[Can]
    # whether a part was really programmed with it in our tests; else pages say "not verified on hardware"
    verified: bool

    def probe(self) -> Tool: ...

    def open(self, address: "Address", part: str, part_id: str, work: Path) -> Session: ...


@dataclass(frozen=True)
class Address:
    """Where a part is reached: the tool's own address, and the port of its console as host:port (empty: none)."""

    target: str
    console: str = ""
    seconds: float = 60.0
    options: dict[str, str] = field(default_factory=dict)


class LacksAll:
    """What a session without a capability answers: the station asked what the plan should not have asked."""

    calls: list[Evidence]

    def _cannot(self, what: str):
        raise ToolFailed(Fault.cannot, f"this programmer cannot {what} this part")

    def identify(self) -> DeviceIdentity:
        """Read what the part is."""
        self._cannot("identify")

    def write(self, region: Region, content: bytes) -> None:
        """Write a region."""
        self._cannot("write")

    def read(self, region: Region, length: int) -> bytes:
        """Read a region back."""
        self._cannot("read back")

    def provision(self, region: Region, secret: bytes) -> None:
        """Write a secret into a region."""
        self._cannot("give a secret to")

    def burn(self, name: str, value: bytes) -> None:
        """Burn a fuse field."""
        self._cannot("burn fuses of")

    def lock(self, kind: str) -> None:
        """Close the part."""
        self._cannot("lock")

    def attempt(self, kind: str, probe: str) -> None:
        """Try what the lock forbids: a session that does not raise shows that the part is open."""
        self._cannot("probe the lock of")

    def restart(self) -> None:
        """Start the firmware."""
        self._cannot("start")

    def lines(self, until: tuple[str, ...], timeout_ms: int) -> list[str]:
        """Read the console until one of these begins a line."""
        self._cannot("hear")

    def say(self, line: str) -> None:
        """Write a line to the console."""
        self._cannot("speak to")

    def close(self) -> None:
        """Power off."""
