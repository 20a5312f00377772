"""assemblies.csv -> units inside units.

A unit is inside at most one unit at a time, never inside itself at any depth. A link ends at removed_at, or when the child is
next built in elsewhere.
"""

from asbuilt.built.production.events import ASSEMBLY
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "child", "happened_at", "entry", "parent", "position", "removed_at")
FOREVER = 1 << 62
DEPTH_MAX = 64


class AssembliesIntake(TableIntake):
    """Each row puts a unit into a unit, perhaps until it is taken out again."""

    table = "assemblies"
    shape = ASSEMBLY

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.rows: list[tuple] = []
        self.links: dict[int, list[tuple]] = {}  # child -> (from, until, parent, line)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row[:5]) for row in rows]
        before = self.ids_known(ids)
        new = [(line, row, fact) for line, row, fact in zip(lines, rows, ids, strict=True) if fact not in before]
        self.known += len(rows) - len(new)
        if not new:
            return
        lines, rows, ids = zip(*new, strict=True)
        parents = self.units.resolve(lines, "parent_serial", [row[0] for row in rows], [row[5] for row in rows])
        children = self.units.resolve(lines, "child_serial", [row[1] for row in rows], [row[6] for row in rows])
        self._load(children)
        for line, row, fact, parent, child in zip(lines, rows, ids, parents, children, strict=True):
            if parent is None or child is None:
                continue
            at = parse_instant(row[3])
            removed = parse_instant(row[4]) if row[4] else None
            if self._fits(line, row, parent, child, at, removed):
                self.links.setdefault(child, []).append((at, removed or FOREVER, parent, line))
                self.warn_ahead(line, max(at, removed or at))
                self.rows.append((line, row, fact, parent, child, at, removed))

    def _load(self, children) -> None:
        missing = [child for child in set(children) if child is not None and child not in self.links]
        sql = (
            "SELECT child, happened_at, removed_at, parent FROM production_assembly WHERE tenant = %s AND until_entry IS NULL "
            "AND " + reading.any_of("child")
        )
        for child, at, removed, parent in reading.fetch(sql, (self.tenant, reading.list_param(missing))):
            self.links.setdefault(child, []).append((at, removed or FOREVER, parent, None))

    def _fits(self, line, row, parent, child, at, removed) -> bool:
        if removed is not None and removed < at:
            reason = "The unit is taken out before it is put in."
            self.wrong(
                line, "removed_at", row[4], "production.times_backwards", reason, "Exchange or mend the two times."
            )
            return False
        for since, until, other, known_line in self.links.get(child, ()):
            if at < until and since < (removed or FOREVER):
                return self._name_double(line, row, since, other, known_line)
        return True

    def _name_double(self, line, row, since, other, known_line) -> bool:
        orders = self.units.spans.orders
        order = orders.of_unit(other)
        said = f"{order.code}#{order.place_of(other)}" if order else f"unit {other}"
        reason = f"{row[1]} is inside {said} since {format_instant(since)}"
        remedy = "A unit is inside one unit at a time: give removed_at, or mend the serial number."
        if known_line is None:
            self.contradicts(line, "child_serial", row[1], f"{reason}, recorded before.")
        else:
            self.wrong(line, "child_serial", row[1], "production.inside_two", f"{reason} (line {known_line}).", remedy)
        return False

    def finish(self):
        self._refuse_cycles()
        entry = self.entry.number
        written = [
            (self.tenant, child, at, entry, parent, row[2], removed)
            for _, row, _, parent, child, at, removed in self.rows
        ]
        texts = [row_text([parent, child, *row[2:5]]) for _, row, _, parent, child, _, _ in self.rows]
        units = [unit for row in self.rows for unit in row[3:5]]
        if units:
            self.commit(texts, [row[2] for row in self.rows], min(units), max(units) + 1)
        bulk.insert_rows("production_assembly", COLUMNS, written)
        for unit in units:
            self.states.begun(unit, unit + 1)
        self.states.finish()

    def _refuse_cycles(self) -> None:
        """Walk up from each new parent; whoever meets the child again is inside itself."""
        for line, row, _, parent, child, at, removed in self.rows:
            above = [(parent, at, removed or FOREVER)]
            for _ in range(DEPTH_MAX):
                if any(unit == child for unit, _, _ in above):
                    reason = f"{row[1]} would be inside itself."
                    remedy = "Mend one of the serial numbers."
                    self.wrong(line, "parent_serial", row[0], "production.assembly_cycle", reason, remedy)
                    break
                self._load([unit for unit, _, _ in above])
                above = [
                    (higher, max(since, start), min(until, end))
                    for unit, start, end in above
                    for since, until, higher, _ in self.links.get(unit, ())
                    if since < end and start < until
                ]
                if not above:
                    break
            else:
                reason = f"{row[1]} lies more than {DEPTH_MAX} levels deep."
                self.wrong(
                    line, "parent_serial", row[0], "production.assembly_depth", reason, "Mend the serial numbers."
                )
