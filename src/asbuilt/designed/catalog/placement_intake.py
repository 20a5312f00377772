"""placements.csv -> where components sit on the board of a hardware revision.

A placement is known by product, revision and its name, and is stated once: another file is another placement, by another name. The one
recorded last is in use. Refused: an unknown product or revision, a component given twice, more components than a board has.
"""

from asbuilt.designed.catalog.events import PLACEMENT
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.models import Placement
from asbuilt.designed.catalog.panel_intake import RECORDED, micrometres
from asbuilt.designed.catalog.placements import PLACEMENTS_MAX, millidegrees
from asbuilt.designed.catalog.revision_finder import RevisionFinder
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "revision", "placement", "refdes", "x_um", "y_um", "rotation_mdeg", "side", "footprint", "entry", "row",
)  # fmt: skip


class PlacementsIntake(TableIntake):
    """Each row is a component of a placement."""

    table = "placements"
    shape = PLACEMENT

    def __init__(self, *args):
        super().__init__(*args)
        self.revisions = RevisionFinder(self)
        self.stated: dict[tuple[int, str], bool] = {}
        self.seen: dict[tuple[int, str], dict[str, int]] = {}  # (revision, placement) -> component -> line
        self.most = lengths(Placement, ("placement", "refdes", "footprint"))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
                continue
            revision = self.revisions.find(line, row[0], row[1])
            if revision is not None and self._check(line, row, revision):
                taken.append((row, fact, revision))
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        written = [
            (self.tenant, revision, *row[2:4], *map(micrometres, row[4:6]), millidegrees(row[6]), *row[7:9],
             self.entry.number, first + place)
            for place, (row, _, revision) in enumerate(taken)
        ]  # fmt: skip
        bulk.insert_rows("catalog_placement", COLUMNS, written)

    def _check(self, line: int, row: tuple, revision: int) -> bool:
        name, refdes = row[2:4]
        key = (revision, name)
        if refuse_long(self, line, ("placement", "refdes", "footprint"), (name, refdes, row[8]), self.most):
            return False
        if key not in self.stated:
            self.seen[key] = dict.fromkeys(self._standing(*key), RECORDED)
            self.stated[key] = bool(self.seen[key])
        if self.stated[key] and not self.anew:
            said = (
                f"Placement {name} of {row[0]} {row[1]} was recorded before otherwise; another file has another name."
            )
            self.contradicts(line, "placement", name, said)
            return False
        seen = self.seen[key]
        held = seen.setdefault(refdes, line)
        if held != line:
            reason = f"{refdes} has its place already." if held == RECORDED else f"{refdes} stands on line {held} too."
            self.wrong(line, "refdes", refdes, "catalog.placement_doubled", reason, "Give each component one place.")
            return False
        if len(seen) > PLACEMENTS_MAX:
            reason = f"A placement has at most {PLACEMENTS_MAX:,} components."
            self.wrong(line, "refdes", refdes, "catalog.placement_too_large", reason, "Give the file of one board.")
            return False
        return True

    def _standing(self, revision: int, name: str) -> list[str]:
        """The components of a placement that stand; in a correction all but the one that is corrected."""
        sql = "SELECT refdes FROM catalog_placement WHERE tenant = %s AND revision = %s AND placement = %s AND until_entry IS NULL"
        return [refdes for (refdes,) in reading.fetch(sql, (self.tenant, revision, name))]
