"""As-built BOMs over the API, and what readers of two brands and a stranger get: the cast's factory."""

import json
from base64 import b64decode

import pytest
from cast import ALPINA, BOREAL, serial


def get(client, kind, code, **more):
    return client.get(f"/api/v1/boms/{kind}/{code}", more)


def test_what_it_says_of_a_unit_an_order_and_a_shipment(cast):
    eva = cast.program("eva")
    for kind, code, units in (("unit", serial("ALP", 1), 1), ("order", "WO-ALP", 12), ("shipment", "SHIP-ALP-1", 10)):
        answer = get(eva, kind, code, profile="cisa-2026")
        assert answer.status_code == 200, answer.content
        said = answer.json()
        assert (said["kind"], said["units"], said["reader"]) == (kind, units, "house")
        assert said["parts"] > 0 and sum(said["pieces"].values()) > 0
        assert len(said["quality"]["fields"]) == 17 and said["quality"]["published_on"] == "2026-07-29"
    assert get(eva, "order", "WO-ALP").json()["quality"] is None


def test_the_file_plain_and_signed(cast):
    eva = cast.program("eva")
    plain = get(eva, "order", "WO-ALP/file", signed="false", form="spdx-3.0.1")
    assert plain.status_code == 200 and plain["Content-Type"] == "application/spdx+json" and plain.json()["@graph"]
    signed = get(eva, "order", "WO-ALP/file")
    assert signed["Content-Disposition"] == 'attachment; filename="order-WO-ALP.cdx.json.dsse.json"'
    said = json.loads(b64decode(signed.json()["payload"]))
    assert said["format"] == "asbuilt.as-built-bom/1" and json.loads(said["bom"])["bomFormat"] == "CycloneDX"


@pytest.mark.parametrize("kind", ["unit", "order", "shipment"])
def test_a_brands_reader_gets_his_own_and_nothing_of_the_other(cast, kind):
    code = {"unit": serial("ALP", 1), "order": "WO-ALP", "shipment": "SHIP-ALP-1"}[kind]
    mine = get(cast.program("brand_a_reader"), kind, f"{code}/file")
    assert mine.status_code == 200
    text = mine.content.decode() + b64decode(mine.json()["payload"]).decode()
    assert not [word for word in BOREAL if word in text] and "Reelhaus" not in text and "REELHAUS" not in text
    for who in ("brand_b_reader", "dan"):
        answer = get(cast.program(who), kind, f"{code}/file")
        assert answer.status_code == 404 and not [
            word for word in ALPINA if word in answer.content.decode() and word != code and word not in code
        ]
        assert get(cast.program(who), kind, code).status_code == 404


def test_what_only_the_house_sees_and_words_that_are_none(cast):
    eva, brand = cast.program("eva"), cast.program("brand_a_reader")
    assert get(brand, "order", "WO-ALP", **{"for": "house"}).status_code == 404
    assert get(brand, "order", "WO-ALP", **{"for": "public"}).json()["reader"] == "public"
    for wrong in ({"for": "friend"}, {"profile": "x" * 81}):
        assert get(eva, "order", "WO-ALP", **wrong).status_code == 422
    assert get(eva, "order", "WO-ALP/file", form="swid").status_code == 422
    assert get(eva, "panel", "PNL-ALP-1").status_code == 422
    assert get(eva, "order", "WO-ALP", profile="iso").status_code == 404
    assert get(cast.program("adam"), "order", "WO-ALP").status_code == 403


def test_the_sbom_of_a_release(cast):
    eva = cast.program("eva")
    found = eva.get("/api/v1/firmware-releases/A-LAMP/app/1.4.0/sbom", {"form": "cyclonedx-1.7"})
    assert found.status_code == 200 and found.json()["metadata"]["component"]["name"] == "A-LAMP"
    assert eva.get("/api/v1/firmware-releases/A-LAMP/app/9.9.9/sbom").status_code == 404
    for who in ("brand_a_reader", "dan"):
        assert cast.program(who).get("/api/v1/firmware-releases/A-LAMP/app/1.4.0/sbom").status_code == 404
