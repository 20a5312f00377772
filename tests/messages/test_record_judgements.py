"""Tests, inspections, names and firmware that machines tell of."""

import json

from machine_floor import AOI, at, completed, envelope, started

from asbuilt.built.quality.doubts import doubts_of
from asbuilt.kernel.instants import parse_instant

T1 = "11111111-0000-0000-0000-000000000001"


def judged(
    name: str, listed: str, *units: tuple[int, str, list], transaction: str = T1, identifier="PNL-1", **more
) -> dict:
    key = {"TestedUnits": "Tests", "InspectedUnits": "Inspections"}[listed]
    found = [
        {"UnitIdentifier": identifier, "UnitPositionNumber": n, "OverallResult": result, key: runs}
        for n, result, runs in units
    ]
    who = {"OperatorIdentifier": "045"}
    body = {
        "TransactionId": transaction,
        "TestMethod": "FCT",
        "InspectionMethod": "AOI",
        "Tester": who,
        "Inspector": who,
        listed: found,
    }
    return envelope(f"Production.TestAndInspection.{name}", body, source=AOI, **more)


def voltage(value: float) -> dict:
    measured = {"$type": "CFX.Structures.NumericMeasurement, CFX", "MeasurementName": "V33", "Result": "Passed", "CRDs": "U1",
                "MeasuredValue": {"Value": value, "ValueUnits": "V", "MinimumAcceptableValue": 3.2, "MaximumAcceptableValue": 3.4}}  # fmt: skip
    return {
        "TestName": "POWER",
        "TestStartTime": at(5),
        "TestEndTime": at(5, 30),
        "Result": "Passed",
        "Measurements": [measured],
    }


def test_test_runs_with_measurements(say, ask, sql, verified):
    say(started(T1, "PNL-1", source=AOI))
    say(
        judged(
            "UnitsTested",
            "TestedUnits",
            (1, "Passed", [voltage(3.3)]),
            (2, "Failed", [voltage(3.9)]),
            (3, "Skipped", []),
        )
    )
    assert ask("test:BRD-TOP=pass") == (1, 0, 0) and ask("test:failed") == (1, 0, 0)  # the plan is the pass' program
    assert ask(f"station:{AOI}") == (2, 0, 0)
    rows = sql("SELECT unit, plan_version, started_at, finished_at, measurements FROM quality_test_run ORDER BY unit")
    assert [row[:2] for row in rows] == [(1, "3"), (2, "3")]
    assert rows[0][3] - rows[0][2] == 30_000_000
    assert json.loads(rows[0][4])["V33"] == {
        "value": 3.3,
        "units": "V",
        "min": 3.2,
        "max": 3.4,
        "at": "U1",
        "result": "pass",
    }
    assert verified() == []


def test_inspections_with_defects(say, ask, sql):
    defect = {"DefectCode": "TMB", "Description": "tombstone", "ComponentOfInterest": {"ReferenceDesignator": "R2"}}
    bad = {"InspectionName": "R2", "Result": "Failed", "DefectsFound": [defect]}
    false_call = {**bad, "Verification": "DefectRejected"}
    inspected = judged(
        "UnitsInspected",
        "InspectedUnits",
        (1, "Failed", [bad]),
        (2, "Failed", [false_call]),
        identifier="",
        transaction=T1,
    )
    say(started(T1, "PNL-1", source=AOI), inspected)
    assert ask("test:failed") == (1, 0, 0)
    ((said,),) = sql("SELECT measurements FROM quality_test_run WHERE unit = 1")
    assert json.loads(said)["defects"] == [{"code": "TMB", "description": "tombstone", "at": "R2", "inspection": "R2"}]


def test_a_false_call_passes_no_unit_whose_other_side_was_not_looked_at(say, sql):
    """On one side the only finding was rejected. The other side ended as error, was aborted, was skipped, passed: two passed that nobody had looked at."""
    call = {
        "InspectionName": "TOP",
        "Result": "Failed",
        "DefectsFound": [{"DefectCode": "BRIDGE", "Verification": "DefectRejected"}],
    }
    runs = [
        (n, "Failed", [call, {"InspectionName": "BOTTOM", "Result": word}])
        for n, word in enumerate(("Error", "Aborted", "Skipped", "Passed"), 1)
    ]
    say(started(T1, "PNL-1", source=AOI), judged("UnitsInspected", "InspectedUnits", *runs))
    assert [outcome for (outcome,) in sql("SELECT outcome FROM quality_test_run ORDER BY unit")] == [2, 3, 0, 0]


