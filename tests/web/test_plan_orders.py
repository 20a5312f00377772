"""The forms that plan orders: open one, give it units, split it, close it; what is refused comes back as typed."""

import json
import re

import pytest
from boards_and_boxes import tables


@pytest.fixture
def one(load, signed_in):
    load(tables())
    return signed_in("engineer")


def builds(page: str) -> str:
    import html

    return html.unescape(re.search(r'<option value="(\[[^"]*BRD[^"]*)"', page)[1])


def test_an_order_is_opened(one):
    page = one.get("/orders/").content.decode()
    assert "/orders/open/" in page
    form = one.get("/orders/open/").content.decode()
    said = {
        "order": "WN",
        "quantity": "25",
        "builds": builds(form),
        "owner": "",
        "batch": "BATCH-9",
        "request_key": "k1",
    }
    assert one.send("/orders/open/", said)["Location"] == "/order/WN/"
    assert one.send("/orders/open/", said)["Location"] == "/order/WN/"  # sent twice, recorded once
    order = one.get("/order/WN/").content.decode()
    assert "BATCH-9" in order and "25" in order


def test_what_is_wrong_comes_back_as_typed(one):
    form = one.get("/orders/open/").content.decode()
    said = {"order": "WB", "quantity": "7", "builds": builds(form), "batch": "<b>"}
    answer = one.send("/orders/open/", said)
    page = answer.content.decode()
    assert answer.status_code == 409 and "WB" in page and "&lt;b&gt;" in page and 'value="7"' in page
    for junk in ("junk", "[" * 100_000):
        assert one.send("/orders/open/", {**said, "order": "WN", "builds": junk}).status_code == 422
    assert (
        one.send("/orders/open/", {**said, "order": "WN", "builds": json.dumps(["BRD", "Z", "9"])}).status_code == 422
    )
    assert one.send("/orders/open/", {**said, "order": "WN", "quantity": "many"}).status_code == 422


def test_units_come_and_go(one):
    form = one.get("/orders/open/").content.decode()
    one.send("/orders/open/", {"order": "WN", "quantity": "25", "builds": builds(form)})
    assert one.send("/order/WN/grow/", {"quantity": "5"})["Location"] == "/order/WN/#plan"
    assert one.send("/order/WN/split/", {"new_order": "WM", "quantity": "10"})["Location"] == "/order/WM/"
    assert ">20<" in one.get("/order/WN/").content.decode()
    wrong = one.send("/order/WN/split/", {"new_order": "WL", "quantity": "20"})
    assert wrong.status_code == 409 and 'value="WL"' in wrong.content.decode()
    assert one.send("/order/WN/grow/", {"quantity": "0"}).status_code == 422
    assert one.send("/order/NONE/grow/", {"quantity": "1"}).status_code == 404


def test_a_closed_order_says_what_is_unfinished(one):
    form = one.get("/orders/open/").content.decode()
    one.send("/orders/open/", {"order": "WN", "quantity": "25", "builds": builds(form)})
    page = one.send("/order/WN/close/", {"reason": "enough"}).content.decode()
    assert "25 units are unfinished" in page and "WN#1–25" in page
    page = one.get("/order/WN/").content.decode()
    assert "/order/WN/grow/" not in page and "Closed" in page and "closings.csv" in page
    assert "closed" in one.get("/orders/").content.decode()
    assert one.send("/order/WN/grow/", {"quantity": "1"}).status_code == 409


def test_who_may_not_plan_sees_no_form(load, signed_in):
    load(tables())
    reader = signed_in("auditor")
    assert "/orders/open/" not in reader.get("/orders/").content.decode()
    assert "/order/WB/grow/" not in reader.get("/order/WB/").content.decode()
    assert reader.get("/orders/open/").status_code == 403
    assert reader.send("/order/WB/grow/", {"quantity": "1"}).status_code == 403


def test_an_order_names_its_configuration_on_screen(one, actor):
    from asbuilt.built.programming.actions.demands import demand_firmware
    from asbuilt.built.programming.demands import demands_of

    form = one.get("/orders/open/").content.decode()
    assert 'name="configuration"' in form
    product, revision, _ = json.loads(builds(form))
    demand_firmware(actor, product=product, revision=revision, configuration="EU", part=known_part(actor))
    said = {"order": "WE", "quantity": "5", "builds": builds(form), "owner": "", "batch": "", "configuration": "US"}
    wrong = one.send("/orders/open/", said)
    assert wrong.status_code == 422 and "programming.configuration_unknown" in wrong.content.decode()
    assert one.send("/orders/open/", {**said, "configuration": "EU"})["Location"] == "/order/WE/"
    assert "configuration EU" in one.get("/order/WE/").content.decode()
    (demand,) = [one for one in demands_of(actor.tenant, "WE", product, revision, 2**60) if one.part]
    assert demand.by == f"{product} {revision} EU"


def known_part(actor) -> str:
    """The code of a part of the catalogue."""
    from asbuilt.designed.catalog.queries import known_part_codes

    return sorted(known_part_codes(actor.tenant))[0]
