"""One verdict, whoever asks: the packer's scan, the API, a machine at the packing step, a reader. What is asked of nobody is said."""

import json
from hashlib import sha256

import pytest
from shipping_floor import at, finished, material, plan_rows, run

from asbuilt.kernel.errors import Refused

FAR = 1_900_000_000_000_000


@pytest.fixture
def leaves(actor):
    """leaves("S0000") -> (go, codes of what stops it, codes of what is said with it), without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    def seen(name):
        one = may_leave(actor, name)[0]
        stops, warnings = ({stop.code.removeprefix("gate.") for stop in said} for said in (one.stops, one.warnings))
        return one.go, stops, warnings & {"no_test_plan", "no_route", "calibration_unknown"}

    return seen


@pytest.fixture
def people(actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    def named():
        party = numbers_by_name(actor.tenant)
        found = {
            name: person_actor(actor.tenant, 100 + n, frozenset({"quality_lead"}), None)
            for n, name in enumerate(("ada", "ben"))
        }
        return found | {"brand": person_actor(actor.tenant, 200, frozenset({"party_reader"}), party["BRAND"])}

    return named


@pytest.fixture
def concede(people):
    def agreed(unit, allows):
        from asbuilt.answers.gate.conceding import propose_concession
        from asbuilt.built.quality.actions.concessions import approve_concession

        who = people()
        code = propose_concession(who["ada"], codes=[unit], allows=allows, reason="x", until_at=FAR)[0]
        for name in ("ben", "brand"):
            approve_concession(who[name], concession=code)

    return agreed


def machine_says(actor, units: list[str]) -> list[tuple[str, str]]:
    """What a packing machine is told of each: result, words."""
    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.validating import REQUEST, validate_units
    from asbuilt.formats.cfx.envelope import read_envelope

    places = [{"UnitIdentifier": name, "PositionNumber": n + 1} for n, name in enumerate(units)]
    asked = {"MessageName": REQUEST, "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z", "UniqueID": "u", "Source": "Packer.1",
             "MessageBody": {"PrimaryIdentifier": None, "Units": places}}  # fmt: skip
    found = validate_units(machine_door(actor.tenant), read_envelope(json.dumps(asked).encode()))
    return [(one["Result"], one["Message"]) for one in found["ValidationResults"]]


def test_packer_program_machine_and_reader_hear_the_same(load, actor, concede):
    """Units with a step open, a quarantined reel, both, either conceded, both conceded, and a hold that nothing concedes."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.built.shipping.actions.packing import open_container

    rows = finished(7)
    units = [f"S{n:04d}" for n in range(7)]
    rows["processes"] = rows["processes"][:1] + [
        {**rows["processes"][1], "first_serial": "S0006", "last_serial": "S0006"}
    ]
    rows["materials"] = [
        material("S0000", "S0000", "OK"),
        material("S0001", "S0005", "BAD"),
        material("S0006", "S0006", "OK"),
    ]
    load(rows)
    name_machine(actor, handle="Packer.1", machine="packer", step="PACK")
    for unit, allows in (("S0000", "route_open"), ("S0002", "quarantine"), ("S0003", "route_open"), ("S0003", "quarantine"),
                         ("S0004", "route_open"), ("S0005", "route_open"), ("S0005", "quarantine")):  # fmt: skip
        concede(unit, allows)
    hold(actor, units=["S0005"], reason="look")
    expected = {
        "S0000": True,
        "S0001": False,
        "S0002": False,
        "S0003": True,
        "S0004": False,
        "S0005": False,
        "S0006": True,
    }
    assert {unit: may_leave(actor, unit)[0].go for unit in units} == expected
    assert {unit: verdicts(actor, unit, "PACK")[0].go for unit in units} == expected
    told = dict(zip(units, machine_says(actor, units), strict=True))
    assert {unit: result == "Passed" for unit, (result, _) in told.items()} == expected
    for unit in units:  # each says why in the same words
        one, other = may_leave(actor, unit)[0], verdicts(actor, unit, "PACK")[0]
        assert {stop.code for stop in one.stops} == {stop.code for stop in other.stops}
        assert one.conceded == other.conceded
    # and under which concession a unit goes
    assert {unit: len(may_leave(actor, unit)[0].conceded) for unit in units if expected[unit]} == {
        "S0000": 1,
        "S0003": 2,
        "S0006": 0,
    }
    for one in may_leave(actor, "S0003")[0].conceded:
        assert f"By {one['concession']}, although: {one['message']}" in told["S0003"][1]
    assert "although" not in told["S0006"][1]
    box = open_container(actor, kind="box").container.code
    for unit in units:
        if expected[unit]:
            put_in(actor, container=box, codes=[unit])
        else:
            with pytest.raises(Refused):
                put_in(actor, container=box, codes=[unit])


