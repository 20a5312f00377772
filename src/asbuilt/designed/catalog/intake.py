"""parts.csv -> parts with their approved manufacturer parts; bom.csv -> products, hardware revisions and BOM versions.

A part may have several rows, one a manufacturer part: the key is part, MPN and maker. A product, a revision
and a BOM version begin with their first BOM row. A BOM version is stated once: a later file may restate it, never add
to it, since units are built to it; a line that was withdrawn may be recorded anew.

Refuses: a key given twice in a file, an unknown part, a designator that stands twice in a BOM version, a quantity that
is not the number of designators, a line without designators that could not be written as `#LINE`.
"""

import os
import re
from collections.abc import Sequence
from itertools import count

from asbuilt.designed.catalog.events import BOM_LINE, PART
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import lengths, refuse_large, refuse_long
from asbuilt.designed.catalog.models import Bom, BomLine, ManufacturerPart, Part, Product, Revision
from asbuilt.designed.catalog.positions import POSITION_CHARACTERS_MAX, PositionGroups
from asbuilt.designed.catalog.queries import known_part_codes, part_numbers
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

PART_COLUMNS = ("tenant", "number", "ulid", "code")
MANUFACTURER_PART_COLUMNS = (
    "tenant", "part", "description", "mpn", "maker", "lifecycle", "msl", "entry", "row",
)  # fmt: skip
LINE_COLUMNS = ("tenant", "bom", "line", "part", "quantity", "group", "entry", "row")

_CUTS = re.compile(r"[\s,;]")


def numbers_after(table: str, tenant: int) -> count:
    """The numbers that follow the last one of a table; one writer a tenant makes them ours."""
    last = reading.fetch_one(f"SELECT max(number) FROM {table} WHERE tenant = %s", (tenant,))[0]
    return count((last or 0) + 1)


class PartsIntake(TableIntake):
    """Each row opens a part, or approves one more manufacturer part for it."""

    table = "parts"
    shape = PART

    def __init__(self, *args):
        super().__init__(*args)
        self.numbers = numbers_after("catalog_part", self.tenant)
        self.lines: dict[tuple[str, str, str], int] = {}
        most = lengths(ManufacturerPart, ("mpn", "maker", "msl"))
        self.most = (*lengths(Part, ("code",)), *most)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        recorded = self._recorded({row[0] for row in rows})
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            part, _, mpn, maker, _, msl = row
            key = (part, mpn, maker)
            named = f"Part {part}" + (f" with MPN {mpn} of {maker or 'no maker'}" if mpn or maker else "")
            if key in self.lines:
                reason = f"{named} stands on line {self.lines[key]} too"
                self.wrong(line, "part", part, "catalog.part_doubled", reason, "Keep one row a manufacturer part.")
                continue
            self.lines[key] = line
            if fact in before:
                self.known += 1
            elif key in recorded:
                self.contradicts(line, "part", part, f"{named} was recorded before with other content")
            elif not refuse_long(self, line, ("part", "mpn", "manufacturer", "msl"), (*key, msl), self.most):
                taken.append((row, fact))
        self._write(taken)

    def _recorded(self, codes: set[str]) -> set[tuple[str, str, str]]:
        sql = (
            "SELECT p.code, m.mpn, m.maker FROM catalog_part p JOIN catalog_manufacturer_part m ON m.tenant = p.tenant "
            "AND m.part = p.number WHERE p.tenant = %s AND "
            + reading.any_of("p.code", "text")
            + " AND m.until_entry IS NULL"
        )
        return set(reading.fetch(sql, (self.tenant, reading.list_param(codes))))

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, _ in taken], [fact for _, fact in taken])
        codes = {row[0] for row, _ in taken}
        sql = "SELECT code, number FROM catalog_part WHERE tenant = %s AND " + reading.any_of("code", "text")
        parts = dict(reading.fetch(sql, (self.tenant, reading.list_param(codes))))
        opened, written = [], []
        for place, (row, _) in enumerate(taken):
            if row[0] not in parts:
                parts[row[0]] = next(self.numbers)
                ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
                opened.append((self.tenant, parts[row[0]], ulid, row[0]))
            written.append((self.tenant, parts[row[0]], *row[1:], self.entry.number, first + place))
        bulk.insert_rows("catalog_part", PART_COLUMNS, opened)
        bulk.insert_rows("catalog_manufacturer_part", MANUFACTURER_PART_COLUMNS, written)


