"""Process control: a chart of what a process gave, the rules that it broke, and how well it fits its limits.

    control(actor, Scope("REFLOW", machine="OV1"), "zone5")                      individuals and moving ranges
    control(actor, Scope("REFLOW"), "zone5", kind="xbar_r", subgroup=5)          means and ranges of consecutive values
    control(actor, Scope("FCT"), kind="p", every="day")                          share of units that failed their first run
    control(actor, Scope("AOI"), kind="u", every="day")                          defects per unit tested

A rule that is broken says that the process changed, not that a unit is bad: a person decides (answers/register proposes hold and nonconformity).
Under 25 values there is a chart and no index. It refuses a narrow view: machines are the company's.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.quality import series as read
from asbuilt.built.quality.defects import FOUND_IN
from asbuilt.built.quality.series import Scope, Value
from asbuilt.kernel import capability as indices
from asbuilt.kernel.capability import Capability
from asbuilt.kernel.control_charts import (
    RULE_SETS,
    SUBGROUP_MAX,
    Panel,
    Signal,
    broken,
    constants,
    defects_per_unit,
    individuals,
    proportions,
    xbar_r,
)
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage import reading

KINDS = ("individuals", "xbar_r", "p", "u")
EVERY = {"hour": timedelta(hours=1), "shift": timedelta(hours=8), "day": timedelta(days=1), "week": timedelta(days=7)}
POINTS_LEAST = 2
RUNS_MAX = 200_000
PERIODS_MAX = 400


@dataclass(frozen=True)
class Point:
    """A point of a chart: when it was so, at which machine, of which units, and how many values or units it stands for."""

    at: int
    machine: str
    units: BitMap
    size: int


@dataclass(frozen=True)
class Control:
    """A chart: one panel or two (the second of ranges, aligned at its end), a point for each place of the first, signals by panel."""

    scope: Scope
    name: str
    kind: str
    rules: str
    subgroup: int
    every: str
    unit: str
    panels: tuple[Panel, ...]
    points: tuple[Point, ...]
    signals: tuple[tuple[Signal, ...], ...]
    low: float | None
    high: float | None
    limits_differ: bool
    left_out: int
    capability: Capability | None
    before: int = 0  # points of the chart before the first of these: a point keeps its number wherever it is shown

    @property
    def too_few(self) -> bool:
        """Whether there are too few values to say more than what they were."""
        return not self.panels

    def units_of(self, signal: Signal, panel: int = 0) -> BitMap:
        """The units of all points that belong to a signal; a moving range is of two values, the earlier one's units belong to it."""
        before = len(self.points) - len(self.panels[panel].points)
        mine = self.points[signal.first : signal.point + before + 1]
        return BitMap.union(BitMap(), *(point.units for point in mine))

    def at(self, signal: Signal, panel: int = 0) -> int:
        """When the point was that completes a signal."""
        return self.points[signal.point + len(self.points) - len(self.panels[panel].points)].at


def control(
    actor: Actor,
    scope: Scope,
    name: str = "",
    *,
    kind: str = "individuals",
    subgroup: int = 5,
    every: str = "day",
    rules: str = "nelson",
) -> Control:
    """The chart of the last values. NotFound: no such step, product or machine. Invalid: no such kind, rules or period, no name."""
    whole(actor)
    _refuse_wrong(kind, name, subgroup, every, rules)
    with reading.snapshot():
        if kind in ("p", "u"):
            return _of_counts(actor.tenant, scope, kind, every, rules)
        return _of_values(actor.tenant, scope, name, kind, subgroup, rules)


def whole(actor: Actor) -> None:
    """Refuse who may not read, and a narrow view."""
    actor.require(RECORD_READ)
    if actor.party is not None:
        raise NotFound("quality.narrow_view", "There is nothing of this for you.", {}, "Ask who keeps this record.")


def _refuse_wrong(kind: str, name: str, subgroup: int, every: str, rules: str) -> None:
    for field, value, known in (("kind", kind, KINDS), ("rules", rules, RULE_SETS), ("every", every, EVERY)):
        if value not in known:
            said = f"{value[:40]} is none."
            raise Invalid("quality.chart_word", f"{field}: {said}", {"field": field}, f"One of {', '.join(known)}.")
    if kind in ("individuals", "xbar_r") and not name:
        raise Invalid("quality.chart_name", "name: is empty.", {"field": "name"}, "Say which reading or measurement.")
    if not 2 <= subgroup <= SUBGROUP_MAX:
        said = f"A subgroup has 2 to {SUBGROUP_MAX} values."
        raise Invalid("quality.chart_subgroup", said, {"field": "subgroup"}, "Five is usual.")


