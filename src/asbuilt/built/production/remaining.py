"""How many pieces are left in packages: their quantity less the pieces split off and placed, by the record.

Placed are the positions of material runs, at a BOM line without designators as many as the line takes, and what was fitted in rework. Pieces of a grey zone may be of either package, so what
is left lies between two numbers. A splice, a partial return or a new feeder change nothing: it is the package that is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.supply.splitting import split_off
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.kernel.spans import unpack
from asbuilt.storage import reading

OF_LINE = "#"  # a BOM line without designators


@dataclass(frozen=True)
class Left:
    """Pieces of a package: how many it came with (None: nobody said), certainly placed, possibly placed besides, split off."""

    quantity: int | None
    placed: int
    possible: int
    split: int = 0

    @property
    def least(self) -> int | None:
        """What is left if every piece that may be of it is; below 0 the record and the label do not fit."""
        return None if self.quantity is None else self.quantity - self.split - self.placed - self.possible

    @property
    def most(self) -> int | None:
        """What is left if none of them is."""
        return None if self.quantity is None else self.quantity - self.split - self.placed


class _Lines:
    """Pieces at BOM lines without designators: each unit takes the line's quantity, by the BOM version it is of."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._blocks: dict[int, list[tuple[int, int, int]]] = {}
        self._quantities: dict[int, dict[str, int]] = {}

    def pieces(self, order: int, line: str, units: BitMap) -> int:
        """How many these units of the order take. A statement an order and a BOM version not asked for before."""
        if order not in self._blocks:
            sql = "SELECT first_unit, until_unit, bom FROM production_block WHERE tenant = %s AND work_order = %s AND until_entry IS NULL"
            self._blocks[order] = reading.fetch(sql, (self.tenant, order))
        return sum(
            units.range_cardinality(first, until) * self._of_bom(bom).get(line, 1)
            for first, until, bom in self._blocks[order]
        )

    def _of_bom(self, bom: int) -> dict[str, int]:
        if bom not in self._quantities:
            self._quantities[bom] = {one.line: one.quantity for one in bom_lines(self.tenant, bom)}
        return self._quantities[bom]


def left_in(tenant: int, packages: Iterable[int]) -> dict[int, Left]:
    """Package number -> its pieces. Five statements, and a few where BOM lines without designators are fed."""
    numbers = sorted(set(packages))
    listed = reading.list_param(numbers)
    sql = "SELECT number, quantity, code FROM supply_package WHERE tenant = %s AND " + reading.any_of("number")
    came = {number: said for number, *said in reading.fetch(sql, (tenant, listed))}
    split = split_off(tenant, [code for _, code in came.values()])
    sql = (
        'SELECT package, certain, "group", first_unit, until_unit, units, work_order FROM production_material_run '
        "WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("package")
    )
    rows = reading.fetch(sql, (tenant, listed))
    groups, lines = PositionGroups(tenant), _Lines(tenant)
    groups.look_at({row[2] for row in rows})
    placed = {number: [0, 0] for number in numbers}
    for package, certain, group, first, until, packed, order in rows:
        units = unpack(first, until, packed)
        for position in groups.positions(group):
            line = position.removeprefix(OF_LINE)
            pieces = len(units) if line == position else lines.pieces(order, line, units)
            placed[package][0 if certain else 1] += pieces
    sql = (
        "SELECT installed, count(*) FROM production_replacement WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of("installed")
        + " GROUP BY installed"
    )
    for package, count in reading.fetch(sql, (tenant, listed)):
        placed[package][0] += count
    return {
        number: Left(quantity, *placed[number], split.get(code, 0))
        for number in numbers
        for quantity, code in (came.get(number, (None, "")),)
    }
