"""The units that were built under a deviation.

A deviation speaks of the units of its product, order or places that were worked on while it was in force: a process run of them lies in
that time, or a material run where they have no process run. Units of its scope of which no time is known count while it is in force; units that were finished before it do not.
"""

from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders
from asbuilt.designed.changes.events import LINE
from asbuilt.designed.changes.qualifying.deviations import Deviation, granted_for
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.ledger.facts import FactRow, fact_row
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def scope_of(tenant: int, one: Deviation) -> list[tuple[int, int]]:
    """The spans of units that a deviation may speak of, whenever they are built. One statement, two with an order."""
    if one.order:
        order = Orders(tenant).by_code(one.order)
        if order is None:
            return []
        return order.spans_between(one.first, one.last) if one.first else list(order.blocks)
    sql = (
        "SELECT b.first_unit, b.until_unit FROM production_block b JOIN catalog_product p ON p.tenant = b.tenant "
        "AND p.number = b.product WHERE b.tenant = %s AND p.code = %s AND b.until_entry IS NULL"
    )
    return reading.fetch(sql, (tenant, one.product))


def units_under(view: View, one: Deviation, among: BitMap | None = None) -> BitMap:
    """The units (of these, or of all) that were or are built under a deviation; none where it was never granted. Three statements."""
    if one.granted_at is None:
        return BitMap()
    scope = bitmap_of(scope_of(view.tenant, one))
    units = scope if among is None else scope & among
    if not units:
        return units
    within, timed, left = BitMap(), BitMap(), units
    # a material run keeps the time of its first unit alone: it counts for units without a process run
    for table, start, end in (
        ("production_process_run", "t.started_at", "t.finished_at"),
        ("production_material_run", "t.happened_at", "t.happened_at"),
    ):
        columns = f"t.first_unit, t.until_unit, {start}, {end}"
        rows = view.rows_reached(columns, table, view.reaches(left), f" AND {start} IS NOT NULL") if left else []
        within |= left & bitmap_of(
            (first, until) for first, until, began, ended in rows if began < one.ends_at and ended >= one.granted_at
        )
        timed |= left & bitmap_of((first, until) for first, until, _, _ in rows)
        left = units - timed
    # of what has no time yet, nothing was built: planned units come under it while it is in force
    open_now = units - timed if one.in_force(clock.now()) else BitMap()
    return (units & within) | open_now


def deviations_over(view: View, units: BitMap, products: Iterable[str]) -> list[tuple[Deviation, BitMap]]:
    """The deviations that some of these units (of these products) were built under, with which. One statement where there is none."""
    found = []
    for one in granted_for(view.tenant, products):
        mine = units_under(view, one, units)
        if mine:
            found.append((one, mine))
    return found


def deviation_facts(view: View, found: Sequence[Deviation]) -> list[FactRow]:
    """The facts that propose, agree to, grant and end these deviations, for a certificate."""
    return [fact_row(view.tenant, line.entry, LINE.name, line.row) for one in found for line in one.lines]
