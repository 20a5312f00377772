"""panels.csv: units put on a panel after their order was planned."""

import pytest
from floor import rows

HEAD = "order|panel|first_serial|last_serial|positions|skipped|machine|happened_at"


@pytest.fixture
def panels(stage, load):
    """panels("WO-2|…", …) loads these rows."""
    stage()

    def put(*lines: str):
        load({"panels": rows(HEAD, *lines)}, "panels")

    return put


def test_they_are_found_by_panel_and_place(panels, ask):
    panels("WO-2|PX|WO-2#1|WO-2#2|||NXT|2027-03-02T08:00Z", "WO-2|PY|WO-2#3|WO-2#4|9 7|7||")
    assert list(ask("unit:PX/2")) == ["WO-2#2"]
    assert len(ask("panel:PX")) == 2 and len(ask("panel:PY")) == 1  # one of PY is not built


def test_skipped_places_are_not_built(panels, sql):
    panels("WO-2|PY|WO-2#1|WO-2#4|1 2 3 4|2 4||")
    assert sql("SELECT first_unit, until_unit FROM production_unit_state WHERE state = 4 ORDER BY 1") == [
        (10, 11),
        (12, 13),
    ]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("WO-9|PX|WO-2#1|WO-2#2||||", "production.order_unknown", "order"),
        ("WO-2|PX|WO-2#1|B1||||", "production.serial_outside_order", "last_serial"),
        ("WO-2|PX|WO-2#2|WO-2#1||||", "production.span_backwards", "last_serial"),
        ("WO-2|PX|WO-2#1|WO-2#2|1|||", "production.panel_places", "positions"),
        ("WO-2|PX|WO-2#1|WO-2#2|1 1|||", "production.panel_places", "positions"),
        ("WO-2|PX|WO-2#1|WO-2#2|1 2|3||", "production.panel_place_unknown", "skipped"),
        ("WO-2||WO-2#1|WO-2#2||||", "tables.cell_empty", "panel"),
    ],
)
def test_what_is_wrong_is_named(stage, refusal, line, code, column):
    stage()
    kind, named = refusal("panels", rows(HEAD, line))
    assert kind == "Invalid" and [(row[0], row[2]) for row in named] == [(code, column)]


def test_a_unit_stands_on_one_panel(stage, refusal, panels):
    kind, named = refusal("panels", rows(HEAD, "WO-2|PX|WO-2#1|WO-2#2||||", "WO-2|PY|WO-2#2|WO-2#3||||"))
    assert (kind, named) == ("Invalid", [("production.panel_doubled", 3, "first_serial")])
    kind, named = refusal("panels", rows(HEAD, "WO-1|PX|B1|B2||||"))
    assert (kind, named) == ("Conflict", [("tables.contradicts", 2, "panel")])


def test_twice_changes_nothing(panels, sql):
    panels("WO-2|PX|WO-2#1|WO-2#2||||")
    panels("WO-2|PX|WO-2#1|WO-2#2||||", "WO-2|PY|WO-2#3|WO-2#4||||")
    assert sql("SELECT code FROM production_panel WHERE first_unit > 8 ORDER BY first_unit") == [("PX",), ("PY",)]
