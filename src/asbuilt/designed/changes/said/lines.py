"""Lines of a file: read in the order they were recorded, and written together with their facts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.designed.changes.events import LINE
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

TABLE = "changes_line"
COLUMNS = ("tenant", "entry", "row", "about", "kind", "party", "name", "at", "said", "why", "person", "happened_at")
READ = 'entry, "row", about, kind, party, name, at, said, why, person, happened_at'


@dataclass(frozen=True)
class New:
    """A line to be written; `said` are particulars of its kind."""

    about: str
    kind: str
    why: str = ""
    party: int | None = None
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
    party: int | None
    name: str
    at: int | None
    text: str
    why: str
    person: int | None
    happened_at: int

    @cached_property
    def said(self) -> dict:
        """The particulars of its kind."""
        return json.loads(self.text) if self.text else {}


def lines_of(tenant: int, codes: Iterable[str]) -> dict[str, list[Line]]:
    """Code -> its lines, the earliest first; a code without a line is left out. One statement."""
    wanted = sorted(set(codes))
    sql = f'SELECT {READ} FROM {TABLE} WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    found: dict[str, list[Line]] = {}
    for row in reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else ():
        found.setdefault(row[2], []).append(Line(*row))
    return found


def codes_of(tenant: int, kind: str, most: int, *, name: str | None = None) -> list[str]:
    """The codes that have a line of this kind (of this name), the newest first, each once. One statement."""
    sql = f"SELECT about, max(entry) FROM {TABLE} WHERE tenant = %s AND kind = %s"
    params: tuple = (tenant, kind)
    if name is not None:
        sql, params = sql + " AND name = %s", (*params, name)
    rows = reading.fetch(sql + " GROUP BY about ORDER BY 2 DESC, 1 LIMIT %s", (*params, most))
    return [code for code, _entry in rows]


def lines_named(tenant: int, kind: str, names: Iterable[str]) -> list[Line]:
    """The lines of this kind with one of these names, the earliest first. One statement, none without a name."""
    wanted = sorted(set(names))
    sql = (
        f"SELECT {READ} FROM {TABLE} WHERE tenant = %s AND kind = %s AND {reading.any_of('name', 'text')} "
        'ORDER BY entry, "row"'
    )
    rows = reading.fetch(sql, (tenant, kind, reading.list_param(wanted))) if wanted else ()
    return [Line(*row) for row in rows]


def code_in(tenant: int, entry: int, kind: str) -> str:
    """The code of what begins with a line of this kind in an entry."""
    sql = f'SELECT about FROM {TABLE} WHERE tenant = %s AND entry = %s AND kind = %s ORDER BY "row" LIMIT 1'
    return reading.fetch_one(sql, (tenant, entry, kind))[0]


def free_code(tenant: int, kind: str, prefix: str) -> str:
    """The next code of what begins with this kind of line."""
    sql = f"SELECT count(*) FROM {TABLE} WHERE tenant = %s AND kind = %s"
    return f"{prefix}{reading.fetch_one(sql, (tenant, kind))[0] + 1}"


def text_of(said: dict) -> str:
    """The particulars as a line keeps them."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


def write(entry: Entry, lines: Sequence[New], person: int | None) -> None:
    """Record these lines in the entry, each as a fact."""
    if not lines:
        return
    texts, rows = [], []
    for line in lines:
        said, before = text_of(line.said), (line.about, line.kind, line.party, line.name)
        at = "" if line.at is None else format_instant(line.at)
        texts.append(row_text([*before, at, said, line.why, person, format_instant(entry.recorded_at)]))
        rows.append((*before, line.at, said, line.why, person, entry.recorded_at))
    # two equal lines of different entries are two facts, and so are two of one
    ids = [digest(text, entry.number.to_bytes(8, "big"), n.to_bytes(4, "big"))[:8] for n, text in enumerate(texts)]
    first = entry.facts(LINE).add(texts, ids)
    bulk.insert_rows(TABLE, COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)])
