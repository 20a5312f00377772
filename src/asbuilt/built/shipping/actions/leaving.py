"""A shipment goes; units are placed on the market; in the shape of shipments, containers and placings .csv. Called by the gate alone.

    ship(actor, shipment=seen, containers=[…], units=…, said=…)                        -> entry
    place_on_market(actor, shipment="SH-7", units=None, placing=Placing(…), said=…)     -> entry

Placing on the market is a decision of a party about units, not a consequence of a truck: it says whose, on what basis, and since when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import MARKET_PLACE, SHIP
from asbuilt.built.production.orders import named_spans
from asbuilt.built.shipping import events
from asbuilt.built.shipping.actions.packing import event_row, places_of
from asbuilt.built.shipping.actions.returns import sent_back_rows
from asbuilt.built.shipping.intake import ShipmentsIntake
from asbuilt.built.shipping.packing import ContainerSeen
from asbuilt.built.shipping.packing_intake import INTAKES
from asbuilt.built.supply.actions.stating import Rows, moment, state
from asbuilt.built.supply.files import paper_cells
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger.recording import Entry

_TABLES = {**INTAKES, "shipments": ShipmentsIntake}


@dataclass(frozen=True)
class Decision:
    """Placing on the market: by which party, by whose decision, on what basis, why, when (UTC µs, None: now), with which paper."""

    party: str
    decided_by: str
    basis: str = "sale"
    reason: str = ""
    placed_at: int | None = None
    name: str = ""
    content: bytes | None = None


def ship(
    actor: Actor,
    *,
    shipment: ContainerSeen,
    containers: Sequence[ContainerSeen],
    units: BitMap,
    said: object,
    judged: Mapping[str, object] | None = None,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """The shipment leaves with these units, and the containers in it; returns the entry, which keeps what the gate judged them by."""
    actor.require(SHIP)

    def rows(entry: Entry) -> Rows:
        common = {
            "shipment": shipment.code, "customer": code_of(entry.tenant, shipment.customer), "country": shipment.country,
            "shipped_at": moment(happened_at), "placed_on_market_at": "",
        }  # fmt: skip
        lines = [
            {**common, "first_serial": first, "last_serial": last}
            for first, last in named_spans(entry.tenant, spans_of(units))
        ]
        gone = [event_row(actor, one, "shipped", "", happened_at) for one in (shipment, *containers)]
        back = sent_back_rows(actor, entry.tenant, units, shipment.code, happened_at)
        return {"shipments": lines, "containers": gone, "returns": back}

    return state(actor, events.SHIPPED, said, rows, intakes=_TABLES, notes=judged, request_key=request_key).entry


def place_on_market(
    actor: Actor,
    *,
    shipment: str,
    units: BitMap | None,
    decision: Decision,
    said: object,
    judged: Mapping[str, object] | None = None,
    request_key: str | None = None,
) -> int:
    """The shipment, or these units of it, are placed on the market; returns the entry."""
    actor.require(MARKET_PLACE)
    file, files = paper_cells(decision.content, decision.name)

    def rows(entry: Entry) -> Rows:
        common = {
            "shipment": shipment, "party": decision.party, "decided_by": decision.decided_by, "basis": decision.basis,
            "reason": decision.reason, **file, "operator": badge(actor), "placed_at": moment(decision.placed_at),
        }  # fmt: skip
        serials = [""] if units is None else places_of(entry.tenant, units)
        return {"placings": [{"serial": serial, **common} for serial in serials]}

    return state(
        actor, events.PLACED, said, rows, files=files, intakes=INTAKES, notes=judged, request_key=request_key
    ).entry
