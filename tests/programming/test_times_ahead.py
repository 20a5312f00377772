"""A programming record from a clock that is ahead hides nothing that happens later, and is no silent truth. Expected by hand.

The clock stands at 2027-06-01T00:00Z unless a test moves it; a record of 2031 comes from a station whose clock is wrong.
"""

import pytest
from programming.test_record_programming import APP1, APP2, factory, june_2027, row  # noqa: F401

LATER = "2031-01-01T08:00:00Z"
SECOND = 1_000_000
JUNE = 1_811_808_000 * SECOND


@pytest.fixture
def days_later():
    """days_later(2): the clock stands two days after 2027-06-01T00:00Z from now on."""
    from asbuilt.ledger import clock

    return lambda days: clock.set_clock(lambda: JUNE + days * 86_400 * SECOND)


@pytest.fixture
def grades(actor):
    """grades("firmware:1.0") -> (units that certainly do, that possibly do)."""
    from asbuilt.questions.genealogy.answering.answers import ask

    def asked(question, **more):
        found = ask(actor, question, **more).affected
        return sorted(found.certain), sorted(found.possible - found.certain)

    return asked


@pytest.fixture(autouse=True)
def verifies(actor):
    """After every test the record agrees with its facts."""
    from asbuilt.ledger.verifying import verify

    yield
    assert [(finding.code, finding.what) for finding in verify(actor.tenant).findings] == []


def two(version="2.0"):
    return row("SN1", version, APP2, at=LATER)


def test_a_record_from_a_clock_ahead_makes_it_unsure_what_runs(load, grades):
    """The older 1.0 may have been written after it: nobody knows, both are possible. SN2 runs 1.0 as before."""
    load(factory())
    load({"programming": [row("SN1"), row("SN2")]}, folder="one")
    said = load({"programming": [two()]}, folder="two")
    assert ["lies ahead of the clock here" in warning for report in said for warning in report.warnings] == [True]
    assert grades("firmware:1.0") == ([2], [1])
    assert grades("firmware:2.0") == ([], [1])
    assert grades("firmware:1.0..2.0") == ([1, 2], [])  # whichever it was
    assert grades("-firmware:1.0 order:WO-P#1..WO-P#2") == ([], [1])
    assert grades("ever:(firmware:2.0)") == ([1], [])


def test_what_is_written_later_by_a_right_clock_is_not_hidden(load, grades, days_later):
    load(factory())
    load({"programming": [two()]}, folder="one")
    days_later(2)
    load({"programming": [row("SN1", "1.0", at="2027-06-02T08:00:00Z")]}, folder="two")
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([1], []), ([], []))
    # as of the first file only 2.0 was known
    assert grades("firmware:2.0", as_of="2027-06-01") == ([1], [])


def test_a_station_that_syncs_late_tells_an_older_writing_and_the_doubt_stays(load, grades, days_later):
    load(factory())
    load({"programming": [two()]}, folder="one")
    days_later(2)
    load({"programming": [row("SN1", "1.0", at="2027-05-31T08:00:00Z")]}, folder="two")
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([], [1]), ([], [1]))


def test_where_nothing_else_was_written_it_runs_what_was_written(load, grades):
    """When is not known, what is: one release alone, or the same one twice."""
    load(factory())
    load({"programming": [two(), row("SN2", "2.0", APP2), row("SN2", "2.0", APP2, at=LATER)]}, folder="one")
    assert grades("firmware:2.0") == ([1, 2], [])


def test_a_history_that_lies_ahead_as_a_whole_keeps_its_order(load, grades, days_later):
    """The example factory is of a year that has not come: what its tables tell in one file or one after the other keeps its order."""
    load(factory())
    rows = [row("SN1", "2.0", APP2, at="2031-02-01T08:00:00Z"), row("SN1", "1.0", at="2031-01-01T08:00:00Z")]
    load({"programming": rows}, folder="one")
    assert grades("firmware:2.0") == ([1], [])
    days_later(1)
    load({"programming": [*rows, row("SN1", "1.0", at="2031-03-01T08:00:00Z")]}, folder="two")
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([1], []), ([], []))
    days_later(2)  # told later, of a time between
    load({"programming": [row("SN1", "2.0", APP2, at="2031-02-15T08:00:00Z")]}, folder="three")
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([1], []), ([], []))


def test_five_minutes_are_a_clocks_drift(load, grades):
    load(factory())
    near, far = "2027-06-01T00:05:00Z", "2027-06-01T00:05:01Z"
    load({"programming": [row("SN1"), row("SN2")]}, folder="one")
    load({"programming": [row("SN1", "2.0", APP2, at=near), row("SN2", "2.0", APP2, at=far)]}, folder="two")
    assert grades("firmware:2.0") == ([1], [2])


def test_other_roles_are_in_no_doubt_and_withdrawing_ends_it(load, grades, actor):
    from programming.test_record_programming import BOOT

    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.seen.life import unit_life

    load(factory())
    load({"programming": [row("SN1"), row("SN1", "1.0", BOOT, role="boot")]}, folder="one")
    load({"programming": [two()]}, folder="two")
    assert grades("firmware:boot/1.0") == ([1], [])
    life = unit_life(actor, "WO-P#1")
    seen = {(one.role, one.version): (one.grade, one.ahead) for one in life.firmware}
    assert seen == {
        ("app", "1.0"): ("possible", False),
        ("app", "2.0"): ("possible", True),
        ("boot", "1.0"): ("certain", False),
    }
    fact = next(one.source.fact for one in life.programmed if one.cells["version"] == "2.0")
    withdraw_facts(actor, [Withdraw(fact, "the clock of ST1 was wrong", "046", clock.now())])
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([1], []), ([], []))


