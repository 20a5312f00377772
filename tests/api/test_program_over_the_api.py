"""Programmed before placement over the API: orders, read-backs, demands, modules, field reports; keys, rights, strangers."""

import pytest
from cast import serial
from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"


@pytest.fixture
def api(cast):
    """The API as the engineer asks it."""

    class Asked:
        def __init__(self, who):
            self.client = cast.program(who)

        def post(self, address, said, key=None):
            return self.client.post(f"/api/v1{address}", said, JSON, headers={"Idempotency-Key": key} if key else {})

        def form(self, address, said):
            return self.client.post(f"/api/v1{address}", said)

        def get(self, address):
            return self.client.get(f"/api/v1{address}")

    asked = Asked("eva")
    asked.by = Asked
    return asked


V, OTHER = "1.4.0", "ff" * 32
ORDER = {"package": "REEL-ALP-1", "product": "A-LAMP", "version": V, "read_backs": 2}


def test_an_order_from_open_to_closed(api):
    made = api.post("/programming-orders", ORDER, key="k1")
    assert (made.status_code, made.json()["code"], made.json()["state"]) == (201, "PG-1", "opened"), made.json()
    image = made.json()["image"]
    assert api.post("/programming-orders", ORDER, key="k1").json()["entry"] == made.json()["entry"]
    assert api.post("/programming-orders", ORDER).json()["code"] == "programming.package_in_hand"
    done = api.form("/programming-orders/PG-1/done", {"quantity": "3999", "machine": "GANG-1"})
    assert (done.status_code, done.json()["done"]["quantity"]) == (201, 3999), done.json()
    for _ in range(2):
        sample = api.post("/programming-orders/PG-1/read-backs", {"sha256": image})
    assert sample.json()["read_backs"] == {"asked": 2, "done": 2, "wrong": 0}
    closed = api.post("/programming-orders/PG-1/close", {})
    assert (closed.status_code, closed.json()["closed"]["result"]) == (201, "pass")
    assert api.get("/programming-orders").json() == {"programming_orders": []}
    (listed,) = api.get("/programming-orders?all=true").json()["programming_orders"]
    assert listed["code"] == "PG-1" and [one["right"] for one in listed["samples"]] == [True, True]
    assert api.get("/programming-orders/PG-9").status_code == 404


def test_a_wrong_sample_and_a_failed_order(api):
    api.post("/programming-orders", ORDER)
    api.form("/programming-orders/PG-1/done", {"quantity": "4000", "machine": "GANG-1"})
    assert api.post("/programming-orders/PG-1/read-backs", {"sha256": OTHER}).json()["read_backs"]["wrong"] == 1
    refused = api.post("/programming-orders/PG-1/close", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "programming.read_back_differs")
    assert api.post("/programming-orders/PG-1/close", {"result": "fail"}).status_code == 422
    assert api.post("/programming-orders/PG-1/close", {"result": "fail", "reason": "socket"}).status_code == 201
    assert "quarantine" in api.get("/packages/REEL-ALP-1").content.decode()


def test_a_suppliers_certificate_comes_with_the_form(api):
    api.post("/programming-orders", {**ORDER, "supplier": "REELHAUS", "read_backs": 0})
    said = {"quantity": "4000", "certificate": SimpleUploadedFile("coc.pdf", b"%PDF-1.4")}
    done = api.form("/programming-orders/PG-1/done", said)
    assert done.status_code == 201 and len(done.json()["done"]["sha256"]) == 64, done.json()


def test_demands_and_modules(api):
    assert api.post("/firmware-demands", {"order": "WO-ALP", "version": V}).status_code == 201
    assert api.post("/firmware-demands", {"order": "WO-ALP"}).json()["code"] == "programming.demand_empty"
    (demand,) = api.get("/firmware-demands?order=WO-ALP").json()["demands"]
    assert (demand["version"], demand["order"]) == (V, "WO-ALP")
    module = {"manufacturer": "MURATA", "mpn": "GRM188", "product": "A-LAMP", "version": V}
    assert (
        api.post("/module-firmware", {**module, "date_code_from": "2701", "date_code_until": "2705"}).status_code == 201
    )
    assert api.post("/module-firmware", {**module, "date_code_from": "2703"}).status_code == 409
    (said,) = api.get("/module-firmware").json()["modules"]
    assert (said["mpn"], said["date_code_until"], said["role"]) == ("GRM188", "2705", "app")


def reports(version):
    said = f'[{{"sn": "{serial("ALP", 1)}", "version": "{version}", "time": "2027-05-01T08:00:00Z"}}]'
    return {"file": SimpleUploadedFile("july.json", said.encode())}


def test_field_reports(api):
    said = api.form("/field-reports", reports(V))
    assert (said.status_code, said.json()["stored"]) == (200, 1), said.json()
    assert api.form("/field-reports", reports(V)).json()["already"]
    assert api.form("/field-reports", reports("9")).json()["errors"][0]["code"] == "programming.release_unknown"
    assert api.by("anna").form("/field-reports", reports(V)).status_code == 403


def test_operators_program_and_others_see_nothing(api):
    anna, dan = api.by("anna"), api.by("dan")
    assert anna.post("/programming-orders", ORDER).status_code == 403
    api.post("/programming-orders", ORDER)
    assert anna.form("/programming-orders/PG-1/done", {"quantity": "4000", "machine": "G"}).status_code == 201
    assert anna.post("/programming-orders/PG-1/close", {}).status_code == 403
    assert dan.get("/programming-orders/PG-1").status_code == 404
    assert dan.get("/programming-orders").json() == {"programming_orders": []}
    assert dan.post("/programming-orders/PG-1/read-backs", {"sha256": OTHER}).status_code == 404
    assert dan.get("/module-firmware").json() == {"modules": []}
