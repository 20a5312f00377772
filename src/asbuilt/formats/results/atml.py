"""ATML test results (IEEE 1636.1), as TestStand writes them: `TestResults` with its `ResultSet` of tests, one or a collection.

Tests nest in groups; a measurement is named by the names of its groups and its own. Names are read without their namespace, so the
editions of 2006, 2011 and 2013 are one. Limits come as one limit, a pair or an expected value. Skipped tests count as skipped.
Times mostly have no offset: they are read in the zone of the factory. Source: IEEE 1636.1, IEEE 1671 annex B (Common).
"""

from asbuilt.formats.measurements import as_the_step_says
from asbuilt.formats.results.result import STEPS_MAX, Result
from asbuilt.formats.results.said import WORDS_CHARACTERS_MAX, FieldRefused, Times, number_in, text_of
from asbuilt.formats.xml_elements import Element

VERSION = "atml/1"
OUTCOMES = {
    "Passed": "pass",
    "Failed": "fail",
    "Aborted": "aborted",
    "Error": "error",
    "Inconclusive": "error",
    "NotStarted": "aborted",
    "UserDefined": "error",
}
QUALIFIERS = {"Error": "error", "Skipped": "skipped", "Done": "done", "Terminated": "aborted"}
COMPARATORS = {
    "GE": "min",
    "GT": "min",
    "LE": "max",
    "LT": "max",
    "EQ": "expected",
    "CIEQ": "expected",
    "NE": "expected",
}
NESTED = ("TestGroup", "Test", "SessionAction")


def is_root(root: Element) -> bool:
    """Whether this XML holds ATML results."""
    return root.name in ("TestResults", "TestResultsCollection")


def reports(root: Element) -> list[Element]:
    """Each report of the file."""
    return [root] if root.name == "TestResults" else root.all("TestResults")


def read(report: Element, record: int, times: Times) -> Result:
    """One report; FieldRefused names the element that is wrong."""
    where = f"TestResults[{record}]"
    result = report.find("ResultSet")
    if result is None:
        raise FieldRefused(f"{where}.ResultSet", "", "is missing")
    serial = text_of(report.said("UUT", "SerialNumber"), f"{where}.UUT.SerialNumber")
    if not serial:
        raise FieldRefused(f"{where}.UUT.SerialNumber", "", "is missing: nothing says which unit this is of")
    run: dict[str, object] = {}
    began = times.read(result.get("startDateTime"), f"{where}.ResultSet.startDateTime")
    end = result.get("endDateTime")
    ended = times.read(end, f"{where}.ResultSet.endDateTime") if end else began
    began, ended = times.laid(began, ended, f"{where}.ResultSet.endDateTime", run)
    outcome = _outcome(result)
    if outcome not in ("pass", "fail", "error", "aborted"):
        raise FieldRefused(f"{where}.ResultSet.Outcome", outcome, "says no outcome")
    operator = report.find("Personnel", "SystemOperator")
    program = report.find("TestProgram") or Element("TestProgram", 0, {})
    plan = text_of(
        program.get("name") or program.said("Definition", "Name") or _file_name(result.get("name")),
        f"{where}.ResultSet.name",
    )
    if not plan:
        raise FieldRefused(f"{where}.ResultSet.name", "", "is empty: nothing says which plan this is of")
    found = Result(
        record, serial, outcome, began, ended, plan, text_of(program.get("version"), f"{where}.TestProgram.version", 60), _part(report, where),
        text_of(report.said("TestStation", "SerialNumber"), f"{where}.TestStation"), text_of(operator.get("ID") or operator.get("name"), f"{where}.Personnel") if operator else "",
    )  # fmt: skip
    for child in result.all(*NESTED):
        _take(child, "", f"{where}.ResultSet", found)
    found.run = run | {
        "report": text_of(report.get("uuid"), f"{where}.uuid"),
        "fixture": text_of(report.said("TestFixture", "SerialNumber"), f"{where}.TestFixture"),
    }
    return found


