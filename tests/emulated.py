"""Emulated targets for tests of the station: a Cortex-M in QEMU, an AVR in simavr, an ESP32's ROM loader, SPI flash of flashrom.

Everything is built from tests/station/targets with the compilers that script/test installs; what is not installed fails the
test that needs it. Processes are in groups of their own, on ports of 127.0.0.1 that the kernel chose, and end with the test.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

TARGETS = Path(__file__).with_name("station") / "targets"
OPTIBOOT = "/usr/share/arduino/hardware/arduino/avr/bootloaders/optiboot/optiboot_atmega328.hex"
IMAGE_BYTES = 0x4000


@lru_cache(maxsize=1)
def _folder() -> Path:
    made = Path(mkdtemp(prefix="asbuilt-targets-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _build(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@lru_cache(maxsize=32)
def cortex_image(version: str, *defines: str) -> bytes:
    """16 KiB of firmware whose last word is the CRC-32 of the rest."""
    elf, raw = _folder() / "firmware.elf", _folder() / "firmware.bin"
    _build(
        "arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-Os", "-nostdlib", "-ffreestanding", "-fno-builtin",
        "-fno-delete-null-pointer-checks", f'-DVER="{version}"', *(f"-D{one}" for one in defines),
        "-T", str(TARGETS / "firmware.ld"), str(TARGETS / "firmware.c"), "-o", str(elf),
    )  # fmt: skip
    _build("arm-none-eabi-objcopy", "-O", "binary", str(elf), str(raw))
    image = raw.read_bytes().ljust(IMAGE_BYTES - 4, b"\xff")
    return image + zlib.crc32(image).to_bytes(4, "little")


@lru_cache(maxsize=4)
def avr_image(version: str) -> bytes:
    """A small AVR program that says its version."""
    elf, raw = _folder() / "avr.elf", _folder() / "avr.bin"
    _build("avr-gcc", "-mmcu=atmega328p", "-Os", f'-DVER="{version}"', str(TARGETS / "avr_app.c"), "-o", str(elf))
    _build("avr-objcopy", "-O", "binary", str(elf), str(raw))
    return raw.read_bytes()


@lru_cache(maxsize=1)
def _avr_program() -> Path:
    program = _folder() / "avr_target"
    _build(
        "gcc", "-O2", "-I/usr/include/simavr", str(TARGETS / "avr_target.c"), "-o", str(program), "-lsimavr", "-lelf"
    )
    return program


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _listening() -> set[int]:
    """Ports of IPv4 that somebody listens at (proc_net_tcp(5): state 0A)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


class Target:
    """A process in a group of its own."""

    def __init__(self, words: list[str], **more):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *words], stdin=subprocess.DEVNULL, start_new_session=True, **more
        )

    def power_off(self) -> None:
        """Cut its power. Once: the number of a process that ended is soon another's, and its group would be killed in its place."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    close = power_off


class Cortex(Target):
    """A blank lm3s6965 that stands still: its stub, its console, its identity page (8 bytes UID, revision)."""

    def __init__(self, folder: Path, uid: str, revision: str = "B"):
        page = folder / f"identity-{uid}-{id(self)}.bin"
        page.write_bytes(bytes.fromhex(uid) + revision.encode().ljust(4, b"\0"))
        # a port that was free may be somebody's by the time QEMU asks for it: it ends then, and tries others
        for _ in range(5):
            self.stub, self.console = free_port(), free_port()
            super().__init__(
                ["qemu-system-arm", "-M", "lm3s6965evb", "-display", "none", "-monitor", "none", "-S",
                 "-serial", f"tcp:127.0.0.1:{self.console},server=on,wait=off", "-gdb", f"tcp:127.0.0.1:{self.stub}",
                 "-device", f"loader,file={page},addr=0x3F800,force-raw=on"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            if self._listens():
                return
            self.power_off()
        raise AssertionError("QEMU did not start")

    def _listens(self) -> bool:
        """Wait until both ports are listened at. Nobody connects: a stub has one visitor, and its port opens after the console's."""
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            if {self.stub, self.console} <= _listening():
                return True
            time.sleep(0.01)
        return False

    def place(self, ref: str = "U1") -> dict:
        """As a socket of station.json reaches it."""
        return {"ref": ref, "target": f"127.0.0.1:{self.stub}", "console": f"127.0.0.1:{self.console}", "seconds": 5,
                "options": []}  # fmt: skip


