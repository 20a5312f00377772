"""The air of an area over time, the area of a machine over time, and both beside the process runs of a unit."""

import pytest
from line_and_box import factory

from asbuilt.kernel.errors import Invalid, NotAllowed


def run(serial, machine, begun, ended, step="REFLOW"):
    return {"order": "WO", "step": step, "machine": machine, "program": "", "first_serial": serial, "last_serial": serial,
            "started_at": begun, "finished_at": ended, "operator": "", "result": "completed", "readings": "", "side": "top"}  # fmt: skip


def air(time, celsius="", humidity="", area="line 1", **more):
    return {"area": area, "temperature_c": celsius, "humidity_percent": humidity, "measured_at": time, **more}


DAY = "2026-03-02T{}:00Z"


@pytest.fixture
def line(load):
    load(factory())
    load(
        {
            "areas": [
                {"machine": "OV1", "area": "line 1", "from_at": DAY.format("00:00")},
                {"machine": "OV1", "area": "line 2", "from_at": DAY.format("12:00")},
                {"machine": "OV2", "area": "", "from_at": DAY.format("00:00")},
            ],
            "environment": [
                air(DAY.format("07:00"), "19", "50"), air(DAY.format("07:50"), "20", "45"),
                air(DAY.format("08:10"), "22.5", "40", cleanroom_class="ISO 8"), air(DAY.format("08:20"), "21", "41.5"),
                air(DAY.format("08:40"), "30", "60"), air(DAY.format("12:30"), "25", area="line 2"),
            ],
            "processes": [
                run("B1", "OV1", DAY.format("08:00"), DAY.format("08:30")),
                run("B2", "OV1", DAY.format("08:05"), DAY.format("08:06")),
                run("B3", "OV1", DAY.format("11:00"), DAY.format("11:30")),
                run("B4", "OV1", DAY.format("12:10"), DAY.format("12:45")),
                run("B5", "OV2", DAY.format("08:00"), DAY.format("08:30")),
            ],
        },
        "day",
    )  # fmt: skip


@pytest.fixture
def around(actor):
    from asbuilt.questions.genealogy.seen.life import unit_life

    def of(serial, by=None, as_of=None):
        (event,) = [one for one in unit_life(by or actor, serial, as_of).events if one.kind == "processed"]
        said = event.cells["around"]
        return said and (said.area, said.temperature_c, said.humidity_percent, said.cleanroom_class)

    return of


def test_the_air_during_a_run_and_else_the_last_one_within_the_hour(line, around):
    assert around("B1") == ("line 1", "21 to 22.5", "40 to 41.5", "ISO 8")  # 08:10 and 08:20
    assert around("B2") == ("line 1", "20", "45", "")  # 07:50
    assert around("B3") == ("line 1", "", "", "")  # the last one is 2:20 old
    assert around("B4") == ("line 2", "25", "", "")  # the machine was moved at noon
    assert around("B5") is None  # in no area


def test_as_it_was_known_then(line, around, actor):
    from asbuilt.built.production.actions.process_record import measure
    from asbuilt.kernel.instants import format_instant, parse_instant
    from asbuilt.ledger import clock

    before = format_instant(clock.now())
    measure(actor, area="line 1", temperature_c="23", measured_at=parse_instant(DAY.format("11:10")))
    assert around("B3") == ("line 1", "23", "", "")
    assert around("B3", as_of=before) == ("line 1", "", "", "")


def test_a_measurement_that_was_wrong(line, around, withdraw, correct, findings):
    correct("environment", {"temperature_c": "22.5"}, temperature_c="21.5")
    withdraw("environment", temperature_c="21")
    assert around("B1") == ("line 1", "21.5", "40", "ISO 8")
    withdraw("areas", area="line 2")
    assert around("B4") == ("line 1", "", "", "")
    assert findings() == []


def test_it_moves(line, around, moved):
    moved()
    assert around("B1") == ("line 1", "21 to 22.5", "40 to 41.5", "ISO 8")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({}, "production.nothing_measured"),
        ({"humidity_percent": "101"}, "production.humidity_wrong"),
        ({"temperature_c": "22,5"}, "tables.cell_not_a_number"),
    ],
)
def test_what_is_refused(line, refusal, actor, cells, code):
    from asbuilt.built.production.actions.process_record import measure

    assert refusal("environment", [air(DAY.format("09:00")) | cells])[1][0][0] == code
    with pytest.raises(Invalid) as caught:
        measure(actor, area="line 1", **cells)
    assert caught.value.code == code or caught.value.rows[0].code == code


def test_who_may_and_a_stranger(line, around, person, stranger, actor):
    from asbuilt.built.production.actions.process_record import measure, say_area
    from asbuilt.built.production.process_record import areas_seen, measured_seen

    for role in ("operator", "auditor"):
        with pytest.raises(NotAllowed):
            measure(person(role), area="line 1", temperature_c="1")
    with pytest.raises(NotAllowed):
        say_area(person("psirt"), machine="OV1", area="x")
    say_area(person("engineer"), machine="OV1", area="x")
    assert areas_seen(stranger) == [] and measured_seen(stranger) == []
    assert [(one.row.area, one.holds) for one in areas_seen(actor) if one.row.machine == "OV1"] == [
        ("x", True), ("line 2", False), ("line 1", False),
    ]  # fmt: skip
