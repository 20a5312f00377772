"""Debugger: the probe that must fail. A debugger attaches and asks for memory, or a programmer tries what the lock forbids.

Only a debugger that answers and refuses proves a lock: a cable that hangs loose refuses too.
"""

from pathlib import Path

from asbuilt.station.programmers.known import PROGRAMMERS
from asbuilt.station.programmers.protocol import Address, Fault, ToolFailed
from asbuilt.station.programmers.rsp import LinkLost, NotDone, Remote
from asbuilt.station.testing.functions.reaching import port_of
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

READ_BYTES = 16


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
        found = remote.read(start, READ_BYTES)
        taken.note(f"{len(found)} bytes at {start:#x} could be read")
        taken.verdict("locked", False, f"A debugger reads the unit's memory at {start:#x}.")
    except NotDone as error:
        taken.note(str(error))
        taken.verdict("locked", True)
    except LinkLost as error:
        raise NotCarriedOut("no_answer", f"The debugger does not answer: {error}") from None
    finally:
        remote.close()
    return taken


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
