"""materials.csv -> material runs.

Each row says which package fed which positions of an order over which units, certainly or possibly. Two certain rows of
different packages may not meet at a position of a unit. A part that the BOM does not admit there, or a maker's part that nobody
approved, is history all the same: it is recorded and warned about.
"""

from collections import OrderedDict

from pyroaring import BitMap

from asbuilt.built.production import runs
from asbuilt.built.production.approved_makers import unapproved_words
from asbuilt.built.production.events import MATERIAL
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.holes import recompute_holes
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.overlaps import Claim, overlapping
from asbuilt.built.production.spans_of_rows import SpanReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.supply.queries import PackageFinder, statuses_at
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text

OPEN_ORDERS_MAX = 20
WAS = {"quarantine": "in quarantine", "rejected": "rejected"}


class _OrderRows:
    """The rows of one order that wait to be put together."""

    def __init__(self, order: OrderRow, lines):
        self.order = order
        self.parts = {line.group: line.part for line in lines}
        self.lines = lines
        self.rows: list[tuple] = []
        self.claims: list[Claim] = []


class MaterialsIntake(TableIntake):
    """Merges rows into runs, order by order."""

    table = "materials"
    shape = MATERIAL

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.spans = SpanReader(self, self.orders)
        self.packages = PackageFinder(self.tenant)
        self.groups = PositionGroups(self.tenant)
        self.floor = FloorNames(self.tenant)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.open: OrderedDict[int, _OrderRows] = OrderedDict()
        self.touched: dict[int, OrderRow] = {}
        self.positions: dict[int, dict[str, int]] = {}
        self.warned: set[tuple] = set()

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row[:9]) for row in rows]
        before = self.ids_known(ids)
        packages = self.packages.find({row[2] for row in rows})
        self.status = statuses_at(self.tenant, packages)
        self.unapproved = unapproved_words(self.tenant, [one.number for one in packages.values()])
        units = self.spans.resolve([(row[0], row[3], row[4], row[9]) for row in rows])
        texts, taken_ids, low, high = [], [], None, None
        for line, row, fact, span in zip(lines, rows, ids, units, strict=True):
            if fact in before:
                self.known += 1
                continue
            order = self.spans.order(line, row[0])
            package = self._package(line, row[2], packages)
            first_until = self.spans.check(line, order, row[3], row[4], span) if order else None
            group = self._group(line, order, row[1]) if order else None
            if not (package and first_until and group):
                continue
            first, until = first_until
            self._collect(line, row, order, group, package, first, until)
            texts.append(row_text([first, until, row[0], row[1], row[2], *row[5:9]]))
            taken_ids.append(fact)
            low, high = min(low or first, first), max(high or until, until)
        self.commit(texts, taken_ids, low, high)

    def _package(self, line, code, packages):
        found = packages.get(code)
        if found is None:
            remedy = self.packages.explain(code)
            self.wrong(line, "package", code, "supply.package_unknown", f"There is no package {code}.", remedy)
        return found

    def _group(self, line, order, text) -> int | None:
        wanted = text.split()
        if order.bom not in self.positions:
            lines = bom_lines(self.tenant, order.bom)
            self.positions[order.bom] = {p: bom.part for bom in lines for p in self.groups.positions(bom.group)}
        unknown = [position for position in wanted if position not in self.positions[order.bom]]
        if unknown or not wanted:
            said = unknown[0] if unknown else text
            reason = f"Order {order.code} has no position {said} in its BOM."
            remedy = (
                self.spans.nearest(said, self.positions[order.bom])
                or "Write positions of the BOM, blank-separated, or #LINE."
            )
            return self.wrong(line, "refdes", text, "production.position_unknown", reason, remedy)
        if len(set(wanted)) != len(wanted):
            return self.wrong(
                line, "refdes", text, "production.position_doubled", "A position stands twice.", "Name each once."
            )
        return self.groups.intern(wanted)

    def _collect(self, line, row, order, group, package, first, until):
        if order.number not in self.open:
            self.open[order.number] = _OrderRows(order, bom_lines(self.tenant, order.bom))
            if len(self.open) > OPEN_ORDERS_MAX:
                self._close(self.open.popitem(last=False)[1])
        rows = self.open[order.number]
        certain = int(row[5] == "certain")
        machine = self.floor.number("machine", row[6]) if row[6] else None
        feeder = self.floor.number("feeder", row[7]) if row[7] else None
        at = parse_instant(row[8]) if row[8] else None
        rows.rows.append((group, package.number, certain, machine, feeder, first, until, at))
        if certain:
            rows.claims.append(Claim(group, package.number, first, until, line))
        if at is not None:
            self.warn_ahead(line, at)
        self._warn_of(line, order, row, package, at)
        self.states.begun(first, until)

    def _warn_of(self, line, order, row, package, at):
        part = self.positions[order.bom][row[1].split()[0]]
        if package.part != part and (order.number, package.number, part) not in self.warned:
            self.warned.add((order.number, package.number, part))
            self.warn(
                f"{self.file} line {line}: package {package.code} is of another part than the BOM asks for at {row[1][:40]}."
            )
        if package.number in self.unapproved and ("maker", package.number) not in self.warned:
            self.warned.add(("maker", package.number))
            self.warn(f"{self.file} line {line}: {self.unapproved[package.number]}")
        was = self.status(package.code, package.status, at)
        if was != "released" and ("status", package.number) not in self.warned:
            self.warned.add(("status", package.number))
            self.warn(f"{self.file} line {line}: package {package.code} was {WAS[was]} and was mounted all the same.")

    def _close(self, rows: _OrderRows) -> None:
        known = runs.runs_of_order(self.tenant, rows.order.number)
        for one, other, units in overlapping(self.groups, rows.claims, known):
            self._name_overlap(rows.order, one, other, units)
        merged = runs.merge_rows(rows.order.number, self.entry.number, rows.rows)
        runs.store(self.tenant, merged, known, self.groups)
        self.touched[rows.order.number] = rows.order

    def _name_overlap(self, order: OrderRow, one: Claim, other: Claim, units: BitMap) -> None:
        first, last = order.place_of(units.min()), order.place_of(units.max())
        where = f"{order.code}#{first}" if first == last else f"{order.code}#{first}..{order.code}#{last}"
        label = self.groups.label(one.group)
        remedy = "End one of them earlier, or mark both possible."
        if other.line is None:
            reason = f"Another package is recorded as certain at {label[:60]} for {_counted(units)} ({where})."
            self.contradicts(one.line, "refdes", label, reason)
            return
        for claim, line in ((one, other.line), (other, one.line)):
            reason = f"Line {line} says another package, also certain, for {_counted(units)} ({where})."
            self.wrong(claim.line, "refdes", label, "production.materials_overlap", reason, remedy)

    def finish(self):
        while self.open:
            self._close(self.open.popitem(last=False)[1])
        self.states.finish()
        if self.errors.total or self.contradictions.total:
            return
        for order in self.touched.values():
            recompute_holes(self.tenant, order, self.groups)


def _counted(units: BitMap) -> str:
    return "the same unit" if len(units) == 1 else f"the same {len(units):,} units"
