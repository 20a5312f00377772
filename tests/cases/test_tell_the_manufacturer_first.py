"""A contract manufacturer tells the brand owner first: the brand owner's customers are told only after it, and with how it agreed."""

import pytest
from case_floor import AT, TABLES
from cast import cast, cast_home  # noqa: F401
from notice_floor import WORDS, contacts, shipment

from asbuilt.kernel.errors import Refused


@pytest.fixture
def case(actor, load):
    """Ostwerk built WO-2 for Halden; one board went to Halden, two straight to Alpina, Halden's customer."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    sent = [shipment("SH-1", "HAL", "WO-2-1", "WO-2-1"), shipment("SH-2", "ALP", "WO-2-2", "WO-2-3")]
    load({**TABLES, "shipments": sent})
    code = opening.open_case(actor, kind="quality", title="Wrong reflow profile")
    saying.add_product(actor, case=code, product="HAL-1")
    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="seen")
    deciding.freeze(actor, case=code, question="product:HAL-1", why="w")
    return code


def drafted(actor, case: str, **said) -> str:
    from asbuilt.answers.cases.telling.actions.writing import draft_notice, review_notice

    code = draft_notice(actor, case=case, texts=WORDS, **said)
    review_notice(actor, notice=code, version=1)
    return code


def test_the_brand_owner_is_told_first_and_its_customers_after_it_agreed(actor, case):
    from asbuilt.answers.cases.telling.actions.acknowledging import tell_otherwise
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.ledger import clock

    contacts(actor, ALP="psirt@alpina.example")
    users = drafted(actor, case, kind="users")
    seen = notice_seen(actor, users)
    assert [one["party"] for one in seen["recipients"]] == ["HAL", "ALP"] and seen["asks_agreement"]
    assert "Halden is the manufacturer of HAL-1: tell it first." in seen["gaps"]
    with pytest.raises(Refused) as first:
        send_notice(actor, notice=users, version=1, why="they have to know")
    assert first.value.code == "cases.notice_manufacturer_first" and first.value.facts["manufacturers"] == ["HAL"]
    upward = drafted(actor, case)  # without a word whom: the manufacturer first
    assert notice_seen(actor, upward)["kind"] == "upward" and not notice_seen(actor, upward)["asks_agreement"]
    send_notice(actor, notice=upward, version=1)
    with pytest.raises(Refused) as unreached:  # Halden has no address: nothing reached it
        send_notice(actor, notice=users, version=1, why="w")
    assert unreached.value.code == "cases.notice_manufacturer_first"
    tell_otherwise(actor, notice=upward, customer="HAL", means="phone", at=clock.now(), why="spoke with Ms Berg")
    assert "Halden is the manufacturer of HAL-1 and was told: say how it agreed." in notice_seen(actor, users)["gaps"]
    with pytest.raises(Refused) as silent:
        send_notice(actor, notice=users, version=1)
    assert silent.value.code == "cases.notice_not_ours"
    assert notice_seen(actor, drafted(actor, case))["kind"] == "users"  # it knows by now
    send_notice(actor, notice=users, version=1, why="Ms Berg agreed by mail, 2026-11-20")
    line = notice_seen(actor, users)["lines"][-1]
    assert (line["why"], line["said"]["agreed_by"]) == ("Ms Berg agreed by mail, 2026-11-20", "HAL")


def test_the_contracts_notice_counts_as_told_and_a_manufacturer_who_holds_its_own_product_is_asked_nothing(actor, case):
    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.telling.actions.queuing import send_notice

    deciding.submit(actor, case=case, duty="contract", stage="notice", at=AT)
    send_notice(actor, notice=drafted(actor, case, kind="users"), version=1, why="agreed in the contract, 7.2")
    own = deciding.freeze(actor, case=case, question="shipment:SH-1", why="only what Halden has")
    send_notice(actor, notice=drafted(actor, case, kind="users", answer=own), version=1)


def test_a_manufacturer_is_told_of_its_units_in_boxes_of_others_too_and_not_in_whose(told, load):
    """Halden's boards were built into a box of ours and one of Alpina's: the notice named the loose one alone, and the contract's report all three."""
    from case_floor import order

    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.telling.seen import notice_seen, preview

    inside = [
        {"parent_serial": parent, "child_serial": child, "position": "", "happened_at": "2026-04-01T08:00:00Z"}
        for parent, child in (("WO-1-1", "WO-2-1"), ("WO-3-1", "WO-2-2"))
    ]
    units = [{"order": "WO-3", "serial": f"WO-3-{n}", "panel": "", "position": "", "state": "built"} for n in (1, 2, 3)]
    load({"orders": [order("WO-3", "ALP-1", "ALP")], "units": units, "assemblies": inside}, "boxes")
    code = opening.open_case(told, kind="quality", title="Oven")
    saying.add_product(told, case=code, product="HAL-1")
    deciding.freeze(told, case=code, question="product:HAL-1", why="all that ran")
    notice = drafted(told, code, kind="upward")
    of = {one["party"]: (one["certain"], one["products"]) for one in notice_seen(told, notice)["recipients"]}
    assert of == {"HAL": (3, ["HAL-1"]), "ALP": (1, ["ALP-1"])}
    halden, alpina = (preview(told, notice, party)["units_csv"].splitlines()[1:] for party in ("HAL", "ALP"))
    assert sorted(halden) == [f"HAL-1,WO-2-{n},WO-2-{n},certain,," for n in (1, 2, 3)]
    assert alpina == ["ALP-1,WO-3-1,WO-2-2,certain,,"]
