"""UnitsTested and UnitsInspected: runs of tests and inspections on units, with all that the message says of them.

Measurements keep the units of measure that the message has beside each value; nothing is converted, and limits keep theirs. A defect keeps
where it is (designator, point, region), how a person verified it, and of its pictures kind, size and SHA-256; the bytes stay in the message. A test
without measurements keeps its result. Times that the message does not give are None: whoever records it takes those of the pass.
Standard: IPC-2591, section CFX.Production.TestAndInspection.
"""

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256

from asbuilt.formats.cfx.bodies import Place, operator_code, place_of, transaction_of
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import Moment, get, moment, number, structure, structures, text, type_of, wrong
from asbuilt.formats.measurements import NOT_FINITE, Steps, as_the_step_says

VERSION = "cfx/3"
"""Of this reader. It goes up whenever a message that was read says something else by it: the entries of messages note it."""
OUTCOMES = {"Passed": "pass", "Failed": "fail", "Error": "error", "Aborted": "aborted", "Skipped": ""}
STEP_OUTCOMES = {**OUTCOMES, "Skipped": "skipped"}
NO_DEFECT = ("DefectRejected", "DefectAccepted")
"""Words of VerificationResult for a false call. DefectAccepted is one that has the process looked after; DefectRepaired and DefectClosed were there."""
CONFIRMED = ("DefectConfirmed", "DefectRepaired")
"""A person saw that it is there, or repaired it and nobody confirmed that. DefectClosed: repaired, and the repair confirmed."""
MARKING = re.compile(r"marking|authentic|counterfeit|laser mark", re.IGNORECASE)
PICTURES_MAX, CORNERS_MAX, SYMPTOMS_MAX = 20, 50, 200


@dataclass(frozen=True)
class Tested:
    """One run of tests or inspections on one unit. `outcome` is a word of tests.csv, "" where it was skipped."""

    place: Place
    outcome: str
    begun_at: Moment | None
    ended_at: Moment | None
    measurements: dict = field(hash=False)


@dataclass(frozen=True)
class UnitsTested:
    """Tests or inspections of one pass; `method` is ICT, FCT, AOI, SPI, AXI, Human …"""

    transaction: str
    method: str
    operator: str
    units: tuple[Tested, ...]


def units_tested(envelope: Envelope) -> UnitsTested:
    """Reads UnitsTested."""
    body = envelope.body
    shared = _shared(body, "TestMethod")
    found = [
        _tested(said, f"TestedUnits[{n}]", "Tests", "Test", envelope.offset, shared)
        for n, said in enumerate(structures(get(body, "TestedUnits"), "TestedUnits"))
    ]
    return UnitsTested(
        transaction_of(body),
        text(get(body, "TestMethod"), "TestMethod"),
        operator_code(get(body, "Tester"), "Tester"),
        tuple(found),
    )


def units_inspected(envelope: Envelope) -> UnitsTested:
    """Reads UnitsInspected. An inspection whose defects a person all rejected (false calls) does not fail a unit; another one that ended as error or
    was aborted does not pass it."""
    body = envelope.body
    shared = _shared(body, "InspectionMethod")
    found = [
        _tested(said, f"InspectedUnits[{n}]", "Inspections", "Inspection", envelope.offset, shared)
        for n, said in enumerate(structures(get(body, "InspectedUnits"), "InspectedUnits"))
    ]
    return UnitsTested(
        transaction_of(body),
        text(get(body, "InspectionMethod"), "InspectionMethod"),
        operator_code(get(body, "Inspector"), "Inspector"),
        tuple(found),
    )


