"""put_on_panel: the next units of an order on a panel; a crossed-out position is a unit not built."""

from dataclasses import replace

import pytest
from planned import NEW, operator, stranger

from asbuilt.built.production.actions.naming import name_units
from asbuilt.built.production.actions.orders import open_order
from asbuilt.built.production.actions.panels import put_on_panel
from asbuilt.designed.catalog.actions import set_panel_map, set_serial_rule
from asbuilt.designed.catalog.panel_maps import grid, panel_map
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

ORDER = {"order": "WO-9"}


@pytest.fixture
def mapped(stage, actor):
    """An order of 12 boards on panels of 3 by 2, turned left to right for the bottom side."""
    stage()
    open_order(actor, **{**NEW, "quantity": 12})
    places = list(grid(columns=3, rows=2, pitch_x_mm=30, pitch_y_mm=40, turned="left-right"))
    set_panel_map(actor, product="board", revision="A", panel="P6", places=places)


def test_a_crossed_out_position_is_no_unit(mapped, actor, ask, findings, moved):
    done = put_on_panel(actor, **ORDER, panel="PN-1", skipped=[5])
    assert (done.first, done.last, done.skipped) == (1, 6, (5,))
    assert put_on_panel(actor, **ORDER, panel="PN-2").first == 7
    assert list(ask("panel:PN-1")) == [f"WO-9#{n}" for n in (1, 2, 3, 4, 6)]
    assert list(ask("unit:PN-2/2")) == ["WO-9#8"] and len(ask("order:WO-9")) == 11
    set_serial_rule(actor, product="board", prefix="S", width=2)
    assert name_units(actor, order="WO-9").count == 11
    assert list(ask("unit:PN-1/6")) == ["S05"] and findings() == []
    moved()
    assert list(ask("panel:PN-1")) == ["S01", "S02", "S03", "S04", "S05"] and findings() == []


def test_a_machine_on_the_mirrored_bottom_side_names_the_right_unit(mapped, actor, ask, load):
    """The oven of the bottom side reports circuit 1 of PN-1 as failed: that is unit 3, counted on paper."""
    put_on_panel(actor, **ORDER, panel="PN-1")
    panel = panel_map(actor.tenant, "board", "A")
    unit = f"PN-1/{panel.unit_position('bottom', 1)}"
    run = {
        "order": "WO-9",
        "step": "AOI",
        "first_serial": unit,
        "last_serial": unit,
        "result": "failed",
        "side": "bottom",
    }
    load({"processes": [{**run, "started_at": "2027-03-03T08:00Z", "finished_at": "2027-03-03T08:01Z"}]}, "later")
    assert list(ask("passed:AOI(side=bottom)")) == ["WO-9#3"]


def test_without_a_map_somebody_says_how_many(stage, actor, ask, refused):
    stage()
    open_order(actor, **NEW)
    refused(Invalid, "production.panel_size", put_on_panel, actor, **ORDER, panel="PN-9")
    put_on_panel(actor, **ORDER, panel="PN-9", positions=2, skipped=[1])
    assert list(ask("panel:PN-9")) == ["WO-9#2"]


def test_the_same_request_twice(mapped, actor, refused):
    first = put_on_panel(actor, **ORDER, panel="PN-1", request_key="k")
    assert put_on_panel(actor, **ORDER, panel="PN-1", request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", put_on_panel, actor, **ORDER, panel="PN-7", request_key="k")


def test_refusals(mapped, actor, refused):
    put_on_panel(actor, **ORDER, panel="PN-1")
    refused(Conflict, "production.panel_taken", put_on_panel, actor, **ORDER, panel="PN-1")
    refused(Invalid, "production.panel_position_unknown", put_on_panel, actor, **ORDER, panel="PN-2", skipped=[7])
    refused(Invalid, "production.panel_missing", put_on_panel, actor, **ORDER, panel="")
    refused(Invalid, "tables.cell_too_long", put_on_panel, actor, **ORDER, panel="P" * 201)
    put_on_panel(actor, **ORDER, panel="PN-2")
    refused(Invalid, "production.order_full", put_on_panel, actor, **ORDER, panel="PN-3")
    refused(NotFound, "production.order_unknown", put_on_panel, actor, order="WO-X", panel="PN-3")
    refused(NotFound, "production.order_unknown", put_on_panel, stranger(), **ORDER, panel="PN-3")
    refused(NotAllowed, "access.right_missing", put_on_panel, replace(actor, rights=frozenset()), **ORDER, panel="PN-3")


def test_an_operator_may(mapped, actor):
    assert put_on_panel(operator(actor), **ORDER, panel="PN-1").last == 6
