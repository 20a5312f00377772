"""Ports: what is open against the plan's list, both ways: one too many is a way in, one that is missing does not work. `none` is a list too.

TCP is asked whole, and what said nothing among ports that answer is asked once more, slowly. UDP is asked port by port, as the plan lists
them: a port that is closed says so, one that says nothing may be open (`open|filtered`) and is never taken for closed. Only who may send raw
packets hears both; without this right nothing was looked at.

A service may start long after the unit answers. With a settling time (`settle`, seconds) the unit is looked at twice, at once and when that time is
over: what was open at either look and may not be is unexpected, what is not open at the second one is missing.
"""

import os
import re
import time
from collections.abc import Callable

from asbuilt.station.testing.functions.reaching import TOOL_RIGHTS, nmap, refuse_without_rights, tool
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

RANGE = "1-65535"
NONE = "none"
SHOWN_MAX = 20
# a unit tells of about one closed UDP port a second
UDP_PORTS_MAX = 1_000
QUICKLY = ("-T4", "--max-retries", "2")
SLOWLY, QUIET_PORTS_MAX = ("--max-rate", "50", "--max-retries", "6"), 10_000
RAW_PACKETS, RAW = 13, "--privileged"


def ports(about: About, parameters: dict[str, str]) -> Taken:
    """Open TCP ports that are not allowed, allowed ones that are not open."""
    allowed = _listed(parameters["allowed"])
    span, taken = parameters.get("range") or RANGE, Taken()
    looks = _looked(parameters, lambda: _tcp(about, span))
    opened = [{number for number, state in states.items() if state == "open"} for states in looks]
    for seen in opened:
        taken.note(f"scanned {span}: open {_list(seen)}, allowed {_list(allowed)}")
    more, less = set().union(*opened) - allowed, allowed - opened[-1]
    taken.value("unexpected", _list(more), f"Port {_list(more)} is open and may not be.")
    taken.value("missing", _list(less), f"Port {_list(less)} has to be open and is not.")
    return taken


def _tcp(about: About, span: str) -> dict[int, str]:
    states = _scan(about, ["-p", span])
    if not {"open", "closed"} & set(states.values()):
        _refuse_away(about.host)
    return states | _asked_again(about, _spanned(span), states)


def udp_ports(about: About, parameters: dict[str, str]) -> Taken:
    """The same of UDP. `silent` are allowed ports that need not answer; every other one that says nothing is told as open|filtered."""
    span = parameters["range"]
    allowed, silent = _listed(parameters["allowed"]), _listed(parameters.get("silent") or NONE)
    asked = _spanned(span)
    if len(asked) > UDP_PORTS_MAX or not allowed | silent <= asked:
        said = f"The plan asks more than {UDP_PORTS_MAX:,} UDP ports, or not all that it allows."
        raise NotCarriedOut("plan_wrong", said)
    if _rights() != RAW:
        raise NotCarriedOut("rights_missing", TOOL_RIGHTS)
    taken = Taken()
    looks = _looked(parameters, lambda: _udp(about, span, asked))
    for told in looks:
        said = ", ".join(f"{number} {state}" for number, state in told.items() if state != "closed")
        taken.note(f"scanned udp {span}: {said}")
    told = looks[-1]
    # a unit that is not up yet says nothing: of the first look only what answered counts
    ever = told | {number: state for number, state in looks[0].items() if state == "open"}
    more = {number: state for number, state in ever.items() if state != "closed" and number not in allowed | silent}
    less = {number: told[number] for number in sorted(allowed) if told[number] != "open"}
    less |= {number: told[number] for number in sorted(silent - allowed) if told[number] == "closed"}
    taken.value(
        "unexpected", _states(more, "open"), f"UDP port {_states(more, 'open')} is not closed and may not be open."
    )
    taken.value(
        "missing", _states(less, "closed"), f"UDP port {_states(less, 'closed')} has to be open and does not answer."
    )
    return taken


def _udp(about: About, span: str, asked: set[int]) -> dict[int, str]:
    states = _scan(about, ["-sU", "-p", span])
    if not {"open", "closed"} & set(states.values()):
        _refuse_away(about.host)
    # what nmap leaves out of its list it has not told to be closed
    return {number: states.get(number, "unknown") for number in sorted(asked)}


def _looked(parameters: dict[str, str], look: Callable[[], dict[int, str]]) -> list[dict[int, str]]:
    """What a look finds; where the plan says a settling time, what one at once and one after that time find. Nobody need answer the first."""
    text, began = parameters.get("settle", ""), time.monotonic()
    if not text:
        return [look()]
    if not text.isdecimal():
        raise NotCarriedOut("plan_wrong", "The plan's settling time is none: write seconds, such as 30.")
    found = []
    try:
        found.append(look())
    except NotCarriedOut as failed:
        if failed.reason != "no_answer":
            raise
    time.sleep(max(0.0, int(text) - (time.monotonic() - began)))
    return [*found, look()]


