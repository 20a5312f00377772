"""Facts as they were recorded: read back from the segments, found by their id, told apart from those withdrawn.

A fact is one row of a shape, known by entry, shape and row number; its id, 16 hex digits, stands in `fact_ids`. Typed
tables of the rooms are projections of facts; these reads are what they are rebuilt from and what certificates show.

The units a fact speaks of are read from the columns of its shape: `unit`, `first_unit` with `until_unit`, `first_unit`
with `quantity`, `parent` and `child`. A withdrawal with units 0 to 0 takes the whole fact, any other one cuts off its
span.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.shapes import REGISTRY, shape_of_code
from asbuilt.storage import reading

FACT_BYTES = 8
_FACT_ID = re.compile(r"[0-9a-f]{16}").fullmatch


@dataclass(frozen=True)
class FactRow:
    """One fact: the entry that recorded it, its shape, its row number there, its exact text and its values."""

    entry: int
    shape: str
    row: int
    text: bytes
    values: tuple

    @property
    def units(self) -> list[Span]:
        """The spans of units it speaks of; empty for a fact about no unit."""
        return units_of(self.shape, self.values)


@lru_cache(256)
def _unit_columns(shape: str) -> tuple[str, tuple[int, ...]]:
    columns = REGISTRY[shape].columns
    for kind, names in (
        ("one", ("unit",)),
        ("span", ("first_unit", "until_unit")),
        ("block", ("first_unit", "quantity")),
        ("two", ("parent", "child")),
    ):
        if all(name in columns for name in names):
            return kind, tuple(columns.index(name) for name in names)
    return "none", ()


def units_of(shape: str, values: tuple | list) -> list[Span]:
    """The spans of units that these values of a shape speak of."""
    kind, places = _unit_columns(shape)
    numbers = [values[place] for place in places]
    if kind == "none" or any(number is None for number in numbers):
        return []
    numbers = [int(number) for number in numbers]
    if kind == "span":
        return [(numbers[0], numbers[1])]
    if kind == "block":
        return [(numbers[0], numbers[0] + numbers[1])]
    return [(number, number + 1) for number in numbers]


def segment_texts(body: bytes) -> list[bytes]:
    """The row texts of a stored segment."""
    return zlib.decompress(body).split(b"\n")


def rows_between(tenant: int, entry: int, shape: str, first: int, until: int) -> list[bytes]:
    """The texts of rows [first, until) of an entry and shape."""
    sql = (
        "SELECT first_row, body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s "
        "AND first_row < %s AND first_row + count > %s ORDER BY first_row"
    )
    texts: list[bytes] = []
    for first_row, body in reading.fetch(sql, (tenant, entry, shape, until, first)):
        texts += segment_texts(body)[max(first - first_row, 0) : until - first_row]
    return texts


def fact_row(tenant: int, entry: int, shape: str, row: int) -> FactRow:
    """One fact by its place; NotFound where the entry has no such row."""
    texts = rows_between(tenant, entry, shape, row, row + 1)
    if not texts:
        raise NotFound(
            "ledger.fact_unknown", f"Entry {entry} has no row {row} of {shape}.", {"entry": entry, "row": row}
        )
    return FactRow(entry, shape, row, texts[0], tuple(json.loads(texts[0])))


def fact_id(tenant: int, entry: int, shape: str, row: int) -> str:
    """The fact's id, 16 hex digits."""
    return fact_ids(tenant, entry, shape, row, 1).hex()


def fact_ids(tenant: int, entry: int, shape: str, first: int, count: int) -> bytes:
    """The ids of the rows [first, first + count), eight bytes each, end to end. Reads the segments that hold them."""
    sql = (
        "SELECT first_row, fact_ids FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row < %s "
        "AND first_row + count > %s ORDER BY first_row"
    )
    found = []
    for start, ids in reading.fetch(sql, (tenant, entry, shape, first + count, first)):
        low, high = max(first - start, 0), first + count - start
        found.append(bytes(ids)[low * FACT_BYTES : high * FACT_BYTES])
    return b"".join(found)


def pieces_of_ids(tenant: int, entry: int, shape: str) -> Iterator[tuple[int, bytes]]:
    """(first row, ids end to end) of each segment of an entry and shape, in order; one segment in memory at a time."""
    starts = "SELECT first_row FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s ORDER BY first_row"
    sql = "SELECT fact_ids FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
    for (first,) in reading.fetch(starts, (tenant, entry, shape)):
        yield first, bytes(reading.fetch_one(sql, (tenant, entry, shape, first))[0])


def facts_of_units(tenant: int, first: int, until: int, shapes: Iterable[str] | None = None) -> Iterator[FactRow]:
    """All facts recorded, withdrawn ones too, that speak of units of [first, until), in the order of recording.

    `shapes` narrows to some; by default all. Opens only segments whose bounds meet the span.
    """
    sql = (
        "SELECT entry, first_row FROM ledger_segment WHERE tenant = %s AND shape = %s "
        "AND low_unit < %s AND high_unit > %s"
    )
    keys = []
    for shape in shapes or REGISTRY:
        keys += [(entry, shape, row) for entry, row in reading.fetch(sql, (tenant, shape, until, first))]
    body_sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
    for entry, shape, first_row in sorted(keys):
        body = reading.fetch_one(body_sql, (tenant, entry, shape, first_row))[0]
        for row, text in _meeting(shape, segment_texts(body), first, until):
            yield FactRow(entry, shape, first_row + row, text, tuple(json.loads(text)))


