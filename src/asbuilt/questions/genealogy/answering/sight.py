"""What a reader may be told the names of: everything, or for a party reader what belongs to the units that he sees.

Completion, the find box and the lists of pages take codes from here, so that no prefix and no wrong guess names another
party's lot, order or customer. `None` means no limit.
"""

from functools import cached_property

from pyroaring import BitMap

from asbuilt.kernel.spans import unpack
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.storage import reading


class Sight:
    """The names of one view, read when first needed."""

    def __init__(self, view: View):
        self.view = view
        self.units = view.visible

    @property
    def whole(self) -> bool:
        """Whether the reader sees the whole record."""
        return self.units is None

    @cached_property
    def blocks(self) -> list[BlockRow]:
        """The blocks that hold units of the reader. One statement."""
        return [] if self.units is None else self.view.blocks_over(self.units)

    def orders(self) -> set[int] | None:
        """Orders of which he sees some unit."""
        return None if self.whole else {block.order for block in self.blocks}

    def products(self) -> set[int] | None:
        """Products of which he sees some unit."""
        return None if self.whole else {block.product for block in self.blocks}

    def revisions(self) -> set[int] | None:
        """Hardware revisions of which he sees some unit."""
        return None if self.whole else {block.revision for block in self.blocks}

    def boms(self) -> set[int] | None:
        """BOM versions of which he sees some unit."""
        return None if self.whole else {block.bom for block in self.blocks}

    @cached_property
    def _packages(self) -> frozenset[int]:
        view, units = self.view, self.units
        sql = (
            "SELECT r.package, r.first_unit, r.until_unit, r.units FROM production_material_run r WHERE r.tenant = %s AND "
            + reading.any_of("r.work_order")
            + view.seen("r")
        )
        found = set()
        for package, *run in reading.fetch(sql, (view.tenant, reading.list_param(sorted(self.orders())))):
            if package not in found and units & unpack(*run):
                found.add(package)
        sql = "SELECT p.number FROM supply_package p WHERE p.tenant = %s AND p.owner = %s" + view.seen("p")
        found.update(number for (number,) in reading.fetch(sql, (view.tenant, view.actor.party)))
        sql = "SELECT r.unit, r.installed, r.removed FROM production_replacement r WHERE r.tenant = %s" + view.seen("r")
        for unit, *packages in reading.fetch(sql, (view.tenant,)):
            if unit in units:
                found.update(package for package in packages if package is not None)
        return frozenset(found)

    def packages(self) -> frozenset[int] | None:
        """Packages on the units that he sees, and those that his party owns. Three statements."""
        return None if self.whole else self._packages

    @cached_property
    def _lines(self) -> list:
        owned = self._owned
        lines = last_lines(self.view, self.units)
        return [line for line, units in lines if line.customer == self.view.actor.party or units & owned]

    @cached_property
    def _owned(self) -> BitMap:
        sql = "SELECT o.number FROM production_order o WHERE o.tenant = %s AND o.owner = %s" + self.view.seen("o")
        mine = {number for (number,) in reading.fetch(sql, (self.view.tenant, self.view.actor.party))}
        return BitMap().union(
            *(BitMap(range(block.first, block.until)) for block in self.blocks if block.order in mine)
        )

    def shipments(self) -> set[str] | None:
        """Codes of the shipments that say where his units are. Four statements."""
        return None if self.whole else {line.shipment for line in self._lines}

    def customers(self) -> set[int] | None:
        """Parties that received his units, and his own."""
        return None if self.whole else {line.customer for line in self._lines} | {self.view.actor.party}

    def countries(self) -> set[str] | None:
        """Countries that his units went to."""
        return None if self.whole else {line.country for line in self._lines}

    def owners(self) -> set[int] | None:
        """Owners of the orders of his units."""
        if self.whole:
            return None
        sql = "SELECT o.owner FROM production_order o WHERE o.tenant = %s AND " + reading.any_of("o.number")
        rows = reading.fetch(sql, (self.view.tenant, reading.list_param(sorted(self.orders()))))
        return {owner for (owner,) in rows if owner is not None}
