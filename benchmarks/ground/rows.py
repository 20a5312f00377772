"""The synthetic factory as the rows that importing its tables makes, written straight into the typed tables.

Ten million units through the exchange door would take hours; `genealogy` proves on small factories that these rows are the
same, table by table. Numbers of entries run as if each table of each order had been imported; the log itself is not written.
Records of single units (each programming, each test run) are written where they are asked for.
"""

import os
from collections.abc import Collection
from itertools import groupby

from pyroaring import BitMap

from ground.factory import VERSIONS, Factory, OrderFacts
from ground.tables import measured, plan_of

CHUNK_ORDERS = 20


class RowWriter:
    """Writes orders of a factory whose common tables were imported; `records` one by one too, and test runs of the orders `tested`."""

    def __init__(self, tenant: int, factory: Factory, records: bool = False, tested: Collection[int] = ()):
        from asbuilt.built.production.floor_names import FloorNames
        from asbuilt.built.programming.running import ReleaseRoles
        from asbuilt.designed.catalog.positions import PositionGroups
        from asbuilt.designed.catalog.queries import part_numbers
        from asbuilt.designed.parties import queries as parties
        from asbuilt.storage import reading

        self.tenant, self.factory = tenant, factory
        self.records, self.tested = records, tested
        self.floor = FloorNames(tenant)
        self.role = ReleaseRoles(tenant)
        groups = PositionGroups(tenant)
        self.groups = {p.code: [groups.known(positions) for positions in p.positions] for p in factory.products}
        self.parts = part_numbers(tenant, [f"P-{n:05d}" for n in range(factory.part_count)])
        self.customers = parties.numbers_by_name(tenant)
        sql = "SELECT max(number) FROM ledger_entry WHERE tenant = %s"
        self.entry = reading.fetch_one(sql, (tenant,))[0]
        sql = (
            "SELECT c.code, r.version, r.number FROM firmware_release r JOIN catalog_product c ON c.tenant = r.tenant "
            "AND c.number = r.product WHERE r.tenant = %s"
        )
        self.releases = {row[:2]: row[2] for row in reading.fetch(sql, (tenant,))}
        self.passes = self.shipments = 0

    def write_all(self, said=lambda done: None) -> None:
        """Every order, twenty a transaction; `said` hears how many are done."""
        from asbuilt.storage.transactions import write_tx

        for chunk in range(0, self.factory.orders, CHUNK_ORDERS):
            with write_tx(self.tenant):
                for number in range(chunk, min(chunk + CHUNK_ORDERS, self.factory.orders)):
                    self.write(self.factory.order(number))
            said(min(chunk + CHUNK_ORDERS, self.factory.orders))

    def write(self, order: OrderFacts) -> None:
        """One order, table by table as the exchange loads them; needs a write transaction."""
        steps = [self._units, self._materials, self._processes, self._replacements, self._programming]
        steps += [self._tests] * (order.number in self.tested) + [self._shipments] * bool(order.lines)
        for step in steps:
            self.entry += 1
            step(order)

    def _insert(self, table: str, columns: str, rows) -> None:
        from asbuilt.storage import bulk

        bulk.insert_rows(table, ("tenant", *columns.split()), [(self.tenant, *row) for row in rows])

    def _units(self, order: OrderFacts) -> None:
        entry, built = self.entry, order.built
        names = ((unit, 0, order.serials[unit - order.first], entry) for unit in built)
        self._insert("production_unit_name", "unit kind value entry", names)
        panels = ((first, until, code, None, entry) for code, first, until in order.panels)
        self._insert("production_panel", "first_unit until_unit code positions entry", panels)
        for state, units in ((2, built), (4, order.skipped)):
            spans = ((*span, state, entry) for span in _stretches(units))
            self._insert("production_unit_state", "first_unit until_unit state entry", spans)

    def _materials(self, order: OrderFacts) -> None:
        from asbuilt.built.production import runs
        from asbuilt.kernel.spans import pack
        from asbuilt.storage import bulk

        groups, number, rows = self.groups[order.product.code], order.number + 1, []
        for run in order.runs:
            place = [
                self.floor.number("machine", run.machine),
                self.floor.number("feeder", run.feeder),
                run.at,
                self.entry,
            ]
            for certain, units in ((1, run.certain), (0, run.possible)):
                if units:
                    row = runs.Run(number, groups[run.line], run.package, certain, *place, units)
                    rows.append(runs.row_of(self.tenant, row))
        bulk.insert_rows("production_material_run", runs.COLUMNS, rows)
        holes = []
        for line, units in order.missing:
            part = self.parts[f"P-{order.product.parts[line]:05d}"]
            holes.append((part, number, groups[line], units.min(), units.max() + 1, pack(units)))
        self._insert("production_material_hole", "part work_order group first_unit until_unit units", holes)

    def _processes(self, order: OrderFacts) -> None:
        operator, rows = self._person(order.operator), []
        for step, machine, program, first, until, started, finished, readings in order.passes:
            self.passes += 1
            named = [("step", step), ("machine", machine), ("program", program)]
            at = [self.floor.number(*name) for name in named]
            told = [operator, "completed", readings, self.entry]
            rows.append((self.passes, order.number + 1, *at, "", "", first, until, started, finished, *told))
        columns = (
            "number work_order step machine program side pass_number first_unit until_unit started_at finished_at operator "
            "result readings entry"
        )
        self._insert("production_process_run", columns, rows)

    def _replacements(self, order: OrderFacts) -> None:
        operator = self._person(order.operator)
        rows = (
            (unit, refdes, at, self.entry, removed, installed, operator, "damaged")
            for unit, refdes, removed, installed, at in order.replacements
        )
        self._insert("production_replacement", "unit refdes happened_at entry removed installed operator reason", rows)

    def _programming(self, order: OrderFacts) -> None:
        from asbuilt.built.programming.running import FIRMWARE

        station = self.floor.number("station", order.station)
        before, after = ((self.releases[order.product.code, VERSIONS[order.version + n]],) for n in (0, 1))
        now = {before: order.built - order.again, after: order.again}
        FIRMWARE.apply(self.tenant, self.entry, now, {before: order.built, after: order.again}, self.role)
        if not self.records:
            return
        written = [(unit, before[0], 0) for unit in order.built] + [(unit, after[0], 1) for unit in order.again]
        told = (station, self._person(order.operator))
        rows = (
            (unit, order.programmed(unit, step), release, self.entry, row, 0, 0, order.uid(unit), *told)
            for row, (unit, release, step) in enumerate(written)
        )
        self._insert(
            "programming_record", "unit happened_at release entry row result source uid station operator", rows
        )

    def _tests(self, order: OrderFacts) -> None:
        from asbuilt.built.quality.outcomes import OUTCOMES
        from asbuilt.built.quality.outcomes import plan_of as plan_of_key

        plan, station = self.floor.number("plan", plan_of(order)), self.floor.number("station", "FCT-1")
        operator = self._person(order.operator)
        rows = (
            (
                unit,
                plan,
                order.tested(unit),
                self.entry,
                row,
                order.tested(unit) + 9_000_000,
                "3",
                0,
                station,
                operator,
                measured(unit),
            )
            for row, unit in enumerate(order.built)
        )
        columns = "unit plan started_at entry row finished_at plan_version outcome station operator measurements"
        self._insert("quality_test_run", columns, rows)
        OUTCOMES.apply(self.tenant, self.entry, {(plan, 0): order.built}, {(plan, 0): order.built}, plan_of_key)

    def _shipments(self, order: OrderFacts) -> None:
        from asbuilt.kernel.identifiers import new_ulid

        shipments, lines = [], []
        for (code, customer), boxes in groupby(order.lines, key=lambda line: line[:2]):
            self.shipments += 1
            ulid = new_ulid(order.begins, os.urandom(10))
            shipments.append((self.shipments, ulid, code, self.customers[f"C{customer:03d}"], "DE"))
            for _, _, first, until, at in boxes:  # neighbours that say the same are one line, as the intake writes them
                if lines and lines[-1][1] == self.shipments and lines[-1][3:5] == (first, at):
                    lines[-1] = (*lines[-1][:3], until, at, None)
                else:
                    lines.append((first, self.shipments, self.entry, until, at, None))
        self._insert("shipping_shipment", "number ulid code customer country", shipments)
        self._insert("shipping_line", "first_unit shipment entry until_unit shipped_at placed_at", lines)

    def _person(self, code: str) -> int:
        from asbuilt.access.people import People

        return People(self.tenant, self.entry).number(code)


def _stretches(units: BitMap) -> list[tuple[int, int]]:
    from asbuilt.kernel.spans import spans_of

    return spans_of(units)
