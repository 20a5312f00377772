"""split_order: the last units of an order belong to a new one; a unit to which something happened stays."""

import pytest
from floor import rows
from planned import blocks, operator, stranger

from asbuilt.built.production.actions.orders import close_order, grow_order, split_order
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

TOP = {"order": "WO-2", "new_order": "WO-2B"}


def test_the_last_units_go_over(stage, actor, sql, ask, findings, moved):
    stage()
    given = split_order(actor, **TOP, quantity=3, batch="B-9", reason="second line")
    assert (given.order, given.units) == ("WO-2B", ((10, 13),))
    assert blocks(sql) == [("WO-1", 1, 9), ("WO-2", 9, 10), ("WO-2B", 10, 13), ("WO-3", 13, 15)]
    assert [list(ask(f"order:{code}")) for code in ("WO-2", "B-9")] == [["WO-2#1"], ["WO-2B#1", "WO-2B#2", "WO-2B#3"]]
    assert findings() == []
    moved()
    assert [list(ask(f"order:{code}")) for code in ("WO-2", "B-9")] == [["WO-2#1"], ["WO-2B#1", "WO-2B#2", "WO-2B#3"]]
    assert findings() == []


def test_over_the_blocks_of_an_order_that_grew(stage, load, actor, sql, ask, findings, moved):
    """WO-2 has 4 units, then 3 more behind WO-3: the last 5 are 2 of the first block and all of the second."""
    stage()
    grow_order(actor, order="WO-2", quantity=3)
    split_order(actor, **TOP, quantity=5)
    assert blocks(sql) == [("WO-1", 1, 9), ("WO-2", 9, 11), ("WO-2B", 11, 13), ("WO-3", 13, 15), ("WO-2B", 15, 18)]
    grow_order(actor, order="WO-2", quantity=1)
    split_order(actor, order="WO-2B", new_order="WO-2C", quantity=1)
    assert blocks(sql)[-3:] == [("WO-2B", 15, 17), ("WO-2C", 17, 18), ("WO-2", 18, 19)]
    load(
        {
            "units": rows(
                "order|serial|panel|position",
                *(f"WO-2B|D{n}||" for n in range(1, 5)),
                "WO-2|E1||",
                "WO-2|E2||",
                "WO-2|E3||",
            )
        },
        "later",
    )
    seen = {code: list(ask(f"order:{code}")) for code in ("WO-2", "WO-2B", "WO-2C")}
    assert seen == {"WO-2": ["E1", "E2", "E3"], "WO-2B": ["D1", "D2", "D3", "D4"], "WO-2C": ["WO-2C#1"]}
    assert findings() == []
    moved()
    assert {code: list(ask(f"order:{code}")) for code in seen} == seen and findings() == []


def test_another_revision_begins_inside_an_order(stage, load, actor, ask, findings):
    stage()
    line = {
        "product": "board",
        "revision": "B",
        "bom_version": "2",
        "line": "10",
        "part": "RES",
        "quantity": "1",
        "refdes": "R1",
    }
    load({"bom": [line]}, "later")
    split_order(actor, **TOP, quantity=2, revision="B", bom_version="2", owner="own")
    assert list(ask("revision:B")) == list(ask("bom:2")) == list(ask("owner:own order:WO-2B")) == ["WO-2B#1", "WO-2B#2"]
    assert findings() == []


def test_a_unit_to_which_something_happened_stays(stage, load, actor, refused, findings):
    stage()
    run = {"order": "WO-2", "refdes": "R1", "package": "P1", "first_serial": "WO-2#1", "last_serial": "WO-2#2"}
    load({"materials": [{**run, "certainty": "certain", "happened_at": "2027-03-03T08:00Z"}]}, "later")
    refusal = refused(Invalid, "production.split_begun", split_order, actor, **TOP, quantity=3)
    assert "WO-2#2" in refusal.message
    split_order(actor, **TOP, quantity=2)
    refused(Invalid, "production.split_begun", split_order, actor, order="WO-1", new_order="WO-1B", quantity=2)
    assert findings() == []


