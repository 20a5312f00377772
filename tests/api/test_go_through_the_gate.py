"""The gate over the API: a station asks for a verdict, records the step, and is refused with everything that stops the unit."""

from cast import serial

JSON = "application/json"
UNIT = f"/api/v1/units/{serial('ALP', 1)}"


def post(client, address, said, key=None):
    return client.post(address, said, JSON, headers={"Idempotency-Key": key} if key else {})


def test_a_station_asks_and_records(cast):
    station, machine, anna = cast.program("station"), cast.program("machine"), cast.program("anna")
    said = machine.get(f"{UNIT}/verdict", {"step": "COAT"}).json()
    assert said["go"] and said["verdicts"][0]["name"] == serial("ALP", 1) and said["verdicts"][0]["routing"] == ""
    step = {
        "code": serial("ALP", 1),
        "step": "COAT",
        "machine": "COATER",
        "readings": {"um": 30},
        "software": "7.2.1",
        "finished_at": "2027-04-01T08:00:00+02:00",
    }
    first, again = post(station, "/api/v1/steps", step, "s1"), post(station, "/api/v1/steps", step, "s1")
    assert first.status_code == 201 and again.json() == first.json()
    assert anna.get("/api/v1/ask", {"question": "passed:COAT"}).json()["affected"]["certain"] == 1
    for question in ("reading:COATER.um>=30", "passed:COAT(software=7.2.1)"):
        assert anna.get("/api/v1/ask", {"question": question}).json()["affected"]["certain"] == 1
    assert post(station, "/api/v1/steps", {**step, "finished_at": "noon"}).status_code == 422
    assert (
        post(station, "/api/v1/steps", {**step, "machine": "other"}, "s1").json()["code"] == "ledger.request_key_reused"
    )
    assert post(machine, "/api/v1/steps", step).status_code == 403


def test_a_refusal_names_all_that_stops_it(cast):
    ben, station = cast.program("ben"), cast.program("station")
    holds = [
        post(ben, "/api/v1/holds", {"units": [serial("ALP", 6)], "reason": why}).json()["code"]
        for why in ("dropped", "wet")
    ]
    refused = post(station, "/api/v1/steps", {"code": serial("ALP", 6), "step": "COAT"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "gate.held")
    assert [stop["facts"]["hold"] for stop in problem["facts"]["stops"]] == holds and "hold cage" in problem["remedy"]
    verdict = station.get(f"/api/v1/units/{serial('ALP', 6)}/verdict").json()
    assert not verdict["go"] and [stop["code"] for stop in verdict["verdicts"][0]["stops"]] == [
        "gate.held",
        "gate.held",
    ]
    for hold in holds:
        post(ben, f"/api/v1/holds/{hold}/lift", {"reason": "dry"})
    assert station.get(f"/api/v1/units/{serial('ALP', 6)}/verdict").json()["go"]


def test_rework_assembly_and_scrap(cast):
    anna, ben = cast.program("anna"), cast.program("ben")
    form = {"refdes": "C1", "removed": "REEL-COMMON", "installed": "REEL-ALP-1", "reason": "bridge"}
    wrong = post(anna, f"{UNIT}/replacements", form)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "gate.wrong_part")
    right = post(anna, f"{UNIT}/replacements", {**form, "installed": "REEL-COMMON"}, "r1")
    assert right.status_code == 201 and right.json()["retest_due"] == []  # tested after the clock here
    put = post(anna, f"/api/v1/units/{serial('ALP', 3)}/put-in", {"parent": serial("ALP", 2), "position": "1"})
    assert put.status_code == 201
    again = post(anna, f"/api/v1/units/{serial('ALP', 3)}/put-in", {"parent": serial("ALP", 4)})
    assert (again.status_code, again.json()["code"]) == (409, "gate.inside_already")
    assert (
        post(ben, f"/api/v1/units/{serial('ALP', 3)}/scrap", {"reason": "cracked"}).json()["code"]
        == "gate.inside_already"
    )
    assert post(anna, f"/api/v1/units/{serial('ALP', 3)}/take-out", {"reason": "dark"}).status_code == 201
    assert post(ben, f"/api/v1/units/{serial('ALP', 3)}/scrap", {"reason": "cracked"}).status_code == 201
    assert post(ben, f"/api/v1/units/{serial('ALP', 3)}/scrap", {"reason": "cracked"}).json()["code"] == "gate.scrapped"


def test_an_order_without_a_routing_has_an_empty_traveller(cast):
    anna, reader = cast.program("anna"), cast.program("brand_a_reader")
    for client in (anna, reader):
        said = client.get("/api/v1/orders/WO-ALP/traveller").json()
        assert (said["order"], said["quantity"], said["steps"], said["superseded"]) == ("WO-ALP", 12, [], False)
    assert reader.get("/api/v1/orders/WO-BOR/traveller").status_code == 404
    assert anna.get("/api/v1/orders/WO-ALP/traveller", {"routing": "9"}).json()["code"] == "gate.routing_unknown"
