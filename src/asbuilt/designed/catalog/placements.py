"""Placement: where each component of a hardware revision sits on the board, in the frame of the tool that wrote the file.

Placement files are known by product, revision and name; the one recorded last is in use. `placed` gives it for a board map; lengths are
in µm, the frame is looked through from the top, y upwards, rotation anticlockwise. A component of which no side is said has "".
"""

from dataclasses import dataclass
from decimal import Decimal

from asbuilt.storage import reading

PLACEMENTS_MAX = 20_000


@dataclass(frozen=True)
class Placed:
    """One component: centre in µm, rotation in thousandths of a degree from 0 up to 360,000, side top, bottom or empty, footprint."""

    refdes: str
    x_um: int
    y_um: int
    rotation_mdeg: int
    side: str
    footprint: str


@dataclass(frozen=True)
class Placement:
    """A placement file of a revision by its name."""

    name: str
    components: tuple[Placed, ...]


def millidegrees(cell: str) -> int:
    """A rotation in degrees as the table writes it, in thousandths from 0 up to 360,000."""
    return int(Decimal(cell) * 1000) % 360_000


def placed(tenant: int, product: int | str, revision: int | str, as_of: int | None = None) -> Placement | None:
    """The placement in use of a revision by number or code, as known at an entry (None: now); None without one. One statement."""
    by_product = "p.number = %s" if isinstance(product, int) else "p.code = %s"
    by_revision = "r.number = %s" if isinstance(revision, int) else "r.code = %s"
    stands = "t.until_entry IS NULL"
    if as_of is not None:
        stands = f"t.entry <= {int(as_of)} AND (t.until_entry IS NULL OR t.until_entry > {int(as_of)})"
    sql = (
        "SELECT t.placement, t.refdes, t.x_um, t.y_um, t.rotation_mdeg, t.side, t.footprint FROM catalog_product p "
        "JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_placement t ON t.tenant = r.tenant AND t.revision = r.number "
        f'WHERE p.tenant = %s AND {by_product} AND {by_revision} AND {stands} ORDER BY t.entry, t."row"'
    )
    rows = reading.fetch(sql, (tenant, product, revision))
    if not rows:
        return None
    name = rows[-1][0]
    return Placement(name, tuple(Placed(*row[1:]) for row in rows if row[0] == name))


def placements_kept(tenant: int) -> list[tuple]:
    """Every row of the table with the codes of product and revision, for rebuilding. One statement."""
    sql = (
        "SELECT p.code, r.code, t.placement, t.refdes, t.x_um, t.y_um, t.rotation_mdeg, t.side, t.footprint, t.entry, "
        't."row", t.until_entry FROM catalog_placement t JOIN catalog_revision r ON r.tenant = t.tenant '
        "AND r.number = t.revision JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE t.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
