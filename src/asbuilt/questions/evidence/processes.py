"""The process level of the units of an order, step by step of the route, in bitmaps.

The route is the routing of the hardware revision that was in force when the first run over the units began; its optional steps are not
judged. A run counts for a step by name and side, as at the gate; a test run of the plan of that name counts too, with its station as the
machine, the plan's version as the program and its measurements as readings. Each run reaches a level of its own, a unit at a step the
highest of its runs. Without a routing the steps that some unit went through are looked for on all, and level 2 is out of reach.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.catalog.routings import Routing, limits_of, routings
from asbuilt.ledger import clock
from asbuilt.questions.evidence.gaps import Gap
from asbuilt.questions.evidence.levels import Reached, level_of_need, reach
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.storage import reading

LETTER = "P"
MACHINE_CLASS = "machine"
NEEDS = ("step_recorded", "route_known", "tool_named", "readings_kept", "raw_kept")


@dataclass
class Runs:
    """Runs of a step, or test runs, that say as much as each other: whether the tool is named, which limited readings are missing,
    whether a machine's own record is kept; over units."""

    step: str
    side: str
    tested: bool
    named: bool
    missing: tuple[str, ...]
    raw: bool
    units: BitMap


def judge_process(
    view: View, order: str, blocks: list[BlockRow], revision: int, units: BitMap
) -> tuple[Reached, list[Gap]]:
    """The levels of these units of one hardware revision, and the gaps. Five statements and two a block."""
    reached, gaps = Reached(units), []
    if not units:
        return reached, gaps
    rows = [row for row in _rows(view, blocks) if units.range_cardinality(row[6], row[7])]
    began = min((row[8] for row in rows), default=clock.now())
    route = next((one for one in routings(view.tenant, revision, view.entry) if one.from_at <= began), None)
    runs = _runs(view, rows, route, units)
    for name, mine in _steps(route, runs):
        met = _met(mine, units, known=route is not None)
        reached.narrow(reach(LETTER, met, units), units)
        gaps += _gaps(order, name, units, met, mine)
    if route is None:
        bare = reach(LETTER, dict.fromkeys(NEEDS, units) | {"route_known": BitMap()}, units)
        if all(run.tested for run in runs):
            bare = [units, *(BitMap() for _ in bare[1:])]
            gaps.append(Gap(LETTER, "no_step", 0, order, (), units))
        reached.narrow(bare, units)
        gaps.append(Gap(LETTER, "no_route", level_of_need(LETTER, "route_known") - 1, order, (), units))
    return reached, gaps


def _rows(view: View, blocks: list[BlockRow]) -> list[tuple]:
    """(step, side, machine, program, operator, readings, first, until, started at, entry, tested). Two statements."""
    columns = "t.step, t.side, t.machine, t.program, t.operator, t.readings, t.first_unit, t.until_unit, t.started_at, t.entry"
    found = [(*row, False) for row in view.rows_by_block(columns, "production_process_run", blocks)]
    columns = "t.plan, t.station, t.plan_version, t.operator, t.measurements, t.unit, t.started_at, t.entry"
    for plan, station, version, operator, measured, unit, at, entry in view.rows_by_block(
        columns, "quality_test_run", blocks, unit="unit"
    ):
        found.append((plan, "", station, version, operator, measured, unit, unit + 1, at, entry, True))
    return found


def _runs(view: View, rows: list[tuple], route: Routing | None, units: BitMap) -> list[Runs]:
    """The rows put together: single units by the thousand become a few bitmaps. Two statements."""
    names = FloorNames(view.tenant).names({row[0] for row in rows})
    raw = _kept_raw(view, {row[9] for row in rows})
    limits: dict[str, set[str]] = {}
    for one in route.steps if route else ():
        limits.setdefault(one.step, set()).update(limits_of(one.limits) or {})
    lacks: dict[tuple[str, str], tuple[str, ...]] = {}
    found: dict[tuple, Runs] = {}
    for number, side, machine, program, operator, readings, first, until, _at, entry, tested in rows:
        step = names[number]
        missing = ()
        if limits.get(step):
            missing = lacks.get((step, readings))
            if missing is None:
                missing = lacks[step, readings] = _missing(readings, limits[step])
        named = bool(program) if machine is not None else operator is not None
        key = (step, side, tested, named, missing, entry in raw)
        run = found.get(key)
        if run is None:
            run = found[key] = Runs(*key, BitMap())
        run.units.add_range(first, until)
    for run in found.values():
        run.units &= units
    return list(found.values())


def _kept_raw(view: View, entries: set[int]) -> set[int]:
    """Those of the entries that rest on a machine's message whose bytes are kept. One statement."""
    sql = (
        "SELECT DISTINCT x.entry FROM ledger_entry_evidence x JOIN ledger_evidence e ON e.tenant = x.tenant AND e.sha256 = x.sha256 "
        "WHERE x.tenant = %s AND e.evidence_class = %s AND e.erased_by IS NULL AND "
    ) + reading.any_of("x.entry")
    rows = reading.fetch(sql, (view.tenant, MACHINE_CLASS, reading.list_param(sorted(entries)))) if entries else []
    return {entry for (entry,) in rows}


def _steps(route: Routing | None, runs: list[Runs]) -> Iterable[tuple[str, list[Runs]]]:
    """(name, its runs) of the steps that are judged."""
    if route is None:
        passed = [run for run in runs if not run.tested]
        for step, side in sorted({(run.step, run.side) for run in passed}):
            yield f"{step} {side}".strip(), [run for run in passed if (run.step, run.side) == (step, side)]
        return
    for one in route.steps:
        if not one.optional:
            limited = limits_of(one.limits) or {}
            mine = [run for run in runs if run.step == one.step and (run.tested or one.side in ("", run.side))]
            yield one.name, [replace(run, missing=tuple(n for n in run.missing if n in limited)) for run in mine]


def _met(runs: list[Runs], units: BitMap, *, known: bool) -> dict[str, BitMap]:
    """Each need with the units that a run meets it on, a later one only in a run that meets those before."""
    met = {need: BitMap() for need in NEEDS} | {"route_known": units if known else BitMap()}
    for run in runs:
        met["step_recorded"] |= run.units
        if run.named:
            met["tool_named"] |= run.units
            if not run.missing:
                met["readings_kept"] |= run.units
                if run.raw:
                    met["raw_kept"] |= run.units
    return met


def _missing(readings: str, limited: set[str]) -> tuple[str, ...]:
    """The limited readings that a run does not have as a number."""
    said = json.loads(readings) if readings else {}
    return tuple(sorted(name for name in limited if not _is_number(said.get(name) if isinstance(said, dict) else None)))


def _is_number(value: object) -> bool:
    if isinstance(value, dict):
        value = value.get("value")
    return isinstance(value, int | float) and not isinstance(value, bool)


def _gaps(order: str, name: str, units: BitMap, met: dict[str, BitMap], runs: list[Runs]) -> Iterable[Gap]:
    above = units
    for kind, need in (
        ("step_missing", "step_recorded"),
        ("no_tool", "tool_named"),
        ("no_reading", "readings_kept"),
        ("no_raw", "raw_kept"),
    ):
        lacking = above - met[need]
        names = ()
        if kind == "no_reading" and lacking:
            names = tuple(sorted({one for run in runs if run.named and run.units & lacking for one in run.missing}))
        yield Gap(LETTER, kind, level_of_need(LETTER, need) - 1, order, (name,), lacking, names)
        above = above & met[need]
