"""The technical file of a product: every point of Annex VII from its source, gaps first, nothing made up; on paper, as a signed package, as revisions.

OWN-1 has 15 units built: ten ran 1.0.0 and were tested (one failed), seven left in two shipments of which one says when it was placed on the market; of
five nothing is known but their names. Counted by hand.
"""

import io
import json
import re
import unicodedata
import zipfile
from dataclasses import replace

import filing_floor
import pytest
from case_floor import order

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Tampered
from asbuilt.kernel.instants import parse_instant

ANNEX_VII = [
    "AVII.1.a", "AVII.1.b", "AVII.1.c", "AVII.1.d", "AVII.2.a", "AVII.2.b", "AVII.2.c", "AVII.3", "AVII.4", "AVII.5", "AVII.6", "AVII.7",
    "AVII.8",
]  # fmt: skip
ARTICLE_13 = [f"13.{n}" for n in range(1, 26)] + ["31.1-2", "12-18"]


def seen(actor, product="OWN-1", rows=None) -> dict:
    from asbuilt.answers.compliance.filing.technical_file import technical_file, told

    return told(technical_file(actor, product), rows=rows)


def point(found: dict, key: str) -> dict:
    return next(one for one in found["points"] if one["point"] == key)


def duty(found: dict, key: str) -> str:
    return next(one["state"] for one in found["duties"] if one["duty"] == key)


def gaps(found: dict, key: str) -> str:
    return " ".join(one["gap"] for one in found["gaps"] if one["point"] == key)


def rows(found: dict, key: str, heading: str) -> list[list]:
    tables = [table for part in point(found, key)["parts"] for table in part["tables"]]
    return next(table["rows"] for table in tables if table["heading"] == heading)


def test_every_item_of_annex_vii_and_every_duty_is_there_and_half_a_history_shows_as_gaps(filed):
    found = seen(filed)
    keys = [one["point"] for one in found["points"]]
    assert sorted(set(ANNEX_VII) - set(keys)) == [] and len(keys) == len(set(keys))
    assert [one["duty"] for one in found["duties"]] == ARTICLE_13
    assert sum(found["completeness"].values()) == len(keys)
    # gaps stand before what is there
    states = [one["state"] for one in found["points"]]
    assert states == sorted(states, key=["missing", "gaps", "nothing", "evidence", "not_applicable"].index)
    # what nobody stated is missing, in those words
    for key in ("AVII.1.a", "AVII.3", "AVII.4", "AVII.5", "AVII.7"):
        assert point(found, key)["state"] == "missing" and gaps(found, key)
    # AVII.1.b: releases with their security flag; five units have no programming record
    listed = {(row[1], row[4]) for row in rows(found, "AVII.1.b", "Firmware releases")}
    assert listed == {("1.0.0", "yes"), ("1.1.0", "no")}
    assert "5 of 15 units" in gaps(found, "AVII.1.b") and "app 1.0.0, app 1.1.0" in gaps(found, "AVII.1.b")
    # AVII.2.a and .2.b: the bill of material line by line, and no SBOM
    assert rows(found, "AVII.2.a", "Bills of material") == [["A", "1", "10", "R-10K", "1", "R1"]]
    assert "app 1.0.0" in gaps(found, "AVII.2.b") and "Nobody said who publishes" in gaps(found, "AVII.2.b")
    # AVII.2.c and AVII.6: no routing, five units without a test, one that failed
    assert "No routing for: A" in gaps(found, "AVII.2.c") and "TS-1" in gaps(found, "AVII.2.c")
    assert rows(found, "AVII.6", "Outcomes of tests") == [["EOL", "fail", "1", "15"], ["EOL", "pass", "9", "15"]]
    assert "5 of 15 units have no test result" in gaps(found, "AVII.6")
    # placing: three of seven shipped units without a word
    assert "3 of 7 shipped units" in gaps(found, "market")
    assert "compliant" not in json.dumps(found).lower()


