"""bom.csv and parts.csv: what goes in, what is found again, what is refused where. Expectations: design, section 7."""

import pytest

PARTS = """
R-10K,Resistor 10k,RC0402-10K,Yageo,active,1
R-10K,Resistor 10k,CRCW0402-10K,Vishay,active,1
C-100N,Capacitor 100n,GRM155,Murata,active,1
PCB-A,Bare board,,,,
"""
BOM = """
MB-1,A,1,10,PCB-A,1,
MB-1,A,1,20,R-10K,3,R10 R2 R1
MB-1,A,1,30,C-100N,2,C1 C2
MB-1,B,1,10,PCB-A,1,
MB-2,A,7,20,R-10K,1,R1
"""


@pytest.fixture
def intakes(home):
    from asbuilt.designed.catalog.intake import BomIntake, PartsIntake

    return PartsIntake, BomIntake


@pytest.fixture
def loaded(take, intakes):
    parts, bom = intakes
    return take(parts, PARTS), take(bom, BOM)


def test_a_part_has_several_manufacturer_parts(loaded, actor):
    from asbuilt.designed.catalog.queries import PartMatch, approved, part_codes, part_numbers, parts_by_code_or_mpn

    assert (loaded[0].stored, loaded[0].known, loaded[0].wrong) == (4, 0, [])
    numbers = part_numbers(actor.tenant, ["R-10K", "C-100N", "PCB-A", "X"])
    assert sorted(numbers) == ["C-100N", "PCB-A", "R-10K"]
    resistor = numbers["R-10K"]
    assert sorted(approved(actor.tenant, [resistor])[resistor]) == [("CRCW0402-10K", "Vishay"), ("RC0402-10K", "Yageo")]
    assert part_codes(actor.tenant, [resistor]) == {resistor: "R-10K"}
    assert parts_by_code_or_mpn(actor.tenant, "R-10K") == [PartMatch(resistor)]
    assert parts_by_code_or_mpn(actor.tenant, "grm155") == [PartMatch(numbers["C-100N"], "GRM155", "Murata")]
    assert parts_by_code_or_mpn(actor.tenant, "") == parts_by_code_or_mpn(actor.tenant, "no such") == []


def test_bom_versions_are_found_by_their_three_names(loaded, actor):
    from asbuilt.designed.catalog import queries
    from asbuilt.designed.catalog.positions import PositionGroups

    assert (loaded[1].stored, loaded[1].wrong, loaded[1].contradictions) == (5, [], [])
    finder, groups = queries.BomFinder(actor.tenant), PositionGroups(actor.tenant)
    first, second, other = finder.find("MB-1", "A", "1"), finder.find("MB-1", "B", "1"), finder.find("MB-2", "A", "7")
    assert first.product == second.product != other.product
    assert len({first.revision, second.revision, other.revision}) == len({first.bom, second.bom, other.bom}) == 3
    assert queries.product_codes(actor.tenant) == {first.product: "MB-1", other.product: "MB-2"}
    assert queries.product_number(actor.tenant, "MB-2") == other.product
    assert queries.revision_codes(actor.tenant)[second.revision] == "B"
    assert queries.bom_codes(actor.tenant)[other.bom] == "7"
    lines = queries.bom_lines(actor.tenant, first.bom)
    assert [(line.line, line.quantity, groups.label(line.group)) for line in lines] == [
        ("10", 1, "#10"),
        ("20", 3, "R1 R2 R10"),
        ("30", 2, "C1 C2"),
    ]


@pytest.mark.parametrize(
    ("names", "column", "said"),
    [
        (("MB-3", "A", "1"), "product", "MB-1"),
        (("MB-1", "C", "1"), "revision", "A"),
        (("MB-1", "A", "2"), "bom_version", "1"),
        (("", "", ""), "product", "bom.csv"),
    ],
)
def test_it_explains_which_name_is_unknown(loaded, actor, names, column, said):
    from asbuilt.designed.catalog.queries import BomFinder

    finder = BomFinder(actor.tenant)
    assert finder.find(*names) is None
    wrong, value, remedy = finder.explain(*names)
    assert (wrong, value) == (column, names[["product", "revision", "bom_version"].index(column)])
    assert said in remedy


@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_the_same_files_again_change_nothing(loaded, take, intakes, chunk):
    parts, bom = (take(intake, text, chunk) for intake, text in zip(intakes, (PARTS, BOM), strict=True))
    assert (parts.stored, parts.known, bom.stored, bom.known) == (0, 4, 0, 5)
    assert not parts.wrong + bom.wrong + parts.contradictions + bom.contradictions


def test_other_content_contradicts(loaded, take, intakes):
    parts, bom = intakes
    said = take(parts, "R-10K,Resistor 10k,RC0402-10K,Yageo,eol,1\nR-10K,Third,ERJ2,Panasonic,active,1")
    assert [(line, column) for line, column, _ in said.contradictions] == [(2, "part")]
    said = take(bom, "MB-1,A,1,20,R-10K,2,R1 R2\nMB-1,A,1,40,R-10K,1,R77\nMB-1,A,2,40,R-10K,1,R77")
    assert [(line, column) for line, column, _ in said.contradictions] == [(2, "line"), (3, "line")]
    assert "new BOM version" in said.contradictions[1][2]


