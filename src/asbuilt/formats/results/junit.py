"""JUnit XML, as pytest and other frameworks write it for tests of a unit's functions: one run a `testsuite`.

Which unit, plan and station a suite is of stands in its properties: `serial` (also dut_id, sn), `plan` (else the suite's name), `plan_version`,
`station` (else hostname), `operator`, `fixture`, `part_number`. A property of a testcase that is a number is a measurement: `vdd_3v3` with
`vdd_3v3.unit`, `.min`, `.max`. A suite has no offset in its time as a rule: it is read in the zone of the factory. Source: the schema of Jenkins' xUnit plugin.
"""

from asbuilt.formats.measurements import NOT_FINITE
from asbuilt.formats.results.result import Result
from asbuilt.formats.results.said import (
    WORDS_CHARACTERS_MAX,
    FieldRefused,
    Times,
    number_in,
    text_of,
)
from asbuilt.formats.xml_elements import Element

VERSION = "junit/3"
SERIALS = ("serial", "serial_number", "dut_id", "sn")
SECOND = 1_000_000
NOT_RUN = {"notrun", "disabled", "suppressed", "skipped"}
ENDS = (".unit", ".units", ".min", ".max")
KEYS = {".unit": "units", ".units": "units", ".min": "min", ".max": "max"}


def is_root(root: Element) -> bool:
    """Whether this XML is of JUnit."""
    return root.name in ("testsuites", "testsuite")


def suites(root: Element) -> list[Element]:
    """The suites that hold cases."""
    if root.name == "testsuite":
        inner = [one for child in root.all("testsuite") for one in suites(child)]
        return ([root] if root.all("testcase") else []) + inner
    return [one for child in root.all("testsuite") for one in suites(child)]


def read(suite: Element, record: int, times: Times, outer: dict[str, str]) -> Result:
    """One suite; `outer` are properties of what it stands in."""
    where = f"testsuite[{record}]"
    said = outer | properties(suite, where)
    serial = next((said[name] for name in SERIALS if said.get(name)), "")
    if not serial:
        raise FieldRefused(
            f"{where}.properties.serial",
            "",
            "is missing: nothing says which unit this is of",
            "Add a property serial to the suite.",
        )
    cases = suite.all("testcase")
    seconds = number_in(suite.get("time"), f"{where}.time")
    if seconds is None:
        seconds = sum(number_in(one.get("time"), f"{where}.testcase.time") or 0 for one in cases)
    if not 0 <= seconds < 10**8:
        raise FieldRefused(f"{where}.time", seconds, "is no duration in seconds")
    run: dict[str, object] = {}
    began = times.read(suite.get("timestamp"), f"{where}.timestamp")
    began, ended = times.laid(began, began + round(seconds * SECOND), f"{where}.timestamp", run)
    found = Result(
        record, serial, "pass", began, ended, said.get("plan") or text_of(suite.get("name"), f"{where}.name"),
        said.get("plan_version", "")[:60], said.get("part_number", ""), said.get("station") or text_of(suite.get("hostname"), f"{where}.hostname"),
        said.get("operator", ""),
    )  # fmt: skip
    _as_counted(suite, where)
    if not found.plan:
        raise FieldRefused(f"{where}.name", "", "is empty, and no property plan is there")
    for number, case in enumerate(cases):
        _case(case, f"{where}.testcase[{number}]", found)
    results = {one.get("result") for one in found.steps.values()}
    found.outcome = (
        "error" if "error" in results else "fail" if "fail" in results else "pass" if "pass" in results else "aborted"
    )
    found.run = run | {
        "fixture": said.get("fixture", ""),
        "retry": said.get("retry", ""),
        "revision": said.get("revision", ""),
    }
    return found


def _as_counted(suite: Element, where: str) -> None:
    """A suite that counts failures or errors of which no case tells is not whole: it would be a pass."""
    counted = {name: number_in(suite.get(name), f"{where}.{name}") or 0 for name in ("failures", "errors")}
    if any(counted.values()) and not _tells_failure(suite):
        name = next(name for name, count in counted.items() if count)
        raise FieldRefused(
            f"{where}.{name}", suite.get(name), "counts what no testcase tells", "Look whether the file is whole."
        )


def _tells_failure(suite: Element) -> bool:
    own = any(case.all("failure", "error") for case in suite.all("testcase"))
    return own or any(_tells_failure(inner) for inner in suite.all("testsuite"))


def properties(element: Element, where: str) -> dict[str, str]:
    """Name -> value of the properties of an element."""
    found = {}
    for holder in element.all("properties"):
        for one in holder.all("property"):
            name = text_of(one.get("name"), f"{where}.properties")
            value = one.get("value") or one.text
            found[name] = text_of(value, f"{where}.properties.{name}", WORDS_CHARACTERS_MAX)
    return found


def _case(case: Element, where: str, found: Result) -> None:
    name = text_of(case.get("name"), f"{where}.name")
    # googletest names what it did not run in attributes and gives it no child
    told = {case.get("status").lower(), case.get("result").lower()}
    said: dict[str, object] = {"result": "skipped" if told & NOT_RUN else "pass"}
    for kind, word in (("skipped", "skipped"), ("failure", "fail"), ("error", "error")):
        for one in case.all(kind):
            said["result"] = word
            message = " ".join((one.get("message") or one.text).split())[:WORDS_CHARACTERS_MAX]
            said["words"] = text_of(message, f"{where}.{kind}", WORDS_CHARACTERS_MAX)
    group = text_of(case.get("classname"), f"{where}.classname")
    turn = found.steps.again(f"{group}/{name}")
    found.add(name, said | ({"step": group} if group else {}), turn)
    told = properties(case, where)
    for key, value in told.items():
        if key.endswith(ENDS):
            continue
        try:
            measured: dict[str, object] = {"value": number_in(value, f"{where}.properties.{key}")}
        except FieldRefused:
            if value.strip().lower().lstrip("+-") in NOT_FINITE:
                raise
            measured = {"value": value}
        for end, column in KEYS.items():
            if limit := told.get(key + end):
                measured[column] = (
                    text_of(limit, key, 40) if column == "units" else number_in(limit, f"{where}.properties.{key}{end}")
                )
        if said["result"] == "skipped":  # what it told before it was skipped is no measurement
            measured["result"] = said["result"]
        if measured["value"] is not None:
            found.add(key, measured | {"step": name}, turn)
