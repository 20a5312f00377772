"""From rows of a table to facts: what every room's intake shares.

A room's intake takes chunks of rows that `formats.tables` has read, resolves names, checks its rules, writes its rows and
commits to each row as a fact. Rules for all of them:

- a row that was recorded before, word for word, is passed over: loading a folder twice changes nothing
- a row with the key of a recorded one but other content is a contradiction: it goes to `contradictions`, and the file is
  refused as `Conflict` with the way out (a correction)
- every other mistake goes to `errors` with file, line, column and remedy; the whole file is refused as `Invalid`
- rows go on being checked after a mistake, so that every wrong row is named, up to the limit

Facts of few rows are known by their id (fact index); facts of many rows by their text in the segments of their units.
"""

import json
import zlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from asbuilt.formats.columns.table import Table
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry, FactWriter
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import reading

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def row_text(values: Sequence) -> bytes:
    """The canonical text of a fact: a JSON array without spaces (reference/log.md, section 1)."""
    return _encode(values).encode()


def fact_bytes(table: str, cells: Sequence[str]) -> bytes:
    """The first eight bytes of the SHA-256 of the row's array: the fact's id (design, section 7)."""
    return sha256(_encode([table, *cells]).encode()).digest()[:8]


def fact_bytes_of(table: str, text: bytes) -> bytes:
    """The same of a row whose canonical text stands already and has a cell: where rows are many, writing it twice is what costs."""
    return sha256(f"[{_encode(table)},".encode() + text[1:]).digest()[:8]


def ids_ever(table: Table, row: Sequence[str]) -> tuple[bytes, ...]:
    """The ids under which this row may be recorded: its own, and those of before columns were added that it leaves empty."""
    widths = [width for width in table.widths if not any(row[width : table.fact_width])]
    return tuple(fact_bytes(table.name, row[:width]) for width in (table.fact_width, *widths))


class Intake:
    """Base of what writes the facts of one table: rows of a file or verb (`TableIntake`), or what machines tell piece by piece.

    Subclasses set `table` and `shape` and write, if need be, `finish`. `older` are the shapes under which its rows were
    recorded before columns were added: the same columns without the last.
    """

    table: str
    shape: Shape
    older: tuple[Shape, ...] = ()
    anew = False  # whether a row is recorded again by a correction
    person: int | None = None  # who acts, where a row names nobody

    def __init__(self, entry: Entry, file: str, errors, contradictions, warn: Callable[[str], None]):
        self.entry, self.file = entry, file
        self.tenant = entry.tenant
        self.errors, self.contradictions, self.warn = errors, contradictions, warn
        self.facts: FactWriter = entry.facts(self.shape)
        self.stored = 0
        self.known = 0

    def finish(self) -> None:
        """Called once after the last chunk, also when there were errors."""

    def wrong(self, line: int, column: str, value: str, code: str, reason: str, remedy: str = "") -> None:
        """Name a mistake in a row."""
        self.errors.add(code, self.file, line, column, value, reason, remedy)

    def contradicts(self, line: int, column: str, value: str, reason: str) -> None:
        """Name a row that contradicts one recorded before."""
        remedy = "Withdraw the recorded fact with a row in corrections.csv or `asbuilt correct`, then load this row."
        self.contradictions.add("tables.contradicts", self.file, line, column, value, reason, remedy)

    def warn_ahead(self, line: int, at: int) -> None:
        """Warn where what a row tells happens only later than our clock says; the row is taken."""
        if at > self.entry.recorded_at:
            when = format_instant(at).replace(".000000Z", "Z")
            self.warn(f"{self.file} line {line}: {when} lies ahead of the clock here.")

    def commit(
        self, texts: Sequence[bytes], ids: Sequence[bytes], low: int | None = None, high: int | None = None
    ) -> int:
        """Commit to facts; counts them as stored; returns the row number of the first."""
        self.stored += len(texts)
        return self.facts.add(texts, ids, low, high)

    def ids_known(self, ids: Iterable[bytes]) -> set[bytes]:
        """Which of these fact ids are recorded already; for shapes of few rows."""
        wanted = set(ids)
        found: set[bytes] = set()
        listed = list(wanted)
        codes = [shape.code for shape in (self.shape, *self.older)]
        shapes = ",".join(["%s"] * len(codes))
        for start in range(0, len(listed), 500):
            part = listed[start : start + 500]
            marks = ",".join(["%s"] * len(part))
            sql = f"SELECT fact FROM ledger_fact_index WHERE tenant = %s AND shape IN ({shapes}) AND fact IN ({marks})"
            found.update(bytes(row[0]) for row in reading.fetch(sql, (self.tenant, *codes, *part)))
        return found


class TableIntake(Intake, ABC):
    """Base of a room's intake of the rows of one table."""

    @abstractmethod
    def take(self, lines: Sequence[int], rows: Sequence[tuple]) -> None:
        """Take a chunk of rows (cells as text in the table's column order) that stood on these lines."""


class KnownTexts:
    """The texts of facts recorded before that speak of units of a range; keeps the last segments it opened."""

    def __init__(self, tenant: int, shape: Shape, before_entry: int):
        self.tenant, self.shape, self.before = tenant, shape, before_entry
        self._open: OrderedDict[tuple, frozenset[bytes]] = OrderedDict()

    def over(self, low: int, high: int) -> list[frozenset[bytes]]:
        """Sets of texts, one a segment that overlaps units [low, high)."""
        sql = (
            "SELECT entry, first_row FROM ledger_segment WHERE tenant = %s AND shape = %s AND low_unit < %s "
            "AND high_unit > %s AND entry < %s"
        )
        keys = reading.fetch(sql, (self.tenant, self.shape.name, high, low, self.before))
        return [self._texts(entry, first_row) for entry, first_row in keys]

    def _texts(self, entry: int, first_row: int) -> frozenset[bytes]:
        key = (entry, first_row)
        if key not in self._open:
            sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
            body = reading.fetch_one(sql, (self.tenant, entry, self.shape.name, first_row))[0]
            self._open[key] = frozenset(zlib.decompress(body).split(b"\n"))
            if len(self._open) > 32:
                self._open.popitem(last=False)
        return self._open[key]
