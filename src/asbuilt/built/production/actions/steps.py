"""Record a step that a person or a station did: a process run in the shape of processes.csv. Called by the gate alone.

    record_step(actor, spans=[(4001, 4005)], step="REFLOW", side="top", machine="OV1", operator="045", request_key=key)

Times that are not given are now. `applied` are the routing and the revisions of documents that the gate found in force; they
stand in the readings under `applied`; `needed` are the qualifications that whoever does the step must have then. It refuses
what processes.csv refuses, names that are too long, and an operator without a qualification that is needed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import STEP_RECORD
from asbuilt.built.production.actions.taking import named_spans, take_rows
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.qualifications import lacking
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

NAME_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 20
RESULTS = ("completed", "failed", "aborted")


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


def record_step(
    actor: Actor,
    *,
    spans: Sequence[Span],
    done: StepDone,
    applied: Mapping | None = None,
    needed: Sequence[str] = (),
    request_key: str | None = None,
) -> int:
    """Record the step for these units; returns the entry. Invalid for what processes.csv would not take; Refused where the
    operator lacks one of the qualifications when the step ends."""
    actor.require(STEP_RECORD)
    _refuse_long(done)
    _refuse_unqualified(actor, done, needed)
    content = digest(repr(sorted(spans)).encode(), repr(done).encode())
    try:
        with recording(actor, "production.step_recorded", request_key=request_key, content=content) as entry:
            take_rows(entry, actor, ProcessesIntake, _rows(actor, entry, spans, done, applied))
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


def _rows(
    actor: Actor, entry: Entry, spans: Sequence[Span], done: StepDone, applied: Mapping | None
) -> list[list[str]]:
    finished = entry.recorded_at if done.finished_at is None else done.finished_at
    started = finished if done.started_at is None else done.started_at
    said = dict(done.readings or {}) | ({"applied": dict(applied)} if applied else {})
    readings = json.dumps(said, ensure_ascii=False) if said else ""
    times = [format_instant(started), format_instant(finished)]
    end = [*times, done.operator or badge(actor), done.result, readings, done.side, done.pass_number, ""]
    return [
        [first.rpartition("#")[0], done.step, done.machine, done.program, first, last, *end]
        for first, last in named_spans(actor.tenant, spans)
    ]
