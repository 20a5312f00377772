"""What a tester's file would hide from the gate: a slow clock, a name told twice, a product of others. Expected by hand."""

import json

import pytest
from result_files import measured, openhtf
from shipping_floor import at, finished, run

from asbuilt.kernel.instants import parse_instant

CAME = parse_instant("2026-03-10T08:00:00Z")


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


@pytest.fixture
def told(actor):
    """told(record) takes one file of OpenHTF."""
    from asbuilt.built.messages.machine_files import record_file

    return lambda said, name="x.json": record_file(actor, name, json.dumps(said).encode())


def record(serial: str, outcome="PASS", when="2026-03-06T08:00:00Z", value=3.3, station="GOOD", **metadata) -> dict:
    said = openhtf(
        serial, outcome, at=parse_instant(when) // 1_000, plan="FCT", version="2", station=station,
        measurements=[measured("v", value, outcome=outcome)], **metadata,
    )  # fmt: skip
    return said


def test_a_failure_at_1970_stops_the_unit_that_passed(load, actor, codes, told):
    """S0000 passed on 5 March, its tester then says FAIL at the beginning of its clock; S0001's tester starts with such a clock and is mended;
    S0002's failure of 4 March was known before its pass."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.seen.tests import test_history

    clock.set_clock(lambda: CAME)
    rows = finished(4)
    late = [row for row in rows["tests"] if row["serial"] == "S0002"]
    rows["tests"] = [row for row in rows["tests"] if row["serial"] != "S0002"]
    load(rows)
    load({"tests": [run("S0002", outcome="fail", day=4)]}, "before")
    load({"tests": late}, "after")
    assert {codes(f"S000{n}") == set() for n in range(4)} == {True}

    for serial in ("S0000", "S0001"):
        seen = told(record(serial, "FAIL", "1970-01-01T00:00:10Z"), f"{serial}.json")
        assert seen.use == "taken" and len(seen.warnings) == 1
        assert "1970-01-01T00:00Z, before its order was opened at 2026-03-01T08:00Z" in seen.warnings[0]
        assert codes(serial) == {"test_failed"}
    (stop,) = may_leave(actor, "S0000")[0].stops
    assert "ended as fail at 1970-01-01T00:00Z by its own clock, and came in after the pass" in stop.message
    assert [doubt.code for doubt in test_history(actor, "S0000").runs[-1].doubts][-1] == "before_order"

    told(record("S0001", when="1970-01-01T00:10:00Z"), "again.json")  # a pass, later by arrival and by that clock
    assert codes("S0001") == set()
    told(record("S0000", when="1970-01-01T00:00:01Z"), "older.json")  # later by arrival alone
    assert codes("S0000") == {"test_failed"}
    told(record("S0000", when="2026-03-09T08:00:00Z"), "mended.json")
    assert codes("S0000") == set()


def test_a_station_whose_clock_fell_back_is_said(load, told):
    """GOOD told of a run of yesterday; then it says 20 days ago. OLD works offline, and always tells late."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: CAME)
    rows = finished(4)
    rows["orders"][0]["opened_at"] = "2026-01-01T08:00:00Z"
    load(rows)
    assert told(record("S0000", when=at(9)), "yesterday.json").warnings == []
    (said,) = told(record("S0001", when="2026-02-18T08:00:00Z"), "back.json").warnings
    assert "GOOD says that it ended at 2026-02-18T08:00Z, 19 days ago, and told of earlier runs at once" in said
    assert told(record("S0002", when="2026-02-18T08:00:00Z", station="OLD"), "old.json").warnings == []
    assert told(record("S0003", when="2026-02-19T08:00:00Z", station="OLD"), "old2.json").warnings == []