def test_what_people_state_fills_an_item_and_is_withdrawn_or_said_not_to_apply(filed):
    from asbuilt.answers.compliance.filing.actions import state_point

    said = {"product": "OWN-1", "point": "AVII.1.a", "words": "Measures air in rooms", "request_key": "k1"}
    entry = state_point(filed, **said)
    assert state_point(filed, **said) == entry  # the same request twice
    with pytest.raises(Conflict):
        state_point(filed, **{**said, "words": "Measures water"})
    assert point(seen(filed), "AVII.1.a")["state"] == "evidence"
    photo = {"product": "OWN-1", "point": "AVII.1.c", "content": b"\x89PNG front", "name": "front.png"}
    state_point(filed, **photo, known_from_on="2024-05-01")
    parts = point(seen(filed), "AVII.1.c")["parts"]
    (document,) = [one for part in parts for one in part["documents"]]
    assert document["name"] == "front.png" and "2024-05-01" in document["what"]
    gone = {"product": "OWN-1", "point": "AVII.1.c", "file_state": "withdrawn", "why": "other product"}
    state_point(filed, **gone, name="front.png")
    assert not any(part["documents"] for part in point(seen(filed), "AVII.1.c")["parts"])
    state_point(filed, product="OWN-1", point="AVII.8", file_state="not_applicable", why="No authority asked")
    found = seen(filed)
    assert point(found, "AVII.8")["state"] == "not_applicable" and gaps(found, "AVII.8") == ""
    # 13.23: nobody said whether operations end, until somebody does
    ends = {"product": "OWN-1", "point": "cessation"}
    assert duty(found, "13.23") == "missing"
    state_point(filed, **ends, file_state="not_applicable", why="Operations go on")
    assert duty(seen(filed), "13.23") == "not_applicable"
    state_point(filed, **ends, content=b"We end on 1 May", name="notice.pdf")
    assert duty(seen(filed), "13.23") == "evidence"
    for wrong, error, code in (
        ({"point": "AVII.9", "words": "w"}, Invalid, "compliance.key_unknown"),
        ({"point": "AVII.3"}, Invalid, "compliance.nothing_said"),
        ({"point": "AVII.3", "file_state": "not_applicable"}, Invalid, "compliance.words_missing"),
        ({"point": "AVII.3", "words": "w", "known_from_on": "May"}, Invalid, "compliance.day_wrong"),
        ({"point": "AVII.3", "words": "w", "file_state": "perhaps"}, Invalid, "compliance.word_unknown"),
        ({"point": "AVII.3", "words": "w\x00"}, Invalid, "compliance.words_control"),
        ({"point": "AVII.3", "words": "w" * 20_001}, Invalid, "compliance.words_long"),
        ({"point": "AVII.3", "content": b""}, Invalid, "compliance.file_size"),
        ({"point": "AVII.3", "file_state": "withdrawn", "why": "w", "name": "x"}, NotFound, "compliance.file_unknown"),
        ({"product": "NOTHING", "point": "AVII.3", "words": "w"}, NotFound, "catalog.product_unknown"),
    ):
        with pytest.raises(error) as refusal:
            state_point(filed, **{"product": "OWN-1", **wrong})
        assert refusal.value.code == code


def test_a_party_a_stranger_and_who_has_no_right_get_nothing(filed):
    from asbuilt.access.rights import ROLES
    from asbuilt.answers.compliance.filing.actions import keep_revision, state_point
    from asbuilt.answers.compliance.filing.baseline import baseline_told
    from asbuilt.answers.compliance.filing.configuration_plan import plan_told
    from asbuilt.answers.compliance.filing.package import technical_package

    for read in (seen, baseline_told, plan_told, technical_package):
        for reader in (replace(filed, party=1), replace(filed, tenant=filed.tenant + 7)):
            with pytest.raises(NotFound):
                read(reader, "OWN-1")
    operator = replace(filed, rights=ROLES["operator"])
    with pytest.raises(NotAllowed):
        seen(operator)
    with pytest.raises(NotAllowed):
        state_point(operator, product="OWN-1", point="AVII.3", words="w")
    with pytest.raises(NotAllowed):
        keep_revision(replace(filed, rights=ROLES["engineer"]), product="OWN-1", why="w")


