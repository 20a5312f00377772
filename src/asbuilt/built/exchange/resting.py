"""What rests on a fact: nothing may stand on what was taken away.

Looked at once, at the end of a withdrawal or correction, so that a whole that goes together may go, and a row that is
stated anew in the same entry carries what it carried. The first kind of thing that would be left hanging is refused
with its names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.built.exchange import kept_shipped
from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE
from asbuilt.built.exchange.lots_without import without_package
from asbuilt.built.production.blocks import BY_ORDER, rows_naming
from asbuilt.built.production.carried import Position, Stage, apply_replacement, candidates_as_built, replacements_of
from asbuilt.built.production.events import NAME, ORDER
from asbuilt.built.production.mounts import naming_orders, naming_packages_gone
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.outside import hanging, sent_to
from asbuilt.built.production.withdraw_holds import placed_no_more
from asbuilt.built.production.withdraw_units import near_spans, standing_over
from asbuilt.built.programming.events import PROGRAMMING
from asbuilt.built.programming.preprogrammed import left_hanging
from asbuilt.built.programming.withdraw import permits_left_hanging
from asbuilt.built.quality.events import TEST
from asbuilt.built.quality.withdraw_nonconformities import without_nonconformity, without_proposal
from asbuilt.built.supply.kept import naming_packages, naming_parties, naming_parts, without_inspection
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.designed.catalog.test_plans import decided_without_plan, plans_without_product
from asbuilt.designed.catalog.withdraw import other_sides
from asbuilt.designed.catalog.withdraw_routings import (
    standing_no_more,
    steps_of_subcontractors,
    steps_with,
    steps_with_other_kinds,
)
from asbuilt.designed.components.withdraw import sboms_left_hanging
from asbuilt.designed.firmware.withdraw import register_left_hanging
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.shapes import REGISTRY
from asbuilt.storage import reading

NAMED_MAX = 5
_NOT_SCANNED = {ORDER.name, PROGRAMMING.name, TEST.name}  # the last two come by the million and have a table by unit


@dataclass
class Taken:
    """What a withdrawal took away, by number or code, as far as others may rest on it."""

    parties: set[int] = field(default_factory=set)
    parts: set[int] = field(default_factory=set)
    boms: set[int] = field(default_factory=set)
    packages: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    blocks: list[FactRow] = field(default_factory=list)  # rows of blocks.csv
    documents: set[str] = field(default_factory=set)  # DOCUMENT@REVISION
    panels: set[tuple[str, str, str]] = field(
        default_factory=set
    )  # product, revision and panel of maps that lost places
    releases: set[int] = field(default_factory=set)
    register: bool = False  # whether rows of the release register went
    permits: bool = False  # whether grants, plans or permits went
    programmed: bool = False  # whether rows about what is programmed before placement went
    shipped: bool = False  # whether rows about concessions, packing, shipments, placing or returns went
    plans: set[tuple[str, str]] = field(default_factory=set)  # versions of test plans
    inspections: set[str] = field(default_factory=set)
    nonconformities: set[str] = field(default_factory=set)
    dispositions: set[str] = field(default_factory=set)  # nonconformities that lost a row of dispositions.csv
    named: BitMap = field(default_factory=BitMap)  # units whose names went
    carried: BitMap = field(default_factory=BitMap)  # units whose material or replacements went
    notes: set[str] = field(default_factory=set)  # delivery notes that lost units
    holds: set[str] = field(default_factory=set)  # holds that lost a row that placed them
    holes: set[str] = field(default_factory=set)  # orders whose holes are to be counted anew


def refuse_hanging(tenant: int, taken: Taken) -> None:
    """Raise Refused where something that stands rests on what was taken."""
    for what, by, names in _hanging(tenant, taken):
        shown = ", ".join(names[:NAMED_MAX]) + (f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else "")
        raise Refused(
            "exchange.fact_rested_on",
            f"{what} carries {by} that still stand: {shown}.",
            {"what": what, "rests": by, "names": names[:100], "total": len(names)},
            "Withdraw them in the same call, or correct the row and keep its name.",
        )


def _hanging(tenant: int, taken: Taken) -> Iterator[tuple[str, str, list[str]]]:
    for finder in (
        _on_parties,
        _on_parts,
        _on_boms,
        _on_documents,
        _on_packages,
        _on_blocks,
        _on_orders,
        _on_releases,
        _on_register,
        _on_sboms,
        _on_permits,
        _on_programmed,
        _on_names,
        _on_material,
        _on_holds,
        _on_mounts,
        _on_notes,
        _on_test_plans,
        _on_shipped,
        _on_nonconformities,
    ):
        yield from ((what, by, names) for what, by, names in finder(tenant, taken) if names)


def _names(sql: str, tenant: int, numbers: Iterable) -> list[str]:
    listed = sorted(numbers)
    return [str(name) for (name,) in reading.fetch(sql, (tenant, reading.list_param(listed)))] if listed else []


def _on_shipped(tenant: int, taken: Taken):
    yield from kept_shipped.left_hanging(tenant) if taken.shipped else ()


def _on_test_plans(tenant: int, taken: Taken):
    yield "A version of a test plan", "decisions", decided_without_plan(tenant, taken.plans)
    yield "A product", "test plans", plans_without_product(tenant) if taken.boms else []


def _on_parties(tenant: int, taken: Taken):
    sql = "SELECT number FROM parties_party WHERE tenant = %s AND until_entry IS NOT NULL AND " + reading.any_of(
        "number"
    )
    gone = [int(number) for number in _names(sql, tenant, taken.parties)]
    sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("owner")
    yield "A party", "orders", _names(sql, tenant, gone)
    for column in ("supplier", "owner"):
        sql = "SELECT code FROM supply_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(column)
        yield "A party", "packages", _names(sql, tenant, gone)
    sql = (
        "SELECT s.code FROM shipping_shipment s WHERE s.tenant = %s AND "
        + reading.any_of("s.customer")
        + " AND EXISTS "
        "(SELECT 1 FROM shipping_line l WHERE l.tenant = s.tenant AND l.shipment = s.number AND l.until_entry IS NULL)"
    )
    yield "A party", "shipments", _names(sql, tenant, gone)
    yield "A party", "steps of routings", steps_of_subcontractors(tenant, gone)
    yield "A party", "delivery notes", sent_to(tenant, gone)
    for table, names in {**naming_parties(tenant, gone), **kept_shipped.naming_parties(tenant, gone)}.items():
        yield "A party", f"rows of {table}.csv", names
    sql = "SELECT programming_order FROM programming_package_order WHERE tenant = %s AND until_entry IS NULL AND "
    yield "A party", "rows of programming_orders.csv", _names(sql + reading.any_of("supplier"), tenant, gone)


def _on_parts(tenant: int, taken: Taken):
    sql = (
        "SELECT p.number FROM catalog_part p WHERE p.tenant = %s AND " + reading.any_of("p.number") + " AND NOT EXISTS "
        "(SELECT 1 FROM catalog_manufacturer_part m WHERE m.tenant = p.tenant AND m.part = p.number AND m.until_entry IS NULL)"
    )
    gone = [int(number) for number in _names(sql, tenant, taken.parts)]
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("part")
    yield "A part", "packages", _names(sql, tenant, gone)
    sql = "SELECT line FROM catalog_bom_line WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("part")
    yield "A part", "BOM lines", _names(sql, tenant, gone)
    sql = "SELECT code FROM catalog_part WHERE tenant = %s AND " + reading.any_of("number")
    for table, names in naming_parts(tenant, _names(sql, tenant, gone)).items():
        yield "A part", f"rows of {table}.csv", names


def _on_boms(tenant: int, taken: Taken):
    orders, groups = Orders(tenant), PositionGroups(tenant)
    sql = (
        "SELECT DISTINCT o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = "
        "b.work_order WHERE b.tenant = %s AND b.until_entry IS NULL AND o.until_entry IS NULL AND "
        + reading.any_of("b.bom")
    )
    for code in _names(sql, tenant, taken.boms):
        order = orders.by_code(code)
        lines = bom_lines(tenant, order.bom)
        if not lines:
            yield "A BOM version", "orders", [code]
        positions = {position for line in lines for position in groups.positions(line.group)}
        yield "A BOM line", "material runs or replacements at its positions", _outside(tenant, order, groups, positions)
    sql = (
        "SELECT f.version FROM firmware_release f WHERE f.tenant = %s AND f.until_entry IS NULL AND f.product IN "
        "(SELECT r.product FROM catalog_revision r JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number "
        f"WHERE r.tenant = f.tenant AND {reading.any_of('b.number')}) AND NOT EXISTS (SELECT 1 FROM catalog_revision r "
        "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number JOIN catalog_bom_line l ON l.tenant = b.tenant "
        "AND l.bom = b.number WHERE r.tenant = f.tenant AND r.product = f.product AND l.until_entry IS NULL)"
    )
    yield "A product", "firmware releases", _names(sql, tenant, taken.boms)
    sql = (
        "SELECT DISTINCT s.routing FROM catalog_routing_step s JOIN catalog_bom b ON b.tenant = s.tenant AND b.revision = "
        f"s.hardware_revision WHERE s.tenant = %s AND {reading.any_of('b.number')} AND s.until_entry IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM catalog_bom c JOIN catalog_bom_line l ON l.tenant = c.tenant AND l.bom = c.number WHERE c.tenant = "
        "s.tenant AND c.revision = s.hardware_revision AND l.until_entry IS NULL)"
    )
    yield "A hardware revision", "routings", _names(sql, tenant, taken.boms)
    sql = (
        "SELECT DISTINCT f.program FROM catalog_program_feeder f JOIN catalog_bom b ON b.tenant = f.tenant AND b.revision = "
        f"f.revision WHERE f.tenant = %s AND {reading.any_of('b.number')} AND f.until_entry IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM catalog_bom c JOIN catalog_bom_line l ON l.tenant = c.tenant AND l.bom = c.number WHERE c.tenant = "
        "f.tenant AND c.revision = f.revision AND l.until_entry IS NULL)"
    )
    yield "A hardware revision", "machine programs", _names(sql, tenant, taken.boms)


def _outside(tenant: int, order: OrderRow, groups: PositionGroups, positions: set[str]) -> list[str]:
    """Positions of the order's runs and replacements that its BOM does not name."""
    sql = 'SELECT DISTINCT "group" FROM production_material_run WHERE tenant = %s AND work_order = %s AND until_entry IS NULL'
    used = {p for (group,) in reading.fetch(sql, (tenant, order.number)) for p in groups.positions(group)}
    sql = (
        "SELECT DISTINCT refdes FROM production_replacement WHERE tenant = %s AND unit >= %s AND unit < %s "
        "AND until_entry IS NULL"
    )
    for first, until in order.blocks:
        used.update(refdes for (refdes,) in reading.fetch(sql, (tenant, first, until)))
    return sorted(used - positions)


