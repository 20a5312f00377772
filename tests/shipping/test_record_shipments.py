"""Record shipments: spans of one order to one customer; where a unit is; what is refused, what is history."""

import pytest

from asbuilt.kernel.errors import Conflict, Invalid

FACTORY = {
    "parties": [
        {"party": "X", "name": "Distributor X", "roles": "distributor", "country": "DE"},
        {"party": "Y", "name": "Customer Y", "roles": "customer", "country": "FR"},
    ],
    "parts": [{"part": "R1"}],
    "bom": [
        {"product": p, "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}
        for p in ("P", "Q")
    ],
    "orders": [
        {"order": f"WO-{p}", "product": p, "revision": "A", "bom_version": "1", "quantity": "50",
         "opened_at": "2027-03-01T08:00:00Z"}
        for p in ("P", "Q")
    ],
    "units": [
        {"order": f"WO-{p}", "serial": f"{p}{n}", "state": "skipped" if n == 7 else "built"}
        for p in ("P", "Q") for n in range(1, 51)
    ],
}  # fmt: skip


def row(shipment, first, last, customer="X", country="DE", at="2027-03-20T08:00:00Z", placed="2027-03-21", **more):
    return {"shipment": shipment, "customer": customer, "country": country, "first_serial": first, "last_serial": last,
            "shipped_at": at, "placed_on_market_at": placed} | more  # fmt: skip


@pytest.fixture(autouse=True)
def june_2027(home):
    """The clock stands behind what the rows tell."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: 1_811_808_000_000_000)


@pytest.fixture
def tenant(actor):
    return actor.tenant


def there(tenant, first=1, until=200, as_of=None):
    """[(first, until, shipment code)] of where units are."""
    from asbuilt.built.shipping.queries import shipments, whereabouts

    lines = whereabouts(tenant, first, until, as_of)
    codes = shipments(tenant, [line.shipment for line in lines])
    return [(line.first_unit, line.until_unit, codes[line.shipment].code) for line in lines]


def refused(load, rows):
    with pytest.raises(Invalid) as caught:
        load({"shipments": rows}, folder="wrong")
    return sorted((error.line, error.column, error.code) for error in caught.value.rows)


def test_both_ends_are_included(load, tenant):
    from asbuilt.built.shipping.queries import line_of_unit, shipment_by_code

    load(FACTORY)
    load(
        {"shipments": [row("S1", "P3", "P10"), row("S1", "Q1", "WO-Q#4"), row("S2", "P11", "P11", "Customer Y", "FR")]}
    )
    assert there(tenant) == [(3, 11, "S1"), (11, 12, "S2"), (51, 55, "S1")]
    assert line_of_unit(tenant, 2) is None
    assert line_of_unit(tenant, 10).placed_at == 1_805_587_200_000_000  # 2027-03-21 at midnight UTC
    assert shipment_by_code(tenant, "S2").country == "FR"


def test_the_last_shipment_says_where_a_unit_is(load, tenant):
    from asbuilt.storage import reading

    load(FACTORY)
    load({"shipments": [row("S1", "P1", "P20")]}, folder="one")
    before = reading.fetch_one("SELECT max(number) FROM ledger_entry WHERE tenant = %s", (tenant,))[0]
    [report] = load({"shipments": [
        row("S2", "P5", "P8", "Y", "FR", at="2027-03-25T08:00:00Z"),
        row("S3", "P8", "P9", "Y", "FR", at="2027-03-19T08:00:00Z"),
    ]}, folder="two")  # fmt: skip
    assert report.warnings_total == 2 and "4 units were shipped before, from WO-P#5 on" in report.warnings[0]
    assert there(tenant) == [(1, 5, "S1"), (5, 9, "S2"), (9, 21, "S1")]
    assert there(tenant, as_of=before) == [(1, 21, "S1")]


def test_a_span_stays_in_one_order_and_runs_forwards(load):
    load(FACTORY)
    assert refused(
        load, [row("S1", "P40", "Q3"), row("S1", "P5", "P4"), row("S1", "P1", "P99"), row("S1", "P1", "P2")]
    ) == [
        (2, "last_serial", "shipping.span_leaves_order"),
        (3, "last_serial", "shipping.span_backwards"),
        (4, "last_serial", "production.serial_unknown"),
    ]
    with pytest.raises(Invalid) as caught:
        load({"shipments": [row("S1", "P40", "Q3")]}, folder="wrong")
    assert "P40 is WO-P#40, Q3 is WO-Q#3" in caught.value.rows[0].reason


def test_a_shipment_has_one_customer_and_one_country(load):
    load(FACTORY)
    assert refused(load, [
        row("S1", "P1", "P2"), row("S1", "P3", "P4", "Y"), row("S1", "P5", "P6", country="AT"),
        row("S2", "P8", "P9", "Z"),
    ]) == [
        (3, "customer", "shipping.other_customer"),
        (4, "country", "shipping.other_country"),
        (5, "customer", "parties.unknown"),
    ]  # fmt: skip


def test_a_unit_stands_in_a_shipment_once(load):
    load(FACTORY)
    assert refused(load, [row("S1", "P1", "P10"), row("S1", "P10", "P12")]) == [
        (3, "first_serial", "shipping.line_overlaps")
    ]
    assert refused(load, [row("S1", "P1", "P2"), row("S1", "P1", "P2")]) == [
        (3, "first_serial", "shipping.line_overlaps")
    ]


def test_loading_again_changes_nothing_and_a_changed_line_is_a_conflict(load, tenant):
    load(FACTORY)
    rows = [row("S1", "P1", "P10"), row("S2", "P11", "P20")]
    load({"shipments": rows}, folder="one")
    [again] = load({"shipments": [*rows, row("S1", "P21", "P22")]}, folder="two")
    assert (again.known, again.stored, again.warnings_total) == (2, 1, 0)
    with pytest.raises(Conflict):
        load({"shipments": [row("S1", "P1", "P11")]}, folder="three")
    with pytest.raises(Conflict):
        load({"shipments": [row("S1", "P30", "P31", "Y")]}, folder="four")
    assert there(tenant) == [(1, 11, "S1"), (11, 21, "S2"), (21, 23, "S1")]


def test_a_failed_unit_shipped_is_history_with_a_warning(load, tenant):
    load(FACTORY)
    test = {"plan": "ICT", "plan_version": "1", "station": "", "operator": "", "started_at": "2027-03-02T08:00:00Z",
            "finished_at": "2027-03-02T08:00:10Z", "measurements": ""}  # fmt: skip
    load(
        {"tests": [{"serial": f"P{n}", "outcome": o, **test} for n, o in ((3, "fail"), (4, "pass"), (9, "fail"))]},
        folder="t",
    )
    [report] = load(
        {"shipments": [row("S1", "P1", "P8"), row("S1", "P10", "P12", at="2099-01-01T00:00:00Z")]}, folder="s"
    )
    assert report.warnings_total == 2
    assert "a unit whose last test failed" in report.warnings[0] and "ahead of the clock" in report.warnings[1]
    assert there(tenant) == [(1, 9, "S1"), (10, 13, "S1")]


def test_facts_hold_unit_numbers(load, tenant):
    import json
    import zlib

    from asbuilt.storage import reading

    load(FACTORY)
    load({"shipments": [row("S1", "Q3", "Q4")]}, folder="one")
    sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND shape = 'shipping.line/1'"
    cells = json.loads(zlib.decompress(reading.fetch_one(sql, (tenant,))[0]))
    assert cells == ["S1", "X", "DE", 53, 55, "2027-03-20T08:00:00.000000Z", "2027-03-21"]


def fact_of(cells):
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.kernel.instants import format_instant, parse_instant

    table = TABLES["shipments"]
    said = {**cells, "shipped_at": format_instant(parse_instant(cells["shipped_at"]))}
    return fact_id(table, [said.get(column, "") for column in table.columns])


def test_boxes_that_touch_are_one_line_until_one_of_them_is_taken_back(load, tenant, actor):
    """A lot's customers were read from each box of fifty. P12 was sent again at the very time; that S1 lost a box says nothing of it."""
    from asbuilt.built.exchange.rebuilding import rebuild_units
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.storage import reading

    load(FACTORY)
    boxes = [
        row("S1", "P12", "P14"),
        row("S1", "P8", "P11"),
        row("S1", "P20", "P22"),
        row("S1", "P15", "P16", placed=""),
    ]
    load({"shipments": [*boxes, row("S1", "Q1", "Q2")]}, folder="one")
    load({"shipments": [row("S2", "P12", "P12", "Y", "FR")]}, folder="two")
    lines = "SELECT first_unit, until_unit FROM shipping_line WHERE tenant = %s AND shipment = 1 AND until_entry IS NULL ORDER BY 1"
    assert reading.fetch(lines, (tenant,)) == [(8, 15), (15, 17), (20, 23), (51, 53)]
    before = reading.fetch_one("SELECT max(number) FROM ledger_entry WHERE tenant = %s", (tenant,))[0]
    withdraw_facts(actor, [Withdraw(fact_of(boxes[1]), "another pallet", "046", 1_800_000_000_000_000)])
    assert there(tenant) == [(12, 13, "S2"), (13, 15, "S1"), (15, 17, "S1"), (20, 23, "S1"), (51, 53, "S1")]
    withdraw_facts(actor, [Withdraw(fact_of(boxes[2]), "another pallet", "046", 1_800_000_000_000_000, 21, 22)])
    assert there(tenant, 20, 50) == [(20, 21, "S1"), (22, 23, "S1")]
    assert there(tenant, as_of=before)[:2] == [(8, 12, "S1"), (12, 13, "S2")]
    assert {unit for first, until, _ in there(tenant, 20, 50, before) for unit in range(first, until)} == {20, 21, 22}
    assert list(rebuild_units(tenant)) == []


def test_lines_on_both_sides_of_a_block_end_stay_two(load, tenant):
    from asbuilt.storage import reading

    load(FACTORY)
    load({"shipments": [row("S1", "P48", "P50"), row("S1", "Q1", "Q3")]})
    lines = "SELECT first_unit, until_unit FROM shipping_line WHERE tenant = %s ORDER BY 1"
    assert reading.fetch(lines, (tenant,)) == [(48, 51), (51, 54)]
