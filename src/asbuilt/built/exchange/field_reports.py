"""Field reports -> programming records of source `field`: which version a unit said it runs, and when.

    import_field_reports(actor, path, product="PSU-48")

A report names a unit by its serial number, or as ORDER#17; the product, where neither the file nor the caller names one, is that of
the unit. It is a record like any other: the last one by its time says what the unit runs. The file is kept as evidence; it goes in
whole or not at all, and the same file, or the same report in another one, changes nothing. Refused: a unit or version that is not
known, an image hash that is not the release's. A time ahead of the clock is a warning.
"""

from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FIELD_REPORT
from asbuilt.built.exchange.actions import FileReport
from asbuilt.built.exchange.boms import feed
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.formats.field_reports import FieldReport, read_field_reports
from asbuilt.formats.foreign import FILE_BYTES_MAX
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import Conflict, NotFound
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

KIND = "field-reports"
IMPORTED = "exchange.field_reports_imported"


def import_field_reports(actor: Actor, path: Path, *, product: str = "", name: str | None = None) -> FileReport:
    """Record the reports of a file; `name` is what messages call it, `product` that of reports which name none.

    Invalid: the file cannot be read, or a report names what is not known. Conflict: it was recorded otherwise.
    """
    actor.require(FIELD_REPORT)
    name = name or path.name
    try:
        with open(path, "rb") as stream:
            content = stream.read(FILE_BYTES_MAX + 1)  # one byte more than the reader takes, so that it refuses
    except OSError:
        said = f"There is no file {name}."
        raise NotFound("exchange.no_file", said, {"file": name}, "Look at its name and place.") from None
    found = read_field_reports(content, file=name)
    report = FileReport(name, KIND, rows=len(found.rows), size=len(content))
    for text in found.warnings:
        report.warn(f"{name}: {text}")
    with evidence.incoming(actor.tenant, path, name, "import") as kept:
        report.sha256 = kept.sha256
        said = digest(bytes.fromhex(kept.sha256), product.encode())
        try:
            with recording(actor, IMPORTED, request_key=f"import/{KIND}/{said.hex()}", content=said) as entry:
                kept.record(entry)
                _record(entry, found.rows, product, report)
                report.entry = entry.number
                entry.notes = {"reports": report.rows, "stored": report.stored}
        except AlreadyRecorded as before:
            report.already, report.entry = True, before.number
    sequencing.after_commit(actor.tenant)
    return report


def _record(entry: Entry, rows: tuple[FieldReport, ...], product: str, report: FileReport) -> None:
    errors, contradictions = ErrorList(), ErrorList()
    intake = ProgrammingIntake(entry, report.file, errors, contradictions, report.warn)
    lines = [row.line for row in rows]
    products = [row.product or product for row in rows]
    units = intake.units.resolve(lines, "serial", [row.serial for row in rows], products)
    codes = product_codes(entry.tenant)
    orders = intake.units.spans.orders
    cells, at_lines = [], []
    for row, unit, named in zip(rows, units, products, strict=True):
        if unit is not None:
            of = named or codes[orders.of_unit(unit).product]
            cells.append(
                (
                    row.serial,
                    of,
                    row.version,
                    row.sha256.lower(),
                    row.uid,
                    "",
                    "",
                    "pass",
                    row.at,
                    row.role,
                    "",
                    "field",
                )
            )
            at_lines.append(row.line)
    feed(intake, "programming", cells, at_lines, errors)
    errors.raise_if_any(report.file)
    if contradictions.total:
        raise Conflict(
            "exchange.report_recorded_otherwise",
            f"{report.file}: {contradictions.total:,} reports were recorded before with other content.",
            {"file": report.file},
            "Withdraw the recorded facts first, or leave these reports out.",
            rows=contradictions.rows,
            total=contradictions.total,
        )
    report.stored, report.known = intake.stored, intake.known
