"""Reports drafted field by field from the record: counted by hand from the boards of `vulnerable_factory` and the house of `case_floor`."""

import pytest
from case_floor import AT, TABLES
from cast import cast, cast_home  # noqa: F401
from reporting_floor import AEV, INCIDENT, cells, report
from vulnerable_factory import MBEDTLS, component, secured

from asbuilt.kernel.errors import Invalid, NotFound

SENT = {"shipped_at": "2026-03-01T08:00:00Z", "placed_on_market_at": ""}

GLOSSARY = """
type 1 R C C -; title 2 R C C 255; summary 3 R C C 4000; manufacturer 4 R C C -; member_states 5 R C C -; product_name 6 R C C 255;
product_version 7 R C C 255; product_type 8 O C C -; product_class 9 O C C -; product_category 10 O C C -; end_of_support 11 O C C -;
component 12 O C C 255; mitigation_expected 13 O C C -; user_action 14 O C C 4000; sensitivity 15 O O C 255; measures_taken 16 O O R 2000;
measures_users 17 O O R 4000; attack_vector 18 - O O 255; cve v19 O C C 255; euvd v20 O C C 255; general_info_v v21 O R C 4000;
measure_available_at v22 O O R -; update_details v23 O O R 2000; severity_v v24 O O R 4000; impact_v v25 O O R 4000; aware_at_v v26 R C C -;
actor v27 O O I 100; pec v28 - O - -; pec_reason v29 - O - -; pec_info v30 O O C 800; malicious_suspected i31 R C C -;
general_info_i i32 O R C 4000; mitigation_ongoing i33 O O R 4000; severity_i i34 O O R 4000; impact_i i35 O O R 4000;
root_cause i36 O O R 255; aware_at_i i37 R R C -; occurred_at i38 O R O -; initial_assessment i39 O R C 4000; prerequisites form O R ? 4000
"""
"""ENISA's glossary 1.3 of 10 September 2026 as reference/cra.md, section 4.5, has it: field, row (v: vulnerabilities alone, i: incidents alone), what the
early warning, the notification and the final report ask (required, optional, copied, if available, nothing), the most characters."""
OWED = {"R": "required", "O": "optional", "C": "copied", "I": "if_available", "-": ""}