def test_a_split_can_be_withdrawn(stage, load, actor, sql, withdraw, findings, refused, ask):
    stage()
    split_order(actor, **TOP, quantity=3)
    refused(Refused, "exchange.fact_rested_on", withdraw, "orders", order="WO-2")
    refused(Refused, "exchange.fact_rested_on", withdraw, "orders", order="WO-2B")
    split_order(actor, order="WO-2B", new_order="WO-2C", quantity=1)
    refused(Refused, "exchange.fact_rested_on", withdraw, "blocks", order="WO-2B")
    withdraw("blocks", order="WO-2C")
    withdraw("orders", order="WO-2C")
    withdraw("blocks", order="WO-2B")
    assert sum(until - first for code, first, until in blocks(sql) if code == "WO-2") == 4
    assert list(ask("order:WO-2")) == [f"WO-2#{n}" for n in range(1, 5)] and findings() == []
    again = split_order(actor, order="WO-2", new_order="WO-2D", quantity=2)
    assert again.units == ((11, 13),) or again.units == ((11, 12), (12, 13))
    load({"units": rows("order|serial|panel|position", "WO-2D|D1||")}, "later")
    refused(Refused, "exchange.fact_rested_on", withdraw, "blocks", order="WO-2D")
    assert findings() == []


def test_both_orders_can_be_corrected_and_go_together(stage, actor, sql, correct, withdraw, ask, findings, refused):
    stage()
    split_order(actor, **TOP, quantity=3)
    correct("orders", {"order": "WO-2"}, batch="OLD")
    correct("orders", {"order": "WO-2B"}, batch="NEW")
    assert [list(ask(f"order:{code}")) for code in ("OLD", "NEW")] == [["WO-2#1"], ["WO-2B#1", "WO-2B#2", "WO-2B#3"]]
    refused(Refused, "exchange.order_has_blocks", correct, "orders", {"order": "WO-2"}, quantity="3")
    refused(Refused, "exchange.order_has_blocks", correct, "orders", {"order": "WO-2B"}, order="WO-2X")
    assert findings() == []
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id

    whole = [
        fact_id(TABLES[table], row) for table in ("orders", "blocks") for row in rows_of(actor.tenant, table)
        if row[0].startswith("WO-2")
    ]  # fmt: skip
    assert len(whole) == 3
    withdraw_facts(actor, [Withdraw(one, "never ordered", "045", 1_800_000_000_000_000) for one in whole])
    assert blocks(sql) == [("WO-1", 1, 9), ("WO-3", 13, 15)] and findings() == []


def test_the_same_request_twice(stage, actor, sql, refused):
    stage()
    first = split_order(actor, **TOP, quantity=3, request_key="k")
    assert split_order(actor, **TOP, quantity=3, request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", split_order, actor, **TOP, quantity=2, request_key="k")
    assert len(blocks(sql)) == 4


def test_refusals(stage, actor, refused, sql):
    stage()
    refused(Refused, "production.split_too_large", split_order, actor, **TOP, quantity=4)
    refused(Invalid, "production.quantity_beyond", split_order, actor, **TOP, quantity=0)
    refused(Conflict, "tables.contradicts", split_order, actor, order="WO-2", new_order="WO-1", quantity=1)
    refused(Invalid, "production.bom_unknown", split_order, actor, **TOP, quantity=1, revision="Z")
    refused(NotFound, "production.order_unknown", split_order, actor, order="WO-X", new_order="WO-Y", quantity=1)
    refused(NotAllowed, "access.right_missing", split_order, operator(actor), **TOP, quantity=1)
    refused(NotFound, "production.order_unknown", split_order, stranger(), **TOP, quantity=1)
    close_order(actor, order="WO-2")
    refused(Refused, "production.order_closed", split_order, actor, **TOP, quantity=1)
    assert len(blocks(sql)) == 3


@pytest.mark.parametrize(
    ("place", "quantity", "source", "code"),
    [
        ("2", "2", "WO-2", "production.split_not_last"),
        ("9", "1", "WO-2", "production.split_not_last"),
        ("0", "4", "WO-2", "production.split_not_last"),
        ("1", "2", "WO-3", "production.block_of_other_product"),
        ("4", "1", "WO-9", "production.order_unknown"),
        ("5", "4", "WO-1", "production.split_to_itself"),
    ],
)
def test_rows_that_hand_over_what_they_cannot(stage, refusal, place, quantity, source, code):
    stage("units")
    header = "order|product|revision|bom_version|quantity|from_order|from_place|reason|happened_at"
    row = f"WO-1|board|A|1|{quantity}|{source}|{place}||2027-03-02T08:00Z"
    kind, named = refusal("blocks", rows(header, row))
    assert (kind, named[0][0]) == ("Invalid", code)
