"""Machine files: what an oven, a printer or an AOI writes as CSV or JSON -> rows of processes.csv or tests.csv, by a mapping.

    errors = ErrorList()
    found = read_machine_file(payload, "OVEN_17.csv", mapping, errors)     # found.rows in canonical column order
    errors.raise_if_any("OVEN_17.csv")

Rules
- Nothing is guessed: encoding, delimiter, header, decimal sign and time are as the mapping says, or the file is refused.
- Blanks around a cell are no part of it. Cells that lack at the end of a row are a mistake; empty ones beyond it are not.
- An empty value (reading, measurement) is left out. A number is one by the mapping's decimal sign, without groups.
- A local time that the clocks skipped is refused; one that they ran through twice is the first, with a warning.
- Errors name the file's own line (CSV) or record (JSON) and its own column.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asbuilt.formats.cells import CellRefused
from asbuilt.formats.columns import TABLES, Table
from asbuilt.formats.file_mappings import ISO, MEASURED, UNIX, UNIX_MS, FileMapping, Source, known_encoding
from asbuilt.formats.lines import CONTROL, binary_kind
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.rows_gathered import TOLD, gathered, outcome_of, told_of
from asbuilt.kernel.errors import Invalid, RowError
from asbuilt.kernel.instants import parse_instant

FILE_BYTES_MAX = 16 << 20
ROWS_MAX = 100_000
CELL_CHARACTERS_MAX = 4_000
JSON_NESTING_MAX = 32
WARNINGS_MAX = 100
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_FIELD = re.compile(r"\{([^{}]+)\}")
Record = Callable[[str], str]
"""Gives the text of a column of the file; raises CellRefused where it is no text."""


@dataclass(frozen=True)
class Inside:
    """What a report says is inside its unit: the record, the unit and its part number, when, the inner serial and part number, the position."""

    line: int
    parent: str
    product: str
    at: str
    serial: str
    part: str
    position: str


@dataclass
class MachineRows:
    """What a file says: the columns it has, the line or record of each row, rows in canonical order, warnings, what is inside its units."""

    columns: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    inside: list[Inside] = field(default_factory=list)


def read_machine_file(payload: bytes, file: str, mapping: FileMapping, errors: ErrorList) -> MachineRows:
    """The rows of a file. Wrong cells go to `errors`; raises Invalid where the file as a whole cannot be read."""
    if len(payload) > FILE_BYTES_MAX:
        raise _whole(file, "mappings.too_large", f"has more than {FILE_BYTES_MAX >> 20} MiB", "Send it in parts.")
    parts = mapping.parts_of(file) or {"@file": file}
    found, table = MachineRows(), TABLES[mapping.becomes]
    text = _text(payload, file, mapping)
    records = _csv_records(text, file, mapping, errors, found) if mapping.format == "csv" else _json_records(
        text, file, mapping, found
    )  # fmt: skip
    for line, column_text in records:
        if errors.rows_read >= ROWS_MAX:
            raise _whole(file, "mappings.too_many_rows", f"has more than {ROWS_MAX:,} rows", "Send it in parts.")
        errors.rows_read += 1
        _Row(table, mapping, file, line, parts, column_text, errors, found).take()
    if mapping.gathers:
        found.lines, found.rows = gathered(found.lines, found.rows)
    return found


def _whole(file: str, code: str, reason: str, remedy: str, line: int | None = 1, column: str | None = None) -> Invalid:
    row = RowError(code, file, line, column, "", reason, remedy)
    return Invalid(code, f"{file} {reason}; nothing was stored.", {"file": file}, remedy, [row])


def _text(payload: bytes, file: str, mapping: FileMapping) -> str:
    if binary := binary_kind(payload[:4096]):
        raise _whole(file, "mappings.not_text", f"is {binary[0]}, no text", binary[1])
    codec = known_encoding(mapping.encoding)
    try:
        text = payload.decode(codec)
    except UnicodeDecodeError as error:
        line = payload.count(b"\n", 0, error.start) + 1
        reason = f"is not {mapping.encoding}: byte {error.start + 1:,} on line {line:,} is none of it"
        remedy = f"Correct the encoding of the mapping of {mapping.machine}."
        raise _whole(file, "mappings.encoding", reason, remedy, line) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _whole(file, "mappings.empty", "is empty", "Look at the machine.")
    if "\x00" in text:
        reason = f"holds NUL: it is not {mapping.encoding}, or damaged"
        raise _whole(file, "mappings.encoding", reason, "Correct the encoding of the mapping, such as utf-16.")
    return text


def _csv_records(
    text: str, file: str, mapping: FileMapping, errors: ErrorList, found: MachineRows
) -> Iterator[tuple[int, Record]]:
    stream, skipped = io.StringIO(text, newline=""), max(mapping.header - 1, 0)
    for _ in range(skipped):
        stream.readline()
    reader = csv.reader(stream, delimiter=mapping.delimiter, strict=True)
    places: dict[str, int] = {}
    width = 0
    while True:
        line = skipped + reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            remedy = "Look at the quotes of this line and of those before it."
            raise _whole(file, "mappings.quotes", f"line {line}: {error}", remedy, line) from None
        if not any(cells):
            continue
        if not places:
            width = len(cells)
            places = _places(cells, file, mapping, line, found)
            if mapping.header:
                continue
        if len(cells) < width or any(cells[len(found.columns) :]):
            reason = f"has {len(cells)} cells, {'the header' if mapping.header else 'the first line'} has {width}"
            errors.rows_read += 1
            errors.add("mappings.width", file, line, None, "", reason, "Look at the delimiter of the mapping.")
            continue
        yield line, lambda column, cells=cells, places=places: cells[places[column]]
    if not places:
        raise _whole(file, "mappings.header", f"ends before line {mapping.header}", "Correct the mapping's header.")


def _places(cells: list[str], file: str, mapping: FileMapping, line: int, found: MachineRows) -> dict[str, int]:
    """Column -> its place; raises Invalid where the mapping needs one that is not there, or is there twice."""
    if not mapping.header:
        names = [str(number) for number in range(1, len(cells) + 1)]
    else:
        names = cells[: max(place for place, cell in enumerate(cells, 1) if cell)]
    found.columns = list(names)
    wrong = []
    for column in dict.fromkeys(column for source in mapping.columns.values() for column in source.columns):
        if column.startswith("@"):
            continue
        if names.count(column) != 1:
            reason = "stands twice in the header" if column in names else "is not in the header"
            remedy = did_you_mean(column, names) or f"Its columns are {', '.join(names)[:200]}"
            wrong.append(RowError("mappings.column_missing", file, line, column, "", reason, remedy))
    if wrong:
        raise Invalid(
            "mappings.header",
            f"{file}: the header on line {line} does not have the columns of the mapping; nothing was stored.",
            {"file": file, "columns": names[:200]},
            "Correct the mapping's header, delimiter or columns.",
            rows=wrong,
        )
    return {name: place for place, name in reversed(list(enumerate(names)))}


def _json_records(text: str, file: str, mapping: FileMapping, found: MachineRows) -> Iterator[tuple[int, Record]]:
    top = _json(text, file)
    records = _at(top, mapping.rows_at) if mapping.rows_at else top
    records = records if isinstance(records, list) else [records]
    if not all(isinstance(record, dict) for record in records):
        reason = f"has no list of objects at {mapping.rows_at or 'its top'}"
        raise _whole(file, "mappings.records", reason, "Correct the mapping's rows_at.", None)
    found.columns = list(dict.fromkeys(path for record in records[:20] for path in _paths(record)))
    found.columns += [f"$.{path}" for path in _paths(top)] if isinstance(top, dict) and mapping.rows_at else []
    for number, record in enumerate(records, 1):
        yield (
            number,
            lambda path, record=record: _json_text(
                _at(top, path[2:]) if path.startswith("$.") else _at(record, path), mapping.decimal
            ),
        )


def _json(text: str, file: str) -> object:
    try:
        top = json.loads(text, object_pairs_hook=_names_once, parse_constant=_no_constant, parse_int=_short_int)
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg} at line {error.lineno}, character {error.colno}"
        raise _whole(file, "mappings.json", reason, "Look whether the file is whole.", error.lineno) from None
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON that we take: {error}" if type(error) is ValueError else "is JSON nested too deep"
        raise _whole(file, "mappings.json", reason, "Look at the file.") from None
    if not isinstance(top, dict | list):
        raise _whole(file, "mappings.json", "is not a JSON object or list", "Look at the file.")
    return top


def _names_once(pairs: list[tuple[str, object]]) -> dict:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("an object names something twice")
    return named


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _short_int(digits: str) -> int:
    if len(digits) > 40:
        raise ValueError("a number has more than 40 digits")
    return int(digits)


def _at(value: object, path: str) -> object:
    """What stands at a dotted path; None where it ends earlier."""
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdecimal() and int(name[:9]) < len(value):
            value = value[int(name[:9])]
        else:
            return None
    return value


def _paths(record: Mapping, before: str = "", depth: int = 1) -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, dict) and depth < JSON_NESTING_MAX:
            yield from _paths(value, f"{before}{name}.", depth + 1)
        elif not isinstance(value, list):
            yield before + name


def _json_text(value: object, decimal: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value).replace(".", decimal)  # as the mapping writes a number in a text
    if isinstance(value, str):
        return value.strip()
    raise CellRefused("mappings.cell_not_a_value", "is an object or a list, no value", "Give the path of a value.")


class _Row:
    """One record of a file on its way to a row of the table."""

    def __init__(self, table: Table, mapping: FileMapping, file: str, line: int, parts, column_text, errors, found):
        self.table, self.mapping, self.file, self.line = table, mapping, file, line
        self.parts, self.column_text, self.errors, self.found = parts, column_text, errors, found
        self.right = True

    def take(self) -> None:
        """Add the row, or name what is wrong with it."""
        cells = dict.fromkeys(self.table.columns, "")
        measured: dict[str, object] = {}
        told: dict[str, dict[str, object]] = {}
        for name, source in self.mapping.columns.items():
            try:
                text = self._cell(source)
                if "." not in name:
                    cells[name] = self._by_rule(name, text, source)
                elif text:
                    head, _, rest = name.partition(".")
                    (told.setdefault(head, {}) if head in TOLD else measured)[rest] = (
                        self._number(text) if source.number else text
                    )
            except CellRefused as refusal:
                self._wrong(source, name, refusal)
        if not self.right:
            return
        self._fill(cells)
        if told:
            measured |= told_of(told)
            cells["outcome"] = outcome_of(cells["outcome"], told.get("defect", {}))
        if measured:
            cells[MEASURED[self.table.name]] = json.dumps(measured, ensure_ascii=False, separators=(",", ":"))
        self.found.lines.append(self.line)
        self.found.rows.append(tuple(cells.values()))

    def _cell(self, source: Source) -> str:
        text = self._text_of(source.column) if source.text is None else _FIELD.sub(
            lambda piece: self._text_of(piece[1]), source.text
        )  # fmt: skip
        text = source.words.get(text, text)
        if CONTROL.search(text) or "\n" in text:
            raise CellRefused("mappings.cell_control", "holds a line break or a control character", "Take it out.")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise CellRefused("mappings.cell_control", "holds half a character", "Take it out.")
        if len(text) > CELL_CHARACTERS_MAX:
            reason = f"has more than {CELL_CHARACTERS_MAX:,} characters"
            raise CellRefused("mappings.cell_too_long", reason, "Map another column.")
        return text

    def _text_of(self, column: str) -> str:
        return self.parts.get(column, "") if column.startswith("@") else self.column_text(column)

    def _by_rule(self, name: str, text: str, source: Source) -> str:
        rule = self.table.rules[name]
        if name.endswith("_at") and text:
            text = self._time(text)
        if text:
            return rule.read(text)
        if rule.required:
            raise CellRefused("tables.cell_empty", "is empty", "Fill it in, or map another column.")
        return text

    def _number(self, text: str) -> int | float:
        point = text if self.mapping.decimal == "." else text.replace(".", " ").replace(",", ".")
        value = float(point) if _NUMBER.fullmatch(point) else math.nan
        if not math.isfinite(value):
            sign = "a comma" if self.mapping.decimal == "," else "a point"
            remedy = f"Numbers have {sign} and no groups by the mapping; put words such as n/a in place of nothing."
            raise CellRefused("mappings.cell_not_a_number", "is not a number", remedy)
        return int(point) if re.fullmatch(r"[+-]?[0-9]{1,15}", point) else value

    def _time(self, text: str) -> str:
        form, zone = self.mapping.time_format, self.mapping.zone
        try:
            if form in (UNIX, UNIX_MS):
                moment = _since_epoch(text, 1_000_000 if form == UNIX else 1_000)
            elif form == ISO:
                moment = datetime.fromisoformat(text[:32])
            else:
                moment = datetime.strptime(text, form)
            if moment.tzinfo is None:
                moment = self._in_zone(moment.replace(tzinfo=zone), text)
            whole = moment.astimezone(UTC).isoformat(timespec="microseconds")
            parse_instant(whole)
            return whole
        except CellRefused:
            raise
        except (ValueError, OverflowError):
            remedy = f"Times are written {form} by the mapping."
            raise CellRefused("mappings.cell_not_a_time", "is not such a time", remedy) from None

    def _in_zone(self, moment: datetime, text: str) -> datetime:
        if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(fold=0) != moment.replace(fold=0):
            remedy = "Give the mapping an offset such as +01:00 if the machine's clock never changes."
            raise CellRefused("mappings.time_skipped", "is an hour that the clocks skipped", remedy)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset() and len(self.found.warnings) < WARNINGS_MAX:
            warning = f"{self.file} line {self.line}: the clocks ran through {text} twice; the first was taken."
            self.found.warnings.append(warning)
        return moment

    def _fill(self, cells: dict[str, str]) -> None:
        for name, other in (
            ("started_at", "finished_at"),
            ("finished_at", "started_at"),
            ("last_serial", "first_serial"),
        ):
            if name in cells and name not in self.mapping.columns:
                cells[name] = cells[other]
        place = "machine" if self.table.name == "processes" else "station"
        if place not in self.mapping.columns:
            cells[place] = self.mapping.machine

    def _wrong(self, source: Source, name: str, refusal: CellRefused) -> None:
        self.right = False
        column = source.column or name
        try:
            value = self._text_of(column) if source.column else ""
        except CellRefused:
            value = ""
        self.errors.add(refusal.code, self.file, self.line, column, value[:200], refusal.reason, refusal.remedy)


def _since_epoch(text: str, microseconds: int) -> datetime:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(value * microseconds))
