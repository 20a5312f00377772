"""A feed's document into its records, each with its exact bytes, in a stream: memory holds one piece and one record.

    for raw in records_in(stream, ("vulnerabilities",)):     RawRecord | BrokenRecord

Taken: one JSON value; an array of records; an object with an array of records under one of the keys; values one after
another (JSON Lines). Where a record is not JSON, its end is looked for by brackets outside of strings, and reading goes
on behind it; where there is no end, the rest of the document is one broken record. Nesting and size are limited before
anything is parsed. Source: RFC 8259.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import JSONDecodeError
from typing import BinaryIO

from asbuilt.formats.advisory.cells import fit
from asbuilt.formats.advisory.records import BrokenRecord

PIECE_BYTES = 1 << 20
RECORD_CHARACTERS_MAX = 32 << 20
NESTING_MAX = 100
BROKEN_CHARACTERS_MAX = 1 << 16
_decode = json.JSONDecoder(strict=False).raw_decode
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_TOKEN = re.compile(r'["\[\]{}]')
_STRING_END = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
_ID = re.compile(r'"(?:id|cveId|cveID|cve_id)"\s*:\s*"([^"\\]{1,120})"')


@dataclass(slots=True)
class RawRecord:
    """A record: its place (a number, or a path), its bytes as they stood, its parsed form."""

    place: str
    raw: bytes = field(repr=False)
    parsed: object = field(repr=False)


class _Text:
    """The document as text, read in pieces; what was read past is let go."""

    def __init__(self, stream: BinaryIO):
        self._stream, self.held, self.at, self.ended = stream, "", 0, False
        # bytes that are no UTF-8 come back as they were, and make their record broken, not the feed
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def more(self) -> bool:
        """Read another piece; False at the end."""
        if self.ended:
            return False
        piece = self._stream.read(max(PIECE_BYTES, (len(self.held) - self.at) // 2))
        self.ended = not piece
        self.held = self.held[self.at :] + self._decoder.decode(piece, final=not piece)
        self.at = 0
        return not self.ended

    def rest(self) -> bytes:
        """The beginning of what is left."""
        return self.held[self.at : self.at + BROKEN_CHARACTERS_MAX].encode("utf-8", "surrogateescape")

    def blank(self) -> str:
        """Skip blanks; the next character, "" at the end."""
        while True:
            self.at = _BLANK.match(self.held, self.at).end()
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.more():
                return ""

    def value(self, lines: bool = False) -> tuple[str, object, str]:
        """(text, parsed, fault) of the value here, past it afterwards; fault says why it could not be parsed.

        With `lines` a value that cannot be parsed ends where the next one begins on a line of its own.
        """
        while True:
            try:
                parsed, end = _decode(self.held, self.at)
                if end < len(self.held) or self.ended:
                    raw, self.at = self.held[self.at : end], end
                    return raw, parsed, "" if raw.isascii() or _is_text(raw) else "is not UTF-8"
            except RecursionError:
                return *self._past(), f"is nested deeper than {NESTING_MAX}"
            except (JSONDecodeError, ValueError) as broken:
                fault = broken.msg if isinstance(broken, JSONDecodeError) else "holds a number out of all bounds"
                if self.ended or self._closed():
                    return *self._past(lines), f"is not JSON: {fault}"
            if len(self.held) - self.at > RECORD_CHARACTERS_MAX:
                return *self._past(), f"is larger than {RECORD_CHARACTERS_MAX >> 20} MiB"
            self.more()

    def _closed(self) -> bool:
        return self._end(self.at) >= 0

    def _past(self, lines: bool = False) -> tuple[str, None]:
        """What stands here up to the closing bracket, or the rest; past it afterwards."""
        found = []
        line = self.held.find("\n{", self.at + 1) if lines else -1
        if line > 0:
            raw, self.at = self.held[self.at : line], line + 1
            return raw, None
        end = self._end(self.at)
        while end < 0 and len(self.held) - self.at <= RECORD_CHARACTERS_MAX and self.more():
            end = self._end(self.at)
        if end < 0:
            found.append(self.held[self.at :])
            self.at = len(self.held)
            while self.more():
                self.at = len(self.held)
        else:
            found.append(self.held[self.at : end])
            self.at = end
        return "".join(found), None

    def _end(self, at: int) -> int:
        """Where the brackets that open here are closed; for anything else the next comma or bracket; -1 if not in sight."""
        if self.held[at : at + 1] not in ("{", "["):
            found = re.compile(r"[,\]}\n]").search(self.held, at + 1)
            return found.start() if found else -1
        depth = 0
        while token := _TOKEN.search(self.held, at):
            at = token.end()
            if token[0] == '"':
                string = _STRING_END.match(self.held, at)
                if string is None:
                    return -1
                at = string.end()
            elif token[0] in "{[":
                depth += 1
            else:
                depth -= 1
                if depth == 0:
                    return at
        return -1


def _is_text(raw: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in raw)


def deep(parsed: object) -> bool:
    """Whether it is nested deeper than NESTING_MAX."""
    level = [parsed]
    for _ in range(NESTING_MAX):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def records_in(stream: BinaryIO, arrays: tuple[str, ...]) -> Iterator[RawRecord | BrokenRecord]:
    """The records of a document; `arrays` are the keys under which its kind keeps them."""
    text = _Text(stream)
    first, count = text.blank(), 0
    if not first:
        yield BrokenRecord("", "1", "is empty")
        return
    while first:
        if first == "[":
            text.at += 1
            for one in _array(text, "", count):
                count += 1
                yield one
        elif first == "{" and arrays:
            for one in _wrapped(text, arrays, count + 1):
                count += 1
                yield one
        elif first == "{":
            count += 1
            yield _made(str(count), *text.value(lines=True))
        else:
            yield BrokenRecord("", str(count + 1), "is not JSON", text.rest())
            return
        first = text.blank()


def _made(place: str, raw: str, parsed: object, fault: str) -> RawRecord | BrokenRecord:
    bytes_ = raw[:BROKEN_CHARACTERS_MAX].encode("utf-8", "surrogateescape") if fault else raw.encode()
    if not fault and not isinstance(parsed, dict):
        fault = "is no structure"
    if not fault and deep(parsed):
        fault = f"is nested deeper than {NESTING_MAX}"
    if fault:
        found = _ID.search(raw, 0, 100_000)
        return BrokenRecord(fit(found[1]) if found else "", place, fault, bytes_[:BROKEN_CHARACTERS_MAX])
    return RawRecord(place, bytes_, parsed)


def _array(text: _Text, path: str, before: int) -> Iterator[RawRecord | BrokenRecord]:
    """The elements up to the closing bracket; what stands between them is passed over."""
    count = before
    while True:
        character = text.blank()
        if character in ("]", ""):
            if character:
                text.at += 1
            else:
                yield BrokenRecord("", f"{path}{count + 1}", "the list ends in the middle")
            return
        if character in ",:":
            text.at += 1
            continue
        count += 1
        start = text.at
        made = _made(f"{path}{count}", *text.value())
        if text.at == start:
            text.at += 1
        yield made


def _wrapped(text: _Text, arrays: tuple[str, ...], count: int) -> Iterator[RawRecord | BrokenRecord]:
    """An object: the records under one of the keys, or, where it has none of them, the object itself as one record."""
    while len(text.held) - text.at < 4096 and text.more():
        pass
    found = _array_start(text, arrays)
    if found is None:
        yield _made(str(count), *text.value(lines=True))
        return
    yield from _array(text, f"{found}/", 0)
    _to_the_end(text)


def _array_start(text: _Text, arrays: tuple[str, ...]) -> str | None:
    """Go behind the `[` of the first such key of the object here; None, and back where it was, where it has none.

    Only what stands before the key is kept in sight, at most a record's size.
    """
    base, at = text.held[text.at :], 0
    text.held, text.at = base, 0
    cursor = 1
    while True:
        cursor = _skipped(text, cursor)
        if cursor >= len(text.held) or text.held[cursor] != '"':
            return None
        try:
            key, at = _decode(text.held, cursor)
        except ValueError:
            return None
        at = _skipped(text, at)
        if text.held[at : at + 1] != ":":
            return None
        at = _skipped(text, at + 1)
        if key in arrays and text.held[at : at + 1] == "[":
            text.at = at + 1
            return key
        cursor = _after(text, at)
        if cursor < 0:
            return None
        cursor = _skipped(text, cursor)
        if text.held[cursor : cursor + 1] != ",":
            return None
        cursor += 1


def _skipped(text: _Text, cursor: int) -> int:
    while True:
        cursor = _BLANK.match(text.held, cursor).end()
        if cursor < len(text.held) or len(text.held) > RECORD_CHARACTERS_MAX or not text.more():
            return cursor


def _after(text: _Text, cursor: int) -> int:
    """Behind the value at the cursor, reading on as needed; -1 where it is broken or too large."""
    while True:
        try:
            _, end = _decode(text.held, cursor)
            if end < len(text.held) or text.ended:
                return end
        except RecursionError:
            return -1
        except ValueError:
            if text.ended:
                return -1
        if len(text.held) > RECORD_CHARACTERS_MAX:
            return -1
        text.more()


def _to_the_end(text: _Text) -> None:
    """Past the rest of the object that held the records."""
    while True:
        character = text.blank()
        if character in ("}", ""):
            text.at += bool(character)
            return
        start = text.at
        text.value()
        if text.at == start:
            text.at += 1
