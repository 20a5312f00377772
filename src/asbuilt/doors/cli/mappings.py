"""`asbuilt machines map`, `try`, `files`, `retry-files`: how files of machines are read, what they would give, what became of them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
WRONG_SHOWN = 20
CAUSES_SHOWN = 10
CELL_SHOWN = 60


@app.command("add")
def add(
    machine: Annotated[str, typer.Argument(help="What the floor calls the machine.")],
    pattern: Annotated[str, typer.Option(help="Names of its files: OVEN_*.csv, or OVEN_{order}_*.csv.")],
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help='first_serial = Seriennummer, or step = "REFLOW"; repeated.'),
    ] = None,
    columns: Annotated[Path | None, typer.Option(help="A text file that says a column a line, UTF-8.")] = None,
    becomes: Annotated[str, typer.Option(help="processes or tests.")] = "processes",
    file_format: Annotated[str, typer.Option("--file-format", help="csv or json.")] = "csv",
    encoding: Annotated[str, typer.Option(help="utf-8, utf-16, cp1252 …")] = "utf-8",
    delimiter: Annotated[str, typer.Option(help="comma, semicolon, tab or pipe.")] = "",
    header: Annotated[str, typer.Option(help="The line of the header; 0: there is none.")] = "",
    decimal: Annotated[str, typer.Option(help="point or comma.")] = "point",
    time_format: Annotated[str, typer.Option(help="%d.%m.%Y %H:%M:%S, iso, unix or unix_ms.")] = "iso",
    time_zone: Annotated[str, typer.Option(help="Europe/Vienna, UTC or +01:00.")] = "UTC",
    rows_at: Annotated[str, typer.Option(help="In JSON, the path of the list of records.")] = "",
    reason: Annotated[str, typer.Option(help="Why it changes, where the pattern has a mapping.")] = "",
) -> None:
    """Say how files of a machine are read from now on."""
    actor = open_record()
    from asbuilt.built.messages.mapping import columns_of, say_mapping

    csv = file_format == "csv"
    cells = {
        "machine": machine, "pattern": pattern, "becomes": becomes, "format": file_format, "encoding": encoding,
        "delimiter": delimiter or ("comma" if csv else ""), "header": header or ("1" if csv else ""), "decimal": decimal,
        "time_format": time_format, "time_zone": time_zone, "rows_at": rows_at, "columns": columns_of("\n".join([*_lines(columns), *(column or [])])),
    }  # fmt: skip
    said = say_mapping(actor, cells, reason=reason)
    say(f"Files {pattern} of {machine} are read by mapping {said.version}{' instead' if said.corrected else ''}.")


def _lines(columns: Path | None) -> list[str]:
    return _bytes(columns).decode("utf-8-sig", "replace").splitlines() if columns else []


@app.command("show")
def show(
    machine: Annotated[str, typer.Argument(help="One machine; all without.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """The mappings that stand."""
    actor = open_record()
    from asbuilt.built.messages.mapping import machine_mappings

    found = machine_mappings(actor, machine)
    if format is Format.json:
        print_json({"mappings": [{**one.cells, "version": one.version, "entry": one.entry} for one in found]})
        return
    columns = ("machine", "pattern", "becomes", "format", "encoding", "time_zone")
    print_table(
        (*columns[:3], "file", "encoding", "zone", "version"),
        [(*(one.cells[name] for name in columns), one.version) for one in found],
    )
    for one in found if machine else ():
        print_table((f"{one.cells['pattern']}, version {one.version}",), [(line,) for line in one.lines.splitlines()])


def try_machine_file(
    file: Annotated[Path, typer.Argument(help="A file of a machine.")],
    machine: Annotated[str, typer.Option(help="Only by the mappings of this machine.")] = "",
    kind: Annotated[str, typer.Option(help="Read it as openhtf, wsjf, junit, i3070 or atml.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """What a file would give by its mapping: its first rows, what is wrong. Stores nothing."""
    payload = _bytes(file)
    actor = open_record()
    from asbuilt.built.messages.machine_files import try_file

    tried = try_file(actor, file.name, payload, machine=machine, kind=kind)
    if format is Format.json:
        print_json(asdict(tried))
        return
    print_table(("line", "column", "value", "why", "to do"), [_wrong(row) for row in tried.wrong[:WRONG_SHOWN]])
    shown = [n for n, _ in enumerate(tried.header) if any(row[n] for row in tried.rows)]
    rows = [
        (str(line), *(row[n][:CELL_SHOWN] for n in shown)) for line, row in zip(tried.lines, tried.rows, strict=True)
    ]
    print_table(("line", *(tried.header[n] for n in shown)), rows)
    say(
        f"{file.name} would become rows of {tried.becomes}.csv{f', of {tried.machine}' if tried.machine else ''}. Nothing was stored."
    )
    if tried.wrong_total:
        say(f"{tried.wrong_total:,} cells are wrong: the file would be refused.")
    say(f"Its columns: {', '.join(tried.columns)}")


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound("cli.no_file", f"There is no file {file}.", {"file": str(file)}, "Look at its name and place.")
    return file.read_bytes()


def _wrong(row) -> tuple:
    return (str(row.line or ""), row.column or "", row.value[:CELL_SHOWN], row.reason, row.remedy)


def import_machine_file(file: Path, machine: str, format: Format) -> None:
    """Take one file of a machine, or keep it refused."""
    payload = _bytes(file)
    actor = open_record()
    from asbuilt.built.messages.machine_files import record_file

    seen = record_file(actor, file.name, payload, machine=machine)
    if seen.use == "refused":
        refused = Invalid(
            "messages.file_refused",
            f"{seen.name} was not taken: {seen.detail}",
            {"cause": seen.cause, "file": seen.file},
            f"It is kept as file {seen.file[:16]}; mend the cause, then run asbuilt machines retry-files.",
        )
        refused.done = {"file": asdict(seen)}
        raise refused
    if format is Format.json:
        print_json(asdict(seen))
    else:
        state = f"{seen.use} before" if seen.already else seen.use
        columns = ("file", "state", "machine", "rows", "stored", "already there")
        print_table(columns, [(seen.name, state, seen.machine, seen.rows, seen.stored, seen.known)])
        for text in seen.warnings:
            say(text)


def files(
    machine: Annotated[str, typer.Option(help="Of one machine only.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only those that could not be taken.")] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Files of machines, newest first: what became of each, and why."""
    actor = open_record()
    from asbuilt.built.messages.refused_files import machine_files

    found = machine_files(actor, use="refused" if refused else "", machine=machine)
    if format is Format.json:
        print_json({"files": [asdict(one) for one in found]})
        return
    rows = [
        (one.file[:16], one.name, one.machine, one.use, one.rows, one.mapping, one.cause, one.detail.partition("\n")[0])
        for one in found
    ]
    print_table(("file", "name", "machine", "state", "rows", "mapping", "cause", "why"), rows)


