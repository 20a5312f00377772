"""replacements.csv -> replacements: what came out of a position of a unit and what went in.

What is said to come out must be able to be there: one of the position's candidates at that time, or anything where a
candidate is not known or nothing was recorded. A row that is recorded late goes in among those that happened before and after it.
"""

from bisect import insort
from dataclasses import dataclass
from operator import attrgetter

from asbuilt.access.people import People
from asbuilt.built.production.approved_makers import unapproved_words
from asbuilt.built.production.carried import (
    Position,
    ReplacementRow,
    Stage,
    apply_replacement,
    candidates_as_built,
    replacements_of,
)
from asbuilt.built.production.events import REPLACEMENT
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.other_parts import note_put_in
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.supply.queries import PackageFinder, packages
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.instants import format_instant, parse_instant
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
        put_in = {packages[row[3]].number for row in rows if row[3] in packages}
        unapproved = unapproved_words(self.tenant, put_in) if put_in else {}
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
            if installed in unapproved:
                self.warn(f"{self.file} line {line}: {unapproved[installed]}")
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
        put_in: dict[str, dict[tuple[int, str], tuple]] = {}
        held: dict[tuple[int, str], _Course] = {}
        for unit, refdes, at, line, removed, installed, operator, row, fact in sorted(self.rows, key=lambda r: r[:4]):
            course = held.get((unit, refdes)) or held.setdefault((unit, refdes), self._as_recorded(unit, refdes))
            new = ReplacementRow(refdes, removed, installed, at, self.entry.number, operator, row[5])
            if not self._check(line, row, course, new):
                continue
            insort(course.rows, new, key=attrgetter("happened_at"))
            written.append((self.tenant, unit, refdes, at, self.entry.number, removed, installed, operator, row[5]))
            texts.append(row_text([unit, *row[1:4], operator, *row[5:7]]))
            ids.append(fact)
            units.append(unit)
            if installed is not None:
                order = self.units.spans.orders.of_unit(unit)
                put_in.setdefault(order.code, {}).setdefault((installed, refdes), (line, row[3]))
            self.states.begun(unit, unit + 1)
        if units:
            self.commit(texts, ids, min(units), max(units) + 1)
        bulk.insert_rows("production_replacement", COLUMNS, written)
        for code, rows in put_in.items():
            self._warn_of_others(self.units.spans.orders.by_code(code), rows)
        self.states.finish()

    def _warn_of_others(self, order: OrderRow, rows: dict[tuple[int, str], tuple]) -> None:
        """Packages of another part than the BOM takes there are recorded; the gate stops their units."""
        others = note_put_in(self.tenant, order, set(rows), self.groups)
        for package, refdes in (one for one in rows if one in others):
            line, code = rows[package, refdes]
            self.warn(f"{self.file} line {line}: package {code} is of another part than the BOM asks for at {refdes}.")

    def _as_recorded(self, unit: int, refdes: str) -> "_Course":
        order = self.units.spans.orders.of_unit(unit)
        built = candidates_as_built(self.tenant, order, unit, self.groups).get(refdes)
        return _Course(refdes, built, [row for row in replacements_of(self.tenant, unit) if row.refdes == refdes])

    def _check(self, line, row, course: "_Course", new: ReplacementRow) -> bool:
        doubled = [old for old in course.rows if old.happened_at == new.happened_at]
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
        there = course.before(new.happened_at)
        if new.removed is not None and there and None not in there.candidates and new.removed not in there.candidates:
            reason = f"{row[2]} was not at {row[1]} of {row[0]}; there was {self._named(there.candidates)}."
            remedy = "Name what came out, or leave the cell empty."
            self.wrong(line, "removed_package", row[2], "production.replacement_not_there", reason, remedy)
            return False
        later = course.after(new.happened_at)
        if later and None not in (later.removed, new.installed) and later.removed != new.installed:
            at, came_out = format_instant(later.happened_at), self._named({later.removed})
            reason = f"{came_out} came out of {row[1]} of {row[0]} at {at}, and not {row[3]}."
            remedy = "Name what went in, or withdraw the later replacement first."
            self.wrong(line, "installed_package", row[3], "production.replacement_not_there", reason, remedy)
            return False
        return True

    def _named(self, candidates) -> str:
        return " or ".join(sorted(found.code for found in packages(self.tenant, candidates).values()))


@dataclass
class _Course:
    """A position of a unit: what was built in (None: nothing was recorded), and its replacements in the order in which they happened."""

    refdes: str
    built: frozenset[int | None] | None
    rows: list[ReplacementRow]

    def before(self, at: int) -> Stage | None:
        """What was there at a time, by what happened until then; None where nothing is recorded."""
        position = Position(self.refdes, [Stage(self.built)] if self.built else [])
        for row in self.rows:
            if row.happened_at < at:
                apply_replacement(position, row)
        return position.now

    def after(self, at: int) -> ReplacementRow | None:
        """The next replacement after a time."""
        return next((row for row in self.rows if row.happened_at > at), None)
