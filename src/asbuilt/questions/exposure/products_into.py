"""Into which products ways lead that are of a part: those whose BOM versions list it. A way of a release or of a hardware revision names its own.

with_products(view, ways)    -> the same ways, those of a bought part or of silicon on the board with the products they come into
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from asbuilt.questions.exposure.ways import Way
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def with_products(view: View, ways: Sequence[Way]) -> list[Way]:
    """The ways with their products. One statement where one is of a part."""
    into = products_of_parts(view, {part for way in ways for part in _parts(way)})
    return [
        replace(way, products=tuple(sorted({one for part in _parts(way) for one in into[part]})))
        if _parts(way)
        else way
        for way in ways
    ]


def products_of(way: Way) -> tuple[str, ...]:
    """The products that a way leads into; give it a way of `with_products`."""
    return (way.binding.product,) if way.binding is not None and way.binding.product else way.products


def _parts(way: Way) -> frozenset[int]:
    if way.pieces is not None:
        return way.pieces[2]
    return frozenset((way.part,)) if way.part is not None else frozenset()


def products_of_parts(view: View, parts: Iterable[int]) -> dict[int, set[str]]:
    """Part -> products of which a BOM version lists it. One statement where there is one."""
    found: dict[int, set[str]] = defaultdict(set)
    if wanted := sorted(set(parts)):
        sql = (
            "SELECT DISTINCT l.part, p.code FROM catalog_bom_line l JOIN catalog_bom b ON b.tenant = l.tenant AND b.number = l.bom "
            "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision JOIN catalog_product p ON p.tenant = r.tenant "
            f"AND p.number = r.product WHERE l.tenant = %s AND {reading.any_of('l.part')}{view.seen('l')}"
        )
        for part, product in reading.fetch(sql, (view.tenant, reading.list_param(wanted))):
            found[part].add(product)
    return found
