"""Scrap a unit that no row of units.csv states yet: the rows up to it say that nothing is known, its own that it is scrapped.

Units that have a row are scrapped by correcting it, which is the exchange's affair; the gate knows which it is.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import SCRAP
from asbuilt.built.production.intake.units import UNNAMED, UnitsIntake
from asbuilt.built.production.orders import Orders
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording


def scrap_unstated(actor: Actor, *, unit: int, reason: str, request_key: str | None = None) -> int:
    """The unit is scrapped; returns the entry. The reason stands in the entry by its hash and can be erased."""
    actor.require(SCRAP)
    content = digest(b"scrap", str(unit).encode(), reason.encode())
    try:
        with recording(actor, "production.unit_scrapped", request_key=request_key, content=content) as entry:
            entry.hide("reason", reason)
            order = Orders(actor.tenant).of_unit(unit)
            stated = UnitsIntake(entry, "", None, None, None).stated(order)
            silent = [[order.code, UNNAMED, "", "", "planned"]] * (order.place_of(unit) - stated - 1)
            rows = [named("units", row) for row in (*silent, [order.code, UNNAMED, "", "", "scrapped"])]
            state_rows(entry, UnitsIntake, checked_rows("units", rows), person=actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number
