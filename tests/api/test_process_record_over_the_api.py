"""Instruments, qualifications, areas and alarms over the API, and the operator at the gate."""

from cast import serial
from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"


def post(client, address, said, key=None):
    return client.post(f"/api/v1/{address}", said, JSON, headers={"Idempotency-Key": key} if key else {})


def table(client, kind: str, text: str):
    answer = client.post("/api/v1/imports", {"kind": kind, "file": SimpleUploadedFile(f"{kind}.csv", text.encode())})
    assert answer.status_code < 300, answer.content


ROUTE = (
    "product,revision,routing,place_in_route,step,side,place,instruction,criteria,procedure,limits,from_at,qualifications\n"
    'A-LAMP,B,1,10,CURE,,,,,,"{""t"": [60, 80]}",2026-01-01T00:00:00Z,IPC-A-610\n'
)


def test_calibrations_and_doubt(cast):
    eva, anna = cast.program("eva"), cast.program("anna")
    said = {"instrument": "X-1", "station": "ICT1", "as_found": "out_of_tolerance", "as_left": "in_tolerance",
            "calibrated_at": "2027-12-01T08:00:00Z", "file": SimpleUploadedFile("c.pdf", b"%PDF")}  # fmt: skip
    assert anna.post("/api/v1/calibrations", said).status_code == 403
    said["file"] = SimpleUploadedFile("c.pdf", b"%PDF")
    first = eva.post("/api/v1/calibrations", said, headers={"Idempotency-Key": "c-1"})
    assert first.status_code == 201, first.content
    said["file"] = SimpleUploadedFile("c.pdf", b"%PDF")
    assert (
        eva.post("/api/v1/calibrations", said, headers={"Idempotency-Key": "c-1"}).json()["entry"]
        == first.json()["entry"]
    )
    (row,) = anna.get("/api/v1/instruments/X-1").json()["calibrations"]
    assert row["fact"] == first.json()["facts"][0] and row["calibrated_at"] == "2027-12-01T08:00:00.000000Z"
    assert anna.get("/api/v1/instruments").json()["instruments"][0]["instrument"] == "X-1"
    doubt = anna.get("/api/v1/instruments/X-1/doubt").json()
    assert doubt["doubt"]["since"] is None and doubt["doubt"]["until"] == "2027-12-01T08:00:00.000000Z"
    # both brands have 12 units, each tested once at ICT1
    assert (doubt["question"], doubt["certain"], doubt["tests_total"]) == ("tested:ICT1@..2027-12-01T08:00:00Z", 24, 24)
    assert cast.program("brand_a_reader").get("/api/v1/instruments/X-1/doubt").status_code == 404
    assert cast.program("dan").get("/api/v1/instruments/X-1").status_code == 404
    wrong = eva.post("/api/v1/calibrations", {**said, "file": "", "calibrated_at": "soon"})
    assert wrong.status_code == 422


def test_a_station_asks_with_the_operator(cast):
    eva, ben, station = cast.program("eva"), cast.program("ben"), cast.program("station")
    table(eva, "routings", ROUTE)
    unit = serial("ALP", 9)
    asked = station.get(f"/api/v1/units/{unit}/verdict", {"step": "CURE", "operator": "045"}).json()
    assert not asked["go"] and asked["verdicts"][0]["stops"][0]["code"] == "gate.not_qualified"
    assert asked["verdicts"][0]["qualifications"] == ["IPC-A-610"]
    assert station.get(f"/api/v1/units/{unit}/verdict", {"step": "CURE"}).json()["go"]
    step = {"code": unit, "step": "CURE", "operator": "045", "readings": {"t": 90}}
    refused = post(station, "steps", step)
    assert refused.status_code == 409 and refused.json()["code"] == "gate.not_qualified"
    assert eva.post("/api/v1/qualifications", {"person": "045", "qualification": "IPC-A-610"}).status_code == 403
    given = {"person": "045", "qualification": "IPC-A-610", "valid_until": "2099-01-01"}
    assert ben.post("/api/v1/qualifications", given).status_code == 201
    assert eva.get("/api/v1/qualifications").json()["qualifications"][0]["holds"] is True
    done = post(station, "steps", step, "s-1")
    assert done.status_code == 201 and done.json()["outside"] == ["t 90 (60 to 80)"]
    (alarm,) = eva.get("/api/v1/alarms").json()["alarms"]
    assert (alarm["outside"], alarm["order"], alarm["closing"]) == ("t 90 (60 to 80)", "WO-ALP", None)
    held = post(eva, f"alarms/{alarm['number']}/hold", {}, "h-1")
    assert held.status_code == 201
    assert post(eva, f"alarms/{alarm['number']}/hold", {}, "h-1").json() == held.json()
    assert post(eva, f"alarms/{alarm['number']}/dismiss", {"reason": "r"}).status_code == 409
    assert eva.get("/api/v1/alarms", {"order": "WO-ALP"}).json()["alarms"][0]["closing"]["hold"] == held.json()["hold"]


def test_a_logger_sends_the_air(cast):
    machine, eva = cast.program("machine"), cast.program("eva")
    assert (
        post(machine, "environment", {"area": "hall", "temperature_c": "22.5", "humidity_percent": "40"}).status_code
        == 201
    )
    assert post(machine, "areas", {"machine": "OV1", "area": "hall"}).status_code == 403
    assert post(eva, "areas", {"machine": "OV1", "area": "hall"}).status_code == 201
    found = eva.get("/api/v1/areas").json()
    assert (found["areas"][0]["area"], found["environment"][0]["temperature_c"]) == ("hall", "22.5")
    assert post(machine, "environment", {"area": "hall"}).status_code == 422
