"""Support periods, the day each unit was placed, its regime, the clocks of papers, updates and supplies (cra.md sections 0, 3, 8, 9), and what is not erased."""

import hashlib
import io
from dataclasses import replace

import compliance_floor
import pytest

from asbuilt.answers.compliance.keeping.clock_rules import plus_years, rules_on
from asbuilt.answers.compliance.keeping.periods import end_for
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused


def set_support(actor, **said):
    from asbuilt.answers.compliance.keeping.actions import set_support

    given = {
        "product": "OWN-1",
        "start_on": "2027-12-11",
        "end_on": "2035-12-31",
        "expected_years": 8,
        "why": "bearings last 8 years",
    }
    return set_support(actor, **{**given, **said})


def told(actor, product="OWN-1"):
    from asbuilt.answers.compliance.keeping.seen import support_told

    return support_told(actor, product)


def test_ten_years_and_the_support_period_by_the_calendar():
    rules = rules_on("2028-01-01")
    assert (plus_years("2028-02-29", 10), plus_years("2028-02-29", 4), plus_years("9995-06-01", 10)) == (
        "2038-02-28", "2032-02-29", "9999-06-01",
    )  # fmt: skip
    # 13.13 and 13.18: ten years after the last unit, or the support period, whichever is longer
    assert rules.documents_until("2029-03-01", "2033-01-31") == "2039-03-01"
    assert rules.documents_until("2029-03-01", "2041-01-31") == "2041-01-31"
    # 13.9: ten years after issue, or the rest of the support period
    assert rules.updates_until("2030-05-05", "2031-01-01") == "2040-05-05"
    assert rules.updates_until("2030-05-05", "2045-01-01") == "2045-01-01"
    assert rules.supply_until("2028-07-01") == "2038-07-01"  # Article 23
    # 13.8: five years, or the expected use where that is shorter
    assert rules.support_least("2027-12-11", None) == "2032-12-11"
    assert (
        rules.support_least("2027-12-11", 3) == "2030-12-11" and rules.support_least("2027-12-11", 20) == "2032-12-11"
    )
    # 69(2) and G 11: the same model of two days falls under different law
    assert [rules.regime(day) for day in ("2027-12-10", "2027-12-11")] == ["before", "after"]


def test_a_support_period_keeps_the_rule_and_takes_nothing_from_units_that_are_out(house, on):
    on("2027-12-01")
    assert "No support period is set." in told(house)["gaps"]
    for said, kind, code in (
        ({"end_on": "2032-12-10", "expected_years": None}, Refused, "support_short"), ({"end_on": "2027-12-11"}, Invalid, "period_wrong"),
        ({"end_on": "2030-02-30"}, Invalid, "day_wrong"), ({"expected_years": 0}, Invalid, "years_wrong"), ({"why": ""}, Invalid, "words_missing"),
    ):  # fmt: skip
        with pytest.raises(kind) as refused:
            set_support(house, **said)
        assert refused.value.code == f"compliance.{code}"
    set_support(house, end_on="2030-12-11", expected_years=3)  # shorter use, shorter support
    assert set_support(house, request_key="K") == set_support(house, request_key="K")
    with pytest.raises(Conflict):
        set_support(house, request_key="K", end_on="2036-12-31")
    on("2028-03-01")
    set_support(house, end_on="2033-01-31")
    found = told(house)
    assert [one["end_on"] for one in found["periods"]] == ["2033-01-31", "2035-12-31", "2030-12-11"]
    assert {one["placed_on"]: (one["regime"], one["support_end_on"]) for one in found["by_day"]} == {
        "2027-12-10": ("before", "2035-12-31"), "2027-12-11": ("after", "2035-12-31"),
    }  # fmt: skip
    from asbuilt.answers.compliance.keeping.periods import periods_of
    from asbuilt.answers.compliance.lines import lines_of

    periods = periods_of(lines_of(house.tenant, ["OWN-1"])["OWN-1"])
    assert (end_for(periods, "2028-03-02"), end_for(periods, "2028-02-29"), end_for([], "2028-03-02")) == (
        "2033-01-31", "2035-12-31", "",
    )  # fmt: skip


