"""WATS Standard JSON Format: a test report (type T) or a repair report (type R), one or a list.

Steps nest; a step is named by its path below the root, `Power/VDD_3V3`. Sub-units are what the report says of units inside the unit:
they are kept with the run, and where they are units here too, `built.messages.sub_units` records that they are inside. A repair becomes a process run of the step REPAIR, whose readings are
its failures. A step that failed fails its sequence unless that was told not to (`failParentOnFail`): the sequence's own status says so, and
a PASS over a step of it is in doubt. A report that says P over a root that failed, or over a step that caused the unit to fail, is a fail, and keeps the word. Comparison words are those of WATS (GELE, GT …). Source: the schema of WSJF as its public clients write it.
"""

from asbuilt.formats.measurements import SAID_OUTCOME, as_the_step_says, outcome_by
from asbuilt.formats.results.result import ATTACHMENTS_MAX, STEPS_MAX, Repair, Result
from asbuilt.formats.results.said import (
    WORDS_CHARACTERS_MAX,
    FieldRefused,
    Said,
    Times,
    attachment,
    number_of,
)

VERSION = "wsjf/3"
OUTCOMES = {"P": "pass", "F": "fail", "E": "error", "T": "aborted"}
STEP_OUTCOMES = {**OUTCOMES, "S": "skipped", "D": "done"}
# some converters write the words of WSXF in place of its letters
WORDS = {"passed": "P", "failed": "F", "error": "E", "terminated": "T", "skipped": "S", "done": "D"}
SECOND = 1_000_000
SUB_UNITS_MAX = 500


def is_record(top: object) -> bool:
    """Whether this JSON is a report of WATS."""
    one = top[0] if isinstance(top, list) and top else top
    return isinstance(one, dict) and one.get("type") in ("T", "R") and "sn" in one and "pn" in one


def read(said: Said, record: int, times: Times) -> Result | Repair:
    """One report; FieldRefused names the field that is wrong."""
    began = _time(said, times)
    uut = said.structure("uut") if said.said.get("type") == "T" else said.structure("uur")
    seconds = uut.number("execTime") or said.structure("root").number("totTime") or 0
    if not 0 <= seconds < 10**8:
        raise FieldRefused(uut.at("execTime"), seconds, "is no duration in seconds")
    run: dict[str, object] = {}
    began, ended = times.laid(began, began + round(seconds * SECOND), said.at("start"), run)
    said_as = said.text("processName") or said.text("processCode")
    if not said_as:
        raise FieldRefused(said.at("processName"), "", "is empty, and so is processCode")
    run |= {
        "revision": said.text("rev"), "location": said.text("location"), "purpose": said.text("purpose"),
        "fixture": uut.text("fixtureId"), "batch": uut.text("batchSN"), "socket": uut.number("testSocketIndex"),
        "comment": uut.text("comment", WORDS_CHARACTERS_MAX), "report": said.text("id"),
        "sub_units": [_sub_unit(one) for one in said.structures("subUnits", SUB_UNITS_MAX)],
        "notes": {key: value for one in said.structures("miscInfos", 200) if (key := one.text("description")) and (value := one.text("text") or one.text("numeric"))},
    }  # fmt: skip
    head = (said.text("pn"), said.text("machineName"), uut.text("user"))
    serial = said.text("sn", needed=True)
    if said.said.get("type") == "R":
        return _repair(said, record, serial, (began, ended), said_as, head, run)
    root = said.structure("root")
    found = Result(
        record,
        serial,
        said.word(
            "result", OUTCOMES | {word.capitalize(): OUTCOMES[key] for word, key in WORDS.items() if key in OUTCOMES}
        ),
        began,
        ended,
        said_as,
        root.structure("seqCall").text("version", 60),
        *head,
    )
    attachments: list[dict] = []
    for step in root.structures("steps"):
        _step(step, "", found, attachments)
    outcome = outcome_by(found.outcome, [_status(root), "fail" if _caused_failure(root) else ""])
    if outcome != found.outcome:
        found.outcome, run[SAID_OUTCOME] = outcome, said.text("result")
    found.run = run | {"attachments": attachments}
    return found


def _time(said: Said, times: Times) -> int:
    if utc := said.text("startUTC"):
        return times.read(utc if utc[-1:] == "Z" or utc[-6:-5] in ("+", "-") else f"{utc}Z", said.at("startUTC"))
    return times.read(said.text("start", needed=True), said.at("start"))


def _sub_unit(one: Said) -> dict:
    said = {
        "kind": one.text("partType"), "part": one.text("pn"), "serial": one.text("sn"), "revision": one.text("rev"),
        "position": one.number("position"),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in ("", None)}


