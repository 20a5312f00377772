"""mounts.csv -> what happened at feeders.

Each row is kept word for word; what is mounted follows from the rows by their time. Refused are an unknown package or order, a
grey zone without a splice. History is not argued with: a package that was mounted at two places is recorded so.
"""

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.models import Mount
from asbuilt.built.production.mounts import MOUNTS, REMOVED, SPLICED, place_of_package
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.kept_intakes import KeptIntake


class MountsIntake(KeptIntake):
    """Mounted, spliced, removed."""

    table, shape, kept, tables = "mounts", MOUNTS.shape, MOUNTS, {MOUNTS.db_table: Mount}

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.floor = FloorNames(self.tenant)
        self.places: dict[str, tuple[str, str] | None] = {}  # package -> machine and feeder, as far as these rows go
        self.holds: dict[tuple[str, str], str] = {}

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
        self._warn_of(line, cells)

    def _warn_of(self, line, cells):
        """History is not argued with: a package that is mounted at two places is recorded and warned about."""
        package, place = cells["package"], (cells["machine"], cells["feeder"])
        if package not in self.places:
            there = place_of_package(self.tenant, package)
            self.places[package] = (there.machine, there.feeder) if there else None
        before = self.places[package]
        if cells["what"] == REMOVED:
            self.places[package] = None
            return
        if before is not None and before != place:
            self.warn(
                f"{self.file} line {line}: package {package} is mounted at feeder {before[1]} of {before[0]} too."
            )
        spliced_out = self.holds.get(place)
        if spliced_out is not None and spliced_out != package:
            self.places[spliced_out] = None
        self.places[package], self.holds[place] = place, package
