"""`asbuilt person`: who may sign in, and where they are told that something waits."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
PAGE = 1_000


@app.command("list")
def list_(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """People by number: name, login, roles, mail address."""
    actor = open_record()
    from asbuilt.access.queries import people

    rows = people(actor, limit=PAGE)
    found = [
        {"number": one.number, "name": one.name, "login": one.login, "roles": list(one.roles), "active": bool(one.active), "mail": one.mail}
        for one in rows
    ]  # fmt: skip
    if format is Format.json:
        print_json({"people": found})
        return
    print_table(
        ("number", "name", "login", "roles", "mail"),
        [[one["number"], one["name"], one["login"], " ".join(one["roles"]), one["mail"]] for one in found],
    )


@app.command("mail")
def mail(
    person: Annotated[int, typer.Argument(help="The number of the person, as `asbuilt person list` shows it.")],
    address: Annotated[str, typer.Argument(help="Mail address; empty: none any more.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Where a person is told that something waits. It stands hidden in the log and is erased with the person."""
    actor = open_record()
    from asbuilt.access.actions import set_mail

    entry = set_mail(actor, person=person, address=address)
    if format is Format.json:
        print_json({"person": person, "entry": entry})
    else:
        say(f"Person {person} is told at {address.strip()}." if address.strip() else f"Person {person} has no mail address.")  # fmt: skip
