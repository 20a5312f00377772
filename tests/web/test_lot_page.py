"""The page Lot: numbers, packages, the one that was scanned; a code of several lots lists them first."""

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once


@pytest.fixture
def one(load, signed_in):
    load(tables())
    return signed_in("operator")


def test_a_lot(one):
    page = one.get("/lot/LB/").content.decode()
    for said in ("ACME", "IC9", "2701", "P-IC", "PK-B", "Supp GmbH", "Nordlicht", '<dd class="n">4</dd>'):
        assert said in page, said


def test_a_package_is_marked(one):
    page = one.get("/package/PK-B/").content.decode()
    assert page.count('aria-current="true"') == 1 and "this one" in page
    assert one.get("/package/PK-X/").status_code == 404


def test_several_lots_are_listed_first(one):
    page = one.get("/lot/LA/").content.decode()
    assert "2 lots have this code" in page and "ACME IC9" in page and "MURA CAP7" in page
    assert "things have this code" in one.get("/find/", {"code": "LA"}).content.decode()


def test_a_code_that_nothing_has_offers_the_nearest(load, signed_in):
    from boards_and_boxes import tables

    load(tables())
    page = signed_in("engineer").get("/find/", {"code": "PK-E"})
    assert page.status_code == 404 and 'href="/find/?code=PK-A"' in page.content.decode()


def test_who_may_read_no_record_has_no_find_box(signed_in):
    assert "data-find" not in signed_in("administrator").get("/people/").content.decode()
    assert "data-find" in signed_in("operator").get("/you/").content.decode()
