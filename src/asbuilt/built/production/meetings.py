"""Meetings: position groups with runs on one order that share a position without being the same group.

Runs at one group are candidates at the positions of the other, so a question looks at both. On most orders every run speaks of
whole BOM lines and no groups meet; kept, so that a question need not read every group of every order it touches. A
projection of all runs that an order ever had: withdrawn runs count too, since --as-of may look at them.
"""

from collections.abc import Iterable, Iterator

from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "work_order", "group", "other")


def meetings(groups: PositionGroups, used: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of these groups that share a position, both ways round. One statement."""
    used = sorted(used)
    groups.look_at(used)
    holding: dict[str, list[int]] = {}
    for group in used:
        for position in groups.positions(group):
            holding.setdefault(position, []).append(group)
    return {
        (one, other) for held in holding.values() if len(held) > 1 for one in held for other in held if one != other
    }


def groups_ever(tenant: int, work_order: int) -> list[int]:
    """The groups at which an order has runs, or had them. One statement."""
    sql = 'SELECT DISTINCT "group" FROM production_material_run WHERE tenant = %s AND work_order = %s'
    return [group for (group,) in reading.fetch(sql, (tenant, work_order))]


def meetings_of_orders(tenant: int, orders: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """(order, group, other) of these orders as kept. One statement, none without an order."""
    wanted = list(orders)
    sql = 'SELECT m.work_order, m."group", m.other FROM production_group_meeting m WHERE m.tenant = %s AND '
    if wanted:
        yield from reading.fetch(sql + reading.any_of("m.work_order"), (tenant, reading.list_param(wanted)))


def note_meetings(tenant: int, work_order: int, groups: PositionGroups) -> None:
    """Keep the meetings of an order, after runs at groups that are new to it were written."""
    known = {(group, other) for _, group, other in meetings_of_orders(tenant, [work_order])}
    found = meetings(groups, groups_ever(tenant, work_order)) - known
    bulk.insert_rows("production_group_meeting", COLUMNS, ((tenant, work_order, *pair) for pair in sorted(found)))
