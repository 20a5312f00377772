"""Rebuilding the projections from the facts that stand, and naming what differs from the typed tables.

Registered with `ledger verify` in apps.py. What is compared is what the tables say at every entry, so that --as-of is covered too.
Memory holds one order, or one window of 65,536 units, at a time. Random identifiers (ULIDs) follow from no fact and are not
compared; names of people can be erased and are not either.
"""

from collections.abc import Iterator

from asbuilt.built.exchange import rebuilding_plans, rebuilding_records
from asbuilt.built.exchange.rebuilding_names import Names
from asbuilt.built.exchange.rebuilding_outside import OUTSIDE_TABLES
from asbuilt.built.exchange.rebuilding_sboms import identities, sboms
from asbuilt.built.exchange.rebuilding_units import OFTEN, UNIT_TABLES, Facts
from asbuilt.built.exchange.standing_compared import compare
from asbuilt.built.production.orders import AS_GIVEN, Orders
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.checks.report import Finding
from asbuilt.storage import reading

WINDOW_UNITS = 1 << 16
_SMALL = {
    "programming_record",
    "quality_test_run",
    "production_unit_name",
    "programming_firmware_run",
    "quality_outcome_run",
}


def rebuild_plans(tenant: int) -> Iterator[Finding]:
    """What is meant to be built, packages, orders, releases, shipments, programmed packages."""
    yield from rebuilding_plans.plain(tenant)
    yield from sboms(tenant)
    yield from identities(tenant)
    known = Names(tenant)
    yield from compare("programming_package", *rebuilding_records.packages_programmed(tenant, known))
    yield from compare("shipping_shipment", *rebuilding_records.shipments(tenant, known))
    yield from compare("shipping_former_address", *rebuilding_records.former_addresses(tenant, known))


def rebuild_units(tenant: int) -> Iterator[Finding]:
    """What is known of units, and rows that lie on no unit of any order."""
    known, facts, name = Names(tenant), Facts(tenant), _namer(tenant)
    tables = {**UNIT_TABLES, **OUTSIDE_TABLES, **rebuilding_records.RECORD_TABLES}
    spans = _blocks(tenant)
    for table, (_, check) in tables.items():
        for span in _windows(spans) if table in _SMALL else spans:
            yield from compare(table, *check(facts, known, span), name, once=table not in OFTEN)
    for table, (column, _) in tables.items():
        yield from _outside(tenant, table, column, spans)


def rebuild_holes(tenant: int) -> Iterator[Finding]:
    """Units without a known package at a position, packages where the BOM takes another part, and groups that share a position."""
    known, name = Names(tenant), _namer(tenant)
    for expected, found in rebuilding_records.material_holes(tenant, known):
        yield from compare("production_material_hole", expected, found, name)
    yield from compare("production_other_part", *rebuilding_records.other_parts(tenant, known))
    yield from compare("production_group_meeting", *rebuilding_records.group_meetings(tenant, known))


def _blocks(tenant: int) -> list[Span]:
    """The units of each block, withdrawn ones too, by the facts; an order that was corrected counts once.

    Where a block was cut once, no stored span goes over the cut, neither before nor after.
    """
    found: dict[int, int] = {}
    cuts = sorted(rebuilding_plans.block_cuts(tenant))
    for piece in rebuilding_plans.blocks(tenant):
        for first, until in spans_of(piece.units):
            ends = [first, *(cut for cut in cuts if first < cut < until), until]
            for low, high in zip(ends, ends[1:], strict=False):
                found[low] = max(found.get(low, 0), high)
    return sorted(found.items())


def _windows(spans: list[Span]) -> Iterator[Span]:
    for low, high in _joined(spans):
        for first in range(low, high, WINDOW_UNITS):
            yield first, min(first + WINDOW_UNITS, high)


def _joined(spans: list[Span]) -> list[Span]:
    return spans_of(bitmap_of(spans))


def _outside(tenant: int, table: str, column: str | None, spans: list[Span]) -> Iterator[Finding]:
    if column is None:
        first, last = "first_unit", "until_unit - 1"
    else:
        first = last = column
    sql = f"SELECT {first}, {last} FROM {table} WHERE tenant = %s AND NOT ({{}})"
    joined = _joined(spans) or [(0, 0)]
    low, high = joined[0][0], joined[-1][1]
    rows = reading.fetch(sql.format(f"{first} >= %s AND {last} < %s"), (tenant, low, high))
    for before, after in zip(joined, joined[1:], strict=False):
        near = f"SELECT {first}, {last} FROM {table} WHERE tenant = %s AND {first} >= %s AND {first} < %s"
        rows += reading.fetch(near, (tenant, before[1], after[0]))
    for unit, _ in rows:
        what = f"{table} has a row that begins at unit {unit} and leaves the units of all orders."
        yield Finding("ledger.projection_row_unrecorded", what, {"table": table, "units": [[unit, unit + 1]]})


def _namer(tenant: int):
    orders = Orders(tenant)
    sql = (
        "SELECT n.value FROM production_unit_name n WHERE n.tenant = %s AND n.unit = %s AND n.kind = 0 "
        f"AND n.until_entry IS NULL ORDER BY {AS_GIVEN}"
    )

    def name(unit: int) -> str:
        rows = reading.fetch(sql, (tenant, unit))
        order = None if rows else orders.of_unit(unit)
        return rows[-1][0] if rows else f"{order.code}#{order.place_of(unit)}" if order else f"unit {unit}"

    return name
