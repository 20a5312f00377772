"""`asbuilt bom`: the as-built BOM of a unit, an order or a shipment: what it says, and as a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
PROFILE = "bsi-tr-03183-2-2.1.0"
UNIT = typer.Argument(help="A serial number, another name of the unit, ORDER#17 or PANEL/3.")
ORDER = typer.Argument(help="Code of the work order.")
SHIPMENT = typer.Argument(help="Code of the shipment.")
READER = typer.Option("--for", help="Who will read it: house, customer or public.")
FORM = typer.Option(help="cyclonedx-1.6, cyclonedx-1.7, cyclonedx-1.6-xml or spdx-3.0.1.")
PLAIN = typer.Option("--plain", help="The document alone, without signature and proof.")
OUT = typer.Option("--out", help="The file to write; - is standard output.")
HELD_AGAINST = typer.Option(
    help="Profile that it is held against: bsi-tr-03183-2-2.1.0, cisa-2026, ntia-2021, cra-minimum."
)
FORMAT = typer.Option(help="How to print.")
GAPS_SHOWN = 40


@app.command()
def unit(
    code: Annotated[str, UNIT],
    out: Annotated[Path | None, OUT] = None,
    reader: Annotated[str, READER] = "house",
    form: Annotated[str, FORM] = "cyclonedx-1.6",
    plain: Annotated[bool, PLAIN] = False,
    profile: Annotated[str, HELD_AGAINST] = PROFILE,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Of one unit, with what is inside it; with --out as a signed file that `asbuilt verify` checks."""
    _bom("unit", code, out, reader, form, plain, profile, format)


@app.command()
def order(
    code: Annotated[str, ORDER],
    out: Annotated[Path | None, OUT] = None,
    reader: Annotated[str, READER] = "house",
    form: Annotated[str, FORM] = "cyclonedx-1.6",
    plain: Annotated[bool, PLAIN] = False,
    profile: Annotated[str, HELD_AGAINST] = PROFILE,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Of all units of an order that were begun, grouped by spans."""
    _bom("order", code, out, reader, form, plain, profile, format)


@app.command()
def shipment(
    code: Annotated[str, SHIPMENT],
    out: Annotated[Path | None, OUT] = None,
    reader: Annotated[str, READER] = "house",
    form: Annotated[str, FORM] = "cyclonedx-1.6",
    plain: Annotated[bool, PLAIN] = False,
    profile: Annotated[str, HELD_AGAINST] = PROFILE,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Of all units that left with a shipment, grouped by spans."""
    _bom("shipment", code, out, reader, form, plain, profile, format)


def _bom(
    kind: str, code: str, out: Path | None, reader: str, form: str, plain: bool, profile: str, format: Format
) -> None:
    actor = open_record()
    from asbuilt.questions.boms.assembling import as_built_bom
    from asbuilt.questions.boms.signed import bom_file

    if out is not None:
        found = bom_file(actor, kind, code, reader=reader, form=form, signed=not plain)
        if str(out) == "-":
            sys.stdout.buffer.write(found.content)
            return
        out.write_bytes(found.content)
        say(f"{out}: {tell_number(len(found.content))} bytes, {found.media_type}.")
        return
    bom = as_built_bom(actor, kind, code, reader, profile)
    if format is Format.json:
        print_json(bom.as_dict())
        return
    told = bom.as_dict()
    rows = [(name, told[name]) for name in ("kind", "code", "reader", "units", "parts", "images", "software")]
    print_table(("as-built BOM", ""), rows + [(f"pieces, {grade}", n) for grade, n in bom.pieces.items()])
    shown = [(gap.text(number=tell_number),) for gap in bom.gaps[:GAPS_SHOWN]]
    print_table((f"gaps: {len(bom.gaps) + bom.gaps_more}",), shown)
    print_quality(bom.quality)
    say("With --out FILE it is written and signed.")


def print_quality(found) -> None:
    """How far a document meets a profile, field by field; there is no verdict over them."""
    columns = ("field", "asked", "state", "met", "partly", "of", "what to do")
    rows = [
        (
            one.name,
            one.need,
            one.state,
            one.met,
            one.partly,
            one.of,
            one.remedy if one.state in ("partly", "not met") else "",
        )
        for one in found.fields
    ]
    print_table(columns, rows, f"{found.name}, {found.published_on}")
    for kind, count in found.flags:
        say(f"The file holds {count:,} entries about {kind}: they do not belong into an SBOM and are not read from it.")
    say(found.note)
