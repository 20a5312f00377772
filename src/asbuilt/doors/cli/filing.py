"""`asbuilt dossier` and `asbuilt filing`: the technical file of a product, and what people state for it."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.doors.cli.verifying import read_at_most

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
PRODUCT = typer.Argument(help="Code of the product.")
WHY = typer.Option(help="Why; it stands there for good.")
FILE = typer.Option(help="A file that is kept as evidence.")
FILE_BYTES_MAX = 32 * 1024**2
KINDS = (".pdf", ".zip", ".json")


def dossier(
    product: Annotated[str, PRODUCT],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write it: .pdf (a large one holds its volumes as attachments), .zip (signed, with proofs) or .json (every row)."
        ),
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The technical file of a product, put together from the record, gaps first."""
    if out is not None and out.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"ends with none of {' '.join(KINDS)}", param_hint="--out")
    actor = open_record()
    from asbuilt.answers.compliance.filing.technical_file import technical_file, told

    if out is not None and out.suffix.lower() == ".zip":
        from asbuilt.answers.compliance.filing.package import technical_package

        _write(out, technical_package(actor, product))
        return
    file = technical_file(actor, product)
    if out is not None and out.suffix.lower() == ".pdf":
        from asbuilt.answers.compliance.filing.paper import on_paper

        with on_paper(file) as found:
            for place, one in enumerate(found, 1):
                _write(out if place == 1 else out.with_name(f"{out.stem}-{place}{out.suffix}"), one.read_bytes())
        return
    seen = told(file, rows=None) if out is not None else told(file)
    if out is not None:
        import json

        _write(out, json.dumps(seen, ensure_ascii=False, indent=1).encode())
        return
    if format is Format.json:
        print_json(seen)
        return
    say(seen["words"])
    print_table(("point", "gap"), [(f"{one['point']} {one['name']}", one["gap"]) for one in seen["gaps"]])
    print_table(("point", "name", "state"), [(one["point"], one["name"], one["state"]) for one in seen["points"]])
    print_table(("duty", "asks", "state"), [(one["duty"], one["asks"], one["state"]) for one in seen["duties"]])


def _write(out: Path, content: bytes) -> None:
    out.write_bytes(content)
    say(f"{out}: {tell_number(len(content))} bytes.")


def read_file(file: Path | None) -> tuple[bytes | None, str]:
    """(bytes, name) of a file that is attached; (None, "") without one."""
    if file is None:
        return None, ""
    return read_at_most(file, FILE_BYTES_MAX), file.name


@app.command()
def point(
    product: Annotated[str, PRODUCT],
    key: Annotated[str, typer.Argument(help="Which point, such as AVII.1.a.")],
    words: Annotated[str, typer.Option(help="What is to be said.")] = "",
    file: Annotated[Path | None, FILE] = None,
    known_from: Annotated[str, typer.Option(help="Since when it is so, such as 2026-05-01.")] = "",
    file_state: Annotated[str, typer.Option("--state", help="holds, withdrawn or not_applicable.")] = "holds",
    name: Annotated[str, typer.Option(help="Of a file that is withdrawn: its name.")] = "",
    why: Annotated[str, WHY] = "",
) -> None:
    """State words or a file for a point of the technical file."""
    content, named = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.actions import state_point

    entry = state_point(
        actor, product=product, point=key, words=words, why=why, file_state=file_state, known_from_on=known_from,
        content=content, name=name or named,
    )  # fmt: skip
    say(f"Recorded, entry {entry}.")


@app.command()
def baseline(
    product: Annotated[str, PRODUCT],
    matter: Annotated[str, typer.Argument(help="What is known, such as firmware; empty: show the baseline.")] = "",
    known: Annotated[str, typer.Option(help="known, partly or unknown.")] = "known",
    since: Annotated[str, typer.Option(help="Since when, such as 2024-05-01.")] = "",
    why: Annotated[str, typer.Option(help="How it is known, or why it is not.")] = "",
    file: Annotated[Path | None, FILE] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What is known of a product that was on the market before this record: since when, from which document."""
    content, named = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.actions import state_baseline
    from asbuilt.answers.compliance.filing.baseline import baseline_told

    if matter:
        entry = state_baseline(
            actor, product=product, matter=matter, known=known, why=why, known_from_on=since, content=content,
            name=named,
        )  # fmt: skip
        say(f"Recorded, entry {entry}.")
        return
    found = baseline_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    columns = ("name", "known", "recorded", "recorded_from", "said_from", "document", "why")
    print_table(columns, [[one[name] for name in columns] for one in found["matters"]])


@app.command()
def keep(product: Annotated[str, PRODUCT], why: Annotated[str, WHY]) -> None:
    """Keep the technical file as it is now, as a revision."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.actions import keep_revision

    say(f"Recorded, entry {keep_revision(actor, product=product, why=why)}.")


@app.command()
def plan(product: Annotated[str, PRODUCT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """The configuration management plan, from what is in force: who may change what, how a version is released, what stops a step."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.configuration_plan import plan_told

    found = plan_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    print_table(("section", "point", "in force"), [(one["section"], one["point"], one["said"]) for one in found["points"]])  # fmt: skip
    for gap in found["gaps"]:
        say(gap)
