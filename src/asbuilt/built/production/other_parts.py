"""Other parts: packages that a run or a replacement names at a position where the BOM of the order takes another part of ours.

Feeders and benches refuse them; machines and tables tell what was mounted, and it is recorded as it was. Kept by order, package and position,
so that the gate needs one look for a unit: mostly there is no row. Like holes a projection of now, counted anew with them; whether a unit has
the package there still, and what lets it be there all the same, is asked where it matters.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.runs import Run
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "work_order", "package", "refdes")


class OtherPart(NamedTuple):
    """A package at a position of an order whose BOM takes another part there."""

    work_order: int
    package: int
    refdes: str


def wanted_at(tenant: int, bom: int, groups: PositionGroups, as_of: int | None = None) -> dict[str, set[int]]:
    """Position -> the parts that a BOM version takes there, now or as known at an entry. One statement, two where groups are new to `groups`."""
    lines = bom_lines(tenant, bom, as_of)
    groups.look_at({line.group for line in lines})
    found: dict[str, set[int]] = {}
    for line in lines:
        for position in groups.positions(line.group):
            found.setdefault(position, set()).add(line.part)
    return found


def others_of(tenant: int, order: OrderRow, runs: Iterable[Run], groups: PositionGroups) -> set[tuple[int, str]]:
    """(package, position) of an order where its BOM takes another part, of these runs and its replacements. Four statements."""
    placed = {(run.group, run.package) for run in runs}
    groups.look_at({group for group, _ in placed})
    put_in = set()
    sql = (
        "SELECT DISTINCT r.refdes, r.installed FROM production_replacement r WHERE r.tenant = %s AND r.unit >= %s AND r.unit < %s "
        "AND r.installed IS NOT NULL AND r.until_entry IS NULL"
    )
    for first, until in order.blocks:
        put_in.update(reading.fetch(sql, (tenant, first, until)))
    if not placed and not put_in:
        return set()
    wanted = wanted_at(tenant, order.bom, groups)
    part = _parts(tenant, {package for _, package in (*placed, *put_in)})
    at = {(groups.positions(group), package) for group, package in placed}
    at.update(((refdes,), package) for refdes, package in put_in)
    return {
        (package, refdes)
        for positions, package in at
        for refdes in positions
        if (meant := wanted.get(refdes)) and part[package] not in meant
    }


def keep_others(tenant: int, order: OrderRow, runs: Sequence[Run], groups: PositionGroups) -> None:
    """Write the other parts of an order as they are now."""
    sql = "SELECT package, refdes FROM production_other_part WHERE tenant = %s AND work_order = %s"
    before, now = set(reading.fetch(sql, (tenant, order.number))), others_of(tenant, order, runs, groups)
    if before == now:
        return
    bulk.run("DELETE FROM production_other_part WHERE tenant = %s AND work_order = %s", (tenant, order.number))
    bulk.insert_rows("production_other_part", COLUMNS, ((tenant, order.number, *one) for one in sorted(now)))


def others_kept(tenant: int, orders: Iterable[int]) -> list[OtherPart]:
    """The other parts of these orders. One statement."""
    sql = "SELECT work_order, package, refdes FROM production_other_part WHERE tenant = %s AND " + reading.any_of(
        "work_order"
    )
    return [OtherPart(*row) for row in reading.fetch(sql, (tenant, reading.list_param(sorted(set(orders)))))]


def note_put_in(
    tenant: int, order: OrderRow, put_in: set[tuple[int, str]], groups: PositionGroups
) -> set[tuple[int, str]]:
    """Keep those of these (package, position), put in on units of an order, that are of another part; returns them. Two statements, four where
    there are some."""
    wanted, part = wanted_at(tenant, order.bom, groups), _parts(tenant, {package for package, _ in put_in})
    found = {
        (package, refdes) for package, refdes in put_in if part[package] not in wanted.get(refdes, {part[package]})
    }
    if found:
        sql = "SELECT package, refdes FROM production_other_part WHERE tenant = %s AND work_order = %s"
        new = found - set(reading.fetch(sql, (tenant, order.number)))
        bulk.insert_rows("production_other_part", COLUMNS, ((tenant, order.number, *one) for one in sorted(new)))
    return found


def _parts(tenant: int, packages: Iterable[int]) -> dict[int, int]:
    sql = "SELECT number, part FROM supply_package WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (tenant, reading.list_param(sorted(packages)))))
