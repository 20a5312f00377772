"""Charts of process readings and measurements, yields, defects by how often; counted by hand from the rows themselves."""

import json
import math
from datetime import UTC, datetime

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused

DAY = "2026-03-0{}T{:02}:{:02}:00Z"


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def run(n: int, value, unit=1, step="PRINT", machine="PR1", day=2, **more):
    return {"order": "WO", "step": step, "machine": machine, "program": "P7", "first_serial": f"B{unit}", "last_serial": f"B{unit}",
            "started_at": DAY.format(day, 8 + n // 60, n % 60), "finished_at": DAY.format(day, 8 + n // 60, n % 60), "operator": "045",
            "result": "completed", "readings": json.dumps({"pressure": value}), "side": "top", **more}  # fmt: skip


def test(unit: int, outcome="pass", *, day=2, hour=9, minute=0, plan="FCT", station="T1", **measured):
    return {"serial": f"B{unit}", "plan": plan, "plan_version": "1", "station": station, "operator": "", "outcome": outcome,
            "started_at": DAY.format(day, hour, minute), "finished_at": DAY.format(day, hour, minute),
            "measurements": json.dumps(measured) if measured else ""}  # fmt: skip


test.__test__ = False
STEADY = [0.2, 0.21, 0.19, 0.2, 0.22, 0.18]


@pytest.fixture
def chart(actor, line):
    from asbuilt.built.quality.process_control import control
    from asbuilt.built.quality.series import Scope

    def of(step="PRINT", name="pressure", by=None, scope=None, **more):
        return control(by or actor, Scope(step, **(scope or {})), name, **more)

    return of


def rows(values, **more):
    return {"processes": [run(n, value, n % 7 + 1, **more) for n, value in enumerate(values)]}


def test_a_chart_of_readings(chart, load):
    values = STEADY * 5
    load(rows(values), "runs")
    found = chart()
    spread = sum(abs(a - b) for a, b in zip(values, values[1:], strict=False)) / 29
    assert found.panels[0].points == tuple(values) and found.signals == ((), ())
    assert found.panels[0].centre == pytest.approx(0.2) and found.panels[1].centre == pytest.approx(spread, abs=1e-12)
    assert found.panels[0].upper[0] == pytest.approx(0.2 + 3 * spread * math.sqrt(math.pi) / 2, abs=1e-12)
    assert (found.low, found.high) == (0.1, 0.3)  # of the routing
    assert found.capability.cpk.value == pytest.approx(0.1 / (3 * spread * math.sqrt(math.pi) / 2), abs=1e-9)
    assert [point.machine for point in found.points[:2]] == ["PR1", "PR1"]


@pytest.mark.parametrize("name", ["Drücke", 'top "x"', "a\\b", "zone.5", "50%_of"])
def test_a_reading_is_found_however_its_name_is_written(chart, load, name):
    """`Drücke` written as JSON has it, `Dr\\u00fccke`: its chart had no value, and the page named it among what has values there."""
    said = [
        json.dumps({name: 0.2}),
        json.dumps({name: 0.2}, ensure_ascii=False),
        json.dumps({name: 0.2}).replace("u00fc", "u00FC"),
    ]
    load({"processes": [{**run(n, 0), "readings": text} for n, text in enumerate(said)]}, "runs")
    assert chart(name=name).panels[0].points == (0.2,) * 3


def test_what_no_reading_is_and_what_is_far_from_zero(chart, load):
    """A machine writes the largest double for `no value`, and a counter of nanoseconds stands still: both broke the page."""
    from asbuilt.doors.web.chart_pictures import picture, png

    largest, still = 1.7976931348623157e308, 1.7e18
    load(rows([largest, *[still] * 5, -largest]), "runs")
    found = chart()
    assert found.panels[0].points == (still,) * 5 and found.signals == ((), ())
    assert (
        all(0 < dot.y < 400 for panel in picture(found).panels for dot in panel.dots)
        and png(found, "")[:4] == b"\x89PNG"
    )


def test_a_process_that_never_varied_and_one_that_never_failed_are_no_signal(chart, load, actor):
    """20 readings of 0.2 bar, 8 hours without a failure: by every published rule nothing happened, so nobody can hold their units."""
    from asbuilt.answers.register.out_of_control import hold_signal

    load(rows([0.2] * 20), "runs")
    load({"tests": [test(n, hour=n, minute=0) for n in range(1, 9)]}, "tests")
    found = chart()
    assert found.signals == chart(rules="western_electric").signals == ((), ())
    assert chart("FCT", "", kind="p", every="hour").signals == chart("FCT", "", kind="u", every="hour").signals == ((),)
    with pytest.raises(NotFound):
        hold_signal(actor, found.scope, "pressure", rule="nelson_7", at=found.points[-1].at)


def test_under_25_values_no_index(chart, load):
    load(rows(STEADY * 4), "runs")
    assert chart().capability.too_few and chart().capability.cpk is None and len(chart().panels) == 2


def test_one_value_is_no_chart(chart, load):
    load(rows([0.2]), "runs")
    assert chart().too_few and chart().signals == ()


def test_subgroups_end_with_the_last_value(chart, load):
    load(rows([0.9, *STEADY]), "runs")
    found = chart(kind="xbar_r", subgroup=3)
    assert found.panels[0].points == pytest.approx((0.2, 0.2)) and found.panels[1].points == pytest.approx((0.02, 0.04))
    assert [point.size for point in found.points] == [3, 3]


def test_narrowed_by_machine_line_side_product_and_time(chart, load):
    load(
        {
            "processes": [run(n, 0.2 + n / 100, n + 1, machine="PR1" if n % 2 else "PR2", day=2 + n // 4) for n in range(7)],
            "areas": [{"machine": "PR1", "area": "line 1", "operator": "", "from_at": DAY.format(1, 8, 0)}],
        },
        "runs",
    )  # fmt: skip

    def values(**scope):
        return [
            round(point * 100 - 20)
            for point in (chart(scope=scope).panels or [type("P", (), {"points": ()})])[0].points
        ]

    assert values(machine="PR1") == values(line="line 1") == [1, 3, 5]
    assert values(since=micros("2026-03-03T00:00:00")) == [4, 5, 6]
    assert values(until=micros("2026-03-03T00:00:00")) == [0, 1, 2, 3]
    assert (
        values(product="board") == [0, 1, 2, 3, 4, 5, 6] and values(product="box") == [] and values(side="bottom") == []
    )
    for wrong in ({"machine": "PR9"}, {"line": "line 9"}, {"product": "moon"}):
        with pytest.raises(NotFound):
            chart(scope=wrong)
    with pytest.raises(NotFound):
        chart("BAKE")


def test_a_measurement_is_read_in_one_unit_and_once_a_unit(chart, load):
    limits = {"min": 3.2, "max": 3.4, "units": "V"}
    load({"tests": [
        test(1, v={"value": 3.30, **limits}), test(2, v={"value": 3310, "units": "mV", "min": 3200, "max": 3400}, minute=1),
        test(3, "fail", v={"value": 3.9, **limits}, minute=2), test(3, v={"value": 3.32, **limits}, minute=3),
        test(4, v={"value": 12, "units": "A"}, minute=4),
    ]}, "tests")  # fmt: skip
    found = chart("FCT", "v")
    assert (
        found.panels[0].points == pytest.approx((3.3, 3.31, 3.9)) and found.unit == "V"
    )  # the retest says nothing of the process
    assert (found.left_out, found.low, found.high, found.limits_differ) == (1, 3.2, 3.4, False)


def test_what_was_broken_off_is_no_first_run(chart, load):
    """A run that ended as error or was aborted measured 9 V before the first one that passed: its value stood in the chart beside it."""
    load({"tests": [
        test(1, "aborted", v={"value": 9.0}), test(1, v={"value": 3.3}, minute=1), test(2, "error", v={"value": 0.0}, minute=2),
        test(2, "fail", v={"value": 3.5}, minute=3), test(3, v={"value": 3.4}, minute=4), test(4, "aborted", v={"value": 9.0}, minute=5),
    ]}, "tests")  # fmt: skip
    assert chart("FCT", "v").panels[0].points == pytest.approx((3.3, 3.5, 3.4))


def test_a_machine_that_moved_counts_for_the_line_where_it_stood(chart, load, yields):
    """T1 stood in line 1 until the end of 2 March, PR1 too: charts and yields of 2 March were those of line 2, where they stand now. T2 is first known
    to be in line 2 on the 4th."""
    moved = [(name, line, day) for name in ("T1", "PR1") for line, day in (("line 1", 1), ("line 2", 3))]
    load(
        {
            "tests": [test(1, "fail", v={"value": 1.0}), test(2, v={"value": 2.0}, minute=1), test(3, v={"value": 3.0}, day=3), test(4, station="T2", v={"value": 4.0}, day=3, minute=5)],
            "processes": [run(n, 0.2 + n / 10, n + 1, day=2 + n // 2) for n in range(4)],
            "areas": [{"machine": name, "area": line, "operator": "", "from_at": DAY.format(day, 0, 0)} for name, line, day in (*moved, ("T2", "line 2", 4))],
        },
        "moved",
    )  # fmt: skip

    def values(line, *asked):
        return chart(*asked, scope={"line": line}).panels[0].points

    assert (values("line 1", "FCT", "v"), values("line 2", "FCT", "v")) == ((1.0, 2.0), (3.0, 4.0))
    assert (values("line 1"), values("line 2")) == (pytest.approx((0.2, 0.3)), pytest.approx((0.4, 0.5)))
    told = [{row.group: (row.began, row.passed) for row in yields(day, by=("line",)).rows} for day in (2, 3)]
    assert told == [{("line 1",): (2, 1)}, {("line 2",): (2, 2)}]


def test_limits_that_changed_give_none(chart, load):
    load(
        {"tests": [test(n, v={"value": 3.3, "min": 3.2, "max": 3.4 + (n > 2) / 10}, minute=n) for n in range(1, 5)]},
        "tests",
    )
    assert (chart("FCT", "v").low, chart("FCT", "v").limits_differ) == (None, True)


def test_shares_and_defects_by_day(chart, load):
    tests = [test(n, "fail" if n == 1 else "pass", day=2) for n in (1, 2, 3, 4)] + [
        test(1, day=3),
        *(test(n, "fail", day=3) for n in (5, 6)),
    ]
    found_on = lambda *codes: {"defects": [{"code": code, "at": "U1"} for code in codes]}  # noqa: E731
    aoi = [
        test(1, "fail", plan="AOI", **found_on("void", "bridge")),
        test(2, plan="AOI"),
        test(3, "fail", plan="AOI", day=3, **found_on("void")),
    ]
    load({"tests": [*tests, *aoi]}, "tests")
    p = chart("FCT", "", kind="p")
    assert p.panels[0].points == (0.25, 1.0) and [point.size for point in p.points] == [4, 2]
    assert p.panels[0].centre == pytest.approx(3 / 6)
    u = chart("AOI", "", kind="u")
    assert u.panels[0].points == (1.0, 1.0) and [point.size for point in u.points] == [2, 1]
    assert chart("FCT", "", kind="p", every="week").too_few


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pie"},
        {"rules": "mine"},
        {"name": ""},
        {"kind": "xbar_r", "subgroup": 1},
        {"kind": "p", "every": "moon"},
    ],
)
def test_what_is_no_chart(chart, load, wrong):
    load(rows(STEADY), "runs")
    with pytest.raises(Invalid):
        chart(**wrong)


def test_a_signal_proposes_a_hold_and_a_nonconformity(chart, load, actor, seen, blocked):
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.answers.register.out_of_control import hold_signal
    from asbuilt.built.production.holds import hold_of

    load(rows([*STEADY * 4, 0.28]), "runs")  # the 25th value, of unit B4
    found = chart()
    (signal,) = [one for one in found.signals[0] if one.rule == "nelson_1"]
    at = found.points[signal.point].at
    assert verdicts(actor, "B4")[0].go  # a chart alone holds nothing
    code, hold = hold_signal(actor, found.scope, "pressure", rule="nelson_1", at=at, request_key="s")
    assert hold_signal(actor, found.scope, "pressure", rule="nelson_1", at=at, request_key="s") == (code, hold)
    assert (seen(code).source, seen(code).description) == ("process", "PRINT pressure: rule nelson_1 broken at 0.28")
    assert blocked() == {code: ["B4"]} and hold_of(actor.tenant, hold).spans == [(4, 5)]
    assert not verdicts(actor, "B4")[0].go and verdicts(actor, "B5")[0].go
    with pytest.raises(NotFound) as gone:
        hold_signal(actor, found.scope, "pressure", rule="nelson_2", at=at)
    assert gone.value.code == "register.signal_unknown"
    with pytest.raises(
        Refused
    ) as again:  # somebody else looks at the same chart: it raised a second one, and a second hold
        hold_signal(actor, found.scope, "pressure", rule="nelson_1", at=at, reason="printer 1", request_key="t")
    assert (again.value.code, again.value.facts["nonconformity"]) == ("register.signal_raised", code)


def test_a_signal_of_ranges_proposes_the_same_about_both_values(chart, load, actor, seen):
    """The mean stays, the spread does not: values 0.18 and 0.28 lie 0.1 apart, where 0.02 is usual. Their two units are held."""
    from asbuilt.answers.register.out_of_control import hold_signal
    from asbuilt.built.production.holds import hold_of

    load(rows([*STEADY * 4, 0.28]), "runs")  # the 24th value is of unit B3, the 25th of B4
    found = chart()
    (signal,) = [one for one in found.signals[1] if one.rule == "nelson_1"]
    at = found.at(signal, 1)
    assert at == found.points[-1].at and len(found.panels[1].points) == 24
    code, hold = hold_signal(actor, found.scope, "pressure", rule="nelson_1", at=at, of_ranges=True)
    assert seen(code).description == f"PRINT pressure (range): rule nelson_1 broken at {0.28 - STEADY[-1]:.6g}"
    assert hold_of(actor.tenant, hold).spans == [(3, 5)]


def test_who_may_decide_about_a_signal(chart, load, person, stranger):
    from asbuilt.answers.register.out_of_control import hold_signal

    load(rows([*STEADY * 4, 0.28]), "runs")
    found = chart()
    said = {"rule": "nelson_1", "at": found.points[-1].at}
    with pytest.raises(NotAllowed):
        hold_signal(person("operator"), found.scope, "pressure", **said)
    with pytest.raises(NotFound):
        hold_signal(stranger, found.scope, "pressure", **said)
    assert hold_signal(person("engineer"), found.scope, "pressure", **said) == ("NCR-1", "H-1")


@pytest.fixture
def yields(actor, line):
    from asbuilt.built.quality import yields as read

    def of(day=2, by=("step",), who=None, **more):
        since = micros(f"2026-03-0{day}T00:00:00")
        return read.yields(who or actor, since=since, until=since + 86_400_000_000, by=by, **more)

    return of


def test_three_solder_bridges_are_three_defects(yields, chart, load, actor):
    """Two boards of two positions each looked at: 3 of 4 opportunities, 1.5 a unit. On the next day none on one board."""
    from asbuilt.ledger.verifying import verify

    found = [{"code": "bridge", "at": at} for at in ("U1", "U1", "R1")] + [
        {"code": "bridge", "verification": "DefectRejected"}
    ]
    load(
        {"tests": [test(1, "fail", plan="AOI", defects=found), test(2, plan="AOI"), test(3, plan="AOI", day=3)]},
        "tests",
    )
    (row,) = yields().rows
    assert (row.defects, row.opportunities, row.dpmo) == (3, 4, pytest.approx(750_000))
    assert chart("AOI", "", kind="u").panels[0].points == (1.5, 0.0)
    assert verify(actor.tenant).findings == []


def test_yields_by_step_line_and_product(yields, load):
    load(
        {
            "tests": [
                test(1, "fail"), test(1, "pass", hour=10), test(2), test(3), test(4, "error"), test(4, "pass", hour=10),
                *(test(n, "fail" if n == 2 else "pass", plan="AOI", station="A1", defects=[{"code": "void", "at": "U1"}] if n == 2 else []) for n in (1, 2)),
                test(5, day=3),
            ],
            "areas": [{"machine": "T1", "area": "line 1", "operator": "", "from_at": DAY.format(1, 8, 0)}],
        },
        "tests",
    )  # fmt: skip
    found = yields()
    told = {row.group: (row.began, row.passed, row.defects, row.opportunities) for row in found.rows}
    assert told == {("FCT",): (4, 3, 0, 8), ("AOI",): (2, 1, 1, 4)}  # the board has two placed parts
    assert (found.whole.fpy, found.whole.rolled) == (pytest.approx(4 / 6), pytest.approx(0.75 * 0.5))
    assert found.whole.dpmo == pytest.approx(1 / 12 * 1_000_000)
    assert [row.group for row in found.rows] == [("AOI",), ("FCT",)]  # the worst first
    assert {row.group: row.fpy for row in yields(by=("line", "product")).rows} == {
        ("line 1", "board"): 0.75,
        ("", "board"): 0.5,
    }
    assert yields(product="box").rows == () and yields(product="box").whole.fpy is None
    low, high = found.rows[1].fpy_limits
    assert (round(low, 4), round(high, 4)) == (0.1941, 0.9937)  # three of four


def test_a_silent_tester_is_not_100_percent(yields, load):
    load({"tests": [test(1, day=2), test(2, day=3, station="T2")]}, "tests")
    found = yields(day=3)
    assert [(one.step, one.station, one.last_at) for one in found.silent] == [
        ("FCT", "T1", micros("2026-03-02T09:00:00"))
    ]
    assert yields(day=2).silent == ()


def test_what_yields_refuse(yields, person):
    for by in (("moon",), ()):
        with pytest.raises(Invalid):
            yields(by=by)
    from dataclasses import replace

    with pytest.raises(NotFound):
        yields(who=replace(person("engineer"), party=1))


def test_defects_by_how_often(actor, line, load):
    from asbuilt.built.quality.pareto import pareto
    from asbuilt.built.quality.series import Scope

    defect = lambda code, at, **more: {"code": code, "at": at, **more}  # noqa: E731
    load({"tests": [
        test(1, "fail", plan="AOI", defects=[defect("void", "U1"), defect("void", "R1"), defect("bridge", "U1")]),
        test(2, "fail", plan="AOI", defects=[defect("void", "U1")]),
        test(3, plan="AOI", defects=[defect("skew", "R1", verification="DefectRejected")]),
        test(4, "fail", plan="AXI", day=3, defects=[defect("void", "U1")]),
    ]}, "tests")  # fmt: skip
    found = pareto(actor, Scope(""))
    assert [(row.code, row.units, row.found, round(row.share, 2)) for row in found.codes] == [
        ("void", 3, 4, 0.8),
        ("bridge", 1, 1, 1.0),
    ]
    assert [(row.code, row.at, row.units) for row in found.places][0] == ("void", "U1", 3)
    assert (found.units, found.false_calls, found.false_units, found.orders) == (3, 1, 1, (("WO", 4),))
    assert [row.found for row in pareto(actor, Scope("AXI")).codes] == [1]
    assert [row.code for row in pareto(actor, Scope("", until=micros("2026-03-03T00:00:00"))).codes] == [
        "void",
        "bridge",
    ]
    with pytest.raises(NotFound):
        pareto(actor, Scope("ICT"))
