"""Cells: what may stand in one cell of an exchange table (design, section 7), and the sentence where it may not.

A rule reads the text of a cell and gives the text that is kept: the same, except for instants, which become UTC. Rules
are checked column by column and remember what they have read, because the columns of a factory repeat themselves.

Rules
- A cell is text as it stands: blanks, zeros in front and a leading `= + - @` are kept.
- A time needs its offset; `Z` is one. A date alone is taken only where the law asks for a date (placing on the market).
- A number is written without sign, point and zeros in front, so that it comes back as it came in.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import format_instant, parse_date, parse_instant

JSON_NESTING_MAX = 32
REMEMBERED_CHARACTERS_MAX = 500_000
PARTS_REMEMBERED_MAX = 8_192

_WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?", re.ASCII)
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_SECONDS = re.compile(r":([0-5]\d)(?:[.,](\d{1,6}))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNT = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_NUMBER = re.compile(r"(?!-0$)-?(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{0,2}[1-9])?", re.ASCII)
_FAR = re.compile(r"[0-9][eE]\+?[0-9]{3}|[0-9]{309}")  # what may lie beyond what a number holds
_NO_LETTER = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # a NUL, half a letter; two halves make one
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


class CellRefused(ValueError):
    """A cell that its rule does not take: `code`, `reason`, `remedy` as in RowError."""

    def __init__(self, code: str, reason: str, remedy: str = ""):
        super().__init__(reason)
        self.code, self.reason, self.remedy = code, reason, remedy


@dataclass(frozen=True)
class Text:
    """Any text; `required` refuses the empty cell. The base of every rule."""

    required: bool = False
    any_text = True

    def read(self, cell: str) -> str:
        """The text to keep for a cell that is not empty; raises CellRefused."""
        return cell


@dataclass(frozen=True)
class Word(Text):
    """One of a few words, written exactly so."""

    words: tuple[str, ...] = ()
    any_text = False

    def read(self, cell: str) -> str:
        if cell in self.words:
            return cell
        hint = did_you_mean(cell, self.words) or f"One of: {' '.join(self.words)}."
        raise CellRefused("tables.cell_not_a_word", f"is none of {' '.join(self.words)}", hint)


@dataclass(frozen=True)
class Words(Text):
    """Words separated by `;`, each once; any words where `words` is empty."""

    words: tuple[str, ...] = ()
    any_text = False

    def read(self, cell: str) -> str:
        given = cell.split(";")
        if len(set(given)) != len(given):
            raise CellRefused("tables.word_given_twice", "names a word twice", "Keep each once.")
        for word in given:
            if not word.strip() or word != word.strip():
                raise CellRefused(
                    "tables.cell_not_words", "has blanks or nothing between its ;", "Write the words as in a;b."
                )
            if self.words and word not in self.words:
                hint = did_you_mean(word, self.words) or f"One of: {' '.join(self.words)}."
                raise CellRefused("tables.cell_not_a_word", f"{word[:40]} is none of {' '.join(self.words)}", hint)
        return cell


@dataclass(frozen=True)
class Positions(Text):
    """Reference designators separated by blanks, each once; or one `#LINE` for a BOM line without designators."""

    any_text = False

    def read(self, cell: str) -> str:
        if "," in cell or ";" in cell:
            tidy = " ".join(cell.replace(",", " ").replace(";", " ").split())
            raise CellRefused(
                "tables.cell_not_positions", "separates designators with , or ;", f"Use blanks: {tidy[:60]}"
            )
        given = cell.split()
        if not given:
            raise CellRefused("tables.cell_not_positions", "holds only blanks", "Leave it empty or name designators.")
        if len(set(given)) != len(given):
            raise CellRefused("tables.word_given_twice", f"names {_twice(given)} twice", "Keep each designator once.")
        return cell


@dataclass(frozen=True)
class Count(Text):
    """A whole number from 0 to 999,999,999,999,999,999."""

    any_text = False

    def read(self, cell: str) -> str:
        if _COUNT.fullmatch(cell):
            return cell
        tidy = re.sub(r"[ _',]|\.0+$", "", cell).lstrip("0+") or "0"
        remedy = f"Write {tidy}." if _COUNT.fullmatch(tidy) else "Write digits only, such as 250."
        raise CellRefused("tables.cell_not_a_count", "is not a whole number from 0 up", remedy)


@dataclass(frozen=True)
class Number(Text):
    """A number with a point, at most six digits before it and three behind: 12.5, -0.25, 90."""

    any_text = False

    def read(self, cell: str) -> str:
        if _NUMBER.fullmatch(cell):
            return cell
        remedy = "Write it with a point, three digits behind it at most, such as 12.5."
        raise CellRefused("tables.cell_not_a_number", "is not a number", remedy)


@dataclass(frozen=True)
class Instant(Text):
    """A time with its offset (ISO 8601), kept in UTC with microseconds.

    `or_date` also takes a day without a time, as it stands.
    """

    or_date: bool = False
    any_text = False

    def read(self, cell: str) -> str:
        try:
            if self.or_date and _DATE.fullmatch(cell):
                parse_date(cell)
                return cell
            return format_instant(parse_instant(cell))
        except ValueError as lack:
            raise self._refusal(cell, str(lack)) from None

    def read_column(self, column: Sequence[str]) -> list[str] | None:
        """The whole column where every cell is of the usual form, else None.

        The cells of a column share their minutes and their seconds, so two look-ups a cell do: four times as fast.
        """
        end = -1 if column[0].endswith("Z") else -6
        try:
            return [_minutes_in_utc[cell[:16] + cell[end:]] + _seconds[cell[16:end]] for cell in column]
        except ValueError:
            return None

    def _refusal(self, cell: str, lack: str) -> CellRefused:
        if _DATE.fullmatch(cell):
            if self.or_date or _names_no_day(cell):
                return CellRefused("tables.cell_not_a_time", "there is no such day", "Check the day.")
            remedy = f"Write it as {cell}T08:00:00+01:00, with the hour it happened."
            return CellRefused("tables.time_without_offset", "a time needs its hour and its offset", remedy)
        if _WITHOUT_OFFSET.fullmatch(cell):
            rewritten = cell.replace(" ", "T").replace(",", ".") + "+01:00"
            return CellRefused("tables.time_without_offset", "a time needs its offset", f"Write it as {rewritten}.")
        also = ", or as a day 2027-03-15" if self.or_date else ""
        return CellRefused("tables.cell_not_a_time", lack, f"Write it as 2027-03-15T08:00:00+01:00{also}.")


@dataclass(frozen=True)
class Json(Text):
    """A JSON object or list (RFC 8259) on one line, nested 32 deep at most; no name twice in an object, no NaN, no number that a double does not
    hold, and in its texts neither NUL nor half a letter."""

    any_text = False

    def read(self, cell: str) -> str:
        try:
            value = json.loads(cell, object_pairs_hook=_names_once, parse_constant=_no_constant)
        except CellRefused:
            raise
        except json.JSONDecodeError as error:
            raise CellRefused(
                "tables.cell_not_json",
                f"is not JSON: {error.msg} at character {error.pos + 1}",
                'Write it as {"name": 1.5}, the quotes doubled in CSV.',
            ) from None
        except (ValueError, RecursionError):
            raise CellRefused("tables.cell_not_json", "is JSON beyond any limit", "Send less in one cell.") from None
        if _FAR.search(cell):
            json.loads(cell, parse_float=_within_range, parse_int=_within_range)
        if not isinstance(value, dict | list):
            raise CellRefused("tables.cell_not_json", "is not a JSON object or list", 'Write it as {"name": 1.5}.')
        # Only what has that many brackets can be that deep: most cells need no walk.
        if cell.count("[") + cell.count("{") > JSON_NESTING_MAX and _depth(value) > JSON_NESTING_MAX:
            raise CellRefused("tables.cell_not_json", f"is nested deeper than {JSON_NESTING_MAX}", "Flatten it.")
        if _NO_LETTER.search(cell) and (found := next(filter(None, map(_NOT_TEXT.search, _texts(value))), None)):
            reason = f"holds \\u{ord(found[0]):04x} in a text, which is no letter"
            raise CellRefused("tables.cell_not_json", reason, "Take it out.")
        return cell


@dataclass(frozen=True)
class Hex(Text):
    """So many hex digits in lower case: a SHA-256 has 64, a fact's id 16."""

    digits: int = 64
    any_text = False

    def read(self, cell: str) -> str:
        if len(cell) == self.digits and _HEX.fullmatch(cell):
            return cell
        lower = cell.strip().lower()
        if len(lower) == self.digits and _HEX.fullmatch(lower):
            raise CellRefused("tables.cell_not_hex", "has capitals or blanks", f"Write it as {lower}.")
        raise CellRefused("tables.cell_not_hex", f"is not {self.digits} hex digits", "Copy it whole, in lower case.")


