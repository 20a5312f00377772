"""Blocks of work orders: the spans of the axis that an order has, as it opened, grew, or took over the end of another.

The row of orders.csv gives an order its first block; each row of blocks.csv gives it one more, either new units at the end of
the axis or units that another order hands over. A unit to which something happened, or of which units.csv said something, stays
in its order: material and process runs are kept by order, and none of them leaves a block.
"""

from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from asbuilt.built.production.events import BLOCK, MATERIAL, PROCESS, SENT_OUT, TAKEN_BACK, UNIT
from asbuilt.designed.catalog.queries import BomFinder
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow, all_facts, fact_row, facts_of_units, standing
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "first_unit", "until_unit", "work_order", "product", "revision", "bom", "entry")
Planned = tuple[int, int, int]  # product, revision, BOM version, by number
# shapes whose facts say in which order the units were
BY_ORDER = (UNIT.name, MATERIAL.name, PROCESS.name, SENT_OUT.name, TAKEN_BACK.name)


def first_touched(tenant: int, first: int, until: int) -> int | None:
    """The first unit of [first, until) to which something happened or of which units.csv said something, ever; or None."""
    found = BitMap()
    sql = "SELECT first_unit, until_unit FROM production_unit_state WHERE tenant = %s AND first_unit < %s AND until_unit > %s"
    found |= bitmap_of(reading.fetch(sql, (tenant, until, first)))
    for fact in facts_of_units(tenant, first, until, BY_ORDER):
        found |= bitmap_of(fact.units)
    found &= BitMap(range(first, until))
    return found.min() if found else None


def order_number(tenant: int, code: str) -> int | None:
    """The number of the order with this code that stands, also where it has no units; or None."""
    sql = "SELECT number FROM production_order WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    row = reading.fetch_one(sql, (tenant, code))
    return row[0] if row else None


def next_unit(tenant: int) -> int:
    """The first unit number that no order was ever given."""
    sql = "SELECT max(until_unit) FROM production_block WHERE tenant = %s"
    return reading.fetch_one(sql, (tenant,))[0] or 1


def blocks_of(tenant: int, order: int) -> list[tuple[int, int, int, int, int, int]]:
    """The blocks of an order now: first, until, product, revision, BOM version, entry; in order of place."""
    sql = (
        "SELECT first_unit, until_unit, product, revision, bom, entry FROM production_block WHERE tenant = %s "
        "AND work_order = %s AND until_entry IS NULL ORDER BY first_unit"
    )
    return reading.fetch(sql, (tenant, order))


def give(entry: Entry, order: int, spans: Iterable[Span], planned: Planned) -> None:
    """The order has these units from this entry on."""
    rows = [(entry.tenant, *span, order, *planned, entry.number) for span in spans]
    bulk.insert_rows("production_block", COLUMNS, rows)


def take(entry: Entry, order: int, units: BitMap) -> None:
    """The order has these units no more; what is left of a block stands anew."""
    for first, until, *planned, since in blocks_of(entry.tenant, order):
        left = BitMap(range(first, until)) - units
        if len(left) == until - first:
            continue
        _close(entry, first, since)
        give(entry, order, spans_of(left), tuple(planned))


def _close(entry: Entry, first: int, since: int) -> None:
    place = (entry.tenant, first, since)
    if since == entry.number:  # it began in this very entry: nobody ever saw it
        bulk.run("DELETE FROM production_block WHERE tenant = %s AND first_unit = %s AND entry = %s", place)
        return
    sql = "UPDATE production_block SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND entry = %s"
    bulk.run(sql, (entry.number, *place))


# ---- after a withdrawal or a correction: what the facts that stand say


def withdraw_blocks(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Rows of blocks.csv no longer stand; their orders get what the facts that stand give them. Returns the units.

    Record the withdrawals first.
    """
    units = bitmap_of(span for fact in facts for span in fact.units)
    # whoever has lost units first, then whoever gets them back
    codes = [fact.values[0] for fact in facts] + [fact.values[5] for fact in facts if fact.values[5]]
    for code in dict.fromkeys(codes):
        number = order_number(entry.tenant, code)
        if number is not None:
            take(entry, number, units & _held(entry.tenant, number))
    for code in dict.fromkeys(codes):
        number = order_number(entry.tenant, code)
        if number is not None:
            _restate(entry, code, number, _own(entry.tenant, number))
    return units


def repoint_blocks(entry: Entry, code: str, old: int, new: int) -> None:
    """An order was corrected: its row gave it one block under its new number; the rest follows from blocks.csv."""
    own = [(first, until, tuple(planned)) for first, until, *planned, _ in blocks_of(entry.tenant, new)]
    _restate(entry, code, new, own)


def _held(tenant: int, order: int) -> BitMap:
    return bitmap_of(row[:2] for row in blocks_of(tenant, order))


def _own(tenant: int, order: int) -> list[tuple[int, int, Planned]]:
    """The block that the row of orders.csv gives an order."""
    row = reading.fetch_one(
        'SELECT entry, "row" FROM production_order WHERE tenant = %s AND number = %s', (tenant, order)
    )
    fact = fact_row(tenant, row[0], "production.order/1", row[1])
    _, product, revision, version, quantity, *_, first = fact.values
    if not int(quantity):
        return []
    return [(first, first + int(quantity), _planned(tenant, product, revision, version))]


def _planned(tenant: int, product: str, revision: str, version: str) -> Planned:
    found = BomFinder(tenant).recorded(product, revision, version)
    return found.product, found.revision, found.bom


def _restate(entry: Entry, code: str, number: int, own: list[tuple[int, int, Planned]]) -> None:
    """Give the order what the facts that stand give it: its own block, what it got, less what it handed over."""
    known = list(all_facts(entry.tenant, BLOCK.name))
    stand = [fact for fact, _ in standing(entry.tenant, known)]
    given = own + [
        (*fact.units[0], _planned(entry.tenant, *fact.values[1:4])) for fact in stand if fact.values[0] == code
    ]
    gone = bitmap_of(fact.units[0] for fact in stand if fact.values[5] == code)
    cuts = {end for fact in known for end in fact.units[0]}  # no block goes over a cut again: runs may lie beside it
    held = {(row[0], row[1]): row[5] for row in blocks_of(entry.tenant, number)}
    wanted = {}
    for first, until, planned in given:
        for span in spans_of(BitMap(range(first, until)) - gone):
            wanted |= dict.fromkeys(_cut(span, cuts), planned)
    for (first, until), since in held.items():
        if (first, until) not in wanted:
            _close(entry, first, since)
    for span, planned in wanted.items():
        if span not in held:
            give(entry, number, [span], planned)


def _cut(span: Span, cuts: set[int]) -> list[Span]:
    ends = [span[0], *sorted(cut for cut in cuts if span[0] < cut < span[1]), span[1]]
    return list(zip(ends, ends[1:], strict=False))


def rows_naming(tenant: int, code: str) -> list[FactRow]:
    """Rows of blocks.csv that stand and name the order: while there are some, its own block stays as it is."""
    facts = (fact for fact in all_facts(tenant, BLOCK.name) if code in (fact.values[0], fact.values[5]))
    return [fact for fact, _ in standing(tenant, facts)]
