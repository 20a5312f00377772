"""names.csv: further names of units; a new label becomes the unit's own, the old one still finds it."""

import pytest
from floor import rows

HEADER = "unit|kind|value|from_at|replaces|reason"
AT = "2027-03-09T08:00Z"


def test_a_new_label_and_a_mac(stage, load, ask):
    stage()
    load(
        {
            "names": rows(
                HEADER, f"B2|serial|B2-NEW|{AT}|B2|torn", f"B2|mac|00:11:22|{AT}||", f"WO-2#1|serial|C1|{AT}||"
            )
        },
        "names",
    )
    for name in ("B2", "B2-NEW", "00:11:22"):
        assert list(ask(f"unit:{name}")) == ["B2-NEW"]
    assert list(ask("unit:WO-2#1")) == ["C1"]


def test_twice_changes_nothing(stage, load):
    stage()
    first = rows(HEADER, f"B2|mac|00:11:22|{AT}||")
    load({"names": first}, "names")
    (report,) = load({"names": [*first, *rows(HEADER, f"B3|mac|00:11:23|{AT}||")]}, "longer")
    assert (report.stored, report.known) == (1, 1)


def test_a_number_of_several_products_needs_the_product(stage, load, refusal, ask):
    stage()
    kind, named = refusal("names", rows(HEADER, f"B1|mac|00:11|{AT}||"))
    assert (kind, named) == ("Invalid", [("production.serial_ambiguous", 2, "unit")])
    load({"names": rows(HEADER + "|product", f"B1|mac|00:11|{AT}|||box")}, "names")
    assert list(ask("unit:00:11")) == ["B1"] and ask("unit:00:11 product:box")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"B99|mac|x|{AT}||"], ("Invalid", ("production.serial_unknown", 2, "unit"))),
        ([f"B2|mac|x|{AT}||", f"B2|mac|x|{AT}||"], ("Invalid", ("production.name_doubled", 3, "value"))),
        ([f"B2|serial|B3|{AT}|B2|"], ("Conflict", ("tables.contradicts", 2, "value"))),
        ([f"B2|serial|N|{AT}|B2|", f"B3|serial|N|{AT}|B3|"], ("Invalid", ("production.serial_doubled", 3, "value"))),
        ([f"B2|serial|N|{AT}|B7|"], ("Invalid", ("production.name_not_there", 2, "replaces"))),
        ([f"B2|serial|B2|{AT}||"], ("Conflict", ("tables.contradicts", 2, "value"))),
    ],
    ids=["unit", "twice", "of another", "one label for two", "never had", "has it"],
)
def test_refusals(stage, refusal, lines, expected):
    stage()
    kind, named = refusal("names", rows(HEADER, *lines))
    assert (kind, named[0]) == expected


def test_the_label_given_last_is_the_units_own_whatever_the_order_of_learning(stage, load, ask):
    stage()
    # torn twice: both labels stand in one file, and the newer one comes first in the alphabet
    labels = ("B2|serial|Z-1|2027-03-09T08:00Z|B2|torn", "B2|serial|A-2|2027-03-10T08:00Z|Z-1|torn again")
    load({"names": rows(HEADER, *labels)}, "names")
    for name in ("B2", "Z-1", "A-2"):
        assert list(ask(f"unit:{name}")) == ["A-2"]
    # an older label is found later
    load({"names": rows(HEADER, "B2|serial|M-0|2027-03-08T08:00Z||an old photograph")}, "later")
    assert list(ask("unit:M-0")) == ["A-2"]
