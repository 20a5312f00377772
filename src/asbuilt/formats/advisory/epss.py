"""EPSS scores: a CSV file of a day, `cve,epss,percentile`, above it a comment with model and date. Source: FIRST, EPSS data.

day(head) -> (model, instant)      rows(stream) -> (cve, probability, percentile) | BrokenRecord …
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from asbuilt.formats.advisory.cells import instant
from asbuilt.formats.advisory.names import cve_name
from asbuilt.formats.advisory.records import Advisory, BrokenRecord

LINE_BYTES_MAX = 200
ROWS_MAX = 5_000_000
_SAID = re.compile(r"#\s*model_version:([^,]{1,60}),\s*score_date:(\S{1,40})")


def day(head: bytes) -> tuple[str, int | None]:
    """(model, UTC microseconds of the scores) as the first line says; "" and None where it does not."""
    found = _SAID.match(head[:300].decode("ascii", "replace"))
    return (found[1], instant(found[2])) if found else ("", None)


def rows(stream: BinaryIO) -> Iterator[tuple[str, float, float] | BrokenRecord]:
    """The scores; probability and percentile lie between 0 and 1."""
    for number, line in enumerate(_lines(stream), 1):
        if number > ROWS_MAX:
            yield BrokenRecord("", f"line {number}", f"there are more than {ROWS_MAX:,} lines")
            return
        plain = line.strip()
        if not plain or plain.startswith(b"#") or plain.lower().startswith(b"cve,"):
            continue
        cells = plain.decode("ascii", "replace").split(",")
        name = cve_name(cells[0])
        try:
            probability, percentile = (float(cells[1]), float(cells[2])) if len(cells) == 3 else (-1.0, -1.0)
        except ValueError:
            probability = percentile = -1.0
        if not name or not (0 <= probability <= 1 and 0 <= percentile <= 1):
            yield BrokenRecord(
                name, f"line {number}", "is no CVE id with two numbers between 0 and 1", plain[:LINE_BYTES_MAX]
            )
            continue
        yield name, probability, percentile


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines; one that is too long is cut, what follows of it passed over."""
    held = b""
    while True:
        piece = stream.read(1 << 16)
        held += piece
        *lines, held = held.split(b"\n")
        yield from (line[: LINE_BYTES_MAX + 1] for line in lines)
        if not piece:
            if held:
                yield held[: LINE_BYTES_MAX + 1]
            return
        if len(held) > LINE_BYTES_MAX * 10:
            held = held[: LINE_BYTES_MAX + 1]


def read(record: dict) -> list[Advisory]:
    """One row, as an advisory that holds nothing but the prediction."""
    return [Advisory(record["cve"], record["cve"], epss=(record["epss"], record["percentile"]), source="EPSS")]


def raw_rows(stream: BinaryIO):
    """The rows as structures, for whoever reads any kind alike: (place, bytes, structure) or BrokenRecord."""
    for row in rows(io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream):
        if isinstance(row, BrokenRecord):
            yield row
        else:
            said = {"cve": row[0], "epss": row[1], "percentile": row[2]}
            yield row[0], f"{row[0]},{row[1]},{row[2]}".encode(), said
