"""The pages of work orders: the list, and one order with progress, holes, tests and facts."""

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once


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
    shipment = one.get("/shipment/S-1/").content.decode()
    assert "?q=shipment%3AS-1" in shipment


def test_every_fact_over_the_order_is_reached_and_mended_from_its_pages(one, monkeypatch):
    import re

    from asbuilt.questions.genealogy.seen import orders as orders_seen

    monkeypatch.setattr(orders_seen, "FACTS_SHOWN", 2)
    page = one.get("/order/WB/").content.decode()
    assert "withdraw or correct" in page and "All facts of materials.csv over this order" in page
    place, found = "/order/WB/facts/?table=materials", []
    while place:
        page = one.get(place).content.decode()
        found += dict.fromkeys(re.findall(r'href="/facts/([0-9a-f]{16})/"', page))
        more = re.search(r'href="(\?table=materials&amp;after=\d+)"', page)
        place = "/order/WB/facts/" + more[1].replace("&amp;", "&") if more else ""
    assert len(found) == len(set(found)) == 5, "the five rows of materials.csv"
    said = {"reason": "mixed up", "person": "045", "decided_at": "2027-04-01T08:00:00Z", "part": "all"}
    assert one.send(f"/facts/{found[-1]}/withdraw/", said).status_code == 302
    assert found[-1] not in one.get("/order/WB/facts/", {"table": "materials", "after": "4"}).content.decode()
    assert one.get("/order/WB/facts/", {"table": "tests"}).status_code == 404
