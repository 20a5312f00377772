"""The setup at the gate: a completed step at a machine with a program needs every feeder of it mounted, and mounted rightly.

The checks are those of mounting (production): a package may have been put into quarantine, run out of floor life or come on hold
since it was mounted, or the order may be another customer's.
"""

from collections.abc import Iterable

from asbuilt.answers.gate.verdicts import Stop
from asbuilt.built.production.actions.steps import Feeding, StepDone
from asbuilt.built.production.feeding import feeder_stops
from asbuilt.ledger import clock


def setup_stops(tenant: int, feeding: Feeding, done: StepDone) -> Iterable[Stop]:
    """What stops a step at its machine, by what `feeding_of` says; nothing where the machine has no program."""
    at = clock.now() if done.finished_at is None else done.finished_at
    for one in feeding.values():
        for stop in feeder_stops(tenant, one.order, done.machine, one.feeders, at):
            yield Stop(stop.code, stop.message, stop.facts, stop.remedy)
