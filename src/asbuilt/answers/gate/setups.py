"""The setup at the gate: a completed step at a machine with a program needs every feeder of it mounted, and mounted rightly.

The checks are those of mounting (production): a package may have been put into quarantine, run out of floor life or come on hold
since it was mounted, or the order may be another customer's.
"""

from collections.abc import Iterable, Sequence

from asbuilt.answers.gate.verdicts import Stop
from asbuilt.built.production.actions.steps import StepDone
from asbuilt.built.production.feeding import LATEST, feeder_stops, program_of_step
from asbuilt.built.production.orders import Orders


def setup_stops(tenant: int, units: Sequence[int], done: StepDone) -> Iterable[Stop]:
    """What stops these units at the machine of the step; nothing where it has no program for their revision."""
    if not done.machine or done.result != "completed":
        return
    finished = LATEST if done.finished_at is None else done.finished_at
    started = finished if done.started_at is None else done.started_at
    orders, seen = Orders(tenant), set()
    for unit in units:
        order = orders.of_unit(unit)
        if order is None or order.number in seen:
            continue
        seen.add(order.number)
        program = program_of_step(tenant, order, done.machine, done.side, done.program)
        if program is not None:
            for stop in feeder_stops(tenant, order, program, started, finished):
                yield Stop(stop.code, stop.message, stop.facts, stop.remedy)
