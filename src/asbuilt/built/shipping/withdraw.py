"""Withdrawing shipment lines: a line is closed; where only a part of it goes, the line is cut, and what is left stands as it stood."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "first_unit", "shipment", "entry", "until_unit", "shipped_at", "placed_at", "until_entry")


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
        "SELECT l.first_unit, l.until_unit, l.shipment, l.entry, l.shipped_at, l.placed_at FROM shipping_line l "
        "JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment WHERE s.tenant = %s AND s.code = %s "
        "AND l.first_unit < %s AND l.until_unit > %s AND l.until_entry IS NULL"
    )
    first_pieces, others = [], []
    for first, until, shipment, since, shipped, placed in reading.fetch(
        sql, (entry.tenant, code, leaving.max() + 1, leaving.min())
    ):
        line = BitMap(range(first, until))
        gone = line & leaving
        if not gone:
            continue
        pieces = sorted(
            [(*span, entry.number) for span in spans_of(gone)] + [(*span, None) for span in spans_of(line - gone)]
        )
        _, end, closed = pieces[0]
        first_pieces.append((end, closed, entry.tenant, first, shipment, since))
        others += [
            (entry.tenant, low, shipment, since, high, shipped, placed, closed) for low, high, closed in pieces[1:]
        ]
    sql = "UPDATE shipping_line SET until_unit = %s, until_entry = %s WHERE tenant = %s AND first_unit = %s AND shipment = %s AND entry = %s"
    bulk.run_many(sql, first_pieces)
    bulk.insert_rows("shipping_line", COLUMNS, others)
