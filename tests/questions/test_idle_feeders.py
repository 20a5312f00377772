"""A mounted feeder that feeds nothing: what the page Record says of it, counted by hand.

The line of `mounted_line`: R1 R2 R3 from feeder 1 and C1 from feeder 2 of M1 on the top, boards B1 to B20 of WO. The machine tells its
passes and materials by tables, so that it can be silent about a feeder: in this world nothing is made up from the setup.
"""

import pytest
from factories import row
from mounted_line import line

SAID = {"order": "WO", "machine": "M1", "operator": ""}


def at(minute):
    return f"2026-03-02T08:{minute:02}:00Z"


def mount(minute, feeder, package, what="mounted", **more):
    said = {
        "machine": "M1",
        "feeder": feeder,
        "package": package,
        "what": what,
        "order": "WO",
        "station": "",
        "operator": "",
    }
    return said | {"grey_pieces": "3" if what == "spliced" else "", "happened_at": at(minute)} | more


def went_by(low, high, start, end, **more):
    ends = {"first_serial": f"B{low}", "last_serial": f"B{high}", "started_at": at(start), "finished_at": at(end)}
    said = {"order": "WO", "step": "SMT", "machine": "M1", "program": "TOP-1", "side": "top", "result": "completed"}
    return row("processes", **said | ends | more)


def placed(low, high, refdes, package, feeder, **more):
    ends = {"first_serial": f"B{low}", "last_serial": f"B{high}"}
    said = {
        "order": "WO",
        "refdes": refdes,
        "package": package,
        "certainty": "certain",
        "machine": "M1",
        "feeder": feeder,
    }
    return row("materials", **said | ends | {"happened_at": at(10)} | more)


@pytest.fixture
def doubts(load, actor):
    """doubts(mounts, processes, materials, …) -> what the record of WO says in doubt."""

    def told(mounts, processes, materials, code="WO", **more):
        from asbuilt.questions.evidence.record import record_of

        load({**line(), "mounts": mounts, "processes": processes, "materials": materials, **more})
        return record_of(actor, code).doubts

    return told


R1, C1 = placed(1, 8, "R1 R2 R3", "R-1", "1"), placed(1, 8, "C1", "C-1", "2")
BOTH = [mount(1, "1", "R-1"), mount(1, "2", "C-1")]


def test_a_feeder_that_feeds_nothing(doubts):
    # eight boards went by, four a pass; of C-1 at feeder 2 nothing is told
    found = doubts(BOTH, [went_by(1, 4, 2, 3), went_by(5, 8, 4, 5)], [R1])
    assert found == ["C-1 is at feeder 2 of M1 while 8 units of WO go by (WO#1 to WO#8), and none of them has it"]


def test_a_feeder_of_which_another_package_is_told(doubts):
    # scanned C-1, told C-2, from the same feeder: C-1 fed nothing
    found = doubts(BOTH, [went_by(1, 8, 2, 3)], [R1, placed(1, 8, "C1", "C-2", "2")])
    assert found == ["C-1 is at feeder 2 of M1 while 8 units of WO go by (WO#1 to WO#8), and none of them has it"]


def test_what_feeds_is_no_doubt(doubts):
    assert doubts(BOTH, [went_by(1, 8, 2, 3)], [R1, C1]) == []


def test_mounted_and_not_run_is_no_doubt(doubts):
    # mounted before the order is run, and in the middle of a pass; another machine's pass does not count
    mounts = [*BOTH, mount(10, "2", "", "removed"), mount(13, "2", "C-2")]
    mounts[2]["package"] = "C-1"
    assert doubts(mounts, [went_by(1, 8, 2, 3), went_by(9, 12, 12, 15), went_by(1, 20, 20, 30, machine="OVEN", program="", side="")],
                  [R1, C1, placed(9, 12, "R1 R2 R3", "R-1", "1")]) == []  # fmt: skip


def test_failed_passes_and_skipped_positions_are_no_doubt(doubts, load, actor):
    tables = line()
    for unit in tables["units"][:4]:
        unit |= {"serial": "-", "state": "skipped"}
    first = went_by(1, 4, 2, 3, first_serial="WO#1", last_serial="WO#4")
    assert (
        doubts([mount(1, "2", "C-1")], [first, went_by(5, 8, 4, 5, result="failed")], [], units=tables["units"]) == []
    )


def test_one_board_that_went_by(doubts):
    tables = line()
    tables["units"][0] |= {"serial": "-", "state": "skipped"}
    span = went_by(1, 2, 2, 3, first_serial="WO#1")
    found = doubts([mount(1, "2", "C-1")], [span], [], units=tables["units"])
    assert found == ["C-1 is at feeder 2 of M1 while WO#2 goes by, which does not have it"]


def test_what_another_machine_placed_is_no_doubt(doubts):
    tables = line()
    spare = tables["programs"][1] | {"machine": "M2", "program": "TOP-2", "feeder": "9"}
    mounts = [*BOTH, mount(1, "9", "C-2", machine="M2")]
    passes = [went_by(1, 8, 2, 3), went_by(1, 8, 4, 5, machine="M2", program="TOP-2")]
    # M2 can place C1 too and waits with C-2, while M1 placed it on 1 to 6; 7 and 8 have it from neither
    found = doubts(mounts, passes, [R1, placed(1, 6, "C1", "C-1", "2")], programs=[*tables["programs"], spare])
    assert found == ["C-2 is at feeder 9 of M2 while 2 units of WO go by (WO#7 to WO#8), and none of them has it"]


def test_a_grey_zone_names_its_package(doubts):
    # spliced and used within its grey zone only: it may be on these boards
    grey = [placed(5, 8, "C1", package, "2", certainty="possible") for package in ("C-1", "C-2")]
    mounts = [*BOTH, mount(4, "2", "C-2", "spliced")]
    assert doubts(mounts, [went_by(1, 4, 2, 3), went_by(5, 8, 5, 6)], [R1, placed(1, 4, "C1", "C-1", "2"), *grey]) == []


def test_a_position_that_the_bom_does_not_have(doubts):
    # WB is built to BOM 2 without C1: the capacitor feeder stands still, and rightly
    units = [
        *line()["units"],
        *({"order": "WB", "serial": f"W{n}", "panel": "", "position": "", "state": "built"} for n in (1, 2)),
    ]
    span = went_by(1, 2, 2, 3, order="WB", first_serial="W1", last_serial="W2")
    parts = placed(1, 2, "R1 R2 R3", "R-1", "1", order="WB", first_serial="W1", last_serial="W2")
    assert doubts(BOTH, [span], [parts], "WB", units=units) == []


def test_a_unit_is_told_what_its_order_shows(doubts, actor):
    from asbuilt.questions.evidence.record import record_of

    told = doubts(BOTH, [went_by(1, 8, 2, 3)], [R1], "B3")
    assert told == ["C-1 is at feeder 2 of M1 while 8 units of WO go by (WO#1 to WO#8), and none of them has it"]
    assert record_of(actor, "B9").doubts == []


def test_it_was_so_before_it_was_told(doubts, load, actor):
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.evidence.record import record_of

    clock.set_clock(lambda: parse_instant("2026-03-03T08:00:00Z"))
    assert len(doubts(BOTH, [went_by(1, 8, 2, 3)], [R1])) == 1
    clock.set_clock(lambda: parse_instant("2026-03-05T08:00:00Z"))
    load({"materials": [C1]}, "late")
    assert record_of(actor, "WO").doubts == []
    assert len(record_of(actor, "WO", as_of="2026-03-04").doubts) == 1
