"""`--as-of T` is what was recorded by T, exactly, also inside a growing run, and it stays so whatever comes later."""

import os

import pytest
from alone import same_customers
from brute_force import answer, roll_up, to_text
from hypothesis import Phase, given, settings
from recorded_in_steps import DAY, STEPS, moment, recorded_factories, with_moments, write_step, write_withdrawals

from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.built.exchange.actions import import_folder
from asbuilt.built.production.orders import Orders
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.answers import ask

EXAMPLES = int(os.environ.get("ASBUILT_EXAMPLES", "15"))


def said_of(actor, tree, units, as_of, known):
    """({unit: grade}, the answer as JSON); None where the question has a name that nobody had recorded by then."""
    try:
        found = ask(actor, to_text(tree), as_of=as_of)
    except NotFound as refused:
        assert refused.facts["value"] not in known, refused
        return None
    orders = Orders(actor.tenant)
    return {unit: found.affected.grade(orders.by_code(unit[0]).unit_at(unit[1])) for unit in units}, found.as_dict()


def cells_known_by(tables, moment):
    """Every cell of every row that was recorded by a moment, and not withdrawn by then."""
    stand = (
        row for rows in tables.values() for row in rows if row["recorded_at"] <= moment < row.get("withdrawn_at", "9")
    )
    return {cell for row in stand for cell in row.values()}


def agrees(actor, tables, tree, known_by, as_of):
    """Compare one answer with the brute force over the rows recorded by `known_by`."""
    told = to_text(tree), known_by, as_of
    try:
        expected = answer(tables, tree, as_of=known_by)
    except ValueError:
        return  # a range between labels of units that nobody had named yet: the page gives it no meaning
    found = said_of(actor, tree, expected, as_of, cells_known_by(tables, known_by))
    if found is None:
        return
    grades, said = found
    assert grades == expected, told
    if as_of is not None:
        assert same_customers(actor, told[0], as_of)
    counted = roll_up(tables, expected, as_of=known_by)
    assert (said["affected"], said["finished"]) == (counted["affected"], counted["finished"]), told
    for key, rows in counted["by"].items():
        assert sorted(map(str, said["by"][key])) == sorted(map(str, rows)), (key, *told)


@settings(phases=(Phase.explicit, Phase.generate), max_examples=EXAMPLES)
@given(drawn=recorded_factories(shipped_again=True))
def test_every_moment_is_answered_as_it_was_known(fresh_home, drawn):
    tables, trees = drawn
    with fresh_home() as folder:
        actor = local_system(tenant_of_slug("main").number)
        base = (clock.now() // DAY + 2) * DAY
        known = with_moments(tables, base)
        try:
            for step in range(STEPS):
                clock.set_clock(lambda at=base + step * DAY: at)
                if gone := write_withdrawals(tables, folder / f"gone-{step}", step):
                    import_folder(actor, gone)
                if any(row["loaded_in"] == step for rows in tables.values() for row in rows):
                    import_folder(actor, write_step(tables, folder / str(step), step))
                for tree in trees:
                    agrees(actor, known, tree, moment(base, step), None)
            for step in range(STEPS):
                for tree in trees:
                    agrees(actor, known, tree, moment(base, step), moment(base + DAY // 2, step))
        finally:
            clock.set_clock(None)


def test_a_serial_number_and_a_panel_that_came_later_name_nothing_before(load, actor):
    """A unit planned today and named tomorrow: asked as of today by tomorrow's name, nothing is so called yet."""
    from boards_outside import factory

    tables = factory()
    del tables["processes"], tables["routings"]
    named = {"units": tables.pop("units")}
    load(tables, "planned")
    planned = clock.now()
    load(named, "named")
    told = format_instant(planned)
    for text, now in (("unit:S3", 1), ("unit:PN1/3", 1), ("unit:WO#3", 1)):
        then = 1 if "#" in text else 0
        assert ask(actor, f"{text} or order:WX").as_dict()["affected"]["certain"] == now + 2
        assert ask(actor, f"{text} or order:WX", as_of=told).as_dict()["affected"]["certain"] == then + 2, text


def test_a_step_that_a_routing_has_is_known_before_anybody_went_through_it(load, actor):
    """Forty boards have done SMT; their route goes on to FCT. A step that no routing has stays an error."""
    from boards_outside import factory

    load(factory())
    for text, units in (("passed:FCT", 0), ("passed:fct", 0), ("passed:SMT,FCT", 40), ("order:WO -passed:FCT", 40)):
        assert ask(actor, text).as_dict()["affected"]["certain"] == units, text
    with pytest.raises(NotFound) as refused:
        ask(actor, "passed:FTC")
    assert refused.value.code == "question.unknown_name"


def test_a_station_that_only_stood_with_an_alarm_is_known(load, actor):
    """PG-9 has made no unit, its one record is an alarm: nothing was handled there, and the name is no error. From that day on."""
    from boards_outside import factory

    load(factory())
    before = clock.now()
    told = {
        "serial": "", "key": "PG-9/-/-/0/4", "attempt": "0", "scanned": "WO-404", "station": "PG-9", "result": "alarm", "reason": "station.tamper",
        "rework": "false", "images": "[]", "tools": "[]", "seq": "4", "chain": "bc" * 32, "payload_sha256": "cc" * 32, "evidence": "dd" * 32, "operator": "045",
        "happened_at": "2027-03-02T08:00:00+00:00",
    }  # fmt: skip
    load({"station_records": [told]}, "told")
    for text in ("station:PG-9", "station:pg-9", "tested:PG-9"):
        assert ask(actor, text).as_dict()["affected"]["certain"] == 0, text
    with pytest.raises(NotFound) as refused:
        ask(actor, "station:PG-8")
    assert "PG-9" in refused.value.remedy
    with pytest.raises(NotFound):
        ask(actor, "station:PG-9", as_of=format_instant(before))
