"""Lines of case files: read in the order they were recorded, and written together with their facts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.answers.cases.events import STATEMENT
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "entry", "row", "about", "kind", "party", "duty", "name", "at", "said", "why", "person", "happened_at",
)  # fmt: skip
_READ = 'entry, "row", about, kind, party, duty, name, at, said, why, person, happened_at'

# kinds of lines
SIGNAL, DISMISSED, TAKEN = "signal", "dismissed", "taken"  # of a signal
OPENED, PRODUCT, DUTY, MOMENT, MEASURE, DECISION, ANSWER, ASKED, SUBMITTED, LATE, NOTE, SHOWN, CLOSED, REOPENED, FINDING, TASK = (
    "opened", "product", "duty", "moment", "measure", "decision", "answer", "asked", "submitted", "late_reason", "note", "shown",
    "closed", "reopened", "finding", "task",
)  # fmt: skip


@dataclass(frozen=True)
class New:
    """A line to be written; `said` are particulars of its kind, text to text."""

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
    party: int | None
    duty: str
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
    sql = f'SELECT {_READ} FROM cases_statement WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    found: dict[str, list[Line]] = {}
    for row in reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else ():
        found.setdefault(row[2], []).append(Line(*row))
    return found


def codes_of(tenant: int, kind: str, most: int) -> list[str]:
    """The codes that begin with a line of this kind, the newest first. One statement."""
    sql = 'SELECT about FROM cases_statement WHERE tenant = %s AND kind = %s ORDER BY entry DESC, "row" DESC LIMIT %s'
    return [code for (code,) in reading.fetch(sql, (tenant, kind, most))]


def free_code(tenant: int, kind: str, prefix: str) -> str:
    """The next code of what begins with this kind of line."""
    sql = "SELECT count(*) FROM cases_statement WHERE tenant = %s AND kind = %s"
    return f"{prefix}{reading.fetch_one(sql, (tenant, kind))[0] + 1}"


def as_line(entry: Entry, row: int, new: New) -> Line:
    """A line that is about to be written, as it will be read."""
    said = _text(new.said)
    return Line(
        entry.number,
        row,
        new.about,
        new.kind,
        new.party,
        new.duty,
        new.name,
        new.at,
        said,
        new.why,
        None,
        entry.recorded_at,
    )


def _text(said: dict) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


def write(entry: Entry, lines: Sequence[New], person: int | None) -> None:
    """Record these lines in the entry, each as a fact."""
    if not lines:
        return
    texts, rows = [], []
    for line in lines:
        said = _text(line.said)
        before = (line.about, line.kind, line.party, line.duty, line.name)
        at = "" if line.at is None else format_instant(line.at)
        texts.append(row_text([*before, at, said, line.why, person, format_instant(entry.recorded_at)]))
        rows.append((*before, line.at, said, line.why, person, entry.recorded_at))
    # two equal lines of different entries are two facts
    ids = [digest(text, entry.number.to_bytes(8, "big"))[:8] for text in texts]
    first = entry.facts(STATEMENT).add(texts, ids)
    bulk.insert_rows(
        "cases_statement", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )
