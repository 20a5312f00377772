"""MaterialsJoined: a package was spliced behind another; a mount of the kind spliced, as a person states it at the setup.

The message names no feeder: the splice is where the leading package is mounted. Where the trailing one is there already (a person
scanned it, another system told of it) or the leading one is mounted nowhere, nothing is changed; the message is kept, the latter
with a warning. A machine that says no grey zone leaves it at that of its program's feeder, else at the usual one, as a person does.
Mounts are in our clock's time: a machine's clock that is known to be wrong is put right.
"""

from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.work import Work, instant_text
from asbuilt.built.production.intake.mounts import MountsIntake
from asbuilt.built.production.mounts import GREY_PIECES_USUAL, SPLICED, Mounting, place_of_package
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.programs import programs_of
from asbuilt.formats.cfx import records
from asbuilt.kernel.errors import Invalid, NotFound


def materials_joined(work: Work, said: records.MaterialsJoined) -> str:
    """A splice at the feeder of the leading package."""
    if said.leading == said.trailing:
        raise Invalid("cfx.field", "TrailingMaterialPackage: is the leading one itself.", {}, "Have it mended.")
    finder = PackageFinder(work.tenant)
    found = finder.find([said.leading, said.trailing])
    for code in (said.leading, said.trailing):
        if code not in found:
            raise NotFound(
                "supply.package_unknown", f"There is no package {code}.", {"package": code}, finder.explain(code)
            )
    there = place_of_package(work.tenant, said.leading)
    if there is None:
        if place_of_package(work.tenant, said.trailing) is None:
            work.warn(
                f"{said.trailing} was spliced behind {said.leading}, which is mounted nowhere: no splice recorded."
            )
        return KEPT
    badge, at = work.badge(work.machine.operator), max(work.when - work.machine.clock_off, there.happened_at)
    grey = _usual_grey(work, there) if said.grey is None else said.grey
    cells = {
        "machine": there.machine, "feeder": there.feeder, "package": said.trailing, "what": SPLICED, "order": there.order,
        "grey_pieces": str(grey), "operator": badge, "happened_at": instant_text(at),
    }  # fmt: skip
    work.now(MountsIntake, [tuple(cells.get(column, "") for column in MountsIntake.shape.columns)])
    return USED


def _usual_grey(work: Work, there: Mounting) -> int:
    order = work.orders.by_code(there.order) if there.order else None
    programs = programs_of(work.tenant, order.revision, there.machine) if order else []
    said = [one.grey_pieces for program in programs for one in program.feeders if one.feeder == there.feeder]
    return max((pieces for pieces in said if pieces is not None), default=GREY_PIECES_USUAL)
