"""Setups over the API: a program, mounts, a splice, removals, a step that places, by hand; keys and rights."""

from cast import serial

JSON = "application/json"


def post(client, address, said, key=None):
    return client.post(f"/api/v1/{address}", said, JSON, headers={"Idempotency-Key": key} if key else {})


def test_a_machine_is_set_up_and_places(cast):
    eva, anna, station = cast.program("eva"), cast.program("anna"), cast.program("station")
    program = {
        "product": "A-LAMP",
        "revision": "B",
        "side": "top",
        "machine": "PP-1",
        "program": "P1",
        "feeders": [{"feeder": "1", "refdes": "C1", "grey_pieces": 3}],
    }
    first = post(eva, "programs", program, "p")
    assert (first.status_code, post(eva, "programs", program, "p").json()) == (201, first.json())
    assert post(anna, "programs", program).status_code == 403
    assert "PP-1" in anna.get("/api/v1/setups").json()["machines"]
    setup = anna.get("/api/v1/setup", {"machine": "PP-1", "order": "WO-ALP"}).json()
    assert (setup["ready"], setup["side"], [one["state"] for one in setup["feeders"]]) == (False, "top", ["empty"])
    line = anna.get("/api/v1/orders/WO-ALP/setup").json()
    assert [one["program"] for one in line["setups"]] == ["P1"]
    mounting = {"machine": "PP-1", "feeder": "1", "package": "REEL-COMMON", "order": "WO-ALP"}
    done = post(anna, "setup/mounts", mounting, "m")
    assert (done.status_code, done.json()["package"]) == (201, "REEL-COMMON"), done.json()
    assert post(anna, "setup/mounts", mounting, "m").json()["entry"] == done.json()["entry"]
    assert post(anna, "setup/mounts", mounting).json()["code"] == "production.feeder_taken"
    assert post(station, "setup/mounts", mounting).status_code == 403
    assert station.get("/api/v1/setup", {"machine": "PP-1", "order": "WO-ALP"}).json()["ready"]
    assert post(anna, "setup/splices", {**mounting, "grey_pieces": -1}).status_code == 422
    assert post(anna, "setup/splices", {**mounting, "old": "OTHER"}).json()["code"] == "production.other_package_there"
    assert post(anna, "setup/removals", {"machine": "PP-1", "feeder": "1"}).status_code == 201
    problem = post(station, "steps", {"code": serial("ALP", 1), "step": "SMT", "machine": "PP-1"}).json()
    assert (problem["code"], problem["facts"]["stops"][0]["facts"]["feeder"]) == ("production.feeder_empty", "1")


def test_by_hand_and_strangers(cast):
    anna, dan = cast.program("anna"), cast.program("dan")
    refused = post(anna, "placed-by-hand", {"first": serial("ALP", 1), "refdes": ["C1"], "package": "NO-SUCH"})
    assert (refused.status_code, refused.json()["code"]) == (404, "supply.package_unknown")
    assert dan.get("/api/v1/orders/WO-ALP/setup").status_code == 404
    assert (
        post(dan, "setup/mounts", {"machine": "PP-1", "feeder": "1", "package": "P", "order": "WO-ALP"}).status_code
        == 404
    )
    assert post(dan, "placed-by-hand", {"first": serial("ALP", 1), "refdes": ["C1"], "package": "P"}).status_code == 404
