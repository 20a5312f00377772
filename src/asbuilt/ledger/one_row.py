"""Rows that a verb states itself: checked by the rules of their table and taken by its intake, as any row of a file.

    taken = state_rows(entry, HoldsIntake, checked_rows("holds", [named("holds", row)]), missing=…, refused=…)

So an order opened on screen is the same fact as one loaded from orders.csv: export, withdraw, correct, verify and questions
know no difference. A mistake is refused under its own code, with the column as the field.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from asbuilt.formats.lines import CONTROL
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, fact_id, read_table, write_table
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.recording import Entry

REQUEST = "request"


@dataclass(frozen=True)
class Taken:
    """What an intake made of rows: ids of their facts in the order given, how many were recorded before, warnings."""

    facts: tuple[str, ...]
    known: int
    warnings: tuple[str, ...]


def named(table: str, cells: Sequence[str]) -> dict[str, str]:
    """Cells in the order of a table's columns, by the names of the columns; the optional ones at the end may be left out."""
    return dict(zip(TABLES[table].columns, cells, strict=False))


def checked_rows(table: str, rows: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """The rows in canonical order as the table's own rules read them; Invalid where a cell breaks one, the first being row 1."""
    columns = TABLES[table].columns
    for row in rows:
        _refuse_controls(row)
    stream, errors = io.BytesIO(), ErrorList()
    write_table(TABLES[table], [tuple(row.get(column, "") for column in columns) for row in rows], stream)
    stream.seek(0)
    read = [row for chunk in read_table(TABLES[table], stream, file=REQUEST, errors=errors) for row in chunk.rows]
    # in a file the header is line 1
    errors.rows = [replace(row, line=None if row.line is None else row.line - 1) for row in errors.rows]
    refuse(errors, ErrorList())
    return read


def _refuse_controls(row: Mapping[str, str]) -> None:
    for column, cell in row.items():
        if CONTROL.search(cell) or "\n" in cell:
            raise Invalid(
                "tables.cell_unwritable",
                f"{column}: holds a line break or another control character.",
                {"field": column},
                "Take it out.",
            )


def state_rows(
    entry: Entry,
    intake: type[TableIntake],
    rows: Sequence[tuple[str, ...]],
    *,
    missing: frozenset[str] = frozenset(),
    refused: frozenset[str] = frozenset(),
    person: int | None = None,
) -> Taken:
    """Record these checked rows in the entry. Invalid or Conflict where one is wrong.

    `missing` are codes that a verb answers with NotFound where nothing else is wrong, since what it is about is not there; `refused`
    those that it answers with Refused, since they are well said and not possible as things stand. `person` acts where a row names nobody.
    """
    errors, contradictions, warnings = ErrorList(), ErrorList(), []
    taker = intake(entry, REQUEST, errors, contradictions, warnings.append)
    taker.person = person
    taker.take(range(1, len(rows) + 1), rows)
    taker.finish()
    refuse(errors, contradictions, missing, refused)
    return Taken(tuple(fact_id(TABLES[intake.table], row) for row in rows), taker.known, tuple(warnings))


def refuse(
    errors: ErrorList,
    contradictions: ErrorList,
    missing: frozenset[str] = frozenset(),
    refused: frozenset[str] = frozenset(),
) -> None:
    """Raise what these rows are refused for: the first reason in the message, all of them as rows."""
    found = errors if errors.total else contradictions
    if not found.total:
        return
    first = found.rows[0]
    reason = first.reason.removesuffix(".") + "."
    if first.column is None:
        message = reason[0].upper() + reason[1:]
    else:  # a reason that is a sentence names what it is about
        message = f"{first.column}: {reason}" if reason[0].islower() else reason
    facts = {"field": first.column, "value": first.value}
    not_there = all(row.code in missing for row in found.rows)
    if found is contradictions or (not_there and found.total > 1):
        facts["errors"] = [vars(row) for row in found.rows]
    if found is contradictions:
        raise Conflict(first.code, message, facts, first.remedy)
    if not_there:
        raise NotFound(first.code, message, facts, first.remedy)
    if first.code in refused:
        raise Refused(first.code, message, facts, first.remedy)
    raise Invalid(first.code, message, facts, first.remedy, rows=found.rows, total=found.total)