def test_a_name_told_in_two_phases_is_two_values(load, actor, codes, told):
    """v is 3.9 V when switched on and 3.3 V idle, limits 3.2 to 3.4. Of a phase that OpenHTF repeats (it leaves SKIP, or ERROR under
    repeat_on_timeout) the last try counts; the same phase run twice by the test itself is two phases."""
    from asbuilt.questions.genealogy.seen.tests import test_history

    late = {"options": {"repeat_on_timeout": True}}
    told_by_phase = (
        ([("power_on", 3.9, "PASS"), ("idle", 3.3, "PASS")], {"test_in_doubt"}),
        ([("idle", 3.3, "PASS"), ("power_on", 3.9, "PASS")], {"test_in_doubt"}),
        ([("power_on", 3.35, "PASS"), ("idle", 3.3, "PASS")], set()),
        ([("power_on", 3.9, "SKIP"), ("power_on", 3.3, "PASS")], set()),
        ([("power_on", 3.3, "PASS"), ("idle", 3.9, "SKIP"), ("idle", 3.25, "PASS")], set()),
        ([("power_on", 3.3, "SKIP"), ("power_on", 3.9, "PASS")], {"test_in_doubt"}),
        ([("power_on", 3.9, "PASS"), ("power_on", 3.3, "PASS")], {"test_in_doubt"}),
        ([("power_on", 3.9, "SKIP"), ("idle", 3.3, "PASS"), ("power_on", 3.3, "PASS")], set()),
        ([("power_on", 3.9, "SKIP"), ("idle", 3.3, "PASS"), ("power_on", 3.5, "PASS")], {"test_in_doubt"}),
        ([("power_on", 3.9, "ERROR", late), ("power_on", 3.3, "PASS", late)], set()),
        # a run that says PASS over a phase that ended as ERROR is none
        ([("power_on", 3.9, "ERROR"), ("power_on", 3.3, "PASS")], {"test_failed"}),
    )
    rows = finished(len(told_by_phase))
    rows["tests"] = []
    load(rows)
    for n, (phases, _) in enumerate(told_by_phase):
        said = record(f"S{n:04d}")
        (phase,) = said["phases"]
        said["phases"] = [
            {
                **phase,
                "name": name,
                "outcome": outcome,
                "attachments": {},
                "measurements": {"v": measured("v", value)},
                **dict(*more),
            }
            for name, value, outcome, *more in phases
        ]
        assert told(said, f"{n}.json").use == "taken"
    assert [codes(f"S{n:04d}") for n in range(len(told_by_phase))] == [expected for _, expected in told_by_phase]
    (seen,) = test_history(actor, "S0001").runs
    assert [(doubt.code, doubt.about) for doubt in seen.doubts] == [("outside_limits", "v#2 3.9 V (3.2 to 3.4 V)")]
    assert {step.name: step.plan_limits for step in seen.steps} == {"v": "3.2 to 3.4 V", "v#2": "3.2 to 3.4 V"}


def test_what_an_older_reader_took_for_a_try_is_a_value_of_its_own(load, codes):
    rows = finished(2)
    for row, phase in zip(rows["tests"], ("idle", "power_on"), strict=True):
        row["measurements"] = json.dumps(
            {"v": {"value": 3.9, "step": "power_on"}, "v~2": {"value": 3.3, "step": phase}}
        )
    load(rows)
    assert (codes("S0000"), codes("S0001")) == ({"test_in_doubt"}, set())


def test_a_part_number_of_nobody_here_is_said(load, actor, codes, told):
    """NOT-OURS-99 may be what a customer calls it, or the wrong board: taken, said, and shown with the run. Its GTIN is known; `house` is refused."""
    from asbuilt.ledger.verifying import verify
    from asbuilt.questions.genealogy.seen.tests import test_history

    rows = finished(4)
    rows["tests"] = []
    rows["mark_rules"] = [
        {"product": "board", "content": "gs1", "gtin": "04012345000009", "company_digits": "7", "module_mm": "0.4"}
    ]
    load(rows)
    said = {
        part: told(record(f"S000{n}", part_number=part), f"{n}.json")
        for n, part in enumerate(("NOT-OURS-99", "board", "04012345000009", "house"))
    }
    assert [one.use for one in said.values()] == ["taken", "taken", "taken", "refused"]
    (warning,) = said["NOT-OURS-99"].warnings
    assert "NOT-OURS-99 is no product of ours, and S0000 is a board" in warning
    assert said["board"].warnings == said["04012345000009"].warnings == []
    assert [codes(f"S000{n}") for n in range(4)] == [set(), set(), set(), {"test_missing"}]
    assert [[(one.code, one.about) for one in test_history(actor, f"S000{n}").runs[0].doubts] for n in (0, 1)] == [
        [("part_unknown", "NOT-OURS-99")],
        [],
    ]
    again = told(
        record("S0000", part_number="NOT-OURS-99") | {"more": 1}, "again.json"
    )  # the same run from another file is one
    assert (again.use, again.stored, again.known) == ("taken", 0, 1)
    assert verify(actor.tenant).findings == []
