"""The questionnaire of an EMS: answers from the record, stated ones, certificates with validity; a signed report; reports of others side by side.

Figures by hand: fifteen units of OWN-1 without one material run (0 %), all with a serial number (100 %), two packages with lot and supplier (100 %), no permit.
"""

import json
from dataclasses import replace

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused, Tampered
from asbuilt.kernel.instants import parse_instant

# the criteria and the five questions of the seed article, by our keys
SEED = {
    "lot_linkage", "retention", "programming", "security_tests", "authenticity", "reports", "integration", "regulated", "audits", "access", "cyber",
    "privacy", "dfm", "obsolescence",
}  # fmt: skip
CERTIFICATES = ["ISO 9001", "ISO/IEC 27001", "IPC-A-610", "IATF 16949"]


def told(actor) -> dict:
    from asbuilt.answers.compliance.filing.ems import questionnaire_told

    return questionnaire_told(actor)


def by(found: dict) -> dict[str, dict]:
    return {one["question"]: one for one in found["answers"]}


def keys_of(actor) -> bytes:
    from asbuilt.storage.databases import keys

    (file,) = keys().glob("*/public.keys")
    return file.read_bytes()


def test_answers_come_from_the_record_where_it_has_them_and_gaps_are_named(filed):
    from asbuilt.answers.compliance.filing.ems_actions import answer_question

    found = told(filed)
    answers = by(found)
    assert set(answers) >= SEED and found["party"] == "OW"
    values = {key: (one["source"], one["value"]) for key, one in answers.items()}
    assert values["lot_linkage"] == ("record", 0) and values["serial_numbers"] == ("record", 100)
    assert values["lots_known"] == ("record", 100) and values["retention"] == ("record", 10)
    assert values["programming"] == ("record", 0) and "0 of 10" in answers["programming"]["words"]
    assert values["signed_releases"] == ("record", 0) and values["calibration"] == ("none", None)
    assert values["regulated"] == ("none", None) and answers["regulated"]["name"] in found["gaps"]
    entry = answer_question(filed, question="regulated", words="Medical since 2012", request_key="q")
    assert answer_question(filed, question="regulated", words="Medical since 2012", request_key="q") == entry
    assert by(told(filed))["regulated"]["source"] == "stated"
    with pytest.raises(Invalid) as refusal:
        answer_question(filed, question="colour", words="w")
    assert refusal.value.code == "compliance.word_unknown"
    with pytest.raises(NotFound):
        told(replace(filed, party=1))


def test_certificates_count_on_the_days_of_their_validity(filed):
    from asbuilt.answers.compliance.filing.ems_actions import state_certificate

    states = {one["standard"]: one["state"] for one in told(filed)["certificates"]}
    assert states == dict.fromkeys(CERTIFICATES, "none")
    held = {"number": "N-1", "issuer": "TÜV", "from_on": "2024-01-01", "until_on": "2026-12-31"}
    state_certificate(filed, standard="ISO 9001", **held)
    state_certificate(filed, standard="IPC-A-610", **{**held, "until_on": "2026-11-19"})
    state_certificate(
        filed, standard="ISO/IEC 27001", **{**held, "from_on": "2026-12-01"}, content=b"%PDF", name="c.pdf"
    )
    found = told(filed)
    states = {one["standard"]: one["state"] for one in found["certificates"]}
    assert states == {"ISO 9001": "valid", "ISO/IEC 27001": "not_yet", "IPC-A-610": "over", "IATF 16949": "none"}
    assert any(gap.startswith("IPC-A-610") for gap in found["gaps"]) and not any(gap.startswith("ISO 9001") for gap in found["gaps"])  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        state_certificate(filed, standard="X", **{**held, "until_on": "2023-01-01"})
    assert refusal.value.code == "compliance.until_before"


