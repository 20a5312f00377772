"""The coordinator of a manufacturer, by the law's order: what the record says of it, where it does not know, and where it says otherwise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from case_floor import AT, role
from reporting_floor import AEV, report

from asbuilt.kernel.errors import Invalid, Refused

OUTSIDE = {
    "parties": [
        {"party": "REP", "name": "Reps", "roles": "", "country": "PL"}, {"party": "OLD", "name": "Oldrep", "roles": "", "country": "CH"},
        {"party": "IMA", "name": "Imports A", "roles": "distributor", "country": "FR"},
        {"party": "IMB", "name": "Imports B", "roles": "distributor", "country": "IT"},
        {"party": "BARE", "name": "Bare", "roles": "distributor", "country": ""},
    ],
    "product_roles": [
        role("HAL-1", "IMA", "importer"), role("HAL-1", "IMB", "importer"), role("HAL-2", "IMB", "importer"),
        role("HAL-2", "BARE", "distributor"),
    ],
    "shipments": [
        {"shipment": "SH-1", "customer": "ALP", "country": country, "first_serial": serial, "last_serial": serial, "product": "HAL-1",
         "shipped_at": "2026-03-01T08:00:00Z"}
        for country, serial in (("SE", "WO-2-1"), ("SE", "WO-2-2"), ("CH", "WO-2-3"))
    ],
}  # fmt: skip
for number, one in enumerate(OUTSIDE["shipments"]):
    one["shipment"] = f"SH-{number}"


def test_the_coordinator_of_a_maker_outside_the_union_is_where_the_record_says_in_the_law_s_order(house, load, at_noon):
    """Halden is of Norway. Importer B brings in two of its products, A one; nobody represents it until Reps of Poland does."""
    from asbuilt.answers.cases.reporting.coordinator import coordinator_told, coordinators_told, determine
    from asbuilt.designed.parties.queries import numbers_by_name

    load(OUTSIDE, "outside")
    halden = numbers_by_name(house.tenant)["HAL"]

    def record() -> dict:
        return {one["rule"]: one for one in coordinators_told(house, "Halden")["record"]["rules"]}

    found = record()
    assert [name for name, one in found.items() if one["decides"]] == ["importer", "users"]
    assert "is in NO" in found["main_establishment"]["gap"] and "no authorised representative of 2 of 2" in found["authorised_representative"]["gap"]  # fmt: skip
    assert (found["importer"]["member_state"], found["importer"]["through"]) == ("IT", "IMB")
    assert [(one["name"], one["count"]) for one in found["importer"]["counted"]] == [("Imports B", 2), ("Imports A", 1)]
    assert "no country of Bare" in found["distributor"]["gap"] and not found["distributor"]["decides"]
    assert found["users"]["member_state"] == "SE" and found["users"]["counted"][0]["count"] == 2

    said = {"manufacturer": "HAL", "csirt": "CSIRT", "why": "the record", "not_before": "nobody represents it"}
    with pytest.raises(Refused) as unnamed:
        determine(house, **said, rule="authorised_representative", member_state="PL")
    assert unnamed.value.code == "cases.coordinator_unnamed" and "2 of 2" in unnamed.value.message
    with pytest.raises(Invalid) as elsewhere:
        determine(house, **said, rule="importer", member_state="FR")
    assert elsewhere.value.code == "cases.coordinator_elsewhere"
    with pytest.raises(Invalid) as outside:  # what is known to be outside the Union has no coordinator there
        determine(house, **said, rule="importer", through="OLD")
    assert outside.value.code == "cases.member_state_unknown"
    with pytest.raises(Invalid):  # nobody knows where Bare is
        determine(house, **said, rule="distributor", through="BARE")
    determine(house, **said, rule="importer")
    stands = coordinator_told(house.tenant, halden)
    assert (stands["member_state"], stands["through"], stands["otherwise"]) == ("IT", "IMB", "")
    determine(house, **said, rule="users")
    stands = coordinator_told(house.tenant, halden)
    assert stands["member_state"] == "SE" and "Imports B, IT" in stands["otherwise"]
    determine(house, **said, rule="importer", through="IMA", member_state="FR")
    assert "Imports B, IT" in coordinator_told(house.tenant, halden)["otherwise"]
    determine(house, **said, rule="importer")
    load({"product_roles": [role("HAL-1", "OLD", "authorised_representative", "2026-02-01T00:00:00Z")]}, "old")
    assert coordinator_told(house.tenant, halden)["otherwise"] == ""  # a representative in Switzerland is none
    load({"product_roles": [role("HAL-2", "REP", "authorised_representative", "2026-02-01T00:00:00Z")]}, "rep")
    assert "Reps, PL" in coordinator_told(house.tenant, halden)["otherwise"]
    found = record()
    assert (
        found["authorised_representative"]["decides"] and "Oldrep is in CH" in found["authorised_representative"]["gap"]
    )


def test_two_importers_of_as_many_products_decide_nothing_unless_they_are_in_one_place(house, load):
    from asbuilt.answers.cases.reporting.coordinator import coordinators_told

    parties = [*OUTSIDE["parties"], {"party": "IMC", "name": "Imports C", "roles": "", "country": "IT"}]
    one = {"parties": parties, "product_roles": [role("HAL-1", "IMC", "importer"), role("HAL-2", "IMB", "importer")]}
    load(one, "outside")

    def importer() -> dict:
        return {one["rule"]: one for one in coordinators_told(house, "HAL")["record"]["rules"]}["importer"]

    assert importer()["decides"] and importer()["member_state"] == "IT"
    load({"product_roles": [role("HAL-1", "IMA", "importer")]}, "third")
    assert not importer()["decides"]
    assert "Imports A, Imports B, Imports C stand for 1 products each" in importer()["gap"]


def test_a_board_inside_a_box_is_one_unit_with_its_user(house, load):
    """WO-2-2 is inside WO-2-1, which went to Sweden; WO-2-3 went to Denmark: one each."""
    from asbuilt.answers.cases.reporting.coordinator import coordinators_told

    inside = {
        "parent_serial": "WO-2-1",
        "child_serial": "WO-2-2",
        "position": "1",
        "happened_at": "2026-02-03T08:00:00Z",
    }
    sent = [{**OUTSIDE["shipments"][0], "shipment": f"SH-{country}", "country": country, "first_serial": serial, "last_serial": serial} for country, serial in (("SE", "WO-2-1"), ("DK", "WO-2-3"))]  # fmt: skip
    load({"parties": OUTSIDE["parties"], "assemblies": [inside], "shipments": sent}, "boxes")
    users = coordinators_told(house, "HAL")["record"]["rules"][-1]
    assert [(one["name"], one["count"]) for one in users["counted"]] == [("DK", 1), ("SE", 1)]
    assert not users["decides"] and "DK, SE have as many." in users["gap"]


def test_of_a_maker_in_the_union_no_rule_of_those_outside_decides_and_a_draft_says_so(house):
    from asbuilt.answers.cases.handling.actions import opening, saying
    from asbuilt.answers.cases.reporting.coordinator import determine

    case = opening.open_case(house, kind="aev", title="Overflow")
    saying.add_product(house, case=case, product="OWN-1")
    saying.state_moment(house, case=case, moment="aware_at", at=AT, why="seen")
    said = {"manufacturer": "OW", "csirt": "CERT", "why": "w", "not_before": "w"}
    determine(house, **said, rule="importer", through="ALP")
    gaps = report(house, case, **AEV)["gaps"]
    assert any("Coordinator CSIRT: By parties.csv it is in DE" in gap for gap in gaps)


def printed(code: str) -> str:
    """`asbuilt case show` as a person reads it on the terminal."""
    shown = subprocess.run(
        [Path(sys.executable).with_name("asbuilt"), "case", "show", code],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout + shown.stderr


def test_months_of_a_manufacturer_end_in_the_zone_of_its_own_coordinator(house, seen, at_noon):
    """The notification of 30 March 2027, 21:30 UTC is 23:30 in Berlin, the zone of the case, and 00:30 of 31 March in Helsinki. A month from
    31 March ends on 30 April, 00:30 there: 29 April, 21:30 UTC, a day before what Berlin and UTC say (reference/cra.md, section 4.6)."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.handling.case_file import as_of
    from asbuilt.answers.cases.handling.queries import case_file
    from asbuilt.answers.cases.reporting.coordinator import determine
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2027-04-01T12:00:00Z"))
    code = opening.open_case(house, kind="incident", title="Keys", zone="Europe/Berlin")
    for product in ("OWN-1", "ALP-1"):
        saying.add_product(house, case=code, product=product, role="manufacturer")
    aware = parse_instant("2027-03-28T08:00:00Z")
    for maker in ("OW", "ALP"):
        saying.state_moment(
            house, case=code, moment="aware_at", at=aware, why="seen", duty="cra.incident", manufacturer=maker
        )
        for stage in ("early_warning", "notification"):
            deciding.submit(
                house, case=code, duty="cra.incident", stage=stage, manufacturer=maker, reference="R", at=parse_instant("2027-03-30T21:30:00Z"),
                why="late by a day",
            )  # fmt: skip

    def final(maker: str) -> tuple[str | None, dict]:
        run = seen(code, "cra.incident", maker)
        return run["clocks"][2]["due_at"], run["months_end_in"]

    assert final("ALP") == ("2027-04-30T21:30:00Z", {"zone": "Europe/Berlin", "of": "case"})
    before = case_file(house, code).lines[-1].entry
    determine(
        house, manufacturer="ALP", member_state="FI", rule="main_establishment", csirt="NCSC-FI", why="decided in Espoo"
    )
    assert final("ALP") == ("2027-04-29T21:30:00Z", {"zone": "Europe/Helsinki", "of": "coordinator"})
    assert seen(code, "cra.incident", "ALP")["clocks"][2]["local"] == "2027-04-30T00:30:00+03:00"
    assert seen(code, "cra.incident", "ALP")["zone"] == {"zone": "Europe/Helsinki", "of": "coordinator"}
    table = printed(code)
    assert re.search(r"^C-1 .* Europe/Berlin$", table, re.MULTILINE)
    assert (
        "Local times are those of Europe/Helsinki, the zone of its coordinator; months end there, or in UTC where that is earlier."
        in table
    )
    assert (
        "Local times are those of Europe/Berlin, the zone of the case; months end there, or in UTC where that is earlier."
        in table
    )
    assert final("OW") == (
        "2027-04-30T21:30:00Z",
        {"zone": "Europe/Berlin", "of": "case"},
    )  # another's coordinator is not its own
    then = as_of(case_file(house, code), before)  # as it was before it was determined
    assert {run.zone_name for run in then.runs} == {"Europe/Berlin"}


def test_every_member_state_has_the_zone_of_its_coordinator():
    from zoneinfo import ZoneInfo

    from asbuilt.answers.cases.handling.coordinator_zones import zone_of_state
    from asbuilt.answers.cases.reporting.field_rules import member_states

    assert {state for state in member_states() if not zone_of_state(state)} == set() and len(member_states()) == 27
    assert [ZoneInfo(zone_of_state(state)).key for state in ("PT", "FI", "CY")] == [
        "Europe/Lisbon",
        "Europe/Helsinki",
        "Asia/Nicosia",
    ]
