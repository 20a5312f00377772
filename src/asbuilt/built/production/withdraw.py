"""Withdrawing what happened to units: process runs, replacements, assemblies; and work orders with their units' numbers.

Rows are closed by the entry; where only a part of a span goes, what is left stands anew from that entry on.
"""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.built.production import withdraw_runs
from asbuilt.built.production.blocks import repoint_blocks
from asbuilt.built.production.meetings import note_meetings
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

_RUN = (
    "work_order", "step", "machine", "program", "side", "pass_number", "started_at", "finished_at", "operator", "result",
    "readings", "outside",
)  # fmt: skip
RUN_COLUMNS = ("tenant", "number", "first_unit", "until_unit", "entry", *_RUN)


def next_run(tenant: int) -> int:
    """The number of the next process run. One statement."""
    sql = "SELECT max(number) FROM production_process_run WHERE tenant = %s"
    return (reading.fetch_one(sql, (tenant,))[0] or 0) + 1


def withdraw_process_runs(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> BitMap:
    """Take these units out of the process runs of these facts; returns the units."""
    units = BitMap()
    for fact, spans in gone:
        leaving = bitmap_of(spans)
        units |= leaving
        _cut_process(entry, fact, leaving)
    return units


def _cut_process(entry: Entry, fact: FactRow, leaving: BitMap) -> None:
    names = dict(
        zip(("first", "until", "order", "step", "machine", "program", "started", "finished"), fact.values, strict=False)
    )
    sql = (
        f"SELECT p.number, p.first_unit, p.until_unit, {', '.join('p.' + name for name in _RUN)} "
        "FROM production_process_run p JOIN production_floor_name s ON s.tenant = p.tenant AND s.number = p.step "
        "LEFT JOIN production_floor_name m ON m.tenant = p.tenant AND m.number = p.machine "
        "LEFT JOIN production_floor_name g ON g.tenant = p.tenant AND g.number = p.program "
        "WHERE p.tenant = %s AND p.first_unit >= %s AND p.until_unit <= %s AND p.until_entry IS NULL AND p.entry >= %s "
        "AND s.name = %s AND coalesce(m.name, '') = %s AND coalesce(g.name, '') = %s AND p.started_at = %s "
        "AND p.finished_at = %s AND coalesce(p.operator, 0) = %s AND p.result = %s AND p.readings = %s AND p.side = %s "
        "AND p.pass_number = %s ORDER BY p.entry, p.number"
    )
    said = (
        names["first"], names["until"], fact.entry, names["step"], names["machine"], names["program"],
        parse_instant(names["started"]), parse_instant(names["finished"]), fact.values[8] or 0, *fact.values[9:13],
    )  # fmt: skip
    number = next_run(entry.tenant)
    for old, first, until, *rest in reading.fetch(sql, (entry.tenant, *said)):
        taken = leaving & BitMap(range(first, until))
        if not taken:
            continue
        leaving = leaving - taken
        bulk.run(
            "UPDATE production_process_run SET until_entry = %s WHERE tenant = %s AND number = %s",
            (entry.number, entry.tenant, old),
        )
        left = spans_of(BitMap(range(first, until)) - taken)
        rows = [(entry.tenant, number + n, *span, entry.number, *rest) for n, span in enumerate(left)]
        bulk.insert_rows("production_process_run", RUN_COLUMNS, rows)
        number += len(rows)


def withdraw_replacements(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Close the replacements of these facts; returns the units."""
    closed = [
        (entry.number, entry.tenant, fact.values[0], fact.values[1], parse_instant(fact.values[6])) for fact in facts
    ]
    sql = (
        "UPDATE production_replacement SET until_entry = %s WHERE tenant = %s AND unit = %s AND refdes = %s "
        "AND happened_at = %s AND until_entry IS NULL"
    )
    bulk.run_many(sql, closed)
    return BitMap([row[2] for row in closed])


def withdraw_assemblies(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Close the links of these facts; returns the units, parents and children."""
    closed, units = [], BitMap()
    for fact in facts:
        parent, child, _, at, _ = fact.values
        closed.append((entry.number, entry.tenant, child, parse_instant(at), parent))
        units.update((parent, child))
    sql = (
        "UPDATE production_assembly SET until_entry = %s WHERE tenant = %s AND child = %s AND happened_at = %s "
        "AND parent = %s AND until_entry IS NULL"
    )
    bulk.run_many(sql, closed)
    return units


def withdraw_orders(entry: Entry, facts: Sequence[FactRow]) -> dict[str, int]:
    """Close these orders and their blocks; returns code -> number. Their unit numbers are never given again."""
    found: dict[str, int] = {}
    for fact in facts:
        sql = "SELECT code, number FROM production_order WHERE tenant = %s AND code = %s AND until_entry IS NULL"
        found.update(reading.fetch(sql, (entry.tenant, fact.values[0])))
    for number in found.values():
        place = (entry.number, entry.tenant, number)
        bulk.run("UPDATE production_order SET until_entry = %s WHERE tenant = %s AND number = %s", place)
        sql = (
            "UPDATE production_block SET until_entry = %s WHERE tenant = %s AND work_order = %s AND until_entry IS NULL"
        )
        bulk.run(sql, place)
        for table in ("production_material_hole", "production_other_part"):
            bulk.run(f"DELETE FROM {table} WHERE tenant = %s AND work_order = %s", place[1:])
    return found


def withdraw_mark_readings(entry: Entry, facts: Sequence[FactRow]) -> None:
    """These marks were not read so; a unit's reading before counts again."""
    sql = "UPDATE production_mark_reading SET until_entry = %s WHERE tenant = %s AND unit = %s AND happened_at = %s AND entry = %s"
    rows = [(entry.number, entry.tenant, fact.values[0], parse_instant(fact.values[5]), fact.entry) for fact in facts]
    bulk.run_many(sql, rows)


def withdraw_numberings(entry: Entry, facts: Sequence[FactRow]) -> None:
    """These stretches of a counter were not given to units; they are not given again all the same."""
    sql = (
        "UPDATE production_numbering SET until_entry = %s WHERE tenant = %s AND prefix = %s AND width = %s "
        "AND check_digit = %s AND first_counter = %s AND entry = %s"
    )
    rows = [(fact.values[2], int(fact.values[3]), fact.values[4], int(fact.values[5]), fact.entry) for fact in facts]
    bulk.run_many(sql, [(entry.number, entry.tenant, *row) for row in rows])


def withdraw_closings(entry: Entry, facts: Sequence[FactRow]) -> None:
    """These orders are open again."""
    sql = "UPDATE production_order_closing SET until_entry = %s WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.values[0]) for fact in facts])


def repoint_order(entry: Entry, code: str, old: int, new: int) -> None:
    """What was recorded of an order that was corrected goes on under its new number."""
    repoint_blocks(entry, code, old, new)
    withdraw_runs.repoint(entry, "work_order", old, new)
    note_meetings(entry.tenant, new, PositionGroups(entry.tenant))
    sql = (
        f"SELECT first_unit, until_unit, {', '.join(_RUN)} FROM production_process_run WHERE tenant = %s AND work_order = %s "
        "AND until_entry IS NULL ORDER BY number"
    )
    number, rows = next_run(entry.tenant), []
    for first, until, _, *rest in reading.fetch(sql, (entry.tenant, old)):
        rows.append((entry.tenant, number + len(rows), first, until, entry.number, new, *rest))
    sql = "UPDATE production_process_run SET until_entry = %s WHERE tenant = %s AND work_order = %s AND until_entry IS NULL"
    bulk.run(sql, (entry.number, entry.tenant, old))
    bulk.insert_rows("production_process_run", RUN_COLUMNS, rows)


def repoint_package(entry: Entry, old: int, new: int) -> None:
    """Runs and replacements of a package that was corrected go on under its new number."""
    withdraw_runs.repoint(entry, "package", old, new)
    columns = ("unit", "refdes", "happened_at", "operator", "reason")
    sql = (
        f"SELECT removed, installed, {', '.join(columns)} FROM production_replacement WHERE tenant = %s "
        "AND (removed = %s OR installed = %s) AND until_entry IS NULL"
    )
    rows = [
        (entry.tenant, entry.number, *(new if number == old else number for number in row[:2]), *row[2:])
        for row in reading.fetch(sql, (entry.tenant, old, old))
    ]
    sql = (
        "UPDATE production_replacement SET until_entry = %s WHERE tenant = %s AND (removed = %s OR installed = %s) "
        "AND until_entry IS NULL"
    )
    bulk.run(sql, (entry.number, entry.tenant, old, old))
    bulk.insert_rows("production_replacement", ("tenant", "entry", "removed", "installed", *columns), rows)


def happened(tenant: int, first: int, until: int) -> BitMap:
    """Units of [first, until) to which something of this room happened, by the rows that stand."""
    near = "t.tenant = %s AND t.first_unit < %s AND t.until_unit > %s AND t.until_entry IS NULL"
    units = BitMap()
    for table in ("production_process_run", "production_sent_out"):
        sql = f"SELECT t.first_unit, t.until_unit FROM {table} t WHERE {near}"
        units |= bitmap_of(reading.fetch(sql, (tenant, until, first)))
    units |= withdraw_runs.covered(tenant, first, until)
    for table, column in (
        ("production_replacement", "unit"), ("production_assembly", "parent"), ("production_assembly", "child"),
    ):  # fmt: skip
        sql = f"SELECT {column} FROM {table} WHERE tenant = %s AND {column} >= %s AND {column} < %s AND until_entry IS NULL"
        units.update(unit for (unit,) in reading.fetch(sql, (tenant, first, until)))
    return units & BitMap(range(first, until))
