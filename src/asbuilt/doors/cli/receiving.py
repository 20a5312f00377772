"""`asbuilt receive`: a package comes in. With --dry-run only its label is read, without a home and without Django.

What the label lacks is asked for, and what looks wrong is asked back, where standard input is a terminal; else the command
refuses and names it. `--yes` confirms every question, never a missing field.
"""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from asbuilt.doors.cli.labels import STANDARD_INPUT, scanned_bytes, tell_label
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import AsbuiltError

PROMPTS = {"part": "Part", "lot_code": "Lot code", "date_code": "Date code", "quantity": "Quantity"}


def receive(
    label: Annotated[str, typer.Argument(help="The text of one scan; - reads it from standard input.")] = "",
    part: Annotated[str, typer.Option(help="The part's own number, where the label does not lead to it.")] = "",
    lot: Annotated[str, typer.Option(help="The lot code on the maker's label; - where nobody knows it.")] = "",
    date_code: Annotated[str, typer.Option(help="The date code; - where nobody knows it.")] = "",
    supplier: Annotated[str, typer.Option(help="Who delivered it: a party's id or name.")] = "",
    delivery: Annotated[str, typer.Option(help="The number of the delivery note.")] = "",
    quantity: Annotated[str, typer.Option(help="Pieces in the package; - where nobody knows.")] = "",
    mpn: Annotated[str, typer.Option(help="The maker's part number.")] = "",
    manufacturer: Annotated[str, typer.Option(help="The maker.")] = "",
    package: Annotated[str, typer.Option(help="The package's code; else it gets the next one, PK-000123.")] = "",
    kind: Annotated[str, typer.Option(help="reel tray tube stick bag box other.")] = "reel",
    coc: Annotated[str, typer.Option(help="Number of the certificate of conformity.")] = "",
    owner: Annotated[str, typer.Option(help="Whose material it is, where it is not your own.")] = "",
    received_at: Annotated[str, typer.Option(help="When it came, with offset; else now.")] = "",
    confirm: Annotated[list[str] | None, typer.Option(help="The id of a question that is answered with yes.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm whatever is asked back.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the label says and store nothing.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Receive a reel, bag or tray by its label: part, lot, date code, quantity. Stored, unless --dry-run."""
    if dry_run:
        tell_label(label, format)
        return
    content = scanned_bytes(label) if label else None
    actor = open_record()
    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.receipts import Receipt

    said = {"part": part, "lot_code": lot, "date_code": date_code, "supplier": supplier, "delivery": delivery}
    said |= {"quantity": quantity, "mpn": mpn, "manufacturer": manufacturer, "package": package, "package_kind": kind}
    said |= {"coc": coc, "owner": owner, "received_at": received_at, "confirmed": frozenset(confirm or ())}
    receipt = Receipt(label=content, **said)
    asks = sys.stdin.isatty() and label != STANDARD_INPUT and format is Format.table
    receipt = _complete(actor, receipt, asks, yes)
    done = receive_packages(actor, [receipt])
    for warning in done.warnings:
        say(warning)
    rows = [{"package": one.package, "fact": one.fact, **one.cells} for one in done.packages]
    if format is Format.json:
        print_json({"entry": done.entry, "packages": rows, "warnings": list(done.warnings)})
        return
    columns = ("package", "part", "lot_code", "date_code", "quantity", "status", "fact")
    print_table(columns, [[row[column] for column in columns] for row in rows])


def _complete(actor, receipt, asks: bool, yes: bool):
    """The receipt with what a person at the terminal adds and confirms; as it is where nobody can be asked."""
    from asbuilt.built.supply.actions.receiving import question_words
    from asbuilt.built.supply.receipts import look_at

    if not asks and not yes:
        return receipt
    while True:
        try:
            seen = look_at(actor.tenant, [receipt])[0]
        except AsbuiltError:
            return receipt  # the verb refuses it in its own words
        confirmed = set(receipt.confirmed)
        for question in seen.questions:
            if yes or (asks and typer.confirm(f"{question_words(question)} Is that so?", err=True)):
                confirmed.add(question.id)
        added = {name: typer.prompt(_prompt(name, seen.missing[name]), err=True) for name in seen.missing if asks}
        before, receipt = receipt, replace(receipt, confirmed=frozenset(confirmed), **added)
        if before == receipt or not added:
            return receipt


def _prompt(name: str, choices: tuple[str, ...]) -> str:
    among = f" ({', '.join(choices[:5])})" if choices else "" if name == "part" else " (- if not known)"
    return PROMPTS[name] + among
