"""Careful reading of foreign records: each value by its path, so that what is wrong is named by file, record and field.

`Said` walks JSON that a tester wrote. A value of another kind is a refusal, never a guess; NaN and infinity are refused where
they stand; a missing value is empty. Limits: bytes, nesting, records, steps, characters of a text, bytes of an attachment.
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from asbuilt.formats.results.result import STEPS_MAX, Results
from asbuilt.kernel.errors import Invalid, RowError
from asbuilt.kernel.instants import INSTANT_MAX, format_instant, parse_instant

TEXT_CHARACTERS_MAX = 200
WORDS_CHARACTERS_MAX = 2_000
NESTING_MAX = 60
ATTACHMENT_BYTES_MAX = 8 * 1024 * 1024
DIGITS_MAX = 40
WARNINGS_MAX = 100
AHEAD_SECONDS = 300
DAYS_MAX = 400
SECOND = 1_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


class FieldRefused(ValueError):
    """A field that cannot be read: its path, what stands there, why, what to do."""

    def __init__(self, path: str, value: object, reason: str, remedy: str = "Look at what the tester wrote."):
        super().__init__(reason)
        self.path, self.value, self.reason, self.remedy = path, str(value)[:80], reason, remedy


def whole(file: str, reason: str, remedy: str, line: int | None = None) -> Invalid:
    """The refusal of a file that cannot be read at all."""
    row = RowError("results.unreadable", file, line, None, "", reason, remedy)
    return Invalid("results.unreadable", f"{file} {reason}; nothing was stored.", {"file": file}, remedy, [row])


def text_of(value: object, path: str, most: int = TEXT_CHARACTERS_MAX) -> str:
    """A line of text: blanks run together, no control characters; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldRefused(path, type(value).__name__, "is no text")
    line = " ".join(str(value).split())
    if _CONTROL.search(line):
        raise FieldRefused(path, ascii(line), "holds a control character or half a character")
    if len(line) > most:
        raise FieldRefused(path, line, f"has more than {most:,} characters")
    return line


def number_of(value: object, path: str) -> int | float | None:
    """A finite number; None for null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldRefused(path, value, "is no number")
    if not math.isfinite(value):
        raise FieldRefused(
            path, value, "is no finite number", "A value that could not be measured is left out or null."
        )
    if isinstance(value, int) and abs(value) >= 10**DIGITS_MAX:
        raise FieldRefused(path, "…", f"has more than {DIGITS_MAX} digits")
    return value


def number_in(text: str, path: str) -> int | float | None:
    """A number that stands as text; None where it is empty."""
    if not text.strip():
        return None
    try:
        value = float(text) if text.isascii() and "_" not in text and len(text) <= 60 else math.nan
    except ValueError:
        raise FieldRefused(path, text, "is no number") from None
    found = number_of(value, path)
    return int(found) if re.fullmatch(r"[+-]?[0-9]{1,15}", text.strip()) else found


class Said:
    """An object of a record and the path to it."""

    def __init__(self, said: dict, path: str = ""):
        self.said, self.path = said, path

    def at(self, name: str) -> str:
        """The path of one of its fields."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, most: int = TEXT_CHARACTERS_MAX, *, needed: bool = False) -> str:
        """A text; where it is needed an empty one is refused."""
        found = text_of(self.said.get(name), self.at(name), most)
        if needed and not found:
            raise FieldRefused(self.at(name), "", "is empty")
        return found

    def first(self, *names: str) -> str:
        """The first of these texts that is not empty."""
        return next((found for name in names if (found := self.text(name))), "")

    def number(self, name: str) -> int | float | None:
        """A number."""
        return number_of(self.said.get(name), self.at(name))

    def word(self, name: str, words: dict[str, str]) -> str:
        """One of our words for one of theirs."""
        found = self.text(name)
        if found not in words:
            raise FieldRefused(self.at(name), found, f"is none of {', '.join(words)}")
        return words[found]

    def structure(self, name: str) -> "Said":
        """An object; an empty one for null."""
        found = self.said.get(name)
        if found is None:
            return Said({}, self.at(name))
        if not isinstance(found, dict):
            raise FieldRefused(self.at(name), type(found).__name__, "is no object")
        return Said(found, self.at(name))

    def structures(self, name: str, most: int = STEPS_MAX) -> Iterator["Said"]:
        """The objects of a list."""
        found = self.said.get(name)
        if found is None:
            return
        if not isinstance(found, list) or len(found) > most:
            raise FieldRefused(self.at(name), type(found).__name__, f"is no list of at most {most:,}")
        for number, one in enumerate(found):
            if not isinstance(one, dict):
                raise FieldRefused(f"{self.at(name)}[{number}]", type(one).__name__, "is no object")
            yield Said(one, f"{self.at(name)}[{number}]")

    def named(self, name: str, most: int = STEPS_MAX) -> Iterator[tuple[str, "Said"]]:
        """(name, object) of an object of objects."""
        found = self.structure(name)
        if len(found.said) > most:
            raise FieldRefused(found.path, "", f"has more than {most:,} names")
        for key in found.said:
            yield text_of(key, found.at(key[:40]), TEXT_CHARACTERS_MAX), found.structure(key)


