"""`asbuilt receive`: its words and its help. No database, no Django."""

from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format


def receive(
    label: Annotated[str, typer.Argument(help="The text of one scan; - reads it from standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the label says and store nothing.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Read the label of a reel, bag or tray: part, lot, date code, quantity, country."""
    from asbuilt.doors.cli.labels import tell_label

    tell_label(label, dry_run, format)