def _meeting(shape: str, texts: list[bytes], first: int, until: int) -> Iterator[tuple[int, bytes]]:
    kind, places = _unit_columns(shape)
    # most shapes begin with their unit columns: those are compared without parsing the row
    if kind == "one" and places == (0,):
        for row, text in enumerate(texts):
            unit = text[1 : text.index(b",")]
            if unit != b"null" and first <= int(unit) < until:
                yield row, text
        return
    if kind == "span" and places == (0, 1):
        for row, text in enumerate(texts):
            low, high, *_ = text[1:].split(b",", 2)
            if int(low) < until and int(high) > first:
                yield row, text
        return
    for row, text in enumerate(texts):
        if any(low < until and high > first for low, high in units_of(shape, json.loads(text))):
            yield row, text


def all_facts(tenant: int, shape: str) -> Iterator[FactRow]:
    """Every fact of a shape, withdrawn ones too, in the order of recording, with flat memory."""
    sql = "SELECT entry, first_row FROM ledger_segment WHERE tenant = %s AND shape = %s"
    body_sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
    for entry, first_row in sorted(reading.fetch(sql, (tenant, shape))):
        body = reading.fetch_one(body_sql, (tenant, entry, shape, first_row))[0]
        for row, text in enumerate(segment_texts(body), first_row):
            yield FactRow(entry, shape, row, text, tuple(json.loads(text)))


def find_fact(tenant: int, fact: str) -> FactRow:
    """The fact with this id: the newest that stands, else the newest. Invalid for no id, NotFound where none has it."""
    if _FACT_ID(fact) is None:
        raise Invalid(
            "ledger.fact_id",
            f"{fact[:40]} is not the id of a fact.",
            {"fact": fact[:40]},
            "A fact's id has 16 hex digits; `asbuilt unit SERIAL --format json` shows them.",
        )
    found = _indexed(tenant, bytes.fromhex(fact)) or list(_scanned(tenant, bytes.fromhex(fact)))
    if not found:
        raise NotFound("ledger.fact_unknown", f"No fact has the id {fact}.", {"fact": fact})
    rows = [fact_row(tenant, *place) for place in sorted(found, reverse=True)]
    return next((row for row, _ in standing(tenant, rows)), rows[0])


def _indexed(tenant: int, fact: bytes) -> list[tuple[int, str, int]]:
    sql = "SELECT entry, shape, row FROM ledger_fact_index WHERE tenant = %s AND fact = %s"
    return [(entry, shape_of_code(code).name, row) for entry, code, row in reading.fetch(sql, (tenant, fact))]


def _scanned(tenant: int, fact: bytes) -> Iterator[tuple[int, str, int]]:
    keys = reading.fetch("SELECT entry, shape FROM ledger_entry_facts WHERE tenant = %s", (tenant,))
    for entry, shape in keys:
        if shape in REGISTRY and REGISTRY[shape].few:
            continue
        for first, ids in pieces_of_ids(tenant, entry, shape):
            for row in rows_with_id(ids, fact):
                yield entry, shape, first + row


def rows_with_id(ids: bytes, fact: bytes) -> Iterator[int]:
    """Which of these ids, end to end, are this one."""
    at = ids.find(fact)
    while at >= 0:
        if at % FACT_BYTES == 0:
            yield at // FACT_BYTES
        at = ids.find(fact, at + 1)


def standing(tenant: int, facts: Iterable[FactRow], as_of: int | None = None) -> Iterator[tuple[FactRow, list[Span]]]:
    """Each fact that still stands, in whole or part, with the spans it still speaks of (empty for one about no unit).

    `as_of` leaves out withdrawals recorded after that entry.
    """
    known: dict[tuple[int, str], dict[int, list[Span]]] = {}
    for fact in facts:
        key = (fact.entry, fact.shape)
        if key not in known:
            known[key] = _withdrawn(tenant, *key, as_of)
        cut = known[key].get(fact.row, [])
        if not cut:
            yield fact, fact.units
        elif (0, 0) not in cut and (left := spans_of(bitmap_of(fact.units) - bitmap_of(cut))):
            yield fact, left


def _withdrawn(tenant: int, entry: int, shape: str, as_of: int | None) -> dict[int, list[Span]]:
    sql = (
        "SELECT fact_row, first_unit, until_unit FROM ledger_withdrawal "
        "WHERE tenant = %s AND fact_entry = %s AND shape = %s AND entry <= %s"
    )
    found: dict[int, list[Span]] = {}
    for row, first, until in reading.fetch(sql, (tenant, entry, shape, 2**31 - 1 if as_of is None else as_of)):
        found.setdefault(row, []).append((first, until))
    return found
