"""Field actions: units that have to be updated or taken back, what became of each, and closing when all are accounted for.

Ten units of OWN-1 run 1.0.0: SN-0 to SN-3 went to Halden, SN-4 to SN-6 to Alpina, SN-7 to SN-9 are in stock. Numbers are counted by hand.
"""

from dataclasses import replace

import pytest
from case_floor import TABLES, bom, order, role

from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import parse_instant

UNITS = [f"SN-{n}" for n in range(10)]
AT = parse_instant("2026-11-20T08:00:00Z")


def programmed(serial: str, version: str, at: str, source: str = "") -> dict:
    return {
        "serial": serial,
        "product": "OWN-1",
        "version": version,
        "result": "pass",
        "happened_at": at,
        "role": "app",
        "source": source,
    }


def release(version: str) -> dict:
    said = {"image": f"{version}.bin", "sha256": version[2] * 64, "revisions": "A", "security_relevant": "false"}
    return {"product": "OWN-1", "version": version, "role": "app", "released_at": "2026-01-01T00:00:00Z", **said}


def shipment(code: str, customer: str, country: str, first: str, last: str) -> dict:
    ends = {"first_serial": first, "last_serial": last, "product": "OWN-1"}
    return {"shipment": code, "customer": customer, "country": country, "shipped_at": "2026-03-01T08:00:00Z", **ends}


FLOOR = {
    **{name: TABLES[name] for name in ("parties", "parts")},
    "bom": [bom("OWN-1")],
    "orders": [{**order("WO-1", "OWN-1", "OW"), "quantity": "12"}],
    "units": [{"order": "WO-1", "serial": serial, "panel": "", "position": "", "state": "built"} for serial in UNITS],
    "product_roles": [role("", "OW", "own"), role("OWN-1", "OW")],
    "firmware": [release("1.0.0"), release("1.1.0")],
    "programming": [programmed(serial, "1.0.0", "2026-02-02T08:00:00Z") for serial in UNITS],
    "shipments": [shipment("S-1", "HAL", "NO", "SN-0", "SN-3"), shipment("S-2", "ALP", "AT", "SN-4", "SN-6")],
}  # fmt: skip


@pytest.fixture
def house(load, actor, at_noon):
    """The floor, at noon of 20 November, with an open case."""
    at_noon(20)
    load(FLOOR)
    from asbuilt.answers.cases.handling.actions.opening import open_case

    assert open_case(actor, kind="vulnerability", title="Overflow") == "C-1"
    return actor


def acting():
    from asbuilt.answers.cases.acting import actions

    return actions


def seen(actor, code="F-1") -> dict:
    from asbuilt.answers.cases.acting.seen import action_seen

    return action_seen(actor, code)


def standings(actor, code="F-1") -> dict[str, int]:
    return {one["standing"]: one["units"] for one in seen(actor, code)["standings"] if one["units"]}


def customers(actor) -> dict[str | None, tuple[int, int]]:
    return {one["customer"]: (one["accounted"], one["units"]) for one in seen(actor)["customers"]}


@pytest.fixture
def update(house):
    """An update of everything that runs 1.0.0."""
    said = {"question": "firmware:1.0.0", "remedy": "firmware:1.1.0", "why": "CVE-2027-1"}
    assert acting().start_action(house, case="C-1", kind="update", title="To 1.1.0", **said) == "F-1"
    return house


def test_an_update_starts_with_what_matches_and_holds_what_is_in_house(update):
    from asbuilt.answers.gate.verdicts import verdicts

    assert standings(update) == {"in_house": 3, "open": 7}
    assert customers(update) == {"Halden": (0, 4), "Alpina": (0, 3), None: (0, 3)}
    hold = seen(update)["hold"]
    assert hold and any(hold in str(stop) for stop in verdicts(update, "SN-7")[0].stops)
    assert "F-1" in [one["name"] for one in case_timeline(update) if one["kind"] == "field_action"]


def case_timeline(actor) -> list[dict]:
    from asbuilt.answers.cases.handling.seen import case_seen

    return case_seen(actor, "C-1")["timeline"]


