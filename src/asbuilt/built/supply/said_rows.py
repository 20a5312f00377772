"""Rows that a verb states: read by the rules of their exchange table and taken by its intake, as a row of a file is.

So a package received by a scan is the same fact as one loaded from lots.csv: export, withdraw, correct, verify and questions
know no difference.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from asbuilt.formats.lines import CONTROL
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, fact_id, read_table, write_table
from asbuilt.kernel.errors import Conflict, Invalid, NotFound
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.recording import Entry

REQUEST = "request"
_NOT_THERE = frozenset({"supply.package_unknown", "supply.inspection_unknown"})


def state_rows(
    entry: Entry, intake: type[TableIntake], rows: Sequence[Mapping[str, str]], warnings: list[str] | None = None
) -> list[str]:
    """Record these rows in the entry; returns the ids of their facts. Invalid, NotFound or Conflict where one is refused.

    Warnings are added to the list. A row that was recorded before, word for word, is Conflict: a verb says something new.
    """
    read = checked_rows(intake.table, rows)
    errors, contradictions = ErrorList(), ErrorList()
    taker = intake(entry, REQUEST, errors, contradictions, [].append if warnings is None else warnings.append)
    taker.take(range(1, len(read) + 1), read)
    taker.finish()
    refuse(errors, contradictions)
    ids = [fact_id(TABLES[intake.table], row) for row in read]
    if taker.known:
        raise Conflict(
            "supply.recorded_before",
            "The very same was recorded before.",
            {"facts": ids},
            "Look at what is recorded; say it with the time at which it happened again.",
        )
    return ids


def checked_rows(table: str, rows: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """The rows in canonical order, as the table's own rules read them; Invalid where a cell breaks one."""
    columns = TABLES[table].columns
    for row in rows:
        for column, cell in row.items():
            if CONTROL.search(cell) or "\n" in cell:
                raise Invalid(
                    "tables.cell_unwritable",
                    f"{column}: holds a line break or another control character.",
                    {"field": column},
                    "Take it out.",
                )
    stream, errors = io.BytesIO(), ErrorList()
    write_table(TABLES[table], [tuple(row.get(column, "") for column in columns) for row in rows], stream)
    stream.seek(0)
    read = [row for chunk in read_table(TABLES[table], stream, file=REQUEST, errors=errors) for row in chunk.rows]
    # in a file the header is line 1
    errors.rows = [replace(row, line=None if row.line is None else row.line - 1) for row in errors.rows]
    refuse(errors, ErrorList())
    return read


def refuse(errors: ErrorList, contradictions: ErrorList) -> None:
    """Raise what these rows are refused for: the first reason in the message, all of them as rows."""
    found = errors if errors.total else contradictions
    if not found.total:
        return
    first = found.rows[0]
    reason = first.reason.removesuffix(".") + "."
    message = f"{first.column}: {reason}" if first.column and reason[:1].islower() else reason
    facts = {"field": first.column, "value": first.value}
    if found is contradictions:
        facts["errors"] = [vars(row) for row in found.rows]
        raise Conflict(first.code, message, facts, first.remedy)
    if first.code in _NOT_THERE and found.total == 1:
        raise NotFound(first.code, message, facts, first.remedy)
    raise Invalid(first.code, message, facts, first.remedy, rows=found.rows, total=found.total)
