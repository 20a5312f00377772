"""What a machine places that does not say so: passes without placements of their own take the parts from what is mounted.

Where a machine has a program for the order's revision and side, and nothing told what it placed in this pass, each feeder places
its positions from the packages that were scanned onto it (setups). A machine is never refused: an empty feeder places nothing,
and where the program cannot be known (a recipe that is none of its programs, both sides and none named) that is a warning.
Where the machine's clock is wrong (`clocks`) it is looked up what was mounted when the pass was, by our clock; the fact keeps its time.
"""

from pyroaring import BitMap

from asbuilt.built.messages import passes
from asbuilt.built.messages.clocks import ever_wrong
from asbuilt.built.messages.passes import Pass
from asbuilt.built.messages.work import Work
from asbuilt.built.production.feeding import FedPass, fed_by
from asbuilt.built.production.intake.placements import MachineReplacements, Placement, Placements
from asbuilt.built.production.orders import OrderRow
from asbuilt.designed.catalog.programs import Program, chosen_program, programs_of
from asbuilt.kernel.errors import Refused


def materials(work: Work) -> Placements:
    """The placements of the entry."""
    taken = work.intake(Placements)
    if taken.replacements is None:
        taken.replacements = work.intake(MachineReplacements)
        taken.earlier_pass = lambda unit, entry, turn: _was_earlier(work, unit, entry, turn)
    return taken


def _was_earlier(work: Work, unit: int, entry: int, turn: Pass) -> bool:
    """Whether what an entry recorded of a unit was there before this pass began."""
    if entry != turn.entry:
        return entry < turn.entry
    return work.passes.placed_before(unit, entry, turn)


def place_mounted(work: Work, one: Pass, units: BitMap, began: int, ended: int) -> str:
    """Place what is mounted on these units of a pass; returns the program that did, "" where none did."""
    if one.did & passes.PLACED:
        return ""
    machine, name, off = work.machine.machine, "", work.machine.clock_off
    corrected = bool(off) or ever_wrong(work.tenant, work.machine.handle)
    for order, first, until in work.by_order(units):
        program = _program(work, order, machine, one)
        if program is None:
            continue
        name, found, taken = program.name, [], materials(work)
        feeders = fed_by(work.tenant, order, program, began - off, ended - off, work.fed, corrected=corrected)
        taken.packages.find(code for fed in feeders for code in fed.packages)
        for fed in feeders:
            rows = taken.packages.find(fed.packages)
            feeder = fed.feeder.feeder
            found += [
                Placement(work.at, order, unit, fed.positions, row, int(len(rows) == 1), machine, feeder, ended, one)
                for row in rows.values()
                for unit in range(first, until)
            ]
        taken.place(found)
        work.fed.append(FedPass(machine, began - off, ended - off, order.number, program.side, name, until - first))
        if found:
            one.did, one.changed = one.did | passes.PLACED, True
    return name


def _program(work: Work, order: OrderRow, machine: str, one: Pass) -> Program | None:
    key = (order.revision, machine)
    if key not in work.programs:
        work.programs[key] = programs_of(work.tenant, *key)
    try:
        return chosen_program(work.programs[key], machine, one.side, one.program)
    except Refused as refusal:
        work.warn(f"{machine} placed what nobody told: {refusal.message} {refusal.remedy}")
        return None
