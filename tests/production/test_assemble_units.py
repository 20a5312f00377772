"""assemblies.csv: units inside units, at any depth, each inside one at a time, never inside itself."""

import pytest
from floor import rows

HEADER = "parent_serial|child_serial|position|happened_at|removed_at"


def put(parent="X1", child="B2", hour=8, removed=""):
    return f"{parent}|{child}|slot|2027-03-05T{hour:02d}:00Z|{removed}"


def test_inside_and_contains(stage, load, ask):
    stage()
    load({"assemblies": rows(HEADER, put(), put("B2", "B3"), put("X1", "B4", removed="2027-03-06T08:00Z"))}, "first")
    assert list(ask("inside:(unit:X1)")) == ["B2", "B3"]
    assert list(ask("contains:(unit:B3)")) == ["B2", "X1"]


def test_moved_from_one_to_another(stage, load, ask):
    stage()
    load({"assemblies": rows(HEADER, put(removed="2027-03-05T09:00Z"), put("WO-3#2", hour=10))}, "first")
    assert list(ask("contains:(unit:B2)")) == ["B1"]  # the second box is named B1, as a board is too


def test_the_same_rows_again_and_one_more(stage, load):
    stage()
    load({"assemblies": rows(HEADER, put())}, "first")
    (report,) = load({"assemblies": rows(HEADER, put(), put(child="B3"))}, "second")
    assert (report.stored, report.known) == (1, 1)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([put("X9")], ("production.serial_unknown", 2, "parent_serial")),
        ([put(child="B99")], ("production.serial_unknown", 2, "child_serial")),
        ([put(child="B1")], ("production.serial_ambiguous", 2, "child_serial")),
        ([put("B2")], ("production.assembly_cycle", 2, "parent_serial")),
        ([put("B2", "B3"), put("B3", "B4"), put("B4", "B2")], ("production.assembly_cycle", 2, "parent_serial")),
        ([put(), put("WO-3#2", hour=9)], ("production.inside_two", 3, "child_serial")),
        ([put(removed="2027-03-04T08:00Z")], ("production.times_backwards", 2, "removed_at")),
    ],
    ids=["parent", "child", "ambiguous", "itself", "a ring of three", "two", "times"],
)
def test_refusals(stage, refusal, lines, expected):
    stage()
    kind, named = refusal("assemblies", rows(HEADER, *lines))
    assert kind == "Invalid" and named[0] == expected


def test_what_contradicts_another_file(stage, load, refusal):
    stage()
    load({"assemblies": rows(HEADER, put(), put("B2", "B3"))}, "first")
    assert refusal("assemblies", rows(HEADER, put("WO-3#2", hour=9))) == (
        "Conflict",
        [("tables.contradicts", 2, "child_serial")],
    )
    assert refusal("assemblies", rows(HEADER, put("B3", "X1")))[1] == [
        ("production.assembly_cycle", 2, "parent_serial")
    ]


def test_deeper_than_the_limit(stage, load, refusal):
    """A chain of 70 units, each inside the one before."""
    stage()
    load(
        {
            "orders": rows(
                "order|product|revision|bom_version|quantity|customer|opened_at", "WO-9|board|A|1|70||2027-03-01T08:00Z"
            )
        },
        "more",
    )
    chain = [put(f"WO-9#{n}", f"WO-9#{n + 1}") for n in range(1, 70)]
    kind, named = refusal("assemblies", rows(HEADER, *chain))
    assert kind == "Invalid" and {code for code, _, _ in named} == {"production.assembly_depth"}
