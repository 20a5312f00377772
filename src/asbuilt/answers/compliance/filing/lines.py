"""Lines of files: read in the order they were recorded, and written together with their facts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.answers.compliance.filing.events import FILED
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "entry", "row", "about", "kind", "name", "at", "said", "why", "person", "happened_at")
_READ = 'entry, "row", about, kind, name, at, said, why, person, happened_at'
# kinds of lines
POINT, BASELINE, REVISION = "point", "baseline", "revision"  # of a product
DECLARATION, WENT_WITH = "declaration", "went_with"  # of a declaration
TEXT, CHECKED = "text", "checked"  # of a product's user information
REQUEST, SENT = "request", "sent"  # of a case
ADDRESS, CERTIFICATE, ANSWER, REPORT = "address", "certificate", "answer", "report"  # of a party


@dataclass(frozen=True)
class New:
    """A line to be written; `said` are particulars of its kind, by name."""

    about: str
    kind: str
    name: str = ""
    why: str = ""
    at: int | None = None
    said: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line as recorded: in which entry, when, by whom (person's number; None: the system)."""

    entry: int
    row: int
    about: str
    kind: str
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


def lines_of(tenant: int, about: Iterable[str]) -> list[Line]:
    """The lines about these, the earliest first. One statement."""
    wanted = reading.list_param(sorted(set(about)))
    sql = f'SELECT {_READ} FROM compliance_filing WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    return [Line(*row) for row in reading.fetch(sql, (tenant, wanted))]


def lines_of_kind(tenant: int, *kinds: str) -> list[Line]:
    """The lines of these kinds, the earliest first. One statement."""
    wanted = reading.list_param(sorted(set(kinds)))
    sql = f'SELECT {_READ} FROM compliance_filing WHERE tenant = %s AND {reading.any_of("kind", "text")} ORDER BY entry, "row"'
    return [Line(*row) for row in reading.fetch(sql, (tenant, wanted))]


def line_of_entry(tenant: int, entry: int) -> Line:
    """The first line of an entry."""
    sql = f'SELECT {_READ} FROM compliance_filing WHERE tenant = %s AND entry = %s ORDER BY "row" LIMIT 1'
    return Line(*reading.fetch_one(sql, (tenant, entry)))


def _text(said: dict) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


def write(entry: Entry, lines: Sequence[New], person: int | None) -> None:
    """Record these lines in the entry, each as a fact."""
    texts, rows = [], []
    for line in lines:
        said = _text(line.said)
        at = "" if line.at is None else format_instant(line.at)
        texts.append(
            row_text([line.about, line.kind, line.name, at, said, line.why, person, format_instant(entry.recorded_at)])
        )
        rows.append((line.about, line.kind, line.name, line.at, said, line.why, person, entry.recorded_at))
    # two equal lines of different entries are two facts
    ids = [digest(text, entry.number.to_bytes(8, "big"))[:8] for text in texts]
    first = entry.facts(FILED).add(texts, ids)
    bulk.insert_rows(
        "compliance_filing", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )
