"""shipments.csv -> shipments and their lines.

A line is a span of units along the axis of one order, both ends included. A shipment has one customer and one country,
and holds a unit once. A unit shipped twice, a unit whose last test failed and a time ahead of our clock are history,
listed as warnings.
"""

import os
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders
from asbuilt.built.production.outside import away
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.quality.queries import failed_units
from asbuilt.built.shipping.events import LINE
from asbuilt.built.shipping.models import Shipment
from asbuilt.built.shipping.queries import LineRow, lines_over
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.parties import queries as parties
from asbuilt.formats.countries import lack_of, tidy
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

SHIPMENT_COLUMNS = ("tenant", "number", "ulid", "code", "customer", "country")
FORMER_COLUMNS = ("tenant", "shipment", "until_entry", "customer", "country")
LINE_COLUMNS = ("tenant", "first_unit", "shipment", "entry", "until_unit", "shipped_at", "placed_at")
FACT_CELLS = 7  # the product column only helps to find a unit
BUCKET_BITS = 12


@dataclass
class _Shipment:
    """A shipment as met in this file; `line` is where it was first met, None where it was recorded before.

    One of which no line stands may go to somebody else when it is recorded anew (`free`).
    """

    number: int
    customer: int
    country: str
    line: int | None
    free: bool = False


class _Shipped:
    """The lines near the units of a chunk, found by unit."""

    def __init__(self, lines: list[LineRow]):
        self.units = BitMap()
        self._near: dict[int, list[LineRow]] = defaultdict(list)
        for line in lines:
            self.add(line)

    def add(self, line: LineRow) -> None:
        """One more line."""
        self.units.add_range(line.first_unit, line.until_unit)
        for bucket in range(line.first_unit >> BUCKET_BITS, (line.until_unit - 1 >> BUCKET_BITS) + 1):
            self._near[bucket].append(line)

    def over(self, first: int, until: int) -> set[LineRow]:
        """The lines that overlap [first, until)."""
        if not self.units.range_cardinality(first, until):
            return set()
        buckets = range(first >> BUCKET_BITS, (until - 1 >> BUCKET_BITS) + 1)
        near = (line for bucket in buckets for line in self._near.get(bucket, ()))
        return {line for line in near if line.first_unit < until and line.until_unit > first}


class ShipmentsIntake(TableIntake):
    """Each row is a line of a shipment."""

    table = "shipments"
    shape = LINE

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.units = UnitReader(self, self.orders)
        self.parties = parties.numbers_by_name(self.tenant)
        self.shipments: dict[str, _Shipment] = {}
        self.new: list[tuple] = []
        last = reading.fetch_one("SELECT max(number) FROM shipping_shipment WHERE tenant = %s", (self.tenant,))
        self.last_number = last[0] or 0
        self.most = lengths(Shipment, ("code", "country"))
        zone = reading.fetch_one("SELECT time_zone FROM access_tenant WHERE number = %s", (self.tenant,))
        self.zone = ZoneInfo(zone[0])
        self.states = StateWriter(self.tenant, self.entry.number)
        self.taken: set[bytes] = set()
        self.block_begins: frozenset[int] = frozenset()  # of the chunk
        self.outside = away(self.tenant)
        self.units_outside = BitMap().union(*(one.units for one in self.outside))

    def take(self, lines, rows):
        """Units and what was shipped before are read for the whole chunk."""
        sent = [fact_bytes(self.table, row[:FACT_CELLS]) for row in rows]
        rows = [(*row[:2], tidy(row[2]), *row[3:]) for row in rows]
        ids = [fact_bytes(self.table, row[:FACT_CELLS]) for row in rows]
        # a row may have been recorded as it was sent, before countries were read
        before = self.ids_known(ids if ids == sent else [*ids, *sent]) - self.taken
        new = [n for n, fact in enumerate(ids) if fact not in before and sent[n] not in before]
        self.known += len(rows) - len(new)
        if not new:
            return
        lines, rows, ids = ([column[n] for n in new] for column in (lines, rows, ids))
        spans = self._spans(lines, rows)
        self._meet_shipments({row[0] for row in rows})
        ends = [end for span in spans if span for end in span[0] + span[-1]]
        low, high = (min(ends), max(ends)) if ends else (0, 1)
        shipped = _Shipped(lines_over(self.tenant, low, high))
        failed = failed_units(self.tenant, low, high)
        taken = []
        for line, row, fact, span in zip(lines, rows, ids, spans, strict=True):
            shipment = self._shipment(line, row)
            if shipment and span and self._check(line, row, shipment, span, shipped):
                self._warn(line, row, span, failed)
                self._warn_outside(line, row, span)
                taken.append((row, fact, shipment, span))
        self._write(taken)

    def _spans(self, lines, rows) -> list[tuple[tuple[int, int], ...] | None]:
        """Each row's units as half-open spans, one a block of the order; None where a mistake was named."""
        products = [row[7] for row in rows]
        first = self.units.resolve(lines, "first_serial", [row[3] for row in rows], products)
        last = self.units.resolve(lines, "last_serial", [row[4] for row in rows], products)
        known = [unit for unit in (*first, *last) if unit is not None]
        if not known:
            return [None] * len(rows)
        sql = (
            "SELECT first_unit, until_unit, work_order FROM production_block WHERE tenant = %s AND first_unit <= %s "
            "AND until_unit > %s AND until_entry IS NULL ORDER BY first_unit"
        )
        blocks = reading.fetch(sql, (self.tenant, max(known), min(known)))
        begins = [block[0] for block in blocks]
        self.block_begins = frozenset(begins)
        found = []
        for line, row, low, high in zip(lines, rows, first, last, strict=True):
            if low is None or high is None:
                found.append(None)
                continue
            span = self._span(line, row, low, high, blocks, begins)
            found.append(span)
        return found

    def _span(self, line, row, low: int, high: int, blocks, begins):
        at, end = bisect_right(begins, low) - 1, bisect_right(begins, high) - 1
        order = blocks[at][2]
        if blocks[end][2] != order:
            reason = f"A line stays in one order: {row[3]} is {self._said(low)}, {row[4]} is {self._said(high)}."
            remedy = "Make one row for each order."
            return self.wrong(line, "last_serial", row[4], "shipping.span_leaves_order", reason, remedy)
        if high < low:
            reason = f"The span runs backwards: {row[3]} is {self._said(low)}, {row[4]} is {self._said(high)}."
            remedy = "Give the first unit along the order first."
            return self.wrong(line, "last_serial", row[4], "shipping.span_backwards", reason, remedy)
        mine = [block for block in blocks[at : end + 1] if block[2] == order]
        return tuple((max(first, low), min(until, high + 1)) for first, until, _ in mine)

    def _said(self, unit: int) -> str:
        order = self.orders.of_unit(unit)
        return f"{order.code}#{order.place_of(unit)}" if order else f"unit {unit}"

    def _meet_shipments(self, codes: set[str]) -> None:
        listed = sorted(codes - self.shipments.keys())
        sql = (
            "SELECT code, number, customer, country, EXISTS (SELECT 1 FROM shipping_line l WHERE l.tenant = s.tenant "
            "AND l.shipment = s.number AND l.until_entry IS NULL) FROM shipping_shipment s WHERE s.tenant = %s AND "
        ) + reading.any_of("code", "text")
        for start in range(0, len(listed), 5000):
            part = reading.list_param(listed[start : start + 5000])
            for code, number, customer, country, stands in reading.fetch(sql, (self.tenant, part)):
                self.shipments[code] = _Shipment(number, customer, country, None, not stands)

    def _shipment(self, line: int, row: tuple) -> _Shipment | None:
        code, name, country = row[:3]
        customer = self.parties.get(name)
        if customer is None:
            remedy = did_you_mean(name, self.parties) or "Add the party to parties.csv first."
            return self.wrong(line, "customer", name, "parties.unknown", f"No party is called {name}.", remedy)
        if refuse_long(self, line, ("shipment", "country"), (code, country), self.most):
            return None
        if (lack := lack_of(country)) is not None:
            return self.wrong(line, "country", country, *lack)
        known = self.shipments.get(code)
        if known is None:
            self.last_number += 1
            ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
            self.new.append((self.tenant, self.last_number, ulid, code, customer, country))
            known = self.shipments[code] = _Shipment(self.last_number, customer, country, line)
        elif known.free:
            self._go_to(known, customer, country)
            known.line, known.free = line, False
        if (known.customer, tidy(known.country)) == (customer, country):
            return known
        column, value = ("customer", name) if known.customer != customer else ("country", country)
        if known.line is None:
            return self.contradicts(line, column, value, f"Shipment {code} was recorded before with another {column}.")
        reason = f"Shipment {code} has another {column} on line {known.line}."
        remedy = "A shipment goes to one customer in one country; give the other its own shipment."
        return self.wrong(line, column, value, f"shipping.other_{column}", reason, remedy)

    def _go_to(self, known: _Shipment, customer: int, country: str) -> None:
        """The address of a shipment that is recorded anew; the former one is kept with this entry, for questions as of before it."""
        if (known.customer, tidy(known.country)) != (customer, country):
            former = (self.tenant, known.number, self.entry.number, known.customer, known.country)
            bulk.insert_rows("shipping_former_address", FORMER_COLUMNS, [former])
        sql = "UPDATE shipping_shipment SET customer = %s, country = %s WHERE tenant = %s AND number = %s"
        bulk.run(sql, (customer, country, self.tenant, known.number))
        known.customer, known.country = customer, country

    def _check(self, line: int, row: tuple, shipment: _Shipment, span, shipped: _Shipped) -> bool:
        """Whether the line may stand beside what was shipped before; then it is among it."""
        others = set().union(*(shipped.over(first, until) for first, until in span))
        same = [other for other in others if other.shipment == shipment.number]
        if same:
            units = sum(min(o.until_unit, until) - max(o.first_unit, first) for first, until in span for o in same
                        if o.first_unit < until and o.until_unit > first)  # fmt: skip
            reason = (
                f"{units} of these units, from {self._said(max(same[0].first_unit, span[0][0]))} on, are in {row[0]}"
            )
            if any(other.entry != self.entry.number for other in same):
                self.contradicts(line, "first_serial", row[3], f"{reason} as it was recorded before.")
            else:
                remedy = "Let each unit stand in a shipment once."
                self.wrong(line, "first_serial", row[3], "shipping.line_overlaps", f"{reason} on another line.", remedy)
            return False
        if others:
            units = BitMap()
            for first, until in span:
                units |= shipped.units & BitMap(range(first, until))
            said = self._said(units.min())
            self.warn(f"{self.file} line {line}: {len(units)} units were shipped before, from {said} on.")
        at, placed = parse_instant(row[5]), self._placed(row[6])
        for first, until in span:
            shipped.add(LineRow(first, until, shipment.number, at, placed, self.entry.number))
        return True

    def _warn(self, line: int, row: tuple, span, failed: BitMap) -> None:
        bad = sum(failed.range_cardinality(first, until) for first, until in span)
        if bad:
            units = f"{bad} units whose last test failed are" if bad > 1 else "a unit whose last test failed is"
            self.warn(f"{self.file} line {line}: {units} in this line of {row[0]}.")
        self.warn_ahead(line, parse_instant(row[5]))

    def _warn_outside(self, line: int, row: tuple, span) -> None:
        """Units that a subcontractor has: history is recorded as it was."""
        if not any(self.units_outside.range_cardinality(first, until) for first, until in span):
            return
        units = BitMap().union(*(BitMap(range(first, until)) for first, until in span))
        low, high = units.min(), units.max()
        for one in self.outside:
            if one.line.first_unit <= high and one.line.until_unit > low and (mine := one.units & units):
                said = f"{len(mine)} of these units are outside, by delivery note {one.line.note}"
                self.warn(f"{self.file} line {line}: {said}, from {self._said(mine.min())} on.")

    def _placed(self, text: str) -> int | None:
        if not text:
            return None
        if len(text) == 10:  # a day: it begins at midnight where the tenant is
            return int(datetime.fromisoformat(text).replace(tzinfo=self.zone).timestamp()) * 1_000_000
        return parse_instant(text)

    def _write(self, taken) -> None:
        bulk.insert_rows("shipping_shipment", SHIPMENT_COLUMNS, self.new)
        self.new = []
        entry, written, texts, ids = self.entry.number, [], [], []
        for row, fact, shipment, span in taken:
            at, placed = parse_instant(row[5]), self._placed(row[6])
            for first, until in span:
                written.append((shipment.number, at, placed, first, until))
                self.states.begun(first, until)
            texts.append(row_text([*row[:3], span[0][0], span[-1][1], *row[5:7]]))
            ids.append(fact)
        rows = self._joined(written)
        bulk.insert_rows(
            "shipping_line",
            LINE_COLUMNS,
            [(self.tenant, first, shipment, entry, until, at, placed) for shipment, at, placed, first, until in rows],
        )
        if taken:
            self.taken.update(ids)
            low, high = min(span[0][0] for *_, span in taken), max(span[-1][1] for *_, span in taken)
            self.commit(texts, ids, low, high)

    def _joined(self, lines: list[tuple]) -> list[tuple]:
        """Lines that say the same of neighbours as one: boxes are filled along the axis. None leaves its block; facts stay row by row."""
        found: list[tuple] = []
        for line in sorted(lines, key=lambda line: (line[0], line[1], line[2] is not None, line[2], line[3])):
            *said, first, until = line
            if found and [*found[-1][:3]] == said and found[-1][4] == first and first not in self.block_begins:
                found[-1] = (*said, found[-1][3], until)
            else:
                found.append(line)
        return found

    def finish(self):
        """Something happened to these units."""
        if not self.errors.total and not self.contradictions.total:
            self.states.finish()
