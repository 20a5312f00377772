"""Correct a fact: withdraw it and record its row anew, in one entry.

    correct_fact(actor, "00a1…", {"package": "P7"}, reason="reel mixed up", person="045", decided_at=at)

The new row goes through the intake of its table and is checked as any row. An order, a package, a party or a release
that keeps its name keeps all that rests on it; units of an order keep their numbers.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FACT_WITHDRAW
from asbuilt.built.exchange import events
from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE, FactCells
from asbuilt.built.exchange.file_given import cells_of, giving
from asbuilt.built.exchange.finding import facts_in
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.built.exchange.lots_named import naming_the_lot
from asbuilt.built.exchange.matching_after import match_imported
from asbuilt.built.exchange.questions_named import QuestionsNamed
from asbuilt.built.exchange.resolving import Chosen, FactFinder, Withdraw
from asbuilt.built.exchange.resting import Taken
from asbuilt.built.exchange.rows_that_decide import DecidingRows, refuse_undoing
from asbuilt.built.exchange.silence import boms_met, orders_with
from asbuilt.built.exchange.withdrawing import choose, deciding_rows, finish, refuse_many, take_away
from asbuilt.built.production import withdraw as production
from asbuilt.built.production.blocks import rows_naming
from asbuilt.built.production.unit_anew import UnitAnew
from asbuilt.built.programming import withdraw as programming
from asbuilt.designed.firmware import withdraw as firmware
from asbuilt.designed.parties import withdraw as parties
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, Table, fact_id, read_table, write_table
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.ledger import sequencing
from asbuilt.ledger.facts import fact_id as id_of_fact
from asbuilt.ledger.facts import find_fact, standing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.ledger.shapes import REGISTRY
from asbuilt.storage import reading

FILE = "correction"
SHARED = {
    "shipments": (
        "shipment",
        ("customer", "country"),
        "SELECT DISTINCT l.entry FROM shipping_shipment s JOIN shipping_line l ON l.tenant = s.tenant AND l.shipment = s.number "
        "WHERE s.tenant = %s AND s.code = %s AND l.until_entry IS NULL",
    ),
    "concessions": (
        "concession",
        ("allows", "subject", "reason", "until_at"),
        "SELECT DISTINCT entry FROM quality_concession WHERE tenant = %s AND concession = %s AND until_entry IS NULL",
    ),
    "sent_out": (
        "note",
        ("party", "step", "side"),
        "SELECT DISTINCT entry FROM production_sent_out WHERE tenant = %s AND note = %s AND until_entry IS NULL",
    ),
}
"""Tables whose rows make up one thing together: the column that names it, the columns that all its rows say alike, where they stand."""
Row = tuple[str, ...]


@dataclass(frozen=True)
class CorrectReport:
    """The entry, the ids of the facts recorded anew, and warnings as an import gives them."""

    entry: int
    facts: list[str]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Corrected:
    """What one correction took away and recorded in its entry: the facts that went, what stood on them, ids of the new rows, how many there are."""

    gone: list[Chosen]
    taken: Taken
    facts: list[str]
    recorded: int


def correct_fact(
    actor: Actor,
    fact: str,
    cells: Mapping[str, str],
    *,
    reason: str,
    person: str,
    decided_at: int,
    first_unit: int | None = None,
    until_unit: int | None = None,
    request_key: str | None = None,
    content: bytes | None = None,
    file: bytes | None = None,
) -> CorrectReport:
    """Replace these cells of a fact's row, by column; with units [first_unit, until_unit) for that part of it only.

    What all lines of a shipment say alike, its customer and country, is replaced on all of them; so it is with a concession and a delivery note.
    Where a lot loses its last package to another lot, holds and silicon revisions that name it go along (`lots_named`); where a name is given up
    for another, so do the questions of holds (`questions_named`).

    `file` is the file of the row, where it has one: what the row says of it, such as its hash, follows from its bytes.
    `content` says what a verb was asked that works out the rest of this by itself, such as the time.

    Raises what `withdraw_facts` raises, Invalid where the new row breaks a rule, Conflict where it contradicts another.
    """
    actor.require(FACT_WITHDRAW)
    asked = Withdraw(fact, reason, person, decided_at, first_unit, until_unit)
    refuse_many([asked])
    content = content or digest(repr(asked).encode(), repr(sorted(cells.items())).encode(), *([file] if file else []))
    warnings: list[str] = []
    try:
        with recording(actor, events.CORRECTED, request_key=request_key, content=content) as entry:
            done = correct_one(actor, entry, _one(entry.tenant, asked), cells, warnings, file=file)
            finish(entry, done.gone, done.taken)
            entry.notes = {"recorded": done.recorded, "withdrawn": len(done.gone)}
    except AlreadyRecorded as before:
        return CorrectReport(before.number, [])
    sequencing.after_commit(actor.tenant)
    match_imported(actor, [TABLE_OF_SHAPE[done.gone[0].fact.shape]])
    return CorrectReport(entry.number, done.facts, warnings)


def correct_one(
    actor: Actor,
    entry: Entry,
    chosen: Chosen,
    cells: Mapping[str, str],
    warnings: list[str],
    *,
    file: bytes | None = None,
    images: Callable[[str], bytes | None] | None = None,
) -> Corrected:
    """Take one fact away and record its row with these cells, in an entry that is open; what would hang on what went is looked at by `finish`.

    `images` gives a row the file it names, where no `file` comes with it.
    """
    table = TABLES[TABLE_OF_SHAPE[chosen.fact.shape]]
    cells = cells if file is None else {**cells_of(table, file), **cells}
    rows = _new_rows(entry.tenant, table, chosen, cells)
    others, more = _with_it(entry.tenant, table, chosen, cells)
    every, rows = [chosen, *others], [*rows, *more]
    refuse_undoing(actor, deciding_rows(entry.tenant, every))
    naming = naming_the_lot(entry.tenant, table, chosen, rows[0])
    asking = QuestionsNamed(
        entry.tenant, list(FactCells(entry.tenant).rows([(one.fact, one.gone) for one in every])), rows
    )
    every += [one for those, _ in naming.values() for one in those]
    taken = take_away(entry, every)
    taken.boms |= _record(actor, entry, table, chosen, rows, warnings, file, images)
    for name, (_, told) in naming.items():
        _record(actor, entry, TABLES[name], chosen, told, warnings)
    _go_on(entry, chosen, taken)
    asked_anew, questions = asking.stated_anew(chosen.asked)
    if asked_anew:
        take_away(entry, asked_anew)
        _record(actor, entry, TABLES["holds"], chosen, questions, warnings)
    recorded = len(rows) + sum(len(told) for _, told in naming.values()) + len(questions)
    return Corrected([*every, *asked_anew], taken, [fact_id(table, row) for row in rows], recorded)


def stands_so(tenant: int, fact: str, cells: Mapping[str, str]) -> bool:
    """Whether the row of a fact stands with these cells already, as where it was corrected along with another row of its shipment."""
    found = find_fact(tenant, fact)
    table = TABLES[TABLE_OF_SHAPE[found.shape]]
    rows = FactCells(tenant).rows([(found, found.units)])
    new = {
        fact_id(table, [cells.get(name, cell) for name, cell in zip(table.columns, row, strict=True)]) for row in rows
    }
    return new == FactFinder(tenant, new).standing()


def _one(tenant: int, asked: Withdraw) -> Chosen:
    chosen, known = choose(tenant, [asked])
    if known or len(chosen) != 1:
        raise Refused(
            "exchange.correct_one",
            f"{asked.fact} was corrected so before." if known else f"{asked.fact} names {len(chosen)} equal rows.",
            {"fact": asked.fact},
            "Look at what stands now." if known else "Correct one unit at a time.",
        )
    return chosen[0]


def _new_rows(tenant: int, table: Table, chosen: Chosen, cells: Mapping[str, str]) -> list[Row]:
    unknown = sorted(set(cells) - set(table.columns))
    if unknown or not cells:
        raise Invalid(
            "exchange.column_unknown",
            f"{table.name} has no column {', '.join(unknown)}." if unknown else "No cell is given.",
            {"columns": unknown},
            f"Columns are {', '.join(table.columns)}.",
        )
    old = list(FactCells(tenant).rows([(chosen.fact, chosen.gone)]))
    new = [tuple(cells.get(column, cell) for column, cell in zip(table.columns, row, strict=True)) for row in old]
    if new == old or len(set(new)) != len(new):
        raise Invalid(
            "exchange.nothing_corrected", "The corrected row says the same as before.", remedy="Change a cell."
        )
    return _checked(table, new)


def _with_it(tenant: int, table: Table, chosen: Chosen, cells: Mapping[str, str]) -> tuple[list[Chosen], list[Row]]:
    """The other rows of the same shipment, concession or delivery note and their new rows, where a cell changes that all of them share."""
    key, alike, rows_of = SHARED.get(table.name, ("", (), ""))
    shared = {column: cell for column, cell in cells.items() if column in alike}
    if not shared or chosen.asked.span:
        return [], []
    place = REGISTRY[chosen.fact.shape].columns.index(key)
    code = chosen.fact.values[place]
    if cells.get(key, code) != code:
        return [], []
    entries = [entry for (entry,) in reading.fetch(rows_of, (tenant, code))]
    rows = [one for one in facts_in(tenant, table.name, entries) if one.values[place] == code]
    mine = (chosen.fact.entry, chosen.fact.shape, chosen.fact.row)
    ids = [
        id_of_fact(tenant, one.entry, one.shape, one.row)
        for one, _ in standing(tenant, rows)
        if (one.entry, one.shape, one.row) != mine
    ]
    why = chosen.asked
    asked = [Withdraw(fact, why.reason, why.person, why.decided_at, None, None) for fact in ids]
    refuse_many([why, *asked])
    others, _ = choose(tenant, asked) if asked else ([], 0)
    told = FactCells(tenant).rows([(one.fact, one.gone) for one in others])
    new = [tuple(shared.get(column, cell) for column, cell in zip(table.columns, row, strict=True)) for row in told]
    return others, _checked(table, new) if new else []


def _checked(table: Table, rows: list[Row]) -> list[Row]:
    """The rows as the table's own rules read them."""
    stream = io.BytesIO()
    write_table(table, rows, stream)
    stream.seek(0)
    errors = ErrorList()
    read = [row for chunk in read_table(table, stream, file=FILE, errors=errors) for row in chunk.rows]
    errors.raise_if_any(FILE)
    return read


