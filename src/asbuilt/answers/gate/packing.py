"""Packing, shipping and placing on the market, through the gate: the lock is taken, the verdict asked over all units at once, and the room's verb
called, in one transaction. A hold that was placed a moment before wins.

    put_in(actor, container="BOX-1", codes=["SN-000017"])    -> PutIn: a unit, the units of a panel, a box
    ship(actor, shipment="SH-7")                             -> Gone
    place_on_market(actor, shipment="SH-7", decision=…)      -> Gone

What is packed is asked for again when it leaves. The same request again is answered as before, whatever was held since.
Refused: what stops a unit, everything in the facts; a container that is not open, a unit that is packed elsewhere, a box of a shipment that is
still open, an empty shipment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import MARKET_PLACE, PACK, SHIP
from asbuilt.answers.gate.leaving import UnitMayLeave, leaving, refuse_leaving, seen_units
from asbuilt.answers.gate.stops import units_of_code
from asbuilt.built.shipping.actions import leaving as shipping
from asbuilt.built.shipping.actions import packing
from asbuilt.built.shipping.actions.leaving import Decision
from asbuilt.built.shipping.packing import (
    BOX,
    OPEN,
    SHIPMENT,
    SHIPPED,
    ContainerSeen,
    container_of,
    containers,
    inside_of,
    packed_in,
    tree_of,
    units_in,
)
from asbuilt.built.shipping.packing import CLOSED as CONTAINER_CLOSED
from asbuilt.built.shipping.queries import left_at, lines_of_shipment, placed_already, shipment_by_code
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.answering.lookup import identity_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

CODES_MAX = 500
UNITS_MAX = 20_000
VERDICTS_MAX = 50


@dataclass(frozen=True)
class PutIn:
    """What went in: the container, how many units, the containers, the entry, and the verdicts of the first units."""

    container: str
    units: int
    contents: tuple[str, ...]
    entry: int
    verdicts: tuple[UnitMayLeave, ...] = ()


@dataclass(frozen=True)
class Gone:
    """What left, or was placed on the market: the shipment, how many units, the entry."""

    shipment: str
    units: int
    entry: int


@dataclass(frozen=True)
class Scanned:
    """What codes name: units, and boxes or pallets with the units in them."""

    units: BitMap
    contents: tuple[str, ...]
    inside: BitMap

    @property
    def all(self) -> BitMap:
        """Every unit."""
        return self.units | self.inside


def put_in(
    actor: Actor,
    *,
    container: str,
    codes: Sequence[str],
    happened_at: int | None = None,
    request_key: str | None = None,
) -> PutIn:
    """The units, panels, boxes and pallets with these codes go into the container; all of them, or none."""
    actor.require(PACK)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        found = packing.container_known(actor.tenant, container)
        asked = scanned(view, codes)
        again, verdicts = was_recorded(actor.tenant, request_key), ()
        verdict = None
        if not again or len(asked.all) <= VERDICTS_MAX:  # a lost answer is given again, with what the units go under
            verdict = leaving(view, asked.all, customer=found.customer if found.kind == SHIPMENT else None)
        if not again:
            _refuse_into(view, found, asked)
            refuse_leaving(view, verdict)
        if len(asked.all) <= VERDICTS_MAX:
            verdicts = tuple(seen_units(view, verdict))
        entry = packing.put_in(
            actor, container=found.code, units=asked.units, contents=asked.contents, said=["in", found.code, list(codes), happened_at],
            happened_at=happened_at, request_key=request_key,
        )  # fmt: skip
    sequencing.after_commit(actor.tenant)
    return PutIn(found.code, len(asked.all), asked.contents, entry, verdicts)


def take_out(
    actor: Actor,
    *,
    container: str,
    codes: Sequence[str],
    reason: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> PutIn:
    """What these codes name comes out again. Nothing is asked: what is out does not leave."""
    actor.require(PACK)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        found = packing.container_known(actor.tenant, container)
        asked = scanned(view, codes)
        entry = packing.take_out(
            actor, container=found.code, units=asked.units, contents=asked.contents, reason=reason,
            happened_at=happened_at, request_key=request_key,
        )  # fmt: skip
    sequencing.after_commit(actor.tenant)
    return PutIn(found.code, len(asked.units), asked.contents, entry)


def scanned(view: View, codes: Sequence[str]) -> Scanned:
    """What the codes name: a box or pallet first, then a unit, then a panel."""
    if not 1 <= len(codes) <= CODES_MAX:
        said = f"{len(codes)} codes; 1 to {CODES_MAX} are taken."
        raise Invalid("gate.codes", said, {"field": "codes"}, "Scan a unit, a panel, or a box.")
    units, contents, inside = BitMap(), [], BitMap()
    for code in codes:
        box = container_of(view.tenant, code)
        if box is not None:
            contents.append(box.code)
            inside |= units_in(view.tenant, box.code)
        else:
            units |= BitMap(units_of_code(view, code.strip()))
    if len(units | inside) > UNITS_MAX:
        said = f"{len(units | inside):,} units in one call; it takes up to {UNITS_MAX:,}."
        raise Invalid("gate.codes", said, {"field": "codes"}, "Pack them in parts.")
    return Scanned(units, tuple(dict.fromkeys(contents)), inside)


def _refuse_into(view: View, found: ContainerSeen, asked: Scanned) -> None:
    packing.refuse_state(found, OPEN)
    if found.kind == BOX and asked.contents:
        said = f"{found.code} is a box; {asked.contents[0]} does not go into it."
        raise Refused("gate.box_holds_units", said, {"container": found.code}, "Use a pallet or the shipment.")
    packed = packed_in(view.tenant, asked.units)
    # what it left in before is no place any more: the verdict says whether it came back
    gone = (
        {one.code for one in containers(view.tenant, set(packed.values())) if one.state == SHIPPED} if packed else set()
    )
    packed = {unit: container for unit, container in packed.items() if container not in gone}
    around = inside_of(view.tenant, asked.contents)
    for where, names in ((packed, names_of(view, BitMap(packed)) if packed else {}), (around, {})):
        for what, container in sorted(where.items()):
            name = names.get(what, what)
            facts = {"unit": name, "container": container}
            said = f"{name} is in {container} already."
            raise Refused(
                "gate.packed_already", said, facts, f"Take it out of {container} first, or scan the next one."
            )
    for box in containers(view.tenant, asked.contents) if asked.contents else ():
        if box.state != CONTAINER_CLOSED or box.kind == SHIPMENT:
            said = f"{box.code} is {box.state}." if box.kind != SHIPMENT else f"{box.code} is a shipment."
            facts = {"container": box.code, "state": box.state}
            raise Refused("gate.container_not_closed", said, facts, "Close it, label it, then put it in.")


def ship(actor: Actor, *, shipment: str, happened_at: int | None = None, request_key: str | None = None) -> Gone:
    """The shipment leaves with everything in it; every unit is asked for again."""
    actor.require(SHIP)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        found = packing.container_known(actor.tenant, shipment)
        if found.kind != SHIPMENT:
            said = f"{found.code} is a {found.kind}."
            raise Refused("gate.no_shipment", said, {"container": found.code}, "Put it into a shipment first.")
        judged: dict = {}
        if was_recorded(actor.tenant, request_key):
            units, inner = _lines(view, found.code), []
        else:
            tree = tree_of(actor.tenant, found.code)
            units = BitMap().union(*tree.values())
            inner = containers(actor.tenant, [code for code in tree if code != found.code]) if len(tree) > 1 else []
            _refuse_shipment(found, units, inner)
            verdict = leaving(view, units, customer=found.customer)
            refuse_leaving(view, verdict)
            judged = verdict.judgement
        entry = shipping.ship(
            actor, shipment=found, containers=inner, units=units, said=["ship", found.code, happened_at], judged=judged,
            happened_at=happened_at, request_key=request_key,
        )  # fmt: skip
    sequencing.after_commit(actor.tenant)
    return Gone(found.code, len(units), entry)


def _refuse_shipment(found: ContainerSeen, units: BitMap, inner: Sequence[ContainerSeen]) -> None:
    packing.refuse_state(found, OPEN, CONTAINER_CLOSED)
    if not units:
        said = f"Nothing is in {found.code}."
        raise Refused("gate.shipment_empty", said, {"shipment": found.code}, "Put units, boxes or pallets in first.")
    still = [one.code for one in inner if one.state == OPEN]
    if still:
        said = f"{', '.join(still[:10])} in {found.code} is still open."
        raise Refused(
            "gate.container_not_closed", said, {"container": still[0], "containers": still[:50]}, "Close it first."
        )


def place_on_market(
    actor: Actor,
    *,
    shipment: str,
    decision: Decision,
    codes: Sequence[str] = (),
    request_key: str | None = None,
) -> Gone:
    """The shipment, or units of it, were placed on the market by somebody's decision. What is held or was never shown is refused."""
    actor.require(MARKET_PLACE)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        lines = _lines(view, shipment)
        units = scanned(view, codes).all if codes else lines
        strange = units - lines
        if strange:
            name = identity_of(view, strange.min()).name
            said = f"{name} did not leave with {shipment}."
            raise Refused("gate.not_in_shipment", said, {"unit": name}, "Name the shipment that it left with.")
        judged: dict = {}
        if not was_recorded(actor.tenant, request_key):
            known = shipment_by_code(view.tenant, shipment)
            before = units & placed_already(view.tenant, known)
            if before:
                name = identity_of(view, before.min()).name
                said = f"{len(before):,} of these units were placed on the market before, from {name} on."
                facts = {"unit": name, "units": len(before), "shipment": shipment}
                raise Refused("gate.placed_already", said, facts, "Withdraw the earlier decision if it was wrong.")
            verdict = leaving(view, units, elsewhere=False, left=left_at(view.tenant, known.number))
            refuse_leaving(view, verdict)
            judged = verdict.judgement
        said = [
            "place",
            shipment,
            list(codes),
            decision.party,
            decision.decided_by,
            decision.basis,
            decision.reason,
            decision.placed_at,
        ]
        entry = shipping.place_on_market(
            actor,
            shipment=shipment,
            units=units if codes else None,
            decision=decision,
            said=said,
            judged=judged,
            request_key=request_key,
        )
    sequencing.after_commit(actor.tenant)
    return Gone(shipment, len(units), entry)


def _lines(view: View, shipment: str) -> BitMap:
    """The units that left with a shipment; NotFound where there is none."""
    found = shipment_by_code(view.tenant, shipment)
    lines = lines_of_shipment(view.tenant, found.number) if found else []
    if not lines:
        sql = "SELECT code FROM shipping_shipment WHERE tenant = %s ORDER BY number DESC LIMIT 5000"
        known = [code for (code,) in reading.fetch(sql, (view.tenant,))]
        remedy = did_you_mean(shipment, known) or "Ship it first."
        said = f"Nothing left with a shipment {shipment[:60]}."
        raise NotFound("shipping.shipment_unknown", said, {"shipment": shipment[:60]}, remedy)
    return bitmap_of((line.first_unit, line.until_unit) for line in lines)
