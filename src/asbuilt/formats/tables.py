"""Tables: the exchange tables read and written, the plainest door in and out (design, section 7; CSV after RFC 4180).

    errors = ErrorList()
    for chunk in read_table(TABLES["units"], stream, file="units.csv", errors=errors):
        ...                                  # chunk.rows in canonical column order, instants in UTC
    errors.raise_if_any("units.csv")

Rules
- Reading streams: memory does not grow with the file. Wrong rows go to the error list and are left out of the chunk;
  what spoils the whole file (encoding, header, a line without end) raises Invalid at once.
- Columns come in any order; unknown, doubled and missing ones are refused with the nearest names.
- A cell is text as it stands. Control characters, line breaks in quotes too, are refused.
- What is written can be read again and gives the same cells: LF line ends, all columns, quotes only where needed.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import repeat
from typing import BinaryIO, NamedTuple

from asbuilt.formats.cells import CellRefused, ColumnReader
from asbuilt.formats.columns import TABLES, Table
from asbuilt.formats.lines import CONTROL, Block, Limits, LineReader
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import Invalid, RowError

__all__ = ["TABLES", "Chunk", "ErrorList", "Limits", "Table", "fact_id", "read_table", "write_table"]

CHUNK_ROWS = 8_192
FACT_DIGITS = 16
HEADER_COLUMNS_MAX = 256
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Chunk(NamedTuple):
    """Rows that passed, in file order: the first one's line, the line of each (the header is 1), the cells."""

    first_line: int
    lines: Sequence[int]
    rows: list[tuple[str, ...]]


def fact_id(table: Table, cells: Sequence[str]) -> str:
    """The 16 hex digits that name a row in corrections.csv.

    `cells` stand in canonical order with instants in UTC, as `read_table` gives them; the columns that only help to
    find a unit are left out of the hash. RFC 8785 of a list of texts is what this encoder writes.
    """
    named = [table.name, *cells[: table.fact_width]]
    canonical = _as_json(named)
    return sha256(canonical.encode()).hexdigest()[:FACT_DIGITS]


def read_table(
    table: Table, stream: BinaryIO, *, file: str, errors: ErrorList, limits: Limits | None = None
) -> Iterator[Chunk]:
    """The rows of one table in chunks of at most 8,192. Wrong rows go to `errors`; raises Invalid where the file as a
    whole is wrong.

    `file` is the name shown in errors. A table with a header and no rows gives no chunk.
    """
    return _TableReader(table, file, limits or Limits(), errors).chunks(stream)


