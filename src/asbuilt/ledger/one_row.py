"""Rows that a verb states itself: checked by the rules of their table and taken by its intake, as any row of a file.

So an order opened on screen is the same fact as one loaded from orders.csv: export, withdraw, correct, verify and questions
know no difference. A mistake is refused under its own code, with the column as the field.
"""

import io
from collections.abc import Mapping, Sequence

from asbuilt.formats.lines import CONTROL
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, read_table, write_table
from asbuilt.kernel.errors import Conflict, Invalid, NotFound
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.recording import Entry

REQUEST = "request"


def checked_rows(table: str, rows: Sequence[Mapping[str, str]], file: str = REQUEST) -> list[tuple[str, ...]]:
    """The rows in canonical order as the table's own rules read them; Invalid where a cell breaks one."""
    columns = TABLES[table].columns
    for row in rows:
        _refuse_controls(row)
    stream, errors = io.BytesIO(), ErrorList()
    write_table(TABLES[table], [tuple(row.get(column, "") for column in columns) for row in rows], stream)
    stream.seek(0)
    read = [row for chunk in read_table(TABLES[table], stream, file=file, errors=errors) for row in chunk.rows]
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
    lines: Sequence[int] | None = None,
    file: str = REQUEST,
    missing: frozenset[str] = frozenset(),
) -> list[str]:
    """Record these rows in the entry; returns warnings. Invalid or Conflict where one is refused.

    `missing` are codes that a verb answers with NotFound, since what it is about is not there.
    """
    errors, contradictions, warnings = ErrorList(), ErrorList(), []
    taker = intake(entry, file, errors, contradictions, warnings.append)
    taker.take(lines or range(1, len(rows) + 1), rows)
    taker.finish()
    refuse(errors, contradictions, missing)
    return warnings


def refuse(errors: ErrorList, contradictions: ErrorList, missing: frozenset[str] = frozenset()) -> None:
    """Raise what these rows are refused for: the first reason in the message, all of them as rows."""
    found = errors if errors.total else contradictions
    if not found.total:
        return
    first = found.rows[0]
    message = first.reason.removesuffix(".") + "."
    message = message[0].upper() + message[1:] if first.column is None else f"{first.column}: {message}"
    facts = {"field": first.column, "value": first.value}
    if found is contradictions:
        facts["errors"] = [vars(row) for row in found.rows]
        raise Conflict(first.code, message, facts, first.remedy)
    if first.code in missing:
        raise NotFound(first.code, message, facts, first.remedy)
    raise Invalid(first.code, message, facts, first.remedy, rows=found.rows, total=found.total)