def test_a_plan_taken_back_stops_its_units_until_another_is_approved(load, actor, leaves, concede):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan

    rows = finished(4)
    rows["tests"] = [run("S0000"), run("S0001", version="3"), run("S0003", version="2")]
    load(rows)
    load(plan_rows("3", 4), "third")
    assert [leaves(f"S000{n}")[1] for n in range(3)] == [{"test_version"}, set(), {"test_missing"}]
    decide_test_plan(actor, plan="FCT", version="3", decision="withdrawn", reason="limit was wrong")
    # v2 is not back in force unasked, and nobody goes
    assert [leaves(f"S000{n}")[1] for n in range(3)] == [{"test_plan_withdrawn"}] * 3
    stop = may_leave(actor, "S0000")[0].stops[0]
    assert "FCT 3 was taken back" in stop.message and "limit was wrong" in stop.message and stop.remedy
    concede("S0002", "test_plan_withdrawn")
    assert leaves("S0002") == (True, set(), set())
    # another plan that proves less takes no place; one that proves as much does
    load(plan_rows("1", 8, "VIEW", proves=()), "view")
    assert "test_plan_withdrawn" in leaves("S0000")[1]
    ben = person_actor(actor.tenant, 901, frozenset({"quality_lead"}), None)
    decide_test_plan(ben, plan="FCT", version="2", decision="approved")  # anew, by a person's decision
    assert (leaves("S0000")[1], leaves("S0001")[1]) == ({"test_missing"}, {"test_missing", "test_version"})
    with pytest.raises(Refused):
        decide_test_plan(ben, plan="FCT", version="2", decision="approved")


def test_a_plan_of_the_next_revision_takes_no_test_from_this_one(load, actor, leaves):
    """Version 3 of FCT was approved for revision B, and untested boards of revision A went with a warning."""
    rows = finished(2)
    rows["tests"] = [run("S0000")]
    rows["bom"].append({**rows["bom"][0], "revision": "B"})
    load(rows)
    assert leaves("S0000") == (True, set(), set()) and leaves("S0001") == (False, {"test_missing"}, set())
    said = plan_rows("3", 6)
    document = said["test_plans"][0]["document"].replace('"revisions":["A"]', '"revisions":["B"]')
    assert document != said["test_plans"][0]["document"]
    said["test_plans"][0]["document"] = document
    said["test_plan_approvals"][0]["sha256"] = sha256(document.encode()).hexdigest()
    load(said, "for B")
    assert leaves("S0000") == (True, set(), set()) and leaves("S0001") == (False, {"test_missing"}, set())
    # a run that names no version is of the one in force for its revision
    load({"tests": [run("S0001", version="", day=7)]}, "t")
    assert leaves("S0001") == (True, set(), set())
    load({"tests": [run("S0001", version="3", day=8)]}, "t3")
    assert leaves("S0001") == (False, {"test_version"}, set())


def test_what_nobody_asks_is_said_and_stops_nothing(load, actor, leaves):
    rows = finished(1)
    rows["orders"].append({**rows["orders"][0], "order": "WH", "product": "house", "quantity": "1"})
    rows["units"].append({"order": "WH", "serial": "H1", "panel": "", "position": "", "state": "built"})
    load(rows)
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave

    assert leaves("S0000") == (True, set(), set())
    assert leaves("H1") == (True, set(), {"no_test_plan", "no_route"})
    said = " ".join(one.message for one in may_leave(actor, "H1")[0].warnings)
    assert "No test plan is in force for house A" in said and "house A has no route" in said
    assert {one.code for one in order_may_leave(actor, "WH").warned} >= {"gate.no_test_plan", "gate.no_route"}


