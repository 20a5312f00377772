"""All that a question about one lot needs, in one statement: who has its units is asked first when it burns, and seven small
statements cost a server of its own more on their way than at work.

    with lot_at_once.read(tenant, "27A0418") as at_once:   # one statement, which is a moment of the record by itself
        ...                                                  # what asks for more raises reading.NothingMore

It reads what lies on the lot's runs, where its part has none and where such a package went in later; and whole, for each stretch of a block
that these reach: other runs at their groups, skipped positions, replacements at their positions, and the lines sent from there. Where that
is not enough (groups that share positions, a package of the lot that went in at another position, a unit shipped twice, two lots of one
code, packages of no known lot, something unnamed that went in) the question is asked anew in a snapshot, statement by statement.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from pyroaring import BitMap

from asbuilt.questions.genealogy.evaluating.beside import RUN_COLUMNS, Beside
from asbuilt.questions.genealogy.evaluating.view import SKIPPED, BlockRow, Reach, Recorded, covers
from asbuilt.storage import reading

_LOT, _RUN, _MEETING, _LABEL, _HOLE, _REPLACED, _REACH, _SKIPPED, _CAME_OUT, _SENT, _RECORDED = range(11)
NO_RUN = (None,) * 10


@dataclass
class AtOnce:
    """What was read of one lot. `lots` as `asked` reads them; `near` what lies beside its runs; `reaches` over what all was read;
    `replaced` (unit, refdes, removed, installed, happened_at, entry); `sent` (customer, first, until, units of the lines between)."""

    code: str
    lots: list[tuple] = field(default_factory=list)
    packages: frozenset[int] = frozenset()
    parts: frozenset[int] = frozenset()
    near: Beside = field(default_factory=Beside)
    labels: dict[int, str] = field(default_factory=dict)
    reaches: list[Reach] = field(default_factory=list)
    skipped: BitMap = field(default_factory=BitMap)
    replaced: list[tuple] = field(default_factory=list)
    sent: list[tuple] = field(default_factory=list)
    recorded: Recorded | None = None

    def is_beside(self, packages, parts, ever: bool) -> bool:
        """Whether `near` is what lies beside runs of these packages, with the silence of these parts."""
        return not ever and packages == self.packages and parts == self.parts

    def reach(self, reaches: list[Reach]) -> bool:
        """Whether all was read over these reaches."""
        return covers(self.reaches, reaches)


@contextmanager
def read(tenant: int, code: str) -> Iterator[AtOnce]:
    """What one statement reads of the lots of this code, as now known; inside nothing more is read: NothingMore, also where it cannot do."""
    with reading.one_statement(_sql(reading.vendor()), (tenant, code, tenant)) as rows:
        yield _of_rows(code, rows)


def _of_rows(code: str, rows: list[tuple]) -> AtOnce:
    of_kind: tuple[list[tuple], ...] = tuple([] for _ in range(_RECORDED + 1))
    for row in rows:
        of_kind[row[11]].append(row)
    ((assembled, silent, unnamed, _, _, _, root, _, size, _, zone, _),) = of_kind[_RECORDED]
    if silent or unnamed:
        raise reading.NothingMore
    found = AtOnce(code, sent=[(row[10], row[2], row[3], row[4]) for row in of_kind[_SENT]])
    # of what else there may be nothing was asked, so it may be
    found.recorded = Recorded(bool(assembled), *[True] * 8, zone, size, root)
    near = found.near
    near.runs = of_kind[_RUN]
    near.meetings = [row[:3] for row in of_kind[_MEETING]]
    near.holes = [(*row[:4], row[6]) for row in of_kind[_HOLE]]
    near.replaced = BitMap([row[2] for row in of_kind[_REPLACED]])
    found.labels = {row[1]: row[10] for row in of_kind[_LABEL]}
    found.replaced = [(row[2], row[10], row[0], row[1], row[8], row[3]) for row in of_kind[_CAME_OUT]]
    if found.replaced:  # what else happened at a position where nothing of the lot lies was not read
        positions = {position for label in found.labels.values() for position in label.split(" ")}
        if any(row[1] not in positions for row in found.replaced):
            raise reading.NothingMore
    for row in of_kind[_SKIPPED]:
        found.skipped.add_range(row[2], row[3])
    _lay_lots(found, of_kind[_LOT])
    for order, product, first, until, low, high, _, _, revision, bom, *_ in of_kind[_REACH]:
        block = tuple.__new__(BlockRow, (first, until, order, product, revision, bom))
        found.reaches.append((block, max(low, first), min(high, until)))
    found.reaches.sort()
    return found


def _lay_lots(found: AtOnce, lots: list[tuple]) -> None:
    of_package: dict[int, list[tuple]] = defaultdict(list)
    for run in found.near.runs:
        of_package[run[4]].append(run[:10])
    found.packages = frozenset(lot[2] for lot in lots)
    found.parts = frozenset(lot[1] for lot in lots)
    for number, part, package, *_ in lots:
        found.lots += [(found.code, number, part, package, *run) for run in of_package.get(package, (NO_RUN,))]


@lru_cache(2)
def _sql(vendor: str) -> str:
    """The statement, in the columns of `beside`: six numbers, bytes twice, two numbers, a text, what it is. The tenant goes along from row to row."""
    each = reading.each
    package = "supply_package p ON p.tenant = l.tenant AND p.lot = l.number AND p.until_entry IS NULL"
    run = each("r", "production_material_run", "r.tenant = k.tenant AND r.package = k.number AND r.until_entry IS NULL")
    hole = each("h", "production_material_hole", "h.tenant = d.tenant AND h.part = d.part")
    into = "p.tenant = k.tenant AND p.installed = k.number AND p.until_entry IS NULL"
    block = "b.tenant = o.tenant AND b.work_order = o.work_order AND b.first_unit < o.high AND b.until_unit > o.low AND b.until_entry IS NULL"
    # blocks that stand do not overlap: the one that holds a unit is the last that begins at or before it
    last = "SELECT max(c.first_unit) FROM production_block c WHERE c.tenant = u.tenant AND c.first_unit <= u.unit AND c.until_entry IS NULL"
    holding = f"b.tenant = u.tenant AND b.first_unit = ({last}) AND b.until_unit > u.unit AND b.until_entry IS NULL"
    of_block = "b.tenant, b.work_order, b.product, b.first_unit, b.until_unit, b.revision, b.bom"
    # k packages of the lot; r their runs, h where its part has none, g the groups of both, o how far these reach in each order;
    # u units into which such a package went later; s how far all of them reach in each block
    named = (
        f"k AS (SELECT l.tenant, l.number AS lot, l.part, p.number FROM supply_lot l JOIN {package} WHERE l.tenant = %s AND l.lot_code = %s), "
        f'r AS (SELECT r.tenant, r.work_order, r."group" AS part, r.first_unit, r.until_unit FROM k {run}), '
        f'h AS (SELECT h.tenant, h.work_order, h."group" AS part, h.first_unit, h.until_unit, h.units FROM (SELECT DISTINCT tenant, part FROM k) AS d {hole}), '
        "o AS (SELECT n.tenant, n.work_order, min(n.first_unit) AS low, max(n.until_unit) AS high FROM (SELECT tenant, work_order, first_unit, until_unit "
        "FROM r UNION ALL SELECT tenant, work_order, first_unit, until_unit FROM h) AS n GROUP BY n.tenant, n.work_order), "
        "g AS (SELECT tenant, part FROM r UNION SELECT tenant, part FROM h), "
        f"u AS (SELECT k.tenant, p.unit FROM k {each('p', 'production_replacement', into)}), "
        f"s AS (SELECT n.tenant, n.work_order, n.product, n.first_unit, n.until_unit, n.revision, n.bom, min(n.low) AS low, max(n.high) AS high FROM ("
        f"SELECT {of_block}, o.low, o.high FROM o {each('b', 'production_block', block)} UNION ALL "
        f"SELECT {of_block}, u.unit, u.unit + 1 FROM u {each('b', 'production_block', holding)}) AS n "
        "GROUP BY n.tenant, n.work_order, n.product, n.first_unit, n.until_unit, n.revision, n.bom)"
    )
    return f"WITH {named} {' UNION ALL '.join((*_on_runs(), *_over_units(), _of_record()))}"


def _on_runs() -> Iterator[str]:
    """The lots, and what `beside` reads beside their runs."""
    each = reading.each
    nothing = "NULL, NULL, NULL, NULL, NULL"
    run = 'r.tenant = w.tenant AND r.work_order = w.work_order AND r."group" = w.part AND r.first_unit < w.high AND r.until_unit > w.low AND r.until_entry IS NULL'
    # first, for it gives the columns their types
    yield (
        f"SELECT {RUN_COLUMNS}, CAST(NULL AS text), {_RUN} FROM (SELECT DISTINCT o.tenant, o.work_order, r.part, o.low, o.high FROM r "
        f"JOIN o ON o.work_order = r.work_order) AS w {each('r', 'production_material_run', run)}"
    )
    yield f"SELECT k.lot, k.part, k.number, NULL, NULL, NULL, {nothing}, {_LOT} FROM k"
    meeting = each("m", "production_group_meeting", "m.tenant = o.tenant AND m.work_order = o.work_order")
    yield f'SELECT m.work_order, m."group", m.other, NULL, NULL, NULL, {nothing}, {_MEETING} FROM o {meeting}'
    label = each("l", "catalog_position_group", "l.tenant = g.tenant AND l.number = g.part")
    yield (f"SELECT NULL, l.number, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, l.label, {_LABEL} FROM g {label}")
    yield f"SELECT h.work_order, h.part, h.first_unit, h.until_unit, NULL, NULL, h.units, NULL, NULL, NULL, NULL, {_HOLE} FROM h"
    yield f"SELECT NULL, NULL, u.unit, NULL, NULL, NULL, {nothing}, {_REPLACED} FROM u"


def _over_units() -> Iterator[str]:
    """The stretches that all this reaches, and what was skipped, replaced and sent there."""
    each = reading.each
    yield (
        f"SELECT s.work_order, s.product, s.first_unit, s.until_unit, s.low, s.high, NULL, NULL, s.revision, s.bom, NULL, {_REACH} FROM s"
    )
    # no stored span leaves its block
    over = (
        "t.tenant = s.tenant AND t.first_unit >= s.first_unit AND t.first_unit < s.until_unit AND t.first_unit < s.high "
        "AND t.until_unit > s.low AND t.until_entry IS NULL"
    )
    skipped = each("t", "production_unit_state", f"{over} AND t.state = {SKIPPED}")
    yield f"SELECT NULL, NULL, t.first_unit, t.until_unit, NULL, NULL, NULL, NULL, NULL, NULL, NULL, {_SKIPPED} FROM s {skipped}"
    out = "r.tenant = s.tenant AND r.unit >= s.low AND r.unit >= s.first_unit AND r.unit < s.high AND r.unit < s.until_unit AND r.until_entry IS NULL"
    held = each("p", "catalog_group_position", 'p.tenant = g.tenant AND p."group" = g.part')
    out += f" AND (r.refdes IN (SELECT p.refdes FROM g {held}) OR r.installed IN (SELECT number FROM k))"
    yield (
        f"SELECT r.removed, r.installed, r.unit, r.entry, NULL, NULL, NULL, NULL, r.happened_at, NULL, r.refdes, {_CAME_OUT} "
        f"FROM s {each('r', 'production_replacement', out)}"
    )
    lines = (
        "CROSS JOIN LATERAL (SELECT t.shipment, min(t.first_unit) AS first_unit, max(t.until_unit) AS until_unit, "
        f"CAST(sum(t.until_unit - t.first_unit) AS integer) AS units FROM shipping_line t WHERE {over} GROUP BY t.shipment) AS g"
    )
    shipment = each("c", "shipping_shipment", "c.tenant = s.tenant AND c.number = g.shipment")
    customer = each("p", "parties_party", "p.tenant = s.tenant AND p.number = c.customer")
    yield (
        f"SELECT NULL, NULL, g.first_unit, g.until_unit, g.units, NULL, NULL, NULL, NULL, NULL, p.name, {_SENT} "
        f"FROM s {lines} {shipment} {customer}"
    )


def _of_record() -> str:
    """Whether there are assemblies, packages of no known lot, and replacements by something unnamed; the head of the log."""
    silent = (
        "supply_lot l JOIN supply_package p ON p.tenant = l.tenant AND p.lot = l.number AND p.until_entry IS NULL "
        "WHERE l.tenant = q.number AND l.lot_code = ''"
    )
    facts = {
        "assembled": "production_assembly a WHERE a.tenant = q.number",
        "silent": silent,
        "unnamed": "production_replacement p WHERE p.tenant = q.number AND p.installed IS NULL AND p.until_entry IS NULL",
    }
    flags = ", ".join(f"CAST(EXISTS (SELECT 1 FROM {rows}) AS integer) AS {name}" for name, rows in facts.items())
    return (
        f"SELECT f.assembled, f.silent, f.unnamed, NULL, NULL, NULL, f.root, NULL, f.size, NULL, f.time_zone, {_RECORDED} FROM (SELECT {flags}, h.root, "
        "h.size, q.time_zone FROM access_tenant q LEFT JOIN ledger_head h ON h.tenant = q.number WHERE q.number = %s "
        "ORDER BY h.since DESC, h.origin DESC LIMIT 1) AS f"
    )
