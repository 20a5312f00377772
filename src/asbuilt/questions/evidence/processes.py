"""The process level of the units of an order, step by step of the route, in bitmaps.

The route is the routing of the hardware revision that was in force when the first run over the units began; its optional steps are not
judged. A run counts for a step by name and side, as at the gate; a test run of the plan of that name counts too, with its station as the
machine, the plan's version as the program and its measurements as readings. Each run reaches a level of its own, a unit at a step the
highest of its runs. Without a routing the steps that some unit went through are looked for on all, and level 2 is out of reach.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.catalog.routings import Limits, Routing, limits_of, routings
from asbuilt.ledger import clock
from asbuilt.questions.evidence.gaps import Gap
from asbuilt.questions.evidence.levels import Reached, level_of_need, reach
from asbuilt.questions.genealogy.view import BlockRow, View
from asbuilt.storage import reading

LETTER = "P"
MACHINE_CLASS = "machine"
NEEDS = ("step_recorded", "route_known", "tool_named", "readings_kept", "raw_kept")


@dataclass(frozen=True)
class StepRun:
    """A run of a step, or a test run, over units."""

    step: str
    side: str
    machine: int | None
    program: object
    operator: int | None
    readings: str
    units: BitMap
    started_at: int
    entry: int
    tested: bool = False


def judge_process(
    view: View, order: str, blocks: list[BlockRow], revision: int, units: BitMap
) -> tuple[Reached, list[Gap]]:
    """The levels of these units of one hardware revision, and the gaps. Five statements and two a block."""
    runs = _runs(view, blocks, units)
    reached, gaps = Reached(units), []
    if not units:
        return reached, gaps
    began = min((run.started_at for run in runs), default=clock.now())
    route = next((one for one in routings(view.tenant, revision, view.entry) if one.from_at <= began), None)
    raw = _kept_raw(view, {run.entry for run in runs})
    for name, limits, mine in _steps(route, runs):
        met = _met(mine, units, limits, raw, known=route is not None)
        reached.narrow(reach(LETTER, met, units), units)
        gaps += _gaps(order, name, units, met, limits, mine)
    if route is None:
        bare = reach(LETTER, dict.fromkeys(NEEDS, units) | {"route_known": BitMap()}, units)
        if all(run.tested for run in runs):
            bare = [units, *(BitMap() for _ in bare[1:])]
            gaps.append(Gap(LETTER, "no_step", 0, order, (), units))
        reached.narrow(bare, units)
        gaps.append(Gap(LETTER, "no_route", level_of_need(LETTER, "route_known") - 1, order, (), units))
    return reached, gaps


def _runs(view: View, blocks: list[BlockRow], units: BitMap) -> list[StepRun]:
    columns = "t.step, t.side, t.machine, t.program, t.operator, t.readings, t.first_unit, t.until_unit, t.started_at, t.entry"
    rows = view.rows_by_block(columns, "production_process_run", blocks)
    columns = "t.plan, t.station, t.plan_version, t.operator, t.measurements, t.unit, t.started_at, t.entry"
    tests = view.rows_by_block(columns, "quality_test_run", blocks, unit="unit")
    names = FloorNames(view.tenant).names({row[0] for row in rows} | {row[0] for row in tests})
    found = []
    for step, side, *said, first, until, at, entry in rows:
        mine = units & BitMap(range(first, until))
        if mine:
            found.append(StepRun(names[step], side, *said, mine, at, entry))
    for plan, station, version, operator, measured, unit, at, entry in tests:
        if unit in units:
            found.append(
                StepRun(names[plan], "", station, version, operator, measured, BitMap([unit]), at, entry, True)
            )
    return found


def _kept_raw(view: View, entries: set[int]) -> set[int]:
    """Those of the entries that rest on a machine's message whose bytes are kept. One statement."""
    sql = (
        "SELECT DISTINCT x.entry FROM ledger_entry_evidence x JOIN ledger_evidence e ON e.tenant = x.tenant AND e.sha256 = x.sha256 "
        "WHERE x.tenant = %s AND e.evidence_class = %s AND e.erased_by IS NULL AND "
    ) + reading.any_of("x.entry")
    rows = reading.fetch(sql, (view.tenant, MACHINE_CLASS, reading.list_param(sorted(entries)))) if entries else []
    return {entry for (entry,) in rows}


def _steps(route: Routing | None, runs: list[StepRun]) -> Iterable[tuple[str, Limits, list[StepRun]]]:
    """(name, limits, its runs) of the steps that are judged."""
    if route is None:
        passed = [run for run in runs if not run.tested]
        for step, side in sorted({(run.step, run.side) for run in passed}):
            yield f"{step} {side}".strip(), {}, [run for run in passed if (run.step, run.side) == (step, side)]
        return
    of_step: dict[str, list[StepRun]] = {}
    for run in runs:
        of_step.setdefault(run.step, []).append(run)
    for one in route.steps:
        if not one.optional:
            mine = [run for run in of_step.get(one.step, ()) if run.tested or one.side in ("", run.side)]
            yield one.name, limits_of(one.limits) or {}, mine


def _met(runs: list[StepRun], units: BitMap, limits: Limits, raw: set[int], *, known: bool) -> dict[str, BitMap]:
    """Each need with the units that a run meets it on, a later one only in a run that meets those before."""
    met = {need: BitMap() for need in NEEDS} | {"route_known": units if known else BitMap()}
    for run in runs:
        met["step_recorded"] |= run.units
        if not _tool_named(run):
            continue
        met["tool_named"] |= run.units
        if _missing(run, limits):
            continue
        met["readings_kept"] |= run.units
        if run.entry in raw:
            met["raw_kept"] |= run.units
    return met


def _tool_named(run: StepRun) -> bool:
    if run.machine is None:
        return run.operator is not None
    return bool(run.program)


def _missing(run: StepRun, limits: Limits) -> list[str]:
    """The limited readings that a run does not have as a number."""
    if not limits:
        return []
    said = json.loads(run.readings) if run.readings else {}
    return [name for name in limits if not _is_number(said.get(name) if isinstance(said, dict) else None)]


def _is_number(value: object) -> bool:
    if isinstance(value, dict):
        value = value.get("value")
    return isinstance(value, int | float) and not isinstance(value, bool)


def _gaps(
    order: str, name: str, units: BitMap, met: dict[str, BitMap], limits: Limits, runs: list[StepRun]
) -> Iterable[Gap]:
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
            missing = {one for run in runs if run.units & lacking and _tool_named(run) for one in _missing(run, limits)}
            names = tuple(sorted(missing))
        yield Gap(LETTER, kind, level_of_need(LETTER, need) - 1, order, (name,), lacking, names)
        above = above & met[need]
