"""`asbuilt case action`: updates, recalls and withdrawals of units that are out; what became of each, and how far it is."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CODE = typer.Argument(help="Code of the field action, such as F-1.")
WHY = typer.Option(help="Why; it stands there for good.")
RELEASE = typer.Option("--release", help="Its hold lets this be programmed: 'PRODUCT ROLE/VERSION'; several times.")
STEP = typer.Option("--step", help="Its hold lets units pass this step; several times.")
SOURCE = typer.Option(help="Who says it: customer, telemetry, service, distributor or other.")
FILE_BYTES_MAX = 32 * 1024**2


@app.command("list")
def list_actions(
    case: Annotated[str, typer.Option(help="Only of this case.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Field actions, the newest first, as counted last."""
    actor = open_record()
    from asbuilt.answers.cases.acting.seen import actions_told

    found = actions_told(actor, case=case)
    if format is Format.json:
        print_json({"actions": found})
        return
    columns = ("action", "case", "kind", "state", "units", "accounted", "title")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("There is none.")


@app.command()
def start(
    case: Annotated[str, typer.Argument(help="Code of the case, such as C-1.")],
    kind: Annotated[str, typer.Argument(help="update, reprogramming, recall or withdrawal.")],
    title: Annotated[str, typer.Argument(help="What is done, in a line.")],
    question: Annotated[str, typer.Argument(help="Which units: a question.")],
    why: Annotated[str, WHY],
    remedy: Annotated[str, typer.Option(help="Which of them are updated: a question, such as firmware:>=2.3.2.")] = "",
    silent: Annotated[bool, typer.Option("--silent", help="Also units of which the record does not know.")] = False,
    hold: Annotated[bool, typer.Option(help="Hold what matches and is in house, and what comes to match.")] = True,
    release: Annotated[list[str] | None, RELEASE] = None,
    step: Annotated[list[str] | None, STEP] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Begin a field action; its units can only become more."""
    actor = open_record()
    from asbuilt.answers.cases.acting.actions import start_action

    said = {"kind": kind, "title": title, "question": question, "remedy": remedy, "silent": silent, "hold_rest": hold}
    said |= {"releases": release or (), "steps": step or ()}
    _show(actor, start_action(actor, case=case, why=why, **said), format)


@app.command()
def show(action: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Where its units stand now, customer by customer."""
    _show(open_record(), action, format)


@app.command()
def units(
    action: Annotated[str, CODE],
    standing: Annotated[
        str, typer.Argument(help="left (to be accounted for), open, found, unreachable, updated, returned, …")
    ] = "left",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The units that stand so, with their customer."""
    actor = open_record()
    from asbuilt.answers.cases.acting.seen import all_units_told

    found = [
        {"serial": serial, "customer": customer or None}
        for serial, customer in all_units_told(actor, action, standing=standing)
    ]
    if format is Format.json:
        print_json({"action": action, "standing": standing, "units": found})
        return
    print_table(("serial", "customer"), [[one["serial"], one["customer"] or ""] for one in found])


@app.command()
def report(
    action: Annotated[str, CODE],
    source: Annotated[str, SOURCE],
    file: Annotated[Path | None, typer.Option(help="CSV of serial number, state, time, note.")] = None,
    standing: Annotated[
        str, typer.Option(help="Or: updated, replaced, scrapped, returned, found or unreachable.")
    ] = "",
    unit: Annotated[list[str] | None, typer.Option(help="Which units, SN or SN1..SN2; several times.")] = None,
    at: Annotated[str, typer.Option(help="When, such as 2027-03-15T08:00:00+01:00.")] = "",
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say what became of units: from a file, or by name."""
    from asbuilt.doors.cli.instants import instant_of
    from asbuilt.doors.cli.signing import read_file
    from asbuilt.kernel.errors import Invalid

    if (file is None) == (not unit):
        raise Invalid("cli.report_which", "Give --file or --unit, one of them.", {}, "Leave one out.")
    content = read_file(file, FILE_BYTES_MAX) if file else b""
    at_time = instant_of("at", at) if unit else 0
    actor = open_record()
    from asbuilt.answers.cases.acting.actions import report_file, report_units

    if file:
        report_file(actor, action=action, content=content, name=file.name, source=source)
    else:
        report_units(actor, action=action, standing=standing, units=unit or (), at=at_time, source=source, why=why)
    _show(actor, action, format)


@app.command()
def look(action: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Look again which units match; the worker does it every ten minutes."""
    actor = open_record()
    from asbuilt.answers.cases.acting.actions import look_again

    look_again(actor, action=action)
    _show(actor, action, format)


@app.command()
def order(
    action: Annotated[str, CODE],
    why: Annotated[str, WHY],
    release: Annotated[list[str] | None, RELEASE] = None,
    step: Annotated[list[str] | None, STEP] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Name the release that mends its units, and steps: its own hold lets them through, and no other."""
    actor = open_record()
    from asbuilt.answers.cases.acting.ordering import order_work

    order_work(actor, action=action, releases=release or (), steps=step or (), why=why)
    _show(actor, action, format)


@app.command()
def free(
    action: Annotated[str, CODE], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """What the record shows as updated leaves the action's hold."""
    actor = open_record()
    from asbuilt.answers.cases.acting.actions import let_go

    let_go(actor, action=action, why=why)
    _show(actor, action, format)


@app.command()
def justify(
    action: Annotated[str, CODE],
    why: Annotated[str, WHY],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Why the rest stays open; another person closes."""
    actor = open_record_as(token)
    from asbuilt.answers.cases.acting.actions import justify_rest

    justify_rest(actor, action=action, why=why)
    _show(actor, action, format)


@app.command()
def close(
    action: Annotated[str, CODE],
    why: Annotated[str, WHY],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """It is over: every unit is accounted for, or its rest was justified by another person."""
    actor = open_record_as(token)
    from asbuilt.answers.cases.acting.actions import close_action

    close_action(actor, action=action, why=why)
    _show(actor, action, format)


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.answers.cases.acting.seen import action_seen

    found = action_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("action", "case", "kind", "state", "accounted", "left", "title")
    print_table(columns, [[found[name] for name in columns]])
    print_table(
        ("standing", "units", "by the record"),
        [[one["standing"], one["units"], one["recorded"]] for one in found["standings"]],
    )
    rows = [[one["customer"] or "not shipped", one["accounted"], one["units"]] for one in found["customers"]]
    print_table(("customer", "accounted", "of"), rows)
