"""MaterialsOpened, MaterialsPlacedInDryStorage, MaterialsRemovedFromDryStorage: floor life runs, stands and runs again;
MaterialsExpired stops a package.

They are rows of handling.csv, as those that a person states at the store: one clock reads both. Whoever sends
MaterialsPlacedInDryStorage says that it is dry storage in the sense of J-STD-033, where the clock stands (its package becomes
`InDryStorage` in CFX); without the humidity nothing is set back by it. A cabinet that is not dry enough is recorded by a person
as what it is: the later row counts. Baking (MaterialsRestored) comes without temperature and hours, without which no clock is set
back: it is kept, and a person records what was measured. The end of floor life is worked out here too, but a machine may know more
than the record (MaterialsExpired): its package goes into quarantine, where only a quality lead lets it out again.
"""

from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.work import Work, instant_text
from asbuilt.built.supply.kept_intakes import HandlingIntake, StatusesIntake
from asbuilt.built.supply.queries import PackageFinder, standing_of
from asbuilt.built.supply.standing import QUARANTINE, RELEASED
from asbuilt.formats.cfx import records
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock


def materials_opened(work: Work, said: records.MaterialsHandled) -> str:
    """Their dry bags were opened."""
    return _happened(work, said, "opened")


def materials_in_dry_storage(work: Work, said: records.MaterialsHandled) -> str:
    """They lie in a dry cabinet."""
    return _happened(work, said, "dry_stored")


def materials_out_of_dry_storage(work: Work, said: records.MaterialsHandled) -> str:
    """They lie at the floor again."""
    return _happened(work, said, "dry_out")


def materials_expired(work: Work, said: records.MaterialsHandled) -> str:
    """They are not to be used any more: into quarantine, unless they are stopped already."""
    codes = _known(work, said)
    badge, source = work.badge(work.machine.operator), work.machine.machine
    # a clock that is ahead must not put the machine's word after the release of a quality lead
    at = instant_text(min(work.when, clock.now()))
    reason = f"{source}: expired (message {work.envelope.unique_id})"
    free = [code for code in codes if standing_of(work.tenant, code).status == RELEASED]
    work.now(StatusesIntake, [(code, QUARANTINE, reason, badge, at) for code in free])
    return USED if free else KEPT


def _happened(work: Work, said: records.MaterialsHandled, event: str) -> str:
    codes = _known(work, said)
    badge, at = work.badge(work.machine.operator), instant_text(work.when)
    work.now(HandlingIntake, [(code, event, "", badge, at) for code in codes])
    return USED if codes else KEPT


def _known(work: Work, said: records.MaterialsHandled) -> list[str]:
    """The packages by their codes; NotFound where the record lacks one."""
    finder = PackageFinder(work.tenant)
    found = finder.find(said.packages)
    for code in said.packages:
        if code not in found:
            raise NotFound(
                "supply.package_unknown", f"There is no package {code}.", {"package": code}, finder.explain(code)
            )
    return list(found)
