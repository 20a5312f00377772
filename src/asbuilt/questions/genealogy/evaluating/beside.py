"""What lies beside the runs that a question speaks of, in one statement: four small reads cost more on their way than at work.

Runs of other packages at the same groups, groups that share positions with others, positions without a run, units into which such a
package went later, and the labels of the groups.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from pyroaring import BitMap

from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

RUN_COLUMNS = (
    'r.work_order, r."group", r.first_unit, r.until_unit, r.package, r.certain, r.units, r.growth, r.machine, r.feeder'
)
_RUN, _MEETING, _LABEL, _HOLE, _REPLACED = range(5)

Place = tuple[int, int, int, int]  # order, group, first unit and behind the last


@dataclass
class Beside:
    """`runs` are rows that begin with RUN_COLUMNS, of any package; `meetings` (order, group, other); `holes` (order, group, first, until, units)."""

    runs: list[tuple] = field(default_factory=list)
    meetings: list[tuple] = field(default_factory=list)
    holes: list[tuple] = field(default_factory=list)
    replaced: BitMap = field(default_factory=BitMap)


def beside(
    view: View, places: Collection[Place], packages: Iterable[int], parts: Iterable[int] | None, ever: bool
) -> Beside:
    """All of it, over these places, for these packages and the parts that admit them (None: all); `ever` for what came out too.

    The holes are those of now: as of an entry there are none here. One statement.
    """
    orders = reading.list_param({place[0] for place in places})
    tenant, listed = view.tenant, reading.list_param(packages)
    params = [*reading.integer_rows(places or [(0, 0, 0, 0)]), tenant, tenant, orders]
    params += [tenant, reading.list_param({place[1] for place in places})]
    if view.entry is None:
        params += [tenant] if parts is None else [tenant, reading.list_param(parts)]
    params += [tenant, listed] * (2 if ever else 1)
    sql = _sql(reading.vendor(), view.seen("r"), view.seen("p"), view.entry is None, parts is None, ever)
    found, labels = Beside(), {}
    for row in reading.fetch(sql, (*params, tenant)):
        kind = row[11]
        if kind == _RUN:
            found.runs.append(row)
        elif kind == _MEETING:
            found.meetings.append(row[:3])
        elif kind == _LABEL:
            labels[row[1]] = row[10]
        elif kind == _HOLE:
            found.holes.append((*row[:4], row[6]))
        else:
            found.replaced.add(row[2])
    view.groups.told(labels)
    return found


@lru_cache(64)
def _sql(vendor: str, runs_seen: str, replaced_seen: str, now: bool, any_part: bool, ever: bool) -> str:
    named = reading.integers_table("s", "work_order", "part", "low", "high")
    there = 'r.tenant = %s AND r.work_order = s.work_order AND r."group" = s.part AND r.first_unit < s.high AND r.until_unit > s.low'
    runs = reading.each("r", "production_material_run", there + runs_seen)
    nothing = "NULL, NULL, NULL"
    parts = [
        f"SELECT {RUN_COLUMNS}, CAST(NULL AS text), {_RUN} FROM {named} {runs}",
        f'SELECT m.work_order, m."group", m.other, 0, 0, 0, NULL, {nothing}, NULL, {_MEETING} '
        f"FROM production_group_meeting m WHERE m.tenant = %s AND {reading.any_of('m.work_order')}",
        f"SELECT 0, g.number, 0, 0, 0, 0, NULL, {nothing}, g.label, {_LABEL} "
        f"FROM catalog_position_group g WHERE g.tenant = %s AND {reading.any_of('g.number')}",
    ]
    if now:
        parts.append(
            f'SELECT h.work_order, h."group", h.first_unit, h.until_unit, 0, 0, h.units, {nothing}, NULL, {_HOLE} '
            f"FROM production_material_hole h WHERE h.tenant = %s{'' if any_part else ' AND ' + reading.any_of('h.part')}"
        )
    replaced = f"SELECT 0, 0, p.unit, 0, 0, 0, NULL, {nothing}, NULL, {_REPLACED} FROM production_replacement p WHERE p.tenant = %s AND "
    for column in ("p.installed", "p.removed") if ever else ("p.installed",):
        parts.append(replaced + reading.any_of(column) + replaced_seen)
    parts.append(f"{replaced}p.installed IS NULL{replaced_seen}")
    return " UNION ALL ".join(parts)
