"""Where pieces of internal parts can sit: the designators that a question about one piece names.

    positions_of_parts(view, {"WIFI"})                -> ["U1", "U7"]
    positions_of_parts(view, {"WIFI"}, {"gateway"})   -> ["U1"], of this product alone

Two terms beside each other may hold of two pieces of a unit; in a bracket with `at:` both speak of the same one. So a question about the pieces of
one maker, or of some date codes, names every position where such a piece was planned, was mounted or was put in by hand.
"""

from collections.abc import Iterable

from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

_LINES = (
    'SELECT l."group" FROM catalog_bom_line l JOIN catalog_bom b ON b.tenant = l.tenant AND b.number = l.bom '
    "JOIN catalog_revision v ON v.tenant = b.tenant AND v.number = b.revision WHERE l.tenant = %s AND l.part IN ({parts})"
)
_RUNS = (
    'SELECT r."group" FROM production_material_run r JOIN production_block k ON k.tenant = r.tenant AND k.work_order = r.work_order '
    "WHERE r.tenant = %s AND r.package IN ({packages})"
)
_PUT_IN = (
    "SELECT u.refdes FROM production_replacement u JOIN production_block k ON k.tenant = u.tenant AND k.first_unit <= u.unit "
    "AND k.until_unit > u.unit WHERE u.tenant = %s AND u.installed IN ({packages})"
)


def positions_of_parts(view: View, parts: Iterable[str], products: Iterable[str] | None = None) -> list[str]:
    """Every designator, in order; empty where no such part was ever planned or mounted. One statement."""
    tenant = view.tenant
    of_part = f"SELECT c.number FROM catalog_part c WHERE c.tenant = %s AND {reading.any_of('c.code', 'text')}"
    of_package = f"SELECT p.number FROM supply_package p WHERE p.tenant = %s AND p.part IN ({of_part})"
    by_part = (tenant, reading.list_param(sorted(set(parts))))
    mine, by_product = "", ()
    if products is not None:
        mine = f" AND {{}}.product IN (SELECT d.number FROM catalog_product d WHERE d.tenant = %s AND {reading.any_of('d.code', 'text')})"
        by_product = (tenant, reading.list_param(sorted(set(products))))
    lines = _LINES.format(parts=of_part) + mine.format("v")
    runs = _RUNS.format(packages=of_package) + mine.format("k")
    put_in = _PUT_IN.format(packages=of_package) + mine.format("k")
    sql = f'SELECT g.refdes FROM catalog_group_position g WHERE g.tenant = %s AND g."group" IN ({lines} UNION {runs}) UNION {put_in}'
    carried = (tenant, tenant, *by_part, *by_product)
    params = (tenant, tenant, *by_part, *by_product, *carried, *carried)
    return sorted(place for (place,) in reading.fetch(sql, params))
