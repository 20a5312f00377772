"""Every unit's country counts in a warning: codes are read where rows come in, and what the record holds otherwise is a gap."""

import pytest
from case_floor import AT, TABLES
from cast import cast, cast_home  # noqa: F401
from reporting_floor import AEV, cells, report

from asbuilt.kernel.errors import Invalid, Refused

SENT = {"shipped_at": "2026-03-01T08:00:00Z", "placed_on_market_at": ""}
PARTY = {"party": "K1", "name": "K1", "roles": "customer", "country": ""}


def sent(code: str, country: str, unit: str, to: str = "HAL") -> dict:
    return {"shipment": code, "customer": to, "country": country, "first_serial": unit, "last_serial": unit, **SENT}


def recorded(sql: str, *values) -> None:
    """A cell as it was recorded before countries were read."""
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    with write_tx(1):
        bulk.run(sql, values)


def test_greece_by_either_code_and_small_letters_reach_the_early_warning_and_austria_in_words_is_refused(house, load):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    greek = [sent("SH-1", "EL", "WO-1-1"), sent("SH-2", "at", "WO-1-2")]
    wrong = {"parties": [{**PARTY, "country": "Norge"}], "shipments": [*greek, sent("SH-3", "Austria", "WO-1-3")]}
    remedies = {"parties": "Write two letters of ISO 3166-1, such as DE.", "shipments": "Write AT."}
    for table, remedy in remedies.items():
        with pytest.raises(Invalid) as refused:
            load({table: wrong[table]}, f"bad-{table}")
        assert [(one.column, one.code, one.remedy) for one in refused.value.rows] == [
            ("country", "tables.cell_not_a_country", remedy)
        ]
    load({"shipments": greek}, "good")
    for again in (greek[::-1], [{**greek[0], "country": "GR"}]):  # known, as they were sent and as they are kept
        (taken,) = load({"shipments": again}, f"again-{len(again)}")
        assert taken.stored == 0 and taken.rows == len(again)
    code = opening.open_case(house, kind="aev", title="t")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(house, case=code, question="order:WO-1", why="w")
    found = report(house, code, **AEV)
    assert cells(found)["member_states"]["text"] == "AT, GR"
    assert not any("Member States" in gap for gap in found["gaps"])


def test_what_the_record_holds_as_no_code_is_a_gap_that_approval_asks_about(house, load):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    rows = [sent("SH-1", "DE", "WO-1-1"), sent("SH-2", "AT", "WO-1-2"), sent("SH-3", "", "WO-1-3", "K1")]
    load({"parties": [*TABLES["parties"], PARTY], "shipments": rows}, "later")
    recorded(
        "UPDATE shipping_shipment SET country = %s WHERE tenant = %s AND code = %s", "Austria", house.tenant, "SH-2"
    )
    recorded("UPDATE shipping_shipment SET country = %s WHERE tenant = %s AND code = %s", "el", house.tenant, "SH-1")
    code = opening.open_case(house, kind="aev", title="t")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(house, case=code, question="order:WO-1", why="w")
    found = report(house, code, **AEV)
    assert cells(found)["member_states"]["text"] == "GR"
    assert [gap for gap in found["gaps"] if gap.startswith("Member States")] == [
        "Member States: of 1 shipped units the record names no country.",
        "Member States: 1 units went to “Austria”, which is no country code.",
    ]
    with pytest.raises(Refused) as silent:
        approve(house, case=code, sha256=report(house, code, **AEV)["sha256"], **AEV)
    assert silent.value.code == "cases.states_open" and "Of 2 units" in silent.value.message
    fill(house, case=code, texts={"member_states": "AT, GR"}, why="asked K1: it sits in AT", **AEV)
    read = report(house, code, **AEV)
    assert approve(house, case=code, sha256=read["sha256"], **AEV) == read["sha256"]


def test_a_member_state_that_comes_to_light_after_the_early_warning_is_not_lost_in_what_the_notification_copies(
    house, load
):
    """The warning named Germany; a wider answer finds a unit in France. The copied field stays as submitted, says so, and asks before approval."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.reporting.actions.submitting import submit_report
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    load({"shipments": [sent("SH-1", "DE", "WO-1-1"), sent("SH-2", "FR", "WO-1-2"), sent("SH-3", "NO", "WO-1-3")]})
    code = opening.open_case(house, kind="aev", title="t")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    first = deciding.freeze(house, case=code, question="unit:WO-1-1", why="w")
    fill(house, case=code, **AEV, texts={"sensitivity": "TLP:RED"}, why="w")
    warning = report(house, code, **AEV)
    assert cells(warning)["member_states"]["text"] == "DE" and not any("by now" in gap for gap in warning["gaps"])
    approve(house, case=code, **AEV, sha256=warning["sha256"], why="no version is known")
    submit_report(house, case=code, **AEV, at=AT + 1, reference="SRP-1")
    deciding.freeze(house, case=code, question="order:WO-1", why="wider", supersedes=first)
    saying.state_moment(house, case=code, moment="aware_at", at=AT - 60_000_000, why="an earlier log")
    later = {"duty": "cra.aev", "stage": "notification"}
    found = report(house, code, **later)
    assert cells(found)["member_states"]["text"] == "DE" and cells(found)["member_states"]["since"] == "DE, FR"
    told = [gap for gap in found["gaps"] if "by now" in gap]
    assert "Member States where available: submitted was “DE”, by the record it is “DE, FR” by now." in told
    assert any("2026-11-20 08:00 UTC" in gap and "2026-11-20 07:59 UTC" in gap for gap in told)
    assert "See to FR" in found["next"]
    needed = {one["field"]: "w" for one in found["fields"] if one["gap"]}
    fill(house, case=code, **later, texts=needed, why="w")
    with pytest.raises(Refused) as refused:
        approve(house, case=code, **later, sha256=report(house, code, **later)["sha256"])
    assert refused.value.code == "cases.states_missing" and refused.value.facts["member_states"] == ["FR"]
    fill(house, case=code, **later, texts={"member_states": "DE, FR"}, why="by the wider answer")
    found = report(house, code, **later)
    assert cells(found)["member_states"]["since"] is None
    approve(house, case=code, **later, sha256=found["sha256"])


def test_a_draft_that_was_begun_before_a_wider_answer_is_not_approved_without_the_member_states_of_it(house, load):
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.reporting.actions.writing import approve, draft_anew, fill

    load({"shipments": [sent("SH-1", "DE", "WO-1-1"), sent("SH-2", "FR", "WO-1-2")]})
    code = opening.open_case(house, kind="aev", title="t")
    saying.add_product(house, case=code, product="OWN-1", versions="2.3.1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    first = deciding.freeze(house, case=code, question="unit:WO-1-1", why="w")
    fill(house, case=code, **AEV, texts={"sensitivity": "TLP:RED"}, why="w")
    deciding.freeze(house, case=code, question="order:WO-1", why="wider", supersedes=first)
    with pytest.raises(Refused) as refused:
        approve(house, case=code, **AEV, sha256=report(house, code, **AEV)["sha256"])
    assert refused.value.code == "cases.states_missing"
    draft_anew(house, case=code, **AEV, why="wider")
    found = report(house, code, **AEV)
    assert cells(found)["member_states"]["text"] == "DE, FR"
    approve(house, case=code, **AEV, sha256=found["sha256"])
