"""Lines about products: read in the order they were recorded, and written together with their facts.

    lines_of(tenant, ["AB-100"])            -> {"AB-100": [Line, …]}, the earliest first
    lines_of(tenant, ["AB-100"], kinds)     -> only those of these kinds
    products_said(tenant)                   -> every product of which something was said
    write(entry, [New("AB-100", "judged", …)], person)

Of two lines of the same kind, party and name the later one holds, and both stay.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.answers.compliance.events import STATEMENT
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "entry", "row", "about", "kind", "party", "name", "said", "why", "person", "happened_at")
_READ = 'entry, "row", about, kind, party, name, said, why, person, happened_at'

# kinds of lines, by the room that writes them
SCOPE, ROLE = "scope", "role"  # judging
CONTEXT, ASSET, THREAT, MEASURE, RESIDUAL, REQUIREMENT, REVISION, REVIEW = (
    "context",
    "asset",
    "threat",
    "measure",
    "residual",
    "requirement",
    "revision",
    "review",
)  # fmt: skip - assessing
SUPPORT = "support"  # keeping


@dataclass(frozen=True)
class New:
    """A line to be written; `said` are particulars of its kind."""

    about: str
    kind: str
    name: str = ""
    why: str = ""
    party: int | None = None
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
    text: str
    why: str
    person: int | None
    happened_at: int

    @cached_property
    def said(self) -> dict:
        """The particulars of its kind."""
        return json.loads(self.text) if self.text else {}


def lines_of(tenant: int, products: Iterable[str], kinds: Iterable[str] = ()) -> dict[str, list[Line]]:
    """Product -> its lines, the earliest first; a product without a line is left out. One statement."""
    wanted, only = sorted(set(products)), sorted(set(kinds))
    sql = f"SELECT {_READ} FROM compliance_statement WHERE tenant = %s AND {reading.any_of('about', 'text')}"
    params: tuple = (tenant, reading.list_param(wanted))
    if only:
        sql, params = f"{sql} AND {reading.any_of('kind', 'text')}", (*params, reading.list_param(only))
    found: dict[str, list[Line]] = {}
    for row in reading.fetch(f'{sql} ORDER BY entry, "row"', params) if wanted else ():
        found.setdefault(row[2], []).append(Line(*row))
    return found


def products_said(tenant: int) -> list[str]:
    """Every product of which something was said, by code. One statement."""
    sql = "SELECT DISTINCT about FROM compliance_statement WHERE tenant = %s ORDER BY about"
    return [code for (code,) in reading.fetch(sql, (tenant,))]


def standing(lines: Iterable[Line]) -> dict[tuple[str, int | None, str], Line]:
    """(kind, party, name) -> the line that holds."""
    return {(line.kind, line.party, line.name): line for line in lines}


def write(entry: Entry, lines: Sequence[New], person: int | None) -> None:
    """Record these lines in the entry, each as a fact."""
    if not lines:
        return
    texts, rows = [], []
    for line in lines:
        said = json.dumps(line.said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if line.said else ""
        cells = (line.about, line.kind, line.party, line.name, said, line.why, person)
        texts.append(row_text([*cells, format_instant(entry.recorded_at)]))
        rows.append((*cells, entry.recorded_at))
    # two equal lines of different entries are two facts
    ids = [digest(text, entry.number.to_bytes(8, "big"))[:8] for text in texts]
    first = entry.facts(STATEMENT).add(texts, ids)
    bulk.insert_rows(
        "compliance_statement", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )
