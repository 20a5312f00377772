"""Holes: built units of an order that have no material run at a position of its BOM, or only one package that is possible.

Beside a lone possible package stands an unknown candidate, so the record is silent about every other lot there (design,
section 6). Kept as runs so that *unrecorded* costs no complement when a question is asked (reference/genealogy.md). They are a projection
of now: computed anew for an order whenever its materials or states change.
"""

from pyroaring import BitMap

from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.other_parts import keep_others
from asbuilt.built.production.runs import Run, runs_of_order
from asbuilt.built.production.states import built_units
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.spans import pack
from asbuilt.storage import bulk

COLUMNS = ("tenant", "part", "work_order", "group", "first_unit", "until_unit", "units")


def position_classes(
    groups: PositionGroups, wanted: tuple[str, ...], used: set[int]
) -> dict[tuple[int, ...], list[str]]:
    """The wanted positions, put together where the same groups hold them: groups -> positions."""
    holding: dict[str, list[int]] = {position: [] for position in wanted}
    for group in sorted(used):
        for position in groups.positions(group):
            if position in holding:
                holding[position].append(group)
    classes: dict[tuple[int, ...], list[str]] = {}
    for position, of in holding.items():
        classes.setdefault(tuple(of), []).append(position)
    return classes


def holes(
    tenant: int, order: OrderRow, runs: list[Run], groups: PositionGroups, built: BitMap, as_of: int | None = None
):
    """(part, positions, units) for each class of positions where some built units have a hole."""
    sure: dict[int, BitMap] = {}
    by_group: dict[int, list[Run]] = {}
    for run in runs:
        by_group.setdefault(run.group, []).append(run)
        if run.certain:
            sure.setdefault(run.group, BitMap()).update(run.units)
    for line in bom_lines(tenant, order.bom, as_of):
        wanted = groups.positions(line.group)
        if line.group in sure and not built - sure[line.group]:
            continue
        for held, positions in position_classes(groups, wanted, set(by_group)).items():
            missing = built - _answered([run for group in held for run in by_group[group]])
            if missing:
                yield line.part, tuple(positions), missing


def _answered(runs: list[Run]) -> BitMap:
    """Units whose candidates are all known: one is certain, or two packages or more are possible."""
    packages: dict[int, BitMap] = {}
    sure = BitMap()
    for run in runs:
        packages.setdefault(run.package, BitMap()).update(run.units)
        if run.certain:
            sure |= run.units
    once, more = BitMap(), BitMap()
    for units in packages.values():
        more |= once & units
        once |= units
    return sure | more


def recompute_holes(tenant: int, order: OrderRow, groups: PositionGroups | None = None) -> None:
    """Write the holes of an order as they are now, and what stands where its BOM takes another part."""
    groups = groups or PositionGroups(tenant)
    built = built_units(tenant, order.blocks)
    runs = runs_of_order(tenant, order.number)
    found = list(holes(tenant, order, runs, groups, built))
    bulk.run("DELETE FROM production_material_hole WHERE tenant = %s AND work_order = %s", (tenant, order.number))
    rows = (
        (tenant, part, order.number, groups.intern(positions), units.min(), units.max() + 1, pack(units))
        for part, positions, units in found
    )
    bulk.insert_rows("production_material_hole", COLUMNS, rows)
    keep_others(tenant, order, runs, groups)