@pytest.fixture
def boards(actor, load, tmp_path):
    """Eight boards, four with the flaw: two of them with SHOP in DE; the flaw is on CISA's list. A case about it, known since 20 November."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    security = secured(actor, load, tmp_path / "security")
    security.exploited(MBEDTLS)
    code = opening.open_case(actor, kind="aev", title="Side channel in mbedtls")
    saying.add_product(actor, case=code, product="board", role="manufacturer", manufacturer="BRAND")
    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="logs of a customer")
    deciding.freeze(actor, case=code, question=f"cve:{MBEDTLS}", why="early warning")
    return actor, code


def test_the_matrix_has_39_fields_in_the_platforms_order_and_says_what_each_stage_asks():
    from asbuilt.answers.cases.reporting.field_rules import matrix_on

    matrix = matrix_on("cra.aev", "early_warning", "2026-11-29")
    numbers = [one.number for one in matrix.fields if one.number]
    assert numbers == list(range(1, 40)) and matrix.read_on and all(one.source for one in matrix.fields)

    def required(duty, stage):
        return [one.number for one in matrix.of(duty, stage) if one.owed(stage) == "required"]

    # the columns of the platform's glossary, by row number; None is the field that only the live form has
    assert required("cra.aev", "early_warning") == [1, 2, 3, 4, 5, 6, 7, 26]
    assert required("cra.aev", "notification") == [21, None]
    assert required("cra.aev", "final_report") == [16, 17, 22, 23, 24, 25]
    assert required("cra.incident", "early_warning") == [1, 2, 3, 4, 5, 6, 7, 31, 37]
    assert required("cra.incident", "notification") == [32, 37, 38, 39]
    assert required("cra.incident", "final_report") == [16, 17, 33, 34, 35, 36]
    longest = {one.field: one.most for one in matrix.fields}
    assert [longest[name] for name in ("title", "summary", "measures_taken", "actor", "pec_info", "member_states")] == [
        255, 4000, 2000, 100, 800, None,
    ]  # fmt: skip


def test_each_row_of_the_glossary_is_asked_as_it_says():
    from asbuilt.answers.cases.reporting.field_rules import matrix_on

    fields = {one.field: one for one in matrix_on("cra.aev", "early_warning", "2026-11-29").fields}
    rows = [row.split() for row in GLOSSARY.replace("\n", " ").split(";")]
    assert [name for name, *_ in rows] == list(fields)
    duties = {"v": ("cra.aev",), "i": ("cra.incident",), "f": ("cra.aev",)}
    for name, row, *asked, most in rows:
        one = fields[name]
        assert str(one.number or "form") == row.lstrip("vi") and tuple(one.duties) == duties.get(
            row[0], ("cra.aev", "cra.incident")
        ), name
        for stage, letter in zip(("early_warning", "notification", "final_report"), asked, strict=True):
            if letter != "?":
                assert one.owed(stage) == OWED[letter], (name, stage)
        # the live form takes 255 characters where the glossary has a choice
        assert one.most == (int(most) if most != "-" else 255 if name == "malicious_suspected" else None), name


def test_every_field_that_the_record_knows_is_drafted_with_its_source_and_the_others_are_gaps(boards):
    actor, code = boards
    found = report(actor, code, **AEV)
    told = cells(found)
    assert told["type"]["text"] == "vulnerability" and told["cve"]["text"] == MBEDTLS
    assert told["manufacturer"]["text"] == "Brand Owner"
    # four boards run 1.0.0, all of revision A; two went to DE, two are in stock; the one in US runs 1.1.0
    assert told["member_states"]["text"] == "DE"
    assert told["product_name"]["text"] == "board"
    assert told["product_version"]["text"] == "firmware 1.0.0; hardware revision A"
    assert told["component"]["text"] == "mbedtls 2.28.7"
    assert told["aware_at_v"]["text"] == "2026-11-20 08:00 UTC"
    summary = told["summary"]["text"]
    assert "4 units certainly, 0 possibly; of 0 the record does not say" in summary
    assert "Shipped to 1 customer: DE 2. Not shipped: 2." in summary
    answer = found["answer"]
    assert told["member_states"]["sources"] == [{"kind": "frozen_answer", "which": answer, "what": "shipments"}]
    assert told["severity_v"]["text"].startswith(f"{MBEDTLS}: CVSS 7.5 (CVSS:3.1/AV:N")
    assert "listed as exploited" in told["severity_v"]["text"]
    assert "attack_vector" not in told  # the early warning has no such field
    assert told["sensitivity"]["text"] == "" and not told["sensitivity"]["gap"]  # optional: empty is no gap
    assert found["gaps"] == ["No coordinator CSIRT is determined for this manufacturer."]
    later = cells(report(actor, code, duty="cra.aev", stage="notification"))
    assert later["prerequisites"]["gap"] and later["prerequisites"]["text"] == ""
    assert later["attack_vector"]["text"].startswith("network (CVSS:3.1/AV:N")
    final = report(actor, code, duty="cra.aev", stage="final_report")
    assert [one["field"] for one in final["fields"] if one["gap"]] == [
        "measures_taken", "measures_users", "measure_available_at", "update_details",
    ]  # fmt: skip


def test_member_states_come_from_the_shipments_of_the_frozen_units_of_this_manufacturer_alone(house, load):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    parties = [{"party": name, "name": name, "roles": "customer", "country": "DE"} for name in ("K1", "K2")]
    sent = [
        ("SH-1", "K1", "PL", "WO-1-1"), ("SH-2", "K2", "NO", "WO-1-2"), ("SH-3", "K1", "FR", "WO-2-1"), ("SH-4", "K2", "", "WO-2-2"),
    ]  # fmt: skip
    lines = [
        {"shipment": code, "customer": to, "country": land, "first_serial": unit, "last_serial": unit, **SENT}
        for code, to, land, unit in sent
    ]
    load({"parties": TABLES["parties"] + parties, "shipments": lines}, "later")
    code = opening.open_case(house, kind="incident", title="Signing server")
    for product in ("OWN-1", "HAL-1"):
        saying.add_product(house, case=code, product=product)
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(house, case=code, question="order:WO-1,WO-2", why="w")
    told = cells(report(house, code, **INCIDENT))
    # HAL-1, which went to France, is Halden's; Norway is no Member State; WO-1-3 is here
    assert told["member_states"]["text"] == "PL"
    assert told["product_name"]["text"] == "OWN-1" and told["product_version"]["text"] == "hardware revision A"
    assert "Shipped to 2 customers: NO 1, PL 1. Not shipped: 1." in told["summary"]["text"]
    assert told["malicious_suspected"]["gap"]
    notice = cells(report(house, code, duty="contract", stage="notice"))
    # SH-4 names no country: it counts where K2 is at home
    assert notice["product_name"]["text"] == "HAL-1" and "DE 1, FR 1" in notice["affected"]["text"]
    assert notice["proof"]["text"].startswith("Answer ") and notice["contact"]["gap"]


def test_what_was_shipped_after_the_answer_was_frozen_changes_nothing_of_it(house, load):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(house, kind="aev", title="t")
    saying.add_product(house, case=code, product="OWN-1")
    deciding.freeze(house, case=code, question="order:WO-1", why="w")
    row = {"shipment": "SH-1", "customer": "ALP", "country": "AT", "first_serial": "WO-1-1", "last_serial": "WO-1-3"}
    load({"shipments": [{**row, **SENT}]}, "later")
    assert cells(report(house, code, **AEV))["member_states"]["gap"]
    deciding.freeze(house, case=code, question="order:WO-1", why="shipped since")
    assert cells(report(house, code, **AEV))["member_states"]["text"] == "AT"


def test_each_duty_has_its_own_fields_and_a_stranger_finds_nothing(house):
    from asbuilt.answers.cases.handling.actions import opening, saying

    code = opening.open_case(house, kind="quality", title="Data lost")
    saying.say_duty(house, case=code, duty="gdpr", why="names of people")
    told = report(house, code, duty="gdpr", stage="notification")
    assert [one["field"] for one in told["fields"]][:2] == ["title", "nature"] and told["fields"][1]["gap"]
    assert not told["needs_coordinator"]
    with pytest.raises(Invalid) as wrong:
        report(house, code, duty="gdpr", stage="early_warning")
    assert wrong.value.code == "cases.stage_unknown"
    with pytest.raises(NotFound):
        report(house, "C-99", duty="gdpr", stage="notification")


def test_measures_are_drafted_from_the_case_one_entry_each(boards):
    from asbuilt.answers.cases.handling.actions.saying import state_measure

    actor, code = boards
    state_measure(actor, case=code, kind="mitigating", why="Switch remote maintenance off.", at=AT + 3_600_000_000)
    state_measure(actor, case=code, kind="corrective", why="Update to 1.1.0.", at=AT + 7_200_000_000)
    told = cells(report(actor, code, duty="cra.aev", stage="final_report"))
    assert told["measures_users"]["entries"] == ["Switch remote maintenance off.", "Update to 1.1.0."]
    assert told["measures_taken"]["entries"][0] == "2026-11-20 09:00 UTC, mitigating: Switch remote maintenance off."
    assert told["measure_available_at"]["text"] == "2026-11-20 09:00 UTC"
    assert told["update_details"]["text"] == "Update to 1.1.0."
    assert told["user_action"]["text"] == "Switch remote maintenance off."


def test_a_report_of_one_maker_names_no_component_of_anothers_product(actor, load, tmp_path):
    """The house of EMS has an older mbedtls in its firmware than the board of BRAND: the report of BRAND names BRAND's."""
    from shipping_floor import at

    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    security = secured(actor, load, tmp_path / "security")
    firmware = {"product": "house", "version": "9.0.0", "role": "app", "image": "", "sha256": "9" * 64, "revisions": "A", "released_at": at(1), "security_relevant": "false"}  # fmt: skip
    load({"firmware": [firmware]}, "house")
    security.sbom(component("mbedtls", "2.16.1"), product="house", version="9.0.0", serial=7)
    code = opening.open_case(actor, kind="aev", title="Side channel in mbedtls")
    saying.add_product(actor, case=code, product="board", role="manufacturer", manufacturer="BRAND")
    deciding.freeze(actor, case=code, question=f"cve:{MBEDTLS} product:board", why="w")
    assert cells(report(actor, code, **AEV))["component"]["text"] == "mbedtls 2.28.7"


