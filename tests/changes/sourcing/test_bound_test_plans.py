"""A test plan that an ECO changes from a unit on: units before the boundary leave with the version that holds for them, those behind with the new one.

FCT 2 is approved, so that it is in force for everybody; ECO-1 brings it from H6 on. Units before it could not leave at all: the gate wanted FCT 2 of
them, and the boundary stopped whoever had passed it.
"""

import json
from hashlib import sha256

import change_floor
import pytest
from production.conftest import withdraw  # noqa: F401
from sourcing_floor import at, plan, ran, test_run

from asbuilt.kernel.canonical import canonical_bytes

OF_TESTS = {
    "gate.test_version",
    "gate.test_missing",
    "gate.test_failed",
    "gate.change_boundary",
    "gate.change_suspended",
}


def version(number: str, day: int) -> tuple[dict, str]:
    """(row of test_plans.csv, hash) of a version of FCT."""
    said = canonical_bytes({**json.loads(plan("FCT")), "version": number}).decode()
    row = {
        "plan": "FCT",
        "version": number,
        "product": "gateway",
        "document": said,
        "changes": "limits",
        "operator": "045",
    }
    return {**row, "happened_at": at(day)}, sha256(said.encode()).hexdigest()


def decided(number: str, sha: str, day: int, decision: str = "approved") -> dict:
    said = {"plan": "FCT", "version": number, "sha256": sha, "decision": decision, "operator": "046"}
    return {**said, "reason": "" if decision == "approved" else "wrong limits", "decided_at": at(day)}


@pytest.fixture
def bounded(house, actor, load):
    """ECO-1 brings FCT 2 from H6 on; H1 to H9 went through SMT and passed SEC."""
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    row, sha = version("2", 5)
    load({"test_plans": [row], "test_plan_approvals": [decided("2", sha, 5)]}, "v2")
    code = propose_eco(house["eva"], title="limits", why="w", products=["gateway"])
    add_change(house["eva"], eco=code, product="gateway", kind="test_plan", subject=["FCT"], old="1", new="2")
    change_floor.assess(house["eva"], code)
    change_floor.agree(code, (house["ada"], ""), (house["brand"], ""))
    set_boundary(house["ben"], eco=code, kind="unit", value="H6", why="stock of fixtures")
    passed = [{**test_run(f"H{n}", "SEC"), "measurements": json.dumps({"v": "PASS"})} for n in range(1, 10)]
    load({"processes": [ran("WO-2", "H1", "H9")], "tests": passed}, "built")
    return code


def passed_fct(load, name: str, **by: str) -> None:
    """FCT was passed: passed_fct(load, "t", H1="1")."""
    rows = [{**test_run(serial, "FCT", day=8), "plan_version": number} for serial, number in by.items()]
    load({"tests": rows}, name)


def told(actor, serial: str) -> list[tuple[str, str]]:
    from asbuilt.answers.gate.leaving import may_leave

    stops = may_leave(actor, serial)[0].stops
    return [
        (one.code, one.facts.get("version", ""))
        for one in stops
        if one.code in OF_TESTS and one.facts.get("plan") != "SEC"
    ]


def test_each_side_of_a_boundary_is_asked_for_its_own_version(bounded, actor, load):
    passed_fct(load, "t", H1="1", H2="2", H6="1", H7="2")
    assert {serial: told(actor, serial) for serial in ("H1", "H2", "H3", "H6", "H7", "H8")} == {
        "H1": [], "H2": [("gate.change_boundary", "")], "H3": [("gate.test_missing", "1")],
        "H6": [("gate.change_boundary", "")], "H7": [], "H8": [("gate.test_missing", "2")],
    }  # fmt: skip


def test_a_run_that_is_withdrawn_shows_nothing_on_either_side(bounded, actor, load, withdraw):  # noqa: F811
    """A correction comes after the units were built."""
    passed_fct(load, "t", H1="1", H7="2")
    for serial, number in (("H1", "1"), ("H7", "2")):
        withdraw("tests", serial=serial, plan="FCT")
        assert told(actor, serial) == [("gate.test_missing", number)]


def test_a_version_that_was_withdrawn_is_asked_of_nobody(bounded, actor, load):
    """FCT 1 was wrong: what is in force is asked before the boundary too, and the boundary needs a concession there."""
    load({"test_plan_approvals": [decided("1", version("1", 1)[1], 7, "withdrawn")]}, "gone")
    passed_fct(load, "t", H2="2")
    assert told(actor, "H1") == [("gate.test_missing", "2")] and told(actor, "H2") == [("gate.change_boundary", "")]


def test_a_version_that_nobody_approved_shows_nothing_behind_a_boundary_that_brings_it(house, actor, load):
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    load({"test_plans": [version("2", 5)[0]]}, "v2")
    code = propose_eco(house["eva"], title="limits", why="w", products=["gateway"])
    add_change(house["eva"], eco=code, product="gateway", kind="test_plan", subject=["FCT"], old="1", new="2")
    change_floor.assess(house["eva"], code)
    change_floor.agree(code, (house["ada"], ""), (house["brand"], ""))
    set_boundary(house["ben"], eco=code, kind="unit", value="H6", why="w")
    load({"processes": [ran("WO-2", "H1", "H9")]}, "built")
    passed_fct(load, "t", H7="2")
    assert told(actor, "H7") == [("gate.test_version", "1")]


def test_a_permit_names_the_version_that_holds_for_its_order(bounded, actor):
    """FCT 1 is not in force any more, and WO-2 begins before the boundary; of what no boundary speaks the rule stays."""
    from asbuilt.answers.gate.changed import versions_bounded
    from asbuilt.built.programming.drafts import AskedTest, PermitDraft

    def names(order: str, *tests: tuple[str, str]) -> set:
        empty = dict.fromkeys(PermitDraft.__dataclass_fields__, ())
        return versions_bounded(
            actor.tenant, PermitDraft(**empty | {"order": order, "tests": tuple(AskedTest(*one) for one in tests)})
        )

    assert names("WO-2", ("FCT", "1"), ("FCT", "2"), ("SEC", "1")) == {
        ("test_plan", "FCT", "1"),
        ("test_plan", "FCT", "2"),
    }
    assert names("WO-2", ("FCT", "3"), ("SEC", "1")) == names("NONE", ("FCT", "1")) == set()
