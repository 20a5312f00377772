"""closings.csv -> orders that get no more units. To open one again, withdraw the row."""

from asbuilt.access.people import People
from asbuilt.built.production import blocks
from asbuilt.built.production.events import CLOSING
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "code", "entry", "row", "closed_at", "operator", "reason")


class ClosingsIntake(TableIntake):
    """Each row closes an order."""

    table = "closings"
    shape = CLOSING

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        sql = "SELECT code FROM production_order_closing WHERE tenant = %s AND until_entry IS NULL"
        self.closed = {code for (code,) in reading.fetch(sql, (self.tenant,))}
        self.lines: dict[str, int] = {}

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        written, texts, taken = [], [], []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            code, closed_at, operator, reason = row
            if fact in before:
                self.known += 1
            elif code in self.lines:
                doubled = f"Order {code} stands on line {self.lines[code]} too."
                self.wrong(line, "order", code, "production.closing_doubled", doubled, "Keep one row an order.")
            elif code in self.closed:
                self.contradicts(line, "order", code, f"Order {code} was closed before, recorded otherwise.")
            elif self._known(line, code):
                self.lines[code] = line
                person = self.people.number(operator)
                place = (self.entry.number, self.facts.count + len(written))
                written.append((self.tenant, code, *place, parse_instant(closed_at), person, reason))
                texts.append(row_text([code, closed_at, person, reason]))
                taken.append(fact)
        self.commit(texts, taken)
        bulk.insert_rows("production_order_closing", COLUMNS, written)

    def _known(self, line: int, code: str) -> bool:
        if blocks.order_number(self.tenant, code) is not None:
            return True
        sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
        known = [text for (text,) in reading.fetch(sql, (self.tenant,))]
        remedy = did_you_mean(code, known) or "Open the order first."
        self.wrong(line, "order", code, "production.order_unknown", f"There is no order {code}.", remedy)
        return False