def attachment(name: str, kind: str, data: object, path: str) -> dict:
    """What the record keeps of an attachment: name, kind, size, SHA-256. Its bytes stay in the file, which is evidence."""
    if data is None:
        return {"name": name, "kind": kind}
    content = attached_bytes(data, path)
    return {"name": name, "kind": kind, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def attached_bytes(data: object, path: str) -> bytes:
    """The bytes of a base64 text."""
    if not isinstance(data, str) or len(data) > ATTACHMENT_BYTES_MAX * 4 // 3:
        raise FieldRefused(path, "…", f"is no base64 of at most {ATTACHMENT_BYTES_MAX >> 20} MiB")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise FieldRefused(path, data[:40], "is no base64") from None


def json_of(payload: bytes, file: str) -> object:
    """The JSON of a file, NaN and infinity left for whoever reads the field. Invalid where it is none."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as lack:
        raise whole(
            file, f"is not UTF-8: byte {lack.start + 1:,} is none of it", "Look whether the file is whole."
        ) from None
    try:
        found = json.loads(text, parse_int=_whole_number)
    except json.JSONDecodeError as lack:
        reason = f"is not JSON: {lack.msg} at line {lack.lineno}, character {lack.colno}"
        raise whole(file, reason, "Look whether the file is whole.", lack.lineno) from None
    except (ValueError, RecursionError):
        raise whole(file, "is JSON nested too deep, or with a number too long", "Look at the file.") from None
    if _deep(found):
        raise whole(file, f"is JSON nested deeper than {NESTING_MAX}", "Look at the file.")
    return found


def _whole_number(digits: str) -> int:
    if len(digits) > 2 * DIGITS_MAX:
        raise ValueError("too many digits")
    return int(digits)


def _deep(value: object) -> bool:
    level = [value]
    for _ in range(NESTING_MAX):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


class Times:
    """Times of a tester: in its own zone where they say no offset, and laid to when the file came where they lie ahead of it."""

    def __init__(self, zone: tzinfo, received_at: int, found: Results, file: str):
        self.zone, self.received_at, self.found, self.file = zone, received_at, found, file

    def read(self, text: str, path: str, form: str = "") -> int:
        """UTC microseconds of an ISO 8601 time, or of one written in `form`."""
        try:
            moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text[:40])
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self.zone)
                if not form:
                    self.warn(f"{self.file}: times have no offset; they were read as {self.zone}.")
            return parse_instant(moment.astimezone(UTC).isoformat(timespec="microseconds"))
        except (ValueError, OverflowError):
            raise FieldRefused(
                path, text, "is no time that we can read", "Times are ISO 8601, with an offset."
            ) from None

    def since_epoch(self, value: int | float | None, path: str, microseconds: int) -> int:
        """UTC microseconds of seconds or milliseconds since 1970."""
        try:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round((value or 0) * microseconds))
            return parse_instant(moment.isoformat(timespec="microseconds"))
        except (ValueError, OverflowError):
            raise FieldRefused(path, value, "is no time since 1970") from None

    def laid(self, began: int, ended: int, path: str, run: dict) -> tuple[int, int]:
        """(began, ended) as recorded. No file comes before it was written: a clock ahead of it is wrong, and is kept in `run`."""
        if ended < began:
            raise FieldRefused(
                path, format_instant(ended), "lies before the beginning", "Look at the clock of the tester."
            )
        if ended - began > DAYS_MAX * 86_400 * SECOND:
            raise FieldRefused(path, (ended - began) // SECOND, f"lies more than {DAYS_MAX} days after the beginning")
        off = ended - self.received_at
        if off <= AHEAD_SECONDS * SECOND:
            return began, ended
        run["clock_off_seconds"] = off // SECOND
        run["said_at"] = [format_instant(began), format_instant(min(ended, INSTANT_MAX))]
        self.warn(f"{self.file}: a clock is {off // SECOND:,} s ahead; the runs were laid to when the file came.")
        return max(began - off, 0), ended - off

    def warn(self, text: str) -> None:
        """Once each."""
        if text not in self.found.warnings and len(self.found.warnings) < WARNINGS_MAX:
            self.found.warnings.append(text)
