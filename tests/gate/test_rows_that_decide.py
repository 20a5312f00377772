"""Nobody decides by a table what he may not decide by its verb: rows come in, go and are corrected with the right of the verb alone."""

import csv
from hashlib import sha256

import pytest
from shipping_floor import at, finished, material, plan, run

from asbuilt.kernel.errors import Invalid, NotAllowed, Refused

V3 = plan("3")
DECIDED = {"sha256": sha256(plan().encode()).hexdigest(), "plan": "FCT", "version": "2", "decided_at": at(9)}
APPROVAL = {"plan": "FCT", "version": "3", "sha256": sha256(V3.encode()).hexdigest(), "decision": "approved", "reason": "",
            "operator": "047", "decided_at": at(10)}  # fmt: skip
PROPOSAL = {
    "plan": "FCT",
    "version": "3",
    "product": "board",
    "document": V3,
    "changes": "c",
    "operator": "045",
    "happened_at": at(9),
}


@pytest.fixture
def floor(load):
    rows = finished(3)
    rows["materials"] = [
        material("S0000", "S0000", "OK"),
        material("S0001", "S0001", "BAD"),
        material("S0002", "S0002", "OK"),
    ]
    load(rows)


@pytest.fixture
def people(floor, actor):
    from asbuilt.access.actor import person_actor

    roles = {"eng": "engineer", "lead": "quality_lead", "lead2": "quality_lead"}
    return {
        name: person_actor(actor.tenant, 500 + n, frozenset({role}), None)
        for n, (name, role) in enumerate(roles.items())
    }


