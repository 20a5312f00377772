"""numberings.csv -> stretches of serial rules' counters that were given to units. A stretch is given once, for good."""

from asbuilt.built.production.events import NUMBERING
from asbuilt.designed.catalog.limits import refuse_long
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.catalog.rules import COUNTER_WIDTH_MAX, PREFIX_CHARACTERS_MAX
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "prefix", "width", "check_digit", "first_counter", "last_counter", "order_code", "product", "given_at", "entry",
)  # fmt: skip


def last_given(tenant: int, prefix: str, width: int, check: str) -> int | None:
    """The last counter of a rule that was ever given, withdrawn ones too; None where none was. One statement."""
    sql = (
        "SELECT max(last_counter) FROM production_numbering WHERE tenant = %s AND prefix = %s AND width = %s "
        "AND check_digit = %s"
    )
    return reading.fetch_one(sql, (tenant, prefix, width, check))[0]


class NumberingsIntake(TableIntake):
    """Each row is a stretch of a counter."""

    table = "numberings"
    shape = NUMBERING

    def __init__(self, *args):
        super().__init__(*args)
        self.products = standing_products(self.tenant)

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
            elif self._check(line, row):
                order, product, prefix, width, check, first, last, at = row
                counters = (int(width), check, int(first), int(last))
                kept = (
                    self.tenant,
                    prefix,
                    *counters,
                    order,
                    self.products[product],
                    parse_instant(at),
                    self.entry.number,
                )
                bulk.insert_rows("production_numbering", COLUMNS, [kept])
                self.commit([row_text(row)], [fact])

    def _check(self, line: int, row: tuple) -> bool:
        order, product, prefix, width, check, first, last, _ = row
        if refuse_long(self, line, ("order", "prefix"), (order, prefix), (200, PREFIX_CHARACTERS_MAX)):
            return False
        if product not in self.products:
            remedy = did_you_mean(product, self.products) or "Add its BOM to bom.csv first."
            reason = f"No product is called {product}."
            self.wrong(line, "product", product, "catalog.product_unknown", reason, remedy)
            return False
        if not 1 <= int(width) <= COUNTER_WIDTH_MAX or len(last) > int(width) or int(last) < int(first):
            reason = f"{first} to {last} are no counters of {width} digits."
            self.wrong(line, "last_counter", last, "production.numbering_wrong", reason, "Give first and last counter.")
            return False
        sql = (
            "SELECT first_counter, last_counter FROM production_numbering WHERE tenant = %s AND prefix = %s AND width = %s "
            "AND check_digit = %s AND first_counter <= %s AND last_counter >= %s"
        )
        if (
            self.anew
        ):  # a correction states anew what it takes away; else a counter that was ever given is given no more
            sql += " AND until_entry IS NULL"
        given = reading.fetch_one(sql + " LIMIT 1", (self.tenant, prefix, int(width), check, int(last), int(first)))
        if given is not None:
            self.contradicts(
                line, "first_counter", first, f"Counters {given[0]} to {given[1]} of this rule were given before."
            )
            return False
        return True
