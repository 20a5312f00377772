"""The setup at the gate: a completed step at a machine with a program needs every feeder of it mounted, and mounted rightly.

The checks are those of mounting (production): a package may have been put into quarantine, run out of floor life or come on hold
since it was mounted, or the order may be another customer's. So may a hold by question have been placed since (`package_holds`).
"""

from collections.abc import Iterable

from asbuilt.access.actor import local_system
from asbuilt.answers.gate.package_holds import PackageHolds
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.production.actions.steps import Feeding, StepDone
from asbuilt.built.production.feeding import feeder_stops
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.evaluating.view import View


def setup_stops(tenant: int, feeding: Feeding, done: StepDone) -> Iterable[Stop]:
    """What stops a step at its machine, by what `feeding_of` says; nothing where the machine has no program."""
    at = clock.now() if done.finished_at is None else done.finished_at
    holds = PackageHolds(View(local_system(tenant))) if feeding else None
    for one in feeding.values():
        for stop in feeder_stops(tenant, one.order, done.machine, one.feeders, at):
            yield Stop(stop.code, stop.message, stop.facts, stop.remedy)
        for package in PackageFinder(tenant).find(code for fed in one.feeders for code in fed.packages).values():
            yield from holds.stops(package, one.order)
