"""What a foreign result says, in our words: one run of a plan on a unit, or one repair; and as cells of tests.csv and processes.csv.

The cell `measurements` is a JSON object. Each name is a step of the run; behind it stand `value`, `units`, `min`, `max`,
`limit_units`, `comparison`, `expected` and `result` as far as the tester said them; `vdd~2` is the next try of `vdd`, `vdd#2` another value
that was told under the same name. Two names are not steps: `defects` are findings
with their places, `$run` is what belongs to the run as a whole (fixture, retry, sub-units, attachments, which file it came from).
"""

import json
from dataclasses import dataclass, field

from asbuilt.formats.measurements import DEFECTS, RUN, Steps

STEPS_MAX = 5_000
ATTACHMENTS_MAX = 500
RECORDS_MAX = 5_000
MEASUREMENTS_CHARACTERS_MAX = 1_000_000
OUTCOMES = ("pass", "fail", "error", "aborted")
REPAIR = "REPAIR"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass
class Result:
    """One run of a test plan on a unit. Times are UTC microseconds; `record` counts in the file, from 1."""

    record: int
    serial: str
    outcome: str
    started_at: int
    finished_at: int
    plan: str
    plan_version: str = ""
    part_number: str = ""
    station: str = ""
    operator: str = ""
    steps: Steps = field(default_factory=Steps)
    defects: list[dict] = field(default_factory=list)
    run: dict[str, object] = field(default_factory=dict)

    def add(self, name: str, said: dict, turn: tuple[str, int] = ("", 1)) -> None:
        """Add a step; see `measurements.Steps`."""
        self.steps.put(name, said, turn)

    @property
    def measurements(self) -> str:
        """The cell; empty where nothing was measured."""
        said: dict[str, object] = dict(self.steps)
        if self.defects:
            said[DEFECTS] = self.defects
        run = {name: value for name, value in self.run.items() if value not in ("", None, [], {})}
        if run:
            said[RUN] = run
        return _encode(said) if said else ""


@dataclass
class Repair:
    """One repair of a unit: what was found and what was done."""

    record: int
    serial: str
    result: str
    started_at: int
    finished_at: int
    process: str
    part_number: str = ""
    station: str = ""
    operator: str = ""
    failures: list[dict] = field(default_factory=list)
    run: dict[str, object] = field(default_factory=dict)

    @property
    def readings(self) -> str:
        """The cell of processes.csv: `repair1`, `repair2` … as other repairs are kept."""
        said: dict[str, object] = {f"repair{n}": failure for n, failure in enumerate(self.failures, 1)}
        run = {name: value for name, value in self.run.items() if value not in ("", None, [], {})}
        return _encode(said | ({RUN: run} if run else {}))


@dataclass
class Results:
    """What a file holds: results or repairs, never both, and what a person should know."""

    results: list[Result] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
