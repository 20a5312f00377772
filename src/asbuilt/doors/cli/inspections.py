"""`asbuilt inspection` and `asbuilt declare`: plans, what is asked, the record of an inspection; papers of suppliers."""

import json
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.packages import instant
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CODES = typer.Argument(help="Codes of the packages that are together one lot.")


@app.command("list")
def list_waiting(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Packages that wait for their inspection."""
    actor = open_record()
    from asbuilt.access.rights import RECORD_READ
    from asbuilt.built.supply.inspections import waiting

    actor.require(RECORD_READ)
    columns = ("package", "part", "lot_code", "delivery", "quantity")
    rows = waiting(actor.tenant)
    if format is Format.json:
        print_json({"packages": [dict(zip(columns, row, strict=True)) for row in rows]})
        return
    print_table(columns, rows)
    if not rows:
        say("None waits.")


@app.command()
def plan(
    standard: Annotated[str, typer.Argument(help="iso2859, c0 or none.")],
    part: Annotated[str, typer.Option(help="Only this part.")] = "",
    supplier: Annotated[str, typer.Option(help="Only from this supplier.")] = "",
    level: Annotated[str, typer.Option(help="S-1 S-2 S-3 S-4 I II III.")] = "",
    aql: Annotated[str, typer.Option(help="Percent, such as 0.65.")] = "",
    limiting_quality: Annotated[str, typer.Option(help="c0: percent wrong that is to be found.")] = "",
    severity: Annotated[str, typer.Option(help="Begin with normal or tightened.")] = "",
    check: Annotated[
        list[str] | None, typer.Option(help="marking electrical xray decapsulation dimensions solderability.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Plan how incoming packages are inspected; a new plan begins a new series."""
    actor = open_record()
    from asbuilt.built.supply.actions.inspecting import plan_inspection

    done = plan_inspection(
        actor,
        standard=standard,
        part=part,
        supplier=supplier,
        level=level,
        aql=aql,
        limiting_quality=limiting_quality,
        severity=severity,
        checks=check or [],
    )
    _said(done.entry, "Planned.", format, facts=list(done.facts))


@app.command()
def look(codes: Annotated[list[str], CODES], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What the inspection of these packages asks for: sample size, acceptance number, checks."""
    actor = open_record()
    from asbuilt.access.rights import RECORD_READ
    from asbuilt.built.supply.inspections import asked_of

    actor.require(RECORD_READ)
    asked = asked_of(actor.tenant, codes)
    said = {
        "part": asked.part, "lot_size": asked.lot_size, "sample_size": asked.sampling.sample_size,
        "accept_max": asked.sampling.accept_max, "reject_min": asked.sampling.reject_min,
        "code_letter": asked.sampling.code_letter, "severity": asked.sampling.severity,
        "checks": list(asked.plan.checks), "rule_set": asked.sampling.rule_set,
    }  # fmt: skip
    if format is Format.json:
        print_json(said)
    else:
        print_table(("field", "value"), [(k, ", ".join(v) if isinstance(v, list) else v) for k, v in said.items()])


@app.command()
def record(
    codes: Annotated[list[str], CODES],
    nonconforming: Annotated[int, typer.Option(help="Pieces found wrong.")],
    sample_size: Annotated[int | None, typer.Option(help="Pieces looked at, where it was more than asked.")] = None,
    check: Annotated[
        list[str] | None, typer.Option(help="kind=verdict or kind=verdict=FILE; pass fail unsure.")
    ] = None,
    reason: Annotated[str, typer.Option(help="What there is to say.")] = "",
    at: Annotated[str, typer.Option("--at", help="When, with offset; else now.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record an inspection; the verdict follows from the counts and checks."""
    given = [word.split("=", 2) for word in check or []]
    wrong = ["=".join(parts) for parts in given if len(parts) < 2]
    if wrong:
        remedy = "Write marking=pass, or marking=pass=picture.png."
        raise Invalid("cli.check_malformed", f"{wrong[0][:80]} is not kind=verdict.", {"word": wrong[0][:80]}, remedy)
    pictures = [file_bytes(parts[2]) if len(parts) == 3 else None for parts in given]
    actor = open_record()
    from asbuilt.built.supply.actions.inspecting import Check, record_inspection

    checks = [
        Check(parts[0], parts[1], {}, picture, Path(parts[2]).name if len(parts) == 3 else "picture")
        for parts, picture in zip(given, pictures, strict=True)
    ]
    done = record_inspection(
        actor,
        packages=codes,
        nonconforming=nonconforming,
        sample_size=sample_size,
        checks=checks,
        reason=reason,
        happened_at=instant(at),
    )
    said = {"inspection": done.inspection, "verdict": done.verdict, "sample_size": done.sample_size}
    _said(done.entry, f"Inspection {done.inspection}: {done.verdict}.", format, **said, accept_max=done.accept_max)


def declare(
    kind: Annotated[str, typer.Argument(help="coc authorisation ce doc sbom updates provenance key other.")],
    file: Annotated[Path | None, typer.Argument(help="The paper; kept byte for byte.")] = None,
    supplier: Annotated[str, typer.Option(help="Whose word it is: a party's id or name.")] = "",
    manufacturer: Annotated[str, typer.Option(help="The maker that it speaks of.")] = "",
    delivery: Annotated[str, typer.Option(help="The delivery that it came with.")] = "",
    part: Annotated[str, typer.Option(help="The part that it speaks of.")] = "",
    said_by: Annotated[str, typer.Option(help="Who said so.")] = "",
    valid_until: Annotated[str, typer.Option(help="Until which day it holds.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record a paper of a supplier or maker; a provenance file is checked as far as it allows."""
    content = file_bytes(str(file)) if file is not None else None
    actor = open_record()
    from asbuilt.built.supply.actions.declaring import declare as declare_paper

    done = declare_paper(
        actor,
        kind=kind,
        supplier=supplier,
        manufacturer=manufacturer,
        delivery=delivery,
        part=part,
        said_by=said_by,
        valid_until=valid_until,
        content=content,
        name=file.name if file is not None else "file",
    )
    from asbuilt.built.supply.declarations import declarations

    newest = declarations(actor.tenant, delivery=delivery, part=part, kind=kind)[:1]
    finding = newest[0].finding if newest else ""
    _said(done.entry, f"Recorded{': ' + finding if finding else ''}.", format, finding=finding, facts=list(done.facts))


def file_bytes(name: str) -> bytes:
    """The bytes of a file; NotFound where it cannot be read, Invalid beyond the limit."""
    from asbuilt.built.supply.files import FILE_BYTES_MAX, refuse_file

    try:
        with open(name, "rb") as stream:
            content = stream.read(FILE_BYTES_MAX + 1)
    except OSError:
        raise NotFound(
            "cli.no_file", f"There is no file {name[:200]}.", {"file": name[:200]}, "Look at its name."
        ) from None
    refuse_file(content, name)
    return content


def _said(entry: int, text: str, format: Format, **more) -> None:
    if format is Format.json:
        print_json({"entry": entry, **json.loads(json.dumps(more))})
    else:
        say(f"{text} Entry {entry}.")