def _on_packages(tenant: int, taken: Taken):
    gone = taken.packages.values()
    sql = (
        "SELECT DISTINCT o.code FROM production_material_run r JOIN production_order o ON o.tenant = r.tenant "
        "AND o.number = r.work_order WHERE r.tenant = %s AND r.until_entry IS NULL AND " + reading.any_of("r.package")
    )
    yield "A package", "material runs in orders", _names(sql, tenant, gone)
    for column in ("removed", "installed"):
        sql = (
            "SELECT refdes FROM production_replacement WHERE tenant = %s AND until_entry IS NULL AND "
            + reading.any_of(column)
        )
        yield "A package", "replacements", _names(sql, tenant, gone)
    sql = "SELECT package FROM programming_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "package"
    )
    yield "A package", "programming records", _names(sql, tenant, gone)
    sql = (
        "SELECT n.value FROM supply_package_name n WHERE n.tenant = %s AND n.until_entry IS NULL AND "
        + reading.any_of("n.code", "text")
        + " AND NOT EXISTS (SELECT 1 FROM supply_package p WHERE p.tenant = n.tenant AND p.code = n.code AND p.until_entry IS NULL)"
    )
    yield "A package", "names", _names(sql, tenant, taken.packages)
    for table, names in naming_packages(tenant, taken.packages).items():
        yield "A package", f"rows of {table}.csv", names
    yield "A package", "rows of mounts.csv", naming_packages_gone(tenant, taken.packages)
    for table, names in without_package(tenant, gone).items():
        yield "A lot without a package", f"rows of {table}.csv", names
    yield "An inspection", "rows of inspection_checks.csv", without_inspection(tenant, taken.inspections)


