"""Units that want to leave by what is asked of them: their order, product and revision."""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Group:
    """Units of one order, product and revision."""

    block: BlockRow
    order: str
    product: str
    revision: str
    units: BitMap = field(hash=False)


def groups_of(view: View, units: BitMap) -> list[Group]:
    """The units by order, product and revision. Two statements."""
    reaches = view.reaches(units)
    sql = (
        "SELECT DISTINCT b.work_order, b.product, b.revision, o.code, c.code, r.code FROM production_block b "
        "JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
        "JOIN catalog_product c ON c.tenant = b.tenant AND c.number = b.product "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision WHERE b.tenant = %s AND "
        + reading.any_of("b.work_order") + view.seen("b") + view.seen("o")
    )  # fmt: skip
    orders = sorted({block.order for block, _, _ in reaches})
    rows = reading.fetch(sql, (view.tenant, reading.list_param(orders))) if orders else []
    names = {row[:3]: row[3:6] for row in rows}
    found: dict[tuple, tuple[BlockRow, BitMap]] = {}
    for block, low, until in reaches:
        key = (block.order, block.product, block.revision)
        _, mine = found.setdefault(key, (block, BitMap()))
        mine |= units & BitMap(range(low, until))
    return [Group(block, *names[key], mine) for key, (block, mine) in found.items() if key in names]
