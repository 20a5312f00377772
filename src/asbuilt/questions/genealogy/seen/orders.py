"""One work order: how far it is, step by step, what it is made of, what runs on it, how it tested, where it went, and the facts
that say so. And the list of orders, newest first.

Counts are of the order's units that the reader may see and that were not skipped. What passed counts once a unit, however many
runs it had; *passed first time* are units that passed a plan and never failed it.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.runs import units_as_of
from asbuilt.built.programming.queries import releases_over
from asbuilt.built.quality.queries import outcomes_over
from asbuilt.designed.catalog.queries import bom_lines, part_codes
from asbuilt.kernel.spans import bitmap_of, unpack
from asbuilt.questions.genealogy.answering import sources
from asbuilt.questions.genealogy.answering.answers import Answer, ask
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.answering.sources import Recorded, recorded_of_units
from asbuilt.questions.genealogy.evaluating.material import labels_of
from asbuilt.questions.genealogy.evaluating.naming import numbers, unknown
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, SKIPPED, View
from asbuilt.questions.genealogy.seen.held import HoldSeen, holds_on_units
from asbuilt.questions.genealogy.seen.placed_parts import short
from asbuilt.storage import reading

PAGE = 100
FACTS_SHOWN = 100
SPAN_SHAPES = (sources.BLOCK, sources.MATERIAL, sources.PROCESS, sources.SHIPMENT)


@dataclass(frozen=True)
class OrderSeen:
    """An order with the codes of what it builds, its owner's name, and how many of its units are begun, built, scrapped."""

    number: int
    code: str
    batch: str
    quantity: int
    product: str
    revision: str
    bom_version: str
    bom: int
    owner: str
    opened_at: int | None
    closed_at: int | None
    begun: int
    built: int
    scrapped: int
    skipped: int


@dataclass(frozen=True)
class Step:
    """A step of the process: how many units went through it, how many of them in a run that failed or was aborted."""

    name: str
    machines: str
    units: int
    failed: int
    first_at: int
    last_at: int


@dataclass(frozen=True)
class LineUsed:
    """A BOM line on this order: which lots, and on how many units the record has no run for it, or names one only as possible."""

    line: str
    part: str
    at: str
    quantity: int
    lots: tuple[tuple[str, str], ...]
    lots_more: int
    holes: int


@dataclass(frozen=True)
class PlanYield:
    """A test plan: units whose last run passed, failed, ended otherwise; units that passed and never failed."""

    plan: str
    passed: int
    failed: int
    other: int
    first_time: int


@dataclass
class OrderPage:
    """Everything of one order."""

    order: OrderSeen
    question: str
    steps: list[Step]
    lines: list[LineUsed]
    firmware: list[tuple[str, str, int]]
    tests: list[PlanYield]
    answer: Answer
    facts: list[Recorded]
    facts_more: tuple[str, ...]
    holds: list[HoldSeen]
    view: View = field(repr=False)


def orders_page(actor: Actor, after: int | None = None) -> tuple[list[OrderSeen], int | None]:
    """(orders, newest first, at most 100; the cursor for older ones or None). Six statements."""
    with reading.snapshot():
        view = view_of(actor)
        allowed = Sight(view).orders()
        sql = f"{_ORDER} WHERE o.tenant = %s" + view.seen("o")
        if after is not None:
            sql += " AND o.number < %s"
        rows = reading.fetch(
            sql + " ORDER BY o.number DESC", (view.tenant, after) if after is not None else (view.tenant,)
        )
        rows = [row for row in rows if allowed is None or row[0] in allowed]
        shown = rows[:PAGE]
        return _seen(view, shown), (shown[-1][0] if len(rows) > PAGE else None)


_ORDER = (
    "SELECT o.number, o.code, o.batch_number, p.name, o.opened_at FROM production_order o "
    "LEFT JOIN parties_party p ON p.tenant = o.tenant AND p.number = o.owner"
)


def _seen(view: View, rows: list[tuple]) -> list[OrderSeen]:
    blocks = _blocks(view, [row[0] for row in rows])
    codes = _planned(view)
    sql = "SELECT c.code, c.closed_at FROM production_order_closing c WHERE c.tenant = %s" + view.seen("c") + " AND "
    closed = dict(
        reading.fetch(sql + reading.any_of("c.code", "text"), (view.tenant, reading.list_param(row[1] for row in rows)))
    )
    found = []
    units_of = {order: view.limit(bitmap_of(spans)) for order, (spans, _) in blocks.items()}
    everything = BitMap().union(*units_of.values()) if units_of else BitMap()
    states = {state: view.state_units(state, over=everything) for state in (BEGUN, BUILT, SCRAPPED, SKIPPED)}
    for number, code, batch, owner, opened_at in rows:
        spans, (product, revision, bom) = blocks.get(number, ((), (0, 0, 0)))
        mine = units_of.get(number, BitMap())
        quantity = sum(until - first for first, until in spans) if view.visible is None else len(mine)
        counts = {state: len(units & mine) for state, units in states.items()}
        built = states[BUILT] & mine
        begun = (states[BEGUN] | built | states[SCRAPPED]) & mine
        found.append(
            OrderSeen(
                number,
                code,
                batch,
                quantity,
                codes[0].get(product, ""),
                codes[1].get(revision, ""),
                codes[2].get(bom, ""),
                bom,
                owner or "",
                opened_at,
                closed.get(code),
                len(begun),
                len(built),
                counts[SCRAPPED],
                counts[SKIPPED],
            )  # fmt: skip
        )
    return found