def test_each_unit_has_its_own_day_and_the_last_one_decides_how_long_papers_stay(house, load, on):
    from asbuilt.answers.compliance.keeping.seen import unit_clocks

    on("2028-01-15")
    set_support(house)
    found = told(house)
    assert (found["units"], found["placed"], found["not_placed"]) == (3, 2, 1)
    assert [(one["regime"], one["units"]) for one in found["regimes"]] == [("before", 1), ("after", 1)]
    assert found["documents"]["until"] == "2037-12-11"
    one = unit_clocks(house, "WO-1-1")
    assert (one["placed_on"], one["regime"], one["support_end_on"]) == ("2027-12-10", "before", "2035-12-31")
    assert unit_clocks(house, "WO-1-3")["placed_on"] is None
    # shipped again later: the first day counts; a decision about one unit counts too
    load({"shipments": [compliance_floor.shipped("SH-3", "WO-1-1", "WO-1-1", "2028-01-10"),
                        {**compliance_floor.shipped("SH-4", "WO-1-3", "WO-1-3", "2028-01-12"), "placed_on_market_at": ""}]}, "later")  # fmt: skip
    assert (
        unit_clocks(house, "WO-1-1")["placed_on"] == "2027-12-10" and unit_clocks(house, "WO-1-3")["placed_on"] is None
    )
    place(load, "SH-4", "", "2028-01-14T10:00:00Z")
    assert unit_clocks(house, "WO-1-3")["placed_on"] == "2028-01-14"
    place(load, "SH-4", "WO-1-3", "2028-01-13T10:00:00Z")
    assert unit_clocks(house, "WO-1-3")["placed_on"] == "2028-01-13"
    assert told(house)["documents"]["until"] == "2038-01-13"
    on("2031-06-01")
    load({"shipments": [compliance_floor.shipped("SH-5", "WO-2-1", "WO-2-3", "2031-05-01")]}, "last")
    set_support(house, product="HAL-1", start_on="2028-01-01", end_on="2033-01-01", expected_years=5)
    assert (
        "3 units placed since 2031-05-01 are supported for less than the shortest period allowed."
        in told(house, "HAL-1")["gaps"]
    )


def place(load, shipment: str, serial: str, at: str) -> None:
    said = {
        "shipment": shipment,
        "serial": serial,
        "party": "OW",
        "decided_by": "OW",
        "basis": "sale",
        "placed_at": at,
        "operator": "045",
    }
    load({"placings": [said]}, f"placing-{at[:13]}")