@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize("known", [False, True])
def test_a_key_stands_once_in_a_file(take, intakes, loaded, chunk, known):
    parts, bom = intakes
    row = "R-10K,Resistor 10k,RC0402-10K,Yageo,active,1" if known else "R-9,Resistor,X,Y,,"
    said = take(parts, f"{row}\n{row}", chunk)
    assert [entry[:3] for entry in said.wrong] == [(3, "part", "catalog.part_doubled")]
    row = "MB-1,A,1,20,R-10K,3,R10 R2 R1" if known else "MB-9,A,1,20,R-10K,3,R10 R2 R1"
    said = take(bom, f"{row}\n{row}", chunk)
    assert [entry[:3] for entry in said.wrong] == [(3, "line", "catalog.bom_line_doubled")]


@pytest.mark.parametrize(
    ("rows", "line", "column", "code", "said"),
    [
        ("P,A,1,1,R-10X,1,R1", 2, "part", "catalog.part_unknown", "R-10K"),
        ("P,A,1,1,R-10K,2,R1 R2 R3", 2, "quantity", "catalog.quantity_differs", "2, but 3"),
        ("P,A,1,1,R-10K,0,", 2, "quantity", "catalog.quantity_none", "Leave the line out"),
        ("P,A,1,1,R-10K,2147483648,", 2, "quantity", "tables.cell_too_large", "2,147,483,647"),
        ("P,A,1,1,R-10K,2,R1 R1", 2, "refdes", "catalog.position_doubled", "R1"),
        ("P,A,1,1,R-10K,1,R1\nP,A,1,2,C-100N,1,R1", 3, "refdes", "catalog.position_doubled", "line 2 of the file"),
        ("P,A,1,10,R-10K,1,#10", 2, "refdes", "catalog.position_reserved", "Leave refdes empty"),
        ("P,A,1,a b,R-10K,1,", 2, "line", "catalog.line_unwritable", "#a b"),
        ("P,A,1,1;2,R-10K,1,", 2, "line", "catalog.line_unwritable", "#1;2"),
        (f"{'P' * 201},A,1,1,R-10K,1,", 2, "product", "tables.cell_too_long", "200"),
        (f"P,A,1,1,R-10K,1,{'R' * 121}", 2, "refdes", "tables.cell_too_long", "120"),
    ],
)
def test_a_wrong_bom_row_is_named(take, intakes, loaded, rows, line, column, code, said):
    for chunk in (1, 1000):
        taken = take(intakes[1], rows, chunk)
        assert [entry[:3] for entry in taken.wrong] == [(line, column, code)]
        assert said in taken.wrong[0][3]


def test_the_same_designator_in_two_versions_is_right(take, intakes, loaded):
    assert not take(intakes[1], "P,A,1,1,R-10K,1,R1\nP,A,2,1,R-10K,1,R1\nP,B,1,1,R-10K,1,R1").wrong


def test_a_withdrawn_line_may_be_recorded_anew(take, intakes, loaded, actor, withdraw):
    from asbuilt.designed.catalog.queries import BomFinder, bom_lines

    bom = BomFinder(actor.tenant).find("MB-1", "A", "1").bom
    withdrawn = withdraw(actor, "catalog_bom_line", "bom = %s AND line = %s", bom, "20")
    said = take(intakes[1], "MB-1,A,1,20,R-10K,1,C1")
    assert [entry[:3] for entry in said.wrong] == [(2, "refdes", "catalog.position_doubled")]
    assert take(intakes[1], "MB-1,A,1,20,R-10K,2,R1 R2").stored == 1
    assert [(line.line, line.quantity) for line in bom_lines(actor.tenant, bom)] == [("10", 1), ("30", 2), ("20", 2)]
    before = [(line.line, line.quantity) for line in bom_lines(actor.tenant, bom, as_of=withdrawn - 1)]
    assert before == [("10", 1), ("20", 3), ("30", 2)]
    assert [line.line for line in bom_lines(actor.tenant, bom, as_of=withdrawn)] == ["10", "30"]


def test_a_bom_version_without_standing_lines_is_not_found(take, intakes, loaded, actor, withdraw):
    from asbuilt.designed.catalog.queries import BomFinder

    bom = BomFinder(actor.tenant).find("MB-2", "A", "7").bom
    withdraw(actor, "catalog_bom_line", "bom = %s", bom)
    assert BomFinder(actor.tenant).find("MB-2", "A", "7") is None
    assert take(intakes[1], "MB-2,A,7,99,R-10K,1,R5").stored == 1
    assert BomFinder(actor.tenant).find("MB-2", "A", "7").bom == bom


def test_facts_are_known_by_the_id_of_the_design(loaded, actor):
    """The id is the first 8 bytes of the SHA-256 of the table and its cells as an RFC 8785 array (section 7)."""
    from hashlib import sha256

    from asbuilt.storage import reading

    text = b'["bom","MB-1","A","1","20","R-10K","3","R10 R2 R1"]'
    sql = 'SELECT entry, "row" FROM ledger_fact_index WHERE tenant = %s AND fact = %s'
    assert reading.fetch(sql, (actor.tenant, sha256(text).digest()[:8])) == [(loaded[1].entry, 1)]