def _tested(said: dict, where: str, listed: str, word: str, offset: int | None, shared: dict) -> Tested:
    result = text(get(said, "OverallResult"), f"{where}.OverallResult")
    if result not in OUTCOMES:
        raise wrong(f"{where}.OverallResult", f"is none of {', '.join(OUTCOMES)}")
    runs = structures(get(said, listed), f"{where}.{listed}")
    begun, ended, defects, symptoms, failed, cleared = [], [], [], [], 0, 0
    measurements = Steps()
    for n, run in enumerate(runs):
        here = f"{where}.{listed}[{n}]"
        begun.append(moment(get(run, f"{word}StartTime"), f"{here}.{word}StartTime", offset))
        ended.append(moment(get(run, f"{word}EndTime"), f"{here}.{word}EndTime", offset))
        name = text(get(run, f"{word}Name"), f"{here}.{word}Name")
        _measured(run, here, name, measurements)
        here_defects = _defects(run, here, name)
        defects += here_defects
        symptoms += _symptoms(run, here, name)
        if get(run, "Result") == "Failed":
            failed += 1
            cleared += bool(here_defects) and all(one.get("verification") in NO_DEFECT for one in here_defects)
    outcome = OUTCOMES[result]
    if result == "Failed" and failed and failed == cleared:
        # what was not looked at to its end is no pass, whatever was rejected beside it
        told = {get(run, "Result") for run in runs}
        outcome = next((OUTCOMES[word] for word in ("Error", "Aborted") if word in told), "pass")
    if defects:
        measurements["defects"] = defects
    run = {
        "false_calls": sum(one.get("verification") in NO_DEFECT for one in defects),
        "symptoms": symptoms[:SYMPTOMS_MAX],
        **shared,
    }
    if run := {key: value for key, value in run.items() if value}:
        measurements["$run"] = run
    return Tested(
        place_of(said, where),
        outcome,
        min((one for one in begun if one), default=None),
        max((one for one in ended if one), default=None),
        measurements,
    )


def _measured(run: dict, where: str, name: str, found: Steps) -> None:
    """Adds the measurements of one test under their names, or the test's result where it measured nothing. A test that is there twice was repeated."""
    turn = found.again(name)
    taken = structures(get(run, "Measurements"), f"{where}.Measurements")
    result = text(get(run, "Result"), f"{where}.Result")
    measured = [_measurement(said, f"{where}.Measurements[{n}]") for n, said in enumerate(taken)]
    for n, (said, one) in enumerate(zip(taken, as_the_step_says(STEP_OUTCOMES.get(result, ""), measured), strict=True)):
        key = (
            text(get(said, "MeasurementName"), f"{where}.Measurements[{n}].MeasurementName")
            or name
            or f"{len(found) + 1}"
        )
        found.put(key, one, turn)
    if not taken and name and result:
        told = {
            "result": STEP_OUTCOMES.get(result, result),
            "procedure": text(get(run, "TestProcedure"), f"{where}.TestProcedure", 2_000),
            "words": text(get(run, "Comments"), f"{where}.Comments", 2_000),
            "error": _error(get(run, "Error"), f"{where}.Error"),
        }
        found.put(name, {key: value for key, value in told.items() if value or key == "result"}, turn)
    for n, said in enumerate(structures(get(run, "TestConditions"), f"{where}.TestConditions")):
        kind, value = type_of(said).lower(), number(get(said, "MeanValue"), f"{where}.TestConditions[{n}].MeanValue")
        if kind and value is not None:
            found.put(f"{name}.{kind}" if name else kind, {"value": value}, turn)


def _measurement(said: dict, where: str) -> dict:
    found: dict[str, object] = {}
    values = structure(get(said, "MeasuredValue"), f"{where}.MeasuredValue") if get(said, "MeasuredValue") else said
    for name, key in (
        ("Value", "value"), ("ExpectedValue", "expected"), ("MinimumAcceptableValue", "min"), ("MaximumAcceptableValue", "max"),
        ("X", "x"), ("Y", "y"), ("Z", "z"), ("EX", "ex"), ("EY", "ey"), ("EZ", "ez"), ("DX", "dx"), ("DY", "dy"), ("RXY", "rxy"),
        ("Vol", "volume"), ("EVol", "expected_volume"),
    ):  # fmt: skip
        value = values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[key] = number(value, f"{where}.{name}")
        elif isinstance(value, str) and value.strip().lower().lstrip("+-") in NOT_FINITE:  # so .NET writes it
            raise wrong(f"{where}.{name}", "is no finite number")
        elif isinstance(value, str) and value:
            found[key] = text(value, f"{where}.{name}")
    for name, key in (("ValueUnits", "units"), ("ExpectedValueUnits", "limit_units")):
        if measure := text(get(values, name), f"{where}.{name}"):
            found[key] = measure
    for name, key in (("CRDs", "at"), ("Result", "result")):
        if word := text(get(said, name), f"{where}.{name}", 2_000):
            found[key] = STEP_OUTCOMES.get(word, word) if key == "result" else word
    return found


