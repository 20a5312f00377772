"""Reads of file mappings: how the files of a machine are read, by the pattern of their names; and their withdrawal.

A mapping's version is the id of its fact: what was read by it says so, and what is read after a correction has another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.people import People
from asbuilt.built.production.events import MAPPING
from asbuilt.formats.file_mappings import FileMapping, columns_as_text, mapping_of, pattern_of
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.facts import FACT_BYTES, FactRow, fact_ids
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

CELLS = (
    "machine", "pattern", "becomes", "format", "encoding", "delimiter", "header", "decimal", "time_format", "time_zone",
    "rows_at", "columns",
)  # fmt: skip


@dataclass(frozen=True)
class MappingRow:
    """A mapping that stands: its cells, its version (the id of its fact), who said it (badge) and when."""

    cells: dict[str, str]
    version: str
    operator: str
    happened_at: str
    entry: int

    @property
    def lines(self) -> str:
        """Its columns as people write them."""
        return columns_as_text(self.cells["columns"])

    def fits(self, name: str) -> bool:
        """Whether a file of this name is read by it."""
        return pattern_of(self.cells["pattern"]).fullmatch(name) is not None

    def read(self) -> FileMapping:
        """The mapping as files are read by it."""
        return mapping_of(self.cells)


def mappings(tenant: int, machine: str = "") -> list[MappingRow]:
    """Those that stand, of one machine if it is named, by machine and pattern. A statement a mapping and two more."""
    sql = (
        f'SELECT {", ".join(CELLS)}, operator, happened_at, entry, "row" FROM production_file_mapping WHERE tenant = %s '
        "AND until_entry IS NULL"
    )
    params: tuple = (tenant,)
    if machine:
        sql, params = sql + " AND machine = %s", (tenant, machine)
    rows = reading.fetch(sql + " ORDER BY machine, pattern", params)
    codes = People(tenant, 0).codes(row[-4] for row in rows)
    return [
        MappingRow(
            dict(zip(CELLS, cells, strict=True)), _version(tenant, entry, row), codes.get(operator, ""), format_instant(at), entry
        )
        for *cells, operator, at, entry, row in rows
    ]  # fmt: skip


def mapping_as_said(tenant: int, version: str) -> MappingRow | None:
    """The mapping of a version, one that was corrected or withdrawn too; None where there is none. Three statements."""
    sql = 'SELECT entry, "row" FROM ledger_fact_index WHERE tenant = %s AND shape = %s AND fact = %s'
    found = reading.fetch_one(sql, (tenant, MAPPING.code, bytes.fromhex(version)))
    if found is None:
        return None
    sql = f'SELECT {", ".join(CELLS)}, happened_at FROM production_file_mapping WHERE tenant = %s AND entry = %s AND "row" = %s'
    *cells, at = reading.fetch_one(sql, (tenant, *found))
    return MappingRow(dict(zip(CELLS, cells, strict=True)), version, "", format_instant(at), found[0])


def _version(tenant: int, entry: int, row: int) -> str:
    return fact_ids(tenant, entry, MAPPING.name, row, 1)[:FACT_BYTES].hex()


def withdraw_mappings(entry: Entry, facts: Sequence[FactRow]) -> None:
    """From this entry on files are not read by these mappings."""
    sql = 'UPDATE production_file_mapping SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])
