"""Withdrawing shipment lines: a line is closed; where only a part goes, what is left stands anew from that entry."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "first_unit", "shipment", "entry", "until_unit", "shipped_at", "placed_at")


def withdraw_lines(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> BitMap:
    """Take these units out of the lines of these facts; returns the units."""
    by_shipment: dict[str, BitMap] = {}
    for fact, spans in gone:
        by_shipment[fact.values[0]] = by_shipment.get(fact.values[0], BitMap()) | bitmap_of(spans)
    units = BitMap()
    for code, leaving in by_shipment.items():
        _cut(entry, code, leaving)
        units |= leaving
    return units


def _cut(entry: Entry, code: str, leaving: BitMap) -> None:
    # a shipment holds a unit once, so the units alone say which lines are meant
    sql = (
        "SELECT l.first_unit, l.shipment, l.entry, l.until_unit, l.shipped_at, l.placed_at FROM shipping_line l "
        "JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment WHERE s.tenant = %s AND s.code = %s "
        "AND l.first_unit < %s AND l.until_unit > %s AND l.until_entry IS NULL"
    )
    closed, left = [], []
    for first, shipment, since, until, shipped, placed in reading.fetch(
        sql, (entry.tenant, code, leaving.max() + 1, leaving.min())
    ):
        rest = BitMap(range(first, until)) - leaving
        if len(rest) == until - first:
            continue
        closed.append((entry.number, entry.tenant, first, shipment, since))
        left += [(entry.tenant, low, shipment, entry.number, high, shipped, placed) for low, high in spans_of(rest)]
    sql = "UPDATE shipping_line SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND shipment = %s AND entry = %s"
    bulk.run_many(sql, closed)
    bulk.insert_rows("shipping_line", COLUMNS, left)
