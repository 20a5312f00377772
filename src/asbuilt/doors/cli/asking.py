"""`asbuilt ask`, `unit` and `lot`: what the record says."""

import sys
from enum import Enum
from typing import Annotated

import typer

from asbuilt.doors.cli.answering import answer, answer_customers, print_answer
from asbuilt.doors.cli.opening import load_shapes, open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid

FORMAT = typer.Option(help="How to print.")


class Only(Enum):
    """What of an answer is wanted."""

    customers = "customers"


def ask(
    question: Annotated[list[str], typer.Argument(help="Such as: lot:27A0418 firmware:<2.4.0 -reworked")],
    as_of: Annotated[str | None, typer.Option(help="As it was recorded by this day or instant.")] = None,
    serials: Annotated[bool, typer.Option("--serials", help="List every serial number.")] = False,
    only: Annotated[Only | None, typer.Option(help="Who must be told, and nothing besides.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Ask which units, and which customers have them."""
    if only and serials:
        said = "Customers alone have no serial numbers."
        raise Invalid("cli.only_and_serials", said, remedy="Leave out --only or --serials.")
    if only:
        answer_customers(" ".join(question), as_of, format)
        return
    answer(" ".join(question), as_of, serials, format)


def unit(
    serial: Annotated[str, typer.Argument(help="A serial number, another name of the unit, ORDER#17 or PANEL/3.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """One unit: its life, or with --format json its birth certificate."""
    actor = open_record()
    load_shapes()
    from asbuilt.questions.genealogy.answering import lookup

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
        at = json.loads(entry["leaf"])["at"]
        for row in entry.get("rows", ()):
            cells = " ".join("-" if cell in (None, "") else str(cell) for cell in json.loads(row["row"]))
            rows.append((row["shape"].rpartition("/")[0], cells, row["fact"], entry["index"] + 1, at))
    print_table(("fact", "cells", "id", "entry", "recorded at"), rows)
    say("With --format json this is a certificate that `asbuilt verify FILE` checks.")


def lot(
    code: Annotated[str, typer.Argument(help="A lot code, or the ULID of one of several lots with the same code.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """One lot: its packages, which units carry it, who has them."""
    if not code.strip():
        raise Invalid("cli.lot_code_missing", "The lot code is empty.", remedy="Give the code as on the label.")
    actor = open_record()
    from asbuilt.questions.genealogy.answering import answers
    from asbuilt.questions.genealogy.seen import lots

    page = lots.lot_page(actor, code)
    # a code of several lots is answered for all of them
    found = page.answer if page.lot else answers.ask(actor, f"lot:{quoted(code)}")
    named = [{"ulid": choice.ulid, "lot_code": choice.code, "lot": choice.words} for choice in page.choices]
    packages = [_package(package) for package in page.packages]
    if format is Format.json:
        print_json({"lots": named, "packages": packages, "answer": found.as_dict() if found else None})
        return
    print_table(
        ("lot code", "maker, MPN, date code", "ULID"), [(row["lot_code"], row["lot"], row["ulid"]) for row in named]
    )
    if len(named) > 1:
        say("Several lots have this code; `asbuilt lot ULID` shows one of them.")
    columns = ("package", "kind", "status", "supplier", "quantity", "received_at", "certain", "possible")
    print_table([name.replace("_", " ") for name in columns], [[row[name] for name in columns] for row in packages])
    if found:
        print_answer(found.as_dict(), found.readback)


def quoted(code: str) -> str:
    """A code as a value of a question, whatever stands in it."""
    escaped = code.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _package(seen) -> dict:
    from asbuilt.kernel.instants import format_instant

    received = None if seen.received_at is None else format_instant(seen.received_at)
    return {
        "package": seen.code, "kind": seen.kind, "status": seen.status, "supplier": seen.supplier, "owner": seen.owner,
        "quantity": seen.quantity, "received_at": received, "certain": seen.certain, "possible": seen.possible,
    }  # fmt: skip
