"""Units outside: at a subcontractor, with a delivery note, from when they left up to when they came back with that note.

    away(tenant, units)          -> who has which of them, by which note, since when
    lines_of(tenant, note)       -> what left with a note; `backs_of` what came back with it, `papers_of` what came with it

A unit is outside while a note that it left with does not have it back. `seen` narrows every read to what was recorded by an
entry (a view's `seen("t")`); without it, what stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.kernel.spans import bitmap_of
from asbuilt.storage import reading

NOW = " AND t.until_entry IS NULL"
NOTE_PREFIX = "DN-"
COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Line:
    """A span that left: `party` is the number of the subcontractor, instants are UTC microseconds."""

    first_unit: int
    until_unit: int
    note: str
    party: int
    step: str
    side: str
    transport: str
    operator: int | None
    sent_at: int
    entry: int

    @property
    def step_name(self) -> str:
        """The step with its side."""
        return f"{self.step} {self.side}" if self.side else self.step


@dataclass(frozen=True, slots=True)
class Back:
    """A span that came back with a note, how the step ended there."""

    first_unit: int
    until_unit: int
    note: str
    result: str
    started_at: int
    finished_at: int
    operator: int | None
    back_at: int
    entry: int


@dataclass(frozen=True, slots=True)
class Paper:
    """What came with the units of a note."""

    kind: str
    file: str
    sha256: str
    kept_at: int
    entry: int
    row: int


@dataclass(frozen=True, slots=True)
class Away:
    """Units that a line took out and that did not come back with its note."""

    line: Line
    units: BitMap


_LINE = (
    "SELECT t.first_unit, t.until_unit, t.note, t.party, t.step, t.side, t.transport, t.operator, t.sent_at, t.entry "
    "FROM production_sent_out t WHERE t.tenant = %s"
)
_BACK = (
    "SELECT t.first_unit, t.until_unit, t.note, t.result, t.started_at, t.finished_at, t.operator, t.back_at, t.entry "
    "FROM production_taken_back t WHERE t.tenant = %s"
)


def away(tenant: int, units: BitMap | None = None, seen: str = NOW) -> list[Away]:
    """Who has which of the units (None: of all), by when they left. Two statements, one where nothing ever left."""
    where, params = "", ()
    if units is not None:
        if not units:
            return []
        where, params = " AND t.first_unit <= %s AND t.until_unit > %s", (units.max(), units.min())
    lines = [
        Line(*row) for row in reading.fetch(_LINE + seen + where + " ORDER BY t.sent_at, t.entry", (tenant, *params))
    ]
    if not lines:
        return []
    backs: dict[str, BitMap] = {}
    for first, until, note, *_ in reading.fetch(_BACK + seen + where, (tenant, *params)):
        backs.setdefault(note, BitMap()).add_range(first, until)
    found = []
    for line in lines:
        left = BitMap(range(line.first_unit, line.until_unit)) - backs.get(line.note, BitMap())
        if units is not None:
            left &= units
        if left:
            found.append(Away(line, left))
    return found


def lines_of(tenant: int, note: str, seen: str = NOW) -> list[Line]:
    """What left with a note, along the axis. One statement."""
    sql = _LINE + " AND t.note = %s" + seen + " ORDER BY t.first_unit, t.entry"
    return [Line(*row) for row in reading.fetch(sql, (tenant, note))]


def backs_of(tenant: int, note: str, seen: str = NOW) -> list[Back]:
    """What came back with a note, by when. One statement."""
    sql = _BACK + " AND t.note = %s" + seen + " ORDER BY t.back_at, t.entry, t.first_unit"
    return [Back(*row) for row in reading.fetch(sql, (tenant, note))]


def papers_of(tenant: int, note: str, seen: str = NOW) -> list[Paper]:
    """The papers of a note, by when they came. One statement."""
    sql = (
        'SELECT t.kind, t.file, t.sha256, t.kept_at, t.entry, t."row" FROM production_outside_paper t WHERE t.tenant = %s '
        "AND t.note = %s" + seen + ' ORDER BY t.kept_at, t.entry, t."row"'
    )
    return [Paper(*row) for row in reading.fetch(sql, (tenant, note))]


def units_of(spans: Iterable[Line | Back]) -> BitMap:
    """The units of these lines or returns."""
    return bitmap_of((one.first_unit, one.until_unit) for one in spans)


def note_numbers(tenant: int) -> list[str]:
    """The codes of all notes, withdrawn ones too. One statement."""
    return [
        code for (code,) in reading.fetch("SELECT DISTINCT note FROM production_sent_out WHERE tenant = %s", (tenant,))
    ]


def next_note(tenant: int) -> str:
    """The next code by the rule: DN-1, DN-2 ..., never one that was given before."""
    numbers = [re.fullmatch(NOTE_PREFIX + "([0-9]{1,9})", code) for code in note_numbers(tenant)]
    return f"{NOTE_PREFIX}{max((int(found[1]) for found in numbers if found), default=0) + 1}"


def hanging(tenant: int, notes: Iterable[str]) -> list[tuple[str, str]]:
    """(table, note) of what stands of these notes without the line that it rests on."""
    found = []
    for note in sorted(set(notes)):
        sent = units_of(lines_of(tenant, note))
        if units_of(backs_of(tenant, note)) - sent:
            found.append(("taken_back", note))
        if not sent and papers_of(tenant, note):
            found.append(("outside_papers", note))
    return found


def sent_to(tenant: int, parties: Sequence[int]) -> list[str]:
    """Notes that stand and name one of these parties. One statement."""
    sql = "SELECT DISTINCT t.note FROM production_sent_out t WHERE t.tenant = %s AND " + reading.any_of("t.party") + NOW
    return sorted(note for (note,) in reading.fetch(sql, (tenant, reading.list_param(parties)))) if parties else []
