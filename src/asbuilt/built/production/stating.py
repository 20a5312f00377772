"""Stating and beginning units: collects the states of one entry and writes them as few spans as possible."""

from pyroaring import BitMap

from asbuilt.built.production.holes import recompute_holes
from asbuilt.built.production.orders import Orders, cut_at_blocks
from asbuilt.built.production.states import BEGUN, BUILT, SCRAPPED, SKIPPED, units_with_state
from asbuilt.kernel.spans import bitmap_of, spans_of
from asbuilt.storage import bulk

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
            begun = self._begun - units_with_state(self.tenant, low, high)
            self._insert(BEGUN, spans_of(begun))
            self._find_holes(begun)
        self._rows, self._begun = [], BitMap()

    def _insert(self, state: int, spans: list[tuple[int, int]]) -> None:
        rows = ((self.tenant, *span, state, self.entry) for span in cut_at_blocks(self.tenant, spans))
        bulk.insert_rows("production_unit_state", COLUMNS, rows)

    def _find_holes(self, begun: BitMap) -> None:
        """Units that nobody said were built now count as built: their positions without a run are holes."""
        orders = Orders(self.tenant)
        while begun:
            order = orders.of_unit(begun.min())
            recompute_holes(self.tenant, order)
            begun = begun - bitmap_of(order.blocks)
