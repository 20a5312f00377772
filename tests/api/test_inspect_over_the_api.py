"""Status, handling, inspection and papers over the API."""

import json

import pytest

JSON = "application/json"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


def file(name: str, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def post(client, address: str, said: dict, key: str | None = None):
    return client.post(f"/api/v1/{address}", said, JSON, headers={"Idempotency-Key": key} if key else {})


def test_from_plan_to_release(cast):
    anna, ben = cast.program("anna"), cast.program("ben")
    plan = {"standard": "iso2859", "part": "P-CAP", "level": "II", "aql": "0.65", "checks": ["marking"]}
    assert post(anna, "inspection-plans", plan).status_code == 403
    assert post(ben, "inspection-plans", plan, "p-1").status_code == 201
    assert anna.get("/api/v1/inspection-plans").json()["plans"][0]["checks"] == ["marking"]
    package = {"part": "P-CAP", "mpn": "GRM188", "lot_code": "L-9", "date_code": "2701", "quantity": "1000"}
    code = post(anna, "packages", {"packages": [{**package, "supplier": "REELHAUS"}]}).json()["packages"][0]["package"]
    state = anna.get(f"/api/v1/package-state/{code}").json()
    assert (state["standing"]["status"], state["may_mount"], state["due"]) == ("quarantine", False, "due")
    asked = post(anna, "inspections/look", {"packages": [code]}).json()
    assert (asked["sample_size"], asked["accept_max"], asked["reject_min"]) == (80, 1, 2)
    checks = json.dumps([{"kind": "marking", "verdict": "pass", "readings": {"lines": 2}, "file": "m.png"}])
    said = {"packages": json.dumps([code]), "nonconforming": "0", "checks": checks}
    done = anna.post("/api/v1/inspections", {**said, "files": [file("m.png", PNG)]}, headers={"Idempotency-Key": "i-1"})
    assert done.status_code == 201 and done.json()["verdict"] == "accepted", done.content
    again = anna.post(
        "/api/v1/inspections", {**said, "files": [file("m.png", PNG)]}, headers={"Idempotency-Key": "i-1"}
    )
    assert again.json()["inspection"] == done.json()["inspection"]
    assert post(anna, "goods-in/release", {"packages": [code], "reason": "x"}).status_code == 403
    assert post(ben, "goods-in/release", {"packages": [code], "reason": "ok"}).status_code == 201
    state = anna.get(f"/api/v1/package-state/{code}").json()
    assert (state["may_mount"], state["statuses"][-1]["reason"]) == (True, "ok")
    fact = cast.program("eva").get(f"/api/v1/facts/{done.json()['facts'][0]}").json()
    assert fact["table"] == "inspections"


def test_handling_lives_and_samples(cast):
    anna = cast.program("anna")
    code = "REEL-COMMON"
    assert post(anna, "goods-in/lives", {"package": code, "msl": "5a"}).status_code == 201
    assert post(anna, "goods-in/lives", {"part": "P-CAP", "msl": "5a"}).status_code == 403
    assert (
        post(
            anna, "goods-in/handling", {"packages": [code], "event": "opened", "happened_at": "2020-01-01T00:00:00Z"}
        ).status_code
        == 201
    )
    state = anna.get(f"/api/v1/package-state/{code}").json()
    assert (state["life"]["state"], state["may_mount"]) == ("over", False) and "Floor life" in state["why_not"]
    wrong = post(anna, "goods-in/handling", {"packages": [code], "event": "baked"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "supply.reading_missing")
    assert post(anna, "goods-in/samples", {"package": code, "quantity": 3, "place": "cupboard"}).status_code == 201
    assert post(anna, "goods-in/quarantine", {"packages": [code], "reason": "torn"}).status_code == 201
    assert post(anna, "goods-in/quarantine", {"packages": ["NONE"], "reason": "torn"}).status_code == 404
    assert (
        post(anna, "goods-in/quarantine", {"packages": [code], "reason": "x", "happened_at": "today"}).status_code
        == 422
    )


def test_a_package_is_split(cast):
    anna = cast.program("anna")
    package = {"part": "P-CAP", "mpn": "GRM188", "lot_code": "L-9", "date_code": "2701", "quantity": "1000"}
    code = post(anna, "packages", {"packages": [package]}).json()["packages"][0]["package"]
    said = {"package": code, "quantity": 400}
    done = post(anna, "goods-in/split", said, "s-1")
    assert done.status_code == 201, done.content
    assert post(anna, "goods-in/split", said, "s-1").json()["package"] == done.json()["package"] != code
    part = anna.get(f"/api/v1/package-state/{done.json()['package']}").json()
    assert part["lot_code"] == "L-9"
    refused = post(anna, "goods-in/split", {**said, "quantity": 601})
    assert (refused.status_code, refused.json()["code"]) == (409, "supply.split_too_many")
    assert post(anna, "goods-in/split", {**said, "quantity": 0}).status_code == 422
    assert post(anna, "goods-in/split", {**said, "package": "NONE"}).status_code == 404


def test_papers(cast):
    anna = cast.program("anna")
    said = {"kind": "coc", "supplier": "REELHAUS", "delivery": "DN-1", "said_by": "QA"}
    done = anna.post("/api/v1/declarations", {**said, "file": file("c.pdf", b"%PDF-1.7 x")})
    assert done.status_code == 201, done.content
    rows = anna.get("/api/v1/declarations", {"supplier": "REELHAUS"}).json()["declarations"]
    assert [(row["kind"], row["finding"], row["supplier"]) for row in rows] == [("coc", "pdf", "REELHAUS")] or rows[0][
        "supplier"
    ]
    assert anna.get("/api/v1/declarations", {"supplier": "NOBODY"}).json()["declarations"] == []
    assert anna.post("/api/v1/declarations", said).json()["code"] == "supply.file_missing"


@pytest.mark.parametrize(
    "said",
    [
        {"packages": "REEL", "nonconforming": "0"},
        {"packages": "[1]", "nonconforming": "0"},
        {"packages": '["REEL-COMMON"]', "nonconforming": "-1"},
        {"packages": '["REEL-COMMON"]', "nonconforming": "0", "checks": "[7]"},
        {
            "packages": '["REEL-COMMON"]',
            "nonconforming": "0",
            "checks": '[{"kind": "xray", "verdict": "pass", "file": "x"}]',
        },
    ],
)
def test_half_an_inspection_is_refused(cast, said):
    assert cast.program("anna").post("/api/v1/inspections", said).status_code == 422


def test_a_brands_reader_sees_neither_state_nor_papers(cast):
    reader = cast.program("brand_a_reader")
    for address in ("package-state/REEL-COMMON", "declarations", "inspection-plans"):
        assert reader.get(f"/api/v1/{address}").status_code == 404


def test_the_silicon_of_a_package(cast):
    anna, said = cast.program("anna"), {"package": "REEL-COMMON", "silicon_revision": "3.0", "known_from": "device"}
    done = post(anna, "goods-in/silicon", said, "si-1")
    assert done.status_code == 201, done.content
    assert post(anna, "goods-in/silicon", said, "si-1").json()["entry"] == done.json()["entry"]
    (shown,) = anna.get("/api/v1/package-state/REEL-COMMON").json()["silicon"]
    assert (shown["of"], shown["silicon_revision"], shown["fact"]) == ("REEL-COMMON", "3.0", done.json()["facts"][0])
    assert post(anna, "goods-in/silicon", {**said, "package": "NONE"}).status_code == 404
    assert post(anna, "goods-in/silicon", {**said, "known_from": "rumour"}).status_code == 422
    assert post(anna, "goods-in/silicon", {**said, "part": "P-CAP"}).json()["code"] == "supply.silicon_of_what"
