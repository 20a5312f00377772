"""Readings of a process run: the well-known names, and how a name finds its values.

A run keeps what was read as JSON under names of its own; any name may stand there. Those below mean the same from every door, so
that limits, questions and pages can rest on them. A name with dots goes into what is nested, `*` is any name there:
`tools.*.cycles` are the cycles of every tool.
"""

from collections.abc import Iterator, Mapping

WELL_KNOWN: dict[str, tuple[str, str]] = {
    "paste": ("package of the solder paste, glue or coating that was used", "paste:"),
    "paste_lot": ("its lot code", "paste:"),
    "paste_quantity": ("how much of it, in `paste_unit`", ""),
    "paste_unfit": ("why the paste that a machine used should not have been used: an alarm", ""),
    "paste_cycles": ("prints since the paste was put on the stencil", ""),
    "stencil": ("the stencil", "stencil: tool:"),
    "stencil_cycles": ("prints of the stencil so far", ""),
    "fixture": ("the fixture, carrier or pallet", "tool:"),
    "fixture_cycles": ("uses of the fixture so far", ""),
    "tools": ('tools by code, each with `name` and `cycles`: `{"SQ-4": {"cycles": 812}}`; CFX ToolsUsed', "tool:"),
    "placement_pressure": ("placement force or pressure, as the machine says it", ""),
    "placement_speed": ("placement speed, as the machine says it", ""),
    "print_pressure": ("squeegee pressure; of several strokes `stroke1_print_pressure` …", ""),
    "print_speed": ("squeegee speed; of several strokes `stroke1_print_speed` …", ""),
    "conveyor_speed": ("speed of the conveyor", ""),
    "zone1": ("temperature of a zone above the board, °C; `zone1_set` what was set", ""),
    "peak": ("highest temperature on the board, °C", ""),
    "above_liquidus": ("seconds above the liquidus temperature", ""),
    "curve": ("thermal profile: a list of [seconds, °C]", ""),
    "software": ("version of the machine's software", ""),
    "program_revision": ("revision of the program that ran", ""),
    "alarm": ("code of an alarm that the machine raised, or a list of them", "alarm:"),
    "applied": ("routing and revisions of documents that the gate found in force", ""),
}
"""Name -> what it is, and the terms of questions that ask for it."""
ALARM, SOFTWARE = "alarm", "software"
PASTE, STENCIL, TOOLS = ("paste", "paste_lot"), ("stencil",), ("stencil", "fixture", "tool")


def values_of(readings: Mapping, name: str) -> Iterator[tuple[str, object]]:
    """(full name, value) of what stands under a name: itself, else along its dots. Nothing where nothing stands there."""
    if name in readings:
        yield name, readings[name]
        return
    head, dot, tail = name.partition(".")
    if not dot:
        return
    for key in list(readings) if head == "*" else [head]:
        inner = readings.get(key)
        if isinstance(inner, Mapping):
            for found, value in values_of(inner, tail):
                yield f"{key}.{found}", value


def names_in(readings: Mapping, before: str = "") -> Iterator[str]:
    """Every full name under which something stands."""
    for name, value in readings.items():
        yield before + name
        if isinstance(value, Mapping):
            yield from names_in(value, f"{before}{name}.")


def alarms_of(readings: Mapping) -> set[str]:
    """The codes of the alarms that a machine raised in a run."""
    said = readings.get(ALARM)
    return {str(code) for code in (said if isinstance(said, list) else [said]) if isinstance(code, str | int)}


def pastes_of(readings: Mapping) -> list[str]:
    """The packages and lot codes of paste that a run names, the packages first."""
    found = [readings.get(name) for name in PASTE]
    listed = [one for said in found for one in (said if isinstance(said, list) else [said])]
    return list(dict.fromkeys(one for one in listed[:100] if isinstance(one, str) and one))


def tools_of(readings: Mapping) -> set[str]:
    """The codes of the tools of a run."""
    named = {str(readings[name]) for name in TOOLS if isinstance(readings.get(name), str | int)}
    tools = readings.get("tools")
    return named | ({str(code) for code in tools} if isinstance(tools, Mapping) else set())