def _blocks(view: View, orders: list[int]) -> dict[int, tuple[list, tuple]]:
    sql = "SELECT b.work_order, b.first_unit, b.until_unit, b.product, b.revision, b.bom FROM production_block b WHERE b.tenant = %s AND "
    found: dict[int, tuple[list, tuple]] = {}
    rows = reading.fetch(
        sql + reading.any_of("b.work_order") + view.seen("b"), (view.tenant, reading.list_param(orders))
    )
    for order, first, until, *planned in sorted(rows):
        found.setdefault(order, ([], tuple(planned)))[0].append((first, until))
    return found


def _planned(view: View) -> tuple[dict, dict, dict]:
    return tuple(
        dict(reading.fetch(f"SELECT number, {column} FROM {table} WHERE tenant = %s", (view.tenant,)))
        for table, column in (("catalog_product", "code"), ("catalog_revision", "code"), ("catalog_bom", "version"))
    )


def order_page(actor: Actor, code: str) -> OrderPage:
    """The work order with this code. About 40 statements. NotFound where the reader sees no unit of it."""
    with reading.snapshot():
        view = view_of(actor)
        number = numbers(view, "order", code, "production_order", ("code",))[0]
        row = reading.fetch(f"{_ORDER} WHERE o.tenant = %s AND o.number = %s" + view.seen("o"), (view.tenant, number))
        spans = _blocks(view, [number]).get(number, ([], ()))[0]
        units = view.without_skipped(view.limit(bitmap_of(spans)))
        if not row or (view.visible is not None and not units):
            raise unknown("order", code, ())
        order = _seen(view, row)[0]
        question = written("order", order.code)
        facts, more = _facts(view, order, spans)
        return OrderPage(
            order, question, _steps(view, spans, units), _lines(view, order, units), _firmware(view, spans, units),
            _tests(view, spans, units), ask(actor, question), facts, more,
            holds_on_units(view, units), view,
        )  # fmt: skip


def _steps(view: View, spans: list, units: BitMap) -> list[Step]:
    """The steps in the order in which they began. Two statements."""
    sql = "p.step, p.machine, p.first_unit, p.until_unit, p.result, p.started_at, p.finished_at"
    rows = []
    for first, until in spans:
        where = f"SELECT {sql} FROM production_process_run p WHERE p.tenant = %s AND p.first_unit >= %s AND p.first_unit < %s"
        rows += reading.fetch(where + view.seen("p"), (view.tenant, first, until))
    names = FloorNames(view.tenant).names({row[0] for row in rows} | {row[1] for row in rows})
    by_step: dict[int, list[tuple]] = {}
    for row in sorted(rows, key=lambda row: row[5]):
        by_step.setdefault(row[0], []).append(row)
    steps = []
    for step, runs in by_step.items():
        through = bitmap_of(row[2:4] for row in runs) & units
        failed = bitmap_of(row[2:4] for row in runs if row[4] != "completed") & units
        machines = ", ".join(sorted({names[row[1]] for row in runs if row[1]}))
        if through:
            steps.append(
                Step(names[step], machines, len(through), len(failed), runs[0][5], max(row[6] for row in runs))
            )
    return steps


LOTS_SHOWN = 6


def _lines(view: View, order: OrderSeen, units: BitMap) -> list[LineUsed]:
    """The BOM lines with the lots used. Five statements."""
    lines = bom_lines(view.tenant, order.bom, view.entry)
    labels = labels_of(view, {line.group for line in lines})
    parts = part_codes(view.tenant, {line.part for line in lines})
    used = _lots_by_position(view, order.number, units)
    silent = _holes(view, order.number, units)
    found = []
    for line in lines:
        lots = sorted({lot for position in labels[line.group] for lot in used.get(position, ())})
        holes = BitMap().union(*(silent.get(position, BitMap()) for position in labels[line.group]))
        at = short(labels[line.group])
        found.append(
            LineUsed(
                line.line,
                parts.get(line.part, ""),
                at,
                line.quantity,
                tuple(lots[:LOTS_SHOWN]),
                max(0, len(lots) - LOTS_SHOWN),
                len(holes),
            )
        )
    return found