def test_a_signed_report_is_verified_taken_in_and_stands_beside_our_own(filed, tmp_path):
    from typer.testing import CliRunner

    from asbuilt.access.rights import ROLES
    from asbuilt.answers.compliance.filing.ems import comparison_told
    from asbuilt.answers.compliance.filing.ems_actions import answer_question, ems_report, take_report
    from asbuilt.answers.compliance.filing.package import technical_package
    from asbuilt.doors.cli.commands import app

    answer_question(filed, question="access", words="Badges")
    report = ems_report(filed)
    file = tmp_path / "report.zip"
    file.write_bytes(report)
    checked = CliRunner().invoke(app, ["verify", str(file), "--format", "json"])
    assert checked.exit_code == 0 and json.loads(checked.stdout)["kind"] == "EMS report"
    answer_question(filed, question="access", words="Badges and cameras")
    entry = take_report(filed, party="HAL", content=report, keys=keys_of(filed), request_key="t")
    assert take_report(filed, party="HAL", content=report, keys=keys_of(filed), request_key="t") == entry
    found = comparison_told(filed)
    assert [one["party"] for one in found["parties"]] == ["OW", "HAL"]
    answers = next(one["answers"] for one in found["questions"] if one["question"] == "access")
    assert {code: one["words"] for code, one in answers.items()} == {"OW": "Badges and cameras", "HAL": "Badges"}
    linkage = next(one["answers"] for one in found["questions"] if one["question"] == "lot_linkage")
    assert linkage["HAL"]["value"] == linkage["OW"]["value"] == 0 and linkage["HAL"]["source"] == "record"
    for wrong, error, code in (
        ({"content": report.replace(b"Badges", b"Gadges")}, Tampered, "kernel.package_changed"),
        ({"content": technical_package(filed, "OWN-1")}, Refused, "compliance.report_other"),
        ({"keys": b"nonsense"}, Invalid, "kernel.vkey_malformed"),
        ({"party": "OW"}, Refused, "compliance.report_own"),
        ({"party": "NOBODY"}, NotFound, "compliance.party_unknown"),
    ):
        with pytest.raises(error) as refusal:
            take_report(filed, **{"party": "HAL", "content": report, "keys": keys_of(filed), **wrong})
        assert refusal.value.code == code
    with pytest.raises(NotAllowed):
        take_report(replace(filed, rights=ROLES["engineer"]), party="HAL", content=report, keys=keys_of(filed))


def written(actor, *, answers: str, **manifest) -> bytes:
    """A report that says anything at all, signed as it has to be: who keeps the key says what it likes."""
    from asbuilt.kernel import envelope
    from asbuilt.kernel import shipment_packages as packages
    from asbuilt.ledger import keyring, sequencing

    sequencing.sequence(actor.tenant)
    origin, _size, _root, note = sequencing.head(actor.tenant)
    said = {
        "party": "OW",
        "name": "n",
        "made_at": "2026-11-01T00:00:00Z",
        "rule_set": "r",
        "checkpoint": note,
        **manifest,
    }
    private = keyring.record_private(origin)
    return packages.build(
        said,
        {"answers.json": answers.encode()},
        lambda of: envelope.sign(packages.EMS_REPORT.type, of, private),
        packages.EMS_REPORT,
    )


ANSWER = {"question": "lot_linkage", "source": "record", "value": 97.5, "unit": "%", "words": "w", "stated": ""}
HELD = {"standard": "ISO 9001", "from_on": "2025-01-01", "until_on": "2027-12-31", "number": "N", "issuer": "T"}


@pytest.mark.parametrize(
    ("answer", "held", "manifest"),
    [
        ({"value": float("nan")}, {}, {}), ({"value": float("inf")}, {}, {}), ({"value": 250}, {}, {}), ({"value": -1, "unit": "days"}, {}, {}),
        ({"value": 10**4000, "unit": "days"}, {}, {}), ({"stated": "\ud800"}, {}, {}), ({"stated": "a\0b"}, {}, {}),
        ({"source": "a notified body"}, {}, {}), ({"question": "twice"}, {}, {}), ({}, {"until_on": "never"}, {}), ({}, {"from_on": ""}, {}),
        ({}, {}, {"made_at": "soon"}), ({}, {}, {"made_at": "9999-12-31T00:00:00Z"}),
    ],
)  # fmt: skip
def test_a_report_whose_signature_holds_and_whose_words_are_none_is_not_taken(filed, answer, held, manifest):
    """A moment that is none broke the page of all; one of the year 9999 was the newest for ever; a certificate until `never` was in date, 250 % stood there."""
    from asbuilt.answers.compliance.filing.ems import comparison_told
    from asbuilt.answers.compliance.filing.ems_actions import take_report

    said = {"answers": [{**ANSWER, "question": "twice"}, {**ANSWER, **answer}], "certificates": [{**HELD, **held}]}
    report = written(filed, answers=json.dumps(said), **manifest)
    with pytest.raises(Invalid) as refusal:
        take_report(filed, party="HAL", content=report, keys=keys_of(filed))
    assert refusal.value.code == "compliance.report_malformed"
    whole = {"answers": [ANSWER], "certificates": [HELD, {**HELD, "standard": "X", "from_on": "", "until_on": ""}]}
    take_report(filed, party="HAL", content=written(filed, answers=json.dumps(whole)), keys=keys_of(filed))
    (found,) = (
        one["answers"]["HAL"] for one in comparison_told(filed)["questions"] if one["question"] == "lot_linkage"
    )
    assert (found["value"], found["source"]) == (97.5, "record")