def test_a_baseline_says_what_is_known_from_when_and_what_is_not(filed):
    from asbuilt.answers.compliance.filing.actions import state_baseline
    from asbuilt.answers.compliance.filing.baseline import baseline_told

    base = {"product": "OWN-1", "matter": "firmware", "known": "partly", "known_from_on": "2024-05-01"}
    state_baseline(filed, **base, why="Git history begins there", content=b"log", name="git.txt")
    state_baseline(filed, product="OWN-1", matter="materials", known="unknown", why="No lot was scanned before 2026")
    found = baseline_told(filed, "OWN-1")
    matters = {one["matter"]: one for one in found["matters"]}
    assert (matters["units"]["recorded"], matters["units"]["recorded_from"]) == ("15", "2026-02-02")
    assert (matters["firmware"]["said_from"], matters["firmware"]["document"]) == ("2024-05-01", "git.txt")
    assert "Git history" in matters["firmware"]["gap"] and "No lot was scanned" in matters["materials"]["gap"]
    assert matters["tests"]["known"] == "unknown" and matters["tests"]["gap"]  # nobody said: not known
    for wrong, code in (
        ({"known_from_on": ""}, "compliance.day_wrong"),
        ({"known_from_on": "2027-01-01"}, "compliance.ahead"),
        ({"matter": "colours"}, "compliance.key_unknown"),
        ({"known": "surely"}, "compliance.word_unknown"),
    ):
        with pytest.raises(Invalid) as refusal:
            state_baseline(filed, **{**base, **wrong}, why="w")
        assert refusal.value.code == code


def test_a_baseline_counts_shipments_and_not_their_boxes(filed, load):
    from asbuilt.answers.compliance.filing.baseline import baseline_told

    load({"shipments": [filing_floor.shipment("S-2", "ALP", "AT", "SN-8", "SN-8")]}, folder="box")
    matters = {one["matter"]: one for one in baseline_told(filed, "OWN-1")["matters"]}
    assert (matters["shipments"]["recorded"], matters["shipments"]["recorded_from"]) == ("2", "2026-03-01")


def test_the_plan_is_written_from_what_is_in_force(filed):
    from asbuilt.answers.compliance.filing.configuration_plan import plan_told

    found = plan_told(filed, "OWN-1")
    said = {(one["section"], one["point"]): one["said"] for one in found["points"]}
    assert said["Version control", "hardware revisions"] == "A" and said["Version control", "firmware releases"] == "2"
    assert "quality_lead: 0" in said["Who may approve", "test_plan.approve"]
    assert any("trust store" in gap for gap in found["gaps"]) and any("revision A" in gap for gap in found["gaps"])


