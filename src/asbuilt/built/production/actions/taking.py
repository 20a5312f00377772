"""Rows that a verb records: they go through the intake of their table, so that a scan and a file say the same thing alike.

A refusal keeps the code, reason and remedy of the first thing that is wrong, because a person at a bench sent one row.
"""

import io
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.built.production.orders import Orders, cut_at_blocks
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, Table, read_table, write_table
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotFound, Refused, RowError
from asbuilt.kernel.spans import Span
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.recording import Entry

SAID = "request"
RULES = frozenset(
    (
        "production.hold_lifted", "production.holds_by_question", "production.inside_two", "production.assembly_cycle",
        "production.assembly_depth", "production.replacement_not_there",
    )
)  # fmt: skip
"""What is well said and not possible as things stand."""


def take_rows(
    entry: Entry, actor: Actor, intake_class: type[TableIntake], rows: Sequence[Sequence[str]]
) -> TableIntake:
    """Record these rows (cells in the order of the table) in the entry; raises Invalid or Conflict for the first wrong one."""
    errors, contradictions = ErrorList(), ErrorList()
    warnings: list[str] = []
    intake = intake_class(entry, SAID, errors, contradictions, warnings.append)
    intake.person = actor.person
    intake.take(range(1, len(rows) + 1), checked(TABLES[intake_class.table], rows))
    if not errors.total and not contradictions.total:
        intake.finish()
    for found, kind in ((errors, Invalid), (contradictions, Conflict)):
        if found.total:
            raise _refusal(found.rows[0], kind)
    intake.warnings = warnings
    return intake


def _refusal(row: RowError, kind: type[AsbuiltError]) -> AsbuiltError:
    if row.code.endswith("_unknown"):
        kind = NotFound
    elif row.code in RULES:
        kind = Refused
    return kind(row.code, row.reason, {"column": row.column, "value": row.value}, row.remedy)


def checked(table: Table, rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The rows as the rules of their table read them; raises Invalid for the first cell that they do not take."""
    stream = io.BytesIO()
    write_table(table, rows, stream)
    stream.seek(0)
    errors = ErrorList()
    found = [row for chunk in read_table(table, stream, file=SAID, errors=errors) for row in chunk.rows]
    if errors.total:
        raise _refusal(errors.rows[0], Invalid)
    return found


def named_spans(tenant: int, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """The first and last unit of these spans as ORDER#n, cut where an order's block ends."""
    orders, named = Orders(tenant), []
    for first, until in cut_at_blocks(tenant, spans):
        order = orders.of_unit(first)
        named.append(tuple(f"{order.code}#{order.place_of(unit)}" for unit in (first, until - 1)))
    return named
