"""sboms.csv -> SBOMs with their components.

Each row is an SBOM of a binding (`bindings`). Its bytes lie in the file that the row names beside the table, or are evidence
already; they are read by `formats.sbom`, and components, edges and package versions written from them. Refused: a binding to
nothing that is known, a file that is not there, has another SHA-256 or is no SBOM, the bytes that are current already.
"""

import os
from collections.abc import Callable
from hashlib import sha256

from asbuilt.access.people import People
from asbuilt.designed.catalog.intake import numbers_after
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.components.bindings import Binding, Bound, bound_or_fault
from asbuilt.designed.components.events import SBOM, SBOM_1
from asbuilt.designed.components.images import image_faults
from asbuilt.designed.components.models import Sbom
from asbuilt.designed.components.projection import document_json, write_components
from asbuilt.formats.bom_links import document_key
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.read import READER, read_sbom
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import evidence
from asbuilt.ledger.intake import TableIntake, ids_ever, row_text
from asbuilt.storage import bulk, reading

BINDING_COLUMNS = 6
FILE, SHA256, OPERATOR, HAPPENED, IMAGE, BOUND_BY = range(6, 12)
COLUMNS = (
    "tenant", "number", "ulid", "product", "role", "version", "revision", "part", "lot", "image", "bound_by", "place", "file", "sha256", "format",
    "spec_version", "serialisation", "reader", "components", "document", "operator", "happened_at", "entry", "row",
    "link",
)  # fmt: skip
LONG_CELLS = {"role": 1, "version": 2, "lot": 5, "file": FILE}
_SAME = (
    "product IS NOT DISTINCT FROM %s AND role = %s AND version = %s AND revision IS NOT DISTINCT FROM %s "
    "AND part IS NOT DISTINCT FROM %s AND lot = %s"
)


class SbomsIntake(TableIntake):
    """Each row is an SBOM. `images`, set by the caller, gives the bytes of a file by its path, or None; `read` holds
    documents by their SHA-256 that a verb has read already."""

    table = "sboms"
    evidence_class = "document"
    shape = SBOM
    older = (SBOM_1,)
    images: Callable[[str], bytes | None] | None = None
    read: dict[str, SbomDocument] = {}

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        self.numbers = numbers_after("components_sbom", self.tenant)
        self.most = lengths(Sbom, tuple(LONG_CELLS))
        self.sboms: list[int] = []

    def take(self, lines, rows):
        ids = [ids_ever(TABLES[self.table], row) for row in rows]
        before = self.ids_known(fact for ways in ids for fact in ways)
        for line, row, ways in zip(lines, rows, ids, strict=True):
            if not before.isdisjoint(ways) and not self.anew:
                self.known += 1
                continue
            bound = self._bound(line, row)
            document = bound and self._document(line, row)
            if not bound or not document or self._of_another(line, row, document):
                continue
            if not self._is_current(line, row, bound):
                self._write(row, ways[0], bound, document)

    def _of_another(self, line: int, row: tuple, document: SbomDocument) -> bool:
        """Whether image or document speak of another image than the release has; of a row without image it is a warning."""
        faults = list(image_faults(self.tenant, Binding(*row[:BINDING_COLUMNS]), row[IMAGE], document))
        for column, cell, code, reason, remedy in faults:
            if row[IMAGE]:
                self.wrong(line, column, cell, code, reason, remedy)
            else:
                self.warn(f"{self.file} line {line}: {reason}.")
        return bool(faults and row[IMAGE])

    def _bound(self, line: int, row: tuple) -> Bound | None:
        cells = tuple(row[at] for at in LONG_CELLS.values())
        if refuse_long(self, line, tuple(LONG_CELLS), cells, self.most):
            return None
        found = bound_or_fault(self.tenant, Binding(*row[:BINDING_COLUMNS]))
        if isinstance(found, Bound):
            return found
        column, code, reason, remedy = found
        self.wrong(line, column, row[self.shape.columns.index(column)], code, reason, remedy)
        return None

    def _document(self, line: int, row: tuple) -> SbomDocument | None:
        said = row[SHA256]
        if said in self.read:
            return self.read[said]
        try:
            content = self._bytes(line, row)
            return read_sbom(content, limits=Limits()) if content is not None else None
        except AsbuiltError as refusal:
            self.wrong(line, "file", row[FILE], refusal.code, refusal.message, refusal.remedy)
            return None

    def _bytes(self, line: int, row: tuple) -> bytes | None:
        """The file's bytes where they have the row's hash; names what is wrong otherwise."""
        file, said, content = row[FILE], row[SHA256], None
        if file and self.images is not None:
            try:
                content = self.images(file)
            except OSError:
                content = None
        if content is None and evidence.known_hashes(self.tenant, [said]):
            return b"".join(evidence.open_evidence(self.tenant, said))
        if content is None:
            reason = f"File {file[:80]} is not there, and no evidence has its SHA-256"
            self.wrong(line, "file", file, "components.file_missing", reason, "Put the file beside the table.")
            return None
        true = sha256(content).hexdigest()
        if true != said:
            reason = f"File {file[:80]} has SHA-256 {true}, the row says {said}"
            self.wrong(
                line, "sha256", said, "components.file_differs", reason, "Correct the cell, or give the right file."
            )
            return None
        return content

    def _is_current(self, line: int, row: tuple, bound: Bound) -> bool:
        sql = f"SELECT sha256, image FROM components_sbom WHERE tenant = %s AND {_SAME} AND until_entry IS NULL ORDER BY number DESC"
        found = reading.fetch_one(sql + " LIMIT 1", (self.tenant, *_cells(bound)))
        if found is None or found[0] != row[SHA256] or (row[IMAGE] and bytes(found[1] or b"").hex() != row[IMAGE]):
            return False
        reason = f"These bytes are the SBOM of {Binding(*row[:BINDING_COLUMNS]).name} already"
        self.wrong(line, "sha256", row[SHA256], "components.sbom_is_current", reason, "Nothing needs to be added.")
        return True

    def _write(self, row: tuple, fact: bytes, bound: Bound, document: SbomDocument) -> None:
        operator = self.people.number(row[OPERATOR])
        place = self.commit([row_text([*row[:OPERATOR], operator, *row[HAPPENED:]])], [fact])
        number, ulid = next(self.numbers), new_ulid(self.entry.recorded_at, os.urandom(10))
        sql = f"SELECT count(*) FROM components_sbom WHERE tenant = %s AND {_SAME}"
        before = reading.fetch_one(sql, (self.tenant, *_cells(bound)))[0]
        said = (
            before + 1, row[FILE], row[SHA256], document.format, document.spec_version[:20], document.serialisation, READER,
            len(document.components), document_json(document), operator, parse_instant(row[HAPPENED]),
        )  # fmt: skip
        image = bytes.fromhex(row[IMAGE]) if row[IMAGE] else None
        link = document_key(document.identity, document.document_version) if document.format == "cyclonedx" else ""
        values = (
            self.tenant,
            number,
            ulid,
            *_cells(bound),
            image,
            row[BOUND_BY],
            *said,
            self.entry.number,
            place,
            link,
        )
        bulk.insert_rows("components_sbom", COLUMNS, [values])
        write_components(self.tenant, number, document)
        self.sboms.append(number)


def _cells(bound: Bound) -> tuple:
    return bound.product, bound.role, bound.version, bound.revision, bound.part, bound.lot


def prepared(documents: dict[str, SbomDocument]) -> type[SbomsIntake]:
    """The intake of rows whose documents a verb has read already."""
    return type("PreparedSboms", (SbomsIntake,), {"read": documents})