class Anew:
    """A row that was withdrawn may be recorded again by a correction: only facts that stand are known."""

    anew = True

    def ids_known(self, ids):
        known = super().ids_known(ids)
        return {bytes.fromhex(fact) for fact in FactFinder(self.tenant, {one.hex() for one in known}).standing()}

    def recorded(self, units):
        return (record for record in super().recorded(units) if not record.withdrawn)


class _NothingBefore:
    def over(self, low: int, high: int) -> list:
        return []


def _record(
    actor: Actor,
    entry: Entry,
    table: Table,
    chosen: Chosen,
    rows: list[Row],
    warnings: list[str],
    file: bytes | None = None,
    images: Callable[[str], bytes | None] | None = None,
) -> set[int]:
    """Take the new rows; returns the BOM versions they are lines of."""
    errors, contradictions = ErrorList(), ErrorList()
    given = (entry, FILE, errors, contradictions, warnings.append)
    if table.name == "units":
        intake = UnitAnew(chosen.fact.values[0], *given)
    else:
        intake = type("Anew", (Anew, INTAKES[table.name]), {})(*given)
    if file is not None:
        intake.images = giving(entry, intake, file)
    elif images is not None:
        intake.images = images
    if table.name == "names":
        intake.before = _NothingBefore()
    if table.name == "orders":
        _keep_numbers(entry.tenant, intake, chosen, rows[0])
    lines = range(2, len(rows) + 2)
    DecidingRows(actor, table, intake, errors).check(lines, rows)
    intake.take(lines, rows)
    intake.finish()
    errors.raise_if_any(FILE)
    if contradictions.total or intake.stored != len(rows):
        raise Conflict(
            "tables.contradicts",
            "The corrected row contradicts what is recorded, or stands already.",
            remedy="Withdraw the fact it contradicts, or change the row.",
            rows=contradictions.rows,
            total=contradictions.total,
        )
    return boms_met(intake) if table.name == "bom" else set()


