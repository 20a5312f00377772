"""The rows that a file of results gave when it was taken, found again in the record by the file that each names.

The reader of then may be gone, so its rows are not read anew but looked up: in the entries that rest on the file.
"""

import json

from asbuilt.built.production.events import PROCESS
from asbuilt.built.quality.events import TEST
from asbuilt.formats.results.reading import SOURCE_DIGITS
from asbuilt.ledger.facts import fact_ids, rows_between
from asbuilt.storage import reading

Rows = dict[str, tuple[int, str, tuple[str, ...]]]
"""Fact id -> record of the file, table, cells."""
_STARTED = {"tests": (6, TEST.columns.index("started_at")), "processes": (6, PROCESS.columns.index("started_at"))}


def rows_recorded(tenant: int, file: str, now: Rows) -> Rows:
    """The facts that name this file. The record of each is that of the row of `now` that began at the same moment; else one of no row."""
    began = {(table, cells[_STARTED[table][0]]): line for line, table, cells in now.values()}
    found: Rows = {}
    mark = f'"source\\":\\"{file[:SOURCE_DIGITS]}'.encode()
    sql = (
        "SELECT DISTINCT f.entry, f.shape FROM ledger_entry_evidence e JOIN ledger_entry_facts f ON f.tenant = e.tenant AND f.entry = e.entry "
        "WHERE e.tenant = %s AND e.sha256 = %s ORDER BY f.entry"
    )
    tables = {TEST.name: "tests", PROCESS.name: "processes"}
    for entry, shape in reading.fetch(sql, (tenant, file)):
        if shape not in tables:
            continue
        texts = rows_between(tenant, entry, shape, 0, 1 << 31)
        named = [place for place, text in enumerate(texts) if mark in text]
        ids = fact_ids(tenant, entry, shape, 0, len(texts)) if named else b""
        for place in named:
            table = tables[shape]
            started = json.loads(texts[place])[_STARTED[table][1]]
            line = began.get((table, started), -len(found) - 1)
            found[ids[place * 8 : place * 8 + 8].hex()] = (line, table, ())
    return found
