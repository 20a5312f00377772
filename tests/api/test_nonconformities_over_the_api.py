"""Nonconformities over the API: two people and the manufacturer's own person; charts, yields, defects, what else is touched."""

from cast import serial
from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"
RAISED = {"description": "LED too dim", "source": "test", "severity": "major"}


def post(client, address, said=None, key=None):
    return client.post(f"/api/v1/{address}", said or {}, JSON, headers={"Idempotency-Key": key} if key else {})


def table(client, kind: str, text: str):
    answer = client.post("/api/v1/imports", {"kind": kind, "file": SimpleUploadedFile(f"{kind}.csv", text.encode())})
    assert answer.status_code < 300, answer.content


ROLES = "product,party,role,operator,happened_at\n,OSTWERK,own,,2026-01-01T00:00:00Z\nA-LAMP,ALPINA,manufacturer,,2026-01-01T00:00:00Z\n"


def test_the_ems_cannot_decide_alone(cast):
    eva, ben, brand, other = (cast.program(who) for who in ("eva", "ben", "brand_a_reader", "brand_b_reader"))
    table(ben, "product_roles", ROLES)  # who has to agree is not for an engineer to say
    said = {**RAISED, "units": [f"{serial('ALP', 1)}..{serial('ALP', 2)}"]}
    raised = post(eva, "nonconformities", said, "n-1")
    assert raised.status_code == 201, raised.content
    code = raised.json()["code"]
    assert post(eva, "nonconformities", said, "n-1").json()["code"] == code
    of = f"nonconformities/{code}"
    assert (
        post(eva, f"{of}/dispositions", {"decision": "use_as_is", "reason": "within the datasheet"}).status_code == 200
    )
    assert post(eva, f"{of}/dispositions/D-1/approve").status_code == 409
    alone = post(ben, f"{of}/dispositions/D-1/approve")
    assert (alone.status_code, alone.json()["code"]) == (409, "quality.approval_of_manufacturer")
    assert post(ben, f"{of}/dispositions/D-1/celebrate").status_code in (404, 422)
    seen = brand.get(f"/api/v1/{of}").json()
    assert (seen["units"], seen["waiting"], seen["description"], seen["by"], seen["holds"]) == (
        2,
        2,
        "LED too dim",
        "",
        [],
    )
    assert [one["disposition"] for one in seen["dispositions"]] == ["D-1"] and seen["causes"] == []
    assert other.get(f"/api/v1/{of}").status_code == 404
    assert other.post(f"/api/v1/{of}/dispositions/D-1/agreements", {}).status_code == 404
    assert brand.post(f"/api/v1/{of}/dispositions/D-1/agreements", {"reason": "agreed"}).status_code == 200
    assert post(brand, f"{of}/dispositions/D-1/approve").status_code == 404
    approved = post(ben, f"{of}/dispositions/D-1/approve")
    assert approved.status_code == 200 and approved.json()["waiting"] == 0 and approved.json()["state"] == "decided"
    steps = approved.json()["dispositions"][0]["steps"]
    assert [(one["step"], one["party"]) for one in steps] == [("proposed", ""), ("agreed", "ALPINA"), ("approved", "")]


def test_from_cause_to_close(cast):
    eva, ben, anna = (cast.program(who) for who in ("eva", "ben", "anna"))
    code = post(anna, "nonconformities", {**RAISED, "units": [serial("BOR", 1)]}).json()["code"]
    of = f"nonconformities/{code}"
    assert post(anna, f"{of}/causes", {"method": "five_why", "place": "1", "cause": "c"}).status_code == 403
    assert post(
        eva, f"{of}/causes", {"method": "ishikawa", "place": "material", "cause": "old paste", "root": True}
    ).json()["causes"][0]["root"]
    assert post(eva, f"{of}/causes", {"method": "ishikawa", "place": "moon", "cause": "c"}).status_code == 422
    action = {"kind": "corrective", "description": "scan", "owner": "046", "due_on": "2027-05-01"}
    assert post(eva, f"{of}/actions", action).json()["actions"][0]["action"] == "A-1"
    assert post(eva, f"{of}/hold", {}).json()["state"] == "contained"
    assert post(eva, f"{of}/units", {"units": [serial("BOR", 2)]}).json()["units"] == 2
    check = {
        "among": "order:WO-BOR",
        "question": "test:failed",
        "units_min": 5,
        "failed_ppm_max": 1_000_000,
        "due_on": "2027-06-01",
    }
    assert post(eva, f"{of}/effect-check", check).json()["check"]["units_min"] == 5
    assert post(eva, f"{of}/effect").json()["code"] == "register.action_open"
    assert post(ben, f"{of}/close", {"reason": "done"}).status_code == 409
    assert post(eva, f"{of}/actions", {"action": "A-1", "state": "done"}).json()["actions"][0]["state"] == "done"
    measured = post(eva, f"{of}/effect").json()["results"][0]
    assert (measured["units"], measured["verdict"]) == (10, "effective")  # all were begun in 2027
    assert measured["since"] < measured["measured_at"] < "2027"
    assert post(eva, f"{of}/dispositions", {"decision": "scrap", "reason": "burnt"}).status_code == 200
    assert post(ben, f"{of}/dispositions/D-1/approve").status_code == 200
    assert post(eva, f"{of}/dispositions/D-1/carry-out", {"reason": "binned"}).status_code == 200
    assert post(ben, f"{of}/close", {"reason": "done"}).json()["state"] == "closed"
    assert post(ben, f"{of}/reopen", {"reason": "again"}).json()["state"] == "decided"
    listed = eva.get("/api/v1/nonconformities", {"unit": serial("BOR", 1)}).json()["nonconformities"]
    assert [one["code"] for one in listed] == [code]
    assert cast.program("dan").get(f"/api/v1/{of}").status_code == 404


