"""Where a statement comes from: the recorded facts about units, each with its id, its entry and the file it arrived in.

Pages show these beside what they say, so that a fact that is wrong can be named and withdrawn. Facts that were withdrawn
are kept apart. A party reader's view leaves out shipments that are none of his party's business.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from asbuilt.built.production import events as production
from asbuilt.built.programming import events as programming
from asbuilt.built.quality import events as quality
from asbuilt.built.shipping import events as shipping
from asbuilt.built.supply import events as supply
from asbuilt.designed.firmware import events as firmware
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of
from asbuilt.ledger.facts import FACT_BYTES, FactRow, fact_ids, fact_row, facts_of_units, segment_texts, standing
from asbuilt.ledger.shapes import REGISTRY
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

ORDER, UNIT, NAME = production.ORDER.name, production.UNIT.name, production.NAME.name
BLOCK, CLOSING = production.BLOCK.name, production.CLOSING.name
MARK_READING, NUMBERING = production.MARK_READING.name, production.NUMBERING.name
MATERIAL, PROCESS = production.MATERIAL.name, production.PROCESS.name
SENT_OUT, TAKEN_BACK = production.SENT_OUT.name, production.TAKEN_BACK.name
REPLACEMENT, ASSEMBLY = production.REPLACEMENT.name, production.ASSEMBLY.name
PROGRAMMING, TEST, SHIPMENT = programming.PROGRAMMING.name, quality.TEST.name, shipping.LINE.name
PACKED, PLACING, RETURN = shipping.PACKED.name, shipping.PLACING.name, shipping.RETURN.name
CONCESSION = quality.CONCESSION.name
LEAVING = (CONCESSION, PACKED, PLACING, RETURN)
PACKAGE, RELEASE = supply.PACKAGE.name, firmware.RELEASE.name
TABLES = {
    ORDER: "orders", BLOCK: "blocks", CLOSING: "closings", MARK_READING: "mark_readings", NUMBERING: "numberings", UNIT: "units", NAME: "names", MATERIAL: "materials", PROCESS: "processes", REPLACEMENT: "replacements",
    ASSEMBLY: "assemblies", PROGRAMMING: "programming", TEST: "tests", SHIPMENT: "shipments", SENT_OUT: "sent_out", TAKEN_BACK: "taken_back", PACKAGE: "lots", RELEASE: "firmware",
    CONCESSION: "concessions", PACKED: "packed", PLACING: "placings", RETURN: "returns",
}  # fmt: skip
FACTS_MAX = 5_000
ROWS_APART_MAX = 4_096  # rows of an entry that lie further apart are looked up one by one


@dataclass(frozen=True)
class Source:
    """A fact's id (16 hex digits), its table, the entry that recorded it and the file that it stood in (or empty)."""

    fact: str
    table: str
    entry: int
    file: str


@dataclass(frozen=True)
class Recorded:
    """A fact with its cells by column, the spans of units that it still speaks of, and its source."""

    shape: str
    cells: dict = field(hash=False)
    spans: list[Span] = field(hash=False)
    source: Source
    row: FactRow = field(repr=False)

    def at(self, column: str) -> int | None:
        """The instant in this cell, or None where it is empty; a day alone is its beginning in UTC."""
        text = self.cells.get(column)
        if not text:
            return None
        return parse_instant(text if "T" in text else f"{text}T00:00:00Z")


def facts_about(tenant: int, first: int, until: int, shapes: Iterable[str]) -> Iterator[FactRow]:
    """All facts recorded, withdrawn ones too, of these shapes about units of [first, until). Two statements a shape and segment.

    Programming is read here, because its rows about packages name no unit.
    """
    wanted = list(shapes)
    yield from facts_of_units(tenant, first, until, [shape for shape in wanted if shape != PROGRAMMING])
    if PROGRAMMING not in wanted:
        return
    sql = (
        "SELECT entry, first_row, body FROM ledger_segment WHERE tenant = %s AND shape = %s AND low_unit < %s "
        "AND high_unit > %s ORDER BY entry, first_row"
    )
    for entry, first_row, body in reading.fetch(sql, (tenant, PROGRAMMING, until, first)):
        for row, text in enumerate(segment_texts(body), first_row):
            unit = text[1 : text.index(b",")]
            if unit != b"null" and first <= int(unit) < until:
                yield FactRow(entry, PROGRAMMING, row, text, tuple(json.loads(text)))


