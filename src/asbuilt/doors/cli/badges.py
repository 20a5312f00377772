"""`asbuilt badge`: what a person scans at a programming station; shown once, kept as a hash only."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.firmware_keys import write_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
PERSON = typer.Argument(help="The number of the person, as the page People shows it.")
FORMAT = typer.Option(help="How to print.")
MODULE_UM = 500


@app.command("issue")
def issue(
    person: Annotated[int, PERSON],
    svg: Annotated[Path | None, typer.Option(help="New file for its Data Matrix, to be printed.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Print a new badge, once; the one before it ends when the stations sync."""
    actor = open_record()
    from asbuilt.access.actions import issue_badge
    from asbuilt.formats import marks

    secret = issue_badge(actor, person=person)
    if format is Format.json:
        print_json({"person": person, "badge": secret})
    else:
        say(f"The badge of person {person}; it is shown once:")
        print(secret)
    # after it was shown: a file that cannot be written loses no badge
    if svg is not None:
        drawn = marks.svg([marks.Placed(marks.matrix_of(marks.Content(secret)), MODULE_UM)])
        write_file(svg, drawn, 0o600)


@app.command("revoke")
def revoke(person: Annotated[int, PERSON], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """End the person's badge: it opens nothing once the stations have synced."""
    actor = open_record()
    from asbuilt.access.actions import revoke_badge

    revoke_badge(actor, person=person)
    if format is Format.json:
        print_json({"person": person})
    else:
        say(f"The badge of person {person} opens nothing once the stations have synced.")