def _of_values(tenant: int, scope: Scope, name: str, kind: str, subgroup: int, rules: str) -> Control:
    found = read.series(tenant, scope, name)
    values = [one.value for one in found.values]
    if kind == "xbar_r":
        groups = read.subgroups(values, subgroup)
        points = [_point(group) for group in read.subgroups(found.values, subgroup)]
        panels = xbar_r(groups) if len(groups) >= POINTS_LEAST else ()
    else:
        points = [_point([one]) for one in found.values]
        panels = individuals(values) if len(values) >= POINTS_LEAST else ()
    fits = None
    if panels and (found.low is not None or found.high is not None):
        n = subgroup if kind == "xbar_r" else 2
        within = panels[1].centre / constants(n).d2
        fits = indices.capability(values, low=found.low, high=found.high, within=within)
    return Control(
        scope, name, kind, rules, subgroup, "", found.unit, tuple(panels), tuple(points), _signals(panels, rules), found.low,
        found.high, found.limits_differ, found.left_out, fits,
    )  # fmt: skip


def _point(group: Sequence[Value]) -> Point:
    units = BitMap()
    for one in group:
        units.add_range(one.first_unit, one.until_unit)
    machines = {one.machine for one in group}
    return Point(group[-1].at, machines.pop() if len(machines) == 1 else "", units, len(group))


def _signals(panels: Sequence[Panel], rules: str) -> tuple[tuple[Signal, ...], ...]:
    return tuple(tuple(broken(panel, RULE_SETS[rules])) for panel in panels)


def _of_counts(tenant: int, scope: Scope, kind: str, every: str, rules: str) -> Control:
    plan = read.number_named(tenant, "plan", scope.step)
    if plan is None:
        said = f"There is no test plan {scope.step[:80]}."
        raise NotFound("quality.plan_unknown", said, {"plan": scope.step[:80]}, "Charts of counts are of test plans.")
    zone = time_zone_of(tenant)
    units: dict[int, BitMap] = defaultdict(BitMap)
    hits: Counter = Counter()
    for unit, at, outcome, defects in _first_runs(tenant, scope, plan, with_defects=kind == "u"):
        period = _period(at, every, zone)
        units[period].add(unit)
        hits[period] += defects if kind == "u" else outcome == read.FAIL
    periods = sorted(units)[-PERIODS_MAX:]
    sizes, counts = [len(units[one]) for one in periods], [hits[one] for one in periods]
    panels: tuple[Panel, ...] = ()
    if len(periods) >= POINTS_LEAST:
        panels = (defects_per_unit(counts, sizes) if kind == "u" else proportions(counts, sizes),)
    points = tuple(Point(one, "", units[one], size) for one, size in zip(periods, sizes, strict=True))
    return Control(
        scope, "", kind, rules, 0, every, "", panels, points, _signals(panels, rules), None, None, False, 0, None
    )


def _first_runs(tenant: int, scope: Scope, plan: int, *, with_defects: bool) -> list[tuple]:
    """(unit, finished_at, outcome, defects) of the first run of each unit, the newest 200,000. One statement."""
    more, params = read.narrowed(tenant, scope, "t.station", "station", "t.finished_at")
    more += read.of_product(tenant, scope, params)
    defects = FOUND_IN if with_defects else "0"
    sql = (
        f"SELECT t.unit, t.finished_at, t.outcome, {defects} FROM quality_test_run t WHERE t.tenant = %s AND t.plan = %s "
        f"AND t.outcome IN (0, 1) AND t.until_entry IS NULL{more}{read.FIRST_RUN} ORDER BY t.finished_at DESC LIMIT {RUNS_MAX}"
    )
    return reading.fetch(sql, (tenant, plan, *params))


def _period(at: int, every: str, zone) -> int:
    """The beginning of the hour, shift of eight hours from midnight, day or week (from Monday) that holds an instant, in the site's zone."""
    moment = datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(zone)
    hour = {"hour": moment.hour, "shift": moment.hour // 8 * 8}.get(every, 0)
    start = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    if every == "week":
        start -= timedelta(days=start.weekday())
    return int(start.astimezone(UTC).timestamp()) * 1_000_000


def last_points(found: Control, most: int) -> Control:
    """The chart as it is judged, shown with its last points only."""
    cut = max(0, len(found.points) - most)
    if not cut or not found.panels:
        return found
    panels, signals = [], []
    for panel, said in zip(found.panels, found.signals, strict=True):
        drop = max(0, len(panel.points) - most)
        panels.append(
            replace(
                panel,
                points=panel.points[drop:],
                lower=panel.lower[drop:],
                upper=panel.upper[drop:],
                sigma=panel.sigma[drop:],
            )
        )
        signals.append(
            tuple(Signal(one.rule, one.point - drop, max(0, one.first - drop)) for one in said if one.point >= drop)
        )
    return replace(
        found, panels=tuple(panels), points=found.points[cut:], signals=tuple(signals), before=found.before + cut
    )


def signals_at(found: Control, rule: str, at: int, panel: int = 0) -> list[Signal]:
    """The signals that a rule gave at an instant: several where units of a panel were measured at once."""
    said = found.signals[panel] if panel < len(found.signals) else ()
    return [one for one in said if one.rule == rule and found.at(one, panel) == at]


def units_at(found: Control, rule: str, at: int, panel: int = 0) -> BitMap:
    """The units that a hold would stop: those of the points that belong to these signals."""
    return BitMap().union(*(found.units_of(one, panel) for one in signals_at(found, rule, at, panel)))
