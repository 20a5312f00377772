"""Field reports: which version units in the field said they run, when; CSV, a JSON list, {"reports": […]} or JSON lines.

    read_field_reports(content, file="july.csv").rows[0] -> FieldReport(2, "SN-17", "2.3.1", "2027-07-01T08:00:00Z", …)

Names of columns and members are taken as update servers write them (`serial_number`, `sn`, `firmware version`, `timestamp` …);
members that are not known are left aside. Times stay text: the table they become reads them. Refused: what is no such file, a
report without serial number, version or time, a member that is no text.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.formats.foreign import ROWS_MAX, plain_name, read_foreign, read_text, refusal, refuse_rows
from asbuilt.kernel.errors import RowError

ROLES = {
    "serial": "serial", "serialnumber": "serial", "serialno": "serial", "sn": "serial", "unit": "serial",
    "version": "version", "firmware": "version", "firmwareversion": "version", "fwversion": "version", "fw": "version",
    "softwareversion": "version", "swversion": "version",
    "time": "at", "timestamp": "at", "happenedat": "at", "reportedat": "at", "seenat": "at", "at": "at",
    "product": "product", "role": "role", "sha256": "sha256", "uid": "uid", "deviceuid": "uid",
}  # fmt: skip
NEEDED = ("serial", "version", "at")
WORDS = {"serial": "serial number", "version": "version", "at": "time"}


@dataclass(frozen=True)
class FieldReport:
    """One report; `line` is its line, in a JSON list its place from 1. Cells that are not there are empty."""

    line: int
    serial: str
    version: str
    at: str
    product: str = ""
    role: str = ""
    sha256: str = ""
    uid: str = ""


@dataclass(frozen=True)
class FieldReports:
    """A whole file, and what was guessed."""

    rows: tuple[FieldReport, ...]
    warnings: tuple[str, ...]


def read_field_reports(content: bytes, *, file: str) -> FieldReports:
    """The reports of a file. Invalid: it cannot be read, or the first 200 reports that say too little, by name."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"[", b"{"):
        text, _, warnings = read_text(content, file=file)
        found = list(_of_json(text, file))
    else:
        table = read_foreign(content, file=file, roles=ROLES, needed=NEEDED, kind="field reports")
        warnings = list(table.warnings)
        found = [(row.line, dict(row.cells)) for row in table.rows]
    if len(found) > ROWS_MAX:
        raise refusal("foreign.reports_many", file, None, f"holds more than {ROWS_MAX:,} reports", "Split it.")
    errors: list[RowError] = []
    rows = [FieldReport(line, **cells) for line, cells in found if not _short(file, line, cells, errors)]
    refuse_rows("foreign.report_rows_wrong", file, errors)
    if not rows:
        raise refusal("foreign.reports_empty", file, None, "holds no report", "Send one with reports.")
    return FieldReports(tuple(rows), tuple(warnings))


def _short(file: str, line: int, cells: dict[str, str], errors: list[RowError]) -> bool:
    missing = [name for name in NEEDED if not cells.get(name, "").strip()]
    for name in missing:
        reason = f"The {WORDS[name]} is missing."
        column = "happened_at" if name == "at" else name
        errors.append(RowError("foreign.report_cell_missing", file, line, column, "", reason, "Add it to the report."))
    return bool(missing)


def _of_json(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    for line, one in _objects(text, file):
        if not isinstance(one, dict):
            raise refusal("foreign.no_report", file, line, "is no object", "Write each report as an object.")
        cells: dict[str, str] = {}
        for name, value in one.items():
            role = ROLES.get(plain_name(name), "")
            if role and role not in cells and value is not None:
                if not isinstance(value, str):
                    raise refusal(
                        "foreign.report_no_text", file, line, f"has a {name[:40]} that is no text", "Quote it."
                    )
                cells[role] = value.strip()
        yield line, cells


def _objects(text: str, file: str) -> Iterator[tuple[int, object]]:
    """(place, value) of each report: of the list, of the member `reports`, or line by line."""
    try:
        whole = json.loads(text, object_pairs_hook=_names_once)
    except (ValueError, RecursionError) as refused:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].rstrip().endswith("}"):
            raise _no_json(file, None, refused) from None
        for number, line in lines:
            try:
                yield number, json.loads(line, object_pairs_hook=_names_once)
            except (ValueError, RecursionError) as wrong:
                raise _no_json(file, number, wrong) from None
        return
    if isinstance(whole, dict):
        whole = whole.get("reports", [whole])
    if not isinstance(whole, list):
        raise refusal("foreign.no_report", file, None, "has no list of reports", "Write them as a list.")
    yield from enumerate(whole, 1)


def _names_once(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is named twice")
    return found


def _no_json(file: str, line: int | None, wrong: Exception):
    why = "is nested too deeply" if isinstance(wrong, RecursionError) else f"is no JSON: {str(wrong)[:120]}"
    return refusal("foreign.reports_no_json", file, line, why, "Send it as the server wrote it.")
