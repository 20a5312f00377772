"""What stands at each position of a unit, by BOM line: the candidates, how sure, and what stood there before.

Words: *certain* (one known package), *possible* (several, or one beside an unknown one), *unrecorded* (nothing was ever
recorded, or what went in at a replacement is not known).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.access.people import People
from asbuilt.built.production.carried import Position, ReplacementRow, positions_of_unit
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import packages, statuses_said
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.catalog.queries import bom_lines, part_codes
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED
from asbuilt.questions.genealogy.answering.lookup import Identity
from asbuilt.questions.genealogy.evaluating.material import labels_of
from asbuilt.questions.genealogy.evaluating.view import View

_NUMBERED = re.compile(r"(.*?)([0-9]+)")
RUN_LEAST = 3  # fewer neighbours are written one by one


@dataclass(frozen=True)
class Candidate:
    """A package that may stand at a position, with its lot; lot code, date code and maker are empty where not known."""

    package: str
    lot: str
    date_code: str
    maker: str
    mpn: str
    status: str


@dataclass(frozen=True)
class Change:
    """A replacement: what came out and went in (None: not known), when, by whom (badge or empty), why."""

    position: str
    at: int
    removed: Candidate | None
    installed: Candidate | None
    who: str
    reason: str
    before: tuple[Candidate, ...]


@dataclass(frozen=True)
class PlaceGroup:
    """Positions of a line that hold the same: `at` is short (C1–C14 C36), `candidates` the known ones, `open` True where
    beside them an unknown one may stand."""

    at: str
    positions: tuple[str, ...]
    grade: str
    candidates: tuple[Candidate, ...]
    open: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class PlacedLine:
    """A BOM line on this unit; `line` is empty for positions that no line of the BOM version has."""

    line: str
    part: str
    quantity: int
    groups: tuple[PlaceGroup, ...] = field(default=())


@dataclass
class Placed:
    """All lines, the candidates of each position by package number, and counts of positions by grade."""

    lines: list[PlacedLine]
    positions: dict[str, Position]
    counts: dict[str, int]


def placed_on(view: View, who: Identity) -> Placed:
    """What the unit carries, line by line. Eight statements."""
    lines = bom_lines(view.tenant, who.bom, view.entry)
    labels = labels_of(view, {line.group for line in lines})
    wanted = [position for line in lines for position in labels[line.group]]
    order = OrderRow(who.order_number, who.order, 0, who.product_number, 0, who.bom, ())
    found = positions_of_unit(view.tenant, order, who.unit, view.groups, wanted, view.entry)
    known = _candidates(view, found.values())
    people = People(view.tenant, 0).codes(row.operator for one in found.values() for row in one.replacements)
    parts = part_codes(view.tenant, {line.part for line in lines})
    placed = [
        PlacedLine(
            line.line, parts.get(line.part, ""), line.quantity, _groups(found, labels[line.group], known, people)
        )
        for line in lines
    ]
    extra = sorted(set(found) - set(wanted), key=natural_key)
    if extra:
        placed.append(PlacedLine("", "", len(extra), _groups(found, extra, known, people)))
    counts = dict.fromkeys((CERTAIN, POSSIBLE, UNRECORDED), 0)
    for line in placed:
        for group in line.groups:
            counts[group.grade] += len(group.positions)
    return Placed(placed, found, counts)


def _candidates(view: View, positions: Iterable[Position]) -> dict[int, Candidate]:
    numbers: set[int] = set()
    for one in positions:
        for stage in one.stages:
            numbers.update(package for package in stage.candidates if package is not None)
    found = packages(view.tenant, numbers)
    now = statuses_said(view.tenant, [row.code for row in found.values()], view.entry)
    return {
        number: Candidate(row.code, row.lot_code, row.date_code, row.maker, row.mpn, now.get(row.code, row.status))
        for number, row in found.items()
    }


def grade_of(position: Position) -> str:
    """How sure the record is of what stands there now."""
    now = position.now
    if now is None or now.candidates == {None}:
        return UNRECORDED
    return CERTAIN if now.certain else POSSIBLE


def _groups(found: dict[str, Position], positions: Iterable[str], known: dict, people: dict) -> tuple[PlaceGroup, ...]:
    """Positions with the same candidates together; replaced ones stand alone, because each has a story."""
    same: dict[object, list[str]] = {}
    for position in positions:
        one = found[position]
        key = position if one.replacements else (one.now.candidates if one.now else None)
        same.setdefault(key, []).append(position)
    groups = []
    for names in same.values():
        one = found[names[0]]
        candidates = one.now.candidates if one.now else frozenset()
        groups.append(
            PlaceGroup(
                short(names),
                tuple(names),
                grade_of(one),
                _listed(candidates, known),
                None in candidates,
                _changes(one, known, people),
            )
        )
    return tuple(groups)


def _listed(candidates: Iterable[int | None], known: dict[int, Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted((known[n] for n in candidates if n is not None and n in known), key=lambda one: one.package))


def _changes(one: Position, known: dict, people: dict) -> tuple[Change, ...]:
    changes = []
    before = one.stages[0].candidates if one.stages and one.stages[0].since is None else frozenset()
    for row in one.replacements:
        changes.append(_change(row, before, known, people))
        before = frozenset({row.installed})
    return tuple(changes)


def _change(row: ReplacementRow, before, known: dict, people: dict) -> Change:
    who = people.get(row.operator, "") if row.operator is not None else ""
    removed, installed = known.get(row.removed), known.get(row.installed)
    return Change(row.refdes, row.happened_at, removed, installed, who, row.reason, _listed(before, known))


def short(positions: list[str] | tuple[str, ...]) -> str:
    """C1 C2 C3 C4 C7 -> C1–C4 C7."""
    runs: list[list] = []
    for position in positions:
        match = _NUMBERED.fullmatch(position)
        prefix, number = (match[1], int(match[2])) if match else (position, None)
        if runs and number is not None and runs[-1][0] == prefix and runs[-1][2] == number - 1:
            runs[-1][2:] = [number, [*runs[-1][3], position]]
        else:
            runs.append([prefix, number, number, [position]])
    written = []
    for _, _, _, names in runs:
        written += [f"{names[0]}–{names[-1]}"] if len(names) >= RUN_LEAST else names
    return " ".join(written)
