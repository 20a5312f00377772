"""lots.csv: packages, their lots, what is refused, what is only warned of. Expectations: design, sections 4 and 7."""

import pytest

PARTIES = "ACME,Acme GmbH,customer,DE\nDIGI,Digi Parts,supplier,US"
PARTS = "R-10K,Resistor,RC0402,Yageo,active,1\nR-10K,Resistor,CRCW,Vishay,active,1\nPCB,Board,,,,\nLABEL,Label,,Brady,,"
RECEIVED = "2027-01-27T08:30:00.000000Z"
LOTS = f"""
P1,reel,R-10K,RC0402,Yageo,DIGI,L7,2701,5000,{RECEIVED},DN1,CoC,released,
P2,reel,R-10K,RC0402,Yageo,Digi Parts,L7,2701,5000,{RECEIVED},DN1,CoC,released,ACME
P3,reel,R-10K,CRCW,Vishay,DIGI,L7,2701,,,,,quarantine,Acme GmbH
P4,reel,R-10K,RC0402,Yageo,,L7,2702,1,,,,rejected,
P5,box,PCB,X-1,KSG,,,,0,,,,released,
P6,box,PCB,X-1,KSG,,,,0,,,,released,
P7,box,PCB,X-2,KSG,,,,0,,,,released,
"""


