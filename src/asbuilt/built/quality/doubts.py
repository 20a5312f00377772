"""What speaks against a test run that is recorded: worked out from what it says and from the plans of the record, stored nowhere.

A run is kept as its tester told it; a PASS with a value outside of its limits stays a PASS that somebody reported, and is in doubt.
The unit's page asks for everything (`doubts_of`); the gate for what makes a PASS none by the plan in force (`no_pass`). Values are compared in
the unit of the limits, exactly.
"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.built.quality.checked import PART, version_run
from asbuilt.built.quality.steps import (
    FAILED,
    Taken,
    confirmed_defects,
    false_calls,
    is_shown,
    missing_steps,
    of_plan,
    steps_of,
)
from asbuilt.designed.catalog.test_plans import Version
from asbuilt.formats.measurements import DEFECTS, RUN, SAID_OUTCOME
from asbuilt.kernel import measures
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.test_plans import BETWEEN, NUMERIC, Step, TestPlan

OUTSIDE_LIMITS, STEP_FAILED, WITHOUT_EVIDENCE = "outside_limits", "step_failed", "without_evidence"
VERSION_UNKNOWN, NOT_APPROVED, NOT_IN_FORCE = "version_unknown", "not_approved", "not_in_force"
OTHER_REVISION, CLOCK_WRONG, UNITS_DIFFER = "other_revision", "clock_wrong", "units_differ"
SHARED, BEFORE_ORDER, PART_UNKNOWN, DEFECT_CONFIRMED = "shared", "before_order", "part_unknown", "defect_confirmed"
SAID_OTHERWISE = "said_otherwise"


OUTSIDE = ("LTGT", "LEGE", "LEGT", "LTGE")
"""Comparisons of WATS that hold below the low limit or above the high one."""


@dataclass(frozen=True)
class Doubt:
    """One thing that speaks against a run: a code, and what it is about in words (a step with value and limits, a version)."""

    code: str
    about: str = ""


def doubts_of(
    measurements: str,
    *,
    outcome: str,
    plan_version: str,
    started_at: int,
    versions: Sequence[Version] = (),
    revision: str = "",
    opened_at: int | None = None,
) -> list[Doubt]:
    """What speaks against a run. `versions` are those of its plan (none: no plan of this name); `revision` is the unit's, `opened_at` when its
    order was opened."""
    said = json.loads(measurements) if measurements else {}
    taken = steps_of(said)
    version = version_run(versions, plan_version, started_at, revision or None)
    found = _about_plan(version, plan_version, started_at, versions, revision)
    if outcome == "pass":
        found += [
            doubt
            for one in taken.values()
            for doubt in own_doubts(one)
            if doubt.code != STEP_FAILED or not false_calls(said, one.name)
        ]
        found += [Doubt(DEFECT_CONFIRMED, one) for one in confirmed_defects(said)]
        found += _against_plan(version, said, taken)
    run = said.get(RUN) if isinstance(said, dict) else None
    if isinstance(run, dict) and run.get("clock_off_seconds"):
        found.append(Doubt(CLOCK_WRONG, f"{run['clock_off_seconds']} s"))
    if isinstance(run, dict) and run.get(SAID_OUTCOME):
        found.append(Doubt(SAID_OTHERWISE, str(run[SAID_OUTCOME])))
    if isinstance(run, dict) and run.get(PART):
        found.append(Doubt(PART_UNKNOWN, str(run[PART])))
    if opened_at is not None and started_at < opened_at:
        found.append(Doubt(BEFORE_ORDER, format_instant(opened_at)[:16] + "Z"))
    return list(dict.fromkeys(found))


def own_doubts(one: Taken) -> list[Doubt]:
    """What speaks against one step of a run that says PASS, by its own limits and its own verdict."""
    if one.result in FAILED:
        return [Doubt(STEP_FAILED, one.name)]
    if isinstance(one.value, bool) or not isinstance(one.value, int | float):
        return []
    words = (one.comparison + "    ")[:4]
    low_in, high_in = words[:2] != "GT", not (words[2:] == "LT" or one.comparison == "LT")
    try:
        value = measures.of_float(one.value)
        if one.unit and one.limit_unit and (one.low is not None or one.high is not None):
            value = measures.in_unit(value, one.unit, one.limit_unit)
    except Invalid:
        return [Doubt(UNITS_DIFFER, f"{one.name}: {one.unit}, {one.limit_unit}")]
    low, high = (None if limit is None else measures.of_float(limit) for limit in (one.low, one.high))
    if one.comparison in OUTSIDE and low is not None and high is not None:
        holds = value < low or value > high or (words[1] == "E" and value == low) or (words[3] == "E" and value == high)
    else:
        below = low is not None and (value < low or (not low_in and value == low))
        above = high is not None and (value > high or (not high_in and value == high))
        holds = not (below or above)
    about = f"{one.name} {one.value} {one.unit}".strip() + f" ({one.limits})"
    return [] if holds else [Doubt(OUTSIDE_LIMITS, about)]


def _about_plan(
    version: Version | None, named: str, started_at: int, versions: Sequence[Version], revision: str
) -> list[Doubt]:
    if not versions:
        return []
    if version is None:
        return [Doubt(VERSION_UNKNOWN, named)] if named else [Doubt(NOT_APPROVED, versions[0].plan)]
    found = []
    current = version_run(versions, "", started_at, revision or None)
    if version.approval(started_at) is None:
        found.append(Doubt(NOT_APPROVED, version.version))
    elif current is not None and current.version != version.version:
        found.append(Doubt(NOT_IN_FORCE, f"{version.version}, {current.version}"))
    allowed = version.content.revisions
    if allowed and revision and revision not in allowed:
        found.append(Doubt(OTHER_REVISION, f"{revision}, {', '.join(allowed)}"))
    return found


def _against_plan(version: Version | None, said: object, taken: dict[str, Taken]) -> list[Doubt]:
    if version is None:
        return []
    plan = version.content
    missing = missing_steps(plan, said)
    found = [Doubt(WITHOUT_EVIDENCE, ", ".join(step.name for step in missing))] if missing else []
    for step in plan.steps:
        first = of_plan(step, taken)
        for one in (first, *first.others) if first else ():
            if one.value is None:
                continue
            try:
                if step.holds(one.value, one.unit) is False:
                    found.append(
                        Doubt(OUTSIDE_LIMITS, f"{one.name} {one.value} {one.unit}".strip() + f" ({step.limits})")
                    )
            except Invalid:
                found.append(Doubt(UNITS_DIFFER, f"{step.name}: {one.unit}, {step.unit}"))
    return found


def no_pass(measurements: str, plan: TestPlan) -> str:
    """Why a run that says PASS is none by its plan, in words; empty where it is one. The first thing alone is told.

    A needed step without evidence (`steps.is_shown`: skipped is none), a step that failed (but by false calls that a person rejected), a value outside of the plan's
    limits or in a unit that does not compare with them; of a name that was told in several places every value counts. What the tester had for limits does not
    count: the plan's do. A defect that a person confirmed in it."""
    said = json.loads(measurements) if measurements else {}
    if confirmed := confirmed_defects(said):
        return f"a person confirmed {confirmed[0] or 'a defect'}"
    taken = steps_of(said)
    if not all(step.name in taken for step in plan.steps):
        taken = _by_plan(plan, taken)
    for step in plan.steps:
        first = taken.get(step.name)
        told = (first, *first.others) if first is not None else ()
        shown = [one for one in told if is_shown(step, one, said)]
        for one in told:
            if why := _against(step, one, said, one in shown):
                return why
        if step.needed and not shown:
            how = first.result[:20] if first is not None else ""
            return f"step {step.name} is told as {how}" if how else f"there is no result of {step.name}"
    return ""


