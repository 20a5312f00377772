"""Names that have no entry of their own: a lot is known by its packages, a product by the lines of its BOMs, a step by whoever went through it.

The row of such a name stays where all that bore it was withdrawn. It is then a name that no table has: an export does not write it, and a
question that names it is told so, here as in the home into which that export went.
"""

from collections.abc import Iterable

from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

_LINES = (
    "SELECT 1 FROM catalog_bom b JOIN catalog_bom_line k ON k.tenant = b.tenant AND k.bom = b.number WHERE b.tenant = t.tenant "
    "AND b.{}{{k}}"
)
_OF_PRODUCT = (
    "SELECT 1 FROM catalog_revision v JOIN catalog_bom b ON b.tenant = v.tenant AND b.revision = v.number JOIN catalog_bom_line k "
    "ON k.tenant = b.tenant AND k.bom = b.number WHERE v.tenant = t.tenant AND v.product = t.number{k}"
)
BORNE_BY = {
    "supply_lot": "SELECT 1 FROM supply_package k WHERE k.tenant = t.tenant AND k.lot = t.number{k}",
    "catalog_part": "SELECT 1 FROM catalog_manufacturer_part k WHERE k.tenant = t.tenant AND k.part = t.number{k}",
    "catalog_product": _OF_PRODUCT,
    "catalog_revision": _LINES.format("revision = t.number"),
    "catalog_bom": _LINES.format("number = t.number"),
    "shipping_shipment": "SELECT 1 FROM shipping_line k WHERE k.tenant = t.tenant AND k.shipment = t.number{k}",
}
"""Table of names (`t`) -> what a row of it is known by (`k`)."""
FLOOR = {
    "step": (("production_process_run", "step"),),
    "machine": (("production_process_run", "machine"), ("production_material_run", "machine")),
    "program": (("production_process_run", "program"),),
    "feeder": (("production_material_run", "feeder"),),
    "plan": (("quality_test_run", "plan"),),
    "station": (
        ("production_mark_reading", "station"), ("programming_package", "station"), ("quality_test_run", "station"),
        ("programming_record", "station"),
    ),
}  # fmt: skip
"""Kind of a floor name -> where it is mentioned by its number, what is looked up fastest first."""
MOUNTED = frozenset({"machine", "feeder", "station"})
"""Kinds that a mount mentions by the name itself."""

HANDLED = ("production_process_run", "production_replacement", "programming_record", "quality_test_run")
"""Where whoever handled a unit is mentioned by his number as `operator`: so he is known to questions."""


def not_gone(view: View, alias: str) -> str:
    """` AND …`: the row of this table was not withdrawn by the moment of the question; it may have come later."""
    if view.entry is None:
        return f" AND {alias}.until_entry IS NULL"
    return f" AND ({alias}.until_entry IS NULL OR {alias}.until_entry > {int(view.entry)})"


def borne(view: View, table: str) -> str:
    """` AND …`: something bears the name in this table (`t`) that was not withdrawn by the moment of the question."""
    return f" AND EXISTS ({BORNE_BY[table].replace('{k}', not_gone(view, 'k'))})" if table in BORNE_BY else ""


def borne_floor(view: View, found: Iterable[tuple[str, int, str]]) -> list[tuple[str, int]]:
    """(kind, number) of those of these floor names (kind, number, name) that something mentions which was not withdrawn. A statement or two a name."""
    return [(kind, number) for kind, number, name in found if _mentioned(view, kind, number, name)]


def _mentioned(view: View, kind: str, number: int, name: str) -> bool:
    for table, column in FLOOR[kind]:
        sql = f"SELECT 1 FROM {table} k WHERE k.tenant = %s AND k.{column} = %s{not_gone(view, 'k')} LIMIT 1"
        if reading.fetch_one(sql, (view.tenant, number)) is not None:
            return True
    if kind not in MOUNTED:
        return False
    sql = f"SELECT 1 FROM production_mount k WHERE k.tenant = %s AND k.{kind} = %s{not_gone(view, 'k')} LIMIT 1"
    return reading.fetch_one(sql, (view.tenant, name)) is not None


def handled_by(view: View, person: int) -> bool:
    """Whether something that was not withdrawn says that this person handled a unit. At most four statements."""
    return any(
        reading.fetch_one(
            f"SELECT 1 FROM {table} k WHERE k.tenant = %s AND k.operator = %s{not_gone(view, 'k')} LIMIT 1",
            (view.tenant, person),
        )
        for table in HANDLED
    )
