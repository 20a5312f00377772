"""processes.csv: a step at a machine over units and time."""

import pytest
from floor import rows

HEADER = "order|step|machine|program|first_serial|last_serial|started_at|finished_at|operator|result|readings|side|pass"


def ran(first="B1", last="B4", start="08:00", end="09:00", order="WO-1", readings="", result="completed"):
    return f"{order}|REFLOW|OV1|P7|{first}|{last}|2027-03-03T{start}Z|2027-03-03T{end}Z|045|{result}|{readings}|top|1"


def test_it_went_through(stage, load, ask):
    stage()
    load({"processes": rows(HEADER, ran(readings='{"zone5": 261.5}'), ran("B5", "B5", result="failed"))}, "first")
    assert list(ask("passed:REFLOW(program=P7 side=top)")) == ["B1", "B2", "B3", "B4", "B5"]
    assert list(ask("reading:OV1.zone5>261")) == ["B1", "B2", "B3", "B4"]
    assert ask("passed:OV1@2027-03-03T08:30:00Z..2027-03-03T08:40:00Z") == {
        **{f"B{n}": "possible" for n in range(1, 5)},
        "B5": "certain",
    }


def test_units_are_begun_by_it(stage, load, ask):
    stage()
    load({"processes": rows(HEADER, ran("WO-2#1", "WO-2#2", order="WO-2"))}, "first")
    assert list(ask("in:production")) == ["WO-2#1", "WO-2#2"]


def test_the_same_rows_again_and_one_more(stage, load):
    stage()
    load({"processes": rows(HEADER, ran())}, "first")
    (report,) = load({"processes": rows(HEADER, ran(), ran("B5", "B8"))}, "second")
    assert (report.stored, report.known) == (1, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (ran(order="WO-9"), ("production.order_unknown", 2, "order")),
        (ran("B9"), ("production.serial_unknown", 2, "first_serial")),
        (ran("B4", "B1"), ("production.span_backwards", 2, "last_serial")),
        (ran(last="X1"), ("production.serial_outside_order", 2, "last_serial")),
        (ran(start="09:00", end="08:00"), ("production.times_backwards", 2, "finished_at")),
        (ran(readings="[1, 2"), ("tables.cell_not_json", 2, "readings")),
        (ran(result="good"), ("tables.cell_not_a_word", 2, "result")),
    ],
    ids=["order", "unit", "backwards", "leaves", "times", "readings", "result"],
)
def test_refusals(stage, refusal, line, expected):
    stage()
    assert refusal("processes", rows(HEADER, line)) == ("Invalid", [expected])
