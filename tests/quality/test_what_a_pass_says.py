"""A PASS against its plan: the short way of many runs says the same as the whole way, at every edge. Numbers by hand and by Hypothesis."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.built.quality.doubts import Passes, no_pass
from asbuilt.kernel.test_plans import parse_test_plan


def plan(comparison="GELE", low="3.2", high="3.4", unit="V"):
    step = {"name": "v", "kind": "numeric", "comparison": comparison, "low": low, "high": high, "unit": unit, "expected": "",
            "criticality": "major", "proves": [], "needed": True}  # fmt: skip
    said = {
        "schema": 1,
        "plan": "FCT",
        "version": "1",
        "product": "B",
        "revisions": [],
        "every": 1,
        "rules": "",
        "steps": [step],
    }
    return parse_test_plan(json.dumps(said).encode())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"v": 3.2}, ""),
        ({"v": {"value": 3.4}}, ""),
        ({"v": {"value": 3.40000001}}, "v 3.40000001 is outside of 3.2 to 3.4 V"),
        ({"v": {"value": 28300, "units": "Ohm"}}, "v is in Ohm, its limits in V"),
        ({"v": {"value": 3300, "units": "mV"}}, ""),
        ({"v": {"value": 3.3, "result": "error"}}, "step v did not pass"),
        ({"v": {"value": True}}, "v True is outside of 3.2 to 3.4 V"),
        ({"v": {"value": "3.3"}}, "v 3.3 is outside of 3.2 to 3.4 V"),
        ({"v": 3.3, "v~2": {"value": 9, "units": "V"}}, "v 9 V is outside of 3.2 to 3.4 V"),
        ({"a/v": 3.3}, ""),
        ({"a/v": 3.3, "b/v": 3.3}, "there is no result of v"),
        ([], "there is no result of v"),
    ],
)
def test_each_by_hand(said, why):
    text = json.dumps(said)
    assert no_pass(text, plan()) == why == Passes(plan()).why_not(text)


def test_ohms_against_kilohms():
    """28,300 ohms are outside of 27 to 28.2 kilohms, 28,100 are not."""
    kilo = plan(low="27", high="28.2", unit="kOhm")
    said = {value: json.dumps({"v": {"value": value, "units": "Ohm"}}) for value in (28_100, 28_300)}
    assert (
        no_pass(said[28_100], kilo) == "" and no_pass(said[28_300], kilo) == "v 28300 Ohm is outside of 27 to 28.2 kOhm"
    )


NEAR = st.sampled_from([3.2, 3.4, 3.2 - 1e-12, 3.4 + 1e-12, 3.2 + 1e-9, 3.4 - 1e-9, 0, -3.3, 3, 1e300])
SAID = st.one_of(
    NEAR, st.floats(allow_nan=False, allow_infinity=False),
    st.fixed_dictionaries(
        {"value": NEAR}, optional={"units": st.sampled_from(["V", "mV", "", "A"]), "result": st.sampled_from(["pass", "fail", "", "done"])}
    ),
)  # fmt: skip


@given(SAID, st.sampled_from(["GELE", "GTLT", "GELT", "GTLE", "GE", "GT", "LE", "LT"]), st.booleans())
def test_the_short_way_says_what_the_whole_way_says(said, comparison, again):
    bounds = {"low": "3.2" if comparison[0] == "G" else "", "high": "3.4" if "L" in comparison else ""}
    text = json.dumps({"v": said, **({"v~2": said} if again else {})})
    found = plan(comparison, **bounds)
    assert bool(Passes(found).why_not(text)) == bool(no_pass(text, found))
