"""Units that want to leave by what is asked of them: their order, product and revision."""

from collections import defaultdict
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.questions.genealogy.view import BlockRow, View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Group:
    """Units of one order, product and revision."""

    block: BlockRow
    order: str
    product: str
    revision: str
    units: BitMap = field(hash=False)
    places: dict[tuple[int, int], int] = field(
        default_factory=dict, hash=False
    )  # block -> how many of the order lie before it

    def every(self, count: int) -> BitMap:
        """Every so many of them, along the order, beginning with its first."""
        if count == 1:
            return self.units
        found = BitMap()
        for block, before in self.places.items():
            found |= BitMap(range(block[0] + -before % count, block[1], count))
        return found & self.units


def groups_of(view: View, units: BitMap) -> list[Group]:
    """The units by order, product and revision. Two statements."""
    reaches = view.reaches(units)
    sql = (
        "SELECT b.work_order, b.product, b.revision, o.code, c.code, r.code, b.first_unit, b.until_unit FROM production_block b "
        "JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
        "JOIN catalog_product c ON c.tenant = b.tenant AND c.number = b.product "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision WHERE b.tenant = %s AND "
        + reading.any_of("b.work_order") + view.seen("b") + view.seen("o") + " ORDER BY b.first_unit"
    )  # fmt: skip
    orders = sorted({block.order for block, _, _ in reaches})
    rows = reading.fetch(sql, (view.tenant, reading.list_param(orders))) if orders else []
    names = {row[:3]: row[3:6] for row in rows}
    before: dict[int, int] = defaultdict(int)
    places: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
    for order, *_, first, until in rows:
        places[order][first, until] = before[order]
        before[order] += until - first
    found: dict[tuple, tuple[BlockRow, BitMap]] = {}
    for block, low, until in reaches:
        key = (block.order, block.product, block.revision)
        _, mine = found.setdefault(key, (block, BitMap()))
        mine |= units & BitMap(range(low, until))
    return [Group(block, *names[key], mine, places[key[0]]) for key, (block, mine) in found.items() if key in names]