def _step(step: Said, before: str, found: Result, attachments: list[dict]) -> None:
    if len(found.steps) > STEPS_MAX:
        raise FieldRefused(step.path, "", f"is one of more than {STEPS_MAX:,} steps")
    name = "/".join(part for part in (before, step.text("name")) if part)[-200:]
    status = _status(step)
    told = [
        (one, shape(one, status))
        for listed, shape in (
            ("numericMeas", _numeric),
            ("stringMeas", _string),
            ("booleanMeas", _boolean),
            ("passFail", _boolean),
        )
        for one in _one_or_more(step, listed)
    ]
    for (one, _), said in zip(told, as_the_step_says(status, [said for _, said in told]), strict=True):
        inner = one.text("name")
        found.add(f"{name}/{inner}"[-200:] if inner and len(told) > 1 else name, said)
    inner = list(step.structures("steps"))
    if not told and not inner and status:
        found.add(name, {"result": status})
    for one in _one_or_more(step, "attachment"):
        if len(attachments) >= ATTACHMENTS_MAX:
            raise FieldRefused(one.path, "", f"is one of more than {ATTACHMENTS_MAX} attachments")
        data = one.said.get("data", one.said.get("binaryData"))
        attachments.append(attachment(one.text("name"), one.text("contentType"), data, one.at("data")) | {"step": name})
    for one in inner:
        _step(one, name, found, attachments)


def _status(said: Said) -> str:
    """The result of a step or measurement; a word that is none of WATS as it stands, never a pass."""
    word = said.text("status", 40)
    return STEP_OUTCOMES.get(WORDS.get(word.lower(), word), word.lower())


def _caused_failure(step: Said) -> bool:
    """Whether the step, or one inside it, is told as the one that failed the unit."""
    return step.said.get("causedUUTFailure") is True or any(_caused_failure(one) for one in step.structures("steps"))


def _one_or_more(step: Said, name: str) -> list[Said]:
    return [step.structure(name)] if isinstance(step.said.get(name), dict) else list(step.structures(name))


def _numeric(one: Said, status: str) -> dict:
    found = {
        "value": one.number("value"), "units": one.text("unit", 40), "min": one.number("lowLimit"), "max": one.number("highLimit"),
        "comparison": one.text("compOp", 20), "result": _status(one) or status,
    }  # fmt: skip
    if found["comparison"] in ("EQ", "NE"):
        found["expected"] = found.pop("min")
    elif (
        found["comparison"] in ("LT", "LE") and found["max"] is None
    ):  # WATS gives the one limit of a comparison as the low one
        found["max"], found["min"] = found["min"], None
    return {name: value for name, value in found.items() if value not in ("", None)}


def _string(one: Said, status: str) -> dict:
    found = {
        "value": one.text("value", WORDS_CHARACTERS_MAX), "expected": one.text("limit", WORDS_CHARACTERS_MAX),
        "comparison": one.text("compOp", 20), "result": _status(one) or status,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value != "" or name == "value"}


def _boolean(one: Said, status: str) -> dict:
    return {"result": _status(one) or status}


def _repair(
    said: Said, record: int, serial: str, times: tuple[int, int], process: str, head: tuple, run: dict
) -> Repair:
    failures = []
    for unit in said.structures("subUnits", SUB_UNITS_MAX):
        inside = unit.text("sn")
        for one in unit.structures("failures", SUB_UNITS_MAX):
            failure = {
                "name": one.text("code"), "category": one.text("category"), "at": one.text("comRef"), "words": one.text("comment", WORDS_CHARACTERS_MAX),
                "part": one.text("artNumber"), "block": one.text("funcBlock"), "step": one.number("refStepId"),
                "unit": inside if inside and inside != serial else "",
            }  # fmt: skip
            failures.append(
                {
                    name: number_of(value, name) if isinstance(value, float) else value
                    for name, value in failure.items()
                    if value not in ("", None)
                }
            )
    if len(failures) > SUB_UNITS_MAX:
        raise FieldRefused(said.at("subUnits"), len(failures), f"have more than {SUB_UNITS_MAX} failures")
    referenced = said.structure("uur").text("refUUT") or said.structure("uur").text("referencedUUT")
    result = "failed" if said.text("result") in ("F", "E") else "aborted" if said.text("result") == "T" else "completed"
    inside = [one for one in run["sub_units"] if one.get("serial") != serial]
    run |= {"sub_units": inside, "of_report": referenced}
    return Repair(record, serial, result, *times, process, *head, failures, run)
