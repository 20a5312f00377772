"""Test plans: what is measured on a unit, between which limits, and what each step proves. A permit may name one by its hash.

A plan is a JSON object; the SHA-256 of its canonical bytes (RFC 8785) names it. Limits are decimals written as text, so that
no reader of the document rounds them; they hold in the step's unit, whatever unit a tester reports.

    {"schema": 1, "plan": "FCT", "version": "2", "product": "AB-100", "revisions": ["C"], "every": 1, "rules": "cra-annex-i/1",
     "steps": [{"name": "vdd_3v3", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": "3.4", "unit": "V",
                "expected": "", "criticality": "critical", "proves": ["I.2.h"], "needed": true}]}

- kind: numeric (low, high), text (expected), verdict (a pass or fail without a value).
- comparison: GELE low ≤ x ≤ high, GTLT, GELT, GTLE; GE, GT low only; LE, LT high only; EQ, NE against expected; LOG judges nothing.
- every: 1 is each unit, 50 one of fifty on average: `TestPlan.samples`, the one rule that station and gate both obey.
- station: how a station carries the plan out (kernel.planned_runs); left out where something else tests.
- needed: a run that says PASS must bring this step's result. `proves`: keys of the rule set, checked above.

Refused: unknown fields, limits that the comparison has no use for, low above high, an unknown unit, a step named twice.
"""

from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from asbuilt.kernel import measures, planned_runs
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.documents import (
    LeftOut,
    fields,
    into,
    many,
    name,
    once_each,
    one_of,
    read,
    text,
    whole,
    wrong,
    yes_or_no,
)
from asbuilt.kernel.errors import Invalid

TEST_PLAN_BYTES_MAX = 512 * 1024
STEPS_MAX = 2_000
NUMERIC, TEXT, VERDICT = "numeric", "text", "verdict"
KINDS = (NUMERIC, TEXT, VERDICT)
CRITICALITIES = ("critical", "major", "minor")
# comparison -> (is there a low limit, is there a high one, is low itself inside, is high itself inside)
BETWEEN = {
    "GELE": (True, True, True, True), "GTLT": (True, True, False, False), "GELT": (True, True, True, False),
    "GTLE": (True, True, False, True), "GE": (True, False, True, False), "GT": (True, False, False, False),
    "LE": (False, True, False, True), "LT": (False, True, False, False),
}  # fmt: skip
COMPARISONS = (*BETWEEN, "EQ", "NE", "LOG")


@dataclass(frozen=True)
class Step:
    """A step of a test plan; limits and expected value as text, empty where there is none."""

    name: str
    kind: str
    comparison: str
    low: str
    high: str
    unit: str
    expected: str
    criticality: str
    proves: tuple[str, ...]
    needed: bool

    @property
    def limits(self) -> str:
        """In words: `3.2 to 3.4 V`, `up to 5 µA`, `= 1.4.2`."""
        if self.comparison in BETWEEN:
            words = (
                f"{self.low} to {self.high}"
                if self.low and self.high
                else f"from {self.low}"
                if self.low
                else f"up to {self.high}"
            )
            return f"{words} {self.unit}".strip()
        sign = {"EQ": "=", "NE": "not"}.get(self.comparison, "")
        return f"{sign} {self.expected} {self.unit}".strip() if sign else ""

    def holds(self, value: object, unit: str) -> bool | None:
        """Whether a value in some unit keeps the limits; None where nothing is to be kept. Invalid: units do not compare."""
        if self.comparison == "LOG" or self.kind == VERDICT:
            return None
        if self.kind == TEXT:
            return (str(value) == self.expected) == (self.comparison == "EQ")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        found = measures.of_float(value)
        # a tester that names no unit measures in the plan's
        found = measures.in_unit(found, unit, self.unit) if unit and self.unit else found
        return within(found, self.comparison, self.low, self.high, self.expected)


def within(value: Decimal, comparison: str, low: str, high: str, expected: str = "") -> bool:
    """Whether a number keeps limits of the same unit."""
    if comparison in ("EQ", "NE"):
        return (value == Decimal(expected)) == (comparison == "EQ")
    has_low, has_high, low_in, high_in = BETWEEN[comparison]
    right_low = not has_low or (value >= Decimal(low) if low_in else value > Decimal(low))
    return right_low and (not has_high or (value <= Decimal(high) if high_in else value < Decimal(high)))


@dataclass(frozen=True)
class TestPlan:
    """A test plan. `document` are its canonical bytes, `sha256` names them."""

    __test__ = False  # no test of pytest's

    plan: str
    version: str
    product: str
    revisions: tuple[str, ...]
    every: int
    rules: str
    steps: tuple[Step, ...]
    station: planned_runs.AtStation | None = None
    document: bytes = b""
    sha256: str = ""

    def step(self, wanted: str) -> Step | None:
        """The step of this name."""
        return next((step for step in self.steps if step.name == wanted), None)

    def samples(self, unit: str) -> bool:
        """Whether the plan asks for this unit, by its serial number (ORDER#n where it has none).

        One of `every` units is drawn by the SHA-256 of the plan's own hash and the name: a station that is offline, the gate and whoever
        looks later draw the same one, in whatever order units come, and neither a label in the order nor a count to be missed tells where
        the next one lies. Each version draws anew. How many of an order are drawn varies; who wants all of few units writes `every` 1.
        """
        drawn = sha256(b"asbuilt/sample\n" + self.sha256.encode() + b"\n" + unit.encode()).digest()
        return int.from_bytes(drawn[:8], "big") % self.every == 0

    @property
    def needed(self) -> tuple[Step, ...]:
        """The steps without which a pass is no pass."""
        return tuple(step for step in self.steps if step.needed)


