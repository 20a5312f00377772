"""grow_order: more units for an order, at the end of the axis, numbered on from its last one."""

import pytest
from floor import rows
from planned import blocks, operator, stranger

from asbuilt.built.production.actions.orders import close_order, grow_order, open_order
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def test_it_grows_behind_the_others(stage, load, actor, sql, ask, findings, moved):
    stage()
    given = grow_order(actor, order="WO-2", quantity=3, reason="customer asked")
    assert given.units == ((15, 18),)
    assert blocks(sql) == [("WO-1", 1, 9), ("WO-2", 9, 13), ("WO-3", 13, 15), ("WO-2", 15, 18)]
    assert list(ask("order:WO-2")) == [f"WO-2#{n}" for n in range(1, 8)]
    assert list(ask("order:WO-2#4..WO-2#6")) == ["WO-2#4", "WO-2#5", "WO-2#6"]
    # rows of units.csv go on over the gap, and come out so again
    load(
        {"units": rows("order|serial|panel|position", *(f"WO-2|{name}||" for name in ("-", "-", "-", "C4", "C5")))},
        "later",
    )
    assert list(ask("unit:C4..C5")) == ["C4", "C5"] and findings() == []
    before = ask("order:WO-2")
    moved()
    assert (
        ask("order:WO-2")
        == before
        == dict.fromkeys(["WO-2#1", "WO-2#2", "WO-2#3", "C4", "C5", "WO-2#6", "WO-2#7"], "certain")
    )
    assert findings() == []


def test_what_grew_can_be_withdrawn(stage, actor, sql, withdraw, load, findings, refused):
    stage()
    grow_order(actor, order="WO-2", quantity=3)
    refused(Refused, "exchange.fact_rested_on", withdraw, "orders", order="WO-2")
    withdraw("blocks", order="WO-2")
    assert blocks(sql) == [("WO-1", 1, 9), ("WO-2", 9, 13), ("WO-3", 13, 15)] and findings() == []
    grow_order(actor, order="WO-2", quantity=1)
    load({"units": rows("order|serial|panel|position", *(f"WO-2|C{n}||" for n in range(1, 6)))}, "later")
    refused(Refused, "exchange.fact_rested_on", withdraw, "blocks", order="WO-2")
    assert findings() == []


def test_an_order_that_grew_is_corrected_with_its_blocks(stage, actor, sql, correct, ask, findings, refused):
    stage()
    grow_order(actor, order="WO-2", quantity=3)
    correct("orders", {"order": "WO-2"}, batch="B-2")
    assert list(ask("order:B-2")) == [f"WO-2#{n}" for n in range(1, 8)]
    assert blocks(sql)[-1] == ("WO-2", 15, 18) and findings() == []
    refused(Refused, "exchange.order_has_blocks", correct, "orders", {"order": "WO-2"}, quantity="5")
    correct("blocks", {"order": "WO-2"}, reason="other words")
    assert len(ask("order:B-2")) == 7 and findings() == []


def test_as_of_before_it_grew(stage, actor, home, sql):
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.answering import answers

    stage()
    then = clock.now()
    clock.set_clock(lambda: then + 86_400_000_000)
    grow_order(actor, order="WO-2", quantity=3)
    counts = [
        answers.ask(actor, "order:WO-2", as_of=moment).affected.counts()["certain"]
        for moment in (format_instant(then + 1_000_000), None)
    ]
    assert counts == [4, 7]


def test_the_same_request_twice(stage, actor, sql, refused):
    stage()
    first = grow_order(actor, order="WO-2", quantity=3, request_key="k")
    assert grow_order(actor, order="WO-2", quantity=3, request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", grow_order, actor, order="WO-2", quantity=4, request_key="k")
    assert len(blocks(sql)) == 4


@pytest.mark.parametrize("quantity", [0, -3, 10_000_001])
def test_quantities(stage, actor, refused, quantity):
    stage()
    refused(Invalid, "production.quantity_beyond", grow_order, actor, order="WO-2", quantity=quantity)


def test_refusals(stage, actor, refused):
    stage()
    refused(NotFound, "production.order_unknown", grow_order, actor, order="WO-X", quantity=1)
    close_order(actor, order="WO-2")
    refused(Refused, "production.order_closed", grow_order, actor, order="WO-2", quantity=1)
    refused(NotAllowed, "access.right_missing", grow_order, operator(actor), order="WO-1", quantity=1)
    refused(NotFound, "production.order_unknown", grow_order, stranger(), order="WO-1", quantity=1)


def test_rows_of_blocks_name_what_is_wrong(stage, refusal):
    stage()
    header = "order|product|revision|bom_version|quantity|from_order|from_place|reason|happened_at"
    kind, named = refusal("blocks", rows(
        header, "WO-2|board|A|1|2||||2027-03-02T08:00Z", "WO-2|board|A|1|2||||2027-03-02T08:00Z", "WO-X|board|A|1|2||||2027-03-02T08:00Z",
        "WO-2|box|A|1|2||||2027-03-02T08:00Z", "WO-2|board|A|7|2||||2027-03-02T08:00Z", "WO-2|board|A|1|0||||2027-03-02T08:00Z",
        "WO-2|board|A|1|2|WO-1|||2027-03-02T08:00Z",
    ))  # fmt: skip
    assert kind == "Invalid"
    assert sorted(named, key=lambda row: row[1]) == [
        ("production.block_doubled", 3, "order"), ("production.order_unknown", 4, "order"),
        ("production.block_of_other_product", 5, "product"), ("production.bom_unknown", 6, "bom_version"),
        ("production.block_empty", 7, "quantity"), ("tables.cell_empty", 8, "from_place"),
    ]  # fmt: skip


def test_the_axis_ends(stage, actor, refused, sql):
    from asbuilt.built.production.intake.orders import UNITS_MAX

    stage()
    from asbuilt.storage import bulk

    bulk.run("UPDATE production_block SET until_unit = %s WHERE first_unit = 13", (UNITS_MAX - 2,))
    refused(Invalid, "production.axis_full", grow_order, actor, order="WO-2", quantity=5)
    refused(
        Invalid,
        "production.axis_full",
        open_order,
        actor,
        order="WO-9",
        product="board",
        revision="A",
        bom_version="1",
        quantity=5,
    )
