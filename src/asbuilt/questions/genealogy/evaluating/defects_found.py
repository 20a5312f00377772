"""The term `defect:`: units of which the last run of some plan found this defect; with `ever:` any run.

A defect is named by its code, or by its category or words where a machine gives none. One that a person rejected, a false call, is none.
"""

from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.borne import not_gone
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Value
from asbuilt.storage import reading

CODES_MAX = 10_000


def with_defect(view: View, values: Iterable[Value], ever: bool) -> UnitSet:
    """Units with any of these defects. A statement a code, and one for a code that nothing has. NotFound for that."""
    units = BitMap()
    for value in values:
        code = _code(view, value.text)
        if view.few is not None:
            units |= BitMap(unit for unit, found, later in view.few.defects if found == code and (ever or not later))
        else:
            units |= _units(view, code, ever)
    return UnitSet.sure(view.limit(units))


def plans_that_found(view: View, values: Iterable[Value]) -> list[str]:
    """The plans that ever found one of these defects, by name. Two statements a code."""
    sql = (
        "SELECT DISTINCT f.name FROM quality_defect d JOIN production_floor_name f ON f.tenant = d.tenant AND f.number = d.plan "
        f"WHERE d.tenant = %s AND d.code = %s{view.seen('d')}"
    )
    return sorted({name for one in values for (name,) in reading.fetch(sql, (view.tenant, _code(view, one.text)))})


def codes_found(view: View) -> list[str]:
    """The codes there are, for completion: those on units that the reader may see."""
    sql = f"SELECT DISTINCT d.code, d.unit FROM quality_defect d WHERE d.tenant = %s{view.seen('d')} ORDER BY d.code LIMIT %s"
    if view.visible is None:
        sql = sql.replace("d.code, d.unit", "d.code")
    rows = reading.fetch(sql, (view.tenant, CODES_MAX))
    return sorted({row[0] for row in rows if view.visible is None or row[1] in view.visible})


def _code(view: View, text: str) -> str:
    """The code of this spelling; case-blind where only one fits."""
    sql = f"SELECT 1 FROM quality_defect d WHERE d.tenant = %s AND d.code = %s{not_gone(view, 'd')} LIMIT 1"
    if reading.fetch_one(sql, (view.tenant, text)):
        return text
    known = codes_found(view)
    fitting = [code for code in known if code.lower() == text.lower()]
    if len(fitting) == 1:
        return fitting[0]
    raise unknown("defect", text, known if view.visible is None else ())


def _units(view: View, code: str, ever: bool) -> BitMap:
    later = (
        "" if ever
        else " AND NOT EXISTS (SELECT 1 FROM quality_test_run n WHERE n.tenant = d.tenant AND n.unit = d.unit AND n.plan = d.plan "
        f"{view.seen('n')} AND (n.finished_at > r.finished_at OR (n.finished_at = r.finished_at AND (n.entry > r.entry "
        'OR (n.entry = r.entry AND n."row" > r."row")))))'
    )  # fmt: skip
    sql = (
        "SELECT DISTINCT d.unit FROM quality_defect d JOIN quality_test_run r ON r.tenant = d.tenant AND r.unit = d.unit "
        'AND r.plan = d.plan AND r.started_at = d.started_at AND r.entry = d.entry AND r."row" = d."row" '
        f"WHERE d.tenant = %s AND d.code = %s{view.seen('d')}{later}"
    )
    return BitMap([unit for (unit,) in reading.fetch(sql, (view.tenant, code))])
