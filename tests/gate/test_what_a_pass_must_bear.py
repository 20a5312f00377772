"""A PASS alone opens nothing: what its values say, what was done to the unit since, and whose plan it was. Expected by hand."""

import json
from hashlib import sha256

import pytest
from shipping_floor import at, finished, loaded, plan, run, step

from asbuilt.kernel.errors import Refused


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def measured(serial: str, said, **more) -> dict:
    return {**run(serial, **more), "measurements": json.dumps(said)}


def approved(name: str, product: str, revisions: list[str], unit: str = "V") -> tuple[dict, dict]:
    """Rows of a plan with one step `v` of 3.2 to 3.4 in that unit, and of its approval."""
    said = json.loads(plan(name=name, product=product))
    said["revisions"], said["steps"][0]["unit"] = revisions, unit
    document = json.dumps(said, separators=(",", ":"), sort_keys=True)
    return (
        {"plan": name, "version": "2", "product": product, "document": document, "changes": "", "operator": "045", "happened_at": at(1)},
        {"plan": name, "version": "2", "sha256": sha256(document.encode()).hexdigest(), "decision": "approved", "reason": "",
         "operator": "046", "decided_at": at(1)},
    )  # fmt: skip


def test_a_pass_that_its_own_values_contradict_lets_nothing_go(load, actor, codes):
    """28,300 ohms against 28.2 kilohms by another name: 3,410 mV are 3.41 V."""
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.shipping.actions.packing import open_container

    rows = finished(9)
    rows["tests"] = [
        measured("S0000", {"v": {"value": 3410, "units": "mV"}}),
        measured("S0001", {"v": {"value": 3390, "units": "mV"}}),
        measured("S0002", {}),
        measured("S0003", {"v": {"value": 3.3, "units": "A"}}),
        measured("S0004", {"v": {"value": 3.3, "result": "fail"}}),
        measured("S0005", {"v": {"value": 3.4}}),  # the limit itself is inside
        measured("S0006", {"v": {"value": 3.4000001}}),
        measured("S0007", {"Power/v": {"value": 9.9}}),
        measured("S0008", {"v": {"value": 9.9}, "v~2": {"value": 3.3}}),  # the last try counts
    ]
    load(rows)
    wrong = ("S0000", "S0002", "S0003", "S0004", "S0006", "S0007")
    assert {name: codes(name) for name in (f"S{n:04d}" for n in range(9))} == {
        f"S{n:04d}": {"test_in_doubt"} if f"S{n:04d}" in wrong else set() for n in range(9)
    }
    box = open_container(actor, kind="box").container.code
    with pytest.raises(Refused) as refusal:
        put_in(actor, container=box, codes=["S0000"])
    assert "v 3410 mV is outside of 3.2 to 3.4 V" in refusal.value.message and refusal.value.remedy


def test_a_false_call_that_a_person_rejected_is_no_failed_step(load, codes):
    rows = finished(2)
    said = json.loads(plan(name="AOI"))
    said["steps"] = [
        {**said["steps"][0], "name": "TOP", "kind": "verdict", "comparison": "LOG", "low": "", "high": "", "unit": ""}
    ]
    document = json.dumps(said, separators=(",", ":"), sort_keys=True)
    proposal, decision = approved("AOI", "board", ["A"])
    rows["test_plans"].append({**proposal, "document": document})
    rows["test_plan_approvals"].append({**decision, "sha256": sha256(document.encode()).hexdigest()})
    for serial, verification in (("S0000", "DefectRejected"), ("S0001", "DefectConfirmed")):
        found = {
            "TOP": {"result": "fail"},
            "defects": [{"code": "BRIDGE", "inspection": "TOP", "verification": verification}],
        }
        rows["tests"].append(measured(serial, found, plan="AOI"))
    load(rows)
    assert (codes("S0000"), codes("S0001")) == (set(), {"test_in_doubt"})


def test_a_pass_with_a_defect_that_a_person_confirmed_is_in_doubt(load, codes, actor):
    """The machine says PASS of all three; a person confirmed the bridge, repaired it and nobody looked since, repaired it and it was confirmed."""
    from asbuilt.questions.genealogy.seen.tests import test_history

    rows = finished(3)
    rows["tests"] = []
    for serial, word in (("S0000", "DefectConfirmed"), ("S0001", "DefectRepaired"), ("S0002", "DefectClosed")):
        found = {"v": 3.3, "defects": [{"code": "BRIDGE", "at": "U1", "inspection": "TOP", "verification": word}]}
        rows["tests"].append(measured(serial, found))
    load(rows)
    assert [codes(f"S000{n}") for n in range(3)] == [{"test_in_doubt"}, {"test_in_doubt"}, set()]
    told = [[(one.code, one.about) for one in test_history(actor, f"S000{n}").runs[-1].doubts] for n in range(3)]
    assert told == [[("defect_confirmed", "BRIDGE U1")], [("defect_confirmed", "BRIDGE U1")], []]


