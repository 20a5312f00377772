"""What only one unit may have, as test runs of stations showed it: public keys by their SHA-256, passwords by their keyed commitment.

A station sees the units that come to it; here those of all stations meet. The second unit with an identity fails the step that showed it,
whatever its station said, and the run names the other units (as ORDER#n; who may see them is asked where it is read). The table is worked
out from what the runs say, as that of defects is.

    "$run": {"identities": [{"step": "own.unique", "kind": "password", "sha256": "…"}], "shared_with": ["WO-7#3"], …}
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from asbuilt.formats.measurements import RUN
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "sha256", "unit", "plan", "started_at", "entry", "row")
IDENTITIES, SHARED = "identities", "shared_with"
MARK = f'"{IDENTITIES}"'
SHARED_NAMED_MAX = 5
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


def shared(tenant: int, units: Sequence[int], measured: Sequence[str]) -> dict[int, dict[str, set[int]]]:
    """Run of this batch -> step -> other units that showed the same, here or in an earlier run of the batch. One statement."""
    told = [identities_of(text) for text in measured]
    wanted = sorted({digest for one in told for digest in one})
    if not wanted:
        return {}
    holders: dict[str, set[int]] = defaultdict(set)
    sql = "SELECT sha256, unit FROM quality_identity WHERE tenant = %s AND until_entry IS NULL AND "
    for digest, unit in reading.fetch(sql + reading.any_of("sha256", "text"), (tenant, reading.list_param(wanted))):
        holders[digest].add(unit)
    found: dict[int, dict[str, set[int]]] = {}
    for number, (unit, shown) in enumerate(zip(units, told, strict=True)):
        for digest, step in shown.items():
            if others := holders[digest] - {unit}:
                found.setdefault(number, {}).setdefault(step, set()).update(others)
            holders[digest].add(unit)
    return found


def failed(measurements: str, steps: dict[str, set[int]], name_of: Callable[[int], str]) -> str:
    """The cell of a run whose steps showed what other units have: those steps failed, and the run names the units."""
    said = json.loads(measurements)
    run = said[RUN]
    kinds = {one["step"]: one.get("kind", "") for one in run[IDENTITIES]}
    for step in steps:
        if isinstance(said.get(step), dict):
            said[step] |= {"result": "fail", "said": SAID}
    others = sorted(set().union(*steps.values()))
    run[SHARED] = [name_of(unit) for unit in others[:SHARED_NAMED_MAX]]
    password = any(kinds.get(step) == "password" for step in steps)
    run["reason"] = "password_shared" if password else "key_shared"
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
