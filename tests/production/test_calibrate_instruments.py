"""Calibrate an instrument; found out of tolerance it says which results and which units since its last good calibration.

ICT1 measures boards B1 to B5 on days 2 to 6, one a day, and the oven OV1 takes the panel of B1 to B4 on day 5, 08:00 to 10:00.
"""

import json

import pytest
from line_and_box import factory

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from asbuilt.kernel.instants import parse_instant


def at(day: int, hour: int = 8) -> str:
    return f"2026-03-{day:02d}T{hour:02d}:00:00Z"


def ict(serial, day, station="ICT1", outcome="pass"):
    return {"serial": serial, "plan": "ICT", "plan_version": "1", "station": station, "operator": "045", "outcome": outcome,
            "started_at": at(day), "finished_at": at(day, 9), "measurements": ""}  # fmt: skip


@pytest.fixture
def line(load):
    load(factory())
    oven = {"order": "WO", "step": "REFLOW", "machine": "OV1", "program": "P7", "first_serial": "B1", "last_serial": "B4",
            "started_at": at(5), "finished_at": at(5, 10), "operator": "", "result": "completed", "readings": "", "side": "top"}  # fmt: skip
    load(
        {
            "processes": [oven],
            "tests": [*(ict(f"B{n}", n + 1) for n in range(1, 6)), ict("B7", 4, "ICT2"), ict("B3", 4, outcome="fail")],
        },
        "line",
    )


@pytest.fixture
def calibrate(actor):
    from asbuilt.built.production.actions import process_record

    def one(day, found="in_tolerance", left="in_tolerance", instrument="ICT1", by=None, **said):
        when = parse_instant(at(day)) if day else None
        return process_record.calibrate(
            by or actor, instrument=instrument, as_found=found, as_left=left, calibrated_at=when, **said
        )

    return one


@pytest.fixture
def doubt(actor):
    from asbuilt.questions.genealogy.answering.out_of_tolerance import out_of_tolerance

    return lambda instrument="ICT1", found_at=None: out_of_tolerance(actor, instrument, found_at)


def asked(actor, question):
    from asbuilt.questions.genealogy.answering import answers

    said = answers.ask(actor, question, serials=True).as_dict()["serials"]
    return {grade: [one["serial"] for one in said if one["certainty"] == grade] for grade in ("certain", "possible")}


def test_the_results_between_the_last_good_calibration_and_the_bad_finding(line, calibrate, doubt, actor):
    calibrate(1)
    calibrate(3, valid_until="2027-03-03")
    calibrate(6, "out_of_tolerance")
    found = doubt()
    # day 3 08:00 to day 6 08:00: B2 on day 3, B3 and its failed run on day 4, B4 on day 5, and B5 begins on day 6 at 08:00
    assert [(one.unit, one.outcome) for one in found.tests] == [
        ("B2", "pass"), ("B3", "pass"), ("B3", "fail"), ("B4", "pass"), ("B5", "pass"),
    ]  # fmt: skip
    assert (found.tests_total, found.passes_total, found.certain, found.possible) == (5, 0, 4, 0)
    assert found.question == "tested:ICT1@2026-03-03T08:00:00Z..2026-03-06T08:00:00Z"
    assert asked(actor, found.question) == {"certain": ["B2", "B3", "B4", "B5"], "possible": []}


def test_an_oven_puts_its_process_runs_in_doubt(line, calibrate, doubt, actor):
    calibrate(4, instrument="TC-9", station="OV1")
    calibrate(5, "out_of_tolerance", instrument="TC-9", station="OV1")
    found = doubt("TC-9")
    assert [(one.step, one.machine, one.first, one.last, one.units) for one in found.passes] == [
        ("REFLOW", "OV1", "B1", "B4", 4)
    ]
    # the run goes on after the finding: it only touches the span
    assert (found.question, found.certain, found.possible) == (
        "passed:OV1@2026-03-04T08:00:00Z..2026-03-05T08:00:00Z",
        0,
        4,
    )
    assert asked(actor, found.question)["possible"] == ["B1", "B2", "B3", "B4"]


def test_without_a_good_one_before_all_is_in_doubt_and_until_it_is_good_again(line, calibrate, doubt):
    calibrate(3, "out_of_tolerance", "out_of_tolerance")
    assert doubt().question == "tested:ICT1" and doubt().tests_total == 6
    assert doubt().doubt.until is None and doubt().doubt.last_good is None
    calibrate(4, "not_checked")
    assert doubt().question == "tested:ICT1@..2026-03-04T08:00:00Z"
    assert [one.unit for one in doubt().tests] == ["B1", "B2", "B3", "B3"]  # both runs of B3 begin at that very time


def test_an_instrument_that_moved_asks_for_all_its_places(line, calibrate, doubt):
    calibrate(2, instrument="DMM-7", station="ICT1")
    calibrate(6, "out_of_tolerance", instrument="DMM-7", station="ICT2")
    assert doubt("DMM-7").doubt.places == ("ICT1", "ICT2")
    assert [one.unit for one in doubt("DMM-7").tests] == ["B1", "B2", "B3", "B3", "B7", "B4", "B5"]


def test_a_step_of_the_same_name_is_not_meant(line, calibrate, doubt, load):
    run = {"order": "WO", "step": "OV1", "machine": "OV2", "program": "", "first_serial": "B5", "last_serial": "B5",
           "started_at": at(4, 20), "finished_at": at(4, 21), "operator": "", "result": "completed", "readings": ""}  # fmt: skip
    load({"processes": [run]}, "same")
    calibrate(4, instrument="OV1")
    calibrate(6, "out_of_tolerance", instrument="OV1")
    assert doubt("OV1").question == "passed:OV1(machine=OV1)@2026-03-04T08:00:00Z..2026-03-06T08:00:00Z"
    assert (doubt("OV1").certain, [one.step for one in doubt("OV1").passes]) == (4, ["REFLOW"])


