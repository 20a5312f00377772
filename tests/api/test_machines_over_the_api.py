"""Machines over the API: messages sent with a machine's token, what became of them, dead letters retried, machines named."""

import gzip

from machine_floor import PLACER, completed, envelope, payload

JSON = "application/json"


def test_a_machine_sends_and_an_engineer_looks(cast):
    machine, eva = cast.program("machine"), cast.program("eva")
    sent = payload(envelope("Made.Up.Name", {}), completed("NEVER"))
    said = machine.post("/api/v1/messages", gzip.compress(sent), JSON).json()
    assert (said["messages"], said["kept"], said["dead"]) == (2, 1, 1)
    assert machine.post("/api/v1/messages", sent, JSON).json()["known"] == 2
    (one,) = eva.get("/api/v1/machines").json()["machines"]
    assert (one["handle"], one["kept"], one["dead"]) == (PLACER, 1, 1)
    assert machine.get("/api/v1/machines").status_code == 403


def test_dead_letters_are_seen_and_retried(cast):
    eva = cast.program("eva")
    for n in range(3):
        eva.post("/api/v1/messages", payload(completed(f"NEVER-{n}")), JSON)
    page = eva.get("/api/v1/dead-letters", {"limit": 2}).json()
    rest = eva.get("/api/v1/dead-letters", {"limit": 2, "cursor": page["next"]}).json()
    assert (len(page["dead_letters"]), len(rest["dead_letters"]), rest["next"]) == (2, 1, None)
    assert page["causes"] == {"messages.pass_unknown": 3}
    one = page["dead_letters"][0]
    assert eva.get(f"/api/v1/dead-letters/{one['message']}").json()["cause"] == "messages.pass_unknown"
    assert b"NEVER" in eva.get(f"/api/v1/dead-letters/{one['message']}/raw").content
    assert cast.program("anna").get(f"/api/v1/dead-letters/{one['message']}/raw").status_code == 403
    said = eva.post("/api/v1/dead-letters/retry", {"messages": [one["message"]]}, JSON).json()
    assert (said["mended"], said["still"]) == (0, 1)
    assert eva.post("/api/v1/dead-letters/retry", {"messages": ["0" * 32]}, JSON).status_code == 404


def test_a_machine_is_named_once_a_key(cast):
    eva = cast.program("eva")
    asked = {"handle": PLACER, "machine": "NXT-1", "step": "PLACE"}
    for _ in range(2):
        said = eva.post("/api/v1/machines/name", asked, JSON, headers={"Idempotency-Key": "k"})
        assert said.status_code == 200 and said.json()["machine"] == "NXT-1"
    other = eva.post("/api/v1/machines/name", {**asked, "machine": "NXT-2"}, JSON, headers={"Idempotency-Key": "k"})
    assert other.status_code == 409
    assert eva.post("/api/v1/machines/name", {"handle": ""}, JSON).status_code == 422


def test_a_body_has_a_limit(cast, settings_of_django):
    with settings_of_django(API_IMPORT_BYTES_MAX=1_000):
        assert cast.program("machine").post("/api/v1/messages", b" " * 2_000, JSON).status_code == 413


def test_tests_of_messages_are_read_anew(cast):
    eva = cast.program("eva")
    eva.post("/api/v1/messages", payload(completed("NEVER")), JSON)
    said = eva.post("/api/v1/messages/reread", {"reason": "r", "since": "2027-03-01T00:00:00Z"}, JSON).json()
    assert (said["messages"], said["stored"], said["entries"]) == (0, 0, []) and said["reader"].startswith("cfx/")
    assert eva.post("/api/v1/messages/reread", {"reason": "r", "until": "then"}, JSON).status_code == 422
    assert eva.post("/api/v1/messages/reread", {"reason": "r", "machine": "Nobody"}, JSON).status_code == 404