class _TableReader:
    """One pass over one file."""

    def __init__(self, table: Table, file: str, limits: Limits, errors: ErrorList):
        self.table, self.file, self.limits, self.errors = table, file, limits, errors
        self.header: tuple[str, ...] = ()
        self.readers = {column: ColumnReader(rule) for column, rule in table.rules.items()}
        self.empty_lines = range(0)

    def chunks(self, stream: BinaryIO) -> Iterator[Chunk]:
        lines = LineReader(stream, self.file, self.limits)
        for block in lines.blocks():
            begin = 0
            if block.first_line == 1:
                self.header = lines.columns = _read_header(self.table, self.file, block.lines[0])
                begin = 1
            for at in range(begin, len(block.lines), CHUNK_ROWS):
                chunk = self._chunk(block, at)
                if chunk.rows:
                    yield chunk
        if not self.header:
            remedy = f"The first line is the header: {','.join(self.table.columns)}"
            raise lines.refusal("tables.empty_file", 1, None, "", "is empty", remedy)

    def _chunk(self, block: Block, at: int) -> Chunk:
        first_line = block.first_line + at
        lines = block.lines[at : at + CHUNK_ROWS]
        if first_line + len(lines) - 2 > self.limits.rows:
            raise Invalid(
                "tables.too_many_rows",
                f"{self.file} has more than {self.limits.rows:,} rows; nothing was stored.",
                {"file": self.file, "rows_max": self.limits.rows},
                "Split it into several files.",
            )
        columns = None if block.has_controls else self._split_fast(lines)
        if columns is not None:
            self._empty_lines_were_inside()
            self.errors.rows_read += len(lines)
            return self._checked(range(first_line, first_line + len(lines)), columns)
        numbers, rows = self._split_carefully(lines, first_line)
        if not rows:
            return Chunk(first_line, [], [])
        return self._checked(numbers, list(zip(*rows, strict=True)))

    def _split_fast(self, lines: list[str]) -> list[Sequence[str]] | None:
        """The cells of lines without fault, column by column; None where any line needs a careful look."""
        if max(map(len, lines)) > self.limits.cell_characters:
            return None
        width = len(self.header)
        text = ",".join(lines)
        if '"' not in text:
            if set(map(str.count, lines, repeat(","))) != {width - 1}:
                return None
            cells = text.split(",")
            return [cells[at::width] for at in range(width)]
        try:
            rows = list(csv.reader(lines, strict=True))
        except csv.Error:
            return None
        # Fewer rows than lines means a quote ran over a line end; another width, a missing cell or an empty line.
        if len(rows) != len(lines) or set(map(len, rows)) != {width}:
            return None
        return list(zip(*rows, strict=True))

    def _split_carefully(self, lines: list[str], first_line: int) -> tuple[list[int], list[list[str]]]:
        numbers, rows = [], []
        for number, line in enumerate(lines, first_line):
            if not line:
                self.empty_lines = range(self.empty_lines.start if self.empty_lines else number, number + 1)
                continue
            self._empty_lines_were_inside()
            self.errors.rows_read += 1
            if (cells := self._split_one(number, line)) is not None:
                numbers.append(number)
                rows.append(cells)
        return numbers, rows

    def _split_one(self, number: int, line: str) -> list[str] | None:
        try:
            # The reader stops at a carriage return; the vertical tab stands in, so that its column can be named.
            cells = next(csv.reader([line.replace("\r", "\v")], strict=True))
        except csv.Error as error:
            if "field larger" in str(error):
                self._wrong(number, None, line, _too_long(min(self.limits.cell_characters, csv.field_size_limit())))
            else:
                self._wrong(number, None, line, _quotes(str(error)))
            return None
        for at, cell in enumerate(cells):
            column = self.header[at] if at < len(self.header) else None
            if CONTROL.search(cell):
                self._wrong(number, column, cell, _control(CONTROL.search(line)[0]))
                return None
            if len(cell) > self.limits.cell_characters:
                self._wrong(number, column, cell, _too_long(self.limits.cell_characters))
                return None
        if len(cells) != len(self.header):
            self._wrong(number, None, line, _width(len(cells), len(self.header)))
            return None
        return cells

    def _checked(self, numbers: Sequence[int], columns: list[Sequence[str]]) -> Chunk:
        """Each column under its rule, then what the table asks of a whole row."""
        given = dict(zip(self.header, columns, strict=True))
        count = len(numbers)
        kept: list[Sequence[str]] = []
        wrong: dict[int, list[tuple[str, str, CellRefused]]] = {}
        for column in self.table.columns:
            if column not in given:
                kept.append(("",) * count)
                continue
            cells, refused = self.readers[column].read(given[column])
            kept.append(cells)
            for at, refusal in refused.items():
                wrong.setdefault(at, []).append((column, given[column][at], refusal))
        for at, column, refusal in self._row_refusals(given, count):
            wrong.setdefault(at, []).append((column, "", refusal))
        whole = list(zip(*kept, strict=True))
        if not wrong:
            return Chunk(numbers[0], numbers, whole)
        for at in sorted(wrong):
            for column, cell, refusal in wrong[at]:
                self._wrong(numbers[at], column, cell, refusal)
        good = [at for at in range(count) if at not in wrong]
        return Chunk(numbers[good[0]] if good else numbers[0], [numbers[at] for at in good], [whole[at] for at in good])

    def _row_refusals(self, given: dict[str, Sequence[str]], count: int) -> Iterator[tuple[int, str, CellRefused]]:
        if self.table.one_of:
            names = self.table.one_of
            columns = [given.get(name, ("",) * count) for name in names]
            if all("" in column for column in columns):
                for at, cells in enumerate(zip(*columns, strict=True)):
                    if not any(cells):
                        reason = f"and {' and '.join(names[1:])} are both empty"
                        yield at, names[0], CellRefused("tables.cell_empty", reason, "Fill in one of them.")
        if self.table.together:
            names = self.table.together
            columns = [given.get(name, ("",) * count) for name in names]
            for at, cells in enumerate(zip(*columns, strict=True)):
                if any(cells) and not all(cells):
                    name = names[cells.index("")]
                    reason = f"is empty beside a filled {next(n for n in names if n != name)}"
                    yield at, name, CellRefused("tables.cell_empty", reason, "Fill in both or neither.")

    def _empty_lines_were_inside(self) -> None:
        """Empty lines are taken at the end of a file only, which shows when a row follows them."""
        for number in self.empty_lines:
            self._wrong(number, None, "", CellRefused("tables.empty_line", "is empty, and rows follow", "Take it out."))
        self.empty_lines = range(0)

    def _wrong(self, line: int, column: str | None, value: str, refusal: CellRefused) -> None:
        self.errors.add(refusal.code, self.file, line, column, value, refusal.reason, refusal.remedy)


