"""orders.csv: an order opens with its block of unit numbers, in the order of the rows."""

import pytest
from floor import floor, rows

HEADER = "order|product|revision|bom_version|quantity|customer|opened_at"
NEW = "WO-9|board|A|1|5|own|2027-03-02T08:00Z"


def test_orders_get_the_next_numbers_of_the_axis(stage, load, sql):
    stage("units")
    (report,) = load({"orders": rows(HEADER, NEW)}, "second")
    assert report.stored == 1
    blocks = sql(
        "SELECT o.code, b.first_unit, b.until_unit FROM production_order o JOIN production_block b "
        "ON b.tenant = o.tenant AND b.work_order = o.number ORDER BY b.first_unit"
    )
    assert blocks == [("WO-1", 1, 9), ("WO-2", 9, 13), ("WO-3", 13, 15), ("WO-9", 15, 20)]


def test_twice_changes_nothing(stage, load):
    stage("units")
    (report,) = load({"orders": [*floor()["orders"], *rows(HEADER, NEW)]}, "second")
    assert (report.stored, report.known) == (1, 3)


def test_a_batch_number_finds_the_order(stage, load, ask):
    stage("units")
    load({"orders": rows(HEADER + "|batch", NEW + "|LOT-77")}, "second")
    assert list(ask("order:LOT-77")) == [f"WO-9#{n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (NEW.replace("WO-9", "WO-1"), ("Conflict", ("tables.contradicts", 2, "order"))),
        (NEW.replace("|1|5", "|9|5"), ("Invalid", ("production.bom_unknown", 2, "bom_version"))),
        (NEW.replace("|A|", "|Z|"), ("Invalid", ("production.bom_unknown", 2, "revision"))),
        (NEW.replace("board", "bored"), ("Invalid", ("production.bom_unknown", 2, "product"))),
        (NEW.replace("own", "nobody"), ("Invalid", ("parties.unknown", 2, "customer"))),
        (NEW.replace("|5|", "|2000000000|"), ("Invalid", ("production.axis_full", 2, "quantity"))),
        (NEW.replace("|5|", "|-5|"), ("Invalid", ("tables.cell_not_a_count", 2, "quantity"))),
    ],
    ids=["changed", "BOM version", "revision", "product", "customer", "axis", "quantity"],
)
def test_refusals(stage, refusal, line, expected):
    stage("units")
    kind, named = refusal("orders", rows(HEADER, line))
    assert (kind, named[0]) == expected


def test_an_order_twice_in_one_file(stage, refusal):
    stage("units")
    kind, named = refusal("orders", rows(HEADER, NEW, NEW))
    assert (kind, named) == ("Invalid", [("production.order_doubled", 3, "order")])