def test_what_was_repaired_is_no_false_call(say, ask, sql, verified):
    """The words of IPC-2591 for a finding: rejected, or accepted (rejected too, and the process looked after), is a false call. What was repaired,
    or repaired and confirmed (closed), was there: it counted as a false call and its unit passed at the first go."""
    words = ("DefectRejected", "DefectAccepted", "DefectClosed", "DefectRepaired")
    runs = [
        (
            n,
            "Failed",
            [
                {
                    "InspectionName": "TOP",
                    "Result": "Failed",
                    "DefectsFound": [{"DefectCode": word, "Verification": word}],
                }
            ],
        )
        for n, word in enumerate(words, 1)
    ]
    say(started(T1, "PNL-1", source=AOI), judged("UnitsInspected", "InspectedUnits", *runs))
    seen = sql("SELECT outcome, measurements FROM quality_test_run ORDER BY unit")
    assert [(outcome, json.loads(said)["$run"].get("false_calls", 0)) for outcome, said in seen] == [
        (0, 1),
        (0, 1),
        (1, 0),
        (1, 0),
    ]
    assert sql("SELECT code, unit FROM quality_defect ORDER BY unit") == [("DefectClosed", 3), ("DefectRepaired", 4)]
    assert ask("test:failed") == (2, 0, 0) and verified() == []


def test_two_runs_of_one_moment_are_two(say, ask, sql):
    """Neither a duplicate nor a contradiction that a machine would be refused for."""
    first = judged("UnitsTested", "TestedUnits", (0, "Passed", [voltage(3.3)]), identifier="SN1", transaction="")
    second = judged("UnitsTested", "TestedUnits", (0, "Failed", [voltage(3.9)]), identifier="SN1", transaction="")
    say(first)
    assert say(second).uses["used"] == 1
    assert sql("SELECT count(*) FROM quality_test_run") == [(2,)]
    assert ask("test:FCT=fail") == (1, 0, 0)


def personalized(*units: tuple[str, int, list]) -> dict:
    found = [
        {"UnitIdentifier": name, "UnitPositionNumber": n, "Characteristics": [{"Name": k, "Value": v} for k, v in said]}
        for name, n, said in units
    ]
    return envelope("Production.Assembly.UnitsPersonalized", {"TransactionId": T1, "PersonalizedUnits": found})


def test_names_are_given(say, ask, verified):
    say(
        started(T1, "PNL-1"),
        personalized(
            ("PNL-1", 1, [("MAC Address", "C0-15"), ("Serial Number", "X-1")]), ("PNL-1", 2, [("MAC Address", "C0-16")])
        ),
    )
    assert ask("unit:X-1") == (1, 0, 0)
    assert say(personalized(("X-1", 0, [("MAC Address", "C0-15")]))).uses["kept"] == 1
    assert verified() == []


def test_a_name_finds_the_unit_in_later_messages(say, ask):
    say(started(T1, "PNL-1"), personalized(("PNL-1", 3, [("Mark", "DM-3")])), completed(T1))
    say(judged("UnitsTested", "TestedUnits", (0, "Passed", []), identifier="DM-3", transaction=""))
    assert ask("test:FCT=pass unit:PNL-1/3") == (1, 0, 0)


def test_firmware_is_a_programming_record(say, ask, sql, verified):
    say(personalized(("SN1", 0, [("Firmware Version", "1.0.0"), ("Device UID", "00ff")])))
    assert ask("firmware:1.0.0") == (1, 0, 0)
    assert [bytes(row[0]) for row in sql("SELECT uid FROM programming_record")] == [b"\x00\xff"]
    assert verified() == []


