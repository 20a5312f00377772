"""States of units as spans: begun, built, scrapped, skipped; a unit in none of them is planned.

`begun` is never stated: it is what units are to which something happened before anybody said that they were built.
"""

from pyroaring import BitMap

from asbuilt.built.production.orders import cut_at_blocks
from asbuilt.kernel.spans import bitmap_of, spans_of
from asbuilt.storage import bulk, reading

PLANNED, BEGUN, BUILT, SCRAPPED, SKIPPED = range(5)
COLUMNS = ("tenant", "first_unit", "until_unit", "state", "entry")


class StateWriter:
    """Collects states during one entry and writes them as few spans as possible."""

    def __init__(self, tenant: int, entry: int):
        self.tenant, self.entry = tenant, entry
        self._open: list[int] | None = None
        self._rows: list[tuple] = []
        self._begun = BitMap()

    def state(self, unit: int, state: int) -> None:
        """The unit is stated to be in this state; planned says nothing."""
        run = self._open
        if run and run[2] == state and run[1] == unit:
            run[1] = unit + 1
            return
        if run:
            self._rows.append((self.tenant, run[0], run[1], run[2], self.entry))
        self._open = [unit, unit + 1, state] if state else None

    def begun(self, first: int, until: int) -> None:
        """Something happened to these units."""
        self._begun.add_range(first, until)

    def begun_units(self, units: BitMap) -> None:
        """Something happened to these units."""
        self._begun |= units

    def finish(self) -> None:
        """Write the spans; units that have a state already do not become begun."""
        if self._open:
            self._rows.append((self.tenant, *self._open, self.entry))
            self._open = None
        for state in (BUILT, SCRAPPED, SKIPPED):
            self._insert(state, [row[1:3] for row in self._rows if row[3] == state])
        if self._begun:
            low, high = self._begun.min(), self._begun.max() + 1
            self._insert(BEGUN, spans_of(self._begun - units_with_state(self.tenant, low, high)))
        self._rows, self._begun = [], BitMap()

    def _insert(self, state: int, spans: list[tuple[int, int]]) -> None:
        rows = ((self.tenant, *span, state, self.entry) for span in cut_at_blocks(self.tenant, spans))
        bulk.insert_rows("production_unit_state", COLUMNS, rows)


def units_with_state(tenant: int, low: int, high: int, *states: int) -> BitMap:
    """Units of [low, high) that are in one of the states now (in any, where none is named). One statement."""
    sql = (
        "SELECT first_unit, until_unit FROM production_unit_state WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL"
    )
    if states:
        sql += f" AND state IN ({', '.join(map(str, states))})"
    found = bitmap_of(reading.fetch(sql, (tenant, high, low)))
    return found & BitMap(range(low, high)) if found else found


def built_units(tenant: int, spans: tuple[tuple[int, int], ...]) -> BitMap:
    """Units of the spans that were begun, built or scrapped, and not skipped: those that answers speak of."""
    found = BitMap()
    for low, high in spans:
        found |= units_with_state(tenant, low, high, BEGUN, BUILT, SCRAPPED) - units_with_state(tenant, low, high, SKIPPED)
    return found
