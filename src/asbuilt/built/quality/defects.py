"""Defect codes of test runs, by code: which units a run found one on. What a person rejected as a false call is none.

The table is worked out from what the runs say, so that `defect:` needs no look into a million cells.
"""

import json
from collections.abc import Iterable

from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.formats.measurements import DEFECTS
from asbuilt.storage import bulk

COLUMNS = ("tenant", "code", "unit", "plan", "started_at", "entry", "row")
CODE_CHARACTERS_MAX = 200
MARK = f'"{DEFECTS}"'


def codes_of(measurements: str) -> tuple[str, ...]:
    """The codes that a cell `measurements` names, each once: the code, else category or description of a defect."""
    if MARK not in measurements:
        return ()
    said = json.loads(measurements)
    listed = said.get(DEFECTS) if isinstance(said, dict) else None
    found = [code_of(one) for one in listed or () if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(code for code in found if code))


def code_of(defect: dict) -> str:
    """The code of a defect; empty where somebody looked and it was none."""
    if defect.get("verification") in NO_DEFECT:
        return ""
    named = next((defect[key] for key in ("code", "category", "description") if defect.get(key)), "")
    return str(named)[:CODE_CHARACTERS_MAX]


def write_defects(tenant: int, entry: int, runs: Iterable[tuple[int, int, int, int, str]]) -> None:
    """Keep the codes of these runs: (unit, plan, started_at, row, measurements)."""
    rows = [
        (tenant, code, unit, plan, started_at, entry, row)
        for unit, plan, started_at, row, measurements in runs
        for code in codes_of(measurements)
    ]
    bulk.insert_rows("quality_defect", COLUMNS, rows)


def withdraw_defects(runs: Iterable[tuple]) -> None:
    """Close what these runs found: (by entry, tenant, unit, plan, started_at, entry, row)."""
    sql = (
        "UPDATE quality_defect SET until_entry = %s WHERE tenant = %s AND unit = %s AND plan = %s AND started_at = %s "
        'AND entry = %s AND "row" = %s AND until_entry IS NULL'
    )
    bulk.run_many(sql, list(runs))
