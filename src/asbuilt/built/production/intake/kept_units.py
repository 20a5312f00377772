"""Base of intakes whose rows are kept word for word (`supply.kept`) and name units: serial numbers become unit numbers.

The columns that name units stand first in table and shape, in the same order; an optional column `product` at the end of the table
tells units of one serial number apart. A cell may be empty where the table lets it.
"""

from collections.abc import Sequence

from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.supply.kept import with_operators, write_rows
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.formats.tables import TABLES
from asbuilt.ledger.intake import fact_bytes, row_text


class UnitKeptIntake(KeptIntake):
    """Subclasses set `serials`, the columns of the table that name units, besides what `KeptIntake` asks for."""

    serials: tuple[str, ...] = ("serial",)

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)

    def take(self, lines, rows):
        """Units of all rows are looked up at once."""
        table = TABLES[self.table]
        width = table.fact_width
        ids = [fact_bytes(self.table, row[:width]) for row in rows]
        before = self.ids_known(ids)
        new = [n for n, fact in enumerate(ids) if fact not in before]
        self.known += len(rows) - len(new)
        products = [row[width] if table.finders else "" for row in rows]
        named = [self._resolve(column, place, new, lines, rows, products) for place, column in enumerate(self.serials)]
        at = len(self.serials)
        taken, facts = [], []
        for n in new:
            units = [found.get(n) for found in named]
            missing = any(rows[n][place] and unit is None for place, unit in enumerate(units))
            if ids[n] in self.seen:
                self.known += 1
            elif not missing and self._right_unit(lines[n], units, rows[n][at:width]):
                self.seen.add(ids[n])
                taken.append((*units, *rows[n][at:width]))
                facts.append(ids[n])
        self._keep(taken, facts)

    def _resolve(self, column: str, place: int, new: Sequence[int], lines, rows, products) -> dict[int, int | None]:
        wanted = [n for n in new if rows[n][place]]
        found = self.units.resolve(
            [lines[n] for n in wanted], column, [rows[n][place] for n in wanted], [products[n] for n in wanted]
        )
        return dict(zip(wanted, found, strict=True))

    def _right_unit(self, line: int, units: list[int | None], cells: Sequence[str]) -> bool:
        before = self.errors.total + self.contradictions.total
        said = dict(zip(self.columns[len(units) :], cells, strict=True))
        right = self._right(line, said, {}, {})
        if right:
            self.check_units(line, units, said)
        return right and self.errors.total + self.contradictions.total == before

    def check_units(self, line: int, units: list[int | None], cells: dict[str, str]) -> None:
        """The rules of the table itself, with the units that the row names."""

    def _keep(self, taken: list[tuple], facts: list[bytes]) -> None:
        values = with_operators(self.entry, self.kept, taken)
        units = [unit for row in values for unit in row[: len(self.serials)] if unit is not None]
        ends = (min(units), max(units) + 1) if units else (None, None)
        first = self.commit([row_text(row) for row in values], facts, *ends)
        write_rows(self.entry, self.kept, values, self.parties, first)
