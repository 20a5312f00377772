"""The file of a row that is corrected: its bytes come with the correction, as they lie beside a table that is imported.

cells_of(TABLES["own_entries"], content)        what the row says because the file says it, such as its SHA-256
intake.images = giving(entry, intake, content)  whatever path the row gives it
"""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

from asbuilt.built.exchange.exporting import FILES_OF
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.formats.tables import Table
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import evidence
from asbuilt.ledger.recording import Entry

FILE_BYTES_MAX = 64 << 20


def cells_of(table: Table, content: bytes) -> dict[str, str]:
    """Column to cell, as the file of a row of this table says; Invalid where rows of it come without one, or the file is broken."""
    if table.name not in FILES_OF:
        named = ", ".join(table.columns)
        raise Invalid(
            "exchange.column_unknown",
            f"{table.name} has no column file.",
            {"columns": ["file"]},
            f"Columns are {named}.",
        )
    told = getattr(INTAKES[table.name], "cells_of_file", None)
    if told is not None:
        return told(content)
    return {"sha256": sha256(content).hexdigest()} if "sha256" in table.columns else {}


def giving(entry: Entry, intake, content: bytes) -> Callable[[str], bytes]:
    """What gives the one row its file; the bytes are kept as evidence of the entry."""

    def given(path: str) -> bytes:
        name = path.rpartition("/")[2]
        evidence.keep(entry.tenant, BytesIO(content), name, getattr(intake, "evidence_class", "firmware")).record(entry)
        return content

    return given
