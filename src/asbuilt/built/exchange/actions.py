"""Import a folder or a file of the exchange tables: all or nothing per file, in the order of the design."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HISTORY_IMPORT
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.built.exchange.matching_after import match_imported
from asbuilt.built.exchange.rows_that_decide import DecidingRows
from asbuilt.built.exchange.silence import recount_after
from asbuilt.built.exchange.withdrawn_rows import WithdrawnRows
from asbuilt.built.production.judged_anew import judge_anew
from asbuilt.formats.lines import Limits
from asbuilt.formats.refusals import ERRORS_NAMED_MAX, ErrorList
from asbuilt.formats.tables import TABLES, Table, read_table
from asbuilt.kernel.errors import Conflict, Invalid, NotFound
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, recording
from asbuilt.storage import bulk

FILE_BYTES_MAX = 2 * 1024**3
IMAGE_BYTES_MAX = 64 * 1024**2
WARNINGS_MAX = 1000
CORRECTIONS = "corrections"
_NUMBERS = re.compile(r"\d[\w:.,+-]*")


@dataclass
class FileReport:
    """What became of one file. `already` says that these very bytes were loaded before.

    `alike` gathers warnings that differ only in their numbers: the first of each kind and how many there are.
    """

    file: str
    table: str
    rows: int = 0
    stored: int = 0
    known: int = 0
    warnings: list[str] = field(default_factory=list)
    warnings_total: int = 0
    alike: dict[str, tuple[str, int]] = field(default_factory=dict)
    entry: int | None = None
    already: bool = False
    seconds: float = 0.0
    sha256: str = ""
    size: int = 0

    def warn(self, text: str) -> None:
        """Add a warning; the first thousand are kept, all are counted."""
        self.warnings_total += 1
        if len(self.warnings) < WARNINGS_MAX:
            self.warnings.append(text)
        kind = _NUMBERS.sub("0", text)
        if kind in self.alike or len(self.alike) < WARNINGS_MAX:
            first, count = self.alike.get(kind, (text, 0))
            self.alike[kind] = (first, count + 1)


Progress = Callable[[str, int, int], None]
"""Called with file, bytes read, bytes in all."""


def tables_in(folder: Path) -> tuple[list[tuple[Table, Path]], list[str]]:
    """The tables of a folder in load order, and the names of other files, which are left alone."""
    if not folder.is_dir():
        remedy = "Give a folder of CSV tables, or a file with --kind."
        raise NotFound("exchange.no_folder", f"There is no folder {folder}.", {"folder": str(folder)}, remedy)
    there = [(table, folder / f"{name}.csv") for name, table in TABLES.items() if (folder / f"{name}.csv").is_file()]
    mine = {path.name for _, path in there}
    return there, sorted(path.name for path in folder.iterdir() if path.name not in mine and path.is_file())


def import_folder(
    actor: Actor,
    folder: Path,
    *,
    progress: Progress | None = None,
    on_file: Callable[[FileReport], None] | None = None,
) -> list[FileReport]:
    """Load every table of the folder. Stops at the first refused file; the files before it stay."""
    actor.require(HISTORY_IMPORT)
    there, _ = tables_in(folder)
    if not there:
        names = ", ".join(f"{name}.csv" for name in TABLES)
        raise Invalid(
            "exchange.no_tables", f"No table lies in {folder}.", {"folder": str(folder)}, f"Tables are {names}."
        )
    reports = []
    try:
        for table, path in there:
            report = import_file(actor, path, table.name, progress=progress, folder=folder, match=False)
            reports.append(report)
            if on_file:
                on_file(report)
    finally:
        match_imported(actor, [report.table for report in reports])
    return reports


def import_file(
    actor: Actor,
    path: Path,
    kind: str,
    *,
    progress: Progress | None = None,
    folder: Path | None = None,
    name: str | None = None,
    errors_named: int = ERRORS_NAMED_MAX,
    match: bool = True,
) -> FileReport:
    """Load one table. `name` is what messages call the file; `folder` is where its images are looked for; a refusal
    names at most `errors_named` wrong rows and counts all. `match` False: whoever loads several matches at their end."""
    actor.require(HISTORY_IMPORT)
    table = TABLES.get(kind)
    if table is None:
        raise Invalid("exchange.kind_unknown", f"There is no table {kind}.", remedy=f"Kinds are {', '.join(TABLES)}.")
    name = name or path.name
    size = _size(path, name)
    began = time.monotonic()
    report = FileReport(name, table.name, size=size)
    with evidence.incoming(actor.tenant, path, name, "import") as kept:
        report.sha256 = kept.sha256
        _refuse_foreign(table, path, name)
        key = f"import/{table.name}/{kept.sha256}"
        try:
            with (
                bulk.rarely_collected(),
                recording(
                    actor, f"exchange.{table.name}_imported", request_key=key, content=bytes.fromhex(kept.sha256)
                ) as entry,
            ):
                kept.record(entry)
                _take(entry, actor, table, path, report, progress, folder, errors_named)
        except AlreadyRecorded as known:
            report.already, report.entry = True, known.number
    report.seconds = time.monotonic() - began
    sequencing.after_commit(actor.tenant)
    if match:
        match_imported(actor, [table.name])
    return report


def _size(path: Path, name: str) -> int:
    try:
        size = path.stat().st_size
    except OSError:
        raise NotFound(
            "exchange.no_file", f"There is no file {name}.", {"file": name}, "Look at its name and place."
        ) from None
    if size > FILE_BYTES_MAX:
        raise Invalid("exchange.file_too_large", f"{name} is larger than 2 GiB.", {"bytes": size}, "Load it in parts.")
    return size


def _refuse_foreign(table: Table, path: Path, name: str) -> None:
    """Header and encoding are looked at before the tenant's one writer is taken."""
    with open(path, "rb") as stream:
        for _ in read_table(table, stream, file=name, limits=Limits(), errors=ErrorList()):
            break


