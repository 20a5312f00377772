"""OpenHTF test records: JSON as its `OutputToJSON` writes it, one record or a list of them.

Phases that measured nothing count as steps of their own. Of a phase that OpenHTF repeated the last try counts: the record before it is of the same
phase and was given up (SKIP, as REPEAT and `repeat_on_measurement_fail` leave it; ERROR under `repeat_on_timeout`). A phase of the same name
anywhere else is one more that has to hold, as for OpenHTF itself. Limits stand in the record as
text (`3.2 <= x <= 3.4`); what is no such text is kept word for word under `rule`. A measurement of several dimensions keeps how many points
it has; the points stay in the file. TIMEOUT is an error: nothing was decided. A test passes where each of its phases does: a record that says PASS
over a phase, or a measurement of a phase, that failed is a fail (an error where it ended so), and keeps the word. Source: openhtf.output.callbacks.json_factory, of OpenHTF 1.6.
"""

import re
from collections import Counter

from asbuilt.formats.measurements import NOT_FINITE, SAID_OUTCOME, as_the_step_says, outcome_by
from asbuilt.formats.results.result import ATTACHMENTS_MAX, Result
from asbuilt.formats.results.said import (
    WORDS_CHARACTERS_MAX,
    FieldRefused,
    Said,
    Times,
    attachment,
    number_in,
    number_of,
    text_of,
)

VERSION = "openhtf/4"
OUTCOMES = {"PASS": "pass", "FAIL": "fail", "ERROR": "error", "TIMEOUT": "error", "ABORTED": "aborted"}
STEP_OUTCOMES = {
    "PASS": "pass",
    "FAIL": "fail",
    "ERROR": "error",
    "SKIP": "skipped",
    "UNSET": "unset",
    "PARTIALLY_SET": "partial",
    "SKIPPED": "skipped",
}
# what trade calls units in OpenHTF's table (UNECE recommendation 20), where a unit has no suffix
CODES = {
    "VLT": "V",
    "AMP": "A",
    "OHM": "Ohm",
    "HTZ": "Hz",
    "CEL": "degC",
    "SEC": "s",
    "WTT": "W",
    "FAR": "F",
    "P1": "%",
}
_NUMBER = r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_BETWEEN = re.compile(rf"{_NUMBER} (<=?) x (<=?) {_NUMBER}(?:,.*)?")
_BELOW, _ABOVE = re.compile(rf"x (<=?) {_NUMBER}(?:,.*)?"), re.compile(rf"{_NUMBER} (<=?) x(?:,.*)?")
_EQUAL = re.compile(r"(?:x|'x') (?:==|is equal to) '?(.{1,200}?)'?")
TRIGGER = "trigger_phase"


def is_record(top: object) -> bool:
    """Whether this JSON is of OpenHTF."""
    one = top[0] if isinstance(top, list) and top else top
    return isinstance(one, dict) and "dut_id" in one and "phases" in one


def read(said: Said, record: int, times: Times) -> Result:
    """One record; FieldRefused names the field that is wrong."""
    metadata = said.structure("metadata")
    config = metadata.structure("config")
    began = times.since_epoch(said.number("start_time_millis"), said.at("start_time_millis"), 1_000)
    ended = times.since_epoch(said.number("end_time_millis"), said.at("end_time_millis"), 1_000)
    run: dict[str, object] = {}
    began, ended = times.laid(began, ended, said.at("end_time_millis"), run)
    found = Result(
        record,
        said.text("dut_id", needed=True),
        said.word("outcome", OUTCOMES),
        began,
        ended,
        metadata.text("test_name", needed=True),
        metadata.text("test_version", 60),
        metadata.first("part_number", "product", "pn"),
        said.text("station_id") or config.text("station_id"),
        metadata.first("operator_id", "operator", "user_id"),
    )
    attachments: list[dict] = []
    outcome = outcome_by(found.outcome, _phases(said, found, attachments))
    if outcome != found.outcome:
        found.outcome, run[SAID_OUTCOME] = outcome, said.text("outcome")
    if len(attachments) > ATTACHMENTS_MAX:
        raise FieldRefused(said.at("phases"), len(attachments), f"have more than {ATTACHMENTS_MAX} attachments")
    details = [one.text("description", WORDS_CHARACTERS_MAX) for one in said.structures("outcome_details")]
    retry = metadata.number("retry")
    found.run = run | {
        "fixture": metadata.first("fixture_id", "fixture"), "revision": metadata.text("revision"), "retry": retry,
        "attachments": attachments, "details": [one for one in details if one],
    }  # fmt: skip
    return found


