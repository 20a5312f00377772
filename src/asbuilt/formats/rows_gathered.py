"""Rows of a file that tell one step, or one defect, each: those of one run become one run.

An ICT, a flying probe or an AOI often writes a row a component. Rows of the same unit, plan, version, station and start are one run: its
measurements by their names (a name told twice has two values, `R1#2`: both have to hold), its defects one after the other, its outcome the worst
(error, fail, aborted, pass), its end the last. A row whose only defect a person rejected does not fail the unit.
"""

import json

from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.formats.measurements import DEFECTS

TOLD = {
    "measurement": ("name", "value", "units", "min", "max", "limit_units", "expected", "comparison", "result", "step"),
    "defect": ("code", "category", "description", "at", "x", "y", "part", "verification", "picture", "kind", "comments"),
}  # fmt: skip
"""What a row may tell of its one step, and of its one defect."""
NUMBERS = {"measurement.value", "measurement.min", "measurement.max", "defect.x", "defect.y"}
_RUN = (0, 1, 2, 3, 6)  # serial, plan, plan_version, station, started_at of tests.csv
_OUTCOME, _FINISHED, _MEASURED = 5, 7, 8
_WORST = ("pass", "aborted", "fail", "error")


def told_of(one: dict[str, dict]) -> dict[str, object]:
    """The measurements of one row, from what its columns `measurement.…` and `defect.…` hold."""
    found: dict[str, object] = {}
    step, defect = dict(one.get("measurement", {})), one.get("defect", {})
    name = str(step.pop("name", ""))
    if name:
        found[f"{name}_" if name == DEFECTS or name.startswith("$") else name] = step
    if any(defect.get(key) for key in ("code", "category", "description")):
        found[DEFECTS] = [defect]
    return found


def outcome_of(outcome: str, defect: dict) -> str:
    """What a row says of its unit: nothing bad where its defect was rejected."""
    return "pass" if outcome == "fail" and defect.get("verification") in NO_DEFECT else outcome


def gathered(lines: list[int], rows: list[tuple[str, ...]]) -> tuple[list[int], list[tuple[str, ...]]]:
    """(lines, rows) with one row a run, on the line of its first."""
    runs: dict[tuple, tuple[int, list[str], dict]] = {}
    for line, row in zip(lines, rows, strict=True):
        said = json.loads(row[_MEASURED]) if row[_MEASURED] else {}
        key = tuple(row[place] for place in _RUN)
        if key not in runs:
            runs[key] = (line, list(row), said)
            continue
        _, cells, before = runs[key]
        cells[_OUTCOME] = max(cells[_OUTCOME], row[_OUTCOME], key=_WORST.index)
        cells[_FINISHED] = max(cells[_FINISHED], row[_FINISHED])
        _add(before, said)
    for _, cells, said in runs.values():
        cells[_MEASURED] = json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else ""
    return [line for line, _, _ in runs.values()], [tuple(cells) for _, cells, _ in runs.values()]


def _add(before: dict, said: dict) -> None:
    for name, value in said.items():
        if name == DEFECTS and isinstance(value, list):
            before.setdefault(DEFECTS, []).extend(value)
        elif name not in before:
            before[name] = value
        elif before[name] != value:
            number = 2
            while f"{name}#{number}" in before:
                number += 1
            before[f"{name}#{number}"] = value