def test_class_and_end_of_support_are_drafted_as_they_were_decided_in_the_platforms_words(house, at_noon):
    """OWN-1 is a router, HAL-2 nobody judged: its entry stays empty. Support of OWN-1 ends with 2031."""
    from asbuilt.answers.cases.handling.actions import opening, saying
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers
    from asbuilt.answers.compliance.keeping.actions import set_support
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    at_noon(20)
    code = opening.open_case(house, kind="aev", title="Overflow")
    for product in ("OWN-1", "HAL-2"):
        saying.add_product(house, case=code, product=product, role="manufacturer", manufacturer="OW")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    fields = ("product_type", "product_class", "product_category", "end_of_support")

    def drafted() -> dict[str, list[str]]:
        told = cells(report(house, code, **AEV))
        return {name: told[name]["entries"] for name in fields}

    assert drafted() == dict.fromkeys(fields, [""])
    said = {"digital_elements": "yes", "connection": "direct", "market": "yes"}
    entry = judge(
        house, product="OWN-1", answers=Answers(**said, functions=["routers-modems-switches"]), why="it routes"
    )
    held = set_support(house, product="OWN-1", start_on="2026-01-01", end_on="2031-12-31", why="five years")
    # entries stand in the order of the products, HAL-2 first
    assert drafted() == {
        "product_type": ["", "important"], "product_class": ["", "class I"],
        "product_category": ["", "III.I.12 Routers, modems for the internet, switches"], "end_of_support": ["", "no"],
    }  # fmt: skip
    told = cells(report(house, code, **AEV))
    assert told["product_class"]["sources"] == [
        {"kind": "judged", "which": str(entry), "what": "2026-11-20, asbuilt.cra/2024-12-10"}
    ]
    assert told["end_of_support"]["sources"] == [{"kind": "support", "which": str(held), "what": "until 2031-12-31"}]
    assert not any(one["wrong"] for one in told.values())
    # default has no class and no category; out of the law is no class at all
    judge(house, product="OWN-1", answers=Answers(**said, functions=["default"]), why="core function is another")
    assert [drafted()[name] for name in fields[:3]] == [["", "default"], [""], [""]]
    judge(house, product="OWN-1", answers=Answers(**{**said, "market": "no"}, functions=["siem"]), why="own use")
    assert [drafted()[name] for name in fields[:3]] == [[""], [""], [""]]
    # a longer period holds for every unit; a shorter one only for those placed later: then they differ once it ended
    set_support(house, product="OWN-1", start_on="2026-01-01", end_on="2028-06-30", expected_years=2, why="shorter use")
    assert drafted()["end_of_support"] == ["", "no"]
    clock.set_clock(lambda: parse_instant("2028-07-01T12:00:00Z"))
    assert drafted()["end_of_support"] == [""]
    clock.set_clock(lambda: parse_instant("2031-12-31T12:00:00Z"))
    assert drafted()["end_of_support"] == [""]  # the last day is a day of support
    clock.set_clock(lambda: parse_instant("2032-01-01T12:00:00Z"))
    assert drafted()["end_of_support"] == ["", "yes"]


