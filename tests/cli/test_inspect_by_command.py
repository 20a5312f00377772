"""Quarantine, inspection, handling and papers by command."""

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


@pytest.fixture
def package(asbuilt, home, actor, load):
    part = {
        "part": "U-7",
        "description": "",
        "mpn": "ATECC608B",
        "manufacturer": "Microchip",
        "lifecycle": "active",
        "msl": "3",
    }
    load(
        {
            "parties": [{"party": "DIGI", "name": "Digi Parts", "roles": "supplier", "country": "US"}],
            "parts": [part],
        }
    )
    said = asbuilt(
        "inspection", "plan", "iso2859", "--part", "U-7", "--level", "II", "--aql", "0.65", "--check", "marking"
    )
    assert said.code == 0, said.err
    said = asbuilt(
        "receive", "--part", "U-7", "--mpn", "ATECC608B", "--lot", "A1", "--date-code", "2701", "--quantity", "1000",
        "--supplier", "DIGI", "--delivery", "DN-1", "--format", "json",
    )  # fmt: skip
    assert said.code == 0, said.err
    return said.document["packages"][0]["package"]


def test_from_quarantine_to_the_line(asbuilt, package, tmp_path):
    (tmp_path / "m.png").write_bytes(PNG)
    assert package in asbuilt("inspection", "list").out
    asked = asbuilt("inspection", "look", package, "--format", "json").document
    assert (asked["sample_size"], asked["accept_max"], asked["code_letter"], asked["checks"]) == (
        80,
        1,
        "J",
        ["marking"],
    )
    assert asbuilt("package", "release", package, "--reason", "x").code == 4
    done = asbuilt(
        "inspection",
        "record",
        package,
        "--nonconforming",
        "1",
        "--check",
        f"marking=pass={tmp_path / 'm.png'}",
        "--format",
        "json",
    )
    assert done.code == 0 and done.document["verdict"] == "accepted"
    assert asbuilt("package", "release", package, "--reason", "IN-000001").code == 0
    assert asbuilt("package", "event", "opened", package, "--at", "2020-01-01T00:00:00Z").code == 0
    seen = asbuilt("package", "show", package, "--format", "json").document
    assert (seen["standing"]["status"], seen["life"]["state"], seen["may_mount"]) == ("released", "over", False)
    assert "Floor life" in asbuilt("package", "show", package).err
    assert (
        asbuilt("package", "event", "baked", package, "--reading", "temperature_c=125", "--reading", "hours=48").code
        == 0
    )
    assert asbuilt("package", "show", package, "--format", "json").document["may_mount"] is True
    assert asbuilt("package", "life", "--package", package, "--set", "msl=5").code == 0
    assert asbuilt("package", "sample", package, "--quantity", "5", "--place", "cupboard 3").code == 0
    assert asbuilt("ledger", "verify").code == 0


def test_a_package_is_split(asbuilt, package):
    done = asbuilt("package", "split", package, "300", "--new", "PK-HALF", "--format", "json")
    assert done.code == 0 and done.document["package"] == "PK-HALF"
    assert asbuilt("package", "show", "PK-HALF", "--format", "json").document["standing"]["status"] == "quarantine"
    assert asbuilt("package", "split", package, "701").code == 4
    assert asbuilt("package", "split", package, "1", "--new", "PK-HALF").code == 4
    assert asbuilt("package", "split", package, "0").code == 2
    assert asbuilt("package", "split", "PK-NONE", "5").code == 3
    assert asbuilt("ledger", "verify").code == 0


def test_papers_are_declared(asbuilt, package, tmp_path):
    (tmp_path / "coc.pdf").write_bytes(b"%PDF-1.7 x")
    said = asbuilt(
        "declare",
        "coc",
        tmp_path / "coc.pdf",
        "--supplier",
        "DIGI",
        "--delivery",
        "DN-1",
        "--said-by",
        "QA",
        "--format",
        "json",
    )
    assert said.code == 0 and said.document["finding"] == "pdf"
    seen = asbuilt("package", "show", package, "--format", "json").document
    assert [paper["kind"] for paper in seen["declarations"]] == ["coc"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("package", "show", "PK-9"), 3),
        (("package", "quarantine", "PK-9", "--reason", "x"), 3),
        (("package", "event", "baked", "{package}"), 2),
        (("package", "event", "baked", "{package}", "--reading", "hot"), 2),
        (("package", "event", "opened", "{package}", "--at", "yesterday"), 2),
        (("package", "life", "--package", "{package}", "--set", "colour=red"), 2),
        (("inspection", "record", "{package}", "--nonconforming", "0", "--check", "marking"), 2),
        (("inspection", "record", "{package}", "--nonconforming", "0", "--check", "marking=pass=/nowhere.png"), 3),
        (("declare", "coc", "--supplier", "DIGI"), 2),
    ],
)
def test_refusals_have_their_exit_codes(asbuilt, package, arguments, code):
    assert asbuilt(*(word.format(package=package) for word in arguments)).code == code


def test_labels_are_written_and_printed(asbuilt, package, tmp_path):
    for kind, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("zpl", b"^XA")):
        assert asbuilt("package", "label", package, "--out", tmp_path / f"l.{kind}").code == 0
        assert (tmp_path / f"l.{kind}").read_bytes().startswith(begins)
    assert asbuilt("package", "label", package, "--out", tmp_path / "l.exe").code == 2
    assert asbuilt("package", "label", package, "--printer", "none").code == 3
