"""Mounting and splicing through the gate: production asks all that it knows of a package, the gate what holds by question say of it.

    mount_package(actor, machine="P&P-1", feeder="12", package="PK-004417", order="WO-7")   -> Mounted

A package is scanned by its code or its tag. The tenant's one writer is taken first, so that a hold that is placed meanwhile is seen. Every reason stands in one refusal; what was
recorded names the deviation or qualification run that it rests on.
"""

from collections.abc import Callable
from dataclasses import replace

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import SETUP_CHANGE
from asbuilt.answers.gate.changed import package_stops
from asbuilt.answers.gate.package_holds import PackageHolds
from asbuilt.built.production.actions import mounting
from asbuilt.built.production.actions.mounting import Mounted
from asbuilt.built.production.mounting_checks import Stop, rests_of
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.queries import PackageFinder, code_scanned
from asbuilt.ledger import clock, sequencing
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage.transactions import write_tx


def mount_package(actor: Actor, *, package: str, order: str, **said) -> Mounted:
    """The package is at the feeder from now on. Takes and raises what production's verb does, and refuses what a question holds."""
    return _held(actor, mounting.mount_package, package, order, said)


def splice_package(actor: Actor, *, package: str, order: str, **said) -> Mounted:
    """The package is spliced behind the one at the feeder. Takes and raises what production's verb does, likewise."""
    return _held(actor, mounting.splice_package, package, order, said)


def _held(actor: Actor, verb: Callable[..., Mounted], package: str, order: str, said: dict) -> Mounted:
    actor.require(SETUP_CHANGE)
    with write_tx(actor.tenant):
        package = code_scanned(actor.tenant, package)
        if said.get("old"):
            said["old"] = code_scanned(actor.tenant, said["old"])
        found = PackageFinder(actor.tenant).find([package]).get(package)
        stops, for_order = [], None
        if found is not None:  # an unknown one is production's to refuse
            holds = PackageHolds(View(local_system(actor.tenant)))
            for_order = Orders(actor.tenant).by_code(order)
            stops = [*holds.stops(found, for_order), *package_stops(actor.tenant, found, for_order)]
        held = [Stop(stop.code, stop.message, stop.facts, stop.remedy) for stop in stops]
        done = verb(actor, package=package, order=order, held=held, **said)
        if found is not None and for_order is not None:
            at = said.get("happened_at") or clock.now()
            done = replace(done, under=rests_of(actor.tenant, for_order, found, at))
    sequencing.after_commit(actor.tenant)
    return done
