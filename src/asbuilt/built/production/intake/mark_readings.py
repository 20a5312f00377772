"""mark_readings.csv -> what was read of the marks on units."""

from pyroaring import BitMap

from asbuilt.access.people import People
from asbuilt.built.production.events import MARK_READING
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.formats.marks import TEXT_CHARACTERS_MAX
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import KnownTexts, TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

RESULTS = ("pass", "wrong", "unreadable")
COLUMNS = ("tenant", "unit", "happened_at", "entry", "read", "result", "station", "operator")


class MarkReadingsIntake(TableIntake):
    """Each row is one reading of one mark."""

    table = "mark_readings"
    shape = MARK_READING

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.floor = FloorNames(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.before = KnownTexts(self.tenant, MARK_READING, self.entry.number)
        self.seen: dict[tuple[int, str], int] = {}

    def take(self, lines, rows):
        units = self.units.resolve(lines, "serial", [row[0] for row in rows], [row[6] for row in rows])
        at = [unit for unit in units if unit]
        known = self.before.over(min(at), max(at) + 1) if at else []
        written, texts, ids, taken = [], [], [], []
        for line, row, unit in zip(lines, rows, units, strict=True):
            if unit is None:
                continue
            _, read, result, station, operator, happened_at = row[:6]
            person = self.people.number(operator)
            text = row_text([unit, read, result, station, person, happened_at])
            if any(text in before for before in known):
                self.known += 1
            elif self._check(line, row, unit):
                place = (self.tenant, unit, parse_instant(happened_at), self.entry.number)
                written.append((*place, read, RESULTS.index(result), self.floor.number("station", station), person))
                texts.append(text)
                ids.append(fact_bytes(self.table, row[:6]))
                taken.append(unit)
        if taken:
            self.commit(texts, ids, min(taken), max(taken) + 1)
        bulk.insert_rows("production_mark_reading", COLUMNS, written)

    def _check(self, line: int, row: tuple, unit: int) -> bool:
        held = self.seen.setdefault((unit, row[5]), line)
        if held != line:
            reason = f"{row[0]} was read at this moment on line {held} too."
            self.wrong(line, "happened_at", row[5], "production.mark_read_twice", reason, "Keep one row a moment.")
            return False
        if len(row[1]) > TEXT_CHARACTERS_MAX:
            reason = f"has {len(row[1]):,} characters, the most is {TEXT_CHARACTERS_MAX}"
            self.wrong(line, "read", row[1], "tables.cell_too_long", reason, "Shorten it.")
            return False
        return True


def units_without_read_mark(tenant: int, units: BitMap) -> BitMap:
    """Those of these units whose mark was never read, or was not its own the last time. A statement a joined span."""
    if not units:
        return BitMap()
    sql = (
        "SELECT unit, result FROM production_mark_reading WHERE tenant = %s AND unit >= %s AND unit < %s "
        "AND until_entry IS NULL ORDER BY happened_at, entry"
    )
    last = dict(reading.fetch(sql, (tenant, units.min(), units.max() + 1)))
    return units - BitMap(unit for unit, result in last.items() if result == 0)