def test_records_and_words_say_what_became_of_units_and_the_record_goes_first(update, load, at_noon):
    at_noon(22)
    load({"programming": [programmed(f"SN-{n}", "1.1.0", "2026-11-21T08:00:00Z", "field") for n in (0, 1, 7)]}, "field")
    back = {
        "serial": "SN-5",
        "rma": "RMA-9",
        "event": "received",
        "happened_at": "2026-11-21T09:00:00Z",
        "party": "ALP",
    }
    load({"returns": [back]}, "back")
    said = {"action": "F-1", "at": AT, "source": "customer"}
    acting().report_units(update, standing="updated", units=["SN-2"], why="installer's list", **said)
    acting().report_units(update, standing="found", units=["SN-4"], **said)
    acting().report_units(
        update, standing="unreachable", units=["SN-0", "SN-6"], **said
    )  # SN-0 runs 1.1.0 whatever is said
    # SN-8 and SN-9 in stock, SN-3 with nobody's word, SN-5 back
    assert standings(update) == {"updated": 4, "returned": 1, "in_house": 2, "found": 1, "unreachable": 1, "open": 1}
    assert customers(update) == {"Halden": (3, 4), "Alpina": (0, 3), None: (1, 3)}
    by_record = {one["standing"]: one["recorded"] for one in seen(update)["standings"]}
    assert by_record["updated"] == 3 and by_record["found"] == 0
    assert (
        seen(update)["reach"]["no_longer"] == 3
    )  # what was updated answers the question no more, and stays in the reach


def test_a_later_word_supersedes_an_earlier_one_and_both_stay(update):
    said = {"action": "F-1", "units": ["SN-1..SN-3"], "source": "customer"}
    acting().report_units(update, standing="unreachable", at=AT, **said)
    acting().report_units(
        update, standing="found", at=AT - 1, **said
    )  # what is said to have been before changes nothing
    assert standings(update)["unreachable"] == 3
    acting().report_units(update, standing="updated", at=AT + 1, **said)
    assert standings(update) == {"updated": 3, "in_house": 3, "open": 4}
    told = [one["name"] for one in seen(update)["timeline"] if one["kind"] == "action_reported"]
    assert told == ["unreachable", "found", "updated"]


def test_the_reach_grows_when_new_units_match_and_says_so(update, load, at_noon):
    assert acting().look_again(update, action="F-1") is None
    at_noon(23)
    more = [{"order": "WO-1", "serial": "SN-10", "panel": "", "position": "", "state": "built"}]
    load({"units": more, "programming": [programmed("SN-10", "1.0.0", "2026-11-22T08:00:00Z")]}, "more")
    from asbuilt.answers.cases.acting.following import look_at_all

    assert look_at_all(0) == 1 and look_at_all(0) == 0
    found = seen(update)
    assert [(one["at"][:10], one["units"]) for one in found["grown"]] == [("2026-11-20", 10), ("2026-11-23", 1)]
    assert [(one["at"][:10], one["accounted"], one["units"]) for one in found["curve"]] == [
        ("2026-11-20", 0, 10),
        ("2026-11-23", 0, 11),
    ]


def test_what_was_updated_in_house_leaves_the_hold(update, load):
    from asbuilt.answers.gate.verdicts import verdicts

    with pytest.raises(Refused) as nothing:
        acting().let_go(update, action="F-1", why="updated")
    assert nothing.value.code == "cases.action_none_updated"
    load({"programming": [programmed("SN-7", "1.1.0", "2026-11-20T09:00:00Z")]}, "done")
    acting().let_go(update, action="F-1", why="updated at the line")
    hold = seen(update)["hold"]
    holding = {name: any(hold in str(stop) for stop in verdicts(update, name)[0].stops) for name in ("SN-7", "SN-8")}
    assert holding == {"SN-7": False, "SN-8": True}