def _scan(about: About, words: list[str]) -> dict[int, str]:
    """Port -> state, as nmap tells them."""
    if not about.host:
        raise NotCarriedOut("no_network", "The socket of the fixture has no network address in station.json.")
    found = nmap([_rights(), *(() if words[0] in SLOWLY else QUICKLY), *words, about.host])
    ended = next((one for one in found if one.name == "finished"), None)
    if ended is None or ended.attributes.get("exit") != "success":
        refuse_without_rights(ended.attributes.get("errormsg", "") if ended else "")
        raise NotCarriedOut("tool_failed", "nmap did not finish its scan.")
    if not any(one.name == "host" for one in found):
        raise NotCarriedOut("no_answer", "nmap did not find the unit at its address.")
    states = {one.get("portid"): one.find("state") for one in found if one.name == "port"}
    told = {int(number): state.get("state") for number, state in states.items() if state is not None}
    # where many ports are alike, nmap tells them as ranges
    for one in found:
        for reason in one.all("extrareasons") if one.name == "extraports" else ():
            told |= dict.fromkeys(_spanned(reason.attributes.get("ports", "")), one.get("state"))
    return told


def _asked_again(about: About, asked: set[int], states: dict[int, str]) -> dict[int, str]:
    """Of a unit that says of most ports that they are closed, those that said nothing, asked slowly: a small unit drops what comes too fast,
    and an open port among it would look like one that a rule drops. Where most say nothing, it is a rule."""
    quiet = sorted(number for number in asked if states.get(number) not in ("open", "closed"))
    if not quiet or len(quiet) > sum(state == "closed" for state in states.values()):
        return {}
    if len(quiet) > QUIET_PORTS_MAX:
        raise NotCarriedOut("no_answer", f"The unit answers too slowly: {len(quiet):,} ports said nothing.")
    return _scan(about, [*SLOWLY, "-p", _ranges(quiet)])


def _ranges(numbers: list[int]) -> str:
    """Ports as nmap reads them: 1-20,22."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(f"{first}-{last}" for first, last in found)


def _refuse_away(host: str) -> None:
    """NotCarriedOut where nobody answers at all: a unit without power has no open port either, and proves nothing."""
    if not any(
        one.name == "status" and one.get("state") == "up" for one in nmap([_rights(), "-sn", host], asks_first=True)
    ):
        raise NotCarriedOut("no_answer", "nmap did not find the unit at its address.")


def _rights() -> str:
    """How nmap is called: with raw packets by root, an inherited capability or one of its file; else as anybody, who hears of TCP alone."""
    try:
        own = os.getxattr(tool("nmap"), "security.capability")
    except OSError:
        own = b""
    return RAW if own or _may_send_raw() else "--unprivileged"


def _may_send_raw() -> bool:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        word = next((line.split()[1] for line in status if line.startswith("CapEff:")), "0")
    return bool(int(word, 16) >> RAW_PACKETS & 1)


def _listed(text: str) -> set[int]:
    """Ports of a list; `none` is the empty one."""
    words = [word for word in re.split(r"[ ,]+", text.strip()) if word]
    if words == [NONE]:
        return set()
    if not words or not all(word.isdecimal() and 1 <= int(word) <= 65_535 for word in words):
        raise NotCarriedOut("plan_wrong", "The plan's list of ports is none: write 22 443, or the word none.")
    return {int(word) for word in words}


def _spanned(span: str) -> set[int]:
    """Ports of a range."""
    if not re.fullmatch(r"[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*", span):
        raise NotCarriedOut("plan_wrong", "The plan's range of ports is none: write 1-1023,8000.")
    asked: set[int] = set()
    for part in span.split(","):
        first, _, last = part.partition("-")
        asked |= set(range(int(first), int(last or first) + 1))
    if not asked or not 1 <= min(asked) <= max(asked) <= 65_535:
        raise NotCarriedOut("plan_wrong", "The plan's range of ports is none: write 1-1023,8000.")
    return asked


def _states(found: dict[int, str], usual: str) -> str:
    """The ports, each with its state where it is not the usual one: `161 514(open|filtered)`."""
    shown = [
        str(number) if state == usual else f"{number}({state})" for number, state in list(found.items())[:SHOWN_MAX]
    ]
    return " ".join(shown) + (" …" if len(found) > SHOWN_MAX else "") if shown else NONE


def _list(numbers: set[int]) -> str:
    shown = [str(number) for number in sorted(numbers)[:SHOWN_MAX]]
    return " ".join(shown) + (" …" if len(numbers) > SHOWN_MAX else "") if shown else NONE
