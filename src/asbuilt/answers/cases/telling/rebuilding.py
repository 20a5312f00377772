"""Comparing contacts, notices, recipients and deliveries with their facts, for `ledger verify`."""

import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256

from asbuilt.answers.cases.telling.events import CONTACT, DELIVERY, NOTICE, RECIPIENT
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import reading

# shape, table, columns as the table calls them, how a value of the fact stands there
_COLUMNS = {"case": "case_code"}
_AS: dict[str, Callable] = {"happened_at": parse_instant, "at": parse_instant, "stands": lambda said: said == "yes"}
TABLES: tuple[tuple[Shape, str], ...] = (
    (CONTACT, "cases_contact"),
    (NOTICE, "cases_notice"),
    (RECIPIENT, "cases_notice_recipient"),
    (DELIVERY, "cases_notice_delivery"),
)


def rebuild(tenant: int) -> Iterator[Finding]:
    """A finding for each row that differs from what was recorded, and for each list that is not the one that was recorded."""
    for shape, table in TABLES:
        yield from _compare(tenant, shape, table)
    sql = 'SELECT entry, "row", list_sha256, units_csv FROM cases_notice_recipient WHERE tenant = %s'
    for entry, row, wanted, packed in reading.stream(sql, (tenant,)):
        if _hash(bytes(packed)) != wanted:
            where = {"table": "cases_notice_recipient", "entry": entry, "row": row}
            yield Finding("ledger.projection_row_changed", f"cases_notice_recipient: the list of {entry}/{row} is not what was recorded.", where)  # fmt: skip


def _hash(packed: bytes) -> str:
    try:
        return sha256(zlib.decompress(packed)).hexdigest()
    except zlib.error:
        return ""


def _compare(tenant: int, shape: Shape, table: str) -> Iterator[Finding]:
    expected = {}
    for fact in all_facts(tenant, shape.name):
        cells = [_AS.get(name, lambda said: said)(cell) for name, cell in zip(shape.columns, fact.values, strict=True)]
        expected[fact.entry, fact.row] = tuple(cells)
    named = ", ".join(f'"{_COLUMNS.get(name, name)}"' for name in shape.columns)
    for entry, row, *cells in reading.stream(f'SELECT entry, "row", {named} FROM {table} WHERE tenant = %s', (tenant,)):
        wanted, where = expected.pop((entry, row), None), {"table": table, "entry": entry, "row": row}
        if wanted is None:
            yield Finding("ledger.projection_row_unrecorded", f"{table}: {entry}/{row} was never recorded.", where)
        elif wanted != tuple(cells):
            yield Finding("ledger.projection_row_changed", f"{table}: {entry}/{row} is not what was recorded.", where)
    for entry, row in sorted(expected):
        where = {"table": table, "entry": entry, "row": row}
        yield Finding("ledger.projection_row_missing", f"{table}: {entry}/{row} is missing.", where)
