"""close_order: no more units, and what is unfinished is named."""

from floor import rows
from planned import operator, stranger

from asbuilt.built.production.actions.orders import close_order, grow_order
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def test_it_names_what_is_unfinished(stage, load, actor, findings, moved, refused):
    stage("units")
    states = ("built", "scrapped", "planned", "skipped", "planned", "planned")
    load({"units": rows("order|serial|panel|position|state", *(f"WO-1|-|||{state}" for state in states))}, "later")
    closed = close_order(actor, order="WO-1", reason="enough", person="045")
    # of 8 units 1 is built, 1 scrapped, 1 skipped; the last two have no row
    assert (closed.unfinished, closed.places) == (5, ((3, 3), (5, 8)))
    assert findings() == []
    moved()
    assert findings() == []
    refused(Refused, "production.order_closed", grow_order, actor, order="WO-1", quantity=1)


def test_a_withdrawn_closing_opens_it_again(stage, actor, withdraw, correct, findings, refused):
    stage()
    close_order(actor, order="WO-1")
    refused(Refused, "production.order_closed", close_order, actor, order="WO-1")
    correct("closings", {"order": "WO-1"}, reason="too many")
    withdraw("closings", order="WO-1")
    assert grow_order(actor, order="WO-1", quantity=1).units == ((15, 16),) and findings() == []


def test_an_order_goes_only_with_its_closing(stage, actor, withdraw, refused, findings):
    stage("units")
    close_order(actor, order="WO-2")
    refused(Refused, "exchange.fact_rested_on", withdraw, "orders", order="WO-2")
    withdraw("closings", order="WO-2")
    withdraw("orders", order="WO-2")
    assert findings() == []


def test_the_same_request_twice(stage, actor, refused):
    stage()
    first = close_order(actor, order="WO-2", request_key="k")
    assert close_order(actor, order="WO-2", request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", close_order, actor, order="WO-2", reason="other", request_key="k")


def test_refusals(stage, actor, refused, refusal):
    stage()
    refused(NotFound, "production.order_unknown", close_order, actor, order="WO-X")
    refused(Invalid, "tables.cell_too_long", close_order, actor, order="WO-1", reason="x" * 2001)
    refused(NotAllowed, "access.right_missing", close_order, operator(actor), order="WO-1")
    refused(NotFound, "production.order_unknown", close_order, stranger(), order="WO-1")
    header = "order|closed_at|operator|reason"
    at = "2027-03-09T08:00Z"
    kind, named = refusal("closings", rows(header, f"WO-1|{at}||", f"WO-1|{at}||again", f"WO-X|{at}||"))
    assert (kind, named) == (
        "Invalid", [("production.closing_doubled", 3, "order"), ("production.order_unknown", 4, "order")]
    )  # fmt: skip
