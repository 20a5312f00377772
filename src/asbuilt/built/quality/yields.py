"""Yields: what passed at the first go, by product, line and step; defects in a million opportunities; which tester is silent.

    yields(actor, since=…, until=…, by=("line", "step"))   -> Yields

First-pass yield counts units by their first run of a plan that ended as pass or fail, whatever came later; rolled throughput yield is the
product over the plans of a group. An opportunity for a defect is a placed component: a unit's positions of its BOM. IPC-7912, IPC-9261.
A step without any run in the time is not 100 %: where it had runs in the five days before, it is said when the last one was.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality.defects import FOUND_IN
from asbuilt.built.quality.process_control import whole
from asbuilt.built.quality.series import FIRST_RUN, lines_over_time
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines, product_codes
from asbuilt.kernel.capability import defects_per_million, first_pass_yield, rolled_throughput_yield
from asbuilt.kernel.distributions import share_limits
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import DAY_US
from asbuilt.storage import reading

BY = ("product", "line", "step", "station")
RUNS_MAX = 1_000_000


@dataclass(frozen=True)
class YieldRow:
    """A group: its values in the order of `by`, units that began and passed, and its limits of confidence; defects and opportunities."""

    group: tuple[str, ...]
    began: int
    passed: int
    defects: int
    opportunities: int
    rolled: float | None
    steps: int

    @property
    def fpy(self) -> float | None:
        """First-pass yield; where a group has several steps, over all their first runs."""
        return first_pass_yield(self.passed, self.began)

    @property
    def fpy_limits(self) -> tuple[float, float]:
        """Between which the true one lies (95 %, exact)."""
        return share_limits(self.passed, self.began)

    @property
    def dpmo(self) -> float | None:
        """Defects in a million opportunities."""
        return defects_per_million(self.defects, self.opportunities)


@dataclass(frozen=True)
class Silent:
    """A plan at a station that had runs in the days before and has none in the time asked for."""

    step: str
    station: str
    last_at: int


@dataclass(frozen=True)
class Yields:
    """Groups, the worst first; `whole` all together; silent testers; whether there were more runs than are counted."""

    by: tuple[str, ...]
    rows: tuple[YieldRow, ...]
    whole: YieldRow
    silent: tuple[Silent, ...]
    cut: bool


def yields(actor: Actor, *, since: int, until: int, by: Sequence[str] = ("step",), product: str = "") -> Yields:
    """Of runs that ended in [since, until). Invalid: nothing to group by. Up to seven statements."""
    whole(actor)
    strange = [name for name in by if name not in BY]
    if strange or not by:
        said = f"{(strange or ['nothing'])[0][:40]} is nothing to group yields by."
        raise Invalid("quality.yield_group", said, {"field": "by"}, f"One or more of {', '.join(BY)}.")
    with reading.snapshot():
        rows = _rows(actor.tenant, since, until)
        said = _Said(actor.tenant, rows)
        if product:
            rows = [row for row in rows if said.product(row[0]) == product]
        groups: dict[tuple, list[tuple]] = defaultdict(list)
        for row in rows:
            groups[tuple(said.value(name, row) for name in by)].append(row)
        found = [_row(said, group, of_it) for group, of_it in groups.items()]
        silent = _silent(actor.tenant, since, until)
    found.sort(key=lambda one: (one.fpy if one.fpy is not None else 2, -one.began, one.group))
    return Yields(tuple(by), tuple(found), _row(said, (), rows), tuple(silent), len(rows) >= RUNS_MAX)


def _rows(tenant: int, since: int, until: int) -> list[tuple]:
    """(unit, plan, station, outcome, defects, finished_at) of first runs. One statement a plan, each by its time."""
    sql = (
        f"SELECT t.unit, t.plan, t.station, t.outcome, {FOUND_IN}, t.finished_at FROM quality_test_run t WHERE t.tenant = %s AND t.plan = %s "
        f"AND t.finished_at >= %s AND t.finished_at < %s AND t.outcome IN (0, 1) AND t.until_entry IS NULL{FIRST_RUN} LIMIT {RUNS_MAX}"
    )
    found: list[tuple] = []
    for plan in FloorNames(tenant).known("plan").values():
        found += reading.fetch(sql, (tenant, plan, since, until))
    return found[:RUNS_MAX]


class _Said:
    """What the units and names of some rows are called; read once."""

    def __init__(self, tenant: int, rows: Iterable[tuple]):
        self.tenant = tenant
        rows = list(rows)
        self.names = FloorNames(tenant).names({number for row in rows for number in row[1:3]})
        self.line = lines_over_time(tenant)
        self.codes = product_codes(tenant)
        units = [row[0] for row in rows]
        sql = (
            "SELECT first_unit, until_unit, product, bom FROM production_block WHERE tenant = %s AND first_unit <= %s AND until_unit > %s "
            "AND until_entry IS NULL ORDER BY first_unit"
        )
        self.blocks = reading.fetch(sql, (tenant, max(units), min(units))) if units else []
        self._at = 0
        self._opportunities: dict[int, int] = {}
        self._groups = PositionGroups(tenant)

    def _block(self, unit: int) -> tuple | None:
        """The block of a unit; rows come in no order, but neighbours often follow each other."""
        block = self.blocks[self._at] if self.blocks else None
        if block is None or not block[0] <= unit < block[1]:
            low, high = 0, len(self.blocks)
            while low < high:
                middle = (low + high) // 2
                low, high = (middle + 1, high) if self.blocks[middle][0] <= unit else (low, middle)
            self._at = max(0, low - 1)
            block = self.blocks[self._at] if self.blocks else None
        return block if block and block[0] <= unit < block[1] else None

    def product(self, unit: int) -> str:
        """The code of the unit's product."""
        block = self._block(unit)
        return self.codes.get(block[2], "") if block else ""

    def opportunities(self, unit: int) -> int:
        """The positions of the unit's BOM. One statement a BOM version."""
        block = self._block(unit)
        if block is None:
            return 0
        if block[3] not in self._opportunities:
            lines = bom_lines(self.tenant, block[3])
            self._opportunities[block[3]] = len({p for line in lines for p in self._groups.positions(line.group)})
        return self._opportunities[block[3]]

    def value(self, name: str, row: tuple) -> str:
        """What a row is grouped under; empty where the record does not say."""
        if name == "product":
            return self.product(row[0])
        if name == "step":
            return self.names.get(row[1], "")
        station = self.names.get(row[2], "")
        return station if name == "station" else self.line(station, row[5])


