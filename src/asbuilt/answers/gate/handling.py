"""What happens to packages, through the gate: paste goes onto a stencil as a package goes to a feeder, or it is refused.

    handle_packages(actor, packages=["PASTE-7"], event="applied", request_key=key)   -> Stated

Refused: paste in quarantine or rejected, of a lot on hold, by question too, or whose clocks do not allow it: cold, thawing, open or on the
stencil for too long, thawed too often, expired. Every other event is recorded as it is said: that material was opened, baked
or thrown away is true whatever its status. The tables and machines tell history (design, section 7).
"""

from collections.abc import Iterator, Mapping, Sequence

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import PACKAGE_HANDLE
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.material_stops import material_stops
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.supply.actions import handling
from asbuilt.built.supply.actions.stating import Stated, refuse_many
from asbuilt.built.supply.moisture import APPLIED
from asbuilt.built.supply.queries import PackageFinder, code_scanned
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage.transactions import write_tx


def handle_packages(
    actor: Actor,
    *,
    packages: Sequence[str],
    event: str,
    readings: Mapping[str, float] | None = None,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """It happened to these packages. Raises what supply's verb raises, and Refused for paste that may not be used."""
    actor.require(PACKAGE_HANDLE)
    refuse_many("packages", len(packages))
    with write_tx(actor.tenant):
        packages = [code_scanned(actor.tenant, code) for code in packages]
        if event == APPLIED and not was_recorded(actor.tenant, request_key):
            refuse_stopped(_stops(actor.tenant, packages, happened_at))
        done = handling.handle_packages(
            actor, packages=packages, event=event, readings=readings, happened_at=happened_at, request_key=request_key
        )
    sequencing.after_commit(actor.tenant)
    return done


def _stops(tenant: int, packages: Sequence[str], at: int | None) -> Iterator[Stop]:
    """An unknown package is supply's to refuse."""
    view = View(local_system(tenant))
    for package in PackageFinder(tenant).find(packages).values():
        yield from material_stops(view, package, None, {"package": package.code}, at)