def _lots_by_position(view: View, order: int, units: BitMap) -> dict[str, set[tuple[str, str]]]:
    """Position -> (lot code or MPN, a package of it) of the runs over these units."""
    sql = (
        'SELECT r."group", r.first_unit, r.until_unit, r.units, r.growth, p.number, l.number, l.lot_code, l.mpn, p.code '
        "FROM production_material_run r JOIN supply_package p ON p.tenant = r.tenant AND p.number = r.package "
        "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot WHERE r.tenant = %s AND r.work_order = %s"
    ) + view.seen("r")
    lots: dict[int, tuple[str, str]] = {}
    by_group: dict[int, set[int]] = {}
    for group, first, until, packed, growth, _, lot, lot_code, mpn, package in reading.fetch(sql, (view.tenant, order)):
        if units & units_as_of(first, until, packed, growth, view.entry):
            lots.setdefault(lot, (lot_code or mpn, package))
            by_group.setdefault(group, set()).add(lot)
    labels_of(view, set(by_group))
    found: dict[str, set[tuple[str, str]]] = {}
    for group, held in by_group.items():
        for position in view.groups.positions(group):
            found.setdefault(position, set()).update(lots[lot] for lot in held)
    return found


def _holes(view: View, order: int, units: BitMap) -> dict[str, BitMap]:
    """Position -> units without a sure or complete record there, as known now. One statement."""
    sql = 'SELECT h."group", h.first_unit, h.until_unit, h.units FROM production_material_hole h WHERE h.tenant = %s AND h.work_order = %s'
    found: dict[str, BitMap] = {}
    for group, *run in reading.fetch(sql, (view.tenant, order)):
        for position in view.groups.positions(group):
            found.setdefault(position, BitMap()).update(unpack(*run) & units)
    return found


def _firmware(view: View, spans: list, units: BitMap) -> list[tuple[str, str, int]]:
    """(role, version, units that run it), most first. Two statements and one a block."""
    counts: dict[int, int] = {}
    for first, until in spans:
        for release, running in releases_over(view.tenant, first, until, as_of=view.entry).items():
            counts[release] = counts.get(release, 0) + len(running & units & BitMap(range(first, until)))
    sql = "SELECT number, role, version FROM firmware_release WHERE tenant = %s AND " + reading.any_of("number")
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(counts)))) if counts else []
    found = [(role or "app", version, counts[number]) for number, role, version in rows if counts[number]]
    return sorted(found, key=lambda row: (row[0], -row[2]))


def _tests(view: View, spans: list, units: BitMap) -> list[PlanYield]:
    """Each plan's last outcomes and first passes. Three statements a block."""
    last, ever = _outcomes(view, spans, units, False), _outcomes(view, spans, units, True)
    names = FloorNames(view.tenant).names({plan for plan, _ in ever})
    found = []
    for plan in sorted({plan for plan, _ in ever}, key=lambda plan: names[plan]):
        passed, failed = last.get((plan, "pass"), BitMap()), last.get((plan, "fail"), BitMap())
        other = last.get((plan, "error"), BitMap()) | last.get((plan, "aborted"), BitMap())
        first = ever.get((plan, "pass"), BitMap()) - ever.get((plan, "fail"), BitMap())
        if passed or failed or other:
            found.append(PlanYield(names[plan], len(passed), len(failed), len(other), len(first)))
    return found


def _outcomes(view: View, spans: list, units: BitMap, ever: bool) -> dict[tuple[int, str], BitMap]:
    found: dict[tuple[int, str], BitMap] = {}
    for first, until in spans:
        for key, had in outcomes_over(view.tenant, first, until, ever=ever, as_of=view.entry).items():
            found.setdefault(key, BitMap()).update(had & units & BitMap(range(first, until)))
    return found


def _facts(view: View, order: OrderSeen, spans: list) -> tuple[list[Recorded], tuple[str, ...]]:
    """The order's row, its closing and the first facts over spans of it, and the tables that hold more; a party reader gets none."""
    if view.visible is not None:
        return [], ()
    rows = sources.order_row(view, order.number) + sources.closing_row(view, order.code)
    own = [
        Recorded(row.shape, sources.cells_of(row), row.units, source, row)
        for row, source in zip(rows, sources.sources_of(view, rows), strict=True)
    ]
    found, more = [], []
    for shape in SPAN_SHAPES:
        stand, _ = recorded_of_units(view, spans, (shape,), FACTS_SHOWN + 1)
        if len(stand) > FACTS_SHOWN:
            more.append(sources.TABLES[shape])
        found += stand[:FACTS_SHOWN]
    return own + found, tuple(more)


@dataclass(frozen=True)
class FactsPage:
    """A hundred of an order's facts of one table, from number `after` on; `older` is where the next hundred begins."""

    code: str
    table: str
    facts: list[Recorded]
    after: int
    older: int | None


def order_facts(actor: Actor, code: str, table: str, after: int = 0) -> FactsPage:
    """The facts of a table over the order's units that stand, in the order of recording; NotFound for a party reader."""
    shape = next((shape for shape in SPAN_SHAPES if sources.TABLES[shape] == table), None)
    with reading.snapshot():
        view = view_of(actor)
        number = numbers(view, "order", code, "production_order", ("code",))[0]
        if shape is None or view.visible is not None:
            raise unknown("order", code, ())
        spans = _blocks(view, [number]).get(number, ([], ()))[0]
        stand, _ = recorded_of_units(view, spans, (shape,), after + FACTS_SHOWN + 1)
        shown = stand[after : after + FACTS_SHOWN]
        return FactsPage(code, table, shown, after, after + FACTS_SHOWN if len(stand) > after + FACTS_SHOWN else None)
