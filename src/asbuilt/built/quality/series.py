"""Values over time: a reading of process runs, or a measurement of test runs, of a product, line, step and machine.

A line is the area in which a machine stood when it made the run (areas.csv). Of a test plan the first run of each unit counts: what is measured again after a
repair says nothing of the process. Values of other units of measure are put into the one that comes first; where that cannot be, they are
left out and counted. The limits are those that the runs themselves had (tests) or that stand in the routing (readings); where runs had
several, there is none, and that is said.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asbuilt.built.production.environment import areas
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality.steps import Taken, steps_of
from asbuilt.designed.catalog.queries import product_number
from asbuilt.designed.catalog.readings import names_in, values_of
from asbuilt.designed.catalog.routings import limits_of
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.measures import in_unit, of_float
from asbuilt.storage import reading

POINTS_MAX = 2_000
NAMES_MAX = 500
VALUE_MAX = 1e150  # the square of what is larger is none any more
FAIL = 1


@dataclass(frozen=True)
class Scope:
    """What is looked at: a process step or a test plan by name, and what it is narrowed to; instants in microseconds, half open."""

    step: str
    product: str = ""
    line: str = ""
    machine: str = ""
    side: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Value:
    """A value, when it was so, at which machine or station, of units [first, until)."""

    value: float
    at: int
    machine: str
    first_unit: int
    until_unit: int


@dataclass(frozen=True)
class Series:
    """Values in time order, their limits and unit of measure; how many were left out, since they do not compare."""

    values: tuple[Value, ...]
    unit: str
    low: float | None
    high: float | None
    limits_differ: bool
    left_out: int
    of_tests: bool


def series(tenant: int, scope: Scope, name: str) -> Series:
    """The last 2,000 values under a name. NotFound: no such step or plan, product or machine. Up to six statements."""
    plan = number_named(tenant, "plan", scope.step)
    step = number_named(tenant, "step", scope.step)
    if plan is None and step is None:
        raise NotFound(
            "quality.step_unknown", f"There is no step and no plan {scope.step[:80]}.", {"step": scope.step[:80]},
            "The page Process control lists those there are.",
        )  # fmt: skip
    found = _of_runs(tenant, scope, step, name) if step is not None else None
    if plan is not None and (found is None or not found.values):
        found = _of_tests(tenant, scope, plan, name)
    return found


def names_measured(tenant: int, scope: Scope) -> list[str]:
    """The names under which the last runs of the step or plan have numbers, up to 500."""
    found: dict[str, None] = {}
    step, plan = (number_named(tenant, kind, scope.step) for kind in ("step", "plan"))
    if step is not None:
        for row in _rows_of_runs(tenant, scope, step, "", 200):
            said = json.loads(row[6]) if row[6] else {}
            found |= {
                n: None
                for n in names_in(said if isinstance(said, dict) else {})
                for _, v in values_of(said, n)
                if _number(v)
            }
    if plan is not None:
        for row in _rows_of_tests(tenant, scope, plan, "", 200):
            found |= {one.name: None for one in steps_of(_said(row[3])).values() if _number(one.value)}
    return sorted(found)[:NAMES_MAX]


def number_named(tenant: int, kind: str, name: str) -> int | None:
    """The number of a floor name, or None. One statement."""
    return FloorNames(tenant).known(kind).get(name)


def _of_runs(tenant: int, scope: Scope, step: int, name: str) -> Series:
    values = []
    rows = _rows_of_runs(tenant, scope, step, name, POINTS_MAX)
    names = FloorNames(tenant).names(row[1] for row in rows)
    for _, machine, first, until, at, _, text in reversed(rows):
        said = json.loads(text)
        for _, value in values_of(said, name) if isinstance(said, dict) else ():
            if _number(value):
                values.append(Value(float(value), at, names.get(machine, ""), first, until))
    low, high, differ = _routing_limits(tenant, scope, name)
    return Series(tuple(values[-POINTS_MAX:]), "", low, high, differ, 0, False)


def _rows_of_runs(tenant: int, scope: Scope, step: int, name: str, most: int) -> list[tuple]:
    """(number, machine, first, until, started_at, order, readings), the newest first."""
    more, params = narrowed(tenant, scope, "t.machine", "machine", "t.started_at")
    if scope.side:
        more, params = f"{more} AND t.side = %s", [*params, scope.side]
    if scope.product:
        more += " AND t.work_order IN (SELECT work_order FROM production_block WHERE tenant = t.tenant AND product = %s AND until_entry IS NULL)"
        params.append(_product(tenant, scope.product))
    if name:
        patterns = _keys_like(name)
        more += f" AND ({' OR '.join([LIKE] * len(patterns))})"
        params = [*params, *patterns]
    sql = (
        "SELECT t.number, t.machine, t.first_unit, t.until_unit, t.started_at, t.work_order, t.readings FROM production_process_run t "
        f"WHERE t.tenant = %s AND t.step = %s AND t.readings <> '' AND t.until_entry IS NULL{more} "
        "ORDER BY t.started_at DESC, t.number DESC LIMIT %s"
    )
    return reading.fetch(sql, (tenant, step, *params, most))


LIKE = "t.readings LIKE %s ESCAPE '!'"


def _keys_like(name: str) -> list[str]:
    """Patterns of every text of JSON that holds a reading of this name: a dot may part keys or belong to one, and a letter may stand as it is or as
    an escape, whose digits are small (Python) or capital (.NET)."""
    words = name.split(".")
    keys = (".".join(words[n:]) for n in range(len(words)))
    found = []
    for key in keys:
        plain, small = (json.dumps(key, ensure_ascii=ascii_only) for ascii_only in (False, True))
        capital = re.sub(r"\\u[0-9a-f]{4}", lambda code: f"\\u{code[0][2:].upper()}", small)
        found += dict.fromkeys((plain, small, capital))
    return [f"%{re.sub('[!%_]', lambda sign: f'!{sign[0]}', one)}%" for one in found]


def _of_tests(tenant: int, scope: Scope, plan: int, name: str) -> Series:
    rows = _rows_of_tests(tenant, scope, plan, name, POINTS_MAX)
    names = FloorNames(tenant).names(row[2] for row in rows)
    values, limits, unit, left_out = [], set(), None, 0
    for number, at, station, text in reversed(rows):
        one = steps_of(_said(text)).get(name)
        if one is None or not _number(one.value):
            continue
        unit = one.unit if unit is None else unit
        try:
            value, *ends = _in_unit(one, unit)
        except Invalid:
            left_out += 1
            continue
        limits.add(tuple(ends))
        values.append(Value(value, at, names.get(station, ""), number, number + 1))
    low, high = limits.pop() if len(limits) == 1 else (None, None)
    return Series(tuple(values), unit or "", low, high, len(limits) > 0, left_out, True)


def _in_unit(one: Taken, unit: str) -> Iterator[float | None]:
    """The value and its limits in the unit of the first value. Invalid where they do not compare."""
    for number, own in (
        (one.value, one.unit),
        (one.low, one.limit_unit or one.unit),
        (one.high, one.limit_unit or one.unit),
    ):
        if number is None or own == unit:
            yield None if number is None else float(number)
        else:
            yield float(in_unit(of_float(number), own, unit))


def _rows_of_tests(tenant: int, scope: Scope, plan: int, name: str, most: int) -> list[tuple]:
    """(unit, finished_at, station, measurements) of first runs of units, the newest first."""
    more, params = narrowed(tenant, scope, "t.station", "station", "t.finished_at")
    more += of_product(tenant, scope, params)
    sql = (
        f"SELECT t.unit, t.finished_at, t.station, t.measurements FROM quality_test_run t WHERE t.tenant = %s AND t.plan = %s "
        f"AND t.measurements <> '' AND t.outcome IN (0, 1) AND t.until_entry IS NULL{more}{FIRST_RUN} ORDER BY t.finished_at DESC, t.unit DESC LIMIT %s"
    )
    return reading.fetch(sql, (tenant, plan, *params, most))


FIRST_RUN = (
    " AND NOT EXISTS (SELECT 1 FROM quality_test_run e WHERE e.tenant = t.tenant AND e.unit = t.unit AND e.plan = t.plan "
    "AND e.outcome IN (0, 1) AND e.until_entry IS NULL AND (e.finished_at < t.finished_at OR (e.finished_at = t.finished_at "
    'AND (e.entry < t.entry OR (e.entry = t.entry AND e."row" < t."row")))))'
)
"""That a run of `t` is the first of its plan on its unit; runs that ended as error or aborted are none."""


def of_product(tenant: int, scope: Scope, params: list, unit: str = "t.unit") -> str:
    """A condition on the unit's product; adds its parameter."""
    if not scope.product:
        return ""
    params.append(_product(tenant, scope.product))
    return (
        f" AND EXISTS (SELECT 1 FROM production_block b WHERE b.tenant = t.tenant AND b.first_unit <= {unit} AND b.until_unit > {unit} "
        "AND b.product = %s AND b.until_entry IS NULL)"
    )


