"""MaterialsOpened, MaterialsPlacedInDryStorage, MaterialsRemovedFromDryStorage: floor life runs, stands and runs again.

They are rows of handling.csv, as those that a person states at the store: one clock reads both. Whoever sends
MaterialsPlacedInDryStorage says that it is dry storage in the sense of J-STD-033, where the clock stands (its package becomes
`InDryStorage` in CFX); without the humidity nothing is set back by it. A cabinet that is not dry enough is recorded by a person
as what it is: the later row counts. Baking (MaterialsRestored) comes without temperature and hours, without which no clock is set
back, and the end of floor life (MaterialsExpired) is worked out here: both are kept, and a person records what was measured.
"""

from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.work import Work, instant_text
from asbuilt.built.supply.kept_intakes import HandlingIntake
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.formats.cfx import records
from asbuilt.kernel.errors import NotFound


def materials_opened(work: Work, said: records.MaterialsHandled) -> str:
    """Their dry bags were opened."""
    return _happened(work, said, "opened")


def materials_in_dry_storage(work: Work, said: records.MaterialsHandled) -> str:
    """They lie in a dry cabinet."""
    return _happened(work, said, "dry_stored")


def materials_out_of_dry_storage(work: Work, said: records.MaterialsHandled) -> str:
    """They lie at the floor again."""
    return _happened(work, said, "dry_out")


def _happened(work: Work, said: records.MaterialsHandled, event: str) -> str:
    finder = PackageFinder(work.tenant)
    found = finder.find(said.packages)
    for code in said.packages:
        if code not in found:
            raise NotFound(
                "supply.package_unknown", f"There is no package {code}.", {"package": code}, finder.explain(code)
            )
    if not found:
        return KEPT
    badge, at = work.badge(work.machine.operator), instant_text(work.when)
    work.now(HandlingIntake, [(code, event, "", badge, at) for code in found])
    return USED
