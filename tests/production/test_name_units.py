"""units.csv: the n-th row of an order is its n-th unit; a file begun anew restates, another goes on behind the last row."""

import pytest
from floor import floor, rows

HEADER = "order|serial|panel|position|state"


def named(sql) -> dict[int, str]:
    return dict(sql("SELECT unit, value FROM production_unit_name WHERE kind = 0 ORDER BY unit"))


def test_rows_are_places_of_their_order(stage, sql, ask):
    stage()
    assert named(sql) == {**{n: f"B{n}" for n in range(1, 9)}, 13: "X1", 14: "B1"}
    assert list(ask("panel:PN2")) == ["B5", "B6", "B7", "B8"]
    assert list(ask("unit:PN1/3")) == ["B3"]


def test_states(stage, load, ask):
    stage("units")
    states = rows(
        HEADER, "WO-1|A1|||built", "WO-1|A2|||scrapped", "WO-1|-|||skipped", "WO-1|A4|||planned", "WO-1|A5|||"
    )
    load({"units": states}, "second")
    assert [list(ask(f"in:{state} order:WO-1")) for state in ("stock", "scrapped", "planned")] == [
        ["A1", "A5"], ["A2"], ["A4", "WO-1#6", "WO-1#7", "WO-1#8"],
    ]  # fmt: skip
    assert "WO-1#3" not in ask("order:WO-1")


def test_rows_go_on_behind_the_last_one_also_with_other_orders_between(stage, load, sql):
    """The files of one order come in pieces, each with rows of another order behind; no row lands on another's place."""
    stage("units")
    for n in range(1, 5):
        load(
            {"units": rows(HEADER, f"WO-1|A{n}|||{'skipped' if n == 2 else ''}".replace("A2", "-"), f"WO-2|C{n}|||")},
            f"piece{n}",
        )
    assert named(sql) == {1: "A1", 3: "A3", 4: "A4", 9: "C1", 10: "C2", 11: "C3", 12: "C4"}


def test_a_file_begun_anew_restates(stage, load, sql):
    stage()
    longer = [*floor()["units"], *rows("order|serial|panel|position", "WO-2|C1||")]
    (report,) = load({"units": longer}, "second")
    assert (report.stored, report.known) == (1, 10)
    assert named(sql)[9] == "C1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["WO-9|C1|||"], ("Invalid", ("production.order_unknown", 2, "order"))),
        (["WO-2|C1|||", "WO-2|C1|||"], ("Invalid", ("production.serial_doubled", 3, "serial"))),
        (["WO-2|B5|||"], ("Conflict", ("tables.contradicts", 2, "serial"))),
        ([f"WO-2|C{n}|||" for n in range(1, 6)], ("Invalid", ("production.order_full", 6, "order"))),
        (["WO-1|B1|PN1|1|", "WO-1|OTHER|PN1|2|"], ("Conflict", ("tables.contradicts", 3, "serial"))),
        (["WO-2||||"], ("Invalid", ("tables.cell_empty", 2, "serial"))),
        (["WO-2|C1|||finished"], ("Invalid", ("tables.cell_not_a_word", 2, "state"))),
    ],
    ids=["order", "twice", "of another", "too many", "changed", "empty", "state"],
)
def test_refusals(stage, refusal, lines, expected):
    stage()
    kind, found = refusal("units", rows(HEADER, *lines))
    assert (kind, found[0]) == expected