def narrowed(tenant: int, scope: Scope, column: str, kind: str, at: str) -> tuple[str, list]:
    """Conditions on machine or station, line and time, with their parameters."""
    more, params = "", []
    for sign, bound in ((">=", scope.since), ("<", scope.until)):
        if bound is not None:
            more, params = f"{more} AND {at} {sign} %s", [*params, bound]
    if scope.machine:
        more, params = f"{more} AND {column} = %s", [*params, _machine(tenant, scope.machine, kind)]
    if scope.line:
        there = []
        for number, since, until in _stood_on(tenant, scope.line, kind):
            bounds = [(sign, bound) for sign, bound in ((">=", since), ("<", until)) if bound is not None]
            there.append(" AND ".join([f"{column} = %s", *(f"{at} {sign} %s" for sign, _ in bounds)]))
            params += [number, *(bound for _, bound in bounds)]
        more = f"{more} AND ({' OR '.join(f'({one})' for one in there) or '1 = 0'})"
    return more, params


def _machine(tenant: int, name: str, kind: str) -> int:
    number = number_named(tenant, kind, name)
    if number is None:
        said = f"There is no {kind} {name[:80]}."
        raise NotFound("quality.machine_unknown", said, {kind: name[:80]}, "Look at its name on the page Machines.")
    return number


