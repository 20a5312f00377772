"""A security step that was skipped proves nothing, whatever the run says as a whole: in each format that comes in, and at the gate."""

import json
from hashlib import sha256

import pytest
from result_files import openhtf, wsjf
from shipping_floor import at, finished, run

from asbuilt.kernel.canonical import canonical_bytes

UNITS = 8
LOCKED = b'<testcase name="debug_locked">'
NOT_RUN = b'<testcase name="debug_locked" status="notrun" result="suppressed">'  # as googletest writes it


def security_plan(rows) -> None:
    """Adds plan SEC of two needed verdicts that prove I.2.d, in force."""
    step = {"kind": "verdict", "comparison": "LOG", "low": "", "high": "", "unit": "", "expected": "", "criticality": "critical",
            "proves": ["I.2.d"], "needed": True}  # fmt: skip
    steps = [{**step, "name": name} for name in ("boots", "debug_locked")]
    document = canonical_bytes({"schema": 1, "plan": "SEC", "version": "1", "product": "board", "revisions": ["A"], "every": 1,
                                "rules": "cra-annex-i/1", "steps": steps}).decode()  # fmt: skip
    named = {"plan": "SEC", "version": "1"}
    rows["test_plans"].append({**rows["test_plans"][0], **named, "document": document})
    rows["test_plan_approvals"].append(
        {**rows["test_plan_approvals"][0], **named, "sha256": sha256(document.encode()).hexdigest()}
    )


def of_junit(serial: str, inner: str) -> bytes:
    said = {"serial": serial, "plan": "SEC", "plan_version": "1", "station": "GOOD"}
    told = "".join(f'<property name="{name}" value="{value}"/>' for name, value in said.items())
    return (
        f'<testsuite name="SEC" timestamp="{at(6)}" time="1"><properties>{told}</properties><testcase name="boots"/>'
        f'<testcase name="debug_locked">{inner}</testcase></testsuite>'
    ).encode()


def of_openhtf(serial: str, outcome: str, measurements: dict | None = None) -> bytes:
    said = openhtf(serial, at=1_772_784_000_000, plan="SEC", version="1", station="GOOD")
    phase = {"start_time_millis": 0, "end_time_millis": 1, "measurements": {}, "attachments": {}}
    said["phases"] = [
        {**phase, "name": "boots", "outcome": "PASS"},
        {**phase, "name": "debug_locked", "outcome": outcome, "measurements": measurements or {}},
    ]
    return json.dumps(said).encode()


def of_wsjf(serial: str, status: str) -> bytes:
    said = wsjf(serial, part="board", processName="SEC", start=at(6), machineName="GOOD", subUnits=[])
    step = {"stepType": "ET_PFT", "status": "P"}
    said["root"]["seqCall"]["version"] = "1"
    said["root"]["steps"] = [{**step, "name": "boots"}, {**step, "name": "debug_locked", "status": status}]
    return json.dumps(said).encode()


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def test_a_skipped_step_of_a_passing_file_is_refused_and_the_unit_stays(load, actor, codes):
    """JUnit <skipped/>, an OpenHTF phase SKIP (also one that measured first), a WATS status S or D: none is a PASS of that step."""
    from asbuilt.built.messages.machine_files import record_file

    rows = finished(UNITS)
    security_plan(rows)
    load(rows)
    own = {"debug_locked": {"name": "debug_locked", "outcome": "PASS", "measured_value": True}}
    for serial, name, skipped, passed in (
        ("S0000", "j.xml", of_junit("S0000", '<skipped message="no probe here"/>'), of_junit("S0000", "")),
        ("S0001", "o.json", of_openhtf("S0001", "SKIP"), of_openhtf("S0001", "PASS")),
        ("S0002", "o2.json", of_openhtf("S0002", "SKIP", own), of_openhtf("S0002", "PASS", own)),
        ("S0003", "w.json", of_wsjf("S0003", "S"), of_wsjf("S0003", "P")),
        ("S0004", "w2.json", of_wsjf("S0004", "D"), of_wsjf("S0004", "P")),
        ("S0005", "j2.xml", of_junit("S0005", "").replace(LOCKED, NOT_RUN), of_junit("S0005", "")),
    ):
        refused = record_file(actor, name, skipped)
        assert refused.use == "refused", name
        assert "says PASS without debug_locked" in refused.detail
        assert codes(serial) == {"test_missing"}
        assert record_file(actor, f"again-{name}", passed).use == "taken"
        assert codes(serial) == set()