def test_a_duty_towards_a_party_without_a_product_in_the_case_tells_it_no_unit_of_others(house, load):
    """Halden's contract runs here, and the case is about Alpina's product alone; and a product whose manufacturer is another one by now."""
    from case_floor import order

    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    unit = {"order": "WO-3", "serial": "WO-3-1", "panel": "", "position": "", "state": "built"}
    sent = {
        "shipment": "SH-1",
        "customer": "ALP",
        "country": "AT",
        "first_serial": "WO-3-1",
        "last_serial": "WO-3-1",
        **SENT,
    }
    load(
        {"orders": [{**order("WO-3", "ALP-1", "ALP"), "quantity": "1"}], "units": [unit], "shipments": [sent]}, "alpina"
    )
    code = opening.open_case(house, kind="vulnerability", title="Overflow")
    saying.add_product(house, case=code, product="ALP-1")
    saying.say_duty(house, case=code, duty="contract", hours=12, party="HAL", why="our contract")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(house, case=code, question="product:ALP-1", why="to tell")
    which = {"duty": "contract", "stage": "notice"}
    alpina = cells(report(house, code, **which, manufacturer="ALP"))
    assert "1 units certainly" in alpina["affected"]["text"] and "AT 1" in alpina["summary"]["text"]
    halden = report(house, code, **which, manufacturer="HAL")
    told = cells(halden)
    assert told["affected"]["text"] == "" and told["affected"]["gap"] and told["proof"]["text"] == ""
    assert "certainly" not in told["summary"]["text"] and "AT" not in told["summary"]["text"]
    # a product that passed to another manufacturer takes its units along
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen", duty="contract", manufacturer="ALP")
    saying.add_product(house, case=code, product="ALP-1", role="ems", manufacturer="HAL", why="sold to Halden")
    assert cells(report(house, code, **which, manufacturer="ALP"))["affected"]["text"] == ""
    assert "1 units certainly" in cells(report(house, code, **which, manufacturer="HAL"))["affected"]["text"]


def test_a_report_of_one_maker_names_no_product_of_another_in_what_it_rests_on(house, load):
    """The question of a case about two brands stood as source in the paper that goes to one of them."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(house, kind="quality", title="Oven")
    saying.add_product(house, case=code, product="HAL-1")
    deciding.freeze(house, case=code, question="product:HAL-1 or product:ALP-1", why="both ran")

    def sources() -> str:
        found = report(house, code, duty="contract", stage="notice", manufacturer="HAL")
        return str([each["sources"] for each in found["fields"]])

    assert "units of product:HAL-1 or product:ALP-1" in sources()  # of a case that names one of them alone
    saying.add_product(house, case=code, product="ALP-1")
    assert "ALP-1" not in sources() and "units, shipments" in sources()