def order_row(view: View, order: int) -> list[FactRow]:
    """The row of orders.csv that stands for this order: none or one. Two statements."""
    sql = 'SELECT o.entry, o."row" FROM production_order o WHERE o.tenant = %s AND o.number = %s'
    return [
        fact_row(view.tenant, entry, ORDER, row)
        for entry, row in reading.fetch(sql + view.seen("o"), (view.tenant, order))
    ]


def closing_row(view: View, code: str) -> list[FactRow]:
    """The row of closings.csv that stands for the order with this code: none or one. Two statements."""
    sql = 'SELECT c.entry, c."row" FROM production_order_closing c WHERE c.tenant = %s AND c.code = %s'
    return [
        fact_row(view.tenant, entry, CLOSING, row)
        for entry, row in reading.fetch(sql + view.seen("c"), (view.tenant, code))
    ]


def recorded_of_units(
    view: View, units: Iterable[Span], shapes: Iterable[str], limit: int = FACTS_MAX
) -> tuple[list[Recorded], list[Recorded]]:
    """(facts that stand, facts that were withdrawn) about these units, in the order of recording, as known in the view.

    Statements: two a shape, one a segment, two for each entry and shape.
    """
    found: dict[tuple, FactRow] = {}
    for first, until in units:
        for row in facts_about(view.tenant, first, until, shapes):
            if view.entry is None or row.entry <= view.entry:
                found[row.entry, row.shape, row.row] = row
            if len(found) >= limit:
                break
    rows = sorted(found.values(), key=lambda row: (row.entry, row.shape, row.row))
    sources = sources_of(view, rows)
    asked = bitmap_of(units)
    stand = {}
    for row, spans in standing(view.tenant, rows, view.entry):
        if not row.units or bitmap_of(spans) & asked:
            stand[row.entry, row.shape, row.row] = spans
    standing_ones, withdrawn = [], []
    for row, source in zip(rows, sources, strict=True):
        spans = stand.get((row.entry, row.shape, row.row))
        one = Recorded(row.shape, cells_of(row), spans or [], source, row)
        (withdrawn if spans is None else standing_ones).append(one)
    return standing_ones, withdrawn


def cells_of(row: FactRow) -> dict:
    """The cells of a fact by the columns of its shape."""
    return dict(zip(REGISTRY[row.shape].columns, row.values, strict=True))


def sources_of(view: View, rows: list[FactRow]) -> list[Source]:
    """The source of each fact. One statement for the files, one for each entry and shape."""
    files = files_of(view, {row.entry for row in rows})
    ids: dict[tuple[int, str], dict[int, str]] = {}
    for row in rows:
        ids.setdefault((row.entry, row.shape), {})[row.row] = ""
    for (entry, shape), wanted in ids.items():
        _read_ids(view.tenant, entry, shape, wanted)
    return [
        Source(
            ids[row.entry, row.shape][row.row], TABLES.get(row.shape, row.shape), row.entry, files.get(row.entry, "")
        )
        for row in rows
    ]


def _read_ids(tenant: int, entry: int, shape: str, wanted: dict[int, str]) -> None:
    first, last = min(wanted), max(wanted)
    if last - first > ROWS_APART_MAX and len(wanted) > 1:
        for row in wanted:
            one = {row: ""}
            _read_ids(tenant, entry, shape, one)
            wanted.update(one)
        return
    found = fact_ids(tenant, entry, shape, first, last - first + 1)
    for row in wanted:
        at = (row - first) * FACT_BYTES
        wanted[row] = found[at : at + FACT_BYTES].hex()


def files_of(view: View, entries: Iterable[int]) -> dict[int, str]:
    """Entry -> the name of the file it rests on. One statement."""
    listed = sorted(set(entries))
    if not listed:
        return {}
    sql = (
        "SELECT x.entry, e.file_name FROM ledger_entry_evidence x JOIN ledger_evidence e ON e.tenant = x.tenant "
        "AND e.sha256 = x.sha256 WHERE x.tenant = %s AND " + reading.any_of("x.entry")
    )
    return dict(reading.fetch(sql, (view.tenant, reading.list_param(listed))))
