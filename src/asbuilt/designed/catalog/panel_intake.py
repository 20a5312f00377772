"""panel_places.csv -> panel maps of hardware revisions.

A map is known by product, revision and panel, and is stated once, both sides together: another layout is another panel. The one
recorded last is in use.
"""

from collections import defaultdict
from decimal import Decimal

from asbuilt.designed.catalog.events import PANEL_PLACE
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.models import PanelPlace
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.formats.nearest import did_you_mean
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "revision", "panel", "side", "machine_position", "position", "x_um", "y_um", "rotation", "flip", "entry", "row",
)  # fmt: skip

RECORDED = 0  # stands instead of a line


class PanelPlacesIntake(TableIntake):
    """Each row is a unit on one side of a panel."""

    table = "panel_places"
    shape = PANEL_PLACE

    def __init__(self, *args):
        super().__init__(*args)
        self.revisions: dict[str, dict[str, int]] = {}
        self.stated: dict[tuple[int, str], bool] = {}
        self.seen: dict[tuple, int] = {}  # (revision, panel, side, what, number) -> line
        self.sides: dict[tuple[int, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self.lines: dict[tuple[int, str], int] = {}
        self.most = lengths(PanelPlace, ("panel",))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
                continue
            revision = self._revision(line, row[0], row[1])
            if revision is not None and self._check(line, row, revision):
                taken.append((row, fact, revision))
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        written = [
            (self.tenant, revision, *row[2:4], int(row[4]), int(row[5]), *map(micrometres, row[6:8]), int(row[8]),
             int(row[9] == "true"), self.entry.number, first + place)
            for place, (row, _, revision) in enumerate(taken)
        ]  # fmt: skip
        bulk.insert_rows("catalog_panel_place", COLUMNS, written)

    def _revision(self, line: int, product: str, revision: str) -> int | None:
        if product not in self.revisions:
            self.revisions[product] = standing_revisions(self.tenant, product)
        known = self.revisions[product]
        if revision in known:
            return known[revision]
        if known:
            remedy = did_you_mean(revision, known) or f"{product} has revision {', '.join(sorted(known)[:5])}."
            reason = f"{product} has no revision {revision}."
            return self.wrong(line, "revision", revision, "catalog.revision_unknown", reason, remedy)
        remedy = did_you_mean(product, standing_products(self.tenant)) or "Add its BOM to bom.csv first."
        reason = f"No product is called {product}."
        return self.wrong(line, "product", product, "catalog.product_unknown", reason, remedy)

    def _check(self, line: int, row: tuple, revision: int) -> bool:
        panel, side = row[2:4]
        key = (revision, panel)
        if refuse_long(self, line, ("panel",), (panel,), self.most):
            return False
        if key not in self.stated:
            self.stated[key] = self._seen_before(*key)
        if self.stated[key] and not self.anew:
            reason = (
                f"Panel {panel} of {row[0]} {row[1]} was recorded before otherwise; another layout is another panel."
            )
            self.contradicts(line, "panel", panel, reason)
            return False
        self.lines.setdefault(key, line)
        right = True
        for column, number in (("machine_position", row[4]), ("position", row[5])):
            held = self.seen.setdefault((*key, side, column, number), line)
            if not 1 <= int(number) <= PANEL_PLACES_MAX:
                reason, remedy = f"A position is 1 to {PANEL_PLACES_MAX:,}.", "Count from 1."
                self.wrong(line, column, number, "catalog.panel_position_beyond", reason, remedy)
                right = False
            elif held != line:
                where = "is recorded already" if held == RECORDED else f"stands on line {held} too"
                reason = f"{column} {number} of the {side} side {where}."
                self.wrong(line, column, number, "catalog.panel_position_doubled", reason, "Give each unit its own.")
                right = False
        self.sides[key][side].add(int(row[5]))
        return right

    def _seen_before(self, revision: int, panel: str) -> bool:
        """Take what stands of a panel; in a correction that is all but the row that is corrected. Returns whether there is something."""
        sql = (
            "SELECT side, machine_position, position FROM catalog_panel_place WHERE tenant = %s AND revision = %s AND panel = %s "
            "AND until_entry IS NULL"
        )
        rows = reading.fetch(sql, (self.tenant, revision, panel))
        for side, machine_position, position in rows:
            for column, number in (("machine_position", machine_position), ("position", position)):
                self.seen[revision, panel, side, column, str(number)] = RECORDED
            if self.anew:
                self.sides[revision, panel][side].add(position)
        return bool(rows)

    def finish(self):
        """Both sides show the same units; a panel worked on one side only has that side only."""
        for key, sides in self.sides.items():
            if len(sides) == 2 and sides["top"] != sides["bottom"]:
                odd = ", ".join(map(str, sorted(sides["top"] ^ sides["bottom"])[:10]))
                reason = f"Top and bottom of panel {key[1]} do not have the same positions: {odd}."
                remedy = "Name every unit on both sides, or one side only."
                self.wrong(self.lines[key], "position", odd, "catalog.panel_sides_differ", reason, remedy)


def micrometres(cell: str) -> int:
    """A length in mm as the table writes it, in µm."""
    return int(Decimal(cell) * 1000)


def panel_places_kept(tenant: int) -> list[tuple]:
    """Every row of the map tables with the codes of product and revision, for rebuilding. One statement."""
    sql = (
        "SELECT p.code, r.code, t.panel, t.side, t.machine_position, t.position, t.x_um, t.y_um, t.rotation, t.flip, t.entry, "
        't."row", t.until_entry FROM catalog_panel_place t JOIN catalog_revision r ON r.tenant = t.tenant '
        "AND r.number = t.revision JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE t.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
