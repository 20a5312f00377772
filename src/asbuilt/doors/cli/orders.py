"""`asbuilt order …`: open, grow, split, close work orders; number their units; put them on panels; write their marks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, say, tell_number

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ORDER = typer.Argument(help="Code of the work order.")
QUANTITY = typer.Option(help="How many units.")
REASON = typer.Option(help="Why, or empty.")
FORMAT = typer.Option(help="How to print.")


@app.command("open")
def open_order(
    order: Annotated[str, ORDER],
    product: Annotated[str, typer.Option(help="What it builds.")],
    revision: Annotated[str, typer.Option(help="The hardware revision.")],
    bom_version: Annotated[str, typer.Option(help="The BOM version.")],
    quantity: Annotated[int, QUANTITY],
    owner: Annotated[str, typer.Option(help="The brand owner's or buyer's party or name.")] = "",
    batch: Annotated[str, typer.Option(help="The batch number printed on its units.")] = "",
    configuration: Annotated[str, typer.Option(help="Which firmware it takes; empty: as its revision.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Open a work order; it gets the next unit numbers."""
    actor = open_record()
    from asbuilt.built.production.actions import orders

    given = orders.open_order(
        actor, order=order, product=product, revision=revision, bom_version=bom_version, quantity=quantity, owner=owner,
        batch=batch, configuration=configuration,
    )  # fmt: skip
    _given(format, given, f"{order} is open with {tell_number(quantity)} units.")


@app.command("grow")
def grow_order(
    order: Annotated[str, ORDER],
    quantity: Annotated[int, QUANTITY],
    reason: Annotated[str, REASON] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Give an order more units, numbered on from its last one."""
    actor = open_record()
    from asbuilt.built.production.actions import orders

    given = orders.grow_order(actor, order=order, quantity=quantity, reason=reason)
    _given(format, given, f"{order} has {tell_number(quantity)} units more.")


@app.command("split")
def split_order(
    order: Annotated[str, ORDER],
    new_order: Annotated[str, typer.Argument(help="Code of the new order.")],
    quantity: Annotated[int, typer.Option(help="How many of its last units go over.")],
    revision: Annotated[str, typer.Option(help="Another hardware revision.")] = "",
    bom_version: Annotated[str, typer.Option(help="Another BOM version.")] = "",
    reason: Annotated[str, REASON] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Hand the last units of an order over to a new one."""
    actor = open_record()
    from asbuilt.built.production.actions import orders

    given = orders.split_order(
        actor,
        order=order,
        new_order=new_order,
        quantity=quantity,
        revision=revision,
        bom_version=bom_version,
        reason=reason,
    )
    _given(format, given, f"{new_order} has {tell_number(quantity)} units of {order}.")


@app.command("close")
def close_order(
    order: Annotated[str, ORDER],
    reason: Annotated[str, REASON] = "",
    person: Annotated[str, typer.Option(help="Badge or login code of who decided.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Close an order: no more units; says what is unfinished."""
    actor = open_record()
    from asbuilt.built.production.actions import orders

    closed = orders.close_order(actor, order=order, reason=reason, person=person)
    if format is Format.json:
        print_json(
            {"entry": closed.entry, "unfinished": closed.unfinished, "places": [list(one) for one in closed.places]}
        )
        return
    places = ", ".join(f"{order}#{low}" + (f"–{high}" if high > low else "") for low, high in closed.places)
    say(f"{order} is closed. Entry {closed.entry}.")
    say(f"Unfinished: {tell_number(closed.unfinished)} units{f' ({places})' if places else ''}.")


@app.command("number")
def number_units(
    order: Annotated[str, ORDER],
    count: Annotated[
        int | None, typer.Option(help="How many units; without it all that have no serial number.")
    ] = None,
    list_file: Annotated[
        Path | None, typer.Option("--list", help="The customer's list: CSV with one column serial.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Give the next units serial numbers: by the product's rule, or from the customer's list."""
    content = list_file.read_bytes() if list_file is not None else None
    actor = open_record()
    from asbuilt.built.production.actions import naming

    if content is None:
        named = naming.name_units(actor, order=order, count=count)
    else:
        named = naming.name_units_from_list(actor, order=order, content=content, file=list_file.name)
    if format is Format.json:
        print_json({"entry": named.entry, "count": named.count, "first": named.first, "last": named.last})
    else:
        say(f"{tell_number(named.count)} units are {named.first} to {named.last}. Entry {named.entry}.")


@app.command("panel")
def put_on_panel(
    order: Annotated[str, ORDER],
    panel: Annotated[str, typer.Argument(help="The code on the panel.")],
    skipped: Annotated[list[int] | None, typer.Option(help="A crossed-out position; once for each.")] = None,
    positions: Annotated[int | None, typer.Option(help="Units on it, where the product has no panel map.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Put the next units of an order on a panel."""
    actor = open_record()
    from asbuilt.built.production.actions import panels

    done = panels.put_on_panel(actor, order=order, panel=panel, positions=positions, skipped=skipped or ())
    if format is Format.json:
        print_json({"entry": done.entry, "first": done.first, "last": done.last, "skipped": list(done.skipped)})
    else:
        say(f"{order}#{done.first} to {order}#{done.last} lie on {panel}. Entry {done.entry}.")


@app.command("marks")
def marks(
    order: Annotated[str, ORDER],
    first: Annotated[int, typer.Option(help="Place of the first unit.")],
    last: Annotated[int, typer.Option(help="Place of the last one.")],
    out: Annotated[Path, typer.Option(help="The file to write: .dxf or .svg.")],
    side: Annotated[str, typer.Option(help="top or bottom.")] = "top",
) -> None:
    """Write a laser file of marks: one panel by its map, or units in rows of ten."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.marks import order_marks_file

    written = order_marks_file(actor, order, out.suffix.lstrip(".").lower(), first=first, last=last, side=side)
    out.write_bytes(written)
    print(f"{out}: {tell_number(last - first + 1)} places.", file=sys.stderr)


def _given(format: Format, given, text: str) -> None:
    for warning in given.warnings:
        say(warning)
    if format is Format.json:
        print_json({"entry": given.entry, "order": given.order, "units": [list(span) for span in given.units]})
    else:
        say(f"{text} Entry {given.entry}.")
