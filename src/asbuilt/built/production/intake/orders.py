"""orders.csv -> work orders, each with the block of unit numbers planned for it."""

import os

from asbuilt.built.production.events import ORDER
from asbuilt.designed.catalog.queries import BomFinder
from asbuilt.designed.parties import queries as parties
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

UNITS_MAX = 2_000_000_000
ORDER_COLUMNS = (
    "tenant", "number", "ulid", "code", "batch_number", "quantity", "owner", "opened_at", "entry", "row",
)  # fmt: skip
BLOCK_COLUMNS = ("tenant", "first_unit", "until_unit", "work_order", "product", "revision", "bom", "entry")


class OrdersIntake(TableIntake):
    """Each row opens an order and plans its units, which get the next numbers of the axis."""

    table = "orders"
    shape = ORDER

    def __init__(self, *args):
        super().__init__(*args)
        self.parties = parties.numbers_by_name(self.tenant)
        self.boms = BomFinder(self.tenant)
        sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
        self.codes = {code for (code,) in reading.fetch(sql, (self.tenant,))}
        sql = "SELECT max(number) FROM production_order WHERE tenant = %s"
        self.last_number = reading.fetch_one(sql, (self.tenant,))[0] or 0
        sql = "SELECT max(until_unit) FROM production_block WHERE tenant = %s"
        self.next_unit = reading.fetch_one(sql, (self.tenant,))[0] or 1
        self.lines: dict[str, int] = {}

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
                continue
            resolved = self._check(line, row)
            if resolved:
                taken.append((row, fact, *resolved))
        self._write(taken)

    def _check(self, line, row):
        code, product, revision, version, quantity, customer = row[:6]
        if code in self.lines:
            reason = f"Order {code} stands on line {self.lines[code]} too."
            return self.wrong(line, "order", code, "production.order_doubled", reason, "Keep one row an order.")
        if code in self.codes:
            return self.contradicts(line, "order", code, f"Order {code} was recorded before with other content.")
        self.lines[code] = line
        bom = self.boms.find(product, revision, version)
        owner = self.parties.get(customer) if customer else None
        if bom is None:
            column, value, remedy = self.boms.explain(product, revision, version)
            self.wrong(line, column, value, "production.bom_unknown", f"No {column} {value} in the BOMs.", remedy)
        if owner is None and customer:
            remedy = did_you_mean(customer, self.parties) or "Add the party to parties.csv first."
            self.wrong(line, "customer", customer, "parties.unknown", f"No party is called {customer}.", remedy)
        if self.next_unit + int(quantity) > UNITS_MAX:
            self.wrong(
                line, "quantity", quantity, "production.axis_full", "The unit axis ends here.", "Open a new tenant."
            )
            return None
        return (bom, owner) if bom is not None and (owner is not None or not customer) else None

    def _write(self, taken):
        orders, blocks, texts, ids = [], [], [], []
        first_row = self.facts.count
        for place, (row, fact, bom, owner) in enumerate(taken):
            code, quantity, opened_at, batch = row[0], int(row[4]), row[6], row[7]
            self.last_number += 1
            ulid = new_ulid(self.entry.recorded_at, os.urandom(10))
            opened = parse_instant(opened_at) if opened_at else None
            numbers = (self.entry.number, first_row + place)
            orders.append((self.tenant, self.last_number, ulid, code, batch, quantity, owner, opened, *numbers))
            first, until = self.next_unit, self.next_unit + quantity
            if quantity:
                block = (self.tenant, first, until, self.last_number, bom.product, bom.revision, bom.bom)
                blocks.append((*block, self.entry.number))
            texts.append(row_text([*row, first]))
            ids.append(fact)
            self.next_unit = until
        self.commit(texts, ids)
        bulk.insert_rows("production_order", ORDER_COLUMNS, orders)
        bulk.insert_rows("production_block", BLOCK_COLUMNS, blocks)
