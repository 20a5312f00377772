"""The file with what judging, assessing, keeping and changes say of its product, read through the command line: commands print and refuse as people see it."""

import json

from typer.testing import CliRunner


def run(*words: str, refused: str = "") -> str:
    from asbuilt.doors.cli.commands import app

    done = CliRunner().invoke(app, list(words))
    assert getattr(done.exception, "code", "") == refused if refused else done.exit_code == 0, done.exception
    return done.stdout


def test_the_file_takes_class_risks_support_and_changes_from_where_they_are_decided(filed, tmp_path):
    from asbuilt.answers.compliance.assessing.actions import say_context
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers
    from asbuilt.answers.compliance.keeping.actions import set_support
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco

    answers = Answers(digital_elements="yes", connection="direct", market="yes", functions=["default"])
    judge(filed, product="OWN-1", answers=answers, why="A sensor")
    say_context(filed, product="OWN-1", purpose="Measures air", foreseeable_use="Left outdoors", expected_years=7)
    set_support(
        filed, product="OWN-1", start_on="2026-01-01", end_on="2034-01-01", why="Seven years of use", expected_years=7
    )
    eco = propose_eco(filed, title="Other resistor", why="End of life", products=["OWN-1"])
    found = json.loads(run("dossier", "OWN-1", "--format", "json"))
    points = {one["point"]: one for one in found["points"]}
    said = {key: json.dumps(one["parts"], ensure_ascii=False) for key, one in points.items()}
    assert "Measures air" in said["AVII.1.a"] and points["AVII.1.a"]["state"] == "evidence"
    assert "I.2.m" in said["AVII.3"] and "II.8" in said["AVII.3"] and points["AVII.3"]["state"] == "gaps"
    assert "Seven years of use" in said["AVII.4"] and "2034-01-01" in said["AVII.4"]
    assert "class default" in said["AVII.5"] and "Conformity routes" in said["AVII.5"]
    assert eco in said["changes"] and any(eco in gap for gap in points["changes"]["gaps"])
    # the other doors of the room
    run("filing", "point", "OWN-1", "AVII.2.a", "--words", "One board")
    run("filing", "baseline", "OWN-1", "units", "--known", "unknown", "--why", "No list")
    draft = {
        "products": [{"product": "OWN-1"}], "languages": ["en"], "texts": {"en": "Sensor"},
        "said": {"manufacturer": "M", "address": "A", "laws": ["Regulation (EU) 2024/2847"], "standards": ["none"], "place": "P", "signed_on": "2026-02-27", "signatory": "S", "function": "F"},
    }  # fmt: skip
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    run("filing", "declare", str(tmp_path / "draft.json"), "--why", "first")
    run("filing", "declaration-paper", "D-1", "1", "en", "--out", str(tmp_path / "doc.pdf"))
    assert (tmp_path / "doc.pdf").read_bytes()[:5] == b"%PDF-"
    run("filing", "sent", "D-1", "1", "S-1")
    assert (
        json.loads(run("filing", "declarations", "OWN-1", "--format", "json"))["shipments"][0]["declaration"] == "D-1"
    )
    run("filing", "check-text", "OWN-1", "AII.4", "en", refused="compliance.text_missing")
    assert json.loads(run("filing", "trade", "--format", "json"))["years"] == 10
    assert "lot_linkage" in run("ems", "show") and "OW" in run("ems", "compare")
    run("dossier", "NOTHING", refused="catalog.product_unknown")
    run("filing", "point", "OWN-1", "AVII.9", "--words", "w", refused="compliance.key_unknown")


def test_a_file_that_is_no_draft_is_named_by_command(filed, tmp_path):
    """It was answered with a number to report, as our fault."""
    good = {"products": [{"product": "OWN-1"}], "languages": ["en"], "texts": {"en": "Sensor"}, "said": {}}
    file = tmp_path / "draft.json"
    for wrong in (
        {"products": ["OWN-1"]},
        {"products": [{}]},
        {"said": [1]},
        {"said": {"laws": 5}},
        {"texts": {"en": 5}},
        {"languages": "en"},
    ):
        file.write_text(json.dumps(good | wrong))
        run("filing", "declare", str(file), "--why", "first", refused="compliance.draft_wrong")
    for text in ("[]", "{", "[" * 100_000, "\x00", '"products"'):
        file.write_text(text)
        run("filing", "declare", str(file), "--why", "first", refused="compliance.draft_wrong")
