"""BOM and placement of one board are compared, and each difference is a sentence with its designators."""

import csv

import pytest

from asbuilt.formats.bom import read_bom
from asbuilt.formats.placement import cross_check, read_placements


def findings_of(bom: bytes, placement: bytes) -> dict:
    document = read_bom(bom, file="bom.csv", refuse=False)
    placements = read_placements(placement, file="pos.csv").placements
    return {finding.code: finding for finding in cross_check(document, placements)}


def test_glasgow_where_the_board_file_is_newer_than_the_bom(shared_data):
    folder = shared_data / "ems/boms/dev/glasgow-revC3"
    found = findings_of((folder / "bom.csv").read_bytes(), (folder / "pos.csv").read_bytes())
    with open(folder / "bom.csv", newline="") as stream:
        rows = list(csv.DictReader(stream, skipinitialspace=True))
    in_bom = {name: bool(row["DNP"]) for row in rows for name in row["Reference"].split()}
    with open(folder / "pos.csv", newline="") as stream:
        placed = {row["Ref"] for row in csv.DictReader(stream)}
    assert set(found["placement.not_in_bom"].refdes) == placed - in_bom.keys()
    assert set(found["placement.left_empty"].refdes) == {name for name in in_bom if name not in placed}
    assert set(found["placement.left_empty"].refdes) == {"R6", "R8", "R40", "R50", "R51", "J6", "J7", "J8", "J9"}
    assert found["placement.left_empty"].note
    assert found["placement.do_not_place"].refdes == ("J10",)
    assert found["placement.do_not_place"].sentence == (
        "1 designator is marked do not place in the BOM and placed: J10."
    )
    assert set(found) == {"placement.not_in_bom", "placement.left_empty", "placement.do_not_place"}


@pytest.mark.parametrize("name", ["positions.csv", "kicad-pos.csv"])
def test_open_motion_light_agrees(shared_data, name):
    folder = shared_data / "ems/boms/dev/open-motion-light"
    assert findings_of((folder / "bom.csv").read_bytes(), (folder / name).read_bytes()) == {}


def test_every_kind_of_difference():
    bom = b"Reference,Qty,MPN,DNP\nR1 R2 R10,3,A,\nC1,2,B,\nC1,1,C,\nU1,1,D,x\n,1,PCB-100,\n"
    placement = b"Ref,PosX,PosY,Rot,Side\nR1,1,1,0,top\nR1,2,2,0,top\nC1,3,3,0,inner\nU1,4,4,0,top\nFID1,0,0,0,top\n"
    found = findings_of(bom, placement)
    assert {code: finding.refdes for code, finding in found.items()} == {
        "placement.missing": ("R2", "R10"),
        "placement.not_in_bom": ("FID1",),
        "placement.do_not_place": ("U1",),
        "placement.doubled": ("R1",),
        "bom.refdes_doubled": ("C1",),
        "placement.side_unknown": ("C1",),
        "bom.quantity_mismatch": ("C1",),
    }
    assert found["placement.missing"].sentence == "2 designators are in the BOM and not placed: R2 R10."
    assert found["bom.quantity_mismatch"].facts == {"line": "2", "part": "B", "quantity": 2, "designators": 1}


def test_long_lists_are_cut_in_the_sentence_only():
    names = [f"R{number}" for number in range(1, 101)]
    bom = f'Reference,Qty,MPN\n"{",".join(names)}",100,A\n'.encode()
    found = findings_of(bom, b"Ref,PosX,PosY\nX1,1,1\n")["placement.missing"]
    assert found.refdes == tuple(names)
    assert found.sentence.endswith("R19 R20 and 80 more.")
