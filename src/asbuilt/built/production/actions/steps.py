"""Record a step that a person or a station did: a process run in the shape of processes.csv. Called by the gate alone.

    record_step(actor, spans=[(4001, 4005)], step="REFLOW", side="top", machine="OV1", operator="045", request_key=key)

Times that are not given are now. `applied` are the routing and the revisions of documents that the gate found in force; they
stand in the readings under `applied`; `needed` are the qualifications that whoever does the step must have then. It refuses
what processes.csv refuses, names that are too long, and an operator without a qualification that is needed.

A completed step at a machine that has a program for the order's revision and side places what is mounted at its feeders: material
runs in the same entry. Where the step names no program it is recorded with the one in force.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import STEP_RECORD
from asbuilt.built.production.feeding import LATEST, Fed, fed_by, program_of_step
from asbuilt.built.production.intake.placements import MachineReplacements, Placement, Placements
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.orders import OrderRow, Orders, named_spans
from asbuilt.built.production.qualifications import lacking
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

NAME_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 20


@dataclass(frozen=True)
class StepDone:
    """What was done: the step as the floor calls it, where, with what, by whom (badge), how it ended, what was read."""

    step: str
    side: str = ""
    pass_number: str = ""
    machine: str = ""
    program: str = ""
    operator: str = ""
    result: str = "completed"
    started_at: int | None = None
    finished_at: int | None = None
    readings: Mapping | None = None


@dataclass(frozen=True)
class OrderFed:
    """What the feeders of a machine hold for an order during a step, and the program that says so."""

    order: OrderRow
    program: str
    feeders: tuple[Fed, ...]


Feeding = dict[int, OrderFed]
"""By order."""


def record_step(
    actor: Actor,
    *,
    spans: Sequence[Span],
    done: StepDone,
    applied: Mapping | None = None,
    needed: Sequence[str] = (),
    feeding: Feeding | None = None,
    request_key: str | None = None,
) -> int:
    """Record the step for these units; returns the entry. Invalid for what processes.csv would not take; Refused where the
    operator lacks one of the qualifications when the step ends.

    `feeding` is what `feeding_of` gave to the gate, which looked at it before.
    """
    actor.require(STEP_RECORD)
    _refuse_long(done)
    _refuse_unqualified(actor, done, needed)
    content = digest(repr(sorted(spans)).encode(), repr(done).encode())
    try:
        with recording(actor, "production.step_recorded", request_key=request_key, content=content) as entry:
            done = _timed(entry, done)
            feeding = feeding_of(actor.tenant, spans, done) if feeding is None else feeding
            done = replace(done, program=done.program or next((one.program for one in feeding.values()), ""))
            rows = [named("processes", row) for row in _rows(actor, spans, done, applied)]
            state_rows(entry, ProcessesIntake, checked_rows("processes", rows), person=actor.person)
            _place(entry, spans, done, feeding)
            entry.notes = {"step": done.step, "units": sum(until - first for first, until in spans)}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _refuse_long(done: StepDone) -> None:
    for name, most in (
        ("step", NAME_CHARACTERS_MAX), ("machine", NAME_CHARACTERS_MAX), ("program", NAME_CHARACTERS_MAX), ("operator", 120),
        ("side", TEXT_CHARACTERS_MAX), ("pass_number", TEXT_CHARACTERS_MAX),
    ):  # fmt: skip
        if len(getattr(done, name)) > most or (name == "step" and not done.step.strip()):
            said = f"{name} has 1 to {most} characters." if name == "step" else f"{name} has at most {most} characters."
            raise Invalid("production.step_text", said, {"column": name}, "Scan it again.")


def _refuse_unqualified(actor: Actor, done: StepDone, needed: Sequence[str]) -> None:
    at = clock.now() if done.finished_at is None else done.finished_at
    operator = done.operator or badge(actor)
    for lack in lacking(actor.tenant, operator, needed, at):
        facts = {"step": done.step, "operator": operator, "qualification": lack.qualification, "until": lack.until}
        if operator:
            raise Refused("production.not_qualified", f"{done.step}: {lack.words}", facts, lack.remedy)
        raise Refused("production.operator_unnamed", f"{done.step}: {lack.words}", facts, lack.remedy)


def _timed(entry: Entry, done: StepDone) -> StepDone:
    finished = entry.recorded_at if done.finished_at is None else done.finished_at
    return replace(done, started_at=finished if done.started_at is None else done.started_at, finished_at=finished)


def _rows(actor: Actor, spans: Sequence[Span], done: StepDone, applied: Mapping | None) -> list[list[str]]:
    said = dict(done.readings or {}) | ({"applied": dict(applied)} if applied else {})
    readings = json.dumps(said, ensure_ascii=False) if said else ""
    times = [format_instant(done.started_at), format_instant(done.finished_at)]
    end = [*times, done.operator or badge(actor), done.result, readings, done.side, done.pass_number, ""]
    return [
        [first.rpartition("#")[0], done.step, done.machine, done.program, first, last, *end]
        for first, last in named_spans(actor.tenant, spans)
    ]


# ---- what the step places


def feeding_of(tenant: int, spans: Sequence[Span], done: StepDone) -> Feeding:
    """By order what the feeders of the machine hold during the step; empty where the machine has no program or nothing is placed.

    Refused: the program is not known, or its side is open.
    """
    orders, feeding = Orders(tenant), {}
    finished = LATEST if done.finished_at is None else done.finished_at
    started = finished if done.started_at is None else done.started_at
    if not done.machine or done.result != "completed" or started > finished:
        return feeding
    for first, _ in spans:
        order = orders.of_unit(first)
        program = program_of_step(tenant, order, done.machine, done.side, done.program) if order else None
        if program is not None and order.number not in feeding:
            fed = fed_by(tenant, order, program, started, finished)
            feeding[order.number] = OrderFed(order, program.name, tuple(fed))
    return feeding


def _place(entry: Entry, spans: Sequence[Span], done: StepDone, feeding: Feeding) -> None:
    """Record what the feeders placed on these units."""
    if not feeding:
        return
    common = (entry, "request", ErrorList(), ErrorList(), lambda warning: None)
    placements = Placements(*common)
    placements.replacements = MachineReplacements(*common)
    placements.packages.find(code for one in feeding.values() for fed in one.feeders for code in fed.packages)
    turn, orders = object(), Orders(entry.tenant)
    for first, until in spans:
        for unit in range(first, until):
            order = orders.of_unit(unit)
            if order.number in feeding:
                placements.place(_placed(placements, feeding[order.number], unit, done, turn))
    placements.finish()


def _placed(placements: Placements, fed: OrderFed, unit: int, done: StepDone, turn: object):
    for one in fed.feeders:
        rows = placements.packages.find(one.packages)
        for package in rows.values():
            yield Placement(
                0, fed.order, unit, one.positions, package, int(len(rows) == 1), done.machine, one.feeder.feeder,
                done.finished_at, turn,
            )  # fmt: skip
