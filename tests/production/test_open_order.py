"""open_order: an order on the floor is the same fact as a row of orders.csv."""

import pytest
from floor import rows
from planned import NEW, blocks, operator, stranger

from asbuilt.built.production.actions.orders import open_order
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed


def test_it_gets_the_next_units_of_the_axis(stage, actor, sql, ask, findings, moved):
    stage()
    given = open_order(actor, **NEW, owner="Own Brand", batch="B-77", request_key="k1")
    assert (given.order, given.units, given.warnings) == ("WO-9", ((15, 20),), ())
    assert blocks(sql)[-1] == ("WO-9", 15, 20)
    assert list(ask("order:B-77 in:planned")) == [f"WO-9#{n}" for n in range(1, 6)]
    assert list(ask("owner:own order:WO-9")) == [f"WO-9#{n}" for n in range(1, 6)]
    assert findings() == []
    moved()
    assert list(ask("order:B-77 in:planned")) == [f"WO-9#{n}" for n in range(1, 6)] and findings() == []


def test_its_row_can_be_withdrawn_and_corrected(stage, actor, sql, ask, withdraw, correct, findings):
    stage()
    open_order(actor, **NEW)
    correct("orders", {"order": "WO-9"}, quantity="7", batch="B-1")
    assert blocks(sql)[-1] == ("WO-9", 15, 22) and len(ask("order:B-1")) == 7
    withdraw("orders", order="WO-9")
    assert blocks(sql)[-1] == ("WO-3", 13, 15)
    open_order(actor, **NEW)  # its numbers are never given again
    assert blocks(sql)[-1] == ("WO-9", 22, 27) and findings() == []


def test_the_same_request_twice(stage, actor, sql, refused):
    stage()
    first = open_order(actor, **NEW, request_key="k1")
    assert open_order(actor, **NEW, request_key="k1") == first
    refused(Conflict, "ledger.request_key_reused", open_order, actor, **{**NEW, "quantity": 6}, request_key="k1")
    assert len(blocks(sql)) == 4


def test_a_loaded_row_of_the_same_order_contradicts(stage, actor, refusal):
    stage()
    open_order(actor, **NEW)
    row = rows("order|product|revision|bom_version|quantity|customer|opened_at", "WO-9|board|A|1|5||2027-03-02T08:00Z")
    assert refusal("orders", row) == ("Conflict", [("tables.contradicts", 2, "order")])


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"order": "WO-1"}, Conflict, "tables.contradicts"),
        ({"product": "bored"}, Invalid, "production.bom_unknown"),
        ({"revision": "Z"}, Invalid, "production.bom_unknown"),
        ({"bom_version": "9"}, Invalid, "production.bom_unknown"),
        ({"owner": "nobody"}, Invalid, "parties.unknown"),
        ({"quantity": 0}, Invalid, "production.quantity_beyond"),
        ({"quantity": -1}, Invalid, "production.quantity_beyond"),
        ({"quantity": 10_000_001}, Invalid, "production.quantity_beyond"),
        ({"order": ""}, Invalid, "tables.cell_empty"),
        ({"order": "W\n9"}, Invalid, "tables.cell_unwritable"),
        ({"order": "W" * 201}, Invalid, "tables.cell_too_long"),
        ({"batch": "B" * 201}, Invalid, "tables.cell_too_long"),
    ],
)
def test_refusals(stage, actor, sql, refused, changed, kind, code):
    stage()
    refused(kind, code, open_order, actor, **{**NEW, **changed})
    assert len(blocks(sql)) == 3


def test_an_operator_may_not_and_a_stranger_has_no_such_product(stage, actor, refused):
    stage()
    refused(NotAllowed, "access.right_missing", open_order, operator(actor), **NEW)
    refused(Invalid, "production.bom_unknown", open_order, stranger(), **NEW)
