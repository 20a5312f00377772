"""How many pieces are left in packages: their quantity less the pieces split off and placed, by the record.

Placed are the positions of material runs and what was fitted in rework. Pieces of a grey zone may be of either package, so what
is left lies between two numbers. A splice, a partial return or a new feeder change nothing: it is the package that is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.built.supply.splitting import split_off
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.spans import unpack
from asbuilt.storage import reading


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


def left_in(tenant: int, packages: Iterable[int]) -> dict[int, Left]:
    """Package number -> its pieces. Five statements."""
    numbers = sorted(set(packages))
    listed = reading.list_param(numbers)
    sql = "SELECT number, quantity, code FROM supply_package WHERE tenant = %s AND " + reading.any_of("number")
    came = {number: said for number, *said in reading.fetch(sql, (tenant, listed))}
    split = split_off(tenant, [code for _, code in came.values()])
    sql = (
        'SELECT package, certain, "group", first_unit, until_unit, units FROM production_material_run WHERE tenant = %s '
        "AND until_entry IS NULL AND " + reading.any_of("package")
    )
    rows = reading.fetch(sql, (tenant, listed))
    groups = PositionGroups(tenant)
    groups.look_at({row[2] for row in rows})
    placed = {number: [0, 0] for number in numbers}
    for package, certain, group, first, until, packed in rows:
        pieces = len(unpack(first, until, packed)) * len(groups.positions(group))
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
