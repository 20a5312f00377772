"""`asbuilt import --kind results FILE…` (openhtf, wsjf, junit, i3070, atml) and `asbuilt unit-tests`: results in, a unit's test history out."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound

RESULT_KINDS = ("results", "openhtf", "wsjf", "junit", "i3070", "atml")
HANDED_OVER = 1_000
WARNINGS_SHOWN = 20


def import_result_files(paths: Sequence[Path], machine: str, kind: str, format: Format) -> None:
    """Take files of results, or every file of a folder; what cannot be taken is kept refused, and the command ends with 2."""
    files = _files(paths)
    actor = open_record()
    from asbuilt.built.messages.file_groups import record_files

    seen = []
    for given in _handed_over(files):
        seen += record_files(actor, given, machine=machine, kind=kind)
    refused = [one for one in seen if one.use == "refused"]
    if format is Format.json and not refused:
        print_json({"files": [asdict(one) for one in seen]})
        return
    if format is not Format.json:
        columns = ("file", "state", "read as", "station", "rows", "stored", "already there")
        rows = [
            (
                one.name,
                f"{one.use} before" if one.already else one.use,
                one.mapping,
                one.machine,
                one.rows,
                one.stored,
                one.known,
            )
            for one in seen
        ]
        print_table(columns, rows)
        for text in dict.fromkeys(text for one in seen for text in one.warnings[:WARNINGS_SHOWN]):
            say(text)
    if refused:
        first = refused[0]
        error = Invalid(
            "messages.file_refused",
            f"{first.name} was not taken: {first.detail}"
            if len(refused) == 1
            else f"{len(refused)} files were not taken; {first.name}: {first.detail}",
            {"cause": first.cause, "file": first.file, "refused": len(refused)},
            "They are kept; mend the cause, then run asbuilt machines retry-files.",
        )
        error.done = {"files": [asdict(one) for one in seen]}
        raise error


def _files(paths: Sequence[Path]) -> list[Path]:
    found = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        elif path.is_file():
            found.append(path)
        else:
            raise NotFound(
                "cli.no_file", f"There is no file {path}.", {"file": str(path)}, "Look at its name and place."
            )
    return found


def _handed_over(files: Sequence[Path]) -> Iterator[list[tuple[str, bytes]]]:
    """So many at a time that memory stays flat."""
    for start in range(0, len(files), HANDED_OVER):
        yield [(path.name, path.read_bytes()) for path in files[start : start + HANDED_OVER]]


def unit_tests(
    code: Annotated[str, typer.Argument(help="Serial number, another name, ORDER#17 or PANEL/3.")],
    attached: Annotated[str, typer.Option(help="Write the picture, log or file with this SHA-256 to --out.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    as_of: Annotated[str, typer.Option(help="As known on a day or at a time.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """The test history of a unit: runs, values with limits, defects, and what speaks against a run."""
    actor = open_record()
    from asbuilt.kernel.instants import format_instant
    from asbuilt.questions.genealogy.seen.tests import test_history

    if attached:
        _write_attached(actor, code, attached, out)
        return
    found = test_history(actor, code, as_of or None)
    if format is Format.json:
        runs = [
            asdict(one) | {name: format_instant(getattr(one, name)) for name in ("started_at", "finished_at")}
            for one in found.runs
        ]
        print_json(
            {
                "unit": found.who.name,
                "product": found.who.product,
                "revision": found.who.revision,
                "runs": runs,
                "not_sampled": [asdict(one) for one in found.not_sampled],
            }
        )
        return
    for run in found.runs:
        last = "the last of its plan" if run.last else "run again later"
        say(
            f"{run.plan} {run.version}, run {run.number}: {run.outcome}, {format_instant(run.finished_at)[:19]}, {run.station}; {last}"
        )
        for doubt in run.doubts:
            say(f"  in doubt: {doubt.code} {doubt.about}")
        rows = [(one.name, one.value, one.unit, one.limits, one.plan_limits, one.result) for one in run.steps]
        print_table(("step", "value", "unit", "limits", "limits of the plan", "verdict"), rows)
        marks = [
            (one.code, one.at, one.x, one.y, one.kind, one.verification or "not verified", one.words)
            for one in run.defects
        ]
        pieces = [tuple(one.get(name, "") for name in ("name", "kind", "bytes", "sha256")) for one in run.attachments]
        if pieces:
            print_table(("attached", "kind", "bytes", "sha256"), pieces)
        if marks:
            print_table(("defect", "at", "x", "y", "kind", "verified", "words"), marks)
    for one in found.not_sampled:
        say(f"{one.plan} {one.version}: not sampled, one of {one.every:,} units is tested")
    if not found.runs:
        say("No test run is recorded.")


def _write_attached(actor, code: str, sha256: str, out: Path | None) -> None:
    from asbuilt.questions.genealogy.seen.attached import attached

    found = attached(actor, code, sha256)
    place = out or Path(found.file_name)
    if place.exists():
        raise Invalid("cli.file_there", f"{place} is there already.", {"file": str(place)}, "Give it another name.")
    place.write_bytes(found.content)
    say(f"{place}: {len(found.content):,} bytes.")
