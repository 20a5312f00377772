"""Planning over the API: open, grow, split, close, with idempotency keys."""

JSON = "application/json"
NEW = {"order": "WO-77", "product": "A-LAMP", "revision": "B", "bom_version": "1", "quantity": 10, "owner": "ALPINA"}


def test_an_order_opens_grows_splits_and_closes(cast):
    eva = cast.program("eva")
    key = {"Idempotency-Key": "k-1"}
    first = eva.post("/api/v1/orders", {**NEW, "opened_at": "2027-05-01T08:00:00+02:00"}, JSON, headers=key)
    assert first.status_code == 201, first.content
    ((low, high),) = first.json()["units"]
    assert high - low == 10
    again = eva.post("/api/v1/orders", {**NEW, "opened_at": "2027-05-01T08:00:00+02:00"}, JSON, headers=key)
    assert again.json() == first.json()
    assert (
        eva.post("/api/v1/orders", {**NEW, "quantity": 9}, JSON, headers=key).json()["code"]
        == "ledger.request_key_reused"
    )
    grown = eva.post("/api/v1/orders/WO-77/grow", {"quantity": 2}, JSON, headers={"Idempotency-Key": "k-2"}).json()
    assert grown["units"] == [[high, high + 2]]
    split = eva.post("/api/v1/orders/WO-77/split", {"new_order": "WO-78", "quantity": 3}, JSON).json()
    assert split["units"] == [[high - 1, high], [high, high + 2]] and split["order"] == "WO-78"
    seen = eva.get("/api/v1/orders/WO-78").json()["order"]
    assert (seen["quantity"], seen["owner"], seen["closed_at"]) == (3, "Alpina Light", None)
    closed = eva.post("/api/v1/orders/WO-77/close", {"reason": "enough"}, JSON).json()
    assert (closed["unfinished"], closed["places"]) == (9, [[1, 9]])
    assert eva.get("/api/v1/orders/WO-77").json()["order"]["closed_at"]
    refused = eva.post("/api/v1/orders/WO-77/grow", {"quantity": 1}, JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "production.order_closed")
    # the owner's reader sees them too, the other brand's does not
    assert cast.program("brand_a_reader").get("/api/v1/orders/WO-78").json()["order"]["quantity"] == 3
    assert cast.program("brand_b_reader").get("/api/v1/orders/WO-78").status_code == 404


def test_what_is_wrong_is_named(cast):
    eva = cast.program("eva")
    for said, status, code in (
        ({**NEW, "product": "A-LAMB"}, 422, "production.bom_unknown"),
        ({**NEW, "order": "WO-ALP"}, 409, "tables.contradicts"),
        ({**NEW, "quantity": 0}, 422, "api.fields_wrong"),
        ({**NEW, "opened_at": "2027-05-01"}, 422, "api.fields_wrong"),
        ({**NEW, "owner": "Nobody"}, 422, "parties.unknown"),
    ):
        answer = eva.post("/api/v1/orders", said, JSON)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
        assert answer.json()["remedy"]
    assert cast.program("anna").post("/api/v1/orders", NEW, JSON).status_code == 403


def test_a_code_with_a_slash_keeps_its_verbs(cast):
    eva = cast.program("eva")
    assert eva.post("/api/v1/orders", {**NEW, "order": "WO/7 7"}, JSON).status_code == 201
    assert eva.post("/api/v1/orders/WO/7 7/grow", {"quantity": 2}, JSON).json()["order"] == "WO/7 7"
    assert eva.get("/api/v1/orders/WO/7 7").json()["order"]["quantity"] == 12
