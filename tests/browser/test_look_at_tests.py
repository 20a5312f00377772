"""Test plans, results and a unit's test history in a real browser: proposed and approved by keyboard; axe finds nothing, nothing overflows."""

import json

from machine_floor import tables
from result_files import DAY_MILLIS, I3070, measured, openhtf
from test_look_at_the_pages import chromium, faults, inside, served  # noqa: F401

STEP = {
    "name": "vdd_3v3",
    "kind": "numeric",
    "comparison": "GELE",
    "low": "3.2",
    "high": "3.4",
    "unit": "V",
    "expected": "",
    "criticality": "critical",
    "proves": ["I.2.h"],
    "needed": True,
}


def plan(version: str, high: str) -> bytes:
    said = {
        "schema": 1,
        "plan": "FCT",
        "version": version,
        "product": "BRD",
        "revisions": ["A"],
        "every": 1,
        "rules": "cra-annex-i/1",
        "steps": [{**STEP, "high": high}],
    }
    return json.dumps(said).encode()


def test_plans_results_and_a_history(inside, actor, load, tmp_path):  # noqa: F811
    from asbuilt.access.actions import give_roles
    from asbuilt.access.actor import person_actor
    from asbuilt.built.messages.machine_files import record_file
    from asbuilt.designed.catalog.test_plan_actions import propose_test_plan
    from asbuilt.storage import reading

    load(tables())
    (ada,) = reading.fetch_one("SELECT number FROM access_person WHERE code = %s OR name = %s", ("ada", "Ada Lis"))
    give_roles(actor, person=ada, roles=["administrator", "engineer", "quality_lead"])
    found = []
    inside.goto("/test-plans/")
    found += faults(inside)
    file = tmp_path / "plan.json"
    file.write_bytes(plan("1", "3.4"))
    inside.click("main details summary")
    inside.set_input_files("#t-file", str(file))
    found += faults(inside)
    inside.focus("main details button[type=submit]")
    inside.keyboard.press("Enter")
    inside.wait_for_url("**/test-plans/FCT/1/")
    found += faults(inside)
    # nobody approves his own: the refusal is said on the page
    inside.focus("button[value=approved]")
    inside.keyboard.press("Enter")
    inside.wait_for_url("**/decide/")
    assert "You proposed" in inside.inner_text("main")
    found += faults(inside)
    other = person_actor(actor.tenant, 100, frozenset({"engineer"}), None)
    propose_test_plan(other, document=plan("2", "3.3"), changes="high lowered")
    inside.goto("/test-plans/FCT/2/")
    inside.focus("button[value=approved]")
    inside.keyboard.press("Enter")
    inside.wait_for_selector("button[value=withdrawn]")
    assert "step vdd_3v3: high" in inside.inner_text("main")
    found += faults(inside)
    shift = {"at": DAY_MILLIS - 10 * 86_400_000 * 30}
    files = [
        ("SN1.json", json.dumps(openhtf("SN1", measurements=[measured("vdd_3v3", 3.31, 3.2, 3.4)], **shift)).encode()),
        ("log.log", I3070.encode()),
        ("SN77.json", json.dumps(openhtf("SN77", **shift)).encode()),
    ]
    paths = []
    for name, content in files:
        path = tmp_path / name
        path.write_bytes(content)
        paths.append(str(path))
    inside.goto("/import/")
    inside.set_input_files("#r-files", paths)
    inside.focus("form[action='/results/'] button")
    inside.keyboard.press("Enter")
    inside.wait_for_selector("#h-f")
    assert "There is no unit SN77" in inside.inner_text("main")
    found += faults(inside)
    finding = {"code": "WRONG_MARK", "at": "U1", "x": 2.5, "y": 3, "kind": "marking", "verification": "DefectRejected"}
    load(
        {
            "tests": [
                {
                    "serial": "SN1",
                    "plan": "AOI",
                    "plan_version": "",
                    "station": "A1",
                    "operator": "",
                    "outcome": "fail",
                    "started_at": "2026-05-01T08:00:00Z",
                    "finished_at": "2026-05-01T08:01:00Z",
                    "measurements": json.dumps({"defects": [finding]}),
                }
            ]
        },
        "aoi",
    )
    record_file(
        actor,
        "again.json",
        json.dumps(openhtf("SN1", measurements=[measured("vdd_3v3", 3.5, 3.2, 3.4)], at=shift["at"] + 60_000)).encode(),
    )
    inside.goto("/unit/SN1/tests/")
    said = inside.inner_text("main")
    assert "outside of its limits" in said and "false call" in said and "WRONG_MARK" in said
    found += faults(inside)
    inside.goto("/unit/SN1/")
    found += faults(inside)
    assert found == []
