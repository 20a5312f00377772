"""What stands at the positions of some units, grouped by spans: one row where it is the same on a thousand units.

    parts_of(view, units)   ->  [PartUse]      each names a BOM line, its positions, the packages that may stand there, the units

The candidates are the design's (section 6), as `genealogy.answering.alike` lays them: no package is unrecorded, one that is sure is certain,
several are possible, and beside a lone possible one something unknown may stand (`other`). Nothing stands outside of a BOM line: recording and
correcting refuse it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.supply.queries import PackageRow, packages
from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.answering.alike import Alike, alike, blocks_of_order
from asbuilt.questions.genealogy.evaluating.view import View

USES_MAX = 100_000


@dataclass(frozen=True)
class PartUse:
    """Positions of a BOM line with what may stand there on these units. `pieces` is how many a unit takes."""

    bom: int
    line: str
    part: int
    positions: tuple[str, ...]
    pieces: int
    packages: frozenset[int]
    other: bool
    units: BitMap


def parts_of(view: View, units: BitMap) -> list[PartUse]:
    """What stands on the units, of all BOM versions they were built by. About five statements an order.

    Invalid where it would be more rows than one document holds.
    """
    found: list[PartUse] = []
    for order in sorted({block.order for block in view.blocks_over(units)}):
        for one in alike(view, order, units, blocks_of_order(view, order)):
            found += _cells(one)
            if len(found) > USES_MAX:
                raise too_large(USES_MAX)
    return found


def too_large(most: int) -> Invalid:
    """The refusal of a BOM that no document should hold."""
    return Invalid(
        "question.bom_too_large",
        f"This as-built BOM would have more than {most:,} components.",
        {"most": most},
        "Ask for an order, a shipment or a unit of it.",
    )


def _cells(one: Alike) -> Iterator[PartUse]:
    """Cuts the units of some positions into those that have the same candidates."""
    cells: dict[frozenset[int], BitMap] = {frozenset(): one.units}
    for package, there in one.packages.items():
        cut: dict[frozenset[int], BitMap] = {}
        for key, units in cells.items():
            if inside := units & there:
                cut[key | {package}] = inside
            if outside := units - there:
                cut[key] = cut[key] | outside if key in cut else outside
        cells = cut
    pieces = len(one.positions) if not one.positions[0].startswith("#") else one.line.quantity
    for key, units in cells.items():
        lone = units - one.sure if len(key) == 1 else BitMap()
        for other, mine in ((False, units - lone), (True, lone)):
            if mine:
                yield PartUse(one.bom, one.line.line, one.line.part, one.positions, pieces, key, other, mine)


def packages_in(view: View, uses: list[PartUse]) -> dict[int, PackageRow]:
    """Number -> package of everything that may stand there."""
    return packages(view.tenant, {package for use in uses for package in use.packages})