def test_factors_charts_yields_and_defects(cast):
    eva = cast.program("eva")
    void = ', ""defects"": [{""code"": ""void"", ""at"": ""C1""}]'
    rows = "".join(
        f"{serial('ALP', n)},AOI,1,A1,,{'fail' if n < 4 else 'pass'},2027-04-05T08:{n:02}:00Z,2027-04-05T08:{n:02}:30Z,"
        f'"{{""v"": {n}{void if n < 4 else ""}}}"\n'
        for n in range(1, 13)
    )
    table(
        eva, "tests", "serial,plan,plan_version,station,operator,outcome,started_at,finished_at,measurements\n" + rows
    )
    said = eva.get(
        "/api/v1/common-factors", {"failed": "test:AOI=fail", "among": "order:WO-ALP", "kind": ["position", "lot"]}
    ).json()
    assert (said["failed"], said["others"], said["kinds"]) == (3, 9, ["lot", "position"]) and "Holm" in said["method"]
    assert eva.get("/api/v1/common-factors", {"failed": "test:AOI=fail", "kind": "moon"}).status_code == 422
    chart = eva.get("/api/v1/control-chart", {"step": "AOI", "name": "v"}).json()
    assert chart["panels"][0]["points"] == list(range(1, 13)) and chart["capability"] is None
    assert [one["rule"] for one in chart["signals"]][:1] and chart["points"][0]["at"] == "2027-04-05T08:01:30.000000Z"
    signal = next(one for one in chart["signals"] if one["panel"] == 0)
    held = post(eva, "control-chart/hold", {"step": "AOI", "name": "v", "rule": signal["rule"], "at": signal["at"]})
    assert held.status_code == 201 and held.json()["nonconformity"].startswith("NCR-"), held.content
    assert (
        post(
            eva, "control-chart/hold", {"step": "AOI", "name": "v", "rule": "nelson_4", "at": signal["at"]}
        ).status_code
        == 404
    )
    yields = eva.get("/api/v1/yields", {"since": "2027-04-05", "by": ["step", "station"]}).json()
    assert yields["rows"][0]["group"] == {"step": "AOI", "station": "A1"} and yields["rows"][0]["fpy"] == 0.75
    defects = eva.get("/api/v1/defects", {"plan": "AOI"}).json()
    assert (defects["codes"][0]["code"], defects["codes"][0]["units"], defects["places"][0]["at"]) == ("void", 3, "C1")
    for address, wrong in (
        ("yields", {"since": "moon"}),
        ("control-chart", {"step": "AOI", "name": "v", "subgroup": "1"}),
    ):
        assert eva.get(f"/api/v1/{address}", wrong).status_code == 422
    assert eva.get("/api/v1/control-chart", {"step": "MOON", "name": "v"}).status_code == 404
    for address in (
        "common-factors?failed=test:failed",
        "control-chart?step=AOI&name=v",
        "yields?since=2027-04-05",
        "defects",
    ):
        assert cast.program("brand_a_reader").get(f"/api/v1/{address}").status_code == 404


def test_what_the_gate_refused_is_raised_over_the_api(cast):
    eva = cast.program("eva")
    name = serial("ALP", 1)
    stops = [one for unit in eva.get("/api/v1/leave", {"code": name}).json()["units"] for one in unit["stops"]]
    said = {"about": "gate", "code": name, "severity": "minor"}
    raised = post(eva, "nonconformities/from-refusal", said, "f-1")
    assert raised.status_code == 201, raised.content
    found = raised.json()
    assert (found["source"], found["severity"], found["names"]) == ("gate", "minor", [name])
    assert all(stop["message"] in found["description"] for stop in stops)
    assert post(eva, "nonconformities/from-refusal", said, "f-1").json()["code"] == found["code"]