def test_it_closes_when_all_are_accounted_for_or_two_people_say_why_not(update):
    first, second = (replace(update, person=n, label=f"person:{n}") for n in (1, 2))
    closing = {"action": "F-1", "why": "over"}
    with pytest.raises(Refused) as refused:
        acting().close_action(second, **closing)
    assert refused.value.code == "cases.action_open" and refused.value.facts["units"] == 10
    said = {"action": "F-1", "at": AT, "source": "customer", "standing": "updated"}
    acting().report_units(update, units=["SN-0..SN-8"], **said)
    acting().justify_rest(first, action="F-1", why="lost at sea")
    for who in (first, update):
        with pytest.raises(Refused) as refused:
            acting().close_action(who, **closing)
        assert refused.value.code == "cases.action_second_person"
    acting().close_action(second, **closing)
    assert seen(update)["state"] == "closed" and seen(update)["justified"] == 1
    with pytest.raises(Refused) as refused:
        acting().report_units(update, units=["SN-9"], **said)
    assert refused.value.code == "cases.action_closed"


def test_a_rest_that_grew_since_it_was_justified_does_not_close(update, load):
    first, second = (replace(update, person=n, label=f"person:{n}") for n in (1, 2))
    acting().justify_rest(first, action="F-1", why="customers are gone")
    more = [{"order": "WO-1", "serial": "SN-10", "panel": "", "position": "", "state": "built"}]
    load({"units": more, "programming": [programmed("SN-10", "1.0.0", "2026-11-20T09:00:00Z")]}, "more")
    with pytest.raises(Refused) as refused:
        acting().close_action(second, action="F-1", why="over")
    assert refused.value.code == "cases.action_open" and refused.value.facts["units"] == 1


def test_a_recall_is_over_for_what_came_back_and_an_update_is_not(house):
    acting().start_action(
        house, case="C-1", kind="recall", title="Fire", question="order:WO-1", why="heat", hold_rest=False
    )
    said = {"action": "F-1", "at": AT, "source": "distributor"}
    acting().report_units(house, standing="returned", units=["SN-0..SN-3"], **said)
    acting().report_units(house, standing="updated", units=["SN-4"], **said)
    # ten units of twelve planned exist; three of them never left the house
    assert standings(house) == {"returned": 4, "in_house": 5, "updated": 1, "open": 2}
    assert customers(house)["Halden"] == (4, 4) and customers(house)["Alpina"] == (0, 3)


CSV = "Serial number;Status;Time;Comment\nSN-0;updated;2026-11-19T10:00:00Z;remote\nSN-1;Updated;2026-11-19T10:00:00Z;remote\nSN-6;found;2026-11-19T11:00:00Z;\n"


def test_a_file_of_a_customer_is_taken_whole_once_and_kept(update):
    taken = acting().report_file(
        update, action="F-1", content=CSV.encode(), name="july.csv", source="customer", request_key="K"
    )
    assert taken.units == 3
    again = acting().report_file(
        update, action="F-1", content=CSV.encode(), name="july.csv", source="customer", request_key="K"
    )
    assert again == taken
    assert standings(update) == {"updated": 2, "found": 1, "in_house": 3, "open": 4}
    told = [one for one in seen(update)["timeline"] if one["kind"] == "action_reported"]
    assert {(one["file"], one["source"]) for one in told} == {("july.csv", "customer")} and len(told) == 2
    from asbuilt.ledger.evidence import known_hashes

    assert known_hashes(update.tenant, [told[0]["sha256"]])


def test_every_wrong_row_of_a_file_is_named_and_nothing_is_taken(update):
    rows = ("SN-0,updated,2026-11-19T10:00:00Z", "SN-99,updated,2026-11-19T10:00:00Z", "SN-1,upgraded,2026-11-19T10:00:00Z",
            "SN-2,found,2026-11-19 10:00", "SN-3,found,2026-12-24T10:00:00Z", "SN-0,found,2026-11-19T10:00:00Z")  # fmt: skip
    content = "\n".join(("serial,state,at", *rows)).encode()
    with pytest.raises(Invalid) as wrong:
        acting().report_file(update, action="F-1", content=content, name="x.csv", source="telemetry")
    named = [(row.line, row.code.partition(".")[2]) for row in wrong.value.rows]
    assert named == [
        (3, "report_unit"),
        (4, "report_state"),
        (5, "report_time"),
        (6, "report_ahead"),
        (7, "report_twice"),
    ]
    assert standings(update) == {"in_house": 3, "open": 7}


