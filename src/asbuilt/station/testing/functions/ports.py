"""Ports: every open TCP port against the plan's list, both ways: one too many is a way in, one that is missing does not work."""

import re

from asbuilt.station.testing.functions.reaching import nmap
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

RANGE = "1-65535"
SHOWN_MAX = 20


def ports(about: About, parameters: dict[str, str]) -> Taken:
    """Open ports that are not allowed, allowed ones that are not open."""
    allowed = {int(word) for word in re.split(r"[ ,]+", parameters["allowed"].strip()) if word.isdecimal()}
    span = parameters.get("range") or RANGE
    if not allowed or not re.fullmatch(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", span):
        raise NotCarriedOut("plan_wrong", "The plan names no allowed port, or no range of ports.")
    if not about.host:
        raise NotCarriedOut("no_network", "The socket of the fixture has no network address in station.json.")
    words = ["-p", span, "-T4", "--max-retries", "2", "--open", about.host]
    found = nmap(words)
    if not any(one.name == "finished" and one.get("exit") == "success" for one in found):
        raise NotCarriedOut("tool_failed", "nmap did not finish its scan.")
    opened = {
        int(one.get("portid"))
        for one in found
        if one.name == "port" and (state := one.find("state")) is not None and state.get("state") == "open"
    }
    taken = Taken()
    taken.note(f"scanned {span}: open {_list(opened)}, allowed {_list(allowed)}")
    more, less = opened - allowed, allowed - opened
    taken.value("unexpected", _list(more), f"Port {_list(more)} is open and may not be.")
    taken.value("missing", _list(less), f"Port {_list(less)} has to be open and is not.")
    return taken


def _list(numbers: set[int]) -> str:
    shown = [str(number) for number in sorted(numbers)[:SHOWN_MAX]]
    return " ".join(shown) + (" …" if len(numbers) > SHOWN_MAX else "") if shown else "none"