def test_a_package_programmed_ahead_hides_no_later_writing_of_its_unit(load, grades, days_later):
    load(factory())
    came = {**row("", "2.0", APP2, at=LATER), "package": "REEL1", "source": "supplier"}
    placed = {"order": "WO-P", "refdes": "R1", "package": "REEL1", "first_serial": "SN1", "last_serial": "SN2",
              "certainty": "certain", "happened_at": "2027-03-01T08:00:00Z"}  # fmt: skip
    load({"materials": [placed], "programming": [came]}, folder="one")
    days_later(2)
    load({"programming": [row("SN1", "1.0", at="2027-06-02T08:00:00Z")]}, folder="two")
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == (([1], []), ([2], []))


def test_the_gate_keeps_such_a_unit(load, actor, days_later):
    """S0000 was written with another release by a clock of 2031, S0001 runs what it should: one stays, one may go. A right clock writes once more."""
    from shipping_floor import IMAGES, finished, loaded

    from asbuilt.answers.gate.leaving import may_leave

    other = next(version for version in IMAGES if version != "1.1.0")
    rows = finished(2)
    load(rows)
    load({"programming": [{**loaded("S0000", other), "happened_at": LATER}]}, folder="ahead")

    def codes(name):
        return {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}

    assert ("firmware_ahead" in codes("S0000"), codes("S0001")) == (True, set())
    days_later(2)
    load({"programming": [{**loaded("S0000"), "happened_at": "2027-06-02T08:00:00Z"}]}, folder="again")
    assert "firmware_ahead" not in codes("S0000")


def test_a_lone_record_ahead_stops_nothing_and_one_beside_another_release_does(load, actor, days_later):
    """Both were recorded ahead: S0000 had 1.0.0 before, S0001 nothing. What a lone one wrote is known, before its time has come and after."""
    from shipping_floor import IMAGES, finished, loaded

    from asbuilt.answers.gate.leaving import may_leave

    other = next(version for version in IMAGES if version != "1.1.0")
    rows = finished(2)
    rows["programming"] = [{**loaded(name), "happened_at": "2027-06-20T08:00:00Z"} for name in ("S0000", "S0001")]
    load({**rows, "programming": [{**loaded("S0000"), "version": other, "sha256": IMAGES[other]}], "tests": []})
    load({"programming": rows["programming"]}, folder="ahead")

    def stopped(name):
        return "gate.firmware_ahead" in {stop.code for one in may_leave(actor, name) for stop in one.stops}

    assert (stopped("S0000"), stopped("S0001")) == (True, False)
    days_later(30)
    assert (stopped("S0000"), stopped("S0001")) == (True, False)


def test_papers_name_no_firmware_that_may_be_another_one(load, actor):
    from pyroaring import BitMap

    from asbuilt.questions.genealogy.evaluating.view import View
    from asbuilt.questions.genealogy.seen.shipped_firmware import runs_of

    load(factory())
    load({"programming": [row("SN1"), row("SN2")]}, folder="one")
    load({"programming": [two()]}, folder="two")
    found = runs_of(View(actor), BitMap([1, 2]), [])
    assert {unit: runs.version for (unit, _), runs in found.items()} == {2: "1.0"}


def test_counts_by_version_name_only_what_certainly_runs(load, actor):
    from asbuilt.questions.genealogy.answering.answers import ask

    load(factory())
    load({"programming": [row("SN1"), row("SN2")]}, folder="one")
    load({"programming": [two()]}, folder="two")
    counted = ask(actor, "order:WO-P#1..WO-P#2").by["firmware"]
    assert [(one["firmware"], one["certain"]) for one in counted] == [("1.0", 1), (None, 1)]


def test_an_older_home_learns_it_from_its_records_and_goes_back(load, grades, days_later, actor):
    """What units ran by the rule of before is written here by hand: what happened last by its own time."""
    from django.core.management import call_command
    from pyroaring import BitMap

    from asbuilt.kernel.spans import pack
    from asbuilt.storage import bulk, reading
    from asbuilt.storage.transactions import write_tx

    load(factory())
    load({"programming": [row("SN1"), row("SN3"), row("SN4")]}, folder="one")
    load({"programming": [two(), row("SN2", "2.0", APP2, at=LATER)]}, folder="two")
    days_later(2)
    load({"programming": [row("SN2", "1.0", at="2027-06-02T08:00:00Z")]}, folder="three")
    expected = grades("firmware:1.0"), grades("firmware:2.0")
    assert expected == (([2, 3, 4], [1]), ([], [1]))
    entries = "SELECT DISTINCT entry FROM programming_record WHERE tenant = %s ORDER BY entry"
    first, second, _ = (entry for (entry,) in reading.fetch(entries, (actor.tenant,)))
    releases = "SELECT number FROM firmware_release WHERE tenant = %s AND role = 'app' ORDER BY version"
    one, other = (number for (number,) in reading.fetch(releases, (actor.tenant,)))
    call_command("migrate", "programming", "0004", verbosity=0)
    before = [
        (actor.tenant, one, 1, 1, 5, pack(BitMap([1, 3, 4])), first, second), (actor.tenant, one, 1, 3, 5, None, second, None),
        (actor.tenant, other, 1, 1, 3, None, second, None),
    ]  # fmt: skip
    with write_tx(actor.tenant):
        bulk.run("DELETE FROM programming_firmware_run WHERE tenant = %s AND standing > 0", (actor.tenant,))
        columns = ("tenant", "release", "standing", "first_unit", "until_unit", "units", "entry", "until_entry")
        bulk.insert_rows("programming_firmware_run", columns, before)
    call_command("migrate", "programming", verbosity=0)
    assert (grades("firmware:1.0"), grades("firmware:2.0")) == expected