def material(certainty: str, package: str, first: str, last: str) -> dict:
    said = {"order": "WO-1", "refdes": "R1", "package": package, "first_serial": first, "last_serial": last}
    return {**said, "certainty": certainty, "happened_at": "2026-02-02T08:00:00Z"}


def inspection(code: str, *packages: str) -> dict:
    said = {
        "inspection": code,
        "packages": json.dumps(packages),
        "standard": "iso2859",
        "level": "II",
        "aql": "0.65",
        "severity": "normal",
    }
    return {**said, "code_letter": "J", "lot_size": "100", "sample_size": "80", "accept_max": "1", "nonconforming": "0", "verdict": "accepted", "happened_at": "2026-02-02T08:00:00Z"}  # fmt: skip


def test_figures_count_what_their_words_say_and_nothing_beside_it(load, actor):
    """Fifteen units are built, two planned ones have names already, one built one has none. Of ten six have a certain reel, four one of two possible ones.

    By a version that shows a requirement the last run of one unit passed: another ran by version 2 alone, a third by 1 and then by 2.
    Of three packages two were inspected, one of them twice.
    """
    import compliance_floor
    import filing_floor
    from case_floor import order

    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    floor = dict(filing_floor.FLOOR)
    floor["lots"] = [*floor["lots"], filing_floor.delivery("REEL-3", "2026-01-10T08:00:00Z")]
    floor["orders"] = [*floor["orders"], {**order("WO-3", "OWN-1", "OW"), "quantity": "2"}]
    units = [{**one, "serial": "-"} if one["serial"] == "OLD-4" else one for one in floor["units"]]
    planned = [{"order": "WO-3", "serial": f"PL-{n}", "panel": "", "position": "", "state": "planned"} for n in (1, 2)]
    floor["units"] = [*units, *planned]
    floor["materials"] = [
        material("certain", "REEL-1", "SN-0", "SN-5"),
        material("possible", "REEL-1", "SN-6", "SN-9"),
        material("possible", "REEL-2", "SN-6", "SN-9"),
    ]
    ran = compliance_floor.ran
    runs = [ran("SN-0"), ran("SN-1", version="2"), ran("SN-2"), ran("SN-2", day=4, version="2")]
    floor["tests"] = [*floor["tests"], *runs]
    floor["inspections"] = [inspection("IN-1", "REEL-1"), inspection("IN-2", "REEL-1", "REEL-2")]
    load(floor)
    compliance_floor.planned(actor)
    answers = by(told(actor))
    values = {key: answers[key]["value"] for key in ("lot_linkage", "serial_numbers", "security_tests")}
    assert values == {"lot_linkage": 40.0, "serial_numbers": 93.33, "security_tests": 6.66}
    assert value_of(actor, "inspected") == 66.66


def value_of(actor, name: str) -> float | None:
    from asbuilt.answers.compliance.filing.ems_measures import MEASURES

    return MEASURES[name](actor.tenant, parse_instant("2026-11-20T12:00:00Z")).value


def test_a_reel_whose_lot_nobody_noted_links_no_unit_to_a_lot(load, actor):
    """Of fifteen units six have a reel of a known lot and four a reel of which only the part is known."""
    import filing_floor

    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    bare = {**filing_floor.delivery("REEL-0", "2026-01-10T08:00:00Z"), "lot_code": ""}
    runs = [material("certain", "REEL-1", "SN-0", "SN-5"), material("certain", "REEL-0", "SN-6", "SN-9")]
    load({**filing_floor.FLOOR, "lots": [*filing_floor.FLOOR["lots"], bare], "materials": runs})
    assert value_of(actor, "lot_linkage") == 40.0


def test_changes_that_nobody_agreed_to_are_not_counted_as_agreed(filed):
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco

    assert value_of(filed, "ecos") is None
    for title in ("a", "b"):
        propose_eco(filed, title=title, why="w", products=["OWN-1"])
    assert value_of(filed, "ecos") == 0
