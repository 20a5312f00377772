"""The log over the API, checked with the kernel's own verifiers, which know nothing of the API (RFC 6962, C2SP notes)."""

from asbuilt.kernel import merkle, notes
from asbuilt.kernel.notes import strict_base64

JSON = "application/json"


def test_the_head_is_signed_by_the_keys_it_comes_with(cast):
    said = cast.program("olga").get("/api/v1/log").json()
    keys = [notes.parse_vkey(line) for line in said["public_keys"].splitlines() if not line.startswith("record ")]
    head = notes.verify_checkpoint(said["note"], keys)
    assert (head.size, head.root.hex(), head.origin) == (said["size"], said["root"], said["origin"])


def test_every_entry_is_proved_under_the_head(cast):
    client = cast.program("olga")
    head = client.get("/api/v1/log").json()
    numbers, cursor = [], None
    for _ in range(100):
        page = client.get("/api/v1/log/entries", {"limit": 9, **({"cursor": cursor} if cursor else {})}).json()
        numbers += [entry["number"] for entry in page["entries"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert numbers == list(range(head["size"], 0, -1))
    for number in numbers[::7]:
        entry = client.get(f"/api/v1/log/entries/{number}").json()
        proof = client.get(f"/api/v1/log/entries/{number}/proof").json()
        assert proof["leaf"] == entry["body"] and proof["index"] == number - 1
        hashes = [strict_base64(node) for node in proof["proof"]]
        root = bytes.fromhex(head["root"])
        assert merkle.verify_inclusion(
            merkle.leaf_hash(proof["leaf"].encode()), proof["index"], head["size"], hashes, root
        )
    assert client.get(f"/api/v1/log/entries/{head['size'] + 1}").status_code == 404


def test_the_log_only_grew_between_two_checkpoints(cast):
    client = cast.program("eva")
    old = client.post("/api/v1/log/checkpoint").json()["note"]
    client.post("/api/v1/answers", {"question": "order:WO-ALP"}, JSON)
    new = client.post("/api/v1/log/checkpoint").json()["note"]
    proof = client.post("/api/v1/log/consistency", {"old": old, "new": new}, JSON)
    assert proof.status_code == 200
    keys = client.get("/api/v1/log").json()["public_keys"]
    vkeys = [notes.parse_vkey(line) for line in keys.splitlines() if not line.startswith("record ")]
    first, last = notes.verify_checkpoint(old, vkeys), notes.verify_checkpoint(new, vkeys)
    hashes = [strict_base64(node) for node in proof.json()["proof"]]
    assert merkle.verify_consistency(first.size, last.size, hashes, first.root, last.root)
    assert client.post("/api/v1/log/consistency", {"old": new, "new": old}, JSON).status_code == 422
    foreign = cast.program("dan").get("/api/v1/log").json()["note"]
    assert client.post("/api/v1/log/consistency", {"old": foreign, "new": new}, JSON).status_code in (422, 500)


def test_a_verification_is_asked_for_and_looked_at(cast):
    from asbuilt.built.exchange.working import work_runs

    client = cast.program("olga")
    assert client.get("/api/v1/log/verify").json()["state"] is None
    assert client.post("/api/v1/log/verify").status_code == 202
    assert client.get("/api/v1/log/verify").json()["state"] == "waits"
    work_runs()
    done = client.get("/api/v1/log/verify").json()
    assert (done["state"], done["faults"]) == ("done", 0), done["report"]["findings"]
