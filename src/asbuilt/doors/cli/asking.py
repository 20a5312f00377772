"""`asbuilt ask`, `unit` and `lot`: what the record says."""

import sys
from typing import Annotated

import typer

from asbuilt.doors.cli.answering import answer, print_answer
from asbuilt.doors.cli.opening import load_shapes, open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid

FORMAT = typer.Option(help="How to print.")


def ask(
    question: Annotated[list[str], typer.Argument(help="Such as: lot:27A0418 firmware:<2.4.0 -reworked")],
    as_of: Annotated[str | None, typer.Option(help="As it was recorded by this day or instant.")] = None,
    serials: Annotated[bool, typer.Option("--serials", help="List every serial number.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Ask which units, and which customers have them."""
    answer(" ".join(question), as_of, serials, format)


def unit(
    serial: Annotated[str, typer.Argument(help="A serial number, another name of the unit, ORDER#17 or PANEL/3.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """One unit: its life, or with --format json its birth certificate."""
    actor = open_record()
    load_shapes()
    from asbuilt.questions.genealogy import lookup

    document = lookup.unit_document(actor, serial)
    if format is Format.json:
        sys.stdout.write(document.decode() + "\n")
        return
    print_certificate(document)


def print_certificate(document: bytes) -> None:
    """The facts of a certificate as a table."""
    import base64
    import json

    said = json.loads(base64.b64decode(json.loads(document)["payload"]))
    named = [(name, value) for name, value in said["unit"].items() if not isinstance(value, dict | list)]
    print_table(("unit", ""), named)
    rows = []
    for entry in said["entries"]:
        at = json.loads(entry["leaf"]).get("recorded_at", "")
        for row in entry.get("rows", ()):
            cells = " ".join("-" if cell in (None, "") else str(cell) for cell in json.loads(row["row"]))
            rows.append((row["shape"].rpartition("/")[0], cells, row["fact"], entry["index"] + 1, at))
    print_table(("fact", "cells", "id", "entry", "recorded at"), rows)
    say("With --format json this is a certificate that `asbuilt verify FILE` checks.")


def lot(
    code: Annotated[str, typer.Argument(help="A lot code; one code may name several lots.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """One lot: where it came from, and which units carry it."""
    actor = open_record()
    from asbuilt.built.supply.queries import lots_by_code
    from asbuilt.questions.genealogy import answers

    if not code.strip():
        raise Invalid("cli.lot_code_missing", "The lot code is empty.", remedy="Give the code as on the label.")
    quoted = code.replace("\\", "\\\\").replace('"', '\\"')
    found = answers.ask(actor, f'lot:"{quoted}"')
    named = [
        {"maker": lot.maker, "mpn": lot.mpn, "lot_code": lot.lot_code, "date_code": lot.date_code}
        for lot in lots_by_code(actor.tenant, code)
    ]
    if format is Format.json:
        print_json({"lots": named, "answer": found.as_dict()})
        return
    print_table(("maker", "MPN", "lot code", "date code"), [tuple(row.values()) for row in named])
    print_answer(found.as_dict(), found.readback)
