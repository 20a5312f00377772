"""Reads of shipments. `as_of` is an entry's number: what was recorded up to and with it; without it, what stands.

Where a unit was shipped several times, the last line by `shipped_at` says where it is; ties go to the later entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.shipping.events import SHIPPED
from asbuilt.kernel.spans import spans_of
from asbuilt.storage import reading

_LINE = (
    "SELECT first_unit, until_unit, shipment, shipped_at, placed_at, entry FROM shipping_line WHERE tenant = %s AND "
)
_SHIPMENT = "SELECT number, ulid, code, customer, country FROM shipping_shipment WHERE tenant = %s AND "


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment; `customer` is the number of a party."""

    number: int
    ulid: str
    code: str
    customer: int
    country: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A span of units in a shipment, half open."""

    first_unit: int
    until_unit: int
    shipment: int
    shipped_at: int
    placed_at: int | None
    entry: int


def stands(as_of: int | None) -> tuple[str, tuple[int, ...]]:
    """A condition for rows that stand now or stood as of an entry, with its parameters."""
    if as_of is None:
        return "until_entry IS NULL", ()
    return "entry <= %s AND (until_entry IS NULL OR until_entry > %s)", (as_of, as_of)


def shipment_by_code(tenant: int, code: str) -> ShipmentRow | None:
    """The shipment with this code, or None. One statement."""
    row = reading.fetch_one(_SHIPMENT + "code = %s", (tenant, code))
    return ShipmentRow(*row) if row else None


def shipments(tenant: int, numbers: Iterable[int]) -> dict[int, ShipmentRow]:
    """Number -> shipment. One statement."""
    rows = reading.fetch(_SHIPMENT + reading.any_of("number"), (tenant, reading.list_param(sorted(set(numbers)))))
    return {row[0]: ShipmentRow(*row) for row in rows}


def lines_of_shipment(tenant: int, shipment: int, as_of: int | None = None) -> list[LineRow]:
    """The lines of a shipment in the order of units. One statement."""
    condition, params = stands(as_of)
    rows = reading.fetch(
        f"{_LINE}shipment = %s AND {condition} ORDER BY first_unit, entry", (tenant, shipment, *params)
    )
    return [LineRow(*row) for row in rows]


def lines_over(tenant: int, first: int, until: int, as_of: int | None = None) -> list[LineRow]:
    """The lines that reach into [first, until), in order of what happened last. One statement."""
    condition, params = stands(as_of)
    sql = f"{_LINE}first_unit < %s AND until_unit > %s AND {condition} ORDER BY shipped_at, entry, shipment, first_unit"
    return [LineRow(*row) for row in reading.fetch(sql, (tenant, until, first, *params))]


def line_of_unit(tenant: int, unit: int, as_of: int | None = None) -> LineRow | None:
    """The line that says where the unit is; None where it was not shipped. One statement."""
    lines = lines_over(tenant, unit, unit + 1, as_of)
    return lines[-1] if lines else None


def whereabouts(tenant: int, first: int, until: int, as_of: int | None = None) -> list[LineRow]:
    """Where the units of [first, until) are: lines cut so that each unit stands in one at most, by unit."""
    lines = lines_over(tenant, first, until, as_of)
    placed = sorted(lines, key=lambda line: line.first_unit)
    apart = all(line.until_unit <= later.first_unit for line, later in zip(placed, placed[1:], strict=False))
    if apart:
        cut = ((max(line.first_unit, first), min(line.until_unit, until), line) for line in placed)
        return [_cut(line, low, high) for low, high, line in cut]
    free = BitMap(range(first, until))
    found = []
    for line in reversed(lines):
        units = free & BitMap(range(line.first_unit, line.until_unit))
        free -= units
        found.extend(_cut(line, low, high) for low, high in spans_of(units))
    return sorted(found, key=lambda line: line.first_unit)


def _cut(line: LineRow, first: int, until: int) -> LineRow:
    return LineRow(first, until, line.shipment, line.shipped_at, line.placed_at, line.entry)


def left_at(tenant: int, shipment: int) -> dict[int, BitMap]:
    """When units left with a shipment, as the gate knew it -> which: when it was recorded; of what came with tables, when they say. Two statements."""
    lines = lines_of_shipment(tenant, shipment)
    entries = reading.list_param(sorted({line.entry for line in lines}))
    sql = "SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s AND type = %s AND " + reading.any_of("number")
    asked = dict(reading.fetch(sql, (tenant, SHIPPED, entries))) if lines else {}
    found: dict[int, BitMap] = {}
    for line in lines:
        found.setdefault(asked.get(line.entry, line.shipped_at), BitMap()).add_range(line.first_unit, line.until_unit)
    return found


def placed_already(tenant: int, shipment: ShipmentRow) -> BitMap:
    """Units of a shipment that were placed on the market, by their line or by a decision. Two statements."""
    lines = lines_of_shipment(tenant, shipment.number)
    sql = "SELECT unit FROM shipping_placing WHERE tenant = %s AND shipment = %s AND until_entry IS NULL"
    said = [unit for (unit,) in reading.fetch(sql, (tenant, shipment.code))]
    found = BitMap(unit for unit in said if unit is not None)
    for line in lines:
        if None in said or line.placed_at is not None:
            found.add_range(line.first_unit, line.until_unit)
    return found