def _keep_numbers(tenant: int, intake, chosen: Chosen, row: Row) -> None:
    """The order's units keep their numbers where the order only shrinks, or lies last on the axis.

    While rows of blocks.csv name the order, what they build on stays: its code, its product and how many units it opened with.
    """
    values = chosen.fact.values
    named = rows_naming(tenant, values[0])
    if named and (row[:2] != tuple(values[:2]) or row[4] != values[4]):
        raise Refused(
            "exchange.order_has_blocks",
            f"Order {values[0]} grew or was split; its code, product and quantity stay as they were opened.",
            {"order": values[0], "blocks": len(named)},
            "Withdraw its rows of blocks.csv first, or grow or split the order.",
        )
    first, until = values[8], values[8] + int(values[4])
    last = reading.fetch_one("SELECT max(until_unit) FROM production_block WHERE tenant = %s", (tenant,))[0]
    if row[:2] == tuple(values[:2]) and (int(row[4]) <= until - first or until == last):
        intake.next_unit = first


def _go_on(entry: Entry, chosen: Chosen, taken: Taken) -> None:
    """What rested on the row rests on the new one, where it has kept its name."""
    for number in taken.parties:
        parties.keep_number(entry, number)
    for number in taken.releases:
        firmware.keep_number(entry, number)
    for code, old in taken.packages.items():
        new = _number(entry.tenant, "supply_package", code)
        if new:
            production.repoint_package(entry, old, new)
            taken.holes |= orders_with(entry.tenant, new)
            programming.repoint_package(entry, old, new)
    for code, old in taken.orders.items():
        new = _number(entry.tenant, "production_order", code)
        if new:
            production.repoint_order(entry, code, old, new)
            taken.holes.add(code)


def _number(tenant: int, table: str, code: str) -> int | None:
    sql = f"SELECT number FROM {table} WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    row = reading.fetch_one(sql, (tenant, code))
    return row[0] if row else None