def _against(step: Step, one: Taken, said: object, shown: bool) -> str:
    """What speaks against one value of a step, in words."""
    if one.result in FAILED and not false_calls(said, one.name):
        return f"step {step.name} did not pass"
    if not shown or one.value is None:
        return ""
    try:
        if step.holds(one.value, one.unit) is False:
            return f"{step.name} {one.value} {one.unit}".strip() + f" is outside of {step.limits}"
    except Invalid:
        if one.unit:
            return f"{step.name} is in {one.unit[:20]}, its limits in {step.unit}"
        return f"{step.name} is no number that compares with its limits"
    return ""


def _by_plan(plan: TestPlan, taken: dict[str, Taken]) -> dict[str, Taken]:
    """Step of the plan -> what was taken of it: by its name, else by the last part of a path that no other has (as `of_plan`, once for all)."""
    tails: dict[str, list[Taken]] = defaultdict(list)
    for name, one in taken.items():
        tails[name.rpartition("/")[2]].append(one)
    found = {}
    for step in plan.steps:
        if step.name in taken:
            found[step.name] = taken[step.name]
        elif len(tails.get(step.name, ())) == 1:
            found[step.name] = tails[step.name][0]
    return found


class Passes:
    """Tells of many runs of one plan whether their PASS is one: `no_pass`, with a short way for runs whose every value lies well inside."""

    def __init__(self, plan: TestPlan):
        self.plan = plan
        self._inner = [_inner(step) for step in plan.steps]

    def why_not(self, measurements: str) -> str:
        """As `no_pass`."""
        # a later try of a step stands beside it under ~2, another value under #2
        if (
            not measurements
            or "~" in measurements
            or "#" in measurements
            or _LISTED in measurements
            or not self._well_inside(json.loads(measurements))
        ):
            return no_pass(measurements, self.plan)
        return ""

    def _well_inside(self, said: object) -> bool:
        if not isinstance(said, dict):
            return False
        for name, low, high, unit in self._inner:
            one = said.get(name)
            if type(one) is dict:
                if one.get("result") not in _GOOD or one.get("units") not in ("", None, unit):
                    return False
                one = one.get("value")
            if type(one) not in (int, float) or not low < one < high or 0 < abs(one) < 1 / _FAR:
                return False
        return True


_GOOD = ("pass", "", None)
_LISTED = f'"{DEFECTS}"'
_FAR = 1e30  # what lies beyond is for the exact comparison


def _inner(step: Step) -> tuple[str, float, float, str]:
    """(name, low, high, unit) of a numeric step's limits, drawn in beyond any rounding; nothing lies inside those of another kind."""
    if step.kind != NUMERIC or step.comparison not in BETWEEN:
        return step.name, math.inf, -math.inf, step.unit
    low, high = float(step.low or -_FAR), float(step.high or _FAR)
    margin = 1e-9 * max(abs(float(limit)) for limit in (step.low, step.high) if limit)
    return step.name, low + margin, high - margin, step.unit
