"""ROM loader of an ESP32 on TCP, as far as esptool asks it without its stub: SLIP frames, registers, flash in a file.

    rom_loader.py FLASH.bin [--dies-at BLOCK] [--flips]      prints its port

It runs no code: it proves the station and esptool, not that the part starts. `--dies-at` ends the program at a block of a
write, as a cut of power would; `--flips` changes a bit before the flash's hash is asked for.
"""

import ctypes
import hashlib
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

FLASH_BYTES = 4 << 20
MAC = bytes.fromhex(os.environ.get("ROM_MAC", "a4cf12345678"))
# detection word, the two words of the MAC, chip revision
REGISTERS = {0x40001000: 0x00F01D83, 0x3FF5A004: int.from_bytes(MAC[2:], "big"), 0x3FF5A008: int.from_bytes(MAC[:2], "big"),
             0x3FF5A00C: 0x8000, 0x60000078: 0}  # fmt: skip
SPI_COMMAND, SPI_OPERATION, SPI_WORD = 0x3FF42000, 0x3FF42024, 0x3FF42080
BEGIN, BLOCK, SYNC, WRITE_REGISTER, READ_REGISTER, READ_FLASH, HASH, SPEED = 2, 3, 8, 9, 10, 14, 19, 15


class Loader:
    """The loader's state over one connection."""

    def __init__(self, flash: bytearray, file: Path, dies_at: int, flips: bool):
        self.flash, self.file, self.dies_at, self.flips = flash, file, dies_at, flips
        self.registers, self.start, self.block_bytes, self.blocks = dict(REGISTERS), 0, 0, 0

    def answer(self, operation: int, check: int, body: bytes) -> tuple[int, bytes, int]:
        """(value, bytes, error) of one command."""
        if operation == READ_REGISTER:
            return self.registers.get(struct.unpack("<I", body[:4])[0], 0), b"", 0
        if operation == WRITE_REGISTER:
            place, value = struct.unpack("<II", body[:8])
            self.registers[place] = value
            if place == SPI_COMMAND:
                self.registers[place] = 0
                self.registers[SPI_WORD] = 0x164020 if self.registers.get(SPI_OPERATION, 0) & 0xFF == 0x9F else 0
        elif operation == BEGIN:
            size, _, self.block_bytes, self.start = struct.unpack("<IIII", body[:16])
            erased = (size + 4095) // 4096 * 4096
            self.flash[self.start : self.start + erased] = b"\xff" * erased
        elif operation == BLOCK:
            return 0, b"", self._block(check, body)
        elif operation == HASH:
            place, size = struct.unpack("<II", body[:8])
            if self.flips:
                self.flash[place + 100] ^= 1
            return 0, hashlib.md5(self.flash[place : place + size]).hexdigest().encode(), 0
        elif operation == READ_FLASH:
            place = struct.unpack("<I", body[:4])[0]
            return 0, bytes(self.flash[place : place + 64]), 0
        return 0, b"", 0

    def _block(self, check: int, body: bytes) -> int:
        size, number = struct.unpack("<II", body[:8])
        block, found = body[16 : 16 + size], 0xEF
        for byte in block:
            found ^= byte
        self.blocks += 1
        if self.blocks == self.dies_at:
            self.file.write_bytes(self.flash)
            os._exit(9)
        if found != check:
            return 7
        place = self.start + number * self.block_bytes
        self.flash[place : place + size] = block
        return 0


def framed(raw: bytes) -> bytes:
    return b"\xc0" + raw.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def frames(buffer: bytearray):
    while buffer.count(b"\xc0") >= 2:
        first = buffer.index(b"\xc0")
        second = buffer.index(b"\xc0", first + 1)
        inside = bytes(buffer[first + 1 : second])
        # an end that is followed by another end is the next frame's begin
        del buffer[: second if not inside else second + 1]
        if inside:
            yield inside.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")


def serve(client: socket.socket, loader: Loader) -> None:
    buffer = bytearray()
    while True:
        more = client.recv(65_536)
        if not more:
            return
        buffer += more
        for frame in frames(buffer):
            if len(frame) < 8 or frame[0] != 0:
                continue
            operation, _, check = struct.unpack("<BHI", frame[1:8])
            value, said, error = loader.answer(operation, check, frame[8:])
            body = said + bytes([1 if error else 0, error, 0, 0])
            for _ in range(8 if operation == SYNC else 1):
                client.sendall(framed(struct.pack("<BBHI", 1, operation, len(body), value) + body))


def main(words: list[str]) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    file = Path(words[0])
    dies_at = int(words[words.index("--dies-at") + 1]) if "--dies-at" in words else -1
    flash = bytearray(file.read_bytes() if file.exists() else b"\xff" * FLASH_BYTES)
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        client, _ = server.accept()
        with suppress(ConnectionError):
            serve(client, Loader(flash, file, dies_at, "--flips" in words))
        file.write_bytes(flash)
        client.close()


main(sys.argv[1:])