def _take(
    entry: Entry, actor: Actor, table: Table, path: Path, report: FileReport, progress, folder, errors_named: int
) -> None:
    errors, contradictions = ErrorList(errors_named), ErrorList(errors_named)
    if table.name == CORRECTIONS:
        from asbuilt.built.exchange.corrections import CorrectionsIntake as intake_class
    else:
        intake_class = INTAKES[table.name]
    intake = intake_class(entry, report.file, errors, contradictions, report.warn)
    intake.actor = actor
    deciding = DecidingRows(actor, table, intake, errors)
    gone = WithdrawnRows(entry.tenant, table, (intake.shape, *intake.older))
    intake.images = _images(entry, folder or path.parent, getattr(intake, "evidence_class", "firmware"))
    with open(path, "rb") as stream:
        for chunk in read_table(table, stream, file=report.file, limits=Limits(), errors=errors):
            deciding.check(chunk.lines, chunk.rows)
            intake.take(chunk.lines, chunk.rows)
            for line in gone.among(chunk.lines, chunk.rows):
                report.warn(f"{report.file} line {line}: the row was withdrawn before and stays withdrawn.")
            report.rows += len(chunk.rows)
            if progress:
                progress(report.file, stream.tell(), report.size)
    intake.finish()
    if table.name == "bom":
        recount_after(intake)
    if table.name == "routings":
        judge_anew(entry)
    errors.raise_if_any(report.file)
    _refuse_contradictions(contradictions, report)
    report.stored, report.known, report.entry = intake.stored, intake.known, entry.number
    entry.notes = {"file": f"{table.name}.csv", "rows": report.rows, "stored": intake.stored}


def _refuse_contradictions(found: ErrorList, report: FileReport) -> None:
    if not found.total:
        return
    rows = "1 row contradicts" if found.total == 1 else f"{found.total:,} rows contradict"
    raise Conflict(
        "tables.contradicts",
        f"{report.file}: {rows} what was recorded before; none of {report.rows:,} was stored.",
        {"file": report.file, "rows": report.rows},
        "Withdraw the recorded facts with corrections.csv or `asbuilt correct`, then load the file again.",
        rows=found.rows,
        total=found.total,
    )


def _images(entry: Entry, folder: Path, evidence_class: str) -> Callable[[str], bytes | None]:
    """What gives a row its file by path, such as a firmware release its image; the bytes are kept as evidence of the entry."""
    root = folder.resolve()

    def image(name: str) -> bytes | None:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > IMAGE_BYTES_MAX:
            return None
        content = path.read_bytes()
        evidence.keep(entry.tenant, BytesIO(content), path.name, evidence_class).record(entry)
        return content

    return image
