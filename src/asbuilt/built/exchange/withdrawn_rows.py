"""Rows of a file that were withdrawn: loading them again does not bring them back, and the report says so.

A factory sends the same table night after night. What quality has withdrawn would come back with it, if a row that was
recorded once and no longer stands were taken for a new one.
"""

from collections.abc import Iterator, Sequence

from asbuilt.built.exchange.resolving import FactFinder
from asbuilt.formats.tables import Table
from asbuilt.ledger.intake import fact_bytes
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import reading


class WithdrawnRows:
    """Knows the facts of a table that were withdrawn whole; costs one statement where there are none."""

    def __init__(self, tenant: int, table: Table, shape: Shape):
        self.tenant, self.table = tenant, table
        sql = "SELECT DISTINCT fact FROM ledger_withdrawal WHERE tenant = %s AND shape = %s AND first_unit = until_unit"
        self._withdrawn = {bytes(row[0]) for row in reading.fetch(sql, (tenant, shape.name))}

    def among(self, lines: Sequence[int], rows: Sequence[tuple]) -> Iterator[int]:
        """The lines of those rows that were withdrawn and do not stand again."""
        if not self._withdrawn:
            return
        width = self.table.fact_width
        ids = [fact_bytes(self.table.name, row[:width]) for row in rows]
        met = self._withdrawn.intersection(ids)
        if not met:
            return
        met -= {bytes.fromhex(fact) for fact in FactFinder(self.tenant, {fact.hex() for fact in met}).standing()}
        yield from (line for line, fact in zip(lines, ids, strict=True) if fact in met)
