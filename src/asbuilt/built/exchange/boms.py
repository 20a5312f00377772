"""BOM files as KiCad, JLCPCB and Altium write them -> rows of the BOM table, through the same intake as bom.csv.

    import_bom(actor, path, product="MB-200", revision="B", bom_version="3", placement=pos_file, add_parts=False)

- A line's part is a part of ours by its own number, else by its MPN where one part alone has it.
- Lines marked do not place are left out: nothing is mounted there, so nothing can be missing; a warning names them.
- What BOM and placement say differently is told, not refused: people know which file is right.
- Parts that nobody recorded are refused line by line; with `add_parts` they are recorded from the file in the same entry.
Both files are kept as evidence. The whole goes in or nothing does; the same file for the same BOM version changes nothing.
"""

import io
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HISTORY_IMPORT
from asbuilt.built.exchange.silence import recount_after
from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
from asbuilt.formats.bom import BomDocument, BomLine, read_bom
from asbuilt.formats.foreign import FILE_BYTES_MAX
from asbuilt.formats.placement import cross_check, read_placements
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES, read_table, write_table
from asbuilt.kernel.errors import Conflict, Invalid, NotFound
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

IMPORTED = "exchange.bom_imported"
NAMES_SHOWN_MAX = 20


@dataclass
class BomReport:
    """What became of a BOM file: its tool, lines placed, facts stored and already there, parts recorded with it, what
    BOM and placement say differently, warnings, the entry (of the first time where it was loaded before).
    """

    file: str
    tool: str
    lines: int = 0
    stored: int = 0
    known: int = 0
    parts_added: int = 0
    findings: list[dict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    entry: int | None = None


@dataclass(frozen=True)
class _Version:
    product: str
    revision: str
    bom_version: str


def import_bom(
    actor: Actor,
    path: Path,
    *,
    product: str,
    revision: str,
    bom_version: str,
    placement: Path | None = None,
    add_parts: bool = False,
    name: str | None = None,
) -> BomReport:
    """Record the BOM version that the file holds; `name` is what messages call the file.

    Invalid: the file cannot be read, or a line names no part of ours. Conflict: the BOM version was recorded otherwise.
    """
    actor.require(HISTORY_IMPORT)
    name = name or path.name
    document = read_bom(_content(path, name), file=name)
    report = BomReport(name, document.dialect.tool, warnings=list(document.warnings))
    _check_placement(document, placement, report)
    version = _Version(product, revision, bom_version)
    with ExitStack() as stack:
        files = [(path, name), *([(placement, placement.name)] if placement else [])]
        kept = [stack.enter_context(evidence.incoming(actor.tenant, *file, "import")) for file in files]
        said = digest(*(bytes.fromhex(one.sha256) for one in kept), repr((version, add_parts)).encode())
        try:
            with recording(actor, IMPORTED, request_key=f"import/bom/{said.hex()}", content=said) as entry:
                for one in kept:
                    one.record(entry)
                _record(entry, document, version, add_parts, report)
                report.entry = entry.number
                entry.notes = {**asdict(version), "lines": report.lines, "parts_added": report.parts_added}
        except AlreadyRecorded as before:
            report.known, report.entry = len(_placed(document)), before.number
    sequencing.after_commit(actor.tenant)
    return report


def _content(path: Path, name: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(FILE_BYTES_MAX + 1)  # one byte more than the reader takes, so that it refuses
    except OSError:
        said = f"There is no file {name}."
        raise NotFound("exchange.no_file", said, {"file": name}, "Look at its name and place.") from None


def _check_placement(document: BomDocument, placement: Path | None, report: BomReport) -> None:
    if placement is None:
        return
    found = read_placements(_content(placement, placement.name), file=placement.name)
    report.warnings += [f"{placement.name}: {text}" for text in found.warnings]
    for finding in cross_check(document, found.placements):
        report.findings.append({**asdict(finding), "refdes": list(finding.refdes), "facts": dict(finding.facts)})


def _placed(document: BomDocument) -> list[BomLine]:
    return [line for line in document.lines if not line.do_not_place]


def _record(entry: Entry, document: BomDocument, version: _Version, add_parts: bool, report: BomReport) -> None:
    errors, contradictions = ErrorList(), ErrorList()
    lines = _as_ours(entry.tenant, _placed(document))
    left_out = [name for line in document.lines if line.do_not_place for name in line.refdes]
    if left_out:
        more = f" and {len(left_out) - NAMES_SHOWN_MAX} more" if len(left_out) > NAMES_SHOWN_MAX else ""
        report.warnings.append(f"Not placed, so left out: {' '.join(left_out[:NAMES_SHOWN_MAX])}{more}.")
    if add_parts:
        report.parts_added = _add_parts(entry, lines, report, errors, contradictions)
    rows = [_cells(line, version) for line in lines]
    intake = BomIntake(entry, report.file, errors, contradictions, report.warnings.append)
    feed(intake, "bom", rows, [line.at_line for line in lines], errors)
    _refuse(report.file, errors, contradictions, add_parts)
    recount_after(intake)
    report.lines, report.stored, report.known = len(lines), intake.stored, intake.known


def _as_ours(tenant: int, lines: list[BomLine]) -> list[BomLine]:
    """The lines with our number of the part, where the file says one that stands or an MPN of one part alone."""
    own = _standing(tenant, "p.code", (line.part for line in lines))
    by_mpn = _standing(tenant, "m.mpn", (line.mpn or line.part for line in lines))
    found = []
    for line in lines:
        of_mpn = by_mpn.get(line.mpn or line.part, set())
        if line.part not in own and len(of_mpn) == 1:
            line = replace(line, part=next(iter(of_mpn)))
        found.append(line)
    return found


def _standing(tenant: int, column: str, texts: Iterable[str]) -> dict[str, set[str]]:
    """Text -> codes of the parts that stand now and have it in the column. One statement."""
    sql = (
        f"SELECT {column}, p.code FROM catalog_manufacturer_part m JOIN catalog_part p ON p.tenant = m.tenant "
        "AND p.number = m.part WHERE m.tenant = %s AND m.until_entry IS NULL AND "
    ) + reading.any_of(column, "text")
    found: dict[str, set[str]] = {}
    for text, code in reading.fetch(sql, (tenant, reading.list_param(sorted({*texts} - {""})))):
        found.setdefault(text, set()).add(code)
    return found


def _add_parts(entry: Entry, lines: list[BomLine], report: BomReport, errors, contradictions) -> int:
    own = _standing(entry.tenant, "p.code", (line.part for line in lines))
    rows: dict[str, tuple[tuple[str, ...], int]] = {}
    for line in lines:
        if line.part not in own and line.part not in rows:
            cells = (line.part, line.description, line.mpn, line.manufacturer, "", "")
            rows[line.part] = (cells, line.at_line)
    if rows:
        intake = PartsIntake(entry, report.file, errors, contradictions, report.warnings.append)
        feed(intake, "parts", [cells for cells, _ in rows.values()], [at for _, at in rows.values()], errors)
    return len(rows)


def _cells(line: BomLine, version: _Version) -> tuple[str, ...]:
    names = (version.product, version.revision, version.bom_version)
    return (*names, line.line, line.part, str(line.quantity), " ".join(line.refdes))


def feed(intake, kind: str, rows: list[tuple[str, ...]], at_lines: list[int], errors: ErrorList) -> None:
    """Read the rows by the rules of the table and take them, each under its line in the file it came from."""
    stream = io.BytesIO()
    write_table(TABLES[kind], rows, stream)
    stream.seek(0)
    table_errors = ErrorList()
    for chunk in read_table(TABLES[kind], stream, file=intake.file, errors=table_errors):
        intake.take([at_lines[line - 2] for line in chunk.lines], chunk.rows)
    for row in table_errors.rows:
        at = at_lines[row.line - 2] if row.line and row.line >= 2 else None
        errors.add(row.code, row.file, at, row.column, row.value, row.reason, row.remedy)
    errors.rows_read += table_errors.rows_read
    intake.finish()


def _refuse(file: str, errors: ErrorList, contradictions: ErrorList, add_parts: bool) -> None:
    if errors.total:
        unknown = any(row.code == "catalog.part_unknown" for row in errors.rows)
        remedy = "Mend the lines named and import the file again."
        if unknown and not add_parts:
            remedy = "Add these parts to parts.csv, or record them from this file with --add-parts."
        raise Invalid(
            "exchange.bom_refused",
            f"{file}: {errors.total:,} mistakes; nothing was stored.",
            {"file": file},
            remedy,
            rows=errors.rows,
            total=errors.total,
        )
    if contradictions.total:
        raise Conflict(
            "exchange.bom_recorded_otherwise",
            f"{file}: this BOM version was recorded before with other lines ({contradictions.total:,} differ).",
            {"file": file},
            "Give the changed BOM a BOM version of its own.",
            rows=contradictions.rows,
            total=contradictions.total,
        )
