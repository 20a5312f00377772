"""A sampled plan draws a unit by the serial number it was given first: no later label lets it out of the sample, and none draws it in."""

from hashlib import sha256

import pytest
from drawn import drawn
from shipping_floor import at, finished, names, plan, run

EVERY = 3


def label(unit: str, value: str, *, day: int = 6, replaces: str = "") -> dict:
    """A row of names.csv that gives a unit a serial number."""
    return {
        "unit": unit,
        "kind": "serial",
        "value": value,
        "from_at": at(day),
        "replaces": replaces,
        "reason": "label torn",
    }


@pytest.fixture
def sampled():
    """(tables of twelve finished boards without a test, SHA-256 of their plan, which draws one of three)."""
    rows, document = finished(12), plan(every=EVERY)
    digest = sha256(document.encode()).hexdigest()
    rows["test_plans"][0]["document"] = document
    rows["test_plan_approvals"][0]["sha256"] = digest
    rows["tests"] = []
    return rows, digest


def new_label(digest: str, *, asked: bool, prefix: str = "R") -> str:
    """A serial number nobody has that the plan would draw, or would not."""
    return next(name for name in (f"{prefix}{n:04d}" for n in range(100)) if drawn(digest, name, EVERY) == asked)


def without_numbers(rows: dict) -> dict:
    """The same boards, planned without serial numbers and firmware."""
    ends = {"first_serial": "WO#1", "last_serial": "WO#12"}
    spans = {table: [{**row, **ends} for row in rows[table]] for table in ("processes", "materials")}
    units = [{**row, "serial": "-"} for row in rows["units"]]
    return {**rows, **spans, "units": units, "programming": [], "firmware_demands": []}


def of(digest: str, *, asked: bool) -> list[str]:
    return [name for name in names(12) if drawn(digest, name, EVERY) == asked]


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def test_a_new_label_lets_no_drawn_unit_leave_untested(load, codes, actor, sampled):
    """The story: the gate held a drawn unit for its test, somebody put another label on it, and it left untested."""
    from asbuilt.ledger.verifying import verify
    from asbuilt.questions.genealogy.seen.tests import test_history

    rows, digest = sampled
    load(rows)
    held, escape = of(digest, asked=True)[0], new_label(digest, asked=False)
    assert codes(held) == {"test_missing"}
    load({"names": [label(held, escape, replaces=held)]})
    assert codes(escape) == {"test_missing"}
    assert test_history(actor, escape).not_sampled == ()
    # nor by a label that is said to have been there before the first one
    load({"names": [label(escape, new_label(digest, asked=False, prefix="Q"), day=1)]})
    assert codes(escape) == {"test_missing"}
    load({"tests": [run(escape, day=7)]})
    assert codes(escape) == set()
    assert verify(actor.tenant).findings == []


def test_saying_that_the_first_label_was_a_mistake_lets_none_leave_either(
    load, codes, actor, sampled, withdraw, correct
):
    from asbuilt.ledger.verifying import verify

    rows, digest = sampled
    load(without_numbers(rows))
    first, escape = new_label(digest, asked=True, prefix="A"), new_label(digest, asked=False)
    load({"names": [label("WO#1", first)]})
    assert codes(first) == {"test_missing"}
    correct("names", {"value": first}, value=escape)
    assert codes(escape) == {"test_missing"}
    withdraw("names", value=escape)
    assert codes("WO#1") == {"test_missing"}
    assert verify(actor.tenant).findings == []


def test_a_new_label_draws_no_unit_in_and_a_number_of_the_customers_none_either(load, codes, actor, sampled):
    """An honest second label costs no test, and the sample stays one of so many whatever units are called later."""
    from asbuilt.questions.genealogy.seen.tests import NotSampled, test_history

    rows, digest = sampled
    load(rows)
    free = of(digest, asked=False)
    assert [codes(name) for name in free] == [set()] * len(free)
    drawing = [name for name in (f"R{n:04d}" for n in range(100)) if drawn(digest, name, EVERY)]
    given = dict(zip(free, drawing, strict=False))
    load({"names": [label(old, new, replaces=old) for old, new in given.items()]})
    assert [codes(new) for new in given.values()] == [set()] * len(given)
    assert test_history(actor, given[free[0]]).not_sampled == (NotSampled("FCT", "2", EVERY),)


def test_a_unit_without_a_number_is_drawn_as_its_place_until_it_has_one(load, codes, sampled):
    rows, digest = sampled
    places = [f"WO#{n}" for n in range(1, 13)]
    load(without_numbers(rows))
    wanted = {name: {"test_missing"} if drawn(digest, name, EVERY) else set() for name in places}
    assert len({*map(str, wanted.values())}) == 2 and {name: codes(name) for name in places} == wanted
    load({"names": [label(name, f"N{name[3:]}") for name in places]})
    named = {name: f"N{name[3:]}" for name in places}
    assert {name: codes(name) for name in places} == {
        name: {"test_missing"} if drawn(digest, serial, EVERY) else set() for name, serial in named.items()
    }


def test_tables_taken_out_and_in_draw_the_same_units(load, codes, actor, sampled, tmp_path, another_home):
    """A second label is exported behind the first one."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder

    rows, digest = sampled
    load(rows)
    held, free = of(digest, asked=True)[0], of(digest, asked=False)[0]
    escape, drawing = new_label(digest, asked=False), new_label(digest, asked=True)
    load({"names": [label(held, escape, replaces=held), label(free, drawing, replaces=free)]})
    export_folder(actor, tmp_path / "out")
    another_home()
    import_folder(actor, tmp_path / "out")
    assert (codes(escape), codes(drawing)) == ({"test_missing"}, set())
