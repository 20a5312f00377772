"""With which entry packages came onto units: what came after a concession was agreed to, nobody agreed to.

came_on(view, units, {7, 9})     -> {unit: entry}
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from pyroaring import BitMap

from asbuilt.built.production.runs import growth_steps
from asbuilt.kernel.spans import unpack
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def came_on(
    view: View, units: BitMap, packages: Collection[int], positions: Collection[str] | None = None
) -> dict[int, int]:
    """Unit -> the entry with which the last of these packages was first said of it, at these positions (None: any); what was corrected since for others
    came no later. Two statements, none where there are no units."""
    if not units:
        return {}
    came: dict[int, int] = {}
    for rows in _said(view, units, packages, positions).values():
        seen = BitMap()
        for entry, some in sorted(rows, key=lambda row: row[0]):
            came |= {unit: max(entry, came.get(unit, 0)) for unit in some - seen}
            seen |= some
    return came


def _said(
    view: View, units: BitMap, packages: Collection[int], positions: Collection[str] | None
) -> dict[tuple, list[tuple[int, BitMap]]]:
    """(package, where) -> (entry, which of the units it was said of), of rows that stand and of those that do not any more."""
    found = defaultdict(list)
    for where, entry, some in (*_runs(view, units, packages, positions), *_put_in(view, units, packages, positions)):
        found[where].append((entry, some))
    return found


def _runs(
    view: View, units: BitMap, packages: Collection[int], positions: Collection[str] | None
) -> Iterator[tuple[tuple, int, BitMap]]:
    orders = sorted({block.order for block, _, _ in view.reaches(units)})
    sql = 'SELECT r.package, r."group", r.entry, r.first_unit, r.until_unit, r.units, r.growth FROM production_material_run r WHERE r.tenant = %s AND '
    sql += f"{reading.any_of('r.work_order')} AND {reading.any_of('r.package')}"
    params = (view.tenant, reading.list_param(orders), reading.list_param(sorted(packages)))
    for package, group, entry, first, until, packed, growth in reading.fetch(sql, params):
        if positions is not None and view.groups.held(group).isdisjoint(positions):
            continue
        whole = unpack(first, until, packed)
        for grown_at, more in growth_steps(growth):
            yield (package, group), grown_at, more & units
            whole -= more
        yield (package, group), entry, whole & units


def _put_in(
    view: View, units: BitMap, packages: Collection[int], positions: Collection[str] | None
) -> Iterator[tuple[tuple, int, BitMap]]:
    sql = "SELECT r.installed, r.refdes, r.entry, r.unit FROM production_replacement r WHERE r.tenant = %s AND r.unit >= %s AND r.unit <= %s AND "
    params = (view.tenant, units.min(), units.max(), reading.list_param(sorted(packages)))
    for package, refdes, entry, unit in reading.fetch(sql + reading.any_of("r.installed"), params):
        if unit in units and (positions is None or refdes in positions):
            yield (package, refdes), entry, BitMap([unit])
