"""One unit stated anew: the row of units.csv of a unit whose row was withdrawn, in the same entry."""

from asbuilt.built.production.intake.units import UnitsIntake
from asbuilt.built.production.orders import OrderRow
from asbuilt.ledger.recording import Entry


class UnitAnew(UnitsIntake):
    """Takes exactly one row, for the unit it is given. The unit stays in its order."""

    def __init__(self, unit: int, entry: Entry, *args):
        super().__init__(entry, *args)
        self.unit = unit

    def take(self, lines, rows):
        """The row of the unit; its order must be the one that it is in."""
        order: OrderRow | None = self.orders.of_unit(self.unit)
        if order is None or order.code != rows[0][0]:
            remedy = "Withdraw the row instead, and name the right unit of the other order in units.csv."
            self.wrong(lines[0], "order", rows[0][0], "production.unit_moved", "A unit stays in its order.", remedy)
            return
        self._write(order, list(lines), list(rows), [self.unit])
        self._write_panels()
