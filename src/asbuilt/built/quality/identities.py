"""What only one unit may have, as test runs of stations showed it: public keys by their SHA-256, passwords by their keyed commitment.

A station sees the units that come to it; here those of all stations meet. The second unit with an identity fails the step that showed it,
whatever its station said. A run names no other unit: which ones share it is looked up where somebody reads it who may see them (test history).
The table is worked out from what the runs say, as that of defects is.

    "$run": {"identities": [{"step": "own.unique", "kind": "password", "sha256": "…"}], "reason": "password_shared", …}
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from asbuilt.formats.measurements import RUN
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "sha256", "unit", "plan", "started_at", "entry", "row")
IDENTITIES, PASSWORD = "identities", "password"
MARK = f'"{IDENTITIES}"'
SAID = "It is also on another unit."


def identities_of(measurements: str) -> dict[str, str]:
    """SHA-256 -> the step that showed it, of a cell `measurements`."""
    if MARK not in measurements:
        return {}
    said = json.loads(measurements)
    run = said.get(RUN) if isinstance(said, dict) else None
    listed = run.get(IDENTITIES) if isinstance(run, dict) else None
    return {
        one["sha256"]: str(one.get("step", ""))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and isinstance(one.get("sha256"), str) and len(one["sha256"]) == 64
    }


def write_identities(tenant: int, entry: int, runs: Iterable[tuple[int, int, int, int, str]]) -> None:
    """Keep what these runs showed: (unit, plan, started_at, row, measurements)."""
    rows = [
        (tenant, digest, unit, plan, started_at, entry, row)
        for unit, plan, started_at, row, measurements in runs
        for digest in identities_of(measurements)
    ]
    bulk.insert_rows("quality_identity", COLUMNS, rows)


def withdraw_identities(runs: Iterable[tuple]) -> None:
    """Close what these runs showed: (by entry, tenant, unit, plan, started_at, entry, row)."""
    sql = (
        "UPDATE quality_identity SET until_entry = %s WHERE tenant = %s AND unit = %s AND plan = %s AND started_at = %s "
        'AND entry = %s AND "row" = %s AND until_entry IS NULL'
    )
    bulk.run_many(sql, list(runs))


def shared(tenant: int, units: Sequence[int], measured: Sequence[str]) -> dict[int, set[str]]:
    """Run of this batch -> steps that showed what another unit has, here or in an earlier run of the batch. One statement."""
    told = [identities_of(text) for text in measured]
    holders = holders_of(tenant, {digest for one in told for digest in one})
    found: dict[int, set[str]] = {}
    for number, (unit, shown) in enumerate(zip(units, told, strict=True)):
        for digest, step in shown.items():
            if holders[digest] - {unit}:
                found.setdefault(number, set()).add(step)
            holders[digest].add(unit)
    return found


def holders_of(tenant: int, digests: Iterable[str], seen: str = " AND t.until_entry IS NULL") -> dict[str, set[int]]:
    """SHA-256 -> units that showed it; `seen` is the condition of a view. One statement, none where nothing is asked."""
    found: dict[str, set[int]] = defaultdict(set)
    wanted = sorted(digests)
    sql = f"SELECT t.sha256, t.unit FROM quality_identity t WHERE t.tenant = %s{seen} AND {reading.any_of('t.sha256', 'text')}"
    for digest, unit in reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else ():
        found[digest].add(unit)
    return found


def failed(measurements: str, steps: set[str]) -> str:
    """The cell of a run whose steps showed what another unit has: those steps failed. Which unit stands in no fact: a certificate shows it."""
    said = json.loads(measurements)
    run = said[RUN]
    kinds = {one["step"]: one.get("kind", "") for one in run[IDENTITIES]}
    for step in steps:
        if isinstance(said.get(step), dict):
            said[step] |= {"result": "fail", "said": SAID}
    run |= {
        "reason": "password_shared" if any(kinds.get(step) == PASSWORD for step in steps) else "key_shared",
        "said": SAID,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
