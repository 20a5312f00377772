"""replacements.csv -> replacements: what came out of a position of a unit and what went in.

What is said to come out must be able to be there: one of the position's candidates at that time, or anything where a
candidate is not known or nothing was recorded.
"""

from asbuilt.access.people import People
from asbuilt.built.production.carried import (
    Position,
    ReplacementRow,
    Stage,
    apply_replacement,
    candidates_as_built,
    replacements_of,
)
from asbuilt.built.production.events import REPLACEMENT
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.supply.queries import PackageFinder, packages
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk

COLUMNS = ("tenant", "unit", "refdes", "happened_at", "entry", "removed", "installed", "operator", "reason")


class ReplacementsIntake(TableIntake):
    """Rows are checked in the order in which they happened, whatever their order in the file."""

    table = "replacements"
    shape = REPLACEMENT

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.packages = PackageFinder(self.tenant)
        self.groups = PositionGroups(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.positions: dict[int, frozenset[str]] = {}
        self.rows: list[tuple] = []

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row[:7]) for row in rows]
        before = self.ids_known(ids)
        units = self.units.resolve(lines, "serial", [row[0] for row in rows], [row[7] for row in rows])
        packages = self.packages.find({code for row in rows for code in row[2:4] if code})
        for line, row, fact, unit in zip(lines, rows, ids, units, strict=True):
            if fact in before:
                self.known += 1
                continue
            removed = self._package(line, "removed_package", row[2], packages)
            installed = self._package(line, "installed_package", row[3], packages)
            if unit is None or removed is False or installed is False or not self._position(line, row, unit):
                continue
            at = parse_instant(row[6])
            operator = self.people.number(row[4]) or self.person
            self.warn_ahead(line, at)
            self.rows.append((unit, row[1], at, line, removed, installed, operator, row, fact))

    def _package(self, line, column, code, packages):
        if not code:
            return None
        found = packages.get(code)
        if found is None:
            reason, remedy = f"There is no package {code}.", self.packages.explain(code)
            self.wrong(line, column, code, "supply.package_unknown", reason, remedy)
            return False
        return found.number

    def _position(self, line, row, unit) -> bool:
        order = self.units.spans.orders.of_unit(unit)
        if order.bom not in self.positions:
            lines = bom_lines(self.tenant, order.bom)
            self.positions[order.bom] = frozenset(p for bom in lines for p in self.groups.positions(bom.group))
        if row[1] in self.positions[order.bom]:
            return True
        reason = f"{row[0]} has no position {row[1]} in its BOM."
        remedy = self.units.spans.nearest(row[1], self.positions[order.bom]) or "Write one position of the BOM."
        self.wrong(line, "refdes", row[1], "production.position_unknown", reason, remedy)
        return False

    def finish(self):
        written, texts, ids, units = [], [], [], []
        held: dict[tuple[int, str], Position] = {}
        for unit, refdes, at, line, removed, installed, operator, row, fact in sorted(self.rows, key=lambda r: r[:4]):
            position = held.get((unit, refdes)) or held.setdefault((unit, refdes), self._as_recorded(unit, refdes))
            new = ReplacementRow(refdes, removed, installed, at, self.entry.number, operator, row[5])
            if not self._check(line, row, position, new):
                continue
            written.append((self.tenant, unit, refdes, at, self.entry.number, removed, installed, operator, row[5]))
            texts.append(row_text([unit, *row[1:4], operator, *row[5:7]]))
            ids.append(fact)
            units.append(unit)
            self.states.begun(unit, unit + 1)
        if units:
            self.commit(texts, ids, min(units), max(units) + 1)
        bulk.insert_rows("production_replacement", COLUMNS, written)
        self.states.finish()

    def _as_recorded(self, unit: int, refdes: str) -> Position:
        order = self.units.spans.orders.of_unit(unit)
        built = candidates_as_built(self.tenant, order, unit, self.groups).get(refdes)
        position = Position(refdes, [Stage(built)] if built else [])
        for row in replacements_of(self.tenant, unit):
            if row.refdes == refdes:
                apply_replacement(position, row)
        return position

    def _check(self, line, row, position: Position, new: ReplacementRow) -> bool:
        doubled = [old for old in position.replacements if old.happened_at == new.happened_at]
        if doubled:
            reason = f"{row[0]} {row[1]} was replaced at this very time already."
            if doubled[-1].entry == self.entry.number:
                self.wrong(
                    line,
                    "happened_at",
                    row[6],
                    "production.replacement_doubled",
                    reason,
                    "Mend the time, or keep one row.",
                )
            else:
                self.contradicts(line, "happened_at", row[6], reason)
            return False
        before = Position(
            position.refdes, [stage for stage in position.stages if (stage.since or 0) <= new.happened_at]
        )
        there = before.now
        if new.removed is not None and there and None not in there.candidates and new.removed not in there.candidates:
            names = sorted(found.code for found in packages(self.tenant, there.candidates).values())
            reason = f"{row[2]} was not at {row[1]} of {row[0]}; there was {' or '.join(names)}."
            remedy = "Name what came out, or leave the cell empty."
            self.wrong(line, "removed_package", row[2], "production.replacement_not_there", reason, remedy)
            return False
        apply_replacement(position, new)
        return True