def test_the_question_is_frozen_and_holds(line, calibrate, doubt, actor):
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.answers.register.actions import freeze_answer
    from asbuilt.answers.register.holds import hold

    calibrate(3)
    calibrate(6, "out_of_tolerance")
    frozen = freeze_answer(actor, doubt().question)
    assert json.loads(frozen.answer)["affected"]["certain"] == 4
    hold(actor, question=doubt().question, reason="ICT1 out of tolerance")
    assert [verdicts(actor, f"B{n}")[0].go for n in range(1, 6)] == [True, False, False, False, False]


def test_nothing_was_done_there(line, calibrate, doubt):
    calibrate(3, "out_of_tolerance", instrument="SCALE")
    assert (doubt("SCALE").question, doubt("SCALE").tests_total, doubt("SCALE").certain) == ("", 0, 0)


def test_what_is_refused(line, calibrate, doubt, actor):
    with pytest.raises(NotFound, match="no instrument ICT1"):
        doubt()
    calibrate(3)
    with pytest.raises(Refused) as never:
        doubt()
    assert never.value.code == "production.instrument_good"
    calibrate(4, "out_of_tolerance")
    with pytest.raises(Refused):
        doubt(found_at=parse_instant(at(3)))
    for wrong in ({"found": "fine"}, {"left": "not_checked"}, {"valid_until": "03/2027"}, {"instrument": ""}):
        with pytest.raises(Invalid):
            calibrate(5, **wrong)
    with pytest.raises(Invalid, match="is empty"):
        calibrate(5, content=b"")
    with pytest.raises(Conflict):
        calibrate(3)  # the very same again


def test_who_may(line, calibrate, person):
    for role in ("operator", "auditor", "psirt"):
        with pytest.raises(NotAllowed):
            calibrate(3, by=person(role))
    calibrate(3, by=person("engineer"))


def test_the_same_request_is_one_calibration(line, calibrate, actor):
    first = calibrate(3, request_key="k1")
    assert calibrate(3, request_key="k1") == first
    with pytest.raises(Conflict):
        calibrate(4, request_key="k1")


def test_the_certificate_is_kept_and_moves_with_the_table(line, calibrate, doubt, actor, another_home, tmp_path):
    from asbuilt.access.actor import local_system
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.verifying import verify

    calibrate(
        3, content=b"%PDF-1.7 good", name="c/DKD 17.pdf", certificate="17", laboratory="DAkkS D-K-1", kind="tester"
    )
    calibrate(6, "out_of_tolerance")
    assert verify(actor.tenant).as_json()["findings"] == []
    export_folder(actor, tmp_path / "out")
    (kept,) = (tmp_path / "out" / "files").iterdir()
    assert kept.read_bytes() == b"%PDF-1.7 good" and kept.name.endswith("DKD 17.pdf")
    before = doubt()
    another_home()
    import_folder(local_system(1), tmp_path / "out")
    again = doubt()
    assert (again.question, again.tests, again.certain) == (before.question, before.tests, before.certain)
    export_folder(actor, tmp_path / "again")
    assert (tmp_path / "again" / "calibrations.csv").read_bytes() == (
        tmp_path / "out" / "calibrations.csv"
    ).read_bytes()
    assert verify(1).as_json()["findings"] == []


def test_a_finding_that_was_wrong_is_withdrawn_or_corrected(line, calibrate, doubt, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts
    from asbuilt.built.production.process_record import calibrations_seen
    from asbuilt.ledger import clock
    from asbuilt.ledger.verifying import verify

    (good,) = calibrate(3).facts
    (bad,) = calibrate(6, "out_of_tolerance").facts
    assert {one.fact for one in calibrations_seen(actor, "ICT1")} == {good, bad}
    said = {"reason": "wrong cell", "person": "045", "decided_at": clock.now()}
    correct_fact(actor, good, {"as_left": "out_of_tolerance"}, **said)
    assert doubt().question == "tested:ICT1@..2026-03-06T08:00:00Z"
    withdraw_facts(actor, [Withdraw(bad, "other instrument", "045", clock.now())])
    with pytest.raises(Refused):
        doubt()
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_stranger_sees_nothing(line, calibrate, stranger):
    from asbuilt.built.production.process_record import instruments_seen
    from asbuilt.questions.genealogy.answering.out_of_tolerance import out_of_tolerance

    calibrate(3, "out_of_tolerance")
    assert instruments_seen(stranger) == []
    with pytest.raises(NotFound):
        out_of_tolerance(stranger, "ICT1")


def test_instruments_by_urgency(line, calibrate, actor):
    from asbuilt.built.production.calibrations import instruments

    calibrate(1, instrument="A-GOOD", valid_until="2026-04-01")
    calibrate(1, instrument="B-DUE", valid_until="2026-03-09")
    calibrate(1, "out_of_tolerance", "out_of_tolerance", instrument="C-BAD")
    calibrate(1, instrument="D-EVER")
    found = instruments(actor.tenant, parse_instant(at(10)))
    assert [(one.name, one.state) for one in found] == [
        ("C-BAD", "bad"), ("B-DUE", "due"), ("A-GOOD", "good"), ("D-EVER", "good"),
    ]  # fmt: skip
