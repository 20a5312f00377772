"""Record test runs: the last run of a plan says how a unit stands; what is refused, what is history."""

import pytest

from asbuilt.kernel.errors import Conflict, Invalid

FACTORY = {
    "parts": [{"part": "R1"}],
    "bom": [
        {"product": p, "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}
        for p in ("P", "Q")
    ],
    "orders": [
        {"order": f"WO-{p}", "product": p, "revision": "A", "bom_version": "1", "quantity": "10",
         "opened_at": "2027-03-01T08:00:00Z"}
        for p in ("P", "Q")
    ],
    "units": [{"order": f"WO-{p}", "serial": f"SN{n}"} for p, most in (("P", 9), ("Q", 1)) for n in range(1, most + 1)],
}  # fmt: skip


def row(serial, outcome="pass", end="2027-03-02T08:00:10Z", plan="ICT", start="2027-03-02T08:00:00Z", **more):
    cells = {"serial": serial, "plan": plan, "plan_version": "3", "station": "T1", "operator": "045",
             "outcome": outcome, "started_at": start, "finished_at": end, "measurements": '{"v33": 3.31}'}  # fmt: skip
    return cells | more


@pytest.fixture(autouse=True)
def june_2027(home):
    """The clock stands behind what the rows tell."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: 1_811_808_000_000_000)


@pytest.fixture
def tenant(actor):
    return actor.tenant


def stand(tenant, plan, outcome, ever=False):
    """The units whose last run of a plan ended so, by number."""
    from asbuilt.built.production.floor_names import FloorNames
    from asbuilt.built.quality.queries import units_with_outcome

    return set(units_with_outcome(tenant, FloorNames(tenant).known("plan")[plan], outcome, ever=ever))


def refused(load, rows):
    with pytest.raises(Invalid) as caught:
        load({"tests": rows}, folder="wrong")
    return sorted((error.line, error.column, error.code) for error in caught.value.rows)


def test_the_last_run_by_its_end_counts(load, tenant):
    load(FACTORY)
    load({"tests": [
        row("WO-P#1", "fail"),
        row("WO-P#1", "pass", start="2027-03-02T09:00:00Z", end="2027-03-02T09:00:10Z"),
        row("SN2", "fail", start="2027-03-02T07:00:00Z", end="2027-03-02T12:00:00Z"),  # began first, ended last
        row("SN2", "pass"),
        row("SN3", "error", plan="FCT"),
        row("SN3", "pass", plan="ICT"),
    ]}, folder="one")  # fmt: skip
    assert stand(tenant, "ICT", "pass") == {1, 3}
    assert stand(tenant, "ICT", "fail") == {2}
    assert stand(tenant, "ICT", "fail", ever=True) == {1, 2}
    assert stand(tenant, "FCT", "error") == {3}


def test_a_later_file_moves_units_and_the_past_stays_readable(load, tenant):
    from asbuilt.built.quality.queries import failed_units, outcomes_of_unit
    from asbuilt.storage import reading

    load(FACTORY)
    load({"tests": [row(f"SN{n}", "fail") for n in range(2, 7)]}, folder="one")
    before = reading.fetch_one("SELECT max(number) FROM ledger_entry WHERE tenant = %s", (tenant,))[0]
    load({"tests": [row("SN3", start="2027-03-03T08:00:00Z", end="2027-03-03T08:00:10Z")]}, folder="two")
    assert stand(tenant, "ICT", "fail") == {2, 4, 5, 6} == set(failed_units(tenant, 1, 100))
    assert stand(tenant, "ICT", "pass") == {3}
    assert list(outcomes_of_unit(tenant, 3, as_of=before).values()) == ["fail"]
    assert list(outcomes_of_unit(tenant, 3).values()) == ["pass"]


def test_loading_again_changes_nothing_and_a_changed_row_is_a_conflict(load):
    load(FACTORY)
    rows = [row("SN2"), row("SN3", plan="FCT")]
    load({"tests": rows}, folder="one")
    [again] = load({"tests": [*rows, row("SN4")]}, folder="two")
    assert (again.known, again.stored) == (2, 1)
    with pytest.raises(Conflict):
        load({"tests": [row("SN2", measurements='{"v33": 3.32}')]}, folder="three")


def test_a_run_twice_in_a_file(load):
    load(FACTORY)
    [report] = load({"tests": [row("SN2"), row("SN2")]}, folder="one")
    assert (report.stored, report.warnings_total) == (1, 1)


def test_two_runs_of_one_moment_that_differ_are_two_runs_and_the_later_row_says_what_holds(load, tenant):
    load(FACTORY)
    [report] = load({"tests": [row("SN3"), row("SN3", "fail")]}, folder="one")
    assert (report.stored, report.warnings_total) == (2, 0)
    assert stand(tenant, "ICT", "fail") == {3}


def test_what_is_wrong_is_named(load):
    load(FACTORY)
    assert refused(load, [row("SN1"), row("SN99"), row("SN2", end="2027-03-02T07:59:59Z")]) == [
        (2, "serial", "production.serial_ambiguous"),
        (3, "serial", "production.serial_unknown"),
        (4, "finished_at", "quality.ends_before_start"),
    ]
    assert refused(load, [row("SN2", plan="x" * 201)]) == [(2, "plan", "tables.cell_too_long")]


def test_the_product_column_tells_equal_serial_numbers_apart(load, tenant):
    load(FACTORY)
    load({"tests": [row("SN1", product="Q"), row("SN1", "fail", product="P"), row("SN2", product="P")]}, folder="one")
    assert stand(tenant, "ICT", "pass") == {2, 11}
    assert stand(tenant, "ICT", "fail") == {1}


def test_runs_read_back_by_unit(load, tenant):
    from asbuilt.built.quality.queries import tests_of_unit

    load(FACTORY)
    load({"tests": [row("SN5", "aborted"), row("SN5", plan="FCT", end="2027-03-02T08:00:05Z")]}, folder="one")
    assert [(run.outcome, run.finished_at - run.started_at) for run in tests_of_unit(tenant, 5)] == [
        ("pass", 5_000_000),
        ("aborted", 10_000_000),
    ]
    assert tests_of_unit(tenant, 5)[0].measurements == '{"v33": 3.31}'