def test_what_is_no_field_action_of_this_record_is_refused(house, update):
    with pytest.raises(NotFound):
        seen(house, "F-2")
    with pytest.raises(NotFound):
        seen(house, "C-1")
    with pytest.raises(NotFound):
        seen(replace(house, party=1))
    said = {"case": "C-1", "title": "t", "why": "w"}
    for wrong in ({"kind": "update", "question": "firmware:1.0.0"}, {"kind": "update", "question": "firmware:1.0.0", "remedy": "frmware:1"},
                  {"kind": "recall", "question": "held"}, {"kind": "erase", "question": "order:WO-1"}):  # fmt: skip
        with pytest.raises(Invalid):
            acting().start_action(house, **said, **wrong)
    with pytest.raises(Invalid) as strange:
        acting().report_units(house, action="F-1", standing="found", units=["WO-1#12"], at=AT, source="customer")
    assert strange.value.code == "cases.action_strange_unit"


def test_a_case_that_is_closed_starts_no_action_and_leaves_no_hold(house):
    from asbuilt.answers.cases.handling.actions.opening import close_case
    from asbuilt.storage import reading

    close_case(house, case="C-1", why="over")
    with pytest.raises(Refused):
        acting().start_action(house, case="C-1", kind="recall", title="t", question="order:WO-1", why="w")
    assert reading.fetch_one("SELECT count(*) FROM production_hold", ())[0] == 0


def test_a_unit_that_was_called_updated_and_was_written_the_old_way_later_is_open_again(update, load, at_noon):
    """The customer says that SN-0 to SN-2 are updated; a day later a station reads back 1.0.0 onto SN-0, and mends SN-1. SN-2 has nobody's record."""
    at_noon(22)
    acting().report_units(update, action="F-1", standing="updated", units=["SN-0..SN-2"], at=AT, source="customer")
    assert standings(update)["updated"] == 3
    later = [programmed("SN-0", "1.0.0", "2026-11-21T08:00:00Z"), programmed("SN-1", "1.1.0", "2026-11-21T08:00:00Z")]
    load({"programming": later}, "later")
    assert standings(update) == {"updated": 2, "in_house": 3, "open": 5}
    assert customers(update)["Halden"] == (2, 4)
    # who looked again and says so anew is believed again
    acting().report_units(update, action="F-1", standing="updated", units=["SN-0"], at=parse_instant("2026-11-22T08:00:00Z"), source="service")  # fmt: skip
    assert standings(update)["updated"] == 3


def test_a_record_whose_time_lies_ahead_overtakes_no_word_that_came_after_it(update, load):
    """SN-0 was written with 1.0.0 by a station whose clock is a year ahead; what the customer says today is later than that."""
    from asbuilt.ledger import clock

    load({"programming": [programmed("SN-0", "1.0.0", "2027-11-21T08:00:00Z")]}, "ahead")
    acting().report_units(update, action="F-1", standing="updated", units=["SN-0"], at=clock.now(), source="customer")
    assert standings(update)["updated"] == 1


def test_what_was_called_returned_and_left_the_house_again_is_open_again(house, load, at_noon):
    """A distributor says that SN-0 to SN-2 came back. SN-0 is sent to Alpina the day after; SN-1 was sent before that word, SN-2 never again."""
    at_noon(22)
    acting().start_action(house, case="C-1", kind="recall", title="Fire", question="order:WO-1", why="heat", hold_rest=False)  # fmt: skip
    said = {"action": "F-1", "source": "distributor"}
    acting().report_units(house, standing="returned", units=["SN-0..SN-1"], at=AT, **said)
    acting().report_units(house, standing="scrapped", units=["SN-2"], at=AT, **said)
    assert customers(house) == {"Halden": (3, 4), "Alpina": (0, 3), None: (5, 5)}
    again = {**shipment("S-3", "ALP", "AT", "SN-0", "SN-0"), "shipped_at": "2026-11-21T08:00:00Z"}
    before = {**shipment("S-4", "HAL", "NO", "SN-1", "SN-1"), "shipped_at": "2026-11-19T08:00:00Z"}
    load({"shipments": [again, before]}, "again")
    assert standings(house) == {"returned": 1, "scrapped": 1, "in_house": 5, "open": 5}
    assert customers(house) == {"Halden": (2, 3), "Alpina": (0, 4), None: (5, 5)}
    # a shipment whose time lies ahead counts as of when it was recorded: what is said the day after is later
    load(
        {"shipments": [{**shipment("S-5", "HAL", "NO", "SN-2", "SN-2"), "shipped_at": "2027-11-21T08:00:00Z"}]}, "ahead"
    )
    at_noon(23)
    acting().report_units(house, standing="scrapped", units=["SN-2"], at=parse_instant("2026-11-23T08:00:00Z"), **said)
    assert customers(house)["Halden"] == (2, 3)
    # who has it back once more is believed
    acting().report_units(house, standing="returned", units=["SN-0"], at=parse_instant("2026-11-22T08:00:00Z"), **said)
    assert customers(house)["Alpina"] == (1, 4)


