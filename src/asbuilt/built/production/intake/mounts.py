"""mounts.csv -> what happened at feeders.

Each row is kept word for word; what is mounted follows from the rows by their time. Refused are an unknown package or order, a
grey zone without a splice. History is not argued with: a package that was mounted at two places is recorded so.
"""

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.models import Mount
from asbuilt.built.production.mounts import MOUNTS, SPLICED
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.kept_intakes import KeptIntake


class MountsIntake(KeptIntake):
    """Mounted, spliced, removed."""

    table, shape, kept, model = "mounts", MOUNTS.shape, MOUNTS, Mount

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.floor = FloorNames(self.tenant)

    def check(self, line, cells):
        """An order that there is; a grey zone only where something was spliced. Names of the floor begin here."""
        order = cells["order"]
        if order and self.orders.by_code(order) is None:
            reason, remedy = f"There is no order {order}", "Add the order to orders.csv first."
            self.wrong(line, "order", order, "production.order_unknown", reason, remedy)
            return
        if (cells["what"] == SPLICED) != bool(cells["grey_pieces"]):
            reason = "A splice says how many pieces may be of either package; nothing else does"
            remedy = "Fill grey_pieces for spliced, 0 where the change is exact; leave it empty otherwise."
            self.wrong(line, "grey_pieces", cells["grey_pieces"], "production.grey_pieces", reason, remedy)
            return
        for kind in ("machine", "feeder", "station"):
            self.floor.number(kind, cells[kind])
