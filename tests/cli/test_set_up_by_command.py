"""`asbuilt setup …` and `asbuilt place`: exit codes, one JSON document, a step that places, numbers."""

import pytest
from mounted_line import line

pytestmark = pytest.mark.once


@pytest.fixture
def setup(load, asbuilt):
    load(line())
    return lambda *arguments: asbuilt("setup", *arguments)


TOP = ("--order", "WO", "--side", "top")


def test_mount_splice_remove_show(setup):
    done = setup("mount", "M1", "1", "R-1", *TOP, "--format", "json")
    assert (done.code, done.document["package"], done.document["left"]) == (0, "R-1", {"least": 500, "most": 500})
    assert setup("splice", "M1", "1", "R-2", *TOP, "--old", "R-1", "--format", "json").document["grey_pieces"] == 7
    shown = setup("show", "M1", *TOP, "--format", "json").document
    assert (shown["ready"], shown["program"]) == (False, "TOP-1")
    assert [(one["feeder"], one["state"], one["package"]) for one in shown["feeders"]] == [
        ("1", "ready", "R-2"),
        ("2", "empty", ""),
    ]
    assert shown["feeders"][0]["behind"] == [{"package": "R-1", "grey_pieces_left": 7}]
    assert [one["machine"] for one in setup("show", "--order", "WO", "--format", "json").document["setups"]] == [
        "M1",
        "M1",
    ]
    assert setup("show", "--format", "json").document == {"machines": ["M1"]}
    said = setup("show", "M1", *TOP)
    assert "R-2" in said.out and "Nothing is mounted at feeder 2 of M1." in said.err and "not ready" in said.err
    assert setup("remove", "M1", "1", "--package", "R-2").code == 0
    assert setup("show", "M1", "--format", "json").document["feeders"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("mount", "M1", "1", "C-1", *TOP), 4), (("mount", "M1", "1", "R-5", *TOP), 4), (("mount", "M1", "1", "NO", *TOP), 3),
        (("mount", "M1", "9", "R-1", *TOP), 3), (("mount", "M1", "1", "R-1", "--order", "NO"), 3), (("remove", "M1", "1"), 4),
        (("splice", "M1", "1", "R-1", *TOP), 4), (("show", "M9"), 3), (("show", "M1", "--order", "NO"), 3),
    ],
)  # fmt: skip
def test_refusals_by_exit_code(setup, arguments, code):
    assert setup(*arguments).code == code


def test_a_program_from_files(setup, tmp_path):
    (tmp_path / "top.csv").write_text(
        "Ref,Val,Package,PosX,PosY,Rot,Side\nR1,1,0402,1,1,0,top\nR2,1,0402,2,1,0,top\nC1,1,0402,3,1,0,top\n"
    )
    (tmp_path / "feeders.csv").write_text("feeder,part,grey_pieces\n21,RES,4\n22,CAP,\n")
    files = ("--placement", tmp_path / "top.csv", "--feeders", tmp_path / "feeders.csv")
    done = setup("program", "board", "A", "1", "top", "M2", "NEW", *files, "--format", "json")
    assert done.document["feeders"] == [
        {"feeder": "21", "refdes": "R1 R2", "grey_pieces": "4"}, {"feeder": "22", "refdes": "C1", "grey_pieces": ""},
    ]  # fmt: skip
    assert setup("show", "M2", "--order", "WO", "--format", "json").document["feeders"][0]["refdes"] == ["R1", "R2"]
    assert (
        setup(
            "program",
            "board",
            "A",
            "1",
            "top",
            "M2",
            "NEW",
            "--placement",
            tmp_path / "no",
            "--feeders",
            tmp_path / "no",
        ).code
        == 3
    )


def test_place(load, asbuilt):
    load(line())
    assert asbuilt("place", "X-1", "B1", "B3", "--at", "X1 X2", "--format", "json").document["units"] == 3
    assert asbuilt("ask", "(lot:LX1 at:X2)", "--format", "json").document["affected"]["certain"] == 3
    assert asbuilt("place", "R-1", "B4", "--at", "X1").code == 4
    assert asbuilt("place", "X-1", "B4").code == 2


def test_what_a_feeder_and_a_part_placed_by_hand_rest_on_is_printed(load, actor, asbuilt):
    """W-2 is not approved for WIFI: DEV-1 lets it into WO-2, and nobody checked the signature of its manufacturer."""
    import sourcing_floor

    load(sourcing_floor.tables())
    sourcing_floor.deviate(sourcing_floor.people(actor.tenant))
    note = "a party agreed by a document whose signature Asbuilt did not check"
    done = asbuilt("setup", "mount", "PP", "1", "W-ALT", "--order", "WO-2", "--format", "json").document["under"]
    assert [(one["concession"], one["note"]) for one in done] == [("DEV-1", note)]
    shown = asbuilt("setup", "show", "PP", "--order", "WO-2")
    assert "DEV-1" in shown.out + shown.err and note in shown.out + shown.err
    assert asbuilt("setup", "remove", "PP", "1").code == 0
    placed = asbuilt("place", "W-ALT", "H3", "--at", "U1")
    assert placed.code == 0 and "DEV-1" in placed.out + placed.err and note in placed.out + placed.err
    approved = asbuilt("place", "W-NEW", "H4", "--at", "U1")
    assert approved.code == 0 and "DEV-1" not in approved.out + approved.err
