"""Lines: the bytes of an exchange table as lines of text, block by block, or a refusal that says where and what to do.

Rules
- UTF-8 only (RFC 3629); a byte order mark is taken, CRLF is taken for LF. UTF-16, UTF-32, another encoding and NUL are
  refused.
- A line has a limit, and a file that keeps none is refused without reading further than it.
- ZIP, gzip, Excel and other binary files are refused by name.
Memory stays at one block however long the file is.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from asbuilt.formats.refusals import ERRORS_NAMED_MAX
from asbuilt.kernel.errors import Invalid, RowError


@dataclass(frozen=True)
class Limits:
    """How much one table may hold. `cell_characters` above 131,072 has no effect: the CSV reader stops there."""

    line_bytes: int = 1 << 20
    cell_characters: int = 131_072
    rows: int = 20_000_000
    errors_named: int = ERRORS_NAMED_MAX


BLOCK_BYTES = 1 << 19
SAVE_AS_UTF8 = "Save it as UTF-8; in Excel choose CSV UTF-8."

# Every C0 control and DEL, but not the line ends; C1 controls take two bytes in UTF-8 and are looked for in the text.
_CONTROL_BYTES = bytes(sorted(set(range(32)) - {10, 13})) + b"\x7f"
_C1 = re.compile("[\x80-\x9f]")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")

# The first bytes of files that are not text at all.
_SIGNS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV UTF-8."),
    (b"PK\x05\x06", "an empty ZIP archive", "Send the CSV file itself."),
    (b"\x1f\x8b", "a gzip file", "Unpack it and send the CSV file itself."),
    (b"BZh", "a bzip2 file", "Unpack it and send the CSV file itself."),
    (b"\xfd7zXZ\x00", "an xz file", "Unpack it and send the CSV file itself."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it and send the CSV file itself."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and send the CSV file itself."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook", "Save the sheet as CSV UTF-8."),
    (b"%PDF-", "a PDF document", "Send the table as a CSV file."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as a CSV file."),
)
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_UTF8_MARK = b"\xef\xbb\xbf"


def binary_kind(head: bytes) -> tuple[str, str] | None:
    """What a file is that is no text at all, and what to do with it; None for what may be text."""
    for sign, name, remedy in _SIGNS:
        if head.startswith(sign):
            if sign == b"PK\x03\x04" and (b"[Content_Types].xml" in head or b"xl/" in head):
                return "an Excel workbook (.xlsx)", "Save the sheet as CSV UTF-8."
            return name, remedy
    return None


@dataclass(frozen=True)
class Block:
    """Some whole lines: the number of the first (the header is 1), the lines without their ends, whether controls are
    in them.
    """

    first_line: int
    lines: list[str]
    has_controls: bool


class LineReader:
    """The lines of one table. `columns` may be set once the header is known: refusals then name the column."""

    def __init__(self, stream: BinaryIO, file: str, limits: Limits):
        self.columns: tuple[str, ...] = ()
        self._stream, self._file, self._limits = stream, file, limits
        self._line = 1

    def blocks(self) -> Iterator[Block]:
        """Whole lines, at most about 512 KiB at a time; raises Invalid at the first byte that cannot be text."""
        held = self._first_bytes()
        while True:
            # The header goes alone: a wrong byte in the rows behind it can then name its column.
            end = (held.find(b"\n") if self._line == 1 else held.rfind(b"\n")) + 1
            if end:
                yield self._block(held[:end])
                held = held[end:]
                continue
            if len(held) > self._limits.line_bytes + 1:
                raise self._line_too_long(self._line)
            # Never past the limit: a line without end is refused after `line_bytes`, not after 100 MB.
            piece = self._stream.read(min(BLOCK_BYTES, self._limits.line_bytes + 2 - len(held)))
            if not piece:
                break
            held += piece
        if held:
            yield self._block(held)

    def _first_bytes(self) -> bytes:
        held = b""
        wanted = min(BLOCK_BYTES, self._limits.line_bytes + 2)
        while len(held) < 16 and (piece := self._stream.read(wanted - len(held))):
            held += piece
        if binary := binary_kind(held):
            name, remedy = binary
            raise self.refusal("tables.not_a_table", 1, None, "", f"is {name}, not a CSV table", remedy)
        for mark, name in _MARKS:
            if held.startswith(mark):
                raise self.refusal("tables.encoding", 1, None, "", f"is {name}, not UTF-8", SAVE_AS_UTF8)
        return held.removeprefix(_UTF8_MARK)

    def _block(self, raw: bytes) -> Block:
        first_line = self._line
        if b"\x00" in raw:
            raise self._nul(raw)
        if b"\r" in raw:
            raw = raw.replace(b"\r\n", b"\n")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._not_utf8(raw, error.start) from None
        has_controls = (
            len(raw.translate(None, _CONTROL_BYTES)) != len(raw)
            or b"\r" in raw
            or (not text.isascii() and _C1.search(text) is not None)
        )
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        if len(raw) > self._limits.line_bytes:
            for at, line in enumerate(lines):
                if len(line.encode()) > self._limits.line_bytes:
                    raise self._line_too_long(first_line + at)
        self._line += len(lines)
        return Block(first_line, lines, has_controls)

    def refusal(self, code: str, line: int, column: str | None, value: str, reason: str, remedy: str) -> Invalid:
        """The whole file is refused for one reason at one place."""
        row = RowError(code, self._file, line, column, value, reason, remedy)
        place = self._file if line == 1 and column is None else f"{self._file} line {line}"
        return Invalid(
            code, f"{place} {reason}; nothing was stored.", {"file": self._file, "line": line}, remedy, [row]
        )

    def _line_too_long(self, line: int) -> Invalid:
        return self.refusal(
            "tables.line_too_long",
            line,
            None,
            "",
            f"is longer than {self._limits.line_bytes:,} bytes",
            "End each row with a line break, and keep large documents out of cells.",
        )

    def _nul(self, raw: bytes) -> Invalid:
        line, column, _, byte = self._place(raw, raw.index(b"\x00"))
        reason = f"has a NUL at byte {byte}: it is UTF-16 or damaged"
        return self.refusal("tables.encoding", line, column, "", reason, SAVE_AS_UTF8)

    def _not_utf8(self, raw: bytes, at: int) -> Invalid:
        line, column, cell, byte = self._place(raw, at)
        wrong = raw[at : at + 1]
        reason = f"is not UTF-8 at byte {byte} (0x{wrong[0]:02X})"
        try:
            guess = wrong.decode("cp1252")
            remedy = f'As Windows-1252 that byte is "{guess}". {SAVE_AS_UTF8}'
        except UnicodeDecodeError:
            remedy = SAVE_AS_UTF8
        return self.refusal("tables.encoding", line, column, cell, reason, remedy)

    def _place(self, raw: bytes, at: int) -> tuple[int, str | None, str, int]:
        """Line, column and cell (read as Windows-1252) of the byte at `at`, and its number in the line, from 1."""
        line = self._line + raw.count(b"\n", 0, at)
        begin = raw.rfind(b"\n", 0, at) + 1
        end = raw.find(b"\n", at)
        before = raw[begin:at].decode("cp1252", "replace")
        whole = raw[begin : end if end >= 0 else len(raw)].decode("cp1252", "replace")
        try:
            at_cell = len(next(csv.reader([before + "."]), [""])) - 1
            cell = next(csv.reader([whole.replace("\x00", "")]), [""])[at_cell]
        except (csv.Error, IndexError):
            return line, None, "", at - begin + 1
        column = self.columns[at_cell] if at_cell < len(self.columns) else None
        return line, column, cell, at - begin + 1
