"""firmware.csv -> releases.

A release is product, image role and version; an empty role is the application (`app`). The image itself need not be
there; where its file lies beside the table its SHA-256 must be the one in the row. `revisions` names the hardware
revisions that the release is for, separated by `;` or blanks; empty means that nobody said.

Refuses: a release given twice in a file, an unknown product or revision, an image with another SHA-256.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.intake import numbers_after
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.queries import product_number, standing_products, standing_revisions
from asbuilt.designed.firmware.events import RELEASE
from asbuilt.designed.firmware.models import Release
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "number", "ulid", "product", "role", "version", "sha256", "revisions", "released_at", "security_relevant",
    "entry", "row",
)  # fmt: skip


@dataclass(frozen=True)
class _Product:
    """What releases of a product are checked against."""

    number: int
    revisions: dict[str, int]
    recorded: frozenset[tuple[str, str]]  # role and version of the releases recorded before
    hints: Hints


class ReleasesIntake(TableIntake):
    """Each row is a release. `images`, set by the caller, gives the bytes of an image by its path, or None."""

    table = "firmware"
    shape = RELEASE
    images: Callable[[str], bytes | None] | None = None

    def __init__(self, *args):
        super().__init__(*args)
        self.products: dict[str, _Product | None] = {}
        self.hints = Hints(lambda: standing_products(self.tenant), "Add its BOM to bom.csv first.")
        self.numbers = numbers_after("firmware_release", self.tenant)
        self.lines: dict[tuple[str, str, str], int] = {}
        self.most = lengths(Release, ("version", "role"))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        twins = [fact_bytes(self.table, _twin(row)) for row in rows]
        before = self.ids_known([*ids, *twins])
        taken = []
        for line, row, fact, twin in zip(lines, rows, ids, twins, strict=True):
            key = (row[0], row[2] or APP, row[1])
            named = f"{key[0]} {key[1]} {key[2]}"
            if key in self.lines:
                reason = f"Release {named} stands on line {self.lines[key]} too"
                self.wrong(line, "version", row[1], "firmware.release_doubled", reason, "Keep one row a release.")
                continue
            self.lines[key] = line
            product = self._product(row[0])
            if fact in before or twin in before:
                self.known += 1
            elif product and key[1:] in product.recorded:
                self.contradicts(line, "version", row[1], f"Release {named} was recorded before with other content")
            elif self._right(line, row, product):
                taken.append((row, fact, product.number))
        self._write(taken)

    def _product(self, code: str) -> _Product | None:
        """The product, or None where no BOM names it now. Three statements the first time."""
        if code not in self.products:
            revisions = standing_revisions(self.tenant, code)
            number = product_number(self.tenant, code) if revisions else None
            sql = (
                "SELECT role, version FROM firmware_release WHERE tenant = %s AND product = %s AND until_entry IS NULL"
            )
            recorded = frozenset(reading.fetch(sql, (self.tenant, number))) if revisions else frozenset()
            hints = Hints(lambda: revisions, "Its revisions are those of its BOMs.")
            self.products[code] = _Product(number, revisions, recorded, hints) if revisions else None
        return self.products[code]

    def _right(self, line: int, row: tuple, product: _Product | None) -> bool:
        wrong = refuse_long(self, line, ("version", "role"), row[1:3], self.most)
        if product is None:
            reason = f"No BOM is of product {row[0]}"
            self.wrong(line, "product", row[0], "catalog.product_unknown", reason, self.hints.of(row[0]))
            wrong = True
        else:
            for code in unknown_revisions(row[5], product.revisions):
                reason = f"{row[0]} has no hardware revision {code[:60]}"
                self.wrong(line, "revisions", row[5], "catalog.revision_unknown", reason, product.hints.of(code))
                wrong = True
        return not (wrong | self._wrong_image(line, row[3], row[4]))

    def _wrong_image(self, line: int, image: str, said: str) -> bool:
        if not image or self.images is None:
            return False
        try:
            found = self.images(image)
        except OSError:
            found = None
        if found is None:
            self.warn(f"{self.file} line {line}: image {image[:80]} is not there, its SHA-256 was not checked.")
            return False
        true = sha256(found).hexdigest()
        if true == said:
            return False
        reason = f"Image {image[:80]} has SHA-256 {true}, the row says {said}"
        remedy = "Correct the cell, or put the released image in its place."
        self.wrong(line, "sha256", said, "firmware.image_differs", reason, remedy)
        return True

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        written = []
        for place, (row, _, product) in enumerate(taken):
            _, version, role, _, image_sha256, revisions, released_at, security_relevant = row
            ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
            released = parse_instant(released_at) if released_at else None
            said = (role or APP, version, bytes.fromhex(image_sha256), revisions, released, security_relevant == "true")
            numbers = (self.entry.number, first + place)
            written.append((self.tenant, next(self.numbers), ulid, product, *said, *numbers))
        bulk.insert_rows("firmware_release", COLUMNS, written)


def _twin(row: tuple) -> tuple:
    """The same release with the application's role written the other way: empty or `app`."""
    other = {"": APP, APP: ""}.get(row[2], row[2])
    return (*row[:2], other, *row[3:])


def unknown_revisions(cell: str, known: dict[str, int]) -> list[str]:
    """What a `revisions` cell names beyond the known codes; a code that holds blanks itself is known whole."""
    return [
        code
        for part in cell.split(";")
        for code in ([part.strip()] if part.strip() in known else part.split())
        if code not in known
    ]
