"""mounts.csv and programs.csv: out and in again, withdrawn, corrected, rested on, rebuilt."""

import pytest
from mounted_line import line, setup  # noqa: F401


def test_out_and_in_again(setup, moved, findings):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.go("B1")
    setup.splice("1", "R-2")
    setup.go("B2")
    setup.off("2", "C-1")
    moved()
    assert findings() == []


def test_a_withdrawn_mount_was_not(setup, withdraw, actor, findings, load):  # noqa: F811
    from asbuilt.built.production.mounts import at_feeders, place_of_package

    setup.mount("1", "R-1")
    setup.splice("1", "R-2")
    withdraw("mounts", package="R-2")
    assert at_feeders(actor.tenant, "M1", ["1"])["1"].package == "R-1"
    assert place_of_package(actor.tenant, "R-2") is None
    assert findings() == []


def test_a_corrected_mount(setup, correct, actor, findings):  # noqa: F811
    from asbuilt.built.production.mounts import at_feeders

    setup.mount("1", "R-1")
    correct("mounts", {"package": "R-1"}, package="R-2")
    assert at_feeders(actor.tenant, "M1", ["1"])["1"].package == "R-2"
    assert findings() == []


def test_a_withdrawn_program_places_nothing(setup, withdraw, actor, findings, refused):  # noqa: F811
    from asbuilt.kernel.errors import NotFound, Refused

    withdraw("programs", program="TOP-1")
    refused(Refused, "catalog.program_side", setup.mount, "1", "R-1")
    withdraw("programs", program="BOT-1")
    refused(NotFound, "production.program_missing", setup.mount, "1", "R-1")
    assert findings() == []


def test_what_mounts_rest_on_stays(setup, withdraw, refused):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    setup.mount("1", "R-1", order="WA")
    error = refused(Refused, "exchange.fact_rested_on", withdraw, "lots", package="R-1")
    assert "mounts.csv" in error.message


def test_history_is_loaded_as_it_was(load, actor, refusal, findings):
    from asbuilt.built.production.mounts import at_feeders

    load(line())
    row = {
        "machine": "M7",
        "feeder": "1",
        "package": "R-5",
        "what": "mounted",
        "order": "WO",
        "grey_pieces": "",
        "station": "",
        "operator": "045",
    }
    row |= {"happened_at": "2026-03-02T08:00:00Z"}
    load({"mounts": [row]}, "history")
    assert at_feeders(actor.tenant, "M7", ["1"])["1"].package == "R-5"
    assert refusal("mounts", [{**row, "package": "NO"}]) == ("Invalid", [("supply.package_unknown", 2, "package")])
    assert refusal("mounts", [{**row, "order": "NO"}]) == ("Invalid", [("production.order_unknown", 2, "order")])
    assert refusal("mounts", [{**row, "grey_pieces": "4"}]) == (
        "Invalid",
        [("production.grey_pieces", 2, "grey_pieces")],
    )
    assert refusal("mounts", [{**row, "what": "spliced"}]) == (
        "Invalid",
        [("production.grey_pieces", 2, "grey_pieces")],
    )
    assert findings() == []


def test_history_that_does_not_fit_is_warned_about(load):
    load(line())
    row = {"order": "WO", "station": "", "operator": "045", "machine": "M7"}
    told = [
        ("1", "R-1", "mounted", ""), ("1", "R-2", "spliced", "5"), ("2", "R-1", "mounted", ""), ("3", "R-2", "mounted", ""),
        ("2", "R-1", "removed", ""), ("4", "R-1", "mounted", ""),
    ]  # fmt: skip
    rows = [
        row
        | {
            "feeder": feeder,
            "package": package,
            "what": what,
            "grey_pieces": grey,
            "happened_at": f"2026-03-02T08:0{n}:00Z",
        }
        for n, (feeder, package, what, grey) in enumerate(told)
    ]
    warnings = [one for report in load({"mounts": rows}, "history") for one in report.warnings]
    # R-1 was spliced out before it came to feeder 2; R-2 was still at feeder 1 when it came to feeder 3
    assert warnings == ["mounts.csv line 5: package R-2 is mounted at feeder 1 of M7 too."]


@pytest.mark.parametrize("changed", ["machine = 'M9'", "package = 'R-2'", "grey_pieces = 3"])
def test_verify_finds_a_changed_mount(setup, findings, changed):  # noqa: F811
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    setup.mount("1", "R-1")
    with write_tx(1):
        bulk.run(f"UPDATE production_mount SET {changed}")
    assert any("production_mount" in one for one in findings())