def _read_header(table: Table, file: str, line: str) -> tuple[str, ...]:
    """The column names of the first line; raises Invalid that names every unknown, doubled and missing column."""
    try:
        if found := CONTROL.search(line):
            raise _control(found[0])
        names = tuple(next(csv.reader([line], strict=True), ()))
    except (csv.Error, CellRefused) as error:
        refusal = error if isinstance(error, CellRefused) else _quotes(str(error))
        row = RowError(refusal.code, file, 1, None, line, refusal.reason, refusal.remedy)
        raise Invalid("tables.header", f"{file}: the header cannot be read.", {"file": file}, rows=[row]) from None
    if not any(names):
        row = RowError("tables.empty_file", file, 1, None, "", "has no header", f"Begin with {','.join(table.columns)}")
        raise Invalid("tables.empty_file", f"{file} has no header; nothing was stored.", {"file": file}, rows=[row])
    if len(names) > HEADER_COLUMNS_MAX:
        reason = f"has {len(names):,} columns, more than {HEADER_COLUMNS_MAX}"
        row = RowError("tables.header", file, 1, None, "", reason, f"The columns are {','.join(table.columns)}")
        raise Invalid("tables.header", f"{file}: the header {reason}; nothing was stored.", {"file": file}, rows=[row])
    wrong = list(_header_errors(table, file, names))
    if wrong:
        raise Invalid(
            "tables.header",
            f"{file}: the columns are not those of {table.name}; nothing was stored.",
            {"file": file, "columns": list(table.columns)},
            f"The columns of {table.name} are {', '.join(table.columns)}.",
            rows=wrong,
        )
    return names


def _header_errors(table: Table, file: str, names: tuple[str, ...]) -> Iterator[RowError]:
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and sign in names[0]:
            reason = f"separates cells with {name}, not commas"
            yield RowError("tables.header", file, 1, None, names[0], reason, "Save the table with commas.")
            return
    missing = [column for column in table.columns if column in table.required and column not in names]
    for at, name in enumerate(names):
        if name not in table.columns:
            shown = "a column has no name" if not name else "no such column"
            hint = did_you_mean(name, [column for column in table.columns if column not in names])
            yield RowError(
                "tables.column_unknown", file, 1, name or f"column {at + 1}", name, shown, hint or "Take it out."
            )
        elif name in names[:at]:
            yield RowError(
                "tables.column_doubled", file, 1, name, name, "stands twice in the header", "Keep one of them."
            )
    for column in missing:
        yield RowError("tables.column_missing", file, 1, column, "", "is missing from the header", "Add the column.")


def write_table(table: Table, rows: Iterable[Sequence[str]], stream: BinaryIO) -> int:
    """Write header and rows (cells in canonical order) as UTF-8; returns the number of rows.

    Raises Invalid `tables.cell_unwritable` for a cell that could not be read again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    count = 0
    for row in rows:
        count += 1
        if len(row) != len(table.columns):
            raise ValueError(f"{table.name} has {len(table.columns)} columns, row {count} has {len(row)} cells")
        _refuse_unwritable(table, row, count)
        writer.writerow(row)
        if not count % CHUNK_ROWS:
            stream.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
    stream.write(text.getvalue().encode())
    return count


def _refuse_unwritable(table: Table, row: Sequence[str], count: int) -> None:
    whole = "".join(row)
    if whole.isprintable() and len(whole) <= csv.field_size_limit():
        return
    for column, cell in zip(table.columns, row, strict=True):
        surrogate = any("\ud800" <= letter <= "\udfff" for letter in cell)
        if CONTROL.search(cell) or "\n" in cell or surrogate or len(cell) > csv.field_size_limit():
            reason = "holds a control character, half a character or too much text"
            wrong = RowError("tables.cell_unwritable", f"{table.name}.csv", count + 1, column, cell, reason)
            message = f"{table.name}.csv: a cell of {column} cannot be written so that it reads back the same."
            raise Invalid("tables.cell_unwritable", message, {"table": table.name, "column": column}, rows=[wrong])


def _quotes(error: str) -> CellRefused:
    if "unexpected end" in error:
        return CellRefused(
            "tables.quotes", "opens a quote and does not close it on the line", "A cell holds no line break; close it."
        )
    return CellRefused("tables.quotes", "goes on after a closing quote", 'Write a quote inside a cell twice: "".')


def _control(letter: str) -> CellRefused:
    name = {"\t": "a tab", "\r": "a carriage return", "\x1a": "Ctrl-Z"}.get(letter, "a control character")
    remedy = "End lines with LF or CRLF." if letter == "\r" else "Take it out."
    return CellRefused("tables.control_character", f"holds {name} (U+{ord(letter):04X})", remedy)


def _too_long(limit: int) -> CellRefused:
    return CellRefused("tables.cell_too_long", f"is longer than {limit:,} characters", "Shorten it.")


def _width(cells: int, columns: int) -> CellRefused:
    remedy = "Put cells that hold a comma into quotes." if cells > columns else "Add the missing commas."
    return CellRefused("tables.row_width", f"has {cells} cells where the header has {columns}", remedy)
