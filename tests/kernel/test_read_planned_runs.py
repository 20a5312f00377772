"""The part `station` of a test plan: every rule between runs, functions and steps; the example of the docs is one; versions are compared."""

import json
import re
from pathlib import Path

import pytest

from asbuilt.kernel import planned_runs, test_plans, test_records
from asbuilt.kernel.errors import Invalid

DOCS = Path(__file__).resolve().parents[2] / "docs" / "work" / "line-tests.md"


def example_step() -> dict:
    return {"name": "", "kind": "verdict", "comparison": "LOG", "expected": "", "low": "", "high": "", "unit": "", "criticality": "major",
            "proves": [], "needed": True}  # fmt: skip


def example() -> dict:
    return json.loads(re.search(r"```json\n(\{\"schema\".*?)```", DOCS.read_text(), re.DOTALL)[1])


def parsed(said: dict) -> test_plans.TestPlan:
    return test_plans.parse_test_plan(json.dumps(said).encode())


def test_the_example_of_the_docs_is_a_plan():
    plan = parsed(example())
    assert [(run.name, run.uses, run.seconds) for run in plan.station.runs] == [
        ("ports", "ports", 120), ("web", "tls", 30), ("login", "credentials", 60), ("bist", "console", 20),
    ]  # fmt: skip
    assert plan.station.run("login").parameters["pairs"] == "service:widget" and plan.station.run("none") is None
    assert [(one.unit, one.outcome) for one in plan.station.golden] == [("GOLD-1", "pass"), ("RED-1", "fail")]


def test_the_docs_name_every_function_with_all_that_it_takes_and_measures():
    table = {row.split("`")[1]: row for row in DOCS.read_text().splitlines() if row.startswith("| `")}
    assert set(table) == set(planned_runs.FUNCTIONS)
    for name, function in planned_runs.FUNCTIONS.items():
        for word in (*(function.measures or ()), *function.needed):
            assert word in table[name], (name, word)


def test_a_plan_without_a_line_keeps_its_hash():
    """Plans from before this version are the same documents."""
    said = example()
    del said["station"]
    assert b'"station"' not in parsed(said).document and parsed(said).station is None


def change(path: str, value: object) -> dict:
    said = example()
    here = said
    *way, last = [int(word) if word.isdigit() else word for word in path.split("/")]
    for word in way:
        here = here[word]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return said


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("station/runs/0/uses", "shell", "station.runs.0.uses"),
        ("station/runs/0/with", [], "station.runs.0.with"),
        ("station/runs/0/with/0/name", "command", "station.runs.0.with"),
        ("station/runs/0/name", "a.b", "station.runs.0.name"),
        ("station/runs/0/seconds", 0, "station.runs.0.seconds"),
        ("station/runs/0/seconds", 1_801, "station.runs.0.seconds"),
        ("station/runs/0/tries", 6, "station.runs.0.tries"),
        ("station/runs/0/again_on", "always", "station.runs.0.again_on"),
        ("station/runs/0/evidence", ["picture"], "station.runs.0.evidence"),
        ("station/runs/0/force", True, "station.runs.0.force"),
        ("station/runs/1/name", "ports", "station.runs"),
        ("station/golden/0/outcome", "error", "station.golden.0.outcome"),
        ("station/golden/1/unit", "GOLD-1", "station.golden"),
        ("station/retests", 0, "station.retests"),
        ("steps", [{**example_step(), "name": f"bist.s{number}"} for number in range(201)], "steps"),
        ("station/runs/3", None, "steps"),
        ("steps/3", None, "station.runs"),
        ("steps/0/name", "ports.closed", "steps"),
        ("steps/0/name", "unexpected", "steps"),
        ("steps/2/kind", "text", "steps"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(path, value, field):
    with pytest.raises(Invalid) as refusal:
        parsed(change(path, value))
    assert refusal.value.facts["field"] == field


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("station/runs/0/with/0/value", "22 443 8080", "run ports"),
        ("station/retests", 4, "station: retests"),
        ("station/fixture", "OTHER", "station: fixture"),
        ("station/golden_hours", 24, "station: golden hours"),
        ("station/golden", [], "station: golden units"),
        ("station/runs/1/evidence", [], "run web"),
    ],
)
def test_what_a_new_version_changes_at_the_station_is_told(path, value, where):
    found = test_plans.changes(parsed(example()), parsed(change(path, value)))
    assert [one.where for one in found] == [where] and found[0].before != found[0].after


def test_a_number_outside_of_its_limits_holds_in_no_unit():
    step = parsed(example()).step("bist.vcc")

    def holds(value: str, unit: str):
        return test_records.holds(step, test_records.Measure("bist.vcc", "numeric", value, unit, "", "pass", "", 0))

    assert holds("3300", "mV") is True and holds("3.3", "") is True and holds("3.5", "V") is False
    assert holds("NaN", "V") is False and holds("3.3", "A") is False and holds("", "V") is False