def _file_name(path: str) -> str:
    # TestStand names a result set by `C:\…\FCT.seq#MainSequence`
    return path.partition("#")[0].replace("\\", "/").rpartition("/")[2].removesuffix(".seq")


def _part(report: Element, where: str) -> str:
    for holder in (
        report.find("UUT", "Definition", "Identification", "IdentificationNumbers"),
        report.find("UUT", "Identification", "IdentificationNumbers"),
    ):
        for one in holder.all("IdentificationNumber") if holder else ():
            if one.get("type") in ("Part", ""):
                return text_of(one.get("number"), f"{where}.UUT.IdentificationNumber")
    return ""


def _outcome(element: Element) -> str:
    said = element.find("Outcome")
    if said is None:
        return ""
    return QUALIFIERS.get(said.get("qualifier")) or OUTCOMES.get(said.get("value"), "")


def _take(element: Element, before: str, where: str, found: Result) -> None:
    if len(found.steps) > STEPS_MAX:
        raise FieldRefused(where, "", f"has more than {STEPS_MAX:,} steps")
    own = text_of(element.get("name") or element.get("callerName"), f"{where}.name")
    name = "/".join(part for part in (before, own) if part)[-200:]
    path = f"{where}.{own or element.name}"
    outcome = _outcome(element) or (_action(element) if element.name == "SessionAction" else "")
    measured = element.all("TestResult")
    told = as_the_step_says(outcome, [_measured(one, path) | {"result": _outcome(one) or outcome} for one in measured])
    for one, said in zip(measured, told, strict=True):
        inner = text_of(one.get("name"), f"{path}.TestResult")
        if len(said) > 1 or len(measured) == 1:
            found.add(f"{name}/{inner}"[-200:] if inner and len(measured) > 1 else name, said)
    inside = element.all(*NESTED)
    if not measured and not inside and outcome:
        found.add(name, {"result": outcome})
    for one in inside:
        _take(one, name, path, found)


def _action(element: Element) -> str:
    said = element.find("ActionOutcome")
    return (QUALIFIERS.get(said.get("qualifier")) or OUTCOMES.get(said.get("value"), "")) if said else ""


def _measured(one: Element, path: str) -> dict:
    found: dict[str, object] = {}
    datum = one.find("TestData", "Datum")
    if datum is not None:
        found |= _value(datum, f"{path}.TestData", "value")
    holder = one.find("TestLimits", "Limits")
    words = []
    for limit in _limits(holder) if holder else ():
        comparator = limit.get("comparator")
        bound = limit.find("Datum")
        key = COMPARATORS.get(comparator)
        if bound is None or key is None:
            continue
        said = _value(bound, f"{path}.TestLimits", "limit")
        if "limit" in said:
            found[key] = said["limit"]
            words.append(comparator)
            if said.get("units") and said["units"] != found.get("units"):
                found["limit_units"] = said["units"]
    if words:
        found["comparison"] = (
            "".join(sorted(words, key=lambda word: word[0]))[:20] if len(words) == 2 else words[0].replace("CI", "")
        )
    return found


def _limits(holder: Element) -> list[Element]:
    found = holder.all("SingleLimit", "Expected")
    for pair in holder.all("LimitPair"):
        found += pair.all("Limit")
    return found


def _value(datum: Element, path: str, key: str) -> dict:
    text = datum.get("value") or datum.said("Value")
    if not text:
        return {}
    kind = datum.get("type").lower()
    value: object
    if "string" in kind:
        value = text_of(text, path, WORDS_CHARACTERS_MAX)
    elif "boolean" in kind:
        value = text.lower() in ("true", "1")
    else:
        value = number_in(text, path)
    unit = text_of(datum.get("nonStandardUnit") or datum.get("standardUnit") or datum.get("unit"), f"{path}.unit", 40)
    return {key: value} | ({"units": unit} if unit else {})
