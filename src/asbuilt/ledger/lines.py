"""Files of lines: what was said of something under its code, line by line, each a fact of its own. A later line supersedes an earlier one,
none is changed.

A room keeps its lines in one table, under one shape, and says so once:

    KEPT = Lines("cases_statement", STATEMENT)
    KEPT.of(tenant, ["C-1"])                 -> {"C-1": [Line, …]}, the earliest first
    KEPT.write(entry, [New("C-1", "note", "words")], person)
    KEPT.rebuild(tenant)                     -> what differs from the facts, for `ledger verify`

The shape's columns are the table's, after tenant, entry and row, and they are some of: about, kind, party, duty, name, at, said, why, person,
happened_at. `said` holds the particulars of a kind as JSON.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import bulk, reading

INSTANTS = frozenset({"at", "happened_at"})


@dataclass(frozen=True)
class New:
    """A line to be written; `said` are particulars of its kind. What a room's shape has no column for stays as it is here."""

    about: str
    kind: str
    why: str = ""
    party: int | None = None
    duty: str = ""
    name: str = ""
    at: int | None = None
    said: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line as recorded: in which entry, when, by whom (person's number; None: the system)."""

    entry: int
    row: int
    about: str
    kind: str
    why: str
    person: int | None
    happened_at: int
    party: int | None = None
    duty: str = ""
    name: str = ""
    at: int | None = None
    text: str = ""

    @cached_property
    def said(self) -> dict:
        """The particulars of its kind."""
        return json.loads(self.text) if self.text else {}


def text_of(said: dict) -> str:
    """Particulars as they are kept."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


class Lines:
    """The lines of a room: one table, one shape."""

    def __init__(self, table: str, shape: Shape):
        self.table, self.shape = table, shape
        self._read = f'SELECT entry, "row", {", ".join(shape.columns)} FROM {table} WHERE tenant = %s'
        self._fields = ("entry", "row", *("text" if column == "said" else column for column in shape.columns))

    def of(self, tenant: int, codes: Iterable[str], kinds: Iterable[str] = ()) -> dict[str, list[Line]]:
        """Code -> its lines (of these kinds), the earliest first; a code without a line is left out. One statement, none without a code."""
        found: dict[str, list[Line]] = {}
        for line in self._matching(tenant, about=codes, **({"kind": kinds} if kinds else {})):
            found.setdefault(line.about, []).append(line)
        return found

    def of_kinds(self, tenant: int, kinds: Iterable[str]) -> list[Line]:
        """The lines of these kinds, the earliest first. One statement."""
        return self._matching(tenant, kind=kinds)

    def named(self, tenant: int, kind: str, names: Iterable[str]) -> list[Line]:
        """The lines of this kind with one of these names, the earliest first. One statement, none without a name."""
        return self._matching(tenant, kind=(kind,), name=names)

    def first_of(self, tenant: int, entry: int, kind: str = "") -> Line:
        """The first line of an entry (of this kind)."""
        more, params = (" AND kind = %s", (kind,)) if kind else ("", ())
        sql = f'{self._read} AND entry = %s{more} ORDER BY "row" LIMIT 1'
        return self._line(reading.fetch_one(sql, (tenant, entry, *params)))

    def codes(self, tenant: int, kind: str, most: int, names: Iterable[str] | None = None) -> list[str]:
        """The codes that have a line of this kind (with one of these names), the newest first, each once. One statement."""
        sql, params = f"SELECT about, max(entry) FROM {self.table} WHERE tenant = %s AND kind = %s", [tenant, kind]
        if names is not None:
            sql += f" AND {reading.any_of('name', 'text')}"
            params.append(reading.list_param(sorted(set(names))))
        rows = reading.fetch(f'{sql} GROUP BY about ORDER BY 2 DESC, max("row") DESC LIMIT %s', (*params, most))
        return [code for code, _entry in rows]

    def all_codes(self, tenant: int) -> list[str]:
        """Every code of which something was said, in order. One statement."""
        sql = f"SELECT DISTINCT about FROM {self.table} WHERE tenant = %s ORDER BY about"
        return [code for (code,) in reading.fetch(sql, (tenant,))]

    def free_code(self, tenant: int, kind: str, prefix: str) -> str:
        """The next code of what begins with this kind of line."""
        sql = f"SELECT count(*) FROM {self.table} WHERE tenant = %s AND kind = %s"
        return f"{prefix}{reading.fetch_one(sql, (tenant, kind))[0] + 1}"

    def as_read(self, entry: Entry, row: int, new: New, person: int | None = None) -> Line:
        """A line that is about to be written, as it will be read."""
        return self._line((entry.number, row, *self._cells(entry, new, person)))

    def write(self, entry: Entry, lines: Sequence[New], person: int | None) -> None:
        """Record these lines in the entry, each as a fact."""
        if not lines:
            return
        rows = [self._cells(entry, line, person) for line in lines]
        texts = [row_text(self._as_fact(row)) for row in rows]
        seen: dict[str, int] = {}
        ids = []
        for text in texts:
            # two equal lines of different entries are two facts, and so are two of one
            again = seen[text] = seen.get(text, -1) + 1
            ids.append(
                digest(text, entry.number.to_bytes(8, "big"), *([again.to_bytes(4, "big")] if again else []))[:8]
            )
        first = entry.facts(self.shape).add(texts, ids)
        columns = ("tenant", "entry", "row", *self.shape.columns)
        bulk.insert_rows(
            self.table, columns, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
        )

    def rebuild(self, tenant: int) -> Iterator[Finding]:
        """A finding for each line that differs from what was recorded."""
        expected = {}
        for fact in all_facts(tenant, self.shape.name):
            pairs = zip(self.shape.columns, fact.values, strict=True)
            expected[fact.entry, fact.row] = tuple(
                (parse_instant(cell) if cell else None) if column in INSTANTS else cell for column, cell in pairs
            )
        for entry, row, *line in reading.stream(self._read, (tenant,)):
            wanted, where = expected.pop((entry, row), None), {"table": self.table, "entry": entry, "row": row}
            told = f"{self.table}: {entry}/{row}"
            if wanted is None:
                yield Finding("ledger.projection_row_unrecorded", f"{told} was never recorded.", where)
            elif wanted != tuple(line):
                yield Finding("ledger.projection_row_changed", f"{told} is not what was recorded.", where)
        for entry, row in sorted(expected):
            where = {"table": self.table, "entry": entry, "row": row}
            yield Finding("ledger.projection_row_missing", f"{self.table}: {entry}/{row} is missing.", where)

    def _matching(self, tenant: int, **wanted: Iterable[str]) -> list[Line]:
        sql, params = self._read, [tenant]
        for column, words in wanted.items():
            listed = sorted(set(words))
            if not listed:
                return []
            sql += f" AND {reading.any_of(column, 'text')}"
            params.append(reading.list_param(listed))
        return [self._line(row) for row in reading.fetch(f'{sql} ORDER BY entry, "row"', params)]

    def _line(self, row: Sequence) -> Line:
        return Line(**dict(zip(self._fields, row, strict=True)))

    def _cells(self, entry: Entry, line: New, person: int | None) -> tuple:
        known = {"said": text_of(line.said), "person": person, "happened_at": entry.recorded_at}
        return tuple(known[column] if column in known else getattr(line, column) for column in self.shape.columns)

    def _as_fact(self, row: Sequence) -> list:
        pairs = zip(self.shape.columns, row, strict=True)
        return [
            ("" if cell is None else format_instant(cell)) if column in INSTANTS else cell for column, cell in pairs
        ]