def test_a_run_that_names_no_version_is_of_the_one_in_force_when_it_began(load, codes):
    rows = finished(2)
    rows["tests"] = [run("S0000", version=""), {**run("S0001", version=""), "started_at": "2026-02-01T08:00:00Z"}]
    rows["programming"] = [{**loaded(name), "happened_at": "2026-01-01T08:00:00Z"} for name in ("S0000", "S0001")]
    load(rows)
    assert codes("S0000") == set()
    assert codes("S0001") >= {"test_version"}


def test_whoever_failed_a_plan_for_others_stays(load, codes):
    """A plan of another revision, and one of another product: in force, not required of these boards, and failed by two of them."""
    rows = finished(3)
    rows["bom"].append({**rows["bom"][0], "revision": "B"})
    for name, product, revisions in (("LATER", "board", ["B"]), ("OTHERS", "house", [])):
        proposal, decision = approved(name, product, revisions)
        rows["test_plans"].append(proposal)
        rows["test_plan_approvals"].append(decision)
    rows["tests"] += [
        run("S0000", plan="LATER", outcome="fail", day=6),
        run("S0001", plan="OTHERS", outcome="fail", day=6),
    ]
    load(rows)
    assert (codes("S0000"), codes("S0001"), codes("S0002")) == ({"test_failed"}, {"test_failed"}, set())


def test_a_programming_that_failed_last_leaves_nobody_knows_what(load, codes):
    """Power went while a good unit was written again: what it passed before is no more."""
    rows = finished(3)
    rows["programming"] += [
        {**loaded("S0000", day=6), "result": "fail"},
        {**loaded("S0001", day=6), "result": "aborted"},
        {**loaded("S0002", day=3), "result": "fail"},  # and then it passed
    ]
    load(rows)
    assert (codes("S0000"), codes("S0001"), codes("S0002")) == ({"firmware_failed"}, {"firmware_failed"}, set())


def test_whatever_repaired_a_unit_asks_for_its_tests_again(load, actor, codes):
    """A repair that a file or machine tells of, and one of a return: not only parts that were replaced."""
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.answers.gate.returning import receive_returns, record_return
    from asbuilt.built.shipping.actions.packing import open_container

    rows = finished(4)
    repair = {
        **step("S0000", "S0000", "REPAIR", day=6),
        "readings": json.dumps({"repair1": {"name": "touch up", "at": "R1"}}),
    }
    rows["processes"] += [
        repair,
        {**repair, "first_serial": "S0001", "last_serial": "S0001"},
        step("S0003", "S0003", "WASH", day=6),
    ]
    rows["tests"].append(run("S0001", day=7))
    load(rows)
    assert (codes("S0000"), codes("S0001"), codes("S0003")) == ({"test_before_rework"}, set(), set())
    shipment = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
    put_in(actor, container=shipment, codes=["S0002"])
    ship(actor, shipment=shipment)
    receive_returns(actor, codes=["S0002"])
    assert codes("S0002") == {"return_open"}
    record_return(actor, code="S0002", event="repaired", said="connector resoldered")
    assert codes("S0002") == {"test_before_rework"}


def test_a_disposition_to_rework_asks_for_tests_from_its_approval_on(load, actor, codes):
    rows = finished(3)
    common = {"nonconformity": "NCR-1", "operator": "045"}
    rows["nonconformities"] = [
        {**common, "source": "inspection", "severity": "major", "product": "board", "defect": "", "party": "", "question": "",
         "description": "void", "raised_at": at(6)}
    ]  # fmt: skip
    rows["nonconformity_units"] = [
        {
            **common,
            "order": "WO",
            "first_serial": name,
            "last_serial": name,
            "disposition": disposition,
            "stated_at": at(6),
        }
        for name, code in (("S0000", "D-1"), ("S0001", "D-1"), ("S0002", "D-2"))
        for disposition in ("", code)
    ]
    rows["dispositions"] = [
        {**common, "disposition": code, "step": done, "decision": decision, "reason": "so", "party": "", "file": "", "sha256": "",
         "operator": person, "decided_at": at(6, hour)}
        for code, decision in (("D-1", "rework"), ("D-2", "use_as_is"))
        for done, hour, person in (("proposed", 9, "045"), ("approved", 10, "046"), ("carried_out", 20, "045"))
    ]  # fmt: skip
    rows["tests"].append(run("S0001", day=6, hour=15))
    load(rows)
    assert (codes("S0000"), codes("S0001"), codes("S0002")) == ({"test_before_rework"}, set(), set())
    # an approval taken back from the record makes nothing good: open again, and what was reworked was reworked
    from asbuilt.built.exchange.intakes import INTAKES
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.storage import reading

    sql = (
        "SELECT f.fact FROM ledger_fact_index f JOIN quality_disposition d ON d.tenant = f.tenant AND d.entry = f.entry "
        "AND d.\"row\" = f.\"row\" WHERE f.tenant = %s AND f.shape = %s AND d.disposition = 'D-1' AND d.step = 'approved'"
    )
    fact = bytes(reading.fetch_one(sql, (actor.tenant, INTAKES["dispositions"].shape.code))[0]).hex()
    withdraw_facts(actor, [Withdraw(fact, "wrong", "046", 1)])
    assert (codes("S0000"), codes("S0001")) == (
        {"test_before_rework", "nonconformity"},
        {"nonconformity", "test_before_rework"},
    )
    assert codes("S0002") == set()