@pytest.fixture
def put(tmp_path):
    """put(who, "statuses", {...}) imports the rows; returns what was stored."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.formats.tables import TABLES

    def given(who, table, *rows):
        place = tmp_path / f"{table}{len(list(tmp_path.iterdir()))}"
        place.mkdir()
        with open(place / f"{table}.csv", "w", newline="") as file:
            out = csv.DictWriter(file, TABLES[table].columns, restval="")
            out.writeheader()
            out.writerows(rows)
        return import_folder(who, place)[0].stored

    return given


@pytest.fixture
def refused(put):
    """refused(who, table, rows...) -> (line, column, code) of each row; each says what to do."""

    def given(who, table, *rows):
        with pytest.raises(Invalid) as refusal:
            put(who, table, *rows)
        assert all(row.remedy and row.reason for row in refusal.value.rows)
        return [(row.line, row.column, row.code) for row in refusal.value.rows]

    return given


@pytest.fixture
def last_fact(actor):
    """last_fact("holds") -> the id of the row recorded last, or of another of its file, counted as Python counts."""
    from asbuilt.built.exchange.intakes import INTAKES
    from asbuilt.storage import reading

    sql = "SELECT fact_ids FROM ledger_segment WHERE tenant = %s AND shape = %s ORDER BY entry DESC, first_row DESC LIMIT 1"

    def given(table, row=-1):
        ids = bytes(reading.fetch_one(sql, (actor.tenant, INTAKES[table].shape.name))[0]).hex()
        return [ids[at : at + 16] for at in range(0, len(ids), 16)][row]

    return given


@pytest.fixture
def codes(actor):
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def test_an_engineer_opens_no_gate_by_a_table(people, put, refused, codes, actor, last_fact):
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    eng, lead = people["eng"], people["lead"]
    held = hold(actor, units=["S0000"], reason="look")
    lift = {"hold": held, "action": "lift", "reason": "ok", "person": "045", "decided_at": "2027-06-01T08:00:00Z"}
    release = {"package": "BAD", "status": "released", "reason": "ok", "operator": "045", "happened_at": at(9)}
    withdrawn = {**DECIDED, "decision": "withdrawn", "reason": "x", "operator": "045"}
    own = {"product": "", "party": "BRAND", "role": "own", "operator": "", "happened_at": at(9)}
    granted = {"person": "045", "qualification": "IPC-A-610", "operator": "045", "granted_at": at(9)}
    needs_right = "exchange.row_needs_right"
    assert refused(eng, "holds", lift) == [(2, "action", needs_right)]
    assert refused(eng, "statuses", {**release, "status": "quarantine"}, release) == [(3, "status", needs_right)]
    assert refused(eng, "test_plan_approvals", withdrawn) == [(2, "plan", needs_right)]
    assert refused(eng, "product_roles", own) == [(2, "product", needs_right)]
    assert refused(eng, "qualifications", granted) == [(2, "person", needs_right)]
    assert (codes("S0000"), codes("S0001")) == ({"held"}, {"quarantine"})
    # what he may say by a verb he may say by a table
    assert put(eng, "statuses", {**release, "package": "OK", "status": "quarantine"}) == 1
    assert codes("S0002") == {"quarantine"}
    # nor by taking the row back that stopped it, nor by correcting it
    for table in ("holds", "statuses", "test_plan_approvals"):
        with pytest.raises(NotAllowed) as refusal:
            withdraw_facts(eng, [Withdraw(last_fact(table), "wrong", "045", 1)])
        assert refusal.value.code == needs_right and refusal.value.remedy
        row = {"fact": last_fact(table), "action": "withdraw", "reason": "r", "person": "045", "decided_at": at(9)}
        assert refused(eng, "corrections", row) == [(2, "fact", needs_right)]
    with pytest.raises(NotAllowed):
        correct_fact(eng, last_fact("statuses"), {"status": "released"}, reason="r", person="045", decided_at=1)
    assert codes("S0002") == {"quarantine"}
    # whoever may decide decides by either
    assert put(lead, "statuses", release, {**release, "package": "OK", "happened_at": at(11)}) == 2
    assert put(lead, "holds", lift) == 1
    assert [codes(f"S000{n}") for n in range(3)] == [set(), set(), set()]
    # what is recorded decides nothing anew
    assert put(eng, "statuses", release) == 0 == put(eng, "holds", lift)


def test_nobody_approves_by_a_table_what_he_recorded(people, put, refused, codes, actor):
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan

    eng, lead, lead2 = (people[name] for name in ("eng", "lead", "lead2"))
    second = [(2, "decision", "exchange.row_needs_second_person")]
    assert put(lead, "test_plans", PROPOSAL) == 1
    assert refused(lead, "test_plan_approvals", APPROVAL) == second  # another badge in the cell is no other person
    assert refused(eng, "test_plan_approvals", APPROVAL) == [(2, "plan", "exchange.row_needs_right")]
    assert refused(lead2, "test_plan_approvals", {**APPROVAL, "operator": "045"}) == second
    with pytest.raises(Refused):
        decide_test_plan(lead, plan="FCT", version="3", decision="approved")
    assert codes("S0000") == set()
    assert put(lead2, "test_plan_approvals", APPROVAL) == 1
    assert codes("S0000") == {"test_version"}
    row = {"nonconformity": "NCR-9", "disposition": "D-1", "decision": "use_as_is", "reason": "r", "operator": "045"}
    told = {
        "nonconformity": "NCR-9",
        "source": "test",
        "severity": "major",
        "product": "board",
        "description": "void",
        "raised_at": at(9),
    }
    steps = [
        {**row, "step": "proposed", "decided_at": at(9)},
        {**row, "step": "approved", "operator": "046", "decided_at": at(10)},
    ]
    assert put(eng, "nonconformities", told) == 1
    assert refused(eng, "dispositions", *steps) == [(3, "step", "exchange.row_needs_second_person")]
    assert put(eng, "dispositions", steps[0]) == 1
    assert refused(eng, "dispositions", steps[1]) == [(2, "step", "exchange.row_needs_second_person")]
    assert put(lead, "dispositions", steps[1]) == 1


def test_a_hold_names_who_lifts_it_for_tables_too(people, refused, codes, actor):
    from asbuilt.answers.register.holds import hold

    held = hold(actor, units=["S0000"], reason="key leaked", lifted_by="psirt")
    lift = {"hold": held, "action": "lift", "reason": "ok", "person": "045", "decided_at": "2027-06-01T08:00:00Z"}
    assert refused(people["lead"], "holds", lift) == [(2, "hold", "production.hold_lifter_other")]
    assert codes("S0000") == {"held"}


def test_what_stopped_units_is_not_taken_back_with_the_right_to_withdraw_alone(people, codes, actor, last_fact):
    """A lot's status corrected, a step of the route withdrawn, a unit taken out of a nonconformity: each opened the gate to an engineer."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.intakes import INTAKES
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.storage import reading

    assert codes("S0001") == {"quarantine"}
    sql = (
        "SELECT f.fact FROM ledger_fact_index f JOIN supply_package p ON p.tenant = f.tenant AND p.entry = f.entry "
        'AND p."row" = f."row" WHERE f.tenant = %s AND f.shape = %s AND p.code = %s'
    )
    lot = bytes(reading.fetch_one(sql, (actor.tenant, INTAKES["lots"].shape.code, "BAD"))[0]).hex()
    with pytest.raises(NotAllowed) as refusal:
        correct_fact(people["eng"], lot, {"status": "released"}, reason="typo", person="045", decided_at=1)
    assert refusal.value.code == "exchange.row_needs_right"
    with pytest.raises(NotAllowed) as refusal:
        withdraw_facts(people["eng"], [Withdraw(last_fact("routings"), "wrong", "045", 1)])
    assert refusal.value.code == "exchange.row_needs_right" and codes("S0001") == {"quarantine"}
    correct_fact(people["lead"], lot, {"status": "released"}, reason="typo", person="045", decided_at=1)
    assert codes("S0001") == set()


