"""Placement files of real boards go in as they are, stay bound to their revision, and come out again."""

import pytest


@pytest.fixture
def place(shared_data):
    return shared_data / "ems" / "boms" / "dev"


@pytest.fixture
def light(load, actor, place):
    from asbuilt.built.exchange.boms import import_bom

    load({"parties": [{"party": "OST", "name": "Ostwerk", "roles": "ems", "country": "DE"}]}, "parties")
    import_bom(
        actor, place / "open-motion-light" / "bom.csv", product="LIGHT", revision="A", bom_version="1", add_parts=True
    )


@pytest.fixture
def record(actor):
    def recorded(content: bytes, file: str, revision: str = "A", **more):
        from asbuilt.designed.catalog.placement_files import record_placement

        return record_placement(actor, product="LIGHT", revision=revision, content=content, file=file, **more)

    return recorded


ALTIUM = (
    b"Altium Designer Pick and Place Locations\nUnits used: mm\n\n"
    b'"Designator","Comment","Layer","Footprint","Center-X(mm)","Center-Y(mm)","Rotation","Description"\n'
    b'"C1","1u","TopLayer","CAP_0402","12.3mm","-4.5mm","270",""\n"U1","MCU","BottomLayer","QFN-48_7x7mm","40mm","8mm","45",""\n'
)


def test_kicad_and_jlc_files_of_one_board(light, record, place, actor):
    from asbuilt.designed.catalog.placements import placed
    from asbuilt.ledger.verifying import verify

    folder = place / "open-motion-light"
    kicad = record((folder / "kicad-pos.csv").read_bytes(), "kicad-pos.csv")
    lines = (folder / "kicad-pos.csv").read_text().splitlines()[1:]
    assert (kicad.tool, kicad.components, kicad.known) == ("KiCad", len(lines), 0)
    assert kicad.sides["bottom"] == sum(line.endswith("bottom") for line in lines)
    found = {one.refdes: one for one in placed(actor.tenant, "LIGHT", "A").components}
    assert (found["C2"].x_um, found["C2"].y_um, found["C2"].rotation_mdeg) == (80_700, -138_480, 270_000)
    assert (found["C2"].side, found["C2"].footprint) == ("top", "C_0402_1005Metric")
    jlc = record((folder / "positions.csv").read_bytes(), "positions.csv")
    assert jlc.tool == "JLCPCB" and placed(actor.tenant, "LIGHT", "A").name == "positions.csv"
    assert placed(actor.tenant, "LIGHT", "A").components[0].footprint == ""
    assert placed(actor.tenant, "LIGHT", "A", as_of=jlc.entry - 1).name == "kicad-pos.csv"
    assert verify(actor.tenant).findings == []


def test_altium(light, record, actor):
    from asbuilt.designed.catalog.placements import placed

    said = record(ALTIUM, "pnp.csv")
    assert (said.tool, said.sides) == ("Altium", {"top": 1, "bottom": 1, "": 0})
    assert any("in the BOM and not placed" in text for text in said.findings)
    one = placed(actor.tenant, "LIGHT", "A").components[0]
    assert (one.x_um, one.y_um, one.rotation_mdeg) == (12_300, -4_500, 270_000)


def test_the_same_file_twice_changes_nothing_another_under_its_name_is_refused(light, record):
    from asbuilt.kernel.errors import Conflict

    first, second = record(ALTIUM, "pnp.csv"), record(ALTIUM, "pnp.csv")
    assert first.entry == second.entry and (first.known, second.known) == (0, 2)
    with pytest.raises(Conflict):
        record(ALTIUM.replace(b"12.3mm", b"12.4mm"), "pnp.csv")
    assert record(ALTIUM.replace(b"12.3mm", b"12.4mm"), "pnp.csv", placement="pnp 2").placement == "pnp 2"


def test_the_file_is_kept_as_it_came(light, record, actor):
    from hashlib import sha256

    from asbuilt.ledger.evidence import evidence_row, open_evidence

    record(ALTIUM, "pnp.csv")
    name = sha256(ALTIUM).hexdigest()
    assert b"".join(open_evidence(actor.tenant, name)) == ALTIUM
    assert evidence_row(actor.tenant, name).evidence_class == "document"


@pytest.mark.parametrize(
    ("content", "revision", "code"),
    [
        (ALTIUM + b'"C1","1u","TopLayer","","1mm","1mm","0",""\n', "A", "placement.rows_refused"),
        (ALTIUM, "Z", "catalog.revision_unknown"),
        (b"\x00\x01", "A", "foreign.control_character"),
        (b"Designator,Mid X,Mid Y,Rotation,Layer\n", "A", "catalog.placement_empty"),
        (b"Designator,Mid X,Mid Y,Rotation,Layer\nC1,9999999.5,1,0,top\n", "A", "tables.cell_not_a_number"),
    ],
)
def test_refusals(light, record, content, revision, code):
    from asbuilt.kernel.errors import AsbuiltError

    with pytest.raises(AsbuiltError) as caught:
        record(content, "pnp.csv", revision)
    assert caught.value.code == code or code in {row.code for row in caught.value.rows}


def test_export_withdraw_and_the_one_before_is_in_use_again(light, record, place, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder, rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.designed.catalog.placements import placed
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger.verifying import verify

    record((place / "open-motion-light" / "kicad-pos.csv").read_bytes(), "kicad-pos.csv")
    record(ALTIUM, "pnp.csv")
    export_folder(actor, tmp_path / "out")
    written = (tmp_path / "out" / "placements.csv").read_text().splitlines()
    assert written[0] == "product,revision,placement,refdes,x_mm,y_mm,rotation,side,footprint"
    assert written[-2] == "LIGHT,A,pnp.csv,C1,12.3,-4.5,270,top,CAP_0402"
    gone = [fact_id(TABLES["placements"], row) for row in rows_of(actor.tenant, "placements") if row[2] == "pnp.csv"]
    withdraw_facts(actor, [Withdraw(one, "wrong board", "045", 1_800_000_000_000_000) for one in gone])
    assert placed(actor.tenant, "LIGHT", "A").name == "kicad-pos.csv" and verify(actor.tenant).findings == []


def test_by_command(light, place, home):
    import json
    import subprocess
    import sys

    command = [
        sys.executable,
        "-m",
        "asbuilt.doors.cli.main",
        "import",
        str(place / "open-motion-light" / "kicad-pos.csv"),
        "--kind",
        "placements",
    ]
    refused = subprocess.run(command, env=home.env(), capture_output=True, text=True)
    assert refused.returncode == 2 and "--product and --revision" in refused.stderr
    command += ["--product", "LIGHT", "--revision", "A", "--format", "json"]
    done = subprocess.run(command, env=home.env(), capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["tool"] == "KiCad", done.stderr
