"""`asbuilt import` and `export`: the exchange tables, and the BOM files of CAD tools."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.mappings import import_machine_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, progress_bar, say
from asbuilt.doors.cli.result_files import RESULT_KINDS, import_result_files
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound

WARNINGS_SHOWN = 10
COLUMNS = ("file", "rows", "stored", "already there", "warnings", "seconds")


def import_tables(
    path: Annotated[Path, typer.Argument(help="A folder of exchange tables, or one file.")],
    more: Annotated[list[Path] | None, typer.Argument(help="Further files, of results.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Which table the file is, where its name does not say; cfx for messages, machine for a machine's file, "
            "results for files of testers, or their format outright: openhtf wsjf junit i3070 atml; field-reports for what units in the field "
            "said they run."
        ),
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="For a BOM or placement file of another tool, or field reports: its product.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Its hardware revision.")] = None,
    bom_version: Annotated[str | None, typer.Option(help="Its BOM version.")] = None,
    placement: Annotated[Path | None, typer.Option(help="The placement file to check the BOM against.")] = None,
    machine: Annotated[str, typer.Option(help="For a machine's file: by the mappings of this machine only.")] = "",
    add_parts: Annotated[bool, typer.Option("--add-parts", help="Record the parts that are new with the BOM.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Load what a factory recorded: all or nothing per file; loading it twice changes nothing."""
    if not path.exists():
        said = f"There is no folder or file {path}."
        raise NotFound("cli.no_file", said, {"file": str(path)}, "Look at its name and place.")
    if kind == "cfx":
        _import_messages(path, format)
        return
    if kind in RESULT_KINDS:
        import_result_files([path, *(more or ())], machine, "" if kind == "results" else kind, format)
        return
    if more:
        said = f"Only files of results come several at once, {more[0]} is one too many."
        raise Invalid("cli.one_file", said, {"file": str(more[0])}, "Name a folder, or give --kind results.")
    if kind == "machine":
        import_machine_file(path, machine, format)
        return
    if path.is_dir():
        _import_folder(path, format)
        return
    if kind == "field-reports":
        _import_field_reports(path, product or "", format)
        return
    kind = kind or path.stem
    if kind == "bom" and _is_foreign(path):
        _import_bom(path, product, revision, bom_version, placement, add_parts, format)
        return
    if kind == "placements" and _is_foreign(path):
        _import_placement(path, product, revision, format)
        return
    actor = open_record()
    from asbuilt.built.exchange.actions import import_file

    with progress_bar() as progress:
        report = import_file(actor, path, kind, progress=progress)
    _show([report], [], format)


def _import_field_reports(path: Path, product: str, format: Format) -> None:
    actor = open_record()
    from asbuilt.built.exchange.field_reports import import_field_reports

    _show([import_field_reports(actor, path, product=product)], [], format)


def _import_messages(path: Path, format: Format) -> None:
    actor = open_record()
    from asbuilt.built.messages.files import import_messages

    reports = import_messages(actor, path)
    if format is Format.json:
        print_json({"files": [{"file": one.file, **report_as_json(one.report)} for one in reports]})
        return
    columns = ("file", "messages", "used", "kept", "dead letters", "already there", "warnings")
    print_table(columns, [_message_row(one) for one in reports])
    for one in reports:
        for detail in one.report.details[:WARNINGS_SHOWN]:
            say(f"{one.file}: dead letter: {detail}")
        for name, count in sorted(one.report.kept.items()):
            say(f"{one.file}: {count} x {name or 'message'} kept, not used")
        for flag, count in sorted(one.report.flags.items()):
            say(f"{one.file}: {count} flagged {flag}")
        for warning in one.report.warnings[:WARNINGS_SHOWN]:
            say(warning)
        left = len(one.report.warnings) - WARNINGS_SHOWN
        if left > 0:
            say(f"And {left:,} more {'warning' if left == 1 else 'warnings'}; --format json lists them.")


def report_as_json(report) -> dict:
    """What became of messages, for programs."""
    return {
        "messages": report.messages,
        "used": report.uses["used"],
        "kept": report.uses["kept"],
        "dead_letters": report.uses["dead"],
        "already_there": report.known,
        "causes": dict(report.causes),
        "details": report.details,
        "not_used": dict(report.kept),
        "flags": dict(report.flags),
        "warnings": report.warnings,
        "entries": report.entries,
    }


def _message_row(one) -> tuple:
    said = one.report
    warned = len(said.warnings) + sum(said.flags.values())
    return (one.file, said.messages, said.uses["used"], said.uses["kept"], said.uses["dead"], said.known, warned)


def _import_folder(folder: Path, format: Format) -> None:
    actor = open_record()
    from asbuilt.built.exchange.actions import import_folder, tables_in

    reports: list = []
    try:
        with progress_bar() as progress:
            import_folder(actor, folder, progress=progress, on_file=reports.append)
    except AsbuiltError as error:
        error.done = {"files": [_as_json(report) for report in reports]}
        if format is Format.table and reports:
            _show(reports, [], format)
        raise
    _show(reports, tables_in(folder)[1], format)


