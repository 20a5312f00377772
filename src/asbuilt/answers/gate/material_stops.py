"""What stops material wherever it goes, whatever it goes onto: its status, holds on its lot and by question, and its clocks."""

from collections.abc import Iterator

from asbuilt.answers.gate.package_holds import PackageHolds
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.production.holds import holds_of_lots
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import PackageRow, floor_life, standing_of
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.evaluating.view import View


def material_stops(
    view: View, package: PackageRow, order: OrderRow | None, facts: dict, at: int | None = None
) -> Iterator[Stop]:
    """Why the package may not be used at an instant (None: now), for this order where it is for one. `facts` go into each stop."""
    code = package.code
    standing = standing_of(view.tenant, code)
    if not standing.may_mount:
        facts = facts | {"status": standing.status, "reason": standing.reason}
        yield Stop("gate.package_not_released", standing.why, facts, "Put it on the red shelf, and take another.")
    for hold in holds_of_lots(view.tenant, [package.lot]).get(package.lot, ()):
        said = f"Lot {package.lot_code} of package {code} is on hold since {format_instant(hold.decided_at)}: {hold.reason}"
        facts_held = facts | {"hold": hold.code, "reason": hold.reason, "lifted_by": hold.lifted_by}
        yield Stop("gate.package_held", said, facts_held, f"Take another. It is lifted by: {hold.lifted_by}.")
    yield from PackageHolds(view).stops(package, order)
    life = floor_life(view.tenant, code, clock.now() if at is None else at)
    if not life.may_mount:
        yield Stop("gate.package_not_alive", life.why, facts, life.remedy)
