"""Steps of a run as its measurements tell them, whoever wrote them: a value with its unit, own limits, own verdict.

What shows a step is its value, of a verdict that it passed. A step that was skipped, or of which nothing was decided, shows nothing, whatever
the run says as a whole; nor does a verdict that failed, unless a person rejected all that it found (a false call).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from asbuilt.formats.cfx.testing import CONFIRMED, NO_DEFECT
from asbuilt.formats.measurements import DEFECTS, FAILED, NOT_CARRIED_OUT, RUN
from asbuilt.kernel.test_plans import VERDICT, Step, TestPlan

PASSED = ("pass",)
_AS_GOOD_AS_SKIPPED = frozenset(
    (
        *NOT_CARRIED_OUT,
        "skip",
        "disabled",
        "suppressed",
        "notrun",
        "not run",
        "not tested",
        "n/a",
        "na",
        "inconclusive",
        "not executed",
    )
)


@dataclass(frozen=True)
class Taken:
    """One step as it was taken. `value` is None where there is only a verdict; limits stand in `limit_unit`. `others` are more values that were
    told under its name elsewhere in the run: each has to hold too. `rule` is a limit in the tester's own words."""

    name: str
    value: object = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    limit_unit: str = ""
    comparison: str = ""
    expected: object = None
    result: str = ""
    rule: str = ""
    others: tuple["Taken", ...] = ()

    @property
    def limits(self) -> str:
        """In words, as the tester had them."""
        words = ""
        if self.low is not None and self.high is not None:
            words = f"{self.low} to {self.high}"
        elif self.low is not None or self.high is not None:
            words = f"from {self.low}" if self.high is None else f"up to {self.high}"
        elif self.expected is not None:
            words = f"= {self.expected}"
        elif self.rule:
            return self.rule
        return f"{words} {self.limit_unit or self.unit}".strip() if words else ""


def steps_of(measurements: object) -> dict[str, Taken]:
    """Name -> step, of the cell `measurements`; a plain number or text is a value. Of the tries of a name (`vdd~2`) the last counts; another value
    under it (`vdd#2`) stands for itself and beside the first. What an older reader called a try of another phase is such a value."""
    found: dict[str, Taken] = {}
    if not isinstance(measurements, Mapping):
        return found
    others: dict[str, dict[str, None]] = defaultdict(dict)
    for key, said in measurements.items():
        if key in (DEFECTS, RUN):
            continue
        name, of, tried = key, "", _head(key, "~")
        if tried and _step_of(measurements.get(tried, said)) == _step_of(said):
            name = tried
        elif tried:
            of = tried
        found[name] = _taken(name, said)
        if (base := _head(name, "#")) in measurements:
            of = base
        if of:
            others[of][name] = None
    for of, names in others.items():
        if of in found:
            found[of] = replace(found[of], others=tuple(found[name] for name in names))
    return found


def _head(key: str, mark: str) -> str:
    """What a key `vdd~2` is one more of; empty where it is none."""
    head, there, tail = key.rpartition(mark)
    return head if there and tail.isdigit() else ""


def _step_of(said: object) -> object:
    return said.get("step") if isinstance(said, Mapping) else None


def _taken(name: str, said: object) -> Taken:
    if not isinstance(said, Mapping):
        return Taken(name, said if isinstance(said, bool | int | float | str) else None)
    number = {
        key: said[key]
        for key in ("min", "max")
        if isinstance(said.get(key), int | float) and not isinstance(said[key], bool)
    }
    word = {key: str(said.get(key) or "") for key in ("units", "limit_units", "comparison", "result", "rule")}
    value = said.get("value")
    return Taken(
        name, value if isinstance(value, bool | int | float | str) else None, word["units"], number.get("min"), number.get("max"),
        word["limit_units"], word["comparison"], said.get("expected"), word["result"], word["rule"],
    )  # fmt: skip


def of_plan(step: Step, taken: Mapping[str, Taken]) -> Taken | None:
    """What a run says of a step of its plan: by its name, else by the last part of a path that no other step has."""
    if step.name in taken:
        return taken[step.name]
    found = [one for name, one in taken.items() if name.rpartition("/")[2] == step.name]
    return found[0] if len(found) == 1 else None


def is_shown(step: Step, one: Taken | None, said: object) -> bool:
    """Whether what was taken of a step is evidence of it; `said` is everything that the run says."""
    if one is None or one.result.strip().casefold() in _AS_GOOD_AS_SKIPPED:
        return False
    if step.kind != VERDICT:
        return one.value is not None
    return one.result in PASSED or (one.result in FAILED and false_calls(said, one.name))


def confirmed_defects(said: object) -> list[str]:
    """Code and place of what a person confirmed, or repaired and nobody looked at since."""
    found = said.get(DEFECTS) if isinstance(said, Mapping) else None
    mine = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    words = [
        f"{one.get('code') or one.get('category') or one.get('description') or ''} {one.get('at') or ''}".strip()[:200]
        for one in mine
        if one.get("verification") in CONFIRMED
    ]
    return list(dict.fromkeys(words))


def failed_steps(said: object) -> list[str]:
    """The names of steps that failed by their own verdict, but for false calls."""
    return [name for name, one in steps_of(said).items() if one.result in FAILED and not false_calls(said, name)]


def missing_steps(plan: TestPlan, said: object) -> list[Step]:
    """The needed steps of which a run has no evidence, of its whole cell `measurements`."""
    taken = steps_of(said)
    first = {step.name: of_plan(step, taken) for step in plan.needed}
    told = {name: (one, *one.others) if one is not None else () for name, one in first.items()}
    return [step for step in plan.needed if not any(is_shown(step, one, said) for one in told[step.name])]


def false_calls(said: object, name: str) -> bool:
    """Whether an inspection of this name found only what a person rejected as no defect."""
    found = said.get(DEFECTS) if isinstance(said, Mapping) else None
    mine = (
        [one for one in found if isinstance(one, dict) and one.get("inspection") == name]
        if isinstance(found, list)
        else []
    )
    return bool(mine) and all(one.get("verification") in NO_DEFECT for one in mine)