def _defects(run: dict, where: str, name: str) -> list[dict]:
    verification = text(get(run, "Verification"), f"{where}.Verification")
    found = []
    for n, said in enumerate(structures(get(run, "DefectsFound"), f"{where}.DefectsFound")):
        here = f"{where}.DefectsFound[{n}]"
        component = structure(get(said, "ComponentOfInterest"), f"{here}.ComponentOfInterest")
        one = {
            "code": text(get(said, "DefectCode"), f"{here}.DefectCode"),
            "category": text(get(said, "DefectCategory"), f"{here}.DefectCategory"),
            "description": text(get(said, "Description"), f"{here}.Description", 2_000),
            "at": text(get(component, "ReferenceDesignator"), f"{here}.ReferenceDesignator"),
            "inspection": name,
            "verification": text(get(said, "Verification"), f"{here}.Verification") or verification,
            "comments": text(get(said, "Comments"), f"{here}.Comments", 2_000),
            "part": text(get(component, "PartNumber"), f"{here}.PartNumber"),
            "priority": number(get(said, "Priority"), f"{here}.Priority"),
            "confidence": number(get(said, "ConfidenceLevel"), f"{here}.ConfidenceLevel"),
            "pictures": _pictures(said, here),
        }
        if MARKING.search(f"{one['category']} {one['code']} {name}"):
            one["kind"] = "marking"
        found.append({key: value for key, value in (one | _region(said, here)).items() if value not in ("", None, [])})
    return found


def _pictures(said: dict, where: str) -> list[dict]:
    """What the record tells of the pictures of a defect; their bytes stay in the message, which is evidence."""
    found = []
    for n, one in enumerate(structures(get(said, "DefectImages"), f"{where}.DefectImages")[:PICTURES_MAX]):
        told: dict[str, object] = {"kind": text(get(one, "MimeType"), f"{where}.DefectImages[{n}].MimeType")}
        try:
            content = base64.b64decode(get(one, "ImageData") or "", validate=True)
            told |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        except (TypeError, ValueError):  # a picture that cannot be read is no reason to lose the defect
            told["unreadable"] = True
        found.append(told)
    return found


def _region(said: dict, where: str) -> dict:
    """Where on the board, as the machine counts: the first point, and the corners of the region where it has some."""
    region = structure(get(said, "RegionOfInterest"), f"{where}.RegionOfInterest")
    x, y = (number(get(region, name), f"{where}.RegionOfInterest.{name}") for name in ("StartPointX", "StartPointY"))
    corners = [
        [number(get(one, name), f"{where}.RegionSegments.{name}") for name in ("X", "Y")]
        for one in structures(get(region, "RegionSegments"), f"{where}.RegionSegments")[:CORNERS_MAX]
    ]
    return {} if not corners and not x and not y else {"x": x, "y": y, "region": corners}


def _shared(body: dict, method: str) -> dict:
    """What belongs to all units of the message: method, how it was sampled."""
    sampling = structure(get(body, "SamplingInformation"), "SamplingInformation")
    how = text(get(sampling, "SamplingMethod"), "SamplingInformation.SamplingMethod")
    sizes = {name: number(get(sampling, name), f"SamplingInformation.{name}") for name in ("LotSize", "SampleSize")}
    said = (
        {"method": how, "lot_size": sizes["LotSize"], "sample_size": sizes["SampleSize"]}
        if how not in ("", "NoSampling")
        else {}
    )
    return {"method": text(get(body, method), method), "sampling": {key: value for key, value in said.items() if value}}


def _symptoms(run: dict, where: str, name: str) -> list[dict]:
    found = []
    for listed in ("SymptomsFound", "Symptoms"):
        for n, said in enumerate(structures(get(run, listed), f"{where}.{listed}")):
            here = f"{where}.{listed}[{n}]"
            one = {
                "code": text(get(said, "SymptomCode"), f"{here}.SymptomCode"),
                "category": text(get(said, "SymptomCategory"), f"{here}.SymptomCategory"),
                "description": text(get(said, "Description"), f"{here}.Description", 2_000),
                "test": name,
            }
            found.append({key: value for key, value in one.items() if value})
    return found


def _error(said: object, where: str) -> str:
    """The words of an error, which is a text or a structure with a description."""
    return text(get(said, "Description") if isinstance(said, dict) else said, where, 2_000)