def test_the_file_goes_on_paper_in_volumes_and_into_a_signed_package_that_verify_takes(filed, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from asbuilt.answers.compliance.filing import paper
    from asbuilt.answers.compliance.filing.actions import keep_revision, state_point
    from asbuilt.answers.compliance.filing.package import technical_package
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.doors.cli.commands import app

    state_point(filed, product="OWN-1", point="AVII.2.a", content=b"schematic", name="schematic.pdf")
    assert keep_revision(filed, product="OWN-1", why="before the first shipment", request_key="r") == keep_revision(
        filed, product="OWN-1", why="before the first shipment", request_key="r"
    )
    whole = list(paper.volumes(technical_file(filed, "OWN-1")))
    assert len(whole) == 1 and whole[0][:5] == b"%PDF-"
    monkeypatch.setattr(paper, "LINES_A_VOLUME", 90)
    count = len(list(paper.volumes(technical_file(filed, "OWN-1"))))
    assert count > 1
    # one PDF that holds them, or the volumes where they are too large for one
    with paper.on_paper(technical_file(filed, "OWN-1")) as (bound,):
        content = bound.read_bytes()
        assert content[:5] == b"%PDF-" and len(re.findall(rb"/Type\s*/EmbeddedFile", content)) == count
        assert b"pdfaid:part>3<" in content and all(f"volume-{n}.pdf".encode() in content for n in range(1, count + 1))
    assert not bound.exists()
    monkeypatch.setattr(paper, "BOUND_BYTES_MAX", 1_000)
    with paper.on_paper(technical_file(filed, "OWN-1")) as found:
        assert [one.name for one in found] == [f"volume-{n}.pdf" for n in range(1, count + 1)]
    document = technical_package(filed, "OWN-1")
    names = zipfile.ZipFile(io.BytesIO(document)).namelist()
    assert {"manifest.json", "signature.json", "file.json", "gaps.txt", "proofs.json", "AVII.1.b-1.csv"} <= set(names)
    assert any(name.endswith("schematic.pdf") for name in names)
    file = tmp_path / "file.zip"
    file.write_bytes(document)
    checked = CliRunner().invoke(app, ["verify", str(file), "--format", "json"])
    assert checked.exit_code == 0, checked.output
    said = json.loads(checked.stdout)
    assert said["kind"] == "technical file" and said["product"] == "OWN-1" and said["gaps"] > 5
    file.write_bytes(document.replace(b"schematic", b"schemotic"))
    refused = CliRunner().invoke(app, ["verify", str(file)])
    assert isinstance(refused.exception, Tampered), refused.output
    assert seen(filed)["revisions"][0]["why"] == "before the first shipment"


def test_a_file_with_letters_that_no_font_of_ours_has_is_written_all_the_same(filed):
    """The story: one maker's name in Chinese, and the whole file could not be written as PDF. Each such letter stands there by its number. So did one
    control character that came with a text from a label, and nothing wrote that file; a mark of direction turned round what stood beside it."""
    from asbuilt.answers.compliance.filing import paper
    from asbuilt.answers.compliance.filing.actions import state_point
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.formats.paper import by_number
    from asbuilt.formats.paper import seen as shown

    state_point(filed, product="OWN-1", point="AVII.2.a", words="Widerstände von 国巨 (Yageo), ｱ, 한, ไทย 😀 \u202e")
    (whole,) = paper.volumes(technical_file(filed, "OWN-1"))
    assert whole[:5] == b"%PDF-"
    assert by_number("Łódź: 国巨 😀 ≥ 5 Ω\n") == "Łódź: [U+56FD][U+5DE8] [U+1F600] ≥ 5 Ω\n"
    # every letter that is not written by its number can be drawn in both fonts
    from asbuilt.answers.compliance.filing.typesetting import typeset

    known = "".join(chr(n) for n in range(32, 0x2700) if by_number(chr(n)) == chr(n))
    # and what nobody can see stands by its number before anything is refused: alone in a text, it was written, and hid
    assert all(unicodedata.category(letter)[0] not in "CZ" or letter in " \xa0\xad" for letter in known)
    marks = {"BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    hidden = [chr(n) for n in range(0x20000) if unicodedata.category(chr(n)) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(chr(n)) in marks]  # fmt: skip
    assert [one for one in hidden if shown(one) != f"[U+{ord(one):04X}]"] == ["\t", "\n", "\xad"]
    assert shown("one\r\ntwo") == "one\ntwo"
    known += "".join(hidden)
    blocks = [{"kind": kind, "text": known} for kind in ("text", "rows")]
    assert typeset({"title": "T", "lang": "en", "foot": "", "made_at": 1_790_000_000, "blocks": blocks})[:5] == b"%PDF-"


def test_lines_are_facts_that_the_log_compares(filed):
    from asbuilt.answers.compliance.filing.actions import state_point
    from asbuilt.answers.compliance.filing.lines import KEPT
    from asbuilt.storage import bulk

    state_point(filed, product="OWN-1", point="AVII.3", words="Risks")
    assert list(KEPT.rebuild(filed.tenant)) == []
    from asbuilt.storage.transactions import write_tx

    with write_tx(filed.tenant):
        bulk.run("UPDATE compliance_filing SET why = 'other' WHERE tenant = %s", (filed.tenant,))
    assert [one.code for one in KEPT.rebuild(filed.tenant)] == ["ledger.projection_row_changed"]


def told_of(load, actor, **tables) -> dict:
    """The file of OWN-1 over the floor with other tables."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    load({**filing_floor.FLOOR, **tables})
    return seen(actor)


def test_units_without_a_name_and_without_a_word_about_placing_are_counted_one_by_one(load, actor):
    """Of 15 built units one has no name; two planned ones have theirs already. Eight are away, one of them inside a unit of HAL-1.

    S-1 says when its four were placed, a decision says it of the three of S-2: silent is the one inside the box.
    """
    floor = filing_floor.FLOOR
    planned = [{**floor["units"][0], "order": "WO-3", "serial": f"PL-{n}", "state": "planned"} for n in (1, 2)]
    units = [{**one, "serial": "-"} if one["serial"] == "OLD-4" else one for one in floor["units"]]
    box = {**floor["units"][0], "order": "WO-4", "serial": "BOX-1"}
    orders = [{**order("WO-3", "OWN-1", "OW"), "quantity": "2"}, {**order("WO-4", "HAL-1", "HAL"), "quantity": "1"}]
    inside = {"parent_serial": "BOX-1", "child_serial": "OLD-0", "position": "1", "happened_at": "2026-02-20T08:00:00Z"}
    decided = {"shipment": "S-2", "party": "OW", "decided_by": "OW", "basis": "sale", "placed_at": "2026-03-05T08:00:00Z", "operator": "045"}  # fmt: skip
    found = told_of(
        load, actor, orders=[*floor["orders"], *orders], units=[*units, *planned, box], assemblies=[inside], placings=[decided],
        shipments=[*floor["shipments"], {**filing_floor.shipment("S-3", "HAL", "NO", "BOX-1", "BOX-1"), "product": "HAL-1"}],
    )  # fmt: skip
    assert "1 of 15 units have no serial number" in gaps(found, "identity")
    assert "1 of 8 shipped units: nobody said" in gaps(found, "market")


def test_what_units_bear_is_said_by_the_rule_of_their_product_and_by_none_where_there_is_none(filed, load):
    """The file printed the code of the rule in place of its words, also of a product without a rule."""
    from asbuilt.answers.compliance.filing.technical_file import technical_file, told

    def words() -> list[str]:
        file = technical_file(filed, "OWN-1")
        assert "<" not in json.dumps([one["parts"] for one in told(file, None)["points"]])
        (point,) = (one for one in file.filed if one.asked.key == "identity")
        return [word for part in point.parts for word in part.words]

    assert words() == ["15 of 15 units have a serial number.", "Manufacturer: Ostwerk."]
    load(
        {
            "mark_rules": [
                {
                    "product": "OWN-1",
                    "content": "gs1",
                    "gtin": "04012345000009",
                    "company_digits": "7",
                    "module_mm": "0.4",
                }
            ]
        },
        "m",
    )
    assert words()[0] == "Mark on the unit: GTIN 04012345000009 and serial number (GS1)."


def test_an_authority_reads_states_in_its_language_too(filed):
    """A package asked for in German said stock, fail, imported and draft."""
    from django.utils import translation

    from asbuilt.answers.compliance.filing.technical_file import technical_file, told
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco

    propose_eco(filed, title="T", why="w", products=["OWN-1"])
    with translation.override("de"):
        points = {
            one["point"]: json.dumps(one["parts"], ensure_ascii=False)
            for one in told(technical_file(filed, "OWN-1"))["points"]
        }
    for point, words in (
        ("market", ("8 Einheiten im Zustand auf Lager.", "7 Einheiten im Zustand geliefert.")), ("AVII.6", ('"gescheitert"', '"bestanden"')),
        ("AVII.1.b", ('"übernommen"',)), ("changes", ('"Entwurf"',)),
    ):  # fmt: skip
        assert all(word in points[point] for word in words), (point, points[point])
        assert not any(word in points[point] for word in ('"fail"', '"imported"', '"draft"', "Zustand stock")), point


def test_units_without_a_run_runs_out_of_limits_and_plans_that_nobody_ran_are_gaps(load, actor):
    """Of 15 units six had a reflow run, ten a wash; reflow is in the routing, a wash is not. One of two reflow runs was too hot. Plan SEC is in force, and no unit ran it."""
    import compliance_floor

    def run(step: str, last: str, first: str = "SN-0", hot: str = "") -> dict:
        times = {"started_at": "2026-02-02T08:00:00Z", "finished_at": "2026-02-02T08:09:00Z"}
        readings = {"peak": float(hot)} if hot else {}
        return {
            "order": "WO-1", "step": step, "machine": "M1", "program": "", "first_serial": first, "last_serial": last, "operator": "", "result": "completed",
            "readings": json.dumps(readings), **times,
        }  # fmt: skip

    step = {
        "product": "OWN-1", "revision": "A", "routing": "1", "place_in_route": "1", "step": "REFLOW", "side": "", "place": "M1", "instruction": "", "criteria": "",
        "procedure": "", "limits": json.dumps({"peak": [200, 250]}), "from_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    runs = [run("REFLOW", "SN-3", hot="240"), run("REFLOW", "SN-5", "SN-4", hot="261"), run("WASH", "SN-9")]
    found = told_of(load, actor, routings=[step], processes=runs)
    said = gaps(found, "AVII.2.c")
    assert "5 of 15 units have no process run" in said  # those of WO-2
    assert "REFLOW is in the routing, and 4 units have no run of it" in said and "WASH" not in said
    assert "nobody decided anything: REFLOW (1)" in said
    assert [row[:5] for row in rows(found, "AVII.2.c", "Process runs")] == [
        ["REFLOW", "2", "1", "6", "15"],
        ["WASH", "1", "0", "10", "15"],
    ]
    assert "no unit was tested" not in gaps(found, "AVII.6")
    compliance_floor.planned(actor)
    assert "In force, and no unit was tested by them: SEC" in gaps(seen(actor), "AVII.6")


def test_that_nothing_came_up_is_no_evidence_that_it_was_dealt_with(filed):
    """No case and no request of an authority: what is recorded of them is nothing, and no duty is shown as met by it."""
    found = seen(filed)
    for key, words in (("corrective", "No case is about this product."), ("requests", "No request of an authority")):
        assert point(found, key)["state"] == "nothing" and words in json.dumps(point(found, key)["parts"])
    assert (duty(found, "13.21"), duty(found, "13.22")) == ("nothing", "nothing")
    assert found["completeness"]["nothing"] == 2 and "of 2 nothing is recorded" in found["words"]


def test_steps_of_the_routing_that_no_unit_ran_are_named(load, actor):
    """Half of the history is missing: reflow was run, inspection and coating never, and coating is optional."""
    step = {
        "product": "OWN-1", "revision": "A", "routing": "1", "side": "", "place": "", "instruction": "", "criteria": "", "procedure": "", "limits": "",
        "from_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    named = (("1", "REFLOW", ""), ("2", "AOI", ""), ("3", "COAT", "true"))
    routings = [
        {**step, "place_in_route": place, "step": name, "optional": optional} for place, name, optional in named
    ]
    run = {
        "order": "WO-1", "step": "REFLOW", "machine": "M1", "program": "", "first_serial": "SN-0", "last_serial": "SN-9", "operator": "",
        "result": "completed", "readings": "", "started_at": "2026-02-02T08:00:00Z", "finished_at": "2026-02-02T08:09:00Z",
    }  # fmt: skip
    said = gaps(told_of(load, actor, routings=routings, processes=[run]), "AVII.2.c")
    assert "In the routing, and no unit has a run of it: AOI." in said and "COAT" not in said


def test_units_with_another_part_than_their_bom_version_takes_are_a_gap_of_how_they_were_made(load, actor):
    """Half a reel of R-22K went onto boards whose BOM takes R-10K at R1, as a table tells: SN-0 and SN-1 for sure, SN-2 perhaps. Of SN-3 it was put right."""
    other = {**filing_floor.TABLES["parts"][0], "part": "R-22K", "mpn": "RC0402-22K"}
    reel = {**filing_floor.delivery("REEL-3", "2026-01-11T08:00:00Z"), "part": "R-22K", "mpn": "RC0402-22K"}
    run = {
        "order": "WO-1",
        "refdes": "R1",
        "certainty": "certain",
        "machine": "",
        "feeder": "",
        "happened_at": "2026-02-01T08:00:00Z",
    }
    runs = [
        {**run, "package": "REEL-3", "first_serial": first, "last_serial": last}
        for first, last in (("SN-0", "SN-1"), ("SN-3", "SN-3"))
    ]
    runs += [
        {**run, "package": one, "first_serial": "SN-2", "last_serial": "SN-2", "certainty": "possible"}
        for one in ("REEL-1", "REEL-3")
    ]
    right = {"serial": "SN-3", "refdes": "R1", "removed_package": "REEL-3", "installed_package": "REEL-1", "operator": "", "reason": "wrong part",
             "happened_at": "2026-02-05T08:00:00Z"}  # fmt: skip
    floor = filing_floor.FLOOR
    found = told_of(
        load, actor, parts=[*floor["parts"], other], lots=[*floor["lots"], reel], materials=runs, replacements=[right]
    )
    said = gaps(found, "AVII.2.c")
    assert "3 of 15 units carry another part than their BOM version takes there, or may: R-22K at R1 (3)." in said
    assert rows(found, "AVII.2.c", "Another part than the BOM takes") == [
        ["R-22K", "R1", "R-10K", "certain", "2"],
        ["R-22K", "R1", "R-10K", "possible", "1"],
    ]
    assert "another part than their BOM" not in gaps(seen(actor, "HAL-1"), "AVII.2.c")