def test_a_failure_is_not_taken_back_by_whoever_tests(people, load, actor, codes, last_fact):
    """The story: an engineer alone withdrew the failed run, or took the unit out of its nonconformity, and the pass before shipped it."""
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.built.quality.actions.nonconformities import raise_nonconformity
    from asbuilt.ledger.facts import fact_id, facts_of_units
    from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of

    load({"tests": [run("S0000", outcome="fail", hour=10)]}, "failed")
    unit = unit_of(view_of(actor), "S0000")
    row = [one for one in facts_of_units(actor.tenant, unit, unit + 1) if "test" in one.shape][-1]
    failed = fact_id(actor.tenant, row.entry, row.shape, row.row)
    assert codes("S0000") == {"test_failed"}
    for take_back in (
        lambda who: withdraw_facts(who, [Withdraw(failed, "wrong unit", "045", 1)]),
        lambda who: correct_fact(who, failed, {"outcome": "pass"}, reason="typo", person="045", decided_at=1),
    ):
        with pytest.raises(NotAllowed) as refusal:
            take_back(people["eng"])
        assert refusal.value.code == "exchange.row_needs_right" and codes("S0000") == {"test_failed"}
    withdraw_facts(people["lead"], [Withdraw(failed, "wrong unit", "045", 1)])
    assert codes("S0000") == set()
    other = unit_of(view_of(actor), "S0002")
    raise_nonconformity(
        people["eng"], description="bent lead", source="inspection", severity="major", spans=[(other, other + 1)]
    )
    for table in ("nonconformity_units", "nonconformities"):
        with pytest.raises(NotAllowed) as refusal:
            withdraw_facts(people["eng"], [Withdraw(last_fact(table), "wrong", "045", 1)])
        assert refusal.value.code == "exchange.row_needs_right"
    assert codes("S0002") == {"nonconformity"}


def test_a_rework_a_failed_programming_and_a_scrapped_unit_are_not_taken_back_by_whoever_records(
    people, load, actor, codes, last_fact
):
    """The story: an engineer withdrew the rework, or the failed programming, and the test of before shipped the unit; or said that a scrapped
    unit was built."""
    from shipping_floor import loaded

    from asbuilt.answers.gate import reworking
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    replaced = {
        "serial": "S0000",
        "refdes": "R1",
        "removed_package": "OK",
        "installed_package": "OK",
        "operator": "1",
        "reason": "r",
    }
    read = {"serial": "S0000", "read": "?", "result": "wrong", "station": "", "operator": "", "happened_at": at(6)}
    for table, row, stop in (
        ("replacements", {**replaced, "happened_at": at(6)}, "test_before_rework"),
        ("programming", {**loaded("S0000", day=6), "result": "fail"}, "firmware_failed"),
        ("mark_readings", read, ""),
    ):
        load({table: [row]}, table)
        stopped = codes("S0000")
        assert stopped == ({stop} if stop else set())
        with pytest.raises(NotAllowed) as refusal:
            withdraw_facts(people["eng"], [Withdraw(last_fact(table), "wrong unit", "045", 1)])
        assert refusal.value.code == "exchange.row_needs_right" and codes("S0000") == stopped
        withdraw_facts(people["lead"], [Withdraw(last_fact(table), "wrong unit", "045", 1)])
        assert codes("S0000") == set()
    load(
        {"programming": [loaded("S0000", "1.0.0", day=6)]}, "older"
    )  # it passed, and is not the firmware that is demanded
    older = codes("S0000")
    assert older == {"firmware_other", "test_before_firmware"}
    with pytest.raises(NotAllowed):
        withdraw_facts(people["eng"], [Withdraw(last_fact("programming"), "wrong unit", "045", 1)])
    assert codes("S0000") == older
    withdraw_facts(people["lead"], [Withdraw(last_fact("programming"), "wrong unit", "045", 1)])
    reworking.scrap(people["eng"], code="S0002", reason="cracked")
    with pytest.raises(NotAllowed) as refusal:
        correct_fact(people["eng"], last_fact("units"), {"state": "built"}, reason="typo", person="045", decided_at=1)
    assert refusal.value.code == "exchange.row_needs_right" and codes("S0002") == {"scrapped"}
    correct_fact(people["lead"], last_fact("units"), {"state": "built"}, reason="typo", person="045", decided_at=1)
    assert codes("S0002") == set()


