"""May a unit leave: every combination of missing things, thing by thing; an order as one verdict. Expected by hand, from the bits of a unit."""

import pytest
from shipping_floor import at, factory, finished, loaded, material, names, run, step

from asbuilt.kernel.errors import Refused

THINGS = ("route", "test", "firmware", "hold", "ncr", "lot", "calibration")
UNITS = names(128)


def lacks(n: int, thing: str) -> bool:
    return bool(n >> THINGS.index(thing) & 1)


def built():
    """128 boards: board n lacks the things whose bits stand in n."""
    rows = factory(128)
    rows["materials"] = [material(name, name, "BAD" if lacks(n, "lot") else "OK") for n, name in enumerate(UNITS)]
    rows["processes"] = [step(UNITS[0], UNITS[-1], "SMT")]
    rows["processes"] += [step(name, name, "BOXING") for n, name in enumerate(UNITS) if not lacks(n, "route")]
    rows["programming"] = [loaded(name, "1.0.0" if lacks(n, "firmware") else "1.1.0") for n, name in enumerate(UNITS)]
    rows["tests"] = [
        run(name, station="STALE" if lacks(n, "calibration") else "GOOD")
        for n, name in enumerate(UNITS)
        if not lacks(n, "test")
    ]
    rows["nonconformities"] = [
        {"nonconformity": "NCR-1", "source": "inspection", "severity": "major", "product": "board", "defect": "", "party": "", "question": "",
         "description": "void", "operator": "", "raised_at": at(6)}
    ]  # fmt: skip
    rows["nonconformity_units"] = [
        {
            "nonconformity": "NCR-1",
            "order": "WO",
            "first_serial": name,
            "last_serial": name,
            "disposition": "",
            "operator": "",
            "stated_at": at(6),
        }
        for n, name in enumerate(UNITS)
        if lacks(n, "ncr")
    ]
    return rows


def expected(n: int) -> set[str]:
    words = {"route": "route_open", "test": "test_missing", "firmware": "firmware_other", "hold": "held", "ncr": "nonconformity",
             "lot": "quarantine", "calibration": "calibration"}  # fmt: skip
    found = {code for thing, code in words.items() if lacks(n, thing)}
    return found - {"calibration"} if lacks(n, "test") else found  # a test that was not made used no instrument


def test_of_every_combination_of_missing_things_none_leaves(load, actor):
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.questions.genealogy.answering import answers

    load(built())
    hold(actor, units=[name for n, name in enumerate(UNITS) if lacks(n, "hold")], reason="look at them")
    box = open_container(actor, kind="box").container.code
    for n, name in enumerate(UNITS):
        (one,) = may_leave(actor, name)
        assert {stop.code.removeprefix("gate.") for stop in one.stops} == expected(n), name
        assert all(stop.message and stop.remedy and "{" not in stop.message for stop in one.stops)
        assert one.go == (n == 0)
        if n:
            with pytest.raises(Refused):
                put_in(actor, container=box, codes=[name])
    whole = order_may_leave(actor, "WO")
    assert (whole.units, whole.go) == (128, 1)
    counted = {code: sum(code in expected(n) for n in range(128)) for code in set().union(*map(expected, range(128)))}
    found: dict[str, int] = {}
    for one in whole.missing:
        found[one.code.removeprefix("gate.")] = found.get(one.code.removeprefix("gate."), 0) + one.count
    assert found == counted
    assert put_in(actor, container=box, codes=[UNITS[0]]).units == 1
    shipment = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
    with pytest.raises(Refused):
        ship(actor, shipment=shipment)
    assert answers.ask(actor, "in:shipped").as_dict()["affected"]["certain"] == 0


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def test_each_way_in_which_a_test_does_not_count(load, actor, codes):
    rows = finished(8)
    rows["tests"] = [
        run("S0000", version="1"),
        run("S0001", outcome="fail"),
        run("S0002", day=3),  # before its firmware of day 4
        run("S0003"), run("S0003", outcome="fail", day=6), run("S0003", day=7),
        run("S0004"), run("S0004", outcome="aborted", day=6),
        run("S0005"), run("S0006"), run("S0007", version="2"),
    ]  # fmt: skip
    rows["replacements"] = [
        {
            "serial": "S0005",
            "refdes": "R1",
            "removed_package": "",
            "installed_package": "OK",
            "operator": "",
            "reason": "x",
            "happened_at": at(6),
        }
    ]
    rows["programming"].append(
        loaded("S0006", day=7)
    )  # the same release again: the firmware is the one that was tested
    rows["programming"] += [loaded("S0007", "1.0.0", day=6), loaded("S0007", "1.1.0", day=7)]
    load(rows)
    assert codes("S0000") == {"test_version"}
    assert codes("S0001") == {"test_failed"}
    assert codes("S0002") == {"test_before_firmware"}
    assert codes("S0003") == set()
    assert codes("S0004") == {"test_failed"}
    assert codes("S0005") == {"test_before_rework"}
    assert codes("S0006") == set()
    assert codes("S0007") == set()