def test_a_machine_that_skipped_a_step_has_not_shown_it():
    from asbuilt.built.quality.steps import missing_steps
    from asbuilt.formats.cfx.envelope import read_envelope
    from asbuilt.formats.cfx.testing import units_tested
    from asbuilt.kernel.test_plans import parse_test_plan

    tests = [{"UniqueIdentifier": name, "TestName": name, "Result": result}
             for name, result in (("boots", "Passed"), ("debug_locked", "Skipped"))]  # fmt: skip
    message = {"MessageName": "CFX.Production.TestAndInspection.UnitsTested", "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z",
               "UniqueID": "u", "Source": "T1", "MessageBody": {"TransactionId": "2c24590d-39c5-4039-96a5-91900cecedfa", "TestMethod": "FCT",
               "TestedUnits": [{"UnitIdentifier": "S0000", "OverallResult": "Passed", "Tests": tests}]}}  # fmt: skip
    said = units_tested(read_envelope(json.dumps(message).encode())).units[0].measurements
    rows = finished(1)
    security_plan(rows)
    plan = parse_test_plan(rows["test_plans"][-1]["document"].encode())
    assert said["debug_locked"]["result"] == "skipped"
    assert [step.name for step in missing_steps(plan, said)] == ["debug_locked"]


def test_history_that_skipped_it_is_kept_and_opens_no_gate(load, codes):
    """tests.csv tells what happened: each word but pass is in doubt; a false call that a person rejected is a pass."""
    rows = finished(UNITS)
    security_plan(rows)
    words = ("pass", "skipped", "unset", "aborted", "done", "", "fail")
    for n, word in enumerate(words):
        said = {"boots": {"result": "pass"}, "debug_locked": {"result": word}}
        rows["tests"].append({**run(f"S{n:04d}", plan="SEC", version="1"), "measurements": json.dumps(said)})
    rejected = {"code": "open", "inspection": "debug_locked", "verification": "DefectRejected"}
    said = {"boots": {"result": "pass"}, "debug_locked": {"result": "fail"}, "defects": [rejected]}
    rows["tests"].append({**run("S0007", plan="SEC", version="1"), "measurements": json.dumps(said)})
    load(rows)
    found = [codes(f"S{n:04d}") for n in range(UNITS)]
    assert found == [set(), *[{"test_in_doubt"}] * 6, set()]


def test_what_failed_or_was_skipped_measured_nothing_that_passed():
    """A reader took the measurement's own word over that of the step around it."""
    from asbuilt.formats.measurements import as_the_step_says

    good, bad = {"value": 3.3, "result": "pass"}, {"value": 9.9, "result": "fail"}
    assert as_the_step_says("skipped", [good, bad]) == [{**good, "result": "skipped"}, {**bad, "result": "skipped"}]
    assert as_the_step_says("fail", [good, good]) == [{**good, "result": "fail"}] * 2
    assert as_the_step_says("fail", [good, bad]) == [good, bad]  # it is known which
    assert as_the_step_says("pass", [good, bad]) == as_the_step_says("", [good, bad]) == [good, bad]


@pytest.mark.parametrize("word", ["Skipped", "SKIP", "N/A", "notrun", "Inconclusive"])
def test_a_word_for_not_done_in_a_table_is_no_evidence_however_it_is_written(word):
    from asbuilt.built.quality.steps import is_shown, steps_of
    from asbuilt.kernel.test_plans import Step

    step = Step("vdd", "numeric", "GELE", "3.0", "3.6", "V", "", "major", (), True)
    said = {"vdd": {"value": 3.3, "units": "V", "result": word}}
    assert not is_shown(step, steps_of(said)["vdd"], said)
    assert is_shown(step, steps_of({"vdd": {"value": 3.3, "units": "V", "result": "PASS"}})["vdd"], {})