def reread(
    files: Annotated[list[str], typer.Argument(help="First digits of files that were taken.")],
    reason: Annotated[str, typer.Option(help="Why, such as what was wrong with the mapping.")],
    kind: Annotated[str, typer.Option(help="Read them as openhtf, wsjf, junit, i3070 or atml from now on.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Read taken files anew by the mapping, or reader, of today: what they no longer say is withdrawn, what they say now is recorded."""
    actor = open_record()
    from asbuilt.built.messages.rereading import reread_file

    done = [reread_file(actor, file, reason=reason, kind=kind) for file in files]
    if format is Format.json:
        print_json({"files": [asdict(one) for one in done]})
        return
    columns = ("file", "mapping", "withdrawn", "recorded", "left to people")
    print_table(columns, [(one.file[:16], one.mapping, one.withdrawn, one.stored, one.left) for one in done])


def retry_refused(
    files: Annotated[list[str] | None, typer.Argument(help="First digits of files; the 500 oldest without.")] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Take refused files anew, by the mapping of today."""
    actor = open_record()
    from asbuilt.built.messages.refused_files import retry_files

    report = retry_files(actor, files or None)
    if format is Format.json:
        print_json({**asdict(report), "causes": dict(report.causes)})
        return
    say(f"{report.taken} taken, {report.still} are refused still.")
    for cause, count in report.causes.most_common(CAUSES_SHOWN):
        say(f"{count} x {cause}")
