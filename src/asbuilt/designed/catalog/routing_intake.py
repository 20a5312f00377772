"""documents.csv -> revisions of documents; routings.csv -> steps of routings.

A document is named `CODE@REVISION` where a step asks for it, so `@` stands in no code. Its bytes lie in the file that the
row names, and are kept as evidence where they have the SHA-256 of the row. A routing is a version of the way of a hardware
revision through the factory: its steps stand in the order of `place_in_route`, each step and side once. Refused: an unknown
product, revision or document, a place or step given twice, a file with another SHA-256.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from asbuilt.designed.catalog.events import DOCUMENT, ROUTING_STEP, ROUTING_STEP_1
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import lengths, refuse_large, refuse_long
from asbuilt.designed.catalog.models import Document, RoutingStep
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.catalog.routings import limits_of
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, ids_ever, row_text
from asbuilt.storage import bulk, reading

DOCUMENT_COLUMNS = (
    "tenant", "code", "revision", "kind", "title", "file", "sha256", "valid_from_at", "entry", "row",
)  # fmt: skip
STEP_COLUMNS = (
    "tenant", "hardware_revision", "routing", "place_in_route", "step", "side", "place", "instruction", "criteria",
    "procedure", "optional", "limits", "from_at", "qualifications", "subcontractor", "evidence", "entry", "row",
)  # fmt: skip
LONG_CELLS = ("routing", "step", "side", "place", "qualifications")
DOCUMENT_CELLS = ("instruction", "criteria", "procedure")


class DocumentsIntake(TableIntake):
    """Each row is a revision of a document. `images`, set by the caller, gives the bytes of a file by its path, or None."""

    table = "documents"
    evidence_class = "document"
    shape = DOCUMENT
    images: Callable[[str], bytes | None] | None = None

    def __init__(self, *args):
        super().__init__(*args)
        self.lines: dict[tuple[str, str], int] = {}
        self.most = lengths(Document, ("code", "revision", "title", "file"))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        recorded = self._recorded({row[0] for row in rows})
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            key = row[:2]
            if key in self.lines:
                reason = f"Document {row[0]} revision {row[1]} stands on line {self.lines[key]} too"
                self.wrong(line, "revision", row[1], "catalog.document_doubled", reason, "Keep one row a revision.")
                continue
            self.lines[key] = line
            if fact in before:
                self.known += 1
            elif key in recorded:
                self.contradicts(line, "revision", row[1], f"{row[0]}@{row[1]} was recorded before with other content")
            elif not self._wrong(line, row):
                taken.append((row, fact))
        self._write(taken)

    def _recorded(self, codes: set[str]) -> set[tuple[str, str]]:
        sql = "SELECT code, revision FROM catalog_document WHERE tenant = %s AND until_entry IS NULL AND "
        return set(reading.fetch(sql + reading.any_of("code", "text"), (self.tenant, reading.list_param(codes))))

    def _wrong(self, line: int, row: tuple) -> bool:
        cells = (row[0], row[1], row[3], row[4])
        wrong = refuse_long(self, line, ("document", "revision", "title", "file"), cells, self.most)
        if "@" in row[0]:
            reason = "A document's code holds no @, which stands between code and revision."
            self.wrong(line, "document", row[0], "catalog.document_code", reason, "Name it without.")
            wrong = True
        return wrong | self._wrong_file(line, row[4], row[5])

    def _wrong_file(self, line: int, file: str, said: str) -> bool:
        if not file or self.images is None:
            return False
        try:
            found = self.images(file)
        except OSError:
            found = None
        if found is None:
            self.warn(f"{self.file} line {line}: file {file[:80]} is not there, its SHA-256 was not checked.")
            return False
        true = sha256(found).hexdigest()
        if true == said:
            return False
        reason = f"File {file[:80]} has SHA-256 {true}, the row says {said}"
        remedy = "Correct the cell, or put the released document in its place."
        self.wrong(line, "sha256", said, "catalog.document_differs", reason, remedy)
        return True

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, _ in taken], [fact for _, fact in taken])
        rows = [
            (self.tenant, *row[:5], bytes.fromhex(row[5]), parse_instant(row[6]), self.entry.number, first + place)
            for place, (row, _) in enumerate(taken)
        ]
        bulk.insert_rows("catalog_document", DOCUMENT_COLUMNS, rows)


class RoutingsIntake(TableIntake):
    """Each row is a step of a routing."""

    table = "routings"
    shape = ROUTING_STEP
    older = (ROUTING_STEP_1,)

    def __init__(self, *args):
        super().__init__(*args)
        self.revisions: dict[str, dict[str, int]] = {}
        self.hints = Hints(lambda: standing_products(self.tenant), "Add its BOM to bom.csv first.")
        self.parties = numbers_by_name(self.tenant)
        self.party_hints = Hints(lambda: self.parties, "Add the party to parties.csv first.")
        self.documents: dict[str, str] | None = None
        self.document_hints = Hints(lambda: self.documents, "Add it to documents.csv first; write CODE@REVISION.")
        self.places: dict[tuple, int] = {}  # (revision, routing, place or step with side) -> line, 0: recorded before
        self.routings_read: set[tuple[int, str]] = set()
        self.most = lengths(RoutingStep, LONG_CELLS)

    def take(self, lines, rows):
        ids = [ids_ever(TABLES[self.table], row) for row in rows]
        before = self.ids_known(fact for ways in ids for fact in ways)
        taken = []
        for line, row, ways in zip(lines, rows, ids, strict=True):
            if not before.isdisjoint(ways):
                self.known += 1
                continue
            revision = self._revision(line, row)
            wrong = refuse_long(self, line, LONG_CELLS, (row[2], *row[4:7], row[13]), self.most)
            wrong |= refuse_large(self, line, "place_in_route", row[3]) | self._wrong_documents(line, row)
            wrong |= self._wrong_limits(line, row[11]) | self._wrong_subcontractor(line, row)
            if revision is not None and not wrong and self._fits(line, row, revision):
                taken.append((row, ways[0], revision))
        self._write(taken)

    def _revision(self, line: int, row: tuple) -> int | None:
        if row[0] not in self.revisions:
            self.revisions[row[0]] = standing_revisions(self.tenant, row[0])
        known = self.revisions[row[0]]
        if not known:
            reason = f"No BOM is of product {row[0]}"
            return self.wrong(line, "product", row[0], "catalog.product_unknown", reason, self.hints.of(row[0]))
        if row[1] not in known:
            reason = f"{row[0]} has no hardware revision {row[1][:60]}"
            remedy = f"Its revisions are {', '.join(sorted(known)[:5])}."
            return self.wrong(line, "revision", row[1], "catalog.revision_unknown", reason, remedy)
        return known[row[1]]

    def _wrong_documents(self, line: int, row: tuple) -> bool:
        if self.documents is None:
            sql = "SELECT code, revision, kind FROM catalog_document WHERE tenant = %s AND until_entry IS NULL"
            self.documents = {f"{code}@{revision}": kind for code, revision, kind in reading.fetch(sql, (self.tenant,))}
        wrong = False
        for column, cell in zip(DOCUMENT_CELLS, row[7:10], strict=True):
            if cell and self.documents.get(cell) != column:
                reason = f"There is no {column} {cell[:80]}"
                self.wrong(line, column, cell, "catalog.document_unknown", reason, self.document_hints.of(cell))
                wrong = True
        return wrong

    def _wrong_subcontractor(self, line: int, row: tuple) -> bool:
        if row[14] and row[14] not in self.parties:
            reason = f"No party is called {row[14]}"
            self.wrong(line, "subcontractor", row[14], "parties.unknown", reason, self.party_hints.of(row[14]))
            return True
        if row[15] and not row[14]:
            reason = f"{row[4]} is done here; only a subcontractor sends evidence back"
            self.wrong(line, "evidence", row[15], "catalog.evidence_of_nobody", reason, "Name the subcontractor too.")
            return True
        return False

    def _wrong_limits(self, line: int, cell: str) -> bool:
        if limits_of(cell) is not None:
            return False
        reason = "Limits are pairs of numbers by reading, either end null"
        self.wrong(
            line,
            "limits",
            cell,
            "catalog.limits_malformed",
            reason,
            'Write {"zone5": [240, 255], "peak": [null, 260]}.',
        )
        return True

    def _fits(self, line: int, row: tuple, revision: int) -> bool:
        key = (revision, row[2])
        if key not in self.routings_read:
            self.routings_read.add(key)
            sql = (
                "SELECT place_in_route, step, side FROM catalog_routing_step WHERE tenant = %s AND hardware_revision = %s "
                "AND routing = %s AND until_entry IS NULL"
            )
            for place, step, side in reading.fetch(sql, (self.tenant, *key)):
                self.places[*key, place] = self.places[*key, step, side] = 0
        for column, value, place in (("place_in_route", row[3], (int(row[3]),)), ("step", row[4], row[4:6])):
            known = self.places.setdefault((*key, *place), line)
            if known == 0:
                self.contradicts(line, column, value, f"Routing {row[2]} has {value} recorded before, otherwise")
                return False
            if known != line:
                reason = f"{value} stands on line {known} of this routing too"
                self.wrong(
                    line, column, value, "catalog.step_doubled", reason, "Each place, and each step and side, once."
                )
                return False
        return True

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        rows = [
            (
                self.tenant, revision, row[2], int(row[3]), *row[4:10], row[10] == "true", row[11], parse_instant(row[12]),
                row[13], self.parties.get(row[14]), row[15], self.entry.number, first + place,
            )
            for place, (row, _, revision) in enumerate(taken)
        ]  # fmt: skip
        bulk.insert_rows("catalog_routing_step", STEP_COLUMNS, rows)
