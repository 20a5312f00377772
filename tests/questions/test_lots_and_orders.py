"""The pages Lot and Work order as reads, against the factory counted by hand."""

import pytest
from boards_and_boxes import tables
from cast import cast, cast_home  # noqa: F401

from asbuilt.kernel.errors import NotFound


@pytest.fixture
def loaded(load, actor):
    load(tables())
    return actor


def test_a_lot(loaded):
    from asbuilt.questions.genealogy.seen.lots import lot_page

    page = lot_page(loaded, "LB")
    assert (page.lot.maker, page.lot.mpn, page.lot.date_code, page.part, page.question) == (
        "ACME",
        "IC9",
        "2701",
        "P-IC",
        "lot:LB",
    )
    assert page.answer.affected.counts() == {"certain": 4, "possible": 2, "unrecorded": 1}
    (package,) = page.packages
    assert (package.code, package.status, package.supplier, package.certain, package.possible) == (
        "PK-B",
        "released",
        "Supp GmbH",
        3,
        2,
    )
    assert len(package.source.fact) == 16 and package.source.file == "lots.csv"


def test_a_package_leads_to_its_lot_and_is_marked(loaded):
    from asbuilt.questions.genealogy.seen.lots import package_page

    page = package_page(loaded, "PK-A")
    assert page.lot.maker == "ACME" and [one.asked for one in page.packages] == [True]
    # another maker's lot has the same code: the question names packages; B-10 has no record at U1
    assert page.question == "package:PK-A"
    assert page.answer.affected.counts() == {"certain": 3, "possible": 2, "unrecorded": 1}


@pytest.mark.parametrize("code", ["LX", "PK-A", ""])
def test_no_such_lot(loaded, code):
    from asbuilt.questions.genealogy.seen.lots import lot_page

    with pytest.raises(NotFound):
        lot_page(loaded, code)


def test_an_order(loaded):
    from asbuilt.questions.genealogy.seen.orders import order_page

    page = order_page(loaded, "WB")
    order = page.order
    assert (order.product, order.revision, order.bom_version, order.owner, order.batch) == (
        "BRD",
        "B",
        "1",
        "Brand One",
        "BATCH-7",
    )
    assert (order.quantity, order.begun, order.built, order.scrapped, order.skipped) == (10, 10, 10, 0, 0)
    assert [(step.name, step.machines, step.units, step.failed) for step in page.steps] == [("REFLOW", "OVEN1", 8, 0)]
    assert [(line.part, line.at, [lot for lot, _ in line.lots], line.holes) for line in page.lines] == [
        ("P-IC", "U1", ["LA", "LB"], 1), ("P-CAP", "C1", ["LC"], 0),
    ]  # fmt: skip
    assert page.firmware == [("app", "1.0.0", 4)]
    (plan,) = page.tests
    assert (plan.plan, plan.passed, plan.failed, plan.other, plan.first_time) == ("ICT", 2, 0, 0, 1)
    assert [(row["customer"], row["certain"]) for row in page.answer.by["customer"]] == [
        ("Nordlicht", 2),
        ("Sundvolt", 1),
        (None, 7),
    ]
    tables_said = [one.source.table for one in page.facts]
    assert (
        tables_said.count("orders"),
        tables_said.count("materials"),
        tables_said.count("processes"),
        tables_said.count("shipments"),
    ) == (1, 5, 1, 1)


def test_the_list_of_orders(loaded):
    from asbuilt.questions.genealogy.seen.orders import orders_page

    orders, older = orders_page(loaded)
    assert [(one.code, one.built, one.quantity) for one in orders] == [("WX", 2, 2), ("WB", 10, 10)] and older is None
    assert [one.code for one in orders_page(loaded, orders[0].number)[0]] == ["WB"]


def test_readers_see_their_own_orders_and_lots(cast):  # noqa: F811
    from asbuilt.questions.genealogy.seen.lots import lot_page, package_page
    from asbuilt.questions.genealogy.seen.orders import order_page, orders_page

    reader = cast.actor["brand_a_reader"]
    assert [one.code for one in orders_page(reader)[0]] == ["WO-ALP"]
    assert order_page(reader, "WO-ALP").facts == []
    for read, code in ((order_page, "WO-BOR"), (lot_page, "LOT-BOR-1"), (package_page, "REEL-BOR-1")):
        with pytest.raises(NotFound):
            read(reader, code)
    page = lot_page(reader, "LOT-COMMON")
    assert page.answer.affected.counts()["certain"] == 12
    assert [(one.certain, one.supplier, one.quantity, one.source) for one in page.packages] == [(12, "", None, None)]
    with pytest.raises(NotFound):
        order_page(cast.actor["dan"], "WO-ALP")