def _on_blocks(tenant: int, taken: Taken):
    """What was handed over out of units that are not there any more, and what happened since in the order that got them."""
    gone = [(fact.values[0], bitmap_of(fact.units)) for fact in taken.blocks]
    sql = "SELECT 1 FROM production_order WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    for code in taken.orders:
        rows = [] if reading.fetch(sql, (tenant, code)) else rows_naming(tenant, code)
        yield f"Order {code}", "rows of blocks.csv", [_block_words(fact) for fact in rows]
        sql_closed = "SELECT code FROM production_order_closing WHERE tenant = %s AND code = %s AND until_entry IS NULL"
        closed = [] if reading.fetch(sql, (tenant, code)) else reading.fetch(sql_closed, (tenant, code))
        yield f"Order {code}", "a row of closings.csv", [name for (name,) in closed]
    for code, units in gone:
        later = [fact for fact in rows_naming(tenant, code) if fact.values[5] == code and units & bitmap_of(fact.units)]
        yield f"A block of {code}", "rows of blocks.csv", [_block_words(fact) for fact in later]
    for fact in taken.blocks:
        if fact.values[5]:
            stated = standing_over(tenant, bitmap_of(fact.units), BY_ORDER)
            kept = {TABLE_OF_SHAPE[row.shape] for row, spans in stated if bitmap_of(spans) & bitmap_of(fact.units)}
            yield f"A block of {fact.values[0]}", "rows of tables", [f"{table}.csv" for table in sorted(kept)]


