"""Lines about ECOs and controlled processes: read in the order they were recorded, and written together with their facts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.designed.changes.events import STATEMENT
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "entry", "row", "about", "kind", "party", "name", "at", "said", "why", "person", "happened_at")
_READ = 'entry, "row", about, kind, party, name, at, said, why, person, happened_at'

# kinds of lines: of an ECO
PROPOSED, PRODUCT, CHANGE, ANSWER, SUBSTANTIAL, ASKED, DECISION, TOLD, BOUNDARY, CLOSED = (
    "proposed", "product", "change", "answer", "substantial", "asked", "decision", "told", "boundary", "closed",
)  # fmt: skip
BOUNDARY_OF = "boundary_of"  # of an ECO: by each product that its boundary speaks of
CONTROLLED = "controlled"  # of a product's process


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
    sql = f'SELECT {_READ} FROM changes_statement WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    found: dict[str, list[Line]] = {}
    for row in reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else ():
        found.setdefault(row[2], []).append(Line(*row))
    return found


def codes_of(tenant: int, kind: str, most: int, names: Iterable[str] | None = None) -> list[str]:
    """What lines of this kind (and one of these names) are about, the newest first, each once. One statement."""
    where, params = "", (tenant, kind)
    if names is not None:
        where, params = f" AND {reading.any_of('name', 'text')}", (*params, reading.list_param(sorted(set(names))))
    sql = f"SELECT about, max(entry) FROM changes_statement WHERE tenant = %s AND kind = %s{where} GROUP BY about ORDER BY 2 DESC LIMIT %s"
    return [code for code, _ in reading.fetch(sql, (*params, most))]


def free_code(tenant: int, prefix: str) -> str:
    """The next code of an ECO."""
    sql = "SELECT count(*) FROM changes_statement WHERE tenant = %s AND kind = %s"
    return f"{prefix}{reading.fetch_one(sql, (tenant, PROPOSED))[0] + 1}"


def text_of(said: dict) -> str:
    """Particulars as they are kept."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


def write(entry: Entry, lines: Sequence[New], person: int | None) -> None:
    """Record these lines in the entry, each as a fact."""
    if not lines:
        return
    texts, rows = [], []
    for line in lines:
        said = text_of(line.said)
        before = (line.about, line.kind, line.party, line.name)
        at = "" if line.at is None else format_instant(line.at)
        texts.append(row_text([*before, at, said, line.why, person, format_instant(entry.recorded_at)]))
        rows.append((*before, line.at, said, line.why, person, entry.recorded_at))
    # two equal lines of different entries are two facts
    ids = [digest(text, entry.number.to_bytes(8, "big"))[:8] for text in texts]
    first = entry.facts(STATEMENT).add(texts, ids)
    bulk.insert_rows(
        "changes_statement", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )
