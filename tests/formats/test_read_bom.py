"""BOM files of other tools are read as they are, and what is wrong in them is named."""

import csv

import pytest

from asbuilt.formats.bom import is_foreign_bom, read_bom
from asbuilt.kernel.errors import Invalid


def refdes_of(document) -> list[tuple[str, ...]]:
    return [line.refdes for line in document.lines]


def wrong_places(content: bytes) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(Invalid) as caught:
        read_bom(content, file="bom.csv")
    return [(row.code, row.line, row.column) for row in caught.value.rows]


def test_glasgow_board(shared_data):
    path = shared_data / "ems/boms/dev/glasgow-revC3/bom.csv"
    with open(path, newline="") as stream:
        counted = list(csv.DictReader(stream, skipinitialspace=True))
    document = read_bom(path.read_bytes(), file="bom.csv")
    assert len(document.lines) == len(counted) == 57
    assert [list(line.refdes) for line in document.lines] == [row["Reference"].split() for row in counted]
    assert sum(line.quantity for line in document.lines) == sum(int(row["Quantity"]) for row in counted) == 234
    assert [line.mpn for line in document.lines] == [row["MPN"] for row in counted]
    assert [line.manufacturer for line in document.lines] == [row["Mfg"] for row in counted]
    assert [line.do_not_place for line in document.lines] == [bool(row["DNP"]) for row in counted]
    unplaced = {name for line in document.lines if line.do_not_place for name in line.refdes}
    assert unplaced == {"J10", "J6", "J7", "J8", "J9", "R40", "R50", "R51", "R6", "R8"}
    assert document.dialect.tool == "KiCad"
    assert "Lines 20, 24, 27, 35, 41 without a part number" in document.warnings[0]


def test_open_motion_light_board(shared_data):
    path = shared_data / "ems/boms/dev/open-motion-light/bom.csv"
    with open(path, newline="", encoding="utf-8-sig") as stream:
        counted = list(csv.DictReader(stream))
    document = read_bom(path.read_bytes(), file="bom.csv")
    assert len(document.lines) == len(counted) == 35
    assert sum(len(line.refdes) for line in document.lines) == sum(int(row["Quantity"]) for row in counted) == 95
    assert [line.part for line in document.lines] == [row["LCSC Part #"] for row in counted]
    assert document.dialect == type(document.dialect)("JLCPCB", "UTF-8", "comma", 1)
    named = (shared_data / "ems/boms/dev/open-motion-light/designators.csv").read_text("utf-8-sig").split()
    expected = {line.split(":")[0] for line in named}
    assert {name for names in refdes_of(document) for name in names} <= expected


def test_kicad_symbol_fields_export():
    content = (
        b'"Reference","Qty","Value","DNP","Exclude from BOM","Exclude from Board","Footprint","Datasheet"\n'
        b'"C1,C9,C42","3","10u","","","","Capacitor_SMD:C_0805_2012Metric","~"\n'
        b'"R9","1","10k","DNP","","","R_0805",""\n'
        b'"H1,H2","2","MountingHole","","Excluded from BOM","","MountingHole:M3",""\n'
    )
    document = read_bom(content, file="bom.csv")
    assert refdes_of(document) == [("C1", "C9", "C42"), ("R9",)]
    assert [line.do_not_place for line in document.lines] == [False, True]
    assert document.lines[0].part == "10u C_0805_2012Metric"
    assert any(warning.startswith("Line 4 left out") for warning in document.warnings)


def test_kicad_grouped_style_takes_the_collated_section():
    content = (
        b'"Source:","/home/a/board.kicad_sch"\n"Date:","2027-03-15"\n"Tool:","Eeschema 7.0.5"\n'
        b'"Component Count:","3"\n\n'
        b'"Individual Components:"\n\n"Item","Qty","Reference(s)","Value","LibPart","Footprint","Datasheet"\n'
        b'"","","C1","100n","Device:C","C_0402","~"\n"","","C2","100n","Device:C","C_0402","~"\n'
        b'"","","R1","10k","Device:R","R_0402","~"\n\n\n'
        b'"Collated Components:"\n\n"Item","Qty","Reference(s)","Value","LibPart","Footprint","Datasheet"\n'
        b'"1","2","C1, C2","100n","Device:C","C_0402","~"\n"2","1","R1","10k","Device:R","R_0402","~"\n'
    )
    document = read_bom(content, file="bom.csv")
    assert refdes_of(document) == [("C1", "C2"), ("R1",)]
    assert (document.dialect.tool, document.dialect.header_line) == ("KiCad", 16)
    assert [line.at_line for line in document.lines] == [17, 18]


def test_kicad_grouped_by_value_with_trailing_comma():
    content = (
        b'"Source:","x"\n"Component Count:",2\n"Ref","Qnty","Value","Sch lib name","footprint"\n'
        b'"R1, R2, ","2","10k","Device/R","R_0402"\n'
    )
    assert refdes_of(read_bom(content, file="bom.csv")) == [("R1", "R2")]


def test_kicad_board_bom_with_semicolons():
    header = b'"Id";"Designator";"Footprint";"Quantity";"Designation";"Supplier and ref";\n'
    content = header + b'1;"R67,R76";"R_0402";2;"5.1R";;;\n'
    document = read_bom(content, file="bom.csv")
    assert refdes_of(document) == [("R67", "R76")]
    assert (document.dialect.delimiter, document.lines[0].line) == ("semicolon", "1")


def test_jlc_header_with_full_width_signs():
    content = 'Comment,Designator,Footprint,JLCPCB Part ＃（optional）\r\n22k,"R1,R2",R-0603,C31850\r\n'.encode()
    [line] = read_bom(content, file="bom.csv").lines
    assert (line.part, line.quantity, line.refdes) == ("C31850", 2, ("R1", "R2"))


def test_altium_bom_as_it_comes_out_of_a_german_office():
    content = (
        "Bill of Materials;;;;;;\r\nStückliste für Regler;;;;;;\r\n\r\n"
        '"Line #";"Comment";"Description";"Designator";"Quantity";"Manufacturer 1";"Manufacturer Part Number 1"\r\n'
        '"1";"4µ7";"Kondensator ±10 %";"C1, C2,\r\nC3";"3";"Würth";"885012106012"\r\n'
        '"2";"NE555";"Timer";"U1";"1";"TI";"NE555DR"\r\n'
    ).encode("cp1252")
    document = read_bom(content, file="bom.csv")
    assert refdes_of(document) == [("C1", "C2", "C3"), ("U1",)]
    assert document.lines[0].manufacturer == "Würth"
    assert document.lines[0].mpn == "885012106012"
    assert document.lines[1].at_line == 7
    assert document.dialect == type(document.dialect)("Altium", "Windows-1252", "semicolon", 4)
    assert "Windows-1252" in document.warnings[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_tabs_as_easyeda_writes_it(encoding):
    content = "ID\tName\tDesignator\tFootprint\tQuantity\tManufacturer Part\n1\t100nF\tC1,C2\t0402\t2\tCL05B104\n"
    [line] = read_bom(content.encode(encoding), file="bom.csv").lines
    assert (line.mpn, line.refdes) == ("CL05B104", ("C1", "C2"))


@pytest.mark.parametrize(
    ("cell", "quantity", "expected"),
    [
        ("R1-R4", 4, ("R1", "R2", "R3", "R4")),
        ("R1 - R3, R7", 4, ("R1", "R2", "R3", "R7")),
        ("R1..R3", 3, ("R1", "R2", "R3")),
        ("R1–R3", 3, ("R1", "R2", "R3")),
        ("R1-4", 4, ("R1", "R2", "R3", "R4")),
        ("J1-2", 1, ("J1-2",)),
        ("R5-R5", 1, ("R5",)),
        ("R1  R2;R3,R4", 4, ("R1", "R2", "R3", "R4")),
        ("R1\nR2", 2, ("R1", "R2")),
        ("TP_A1 U1.B", 2, ("TP_A1", "U1.B")),
    ],
)
def test_designators_in_lists_and_ranges(cell, quantity, expected):
    content = f'Reference,Qty,MPN\n"{cell}",{quantity},X\n'.encode()
    assert refdes_of(read_bom(content, file="bom.csv")) == [expected]


@pytest.mark.parametrize("value", ["DNP", "10k DNP", "10k (DNF)", "dni", "10k/DNP", "Do not populate", "NOT FITTED"])
def test_markers_in_the_value(value):
    [line] = read_bom(f"Reference,Qty,Value\nR1,1,{value}\n".encode(), file="bom.csv").lines
    assert line.do_not_place


@pytest.mark.parametrize("value", ["10k", "DNP3 modem", "SANDNPAPER", "0"])
def test_values_that_only_look_like_markers(value):
    [line] = read_bom(f"Reference,Qty,Value\nR1,1,{value}\n".encode(), file="bom.csv").lines
    assert not line.do_not_place


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [("DNP", "", False), ("DNP", "0", False), ("DNP", "x", True), ("Fitted", "Not Fitted", True)]
    + [("Fitted", "Fitted", False), ("Fitted", "", False), ("Populate", "no", True), ("DNF", "1", True)],
)
def test_marker_columns(column, cell, expected):
    [line] = read_bom(f"Reference,Qty,Value,{column}\nR1,1,10k,{cell}\n".encode(), file="bom.csv").lines
    assert line.do_not_place is expected


def test_lines_without_designators_stay_when_they_name_a_part():
    content = (
        b"Designator,Quantity,Part Number,Comment\nR1,1,R10K,10k\n,1,PCB-100,bare board\n,,,checked by Ann\nTotal,,,\n"
    )
    with pytest.raises(Invalid) as caught:
        read_bom(content, file="bom.csv")
    assert [(row.code, row.line) for row in caught.value.rows] == [("bom.part_missing", 5)]
    document = read_bom(content.replace(b"Total,,,\n", b""), file="bom.csv")
    assert [(line.part, line.quantity, line.refdes) for line in document.lines] == [
        ("R10K", 1, ("R1",)),
        ("PCB-100", 1, ()),
    ]


def test_what_is_wrong_is_named_line_by_line():
    content = (
        b"Reference,Qty,MPN\nR1 R2,3,X\nC1,1,Y\nC1,1,Z\nR9-R5,5,V\nU1,few,W\nU2,0.5,W\n" + b"U" * 65 + b",1,W\nU3,1,\n"
    )
    assert wrong_places(content) == [
        ("bom.quantity_mismatch", 2, "Qty"),
        ("bom.refdes_doubled", 4, "Reference"),
        ("bom.range_wrong", 5, "Reference"),
        ("bom.quantity_wrong", 6, "Qty"),
        ("bom.quantity_wrong", 7, "Qty"),
        ("bom.refdes_wrong", 8, "Reference"),
        ("bom.part_missing", 9, "Reference"),
    ]
    document = read_bom(content, file="bom.csv", refuse=False)
    assert len(document.errors) == 7


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "foreign.header"),
        (b"a,b,c\n1,2,3\n", "foreign.header"),
        (b"PK\x03\x04....xl/workbook.xml", "foreign.not_text"),
        (b"\x1f\x8b\x08", "foreign.not_text"),
        (b"Reference,Qty\nR\x001,1\n", "foreign.control_character"),
        (b"Reference,Qty\nR\x81,1\n", "foreign.encoding"),
        (b"\xff\xfeR\x00\x00\xd8", "foreign.encoding"),
        (b'Reference,Qty\n"R1,1\n', "foreign.quotes"),
        (b"Reference,Qty\nR1,R2,2\n", "foreign.row_width"),
        (b"Reference,Qty\n" + b" " * (17 << 20), "foreign.too_large"),
    ],
)
def test_what_is_no_bom_is_refused(content, code):
    with pytest.raises(Invalid) as caught:
        read_bom(content, file="bom.csv")
    assert caught.value.code == code
    assert caught.value.rows[0].remedy


def test_our_own_table_is_told_from_foreign_ones():
    assert not is_foreign_bom(b"\xef\xbb\xbfproduct,revision,bom_version,line,part,quantity,refdes\r\n")
    assert not is_foreign_bom(b"prodct,revision,bom_version,line,part,quantity,refdes\n")
    assert is_foreign_bom(b"Reference, Quantity, Value, Footprint\n")
    assert is_foreign_bom(b'"Source:","board.kicad_sch"\n')
