"""Goods-in on the page: scan, add what is missing, confirm what looks wrong, receive."""

import re

import pytest

GS, RS, EOT = "\x1d", "\x1e", "\x04"
BARE = f"[)>{RS}06{GS}1PGRM188{GS}Q4000{RS}{EOT}"
WHOLE = f"[)>{RS}06{GS}1PGRM188{GS}Q478{GS}1TL-77{GS}10D2701{RS}{EOT}"


@pytest.fixture
def receiver(signed_in, load):
    part = {
        "part": "P-CAP",
        "description": "",
        "mpn": "GRM188",
        "manufacturer": "MURATA",
        "lifecycle": "active",
        "msl": "1",
    }
    load(
        {
            "parties": [{"party": "DIGI", "name": "Digi", "roles": "supplier", "country": "US"}],
            "parts": [part],
        }
    )
    return signed_in("operator")


def fields(page: str) -> dict[str, str]:
    """Names and values of what a browser would send of the second form."""
    import html

    form = page[page.index('name="act"') - 400 :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_scan_add_receive(receiver):
    page = receiver.get("/goods-in/").content.decode()
    assert 'id="scan"' in page and "autofocus" in page
    page = receiver.send("/goods-in/", {"label": BARE, "supplier": "DIGI", "delivery": "DN-1"}).content.decode()
    assert 'id="f-lot_code"' in page and 'id="f-date_code"' in page and 'id="f-quantity"' not in page
    said = {**fields(page), "lot_code": "L-77", "date_code": "2701", "package_kind": "reel"}
    done = receiver.send("/goods-in/", said)
    assert done.status_code == 302 and "done=PK-000001" in done["Location"] and "delivery=DN-1" in done["Location"]
    page = receiver.get(done["Location"]).content.decode()
    assert "PK-000001 is P-CAP." in page and 'value="DN-1"' in page and "L-77" in page


def test_what_looks_wrong_is_confirmed_on_the_page(receiver):
    page = receiver.send("/goods-in/", {"label": WHOLE, "supplier": "DIGI", "delivery": "DN-1"}).content.decode()
    assert "478 pieces is no usual pack size" in page
    said = {**fields(page), "package_kind": "reel"}
    unconfirmed = receiver.send("/goods-in/", said)
    assert unconfirmed.status_code == 409 and "478 pieces is no usual pack size" in unconfirmed.content.decode()
    done = receiver.send("/goods-in/", {**fields(unconfirmed.content.decode()), "confirmed": "pack_size:quantity=478"})
    assert done.status_code == 302
    again = receiver.send("/goods-in/", {"label": WHOLE, "supplier": "DIGI", "delivery": "DN-1"}).content.decode()
    assert "Another package?" in again and "PK-000001" in again


def test_a_text_that_is_no_label_stops_with_the_way_out(receiver):
    answer = receiver.send("/goods-in/", {"label": "[)>06K3828825514K0011P67C18-8-M-PQ5"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "STOP" in page and "labels.separators_lost" in page and 'role="alert"' in page


def test_a_package_without_a_label_is_typed(receiver):
    page = receiver.get("/goods-in/?by_hand=1&supplier=DIGI").content.decode()
    said = {**fields(page), "part": "P-CAP", "lot_code": "L9", "date_code": "-", "quantity": "4000"}
    done = receiver.send("/goods-in/", {**said, "package_kind": "bag"})
    assert done.status_code == 302 and "PK-000001" in done["Location"]
    page = receiver.get("/goods-in/?by_hand=1").content.decode()
    refused = receiver.send("/goods-in/", {**fields(page), "part": "P-CUP", "package_kind": "bag"})
    assert refused.status_code == 422 and "data-wrong" in refused.content.decode()


def test_the_same_form_twice_is_one_package(receiver):
    page = receiver.send("/goods-in/", {"label": BARE}).content.decode()
    said = {**fields(page), "lot_code": "L-77", "date_code": "2701", "package_kind": "reel"}
    first, second = receiver.send("/goods-in/", said), receiver.send("/goods-in/", said)
    assert first["Location"] == second["Location"]


def test_an_auditor_has_no_goods_in(receiver, signed_in):
    from asbuilt.access.actions import accept_link, invite

    _, secret = invite(signed_in.first, name="Olga", roles=["auditor"])
    accept_link(secret, name="Olga", login="olga", password="nine reels of solder")
    client = type(receiver)(enforce_csrf_checks=True, raise_request_exception=False)
    client.send("/sign-in/", {"login": "olga", "password": "nine reels of solder", "company": "main"})
    assert client.get("/goods-in/").status_code == 403
    page = client.get("/").content.decode()
    assert "/goods-in/" not in page and "/station/" not in page


def test_it_speaks_german(receiver):
    page = receiver.get("/goods-in/", headers={"accept-language": "de"}).content.decode()
    assert "Hier scannen" in page and "Wareneingang" in page


def test_floor_screens_lead_to_each_other(receiver):
    floor = ("station", "rework", "assembly", "goods-in", "store", "inspection", "deliveries")
    assert 'href="/station/"' in receiver.get("/").content.decode()
    for name in floor[:-1]:
        page = receiver.get(f"/{name}/").content.decode()
        assert all(f'href="/{other}/"' in page for other in floor), name
