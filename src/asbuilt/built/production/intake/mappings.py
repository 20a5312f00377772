"""mappings.csv -> how the files of machines are read. A machine has one mapping a pattern; to change it, correct the row."""

from asbuilt.access.people import People
from asbuilt.built.production.events import MAPPING
from asbuilt.built.production.mappings import CELLS
from asbuilt.built.production.models import FileMapping
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.formats.file_mappings import mistakes
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", *CELLS, "operator", "happened_at", "entry", "row")
SHORT = ("machine", "pattern", "time_format", "time_zone", "rows_at")


class MappingsIntake(TableIntake):
    """Each row is a mapping."""

    table = "mappings"
    shape = MAPPING

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        sql = "SELECT machine, pattern FROM production_file_mapping WHERE tenant = %s AND until_entry IS NULL"
        self.standing = set(reading.fetch(sql, (self.tenant,)))
        self.lines: dict[tuple[str, str], int] = {}
        self.most = lengths(FileMapping, SHORT)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        written, texts, taken = [], [], []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            key = row[:2]
            if fact in before:
                self.known += 1
            elif key in self.lines:
                doubled = f"{row[0]} has the pattern {row[1]} on line {self.lines[key]} too"
                self.wrong(line, "pattern", row[1], "production.mapping_doubled", doubled, "Keep one row a pattern.")
            elif key in self.standing:
                self.contradicts(line, "pattern", row[1], f"{row[0]} has a mapping for {row[1]} that says otherwise")
            elif self._right(line, row):
                self.lines[key] = line
                person = self.people.number(row[12]) or self.person
                said = (*row[:12], person)
                place = (self.entry.number, self.facts.count + len(written))
                written.append((self.tenant, *said, parse_instant(row[13]), *place))
                texts.append(row_text([*said, row[13]]))
                taken.append(fact)
        self.commit(texts, taken)
        bulk.insert_rows("production_file_mapping", COLUMNS, written)

    def _right(self, line: int, row: tuple) -> bool:
        cells = dict(zip(CELLS, row, strict=False))
        if refuse_long(self, line, SHORT, [cells[name] for name in SHORT], self.most):
            return False
        before = self.errors.total
        for column, refusal in mistakes(cells):
            self.wrong(line, column, cells[column][:200], refusal.code, refusal.reason, refusal.remedy)
        return self.errors.total == before
