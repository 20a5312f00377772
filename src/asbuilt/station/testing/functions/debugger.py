"""Debugger: the probe that must fail. A debugger attaches and asks for memory, or a programmer tries what the lock forbids.

Only a debugger that answers and refuses proves a lock: a cable that hangs loose refuses too. Refused are memory and registers, each by an
error (`E01`): an address that the unit does not have is refused by an open one too, and less memory than was asked for is memory.
"""

import re
from pathlib import Path

from asbuilt.station.programmers.known import PROGRAMMERS
from asbuilt.station.programmers.protocol import Address, Fault, ToolFailed
from asbuilt.station.programmers.rsp import LinkLost, Remote
from asbuilt.station.testing.functions.reaching import port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

READ_BYTES = 16
HEX = re.compile(rb"[0-9a-fA-FxX]*[0-9a-fA-F][0-9a-fA-FxX]*")
# a number, or words (GDB manual, appendix E)
REFUSED = re.compile(rb"E[0-9a-fA-F]{2}|E\..*", re.DOTALL)


def debug(about: About, parameters: dict[str, str]) -> Taken:
    """Locked or open."""
    return _by_programmer(about, parameters) if parameters.get("programmer") else _by_stub(about, parameters)


def _by_stub(about: About, parameters: dict[str, str]) -> Taken:
    taken = Taken()
    try:
        start = int(parameters.get("address") or "0", 0)
        remote = Remote(about.host, port_of(parameters), 5.0)
    except ValueError:
        raise NotCarriedOut("plan_wrong", "The plan's address is no number.") from None
    except LinkLost as error:
        raise NotCarriedOut("no_answer", f"The debugger does not answer: {error}") from None
    try:
        memory = remote.ask(b"m%x,%x" % (start, READ_BYTES))
        registers = remote.ask(b"g") if REFUSED.fullmatch(memory) else b""
    except LinkLost as error:
        raise NotCarriedOut("no_answer", f"The debugger does not answer: {error}") from None
    finally:
        remote.close()
    taken.note(f"memory at {start:#x}: {memory[:64]!r}; registers: {registers[:64]!r}")
    if _told(memory):
        taken.verdict("locked", False, f"A debugger reads the unit's memory at {start:#x}.")
    elif _told(registers) and len(set(registers)) > 2:
        # those of a part that is locked are left out (x), or read as nothing but 0 or f
        taken.verdict("locked", False, "A debugger reads the unit's registers.")
    elif REFUSED.fullmatch(memory):
        taken.verdict("locked", True)
    else:
        raise NotCarriedOut("no_answer", f"The debugger does not refuse to read memory: it says {memory[:20]!r}.")
    return taken


def _told(answer: bytes) -> bool:
    """Whether an answer holds bytes of the unit, however few."""
    return len(answer) >= 2 and len(answer) % 2 == 0 and HEX.fullmatch(answer) is not None


def _by_programmer(about: About, parameters: dict[str, str]) -> Taken:
    taken, ref = Taken(), parameters.get("ref") or "U1"
    programmer = PROGRAMMERS.get(parameters["programmer"])
    place = next((place for place in about.places if place["ref"] == ref), None)
    if programmer is None or place is None:
        raise NotCarriedOut("plan_wrong", f"The socket does not reach {ref[:40]} with {parameters['programmer'][:40]}.")
    address = Address(place["target"], place["console"], float(place["seconds"]), place["options"])
    try:
        session = programmer.open(address, parameters.get("part", ""), "", Path.cwd())
    except ToolFailed as failed:
        raise NotCarriedOut("no_answer", f"Part {ref} does not answer: {failed.text}") from None
    try:
        session.attempt("debug", parameters.get("probe") or "read")
        taken.verdict("locked", False, f"{ref} is open: a {parameters.get('probe') or 'read'} goes through.")
    except ToolFailed as failed:
        taken.note(failed.text)
        if failed.fault not in (Fault.protected, Fault.fuse_conflict):
            raise NotCarriedOut("no_answer", f"Part {ref} was not probed: {failed.text}") from None
        taken.verdict("locked", True)
    finally:
        session.close()
    return taken