def test_firmware_that_nobody_released_is_a_dead_letter(say, ask, sql):
    report = say(personalized(("SN1", 0, [("MAC", "C0-15"), ("FW", "9.9.9")])))
    assert dict(report.causes) == {"programming.release_unknown": 1}
    assert sql("SELECT count(*) FROM production_unit_name WHERE kind > 0") == [(0,)]


def test_a_serial_number_of_another_unit_is_a_dead_letter(say, ask, verified):
    """A serial number names one unit of a product; the good one beside it is recorded."""
    report = say(
        personalized(("SN1", 0, [("Serial Number", "SN2")])), personalized(("SN3", 0, [("Serial Number", "SN3-B")]))
    )
    assert dict(report.uses) == {"used": 1, "dead": 1}
    assert ask("unit:SN3-B") == (1, 0, 0)
    assert verified() == []


def test_the_sample_of_the_standard_with_a_value_in_other_units_than_its_limits(
    say, load, ask, sql, shared_data, verified
):
    """28300 Ohm between 28.0 and 28.4 kOhm is inside; symptoms stay with the run."""
    say(started(T1, "PANEL34543535", 2))
    say(json.loads((shared_data / "ems/cfx/UnitsTested.json").read_text()))
    runs = sql("SELECT outcome, measurements FROM quality_test_run ORDER BY unit")
    assert len(runs) == 2
    said = json.loads(runs[0][1])
    assert (
        said["RESISTANCE_MEASUREMENT_R21"]["limit_units"] == "kOhm"
        and said["$run"]["symptoms"][0]["code"] == "RESFAIL2"
    )
    doubts = doubts_of(runs[0][1], outcome="pass", plan_version="", started_at=0)
    assert [(doubt.code, doubt.about) for doubt in doubts] == [
        ("step_failed", "RESISTANCE_CHECK_R22")
    ] and verified() == []


def test_a_finding_keeps_its_place_its_pictures_and_who_verified_it(say, ask, sql, verified):
    defect = {
        "DefectCode": "WRONG_MARK", "DefectCategory": "Marking", "Description": "laser mark differs", "Comments": "sanded", "Priority": 1, "ConfidenceLevel": 97.5,
        "ComponentOfInterest": {"ReferenceDesignator": "U1", "PartNumber": "P-IC"}, "RegionOfInterest": {"StartPointX": 2.3, "StartPointY": 4.0, "RegionSegments": [{"X": 5.6, "Y": 4.0}]},
        "DefectImages": [{"MimeType": "image/png", "ImageData": "b2sK"}, {"MimeType": "image/png", "ImageData": "%%%"}], "Verification": "DefectConfirmed",
    }  # fmt: skip
    call = {**defect, "DefectCode": "BRIDGE", "DefectCategory": "Solder", "Verification": "DefectRejected"}
    run = {"InspectionName": "IC", "Result": "Failed", "DefectsFound": [defect, call], "Measurements": []}
    say(started(T1, "PNL-1", source=AOI))
    say(judged("UnitsInspected", "InspectedUnits", (1, "Failed", [run])))
    ((text,),) = sql("SELECT measurements FROM quality_test_run")
    mark, rejected = json.loads(text)["defects"]
    assert (mark["kind"], mark["x"], mark["y"], mark["region"], mark["part"], mark["confidence"]) == (
        "marking",
        2.3,
        4.0,
        [[5.6, 4.0]],
        "P-IC",
        97.5,
    )
    assert (
        mark["pictures"][0]["bytes"] == 3
        and mark["pictures"][1]["unreadable"]
        and rejected["verification"] == "DefectRejected"
    )
    assert json.loads(text)["$run"] == {"false_calls": 1, "method": "AOI"}
    assert ask("defect:WRONG_MARK") == (1, 0, 0) and verified() == []


