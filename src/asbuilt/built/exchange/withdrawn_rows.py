"""Rows of a file that were withdrawn: loading them again does not bring them back, and the report says so.

A factory sends the same table night after night. What quality has withdrawn would come back with it, if a row that was
recorded once and no longer stands were taken for a new one.
"""

from collections.abc import Iterator, Sequence

from asbuilt.built.exchange.resolving import FactFinder
from asbuilt.formats.tables import Table
from asbuilt.ledger.intake import ids_ever
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import reading


class WithdrawnRows:
    """Knows the facts of a table that were withdrawn whole; costs one statement where there are none."""

    def __init__(self, tenant: int, table: Table, shapes: Sequence[Shape]):
        self.tenant, self.table = tenant, table
        sql = "SELECT DISTINCT fact FROM ledger_withdrawal WHERE tenant = %s AND first_unit = until_unit AND "
        named = reading.list_param([shape.name for shape in shapes])
        self._withdrawn = {
            bytes(row[0]) for row in reading.fetch(sql + reading.any_of("shape", "text"), (tenant, named))
        }

    def among(self, lines: Sequence[int], rows: Sequence[tuple]) -> Iterator[int]:
        """The lines of those rows that were withdrawn and do not stand again."""
        if not self._withdrawn:
            return
        ids = [ids_ever(self.table, row) for row in rows]
        met = self._withdrawn.intersection(fact for ways in ids for fact in ways)
        if not met:
            return
        ever = {fact.hex() for ways in ids if not met.isdisjoint(ways) for fact in ways}
        stand = {bytes.fromhex(fact) for fact in FactFinder(self.tenant, ever).standing()}
        for line, ways in zip(lines, ids, strict=True):
            if not met.isdisjoint(ways) and stand.isdisjoint(ways):
                yield line