def _show(reports: list, left_alone: list[str], format: Format) -> None:
    if format is Format.json:
        print_json({"files": [_as_json(report) for report in reports], "left_alone": left_alone})
        return
    print_table(COLUMNS, [_row(report) for report in reports])
    _show_warnings(reports)
    if left_alone:
        say(f"Left alone, no tables: {', '.join(left_alone[:10])}{' …' if len(left_alone) > 10 else ''}")


def _row(report) -> tuple:
    if report.already:
        return (report.file, "loaded before", "", "", "", round(report.seconds, 2))
    return (report.file, report.rows, report.stored, report.known, report.warnings_total, round(report.seconds, 2))


def _show_warnings(reports: list) -> None:
    """Warnings that differ in file and numbers only are told once, with how many there are."""
    alike: dict[str, tuple[str, int, set[str]]] = {}
    for report in reports:
        for kind, (text, count) in report.alike.items():
            first, before, files = alike.setdefault(kind.removeprefix(report.file), (text, 0, set()))
            alike[kind.removeprefix(report.file)] = (first, before + count, files | {report.file})
    for text, count, files in list(alike.values())[:WARNINGS_SHOWN]:
        rows = "row" if count == 2 else "rows"
        more = f" The same of {count - 1:,} more {rows}" if count > 1 else ""
        say(text + (more + (f", in {len(files)} files." if len(files) > 1 else ".") if more else ""))
    told = sum(count for _, count, _ in list(alike.values())[:WARNINGS_SHOWN])
    left = sum(report.warnings_total for report in reports) - told
    if left:
        say(f"And {left:,} more {'warning' if left == 1 else 'warnings'}; --format json lists them.")


def _as_json(report) -> dict:
    said = asdict(report)
    said["already_there"] = said.pop("known")
    said["loaded_before"] = said.pop("already")
    del said["alike"]
    return said


def _is_foreign(path: Path) -> bool:
    from asbuilt.formats.bom import is_foreign_bom

    with open(path, "rb") as stream:
        return is_foreign_bom(stream.readline(65_536))


def _import_bom(path, product, revision, bom_version, placement, add_parts, format) -> None:
    missing = [
        name
        for name, said in (("--product", product), ("--revision", revision), ("--bom-version", bom_version))
        if not said
    ]
    if missing:
        raise Invalid(
            "cli.bom_of_what",
            f"{path.name} is another tool's BOM and does not say what it is of.",
            {"missing": missing},
            f"Give {', '.join(missing)}.",
        )
    actor = open_record()
    from asbuilt.built.exchange.boms import import_bom

    report = import_bom(
        actor,
        path,
        product=product,
        revision=revision,
        bom_version=bom_version,
        placement=placement,
        add_parts=add_parts,
    )
    if format is Format.json:
        print_json(asdict(report))
        return
    print_table(
        ("file", "tool", "lines", "stored", "already there", "parts added"),
        [(report.file, report.tool, report.lines, report.stored, report.known, report.parts_added)],
    )
    if report.findings:
        print_table(("BOM and placement differ",), [(finding["sentence"],) for finding in report.findings])
    elif placement:
        say("BOM and placement agree.")
    names = [report.file, *([placement.name] if placement else [])]
    for text in report.warnings:
        say(text if text.startswith(tuple(f"{name}:" for name in names)) else f"{report.file}: {text}")


def _import_placement(path: Path, product: str | None, revision: str | None, format: Format) -> None:
    missing = [name for name, said in (("--product", product), ("--revision", revision)) if not said]
    if missing:
        raise Invalid(
            "cli.placement_of_what",
            f"{path.name} is another tool's placement file and does not say what it is of.",
            {"missing": missing},
            f"Give {' and '.join(missing)}.",
        )
    actor = open_record()
    from asbuilt.designed.catalog.placement_files import record_placement

    found = record_placement(actor, product=product, revision=revision, content=path.read_bytes(), file=path.name)
    if format is Format.json:
        print_json(asdict(found))
        return
    columns = ("placement", "tool", "components", "top", "bottom", "side not said", "already there")
    print_table(columns, [(found.placement, found.tool, found.components, *found.sides.values(), found.known)])
    print_table(("BOM and placement differ",), [(text,) for text in found.findings])
    for text in found.warnings:
        say(f"{path.name}: {text}")


def export(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one that is not there yet.")],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Write every table into a folder that can be imported elsewhere."""
    actor = open_record()
    from asbuilt.built.exchange.exporting import export_folder

    report = export_folder(actor, folder)
    if format is Format.json:
        print_json({"folder": str(folder), **asdict(report)})
        return
    print_table(("table", "rows"), list(report.rows.items()))
    if report.missing_images:
        say(f"Images that the record does not hold: {', '.join(report.missing_images)}")