def _block_words(fact: FactRow) -> str:
    return f"{fact.values[4]} units of {fact.values[0]}"


def _on_orders(tenant: int, taken: Taken):
    """Facts about units that no order has any more."""
    sql = "SELECT first_unit, until_unit FROM production_block WHERE tenant = %s AND " + reading.any_of("work_order")
    lost = bitmap_of(reading.fetch(sql, (tenant, reading.list_param(sorted(taken.orders.values())))))
    lost |= bitmap_of(span for fact in taken.blocks for span in fact.units)
    sql = (
        "SELECT first_unit, until_unit FROM production_block WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL"
    )
    for low, high in near_spans(lost):
        lost -= bitmap_of(reading.fetch(sql, (tenant, high, low)))
    if lost:
        for table, name in (("programming_record", "programming"), ("quality_test_run", "tests")):
            if any(_records_over(tenant, table, span) for span in near_spans(lost)):
                yield "An order", f"rows of {name}.csv", _orders_taken(taken)
        shapes = [shape for shape in TABLE_OF_SHAPE if shape not in _NOT_SCANNED and _speaks_of_units(shape)]
        for shape in shapes:
            found = (fact for fact, spans in standing_over(tenant, lost, [shape]) if bitmap_of(spans) & lost)
            if next(found, None):
                yield "An order", f"rows of {TABLE_OF_SHAPE[shape]}.csv", _orders_taken(taken)
    orders, groups = Orders(tenant), PositionGroups(tenant)
    for code in taken.orders:
        order = orders.by_code(code)
        if order:
            positions = {p for line in bom_lines(tenant, order.bom) for p in groups.positions(line.group)}
            outside = _outside(tenant, order, groups, positions)
            yield f"Order {code}", "material runs or replacements at positions its BOM does not have", outside


def _on_mounts(tenant: int, taken: Taken):
    yield "An order", "rows of mounts.csv", naming_orders(tenant, taken.orders)


def _on_notes(tenant: int, taken: Taken):
    for table, note in hanging(tenant, taken.notes):
        yield f"Delivery note {note}", "rows that say what came back with it", [f"{table}.csv"]


def _on_nonconformities(tenant: int, taken: Taken):
    for table, codes in without_nonconformity(tenant, taken.nonconformities).items():
        yield "A nonconformity", f"rows of {table}.csv", codes
    yield "A proposal", "rows of dispositions.csv", without_proposal(tenant, taken.dispositions)


def _orders_taken(taken: Taken) -> list[str]:
    return sorted({*taken.orders, *(fact.values[0] for fact in taken.blocks)})


def _records_over(tenant: int, table: str, span: tuple[int, int]) -> bool:
    sql = f"SELECT 1 FROM {table} WHERE tenant = %s AND unit >= %s AND unit < %s AND until_entry IS NULL LIMIT 1"
    return reading.fetch_one(sql, (tenant, *span)) is not None


