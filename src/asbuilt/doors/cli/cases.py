"""`asbuilt case`: clocks of reports; cases, their moments, decisions and what was submitted."""

from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CLOCK_COLUMNS = ("report", "due (UTC)", "local", "platform shows", "state", "rule")


@app.command()
def clock(
    kind: Annotated[str, typer.Option(help="aev (actively exploited vulnerability) or incident.")],
    aware: Annotated[str, typer.Option(help="When it was known, such as 2026-12-24T17:30:00+01:00.")],
    measure: Annotated[
        list[str] | None, typer.Option(help="When a workaround or fix was there; several times, the first counts.")
    ] = None,
    notified: Annotated[str, typer.Option(help="When the 72-hour notification was submitted.")] = "",
    warned: Annotated[
        str, typer.Option(help="When the early warning was submitted: the platform counts from it.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of the maker, such as Europe/Berlin.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Compute when reports are due; nothing is stored and no record is needed."""
    from asbuilt.answers.cases.computing import computed

    said = computed(kind=kind, aware=aware, measures=measure or (), notified=notified, warned=warned, zone=zone)
    if format is Format.json:
        print_json(said)
        return
    print_clocks(said["clocks"])
    say(f"{said['name']}, {said['source']}. Rules {said['rule_set']}, read on {said['read_on']}.")


def print_clocks(clocks: list[dict]) -> None:
    """Clocks as a table, with what is to be known of each below it."""
    print_table(CLOCK_COLUMNS, [_clock_row(one) for one in clocks])
    for one in clocks:
        if one["note"]:
            say(f"{one['stage']}: {one['note']}")


def _clock_row(one: dict) -> tuple:
    due = one["due_at"] or (f"estimate {one['estimate_at']}" if one["estimate_at"] else "")
    shown = one["platform"]["shown_at"] or ""
    return (
        one["stage"].replace("_", " "), due, one["local"] or "", f"{shown} (other)" if one["platform"]["differs"] else shown,
        one["state"].replace("_", " "), one["source"],
    )  # fmt: skip