class ColumnReader:
    """One column under one rule, chunk after chunk, with a memory of cells already read."""

    def __init__(self, rule: Text):
        self.rule = rule
        self._kept: dict[str, str] = {}
        self._forget()

    def read(self, column: Sequence[str]) -> tuple[Sequence[str], dict[int, CellRefused]]:
        """The cells to keep, in order, and what is refused under its index in the column."""
        refused: dict[int, CellRefused] = {}
        if self.rule.any_text:
            if self.rule.required and "" in column:
                refused = {at: _empty() for at, cell in enumerate(column) if not cell}
            return column, refused
        if isinstance(self.rule, Instant) and (usual := self.rule.read_column(column)) is not None:
            return usual, refused
        kept = self._kept
        if self._characters > REMEMBERED_CHARACTERS_MAX:
            self._forget()
        wrong: dict[str, CellRefused] = {}
        for cell in set(column).difference(kept):
            try:
                if not cell:
                    raise _empty()
                kept[cell] = self.rule.read(cell)
                self._characters += len(cell)
            except CellRefused as refusal:
                wrong[cell] = refusal
        if wrong:
            refused = {at: wrong[cell] for at, cell in enumerate(column) if cell in wrong}
            return [kept.get(cell, cell) for cell in column], refused
        if isinstance(self.rule, Instant):
            return [kept[cell] for cell in column], refused
        return column, refused

    def _forget(self) -> None:
        self._characters = 0
        self._kept.clear()
        if not self.rule.required:
            self._kept[""] = ""