def _product(tenant: int, code: str) -> int:
    number = product_number(tenant, code)
    if number is None:
        said = f"There is no product {code[:80]}."
        raise NotFound("catalog.product_unknown", said, {"product": code[:80]}, "Look at its code.")
    return number


def lines_over_time(tenant: int) -> Callable[[str, int], str]:
    """Machine and instant -> the line (area) in which it stood then; before the first that is known in that one. Empty where none is. One statement."""
    periods = _periods(tenant)

    def line(machine: str, at: int) -> str:
        return next((area for area, since, _ in reversed(periods.get(machine, ())) if since is None or since <= at), "")

    return line


def _periods(tenant: int) -> dict[str, list[tuple[str, int | None, int | None]]]:
    """Machine -> (area, since, until) in order; None: from the beginning, until now."""
    rows: dict[str, list] = defaultdict(list)
    for row in areas(tenant):
        rows[row.machine].insert(0, row)
    found = {}
    for machine, several in rows.items():
        starts = [None, *(row.from_at for row in several[1:])]
        ends = [*(row.from_at for row in several[1:]), None]
        found[machine] = [(row.area, *span) for row, *span in zip(several, starts, ends, strict=True)]
    return found


def _stood_on(tenant: int, line: str, kind: str) -> list[tuple[int, int | None, int | None]]:
    """(number, since, until) of machines or stations that stood there. NotFound: no such line."""
    periods = _periods(tenant)
    here = [(name, since, until) for name, all_ in periods.items() for area, since, until in all_ if area == line]
    if not here:
        known = sorted({area for all_ in periods.values() for area, *_ in all_ if area})
        said = f"Nothing stands in {line[:80]}."
        raise NotFound(
            "quality.line_unknown",
            said,
            {"line": line[:80]},
            f"Lines are {', '.join(known[:10])}." if known else "Say where machines stand (areas.csv).",
        )
    numbers = FloorNames(tenant).known(kind)
    return [(numbers[name], since, until) for name, since, until in here if name in numbers]


def _routing_limits(tenant: int, scope: Scope, name: str) -> tuple[float | None, float | None, bool]:
    sql = "SELECT s.limits FROM catalog_routing_step s JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.hardware_revision WHERE s.tenant = %s AND s.step = %s AND s.until_entry IS NULL AND s.limits <> ''"
    params: list = [tenant, scope.step]
    if scope.side:
        sql, params = sql + " AND s.side = %s", [*params, scope.side]
    if scope.product:
        sql, params = sql + " AND r.product = %s", [*params, _product(tenant, scope.product)]
    found = set()
    for (text,) in reading.fetch(sql, params):
        limits = limits_of(text) or {}
        if name in limits:
            found.add(tuple(limits[name]))
    if len(found) == 1:
        return (*found.pop(), False)
    return None, None, len(found) > 1


def _said(text: str) -> object:
    return json.loads(text) if text else {}


def _number(value: object) -> bool:
    """Whether it can be drawn: not what stands for no value (the largest double), nor numbers that no double holds, which some homes have taken."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= VALUE_MAX


def subgroups(values: Sequence[float], size: int) -> list[Sequence[float]]:
    """Consecutive values by so many; a rest that is no whole subgroup is left out at the beginning."""
    rest = len(values) % size
    return [values[n : n + size] for n in range(rest, len(values), size)]


def steps_there_are(tenant: int) -> list[tuple[str, bool]]:
    """(name, whether it is a test plan) of the steps and plans there are, up to 500 of each. Two statements."""
    floor = FloorNames(tenant)
    said = [(name, kind == "plan") for kind in ("step", "plan") for name in sorted(floor.known(kind))[:NAMES_MAX]]
    return sorted(said)
