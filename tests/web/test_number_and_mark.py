"""A product's page with its rules and its panel; numbering an order's units; a unit's mark, printed and read back."""

from io import BytesIO

import pytest
from boards_and_boxes import tables
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from asbuilt.formats.marks import read_picture

pytestmark = pytest.mark.once


@pytest.fixture
def one(load, signed_in):
    load(tables())
    client = signed_in("engineer")
    form = client.get("/orders/open/").content.decode()
    import html
    import re

    builds = html.unescape(re.search(r'<option value="(\[[^"]*BRD[^"]*)"', form)[1])
    client.send("/orders/open/", {"order": "WN", "quantity": "6", "builds": builds})
    return client


def test_rules_are_set_on_the_products_page(one):
    assert one.get("/product/NONE/").status_code == 404
    page = one.get("/product/BRD/").content.decode()
    assert "No rule" in page and "No panel map" in page and 'href="/order/WN/"' in page
    rule = {"prefix": "AB-", "width": "4", "first": "1", "check": "luhn"}
    assert one.send("/product/BRD/serial-rule/", rule)["Location"] == "/product/BRD/"
    assert "AB-00018" in one.get("/product/BRD/").content.decode()
    wrong = one.send("/product/BRD/serial-rule/", {**rule, "width": "0"})
    assert wrong.status_code == 422 and "catalog.counter_width" in wrong.content.decode()
    mark = {"content": "gs1", "gtin": "9506000134352", "module_mm": "0.25"}
    assert one.send("/product/BRD/mark-rule/", mark).status_code == 302
    wrong = one.send("/product/BRD/mark-rule/", {**mark, "gtin": "9506000134353"})
    assert wrong.status_code == 422 and 'value="9506000134353"' in wrong.content.decode()


def test_a_panel_is_drawn_from_both_sides(one):
    panel = {
        "revision": "B",
        "panel": "P6",
        "columns": "3",
        "rows": "2",
        "pitch_x": "30,5",
        "pitch_y": "40",
        "turned": "left-right",
    }
    assert one.send("/product/BRD/panel/", panel)["Location"] == "/product/BRD/"
    page = one.get("/product/BRD/").content.decode()
    assert page.count("<svg viewBox") == 2 and page.count("pm-unit") == 12
    assert "<title>machine 1 is unit 3</title>" in page  # bottom, lowest row from the left
    for changed in ({"columns": "0"}, {"columns": "2000", "rows": "2"}, {"pitch_x": "wide"}, {"panel": ""}):
        assert one.send("/product/BRD/panel/", {**panel, "panel": "P7", **changed}).status_code == 422, changed
    assert one.send("/product/BRD/panel/", {**panel, "columns": "2"}).status_code == 409  # P6 is stated


def test_pages_speak_german_with_points_in_drawings(one):
    panel = {"revision": "B", "panel": "P6", "columns": "3", "rows": "2", "pitch_x": "30.5", "pitch_y": "40"}
    one.send("/product/BRD/panel/", panel)
    one.send("/language/", {"language": "de", "next": "/"})
    page = one.get("/product/BRD/").content.decode()
    assert "Nutzenplan" in page and 'x="34.5"' in page and 'x="34,5"' not in page


def test_units_are_numbered(one):
    refused = one.send("/order/WN/serials/", {"count": "2"})
    assert refused.status_code == 409 and "serial_rule_missing" in refused.content.decode()
    one.send("/product/BRD/serial-rule/", {"prefix": "AB-", "width": "4", "first": "1"})
    page = one.send("/order/WN/serials/", {"count": "2", "request_key": "k"}).content.decode()
    assert "2 units have serial numbers now" in page and "AB-0002" in page
    page = one.send("/order/WN/serials/", {"count": "2", "request_key": "k"}).content.decode()
    assert "AB-0002" in page and "AB-0003" not in page
    listed = SimpleUploadedFile("customer.csv", b"serial\nK-1\nK-2\n")
    assert "K-2" in one.send("/order/WN/serial-list/", {"file": listed}).content.decode()
    wrong = one.send("/order/WN/serial-list/", {"file": SimpleUploadedFile("customer.csv", b"serial\nK-1\n")})
    assert wrong.status_code == 422 and "belongs to another unit" in wrong.content.decode()
    assert one.send("/order/WN/serials/", {"count": ""}).status_code == 200
    laser = one.get("/order/WN/marks/", {"first": "1", "last": "6", "format": "dxf"})
    assert laser.status_code == 200 and "marks.dxf" in laser["Content-Disposition"]
    assert one.get("/order/WN/marks/", {"first": "1", "last": "7"}).status_code == 422


def test_a_mark_is_printed_and_read_back(one, signed_in):
    one.send("/product/BRD/serial-rule/", {"prefix": "AB-", "width": "4", "first": "1"})
    one.send("/order/WN/serials/", {"count": ""})
    picture = one.get("/unit/AB-0001/mark/", {"format": "png"})
    assert [mark.text for mark in read_picture(picture.content)] == ["AB-0001"]
    assert "Data Matrix of AB-0001" in one.get("/unit/AB-0001/").content.decode()
    anna = signed_in("operator")
    page = anna.send("/unit/AB-0001/mark-reading/", {"read": "AB-0001"})
    assert page.status_code == 200 and "The mark is its own" in page.content.decode()
    page = anna.send("/unit/AB-0002/mark-reading/", {"read": "AB-0001"})
    assert page.status_code == 409 and "its mark reads AB-0001" in page.content.decode()
    file = SimpleUploadedFile("photo.png", picture.content, "image/png")
    assert anna.send("/unit/AB-0001/mark-reading/", {"picture": file, "read": ""}).status_code == 200
    out = BytesIO()
    Image.new("L", (90, 90), 255).save(out, "JPEG")
    blank = SimpleUploadedFile("photo.jpg", out.getvalue(), "image/jpeg")
    assert "Nothing could be read" in anna.send("/unit/AB-0001/mark-reading/", {"picture": blank}).content.decode()
    assert "unreadable" in anna.get("/unit/AB-0001/").content.decode()
    tagged = anna.send("/unit/AB-0001/tag/", {"epc": "3074257BF7194E4000001A85"})
    assert "3074257BF7194E4000001A85" in tagged.content.decode()
    assert one.get("/unit/WN%231/mark/", {"format": "gif"}).status_code == 422


def test_an_operator_puts_units_on_a_panel(one, signed_in):
    anna = signed_in("operator")
    page = anna.get("/order/WN/").content.decode()
    assert "/order/WN/panels/" in page and "/order/WN/serials/" not in page
    page = anna.send("/order/WN/panels/", {"panel": "PN-77", "positions": "3", "skipped": "2"})
    assert page.status_code == 200 and "On panel PN-77: 1 to 3." in page.content.decode()
    assert anna.send("/order/WN/panels/", {"panel": "PN-77", "positions": "3"}).status_code == 409
    wrong = anna.send("/order/WN/panels/", {"panel": "PN-78", "positions": "3", "skipped": "9"})
    assert wrong.status_code == 422 and 'value="PN-78"' in wrong.content.decode()
    assert anna.send("/order/WN/panels/", {"panel": "PN-78"}).status_code == 422
