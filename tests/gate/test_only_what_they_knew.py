"""A concession is of what was known when the last of them agreed (ISO 9000, 3.12.5): what happens of the same kind after that stops the unit again."""

import pytest
from shipping_floor import at, factory, finished, plan_rows, run, step

from asbuilt.kernel.instants import parse_instant

FAR = 4_000_000_000_000_000


@pytest.fixture
def today(actor):
    """It is 20 March."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(at(20)))
    yield
    clock.set_clock(None)


@pytest.fixture
def stops(actor, today):
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name="S0000": (
        {stop.code.removeprefix("gate.") for stop in may_leave(actor, name)[0].stops} - {"inside"}
    )


@pytest.fixture
def agree(actor, today):
    """agree("test_failed"): two of the house and BRAND let S0000 go with it."""
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.designed.parties.queries import numbers_by_name

    def agreed(allows, unit="S0000"):
        ada, ben = (person_actor(actor.tenant, 100 + n, frozenset({"quality_lead"}), None) for n in range(2))
        brand = person_actor(actor.tenant, 200, frozenset({"party_reader"}), numbers_by_name(actor.tenant)["BRAND"])
        code = propose_concession(ada, codes=[unit], allows=allows, reason="looked at", until_at=FAR)[0]
        for who in (ben, brand):
            approve_concession(who, concession=code)

    return agreed


def inside(child: str, day: int, until: int = 0, parent: str = "S0000") -> dict:
    return {"parent_serial": parent, "child_serial": child, "position": "P1", "happened_at": at(day), "removed_at": at(until) if until else ""}  # fmt: skip


def repaired(day: int) -> dict:
    return {**step("S0000", "S0000", "BENCH", day=day), "readings": '{"repair1": "touched up U3"}'}


def test_a_module_swapped_once_more_after_they_agreed(load, stops, agree):
    """The story: they agreed to the first swap untested, and every later one left with it. The box S0004 leaves with what was done inside it."""
    load(
        {
            **finished(5),
            "assemblies": [inside("S0001", 4, 8), inside("S0002", 9, 10), inside("S0000", 4, parent="S0004")],
        }
    )
    assert (stops(), stops("S0004")) == ({"test_before_rework"}, {"test_before_rework"})
    agree("test_before_rework")
    agree("test_before_rework", "S0004")
    assert (stops(), stops("S0004")) == (set(), set())
    load({"assemblies": [inside("S0003", 11)]}, "again")
    assert (stops(), stops("S0004")) == ({"test_before_rework"}, {"test_before_rework"})


def test_a_module_taken_out_after_they_agreed(load, stops, agree, actor):
    """By its verb: a link that ends is a correction of its row."""
    from asbuilt.answers.gate.reworking import take_out

    load({**finished(3), "assemblies": [inside("S0001", 4, 8), inside("S0002", 9)]})
    agree("test_before_rework")
    assert stops() == set()
    take_out(actor, child="S0002", reason="display dark")
    assert stops() == {"test_before_rework"}


def test_a_machine_repair_once_more_after_they_agreed(load, stops, agree):
    """What a machine tells it repaired, and what was repaired of a unit that came back, are reworks like another."""
    rows = finished(2)
    rows["processes"].append(repaired(6))
    load(rows)
    assert stops() == {"test_before_rework"}
    agree("test_before_rework")
    assert stops() == set()
    load({"processes": [repaired(7)]}, "again")
    assert stops() == {"test_before_rework"}


def test_a_step_that_failed_once_more_after_they_agreed(load, stops, agree):
    rows = finished(2)
    rows["processes"].append(step("S0000", "S0000", "BOXING", day=6, result="failed"))
    load(rows)
    assert stops() == {"step_failed"}
    agree("step_failed")
    assert stops() == set()
    load({"processes": [step("S0000", "S0000", "BOXING", day=7, result="failed")]}, "again")
    assert stops() == {"step_failed"}


def test_failures_once_more_after_they_agreed_to_those_before(load, stops, agree):
    """They agreed to two failures before the pass."""
    rows = finished(2)
    rows["tests"] = [run("S0000", outcome="fail", hour=n) for n in (5, 6)] + [run("S0000")]
    load(rows)
    assert stops() == {"test_repeated"}
    agree("test_repeated")
    assert stops() == set()
    load({"tests": [run("S0000", outcome="fail", hour=9), run("S0000", hour=10)]}, "again")
    assert stops() == {"test_repeated"}


def test_an_instrument_found_bad_after_they_agreed_that_it_was_overdue(load, stops, agree):
    """STALE ran out on 2 March, S0000 was tested on the 5th; on the 10th the laboratory found it out of tolerance."""
    rows = finished(2)
    rows["tests"] = [run("S0000", station="STALE")]
    load(rows)
    assert stops() == {"calibration"}
    agree("calibration")
    assert stops() == set()
    stale = {**factory(1)["calibrations"][1], "certificate": "C2", "valid_until": "2027-03-01", "calibrated_at": at(10)}
    load({"calibrations": [{**stale, "as_found": "out_of_tolerance"}]}, "found")
    assert stops() == {"calibration"}


def test_a_plan_taken_back_after_they_agreed_to_another(load, stops, agree):
    """Both plans were taken back without a successor; they agreed when one was."""
    rows, more = finished(2), plan_rows("1", 2, "BURN", proves=("I.2.j",))
    for table, some in more.items():
        rows[table] = [*rows[table], *some]
    rows["tests"].append(run("S0000", plan="BURN", version="1"))
    load(rows)
    approvals = {"FCT": rows["test_plan_approvals"][0], "BURN": more["test_plan_approvals"][0]}

    def take_back(name: str, day: int) -> None:
        said = {**approvals[name], "decision": "withdrawn", "reason": "limits wrong", "decided_at": at(day)}
        load({"test_plan_approvals": [said]}, f"{name}{day}")

    take_back("FCT", 8)
    assert stops() == {"test_plan_withdrawn"}
    agree("test_plan_withdrawn")
    assert stops() == set()
    take_back("BURN", 9)
    assert stops() == {"test_plan_withdrawn"}


def test_a_unit_that_came_back_once_more_after_they_agreed(load, stops, agree):
    """They let it go as it came, and it came back a second time."""
    rows = finished(2)
    went = {
        "shipment": "SH-1",
        "customer": "SHOP",
        "country": "DE",
        "first_serial": "S0000",
        "last_serial": "S0000",
        "placed_on_market_at": "",
    }
    rows["shipments"] = [{**went, "shipped_at": at(10)}]
    back = {
        "rma": "RMA-1",
        "serial": "S0000",
        "replacement_serial": "",
        "event": "received",
        "said": "dark",
        "party": "SHOP",
        "shipment": "",
        "operator": "045",
    }
    rows["returns"] = [{**back, "happened_at": at(11)}]
    load(rows)
    assert stops() == {"return_open"}
    agree("return_open")
    assert stops() == set()
    load(
        {
            "shipments": [{**went, "shipment": "SH-2", "shipped_at": at(12)}],
            "returns": [{**back, "rma": "RMA-2", "happened_at": at(13)}],
        },
        "again",
    )
    assert stops() == {"return_open"}
