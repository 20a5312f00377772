"""UnitsProcessed, ToolsUsed, UnitsRepaired, OperatorActivated: how units were made, with what, by whom.

- UnitsProcessed is a process run at once, with readings that a question can use. What single units saw is a run of theirs.
- Tools are kept with the pass and told when it ends.
- A repair that says that a part was replaced is a replacement of whatever was there; any other, and one that says that it was not
  replaced, is a process run REPAIR.
- The version of a machine's software stands in each of its runs as `software`: that of the process data, else what it said last.
- An operator who signs on is the operator of the passes that begin after it at that machine.
"""

import re

from pyroaring import BitMap

from asbuilt.built.messages import passes
from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.mounted import materials, place_mounted
from asbuilt.built.messages.starting import process_rows, the_pass
from asbuilt.built.messages.work import Work
from asbuilt.formats.cfx import bodies, endpoints, records
from asbuilt.formats.cfx.readings import Process, process_of

RESULTS = {"Failed": "failed", "Error": "failed", "Aborted": "aborted"}
REPLACED = re.compile(r"replac|exchang|swap|tausch|ersetz|remplac|wymian|wymieni", re.IGNORECASE)
_REPLACE = r"(?:\w*replac|exchang|swap|\w*tausch|ersetz|remplac|wymian|wymieni)"
# "not replaced", "no part was replaced", "nicht getauscht", "n'a pas été remplacé", "nie wymieniono"; "replacement not possible"
NOT_REPLACED = re.compile(
    r"(?:\b(?:no|not|never|cannot|without|non|pas|sans|ne|nicht|kein\w*|ohne|nie|bez)|\w+n['’]t)\b(?:\s+\w+){0,2}\s+"
    + _REPLACE
    + r"|(?:replacement|exchange|\w*tausch|remplacement|wymiana)\b(?:\s+\w+){0,2}\s+(?:not|nicht|pas|nie)\b",
    re.IGNORECASE,
)
PIN = re.compile(r"^([^.]+)\..*$")  # U34.5 is pin 5 of U34
UNNAMED, REPAIR, TOOLS_MAX = "PROCESS", "REPAIR", 200


def units_processed(work: Work, said: bodies.UnitsProcessed) -> str:
    """A pass through a process."""
    known = work.pass_of(said.transaction)
    single = [(one, work.units_of(one.place, known)) for one in said.units]
    turn = the_pass(work, said.transaction, tuple(unit for _, units in single for unit in units))
    common, alone = process_of(said.common), BitMap()
    for one, units in single:
        own = process_of(one.process)
        if not (own.readings or one.result):
            continue
        mine = BitMap(units)
        alone |= mine
        told = Process(
            own.step or common.step, own.program or common.program, own.begun_at or common.begun_at,
            own.ended_at or common.ended_at, own.operator or common.operator, {**common.readings, **own.readings},
        )  # fmt: skip
        _run(work, turn, told, one.result or said.result, mine)
    _run(work, turn, common, said.result, turn.built - alone)
    if RESULTS.get(said.result, "completed") == "completed":
        place_mounted(work, turn, turn.built, turn.started_at, max(work.when, turn.started_at))
    turn.did, turn.changed = turn.did | passes.PROCESSED, True
    return USED


def _run(work: Work, turn: passes.Pass, told: Process, result: str, units: BitMap) -> None:
    times = None
    if told.begun_at and told.ended_at:
        times = (told.begun_at.at, max(told.begun_at.at, told.ended_at.at))
    process_rows(
        work, turn, work.machine.step or told.step or UNNAMED, RESULTS.get(result, "completed"), told.readings, units,
        program=told.program, operator=told.operator, times=times,
    )  # fmt: skip


def tools_used(work: Work, said: bodies.ToolsUsed) -> str:
    """The tools of one pass."""
    known = work.pass_of(said.transaction)
    units = tuple(unit for one in said.tools for unit in work.units_of(one.place, known))
    if not said.tools:
        return KEPT
    turn = the_pass(work, said.transaction, units)
    ended = turn.finished_at is not None or bool(turn.did & passes.UNBEGUN)
    found = {} if ended else dict(turn.tools)
    for one in said.tools[:TOOLS_MAX]:
        code = one.code or one.name
        before = found.get(code, {}).get("cycles", 0)
        if code and len(found) < TOOLS_MAX:
            found[code] = {
                key: value for key, value in (("name", one.name), ("cycles", before + (one.cycles or 0))) if value
            }
    if ended:
        process_rows(
            work, turn, work.machine.step or UNNAMED, "completed", {"tools": found}, BitMap(units) or turn.built
        )
        return USED
    turn.tools, turn.changed = found, True
    return USED


def operator_activated(work: Work, said: bodies.Operator) -> str:
    """Who works at the machine from now on."""
    machine = work.machine
    machine.operator = work.people.number(said.code) if said.here else None
    machine.changed = True
    return USED


def software_told(work: Work, said: endpoints.Endpoint) -> str:
    """The version of the machine's software from now on; one that is silent about it, as most heartbeats are, changes nothing."""
    machine = work.machine
    if said.software in ("", machine.software):
        return KEPT
    machine.software, machine.changed = said.software, True
    return USED


def units_repaired(work: Work, said: records.UnitsRepaired) -> str:
    """Repairs of one pass."""
    known = work.pass_of(said.transaction)
    taken, replaced, runs = materials(work), [], []
    for one in said.units:
        units = work.units_of(one.place, known)
        told = []
        for repair in one.repairs:
            position = PIN.sub(r"\1", repair.position)
            if position and _was_replaced(repair) and units:
                for unit in units:
                    taken.check(work.order_of(unit), (position,))
                # a replacement has no readings that could say how far the machine's clock is off, so it stands by ours
                at = (repair.ended_at.at if repair.ended_at else work.when) - work.machine.clock_off
                reason = ": ".join(part for part in (repair.name, repair.words) if part)
                replaced += [(unit, position, reason, at) for unit in units]
            else:
                told.append(repair)
        if told and units:
            runs.append((BitMap(units), told))
    every = tuple(unit for one in said.units for unit in work.units_of(one.place, known))
    if not every:
        return KEPT
    turn = the_pass(work, said.transaction, every)
    for unit, position, reason, at in replaced:
        taken.replacements.replace(unit, work.text_of(unit), position, None, None, said.operator, reason, at)
    for units, told in runs:
        _repair(work, turn, said.operator, units, told)
    return USED


def _was_replaced(repair: records.Repair) -> bool:
    """Whether the words say that a part was replaced; where any of them says that it was not, nobody knows: a repair."""
    told = (repair.name, repair.words)
    return any(map(REPLACED.search, told)) and not any(map(NOT_REPLACED.search, told))


def _repair(work: Work, turn: passes.Pass, operator: str, units: BitMap, told: list[records.Repair]) -> None:
    begun = min((one.begun_at.at for one in told if one.begun_at), default=turn.started_at)
    ended = max((one.ended_at.at for one in told if one.ended_at), default=work.when)
    readings = {
        f"repair{n}": {
            key: value
            for key, value in (("name", one.name), ("at", one.position), ("words", one.words), ("result", one.result))
            if value
        }
        for n, one in enumerate(told, 1)
    }
    failed = any(one.result not in ("", "RepairSuccessful") for one in told)
    times = (begun, max(begun, ended))
    step, result = work.machine.step or REPAIR, "failed" if failed else "completed"
    process_rows(work, turn, step, result, readings, units, operator=operator, times=times)
    turn.did, turn.changed = turn.did | passes.PROCESSED, True
