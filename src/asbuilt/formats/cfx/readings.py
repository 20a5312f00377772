"""Process data -> readings: numbers and words under names that a question can use, `reading:OVEN-2.zone5>260`.

- A zone is `zone5`, its temperature above the board; `zone5_bottom_power`, and `_set` for what was set, say the rest.
- Everything else keeps its CFX name in lower case with underscores: `conveyor_speed`, `print_pressure`.
- A list of structures is numbered where it has no names: `stroke1_print_pressure`.
- What is neither number, word nor truth value is left to the evidence.

Limits: names and readings a pass. It refuses nothing: what a field cannot be is left out. Standard: IPC-2591,
CFX.Structures.
"""

import re
from dataclasses import dataclass, field

from asbuilt.formats.cfx.values import Moment, get, moment, time_span, type_of
from asbuilt.kernel.errors import Invalid

READINGS_MAX = 2_000
NAME_CHARACTERS_MAX = 120
WORD_CHARACTERS_MAX = 200
# class of the process data -> the step that it is of, where nobody said how the floor calls it
STEPS = {
    "ReflowProcessData": "REFLOW",
    "ReflowProfilingProcessData": "PROFILE",
    "SolderPastePrintingPCBProcessData": "PRINT",
    "SolderPastePrintingProcessData": "PRINT",
    "CoatingProcessData": "COATING",
    "CleaningProcessData": "CLEANING",
    "SelectiveSolderProcessData": "SELECTIVE-SOLDER",
    "SelectiveSolderPCBProcessData": "SELECTIVE-SOLDER",
    "RouterToolParameters": "DEPANEL",
}
_ONES = {"Strokes": "stroke", "PeriodicCleanings": "cleaning", "ZoneData": "zone", "CleaningSteps": "step"}
_LISTS = ("Setpoints", "Readings", "Parameters")
_LEFT_OUT = frozenset({"$type", "UniqueIdentifier", "CRDs"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


@dataclass
class Process:
    """What process data say: the step, the program, the times if there are any, the readings, the operator's badge."""

    step: str = ""
    program: str = ""
    begun_at: Moment | None = None
    ended_at: Moment | None = None
    operator: str = ""
    readings: dict[str, object] = field(default_factory=dict)


def process_of(said: dict) -> Process:
    """The process data as readings."""
    found = Process(STEPS.get(type_of(said), ""))
    found.begun_at, found.ended_at = _time(said, "TimeDateUnitIn"), _time(said, "TimeDateUnitOut")
    _take(said, "", found.readings, 0)
    program = get(said, "RecipeName") or found.readings.get("recipe_name")
    found.program = program.strip()[:WORD_CHARACTERS_MAX] if isinstance(program, str) else ""
    operator = found.readings.pop("operator_id", "")
    found.operator = operator[:120] if isinstance(operator, str) else ""
    found.readings.pop("recipe_name", None)
    return found


def _time(said: dict, name: str) -> Moment | None:
    try:
        return moment(get(said, name), name)
    except Invalid:
        return None


def _take(said: dict, before: str, found: dict, depth: int) -> None:
    for name, value in said.items():
        if name in _LEFT_OUT or len(found) >= READINGS_MAX or depth > 8:
            continue
        if name == "ZoneData" and isinstance(value, list) and all(isinstance(one, dict) for one in value):
            _zones(value, before, found)
        elif name in _LISTS and isinstance(value, list):
            _named(name, value, before, found)
        elif name == "StageData" and isinstance(value, list):
            for one in value:
                _stage(one, before, found, depth)
        elif isinstance(value, list):
            for n, one in enumerate(value, 1):
                if isinstance(one, dict):
                    word = _ONES.get(name, _word(name).removesuffix("s"))
                    _take(one, f"{before}{word}{n}_", found, depth + 1)
        elif isinstance(value, dict):
            _take(value, f"{before}{_word(name)}_", found, depth + 1)
        else:
            _put(found, before + _word(name), value)


def _word(name: str) -> str:
    return "_".join(piece.lower() for piece in _HUMP.split(name) if piece)


def _put(found: dict, name: str, value: object) -> None:
    name = name[:NAME_CHARACTERS_MAX]
    if isinstance(value, str):
        value = _plain(value)
    if value is None or value == "" or name in found or not name:
        return
    if isinstance(value, bool | int | float | str):
        found[name] = value


def _plain(value: str) -> object:
    try:
        span = time_span(value, "")
    except Invalid:
        said = " ".join(value.split())
        return said[:WORD_CHARACTERS_MAX] if said.isprintable() else None
    return round(span / 1_000_000, 6) if span is not None else None


def _zones(zones: list[dict], before: str, found: dict) -> None:
    for n, said in enumerate(zones, 1):
        zone = said.get("Zone")
        place = zone.get("StageSequence") if isinstance(zone, dict) else said.get("StageSequence")
        name = f"{before}zone{place if isinstance(place, int) and 0 < place < 1000 else n}"
        for kind, values, end in (("ReadingType", "Readings", ""), ("SetpointType", "Setpoints", "_set")):
            listed = said.get(values)
            for one in listed if isinstance(listed, list) else ():
                if isinstance(one, dict):
                    _zone_value(one, kind, end, name, found)
        rest = {key: value for key, value in said.items() if key not in ("Zone", "Readings", "Setpoints")}
        rest.pop("StageSequence", None)
        _take(rest, f"{name}_", found, 2)


def _zone_value(said: dict, kind: str, end: str, name: str, found: dict) -> None:
    what, where = said.get(kind), said.get("SubZone")
    value = said.get("ReadingValue") if not end else said.get("Setpoint")
    if not isinstance(what, str) or not isinstance(value, int | float) or isinstance(value, bool):
        return
    where = where.lower() if isinstance(where, str) else ""
    if what == "Temperature" and where in ("top", "whole", "wholezone", ""):
        _put(found, name + end, value)
    _put(found, "_".join(part for part in (name, where, _word(what)) if part) + end, value)


def _named(listed: str, values: list, before: str, found: dict) -> None:
    """Lists of name and value, or of kind and value."""
    end = "_set" if listed == "Setpoints" else ""
    for said in values:
        if not isinstance(said, dict):
            continue
        name = next(
            (said[key] for key in ("Name", "MeasurementName", "ReadingType", "ReadingIdentifier", "MeasurementType")
             if isinstance(said.get(key), str) and said[key]), "",
        )  # fmt: skip
        value = next((said[key] for key in ("ReadingValue", "ActualValue", "Value") if key in said), None)
        if isinstance(value, dict):
            value = value.get("Value")
        if name and not isinstance(value, dict | list):
            _put(found, before + _word(name.replace(" ", "_")) + end, value)


def _stage(said: object, before: str, found: dict, depth: int) -> None:
    if not isinstance(said, dict):
        return
    stage = said.get("Stage")
    name = stage.get("StageName") if isinstance(stage, dict) else None
    word = _word(name.replace(" ", "_")) if isinstance(name, str) and name else "stage"
    _take({key: value for key, value in said.items() if key != "Stage"}, f"{before}{word}_", found, depth + 1)
