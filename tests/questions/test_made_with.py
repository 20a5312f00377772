"""`paste:`, `stencil:`, `tool:`, `alarm:` and limits of cycles: what process runs name in their readings."""

import json

import pytest
from line_and_box import factory

from asbuilt.kernel.errors import NotFound


def run(first, last, hour, step="PRINT", **readings):
    return {"order": "WO", "step": step, "machine": "PR1", "program": "", "first_serial": first, "last_serial": last,
            "started_at": f"2026-03-02T{hour:02d}:00:00Z", "finished_at": f"2026-03-02T{hour:02d}:30:00Z", "operator": "",
            "result": "completed", "readings": json.dumps(readings), "side": "top"}  # fmt: skip


@pytest.fixture
def line(load):
    tables = factory()
    for row in tables["routings"]:
        if row["step"] == "PRINT":
            row["limits"] = (
                '{"stencil_cycles": [null, 50000], "tools.*.cycles": [null, 1000], "paste_cycles": [null, 200]}'
            )
    load(tables)
    load(
        {
            "processes": [
                run("B1", "B3", 8, paste="SP-7", paste_lot="PL-1", stencil="ST-19", stencil_cycles=49999),
                run(
                    "B4",
                    "B5",
                    9,
                    paste="SP-8",
                    paste_lot="PL-1",
                    stencil="ST-20",
                    stencil_cycles=50001,
                    paste_cycles=201,
                ),
                run("B6", "B6", 10, tools={"SQ-4": {"name": "squeegee", "cycles": 1001}, "SQ-5": {"cycles": 3}}),
                run("B7", "B7", 11, "FCT", fixture="FX-1", fixture_cycles=12, note='paste" said nobody', alarm="E-114"),
                run("B6", "B7", 12, "FCT", alarm=["E-7", 12], stencil_cycles=60000),
            ]
        },
        "runs",
    )


@pytest.fixture
def ask(actor):
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: [row["serial"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]]


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("paste:SP-7", "B1 B2 B3"),
        ("paste:PL-1", "B1 B2 B3 B4 B5"),
        ("paste:SP-7,SP-8 -stencil:ST-19", "B4 B5"),
        ("stencil:ST-20", "B4 B5"),
        ("tool:ST-19", "B1 B2 B3"),
        ("tool:SQ-4", "B6"),
        ("tool:FX-1", "B7"),
        ("unit:B2 paste:PL-1", "B2"),
        ("alarm:stencil_cycles", "B4 B5"),  # of PRINT alone: FCT has no limits
        ("alarm:tools.SQ-4.cycles", "B6"),
        ("alarm:stencil_cycles,E-114", "B4 B5 B7"),
        ("alarm:12", "B6 B7"),
        ("alarm:E-7 alarm:E-114", "B7"),
        ("unit:B4 alarm:paste_cycles", "B4"),
        ("product:board -tool:SQ-4,FX-1,ST-19", "B4 B5"),
    ],
)
def test_what_runs_name(line, ask, question, units):
    assert ask(question) == units.split()


@pytest.mark.parametrize(
    "question", ["paste:SP-9", "stencil:SQ-4", "tool:SP-7", "paste:SP-7,SP-9", "alarm:E-8", "alarm:zone5"]
)
def test_a_code_that_no_run_names(line, ask, question):
    with pytest.raises(NotFound) as caught:
        ask(question)
    assert caught.value.code == "question.unknown_name"


def test_cycles_out_of_limits(line, actor):
    from asbuilt.built.production.process_record import alarms_seen

    assert [(one.first, one.alarm.outside) for one in alarms_seen(actor)] == [
        ("WO#6", "tools.SQ-4.cycles 1001 (up to 1000)"),
        ("WO#4", "stencil_cycles 50001 (up to 50000); paste_cycles 201 (up to 200)"),
    ]


def test_withdrawn_it_is_a_name_that_nothing_has(line, ask, actor):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger import clock

    row = list(rows_of(actor.tenant, "processes"))[0]
    withdraw_facts(actor, [Withdraw(fact_id(TABLES["processes"], row), "wrong", "045", clock.now())])
    with pytest.raises(NotFound):
        ask("stencil:ST-19")
    assert ask("paste:PL-1") == ["B4", "B5"]


def test_what_was_decided_about_an_alarm_does_not_unraise_it(line, ask, actor):
    from asbuilt.answers.register.alarms import dismiss_alarm
    from asbuilt.built.production.process_record import alarms_seen

    for seen in alarms_seen(actor):
        dismiss_alarm(actor, alarm=seen.alarm.number, reason="counter was reset late")
    assert ask("alarm:stencil_cycles") == ["B4", "B5"]


def test_codes_are_completed(line, actor):
    from asbuilt.questions.genealogy.answering.completion import complete

    assert {one.text for one in complete(actor, "tool:S", 6)} == {"ST-19", "ST-20", "SQ-4", "SQ-5"}
    assert {one.text for one in complete(actor, "paste:P", 7)} == {"PL-1"}
    assert {one.text for one in complete(actor, "alarm:", 6)} == {
        "E-114",
        "E-7",
        "12",
        "stencil_cycles",
        "paste_cycles",
        "tools.SQ-4.cycles",
    }
