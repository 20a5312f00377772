"""Placement files of other tools give designator, millimetres, degrees and side."""

import csv

import pytest

from asbuilt.formats.placement import Placement, read_placements
from asbuilt.kernel.errors import Invalid


def read(content: str | bytes):
    return read_placements(content.encode() if isinstance(content, str) else content, file="pos.csv")


def test_glasgow_board(shared_data):
    path = shared_data / "ems/boms/dev/glasgow-revC3/pos.csv"
    with open(path, newline="") as stream:
        counted = list(csv.DictReader(stream))
    document = read(path.read_bytes())
    assert len(document.placements) == len(counted) == 232
    for placement, row in zip(document.placements, counted, strict=True):
        assert (placement.refdes, placement.side) == (row["Ref"], row["Side"])
        assert (placement.x_mm, placement.y_mm) == (float(row["PosX"]), float(row["PosY"]))
        assert placement.rotation_degree == float(row["Rot"]) % 360
    assert sum(placement.side == "bottom" for placement in document.placements) == 76
    assert document.warnings == ("The file names no unit: millimetres were taken.",)


def test_the_same_board_from_kicad_and_for_jlc(shared_data):
    folder = shared_data / "ems/boms/dev/open-motion-light"
    kicad, jlc = (read((folder / name).read_bytes()) for name in ("kicad-pos.csv", "positions.csv"))
    assert (kicad.dialect.tool, jlc.dialect.tool) == ("KiCad", "JLCPCB")
    assert len(kicad.placements) == len(jlc.placements) == 95
    places = {placement.refdes: placement for placement in jlc.placements}
    assert all(places[p.refdes].side == p.side for p in kicad.placements)
    # rotations differ from part to part: JLC turns them, and we keep what each file says
    assert any(places[p.refdes].rotation_degree != p.rotation_degree for p in kicad.placements)


KICAD_POS = """### Footprint positions - created on 2027-03-15T08:00:00 ###
### Printed by KiCad version 7.0.5-0
## Unit = {unit}, Angle = deg.
## Side : All
# Ref     Val       Package                                PosX       PosY       Rot  Side
C1        10uF      CP_Radial_D10.0mm_P5.00mm          141.6050   -99.6950   90.0000  top
R7                  R_0402_1005Metric                   12.5000    -6.0000  -90.0000  bottom
## End
"""


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("inches", 25.4)])
def test_kicad_text_report(unit, factor):
    document = read(KICAD_POS.format(unit=unit))
    assert document.placements == (
        Placement(
            "C1",
            pytest.approx(141.605 * factor),
            pytest.approx(-99.695 * factor),
            90.0,
            "top",
            6,
            "CP_Radial_D10.0mm_P5.00mm",
        ),
        Placement(
            "R7", pytest.approx(12.5 * factor), pytest.approx(-6 * factor), 270.0, "bottom", 7, "R_0402_1005Metric"
        ),
    )
    assert (document.dialect.tool, document.warnings) == ("KiCad", ())


def test_jlc_with_the_unit_in_each_cell():
    document = read("Designator,Mid X,Mid Y,Layer,Rotation\nC1,46.75mm,-12.4325mm,Top,180\nU1,100mil,1in,B,-0.5\n")
    assert document.placements == (
        Placement("C1", 46.75, -12.4325, 180.0, "top", 2),
        Placement("U1", 2.54, 25.4, 359.5, "bottom", 3),
    )
    assert document.warnings == ()


ALTIUM_TITLE = """Altium Designer Pick and Place Locations
C:\\Users\\ann\\Project Outputs, final\\Pick Place.csv

========================================================================================================================
File Design Information:

Date:       15.03.27
Units used: mil

"""


def test_altium_csv():
    document = read(
        ALTIUM_TITLE
        + '"Designator","Comment","Layer","Footprint","Center-X(mil)","Center-Y(mil)","Rotation","Description"\n'
        + '"R1","10K","TopLayer","R0402","100","-50","360","RES, 1%"\n"LED1","","BottomLayer","LED","0.5","0","0",""\n'
    )
    assert document.placements == (
        Placement("R1", 2.54, -1.27, 0.0, "top", 11, "R0402"),
        Placement("LED1", 0.0127, 0.0, 0.0, "bottom", 12, "LED"),
    )
    assert document.dialect.tool == "Altium"


def test_altium_text_report_with_blanks_in_cells():
    document = read(
        ALTIUM_TITLE
        + "Designator Comment            Layer       Footprint     Center-X(mm) Center-Y(mm) Rotation Description\n"
        + 'C1         100nF              TopLayer    0402          12.7000      5.0800       90       "Cap 100 nF"  \n'
        + 'R1         10k 1% 0402 thin   BottomLayer 0603          -3.1750      2.5400       180      "Res"       \n'
    )
    assert document.placements == (
        Placement("C1", 12.7, 5.08, 90.0, "top", 11, "0402"),
        Placement("R1", -3.175, 2.54, 180.0, "bottom", 12, "0603"),
    )


def test_decimal_commas_and_unknown_sides():
    document = read("Designator;X;Y;Rotation;Layer\nC1;12,5;-3,25;45,0;inner\nC2;1;2;;F.Cu\n")
    assert document.placements == (Placement("C1", 12.5, -3.25, 45.0, "", 2), Placement("C2", 1.0, 2.0, 0.0, "top", 3))


def test_what_is_wrong_is_named():
    with pytest.raises(Invalid) as caught:
        read("Ref,PosX,PosY,Rot,Side\nC1,abc,1,0,top\nC2,1,,0,top\nC3,1,2,north,top\n,1,2,0,top\nC4,nan,1e5,0,top\n")
    places = [(row.code, row.line, row.column) for row in caught.value.rows]
    assert places == [
        ("placement.number_wrong", 2, "PosX"),
        ("placement.number_wrong", 3, "PosY"),
        ("placement.number_wrong", 4, "Rot"),
        ("placement.refdes_missing", 5, "Ref"),
        ("placement.number_wrong", 6, "PosX"),
        ("placement.number_wrong", 6, "PosY"),
    ]


def test_a_bom_is_no_placement_file():
    with pytest.raises(Invalid) as caught:
        read("Reference,Qty,Value\nR1,1,10k\n")
    assert caught.value.code == "foreign.header"