_STEP = into(
    Step,
    fields(
        name=text(120, least=1), kind=one_of(*KINDS), comparison=one_of(*COMPARISONS), low=text(40), high=text(40),
        unit=text(measures.UNIT_CHARACTERS_MAX), expected=text(200), criticality=one_of(*CRITICALITIES),
        proves=once_each(many(name(40), most=20)), needed=yes_or_no,
    ),
)  # fmt: skip
_PLAN = fields(
    schema=one_of(1),
    plan=text(80, least=1),
    version=name(60),
    product=text(80, least=1),
    revisions=once_each(many(text(60, least=1), most=50)),
    every=whole(1, 1_000_000),
    rules=text(80),
    steps=once_each(many(_STEP, least=1, most=STEPS_MAX), lambda step: step.name),
    station=LeftOut(None, planned_runs.AT_STATION),
)


def parse_test_plan(payload: bytes) -> TestPlan:
    """The plan of this JSON, whatever its spaces; Invalid names the field that is wrong."""
    line = canonical_bytes(parse_strict(payload, bytes_max=TEST_PLAN_BYTES_MAX, nesting_max=8))
    found = read(line, _PLAN, bytes_max=TEST_PLAN_BYTES_MAX)
    del found["schema"]
    for number, step in enumerate(found["steps"]):
        _check(step, f"steps.{number}")
        if step.proves and not found["rules"]:
            raise wrong("rules", "names the rule set of what the steps prove")
    if found["station"]:
        planned_runs.check_steps(found["station"], {step.name: step.kind for step in found["steps"]})
    return TestPlan(**found, document=line, sha256=sha256(line).hexdigest())


def _check(step: Step, path: str) -> None:
    has_low, has_high, *_ = BETWEEN.get(step.comparison, (False, False))
    for column, wanted in (("low", has_low), ("high", has_high)):
        if bool(getattr(step, column)) != wanted:
            raise wrong(f"{path}.{column}", f"stands where {step.comparison} needs it, and only there")
    if (step.comparison in ("EQ", "NE")) != bool(step.expected):
        raise wrong(f"{path}.expected", "stands with EQ and NE, and only there")
    if step.kind != NUMERIC and (step.comparison in BETWEEN or step.unit):
        raise wrong(f"{path}.comparison", "has limits and units only where the kind is numeric")
    if step.kind == VERDICT and step.comparison != "LOG":
        raise wrong(f"{path}.comparison", "is LOG for a verdict, which has no value")
    if step.unit and not measures.is_unit(step.unit):
        raise wrong(f"{path}.unit", "is no unit that we know")
    if step.kind == NUMERIC:
        numbers = {
            column: _number(step, column, path) for column in ("low", "high", "expected") if getattr(step, column)
        }
        if len(numbers) == 2 and numbers["low"] > numbers["high"]:
            raise wrong(f"{path}.low", "lies above high")


def _number(step: Step, column: str, path: str) -> Decimal:
    try:
        return measures.number_of(getattr(step, column))
    except Invalid:
        raise wrong(f"{path}.{column}", "is a number written as text, such as 3.2") from None


@dataclass(frozen=True)
class Change:
    """What differs between two versions: where, what stood there, what stands there now (empty: nothing)."""

    where: str
    before: str
    after: str


def changes(before: TestPlan, after: TestPlan) -> tuple[Change, ...]:
    """Every difference between two versions, steps by their names; the version itself is none."""
    found = []
    for where in ("product", "revisions", "every", "rules"):
        found += _change(where, getattr(before, where), getattr(after, where))
    for one in after.steps:
        old = before.step(one.name)
        if old is None:
            found.append(Change(f"step {one.name}", "", f"{one.kind} {one.limits}".strip()))
            continue
        for column in ("kind", "comparison", "low", "high", "unit", "expected", "criticality", "proves", "needed"):
            found += _change(f"step {one.name}: {column}", getattr(old, column), getattr(one, column))
    gone = [old for old in before.steps if after.step(old.name) is None]
    found += [Change(f"step {old.name}", f"{old.kind} {old.limits}".strip(), "") for old in gone]
    kept = [step.name for step in before.steps if after.step(step.name)]
    if kept != [step.name for step in after.steps if before.step(step.name)]:
        found.append(
            Change("order of steps", ", ".join(kept), ", ".join(s.name for s in after.steps if before.step(s.name)))
        )
    said, says = (plan.station.in_words() if plan.station else {} for plan in (before, after))
    for where in dict.fromkeys([*said, *says]):
        found += _change(where, said.get(where, ""), says.get(where, ""))
    return tuple(found)


def _change(where: str, before: object, after: object) -> list[Change]:
    return [] if before == after else [Change(where, _words(before), _words(after))]


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