def _phases(said: Said, found: Result, attachments: list[dict]) -> list[str]:
    """Take the phases; the result of each, of one that was repeated that of its last try."""
    given_up, there, results = "", Counter[str](), {}
    for phase in said.structures("phases"):
        name, outcome = phase.text("name", needed=True), phase.text("outcome")
        there[name] += name != given_up
        turn = f"{name}#{there[name]}"
        measured = _phase(phase, found, attachments, found.steps.again(turn))
        results[turn] = STEP_OUTCOMES.get(outcome, "")
        if outcome != "SKIP" and "fail" in measured and results[turn] != "error":
            results[turn] = "fail"
        timed_out = outcome == "ERROR" and phase.structure("options").said.get("repeat_on_timeout") is True
        given_up = name if outcome == "SKIP" or timed_out else ""
    return list(results.values())


def _phase(phase: Said, found: Result, attachments: list[dict], turn: tuple[str, int]) -> set[str]:
    """Take a phase; the results of what it measured."""
    name = phase.text("name", needed=True)
    measured, outcome = False, phase.text("outcome")
    # OpenHTF ignores what a phase measured that then skipped itself
    named = list(phase.named("measurements"))
    said_of = as_the_step_says(STEP_OUTCOMES.get(outcome, ""), [_measured(said) for _, said in named])
    for (key, _), said in zip(named, said_of, strict=True):
        found.add(key, said | ({"step": name} if name != key else {}), turn)
        measured = True
    if not measured and name != TRIGGER and outcome:
        found.add(name, {"result": STEP_OUTCOMES.get(outcome, outcome.lower())}, turn)
    for key, said in phase.named("attachments", ATTACHMENTS_MAX):
        one = attachment(key, said.text("mimetype"), said.said.get("data"), said.at("data"))
        attachments.append(one | {"step": name})
    return {str(said.get("result")) for said in said_of}


def _measured(said: Said) -> dict:
    found: dict[str, object] = {}
    value, path = said.said.get("measured_value"), said.at("measured_value")
    if isinstance(value, list | dict):
        found["points"] = len(value)
    elif isinstance(value, str) and value.strip().lower().lstrip("+-") in NOT_FINITE:
        raise FieldRefused(
            path, value, "is no finite number", "A value that could not be measured is left out or null."
        )
    elif isinstance(value, bool | str):
        found["value"] = value if isinstance(value, bool) else text_of(value, path, WORDS_CHARACTERS_MAX)
    elif value is not None:
        found["value"] = number_of(value, path)
    unit = said.structure("units")
    suffix = unit.text("suffix", 40) or CODES.get(unit.text("code", 40), "")
    if suffix:
        found["units"] = suffix
    validators = said.said.get("validators")
    if validators is not None and (not isinstance(validators, list) or len(validators) > 50):
        raise FieldRefused(said.at("validators"), type(validators).__name__, "is no list of at most 50")
    for number, one in enumerate(validators or ()):
        where = f"{said.at('validators')}[{number}]"
        _limits(text_of(one, where, WORDS_CHARACTERS_MAX), where, found)
    outcome = said.text("outcome")
    return found | ({"result": STEP_OUTCOMES.get(outcome, outcome.lower())} if outcome else {})


def _limits(text: str, path: str, found: dict) -> None:
    if match := _BETWEEN.fullmatch(text):
        low, left, right, high = match.groups()
        found |= {"min": number_in(low, path), "max": number_in(high, path)}
        found["comparison"] = ("GE" if left == "<=" else "GT") + ("LE" if right == "<=" else "LT")
    elif match := _BELOW.fullmatch(text):
        found |= {"max": number_in(match[2], path), "comparison": "LE" if match[1] == "<=" else "LT"}
    elif match := _ABOVE.fullmatch(text):
        found |= {"min": number_in(match[1], path), "comparison": "GE" if match[2] == "<=" else "GT"}
    elif match := _EQUAL.fullmatch(text):
        found |= {"expected": match[1], "comparison": "EQ"}
    else:
        found["rule"] = text