def test_one_lead_alone_puts_no_older_plan_back_in_force(people, put, codes, actor, last_fact):
    """The approval of a newer plan withdrawn from the record, and the plan's row with it: units that passed by the older one left."""
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan
    from asbuilt.ledger import clock

    eng, lead, lead2 = (people[name] for name in ("eng", "lead", "lead2"))
    assert put(eng, "test_plans", PROPOSAL) == 1 == put(lead2, "test_plan_approvals", APPROVAL)
    assert codes("S0000") == {"test_version"}
    approval = last_fact("test_plan_approvals")
    withdraw_facts(lead, [Withdraw(approval, "wrong", "046", 1)])
    assert codes("S0000") == {"test_plan_withdrawn"}
    withdraw_facts(lead, [Withdraw(last_fact("test_plans"), "wrong", "046", 1)])
    assert codes("S0000") == {"test_plan_withdrawn"}
    # the older one is approved anew by somebody who did not write it; then it is asked for again
    found = decide_test_plan(lead, plan="FCT", version="2", decision="approved")
    assert found.approval(clock.now()) and codes("S0000") == set()


def test_one_lead_alone_takes_no_manufacturer_its_say(people, put, refused, codes, actor, last_fact):
    """A lead named his own house as the manufacturer, and two people of the house let go what BRAND has to agree to."""
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.built.quality.concessions import concessions
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    lead, lead2 = people["lead"], people["lead2"]
    who = person_actor(actor.tenant, 600, frozenset({"quality_lead", "administrator"}), None)
    needs = [(2, "product", "exchange.row_needs_right")]
    ours = {"product": "board", "party": "EMS", "role": "manufacturer", "operator": "", "happened_at": at(9)}
    named = {"product": "", "party": "BRAND", "role": "own", "operator": "", "happened_at": at(9)}
    assert refused(lead, "product_roles", ours) == needs == refused(lead, "product_roles", named)
    for change in (
        lambda fact: withdraw_facts(lead, [Withdraw(fact, "wrong", "046", 1)]),
        lambda fact: correct_fact(lead, fact, {"party": "EMS"}, reason="typo", person="046", decided_at=1),
    ):
        with pytest.raises(NotAllowed) as refusal:
            change(last_fact("product_roles", row=1))  # BRAND's, between the house's own two
        assert refusal.value.code == "exchange.row_needs_right" and refusal.value.remedy
    # what nobody said yet a lead may say, and is then none of the two who agree
    new = {**ours, "product": "fresh", "party": "EMS"}
    assert put(lead, "product_roles", new) == 1
    assert refused(lead, "product_roles", {**new, "party": "BRAND", "happened_at": at(10)}) == needs
    assert put(who, "product_roles", ours) == 1
    until = parse_instant("2099-01-01T00:00:00Z")
    code, *_ = propose_concession(lead2, codes=["S0000"], allows="test_version", reason="r", until_at=until)
    approve_concession(who, concession=code)
    (found,) = concessions(actor.tenant, [code])
    assert [one.code for one in found.missing(actor.tenant, ["board"], clock.now())] == [
        "quality.manufacturer_third_person"
    ]
    approve_concession(lead, concession=code)
    (found,) = concessions(actor.tenant, [code])
    assert found.missing(actor.tenant, ["board"], clock.now()) == []


def test_an_approval_whose_time_is_corrected_holds(people, put, codes, actor, last_fact):
    from asbuilt.built.exchange.correcting import correct_fact

    eng, lead, lead2 = (people[name] for name in ("eng", "lead", "lead2"))
    assert put(eng, "test_plans", PROPOSAL) == 1 == put(lead2, "test_plan_approvals", APPROVAL)
    correct_fact(
        lead, last_fact("test_plan_approvals"), {"decided_at": at(9)}, reason="typo", person="046", decided_at=1
    )
    assert codes("S0000") == {"test_version"}
