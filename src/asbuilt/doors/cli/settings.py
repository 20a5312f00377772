"""`asbuilt settings`: what holds for the whole house."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")


@app.command("show")
def show(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """The time zone, and whether questions by operator are on."""
    actor = open_record()
    from asbuilt.access.queries import tenant_of_number

    tenant = tenant_of_number(actor.tenant)
    found = {"time_zone": tenant.time_zone, "operator_questions": tenant.operator_questions}
    if format is Format.json:
        print_json(found)
        return
    print_table(("setting", "value"), [["time zone", tenant.time_zone], ["questions by operator", "on" if tenant.operator_questions else "off"]])  # fmt: skip


@app.command("time-zone")
def time_zone(
    zone: Annotated[str, typer.Argument(help="Of the IANA time zone database, such as Europe/Berlin.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """In which zone a day is a day from now on; pages say times in it. Nothing that is recorded changes."""
    actor = open_record()
    from asbuilt.access.actions import set_time_zone

    changed = set_time_zone(actor, zone=zone)
    if format is Format.json:
        print_json({"time_zone": zone.strip(), "changed": changed})
    else:
        say(f"Days are days of {zone.strip()}." if changed else f"Days are days of {zone.strip()} already.")


@app.command("operator-questions")
def operator_questions(
    turned: Annotated[str, typer.Argument(metavar="on|off", help="Whether who has the right may ask by `operator:`.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Turn questions by operator on or off; such questions are about people."""
    actor = open_record()
    from asbuilt.access.actions import set_operator_questions
    from asbuilt.access.errors import field_wrong

    if turned not in ("on", "off"):
        raise field_wrong("operator_questions", f"{turned[:40]} is neither on nor off.")
    changed = set_operator_questions(actor, on=turned == "on")
    if format is Format.json:
        print_json({"operator_questions": turned == "on", "changed": changed})
    else:
        say(f"Questions by operator are {turned}." if changed else f"Questions by operator are {turned} already.")