class Wire:
    """A wire between station and stub that something happens to: `meddle(packet, number)` sees each packet to the target, and
    `answered(packet, answer)` each answer; what they return goes on, None cuts the wire."""

    def __init__(self, target: Cortex, meddle=None, answered=None):
        self._target, self._meddle, self._answered = target, meddle, answered
        self._packets, self._last = 0, b""
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def place(self) -> dict:
        """As a socket of station.json reaches it."""
        return {**self._target.place(), "target": f"127.0.0.1:{self._server.getsockname()[1]}"}

    def close(self) -> None:
        """Take it away."""
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target.stub))
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, to_target: bool) -> None:
        pending = b""
        with suppress(OSError):
            while more := source.recv(65_536):
                pending += more
                while pending:
                    if pending[:1] != b"$":
                        sink.sendall(pending[:1])
                        pending = pending[1:]
                        continue
                    end = pending.find(b"#")
                    if end < 0 or len(pending) < end + 3:
                        break
                    packet = self._changed(pending[1:end], to_target)
                    if packet is None:
                        break
                    pending = pending[end + 3 :]
                    sink.sendall(b"$%b#%02x" % (packet, sum(packet) & 255))
                else:
                    continue
                if pending[:1] == b"$" and b"#" in pending:
                    break
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _changed(self, packet: bytes, to_target: bool) -> bytes | None:
        if not to_target:
            return self._answered(self._last, packet) if self._answered else packet
        self._packets, self._last = self._packets + 1, packet
        return self._meddle(packet, self._packets) if self._meddle else packet


class Avr(Target):
    """An ATmega328P with Optiboot."""

    def __init__(self, folder: Path):
        self.flash = folder / "avr-flash.bin"
        super().__init__([str(_avr_program()), OPTIBOOT, str(self.flash)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        """End it, its flash kept."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)

    def place(self, ref: str = "U1", seconds: int = 30) -> dict:
        """As a socket of station.json reaches it."""
        return {"ref": ref, "target": f"net:127.0.0.1:{self.port}", "console": f"127.0.0.1:{self.port}", "seconds": seconds,
                "options": []}  # fmt: skip


class Esp32(Target):
    """An ESP32's ROM loader and a file of virtual fuses."""

    def __init__(self, folder: Path, *words: str, mac: str = "a4cf12345678"):
        self.flash, self.fuses = folder / "esp-flash.bin", folder / "esp-fuses.bin"
        super().__init__(
            [sys.executable, str(TARGETS / "rom_loader.py"), str(self.flash), *words],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "ROM_MAC": mac},
        )  # fmt: skip
        self.port = int(self.process.stdout.readline())

    def place(self, ref: str = "U1") -> dict:
        """As a socket of station.json reaches it."""
        options = [{"name": "efuses", "value": str(self.fuses)}, {"name": "fuse_chip", "value": "esp32c6"}]
        return {
            "ref": ref,
            "target": f"socket://127.0.0.1:{self.port}",
            "console": "",
            "seconds": 30,
            "options": options,
        }


class Chip:
    """A W25Q128FV of flashrom's dummy programmer: its memory is a file."""

    BYTES = 16 * 1024 * 1024

    def __init__(self, folder: Path, name: str = "chip", emulate: str = "W25Q128FV", more: str = ""):
        self.file = folder / f"{name}.bin"
        self.file.write_bytes(b"\xff" * self.BYTES)
        self.words = f"dummy:emulate={emulate},bus=spi{more},image={self.file}"

    def place(self, ref: str = "U1") -> dict:
        """As a socket of station.json reaches it."""
        return {"ref": ref, "target": self.words, "console": "", "seconds": 30, "options": []}

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def targets():
    """A list: every target that a test puts into it is switched off at its end."""
    found = []
    yield found
    for target in found:
        target.close()


@pytest.fixture
def cortex(targets, tmp_path):
    """Makes blank Cortex-M targets by their UID."""

    def make(uid: str = "0102030405060708", revision: str = "B") -> Cortex:
        targets.append(Cortex(tmp_path, uid, revision))
        return targets[-1]

    return make
