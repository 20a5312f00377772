"""`asbuilt hold`: place, list, lift; exit codes; one JSON document."""

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once


def test_hold_place_list_lift(load, asbuilt):
    load(tables())
    placed = asbuilt(
        "hold", "place", "--question", "lot:LB", "--reason", "marking differs", "--format", "json"
    ).document
    assert (placed["code"], placed["units"], placed["question"]) == ("H-1", 6, "lot:LB")
    assert asbuilt("hold", "place", "--unit", "B-01", "--unit", "B-03..B-04", "--reason", "dropped").code == 0
    assert asbuilt("ask", "held", "--format", "json").document["affected"]["certain"] == 9
    listed = asbuilt("hold", "list", "--format", "json").document["holds"]
    assert [(one["code"], one["units"], one["reason"], one["lifted_by"]) for one in listed] == [
        ("H-1", 6, "marking differs", "quality_lead"), ("H-2", 3, "dropped", "quality_lead"),
    ]  # fmt: skip
    assert [one["code"] for one in asbuilt("hold", "list", "--unit", "X-2", "--format", "json").document["holds"]] == [
        "H-1"
    ]
    assert asbuilt("hold", "lift", "H-1", "--reason", "X-rayed", "--unit", "B-05..B-09").code == 0
    assert asbuilt("hold", "lift", "H-2", "--reason", "no crack").code == 0
    assert asbuilt("ask", "held", "--serials", "--format", "json").document["serials"] == [
        {"serial": "B-02", "certainty": "certain"}
    ]
    assert "H-2" in asbuilt("hold", "list", "--lifted").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("place", "--reason", "r"), 2), (("place", "--lot", "LA", "--reason", "r"), 2), (("place", "--lot", "LZ", "--reason", "r"), 3),
        (("place", "--question", "-held", "--reason", "r"), 2), (("place", "--unit", "B-99", "--reason", "r"), 3),
        (("lift", "H-9", "--reason", "r"), 3),
    ],
)  # fmt: skip
def test_refusals_by_exit_code(load, asbuilt, arguments, code):
    load(tables())
    assert asbuilt("hold", *arguments).code == code