def _speaks_of_units(shape: str) -> bool:
    return any(column in REGISTRY[shape].columns for column in ("unit", "first_unit", "parent"))


def _on_register(tenant: int, taken: Taken):
    yield from register_left_hanging(tenant) if taken.register else ()


def _on_sboms(tenant: int, taken: Taken):
    yield from sboms_left_hanging(tenant) if taken.releases or taken.register or taken.boms or taken.parts else ()


def _on_permits(tenant: int, taken: Taken):
    yield from permits_left_hanging(tenant) if taken.permits else ()


def _on_programmed(tenant: int, taken: Taken):
    if taken.programmed or taken.packages or taken.orders or taken.releases or taken.parts or taken.boms:
        yield from left_hanging(tenant)


def _on_releases(tenant: int, taken: Taken):
    sql = "SELECT number FROM firmware_release WHERE tenant = %s AND until_entry IS NOT NULL AND " + reading.any_of(
        "number"
    )
    gone = _names(sql, tenant, taken.releases)
    sql = "SELECT unit FROM programming_record WHERE tenant = %s AND until_entry IS NULL AND release = %s LIMIT 1"
    carried = [number for number in gone if reading.fetch(sql, (tenant, int(number)))]
    sql = "SELECT version FROM firmware_release WHERE tenant = %s AND " + reading.any_of("number")
    yield "A firmware release", "programming records", _names(sql, tenant, map(int, carried))
    sql = "SELECT release FROM programming_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "release"
    )
    yield "A firmware release", "programmed packages", _names(sql, tenant, map(int, gone))


def _on_names(tenant: int, taken: Taken):
    """Names given in place of one that is not there any more."""
    orders, hanging = Orders(tenant), []
    sql = "SELECT 1 FROM production_unit_name WHERE tenant = %s AND unit = %s AND value = %s AND until_entry IS NULL"
    for fact, _ in standing_over(tenant, taken.named, [NAME.name]):
        unit, replaces = fact.values[0], fact.values[4]
        if replaces and unit in taken.named and not reading.fetch(sql, (tenant, unit, replaces)):
            order = orders.of_unit(unit)
            hanging.append(f"{fact.values[2]} in place of {replaces} on {order.code}#{order.place_of(unit)}")
    yield "A name", "names given in its place", hanging


def _on_material(tenant: int, taken: Taken):
    """Replacements that took out what was not there by the facts that stand."""
    orders, groups, hanging = Orders(tenant), PositionGroups(tenant), []
    sql = "SELECT DISTINCT unit FROM production_replacement WHERE tenant = %s AND unit >= %s AND unit < %s AND until_entry IS NULL"
    for low, high in near_spans(taken.carried):
        for (unit,) in reading.fetch(sql, (tenant, low, high)):
            if unit in taken.carried:
                hanging += _not_there(tenant, orders.of_unit(unit), unit, groups)
    yield "A material run or replacement", "replacements of what it put there", hanging


def _not_there(tenant: int, order: OrderRow, unit: int, groups: PositionGroups) -> Sequence[str]:
    built = candidates_as_built(tenant, order, unit, groups)
    positions: dict[str, Position] = {}
    for row in replacements_of(tenant, unit):
        if row.refdes not in positions:
            candidates = built.get(row.refdes)
            positions[row.refdes] = Position(row.refdes, [Stage(candidates)] if candidates else [])
        position = positions[row.refdes]
        there = position.now
        if row.removed is not None and there and None not in there.candidates and row.removed not in there.candidates:
            return [f"{order.code}#{order.place_of(unit)} {row.refdes}"]
        apply_replacement(position, row)
    return []


def _on_documents(tenant: int, taken: Taken):
    yield "A document", "steps of routings", steps_with(tenant, standing_no_more(tenant, taken.documents))
    yield "A document of this kind", "steps of routings", steps_with_other_kinds(tenant, taken.documents)
    yield "A place of a panel", "places of its other side", other_sides(tenant, taken.panels)


def _on_holds(tenant: int, taken: Taken):
    yield "A hold", "rows that lift it", placed_no_more(tenant, taken.holds)
