"""Holds over the API: place, ask why, lift; the same key twice; refusals as problems."""

from cast import serial

JSON = "application/json"


def post(client, address, said, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, said, JSON, headers=headers)


def test_from_placing_to_lifting(cast):
    ben, anna = cast.program("ben"), cast.program("anna")
    said = {"units": [f"{serial('ALP', 2)}..{serial('ALP', 4)}"], "reason": "dropped"}
    placed = post(ben, "/api/v1/holds", said, "one")
    assert placed.status_code == 201 and post(ben, "/api/v1/holds", said, "one").json()["code"] == placed.json()["code"]
    hold = placed.json()
    assert (hold["units"], hold["reason"], hold["lifted"]) == (3, "dropped", None)
    assert hold["names"] == [serial("ALP", n) for n in (2, 3, 4)]
    why = anna.get(f"/api/v1/units/{serial('ALP', 3)}/holds").json()
    assert [one["code"] for one in why["holds"]] == [hold["code"]]
    assert anna.get(f"/api/v1/units/{serial('ALP', 3)}").json()["holds"][0]["reason"] == "dropped"
    assert anna.get("/api/v1/ask", {"question": "held order:WO-ALP"}).json()["affected"]["certain"] == 3
    assert post(anna, f"/api/v1/holds/{hold['code']}/lift", {"reason": "r"}).status_code == 403
    lifted = post(ben, f"/api/v1/holds/{hold['code']}/lift", {"reason": "no crack"}, "two").json()
    assert lifted["lifted"]["reason"] == "no crack" and lifted["units"] == 0
    again = post(ben, f"/api/v1/holds/{hold['code']}/lift", {"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "production.hold_lifted")
    other = post(ben, "/api/v1/holds", {"units": [serial("ALP", 9)], "reason": "dropped"}, "one")
    assert (other.status_code, other.json()["code"]) == (409, "ledger.request_key_reused")


def test_a_stranger_and_other_brands(cast):
    ben = cast.program("ben")
    code = post(ben, "/api/v1/holds", {"lot": "LOT-COMMON", "reason": "BOREAL found voids"}).json()["code"]
    dan, reader = cast.program("dan"), cast.program("brand_a_reader")
    assert dan.get(f"/api/v1/holds/{code}").status_code == 404 and dan.get("/api/v1/holds").json()["open"] == []
    assert post(dan, f"/api/v1/holds/{code}/lift", {"reason": "r"}).status_code == 404
    seen = reader.get(f"/api/v1/units/{serial('ALP', 1)}/holds")
    assert (
        len(seen.json()["holds"]) == 1 and "BOREAL" not in seen.content.decode() and code not in seen.content.decode()
    )
    assert reader.get("/api/v1/holds").status_code == 404
    post(ben, f"/api/v1/holds/{code}/lift", {"reason": "r"})