def test_papers_are_not_erased_while_a_clock_runs_and_values_about_people_are(house, on):
    from asbuilt.ledger import erasure, evidence
    from asbuilt.ledger.recording import recording

    def keep(kind: str) -> str:
        with recording(house, "test.kept") as entry:
            kept = evidence.keep(house.tenant, io.BytesIO(kind.encode()), f"{kind}.pdf", kind)
            kept.record(entry)
        return kept.sha256

    on("2026-12-01")
    paper, letter = keep("document"), keep("personal")
    on("2037-06-01")  # ten years after the paper came, half a year before the clock of the last unit
    with pytest.raises(Refused) as refused:
        erasure.erase_evidence(house, sha256=paper, rule="own.retention-over")
    assert (refused.value.code, refused.value.facts["until"]) == ("compliance.retention_runs", "2037-12-11")
    assert erasure.erase_evidence(house, sha256=letter, rule="gdpr.17-1")
    set_support(house, start_on="2027-12-11", end_on="2039-01-31")
    on("2038-06-01")
    with pytest.raises(Refused) as refused:
        erasure.erase_evidence(house, sha256=paper, rule="own.retention-over")
    assert refused.value.facts["until"] == "2039-01-31"  # the support period is longer
    on("2039-02-01")
    assert erasure.erase_evidence(house, sha256=paper, rule="own.retention-over")

    from asbuilt.answers.compliance.keeping.report import retention_report

    report = retention_report(house, 2039)
    assert [(one["what"], one["rule"], one["on"]) for one in report["erased"]] == [
        ("evidence", "own.retention-over", "2039-02-01")
    ]
    assert {"clock": "documents", "of": "OWN-1", "on": "2039-01-31"} in report["ending"]
    report = retention_report(house, 2027)
    own = next(one for one in report["products"] if one["product"] == "OWN-1")
    assert (own["placed"], own["placed_in_year"], own["regimes"], own["documents_until"]) == (
        2,
        2,
        {"before": 1, "after": 1},
        "2039-01-31",
    )
    assert [(one["way"], one["party"], one["count"], one["until"]) for one in report["supplies"]] == [
        ("supplied_to", "Alpina", 2, "2037-12-11"),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        retention_report(house, 12)


def test_papers_are_kept_for_units_that_left_and_of_which_nobody_said_when_they_were_placed(house, on, load):
    """WO-1-3 left on 1 June 2029: placed that day or later, never earlier. Papers stay ten years from then, until somebody says when it was."""
    from asbuilt.ledger import erasure, evidence
    from asbuilt.ledger.recording import recording

    on("2026-12-01")
    with recording(house, "test.kept") as entry:
        paper = evidence.keep(house.tenant, io.BytesIO(b"paper"), "paper.pdf", "document")
        paper.record(entry)
    gone = compliance_floor.shipped("SH-3", "WO-1-3", "WO-1-3", "2029-06-01")
    load({"shipments": [{**gone, "placed_on_market_at": ""}]}, "silent")
    on("2038-01-01")  # the clock of the last unit that was said to be placed, on 2027-12-11, is over
    with pytest.raises(Refused) as refused:
        erasure.erase_evidence(house, sha256=paper.sha256, rule="own.retention-over")
    assert (refused.value.code, refused.value.facts["until"]) == ("compliance.retention_runs", "2039-06-01")
    assert "OWN-1 left on 2029-06-01, and nobody said when it was placed" in refused.value.message
    on("2039-06-02")
    assert erasure.erase_evidence(house, sha256=paper.sha256, rule="own.retention-over")


def test_a_release_stays_as_long_as_its_product_is_supported(house, on):
    from asbuilt.designed.firmware.retention import SUPPORTED_UNTIL

    on("2028-01-15")
    assert SUPPORTED_UNTIL["compliance"](house.tenant, "OWN-1") == ""
    set_support(house)
    set_support(house, end_on="2033-01-31")
    assert SUPPORTED_UNTIL["compliance"](house.tenant, "OWN-1") == "2035-12-31"


def test_strangers_find_no_clocks(cast):
    from asbuilt.access.rights import ALL_RIGHTS
    from asbuilt.answers.compliance.keeping.report import retention_report
    from asbuilt.answers.compliance.keeping.seen import unit_clocks

    dan, reader = (replace(cast.actor[who], rights=ALL_RIGHTS) for who in ("dan", "brand_a_reader"))
    for who in (dan, reader):
        for look in (
            lambda who=who: told(who, "A-LAMP"), lambda who=who: unit_clocks(who, "ALP-0001"), lambda who=who: set_support(who, product="A-LAMP"),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                look()
    assert retention_report(dan, 2027)["products"] == []
    with pytest.raises(NotFound):
        retention_report(reader, 2027)


def test_a_signed_declaration_and_a_paper_of_the_file_are_held_until_the_last_clock_is_over(house, on):
    """Kept on 1 December 2026; a unit was placed on 11 December 2027: on 1 June 2037 ten years are over for the entry, not for the papers."""
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.compliance.filing.actions import state_point
    from asbuilt.answers.compliance.filing.answering import note_request
    from asbuilt.answers.compliance.filing.declaring import declare
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import erasure

    on("2026-12-01")
    answers = Answers(digital_elements="yes", connection="direct", market="yes", functions=["default"])
    judge(house, product="OWN-1", answers=answers, why="A sensor")
    said = {
        "manufacturer": "Ostwerk GmbH", "address": "Hafen 1", "url": "https://ostwerk.example/doc", "laws": ["Regulation (EU) 2024/2847"],
        "standards": ["none applied"], "place": "Hamburg", "signed_on": "2026-11-19", "signatory": "A. Ost", "function": "Head",
    }  # fmt: skip
    draft = {"products": [{"product": "OWN-1"}], "said": said, "languages": ["en"], "texts": {"en": "Sensor"}}
    declare(house, **draft, why="first", content=b"signed", name="signed.pdf")
    state_point(house, product="OWN-1", point="AVII.2.a", content=b"schematic", name="schematic.pdf")
    open_case(house, kind="authority", title="Documents asked for")
    at = parse_instant("2026-12-01T08:00:00Z")
    note_request(
        house, case="C-1", authority="Market surveillance", member_state="DE", legal_basis="13(22)", words="SBOM", product="OWN-1",
        demanded=["AVII.2.b"], received_at=at, due_at=at, language="de", content=b"letter", name="letter.pdf",
    )  # fmt: skip
    on("2037-06-01")

    def erased(content: bytes) -> int:
        return erasure.erase_evidence(house, sha256=hashlib.sha256(content).hexdigest(), rule="own.retention-over")

    for content in (b"signed", b"schematic"):
        with pytest.raises(Refused) as refused:
            erased(content)
        assert (refused.value.code, refused.value.facts["until"]) == ("compliance.retention_runs", "2037-12-11")
    assert erased(b"letter")  # what an authority wrote is no documentation of a product
    on("2037-12-12")
    assert erased(b"signed")


def test_support_that_ends_before_the_expected_use_is_said_to(house, on):
    """13(8): five years are allowed at least, and the period is to reflect how long the product is used."""
    on("2027-12-01")
    set_support(house, end_on="2033-01-31", expected_years=8)
    gap = "Support ends on 2033-01-31; the product is expected to be used for 8 years, until 2035-12-11."
    assert gap in told(house)["gaps"]
    set_support(house, end_on="2035-12-11", expected_years=8)
    assert not any("expected to be used for 8" in one for one in told(house)["gaps"])


def test_the_report_of_a_year_counts_what_left_unsaid_as_erasing_does(house, on, load):
    """WO-1-3 left on 1 June 2029 and nobody said when it was placed: erasing kept the papers until then and ten years, report and page said two years
    less."""
    from asbuilt.answers.compliance.keeping.report import retention_report
    from asbuilt.answers.compliance.keeping.seen import support_told, unit_clocks

    on("2029-12-01")
    left = {**compliance_floor.shipped("SH-3", "WO-1-3", "WO-1-3", "2029-06-01"), "placed_on_market_at": ""}
    load({"shipments": [left]}, "left")
    report = retention_report(house, 2039)
    own = next(one for one in report["products"] if one["product"] == "OWN-1")
    assert (own["placed"], own["not_said"], own["last_on"], own["documents_until"]) == (
        2,
        1,
        "2027-12-11",
        "2039-06-01",
    )
    assert {"clock": "documents", "of": "OWN-1", "on": "2039-06-01"} in report["ending"]
    clock = support_told(house, "OWN-1")["documents"]
    assert (clock["until"], clock["left_on"]) == ("2039-06-01", "2029-06-01")
    assert unit_clocks(house, "WO-1-1")["documents"] == clock
    assert "OWN-1: 1 units left, and nobody said when they were placed on the market." in report["gaps"]


def test_the_api_reports_the_gaps_of_a_year(cast):
    """They stood on the page and in the command alone."""
    carl = cast.program("carl").get("/api/v1/compliance-retention", {"year": 2027}).json()
    gaps = "no support period is set"
    assert any(gaps in one for one in carl["gaps"]) and carl["rule_set"].startswith("asbuilt.cra-keeping/")
    assert gaps in cast.browser("carl").get("/compliance-retention/?year=2027").content.decode()
    told = cast.program("carl").get("/api/v1/compliance/A-LAMP/support").json()
    assert told["not_placed"] == told["units"] - told["placed"] and told["changes_on"] == "2027-12-11"
