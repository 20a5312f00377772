"""serial_rules.csv and mark_rules.csv -> rules of products. A later row of a product takes the place of the one before."""

from abc import ABC, abstractmethod
from decimal import Decimal

from asbuilt.designed.catalog.events import MARK_RULE, SERIAL_RULE
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.catalog.rules import COUNTER_WIDTH_MAX, GS1, PREFIX_CHARACTERS_MAX
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.gs1 import SERIAL_CHARACTERS_MAX, gtin14
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk

STEP_CHARACTERS_MAX = 200


class _RulesIntake(TableIntake, ABC):
    """Base: each row is a rule of the product in its first cell."""

    kept_in: str
    columns: tuple[str, ...]

    def __init__(self, *args):
        super().__init__(*args)
        self.products = standing_products(self.tenant)
        self.said: set[bytes] = set()

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        older = [self._older(row) for row in rows]
        before = self.ids_known([*ids, *filter(None, older)])
        taken, written, first = [], [], self.facts.count
        for line, row, fact, without in zip(lines, rows, ids, older, strict=True):
            if fact in before or without in before or fact in self.said:
                self.known += 1
                continue
            values = self._read(line, row)
            if row[0] not in self.products:
                remedy = did_you_mean(row[0], self.products) or "Add its BOM to bom.csv first."
                reason = f"No product is called {row[0]}."
                self.wrong(line, "product", row[0], "catalog.product_unknown", reason, remedy)
            elif values is not None:
                self.said.add(fact)
                place = (self.entry.number, first + len(taken))
                written.append((self.tenant, self.products[row[0]], *values, *place))
                taken.append((row, fact))
        self.commit([row_text(row) for row, _ in taken], [fact for _, fact in taken])
        bulk.insert_rows(self.kept_in, ("tenant", "product", *self.columns, "entry", "row"), written)

    def _older(self, row: tuple) -> bytes:
        """The id that the row had before its table got a column more; empty where it never had one."""
        return b""

    @abstractmethod
    def _read(self, line: int, row: tuple) -> tuple | None:
        """The row's values as they are stored, or None where something is wrong, which is named."""


class SerialRulesIntake(_RulesIntake):
    """Prefix, width of the counter, check digit, first counter."""

    table = "serial_rules"
    shape = SERIAL_RULE
    kept_in = "catalog_serial_rule"
    columns = ("prefix", "width", "check_digit", "first_counter")

    def _read(self, line, row):
        _, prefix, width, check, first = row
        if len(prefix) > PREFIX_CHARACTERS_MAX:
            reason = f"has {len(prefix):,} characters, the most is {PREFIX_CHARACTERS_MAX}"
            return self.wrong(line, "prefix", prefix, "tables.cell_too_long", reason, "Shorten it.")
        if not 1 <= int(width) <= COUNTER_WIDTH_MAX:
            reason = f"A counter has 1 to {COUNTER_WIDTH_MAX} digits."
            return self.wrong(line, "width", width, "catalog.counter_width", reason, "Give the number of its digits.")
        if len(first) > int(width):
            reason = f"A counter of {width} digits does not begin with {first}."
            return self.wrong(line, "first", first, "catalog.counter_begins_late", reason, "Make the counter wider.")
        return prefix, int(width), check, int(first)


class MarkRulesIntake(_RulesIntake):
    """What the mark holds."""

    table = "mark_rules"
    shape = MARK_RULE
    kept_in = "catalog_mark_rule"
    columns = ("content", "gtin", "company_digits", "module_um", "read_back")

    def _older(self, row):
        return b"" if row[5] else fact_bytes(self.table, row[:5])

    def _read(self, line, row):
        _, content, gtin, digits, module, read_back = row
        if len(read_back) > STEP_CHARACTERS_MAX:
            reason = f"has {len(read_back):,} characters, the most is {STEP_CHARACTERS_MAX}"
            return self.wrong(line, "read_back", read_back, "tables.cell_too_long", reason, "Name the step.")
        if content == GS1 and not gtin:
            remedy = (
                f"Give the product's GTIN; its serial numbers then have at most {SERIAL_CHARACTERS_MAX} characters."
            )
            return self.wrong(line, "gtin", gtin, "catalog.gtin_missing", "A GS1 mark needs a GTIN.", remedy)
        try:
            number = gtin14(gtin) if gtin else ""
        except ValueError as refusal:
            reason = f"{gtin[:40]} is no GTIN: {refusal}."
            return self.wrong(line, "gtin", gtin, "catalog.gtin_wrong", reason, "Copy it from the product's label.")
        if digits and not 6 <= int(digits) <= 12:
            reason, remedy = "A GS1 company prefix has 6 to 12 digits.", "Look at your GS1 licence."
            return self.wrong(line, "company_digits", digits, "catalog.company_prefix_wrong", reason, remedy)
        if not Decimal("0.1") <= Decimal(module) <= Decimal("5"):
            reason, remedy = "A module is 0.1 to 5 mm.", "0.25 holds on most boards."
            return self.wrong(line, "module_mm", module, "catalog.module_size", reason, remedy)
        return content, number, int(digits) if digits else None, module_um(module), read_back


def module_um(cell: str) -> int:
    """A module's size in mm as the table writes it, in µm."""
    return int(Decimal(cell) * 1000)
