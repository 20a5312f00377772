"""What speaks against a test run that is recorded: worked out from what it says and from the plans of the record, stored nowhere.

A run is kept as its tester told it; a PASS with a value outside of its limits stays a PASS that somebody reported, and is in doubt.
The gate and the unit's page ask here. Values are compared in the unit of the limits, exactly.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.built.quality.checked import version_run
from asbuilt.built.quality.steps import Taken, missing_steps, of_plan, steps_of
from asbuilt.designed.catalog.test_plans import Version, in_force
from asbuilt.formats.measurements import RUN
from asbuilt.kernel import measures
from asbuilt.kernel.errors import Invalid

OUTSIDE_LIMITS, STEP_FAILED, WITHOUT_EVIDENCE = "outside_limits", "step_failed", "without_evidence"
VERSION_UNKNOWN, NOT_APPROVED, NOT_IN_FORCE = "version_unknown", "not_approved", "not_in_force"
OTHER_REVISION, CLOCK_WRONG, UNITS_DIFFER = "other_revision", "clock_wrong", "units_differ"


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
) -> list[Doubt]:
    """What speaks against a run. `versions` are those of its plan (none: no plan of this name); `revision` is the unit's."""
    said = json.loads(measurements) if measurements else {}
    taken = steps_of(said)
    version = version_run(list(versions), plan_version, started_at)
    found = _about_plan(version, plan_version, started_at, versions, revision)
    if outcome == "pass":
        found += [doubt for one in taken.values() for doubt in own_doubts(one)]
        found += _against_plan(version, taken)
    run = said.get(RUN) if isinstance(said, dict) else None
    if isinstance(run, dict) and run.get("clock_off_seconds"):
        found.append(Doubt(CLOCK_WRONG, f"{run['clock_off_seconds']} s"))
    return list(dict.fromkeys(found))


def own_doubts(one: Taken) -> list[Doubt]:
    """What speaks against one step of a run that says PASS, by its own limits and its own verdict."""
    if one.result in ("fail", "error"):
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
    below = one.low is not None and (
        value < measures.of_float(one.low) or (not low_in and value == measures.of_float(one.low))
    )
    above = one.high is not None and (
        value > measures.of_float(one.high) or (not high_in and value == measures.of_float(one.high))
    )
    return (
        [Doubt(OUTSIDE_LIMITS, f"{one.name} {one.value} {one.unit}".strip() + f" ({one.limits})")]
        if below or above
        else []
    )


def _about_plan(
    version: Version | None, named: str, started_at: int, versions: Sequence[Version], revision: str
) -> list[Doubt]:
    if not versions:
        return []
    if version is None:
        return [Doubt(VERSION_UNKNOWN, named)] if named else [Doubt(NOT_APPROVED, versions[0].plan)]
    found = []
    current = in_force(versions, started_at)
    if version.approval(started_at) is None:
        found.append(Doubt(NOT_APPROVED, version.version))
    elif current is not None and current.version != version.version:
        found.append(Doubt(NOT_IN_FORCE, f"{version.version}, {current.version}"))
    allowed = version.content.revisions
    if allowed and revision and revision not in allowed:
        found.append(Doubt(OTHER_REVISION, f"{revision}, {', '.join(allowed)}"))
    return found


def _against_plan(version: Version | None, taken: dict[str, Taken]) -> list[Doubt]:
    if version is None:
        return []
    plan = version.content
    missing = missing_steps(plan, taken)
    found = [Doubt(WITHOUT_EVIDENCE, ", ".join(step.name for step in missing))] if missing else []
    for step in plan.steps:
        one = of_plan(step, taken)
        if one is None or one.value is None:
            continue
        try:
            if step.holds(one.value, one.unit) is False:
                found.append(Doubt(OUTSIDE_LIMITS, f"{step.name} {one.value} {one.unit}".strip() + f" ({step.limits})"))
        except Invalid:
            found.append(Doubt(UNITS_DIFFER, f"{step.name}: {one.unit}, {step.unit}"))
    return found
