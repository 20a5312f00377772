"""replacements.csv: what came out must have been able to be there; what went in holds the position from then on."""

import pytest
from floor import rows

MATERIALS = "order|refdes|package|first_serial|last_serial|certainty|machine|feeder|happened_at"
HEADER = "serial|refdes|removed_package|installed_package|operator|reason|happened_at"


def swap(serial="B3", refdes="R1", out="P1", into="P2", hour=8):
    return f"{serial}|{refdes}|{out}|{into}|047|dead|2027-03-04T{hour:02d}:00Z"


@pytest.fixture
def mounted(stage, load):
    """P1 certainly on R1 and R2 of B1 to B4, nothing said of the others."""
    stage()
    load({"materials": rows(MATERIALS, "WO-1|R1 R2|P1|B1|B4|certain|M1|F1|2027-03-02T08:00Z")}, "mounted")


def test_it_holds_from_then_on(mounted, load, ask):
    load({"replacements": rows(HEADER, swap(), swap("B2", out="", into=""), swap("B5", out="P2", into="P1"))}, "first")
    assert list(ask("reworked")) == ["B2", "B3", "B5"]
    assert ask("(package:P1 at:R1) unit:B2..B5") == {
        "B2": "unrecorded",
        "B4": "certain",
        "B5": "certain",
    }
    assert ask("ever:(package:P1 at:R1) unit:B2..B3") == {"B2": "certain", "B3": "certain"}
    assert ask("ever:(package:P2 at:R1) unit:B5") == {"B5": "certain"}


def test_rows_count_in_the_order_in_which_they_happened(mounted, load, ask):
    load({"replacements": rows(HEADER, swap(out="P2", into="P1", hour=10), swap(hour=9))}, "first")
    assert ask("(package:P1 at:R1) unit:B3") == {"B3": "certain"}


def test_the_same_rows_again_and_one_more(mounted, load):
    load({"replacements": rows(HEADER, swap())}, "first")
    (report,) = load({"replacements": rows(HEADER, swap(), swap("B2"))}, "second")
    assert (report.stored, report.known) == (1, 1)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([swap("B99")], ("Invalid", ("production.serial_unknown", 2, "serial"))),
        ([swap(refdes="R9")], ("Invalid", ("production.position_unknown", 2, "refdes"))),
        ([swap(out="P9")], ("Invalid", ("supply.package_unknown", 2, "removed_package"))),
        ([swap(into="P9")], ("Invalid", ("supply.package_unknown", 2, "installed_package"))),
        ([swap(out="P2", into="P1")], ("Invalid", ("production.replacement_not_there", 2, "removed_package"))),
        ([swap(), swap(hour=9)], ("Invalid", ("production.replacement_not_there", 3, "removed_package"))),
        ([swap(), swap(out="", into="P2")], ("Invalid", ("production.replacement_doubled", 3, "happened_at"))),
    ],
    ids=["unit", "position", "removed", "installed", "not there", "no longer there", "same time"],
)
def test_refusals(mounted, refusal, lines, expected):
    kind, named = refusal("replacements", rows(HEADER, *lines))
    assert (kind, named[0]) == expected


def test_another_at_the_same_time_in_another_file_is_a_conflict(mounted, load, refusal):
    load({"replacements": rows(HEADER, swap())}, "first")
    assert refusal("replacements", rows(HEADER, swap(out="", into="P1"))) == (
        "Conflict",
        [("tables.contradicts", 2, "happened_at")],
    )
