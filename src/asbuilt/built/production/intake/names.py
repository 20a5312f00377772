"""names.csv -> names of units: MAC, device UID, customer's number, and serial numbers given by re-labelling.

The serial number given last, by `from_at`, is the unit's own; those before it still find the unit.
"""

from asbuilt.built.production.events import NAME
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import SERIAL
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import KnownTexts, TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "unit", "kind", "value", "entry", "from_at")
SERIAL_KINDS = frozenset({"serial", "serial number", "sn"})


class NamesIntake(TableIntake):
    """Each row gives a unit a further name."""

    table = "names"
    shape = NAME

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.floor = FloorNames(self.tenant)
        self.before = KnownTexts(self.tenant, NAME, self.entry.number)
        self.seen: dict[tuple, int] = {}
        self.labels: dict[tuple, int] = {}  # (product, serial number) -> line of this file

    def take(self, lines, rows):
        units = self.units.resolve(lines, "unit", [row[0] for row in rows], [row[6] for row in rows])
        at = [unit for unit in units if unit]
        known = self.before.over(min(at), max(at) + 1) if at else []
        held = self._held({row[2] for row in rows})
        written, texts, ids, taken = [], [], [], []
        for line, row, unit in zip(lines, rows, units, strict=True):
            if unit is None:
                continue
            text = row_text([unit, *row[1:6]])
            if any(text in texts_before for texts_before in known):
                self.known += 1
                continue
            kind = SERIAL if row[1].lower() in SERIAL_KINDS else self.floor.number("name", row[1])
            if not self._check(line, row, unit, kind, held):
                continue
            given = parse_instant(row[3])
            self.warn_ahead(line, given)
            written.append((self.tenant, unit, kind, row[2], self.entry.number, given))
            texts.append(text)
            ids.append(fact_bytes(self.table, row[:6]))
            taken.append(unit)
        if taken:
            self.commit(texts, ids, min(taken), max(taken) + 1)
        bulk.insert_rows("production_unit_name", COLUMNS, written)

    def _held(self, values) -> dict[tuple, list[int]]:
        sql = (
            "SELECT value, kind, unit FROM production_unit_name WHERE tenant = %s AND until_entry IS NULL AND "
            + reading.any_of("value", "text")
        )
        held: dict[tuple, list[int]] = {}
        for value, kind, unit in reading.fetch(sql, (self.tenant, reading.list_param(values))):
            held.setdefault((kind, value), []).append(unit)
        return held

    def _check(self, line, row, unit, kind, held) -> bool:
        _, kind_name, value, _, replaces, _ = row[:6]
        key = (kind, value)
        if (unit, *key) in self.seen:
            reason = f"{kind_name} {value} stands on line {self.seen[(unit, *key)]} for this unit too."
            self.wrong(line, "value", value, "production.name_doubled", reason, "Keep one row.")
            return False
        self.seen[(unit, *key)] = line
        if unit in held.get(key, ()):
            self.contradicts(line, "value", value, f"{row[0]} has the {kind_name} {value} already, recorded otherwise.")
            return False
        product = self._product(unit)
        if kind == SERIAL and self.labels.setdefault((product, value), line) != line:
            reason = f"Serial number {value} stands on line {self.labels[product, value]} too, for another unit."
            self.wrong(line, "value", value, "production.serial_doubled", reason, "Give each unit its own number.")
            return False
        if kind == SERIAL and any(self._product(other) == product for other in held.get(key, ())):
            self.contradicts(line, "value", value, f"Serial number {value} belongs to another unit of this product.")
            return False
        if replaces and not self._has(unit, kind, replaces):
            reason = f"{row[0]} never had the {kind_name} {replaces}."
            self.wrong(
                line,
                "replaces",
                replaces,
                "production.name_not_there",
                reason,
                "Leave the cell empty, or name the old one.",
            )
            return False
        return True

    def _has(self, unit: int, kind: int, value: str) -> bool:
        sql = "SELECT 1 FROM production_unit_name WHERE tenant = %s AND unit = %s AND kind = %s AND value = %s AND until_entry IS NULL"
        return reading.fetch_one(sql, (self.tenant, unit, kind, value)) is not None or (unit, kind, value) in self.seen

    def _product(self, unit: int) -> int | None:
        order = self.units.spans.orders.of_unit(unit)
        return order.product if order else None
