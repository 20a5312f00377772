"""The find box: what a scanned or typed code names, of everything that this reader may see.

A code counts exactly, else blind to case where one spelling fits. One code may name several things: a lot code of two makers,
a serial number of two products, an order and a batch; all are given, each with words that tell them apart. Nothing found:
`near` gives the nearest codes, of what the reader may see.
"""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.supply.queries import LotRow, lots_by_code
from asbuilt.formats.nearest import nearest
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.answering.lookup import place_name, view_of
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.evaluating.axis import near_serials, units_named
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.life import described
from asbuilt.storage import reading

HITS_MAX = 50
NEAR_MAX = 5
CODES_LOOKED_AT = 2_000


@dataclass(frozen=True)
class Hit:
    """One thing with this code: its kind (the name of its page's address), the label that tells it apart, the address' parts."""

    kind: str
    code: str
    label: str
    url_args: dict


def find(actor: Actor, code: str) -> list[Hit]:
    """Everything that the code names, at most 50. About 15 statements."""
    code = code.strip()
    if not code:
        return []
    with reading.snapshot():
        view = view_of(actor)
        sight = Sight(view)
        found = [*_units(view, code), *_packages(view, sight, code), *_lots(view, sight, code)]
        found += [*_orders(view, sight, code), *_panels(view, code), *_shipments(view, sight, code)]
    return found[:HITS_MAX]


def near(actor: Actor, code: str) -> list[str]:
    """The codes nearest to one that names nothing, of what the reader may see. Six statements."""
    with reading.snapshot():
        view = view_of(actor)
        sight = Sight(view)
        known = near_serials(view, code)
        for table, column, number, seen in CODES:
            known += _codes(view, table, column, number, seen(sight))
        return nearest(code, known, count=NEAR_MAX)


CODES = (
    ("production_order", "code", "number", Sight.orders),
    ("supply_package", "code", "number", Sight.packages),
    ("shipping_shipment", "code", "code", Sight.shipments),
)


def _codes(view: View, table: str, column: str, number: str, allowed) -> list[str]:
    sql = f"SELECT t.{column}, t.{number} FROM {table} t WHERE t.tenant = %s ORDER BY t.number DESC LIMIT {CODES_LOOKED_AT}"
    return [code for code, key in reading.fetch(sql, (view.tenant,)) if allowed is None or key in allowed]


def _units(view: View, code: str) -> list[Hit]:
    try:
        units = units_named(view, code)
    except NotFound:
        return []
    said = described(view, units)
    one = len(units) == 1
    hits = []
    for unit in units[:HITS_MAX]:
        name, product, revision = said[unit]
        hits.append(
            Hit("unit", name, f"{product} {revision}".strip(), {"code": code if one else place_name(view, unit)})
        )
    return hits


def _rows(view: View, sql: str, column: str, code: str, more: str) -> list[tuple]:
    """Rows with this code, else those that differ in case only, where they are of one spelling (the first column)."""
    rows = reading.fetch(f"{sql} AND {column} = %s{more}", (view.tenant, code))
    if not rows:
        rows = reading.fetch(f"{sql} AND lower({column}) = lower(%s){more}", (view.tenant, code))
    return rows if len({row[0] for row in rows}) <= 1 else []


def _packages(view: View, sight: Sight, code: str) -> list[Hit]:
    sql = (
        "SELECT p.code, p.number, l.maker, l.mpn, l.lot_code FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant "
        "AND l.number = p.lot WHERE p.tenant = %s"
    )
    allowed = sight.packages()
    rows = _rows(view, sql, "p.code", code, view.seen("p")) or _rows(
        view, sql.replace(" WHERE ", f" JOIN supply_package_name n ON n.tenant = p.tenant AND n.code = p.code{view.seen('n')} WHERE "),
        "n.value", code, view.seen("p"),
    )  # fmt: skip
    return [
        Hit("package", found, " ".join(text for text in (maker, mpn, lot) if text), {"code": found})
        for found, number, maker, mpn, lot in rows
        if allowed is None or number in allowed
    ]


def _lots(view: View, sight: Sight, code: str) -> list[Hit]:
    rows = visible_lots(view, sight, lots_by_code(view.tenant, code))
    ulids = ulids_of(view, rows)
    return [
        Hit("lot", row.lot_code, lot_words(row), {"code": row.lot_code if len(rows) == 1 else ulids[row.number]})
        for row in rows
    ]


def lot_words(lot: LotRow) -> str:
    """Maker, MPN and date code: what tells two lots of one code apart."""
    return " ".join(text for text in (lot.maker, lot.mpn, f"· {lot.date_code}" if lot.date_code else "") if text)


def visible_lots(view: View, sight: Sight, rows: list[LotRow]) -> list[LotRow]:
    """Of these lots those that the reader may see: some package of it is on a unit of his. One statement for a party reader."""
    allowed = sight.packages()
    if allowed is None or not rows:
        return rows
    sql = "SELECT p.lot, p.number FROM supply_package p WHERE p.tenant = %s AND " + reading.any_of("p.lot")
    found = reading.fetch(sql, (view.tenant, reading.list_param(row.number for row in rows)))
    seen = {lot for lot, package in found if package in allowed}
    return [row for row in rows if row.number in seen]


def ulids_of(view: View, lots: list[LotRow]) -> dict[int, str]:
    """Lot -> its ULID, which names one lot only. One statement."""
    sql = "SELECT number, ulid FROM supply_lot WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (view.tenant, reading.list_param(lot.number for lot in lots)))) if lots else {}


def _orders(view: View, sight: Sight, code: str) -> list[Hit]:
    allowed = sight.orders()
    found: dict[str, Hit] = {}
    for column in ("o.code", "o.batch_number"):
        sql = f"SELECT {column}, o.number, o.code FROM production_order o WHERE o.tenant = %s"
        for _, number, order in _rows(view, sql, column, code, view.seen("o")):
            if allowed is None or number in allowed:
                found.setdefault(order, Hit("order", order, f"{_quantity(view, number):,}", {"code": order}))
    return list(found.values())


def _quantity(view: View, order: int) -> int:
    """How many units of the order the reader sees. One statement."""
    sql = "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s AND b.work_order = %s"
    return len(view.limit(bitmap_of(reading.fetch(sql + view.seen("b"), (view.tenant, order)))))


def _panels(view: View, code: str) -> list[Hit]:
    sql = "SELECT t.code, t.first_unit, t.until_unit FROM production_panel t WHERE t.tenant = %s"
    rows = _rows(view, sql, "t.code", code, view.seen("t"))
    units = BitMap()
    for _, first, until in rows:
        units.add_range(first, until)
    units = view.limit(units)
    return [Hit("panel", rows[0][0], f"{len(units):,}", {"code": rows[0][0]})] if units else []


def _shipments(view: View, sight: Sight, code: str) -> list[Hit]:
    allowed = sight.shipments()
    sql = (
        "SELECT s.code, p.name, s.country FROM shipping_shipment s LEFT JOIN parties_party p ON p.tenant = s.tenant "
        "AND p.number = s.customer WHERE s.tenant = %s"
    )
    return [
        Hit("shipment", found, " ".join(text for text in (customer, country) if text), {"code": found})
        for found, customer, country in _rows(view, sql, "s.code", code, "")
        if allowed is None or found in allowed
    ]
