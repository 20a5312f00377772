"""How long the cells of the register's tables may be, told in the row where they stand."""

from django.apps import apps

from asbuilt.ledger.intake import TableIntake

TEXT_CHARACTERS_MAX = 2_000


def refuse_cells(intake: TableIntake, line: int, row: tuple[str, ...]) -> bool:
    """Name each cell that is longer than its column takes; True where one was."""
    kept = next(
        model for model in apps.get_app_config("firmware").get_models() if model._meta.db_table == intake.kept_in
    )
    refused = False
    for column, cell in zip(intake.columns, row, strict=True):
        most = getattr(kept._meta.get_field(column), "max_length", None)
        if column == "reason":
            most = TEXT_CHARACTERS_MAX
        if most and len(cell) > most:
            refused = True
            reason = f"has {len(cell):,} characters, the most is {most:,}"
            intake.wrong(line, column, cell, "tables.cell_too_long", reason, "Shorten it.")
    return refused