class _Version:
    """A BOM version of a file: what stood before, what the file says."""

    def __init__(self, names: tuple[str, str, str]):
        self.names = names
        self.bom: int | None = None
        self.standing: set[str] = set()  # lines recorded before
        self.withdrawn: set[str] = set()
        self.positions: dict[str, str] = {}  # position -> line of the BOM version
        self.lines: dict[str, int] = {}  # line of the BOM version -> line of the file

    def __str__(self) -> str:
        product, revision, version = self.names
        return f"BOM version {version} of {product} {revision}"


class BomIntake(TableIntake):
    """Each row is a line of a BOM version."""

    table = "bom"
    shape = BOM_LINE

    def __init__(self, *args):
        super().__init__(*args)
        self.groups = PositionGroups(self.tenant)
        self.versions: dict[tuple[str, str, str], _Version] = {}
        self.products: dict[str, int] = {}
        self.revisions: dict[tuple[str, str], int] = {}
        self.next = {name: numbers_after(f"catalog_{name}", self.tenant) for name in ("product", "revision", "bom")}
        self.hints = Hints(lambda: known_part_codes(self.tenant), "Add the part to parts.csv first.")
        code, revision, version, line = (
            *lengths(Product, ("code",)), *lengths(Revision, ("code",)), *lengths(Bom, ("version",)),
            *lengths(BomLine, ("line",)),
        )  # fmt: skip
        self.most = (code, revision, version, line)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        parts = part_numbers(self.tenant, [row[4] for row in rows])
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            version = self.versions.get(row[:3]) or self._open(row[:3])
            if self._repeats(version, line, row, fact in before):
                continue
            group = self._check(version, line, row, parts)
            if group is not None:
                taken.append((row, fact, version, parts[row[4]], group))
        self._write(taken)

    def _open(self, names: tuple[str, str, str]) -> _Version:
        """What was recorded before of this BOM version. Three statements at most, once a version."""
        version = self.versions[names] = _Version(names)
        sql = (
            "SELECT b.number FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant "
            "AND r.product = p.number JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number "
            "WHERE p.tenant = %s AND p.code = %s AND r.code = %s AND b.version = %s"
        )
        row = reading.fetch_one(sql, (self.tenant, *names))
        if row is None:
            return version
        version.bom = row[0]
        sql = 'SELECT line, "group", until_entry FROM catalog_bom_line WHERE tenant = %s AND bom = %s'
        rows = reading.fetch(sql, (self.tenant, version.bom))
        labels = self.groups.labels(group for _, group, until in rows if until is None)
        for line, group, until in rows:
            if until is not None:
                version.withdrawn.add(line)
                continue
            version.standing.add(line)
            version.positions.update(dict.fromkeys(labels[group].split(" "), line))
        return version

    def _repeats(self, version: _Version, line: int, row: tuple, known: bool) -> bool:
        """Whether the row says something that was said before, in this file or earlier."""
        name = row[3]
        if name in version.lines:
            reason = f"Line {name} of {version} stands on line {version.lines[name]} too"
            self.wrong(line, "line", name, "catalog.bom_line_doubled", reason, "Number the lines differently.")
            return True
        version.lines[name] = line
        if known:
            self.known += 1
        elif name in version.standing:
            self.contradicts(line, "line", name, f"Line {name} of {version} was recorded before with other content")
        elif version.standing and name not in version.withdrawn:
            reason = f"{version} was recorded before without line {name}; a changed BOM is a new BOM version"
            self.contradicts(line, "line", name, reason)
        else:
            return False
        return True

    def _check(self, version: _Version, line: int, row: tuple, parts: dict[str, int]) -> int | None:
        """The position group of a row that keeps the rules; None where it breaks one."""
        wrong = refuse_long(self, line, ("product", "revision", "bom_version", "line"), row[:4], self.most)
        if row[4] not in parts:
            reason = f"There is no part {row[4]}"
            self.wrong(line, "part", row[4], "catalog.part_unknown", reason, self.hints.of(row[4]))
            wrong = True
        wrong |= refuse_large(self, line, "quantity", row[5])
        positions = row[6].split()
        wrong |= self._wrong_designators(line, row, positions) if positions else self._wrong_bare_line(line, row)
        positions = positions or ["#" + row[3]]
        wrong |= self._wrong_doubled(version, line, row[3], positions)
        return None if wrong else self.groups.intern(positions)

    def _wrong_doubled(self, version: _Version, line: int, name: str, positions: list[str]) -> bool:
        wrong, here = False, set()
        for position in positions:
            holder = version.positions.setdefault(position, name)
            if holder == name and position not in here:
                here.add(position)
                continue
            place = "twice here" if holder == name else f"also at BOM line {holder}"
            if holder != name and holder in version.lines:
                place += f" (line {version.lines[holder]} of the file)"
            reason = f"{position[:40]} stands {place} in {version}"
            self.wrong(line, "refdes", position, "catalog.position_doubled", reason, "Give it to one line once.")
            wrong = True
        return wrong

    def _wrong_designators(self, line: int, row: tuple, positions: list[str]) -> bool:
        quantity = int(row[5])
        wrong = quantity != len(positions)
        if wrong:
            reason = f"Quantity is {quantity}, but {len(positions)} designators are named"
            remedy = "Make both the same; parts that are not fitted stay out of the BOM."
            self.wrong(line, "quantity", row[5], "catalog.quantity_differs", reason, remedy)
        for position in positions:
            if position.startswith("#"):
                reason = f"{position[:40]} begins with #, which stands for lines without designators"
                self.wrong(line, "refdes", position, "catalog.position_reserved", reason, "Leave refdes empty.")
            elif len(position) > POSITION_CHARACTERS_MAX:
                reason = f"has {len(position)} characters, the most is {POSITION_CHARACTERS_MAX}"
                self.wrong(line, "refdes", position, "tables.cell_too_long", reason, "Separate designators by blanks.")
            else:
                continue
            wrong = True
        return wrong

    def _wrong_bare_line(self, line: int, row: tuple) -> bool:
        wrong = False
        if int(row[5]) == 0:
            reason = f"Line {row[3]} takes no pieces and has no designators"
            self.wrong(line, "quantity", row[5], "catalog.quantity_none", reason, "Leave the line out.")
            wrong = True
        if _CUTS.search(row[3]):
            reason = f"Line {row[3]} has no designators, so it is written #{row[3]}, where no blank , or ; may stand"
            self.wrong(line, "line", row[3], "catalog.line_unwritable", reason, "Name the line without them.")
            wrong = True
        return wrong

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, *_ in taken])
        opened: dict[str, list[tuple]] = {"product": [], "revision": [], "bom": []}
        written = []
        for place, (row, _, version, part, group) in enumerate(taken):
            if version.bom is None:
                self._begin(version, opened)
            numbers = (self.entry.number, first + place)
            written.append((self.tenant, version.bom, row[3], part, int(row[5]), group, *numbers))
        bulk.insert_rows("catalog_product", ("tenant", "number", "ulid", "code"), opened["product"])
        bulk.insert_rows("catalog_revision", ("tenant", "number", "product", "code"), opened["revision"])
        bulk.insert_rows("catalog_bom", ("tenant", "number", "revision", "version"), opened["bom"])
        bulk.insert_rows("catalog_bom_line", LINE_COLUMNS, written)

    def _begin(self, version: _Version, opened: dict[str, list[tuple]]) -> None:
        product_code, revision_code, name = version.names
        product = self.products.get(product_code) or self._number("product", "code = %s", product_code)
        if product is None:
            product = next(self.next["product"])
            ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
            opened["product"].append((self.tenant, product, ulid, product_code))
        self.products[product_code] = product
        key = (product_code, revision_code)
        revision = self.revisions.get(key) or self._number(
            "revision", "product = %s AND code = %s", product, revision_code
        )
        if revision is None:
            revision = next(self.next["revision"])
            opened["revision"].append((self.tenant, revision, product, revision_code))
        self.revisions[key] = revision
        version.bom = next(self.next["bom"])
        opened["bom"].append((self.tenant, version.bom, revision, name))

    def _number(self, name: str, condition: str, *values) -> int | None:
        sql = f"SELECT number FROM catalog_{name} WHERE tenant = %s AND {condition}"
        row = reading.fetch_one(sql, (self.tenant, *values))
        return row[0] if row else None