def test_a_mark_that_has_to_be_read_back_is_asked_for_at_the_packers_scan_too(load, actor, codes):
    from asbuilt.built.production.actions.marks import read_mark
    from asbuilt.designed.catalog.actions import set_mark_rule

    load(finished(2))
    set_mark_rule(actor, product="board", content="plain", read_back="BOXING")
    assert codes("S0000") == {"mark_not_read"} == codes("S0001")
    read_mark(actor, unit="S0000", read="S0000")
    with pytest.raises(Refused):
        read_mark(actor, unit="S0001", read="S0000")
    assert (codes("S0000"), codes("S0001")) == (set(), {"mark_not_read"})


def test_a_machine_at_the_packing_step_is_told_everything_that_is_missing(load, actor):
    from asbuilt.answers.gate.validating import REQUEST, validate_units
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.formats.cfx.envelope import read_envelope

    rows = finished(1)
    rows["tests"], rows["programming"] = [], [loaded("S0000", "1.0.0")]
    load(rows)
    name_machine(actor, handle="Packer.1", machine="Packer", step="PACK")
    asked = {"MessageName": REQUEST, "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z", "UniqueID": "u", "Source": "Packer.1",
             "MessageBody": {"PrimaryIdentifier": "S0000", "Units": []}}  # fmt: skip
    said = validate_units(actor, read_envelope(json.dumps(asked).encode()))["PrimaryResult"]
    assert said["Result"] == "Failed" and "FCT 2 is not recorded" in said["Message"]
    assert "another firmware than" in said["Message"] and "PACK" not in said["Message"]


def test_a_pass_of_a_day_that_has_not_come_hides_no_failure(load, codes):
    rows = finished(2)
    later = {"started_at": "2099-01-01T08:00:00Z", "finished_at": "2099-01-01T08:00:00Z"}
    rows["tests"] = [{**run("S0000"), **later}, run("S0000", outcome="fail", day=6), {**run("S0001"), **later}]
    load(rows)
    assert (codes("S0000"), codes("S0001")) == ({"test_failed"}, {"test_missing"})


def test_what_is_to_be_scrapped_stays_though_its_nonconformity_is_closed(load, actor, codes):
    """The board's word that it was scrapped is no scrapping: nobody took the unit away."""
    from asbuilt.answers.gate.reworking import scrap

    rows = finished(3)
    common = {"nonconformity": "NCR-1", "operator": "045"}
    rows["nonconformities"] = [
        {**common, "source": "inspection", "severity": "major", "product": "board", "defect": "", "party": "", "question": "",
         "description": "burnt", "raised_at": at(6)}
    ]  # fmt: skip
    rows["nonconformity_units"] = [
        {
            **common,
            "order": "WO",
            "first_serial": name,
            "last_serial": name,
            "disposition": disposition,
            "stated_at": at(6),
        }
        for name, code in (("S0000", "D-1"), ("S0001", "D-1"), ("S0002", "D-2"))
        for disposition in ("", code)
    ]
    rows["dispositions"] = [
        {**common, "disposition": code, "step": done, "decision": decision, "reason": "so", "party": "", "file": "", "sha256": "",
         "operator": person, "decided_at": at(6, hour)}
        for code, decision in (("D-1", "scrap"), ("D-2", "use_as_is"))
        for done, hour, person in (("proposed", 9, "045"), ("approved", 10, "046"), ("carried_out", 11, "045"))
    ]  # fmt: skip
    rows["nonconformity_states"] = [
        {**common, "state": "closed", "hold": "", "reason": "done", "decided_at": at(6, 12)}
    ]
    load(rows)
    assert (codes("S0000"), codes("S0002")) == ({"to_be_scrapped"}, set())
    scrap(actor, code="S0001", reason="burnt")
    assert codes("S0001") == {"scrapped", "to_be_scrapped"}
