"""record_demands.csv -> what is demanded of the record of hardware revisions.

Each row names a level of material, one of process, or both; an empty cell demands nothing. A later row takes the place of an earlier
one from its time on. Refused: an unknown product or revision.
"""

from asbuilt.designed.catalog.events import RECORD_DEMAND
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.models import RecordDemand
from asbuilt.designed.catalog.record_demands import level_number
from asbuilt.designed.catalog.revision_finder import RevisionFinder
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk

COLUMNS = ("tenant", "revision", "material_level", "process_level", "agreed_in", "from_at", "entry", "row")


class RecordDemandsIntake(TableIntake):
    """Each row is a demand on one hardware revision."""

    table = "record_demands"
    shape = RECORD_DEMAND

    def __init__(self, *args):
        super().__init__(*args)
        self.revisions = RevisionFinder(self)
        self.said: set[bytes] = set()
        self.most = lengths(RecordDemand, ("agreed_in",))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before or fact in self.said:
                self.known += 1
                continue
            revision = self.revisions.find(line, row[0], row[1])
            if revision is not None and not refuse_long(self, line, ("agreed_in",), (row[4],), self.most):
                self.said.add(fact)
                taken.append((row, fact, revision))
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        written = [
            (self.tenant, revision, level_number(row[2]), level_number(row[3]), row[4], parse_instant(row[5]),
             self.entry.number, first + place)
            for place, (row, _, revision) in enumerate(taken)
        ]  # fmt: skip
        bulk.insert_rows("catalog_record_demand", COLUMNS, written)
