"""Results, test plans and a unit's test history over HTTP."""

import json

import pytest
from cast import serial
from result_files import measured, openhtf

JSON = "application/json"
STEP = {
    "name": "v",
    "kind": "numeric",
    "comparison": "LE",
    "low": "",
    "high": "5",
    "unit": "uA",
    "expected": "",
    "criticality": "minor",
    "proves": [],
    "needed": True,
}
PLAN = {
    "schema": 1,
    "plan": "IDD",
    "version": "1",
    "product": "A-LAMP",
    "revisions": [],
    "every": 1,
    "rules": "",
    "steps": [STEP],
}


@pytest.fixture
def eva(cast):
    return cast.program("eva")


def test_a_plan_is_proposed_by_one_and_approved_by_another(cast, eva):
    made = eva.post("/api/v1/test-plans", {"document": PLAN}, JSON, headers={"Idempotency-Key": "p1"})
    assert made.status_code == 201, made.content
    assert (
        eva.post("/api/v1/test-plans", {"document": PLAN}, JSON, headers={"Idempotency-Key": "p1"}).json()
        == made.json()
    )
    of = "/api/v1/test-plans/IDD/1"
    assert eva.post(of + "/decisions", {"decision": "approved"}, JSON).status_code == 403
    ben = cast.program("ben")
    assert ben.post(of + "/decisions", {"decision": "approved"}, JSON).json()["state"] == "in_force"
    assert ben.post(of + "/decisions", {"decision": "approved"}, JSON).json()["code"] == "catalog.test_plan_decided"
    later = {**PLAN, "version": "2", "every": 10}
    assert eva.post("/api/v1/test-plans", {"document": later, "changes": "sampled"}, JSON).status_code == 201
    assert eva.get("/api/v1/test-plans/IDD/2/changes").json() == {
        "since": "1",
        "changes": [{"where": "every", "before": "1", "after": "10"}],
    }
    assert {
        (one["version"], one["state"]) for one in eva.get("/api/v1/test-plans").json()["plans"] if one["plan"] == "IDD"
    } == {("1", "in_force"), ("2", "proposed")}
    wrong = eva.post("/api/v1/test-plans", {"document": {**PLAN, "every": 0}}, JSON)
    assert (
        wrong.status_code == 422 and wrong.json()["facts"]["field"] == "every"
        if "facts" in wrong.json()
        else wrong.status_code == 422
    )


def test_a_result_goes_in_and_comes_out_with_its_limits(cast, eva):
    unit = serial("ALP", 2)
    said = openhtf(unit, plan="IDD2", at=1_790_000_000_000, measurements=[measured("idd", 7.1e-06, None, 5e-06, "A")])
    sent = eva.generic(
        "POST", "/api/v1/machine-files", json.dumps(said).encode(), query_params={"name": "a.json", "kind": "openhtf"}
    )
    assert sent.status_code == 200 and sent.json()["use"] == "taken", sent.content
    runs = eva.get(f"/api/v1/units/{unit}/test-runs").json()["runs"]
    run = next(run for run in runs if run["plan"] == "IDD2")
    assert run["steps"][0]["value"] == 7.1e-06 and run["steps"][0]["limits"] == "up to 5e-06 A"
    assert [doubt["code"] for doubt in run["doubts"]] == ["outside_limits", "before_order"]
    (log,) = run["attachments"]
    piece = eva.get(f"/api/v1/units/{unit}/attachments/{log['sha256']}")
    assert (piece.status_code, piece.content, piece["Content-Type"]) == (200, b"ok\n", "application/octet-stream")
    assert piece["Content-Disposition"] == 'attachment; filename="log"'
    assert cast.program("brand_a_reader").get(f"/api/v1/units/{unit}/attachments/{log['sha256']}").status_code in (
        403,
        404,
    )
    assert eva.get(f"/api/v1/units/{serial('ALP', 1)}/attachments/{log['sha256']}").status_code == 404
    assert (
        eva.generic("POST", "/api/v1/machine-files", b"x", query_params={"name": "b", "kind": "stdf"}).status_code
        == 422
    )


def test_a_reader_of_a_brand_sees_the_results_of_its_units_only(cast, eva):
    mine = cast.program("brand_a_reader")
    assert mine.get(f"/api/v1/units/{serial('ALP', 1)}/test-runs").status_code == 200
    assert mine.get(f"/api/v1/units/{serial('BOR', 1)}/test-runs").status_code == 404
    assert mine.get("/api/v1/test-plans").status_code == 404