def test_a_machine_that_says_pass_without_evidence_is_a_dead_letter(say, load, sql):
    from asbuilt.kernel.test_plans import parse_test_plan

    step = {
        "name": "V33",
        "kind": "numeric",
        "comparison": "LE",
        "low": "",
        "high": "3.4",
        "unit": "V",
        "expected": "",
        "criticality": "major",
        "proves": [],
        "needed": True,
    }
    found = parse_test_plan(
        json.dumps(
            {
                "schema": 1,
                "plan": "BRD-TOP",
                "version": "3",
                "product": "BRD",
                "revisions": [],
                "every": 1,
                "rules": "",
                "steps": [step],
            }
        ).encode()
    )
    when = "2027-02-25T08:00:00Z"
    load(
        {
            "test_plans": [{"plan": "BRD-TOP", "version": "3", "product": "BRD", "document": found.document.decode(), "happened_at": when}],
            "test_plan_approvals": [{"plan": "BRD-TOP", "version": "3", "sha256": found.sha256, "decision": "approved", "decided_at": when}],
        },
        "plan",
    )  # fmt: skip
    say(started(T1, "PNL-1", source=AOI))
    report = say(judged("UnitsTested", "TestedUnits", (1, "Passed", [])))
    assert (
        report.uses["dead"] == 1
        and "without V33" in report.details[0]
        and sql("SELECT count(*) FROM quality_test_run") == [(0,)]
    )
    assert say(judged("UnitsTested", "TestedUnits", (1, "Passed", [voltage(3.3)]))).uses["dead"] == 0


def test_a_pass_of_a_tester_whose_clock_is_ahead_is_laid_to_when_it_came(say, sql, verified):
    """Its clock was two days ahead: the pass stood after every rework of those days. As of a file, the run keeps what the clock said."""
    ahead = {"TestStartTime": "2027-03-04T09:00:00+01:00", "TestEndTime": "2027-03-04T09:00:30+01:00"}
    run = voltage(3.3) | ahead
    told = judged(
        "UnitsTested", "TestedUnits", (0, "Passed", [run]), identifier="SN1", transaction="", time=ahead["TestEndTime"]
    )
    say(told)
    ((begun, ended, measured),) = sql("SELECT started_at, finished_at, measurements FROM quality_test_run")
    assert (begun, ended) == (parse_instant("2027-03-02T07:59:30Z"), parse_instant("2027-03-02T08:00:00Z"))
    said = json.loads(measured)["$run"]
    assert said["clock_off_seconds"] == 2 * 86_400 + 30 and said["said_at"][1] == "2027-03-04T08:00:30.000000Z"
    assert [doubt.code for doubt in doubts_of(measured, outcome="pass", plan_version="", started_at=begun)] == [
        "clock_wrong"
    ]
    assert verified() == []


def test_what_is_no_number_is_not_taken_for_a_text(say, sql):
    """.NET writes a double that is none as "NaN": the step passed, and no limit was compared with it."""
    for word in ("NaN", "-Infinity", " inf "):
        report = say(
            judged("UnitsTested", "TestedUnits", (0, "Passed", [voltage(word)]), identifier="SN1", transaction="")
        )
        assert report.causes == {"cfx.field": 1} and "Value: is no finite number" in report.details[0]
    assert sql("SELECT count(*) FROM quality_test_run") == [(0,)]


def test_a_false_call_leaves_no_doubt_and_a_pass_over_a_confirmed_defect_is_said(say, sql):
    """An inspection whose finding a person rejected passes: its page said that a step failed. One that says Passed over a confirmed one is told at once."""
    finding = {"DefectCode": "BRIDGE", "ComponentOfInterest": {"ReferenceDesignator": "R2"}}
    call, real = ({"InspectionName": "TOP", "Result": result, "DefectsFound": [{**finding, "Verification": word}]}
                  for result, word in (("Failed", "DefectRejected"), ("Passed", "DefectConfirmed")))  # fmt: skip
    for serial, result, run in (("SN1", "Failed", call), ("SN2", "Passed", real)):
        report = say(judged("UnitsInspected", "InspectedUnits", (0, result, [run]), identifier=serial, transaction=""))
        assert len(report.warnings) == (serial == "SN2")
    assert "BRIDGE R2 in it did not: the run is in doubt" in report.warnings[0]
    seen = [
        doubts_of(said, outcome="pass", plan_version="", started_at=0)
        for (said,) in sql("SELECT measurements FROM quality_test_run ORDER BY unit")
    ]
    assert [[one.code for one in doubts] for doubts in seen] == [[], ["defect_confirmed"]]