def test_a_calibration_that_nobody_knows_is_said(load, actor, leaves):
    """Without a station, at one that nobody registered, at one before its instrument moved there; with a known one nothing is said."""
    from asbuilt.answers.gate.leaving import may_leave

    rows = finished(5)
    rows["calibrations"].append(
        {**rows["calibrations"][0], "instrument": "M2", "station": "LATE", "calibrated_at": at(20)}
    )
    rows["tests"] = [
        run("S0000", station=""),
        run("S0001", station="NOBODY"),
        run("S0002", station="STALE"),
        run("S0003"),
        run("S0004", station="LATE"),
    ]
    load(rows)
    known = {"calibration_unknown"}
    assert [leaves(f"S000{n}") for n in range(4)] == [
        (True, set(), known),
        (True, set(), known),
        (False, {"calibration"}, set()),
        (True, set(), set()),
    ]
    assert leaves("S0004") == (False, {"calibration"}, set())  # not calibrated yet
    said = [
        one.message
        for n in range(2)
        for one in may_leave(actor, f"S000{n}")[0].warnings
        if "Calibration not known" in one.message
    ]
    assert len(said) == 2 and "NOBODY" in said[1]


def test_a_step_called_calibrated_until_makes_no_calibration_known(load, leaves):
    """What stands anywhere in a tester's file is nobody's calibration; what a station says of its fixture is, and it may have ended."""
    fixture = {"fixture": "FX-1", "calibrated_until": "2027-03-01T00:00:00Z"}
    told = (
        {"calibrated_until": {"value": 1}},
        {"v": {"value": 3.3, "rule": '"calibrated_until"'}},
        {"$run": {"calibrated_until": "2027-03-01T00:00:00Z"}},
        {"$run": {"fixture": "FX-1", "calibrated_until": "soon"}},
        {"$run": fixture},
        {"$run": {**fixture, "calibrated_until": "2026-03-02T00:00:00Z"}},
    )
    rows = finished(len(told))
    rows["tests"] = []
    for n, said in enumerate(told):
        one = run(f"S{n:04d}", station="NOBODY")
        rows["tests"].append({**one, "measurements": json.dumps({**json.loads(one["measurements"]), **said})})
    load(rows)
    known = {"calibration_unknown"}
    assert [leaves(f"S{n:04d}") for n in range(len(told))] == [
        *[(True, set(), known)] * 4,
        (True, set(), set()),
        (False, {"calibration"}, set()),
    ]


def test_a_route_that_comes_later_takes_no_step_from_units_begun(load, actor, leaves):
    """S0000 and S0001 are begun on day 3 without BOXING; a routing of PACK alone comes on day 7, one is laid back to day 2, later."""
    from asbuilt.answers.gate.verdicts import verdicts

    rows = finished(4)
    rows["processes"] = [{**rows["processes"][0], "first_serial": "S0000", "last_serial": "S0001"}]
    load(rows)
    assert [leaves(f"S000{n}")[1] for n in (0, 2)] == [{"route_open"}, {"route_open"}]
    pack = {**rows["routings"][-1], "place_in_route": "10"}
    for n, (name, day) in enumerate((("2", 7), ("3", 2))):
        load({"routings": [{**pack, "routing": name, "from_at": at(day)}]}, f"routing{name}")
        assert [leaves(f"S000{n}")[1] for n in (0, 1)] == [{"route_open"}] * 2, n
        # at other steps too: the way of a unit is one
        assert [step.name for step in verdicts(actor, "S0000", "BOXING")[0].steps] == ["SMT", "AOI", "BOXING", "PACK"]
    assert leaves("S0002") == (True, set(), set())  # not begun: the routing in force now
    again = {**rows["processes"][0], "first_serial": "S0003", "last_serial": "S0003", "step": "WASH"}
    load({"processes": [{**again, "started_at": at(8), "finished_at": at(8, 9)}]}, "later")
    assert leaves("S0003") == (True, set(), set())  # begun under the later one
    assert [step.name for step in verdicts(actor, "S0003", "PACK")[0].steps] == ["PACK"]