def test_firmware_that_is_missing_or_withdrawn_and_steps_that_failed(load, actor, codes):
    rows = finished(4)
    rows["programming"] = [loaded("S0000"), loaded("S0001", "1.0.0")]
    rows["processes"].append(step("S0003", "S0003", "BOXING", day=6, result="failed"))
    load(rows)
    assert codes("S0000") == set()
    assert codes("S0001") == {"firmware_other"}
    assert codes("S0002") == {"firmware_missing"}
    assert codes("S0003") == {"firmware_missing", "step_failed"}


def test_scrapped_planned_and_unknown_units(load, actor, codes):
    from asbuilt.answers.gate.reworking import scrap
    from asbuilt.kernel.errors import NotFound

    rows = finished(3)
    rows["orders"].append({**rows["orders"][0], "order": "WP", "quantity": "1"})
    rows["units"].append({"order": "WP", "serial": "P1", "panel": "", "position": "", "state": "planned"})
    load(rows)
    scrap(actor, code="S0000", reason="burnt")
    assert codes("S0000") == {"scrapped"}
    assert "not_begun" in codes("P1")
    with pytest.raises(NotFound):
        codes("S9999")


def test_sampling_asks_the_units_that_the_plan_draws_as_the_station_does(load, actor, codes):
    """Nobody else is asked, whoever failed stays, and what was not drawn is said of it, not missed."""
    from hashlib import sha256

    from drawn import drawn
    from shipping_floor import plan

    from asbuilt.questions.genealogy.seen.life import unit_life
    from asbuilt.questions.genealogy.seen.tests import NotSampled, test_history

    rows, document = finished(12), plan(every=3)
    digest = sha256(document.encode()).hexdigest()
    rows["test_plans"][0]["document"] = document
    rows["test_plan_approvals"][0]["sha256"] = digest
    asked = [name for name in names(12) if drawn(digest, name, 3)]
    others = [name for name in names(12) if name not in asked]
    assert len(asked) >= 2 and len(others) >= 3
    rows["tests"] = [run(asked[0]), run(others[0], outcome="fail")]
    load(rows)
    stopped = {name: codes(name) for name in names(12) if codes(name)}
    assert stopped == {**{name: {"test_missing"} for name in asked[1:]}, others[0]: {"test_failed"}}
    assert test_history(actor, others[1]).not_sampled == (NotSampled("FCT", "2", 3),)
    assert test_history(actor, asked[1]).not_sampled == ()
    gaps = {
        name: [
            (gap.kind, gap.also) for gap in unit_life(actor, name).gaps if "test" in gap.kind or "sampled" in gap.kind
        ]
        for name in (asked[1], others[1])
    }
    assert gaps == {asked[1]: [("no_test", "")], others[1]: [("not_sampled", "FCT")]}


def test_what_is_inside_leaves_with_its_outer_unit(load, actor, codes):
    rows = finished(2)
    rows["orders"].append({**rows["orders"][0], "order": "WH", "product": "house", "quantity": "1"})
    rows["units"].append({"order": "WH", "serial": "H1", "panel": "", "position": "", "state": "built"})
    rows["tests"] = [run("S0001")]
    rows["assemblies"] = [
        {"parent_serial": "H1", "child_serial": "S0000", "position": "", "happened_at": at(6), "removed_at": ""}
    ]
    load(rows)
    assert codes("H1") == {"test_missing"}
    assert codes("S0000") == {"test_missing", "inside"}
    assert codes("S0001") == set()
