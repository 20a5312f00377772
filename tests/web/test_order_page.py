"""The pages of work orders: the list, and one order with progress, holes, tests and facts."""

import pytest
from boards_and_boxes import tables


@pytest.fixture
def one(load, signed_in):
    load(tables())
    return signed_in("engineer")


def test_the_list(one):
    page = one.get("/orders/").content.decode()
    assert page.index("WX") < page.index('href="/order/WB/"') and "BATCH-7" in page


def test_one_order(one):
    page = one.get("/order/WB/").content.decode()
    for said in (
        "BRD",
        "Brand One",
        "REFLOW",
        "OVEN1",
        "1 line has holes",
        "LA",
        "ICT",
        "1.0.0",
        "Nordlicht",
        "materials.csv",
        "/facts/",
    ):
        assert said in page, said
    assert one.get("/order/NONE/").status_code == 404


def test_panels_and_shipments_lead_to_their_question(one):
    assert one.get("/panel/PN1/")["Location"] == "/?q=panel%3APN1"
    assert one.get("/shipment/S-1/")["Location"] == "/?q=shipment%3AS-1"