def test_a_recalled_unit_that_came_back_was_mended_and_went_out_again_is_done_by_the_record_alone(house, load, at_noon):
    """SN-0 is updated here and goes to Alpina: nobody could account for it any more. A customer's word that SN-4 is updated is no return."""
    said = {"question": "order:WO-1", "remedy": "firmware:1.1.0", "why": "heat", "hold_rest": False}
    acting().start_action(house, case="C-1", kind="recall", title="Fire", **said)
    row = {"serial": "SN-0", "rma": "RMA-1", "said": "", "party": "HAL", "shipment": "", "operator": "045", "replacement_serial": "", "product": "OWN-1"}  # fmt: skip
    load({"returns": [{**row, "event": "received", "happened_at": "2026-11-18T08:00:00Z"}]}, "rma")
    acting().report_units(house, action="F-1", standing="updated", units=["SN-4"], at=AT, source="customer")
    assert standings(house) == {"returned": 1, "in_house": 5, "updated": 1, "open": 5}
    load({"programming": [programmed("SN-0", "1.1.0", "2026-11-18T09:00:00Z")]}, "new")
    again = {**shipment("S-3", "ALP", "AT", "SN-0", "SN-0"), "shipped_at": "2026-11-19T08:00:00Z"}
    load({"shipments": [again]}, "again")
    assert standings(house) == {"mended": 1, "in_house": 5, "updated": 1, "open": 5}
    assert customers(house) == {"Halden": (0, 3), "Alpina": (1, 4), None: (5, 5)}
    # the old version written again takes that back
    load({"programming": [programmed("SN-0", "1.0.0", "2026-11-19T10:00:00Z")]}, "old")
    assert "mended" not in standings(house) and customers(house)["Alpina"] == (0, 4)


def test_a_unit_that_was_replaced_and_sent_out_mended_has_to_be_updated_too(update, load, at_noon):
    """SN-9 stands for SN-0, which came back; mended it goes to Alpina with the old firmware."""
    row = {
        "serial": "SN-0",
        "rma": "RMA-1",
        "said": "",
        "party": "HAL",
        "shipment": "",
        "operator": "045",
        "replacement_serial": "",
        "product": "OWN-1",
    }
    rows = [
        {**row, "event": "received", "happened_at": "2026-11-18T08:00:00Z"},
        {**row, "event": "replaced", "replacement_serial": "SN-9", "happened_at": "2026-11-18T09:00:00Z"},
    ]  # fmt: skip
    load({"returns": rows}, "rma")
    assert standings(update)["replaced"] == 1
    load(
        {"shipments": [{**shipment("S-3", "ALP", "AT", "SN-0", "SN-0"), "shipped_at": "2026-11-19T08:00:00Z"}]},
        "mended",
    )
    assert "replaced" not in standings(update) and customers(update)["Alpina"] == (0, 4)


