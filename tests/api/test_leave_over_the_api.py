"""Packing, shipping, returns and concessions over the API; nobody sees another brand's."""

import json

from cast import serial
from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"
API = "/api/v1"


def test_from_the_verdict_to_the_package_and_back(cast, tmp_path):
    anna, ben, olga = cast.program("anna"), cast.program("ben"), cast.program("olga")
    assert anna.get(f"{API}/leave", {"code": serial("ALP", 12)}).json()["units"][0]["go"] is True
    whole = anna.get(f"{API}/orders/WO-ALP/leave").json()
    assert whole["order"] == "WO-ALP" and whole["go"] <= whole["units"]
    box = anna.post(f"{API}/containers", {"kind": "box", "code": "BX1"}, JSON, headers={"Idempotency-Key": "a"})
    assert box.status_code == 201 and box.json()["state"] == "open"
    went = anna.post(
        f"{API}/containers/BX1/contents", {"codes": [serial("ALP", 12)]}, JSON, headers={"Idempotency-Key": "b"}
    )
    assert went.status_code == 201 and went.json()["units"] == 1
    again = anna.post(
        f"{API}/containers/BX1/contents", {"codes": [serial("ALP", 12)]}, JSON, headers={"Idempotency-Key": "b"}
    )
    assert again.json()["entry"] == went.json()["entry"]
    twice = anna.post(f"{API}/containers/BX1/contents", {"codes": [serial("ALP", 12)]}, JSON)
    assert (twice.status_code, twice.json()["code"]) == (409, "gate.packed_already")
    assert olga.post(f"{API}/containers/BX1/close").status_code == 403
    assert anna.post(f"{API}/containers/BX1/close").json()["state"] == "closed"
    assert anna.get(f"{API}/containers/BX1/label", {"format": "zpl"}).content.startswith(b"^XA")
    said = {"kind": "shipment", "code": "OUT-1", "customer": "NORDLICHT", "country": "DE"}
    assert anna.post(f"{API}/containers", said, JSON).status_code == 201
    anna.post(f"{API}/containers/OUT-1/contents", {"codes": ["BX1"]}, JSON)
    gone = anna.post(f"{API}/shipments/OUT-1/ship")
    assert gone.status_code == 201 and gone.json()["units"] == 1
    package = olga.get(f"{API}/shipments/OUT-1/package")
    assert package.content[:2] == b"PK" and b"BOREAL" not in package.content and b"ALP-0012" in package.content
    conformity = olga.get(f"{API}/shipments/OUT-1/conformity").json()
    assert conformity["units"] == 1 and conformity["serials"] == [serial("ALP", 12)]
    reader, other = cast.program("brand_a_reader"), cast.program("brand_b_reader")
    assert reader.get(f"{API}/shipments/OUT-1").json()["total"] == 1
    assert other.get(f"{API}/shipments/OUT-1").status_code == 404
    assert other.get(f"{API}/shipments/OUT-1/package").status_code == 404
    assert "OUT-1" not in json.dumps(other.get(f"{API}/shipments").json())
    placed = ben.post(f"{API}/shipments/OUT-1/placings", {"party": "ALPINA", "decided_by": "Head of sales"})
    assert placed.status_code == 201, placed.content
    assert olga.get(f"{API}/shipments/OUT-1").json()["placings"][0]["decided_by"] == "Head of sales"
    back = anna.post(f"{API}/returns", {"codes": [serial("ALP", 12)], "said": "dark"}, JSON)
    assert back.status_code == 201
    event = {"code": serial("ALP", 12), "event": "found", "said": "D1 open"}
    assert anna.post(f"{API}/returns/events", event, JSON).status_code == 201
    (unit,) = olga.get(f"{API}/returns/{back.json()['rma']}").json()["units"]
    assert [one["event"] for one in unit["said"]] == ["received", "found"] and unit["here"]
    assert reader.get(f"{API}/returns/{back.json()['rma']}").status_code == 200
    assert other.get(f"{API}/returns/{back.json()['rma']}").status_code == 404


def test_a_concession_of_two_people_is_not_enough_while_nobody_knows_the_manufacturer(cast):
    eva, ben = cast.program("eva"), cast.program("ben")
    said = {"codes": [serial("ALP", 11)], "allows": "test_missing", "reason": "rig", "until_at": "2099-01-01T00:00:00Z"}
    made = eva.post(f"{API}/concessions", said, JSON)
    assert made.status_code == 201
    code = made.json()["code"]
    agreed = ben.post(f"{API}/concessions/{code}/approvals", {"reason": "ok"})
    assert agreed.status_code == 201 and agreed.json()["state"] == "open"
    assert agreed.json()["missing"] == ["Nobody said who is the manufacturer of A-LAMP."]
    assert cast.program("brand_b_reader").get(f"{API}/concessions/{code}").status_code == 404
    ended = ben.post(f"{API}/concessions/{code}/end", {"reason": "not needed"}, JSON)
    assert ended.json()["state"] == "over"


def table(client, kind: str, text: str):
    answer = client.post(f"{API}/imports", {"kind": kind, "file": SimpleUploadedFile(f"{kind}.csv", text.encode())})
    assert answer.status_code < 300, answer.content


def walked(client, address: str, key: str, **more) -> list[dict]:
    """All rows of a list, one a page."""
    found, cursor = [], None
    for _ in range(50):
        page = client.get(f"{API}/{address}", {"limit": 1, **more, **({"cursor": cursor} if cursor else {})}).json()
        found, cursor = found + page[key], page["next"]
        if cursor is None:
            return found
    raise AssertionError("it ends")


def test_a_list_is_read_to_its_end_by_its_cursor(cast):
    """Of shipments that left, of returns and of closed nonconformities the API had the newest 200 or 500, and no way to the others."""
    anna, ben, reader = cast.program("anna"), cast.program("ben"), cast.program("brand_a_reader")
    at = "2027-05-01T08:00:00Z"
    events = [("received", "", at), ("sent_back", "SHIP-ALP-1", "2027-05-02T08:00:00Z")]
    rows = [
        f"{serial('ALP', n)},,R-{n},{event},,,{shipment},,{when}" for event, shipment, when in events for n in (1, 2, 3)
    ]
    table(
        ben,
        "returns",
        "\n".join(["serial,replacement_serial,rma,event,said,party,shipment,operator,happened_at", *rows, ""]),
    )
    rows = [f"N-{n},test,minor,,,,,said,,{at}" for n in (1, 2, 3)]
    table(
        ben,
        "nonconformities",
        "\n".join(
            ["nonconformity,source,severity,product,defect,party,question,description,operator,raised_at", *rows, ""]
        ),
    )
    for n in (1, 2, 3):
        assert ben.post(f"{API}/nonconformities/N-{n}/close", {"reason": "seen"}, JSON).status_code == 200
    assert (
        anna.post(f"{API}/containers", {"kind": "shipment", "customer": "NORDLICHT", "country": "DE"}, JSON).status_code
        == 201
    )
    for who in (anna, reader):
        for address, key, more in (
            ("shipments", "shipments", {}),
            ("returns", "returns", {}),
            ("nonconformities", "nonconformities", {"closed": True}),
        ):
            whole = who.get(f"{API}/{address}", more).json()
            assert whole["next"] is None and walked(who, address, key, **more) == whole[key], (address, whole)
            assert len(whole[key]) > 2 or who is reader, whole
    assert anna.get(f"{API}/shipments", {"cursor": "x"}).status_code == 422
