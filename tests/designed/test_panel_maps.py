"""panel_places.csv: what a machine on each side calls a unit of the panel."""

import pytest

HEADER = ("product", "revision", "panel", "side", "machine_position", "position", "x_mm", "y_mm", "rotation", "flip")
# a panel of 3 by 2 units; turned over about its upright axis, the machine on the bottom side sees each row from the other end
TOP = [1, 2, 3, 4, 5, 6]
BOTTOM = [3, 2, 1, 6, 5, 4]


def places(panel: str = "P1", bottom=BOTTOM, **changed) -> list[dict]:
    rows = []
    for side, units in (("top", TOP), ("bottom", bottom)):
        for n, unit in enumerate(units):
            where = (str(n % 3 * 30.5).removesuffix(".0"), str(n // 3 * 40), "0", "false")
            rows.append(
                dict(zip(HEADER, ("board", "A", panel, side, str(n + 1), str(unit), *where), strict=True)) | changed
            )
    return rows


@pytest.fixture
def board(load):
    part = {"part": "RES", "description": "", "mpn": "RC", "manufacturer": "Yageo", "lifecycle": "", "msl": ""}
    line = {
        "product": "board",
        "revision": "A",
        "bom_version": "1",
        "line": "1",
        "part": "RES",
        "quantity": "1",
        "refdes": "R1",
    }
    load({"parts": [part], "bom": [line]}, "board")


@pytest.fixture
def map_of(actor):
    from asbuilt.designed.catalog.panel_maps import panel_map

    return lambda revision="A": panel_map(actor.tenant, "board", revision)


def test_a_mirrored_bottom_side(board, load, map_of):
    load({"panel_places": places()})
    panel = map_of()
    assert [panel.unit_position("top", n) for n in range(1, 7)] == TOP
    assert [panel.unit_position("bottom", n) for n in range(1, 7)] == BOTTOM
    assert panel.unit_position("bottom", 7) is None and panel.unit_position("BOTTOM", 1) == 3
    assert panel.positions == (1, 2, 3, 4, 5, 6) and panel.place("bottom", 2).x_um == 30_500
    assert map_of("Z") is None


def test_a_flipped_unit_shows_its_other_side(board, load, map_of):
    rows = places()
    rows[1]["flip"] = rows[7]["flip"] = "true"
    load({"panel_places": rows})
    panel = map_of()
    assert [panel.place("top", n).unit_side for n in (1, 2)] == ["top", "bottom"]
    assert panel.place("bottom", 2).unit_side == "top"


def test_the_map_recorded_last_is_in_use_and_comes_out_again(board, load, map_of, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    load({"panel_places": places()})
    load({"panel_places": places("P2", bottom=TOP)}, "second")
    assert map_of().name == "P2" and map_of().unit_position("bottom", 1) == 1
    (report,) = load({"panel_places": places("P2", bottom=TOP)[::-1]}, "third")
    assert (report.stored, report.known) == (0, 12)
    export_folder(actor, tmp_path / "out")
    assert (tmp_path / "out" / "panel_places.csv").read_text().count("\n") == 25
    assert verify(actor.tenant).findings == []


def test_a_withdrawn_map_gives_way_to_the_one_before(board, load, map_of, actor):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger.verifying import verify

    load({"panel_places": places()})
    load({"panel_places": places("P2", bottom=TOP)}, "second")
    gone = [fact_id(TABLES["panel_places"], row) for row in rows_of(actor.tenant, "panel_places") if row[2] == "P2"]
    withdraw_facts(actor, [Withdraw(one, "other tooling", "045", 1_800_000_000_000_000) for one in gone])
    assert map_of().name == "P1" and verify(actor.tenant).findings == []


@pytest.mark.parametrize(
    ("rows", "code", "column"),
    [
        (places(product="bored"), "catalog.product_unknown", "product"),
        (places(revision="Z"), "catalog.revision_unknown", "revision"),
        (places(panel="P" * 61), "tables.cell_too_long", "panel"),
        (places(bottom=[3, 2, 2, 6, 5, 4]), "catalog.panel_position_doubled", "position"),
        (places(bottom=[3, 2, 1, 6, 5, 7]), "catalog.panel_sides_differ", "position"),
        (places(bottom=[3, 2, 0, 6, 5, 4]), "catalog.panel_position_beyond", "position"),
        (places(x_mm="1,5"), "tables.cell_not_a_number", "x_mm"),
        (places(rotation="45"), "tables.cell_not_a_word", "rotation"),
        (places(side="left"), "tables.cell_not_a_word", "side"),
    ],
)
def test_refusals(board, load, rows, code, column):
    from asbuilt.kernel.errors import Invalid

    with pytest.raises(Invalid) as caught:
        load({"panel_places": rows}, "refused")
    assert (code, column) in {(row.code, row.column) for row in caught.value.rows}


def test_a_map_is_stated_once(board, load):
    from asbuilt.kernel.errors import Conflict

    load({"panel_places": places()})
    with pytest.raises(Conflict):
        load({"panel_places": places(bottom=TOP)}, "second")


@pytest.mark.parametrize(
    ("turned", "bottom", "rotation"),
    [("left-right", [3, 2, 1, 6, 5, 4], "0"), ("head-over", [4, 5, 6, 1, 2, 3], "180")],
)
def test_a_grid_turned_over(turned, bottom, rotation):
    """Counted by hand on a sheet of paper with six numbers, turned."""
    from asbuilt.designed.catalog.panel_maps import grid

    rows = list(grid(columns=3, rows=2, pitch_x_mm=30.5, pitch_y_mm=40, turned=turned))
    assert [int(row["position"]) for row in rows] == TOP + bottom
    assert {row["rotation"] for row in rows[6:]} == {rotation}
    assert [(row["x_mm"], row["y_mm"]) for row in rows[:4]] == [("0", "0"), ("30.5", "0"), ("61", "0"), ("0", "40")]
