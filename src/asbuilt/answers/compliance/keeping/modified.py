"""Which units that were placed under the old law were modified substantially since, when, and by which ECO.

    modified_days(view, product, placed_days(view, units), rules)   -> [Modified(day, eco, units), …]

An ECO that people judged a substantial modification changes a unit when what it brings is made on that unit: the firmware written, the part put in,
the step passed again. A unit behind the boundary was built so before it was placed; it is not modified by that, however early it was placed. What
the record shows counts, also where the ECO was withdrawn or its approval taken back later. A BOM version and a test plan change no unit that is
out: what they bring comes on as parts and firmware.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from pyroaring import BitMap

from asbuilt.answers.compliance.keeping.clock_rules import BEFORE, Rules
from asbuilt.answers.compliance.keeping.placed import PlacedOn
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.supply.queries import packages
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.eco import FIRMWARE, PART, PROCESS, PROGRAM, Change, Eco, eco_of
from asbuilt.designed.changes.controlling.queries import IN_FORCE_MAX
from asbuilt.designed.changes.controlling.statements import codes_of, lines_of
from asbuilt.designed.firmware.queries import ranks, standing_release
from asbuilt.kernel.spans import spans_of
from asbuilt.questions.genealogy.answering.changes_built import READINGS, parts_of_packages
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

AT = "coalesce(t.laid_at, t.happened_at)"  # a record whose own time lies ahead counts as of when it was recorded
Made = Iterator[tuple[int, int]]  # unit, instant at which the change was made on it


@dataclass(frozen=True)
class Modified:
    """Units that an ECO modified substantially on one day."""

    day: str
    eco: str
    units: BitMap = field(hash=False)


def modified_days(view: View, product: str, placed: Sequence[PlacedOn], rules: Rules) -> list[Modified]:
    """The first substantial modification of each unit that was placed under the old law, the earliest day first. One statement where no ECO has a
    boundary, two where none is substantial, three to six for each change that is."""
    old = BitMap().union(*(one.units for one in placed if rules.regime(one.day) == BEFORE))
    if not old or rules.modified_from is None:
        return []
    codes = codes_of(view.tenant, kinds.BOUNDARY_OF, IN_FORCE_MAX, [product])
    ecos = [eco_of(lines) for lines in lines_of(view.tenant, codes).values()] if codes else []
    ecos = [one for one in ecos if one.is_substantial]
    if not ecos:
        return []
    inside = view.descendants(old)
    tops = {unit: unit for unit in old} | view.outermost(inside)
    since = int(datetime.combine(date.fromisoformat(rules.modified_from), time(), view.zone).timestamp()) * 1_000_000
    first: dict[int, tuple[int, str]] = {}
    for eco in ecos:
        for change in eco.changes.values():
            for unit, at in _made(view, eco, change, old | inside, since):
                top = tops.get(unit)
                if top in old and (top not in first or at < first[top][0]):
                    first[top] = (at, eco.code)
    found: dict[tuple[str, str], BitMap] = {}
    for unit, (at, code) in first.items():
        day = datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(view.zone).date().isoformat()
        found.setdefault((day, code), BitMap()).add(unit)
    return [Modified(day, code, units) for (day, code), units in sorted(found.items())]


def _made(view: View, eco: Eco, change: Change, units: BitMap, since: int) -> Made:
    """When the change was made on these units, from an instant on; not on those that were built so."""
    boundary = eco.boundary
    if boundary is not None and boundary.first_unit is not None:
        units = units - BitMap(range(boundary.first_unit, max(boundary.first_unit, units.max() + 1)))
    if not units:
        return
    if change.kind == FIRMWARE:
        yield from _written(view, change, units, since)
    elif change.kind == PART:
        yield from _put_in(view, change, units, since)
    elif change.kind == PROCESS:
        yield from _passed(view, change, units, since)


def _written(view: View, change: Change, units: BitMap, since: int) -> Made:
    """The version, or a later one that carries it on, written where neither was before."""
    (role,) = change.subject
    release = standing_release(view.tenant, change.product, role, change.new)
    if release is None:
        return
    places = ranks(view.tenant, release.product, role)
    so = [number for number, place in places.items() if place >= places[release.number]]
    more = f" AND t.result = 0 AND {reading.any_of('t.release')} AND {AT} "
    columns, table = f"t.unit, {AT}", "programming_record"
    rows = view.rows_by_block(columns, table, view.blocks_over(units), f"{more} >= %s", (reading.list_param(so), since), "unit")  # fmt: skip
    rows = [row for row in rows if row[0] in units]
    if rows:
        late = BitMap(unit for unit, _ in rows)
        spans = spans_of(late)
        had = {unit for unit, _ in view.rows_by_block(columns, table, spans, f"{more} < %s", (reading.list_param(so), since), "unit")}  # fmt: skip
        yield from (row for row in rows if row[0] not in had)


def _put_in(view: View, change: Change, units: BitMap, since: int) -> Made:
    """The maker's part put in at a position, where what came out was not the same."""
    rows = view.rows_by_block(
        "t.unit, t.happened_at, t.removed, t.installed", "production_replacement", view.blocks_over(units), " AND t.happened_at >= %s", (since,),
        "unit",
    )  # fmt: skip
    rows = [row for row in rows if row[0] in units]
    known = packages(view.tenant, {number for row in rows for number in row[2:] if number is not None})
    parts = {number: f"{one.maker}/{one.mpn}".casefold() for number, one in known.items()}
    codes = parts_of_packages(view.tenant, {one.code for one in known.values()}) if rows else {}
    for unit, at, removed, installed in rows:
        mounted = known.get(installed)
        if mounted is None or codes.get(mounted.code) != change.subject[0]:
            continue
        if parts[installed] == change.new.casefold() and parts.get(removed) != change.new.casefold():
            yield unit, at


