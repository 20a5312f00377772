"""`asbuilt hold`: place, lift and list holds, and say why a unit is held."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
UNITS = typer.Option("--unit", help="SN, or SN1..SN2 along an order; may stand several times.")


@app.command()
def place(
    reason: Annotated[str, typer.Option(help="Why; every door says it.")],
    lot: Annotated[str, typer.Option(help="Lot code or ULID: the lot, and the units that carry it.")] = "",
    unit: Annotated[list[str] | None, UNITS] = None,
    question: Annotated[str, typer.Option(help="Hold what it gives now and what comes to match later.")] = "",
    silent: Annotated[bool, typer.Option("--silent", help="Hold those too of which the record is silent.")] = False,
    lifted_by: Annotated[str, typer.Option(help="The role that may lift it: quality_lead or psirt.")] = "quality_lead",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Hold a lot, units, or the answer of a question: they pass no step and no gate until it is lifted."""
    actor = open_record()
    from asbuilt.answers.register.holds import hold

    code = hold(actor, lot=lot, units=unit or [], question=question, silent=silent, reason=reason, lifted_by=lifted_by)
    _show(actor, code, format)


@app.command()
def lift(
    code: Annotated[str, typer.Argument(help="The code of the hold, such as H-12.")],
    reason: Annotated[str, typer.Option(help="Why they may go on.")],
    unit: Annotated[list[str] | None, UNITS] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Lift a hold, or let only some units of it go."""
    actor = open_record()
    from asbuilt.answers.register.holds import lift as lift_named

    lift_named(actor, code=code, units=unit or [], reason=reason)
    _show(actor, code, format)


@app.command("list")
def list_holds(
    unit: Annotated[str, typer.Option(help="Only those on this unit and on what is inside it.")] = "",
    lifted: Annotated[bool, typer.Option("--lifted", help="Those lifted last instead of the open ones.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The open holds: on what, how many units now, why, since when, by whom, who may lift them."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.held import holds_page, why_held

    if unit:
        why = why_held(actor, unit)
        found = list(why.holds)
        said = {"unit": why.unit, "code": why.code}
    else:
        found, said = holds_page(actor)[1 if lifted else 0], {}
    if format is Format.json:
        print_json({**said, "holds": [_plain(hold) for hold in found]})
        return
    _table(found)
    if not found:
        say(f"{unit} is not held." if unit else "No hold.")


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.seen.held import hold_page

    found, names, more = hold_page(actor, code)
    if format is Format.json:
        print_json({**_plain(found), "names": names, "more": more})
        return
    _table([found])
    if found.lifted:
        say(f"{code} is lifted.")
    elif names:
        say(f"{code} holds {tell_number(found.units)} units: {', '.join(names)}{' …' if more else ''}.")
    else:
        say(f"{code} holds no unit now.")


def _table(found) -> None:
    rows = [
        (one.code, _what(one), one.units, one.reason, _at(one.since), one.by, one.lifted_by, _lifted(one))
        for one in found
    ]
    print_table(("hold", "on", "units now", "why", "since", "by", "lifted by", "lifted"), rows)


def _what(one) -> str:
    parts = [f"lot {lot.code}" for lot in one.lots]
    if one.question:
        parts.append(one.question)
    elif one.first:
        parts.append(one.first if one.first == one.last else f"{one.first}..{one.last}")
    return ", ".join(parts)


def _at(instant: int) -> str:
    from asbuilt.kernel.instants import format_instant

    return format_instant(instant)


def _lifted(one) -> str:
    return f"{_at(one.lifted.decided_at)}: {one.lifted.reason}" if one.lifted else ""


def _plain(one) -> dict:
    from dataclasses import asdict

    said = asdict(one) | {"since": _at(one.since)}
    if one.lifted:
        said["lifted"] = {"reason": one.lifted.reason, "decided_at": _at(one.lifted.decided_at), "by": one.lifter}
    return said
