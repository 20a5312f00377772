"""Result files: which kind a file is, by what stands in it, and what it holds.

kind = kind_of(payload)                                           "openhtf"
rows = result_rows(payload, "SN42.json", kind, zone=…, received_at=…, errors=…)   rows of tests.csv or processes.csv
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from asbuilt.formats.machine_files import FILE_BYTES_MAX, Inside, MachineRows
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results import atml, i3070, junit, openhtf, wsjf
from asbuilt.formats.results.result import (
    MEASUREMENTS_CHARACTERS_MAX,
    RECORDS_MAX,
    REPAIR,
    RUN,
    Repair,
    Result,
    Results,
)
from asbuilt.formats.results.said import FieldRefused, Said, Times, json_of, whole
from asbuilt.formats.xml_elements import XmlRefused, elements_of
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant

SOURCE_DIGITS = 16
Readers = list[Callable[[Times], Result | Repair]]


@dataclass(frozen=True)
class Kind:
    """A format: its name, the version of its reader, what gives one reader a record."""

    name: str
    version: str
    records: Callable[[bytes, str], Readers]


def _json_records(module) -> Callable[[bytes, str], Readers]:
    def records(payload: bytes, file: str) -> Readers:
        top = json_of(payload, file)
        if not module.is_record(top):
            raise whole(
                file, f"holds no record of {module.VERSION.partition('/')[0]}", "Look at what the tester wrote."
            )
        listed = top if isinstance(top, list) else [top]
        return [_json_reader(module, one, number) for number, one in enumerate(listed, 1)]

    return records


def _json_reader(module, one: object, number: int) -> Callable[[Times], Result | Repair]:
    def read(times: Times) -> Result | Repair:
        if not isinstance(one, dict):
            raise FieldRefused("", type(one).__name__, "is no object")
        return module.read(Said(one), number, times)

    return read


def _xml(payload: bytes, file: str):
    try:
        return elements_of(payload)
    except XmlRefused as refusal:
        raise whole(file, refusal.reason, refusal.remedy, refusal.line) from None


def _junit_records(payload: bytes, file: str) -> Readers:
    root = _xml(payload, file)
    found = junit.suites(root) if junit.is_root(root) else []
    if not found:
        raise whole(file, "holds no testsuite with cases", "Look at what the tester wrote.")
    outer = junit.properties(root, root.name) if root.name == "testsuites" else {}
    return [lambda times, one=one, n=n: junit.read(one, n, times, outer) for n, one in enumerate(found, 1)]


def _atml_records(payload: bytes, file: str) -> Readers:
    root = _xml(payload, file)
    found = atml.reports(root) if atml.is_root(root) else []
    if not found:
        raise whole(file, "holds no TestResults", "Look at what the tester wrote.")
    return [lambda times, one=one, n=n: atml.read(one, n, times) for n, one in enumerate(found, 1)]


def _i3070_records(payload: bytes, file: str) -> Readers:
    found = i3070.boards(payload, file)
    return [lambda times, said=said, n=n: i3070.read(*said, n, times) for n, said in enumerate(found, 1)]


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("openhtf", openhtf.VERSION, _json_records(openhtf)),
        Kind("wsjf", wsjf.VERSION, _json_records(wsjf)),
        Kind("junit", junit.VERSION, _junit_records),
        Kind("i3070", i3070.VERSION, _i3070_records),
        Kind("atml", atml.VERSION, _atml_records),
    )
}


def kind_of(payload: bytes, name: str) -> str:
    """The kind of a file by what stands in it; empty where it is none of ours. Never raises."""
    head = payload[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    if i3070.is_log(payload):
        return "i3070"
    try:
        if head[:1] in (b"{", b"[") and len(payload) <= FILE_BYTES_MAX:
            top = json_of(payload, name)
            return next((module.VERSION.partition("/")[0] for module in (openhtf, wsjf) if module.is_record(top)), "")
        if head[:1] == b"<" and len(payload) <= FILE_BYTES_MAX:
            root = elements_of(payload)
            return "junit" if junit.is_root(root) else "atml" if atml.is_root(root) else ""
    except Invalid:
        pass
    return ""


def why_no_kind(payload: bytes, name: str) -> str:
    """Why a file that looks like one of ours is none, as the rest of a sentence; empty where it looks like none. Never raises."""
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff") or (payload[:1] in (b"{", b"[", b"<") and payload[1:2] == b"\0"):
        return "it is written in UTF-16: results are read in UTF-8"
    head = payload[:64].lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if head not in (b"{", b"[", b"<"):
        return ""
    if len(payload) > FILE_BYTES_MAX:
        return f"it has more than {FILE_BYTES_MAX >> 20} MiB"
    try:
        _xml(payload, name) if head == b"<" else json_of(payload, name)
    except Invalid as fault:
        if head == b"{" and _is_json(payload.partition(b"\n")[0], name):
            return "it holds a JSON document a line: each wants a file of its own"
        return f"it cannot be read: {fault.message.removesuffix('.')}"
    return "what it holds is of no format of results that is known here"


def _is_json(payload: bytes, name: str) -> bool:
    try:
        json_of(payload, name)
    except Invalid:
        return False
    return True


def read_results(payload: bytes, file: str, kind: str, *, zone: tzinfo, received_at: int, errors: ErrorList) -> Results:
    """What a file holds. Records that cannot be read go to `errors`; Invalid where the file as a whole cannot."""
    if len(payload) > FILE_BYTES_MAX:
        raise whole(file, f"has more than {FILE_BYTES_MAX >> 20} MiB", "Send it in parts.")
    found = Results()
    times = Times(zone, received_at, found, file)
    readers = KINDS[kind].records(payload, file)
    if len(readers) > RECORDS_MAX:
        raise whole(file, f"has more than {RECORDS_MAX:,} records", "Send it in parts.")
    for number, reader in enumerate(readers, 1):
        errors.rows_read += 1
        try:
            one = reader(times)
            cell = one.measurements if isinstance(one, Result) else one.readings
            if len(cell) > MEASUREMENTS_CHARACTERS_MAX:
                raise FieldRefused("", "", f"measured more than {MEASUREMENTS_CHARACTERS_MAX:,} characters keep")
            (found.results if isinstance(one, Result) else found.repairs).append(one)
        except FieldRefused as lack:
            errors.add("results.field", file, number, lack.path or None, lack.value, lack.reason, lack.remedy)
    if found.results and found.repairs:
        raise whole(file, "holds tests and repairs together", "Send them in files of their own.")
    return found


def result_rows(
    payload: bytes, file: str, kind: str, *, source: str, zone: tzinfo, received_at: int, errors: ErrorList
) -> MachineRows:
    """Rows of tests.csv, or of processes.csv where the file holds repairs; `columns` says which. Lines are records."""
    said = read_results(payload, file, kind, zone=zone, received_at=received_at, errors=errors)
    found = MachineRows(warnings=said.warnings)
    found.columns = ["repairs"] if said.repairs else ["results"]
    for one in said.results:
        one.run["source"] = source[:SOURCE_DIGITS]  # last, so that it can be told from what the tester said
        found.lines.append(one.record)
        found.inside += _inside(one)
        found.rows.append(
            (
                one.serial, one.plan, one.plan_version, one.station, one.operator, one.outcome, format_instant(one.started_at),
                format_instant(one.finished_at), one.measurements, one.part_number,
            )
        )  # fmt: skip
    for one in said.repairs:
        one.run["source"] = source[:SOURCE_DIGITS]
        found.lines.append(one.record)
        found.rows.append(
            (
                "", REPAIR, one.station, one.process, one.serial, one.serial, format_instant(one.started_at), format_instant(one.finished_at),
                one.operator, one.result, one.readings, "", "", one.part_number,
            )
        )  # fmt: skip
    return found


def _inside(one: Result) -> list[Inside]:
    """The sub-units that a result names, each once."""
    at = format_instant(one.started_at)
    told = one.run.get("sub_units", ())
    found = [
        Inside(
            one.record,
            one.serial,
            one.part_number,
            at,
            sub["serial"],
            sub.get("part", ""),
            str(sub.get("position", "")),
        )
        for sub in told
        if sub.get("serial") and sub["serial"] != one.serial
    ]
    return list({(sub.serial, sub.part): sub for sub in found}.values())


def without_source(measurements: str) -> str:
    """The cell without which file it came from: the same result from two files is one."""
    head, mark, tail = measurements.rpartition('"source":"')
    if not mark or len(tail) != SOURCE_DIGITS + 3:
        return measurements
    if head.endswith(f'"{RUN}":{{'):
        return head.removesuffix(f'"{RUN}":{{').removesuffix(",") + "}"
    return head.removesuffix(",") + "}}"


def source_of(measurements: str) -> str:
    """The first digits of the SHA-256 of the file that a cell came from; empty where it came from none."""
    head, mark, tail = measurements.rpartition('"source":"')
    return tail[:SOURCE_DIGITS] if mark and len(tail) == SOURCE_DIGITS + 3 else ""
