"""Delivery notes over the API: out, back with papers, the open ones; nobody sees another brand's note."""

from cast import serial
from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"
NOTES = "/api/v1/delivery-notes"


def send(client, *codes, key=None, **said):
    said = {"codes": list(codes), "step": "PLATING", "party": "REELHAUS", **said}
    return client.post(NOTES, said, JSON, headers={"Idempotency-Key": key} if key else {})


def paper(name="c.pdf"):
    return SimpleUploadedFile(name, b"%PDF plated")


def test_out_and_back(cast):
    anna, olga = cast.program("anna"), cast.program("olga")
    sent = send(anna, f"{serial('ALP', 11)}..{serial('ALP', 12)}", key="s-1", transport="van")
    assert sent.status_code == 201 and sent.json() == {
        "entry": sent.json()["entry"],
        "note": "DN-1",
        "party": "REELHAUS",
        "units": 2,
    }
    assert send(anna, f"{serial('ALP', 11)}..{serial('ALP', 12)}", key="s-1", transport="van").json() == sent.json()
    assert send(olga, serial("ALP", 12)).status_code == 403
    again = send(anna, serial("ALP", 11))
    assert again.status_code == 409 and again.json()["code"] == "gate.outside"
    assert again.json()["facts"]["stops"][0]["facts"]["note"] == "DN-1"
    (open_one,) = olga.get(NOTES).json()["notes"]
    assert (open_one["note"], open_one["order"], open_one["sent"], open_one["outside"]) == ("DN-1", "WO-ALP", 2, 2)
    assert olga.get(NOTES, {"order": "WO-BOR"}).json()["notes"] == []
    back = anna.post(
        f"{NOTES}/DN-1/returns",
        {"codes": serial("ALP", 11), "certificate": paper()},
        headers={"Idempotency-Key": "b-1"},
    )
    assert back.status_code == 201, back.content
    assert (back.json()["units"], back.json()["outside"]) == (1, [serial("ALP", 12)])
    note = olga.get(f"{NOTES}/DN-1").json()
    assert [unit["outside"] for unit in note["units"]] == [False, True]
    assert note["papers"][0]["kind"] == "certificate" and note["sent_at"].endswith("Z")
    assert olga.get(f"/api/v1/evidence/{note['papers'][0]['sha256']}").status_code == 200
    counted = olga.get("/api/v1/ask", {"question": "in:outside"}).json()["affected"]["certain"]
    assert counted == 1
    assert olga.get(f"/api/v1/units/{serial('ALP', 12)}").json()["where"]["state"] == "outside"


def test_another_brands_reader_finds_no_note(cast):
    assert send(cast.program("anna"), serial("ALP", 11), note="LS/7").status_code == 201
    own, other, dan = (cast.program(who) for who in ("brand_a_reader", "brand_b_reader", "dan"))
    assert own.get(f"{NOTES}/LS/7").json()["units"][0]["name"] == serial("ALP", 11)
    missing = other.get(f"{NOTES}/NOBODYS").json()
    for client in (other, dan):
        answer = client.get(f"{NOTES}/LS/7")
        assert answer.status_code == 404 and "ALP" not in answer.content.decode()
        assert client.get(NOTES).json() == {"notes": []}
    hidden = other.get(f"{NOTES}/LS/7").json()
    assert hidden["remedy"] == missing["remedy"] and hidden["code"] == missing["code"]
    assert len(own.get(NOTES).json()["notes"]) == 1
    # a reader writes nothing, and learns nothing from trying
    for client in (own, other):
        assert client.post(f"{NOTES}/LS/7/returns", {"result": "failed"}).status_code == 404


def test_wrong_requests_name_the_field(cast):
    anna = cast.program("anna")
    assert send(anna, serial("ALP", 11), step="").status_code == 422
    assert anna.post(NOTES, {"codes": [], "step": "X"}, JSON).status_code == 422
    assert send(anna, serial("ALP", 11), party="NOBODY").json()["code"] == "parties.unknown"
    assert send(anna, serial("ALP", 11)).status_code == 201
    for said in ({"result": "fine"}, {"started_at": "soon"}):
        answer = anna.post(f"{NOTES}/DN-1/returns", said)
        assert answer.status_code == 422 and next(iter(said)) in answer.content.decode()
    assert anna.post(f"{NOTES}/DN-2/returns", {}).status_code == 404
    wrong = anna.post(f"{NOTES}/DN-1/returns", {"codes": serial("ALP", 12)})
    assert wrong.status_code == 409 and wrong.json()["code"] == "gate.not_on_note"
    assert wrong.json()["facts"]["units"] == [serial("ALP", 12)]