def _row(said: _Said, group: tuple[str, ...], rows: Sequence[tuple]) -> YieldRow:
    by_step: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    defects = opportunities = 0
    for unit, plan, _, outcome, found, _ in rows:
        by_step[plan][0] += 1
        by_step[plan][1] += outcome == 0
        defects += found
        opportunities += said.opportunities(unit)
    shares = [passed / began for began, passed in by_step.values()]
    began, passed = (sum(pair[n] for pair in by_step.values()) for n in (0, 1))
    rolled = rolled_throughput_yield(shares) if shares else None
    return YieldRow(group, began, passed, defects, opportunities, rolled, len(by_step))


def _silent(tenant: int, since: int, until: int) -> list[Silent]:
    sql = (
        "SELECT t.station, max(t.finished_at) FROM quality_test_run t WHERE t.tenant = %s AND t.plan = %s AND t.finished_at >= %s "
        "AND t.finished_at < %s AND t.until_entry IS NULL GROUP BY t.station HAVING max(t.finished_at) < %s"
    )
    found = []
    plans = FloorNames(tenant).known("plan")
    for name, plan in sorted(plans.items()):
        for station, last in reading.fetch(sql, (tenant, plan, since - 5 * DAY_US, until, since)):
            found.append((name, station, last))
    names = FloorNames(tenant).names(station for _, station, _ in found)
    return sorted(
        (Silent(step, names.get(station, ""), last) for step, station, last in found), key=lambda one: -one.last_at
    )
