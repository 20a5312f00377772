"""panels.csv -> units that are one panel, told after the order was planned: by a machine that begins to work on it.

Each row puts the units of a span onto a panel. `positions` names their places, blank-separated, in unit order; empty means
1, 2, 3 …. `skipped` names those places that are not built (X-out). A unit is on one panel.

Refuses: a place named twice, as many places as units not given, a skipped place that is none of the panel's, a unit that
is on another panel already.
"""

from pyroaring import BitMap

from asbuilt.built.production.events import PANEL
from asbuilt.built.production.spans_of_rows import SpanReader
from asbuilt.built.production.states import SKIPPED
from asbuilt.built.production.stating import StateWriter
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger.intake import KnownTexts, TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "first_unit", "until_unit", "code", "positions", "entry")
UNITS_MAX = 5_000  # of a panel


def skipped_units(values) -> BitMap:
    """The units that a fact of the shape `production.panel/1` calls skipped."""
    first, until, _, _, positions, skipped, *_ = values
    gone = set(skipped.split())
    if not gone:
        return BitMap()
    names = positions.split() or [str(n + 1) for n in range(until - first)]
    return BitMap([first + n for n, name in enumerate(names) if name in gone])


class PanelsIntake(TableIntake):
    """Each row is a panel, or the part of one whose units lie beside each other on the axis."""

    table = "panels"
    shape = PANEL

    def __init__(self, *args):
        super().__init__(*args)
        self.spans = SpanReader(self)
        self.before = KnownTexts(self.tenant, PANEL, self.entry.number)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.lines: dict[int, int] = {}  # unit -> line of this file

    def take(self, lines, rows):
        """Rows one by one: a panel is a few units."""
        units = self.spans.resolve([(row[0], row[2], row[3], row[8]) for row in rows])
        written, texts, ids, taken = [], [], [], BitMap()
        for line, row, span in zip(lines, rows, units, strict=True):
            order = self.spans.order(line, row[0])
            found = self.spans.check(line, order, row[2], row[3], span) if order else None
            if not found:
                continue
            text = row_text([*found, *row[:2], *row[4:8]])
            if any(text in known for known in self.before.over(*found)):
                self.known += 1
                continue
            names = self._places(line, row, *found)
            if names is None or not self._free(line, row, *found):
                continue
            plain = names == [str(n + 1) for n in range(len(names))]
            written.append((self.tenant, *found, row[1], None if plain else "\n".join(names), self.entry.number))
            texts.append(text)
            ids.append(fact_bytes(self.table, row[:8]))
            taken.add_range(*found)
            for unit in skipped_units([*found, *row[:2], *row[4:8]]):
                self.states.state(unit, SKIPPED)
        if taken:
            self.commit(texts, ids, taken.min(), taken.max() + 1)
        bulk.insert_rows("production_panel", COLUMNS, written)

    def _places(self, line, row, first, until) -> list[str] | None:
        count = until - first
        names = row[4].split() or [str(n + 1) for n in range(count)]
        if count > UNITS_MAX:
            reason = f"has {count:,} units, a panel has at most {UNITS_MAX:,}"
            return self.wrong(line, "last_serial", row[3], "production.panel_too_large", reason, "Mend the span.")
        if len(names) != count or len(set(names)) != count:
            reason = f"The row names {len(set(names))} places for {count} units."
            remedy = "Name a place for each unit, each once, or leave the cell empty for 1, 2, 3 …."
            return self.wrong(line, "positions", row[4], "production.panel_places", reason, remedy)
        strange = [name for name in row[5].split() if name not in names]
        if strange:
            reason = f"{strange[0]} is no place of this row."
            return self.wrong(
                line, "skipped", row[5], "production.panel_place_unknown", reason, "Name places of the panel."
            )
        return names

    def _free(self, line, row, first, until) -> bool:
        doubled = next((self.lines[unit] for unit in range(first, until) if unit in self.lines), None)
        if doubled is not None:
            reason = f"A unit of this row stands on line {doubled} too."
            self.wrong(line, "first_serial", row[2], "production.panel_doubled", reason, "Put each unit on one panel.")
            return False
        for unit in range(first, until):
            self.lines[unit] = line
        sql = (
            "SELECT first_unit, until_unit FROM production_panel WHERE tenant = %s AND first_unit < %s "
            "AND until_unit > %s AND first_unit > %s AND until_entry IS NULL"
        )
        near = reading.fetch(sql, (self.tenant, until, first, first - UNITS_MAX))
        if bitmap_of(near) & BitMap(range(first, until)):
            self.contradicts(line, "panel", row[1], "A unit of this row is on a panel already.")
            return False
        return True

    def finish(self):
        """Skipped places are stated."""
        self.states.finish()
