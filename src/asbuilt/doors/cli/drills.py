"""`asbuilt drill`: a case exercised on a copy of the record, out of which nothing goes, and the time that each answer took."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")


@app.command()
def start(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet; the copy goes into it.")],
    scenario: Annotated[str, typer.Option(help="What is exercised, in a line.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Copy the record and start the clock. No mail, webhook or label leaves the copy."""
    actor = open_record()
    from asbuilt.access.rights import BACKUP
    from asbuilt.answers.cases.drilling.copying import start as begin

    actor.require(BACKUP)
    home = begin(folder.absolute(), scenario=scenario)
    keys = home.with_name("keys")
    if format is Format.json:
        print_json({"home": str(home), "keys": str(keys), "scenario": scenario})
        return
    say(f"ASBUILT_HOME={home} ASBUILT_KEYS={keys} asbuilt serve")
    say("The clock runs. `asbuilt drill report`, with the same two settings, says how long each answer took.")


@app.command()
def report(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """How many minutes it took to which answer; only in the copy of a drill."""
    actor = open_record()
    from asbuilt.answers.cases.drilling.report import drill_report

    found = drill_report(actor)
    if format is Format.json:
        print_json(found)
        return
    say(f"Drill: {found['scenario']}, since {found['started_at']}")
    for case in found["cases"]:
        say(f"{case['case']} {case['title']}")
        timely = {True: "in time", False: "late", None: ""}
        rows = [
            [one["step"].replace("_", " "), one["minutes"], timely[one["in_time"]], one["words"]]
            for one in case["steps"]
        ]
        print_table(("step", "minutes", "", "with"), rows)
        if case["missing"]:
            say(f"Not reached: {', '.join(case['missing']).replace('_', ' ')}.")
    if not found["cases"]:
        say("No case was opened yet.")