def _empty() -> CellRefused:
    return CellRefused("tables.cell_empty", "is empty", "Fill it in.")


def _names_once(pairs: list[tuple[str, object]]) -> dict:
    named = dict(pairs)
    if len(named) != len(pairs):
        twice = _twice([name for name, _ in pairs])
        raise CellRefused("tables.cell_not_json", f"names {twice} twice in one object", "Keep one of them.")
    return named


def _twice(names: list[str]) -> str:
    return Counter(names).most_common(1)[0][0][:40]


def _no_constant(name: str) -> None:
    raise CellRefused("tables.cell_not_json", f"{name} is not a JSON number", "Write null, or leave the name out.")


def _within_range(number: str) -> float:
    if abs(value := float(number)) == math.inf:
        said = number if len(number) <= 40 else f"{number[:40]}…"
        raise CellRefused("tables.cell_not_json", f"{said} is beyond any number", "Write what was measured, or null.")
    return value


def _texts(value: object) -> Iterator[str]:
    """All texts in a value, names too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, said in value.items():
            yield name
            yield from _texts(said)
    elif isinstance(value, list):
        for said in value:
            yield from _texts(said)


class _Remembered(dict):
    """What a part of an instant is in UTC, read once; `read` raises ValueError for what is no such part."""

    def __init__(self, read: Callable[[str], str]):
        super().__init__()
        self.read = read

    def __missing__(self, part: str) -> str:
        text = self.read(part)
        if len(self) >= PARTS_REMEMBERED_MAX:
            self.clear()
        self[part] = text
        return text


def _read_seconds(tail: str) -> str:
    if (found := _SECONDS.fullmatch(tail)) is None:
        raise ValueError(tail)
    return f":{found[1]}.{found[2] or '':0<6}Z"


def _read_minute(minute: str) -> str:
    # Cut out of a longer cell, so its form is looked at again: `:00+01` behind a minute would be read as a time too.
    if _MINUTE.fullmatch(minute) is None:
        raise ValueError(minute)
    return format_instant(parse_instant(minute))[:16]


_minutes_in_utc = _Remembered(_read_minute)
_seconds = _Remembered(_read_seconds)


def _names_no_day(cell: str) -> bool:
    try:
        parse_date(cell)
    except ValueError:
        return True
    return False


def _depth(value: object) -> int:
    """How deep lists and objects stand in each other, without recursion."""
    deepest, below = 0, [(value, 1)]
    while below:
        here, depth = below.pop()
        if isinstance(here, dict | list):
            deepest = max(deepest, depth)
            below.extend((inner, depth + 1) for inner in (here.values() if isinstance(here, dict) else here))
    return deepest
