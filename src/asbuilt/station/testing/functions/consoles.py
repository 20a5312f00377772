"""Consoles: what a unit says on its serial port (over TCP): results of its own tests, nothing where it has to be silent."""

import re
from contextlib import suppress

from asbuilt.station.programmers.console import Console
from asbuilt.station.testing.functions.reaching import connect, port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

PATTERN = r"^(?P<name>[A-Za-z0-9_.-]+)[ =:]+(?P<value>[^\s]+)(?:[ ]+(?P<unit>[^\s]+))?$"
MILLISECONDS = 3_000


def console(about: About, parameters: dict[str, str]) -> Taken:
    """Results of the device's own tests (BIST, boundary scan by the device): a line each, `name value unit`."""
    taken = Taken()
    lines = asked(about, parameters)
    taken.log += lines
    take_lines(lines, parameters, taken)
    return taken


def take_lines(lines: list[str], parameters: dict[str, str], taken: Taken) -> None:
    """Measures of lines by the pattern's groups name, value and unit; the last of a name counts."""
    try:
        pattern = re.compile(parameters.get("pattern") or PATTERN)
    except re.error:
        raise NotCarriedOut("plan_wrong", "The plan's pattern is none.") from None
    for line in lines:
        found = pattern.search(line.strip())
        groups = found.groupdict() if found else {}
        if groups.get("name") and groups.get("value"):
            taken.value(groups["name"][:80], groups["value"][:200], unit=(groups.get("unit") or "")[:40])
    if not taken.measures:
        raise NotCarriedOut("no_results", "No line told a result: the unit said nothing of its own test.")


def asked(about: About, parameters: dict[str, str]) -> list[str]:
    """The lines after an (optional) command, up to the one that holds `until`, or until the time is over."""
    link = _console(about, parameters)
    try:
        if parameters.get("ask"):
            link.say(parameters["ask"])
        until = (parameters["until"],) if parameters.get("until") else ()
        lines = link.lines(until, _milliseconds(parameters))
    except OSError as error:
        raise NotCarriedOut("no_answer", f"The console went away: {error.strerror or error}") from None
    finally:
        link.close()
    if until and not any(until[0] in line for line in lines):
        raise NotCarriedOut(
            "no_results", f"The unit did not come to {until[0][:60]!r} in time; it said {len(lines)} lines."
        )
    return lines


def silent(about: About, parameters: dict[str, str]) -> Taken:
    """A diagnostic port that has to be off says nothing, also when it is spoken to; not a byte, whether it is text or not. That the unit is
    alive shows another port (`alive`): a unit without power is silent too, and proves nothing. So is a line that hangs up."""
    taken = Taken()
    if not parameters.get("alive"):
        raise NotCarriedOut(
            "plan_wrong", "The plan names no port that shows the unit has power: without it every unit is silent."
        )
    connect(about.host, port_of(parameters, "alive")).close()
    try:
        link = _console(about, parameters)
    except NotCarriedOut as failed:
        # without a port of the unit, the console is a line of the fixture
        if failed.reason != "no_answer" or not parameters.get("port"):
            raise
        taken.note("the port is closed")
        taken.verdict("silent", True)
        return taken
    try:
        with suppress(OSError):
            link.say(parameters.get("say") or "")
        # the first line that comes is enough
        lines = link.lines(("",), _milliseconds(parameters)) or ([link.rest()] if link.rest() else [])
    finally:
        link.close()
    if link.gone and not link.heard:
        raise NotCarriedOut("no_answer", "The diagnostic port hangs up, so nobody heard whether it is silent.")
    taken.log += lines
    said = repr(lines[0][:80]) if lines else f"{link.heard} bytes that are no text"
    taken.verdict("silent", not link.heard, f"The diagnostic port answers: {said}" if link.heard else "")
    return taken


def _console(about: About, parameters: dict[str, str]) -> Console:
    place = f"{about.host}:{port_of(parameters)}" if parameters.get("port") else about.console
    if not place or place.startswith(":"):
        raise NotCarriedOut("no_network", "The socket of the fixture has no console in station.json.")
    try:
        return Console(place)
    except OSError as error:
        raise NotCarriedOut("no_answer", f"The console does not answer: {error.strerror or error}") from None


def _milliseconds(parameters: dict[str, str]) -> int:
    text = parameters.get("milliseconds", "")
    return min(int(text), 600_000) if text.isdecimal() else MILLISECONDS
