"""How long names and how large quantities may be, told in the row where they stand.

The columns of the tables have these lengths; PostgreSQL would refuse a longer text with a message about a column that
no user knows, SQLite would keep it, so the rows are measured before they are written.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from django.db.models import Model

from asbuilt.kernel.errors import Invalid
from asbuilt.ledger.intake import TableIntake

QUANTITY_MAX = 2_147_483_647


@cache
def lengths(model: type[Model], fields: tuple[str, ...]) -> tuple[int, ...]:
    """The most characters that these text columns of the table take."""
    return tuple(model._meta.get_field(field).max_length for field in fields)


def refuse_long(
    intake: TableIntake, line: int, columns: Sequence[str], cells: Iterable[str], most: Sequence[int]
) -> bool:
    """Name each cell that is longer than its column takes; True where one was."""
    refused = False
    for column, cell, limit in zip(columns, cells, most, strict=True):
        if len(cell) > limit:
            refused = True
            reason = f"has {len(cell):,} characters, the most is {limit}"
            intake.wrong(line, column, cell, "tables.cell_too_long", reason, "Shorten it.")
    return refused


def refuse_large(intake: TableIntake, line: int, column: str, cell: str) -> bool:
    """Name a quantity beyond what a column keeps; True where it was. An empty cell is none."""
    if not cell or int(cell) <= QUANTITY_MAX:
        return False
    reason = f"is more than {QUANTITY_MAX:,}"
    intake.wrong(line, column, cell, "tables.cell_too_large", reason, "Check the number.")
    return True


def refuse_long_texts(most: int, **given: str) -> None:
    """Raise Invalid for the first of these named texts that is longer than so many characters."""
    for field, text in given.items():
        if len(text) > most:
            raise Invalid(
                "tables.cell_too_long",
                f"{field} has {len(text):,} characters, the most is {most:,}.",
                {"field": field, "characters_max": most},
                "Shorten it.",
            )
