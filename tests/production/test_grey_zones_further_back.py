"""Grey zones that the last fifty passes do not decide, and passes of other orders at the same feeder."""

from mounted_line import setup  # noqa: F401


def test_a_grey_zone_longer_than_fifty_passes(setup, load, ask):  # noqa: F811
    from mounted_line import AT

    order = {"product": "board", "revision": "A", "bom_version": "1", "quantity": "70", "customer": "", "opened_at": AT}
    load({"orders": [{"order": "WL", **order}]}, "long")
    setup.mount("1", "R-1", order="WL")
    setup.mount("2", "C-1", order="WL")
    # 183 pieces are 61 boards at three a board
    setup.splice("1", "R-2", order="WL", grey_pieces=183)
    for n in range(1, 65):
        setup.go(f"WL#{n}")
    possible = [name for name, sure in ask("lot:LR1").items() if sure == "possible"]
    assert possible == [f"WL#{n}" for n in range(1, 62)]
    assert [name for name, sure in ask("lot:LR2").items() if sure == "certain"] == [f"WL#{n}" for n in (62, 63, 64)]


def test_another_order_uses_the_grey_zone_up(setup, ask):  # noqa: F811
    setup.mount("1", "R-1", order="WO")
    setup.mount("2", "C-1", order="WO")
    setup.splice("1", "R-2", order="WO", grey_pieces=6)
    setup.go("WB#1")  # BOM 2 has R1 R2 R3 too: three pieces
    setup.go("B1")  # three pieces more
    setup.go("B2")
    assert ask("lot:LR1") == {"B1": "possible", "WB#1": "possible"}
    assert ask("lot:LR2") == {"B1": "possible", "WB#1": "possible", "B2": "certain"}


def test_failed_passes_and_the_other_side_use_nothing_up(setup, ask):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.mount("7", "U-1", side="bottom")
    setup.splice("1", "R-2", grey_pieces=3)
    setup.go("B1", result="failed")
    setup.go("B1", side="bottom")
    setup.go("B2")
    setup.go("B3")
    assert ask("(lot:LR1 at:R1)") == {"B1": "unrecorded", "B2": "possible"}
    assert ask("(lot:LR2 at:R1)") == {"B1": "unrecorded", "B2": "possible", "B3": "certain"}
