"""parties.csv -> parties."""

import os

from asbuilt.designed.parties.events import PARTY
from asbuilt.formats.countries import lack_of, tidy
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "number", "ulid", "code", "name", "roles", "country", "entry", "row")


class PartiesIntake(TableIntake):
    """Each row opens a party. A party code stands once."""

    table = "parties"
    shape = PARTY

    def __init__(self, *args):
        super().__init__(*args)
        sql = "SELECT code FROM parties_party WHERE tenant = %s AND until_entry IS NULL"
        self.codes = {code for (code,) in reading.fetch(sql, (self.tenant,))}
        last = reading.fetch_one("SELECT max(number) FROM parties_party WHERE tenant = %s", (self.tenant,))
        self.last_number = last[0] or 0
        self.lines: dict[str, int] = {}

    def take(self, lines, rows):
        sent = [fact_bytes(self.table, row) for row in rows]
        rows = [(*row[:3], tidy(row[3])) for row in rows]
        ids = [fact_bytes(self.table, row) for row in rows]
        # a row may have been recorded as it was sent, before countries were read
        before = self.ids_known(ids if ids == sent else [*ids, *sent])
        taken = []
        for line, row, fact, raw in zip(lines, rows, ids, sent, strict=True):
            code = row[0]
            if fact in before or raw in before:
                self.known += 1
            elif code in self.lines:
                reason = f"Party {code} stands on line {self.lines[code]} too."
                self.wrong(line, "party", code, "parties.doubled", reason, "Keep one row a party.")
            elif code in self.codes:
                self.contradicts(line, "party", code, f"Party {code} was recorded before with other content.")
            elif (lack := lack_of(row[3])) is not None:
                self.wrong(line, "country", row[3], *lack)
            else:
                self.lines[code] = line
                taken.append((row, fact))
        first = self.commit([row_text(row) for row, _ in taken], [fact for _, fact in taken])
        written = []
        for place, (row, _) in enumerate(taken):
            self.last_number += 1
            ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
            written.append((self.tenant, self.last_number, ulid, *row, self.entry.number, first + place))
        bulk.insert_rows("parties_party", COLUMNS, written)
