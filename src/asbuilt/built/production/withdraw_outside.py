"""Withdrawing what left for a subcontractor and what came back: the row is closed; where only a part of a span goes, the rest
stands anew from that entry on. A note holds a unit once, so note and units say which rows are meant."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

SENT = ("note", "party", "step", "side", "transport", "operator", "sent_at")
BACK = ("note", "result", "started_at", "finished_at", "operator", "back_at")
NOTE = 2  # its place among the values of either shape


def withdraw_sent(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> tuple[BitMap, set[str]]:
    """These units did not leave with these notes; returns the units and the notes."""
    return _cut_all(entry, "production_sent_out", SENT, gone)


def withdraw_back(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> None:
    """These units did not come back with these notes: they are outside again."""
    _cut_all(entry, "production_taken_back", BACK, gone)


def _cut_all(entry: Entry, table: str, columns: tuple[str, ...], gone) -> tuple[BitMap, set[str]]:
    by_note: dict[str, BitMap] = {}
    for fact, spans in gone:
        note = fact.values[NOTE]
        by_note[note] = by_note.get(note, BitMap()) | bitmap_of(spans)
    units = BitMap()
    for note, leaving in by_note.items():
        units |= leaving
        _cut(entry, table, columns, note, leaving)
    return units, set(by_note)


def _cut(entry: Entry, table: str, columns: tuple[str, ...], note: str, leaving: BitMap) -> None:
    sql = (
        f"SELECT first_unit, until_unit, entry, {', '.join(columns)} FROM {table} WHERE tenant = %s AND note = %s "
        "AND first_unit < %s AND until_unit > %s AND until_entry IS NULL"
    )
    closed, left = [], []
    for first, until, since, *said in reading.fetch(sql, (entry.tenant, note, leaving.max() + 1, leaving.min())):
        rest = BitMap(range(first, until)) - leaving
        if len(rest) == until - first:
            continue
        closed.append((entry.number, entry.tenant, first, note, since))
        left += [(entry.tenant, low, high, entry.number, *said) for low, high in spans_of(rest)]
    sql = f"UPDATE {table} SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND note = %s AND entry = %s"
    bulk.run_many(sql, closed)
    bulk.insert_rows(table, ("tenant", "first_unit", "until_unit", "entry", *columns), left)