def _passed(view: View, change: Change, units: BitMap, since: int) -> Made:
    """The step passed again in the new way; a stencil stands in no pass by its own time and is not looked at."""
    step, side, aspect = change.subject
    names = FloorNames(view.tenant)
    number = names.known("step").get(step)
    if number is None or (aspect != PROGRAM and aspect not in READINGS):
        return
    more, params = " AND t.step = %s AND t.started_at >= %s", (number, since)
    if side:
        more, params = f"{more} AND t.side = %s", (*params, side)
    columns = "t.first_unit, t.until_unit, t.started_at, t.program, t.readings"
    rows = view.rows_reached(columns, "production_process_run", view.reaches(units), more, params)
    programs = names.names({program for *_, program, _readings in rows})
    for first, until, at, program, readings in rows:
        said = programs.get(program) if aspect == PROGRAM else _reading(readings, READINGS[aspect])
        if said is not None and change.new in (said, parts_of_packages(view.tenant, {said}).get(said)):
            yield from ((unit, at) for unit in units & BitMap(range(first, until)))


def _reading(readings: str | None, name: str) -> str | None:
    said = json.loads(readings).get(name) if readings else None
    return said if isinstance(said, str) else None


def placed_and_modified(view: View, product: str, placed: Sequence[PlacedOn], rules: Rules) -> list[PlacedOn]:
    """The days with the units that were modified substantially set apart: same day, with the day and the ECO of the modification."""
    changed = modified_days(view, product, placed, rules)
    return list(_apart(placed, changed)) if changed else list(placed)


def _apart(placed: Iterable[PlacedOn], changed: Sequence[Modified]) -> Iterator[PlacedOn]:
    for one in placed:
        left = BitMap(one.units)
        for each in changed:
            if mine := one.units & each.units:
                left -= mine
                yield PlacedOn(one.day, mine, each.day, each.eco)
        if left:
            yield PlacedOn(one.day, left)
