"""programs.csv -> machine programs, a row a feeder.

Refused: an unknown product or revision, a position that no BOM version of the revision has, a feeder whose positions take
several parts, a feeder given twice in a program, a position placed twice by the programs of one name on one side.
"""

from asbuilt.designed.catalog.events import PROGRAM_FEEDER
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import lengths, refuse_large, refuse_long
from asbuilt.designed.catalog.models import ProgramFeeder
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.formats.nearest import did_you_mean
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "revision", "side", "machine", "program", "feeder", "group", "grey_pieces", "entry", "row",
)  # fmt: skip
NAMES = ("machine", "program", "feeder")


class ProgramsIntake(TableIntake):
    """Each row is a feeder of a program."""

    table = "programs"
    shape = PROGRAM_FEEDER

    def __init__(self, *args):
        super().__init__(*args)
        self.groups = PositionGroups(self.tenant)
        self.revisions: dict[str, dict[str, int]] = {}
        self.hints = Hints(lambda: standing_products(self.tenant), "Add its BOM to bom.csv first.")
        self.boms: dict[int, list[dict[str, int]]] = {}
        self.places: dict[tuple, int] = {}  # (revision, side, program, what, name) -> line, 0: recorded before
        self.read: set[tuple[int, str, str]] = set()
        self.most = lengths(ProgramFeeder, NAMES)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
                continue
            revision = self._revision(line, row)
            wrong = refuse_long(self, line, NAMES, row[3:6], self.most) | refuse_large(
                self, line, "grey_pieces", row[7]
            )
            if revision is None or wrong:
                continue
            if self._positions_fit(line, row, revision) and self._once(line, row, revision):
                taken.append((row, fact, revision))
        self._write(taken)

    def _revision(self, line: int, row: tuple) -> int | None:
        if row[0] not in self.revisions:
            self.revisions[row[0]] = standing_revisions(self.tenant, row[0])
        known = self.revisions[row[0]]
        if not known:
            reason = f"No product is called {row[0]}"
            return self.wrong(line, "product", row[0], "catalog.product_unknown", reason, self.hints.of(row[0]))
        if row[1] not in known:
            reason = f"{row[0]} has no hardware revision {row[1][:60]}"
            remedy = f"Its revisions are {', '.join(sorted(known)[:5])}."
            return self.wrong(line, "revision", row[1], "catalog.revision_unknown", reason, remedy)
        return known[row[1]]

    def _positions_fit(self, line: int, row: tuple, revision: int) -> bool:
        """Whether one BOM version has all positions, and takes one part at them."""
        wanted = row[6].split()
        boms = self._boms(revision)
        known = {position for bom in boms for position in bom}
        strange = [position for position in wanted if position not in known]
        if strange:
            reason = f"No BOM version of {row[0]} {row[1]} has position {strange[0][:120]}"
            remedy = did_you_mean(strange[0], known) or "Write positions of its BOM, blank-separated."
            self.wrong(line, "refdes", row[6], "catalog.position_not_in_bom", reason, remedy)
            return False
        if any(len({bom[position] for position in wanted if position in bom}) > 1 for bom in boms):
            reason = f"The positions of feeder {row[5]} take several parts"
            remedy = "A feeder holds one part: make a row for each."
            self.wrong(line, "refdes", row[6], "catalog.feeder_of_several_parts", reason, remedy)
            return False
        return True

    def _boms(self, revision: int) -> list[dict[str, int]]:
        if revision not in self.boms:
            sql = (
                'SELECT l.bom, l.part, l."group" FROM catalog_bom b JOIN catalog_bom_line l ON l.tenant = b.tenant '
                "AND l.bom = b.number WHERE b.tenant = %s AND b.revision = %s AND l.until_entry IS NULL"
            )
            found: dict[int, dict[str, int]] = {}
            for bom, part, group in reading.fetch(sql, (self.tenant, revision)):
                found.setdefault(bom, {}).update(dict.fromkeys(self.groups.positions(group), part))
            self.boms[revision] = list(found.values())
        return self.boms[revision]

    def _once(self, line: int, row: tuple, revision: int) -> bool:
        """Whether this feeder of the program and each of its positions are said for the first time."""
        key = (revision, row[2], row[4])
        self._read(key)
        said = [("feeder", (row[3], row[5]), row[5]), *(("refdes", position, position) for position in row[6].split())]
        for column, what, shown in said:
            known = self.places.setdefault((*key, column, what), line)
            if known == 0:
                reason = f"Program {row[4]} has {column} {shown} on the {row[2]} side recorded before, otherwise"
                self.contradicts(line, column, shown, reason)
                return False
            if known != line:
                code = "catalog.feeder_doubled" if column == "feeder" else "catalog.position_doubled"
                reason = f"{shown} stands on line {known} of program {row[4]} too"
                self.wrong(line, column, shown, code, reason, "A program places each position once on a side.")
                return False
        return True

    def _read(self, key: tuple[int, str, str]) -> None:
        if key in self.read:
            return
        self.read.add(key)
        sql = (
            'SELECT machine, feeder, "group" FROM catalog_program_feeder WHERE tenant = %s AND revision = %s AND side = %s '
            "AND program = %s AND until_entry IS NULL"
        )
        for machine, feeder, group in reading.fetch(sql, (self.tenant, *key)):
            self.places[*key, "feeder", (machine, feeder)] = 0
            self.places.update({(*key, "refdes", position): 0 for position in self.groups.positions(group)})

    def _write(self, taken: list[tuple]) -> None:
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        rows = [
            (
                self.tenant, revision, *row[2:6], self.groups.intern(row[6].split()), int(row[7]) if row[7] else None,
                self.entry.number, first + place,
            )
            for place, (row, _, revision) in enumerate(taken)
        ]  # fmt: skip
        bulk.insert_rows("catalog_program_feeder", COLUMNS, rows)
