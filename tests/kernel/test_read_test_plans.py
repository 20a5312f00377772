"""Test plans: every rule between their fields, what their limits hold, and what differs between two versions."""

import json
import random
from hashlib import sha256

import pytest

from asbuilt.kernel import test_plans as plans
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid


def step(name="vdd_3v3", **more):
    said = {"name": name, "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": "3.4", "unit": "V", "expected": "",
            "criticality": "critical", "proves": [], "needed": True}  # fmt: skip
    return said | more


def plan(*steps, **more):
    said = {"schema": 1, "plan": "FCT", "version": "1", "product": "AB-100", "revisions": ["C"], "every": 1, "rules": "",
            "steps": list(steps or [step()])}  # fmt: skip
    return said | more


def parsed(said):
    return plans.parse_test_plan(json.dumps(said).encode())


def wrong(said) -> str:
    with pytest.raises(Invalid) as refusal:
        parsed(said)
    return refusal.value.facts["field"]


def test_a_plan_is_named_by_the_hash_of_its_canonical_bytes():
    spaced = json.dumps(plan(), indent=3).encode()
    assert plans.parse_test_plan(spaced).sha256 == sha256(canonical_bytes(plan())).hexdigest()
    assert parsed(plan()).document == canonical_bytes(plan())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (plan(step(low="3.5")), "steps.0.low"),
        (plan(step(comparison="LE")), "steps.0.low"),
        (plan(step(comparison="GE")), "steps.0.high"),
        (plan(step(comparison="EQ", low="", high="")), "steps.0.expected"),
        (plan(step(expected="1")), "steps.0.expected"),
        (plan(step(unit="furlong")), "steps.0.unit"),
        (plan(step(low="NaN")), "steps.0.low"),
        (plan(step(low="3,2")), "steps.0.low"),
        (plan(step(low=3.2)), None),
        (plan(step(kind="text")), "steps.0.comparison"),
        (plan(step(kind="verdict", low="", high="", unit="", comparison="EQ", expected="x")), "steps.0.comparison"),
        (plan(step(), step()), "steps"),
        (plan(step(proves=["I.2.j"])), "rules"),
        (plan(step(criticality="fatal")), "steps.0.criticality"),
        (plan(every=0), "every"),
        (plan(more=1), "more"),
        (plan(version="a b"), "version"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_by_name(said, field):
    if field is None:  # a limit as a number with a fraction is refused before any field is looked at
        with pytest.raises(Invalid):
            parsed(said)
    else:
        assert wrong(said) == field


@pytest.mark.parametrize(
    ("comparison", "low", "high", "inside", "outside"),
    [
        ("GELE", "1", "2", (1, 1.5, 2), (0.999, 2.001)),
        ("GTLT", "1", "2", (1.001, 1.999), (1, 2)),
        ("GELT", "1", "2", (1, 1.999), (2, 0.5)),
        ("GTLE", "1", "2", (1.001, 2), (1, 2.001)),
        ("GE", "1", "", (1, 99), (0.999,)),
        ("GT", "1", "", (1.001,), (1,)),
        ("LE", "", "2", (2, -9), (2.001,)),
        ("LT", "", "2", (1.999,), (2,)),
    ],
)
def test_limits_hold_as_their_comparison_says(comparison, low, high, inside, outside):
    one = parsed(plan(step(comparison=comparison, low=low, high=high))).steps[0]
    assert all(one.holds(value, "V") for value in inside) and not any(one.holds(value, "V") for value in outside)


def test_a_value_in_another_unit_than_the_plan_is_compared_in_the_plans():
    one = parsed(plan(step(low="28", high="28.2", unit="kOhm"))).steps[0]
    assert one.holds(28200, "Ohm") and not one.holds(28300, "Ohm") and one.holds(28.1, "") and one.holds(0.0281, "MΩ")
    with pytest.raises(Invalid):
        one.holds(28, "V")


def test_texts_verdicts_and_what_is_only_logged():
    text = step("fw", kind="text", comparison="EQ", low="", high="", unit="", expected="1.4.2")
    verdict = step("boot", kind="verdict", comparison="LOG", low="", high="", unit="")
    logged = step("temp", comparison="LOG", low="", high="", unit="degC")
    found = parsed(plan(text, verdict, logged)).steps
    assert found[0].holds("1.4.2", "") and not found[0].holds("1.4.1", "")
    assert found[1].holds("whatever", "") is None and found[2].holds(1e9, "degC") is None
    assert parsed(plan()).steps[0].holds("3.3", "V") is False and parsed(plan()).steps[0].holds(True, "V") is False


def test_two_versions_differ_in_what_was_changed():
    first = parsed(plan(step(), step("idd", low="", high="5", comparison="LE", unit="uA")))
    second = parsed(
        plan(
            step(high="3.45"),
            step("boot", kind="verdict", comparison="LOG", low="", high="", unit=""),
            version="2",
            every=10,
        )
    )
    assert [(one.where, one.before, one.after) for one in plans.changes(first, second)] == [
        ("every", "1", "10"),
        ("step vdd_3v3: high", "3.4", "3.45"),
        ("step boot", "", "verdict"),
        ("step idd", "numeric up to 5 uA", ""),
    ]
    turned = parsed(plan(*reversed([step(), step("idd")])))
    assert [one.where for one in plans.changes(parsed(plan(step(), step("idd"))), turned)] == ["order of steps"]


def test_damaged_plans_never_end_in_anything_but_a_refusal():
    chance, whole = random.Random(280), bytearray(canonical_bytes(plan()))
    for _ in range(2_000):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            plans.parse_test_plan(bytes(broken))
        except AsbuiltError as refusal:
            assert refusal.code.startswith("kernel.")