@pytest.fixture
def intake(home, take):
    from asbuilt.built.supply.intake import LotsIntake
    from asbuilt.designed.catalog.intake import PartsIntake
    from asbuilt.designed.parties.intake import PartiesIntake

    take(PartiesIntake, PARTIES)
    take(PartsIntake, PARTS)
    return LotsIntake


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_packages_of_one_identity_are_of_one_lot(intake, take, actor, chunk):
    from asbuilt.built.supply import queries

    said = take(intake, LOTS, chunk)
    assert (said.stored, said.wrong, said.contradictions, said.warnings) == (7, [], [], [])
    found = queries.PackageFinder(actor.tenant).find(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P9", "P1"])
    assert list(found) == ["P1", "P2", "P3", "P4", "P5", "P6", "P7"]
    lots = [package.lot for package in found.values()]
    assert lots[0] == lots[1] and lots[4] == lots[5] and len(set(lots)) == 5
    assert (found["P3"].status, found["P3"].maker, found["P3"].mpn) == ("quarantine", "Vishay", "CRCW")
    assert (found["P5"].lot_code, found["P5"].date_code) == ("", "")
    assert found["P2"].owner == found["P3"].owner is not None and found["P1"].owner is None
    assert sorted(lot.number for lot in queries.lots_by_code(actor.tenant, "L7")) == sorted({lots[0], lots[2], lots[3]})
    assert queries.lots_by_code(actor.tenant, "l7") == queries.lots_by_code(actor.tenant, "L7")
    assert queries.lots_by_code(actor.tenant, "") == queries.lots_by_code(actor.tenant, "L8") == []
    assert sorted(queries.packages_of_lots(actor.tenant, [lots[0]])) == [
        (found["P1"].number, lots[0]),
        (found["P2"].number, lots[0]),
    ]
    assert queries.lots(actor.tenant, [lots[6]])[lots[6]].mpn == "X-2"
    assert {lot.number for lot in queries.lots_by_maker(actor.tenant, "ksg")} == {lots[4], lots[6]}
    assert {lot.number for lot in queries.lots_by_mpn(actor.tenant, "RC0402")} == {lots[0], lots[3]}
    assert queries.packages_by_code(actor.tenant, "p1") == [found["P1"]]
    assert queries.packages(actor.tenant, [found["P4"].number])[found["P4"].number].date_code == "2702"


def test_cells_are_kept(intake, take, actor):
    from asbuilt.storage import reading

    take(intake, LOTS)
    columns = "code, kind, quantity, received_at, delivery, coc, supplier"
    sql = f"SELECT {columns} FROM supply_package WHERE tenant = %s ORDER BY code"
    rows = reading.fetch(sql, (actor.tenant,))
    at = 1_801_038_600_000_000  # date -u -d 2027-01-27T08:30:00Z +%s
    assert rows[0][:6] == ("P1", "reel", 5000, at, "DN1", "CoC")
    assert rows[2][2:6] == (None, None, "", "") and rows[4][2] == 0
    assert rows[0][6] == rows[1][6] is not None and rows[3][6] is None


def test_later_files_go_on_with_the_same_lots(intake, take, actor):
    from asbuilt.built.supply.queries import PackageFinder

    take(intake, LOTS)
    said = take(intake, LOTS + "P8,reel,R-10K,RC0402,Yageo,DIGI,L7,2701,1,,,,released,")
    assert (said.stored, said.known) == (1, 7)
    found = PackageFinder(actor.tenant).find(["P1", "P8"])
    assert found["P1"].lot == found["P8"].lot and found["P1"].number != found["P8"].number


def test_other_content_contradicts_until_it_is_withdrawn(intake, take, actor, withdraw):
    from asbuilt.built.supply.queries import PackageFinder, packages_of_lots

    take(intake, LOTS)
    first = PackageFinder(actor.tenant).find(["P1"])["P1"]
    row = "P1,reel,R-10K,RC0402,Yageo,DIGI,L9,2701,5000,,,,released,"
    assert [(line, column) for line, column, _ in take(intake, row).contradictions] == [(2, "package")]
    entry = withdraw(actor, "supply_package", "code = %s", "P1")
    assert PackageFinder(actor.tenant).find(["P1"]) == {}
    assert take(intake, row).stored == 1
    assert PackageFinder(actor.tenant).find(["P1"])["P1"].lot_code == "L9"
    assert (first.number, first.lot) in packages_of_lots(actor.tenant, [first.lot], as_of=entry - 1)
    assert (first.number, first.lot) not in packages_of_lots(actor.tenant, [first.lot], as_of=entry)


@pytest.mark.parametrize(
    ("row", "column", "code", "said"),
    [
        ("P1,reel,R-10X,,,,,,,,,,released,", "part", "catalog.part_unknown", "R-10K"),
        ("P1,reel,R-10K,,,DIGGI,,,,,,,released,", "supplier", "parties.unknown", "DIGI"),
        ("P1,reel,R-10K,,,,,,,,,,released,Nobody", "owner", "parties.unknown", "parties.csv"),
        ("P1,reel,R-10K,,,,,,3000000000,,,,released,", "quantity", "tables.cell_too_large", "2,147,483,647"),
        (f"P1,reel,R-10K,,,,{'L' * 201},,,,,,released,", "lot_code", "tables.cell_too_long", "200"),
    ],
)
def test_a_wrong_row_is_named(intake, take, row, column, code, said):
    taken = take(intake, row)
    assert [entry[:3] for entry in taken.wrong] == [(2, column, code)]
    assert said in taken.wrong[0][3]


@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_package_stands_once_in_a_file(intake, take, chunk):
    row = "P1,reel,R-10K,,,,,,,,,,released,"
    assert [entry[:3] for entry in take(intake, f"{row}\n{row}", chunk).wrong] == [
        (3, "package", "supply.package_doubled")
    ]
    take(intake, row)
    assert [entry[:3] for entry in take(intake, f"{row}\n{row}", chunk).wrong] == [
        (3, "package", "supply.package_doubled")
    ]


@pytest.mark.parametrize(
    ("part", "mpn", "maker", "warned"),
    [
        ("R-10K", "RC0402", "Yageo", False),
        ("R-10K", "RC0402", "", False),
        ("R-10K", "", "Vishay", False),
        ("R-10K", "", "", False),
        ("R-10K", "RC0402", "Vishay", True),
        ("R-10K", "ERJ2", "", True),
        ("R-10K", "", "Rohm", True),
        ("PCB", "X-1", "KSG", False),
        ("LABEL", "B-423", "Brady", False),
        ("LABEL", "B-423", "Other", True),
    ],
)
def test_an_unapproved_manufacturer_part_enters_with_a_warning(intake, take, part, mpn, maker, warned):
    said = take(intake, f"P1,reel,{part},{mpn},{maker},,L1,2701,1,,,,released,")
    assert (said.stored, len(said.warnings)) == (1, warned)
    assert not warned or said.warnings[0].startswith("lots.csv line 2: ")
