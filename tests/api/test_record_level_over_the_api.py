"""Record level, demand and placement over the API, and what a reader of another brand gets: the cast's factory."""

import pytest
from cast import serial

JSON = "application/json"
POS = b"Ref,Val,Package,PosX,PosY,Rot,Side\nC1,1u,C_0402_1005Metric,10.5,-3.25,90.0,top\nXX1,,,1,1,0,bottom\n"


def get(client, code, **more):
    return client.get(f"/api/v1/record-levels/{code}", more)


def test_an_order_against_a_demand(cast):
    eva = cast.program("eva")
    said = {"material": "M4", "process": "P2", "agreed_in": "QP-4"}
    first = eva.post("/api/v1/products/A-LAMP/revisions/B/record-demand", said, JSON, headers={"Idempotency-Key": "k1"})
    again = eva.post("/api/v1/products/A-LAMP/revisions/B/record-demand", said, JSON, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 200 and first.json()["entry"] == again.json()["entry"]
    found = get(eva, "WO-ALP").json()
    (one,) = found["of"]
    assert (found["kind"], one["units"], one["agreed_in"]) == ("order", 12, "QP-4")
    assert one["material"]["demanded"] == "M4" and sum(one["material"]["units"].values()) == 12
    assert one["material"]["short"] == 12 - one["material"]["units"]["M4"]
    assert found["rule_set"].startswith("ipc-1782/") and "compliant" not in str(found).casefold()
    assert eva.get("/api/v1/products/A-LAMP").json()["revisions"][0]["demand"]["material"] == 4


def test_unit_and_product(cast):
    eva = cast.program("eva")
    assert get(eva, serial("ALP", 1)).json()["of"][0]["units"] == 1
    found = get(eva, "A-LAMP", kind="product").json()
    assert [order["order"] for order in found["orders"]] == ["WO-ALP"] and found["doubts"] is not None
    assert get(eva, "A-LAMP", kind="unit").status_code == 404
    assert get(eva, "A-LAMP", kind="panel").status_code == 422


def test_a_brands_reader_gets_his_own_and_no_doubts(cast):
    mine = get(cast.program("brand_a_reader"), "WO-ALP")
    assert mine.status_code == 200 and mine.json()["doubts"] is None
    assert get(cast.program("brand_b_reader"), "WO-ALP").status_code == 404
    assert get(cast.program("brand_b_reader"), serial("ALP", 1)).status_code == 404
    assert get(cast.program("dan"), "WO-ALP").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("olga", 403), ("brand_a_reader", 404)])
def test_who_may_not_demand(cast, who, status):
    answer = cast.program(who).post("/api/v1/products/A-LAMP/revisions/B/record-demand", {"material": "M1"}, JSON)
    assert answer.status_code == status


def test_what_is_no_level(cast):
    eva = cast.program("eva")
    for said in ({"material": "M5"}, {"process": "M1"}, {"agreed_in": "x" * 401}):
        assert eva.post("/api/v1/products/A-LAMP/revisions/B/record-demand", said, JSON).status_code == 422
    assert eva.post("/api/v1/products/A-LAMP/revisions/Z/record-demand", {"material": "M1"}, JSON).status_code == 404


def placed(client, content=POS, name="pos.csv", revision="B"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile(name, content)
    return client.post(f"/api/v1/products/A-LAMP/revisions/{revision}/placement", {"file": file})


def test_a_placement_is_recorded_once(cast):
    eva = cast.program("eva")
    first, again = placed(eva), placed(eva)
    assert (first.status_code, first.json()["tool"], first.json()["components"]) == (200, "KiCad", 2)
    assert first.json()["sides"] == {"top": 1, "bottom": 1, "": 0} and again.json()["known"] == 2
    assert any("XX1" in text for text in first.json()["findings"])
    assert placed(eva, POS.replace(b"10.5", b"11")).status_code == 409
    assert placed(eva, b"nonsense").status_code == 422 and placed(eva, revision="Z").status_code == 404
    assert placed(cast.program("anna")).status_code == 403
    seen = eva.get("/api/v1/products/A-LAMP").json()["revisions"][0]
    assert (seen["placement"], seen["components"]) == ("pos.csv", 2)