def test_a_serial_number_of_two_products_says_of_which_it_is(load, actor, at_noon):
    """SN-0 is a gateway of ours and a lamp of ours: a file that does not say which is refused, one that does speaks of one unit."""
    at_noon(20)
    lamp = {**order("WO-9", "LAMP-1", "OW"), "quantity": "1"}
    unit = {"order": "WO-9", "serial": "SN-0", "panel": "", "position": "", "state": "built"}
    floor = {
        **FLOOR,
        "bom": [*FLOOR["bom"], bom("LAMP-1")],
        "orders": [*FLOOR["orders"], lamp],
        "units": [*FLOOR["units"], unit],
    }
    floor["programming"], floor["shipments"] = [], [{**one, "product": "OWN-1"} for one in FLOOR["shipments"]]
    load(floor)
    from asbuilt.answers.cases.handling.actions.opening import open_case

    open_case(actor, kind="quality", title="Fire")
    acting().start_action(actor, case="C-1", kind="recall", title="Fire", question="order:WO-1 or order:WO-9", why="heat", hold_rest=False)  # fmt: skip
    row = "SN-0,returned,2026-11-19T10:00:00Z"
    with pytest.raises(Invalid) as wrong:
        acting().report_file(actor, action="F-1", content=f"serial,state,at\n{row}".encode(), name="x.csv", source="customer")  # fmt: skip
    (said,) = wrong.value.rows
    assert (said.line, said.column, said.code) == (
        2,
        "serial",
        "cases.report_several",
    ) and "LAMP-1, OWN-1" in said.reason
    content = f"serial,state,at,product\n{row},OWN-1".encode()
    assert acting().report_file(actor, action="F-1", content=content, name="x.csv", source="customer").units == 1
    assert customers(actor)["Halden"] == (1, 4)
    with pytest.raises(Invalid) as wrong:
        acting().report_file(actor, action="F-1", content=f"serial,state,at,product\n{row},TOASTER".encode(), name="y.csv", source="customer")  # fmt: skip
    assert wrong.value.rows[0].code == "cases.report_unit"


def test_two_things_said_of_a_unit_at_one_time_are_found_also_behind_a_third(update):
    rows = (
        "SN-0,found,2026-11-18T10:00:00Z",
        "SN-0,updated,2026-11-19T10:00:00Z",
        "SN-0,unreachable,2026-11-19T10:00:00Z",
    )
    content = "\n".join(("serial,state,at", *rows)).encode()
    with pytest.raises(Invalid) as wrong:
        acting().report_file(update, action="F-1", content=content, name="x.csv", source="telemetry")
    assert [(row.line, row.code) for row in wrong.value.rows] == [(4, "cases.report_twice")]


def test_the_next_step_of_a_case_is_its_open_field_action_not_its_end_and_numbers_are_of_the_language(house):
    from django.utils.translation import override

    from asbuilt.answers.cases.acting.queries import open_ends
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.handling.seen import case_seen

    code = opening.open_case(house, kind="quality", title="Profile")
    saying.add_product(house, case=code, product="OWN-1")
    deciding.freeze(house, case=code, question="unit:SN-7", why="in stock")
    assert case_seen(house, code)["next"].startswith("Close the case")
    acting().start_action(house, case=code, kind="recall", title="Heat", question="order:WO-1", why="heat", hold_rest=False)  # fmt: skip
    assert case_seen(house, code)["next"] == "Go on with F-1: 7 units left."
    with override("de"):
        assert case_seen(house, code)["next"] == "Weiter mit F-1: noch 7 Einheiten."
        assert open_ends(house.tenant, code) == {"F-1": "noch 7 Einheiten"}
    acting().justify_rest(replace(house, person=1), action="F-1", why="all scrapped by their owners")
    acting().close_action(replace(house, person=2), action="F-1", why="over")
    assert case_seen(house, code)["next"].startswith("Close the case")


def test_customers_are_told_before_the_field_action_goes_on(house):
    """Seven units of the order are with Alpina and Halden; the case asked to go on with the recall, and nobody had heard of it."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.handling.seen import case_seen

    code = opening.open_case(house, kind="quality", title="Profile")
    saying.add_product(house, case=code, product="OWN-1")
    deciding.freeze(house, case=code, question="order:WO-1", why="all")
    acting().start_action(house, case=code, kind="recall", title="Heat", question="order:WO-1", why="heat", hold_rest=False)  # fmt: skip
    assert case_seen(house, code)["next"] == "Write the notice: 2 customers hold affected units."
