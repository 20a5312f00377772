"""A unit that another one was taken out of, or put into after that, is not the unit that was tested: its own tests, and those of what it is inside of."""

import pytest
from shipping_floor import at, finished, run

from asbuilt.kernel.instants import parse_instant


@pytest.fixture
def stops(actor):
    """stops("S0000") -> the codes of what stops it on 20 March, without the room; without where it is."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(at(20)))
    yield lambda name: {stop.code.removeprefix("gate.") for stop in may_leave(actor, name)[0].stops} - {"inside"}
    clock.set_clock(None)


def inside(parent: str, child: str, day: int, until: int = 0, position: str = "P1") -> dict:
    return {"parent_serial": parent, "child_serial": child, "position": position, "happened_at": at(day), "removed_at": at(until) if until else ""}  # fmt: skip


def test_a_module_that_was_swapped_after_the_test_asks_for_the_test_again(load, stops):
    """Boards are tested on day 5. S0000's module was swapped on day 8, S0002's taken out; S0004 got its first one on day 8; S0006's went out on day 3."""
    rows = finished(9)
    rows["assemblies"] = [
        inside("S0000", "S0001", 4, 8), inside("S0000", "S0003", 9), inside("S0002", "S0005", 4, 8), inside("S0004", "S0005", 8, position="P2"),
        inside("S0006", "S0007", 2, 3), inside("S0006", "S0007", 4),
    ]  # fmt: skip
    load(rows)
    assert [stops(f"S000{n}") for n in (0, 2, 4, 6)] == [{"test_before_rework"}, {"test_before_rework"}, set(), set()]
    assert stops("S0001") == set()  # what was taken out was tested by itself
    load({"tests": [run("S0000", day=8, hour=12), run("S0002", day=9)]}, "between")
    assert [stops("S0000"), stops("S0002")] == [{"test_before_rework"}, set()]  # tested with nothing inside
    load({"tests": [run("S0000", day=10)]}, "after")
    assert stops("S0000") == set()


def test_what_was_done_inside_a_board_was_done_to_its_box_too(load, stops):
    """The box S0002 holds board S0000 since day 4; the board's module was swapped on day 9, after both were tested."""
    rows = finished(5)
    rows["assemblies"] = [inside("S0002", "S0000", 4), inside("S0000", "S0001", 3, 8), inside("S0000", "S0003", 9)]
    load(rows)
    assert stops("S0002") == {"test_before_rework"}
    load({"tests": [run("S0000", day=10)]}, "board")
    assert stops("S0002") == {"test_before_rework"}
    load({"tests": [run("S0002", day=11)]}, "box")
    assert stops("S0002") == set()


def test_that_a_module_was_taken_out_is_not_taken_back_by_whoever_assembles(load, stops, actor):
    """The story: an engineer alone withdrew the row of the module that came out after the test, and the board left with that test."""
    from asbuilt.access.actor import person_actor
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.kernel.errors import NotAllowed
    from asbuilt.kernel.instants import format_instant

    swapped = inside("S0000", "S0001", 4, 8)
    load({**finished(3), "assemblies": [swapped]})
    table = TABLES["assemblies"]
    cells = [
        format_instant(parse_instant(swapped[name])) if name.endswith("_at") else swapped.get(name, "")
        for name in table.columns
    ]
    gone = [Withdraw(fact_id(table, cells), "never happened", "045", 1)]
    engineer, lead = (person_actor(actor.tenant, 500, frozenset({role}), None) for role in ("engineer", "quality_lead"))
    assert stops("S0000") == {"test_before_rework"}
    with pytest.raises(NotAllowed) as refusal:
        withdraw_facts(engineer, gone)
    assert refusal.value.code == "exchange.row_needs_right" and stops("S0000") == {"test_before_rework"}
    withdraw_facts(lead, gone)
    assert stops("S0000") == set()


def test_what_is_missing_of_a_module_is_said_of_the_module(load, actor):
    """S0001 and S0003 are inside S0000. Neither went through BOXING, S0001 runs nothing and was not tested, an NCR is open on S0003; the box around them has
    all of that. The verdict said it of the box."""
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(at(20)))
    rows = finished(5)
    boxed = rows["processes"].pop()
    rows["processes"] += [boxed | {"first_serial": name, "last_serial": name} for name in ("S0000", "S0002", "S0004")]
    rows["programming"] = [one for one in rows["programming"] if one["serial"] != "S0001"]
    rows["tests"] = [one for one in rows["tests"] if one["serial"] != "S0001"]
    rows["assemblies"] = [inside("S0000", "S0001", 3), inside("S0000", "S0003", 3, position="P2")]
    rows["nonconformities"] = [{"nonconformity": "NCR-1", "source": "inspection", "severity": "major", "product": "board", "defect": "", "party": "",
                                "question": "", "description": "void", "operator": "", "raised_at": at(9)}]  # fmt: skip
    rows["nonconformity_units"] = [{"nonconformity": "NCR-1", "order": "WO", "first_serial": "S0003", "last_serial": "S0003", "disposition": "",
                                    "operator": "", "stated_at": at(9)}]  # fmt: skip
    load(rows)
    found = {stop.code.removeprefix("gate."): stop for stop in may_leave(actor, "S0000")[0].stops}
    assert {code: stop.message for code, stop in found.items()} == {
        "route_open": "BOXING at bench is not recorded of S0001 and 1 more inside S0000.",
        "firmware_missing": "S0001 inside S0000 does not run board app 1.1.0, which is demanded.",
        "test_missing": "FCT 2 is not recorded of S0001 inside S0000.",
        "nonconformity": "NCR-1 is open on S0003 inside S0000: void",
    }
    assert [found[code].facts["unit"] for code in found] == [
        "S0003" if code == "nonconformity" else "S0001" for code in found
    ]
    (route,) = [one for one in order_may_leave(actor, "WO").missing if one.code == "gate.route_open"]
    assert route.first == ("S0000",) and "S0001 and 1 more inside S0000" in route.message
    open_container(actor, kind="shipment", code="SH-1", customer="BRAND", country="DE")
    with pytest.raises(Refused) as refusal:
        put_in(actor, container="SH-1", codes=["S0000"])
    assert "inside S0000" in str(refusal.value) and refusal.value.facts["stops"][0]["facts"]["outer"] == "S0000"
    clock.set_clock(None)
