"""blocks.csv -> more units for orders: new ones at the end of the axis, or the last ones of another order.

`from_order` and `from_place` name the first of the units that another order hands over; they are its last ones, so that
ORDER#17 goes on to name the same unit. Both orders build the same product; the order that takes over may build another
hardware revision or BOM version.
"""

from asbuilt.built.production import blocks
from asbuilt.built.production.events import BLOCK
from asbuilt.built.production.intake.orders import UNITS_MAX
from asbuilt.built.production.orders import Orders
from asbuilt.designed.catalog.queries import BomFinder
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import reading


class BlocksIntake(TableIntake):
    """Each row gives an order one more block. Rows are taken one after the other: each builds on the one before."""

    table = "blocks"
    shape = BLOCK

    def __init__(self, *args):
        super().__init__(*args)
        self.boms = BomFinder(self.tenant)
        self.next_unit = blocks.next_unit(self.tenant)
        self.said: dict[bytes, int] = {}

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
            elif self.said.setdefault(fact, line) != line:
                reason = f"The same row stands on line {self.said[fact]} too."
                remedy = "Keep one row, or give the second its own time."
                self.wrong(line, "order", row[0], "production.block_doubled", reason, remedy)
            else:
                self._take(line, row, fact)

    def _take(self, line, row, fact):
        code, product, revision, version, quantity, from_order = row[:6]
        number = self._order(line, "order", code)
        bom = self.boms.find(product, revision, version)
        if bom is None:
            column, value, remedy = self.boms.explain(product, revision, version)
            self.wrong(line, column, value, "production.bom_unknown", f"No {column} {value} in the BOMs.", remedy)
        if not int(quantity):
            self.wrong(
                line, "quantity", quantity, "production.block_empty", "A block has at least 1 unit.", "Say how many."
            )
            return
        if number is None or bom is None or not self._same_product(line, row, number, bom.product):
            return
        first = self._handed_over(line, row, bom.product) if from_order else self._new(line, int(quantity))
        if first is None:
            return
        blocks.give(self.entry, number, [(first, first + int(quantity))], (bom.product, bom.revision, bom.bom))
        self.commit([row_text([*row, first])], [fact], first, first + int(quantity))

    def _order(self, line, column: str, code: str) -> int | None:
        number = blocks.order_number(self.tenant, code)
        if number is None:
            sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
            known = [text for (text,) in reading.fetch(sql, (self.tenant,))]
            remedy = did_you_mean(code, known) or "Open the order first."
            self.wrong(line, column, code, "production.order_unknown", f"There is no order {code}.", remedy)
        return number

    def _same_product(self, line, row, number: int, product: int) -> bool:
        held = blocks.blocks_of(self.tenant, number)
        if all(block[2] == product for block in held):
            return True
        reason = f"Order {row[0]} builds another product."
        remedy = "Open an order of its own for that product."
        self.wrong(line, "product", row[1], "production.block_of_other_product", reason, remedy)
        return False

    def _new(self, line, quantity: int) -> int | None:
        first = self.next_unit
        if first + quantity > UNITS_MAX:
            remedy = "Open a new tenant."
            self.wrong(line, "quantity", str(quantity), "production.axis_full", "The unit axis ends here.", remedy)
            return None
        self.next_unit = first + quantity
        return first

    def _handed_over(self, line, row, product: int) -> int | None:
        code, quantity, place = row[5], int(row[4]), row[6]
        if self._order(line, "from_order", code) is None:
            return None
        source = Orders(self.tenant).by_code(code)
        first = source.unit_at(int(place)) if source and len(place) < 11 else None
        held = f"{source.quantity} units" if source else "no unit"
        if first is None or int(place) + quantity - 1 != source.quantity or not source.holds(first, first + quantity):
            reason = f"Order {code} has {held}; {quantity} from {code}#{place} on are not its last ones, in one block."
            remedy = "Hand over the last units of the order, block by block from its end."
            return self.wrong(line, "from_place", place, "production.split_not_last", reason, remedy)
        if source.product != product:
            reason, remedy = f"Order {code} builds another product.", "Units keep their product."
            return self.wrong(line, "from_order", code, "production.block_of_other_product", reason, remedy)
        if code == row[0]:
            reason, remedy = "An order hands nothing over to itself.", "Name another order."
            return self.wrong(line, "from_order", code, "production.split_to_itself", reason, remedy)
        touched = blocks.first_touched(self.tenant, first, first + quantity)
        if touched is not None:
            begun = f"{code}#{source.place_of(touched)}"
            reason = f"{begun} was begun or stated in {code}; such a unit stays in its order."
            remedy = "Hand over units that nothing was recorded of, but names."
            return self.wrong(line, "from_place", place, "production.split_begun", reason, remedy)
        blocks.take(self.entry, source.number, bitmap_of([(first, first + quantity)]))
        return first
