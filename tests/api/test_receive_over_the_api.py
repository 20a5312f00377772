"""Goods-in over the API: look, receive, what is missing and what is asked back, the key."""

GS, RS, EOT = "\x1d", "\x1e", "\x04"
JSON = "application/json"
LABEL = f"[)>{RS}06{GS}1PGRM188{GS}Q4000{GS}1TL-77{GS}10D2701{RS}{EOT}"


def test_a_label_is_looked_at_and_then_received(cast):
    anna = cast.program("anna")
    seen = anna.post("/api/v1/goods-in/look", {"packages": [{"label": LABEL, "delivery": "DN-9"}]}, JSON).json()
    (one,) = seen["packages"]
    assert (one["cells"]["part"], one["label"]["lot_code"], one["missing"], one["questions"]) == (
        "P-CAP",
        "L-77",
        {},
        [],
    )
    said = {"packages": [{"label": LABEL, "delivery": "DN-9", "supplier": "REELHAUS"}]}
    key = {"Idempotency-Key": "r-1"}
    done = anna.post("/api/v1/packages", said, JSON, headers=key)
    assert done.status_code == 201, done.content
    (row,) = done.json()["packages"]
    assert row["cells"]["lot_code"] == "L-77" and row["cells"]["manufacturer"] == "MURATA"
    again = anna.post("/api/v1/packages", said, JSON, headers=key)
    assert (again.status_code, again.json()["entry"]) == (201, done.json()["entry"])
    assert anna.get(f"/api/v1/packages/{row['package']}").json()["lot"]["lot_code"] == "L-77"
    assert anna.get("/api/v1/ask", {"question": "lot:L-77"}).json()["affected"]["certain"] == 0
    assert cast.program("eva").get(f"/api/v1/facts/{row['fact']}").json()["table"] == "lots"


def test_what_is_missing_and_what_looks_wrong_is_named(cast):
    anna = cast.program("anna")
    bare = f"[)>{RS}06{GS}1PGRM188{GS}Q478{RS}{EOT}"
    refused = anna.post("/api/v1/packages", {"packages": [{"label": bare}]}, JSON)
    assert refused.status_code == 422
    assert [row["column"] for row in refused.json()["errors"]] == ["lot_code", "date_code"]
    whole = {"label": bare, "lot_code": "L1", "date_code": "-"}
    asked = anna.post("/api/v1/packages", {"packages": [whole]}, JSON)
    assert (asked.status_code, asked.json()["code"]) == (409, "supply.confirmation_needed")
    ids = [one["id"] for one in asked.json()["facts"]["questions"]]
    assert ids == ["pack_size:quantity=478"]
    assert anna.post("/api/v1/packages", {"packages": [{**whole, "confirmed": ids}]}, JSON).status_code == 201


def test_a_package_kind_that_is_none_is_refused(cast):
    said = {"packages": [{"label": LABEL, "package_kind": "barrel"}]}
    assert cast.program("anna").post("/api/v1/packages", said, JSON).status_code == 422
    assert cast.program("anna").post("/api/v1/packages", {"packages": []}, JSON).status_code == 422
    assert cast.program("olga").post("/api/v1/packages", said, JSON).status_code == 403


def test_a_label_is_downloaded_and_printed(cast, monkeypatch):
    anna = cast.program("anna")
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("zpl", b"^XA")):
        answer = anna.get("/api/v1/package-labels/REEL-COMMON", {"form": form})
        assert answer.status_code == 200 and answer.content.startswith(begins)
        assert "attachment" in answer["Content-Disposition"] and answer["X-Content-Type-Options"] == "nosniff"
    assert anna.get("/api/v1/package-labels/NONE").status_code == 404
    assert anna.get("/api/v1/package-labels/REEL-COMMON", {"form": "exe"}).status_code == 422
    monkeypatch.setenv("ASBUILT_PRINTERS", "goods-in=127.0.0.1:9")
    assert anna.get("/api/v1/printers").json() == {"printers": ["goods-in"]}
    said = {"packages": ["REEL-COMMON"], "printer": "goods-in"}
    done = anna.post("/api/v1/package-labels", said, JSON)
    assert done.status_code == 201 and done.json()["labels"] == 1
    assert anna.post("/api/v1/package-labels", {**said, "printer": "other"}, JSON).status_code == 404
