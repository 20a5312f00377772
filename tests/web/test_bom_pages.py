"""The page As-built BOM, its files, and the ways there from unit, order, shipment and release."""

import json

import pytest

pytestmark = pytest.mark.once

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


@pytest.fixture
def engineer(load, signed_in):
    from shipping_floor import at, finished

    rows = finished(4)
    rows["shipments"] = [{"shipment": "SH-7", "customer": "SHOP", "country": "FR", "first_serial": "S0000", "last_serial": "S0001",
                          "shipped_at": at(9), "placed_on_market_at": ""}]  # fmt: skip
    load(rows)
    return signed_in("engineer")


def page(client, address: str, **more) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_ways_lead_there(engineer):
    assert 'href="/bom/unit/S0000/"' in page(engineer, "/unit/S0000/")
    assert 'href="/bom/order/WO/"' in page(engineer, "/order/WO/")
    assert 'href="/bom/shipment/SH-7/"' in page(engineer, "/shipment/SH-7/")


def test_what_the_page_says_and_does_not(engineer):
    text = page(engineer, "/bom/order/WO/")
    assert "BSI TR-03183-2 v2.1.0" in text and "no verdict over them" in text and "compliant" not in text.casefold()
    assert "board app 1.1.0 has no SBOM: what is in it is not listed." in text
    assert text.count("<h1") == 1 and "style=" not in text.split("<main")[1]
    other = page(engineer, "/bom/unit/S0000/?profile=cra-minimum&for=public")
    assert "CRA minimum" in other and '<option value="public" selected>' in other


def test_in_german(engineer):
    text = page(engineer, "/bom/order/WO/", **GERMAN)
    assert "As-built-Stückliste" in text and "kein Gesamturteil" in text and "Was sie nicht sagen kann" in text
    assert "board app 1.1.0 hat keine SBOM" in text and "Hersteller mit E-Mail-Adresse nennen" in text


def test_the_file_is_signed_unless_it_is_not_wanted(engineer):
    signed = engineer.get("/bom/unit/S0000/file/?form=cyclonedx-1.7")
    assert json.loads(signed.content)["payloadType"] == "application/vnd.asbuilt.as-built-bom+json"
    plain = engineer.get("/bom/shipment/SH-7/file/?form=cyclonedx-1.6-xml&signed=no&for=customer")
    assert plain.content.startswith(b"<?xml") and b"Secret Supplies" not in plain.content and b"LOK" in plain.content
    assert plain["Content-Disposition"] == 'attachment; filename="shipment-SH-7.cdx.xml"'
    release = engineer.get("/releases/of/board/app/1.1.0/sbom/?form=spdx-3.0.1")
    assert json.loads(release.content)["@graph"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bom/unit/S9999/", 404), ("/bom/panel/P1/", 404), ("/bom/order/WO/?profile=iso", 404), ("/bom/order/WO/?for=friend", 422),
        ("/bom/order/WO/file/?form=swid", 422),
    ],
)  # fmt: skip
def test_what_there_is_not(engineer, address, status):
    assert engineer.get(address).status_code == status


def test_a_customers_person_chooses_among_two_readers(engineer, signed_in, actor):
    from asbuilt.designed.parties.queries import numbers_by_name

    shop = signed_in("party_reader", party=numbers_by_name(actor.tenant)["SHOP"])
    text = page(shop, "/bom/shipment/SH-7/")
    assert '<option value="customer" selected>' in text and '"house"' not in text
    assert shop.get("/bom/shipment/SH-7/?for=house").status_code == 404
    assert shop.get("/bom/unit/S0003/").status_code == 404
