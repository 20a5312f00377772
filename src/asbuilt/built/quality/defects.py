"""Defect codes of test runs, by code: which units a run found one on, and how many. What a person rejected as a false call is none.

The table is worked out from what the runs say, so that `defect:` needs no look into a million cells.
"""

import json
from collections import Counter
from collections.abc import Iterable

from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.formats.measurements import DEFECTS
from asbuilt.storage import bulk

COLUMNS = ("tenant", "code", "unit", "plan", "started_at", "entry", "row", "times")
CODE_CHARACTERS_MAX = 200
MARK = f'"{DEFECTS}"'


FOUND_IN = (
    "(SELECT coalesce(sum(d.times), 0) FROM quality_defect d WHERE d.tenant = t.tenant AND d.unit = t.unit AND d.plan = t.plan "
    'AND d.started_at = t.started_at AND d.entry = t.entry AND d."row" = t."row" AND d.until_entry IS NULL)'
)
"""How many defects the run `t` found: three solder bridges are three."""


def codes_of(measurements: str) -> Counter[str]:
    """The codes that a cell `measurements` names, and how often: the code, else category or description of a defect."""
    if MARK not in measurements:
        return Counter()
    said = json.loads(measurements)
    listed = said.get(DEFECTS) if isinstance(said, dict) else None
    found = [code_of(one) for one in listed or () if isinstance(one, dict)] if isinstance(listed, list) else []
    return Counter(code for code in found if code)


def code_of(defect: dict) -> str:
    """The code of a defect; empty where somebody looked and it was none."""
    if defect.get("verification") in NO_DEFECT:
        return ""
    named = next((defect[key] for key in ("code", "category", "description") if defect.get(key)), "")
    return str(named)[:CODE_CHARACTERS_MAX]


def write_defects(tenant: int, entry: int, runs: Iterable[tuple[int, int, int, int, str]]) -> None:
    """Keep the codes of these runs: (unit, plan, started_at, row, measurements)."""
    rows = [
        (tenant, code, unit, plan, started_at, entry, row, times)
        for unit, plan, started_at, row, measurements in runs
        for code, times in codes_of(measurements).items()
    ]
    bulk.insert_rows("quality_defect", COLUMNS, rows)


def withdraw_defects(runs: Iterable[tuple]) -> None:
    """Close what these runs found: (by entry, tenant, unit, plan, started_at, entry, row)."""
    sql = (
        "UPDATE quality_defect SET until_entry = %s WHERE tenant = %s AND unit = %s AND plan = %s AND started_at = %s "
        'AND entry = %s AND "row" = %s AND until_entry IS NULL'
    )
    bulk.run_many(sql, list(runs))
