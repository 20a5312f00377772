"""Reads of routings: the way of a hardware revision through the factory, and the documents that apply at each step.

Of several routings that one is in force whose steps are from the latest time that is not still to come; ties go to the one
recorded later. The way of a unit is the one that was in force, as known then, when the unit was begun: a routing that comes later, or is
laid back in time later, takes no step away from it. Where none was known then, it is the one in force now. A revision of a document is superseded once another revision of it is valid from a later time that has come.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asbuilt.designed.catalog.readings import values_of
from asbuilt.storage import reading


@dataclass(frozen=True)
class StepRow:
    """A step of a routing. Documents are CODE@REVISION or empty; `subcontractor` is the number of the party who does it."""

    place_in_route: int
    step: str
    side: str
    place: str
    instruction: str
    criteria: str
    procedure: str
    optional: bool
    limits: str = ""
    qualifications: str = ""
    subcontractor: int | None = None
    evidence: str = ""

    @property
    def name(self) -> str:
        """The step with its side."""
        return f"{self.step} {self.side}" if self.side else self.step

    @property
    def needed(self) -> tuple[str, ...]:
        """The qualifications that whoever does it must have."""
        return tuple(name for name in self.qualifications.split(";") if name)

    @property
    def evidence_needed(self) -> tuple[str, ...]:
        """The kinds of paper that must come back with units from the subcontractor who does it."""
        return tuple(kind for kind in self.evidence.split(";") if kind)

    @property
    def documents(self) -> dict[str, str]:
        """The documents that apply, by kind."""
        said = {"instruction": self.instruction, "criteria": self.criteria, "procedure": self.procedure}
        return {kind: name for kind, name in said.items() if name}


@dataclass(frozen=True)
class Routing:
    """A routing with its steps in order; `from_at` is when it came into force."""

    name: str
    from_at: int
    steps: tuple[StepRow, ...]

    def step(self, name: str, side: str = "") -> StepRow | None:
        """The step of this name; where it stands once, without its side too."""
        found = [step for step in self.steps if step.step == name]
        exact = [step for step in found if step.side == side]
        if len(exact) == 1:
            return exact[0]
        return found[0] if len(found) == 1 and (not side or not found[0].side) else None

    def before(self, step: StepRow) -> list[StepRow]:
        """The steps that must be done before this one."""
        return [one for one in self.steps if one.place_in_route < step.place_in_route and not one.optional]


@dataclass(frozen=True)
class DocumentRow:
    """A revision of a document."""

    code: str
    revision: str
    kind: str
    title: str
    file: str
    sha256: str
    valid_from_at: int

    @property
    def name(self) -> str:
        """As steps ask for it."""
        return f"{self.code}@{self.revision}"


Limits = dict[str, tuple[float | None, float | None]]


def limits_of(cell: str) -> Limits | None:
    """Reading -> its lowest and highest value (None: open) of a cell of limits; None where it is malformed."""
    said = json.loads(cell) if cell else {}
    if not isinstance(said, dict):
        return None
    found = {}
    for name, pair in said.items():
        if not isinstance(pair, list) or len(pair) != 2 or any(isinstance(end, bool) for end in pair):
            return None
        if not all(end is None or isinstance(end, int | float) for end in pair):
            return None
        found[name] = (pair[0], pair[1])
    return found


def outside(limits: Limits, readings: Mapping) -> list[str]:
    """The readings that lie outside their limits, in words: `zone5 262 (240 to 255)`. What is no number is outside too."""
    found = []
    for name, (low, high) in limits.items():
        for full, value in values_of(readings, name):
            if value is None:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or (low is not None and value < low) or (high is not None and value > high):
                found.append(f"{full} {value} ({limit_words(low, high)})")
    return found


def limit_words(low: float | None, high: float | None) -> str:
    """`240 to 255`, `up to 255`, `from 240`."""
    if low is None or high is None:
        return f"up to {high}" if low is None else f"from {low}"
    return f"{low} to {high}"


def routings(tenant: int, hardware_revision: int, as_of: int | None = None) -> list[Routing]:
    """The routings of a hardware revision as known at an entry (None: now), the latest first. One statement."""
    return _ranked(_rows(tenant, hardware_revision, as_of))


def _rows(tenant: int, hardware_revision: int, as_of: int | None = None) -> list[tuple]:
    stands = "until_entry IS NULL"
    if as_of is not None:
        stands = f"entry <= {int(as_of)} AND (until_entry IS NULL OR until_entry > {int(as_of)})"
    sql = (
        "SELECT routing, from_at, entry, place_in_route, step, side, place, instruction, criteria, procedure, optional, limits, "
        f"qualifications, subcontractor, evidence FROM catalog_routing_step WHERE tenant = %s AND hardware_revision = %s AND {stands} "
        "ORDER BY place_in_route"
    )
    return reading.fetch(sql, (tenant, hardware_revision))


def _ranked(rows: Iterable[tuple]) -> list[Routing]:
    found: dict[str, list[tuple]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    ranked = sorted(
        found.items(), key=lambda said: (max(row[1] for row in said[1]), max(row[2] for row in said[1])), reverse=True
    )
    return [
        Routing(
            name, max(row[1] for row in rows), tuple(StepRow(*row[3:10], bool(row[10]), *row[11:15]) for row in rows)
        )
        for name, rows in ranked
    ]


def routing_in_force(tenant: int, hardware_revision: int, at: int) -> Routing | None:
    """The routing in force at a moment, or None where the revision has none yet. One statement."""
    return next((one for one in routings(tenant, hardware_revision) if one.from_at <= at), None)


@dataclass(frozen=True)
class Begun:
    """When a unit was begun, and the entry that told of it."""

    at: int
    entry: int


class Ways:
    """The ways of units of one hardware revision, by when they were begun. One statement."""

    def __init__(self, tenant: int, hardware_revision: int, now: int):
        self._rows = _rows(tenant, hardware_revision)
        self.now = next((one for one in _ranked(self._rows) if one.from_at <= now), None)
        self._of: dict[tuple[int, ...], Routing | None] = {}

    @property
    def always_one(self) -> bool:
        """Whether every unit goes the same way whenever it was begun: there is no routing, or one that came whole."""
        return len({(row[0], row[1], row[2]) for row in self._rows}) <= 1

    def of(self, begun: Begun | None) -> Routing | None:
        """The way of a unit that was begun so (None: not yet); None where the revision has none."""
        if begun is None or self.always_one:
            return self.now
        known = [n for n, row in enumerate(self._rows) if row[1] <= begun.at and row[2] < begun.entry]
        key = tuple(known)
        if key not in self._of:
            ranked = _ranked(self._rows[n] for n in known)
            self._of[key] = ranked[0] if ranked else self.now
        return self._of[key]


def documents(tenant: int) -> dict[str, DocumentRow]:
    """CODE@REVISION -> the document. One statement."""
    sql = (
        "SELECT code, revision, kind, title, file, sha256, valid_from_at FROM catalog_document WHERE tenant = %s "
        "AND until_entry IS NULL"
    )
    rows = [DocumentRow(*row[:5], bytes(row[5]).hex(), row[6]) for row in reading.fetch(sql, (tenant,))]
    return {row.name: row for row in rows}


def superseded(known: dict[str, DocumentRow], name: str, at: int) -> DocumentRow | None:
    """The revision that took the place of this one by a moment, or None where it still applies."""
    mine = known.get(name)
    if mine is None:
        return None
    later = [one for one in known.values() if one.code == mine.code and mine.valid_from_at < one.valid_from_at <= at]
    return max(later, key=lambda one: one.valid_from_at, default=None)


def steps_named(tenant: int) -> list[tuple[str, str]]:
    """(step, side) of every routing that stands. One statement."""
    sql = "SELECT DISTINCT step, side FROM catalog_routing_step WHERE tenant = %s AND until_entry IS NULL"
    return reading.fetch(sql, (tenant,))
