"""Products, serial numbers, marks and tags over the API."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"
GTIN = "9506000134352"
NEW = {"order": "WO-77", "product": "A-LAMP", "revision": "B", "bom_version": "1", "quantity": 6, "owner": "ALPINA"}


def planned(cast):
    eva = cast.program("eva")
    eva.post("/api/v1/orders", NEW, JSON)
    rule = {"prefix": "LA", "width": 5, "check": "mod37_36"}
    assert eva.post("/api/v1/products/A-LAMP/serial-rule", rule, JSON).status_code == 200
    assert (
        eva.post(
            "/api/v1/products/A-LAMP/mark-rule", {"content": "gs1", "gtin": GTIN, "company_digits": 7}, JSON
        ).status_code
        == 200
    )
    return eva


def test_units_are_numbered_and_marked(cast):
    eva = planned(cast)
    seen = eva.get("/api/v1/products/A-LAMP").json()
    assert seen["serial_rule"] == {"prefix": "LA", "width": 5, "check": "mod37_36", "first": 1}
    named = eva.post("/api/v1/orders/WO-77/serials", {"count": 4}, JSON, headers={"Idempotency-Key": "n"}).json()
    assert (named["count"], named["first"]) == (4, seen["next_serial"]) and named["first"].startswith("LA00001")
    assert (
        eva.post("/api/v1/orders/WO-77/serials", {"count": 4}, JSON, headers={"Idempotency-Key": "n"}).json() == named
    )
    listed = SimpleUploadedFile("customer.csv", b"serial\nK-1\nK-2\n")
    assert eva.post("/api/v1/orders/WO-77/serial-list", {"file": listed}).json()["last"] == "K-2"
    wrong = SimpleUploadedFile("customer.csv", b"serial\nK-1\nK-1\n")
    refused = eva.post("/api/v1/orders/WO-77/serial-list", {"file": wrong})
    assert refused.status_code == 422 and [row["line"] for row in refused.json()["errors"]] == [2, 3]
    anna = cast.program("anna")
    for kind, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("dxf", b"0\r\nSECTION")):
        answer = anna.get("/api/v1/units/K-1/mark", {"format": kind})
        assert answer.status_code == 200 and answer.content.startswith(begins)
    assert anna.get("/api/v1/orders/WO-77/marks", {"first": 1, "last": 6}).content.count(b"POLYLINE") > 6 * 50


def test_a_mark_is_read_back(cast):
    eva, anna = planned(cast), cast.program("anna")
    first = eva.post("/api/v1/orders/WO-77/serials", {}, JSON).json()["first"]
    read = {"read": f"]d2010{GTIN}21{first}", "station": "MARK-1"}
    assert anna.post(f"/api/v1/units/{first}/mark-reading", read, JSON).json()["unit"] == "WO-77#1"
    refused = anna.post("/api/v1/units/WO-77%232/mark-reading", read, JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "production.mark_wrong")
    assert refused.json()["facts"]["read"].endswith(first)
    picture = anna.get(f"/api/v1/units/{first}/mark", {"format": "png"}).content
    answer = anna.post(f"/api/v1/units/{first}/mark-picture", {"file": SimpleUploadedFile("mark.png", picture)})
    assert answer.status_code == 200 and answer.json()["serial"] == first
    from PIL import Image

    out = BytesIO()
    Image.new("L", (100, 100), 255).save(out, "PNG")
    answer = anna.post(f"/api/v1/units/{first}/mark-picture", {"file": SimpleUploadedFile("mark.png", out.getvalue())})
    assert answer.json()["code"] == "production.mark_unreadable"


def test_a_tag_finds_the_unit(cast):
    eva = cast.program("eva")
    eva.post("/api/v1/orders", NEW, JSON)
    eva.post("/api/v1/products/A-LAMP/serial-rule", {"width": 4, "first": 6789}, JSON)
    eva.post(
        "/api/v1/products/A-LAMP/mark-rule", {"content": "gs1", "gtin": "80614141123458", "company_digits": 7}, JSON
    )
    eva.post("/api/v1/orders/WO-77/serials", {}, JSON)
    tagged = cast.program("anna").post("/api/v1/units/6789/tag", {"epc": "3074257BF7194E4000001A85"}, JSON).json()
    assert tagged["uri"] == "urn:epc:id:sgtin:0614141.812345.6789"
    assert '"6789"' in eva.get("/api/v1/find", {"code": tagged["epc"]}).content.decode()


def test_a_panel_map_is_set_and_places_the_marks(cast):
    eva = planned(cast)
    places = [
        {"side": side, "machine_position": n, "position": unit, "x_mm": str(30 * n), "y_mm": "0"}
        for side, units in (("top", (1, 2, 3)), ("bottom", (3, 2, 1)))
        for n, unit in enumerate(units, 1)
    ]
    answer = eva.post("/api/v1/products/A-LAMP/revisions/B/panel", {"panel": "P1", "places": places}, JSON)
    assert answer.status_code == 200, answer.content
    (revision,) = eva.get("/api/v1/products/A-LAMP").json()["revisions"]
    assert revision["panel"]["name"] == "P1" and len(revision["panel"]["places"]) == 6
    eva.post("/api/v1/orders/WO-77/serials", {}, JSON)
    drawing = eva.get("/api/v1/orders/WO-77/marks", {"first": 1, "last": 3, "format": "svg"}).content.decode()
    assert drawing.count("<path") == 3
    full = eva.get("/api/v1/orders/WO-77/marks", {"first": 1, "last": 4, "format": "svg"})
    assert (full.status_code, full.json()["code"]) == (409, "question.mark_panel_full")
    places[0]["position"] = 9
    wrong = eva.post("/api/v1/products/A-LAMP/revisions/B/panel", {"panel": "P2", "places": places}, JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "catalog.panel_sides_differ")
    assert (
        eva.post("/api/v1/products/A-LAMP/revisions/Z/panel", {"panel": "P2", "places": places}, JSON).status_code
        == 404
    )


def test_a_party_reader_sees_its_own_products_only(cast):
    planned(cast)
    assert cast.program("brand_a_reader").get("/api/v1/products/A-LAMP").status_code == 200
    assert cast.program("brand_b_reader").get("/api/v1/products/A-LAMP").status_code == 404
    assert cast.program("brand_b_reader").get("/api/v1/units/ALP-0001/mark").status_code == 404
    assert cast.program("brand_b_reader").get("/api/v1/orders/WO-ALP/marks").status_code == 404
    assert cast.program("dan").get("/api/v1/products/A-LAMP").status_code == 404
